//! Infidelity on squares: does a map foretell what blacking a square out does to the margin?
//!
//! For squares q of black, `a_q` is what the map says that is lost, the sum of its values there, and
//! `d_q` the loss of the margin itself. Infidelity ([arXiv 1901.09392](https://arxiv.org/abs/1901.09392))
//! is `sum (c a_q - d_q)^2 / sum d_q^2`. A map's scale is a convention, so c >= 0 is taken where it is
//! least, which leaves `1 - cos^2` of the angle between a and d: 0 for a map that foretells all losses
//! but for their scale, 1 for one that foretells nothing, or the opposite.

use super::{Case, Subject};

/// What blacking squares of an image out does to every class's score.
pub struct Squares {
    /// The features of each square that has ink.
    features: Vec<Vec<usize>>,
    /// What each class's score loses by each of them: squares x classes.
    losses: Vec<Vec<f64>>,
}

impl Squares {
    /// Squares of two sizes, a seventh and a quarter of the picture's width, each at half its side
    /// from the next.
    ///
    /// # Errors
    /// An image that does not fit the network.
    pub fn new(subject: &mut dyn Subject, case: &Case<'_>) -> anyhow::Result<Self> {
        let (image, width) = (case.image, case.width);
        let height = image.len() / width;
        let sides = [(width / 7).max(2), (width / 4).max(3)];
        let all = sides.into_iter().flat_map(|side| squares(width, height, side));
        let features: Vec<Vec<usize>> = all.filter(|square| square.iter().any(|&i| image[i] != 0.0)).collect();
        let mut rows = image.to_vec();
        for square in &features {
            let mut changed = image.to_vec();
            square.iter().for_each(|&i| changed[i] = 0.0);
            rows.extend(changed);
        }
        let scores = subject.scores(&rows)?;
        let (whole, changed) = scores.split_at(scores.len() / (features.len() + 1));
        let loss = |row: &[f32]| whole.iter().zip(row).map(|(a, b)| f64::from(*a) - f64::from(*b)).collect();
        Ok(Self { features, losses: changed.chunks_exact(whole.len()).map(loss).collect() })
    }

    /// `1 - cos^2` for a map of the margin in which the classes' scores have these weights; 1 for a map
    /// or a margin that does not change.
    #[must_use]
    pub fn infidelity(&self, map: &[f32], weights: &[f32]) -> f64 {
        let (mut product, mut told, mut true_) = (0.0, 0.0, 0.0);
        for (square, losses) in self.features.iter().zip(&self.losses) {
            let a: f64 = square.iter().map(|&i| f64::from(map[i])).sum();
            let d: f64 = losses.iter().zip(weights).map(|(loss, w)| loss * f64::from(*w)).sum();
            product += a * d;
            told += a * a;
            true_ += d * d;
        }
        if product > 0.0 { 1.0 - product * product / (told * true_) } else { 1.0 }
    }
}

/// The features of every square of this side, at half of it from the next.
fn squares(width: usize, height: usize, side: usize) -> Vec<Vec<usize>> {
    let starts = |length: usize| (0..(length + 1).saturating_sub(side)).step_by((side / 2).max(1));
    let square = |x: usize, y: usize| (0..side * side).map(|k| (y + k / side) * width + x + k % side).collect();
    starts(height).flat_map(|y| starts(width).map(move |x| (x, y))).map(|(x, y)| square(x, y)).collect()
}

#[cfg(test)]
mod tests {
    use super::{Squares, squares};

    #[test]
    fn squares_lie_inside_the_picture() {
        let all = squares(8, 6, 3);
        assert_eq!((all.len(), all[0].as_slice()), (6 * 4, [0, 1, 2, 8, 9, 10, 16, 17, 18].as_slice()));
        assert_eq!(all.last().unwrap().last(), Some(&47));
        assert!(squares(2, 2, 3).is_empty());
    }

    #[test]
    fn scale_does_not_count_and_direction_does() {
        let asked =
            Squares { features: vec![vec![0], vec![1], vec![0, 1]], losses: vec![vec![1.0], vec![2.0], vec![3.0]] };
        assert!(asked.infidelity(&[10.0, 20.0], &[1.0]).abs() < 1e-12);
        assert_eq!(asked.infidelity(&[-1.0, -2.0], &[1.0]), 1.0);
        assert_eq!(asked.infidelity(&[0.0, 0.0], &[1.0]), 1.0);
        // a = 1, 0, 1 and d = 1, 2, 3: cos^2 = 16 / (2 * 14).
        assert!((asked.infidelity(&[1.0, 0.0], &[1.0]) - (1.0 - 16.0 / 28.0)).abs() < 1e-12);
    }
}
