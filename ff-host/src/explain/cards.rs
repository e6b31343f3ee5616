//! A short card for each method: what it answers, what it costs, when to distrust it.

/// One method's card.
pub struct Card {
    /// Its name.
    pub name: &'static str,
    /// What it answers.
    pub answers: &'static str,
    /// What it costs.
    pub cost: &'static str,
    /// When to distrust it.
    pub distrust: &'static str,
}

/// The methods of this report.
pub const CARDS: [Card; 4] = [
    Card {
        name: "Expected delta (layers, total, contrast, classes, matrix)",
        answers: "How the difference of the score between this image and a baseline is shared out among the pixels. \
                  The shares add up to the difference exactly, up to rounding. A unit of the first layer counts as \
                  far as it is on, on average, while the inputs come into sight one by one. The baseline is black or, where the \
                  label is an input of the network, this image so faint that it is no longer than the label's slot.",
        cost: "A pass upwards for image and baseline, and one sweep of transposed weights down.",
        distrust: "Black pixels are black in the baseline too and get exactly 0, even where their being empty \
                   matters: look at the add map too. Another baseline gives another map.",
    },
    Card {
        name: "Erase",
        answers: "By how much the lead would fall if this one pixel of ink were black. Red ink carries the answer.",
        cost: "One forward pass above the first layer for each pixel with ink and each label.",
        distrust: "Pixels are tried one at a time. Where neighbours carry the same evidence, each alone looks \
                   unimportant.",
    },
    Card {
        name: "Add",
        answers: "By how much the lead would rise if this one empty pixel were full ink. Blue shows the missing \
                  stroke that would change its mind.",
        cost: "As erase, for every empty pixel: on digits some four times as much.",
        distrust: "A lone bright pixel is unlike anything that was learned from.",
    },
    Card {
        name: "Shares (image, label slots, biases)",
        answers: "Which part of the label's goodness comes from the image at all, and which from the label's own \
                  slots and the biases (quadratic share, no baseline).",
        cost: "One pass upwards and one sweep down.",
        distrust: "Shares may be negative, and large ones of opposite sign may cancel.",
    },
];
