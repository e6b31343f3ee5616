//! Why the network answered what it did: the pixels that spoke for the answer and against it.
//!
//! An answer that is right is explained against the mean of all other labels, the contrast that told
//! most of the truth in this project's measurements. An answer that is wrong is explained against the
//! runner-up, because the question then is what tipped the balance between the two; a device that
//! does not know the truth can ask the same.

use ff_core::checksum::Crc32;
use ff_core::classify;
use ff_core::error::Error;
use ff_core::kernel::Kernel;
use ff_core::saliency::{Against, Target};

use crate::app::App;
use crate::digits::{self, Digit, PIXELS, WIDTH};
use crate::nets::Net;

/// What the network takes a held-out digit for.
#[derive(Clone, Copy)]
pub struct Answer {
    /// The digit.
    pub digit: Digit,
    /// The label with the highest score.
    pub label: u8,
    /// The label with the second score.
    pub runner_up: u8,
}

impl Answer {
    /// Whether it is the digit's own label.
    pub fn is_right(self) -> bool {
        self.label == self.digit.label()
    }

    /// What is asked about it.
    pub fn target(self) -> Target {
        let against = if self.is_right() { Against::MeanOfOthers } else { Against::Label(self.runner_up) };
        Target { label: self.label, against }
    }
}

/// The first held-out digit that is answered rightly, or wrongly.
///
/// # Errors
/// None for these data.
pub fn first<N: Net, K: Kernel + Copy>(app: &mut App<'_, N, K>, right: bool) -> Result<Option<Answer>, Error> {
    for digit in digits::held_out() {
        let [label, runner_up] = classify::best_two(app.scores(digit)?);
        let answer = Answer { digit, label, runner_up };
        if answer.is_right() == right {
            return Ok(Some(answer));
        }
    }
    Ok(None)
}

/// The map's rows, each pixel in per cent of the strongest: what a person reads.
pub fn rows(map: &[f32; PIXELS]) -> impl Iterator<Item = [i8; WIDTH]> {
    let strongest = map.iter().fold(0.0, |strongest: f32, r| strongest.max(r.abs()));
    // A map of zeros stays one.
    let scale = if strongest > 0.0 { 100.0 / strongest } else { 0.0 };
    let (rows, _) = map.as_chunks::<WIDTH>();
    rows.iter().map(move |row| row.map(|r| (r * scale) as i8))
}

/// A checksum of the map itself.
pub fn checksum(map: &[f32; PIXELS]) -> u32 {
    let mut crc = Crc32::new();
    crc.floats(map);
    crc.value()
}
