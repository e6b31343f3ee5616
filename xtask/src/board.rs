//! The boards that firmware runs on, and the processors that the core must build for.

use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::emulator::Emulator;

/// A board that firmware is built for.
#[derive(Debug)]
pub struct Board {
    /// The feature of `ff-embedded` that chooses it.
    pub name: &'static str,
    /// The processor.
    pub processor: &'static str,
    /// The processor's target for the Rust compiler.
    pub target: &'static str,
    /// Where it runs.
    pub runs: Runs,
}

/// Where a board runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Runs {
    /// In QEMU, with the kept report of what the board's network learns.
    Qemu {
        /// What QEMU is told to be.
        machine: Machine,
        /// Its name, in `ff-embedded/golden/`.
        learned: &'static str,
    },
    /// On hardware that this project has not got: built and never run.
    Hardware {
        /// What probe-rs calls the chip.
        chip: &'static str,
    },
}

/// A machine of QEMU's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Machine {
    /// The program that emulates it.
    pub emulator: Emulator,
    /// What it is told: the machine, and what of it is chosen.
    pub arguments: &'static [&'static str],
    /// Where its first serial line ends: `stdio` where firmware logs over it, `none` otherwise.
    pub serial: &'static str,
}

/// What networks of the usual size learn is the same on all boards.
const fn usual(machine: Machine) -> Runs {
    Runs::Qemu { machine, learned: "learn" }
}

const fn arm(arguments: &'static [&'static str]) -> Machine {
    Machine { emulator: Emulator::Arm, arguments, serial: "none" }
}

const fn risc_v(arguments: &'static [&'static str]) -> Machine {
    Machine { emulator: Emulator::RiscV, arguments, serial: "none" }
}

/// All boards; the first is the default.
pub const BOARDS: &[Board] = &[
    Board {
        name: "mps2-an386",
        processor: "Cortex-M4F",
        target: HARD_FLOAT,
        runs: usual(arm(&["-machine", "mps2-an386"])),
    },
    Board {
        name: "mps2-an500",
        processor: "Cortex-M7",
        target: HARD_FLOAT,
        runs: usual(arm(&["-machine", "mps2-an500"])),
    },
    Board { name: "mps2-an505", processor: "Cortex-M33", target: V8M, runs: usual(arm(&["-machine", "mps2-an505"])) },
    Board {
        name: "lm3s6965evb",
        processor: "Cortex-M3",
        target: "thumbv7m-none-eabi",
        runs: usual(arm(&["-machine", "lm3s6965evb"])),
    },
    Board {
        name: "microbit",
        processor: "Cortex-M0",
        target: "thumbv6m-none-eabi",
        runs: Runs::Qemu { machine: arm(&["-machine", "microbit"]), learned: "learn-small" },
    },
    Board {
        name: "netduinoplus2",
        processor: "Cortex-M4F (STM32F405)",
        target: HARD_FLOAT,
        runs: usual(Machine { serial: "stdio", ..arm(&["-machine", "netduinoplus2"]) }),
    },
    Board {
        name: "virt-imac",
        processor: "RV32IMAC",
        target: "riscv32imac-unknown-none-elf",
        runs: usual(risc_v(&["-machine", "virt", "-bios", "none", "-cpu", "rv32,f=false,d=false"])),
    },
    Board {
        name: "virt-imafc",
        processor: "RV32IMAFC",
        target: "riscv32imafc-unknown-none-elf",
        runs: usual(risc_v(&["-machine", "virt", "-bios", "none", "-cpu", "rv32,d=false"])),
    },
    Board {
        name: "nrf52840-dk",
        processor: "Cortex-M4F",
        target: HARD_FLOAT,
        runs: Runs::Hardware { chip: "nRF52840_xxAA" },
    },
    Board {
        name: "nucleo-f411re",
        processor: "Cortex-M4F",
        target: HARD_FLOAT,
        runs: Runs::Hardware { chip: "STM32F411RETx" },
    },
    Board {
        name: "nucleo-h743zi",
        processor: "Cortex-M7",
        target: HARD_FLOAT,
        runs: Runs::Hardware { chip: "STM32H743ZITx" },
    },
    Board { name: "pico2", processor: "Cortex-M33", target: V8M, runs: Runs::Hardware { chip: "RP235x" } },
    Board {
        name: "pico2-hazard3",
        processor: "RV32IMAC",
        target: "riscv32imac-unknown-none-elf",
        runs: Runs::Hardware { chip: "RP235x_riscv" },
    },
];

const HARD_FLOAT: &str = "thumbv7em-none-eabihf";
const V8M: &str = "thumbv8m.main-none-eabihf";

/// The name of the default board.
pub const DEFAULT: &str = BOARDS[0].name;

/// The targets that `ff-core` must build for: Cortex-M0, M3, M4F or M7, and M33; RISC-V without atomics, with
/// them, and with floating-point registers.
pub const TARGETS: [&str; 7] = [
    "thumbv6m-none-eabi",
    "thumbv7m-none-eabi",
    "thumbv7em-none-eabihf",
    "thumbv8m.main-none-eabihf",
    "riscv32imc-unknown-none-elf",
    "riscv32imac-unknown-none-elf",
    "riscv32imafc-unknown-none-elf",
];

impl Board {
    /// Whether QEMU emulates it.
    pub fn is_emulated(&self) -> bool {
        matches!(self.runs, Runs::Qemu { .. })
    }
}

/// Reads an emulated board's name from the command line.
pub fn emulated() -> impl TypedValueParser<Value = &'static Board> {
    named(Board::is_emulated)
}

/// Reads a real board's name from the command line.
pub fn real() -> impl TypedValueParser<Value = &'static Board> {
    named(|board| !board.is_emulated())
}

fn named(wanted: fn(&Board) -> bool) -> impl TypedValueParser<Value = &'static Board> {
    PossibleValuesParser::new(BOARDS.iter().filter(|board| wanted(board)).map(|board| board.name))
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
        let files = std::fs::read_to_string(firmware.join("src/board/mod.rs")).unwrap();
        for Board { name, target, .. } in BOARDS {
            assert!(firmware.join(format!("memory/{name}.x")).is_file(), "no memory map for {name}");
            assert!(manifest.contains(&format!("\n{name} = [")), "no feature {name}");
            assert!(files.contains(&format!("\"{name}\" in ")), "no file for {name}");
            assert!(TARGETS.contains(target), "{target} is not built for");
        }
    }
}
