//! Shapley values of cells, by seeded walks from the baseline to the sample.

use super::cells::Cells;
use super::pass::{Pass, features, first_units};
use super::probe::{self, CANCELLED, Probe, State};
use super::{Explained, Question, Saliency};
use crate::error::{self, Error};
use crate::kernel::Kernel;
use crate::layer::Shape;
use crate::network::Parameters;
use crate::pieces;
use crate::random::Rng;

/// What each cell adds to the margin, averaged over orders in which cells could be uncovered.
///
/// A cell's share goes evenly to its features that differ. Every walk adds up to the whole difference. Every second
/// walk goes backwards through the order before it, which takes out much of the variance.
///
/// Cost: `walks (ink U_1 + cells R P)`. Floats: `4 U_1 + cells + U + L + W + 2`, label inputs counted among what
/// cells cover.
///
/// Use when features stand in for each other, and fairness is worth the time. Avoid for fine detail: cost and
/// variance grow with the number of cells. Source: Castro, Gomez and Tejada (2009).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CellShapley {
    /// What is uncovered at once.
    pub cells: Cells,
    /// How many walks are averaged, at least 1. Every second one is the one before it backwards.
    pub walks: u32,
    /// Draws the orders.
    pub seed: u64,
}

impl CellShapley {
    /// [`Saliency::floats`] as a constant, for firmware's statics.
    #[must_use]
    pub const fn floats(&self, shapes: &[Shape], classes: usize, rows: usize) -> usize {
        let cells = self.cells.count(features(shapes));
        Pass::floats(shapes, classes) + 3 * first_units(shapes) + cells + probe::floats(shapes, rows)
    }

    /// [`Saliency::scratch_floats`] as a constant.
    #[must_use]
    pub const fn scratch_floats(&self, shapes: &[Shape], classes: usize) -> usize {
        self.floats(shapes, classes, classes)
    }

    fn check(&self) -> Result<(), Error> {
        self.cells.check()?;
        if self.walks == 0 { Err(Error::Setting { name: "walks" }) } else { Ok(()) }
    }
}

impl Saliency for CellShapley {
    fn floats(&self, shapes: &[Shape], classes: usize, rows: usize) -> usize {
        self.floats(shapes, classes, rows)
    }

    fn map<P: Parameters, K: Kernel>(
        &self,
        question: &Question<'_, P>,
        scratch: &mut [f32],
        kernel: &mut K,
        map: &mut [f32],
    ) -> Result<Explained, Error> {
        self.check()?;
        question.answer(scratch, kernel, map, |pass, mut rest, kernel, map| {
            let (units, cells) = (pass.first_units(), self.cells.count(pass.plan.features + pass.plan.slots));
            error::at_least("scratch", 3 * units + cells, rest.len())?;
            let [sample, base, pixels] = pieces::take_each(&mut rest, units);
            let order = pieces::take(&mut rest, cells);
            let sample = State::of(kernel, pass, question.sample, sample);
            let base = State::of(kernel, pass, question.baseline, base);
            let mut probe = Probe::carve(pass, rest)?;
            let explained = probe.ends(kernel, &sample, &base);
            let ends = PathEndpoints { cells: self.cells, sample: question.sample, baseline: question.baseline };
            let order = ends.list(order);
            let mut rng = Rng::new(self.seed);
            map.fill(0.0);
            for walk in 0..self.walks {
                if walk % 2 == 0 {
                    shuffle(order, &mut rng);
                } else {
                    order.reverse();
                }
                pieces::copy(base.pixels, pixels);
                let state = State { pixels, squares: base.squares, sample: &[] };
                let start = (state, [explained.baseline_score, explained.score]);
                ends.walk(kernel, pass, &mut probe, order, start, (1.0 / self.walks as f32, map));
            }
            explained.checked(map)
        })
    }
}

/// Where walks lead from and to, and in which steps.
struct PathEndpoints<'a> {
    cells: Cells,
    sample: &'a [f32],
    baseline: &'a [f32],
}

