//! `cargo xtask bindings`: the library for C, linked by a C compiler and run in QEMU.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use object::{Object, ObjectSection};

use crate::{
    board::{BOARDS, Runs},
    emulator, process, setup, system,
    toolchain::Toolchain,
};

/// Build the library for C, compile its examples with a C compiler, and run them in QEMU
///
/// What they learn must be what the firmware in Rust learns, bit for bit, on a Cortex-M4F and on a RISC-V
/// processor. A program that can reach a panic does not link.
#[derive(clap::Args)]
pub struct Options {
    /// Build for every target as well, and write the table of sizes into bindings/c/README.md
    #[arg(long)]
    sizes: bool,
}

/// A target, and how a C compiler is told of it.
struct Target {
    name: &'static str,
    compiler: Compiler,
    flags: &'static [&'static str],
    /// The board of QEMU that runs its programs, if any does.
    board: Option<&'static str>,
}

/// A C compiler and what goes with it: its name before `-gcc`, Debian's package, and the examples' start-up.
struct Compiler {
    prefix: &'static str,
    package: &'static str,
    start: &'static str,
}

const ARM: Compiler = Compiler { prefix: "arm-none-eabi", package: "gcc-arm-none-eabi", start: "cortex_m" };
const RISC_V: Compiler =
    Compiler { prefix: "riscv64-unknown-elf", package: "gcc-riscv64-unknown-elf", start: "risc_v" };

const TARGETS: [Target; 7] = [
    Target { name: "thumbv6m-none-eabi", compiler: ARM, flags: &["-mcpu=cortex-m0", "-mthumb"], board: None },
    Target { name: "thumbv7m-none-eabi", compiler: ARM, flags: &["-mcpu=cortex-m3", "-mthumb"], board: None },
    Target {
        name: "thumbv7em-none-eabihf",
        compiler: ARM,
        flags: &["-mcpu=cortex-m4", "-mthumb", "-mfpu=fpv4-sp-d16", "-mfloat-abi=hard"],
        board: Some("mps2-an386"),
    },
    Target {
        name: "thumbv8m.main-none-eabihf",
        compiler: ARM,
        flags: &["-mcpu=cortex-m33", "-mthumb", "-mfpu=fpv5-sp-d16", "-mfloat-abi=hard"],
        board: None,
    },
    Target {
        name: "riscv32imc-unknown-none-elf",
        compiler: RISC_V,
        flags: &["-march=rv32imc_zicsr", "-mabi=ilp32"],
        board: None,
    },
    Target {
        name: "riscv32imac-unknown-none-elf",
        compiler: RISC_V,
        flags: &["-march=rv32imac_zicsr", "-mabi=ilp32"],
        board: None,
    },
    Target {
        name: "riscv32imafc-unknown-none-elf",
        compiler: RISC_V,
        flags: &["-march=rv32imafc_zicsr", "-mabi=ilp32f"],
        board: Some("virt-imafc"),
    },
];

/// An example, and the kept report of what it learns, from the top of the checkout.
const EXAMPLES: [(&str, &str); 2] =
    [("learn", "ff-embedded/golden/learn.txt"), ("every_rule", "bindings/c/examples/every_rule.txt")];

/// Bytes of digits in the first example's text.
const DIGITS: u64 = 1797 * 65;

const LIMIT: Duration = Duration::from_secs(120);

const PAGE: &str = "README.md";
const BEGIN: &str = "<!-- cargo xtask bindings --sizes: begin -->\n";
const END: &str = "<!-- cargo xtask bindings --sizes: end -->\n";

/// Builds and runs what the options say.
///
/// # Errors
/// When a compiler or emulator cannot be installed, a program does not link, or says something else than is kept.
pub fn run(options: &Options) -> Result<()> {
    let toolchain = setup::toolchain()?;
    let mut table = "| target | `learn`, one rule | `every_rule`, 21 rules |\n|---|---|---|\n".to_owned();
    for target in TARGETS.iter().filter(|target| options.sizes || target.board.is_some()) {
        target.compiler.install()?;
        target.library(toolchain)?;
        let programs = EXAMPLES.map(|(example, report)| anyhow::Ok((target.link(example)?, report)));
        let [learn, every_rule] = programs;
        let [learn, every_rule] = [learn?, every_rule?];
        for (elf, report) in [&learn, &every_rule] {
            target.run(elf, report)?;
        }
        table += &format!("| {} | {} | {} |\n", target.name, text(&learn.0)? - DIGITS, text(&every_rule.0)?);
    }
    header_for_cpp()?;
    println!("\n{table}");
    if options.sizes { write(&table) } else { Ok(()) }
}

