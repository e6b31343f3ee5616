//! The handwritten digits, read in place from flash.
//!
//! 1,797 digits of 8 x 8 pixels from the UCI data set "Optical recognition of handwritten digits"
//! (Alpaydin and Kaynak, 1998, CC BY 4.0; the attribution stands beside the file). The file is
//! the host's own: both sides learn from the same bytes.

use ff_core::error::Error;
use ff_core::sample;

/// Pixels of one digit: 8 rows of 8.
pub const PIXELS: usize = WIDTH * WIDTH;

/// Pixels of a row.
pub const WIDTH: usize = 8;

/// Different labels: the digits 0 to 9.
pub const CLASSES: usize = 10;

/// The brightest pixel value; the darkest is 0.
pub const BRIGHTEST: u8 = 16;

/// What brings pixels to 0 to 1.
pub const SCALE: f32 = 1.0 / BRIGHTEST as f32;

/// Every `HELD_OUT_STRIDE`-th digit is held out of training.
const HELD_OUT_STRIDE: usize = 5;

const RECORD: usize = PIXELS + 1;
const COUNT: usize = 1797;

static RECORDS: &[[u8; RECORD]] = {
    let (records, rest) = include_bytes!("../../ff-host/assets/digits8x8.bin").as_chunks::<RECORD>();
    assert!(records.len() == COUNT && rest.is_empty(), "digits8x8.bin holds 1,797 records of 65 bytes");
    records
};

/// One handwritten digit.
#[derive(Clone, Copy)]
pub struct Digit(&'static [u8; RECORD]);

impl Digit {
    /// Brightness of each of the [`PIXELS`] pixels, 0 to [`BRIGHTEST`], row by row.
    pub fn pixels(self) -> &'static [u8; PIXELS] {
        let [pixels @ .., _] = self.0;
        pixels
    }

    /// Which digit it shows, below [`CLASSES`].
    pub fn label(self) -> u8 {
        self.0[PIXELS]
    }
}

/// Turns pixels into features from 0 to 1, moved by whole pixels to the right and down.
///
/// # Errors
/// None: the lengths are right.
pub fn features(pixels: &[u8; PIXELS], shift: (isize, isize), image: &mut [f32; PIXELS]) -> Result<(), Error> {
    sample::shift(pixels, WIDTH, shift, image, |pixel| SCALE * f32::from(pixel))
}

/// The 1,438 digits to learn from, in the file's order.
pub fn training() -> impl Iterator<Item = Digit> + Clone {
    digits_where(|index| !is_held_out(index))
}

/// How many digits there are to learn from.
pub const TRAINING: usize = COUNT - COUNT / HELD_OUT_STRIDE;

/// The `turn`-th digit to learn from; past the last it begins again.
pub fn training_digit(turn: usize) -> Digit {
    // Four digits of every five are for training.
    let turn = turn % TRAINING;
    Digit(&RECORDS[turn + turn / (HELD_OUT_STRIDE - 1)])
}

/// The 359 digits that training never sees: every fifth of the file.
///
/// The file's end comes from other writers than its beginning, so holding out its last fifth
/// would measure something else.
pub fn held_out() -> impl Iterator<Item = Digit> + Clone {
    digits_where(is_held_out)
}

fn digits_where(wanted: fn(usize) -> bool) -> impl Iterator<Item = Digit> + Clone {
    let numbered = RECORDS.iter().enumerate();
    numbered.filter_map(move |(index, record)| wanted(index).then_some(Digit(record)))
}

fn is_held_out(index: usize) -> bool {
    index % HELD_OUT_STRIDE == HELD_OUT_STRIDE - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_fifths_are_for_training() {
        assert_eq!(training().count(), 1438);
        assert_eq!(held_out().count(), 359);
    }

    #[test]
    fn turns_go_through_the_training_digits() {
        let by_turn = (0..TRAINING).map(|turn| training_digit(turn).0);
        assert!(by_turn.eq(training().map(|digit| digit.0)));
    }

    #[test]
    fn every_value_is_in_range() {
        for digit in training().chain(held_out()) {
            assert!(digit.pixels().iter().all(|&pixel| pixel <= BRIGHTEST));
            assert!(usize::from(digit.label()) < CLASSES);
        }
    }

    /// The data set's own description counts 178 zeros and 180 nines among the 1,797.
    #[test]
    fn labels_are_where_they_belong() {
        let count = |label| training().chain(held_out()).filter(|d| d.label() == label).count();
        assert_eq!((count(0), count(9)), (178, 180));
    }
}