impl PathEndpoints<'_> {
    /// The features of a cell in which sample and baseline differ, with both values.
    fn differing(&self, cell: f32) -> impl Iterator<Item = (usize, f32, f32)> + Clone + '_ {
        let features = self.cells.features(cell as usize, self.sample.len());
        features.filter_map(|i| {
            let base = self.baseline.get(i).copied().unwrap_or(0.0);
            self.sample.get(i).filter(|&&x| x != base).map(|&x| (i, base, x))
        })
    }

    /// The cells in which anything differs. A cell's number fits an f32: it is below 2^24.
    fn list<'o>(&self, order: &'o mut [f32]) -> &'o mut [f32] {
        let mut count = 0;
        for cell in 0..order.len() {
            if self.differing(cell as f32).next().is_some()
                && let Some(place) = order.get_mut(count)
            {
                *place = cell as f32;
                count += 1;
            }
        }
        pieces::first_mut(order, count)
    }

    /// The state with some cells uncovered and the others not, summed from nothing: where large values
    /// have gone, the rounding that they left may be all that there is.
    fn sum_anew<K: Kernel>(
        &self,
        kernel: &mut K,
        pass: &Pass<'_>,
        state: &mut State<'_>,
        (uncovered, covered): (&[f32], &[f32]),
    ) {
        state.squares = 0.0;
        state.pixels.fill(0.0);
        let equal = self.sample.iter().enumerate().filter(|&(i, &x)| x == self.baseline.get(i).copied().unwrap_or(0.0));
        let equal = equal.map(|(i, &x)| (i, x));
        let shown = uncovered.iter().flat_map(|&cell| self.differing(cell)).map(|(i, _, x)| (i, x));
        let hidden = covered.iter().flat_map(|&cell| self.differing(cell)).map(|(i, base, _)| (i, base));
        for (feature, x) in equal.chain(shown).chain(hidden).filter(|&(_, x)| x != 0.0) {
            state.change(kernel, pass, feature, 0.0, x);
        }
    }

    /// One walk: uncovers cell after cell, and adds `share` of what each does to the margin to the
    /// map, evenly over the cell's differing features.
    fn walk<K: Kernel>(
        &self,
        kernel: &mut K,
        pass: &Pass<'_>,
        probe: &mut Probe<'_>,
        order: &[f32],
        (mut state, [mut before, end]): (State<'_>, [f32; 2]),
        (share, map): (f32, &mut [f32]),
    ) {
        let mut left = order.len();
        // Since the state was last summed from nothing.
        let mut largest = state.squares;
        for steps in pieces::chunks(order, probe.inputs()) {
            for (place, &cell) in steps.iter().enumerate() {
                for (feature, from, to) in self.differing(cell) {
                    state.change(kernel, pass, feature, from, to);
                    largest = state.squares.max(largest);
                }
                if state.squares < CANCELLED * largest {
                    let uncovered = order.len() - left + place + 1;
                    self.sum_anew(kernel, pass, &mut state, order.split_at(uncovered.min(order.len())));
                    largest = state.squares;
                }
                probe.put(place, state.pixels, state.squares);
            }
            for (&cell, &margin) in steps.iter().zip(probe.margins(kernel, steps.len())) {
                left -= 1;
                // The last step leads to the sample itself, whatever rounding the walk has gathered.
                let margin = if left == 0 { end } else { margin };
                let each = share * (margin - before) / self.differing(cell).count() as f32;
                for (feature, ..) in self.differing(cell) {
                    map.iter_mut().skip(feature).take(1).for_each(|value| *value += each);
                }
                before = margin;
            }
        }
    }
}

/// A random order (Fisher and Yates).
fn shuffle(order: &mut [f32], rng: &mut Rng) {
    for last in (1..order.len()).rev() {
        let other = rng.below(last as u32 + 1) as usize;
        if let (Some(&a), Some(&b)) = (order.get(last), order.get(other)) {
            order.iter_mut().skip(last).take(1).for_each(|value| *value = b);
            order.iter_mut().skip(other).take(1).for_each(|value| *value = a);
        }
    }
}
