//! Learns handwritten digits on the device and reports what it took.
#![no_std]
#![no_main]

use cortex_m::asm;
use cortex_m_rt::entry;
use ff_embedded::{
    board::{Board, Chosen},
    digits, runtime, stack,
};

#[entry]
fn main() -> ! {
    let mut board = Chosen::start();
    defmt::info!("board: {=str}", Chosen::NAME);
    defmt::info!(
        "digits: {=usize} to learn, {=usize} held out",
        digits::training().count(),
        digits::held_out().count()
    );
    let result = check_clock(&mut board);
    defmt::info!("stack: {=usize} of {=usize} bytes", stack::high_water(), stack::capacity());
    runtime::exit(result)
}

/// Counts the instructions of a loop whose length is known: two for each of its turns.
fn check_clock(board: &mut impl Board) -> Result<(), WrongCount> {
    const TURNS: u32 = 1_000_000;
    let expected = 2 * u64::from(TURNS);
    let counted = count_loop(board, TURNS) - count_loop(board, 0);
    defmt::info!("clock: a loop of {=u64} instructions counted as {=u64}", expected, counted);
    if counted == expected { Ok(()) } else { Err(WrongCount { expected, counted }) }
}

/// Kept from being inlined, so that the loop and all around it are the same instructions each time.
#[inline(never)]
fn count_loop(board: &mut impl Board, turns: u32) -> u64 {
    let ((), instructions) = board.count_instructions(|| asm::delay(turns));
    instructions
}

/// The clock does not count instructions.
#[derive(defmt::Format)]
struct WrongCount {
    expected: u64,
    counted: u64,
}