/// The library's workspace.
pub fn folder() -> PathBuf {
    process::root().join("bindings/c")
}

impl Compiler {
    fn command(&self, language: &str) -> Command {
        let mut command = Command::new(format!("{}-{language}", self.prefix));
        command.current_dir(folder());
        command
    }

    fn install(&self) -> Result<()> {
        if process::succeeds(self.command("gcc").arg("--version")) { Ok(()) } else { system::install(&[self.package]) }
    }
}

impl Target {
    /// Builds the static library.
    fn library(&self, toolchain: Toolchain) -> Result<()> {
        let mut cargo = toolchain.tool("cargo");
        cargo.current_dir(folder()).args(["build", "--release", "--target-dir", "target", "--target", self.name]);
        process::run(&mut cargo)
    }

    /// Compiles an example and links it.
    fn link(&self, example: &str) -> Result<PathBuf> {
        let results = folder().join("target").join(self.name).join("release");
        let elf = results.join(format!("{example}.elf"));
        let mut gcc = self.compiler.command("gcc");
        gcc.args(self.flags).args(["-std=c11", "-Os", "-Wall", "-Wextra", "-Werror", "-ffreestanding", "-nostdlib"]);
        gcc.args(["-Iinclude", "-DDIGITS_FILE=\"../../ff-host/assets/digits8x8.bin\""]);
        gcc.arg(format!("examples/{example}.c")).arg(format!("examples/{}.c", self.compiler.start));
        gcc.arg(format!("-Texamples/{}.ld", self.compiler.start));
        gcc.args(["-Wl,--gc-sections", "-Wl,--no-warn-rwx-segments", "-Wl,-z,noexecstack"]);
        gcc.arg(results.join("libff.a")).args(["-lgcc", "-o"]).arg(&elf);
        process::run(&mut gcc)?;
        Ok(elf)
    }

    /// Runs a program, where it can be, and holds what it says against what is kept.
    fn run(&self, elf: &Path, report: &str) -> Result<()> {
        let Some(board) = BOARDS.iter().find(|board| Some(board.name) == self.board) else { return Ok(()) };
        let Runs::Qemu { machine, .. } = board.runs else { bail!("{} is no emulated board", board.name) };
        machine.emulator.install()?;
        let said = said(&mut emulator::command(machine, elf))?;
        let kept = fs::read_to_string(process::root().join(report)).with_context(|| format!("cannot read {report}"))?;
        let other = said.lines().find(|line| !kept.lines().any(|kept| kept == *line));
        ensure!(other.is_none(), "{} on {}: {other:?} is not in {report}", elf.display(), board.name);
        ensure!(said.lines().count() >= 2, "{} on {} said only: {said}", elf.display(), board.name);
        Ok(())
    }
}

/// Runs a command to its end; what it says.
fn said(command: &mut Command) -> Result<String> {
    let line = process::shell_line(command);
    println!("$ {line}");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().context("cannot start QEMU")?;
    // Reports are shorter than what a pipe holds.
    let status = process::wait_within(&mut child, LIMIT)?;
    let output = child.wait_with_output()?;
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    print!("{said}");
    ensure!(status.is_some_and(|status| status.success()), "`{line}` failed: {status:?}");
    Ok(said)
}

/// The header is one for C++ as well.
fn header_for_cpp() -> Result<()> {
    let mut compiler = ARM.command("g++");
    compiler.args(["-std=c++11", "-Wall", "-Wextra", "-Werror", "-ffreestanding", "-fsyntax-only", "-Iinclude"]);
    process::run(compiler.arg("examples/header.cpp"))
}

/// Bytes that go to flash.
fn text(elf: &Path) -> Result<u64> {
    let bytes = fs::read(elf).with_context(|| format!("cannot read {}", elf.display()))?;
    let file = object::File::parse(&*bytes)?;
    let size = |name| file.section_by_name(name).map_or(0, |section| section.size());
    Ok(size(".text") + size(".data"))
}

/// Writes the table into the page.
fn write(table: &str) -> Result<()> {
    let path = folder().join(PAGE);
    let page = fs::read_to_string(&path)?;
    let marks = page.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) = marks.context("the page has no place for the table")?;
    Ok(fs::write(path, format!("{before}{BEGIN}\n{table}\n{END}{after}"))?)
}
