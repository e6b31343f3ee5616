//! The colours of a signed map, and the limits that they stand for.

/// Blue for -1 over white for 0 to red for +1: safe for the common kinds of colour blindness.
const STOPS: [[f32; 3]; 9] = [
    [5.0, 48.0, 97.0],
    [33.0, 102.0, 172.0],
    [67.0, 147.0, 195.0],
    [146.0, 197.0, 222.0],
    [255.0, 255.0, 255.0],
    [244.0, 165.0, 130.0],
    [214.0, 96.0, 77.0],
    [178.0, 24.0, 43.0],
    [103.0, 0.0, 31.0],
];

/// What is shown where a map is zero all over.
pub const NOTHING: [u8; 3] = [158, 158, 158];

/// The colour of a value from -1 to 1; values beyond have the end's.
pub fn signed(value: f32) -> [u8; 3] {
    let place = (value.clamp(-1.0, 1.0) + 1.0) * 4.0;
    let below = (place as usize).min(STOPS.len() - 2);
    let part = place - below as f32;
    std::array::from_fn(|c| (STOPS[below][c] + part * (STOPS[below + 1][c] - STOPS[below][c])).round() as u8)
}

/// Symmetric limits that maps share, and how many of their values lie beyond.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Scale {
    /// The 99.5th percentile of |R|; the largest where that is 0.
    pub limit: f32,
    /// Values beyond the limits.
    pub clipped: usize,
    /// Values in all.
    pub values: usize,
}

impl Scale {
    /// One scale for all these maps.
    pub fn of<'a>(maps: impl IntoIterator<Item = &'a [f32]>) -> Self {
        let mut sizes: Vec<f32> = maps.into_iter().flatten().map(|value| value.abs()).collect();
        sizes.sort_unstable_by(f32::total_cmp);
        let last = sizes.len().saturating_sub(1);
        let at = |part: f64| sizes.get((part * last as f64).ceil() as usize).copied().unwrap_or_default();
        let limit = if at(0.995) > 0.0 { at(0.995) } else { at(1.0) };
        Self { limit, clipped: sizes.iter().filter(|&&size| size > limit).count(), values: sizes.len() }
    }

    /// A value's colour.
    pub fn colour(&self, value: f32) -> [u8; 3] {
        if self.limit > 0.0 { signed(value / self.limit) } else { signed(0.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blue_is_negative_white_is_zero_red_is_positive() {
        assert_eq!(signed(0.0), [255, 255, 255]);
        assert_eq!(signed(-1.0), [5, 48, 97]);
        assert_eq!(signed(7.0), [103, 0, 31]);
        let [red, _, blue] = signed(0.5);
        assert!(red > blue);
    }

    #[test]
    fn one_scale_spans_all_maps() {
        let one: Vec<f32> = (0..500).map(|i| i as f32).collect();
        let two: Vec<f32> = (500..1000).map(|i| -(i as f32)).collect();
        let scale = Scale::of([one.as_slice(), &two]);
        assert_eq!((scale.limit, scale.clipped, scale.values), (995.0, 4, 1000));
        assert_eq!(Scale::of([[0.0; 9].as_slice()]).limit, 0.0);
        let mut lone = [0.0; 900];
        lone[3] = -2.0;
        assert_eq!(Scale::of([lone.as_slice()]).limit, 2.0);
    }
}
