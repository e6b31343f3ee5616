//! Several measurements of one thing.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The mean of some values and how they scatter.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// Their mean.
    pub mean: f64,
    /// Their sample standard deviation, `sqrt(sum (x - mean)^2 / (n - 1))`; null for a single value.
    pub deviation: Option<f64>,
}

impl Spread {
    /// Of these values; none where there are none.
    #[must_use]
    pub fn from_values(values: &[f64]) -> Option<Self> {
        if values.is_empty() {
            return None;
        }
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let deviation = (values.len() > 1).then(|| (squares / (values.len() - 1) as f64).sqrt());
        Some(Self { mean, deviation })
    }
}

impl fmt::Display for Spread {
    /// `1.51 ± 0.04`, to as many digits as the precision says.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = f.precision().unwrap_or(2);
        write!(f, "{:.digits$}", self.mean)?;
        self.deviation.map_or(Ok(()), |deviation| write!(f, " ± {deviation:.digits$}"))
    }
}

#[cfg(test)]
mod tests {
    use super::Spread;

    #[test]
    fn mean_and_deviation() {
        let spread = Spread::from_values(&[1.0, 2.0, 3.0]).unwrap();
        assert_eq!((spread.mean, spread.deviation), (2.0, Some(1.0)));
        assert_eq!(format!("{spread:.1}"), "2.0 ± 1.0");
        assert_eq!(format!("{}", Spread::from_values(&[1.5]).unwrap()), "1.50");
        assert_eq!(Spread::from_values(&[]), None);
    }
}
