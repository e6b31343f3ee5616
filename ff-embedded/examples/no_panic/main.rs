//! Proves that no panic can be reached in ff-core, whatever it is given: this program calls all that
//! firmware can call, with values that the compiler knows nothing of, and its panic handler does not
//! exist. So it links only if the optimiser found every panic impossible.
//!
//! `cargo xtask qemu --example no_panic` builds it and runs it, since what is refused at the door
//! proves little: with the values that it has, every call must do its work.
//!
//! To find a panic that keeps it from linking, add `-- -C link-arg=--unresolved-symbols=ignore-all` to
//! `cargo rustc --release --example no_panic`, and see in a disassembly who calls `core::panicking`.
//!
//! Not called: `Debug` and `Display`, which firmware with `defmt` does not link.
#![no_std]
#![no_main]

mod explain;
mod keep;
mod learn;
mod multiply;
mod parts;
mod processor;
mod unknown;

use ff_core::{error::Error, random::Rng, snapshot, store};
use panic_never as _; // the panic handler that does not link
use semihosting::process;

use processor::entry;
use unknown::Memory;

#[entry]
fn main() -> ! {
    process::exit(match run() {
        Ok(()) => 0,
        Err(Failure) => 1,
    })
}

fn run() -> Result<(), Failure> {
    let memory = processor::singleton!(: Memory = Memory::ZEROED).ok_or(Failure)?;
    let rng = &mut Rng::new(1);
    parts::run(rng)?;
    multiply::run(rng)?;
    learn::run(memory, rng)?;
    explain::run(memory, rng)?;
    keep::run(memory, rng)
}

/// Something was refused that should not have been.
struct Failure;

impl From<Error> for Failure {
    fn from(_: Error) -> Self {
        Self
    }
}

impl From<snapshot::Error> for Failure {
    fn from(_: snapshot::Error) -> Self {
        Self
    }
}

impl<E> From<store::Error<E>> for Failure {
    fn from(_: store::Error<E>) -> Self {
        Self
    }
}

impl<E> From<snapshot::Failure<E>> for Failure {
    fn from(_: snapshot::Failure<E>) -> Self {
        Self
    }
}
