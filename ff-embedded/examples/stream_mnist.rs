//! Learns real MNIST that streams from the host: 196 features, layers of 60 and 32, in 62 KB.
//!
//! `cargo xtask qemu --example stream_mnist` makes the file from MNIST in `$FF_DATA_DIR`; the emulator
//! hands it over by semihosting, image by image, as a debug probe would.
#![no_std]
#![no_main]

mod host_file;

use ff_core::kernel::Portable;
use ff_embedded::{
    board::{self, clock::Clock},
    mnist::{App, Ended, Memory, Stream},
    processor::{entry, singleton},
    runtime, stack,
};
use host_file::{HostFile, Lost};

/// How often every image is seen.
const PASSES: usize = 5;

/// Of 10,000 held-out images, how many must be recognised.
const ENOUGH: usize = 9700;

#[entry]
fn main() -> ! {
    runtime::exit(run())
}

fn run() -> Result<(), Failure> {
    let Some(mut stream) = HostFile::open() else {
        defmt::info!("skipped: no MNIST");
        return Ok(());
    };
    defmt::info!("board: {=str}", board::NAME);
    let clock = &mut Clock::start(board::TICK).ok_or(Failure::Memory)?;
    let memory = singleton!(: Memory = Memory::ZEROED).ok_or(Failure::Memory)?;
    let mut app = App::start(memory, Portable);
    let held_out = usize::from(stream.held_out());
    defmt::info!("images: {=u16} to learn, {=usize} held out", stream.training(), held_out);
    let mut right = 0;
    for pass in 0..PASSES {
        app.pass(&mut stream, pass, PASSES)?;
        right = app.recognised(&mut stream)?;
        defmt::info!("after pass {=usize}: {=usize} of {=usize} recognised", pass + 1, right, held_out);
    }
    defmt::info!("weights: CRC-32 {=u32:08x}", app.checksum());
    // The image that came last; a learning-rate scale of 0 leaves the weights alone.
    let (result, cost) = clock.count(|| app.step(0.0));
    result.map_err(Ended::Core)?;
    defmt::info!("training step: {=u64} {=str}", cost, board::TICK.unit());
    let (result, bytes) = stack::taken(|| app.step(0.0));
    result.map_err(Ended::Core)?;
    defmt::info!("memory: {=usize} bytes, stack of a step {=usize}", size_of::<Memory>(), bytes);
    if right * 10_000 >= ENOUGH * held_out { Ok(()) } else { Err(Failure::Accuracy { right, held_out }) }
}

/// Why the program did not do what it is for.
#[derive(defmt::Format)]
enum Failure {
    /// The processor's devices or the program's memory were taken already.
    Memory,
    /// Learning ended early.
    Ended(Ended<Lost>),
    /// It did not learn enough.
    Accuracy { right: usize, held_out: usize },
}

impl From<Ended<Lost>> for Failure {
    fn from(ended: Ended<Lost>) -> Self {
        Self::Ended(ended)
    }
}
