//! QEMU: whether it is there, and a run of a program in it.

use std::{
    io,
    path::Path,
    process::{Command, ExitStatus, Stdio},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, anyhow};

use crate::{board::Machine, process, report, system};

/// A program of QEMU's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Emulator {
    /// For Arm.
    Arm,
    /// For 32-bit RISC-V.
    RiscV,
}

impl Emulator {
    /// All that firmware runs in.
    pub const ALL: [Self; 2] = [Self::Arm, Self::RiscV];

    /// Its name.
    const fn program(self) -> &'static str {
        match self {
            Self::Arm => "qemu-system-arm",
            Self::RiscV => "qemu-system-riscv32",
        }
    }

    /// The package that Debian has it in.
    const fn package(self) -> &'static str {
        match self {
            Self::Arm => "qemu-system-arm",
            Self::RiscV => "qemu-system-misc",
        }
    }

    /// Installs it if it is not there.
    ///
    /// # Errors
    /// As [`system::install`].
    pub fn install(self) -> Result<()> {
        if self.version().is_ok() { Ok(()) } else { system::install(&[self.package()]) }
    }

    /// Its name and version.
    ///
    /// # Errors
    /// When it is not there.
    pub fn version(self) -> Result<String> {
        let text = process::output(Command::new(self.program()).arg("--version"))?;
        Ok(format!("{}, {}", self.program(), text.lines().next().unwrap_or_default()))
    }
}

/// Each instruction takes 2^8 ns of the board's time, more than two ticks of any board's clock: it
/// then counts instructions exactly.
const INSTRUCTION_CLOCK: &str = "shift=8,sleep=off";

/// The exit code of a program that was ended because its time was over, as `timeout` has it.
const OUT_OF_TIME: u8 = 124;

/// The command that runs a program.
pub fn command(machine: Machine, elf: &Path) -> Command {
    let mut qemu = Command::new(machine.emulator.program());
    qemu.args(machine.arguments).args(["-icount", INSTRUCTION_CLOCK]);
    qemu.args(["-display", "none", "-monitor", "none", "-serial", machine.serial]);
    qemu.args(["-semihosting-config", "enable=on,target=native", "-kernel"]).arg(elf);
    // Files that firmware asks for are named from the top of the checkout.
    qemu.current_dir(process::root()).stdin(Stdio::null());
    qemu
}

/// Runs a program to its end: its exit code, and what it said.
///
/// # Errors
/// When QEMU cannot be started, or what the program says not be read.
pub fn run(machine: Machine, elf: &Path, limit: Duration) -> Result<(Option<u8>, String)> {
    let table = report::table_of(elf)?;
    let mut qemu = command(machine, elf);
    println!("$ {}", process::shell_line(&qemu));
    let mut child = qemu.stdout(Stdio::piped()).spawn().context("cannot start QEMU")?;
    let frames = child.stdout.take().context("QEMU has no output")?;

    thread::scope(|scope| {
        let printing = scope.spawn(|| report::print(&table, frames, io::stdout()));
        let status = process::wait_within(&mut child, limit)?;
        let report = printing.join().map_err(|_| anyhow!("the decoder panicked"))??;
        Ok((exit_code(status, limit), report))
    })
}

fn exit_code(status: Option<ExitStatus>, limit: Duration) -> Option<u8> {
    match status.map(|status| status.code()) {
        Some(Some(code)) => Some(u8::try_from(code).unwrap_or(u8::MAX)),
        Some(None) => {
            eprintln!("error: QEMU was ended by a signal: the processor locked up");
            None
        }
        None => {
            eprintln!("error: the firmware did not end within {} s (see --time-limit)", limit.as_secs());
            Some(OUT_OF_TIME)
        }
    }
}
