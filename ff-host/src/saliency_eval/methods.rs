//! What is compared: ff-core's maps, and baselines that know nothing of the network.

use ff_core::error::Error;
use ff_core::random::Rng;
use ff_core::saliency::{
    Against, ClassHead, GoodnessDelta, IntegratedFirstLayer, Occlusion, QuadraticShare, Question, Saliency, Score,
    Target,
};

use crate::kernel::HostKernel;
use crate::network::HostNetwork;
use crate::recipe::Recipe;
use crate::rule::Rule;

/// A way to rank the pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Goodness-delta of the predicted label alone.
    DeltaLabel,
    /// Goodness-delta against the runner-up.
    DeltaRunnerUp,
    /// Goodness-delta against the mean of the others.
    DeltaMean,
    /// Occlusion of single pixels, against the mean of the others.
    Occlusion,
    /// Quadratic share, against the mean of the others.
    Quadratic,
    /// The first layer's integrated gradients, against the mean of the others.
    FirstLayer,
    /// Any order.
    Random,
    /// Any order, ink first.
    InkRandom,
    /// The pixel's own value.
    Intensity,
    /// The length of the Sobel filter's answer.
    Sobel,
    /// All the same: ties alone.
    Constant,
}

/// All, in the table's order. The first is the one that the others are tested against.
pub const METHODS: [(Method, &str); 11] = [
    (Method::DeltaMean, "goodness-delta, mean of others"),
    (Method::DeltaLabel, "goodness-delta, label alone"),
    (Method::DeltaRunnerUp, "goodness-delta, runner-up"),
    (Method::Occlusion, "occlusion, mean of others"),
    (Method::Quadratic, "quadratic share, mean of others"),
    (Method::FirstLayer, "first-layer IG, mean of others"),
    (Method::InkRandom, "ink-random"),
    (Method::Intensity, "intensity"),
    (Method::Sobel, "sobel"),
    (Method::Random, "random"),
    (Method::Constant, "constant"),
];

/// The head of a one-pass rule; none for others.
#[must_use]
pub fn class_head(recipe: &Recipe) -> Option<ClassHead> {
    use ff_core::onepass::{LabelGroups, LocalCrossEntropy, NWay};
    let temperature = recipe.temperature;
    match recipe.rule {
        Rule::NWay => Some(ClassHead::NWay(NWay { temperature })),
        Rule::Groups => Some(ClassHead::Groups(LabelGroups { temperature })),
        Rule::LocalCrossEntropy => Some(ClassHead::LocalCrossEntropy(LocalCrossEntropy)),
        _ => None,
    }
}

/// What is explained of a network that this recipe trained: the score that it answers by.
#[must_use]
pub fn score(recipe: &Recipe) -> Score {
    let scored = recipe.scored();
    match class_head(recipe) {
        Some(head) => Score::OnePass { head, scored },
        None if recipe.rule == Rule::Unsupervised => Score::Logits,
        None => Score::Goodness(scored),
    }
}

/// An image, how the network ranks its labels, and who is asked.
pub struct Case<'a> {
    /// What was learned.
    pub network: &'a HostNetwork,
    /// How.
    pub recipe: &'a Recipe,
    /// The features.
    pub image: &'a [f32],
    /// Features in a row of the picture.
    pub width: usize,
    /// The likeliest label and the second.
    pub labels: [u8; 2],
    /// Draws what is random.
    pub seed: u64,
}

impl Case<'_> {
    /// The method's map; none where the network's score has none.
    ///
    /// # Errors
    /// What ff-core refuses.
    pub fn map(&self, method: Method, kernel: &mut HostKernel) -> Result<Option<Vec<f32>>, Error> {
        let mut rng = Rng::new(self.seed);
        let mean = Against::MeanOfOthers;
        Ok(Some(match method {
            Method::DeltaLabel => self.ask(&GoodnessDelta, Against::Nothing, kernel)?,
            Method::DeltaRunnerUp => self.ask(&GoodnessDelta, Against::Label(self.labels[1]), kernel)?,
            Method::DeltaMean => self.ask(&GoodnessDelta, mean, kernel)?,
            Method::Occlusion => self.ask(&Occlusion::ERASE, mean, kernel)?,
            Method::Quadratic => self.ask(&QuadraticShare, mean, kernel)?,
            Method::FirstLayer if score(self.recipe) == Score::Logits => return Ok(None),
            Method::FirstLayer => self.ask(&IntegratedFirstLayer, mean, kernel)?,
            Method::Random => self.image.iter().map(|_| rng.unit()).collect(),
            Method::InkRandom => self.image.iter().map(|&x| rng.unit() + if x == 0.0 { 0.0 } else { 1.0 }).collect(),
            Method::Intensity => self.image.to_vec(),
            Method::Sobel => self.sobel(),
            Method::Constant => vec![0.0; self.image.len()],
        }))
    }

    fn ask<M: Saliency>(&self, method: &M, against: Against, kernel: &mut HostKernel) -> Result<Vec<f32>, Error> {
        let target = Target { label: self.labels[0], against };
        let score = score(self.recipe);
        let question = Question { network: self.network, image: self.image, baseline: &[], score, target };
        let rows = self.network.classes.max(32);
        let mut scratch = vec![0.0; method.floats(&self.network.shapes(), self.network.classes, rows)];
        let mut map = vec![0.0; self.image.len()];
        method.map(&question, &mut scratch, kernel, &mut map)?;
        // Where a quiet layer means yes, what lowers goodness speaks for the label.
        map.iter_mut().for_each(|value| *value *= self.recipe.rule.sign());
        Ok(map)
    }

    fn sobel(&self) -> Vec<f32> {
        let (width, height) = (self.width as isize, (self.image.len() / self.width) as isize);
        let at = |x: isize, y: isize| {
            let inside = (0..width).contains(&x) && (0..height).contains(&y);
            if inside { self.image[(y * width + x) as usize] } else { 0.0 }
        };
        let edge = |i: isize| {
            let (x, y) = (i % width, i / width);
            let across = |dy: isize| at(x + 1, y + dy) - at(x - 1, y + dy);
            let down = |dx: isize| at(x + dx, y + 1) - at(x + dx, y - 1);
            let dx = across(-1) + 2.0 * across(0) + across(1);
            (down(-1) + 2.0 * down(0) + down(1)).hypot(dx)
        };
        (0..self.image.len() as isize).map(edge).collect()
    }
}
