//! Learns in slices beside a job that must run every millisecond, under a real watchdog.
//!
//! A 1 kHz interrupt says that the job is due, and notes a deadline missed if the one before has not been
//! done by then. The job, between two slices, feeds the watchdog. In the end whole steps are taken instead,
//! which are too long: the watchdog resets the board, and the second boot says so.
//!
//! The emulated processor takes 256 ns for an instruction, so a millisecond is 3,906 of them: as on a
//! real Cortex-M4 of about 6 MHz.
#![no_std]
#![no_main]

use core::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};

use cortex_m::{peripheral::SYST, peripheral::syst::SystClkSource, singleton};
use cortex_m_rt::{entry, exception};
use ff_core::{error::Error, kernel::Portable};
use ff_embedded::{
    app::{App, SEED},
    board::{
        self,
        cmsdk::{TICK_NANOSECONDS, Timer, Watchdog},
    },
    digits,
    learns::Learns,
    nets::{Memory, Net},
    retained::RETAINED,
    runtime, sliced,
};

/// Steps under the watchdog.
const STEPS: usize = 500;

/// Multiply-adds of a slice.
const BUDGET: usize = 200;

/// Ticks of the board in a millisecond.
const MILLISECOND: u32 = 1_000_000 / TICK_NANOSECONDS;

/// The watchdog barks if it is fed later than a job can be that meets its deadline.
const PATIENCE: u32 = 2 * MILLISECOND;

/// Nanoseconds that the emulator takes for an instruction.
const INSTRUCTION: u32 = 256;

/// Whether the job is to be done.
static DUE: AtomicBool = AtomicBool::new(false);
static TICKS: AtomicU32 = AtomicU32::new(0);
static MISSED: AtomicU32 = AtomicU32::new(0);

/// Every millisecond.
#[exception]
fn SysTick() {
    if DUE.load(Relaxed) {
        MISSED.store(MISSED.load(Relaxed) + 1, Relaxed);
    }
    DUE.store(true, Relaxed);
    TICKS.store(TICKS.load(Relaxed) + 1, Relaxed);
}

#[entry]
fn main() -> ! {
    if RETAINED.boot() > 1 {
        RETAINED.forget();
        defmt::info!("whole steps: the watchdog reset the board");
        runtime::exit(Ok::<(), Failure>(()));
    }
    let result = run();
    RETAINED.forget();
    runtime::exit(result)
}

fn run() -> Result<(), Failure> {
    defmt::info!("board: {=str}", board::NAME);
    let mut peripherals = cortex_m::Peripherals::take().ok_or(Failure::Memory)?;
    let memory = singleton!(: Memory<board::Net> = board::Net::MEMORY).ok_or(Failure::Memory)?;
    let mut app = App::start(memory, SEED, Portable);
    let mut watch = Watch::start(&mut peripherals.SYST);
    let mut slices = 0_u32;
    for turn in 0..STEPS {
        sliced::step(&mut app, digits::training_digit(turn), 1.0, BUDGET, || {
            slices += 1;
            watch.between();
        })?;
    }
    watch.stop(&mut peripherals.SYST);
    let (ticks, missed) = (TICKS.load(Relaxed), MISSED.load(Relaxed));
    let deadline = MILLISECOND * TICK_NANOSECONDS / INSTRUCTION;
    defmt::info!("learned: {=usize} digits in {=u32} slices", STEPS, slices);
    defmt::info!("weights: CRC-32 {=u32:08x}", app.checksum());
    defmt::info!("deadlines: {=u32} missed", missed);
    defmt::info!("jobs: {=u32} of {=u32} due, one every {=u32} instructions", watch.jobs, ticks, deadline);
    defmt::info!("largest gap: {=u32} instructions", instructions(watch.largest));
    let before = watch.timer.now();
    app.step(digits::training_digit(0), 0.0)?;
    defmt::info!("whole step: {=u32} instructions", instructions(watch.timer.now() - before));
    if missed > 0 {
        return Err(Failure::Deadline { missed });
    }
    bite(&mut app)
}

/// Whole steps under the watchdog, which must not come to an end.
fn bite(app: &mut App<'_, board::Net, Portable>) -> Result<(), Failure> {
    let mut dog = Watchdog::start(PATIENCE);
    for turn in 0..10 {
        app.step(digits::training_digit(turn), 0.0)?;
        dog.feed();
    }
    dog.stop();
    Err(Failure::AsleepDog)
}

/// What stands beside learning: the interrupt, the job, the watchdog, and the clock that times gaps.
struct Watch {
    timer: Timer,
    dog: Option<Watchdog>,
    last: u32,
    largest: u32,
    jobs: u32,
}

impl Watch {
    fn start(systick: &mut SYST) -> Self {
        systick.set_clock_source(SystClkSource::Core);
        systick.set_reload(MILLISECOND - 1);
        systick.clear_current();
        systick.enable_interrupt();
        systick.enable_counter();
        let timer = Timer::start();
        Self { timer, dog: Some(Watchdog::start(PATIENCE)), last: timer.now(), largest: 0, jobs: 0 }
    }

    /// Between two slices: does the job if it is due.
    fn between(&mut self) {
        let now = self.timer.now();
        self.largest = self.largest.max(now.wrapping_sub(self.last));
        self.last = now;
        if DUE.load(Relaxed) {
            DUE.store(false, Relaxed);
            self.jobs += 1;
            self.dog.iter_mut().for_each(Watchdog::feed);
        }
    }

    fn stop(&mut self, systick: &mut SYST) {
        systick.disable_counter();
        systick.disable_interrupt();
        self.dog.take().into_iter().for_each(Watchdog::stop);
    }
}

fn instructions(ticks: u32) -> u32 {
    (u64::from(ticks) * u64::from(TICK_NANOSECONDS) / u64::from(INSTRUCTION)) as u32
}

/// Why the program did not do what it is for.
#[derive(defmt::Format)]
enum Failure {
    /// The processor's devices or the program's memory were taken already.
    Memory,
    /// The core refused something.
    Core(Error),
    /// A job came too late.
    Deadline { missed: u32 },
    /// Nobody was reset for taking too long.
    AsleepDog,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Core(error)
    }
}
