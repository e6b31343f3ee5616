//! What a piece of work costs, by the processor's own counter.
//!
//! A Cortex-M's goes through 24 bits and begins again, so it must be read at least once in 2^24 ticks, a
//! second or so, while something is counted.

use crate::processor::Counter;

/// What the clock's ticks stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tick {
    /// A cycle of the processor: real boards.
    Cycle,
    /// So many half nanoseconds of an emulated board, whose processor takes the same time for every
    /// instruction: its clock counts instructions, exactly.
    HalfNanoseconds(u32),
    /// The same where a tick is no whole number of those: so many 2^-32 of an instruction.
    Part(u64),
}

/// QEMU runs with `-icount shift=8`: each instruction takes 2^8 ns of the board's time. A power of
/// two, so that reading the clock needs no division, whose own cost would depend on the value.
const PER_INSTRUCTION: u64 = 2 << 8;

impl Tick {
    /// A tick of an emulated processor of so many megahertz.
    pub const fn megahertz(megahertz: u64) -> Self {
        Self::Part((2_000 << 32) / (megahertz * PER_INSTRUCTION))
    }

    /// What is counted.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Cycle => "cycles",
            Self::HalfNanoseconds(_) | Self::Part(_) => "instructions",
        }
    }

    /// How many cycles or instructions so many ticks are.
    ///
    /// A tick is shorter than half an instruction, so rounding gives back the very number.
    const fn count(self, ticks: u64) -> u64 {
        match self {
            Self::Cycle => ticks,
            Self::HalfNanoseconds(tick) => (ticks * tick as u64 + PER_INSTRUCTION / 2) / PER_INSTRUCTION,
            Self::Part(part) => (ticks.wrapping_mul(part) + (1 << 31)) >> 32,
        }
    }
}

/// A running clock.
pub struct Clock {
    counter: Counter,
    tick: Tick,
    last: u32,
    ticks: u64,
}

impl Clock {
    /// Starts the processor's counter, which belongs to the clock from now on; none if it was taken already.
    pub fn start(tick: Tick) -> Option<Self> {
        let counter = Counter::take()?;
        let last = counter.read();
        Some(Self { counter, tick, last, ticks: 0 })
    }

    /// Cycles or instructions since the start.
    #[inline(never)]
    pub fn now(&mut self) -> u64 {
        let value = self.counter.read();
        self.ticks += u64::from(value.wrapping_sub(self.last) & Counter::TOP);
        self.last = value;
        self.tick.count(self.ticks)
    }

    /// Runs `work` and counts what it takes, up to 2^24 ticks.
    ///
    /// The count includes reading the clock once, some two dozen instructions, and on an emulated
    /// board is the same in every run of the same program.
    pub fn count<R>(&mut self, work: impl FnOnce() -> R) -> (R, u64) {
        let before = self.now();
        let result = work();
        (result, self.now() - before)
    }
}
