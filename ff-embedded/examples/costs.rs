//! What learning takes for each multiply-add, at two sizes: digits of 8x8 with layers of 32 and 32 units,
//! real MNIST at 14x14 with layers of 64 and 32.
//!
//! `cargo xtask qemu --example costs` makes the file of MNIST from `$FF_DATA_DIR`. A step's multiply-adds
//! are dense, those of its products; the zeros that are skipped make a step cheaper than they say.
#![no_std]
#![no_main]

mod host_file;

use core::marker::PhantomData;

use ff_core::{
    classic::Classic,
    error::Error,
    memory::Memory,
    network::{Dense2, FeaturesOnly, Layers as _, Network, Readout},
    onepass::{Head, LocalCrossEntropy, NWay, OnePass},
    saliency::ClassHead,
    sample,
    trainer::Trainer,
};
use ff_embedded::{
    app::SEED,
    board::{self, clock::Clock},
    digits,
    mnist::{self, CLASSES, Ended, Image, Stream},
    nets, nway,
    processor::{entry, singleton},
    runtime,
};
use host_file::{HostFile, Lost};

/// Images that are learned before anything is counted.
const LEARNED: usize = 2000;

/// Images over which a cost is a mean.
const SAMPLES: usize = 100;

#[entry]
fn main() -> ! {
    runtime::exit(run())
}

fn run() -> Result<(), Failure> {
    let Some(mut file) = HostFile::open() else {
        defmt::info!("skipped: no MNIST");
        return Ok(());
    };
    defmt::info!("board: {=str}", board::NAME);
    let clock = &mut Clock::start(board::TICK).ok_or(Failure::Memory)?;
    let image = singleton!(: Image = Image { pixels: [0; _], label: 0 }).ok_or(Failure::Memory)?;
    let mut mnist = |number: usize, into: &mut [f32; mnist::FEATURES]| {
        file.read(number, image).map_err(Ended::Stream)?;
        mnist::pool(&image.pixels, into).map_err(Ended::Core)?;
        Ok(image.label)
    };
    let mut digit = |number: usize, into: &mut [f32; digits::PIXELS]| {
        let digit = digits::training_digit(number % digits::TRAINING);
        sample::from_bytes(digit.pixels(), digits::SCALE, into).map_err(Ended::Core)?;
        Ok(digit.label())
    };
    let classic = singleton!(: ByClassic<74, 64, 32, 32> = ByClassic::ZEROED).ok_or(Failure::Memory)?;
    report("classic, 64-32-32", clock, classic, &mut digit)?;
    let classic = singleton!(: ByClassic<206, 196, 64, 32> = ByClassic::ZEROED).ok_or(Failure::Memory)?;
    report("classic, 196-64-32", clock, classic, &mut mnist)?;
    let nway = singleton!(: OnePassed<NWay, 64, 32, 32, 64> = OnePassed::ZEROED).ok_or(Failure::Memory)?;
    report("N-way, 64-32-32", clock, nway, &mut digit)?;
    let nway = singleton!(: OnePassed<NWay, 196, 64, 32, 96> = OnePassed::ZEROED).ok_or(Failure::Memory)?;
    report("N-way, 196-64-32", clock, nway, &mut mnist)?;
    let local =
        singleton!(: OnePassed<LocalCrossEntropy, 64, 32, 32, 64> = OnePassed::ZEROED).ok_or(Failure::Memory)?;
    report("local cross-entropy, 64-32-32", clock, local, &mut digit)?;
    let local =
        singleton!(: OnePassed<LocalCrossEntropy, 196, 64, 32, 96> = OnePassed::ZEROED).ok_or(Failure::Memory)?;
    report("local cross-entropy, 196-64-32", clock, local, &mut mnist)
}

/// Learns some images, then counts.
fn report<const F: usize, L: Learns<F>>(
    what: &str,
    clock: &mut Clock,
    learner: &mut L,
    images: &mut impl FnMut(usize, &mut [f32; F]) -> Result<u8, Ended<Lost>>,
) -> Result<(), Failure> {
    learner.begin();
    let mut image = [0.0; F];
    for number in 0..LEARNED {
        let label = images(number, &mut image)?;
        learner.step(&image, label, 1.0).map_err(Ended::Core)?;
    }
    let (mut step, mut classification) = (0, 0);
    for number in LEARNED..LEARNED + SAMPLES {
        let label = images(number, &mut image)?;
        // A learning-rate scale of 0 takes the same path and leaves the weights alone.
        let (result, count) = clock.count(|| learner.step(&image, label, 0.0));
        result.map_err(Ended::Core)?;
        step += count;
        let (result, count) = clock.count(|| learner.classify(&image));
        result.map_err(Ended::Core)?;
        classification += count;
    }
    defmt::info!("{=str}:", what);
    tell("training step", step, L::STEP);
    tell("classification", classification, L::CLASSIFICATION);
    Ok(())
}

