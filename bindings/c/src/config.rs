//! What a program in C chooses, as plain numbers, and the sizes that follow from it.

use ff_core::classify::ScoredLayers;
use ff_core::laid::Laid;
use ff_core::layer::Shape;
use ff_core::learner::Frozen;
use ff_core::network::MAX_LAYERS;
use ff_core::optimiser::StepSize;

use crate::rules::Rule;
use crate::status::Status;

/// The most layers that a network has.
pub const FF_MAX_LAYERS: usize = 8;

const _: () = assert!(FF_MAX_LAYERS == MAX_LAYERS, "the header says how deep a network may be");

/// The most floats of a network and of its working memory, so that no size overflows.
const MOST: u64 = 1 << 28;

/// A network and how it learns. `ff_defaults` makes one with the rule's usual settings; then set the sizes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Config {
    /// One of the rules of this header, such as `&FF_N_WAY`.
    pub rule: Option<&'static Rule>,
    /// Features of a sample.
    pub features: u32,
    /// Classes, 2 to 256.
    pub classes: u32,
    /// Layers, 1 to `FF_MAX_LAYERS`.
    pub depth: u32,
    /// Units of each layer.
    pub widths: [u32; FF_MAX_LAYERS],
    /// Of a classic rule: how many of the last layers a readout reads; 0 for no readout.
    pub read_layers: u32,
    /// The most samples of a step.
    pub batch: u32,
    /// Whether there is room for explanations: 1 or 0.
    pub explains: u8,
    /// Of a classic rule: whether wrong labels are drawn by the readout's probabilities: 1 or 0.
    pub hard_negatives: u8,
    /// The layers that keep their weights: bit 0 for the first.
    pub frozen: u8,
    /// What a schedule moves: multiplies all learning rates.
    pub lr_scale: f32,
    /// The layers' learning rate.
    pub learning_rate: f32,
    /// Their weight decay, relative to the rate.
    pub weight_decay: f32,
    /// The learning rate of the readout, or of a one-pass rule's label rows.
    pub readout_rate: f32,
    /// Its weight decay.
    pub readout_decay: f32,
    /// Of a classic rule: the strength of peer normalisation; 0 for none.
    pub peer: f32,
    /// The probability that a unit is silenced, up to 0.99.
    pub dropout: f32,
    /// The first layer that counts when it classifies and explains, from 0.
    pub first_scored_layer: u32,
    /// Of the classic rules but SymBa: the goodness of a unit that divides true from wrong.
    pub threshold: f32,
    /// The rule's temperature, of SymBa its alpha; local cross-entropy has none.
    pub temperature: f32,
    /// Of a one-pass rule: the part of the truth that all labels share, 0 to 0.5.
    pub label_smoothing: f32,
    /// Of a one-pass rule: what errors of wrong labels may be left out of a sample, 0 to 0.5.
    pub skip_error_below: f32,
}

/// The sizes of a network that has passed the checks.
pub struct Sizes {
    shapes: [Shape; FF_MAX_LAYERS],
    depth: usize,
    /// Label inputs of the first layer.
    pub label_slots: usize,
    /// Floats of all that is learned.
    pub network: usize,
    /// Networks that the optimiser remembers.
    pub moments: usize,
    /// Running means of peer normalisation.
    pub means: usize,
    /// Floats of working memory.
    pub scratch: usize,
}

impl Config {
    /// A rule's own settings, and no sizes yet.
    pub const fn new(rule: &'static Rule) -> Self {
        Self {
            rule: Some(rule),
            features: 0,
            classes: 0,
            depth: 0,
            widths: [0; FF_MAX_LAYERS],
            read_layers: 0,
            batch: 1,
            explains: 0,
            hard_negatives: 0,
            frozen: 0,
            lr_scale: 1.0,
            learning_rate: rule.online_rate,
            weight_decay: 0.0,
            readout_rate: if rule.takes_label { 0.0 } else { rule.online_rate },
            readout_decay: 0.0,
            peer: 0.0,
            dropout: 0.0,
            first_scored_layer: 0,
            threshold: rule.usual[0],
            temperature: rule.usual[1],
            label_smoothing: 0.0,
            skip_error_below: ff_core::onepass::SKIP_ERROR_BELOW,
        }
    }

