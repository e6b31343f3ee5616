//! Baselines: maps that know nothing of the network. A method that does not beat them says nothing
//! about it.

use ff_core::random::Rng;

use super::Case;
use super::methods::Kind;

/// The baseline's map; none for what is no baseline.
#[must_use]
pub fn map(kind: Kind, case: &Case<'_>) -> Option<Vec<f32>> {
    let mut rng = Rng::new(case.seed);
    let ink = |x: f32| if x == 0.0 { 0.0 } else { 1.0 };
    Some(match kind {
        Kind::Random => case.image.iter().map(|_| rng.unit()).collect(),
        Kind::InkRandom => case.image.iter().map(|&x| rng.unit() + ink(x)).collect(),
        Kind::Intensity => case.image.to_vec(),
        Kind::Sobel => sobel(case.image, case.width),
        Kind::Constant => vec![0.0; case.image.len()],
        _ => return None,
    })
}

fn sobel(image: &[f32], width: usize) -> Vec<f32> {
    let (width, height) = (width as isize, (image.len() / width) as isize);
    let at = |x: isize, y: isize| {
        let inside = (0..width).contains(&x) && (0..height).contains(&y);
        if inside { image[(y * width + x) as usize] } else { 0.0 }
    };
    let edge = |i: isize| {
        let (x, y) = (i % width, i / width);
        let across = |dy: isize| at(x + 1, y + dy) - at(x - 1, y + dy);
        let down = |dx: isize| at(x + dx, y + 1) - at(x + dx, y - 1);
        let dx = across(-1) + 2.0 * across(0) + across(1);
        (down(-1) + 2.0 * down(0) + down(1)).hypot(dx)
    };
    (0..image.len() as isize).map(edge).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_edge_is_where_the_brightness_changes() {
        let image = [0.0, 0.0, 1.0, 1.0].repeat(4);
        let edges = super::sobel(&image, 4);
        assert_eq!((edges[5], edges[6], edges[4]), (4.0, 4.0, 0.0));
    }
}
