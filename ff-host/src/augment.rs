//! How a training image is varied, anew each time it is seen.

use ff_core::random::Rng;
use ff_core::sample;
use ff_core::stream::jitter::Jitter;

use crate::data::Shape;
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
    /// Whether there is a row of values and nothing above or below it: what moves, moves along it.
    pub flat: bool,
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
    pub const fn from_recipe(recipe: &Recipe) -> Self {
        let Recipe { jitter, flip, rotate, stretch, shear, elastic, .. } = *recipe;
        Self { jitter, flip, rotate, stretch, shear, elastic, flat: false }
    }

    /// As much of it as samples of a shape allow: a series is moved in time, the features of a table stay
    /// where they are.
    #[must_use]
    pub const fn on(self, shape: &Shape) -> Self {
        let none = Self { jitter: 0, flip: false, rotate: 0.0, stretch: 0.0, shear: 0.0, elastic: 0.0, flat: true };
        match shape {
            Shape::Picture { .. } => self,
            Shape::Series { .. } => Self { jitter: self.jitter, ..none },
            Shape::Features { .. } => none,
        }
    }

    /// Draws what happens to one image. What is off draws nothing.
    #[must_use]
    pub fn draw(&self, rng: &mut Rng) -> Variation {
        let pixels = u8::try_from(self.jitter).unwrap_or(u8::MAX);
        let (right, down) = Jitter { probability: 1.0, pixels }.draw(rng);
        let shift = (right, if self.flat { 0 } else { down });
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

    /// The image mirrored left to right.
    pub const MIRRORED: Self = Self { flip: true, ..Self::NONE };

    /// Moved by whole pixels to the right and down, and nothing else.
    pub(crate) const fn shifted(shift: (isize, isize)) -> Self {
        Self { shift, ..Self::NONE }
    }

    /// Writes the varied image, a pixel counting what `value` says.
    #[inline(always)]
    pub(crate) fn write<T: Copy>(&self, image: &[T], width: usize, value: impl Fn(T) -> f32, to: &mut [f32]) {
        match &self.warp {
            None => {
                // Cannot fail: whoever made the features checked the lengths.
                let _ = sample::shift(image, width, self.shift, to, value);
            }
            Some(warp) => self.write_warped(warp, &Framed::new(image, width, value), to),
        }
        if self.flip {
            to.chunks_exact_mut(width).for_each(<[f32]>::reverse);
        }
    }

    /// Everything but the flip.
    #[inline(always)]
    fn write_warped(&self, warp: &Warp, image: &Framed, to: &mut [f32]) {
        let Framed { width, height, .. } = *image;
        let (right, down) = (self.shift.0 as f32, self.shift.1 as f32);
        for (y, row) in to.chunks_exact_mut(width).enumerate() {
            let line = warp.line(y as f32 - down, width, height);
            for (x, value) in row.iter_mut().enumerate() {
                *value = image.between(line.from(x as f32 - right));
            }
        }
    }
}

impl Warp {
    /// Where the values of the row of pixels at y come from.
    #[inline(always)]
    fn line(&self, y: f32, width: usize, height: usize) -> Line {
        let (cx, cy) = ((width - 1) as f32 / 2.0, (height - 1) as f32 / 2.0);
        let ([a, b, c, d], dy) = (self.matrix, y - cy);
        let mut pulls = [[0.0; 2]; POINTS];
        if !self.pulls.is_empty() {
            let (row, v) = place(y / height as f32);
            let (above, below) = (&self.pulls[row * POINTS..], &self.pulls[(row + 1) * POINTS..]);
            for ((pull, above), below) in pulls.iter_mut().zip(above).zip(below) {
                *pull = mix(*above, *below, v);
            }
        }
        Line { start: [cx + b * dy - a * cx, cy + d * dy - c * cx], step: [a, c], width: width as f32, pulls }
    }
}

/// A row of output pixels: where their values come from.
struct Line {
    start: [f32; 2],
    step: [f32; 2],
    width: f32,
    /// The pull at each control point across, at this row's height.
    pulls: [[f32; 2]; POINTS],
}

impl Line {
    #[inline(always)]
    fn from(&self, x: f32) -> [f32; 2] {
        let (cell, u) = place(x / self.width);
        let pull = mix(self.pulls[cell], self.pulls[cell + 1], u);
        [self.start[0] + self.step[0] * x + pull[0], self.start[1] + self.step[1] * x + pull[1]]
    }
}

/// Between which two control points a part of the whole lies, and how far from the first.
#[inline(always)]
fn place(part: f32) -> (usize, f32) {
    let t = part.clamp(0.0, 1.0) * (POINTS - 1) as f32;
    let cell = (t as usize).min(POINTS - 2);
    (cell, t - cell as f32)
}

#[inline(always)]
fn mix(a: [f32; 2], b: [f32; 2], t: f32) -> [f32; 2] {
    [a[0] * (1.0 - t) + b[0] * t, a[1] * (1.0 - t) + b[1] * t]
}

/// An image in a frame of background, so that no value between pixels has to ask where the edge is.
struct Framed {
    width: usize,
    height: usize,
    values: Vec<f32>,
}

/// Pixels of the frame: before the image, and after it.
const BEFORE: usize = 1;
const AFTER: usize = 2;

impl Framed {
    fn new<T: Copy>(image: &[T], width: usize, value: impl Fn(T) -> f32) -> Self {
        let height = image.len() / width;
        let stride = width + BEFORE + AFTER;
        let mut values = vec![0.0; stride * (height + BEFORE + AFTER)];
        for (row, to) in image.chunks_exact(width).zip(values.chunks_exact_mut(stride).skip(BEFORE)) {
            to[BEFORE..].iter_mut().zip(row).for_each(|(to, &pixel)| *to = value(pixel));
        }
        Self { width, height, values }
    }

    /// The value between pixels, bilinear. Anywhere beyond the frame is as good as its edge.
    #[inline(always)]
    fn between(&self, [x, y]: [f32; 2]) -> f32 {
        let place = |at: f32, size: usize| {
            let at = at.clamp(-(BEFORE as f32), size as f32) + BEFORE as f32;
            let pixel = at as usize;
            (pixel, at - pixel as f32)
        };
        let ((left, u), (top, v)) = (place(x, self.width), place(y, self.height));
        let stride = self.width + BEFORE + AFTER;
        let (above, below) = (&self.values[top * stride + left..], &self.values[(top + 1) * stride + left..]);
        let above = above[0] * (1.0 - u) + above[1] * u;
        let below = below[0] * (1.0 - u) + below[1] * u;
        above * (1.0 - v) + below * v
    }
}