    /// The layers' step size.
    pub const fn layers(&self) -> StepSize {
        StepSize { learning_rate: self.learning_rate, weight_decay: self.weight_decay }
    }

    /// The readout's or the label rows'.
    pub const fn readout(&self) -> StepSize {
        StepSize { learning_rate: self.readout_rate, weight_decay: self.readout_decay }
    }

    /// Threshold and temperature.
    pub const fn constants(&self) -> [f32; 2] {
        [self.threshold, self.temperature]
    }

    /// The layers that count.
    pub const fn scored(&self) -> ScoredLayers {
        ScoredLayers { from: self.first_scored_layer as usize }
    }

    /// The layers that keep their weights.
    pub fn frozen(&self) -> Frozen {
        let kept = (0..MAX_LAYERS).filter(|l| self.frozen >> l & 1 == 1);
        kept.fold(Frozen::NONE, Frozen::with)
    }

    /// What the sizes come to.
    ///
    /// # Errors
    /// [`Status::Pointer`] without a rule, [`Status::Shape`].
    pub fn sizes(&self) -> Result<(&'static Rule, Sizes), Status> {
        let rule = self.rule.ok_or(Status::Pointer)?;
        let depth = self.depth as usize;
        let widths = self.widths.get(..depth).filter(|widths| !widths.is_empty() && !widths.contains(&0));
        let widths = widths.ok_or(Status::Shape)?;
        if self.features == 0 || self.batch == 0 || !(2..=256).contains(&self.classes) || self.read_layers > self.depth
        {
            return Err(Status::Shape);
        }
        self.bounded(widths)?;
        let label_slots = if rule.takes_label { self.classes } else { 0 };
        let mut shapes = [Shape { inputs: 0, outputs: 0 }; FF_MAX_LAYERS];
        let mut inputs = label_slots as usize + self.features as usize;
        for (shape, &width) in shapes.iter_mut().zip(widths) {
            *shape = Shape { inputs, outputs: width as usize };
            inputs = width as usize;
        }
        let read = if rule.takes_label {
            self.read_layers as usize
        } else if rule.has_label_rows {
            depth
        } else {
            0
        };
        let read: usize = widths.iter().rev().take(read).map(|&width| width as usize).sum();
        let mut sizes = Sizes {
            shapes,
            depth,
            label_slots: label_slots as usize,
            network: 0,
            moments: rule.moments,
            means: if self.peer > 0.0 { widths.iter().map(|&width| width as usize).sum() } else { 0 },
            scratch: 0,
        };
        sizes.network = Laid::<()>::floats(sizes.shapes()) + read * self.classes as usize;
        sizes.scratch = rule.scratch(self, sizes.shapes());
        Ok((rule, sizes))
    }

    /// Refuses numbers whose products overflow.
    fn bounded(&self, widths: &[u32]) -> Result<(), Status> {
        let widest = u64::from(widths.iter().copied().max().unwrap_or(0));
        let inputs = u64::from(self.features) + u64::from(self.classes);
        let rows = u64::from(self.batch) + 1;
        let largest =
            [inputs + widest, widest].into_iter().try_fold(0_u64, |most, n| Some(most.max(n.checked_mul(widest)?)));
        let products = [largest, rows.checked_mul(inputs + widest), Some(u64::from(self.features))];
        let fits = products.into_iter().all(|product| product.is_some_and(|product| product <= MOST / 32));
        if fits { Ok(()) } else { Err(Status::Shape) }
    }
}

impl Sizes {
    /// The layers' shapes.
    pub fn shapes(&self) -> &[Shape] {
        self.shapes.get(..self.depth).unwrap_or(&[])
    }

    /// All floats of memory.
    pub const fn floats(&self) -> usize {
        (1 + self.moments) * self.network + self.means + self.scratch
    }
}
