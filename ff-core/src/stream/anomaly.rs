//! Is this sample unlike all normal ones?
//!
//! A network that has learned normal data gives other data a low goodness, so goodness is a score
//! of normality; the only question is where *low* begins. [`LowTail`] answers it from normal
//! samples alone.

use core::slice;

use crate::checksum::Crc32;
use crate::error::{self, Error};
use crate::snapshot::{Block, BlockMut, Saved};

/// The `K` lowest goodnesses of the normal samples seen, and how many those were.
///
/// With n calibration samples the threshold is the K-th lowest goodness, and a sample below it is
/// an anomaly. Whatever the distribution, a new normal sample falls below it with a probability of
/// at most `K / (n + 1)` on average, as all n + 1 ranks are equally likely; the share of false alarms that
/// one calibration really has scatters around that by a factor of about `1 ± 1 / sqrt(K)`. So K
/// says how exact, and n how rare: for 1 % false alarms with K = 16, calibrate on
/// [`samples_for`](LowTail::samples_for)`(0.01)` = 1,599 samples.
///
/// Use samples that the network was not trained on, or that it sees as it will see later ones: on
/// training samples goodness is higher, and false alarms would be more than promised. Avoid when
/// there are fewer normal samples than K / rate; [`Moments`](super::moments::Moments) then guess
/// from mean and deviation. Cost: K comparisons a calibration sample, one a test. Memory: 4 K + 4
/// bytes; estimators with five markers (Jain and Chlamtac 1985) take less, but promise nothing.
///
/// ```
/// use ff_core::stream::anomaly::LowTail;
///
/// let mut tail = LowTail::<2>::ZEROED;
/// for goodness in [0.9, 1.4, 1.1, 0.7, 1.3, 1.2, 1.0, 1.5, 0.8] {
///     tail.calibrate(goodness)?;
/// }
/// assert_eq!((tail.threshold(), tail.false_alarms()), (Some(0.8), Some(0.2)));
/// assert_eq!((tail.is_anomaly(0.75), tail.is_anomaly(0.85)), (true, false));
/// # Ok::<(), ff_core::error::Error>(())
/// ```
///
/// Source: split conformal prediction (Vovk, Gammerman and Shafer 2005), as an anomaly detector
/// (Laxhammar and Falkman 2010).
#[derive(Clone, Debug, PartialEq)]
pub struct LowTail<const K: usize> {
    /// Ascending; as many as were seen, `K` at most.
    lowest: [f32; K],
    count: u32,
}

impl<const K: usize> LowTail<K> {
    /// Before the first sample.
    pub const ZEROED: Self = {
        assert!(K > 0, "the tail holds at least one value");
        Self { lowest: [0.0; K], count: 0 }
    };

    /// How many samples to calibrate on for a rate of false alarms between 0 and 1.
    #[must_use]
    pub fn samples_for(rate: f32) -> u32 {
        // The conversion saturates, and what it cuts off is added.
        let whole = (K as f32 / rate) as u32;
        let up = if whole as f32 * rate < K as f32 { whole.saturating_add(1) } else { whole };
        up.saturating_sub(1)
    }

    /// Takes the goodness of a normal sample.
    ///
    /// # Errors
    /// [`Error::NotFinite`]: nothing has changed.
    pub fn calibrate(&mut self, goodness: f32) -> Result<(), Error> {
        error::finite("goodness", &[goodness])?;
        let filled = self.filled();
        let mut carried = goodness;
        for kept in self.lowest.iter_mut().take(filled) {
            if carried < *kept {
                core::mem::swap(kept, &mut carried);
            }
        }
        if let Some(free) = self.lowest.get_mut(filled) {
            *free = carried;
        }
        self.count = self.count.saturating_add(1);
        Ok(())
    }

    /// Below this goodness a sample is an anomaly; none until `K` samples were seen.
    #[must_use]
    pub fn threshold(&self) -> Option<f32> {
        (self.filled() == K).then(|| self.lowest.last().copied())?
    }

    /// The probability of a false alarm, over calibrations and normal samples.
    #[must_use]
    pub fn false_alarms(&self) -> Option<f32> {
        self.threshold().map(|_| K as f32 / (self.count as f32 + 1.0))
    }

    /// Whether a sample of this goodness is one; never before the threshold is known, always for
    /// NaN after that.
    #[must_use]
    pub fn is_anomaly(&self, goodness: f32) -> bool {
        self.threshold().is_some_and(|threshold| goodness < threshold || goodness.is_nan())
    }

    /// How many samples it was calibrated on.
    #[must_use]
    pub const fn count(&self) -> u32 {
        self.count
    }

    fn filled(&self) -> usize {
        (self.count as usize).min(K)
    }
}

impl<const K: usize> Saved for LowTail<K> {
    fn shape(&self, hash: &mut Crc32) {
        hash.bytes(b"low tail");
        hash.words(&[K as u32]);
    }

    fn block(&self, index: usize) -> Option<Block<'_>> {
        match index {
            0 => Some(Block::Floats(&self.lowest)),
            1 => Some(Block::Words(slice::from_ref(&self.count))),
            _ => None,
        }
    }

    fn block_mut(&mut self, index: usize) -> Option<BlockMut<'_>> {
        match index {
            0 => Some(BlockMut::Floats(&mut self.lowest)),
            1 => Some(BlockMut::Words(slice::from_mut(&mut self.count))),
            _ => None,
        }
    }
}
