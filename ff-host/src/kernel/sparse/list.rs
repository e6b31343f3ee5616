//! The entries of a matrix that are not zero, as the lists that products walk through.

use std::ops::Range;

use super::super::split::Team;

/// Columns of a strip: as many rows of the other factor make a panel.
pub(super) const DEPTH: usize = 128;

/// The entries of some rows of a matrix, strip by strip.
#[derive(Debug, Default)]
pub(super) struct List {
    pub rows: usize,
    pub strips: Vec<Strip>,
}

/// Up to [`DEPTH`] columns: the entries of all rows, and where each row's end.
#[derive(Debug, Default)]
pub(super) struct Strip {
    entries: Vec<Entry>,
    ends: Vec<usize>,
}

/// An entry that is not zero: which row of the panel it multiplies, and by what.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Entry {
    pub row: u32,
    pub value: f32,
}

/// Lists the entries of `a`, a function of row and column, threads dividing the rows: a list for each.
pub(super) fn fill<A>(team: Team, a: &A, rows: Range<usize>, columns: usize, lists: &mut [List])
where
    A: Fn(usize, usize) -> f32 + Sync,
{
    if team.threads() > 1 {
        let (one, two, share) = team.halves(rows.len());
        let middle = rows.start + share;
        let (lists, others) = lists.split_at_mut(one.threads());
        rayon::join(
            || fill(one, a, rows.start..middle, columns, lists),
            || fill(two, a, middle..rows.end, columns, others),
        );
    } else if let [list] = lists {
        list.fill(a, rows, columns);
    }
}

impl List {
    fn fill(&mut self, a: impl Fn(usize, usize) -> f32, rows: Range<usize>, columns: usize) {
        self.rows = rows.len();
        self.strips.resize_with(columns.div_ceil(DEPTH), Strip::default);
        for (s, strip) in self.strips.iter_mut().enumerate() {
            strip.fill(&a, rows.clone(), s * DEPTH..columns.min((s + 1) * DEPTH));
        }
    }
}

impl Strip {
    fn fill(&mut self, a: impl Fn(usize, usize) -> f32, rows: Range<usize>, columns: Range<usize>) {
        self.entries.clear();
        self.ends.clear();
        let mut row = [Entry::default(); DEPTH];
        for r in rows {
            // Every entry is written and most are written over: a branch on whether it is zero would
            // be guessed wrong half of the time.
            let mut live = 0;
            for (c, column) in columns.clone().enumerate() {
                let value = a(r, column);
                row[live % DEPTH] = Entry { row: c as u32, value };
                live += usize::from(value != 0.0);
            }
            self.entries.extend_from_slice(&row[..live]);
            self.ends.push(self.entries.len());
        }
    }

    /// The entries of some of the list's rows, a row at a time.
    pub fn rows(&self, rows: Range<usize>) -> impl Iterator<Item = &[Entry]> {
        let before = rows.start.checked_sub(1).map_or(0, |above| self.ends[above]);
        let ends = &self.ends[rows];
        let starts = std::iter::once(before).chain(ends.iter().copied());
        starts.zip(ends).map(|(start, &end)| &self.entries[start..end])
    }
}
