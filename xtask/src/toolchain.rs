//! The Rust tool chain for bare metal and for the web page. Everything that runs on the host uses the default one.

use std::{
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
};

use anyhow::Result;

use crate::process;

/// What rustup calls Debian's tool chain.
pub const DEBIAN: &str = "debian";

/// A Rust tool chain.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Toolchain {
    /// The one that built this program.
    Default,
    /// Debian's own compiler, for machines whose rustup cannot download.
    Debian,
}

impl Toolchain {
    /// Finds a tool chain that builds for all these targets, by asking each compiler.
    ///
    /// Nothing is remembered between runs, so nothing can be out of date.
    pub fn find(targets: &[&str]) -> Option<Self> {
        [Self::Default, Self::Debian].into_iter().find(|toolchain| toolchain.builds_for(targets))
    }

    /// The tool of that name, such as `cargo`, of this tool chain.
    pub fn tool(self, name: &str) -> Command {
        match self {
            Self::Default => process::tool(name),
            Self::Debian => {
                let mut command = process::tool("rustup");
                command.args(["run", DEBIAN, name]);
                command
            }
        }
    }

    /// The compiler's name and version.
    pub fn version(self) -> Result<String> {
        process::output(self.tool("rustc").arg("--version"))
    }

    /// Where the tool chain keeps the linker for what is not this machine.
    pub fn linker(self) -> Result<PathBuf> {
        let sysroot = process::output(self.tool("rustc").args(["--print", "sysroot"]))?;
        let host = process::output(self.tool("rustc").args(["--print", "host-tuple"]))?;
        Ok(PathBuf::from(sysroot).join("lib/rustlib").join(host).join("bin/rust-lld"))
    }

    fn builds_for(self, targets: &[&str]) -> bool {
        targets.iter().all(|target| self.has_core_for(target)) && self.linker().is_ok_and(|linker| linker.exists())
    }

    /// Whether an empty program compiles as far as finding `core`. It writes no file.
    fn has_core_for(self, target: &str) -> bool {
        let mut rustc = self.tool("rustc");
        rustc.args(["--target", target, "--crate-type", "lib", "--crate-name", "probe"]);
        rustc.args(["--emit", "dep-info=-", "-"]);
        rustc.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let Ok(mut child) = rustc.spawn() else { return false };
        if let Some(mut source) = child.stdin.take() {
            // A compiler that ends without reading says so by its exit code.
            let _ = source.write_all(b"#![no_std]");
        }
        child.wait().is_ok_and(|status| status.success())
    }
}
