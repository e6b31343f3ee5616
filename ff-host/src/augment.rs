//! How a training image is varied, anew each time it is seen.

use ff_core::random::Rng;
use ff_core::stream::jitter::Jitter;

use crate::recipe::Recipe;

/// How far images may be varied. Every kind that is zero costs nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Augment {
    /// Pixels, each way in both directions.
    pub jitter: usize,
    /// Whether half of the images are mirrored left to right.
    pub flip: bool,
    /// Degrees, each way.
    pub rotate: f32,
    /// A part of the size, each way, in each direction by itself.
    pub stretch: f32,
    /// The shift at a distance of one, each way.
    pub shear: f32,
    /// Pixels, the standard deviation of the pull at each control point.
    pub elastic: f32,
}

/// Control points of the elastic pull, in each direction: a smooth field over the whole image.
const POINTS: usize = 6;

/// What happens to one image.
#[derive(Clone, Debug, PartialEq)]
pub struct Variation {
    /// Whole pixels to the right and down.
    shift: (isize, isize),
    flip: bool,
    warp: Option<Warp>,
}

/// Where an output pixel's value comes from, about the image's centre.
#[derive(Clone, Debug, PartialEq)]
struct Warp {
    /// Row by row.
    matrix: [f32; 4],
    /// The pull at each control point, right and down; empty without.
    pulls: Vec<[f32; 2]>,
}

impl Augment {
    /// What a recipe says.
    #[must_use]
    pub const fn of(recipe: &Recipe) -> Self {
        let Recipe { jitter, flip, rotate, stretch, shear, elastic, .. } = *recipe;
        Self { jitter, flip, rotate, stretch, shear, elastic }
    }

    /// Draws what happens to one image. What is off draws nothing.
    #[must_use]
    pub fn draw(&self, rng: &mut Rng) -> Variation {
        let pixels = u8::try_from(self.jitter).unwrap_or(u8::MAX);
        let shift = Jitter { probability: 1.0, pixels }.draw(rng);
        let flip = self.flip && rng.below(2) == 1;
        Variation { shift, flip, warp: self.warp(rng) }
    }

    fn warp(&self, rng: &mut Rng) -> Option<Warp> {
        if self.rotate == 0.0 && self.stretch == 0.0 && self.shear == 0.0 && self.elastic == 0.0 {
            return None;
        }
        let mut either = |by: f32| by * (2.0 * rng.unit() - 1.0);
        let (sin, cos) = either(self.rotate).to_radians().sin_cos();
        let (wide, high, slant) = (1.0 + either(self.stretch), 1.0 + either(self.stretch), either(self.shear));
        // A turn after a slant after a stretch.
        let matrix = [cos * wide, (cos * slant - sin) * high, sin * wide, (sin * slant + cos) * high];
        let points = if self.elastic == 0.0 { 0 } else { POINTS * POINTS };
        let pulls = (0..points).map(|_| [self.elastic * rng.normal(), self.elastic * rng.normal()]).collect();
        Some(Warp { matrix, pulls })
    }
}

impl Variation {
    /// The image as it is.
    pub const NONE: Self = Self { shift: (0, 0), flip: false, warp: None };

    /// Moved by whole pixels to the right and down, and nothing else.
    pub(crate) const fn shifted(shift: (isize, isize)) -> Self {
        Self { shift, ..Self::NONE }
    }

    /// Whole pixels to the right and down.
    pub(crate) const fn shift(&self) -> (isize, isize) {
        self.shift
    }

    /// Whether a whole-pixel shift is all that happens.
    pub(crate) const fn is_shift(&self) -> bool {
        !self.flip && self.warp.is_none()
    }

    /// Writes the varied image, values times `scale`.
    #[inline(always)]
    pub(crate) fn write(&self, image: &[u8], width: usize, scale: f32, to: &mut [f32]) {
        let height = image.len() / width;
        let source = Source { image, width, height, scale };
        let (right, down) = (self.shift.0 as f32, self.shift.1 as f32);
        for (y, row) in to.chunks_exact_mut(width).enumerate() {
            for (x, value) in row.iter_mut().enumerate() {
                let x = if self.flip { width - 1 - x } else { x };
                let (x, y) = (x as f32 - right, y as f32 - down);
                *value = match &self.warp {
                    None => source.at(x as isize, y as isize),
                    Some(warp) => source.between(warp.from(x, y, width, height)),
                };
            }
        }
    }
}

impl Warp {
    /// Where the value of the pixel at (x, y) comes from.
    #[inline(always)]
    fn from(&self, x: f32, y: f32, width: usize, height: usize) -> (f32, f32) {
        let (cx, cy) = ((width - 1) as f32 / 2.0, (height - 1) as f32 / 2.0);
        let ([a, b, c, d], dx, dy) = (self.matrix, x - cx, y - cy);
        let pull = self.pull(x / width as f32, y / height as f32);
        (cx + a * dx + b * dy + pull[0], cy + c * dx + d * dy + pull[1])
    }

    /// The pull at a point of the unit square, linear between the control points.
    #[inline(always)]
    fn pull(&self, x: f32, y: f32) -> [f32; 2] {
        if self.pulls.is_empty() {
            return [0.0; 2];
        }
        let place = |t: f32| {
            let t = t.clamp(0.0, 1.0) * (POINTS - 1) as f32;
            let cell = (t as usize).min(POINTS - 2);
            (cell, t - cell as f32)
        };
        let ((i, u), (j, v)) = (place(x), place(y));
        let at = |i: usize, j: usize| self.pulls[j * POINTS + i];
        let mix = |k: usize| {
            let above = at(i, j)[k] * (1.0 - u) + at(i + 1, j)[k] * u;
            let below = at(i, j + 1)[k] * (1.0 - u) + at(i + 1, j + 1)[k] * u;
            above * (1.0 - v) + below * v
        };
        [mix(0), mix(1)]
    }
}

/// An image to take values from; beyond its edge there is background.
struct Source<'a> {
    image: &'a [u8],
    width: usize,
    height: usize,
    scale: f32,
}

impl Source<'_> {
    #[inline(always)]
    fn at(&self, x: isize, y: isize) -> f32 {
        let inside = (0..self.width as isize).contains(&x) && (0..self.height as isize).contains(&y);
        if inside { f32::from(self.image[y as usize * self.width + x as usize]) * self.scale } else { 0.0 }
    }

    /// The value between pixels, bilinear.
    #[inline(always)]
    fn between(&self, (x, y): (f32, f32)) -> f32 {
        let (left, top) = (x.floor(), y.floor());
        let (u, v) = (x - left, y - top);
        let (left, top) = (left as isize, top as isize);
        let above = self.at(left, top) * (1.0 - u) + self.at(left + 1, top) * u;
        let below = self.at(left, top + 1) * (1.0 - u) + self.at(left + 1, top + 1) * u;
        above * (1.0 - v) + below * v
    }
}
