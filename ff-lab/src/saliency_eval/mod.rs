//! Which map tells the truth? Pixels are deleted in the order of each map, most telling first and
//! last, while the network is asked how likely its answer still is.
//!
//! With `p = softmax(S / T)` of the label that is predicted for the whole image: the *deletion AUC*
//! is the area under p when the most telling pixels go first (lower is better), the *insertion AUC*
//! the area when they come first (higher is better). The pixels that are there after inserting from
//! the top are those that are left after deleting from the bottom, so insertion is the curve of
//! deleting the least telling first, read backwards, and `SRG = insertion - deletion` (symmetric
//! relevance gain).
//!
//! The data path: [`methods`] names what is compared, a [`Subject`] makes maps and scores,
//! [`measure`] asks one network about every image, [`report`] puts networks together, and
//! [`claims`] says what holds. Beside the curves, [`infidelity`] asks whether a map foretells what
//! blacking squares out does, and [`sensitivity`] whether it stays when the image hardly changes.
//! [`sanity`] asks whether maps hang on what was learned at all, and [`planted`] whether they find the
//! one place that tells the label.

pub mod autograd;
pub mod claims;
pub mod curves;
pub mod graphs;
pub mod infidelity;
pub mod measure;
pub mod methods;
pub mod plain;
pub mod planted;
pub mod report;
pub mod sanity;
pub mod sensitivity;
pub mod similarity;
pub mod statistics;
mod subject;

pub use subject::{Attribution, Case, ForwardForward, Subject, Total};

/// The name of the group of Forward-Forward networks.
pub const FORWARD_FORWARD: &str = "forward-forward";
/// The name of the group of backprop networks.
pub const BACKPROP: &str = crate::baseline::RULE;

/// Picks up to `count` images, as many of every class, and gives them with the others.
#[must_use]
pub fn balanced(labels: &[u8], classes: usize, count: usize) -> (Vec<usize>, Vec<usize>) {
    let mut taken = vec![0; classes];
    (0..labels.len()).partition(|&i| {
        let Some(taken) = taken.get_mut(usize::from(labels[i])) else { return false };
        *taken += 1;
        *taken <= count.div_ceil(classes)
    })
}
