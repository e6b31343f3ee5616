//! Firmware that streams 28x28 images learns what `ff simulate` says it would, bit for bit.

use std::convert::Infallible;

use ff_core::kernel::Portable;
use ff_core::random::Rng;
use ff_core::stream::jitter::Jitter;
use ff_embedded::mnist::{App, CLASSES, Image, Memory, PIXELS, Stream};
use ff_host::data::Samples;
use ff_host::rule::RuleKind;
use ff_host::simulate::{Device, Settings};

const TRAINING: usize = 300;
const PASSES: usize = 2;

/// Blots at a place for each label, among noise: something to learn, and any byte as a pixel.
fn images(count: usize, seed: u64) -> Samples {
    let mut rng = Rng::new(seed);
    let labels: Vec<u8> = (0..count).map(|_| rng.below(CLASSES as u32) as u8).collect();
    let mut pixels = Vec::new();
    for &label in &labels {
        pixels.extend((0..PIXELS).map(|at| {
            let blot = at % 28 / 3 == usize::from(label);
            let ink = rng.next_u32() as u8;
            if blot || ink > 200 { ink } else { 0 }
        }));
    }
    Samples::grey(28, 28, u8::MAX, pixels, labels)
}

/// The stream that the host's file is to a device.
struct InMemory<'a>([&'a Samples; 2]);

impl Stream for InMemory<'_> {
    type Error = Infallible;

    fn training(&self) -> u16 {
        self.0[0].len() as u16
    }

    fn held_out(&self) -> u16 {
        self.0[1].len() as u16
    }

    fn read(&mut self, number: usize, into: &mut Image) -> Result<(), Infallible> {
        let [training, held_out] = self.0;
        let (from, number) =
            if number < training.len() { (training, number) } else { (held_out, number - training.len()) };
        let (sample, label) = from.get(number).expect("a number below the counts");
        into.pixels.copy_from_slice(sample.bytes());
        into.label = label;
        Ok(())
    }
}

#[test]
fn the_stream_and_the_simulation_end_at_the_same_weights() {
    let (training, held_out) = (images(TRAINING, 1), images(100, 2));
    let settings = Settings {
        rule: RuleKind::LocalCrossEntropy,
        layers: vec![60, 32],
        pool: 2,
        learning_rate: 0.01,
        passes: PASSES,
        jitter: Jitter::NONE,
    };
    let mut simulated = Device::new(&settings, &training, CLASSES, 1, Portable).unwrap();
    simulated.learn(&training).unwrap();

    let mut memory = Box::new(Memory::ZEROED);
    let mut app = App::start(&mut memory, Portable);
    let mut stream = InMemory([&training, &held_out]);
    (0..PASSES).for_each(|pass| app.pass(&mut stream, pass, PASSES).unwrap());

    assert_eq!(app.checksum(), simulated.checksum());
    let right = app.recognised(&mut stream).unwrap();
    assert_eq!(right, simulated.recognised(&held_out).unwrap());
    assert!(right > 50, "{right} of 100: nothing was learned");
}
