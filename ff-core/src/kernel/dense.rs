//! The outer product of one row whose direction has few zeros, as one-pass rules have it on a device.
//!
//! The portable kernel looks for the columns that are not zero and goes through them one by one,
//! which pays where most are: for classic rules. Here all columns of a block are changed.

use crate::active::{Active, each_tile};
use crate::blocks::{self, WIDE};

/// `w <- w + scale * x' d` for one row x and one row d: the values of `d` stay in registers, a block
/// of columns at a time, while the weights of all inputs that are not zero go by.
#[cfg_attr(target_os = "none", inline(never))]
pub fn rank_update_row(scale: f32, x: &[f32], d: &[f32], w: &mut [f32]) {
    if d.iter().all(|d| *d == 0.0) {
        return;
    }
    let (blocks, rest) = d.as_chunks::<WIDE>();
    let whole = d.len() - rest.len();
    each_tile(x.iter().map(|&x| [x]), d.len(), |tile| {
        for (d, column) in blocks.iter().zip((0..).step_by(WIDE)) {
            blocks::rank_update(tile, scale, d, column, w);
        }
        for Active { values: [x], at: start } in tile.entries() {
            let row = w.get_mut(start + whole..).unwrap_or_default();
            let x = scale * x;
            row.iter_mut().zip(rest).for_each(|(w, d)| *w += x * d);
        }
    });
}
