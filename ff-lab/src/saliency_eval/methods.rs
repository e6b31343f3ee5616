//! What is compared: ff-core's methods, comparators by automatic differentiation, and baselines
//! that know nothing of the network.

use clap::ValueEnum;
use ff_core::saliency::Against;

/// A way to rank pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// ff-core's expected delta, the default.
    Expected,
    /// ff-core's goodness-delta.
    Delta,
    /// The same from black, where that is not the network's usual baseline.
    BlackDelta,
    /// Expected delta, averaged over noisy images.
    SmoothExpected,
    /// Quadratic share.
    Quadratic,
    /// The first layer's integrated gradients.
    FirstLayer,
    /// Occlusion of single pixels.
    Occlusion,
    /// Shapley walks over cells.
    Shapley,
    /// RISE.
    Rise,
    /// The gradient of the score.
    Gradient,
    /// The gradient times the pixel.
    GradientInput,
    /// Integrated gradients in fifty steps from black.
    Integrated,
    /// The same from expected delta's baseline, where that is not black.
    IntegratedFaint,
    /// The same along the path on which the input's length stays the image's: a network that
    /// normalises its input sees all points of the straight path to black alike.
    IntegratedHeld,
    /// The gradient, averaged over fifty noisy images.
    SmoothGrad,
    /// Layer-wise relevance propagation with its epsilon rule.
    Lrp,
    /// The pixel's own value.
    Intensity,
    /// The length of the Sobel filter's answer.
    Sobel,
    /// Any order, ink first.
    InkRandom,
    /// Any order.
    Random,
    /// All the same: ties alone.
    Constant,
}

impl Kind {
    /// ff-core's methods, the default first.
    pub const SHIPPED: [Self; 9] = [
        Self::Expected,
        Self::SmoothExpected,
        Self::Delta,
        Self::BlackDelta,
        Self::Quadratic,
        Self::FirstLayer,
        Self::Occlusion,
        Self::Shapley,
        Self::Rise,
    ];

    /// Comparators by automatic differentiation.
    pub const COMPARATORS: [Self; 7] = [
        Self::Integrated,
        Self::IntegratedFaint,
        Self::IntegratedHeld,
        Self::Lrp,
        Self::GradientInput,
        Self::SmoothGrad,
        Self::Gradient,
    ];

    /// Baselines that know nothing of the network.
    pub const BASELINES: [Self; 5] = [Self::Intensity, Self::Sobel, Self::InkRandom, Self::Random, Self::Constant];

    /// What it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Expected => "expected delta",
            Self::Delta => "goodness-delta",
            Self::BlackDelta => "goodness-delta from black",
            Self::SmoothExpected => "expected delta, smoothed",
            Self::Quadratic => "quadratic share",
            Self::FirstLayer => "first-layer IG",
            Self::Occlusion => "occlusion",
            Self::Shapley => "cell Shapley",
            Self::Rise => "RISE",
            Self::Gradient => "gradient",
            Self::GradientInput => "gradient x input",
            Self::Integrated => "IG-50",
            Self::IntegratedFaint => "IG-50 from the faint image",
            Self::IntegratedHeld => "IG-50 at one length",
            Self::SmoothGrad => "SmoothGrad",
            Self::Lrp => "LRP-epsilon",
            Self::Intensity => "intensity",
            Self::Sobel => "sobel",
            Self::InkRandom => "ink-random",
            Self::Random => "random",
            Self::Constant => "constant",
        }
    }
}

/// What a label's score is compared with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Aim {
    /// The mean of the other labels
    #[default]
    Mean,
    /// Nothing: the label alone
    Alone,
    /// The runner-up
    RunnerUp,
}

impl Aim {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Mean, Self::Alone, Self::RunnerUp];

    /// For the likeliest label and the second.
    #[must_use]
    pub const fn against(self, labels: [u8; 2]) -> Against {
        match self {
            Self::Mean => Against::MeanOfOthers,
            Self::Alone => Against::Nothing,
            Self::RunnerUp => Against::Label(labels[1]),
        }
    }

    /// Every class's weight in the margin.
    #[must_use]
    pub fn weights(self, labels: [u8; 2], classes: usize) -> Vec<f32> {
        let rest = if self == Self::Mean { -1.0 / (classes as f32 - 1.0) } else { 0.0 };
        let mut weights = vec![rest; classes];
        if self == Self::RunnerUp {
            weights[usize::from(labels[1])] = -1.0;
        }
        weights[usize::from(labels[0])] = 1.0;
        weights
    }

    /// How many labels are in the margin.
    #[must_use]
    pub const fn labels(self, classes: usize) -> usize {
        match self {
            Self::Mean => classes,
            Self::Alone => 1,
            Self::RunnerUp => 2,
        }
    }

    /// What it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mean => "mean of others",
            Self::Alone => "label alone",
            Self::RunnerUp => "runner-up",
        }
    }
}

/// A line of the table: a way to rank pixels and, where it asks the network, about what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Method {
    /// The way.
    pub kind: Kind,
    /// The target.
    pub aim: Option<Aim>,
}

impl Method {
    /// What it is called.
    #[must_use]
    pub fn name(self) -> String {
        self.aim.map_or_else(|| self.kind.name().to_owned(), |aim| format!("{}, {}", self.kind.name(), aim.name()))
    }
}

/// All of these kinds with all of these aims, and the baselines.
#[must_use]
pub fn table(kinds: &[Kind], aims: &[Aim]) -> Vec<Method> {
    let asking = kinds.iter().flat_map(|&kind| aims.iter().map(move |&aim| Method { kind, aim: Some(aim) }));
    asking.chain(Kind::BASELINES.map(|kind| Method { kind, aim: None })).collect()
}
