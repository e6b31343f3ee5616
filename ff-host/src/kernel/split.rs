//! Divides rows among threads, and compiles row loops for the machine's vector unit.
//!
//! A loop whose body the compiler does not inline stays at the least vectors that every such machine
//! has. Bodies that matter are a [`RowLoop`] with a name, which says that it is always inlined; closures
//! cannot say so.

use ff_core::kernel::RowLoop;

/// How many threads share a piece of work.
#[derive(Clone, Copy, Debug)]
pub(super) struct Team {
    threads: usize,
}

/// Below this many values a row loop stays on one thread: waking another costs more.
const WORTH_SHARING: usize = 1 << 13;

impl Team {
    pub const fn new(threads: usize) -> Self {
        Self { threads: if threads == 0 { 1 } else { threads } }
    }

    pub const fn threads(self) -> usize {
        self.threads
    }

    pub const fn for_values(self, values: usize) -> Self {
        if values < WORTH_SHARING { Self::new(1) } else { self }
    }

    /// Two teams, the first of half the threads, rounded down; and what share of `parts` the first
    /// should do.
    pub const fn halves(self, parts: usize) -> (Self, Self, usize) {
        let first = self.threads / 2;
        (Self::new(first), Self::new(self.threads - first), parts * first / self.threads)
    }
}

/// Runs `body` for every row of `width` values, numbered from `first`.
pub(super) fn by_rows<R: RowLoop>(team: Team, width: usize, first: usize, data: &mut [f32], body: &R) {
    let rows = data.len() / width;
    if team.threads() == 1 || rows < 2 {
        return pulp::Arch::new().dispatch(Rows { width, first, data, body });
    }
    let (one, two, middle) = team.halves(rows);
    let (above, below) = data.split_at_mut(middle * width);
    rayon::join(|| by_rows(one, width, first, above, body), || by_rows(two, width, first + middle, below, body));
}

/// A row loop on one thread, compiled for each vector unit.
struct Rows<'a, R> {
    width: usize,
    first: usize,
    data: &'a mut [f32],
    body: &'a R,
}

impl<R: RowLoop> pulp::NullaryFnOnce for Rows<'_, R> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Rows { width, first, data, body } = self;
        // Not `for_each`, whose closure would stay a function of its own.
        for (r, row) in data.chunks_exact_mut(width).enumerate() {
            body.run(first + r, row);
        }
    }
}

/// The same, keeping what `f` returns: `out[r] <- f(r, row r)`.
pub(super) fn by_rows_into<F>(team: Team, width: usize, first: usize, data: &mut [f32], out: &mut [f32], f: &F)
where
    F: Fn(usize, &mut [f32]) -> f32 + Sync,
{
    let rows = data.len() / width;
    if team.threads() == 1 || rows < 2 {
        return pulp::Arch::new().dispatch(|| {
            let rows = data.chunks_exact_mut(width).zip(out);
            rows.enumerate().for_each(|(r, (row, out))| *out = f(first + r, row));
        });
    }
    let (one, two, middle) = team.halves(rows);
    let (above, below) = data.split_at_mut(middle * width);
    let (out_above, out_below) = out.split_at_mut(middle);
    rayon::join(
        || by_rows_into(one, width, first, above, out_above, f),
        || by_rows_into(two, width, first + middle, below, out_below, f),
    );
}

/// Calls `f` for the rows of several arrays side by side: row r of each.
pub(super) fn by_rows_together<const N: usize, F>(
    team: Team,
    width: usize,
    first: usize,
    mut data: [&mut [f32]; N],
    f: &F,
) where
    F: Fn(usize, [&mut [f32]; N]) + Sync,
{
    let rows = data.iter().map(|array| array.len()).min().unwrap_or(0) / width;
    if team.threads() == 1 || rows < 2 {
        return pulp::Arch::new().dispatch(|| {
            for r in 0..rows {
                f(first + r, take_rows(&mut data, width));
            }
        });
    }
    let (one, two, middle) = team.halves(rows);
    let above = take_rows(&mut data, middle * width);
    rayon::join(
        || by_rows_together(one, width, first, above, f),
        || by_rows_together(two, width, first + middle, data, f),
    );
}

/// Takes the first `count` values off each array.
#[inline(always)]
fn take_rows<'a, const N: usize>(data: &mut [&'a mut [f32]; N], count: usize) -> [&'a mut [f32]; N] {
    data.each_mut().map(|array| {
        let (head, tail) = std::mem::take(array).split_at_mut(count);
        *array = tail;
        head
    })
}
