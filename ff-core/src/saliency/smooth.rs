//! A wrapper that averages maps over noisy samples, and says how uncertain the average is.

use super::pass::features;
use super::{Explained, Question, Saliency};
use crate::error::{self, Error};
use crate::kernel::Kernel;
use crate::layer::Shape;
use crate::network::Parameters;
use crate::pieces;
use crate::random::Rng;

/// Another method's map, averaged over samples with normal noise on every feature.
///
/// What is [`Explained`] beside the map are means over the draws too, so a complete method stays
/// complete. All features get noise, so nothing is skipped as blank.
///
/// Cost: `draws` times the method's. Floats: the method's and `3 F`.
///
/// Use when a map looks speckled, or needs error bars. Avoid on a device that is short of time. Source:
/// [arXiv 1706.03825](https://arxiv.org/abs/1706.03825).
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Smooth<M> {
    /// Makes each map.
    pub method: M,
    /// How many maps are averaged, at least 1.
    pub draws: u32,
    /// The noise's standard deviation, in units of a feature; 0 or more.
    pub sigma: f32,
    /// Draws the noise.
    pub seed: u64,
}

impl<M: Saliency> Smooth<M> {
    /// As [`Saliency::map`], and fills `variance` with each feature's variance over the draws
    /// (over `draws - 1`; zeros for a single draw).
    ///
    /// # Errors
    /// As [`Saliency::map`].
    pub fn map_with_variance<P: Parameters, K: Kernel>(
        &self,
        question: &Question<'_, P>,
        scratch: &mut [f32],
        kernel: &mut K,
        map: &mut [f32],
        variance: &mut [f32],
    ) -> Result<Explained, Error> {
        self.check()?;
        let features = question.sample.len();
        error::exactly("map", features, map.len())?;
        error::exactly("variance", features, variance.len())?;
        error::at_least("scratch", 2 * features, scratch.len())?;
        let (noisy, rest) = pieces::split_mut(scratch, features);
        let (draw, rest) = pieces::split_mut(rest, features);
        let mut rng = Rng::new(self.seed);
        let mut mean = Explained::default();
        map.fill(0.0);
        variance.fill(0.0);
        for count in 1..=self.draws {
            noisy.iter_mut().zip(question.sample).for_each(|(noisy, x)| *noisy = x + self.sigma * rng.normal());
            let explained = self.method.map(&Question { sample: noisy, ..*question }, rest, kernel, draw)?;
            let per_count = 1.0 / count as f32;
            mean.approach(explained, per_count);
            for ((mean, squares), value) in map.iter_mut().zip(variance.iter_mut()).zip(&*draw) {
                let deviation = value - *mean;
                *mean += deviation * per_count;
                *squares += deviation * (value - *mean);
            }
        }
        let others = if self.draws > 1 { (self.draws - 1) as f32 } else { 1.0 };
        variance.iter_mut().for_each(|squares| *squares /= others);
        error::finite("variance", variance)?;
        mean.checked(map)
    }

    fn check(&self) -> Result<(), Error> {
        if self.draws == 0 {
            return Err(Error::Setting { name: "draws" });
        }
        error::within("sigma", self.sigma, 0.0, f32::MAX)
    }
}

impl<M: Saliency> Saliency for Smooth<M> {
    fn floats(&self, shapes: &[Shape], classes: usize, rows: usize) -> usize {
        self.method.floats(shapes, classes, rows) + 3 * features(shapes)
    }

    fn map<P: Parameters, K: Kernel>(
        &self,
        question: &Question<'_, P>,
        scratch: &mut [f32],
        kernel: &mut K,
        map: &mut [f32],
    ) -> Result<Explained, Error> {
        error::at_least("scratch", question.sample.len(), scratch.len())?;
        let (variance, rest) = pieces::split_mut(scratch, question.sample.len());
        self.map_with_variance(question, rest, kernel, map, variance)
    }
}

impl Explained {
    /// Moves each value towards another's by a share of the distance: a running mean.
    fn approach(&mut self, other: Self, share: f32) {
        self.score += (other.score - self.score) * share;
        self.baseline_score += (other.baseline_score - self.baseline_score) * share;
        self.label_share += (other.label_share - self.label_share) * share;
        self.bias_share += (other.bias_share - self.bias_share) * share;
    }
}
