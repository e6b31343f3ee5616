//! The boards that firmware runs on, and the processors that the core must build for.

use clap::builder::{PossibleValuesParser, TypedValueParser};

/// A board that QEMU emulates.
///
/// Later boards, each seen to run in QEMU 7.2: mps2-an500 (M7) and netduinoplus2 (STM32F405, M4F)
/// on thumbv7em-none-eabihf, mps2-an505 (M33) on thumbv8m.main-none-eabihf, lm3s6965evb (M3) on
/// thumbv7m-none-eabi, microbit (M0) on thumbv6m-none-eabi.
#[derive(Debug)]
pub struct Board {
    /// QEMU's name of the machine, and the feature of `ff-embedded` that chooses it.
    pub name: &'static str,
    /// The processor's target for the Rust compiler.
    pub target: &'static str,
}

/// All boards; the first is the default.
pub const BOARDS: &[Board] = &[Board { name: "mps2-an386", target: "thumbv7em-none-eabihf" }];

/// The name of the default board.
pub const DEFAULT: &str = BOARDS[0].name;

/// The targets that `ff-core` must build for: Cortex-M0, M3, M4F or M7, and M33.
pub const TARGETS: [&str; 4] =
    ["thumbv6m-none-eabi", "thumbv7m-none-eabi", "thumbv7em-none-eabihf", "thumbv8m.main-none-eabihf"];

/// Reads a board's name from the command line.
pub fn parser() -> impl TypedValueParser<Value = &'static Board> {
    PossibleValuesParser::new(BOARDS.iter().map(|board| board.name))
        .try_map(|name| BOARDS.iter().find(|board| board.name == name).ok_or("unknown board"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process;

    #[test]
    fn every_board_has_a_memory_map_a_feature_and_a_known_target() {
        let firmware = process::root().join("ff-embedded");
        let manifest = std::fs::read_to_string(firmware.join("Cargo.toml")).unwrap();
        for Board { name, target } in BOARDS {
            assert!(firmware.join(format!("memory/{name}.x")).is_file(), "no memory map for {name}");
            assert!(manifest.contains(&format!("\n{name} = [")), "no feature {name}");
            assert!(TARGETS.contains(target), "{target} is not built for");
        }
    }
}
