//! What the page asks of its network.

use ff_core::activity;
use ff_core::checksum;
use ff_core::error::Error;
use ff_core::kernel::Kernel;
use ff_core::label::{self, SLOT};
use ff_core::learner::Learner;
use ff_core::network::{MAX_LAYERS, Parameters};
use ff_core::optimiser::Stateless;
use ff_core::random::Rng;
use ff_core::saliency::{Against, ExpectedDelta, Explained, Question, Saliency, Target, usual_baseline};
use ff_core::sample::Batch;

use crate::network::Network;
use crate::rule::Settings;
use crate::vector::Chosen;

/// Features of a sample at most.
pub const FEATURES: usize = 1 << 14;

/// Classes at most.
pub const CLASSES: usize = 256;

/// Units of all layers at most.
pub const UNITS: usize = 1 << 14;

/// Floats that answers, maps and steps work in.
const SCRATCH: usize = 1 << 18;

/// The network with all that working on it takes. All zeros, so that the module's file holds nothing of it.
pub struct Page {
    /// The network.
    pub network: Network,
    /// What answers, maps and steps work in.
    scratch: [f32; SCRATCH],
    /// The state of the generator of wrong labels.
    rng: [u32; 4],
    /// The sample that is asked about.
    pub sample: [f32; FEATURES],
    /// What stands for nothing seen, beside the sample.
    baseline: [f32; FEATURES],
    /// Every class's score.
    pub scores: [f32; CLASSES],
    /// The same of each layer alone.
    pub layer_scores: [[f32; CLASSES]; MAX_LAYERS],
    /// What each feature has of the score that is explained.
    pub map: [f32; FEATURES],
    /// Every unit's activity under the label that is asked about, layer by layer.
    pub activities: [f32; UNITS],
    /// Goodness of the last step's positive and negative rows, layer by layer.
    pub report: [[f32; 2]; MAX_LAYERS],
}

impl Page {
    /// Before a model is there.
    #[expect(clippy::large_stack_arrays, reason = "a static is made of it, and nothing else")]
    pub const EMPTY: Self = Self {
        network: Network::EMPTY,
        scratch: [0.0; SCRATCH],
        rng: [0; 4],
        sample: [0.0; FEATURES],
        baseline: [0.0; FEATURES],
        scores: [0.0; CLASSES],
        layer_scores: [[0.0; CLASSES]; MAX_LAYERS],
        map: [0.0; FEATURES],
        activities: [0.0; UNITS],
        report: [[0.0; 2]; MAX_LAYERS],
    };

    /// Takes the shape of a model; its values come next. See [`Network::reshape`].
    ///
    /// # Errors
    /// As there, and for more features, classes or units than the page has room for: it then has no layer.
    pub fn reshape(&mut self, classes: usize, slots: usize, widths: &[usize], readout: usize) -> Result<(), Error> {
        let (features, units) = widths.split_first().map_or((0, 0), |(f, layers)| (*f, layers.iter().sum::<usize>()));
        let room = [("features", FEATURES, features), ("classes", CLASSES, classes), ("units", UNITS, units)];
        if let Some(&(what, expected, found)) = room.iter().find(|(_, most, wanted)| wanted > most) {
            return Err(Error::Length { what, expected, found });
        }
        self.network.reshape(classes, slots, widths, readout)
    }

    /// Random weights from a seed, and nothing learned.
    ///
    /// # Errors
    /// As [`Network::laid`].
    pub fn forget(&mut self, rule: &Settings, seed: u64) -> Result<(), Error> {
        let mut rng = Rng::new(seed);
        rule.randomise(&mut self.network.laid()?, &mut rng);
        self.rng = rng.state();
        Ok(())
    }

    /// Fills `scores` and `layer_scores` for the sample.
    ///
    /// # Errors
    /// What the core refuses.
    pub fn answer(&mut self, rule: &Settings, mut kernel: Chosen) -> Result<(), Error> {
        let (features, classes, depth) = (self.network.features(), self.network.classes(), self.network.shapes().len());
        let (network, scratch) = (&self.network.laid()?, &mut self.scratch);
        let sample = &self.sample[..features];
        let scores = &mut self.scores[..classes];
        rule.scores(rule.scored_from, network, sample, scratch, &mut kernel, scores)?;
        for (l, own) in self.layer_scores.iter_mut().take(depth).enumerate() {
            rule.scores(l, network, sample, scratch, &mut kernel, &mut own[..classes])?;
        }
        // The sums from a layer on become that layer's own.
        for l in 1..depth {
            if let [below, above] = &mut self.layer_scores[l - 1..=l] {
                below.iter_mut().zip(above).for_each(|(own, rest)| *own -= *rest);
            }
        }
        Ok(())
    }

