//! Every field of a recipe, each declared once: for files, for command lines, and for what both are checked by.
//!
//! A field that a file leaves out is off, but for those without a default. Old names, in brackets, are still
//! read.

use super::limit::{any, widths, within};
use super::value::Widths;
use super::{Negatives, Optimiser, Overlay, Readout, Schedule};

recipe_fields! {
    "The network, instead of the recipe's own" {
        layers: Widths = None, "N,N,..", widths, "Units of each layer, first to last";
        pool: usize = Some(1), "N", within(1..=16),
            "Images are taken at a Nth of their width and height, by the mean of square cells";
        gamma: f32 = Some(1.0), "POWER", within(0.1..=10.0),
            "The power that pixels, from 0 to 1, are raised to; below 1, dim ones become brighter";
        centre: bool = Some(false), "true|false", any, "Whether an image's mean is subtracted from its pixels";
        standardise: bool = Some(false), "true|false", any,
            "Whether features are standardised by their mean and deviation over the training images";
        constant: f32 = Some(0.0), "X", within(0.0..=1000.0),
            "The value of one more feature, the same in every sample, beside which small samples stay small; 0 for none";
    }
    "The course of training, instead of the recipe's own" {
        epochs: usize = None, "N", within(1..=1_000_000), "How often the training images are seen";
        batch_size ("batch"): usize = None, "N", within(1..=10_000), "Samples in a step";
        schedule: Schedule = Some(Schedule::Constant), "SCHEDULE", any,
            "The learning-rate schedule, for the layers and the readout";
        weight_average ("average"): f64 = Some(0.0), "PART", within(0.0..=1.0),
            "Part of the training, at its end, over which weights are averaged";
        finetune_tail ("plain"): f64 = Some(0.0), "PART", within(0.0..=1.0),
            "Part of the training, at its end, without dropout, on images that are at most mirrored";
        optimiser: Optimiser = Some(Optimiser::Momentum), "OPTIMISER", any, "How directions become changes";
        learning_rate ("rate"): f32 = None, "X", within(0.0..=100.0), "The layers' learning rate";
        momentum: f32 = Some(0.0), "X", within(0.0..=0.9999),
            "What the velocity (Adam's first moment) keeps from step to step; 0 is plain descent";
        weight_decay ("decay"): f32 = Some(0.0), "X", within(0.0..=1.0),
            "The layers' weight decay, relative to their learning rate";
        balanced: bool = Some(false), "true|false", any,
            "Whether samples of every class are drawn equally often, however few there are";
        dropout: f32 = Some(0.0), "P", within(0.0..=0.9), "The probability that a unit is silenced in a pass";
    }
    "How images are varied, instead of the recipe's own" {
        jitter: usize = Some(0), "N", within(0..=8), "How far images are moved at random, in pixels each way";
        flip: bool = Some(false), "true|false", any, "Whether half of the images are mirrored left to right";
        rotate: f32 = Some(0.0), "DEGREES", within(0.0..=180.0), "How far images are turned at random, each way";
        stretch: f32 = Some(0.0), "PART", within(0.0..=0.9),
            "By what part images are stretched or shrunk at random, in each direction by itself";
        shear: f32 = Some(0.0), "X", within(0.0..=2.0), "How far images are slanted at random: the shift at a distance of 1";
        elastic: f32 = Some(0.0), "PIXELS", within(0.0..=16.0),
            "How far points of images are pulled about at random (standard deviation)";
        flip_tta ("both-ways"): bool = Some(false), "true|false", any,
            "Whether testing adds the scores of the mirrored image, in twice the time";
    }
}

rule_fields! {
    threshold: f32 = 1.0, "X", within(0.0..=1000.0), "The goodness per unit at which a layer is undecided";
    temperature: f32 = 1.0, "X", within(0.001..=1000.0),
        "What the goodness is divided by: for n-way in units of the square root of the width, for symba 1 / alpha";
    label_smoothing: f32 = 0.0, "PART", within(0.0..=0.5), "The part of the truth that all labels share";
    skip_error_below ("settled"): f32 = 0.0, "X", within(0.0..=0.5),
        "Wrong labels' probability that is left as it is, in all, and then costs no time (without smoothing)";
    negatives: Negatives = Negatives::Uniform, "NEGATIVES", any, "How wrong labels are drawn";
    peer: f32 = 0.0, "X", within(0.0..=10.0), "The strength of peer normalisation";
    overlay: Overlay = Overlay::None, "OVERLAY", any, "Where the label enters";
    readout: Readout = Readout::Softmax, "READOUT", any, "Whether a readout learns beside the layers";
    readout_learning_rate ("readout-rate"): f32 = 0.0, "X", within(0.0..=100.0),
        "The learning rate of the readout or the label rows; as the layers' where none is given";
    readout_weight_decay ("readout-decay"): f32 = 0.0, "X", within(0.0..=1.0),
        "Their weight decay, relative to their learning rate";
    first_scored_layer ("scored-layers"): usize = 0, "L", within(0..=ff_core::network::MAX_LAYERS - 1),
        "The first layer whose score counts in classification, from 0; past the last, the last alone";
}
