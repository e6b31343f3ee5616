//! Learns in an async task while another one ticks: embassy's executor, no nightly compiler.
//!
//! Between two slices of a step the learning task yields, so the ticking task runs as soon as it is woken,
//! a slice later at most.
#![no_std]
#![no_main]

use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

use cortex_m::{peripheral::syst::SystClkSource, singleton};
use cortex_m_rt::{entry, exception};
use embassy_executor::{Executor, Spawner};
use embassy_futures::yield_now;
use embassy_sync::{blocking_mutex::raw::CriticalSectionRawMutex, signal::Signal};
use ff_core::{error::Error, kernel::Portable};
use ff_embedded::{
    app::{App, SEED},
    board, digits,
    nets::{Memory, Net},
    runtime, sliced,
};

/// Digits to learn.
const STEPS: usize = 200;

/// Multiply-adds of a slice.
const BUDGET: usize = 200;

/// Cycles from one tick to the next: 1 ms at 25 MHz.
const TICK: u32 = 25_000;

/// Raised by the interrupt, lowered by the ticking task.
static TIME: Signal<CriticalSectionRawMutex, ()> = Signal::new();

/// Ticks that the task has seen.
static TICKS: AtomicU32 = AtomicU32::new(0);

/// Every millisecond.
#[exception]
fn SysTick() {
    TIME.signal(());
}

#[entry]
fn main() -> ! {
    defmt::info!("board: {=str}", board::NAME);
    let executor = singleton!(: Executor = Executor::new());
    let (Some(executor), Some(peripherals)) = (executor, cortex_m::Peripherals::take()) else {
        runtime::exit(Err(Failure::Memory))
    };
    let mut systick = peripherals.SYST;
    systick.set_clock_source(SystClkSource::Core);
    systick.set_reload(TICK - 1);
    systick.clear_current();
    systick.enable_interrupt();
    systick.enable_counter();
    executor.run(|spawner| {
        if spawn(spawner).is_none() {
            runtime::exit(Err(Failure::Memory))
        }
    })
}

fn spawn(spawner: Spawner) -> Option<()> {
    let memory = singleton!(: Memory<board::Net> = board::Net::MEMORY)?;
    spawner.spawn(tick().ok()?);
    spawner.spawn(learn(memory).ok()?);
    Some(())
}

/// Counts ticks, whatever else there is to do.
#[embassy_executor::task]
async fn tick() {
    loop {
        TIME.wait().await;
        TICKS.store(TICKS.load(Relaxed) + 1, Relaxed);
    }
}

/// Learns, yields, and ends the program.
#[embassy_executor::task]
async fn learn(memory: &'static mut Memory<board::Net>) {
    runtime::exit(learn_all(memory).await)
}

async fn learn_all(memory: &'static mut Memory<board::Net>) -> Result<(), Failure> {
    let mut app = App::start(memory, SEED, Portable);
    // Ticks from before the first step do not count.
    let mut seen = TICKS.load(Relaxed);
    let (begun, mut steps_with_a_tick) = (seen, 0_u32);
    for turn in 0..STEPS {
        sliced::step_async(&mut app, digits::training_digit(turn), 1.0, BUDGET, yield_now).await?;
        let now = TICKS.load(Relaxed);
        steps_with_a_tick += u32::from(now > seen);
        seen = now;
    }
    defmt::info!("learned: {=usize} digits", STEPS);
    defmt::info!("weights: CRC-32 {=u32:08x}", app.checksum());
    defmt::info!("ticks: {=u32} meanwhile, some in {=u32} of {=usize} steps", seen - begun, steps_with_a_tick, STEPS);
    // A step is longer than a tick, so each must have seen one.
    if steps_with_a_tick as usize == STEPS { Ok(()) } else { Err(Failure::Starved) }
}

/// Why the program did not do what it is for.
#[derive(defmt::Format)]
enum Failure {
    /// The processor's devices or the program's memory were taken already.
    Memory,
    /// The core refused something.
    Core(Error),
    /// One task kept the other from running.
    Starved,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Core(error)
    }
}