    /// Fills `map`: what each feature has of the label's score against others, in one layer or in all that count.
    ///
    /// # Errors
    /// What the core refuses.
    pub fn explain(
        &mut self,
        rule: &Settings,
        target: Target,
        layer: Option<usize>,
        mut kernel: Chosen,
    ) -> Result<Explained, Error> {
        let features = self.network.features();
        let (network, scratch) = (&self.network.laid()?, &mut self.scratch);
        let sample = &self.sample[..features];
        let baseline = usual_baseline(network, sample, &mut self.baseline[..features])?;
        let question = Question { network, sample, baseline, score: rule.explained(layer), target };
        let map = &mut self.map[..features];
        let told = ExpectedDelta.map(&question, scratch, &mut kernel, map)?;
        map.iter_mut().for_each(|share| *share *= rule.sign());
        Ok(told)
    }

    /// Fills `activities`: what every unit does while the sample goes up under a label.
    ///
    /// # Errors
    /// [`Error::Label`] for a label that the network does not have.
    pub fn activate(&mut self, label: u8, mut kernel: Chosen) -> Result<(), Error> {
        let features = self.network.features();
        let (network, scratch) = (self.network.laid()?, &mut self.scratch);
        let (slots, sample) = (network.label_slots(), &self.sample[..features]);
        Batch { samples: sample, labels: &[label] }.check(sample.len(), network.classes())?;
        let (layers, _) = network.views();
        let (input, _) = scratch.split_at_mut(slots + sample.len());
        let (label_inputs, features) = input.split_at_mut(slots);
        label_inputs.fill(0.0);
        label_inputs.iter_mut().skip(usize::from(label)).take(1).for_each(|slot| *slot = SLOT);
        features.copy_from_slice(sample);
        let label_squares = if slots > 0 { SLOT * SLOT } else { 0.0 };
        activity::scale(input, label::inverse_norm(sample, slots, label_squares));
        let (mut below, mut rest) = (&*input, &mut self.activities[..]);
        let mut squares = None;
        for layer in &layers {
            let (row, above) = rest.split_at_mut(layer.shape.outputs);
            kernel.product(layer.shape, below, layer.weights, row);
            // The layer below was kept as it fired: its length is what the next layer does not see.
            if let Some(squares) = squares {
                activity::scale(row, activity::inverse_rms(squares, layer.shape.inputs));
            }
            squares = Some(activity::fire(row, layer.biases, None, 0));
            (below, rest) = (row, above);
        }
        Ok(())
    }

    /// One step on the sample with this label; fills `report`.
    ///
    /// # Errors
    /// What the core refuses.
    pub fn step(&mut self, rule: &Settings, label: u8, rate: f32, mut kernel: Chosen) -> Result<(), Error> {
        let features = self.network.features();
        let batch = Batch { samples: &self.sample[..features], labels: &[label] };
        let mut rng = Rng::from_state(self.rng);
        let mut learner = Learner {
            network: &mut self.network.laid()?,
            state: &mut Stateless,
            means: &mut [],
            scratch: &mut self.scratch,
            rng: &mut rng,
            kernel: &mut kernel,
        };
        let report = rule.step(rate, &mut learner, batch)?;
        self.rng = rng.state();
        for (own, layer) in self.report.iter_mut().zip(&report.layers) {
            *own = [layer.positive, layer.negative];
        }
        Ok(())
    }

    /// One class more, for the network to learn.
    ///
    /// # Errors
    /// As [`Network::add_class`].
    pub fn add_class(&mut self, like: u8) -> Result<(), Error> {
        self.network.add_class(like)
    }

    /// A checksum of everything that is learned.
    ///
    /// # Errors
    /// As [`Network::laid`].
    pub fn checksum(&mut self) -> Result<u32, Error> {
        self.network.laid().map(|network| checksum::parameters(&network))
    }
}

/// Against what a label is explained: the number of another label, or none for the mean of all others.
#[must_use]
pub fn target(label: u8, against: Option<u8>) -> Target {
    Target { label, against: against.map_or(Against::MeanOfOthers, Against::Label) }
}
