//! What the firmware needs from a board, and the boards: one file and one feature each.
//!
//! A new board takes a memory map under `memory/`, a file here, a feature in `Cargo.toml` that
//! names its logger, and a row in each of two tables: `BOARDS` in `build.rs` and in
//! `xtask/src/board.rs`.
//!
//! Boards of QEMU count instructions; real boards count cycles, and log by RTT instead of
//! semihosting. Real boards have not been tried on hardware.

#[cfg(target_os = "none")]
pub mod clock;
#[cfg(all(target_os = "none", any(feature = "mps2-an386", feature = "mps2-an500")))]
pub mod cmsdk;
#[cfg(all(target_os = "none", feature = "netduinoplus2"))]
mod stm32_usart;

macro_rules! boards {
    ($($feature:literal in $file:literal;)+) => {
        $(#[cfg(all(target_os = "none", feature = $feature))]
        #[path = $file]
        mod chosen;)+
    };
}

boards! {
    "mps2-an386" in "mps2_an386.rs";
    "mps2-an500" in "mps2_an500.rs";
    "mps2-an505" in "mps2_an505.rs";
    "lm3s6965evb" in "lm3s6965evb.rs";
    "microbit" in "microbit.rs";
    "netduinoplus2" in "netduinoplus2.rs";
    "virt-imac" in "virt_imac.rs";
    "virt-imafc" in "virt_imafc.rs";
    "nrf52840-dk" in "nrf52840_dk.rs";
    "nucleo-f411re" in "nucleo_f411re.rs";
    "nucleo-h743zi" in "nucleo_h743zi.rs";
    "pico2" in "pico2.rs";
    "pico2-hazard3" in "pico2_hazard3.rs";
}

#[cfg(target_os = "none")]
pub use chosen::{NAME, NET, Net, TICK};
