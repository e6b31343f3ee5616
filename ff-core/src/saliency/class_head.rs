//! Which one-pass head a network learned with.

use crate::error::Error;
use crate::network::Plan;
use crate::onepass::{self, Head, LabelGroups, LocalCrossEntropy, NWay};

/// The head of the one-pass rule that a network learned with: it says what a layer gives each class.
///
/// Such networks have no label inputs: in the normalisation of the input, features and label slots are F and 0.
/// Between sample and baseline, layer l adds to the multiplier of z_j, with w_y the classes' weights in the margin,
///
/// ```text
/// N-way   sum over y of w_y / T (relu(z_j + U_yj)^2 - relu(z'_j + U_yj)^2) / (z_j - z'_j)
/// groups  w_y / T (relu(z_j)^2 - relu(z'_j)^2) / (z_j - z'_j)              y the unit's class
/// local   sum over y of w_y M_yj (relu(z_j) - relu(z'_j)) / (z_j - z'_j)   cross-entropy
/// ```
///
/// and the derivative where z = z' (expected delta takes its g in the first layer instead, of `z + U` with N-way
/// heads). All are exact. Cost: 2 C operations a unit with N-way heads, C multiply-adds a unit with local
/// classifiers, nothing with groups.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum ClassHead {
    /// The goodness with the label's own column added, in every layer.
    NWay(NWay),
    /// The goodness of the class's own units.
    Groups(LabelGroups),
    /// A linear classifier of its own for each layer.
    LocalCrossEntropy(LocalCrossEntropy),
}

impl ClassHead {
    /// Whether each layer has label rows.
    #[must_use]
    pub const fn has_label_rows(&self) -> bool {
        match self {
            Self::NWay(_) => NWay::LABEL_ROWS,
            Self::Groups(_) => LabelGroups::LABEL_ROWS,
            Self::LocalCrossEntropy(_) => LocalCrossEntropy::LABEL_ROWS,
        }
    }

    /// Refuses settings out of range, and a network that did not learn with such a head.
    pub(super) fn check(&self, plan: &Plan) -> Result<(), Error> {
        match self {
            Self::NWay(head) => onepass::check_head(head, plan),
            Self::Groups(head) => onepass::check_head(head, plan),
            Self::LocalCrossEntropy(head) => onepass::check_head(head, plan),
        }
    }
}

impl From<NWay> for ClassHead {
    fn from(head: NWay) -> Self {
        Self::NWay(head)
    }
}

impl From<LabelGroups> for ClassHead {
    fn from(head: LabelGroups) -> Self {
        Self::Groups(head)
    }
}

impl From<LocalCrossEntropy> for ClassHead {
    fn from(head: LocalCrossEntropy) -> Self {
        Self::LocalCrossEntropy(head)
    }
}
