//! The project's chores: `cargo xtask <command>`.
//!
//! The data path of a firmware run: [`setup`] finds or installs a compiler ([`toolchain`]) and the
//! emulator, [`firmware`] builds a program for a [`board`], [`qemu`] runs it in the [`emulator`], and [`report`]
//! decodes what it says. [`bindings`] does the same for programs in C. [`sizes`] tells what the programs take, and [`flash`] is for real boards.
//! [`test`](mod@test) runs the [`checks`].

mod attack;
mod bindings;
mod board;
mod book;
mod browser;
mod checks;
mod debian;
mod deny;
mod emulator;
mod firmware;
mod flash;
mod fuzz;
mod golden;
mod limits;
mod mnist;
mod process;
mod qemu;
mod report;
mod setup;
mod sizes;
mod system;
mod test;
mod toolchain;
mod web;

use std::process::ExitCode;

use clap::Parser;

/// The project's chores
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Command {
    Setup(setup::Options),
    Test(test::Options),
    Fuzz(fuzz::Options),
    Attack(attack::Options),
    Deny(deny::Options),
    Qemu(qemu::Options),
    Flash(flash::Options),
    Sizes(sizes::Options),
    Bindings(bindings::Options),
    Browser(browser::Options),
    Book(book::Options),
    Web(web::Options),
}

fn main() -> ExitCode {
    run(Command::parse()).unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Setup(_) => setup::run().map(|()| ExitCode::SUCCESS),
        Command::Test(options) => test::run(&options),
        Command::Fuzz(options) => fuzz::run(&options),
        Command::Attack(options) => attack::run(&options),
        Command::Deny(_) => deny::run(),
        Command::Qemu(options) => qemu::run(&options),
        Command::Flash(options) => flash::run(&options),
        Command::Browser(_) => browser::run(),
        Command::Book(_) => book::run(),
        Command::Web(options) => web::run(&options).map(|()| ExitCode::SUCCESS),
        Command::Bindings(options) => bindings::run(&options).map(|()| ExitCode::SUCCESS),
        Command::Sizes(options) => sizes::run(&options).map(|()| ExitCode::SUCCESS),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn command_line_is_consistent() {
        super::Command::command().debug_assert();
    }
}
