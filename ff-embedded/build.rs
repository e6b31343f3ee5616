//! Hands the chosen board's memory map and the linker scripts to the linker.

use std::{env, fs, path::PathBuf};

/// The boards, by the name of their feature and of their file under `memory/`.
const BOARDS: &[&str] = &[
    "mps2-an386",
    "mps2-an500",
    "mps2-an505",
    "lm3s6965evb",
    "microbit",
    "netduinoplus2",
    "virt-imac",
    "virt-imafc",
    "nrf52840-dk",
    "nucleo-f411re",
    "nucleo-h743zi",
    "pico2",
    "pico2-hazard3",
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=memory");
    if env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("none") {
        match chosen_board() {
            Ok(board) => link_for(board),
            Err(message) => println!("cargo::error={message}"),
        }
    }
}

fn chosen_board() -> Result<&'static str, String> {
    let chosen: Vec<_> = BOARDS.iter().filter(|board| has_feature(board)).collect();
    match chosen[..] {
        [board] => Ok(board),
        _ => Err(format!(
            "choose exactly one board: --no-default-features --features <one of {}>, not {chosen:?}",
            BOARDS.join(", ")
        )),
    }
}

fn has_feature(board: &str) -> bool {
    let name = board.to_uppercase().replace('-', "_");
    env::var_os(format!("CARGO_FEATURE_{name}")).is_some()
}

/// `link.x` includes `memory.x` from the search path, so the board's map is put there under that name.
fn link_for(board: &str) {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    fs::copy(format!("memory/{board}.x"), out.join("memory.x")).expect("every board has a memory map");
    println!("cargo::rustc-link-search={}", out.display());
    // --nmagic: segments need no page alignment in flash.
    for argument in ["--nmagic", "-Tlink.x", "-Tdefmt.x"] {
        println!("cargo::rustc-link-arg-bins={argument}");
        println!("cargo::rustc-link-arg-examples={argument}");
    }
}
