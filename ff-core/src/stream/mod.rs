//! Learning that never ends: what a device needs when data keep coming.
//!
//! Each part is small, has a fixed capacity, begins as a constant of zeros, and takes its settings
//! with each call. Each is [`Saved`](crate::snapshot::Saved), so a snapshot can hold it beside the
//! network. Two are neither: [`jitter`] is a setting, and an [`order`] is drawn; keep the generator as
//! it was before the draw, and draw again.
//!
//! | module | what it answers | memory |
//! |---|---|---|
//! | [`replay`] | which old samples are kept, so that old classes are not forgotten? | capacity x (features + 1) + 8 bytes; balanced, 5 more a class, less 4 |
//! | [`drift`] | have the data changed? | 20 bytes |
//! | [`anomaly`] | is this sample unlike all normal ones? | 4 K + 4 bytes |
//! | [`dead`] | which units never fire? | a bit a unit, and 4 bytes |
//! | [`patience`] | when is more training useless? | 8 bytes |
//! | [`rollback`] | when was learning harmful, and how does one go back? | 8 bytes and a spare |
//! | [`order`] | in which order are stored samples learned? | 12 bytes |
//! | [`jitter`] | how is a stored sample made a little different each time? | 8 bytes |
//! | [`moments`] | mean and deviation of a stream | 12 bytes |
//!
//! The signal that they share is a sample's *goodness*, say of its best label
//! ([`classify::by_goodness`](crate::classify::by_goodness)): a network gives a low goodness to what
//! it was not trained on, and no label is needed to see that. Not always: a part of a known sample may
//! have a higher goodness than the whole, since lengths are normalised; on the 8 x 8 digits inverted
//! and speckled samples fall, left halves rise. So [`drift`] looks both ways, and [`anomaly`] finds
//! what falls only; try your own data.

pub mod anomaly;
pub mod dead;
pub mod drift;
pub mod jitter;
pub mod moments;
pub mod order;
pub mod patience;
pub mod replay;
pub mod rollback;