/// The mean, and hundredths of an instruction a multiply-add.
fn tell(what: &str, total: u64, multiply_adds: usize) {
    let (mean, unit) = (total / SAMPLES as u64, board::TICK.unit());
    let each = total / multiply_adds as u64;
    defmt::info!(
        "  {=str}: {=u64} {=str}, {=usize} multiply-adds, {=u64}.{=u64:02} for each",
        what,
        mean,
        unit,
        multiply_adds,
        each / 100,
        each % 100
    );
}

/// What is measured.
trait Learns<const F: usize> {
    /// Multiply-adds of a step.
    const STEP: usize;
    /// Those of a classification by the goodness of all labels, the first layer's shared.
    const CLASSIFICATION: usize;

    fn begin(&mut self);
    fn step(&mut self, image: &[f32; F], label: u8, lr_scale: f32) -> Result<(), Error>;
    fn classify(&mut self, image: &[f32; F]) -> Result<u8, Error>;
}

/// Floats that the larger networks' steps and classifications work in.
const SCRATCH: usize = 512;

/// `I` inputs, of which `F` are features; `A` and `B` units.
struct ByClassic<const I: usize, const F: usize, const A: usize, const B: usize> {
    memory: Memory<Network<Dense2<I, A, B>, CLASSES>, SCRATCH>,
}

impl<const I: usize, const F: usize, const A: usize, const B: usize> ByClassic<I, F, A, B> {
    const ZEROED: Self = Self { memory: Memory::ZEROED };
}

impl<const I: usize, const F: usize, const A: usize, const B: usize> Learns<F> for ByClassic<I, F, A, B> {
    const STEP: usize = nets::SETTINGS.multiply_adds(Dense2::<I, A, B>::SHAPES, CLASSES, 0, 1);
    const CLASSIFICATION: usize = F * A + CLASSES * A * B;

    fn begin(&mut self) {
        Trainer::new(nets::SETTINGS, &mut self.memory, SEED);
    }

    fn step(&mut self, image: &[f32; F], label: u8, lr_scale: f32) -> Result<(), Error> {
        let rule = Classic { lr_scale, ..nets::SETTINGS };
        Trainer::resume(&rule, &mut self.memory).step(image, &[label]).map(drop)
    }

    fn classify(&mut self, image: &[f32; F]) -> Result<u8, Error> {
        Trainer::resume(nets::SETTINGS, &mut self.memory).classify(image)
    }
}

/// A head with the settings that it is measured at.
trait Set: Head + Copy + Into<ClassHead> {
    const SETTINGS: OnePass<Self>;
}

impl Set for NWay {
    const SETTINGS: OnePass<Self> = nway::SETTINGS;
}

impl Set for LocalCrossEntropy {
    const SETTINGS: OnePass<Self> = mnist::SETTINGS;
}

/// By the head `H`: `F` features, `A` and `B` units, `U` in all.
struct OnePassed<H, const F: usize, const A: usize, const B: usize, const U: usize> {
    memory: Memory<Network<Dense2<F, A, B>, CLASSES, Readout<U, CLASSES>, FeaturesOnly>, SCRATCH>,
    head: PhantomData<H>,
}

impl<H, const F: usize, const A: usize, const B: usize, const U: usize> OnePassed<H, F, A, B, U> {
    const ZEROED: Self = Self { memory: Memory::ZEROED, head: PhantomData };
}

impl<H: Set, const F: usize, const A: usize, const B: usize, const U: usize> Learns<F> for OnePassed<H, F, A, B, U> {
    const STEP: usize = H::SETTINGS.multiply_adds(Dense2::<F, A, B>::SHAPES, CLASSES, 1);
    const CLASSIFICATION: usize = F * A + A * B + if H::LABEL_PRODUCTS > 0 { CLASSES * (A + B) } else { 0 };

    fn begin(&mut self) {
        Trainer::new(H::SETTINGS, &mut self.memory, SEED);
    }

    fn step(&mut self, image: &[f32; F], label: u8, lr_scale: f32) -> Result<(), Error> {
        let rule = OnePass { lr_scale, ..H::SETTINGS };
        Trainer::resume(&rule, &mut self.memory).step(image, &[label]).map(drop)
    }

    fn classify(&mut self, image: &[f32; F]) -> Result<u8, Error> {
        Trainer::resume(H::SETTINGS, &mut self.memory).classify(image)
    }
}

/// Why the program did not do what it is for.
#[derive(defmt::Format)]
enum Failure {
    /// The processor's devices or the program's memory were taken already.
    Memory,
    /// Learning ended early.
    Ended(Ended<Lost>),
}

impl From<Ended<Lost>> for Failure {
    fn from(ended: Ended<Lost>) -> Self {
        Self::Ended(ended)
    }
}
