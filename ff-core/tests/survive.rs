//! Learning through power cuts: whatever is cut, the end is the uninterrupted run's, bit for bit.

mod common;

use common::flash::{CUTS, Flash};
use common::saving::exported;
use common::state::Case;
use ff_core::classic::Classic;
use ff_core::kernel::Portable;
use ff_core::learner::Learner;
use ff_core::network::{Dense2, Network, Readout};
use ff_core::optimiser::Momentum;
use ff_core::random::Rng;
use ff_core::snapshot::Meta;
use ff_core::store::{Error, Store};
use ff_core::stream::replay::Balanced;

type Net = Network<Dense2<14, 9, 7>, 4, Readout<7, 4>>;
type Device = Flash<8, 512>;

const SETTINGS: Classic<ff_core::goodness::Logistic, Momentum> = Classic { lr_scale: 5.0, ..Classic::PUBLISHED };
const SLOTS: [core::ops::Range<u32>; 2] = [0..4096, 4096..8192];
const CASE: Case<'static> = Case { classes: 4, features: 10, units: &[9, 7], read: 1 };
const STEPS: u64 = 60;
const STEPS_A_SAVE: u64 = 4;

/// What a device keeps in RAM, and loses with the power.
struct Ram {
    net: Net,
    velocity: Net,
    means: [f32; 16],
    replay: Balanced<10, 12, 4>,
    rng: Rng,
    steps: u64,
}

impl Ram {
    fn blank() -> Self {
        let (net, velocity) = (Net::ZEROED, Net::ZEROED);
        Self { net, velocity, means: [0.0; 16], replay: Balanced::ZEROED, rng: Rng::new(5), steps: 0 }
    }

    /// One new sample, offered to the memory, and three old ones: drawn, so that the generator's
    /// place matters for everything after.
    fn step(&mut self) {
        let new = CASE.samples(1, 1000 + self.steps);
        let bytes: [u8; 10] = core::array::from_fn(|i| (255.0 * new.images[i]) as u8);
        self.replay.offer(&bytes, new.labels[0], &mut self.rng).unwrap();
        let (mut images, mut labels) = ([0.0; 30], [0; 3]);
        self.replay.kept().fill(&mut self.rng, &mut images, &mut labels, |byte| f32::from(byte) / 255.0).unwrap();
        let mut learner = Learner {
            network: &mut self.net,
            state: &mut self.velocity,
            means: &mut self.means,
            scratch: &mut vec![f32::NAN; SETTINGS.scratch_floats(Net::SHAPES, 4, 3)],
            rng: &mut self.rng,
            kernel: &mut Portable,
        };
        let batch = ff_core::sample::Batch { samples: &images, labels: &labels };
        SETTINGS.step(&mut learner, batch).unwrap();
        self.steps += 1;
    }

    fn meta(&self) -> Meta {
        Meta { steps: self.steps, samples: self.steps, rng: self.rng.state(), ..Meta::START }
    }

    /// Everything, as bytes.
    fn bytes(&self) -> Vec<u8> {
        exported(self.meta(), &[&self.net, &self.velocity, &self.means, &self.replay], 64)
    }
}

/// From power-on until the work is done or the power goes; the flash and what is in RAM then.
fn live(flash: Device) -> (Device, Ram) {
    let (mut ram, mut buffer) = (Ram::blank(), [0; 64]);
    let mut store = Store::open(flash, SLOTS, &mut buffer).unwrap();
    let state: &mut [&mut dyn ff_core::snapshot::Saved] =
        &mut [&mut ram.net, &mut ram.velocity, &mut ram.means, &mut ram.replay];
    match store.load(state, &mut buffer) {
        Ok(meta) => (ram.rng, ram.steps) = (Rng::from_state(meta.rng), meta.steps),
        Err(Error::Empty) => ram.net.randomise(&mut ram.rng),
        Err(error) => panic!("{error}"),
    }
    while ram.steps < STEPS {
        ram.step();
        if ram.steps.is_multiple_of(STEPS_A_SAVE) {
            let saved = store.save(ram.meta(), &[&ram.net, &ram.velocity, &ram.means, &ram.replay], &mut buffer);
            match saved {
                Ok(()) => (),
                Err(Error::Storage(_)) => break,
                Err(error) => panic!("{error}"),
            }
        }
    }
    (store.release(), ram)
}

#[test]
fn cut_at_random_and_done_all_the_same() {
    let (flash, uninterrupted) = live(Device::new(16, 1));
    let operations = flash.operations as u32;
    let uninterrupted = uninterrupted.bytes();
    let (mut rng, mut cuts) = (Rng::new(2), 0);
    for run in 0..60 {
        let mut flash = Device::new(16, run);
        let before = cuts;
        let ram = loop {
            assert!(cuts < before + 1000, "no progress");
            let after = rng.below(operations / 3) as usize;
            let (left, ram) = live(flash.cut_after(after, CUTS[rng.below(5) as usize]));
            cuts += u32::from(!left.is_on());
            if ram.steps == STEPS && left.is_on() {
                break ram;
            }
            flash = left.restart();
        };
        assert!(ram.bytes() == uninterrupted, "run {run} ended elsewhere");
    }
    assert!(cuts > 150, "only {cuts} cuts");
}
