//! Which one-pass head a network learned with.

use crate::error::Error;
use crate::network::Plan;
use crate::onepass::{self, Head, LabelGroups, LocalCrossEntropy, NWay};

/// The head of the one-pass rule that a network learned with: it says what a layer gives each class.
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
