//! The functions that the worker calls, with numbers alone; arrays stay in the module's memory, where the worker
//! reads and writes them.
//!
//! The attribute that gives a function its name in the module counts as unsafe code, since two of one name would
//! make one of them be called for the other; the linker refuses that here. There is no other.
#![allow(unsafe_code)]

use core::fmt::{self, Write};

use ff_core::error::Error;
use ff_core::network::MAX_LAYERS;
use ff_embedded::digits;
use heapless::{String, Vec};
use spin::Mutex;

use crate::device::{self, Device};
use crate::page::{self, Page};
use crate::rule::{Kind, Settings};
use crate::vector::Chosen;

/// Bytes of a message at most; the core's longest has 120.
const MESSAGE: usize = 256;

/// What the worker has set, beside the network.
struct Choices {
    rule: Settings,
    kernel: Chosen,
    widths: Vec<usize, { MAX_LAYERS + 1 }>,
    message: String<MESSAGE>,
}

static CHOICES: Mutex<Choices> = Mutex::new(Choices {
    rule: Settings::DEVICE,
    kernel: Chosen { vector: true },
    widths: Vec::new(),
    message: String::new(),
});
static PAGE: Mutex<Page> = Mutex::new(Page::EMPTY);
static DEVICE: Mutex<Device> = Mutex::new(Device::ZEROED);

/// 0, or 1 with the reason as the message.
fn status(choices: &mut Choices, result: Result<(), Error>) -> u32 {
    let Err(error) = result else { return 0 };
    choices.message.clear();
    // A message that is too long is cut.
    let _: fmt::Result = write!(choices.message, "{error}");
    1
}

/// The last refusal's text: where, in UTF-8.
#[unsafe(no_mangle)]
pub extern "C" fn message() -> *const u8 {
    CHOICES.lock().message.as_ptr()
}

/// The same: how many bytes.
#[unsafe(no_mangle)]
pub extern "C" fn message_length() -> usize {
    CHOICES.lock().message.len()
}

/// Chooses the vector kernel, or with 0 the portable one.
#[unsafe(no_mangle)]
pub extern "C" fn set_kernel(vector: u32) {
    CHOICES.lock().kernel.vector = vector != 0;
}

/// How the network learns and is read: the rule's number, and its settings.
#[unsafe(no_mangle)]
pub extern "C" fn set_rule(kind: usize, threshold: f32, temperature: f32, scored_from: usize) -> u32 {
    let choices = &mut *CHOICES.lock();
    let rule = Kind::from_number(kind).map(|kind| Settings { kind, threshold, temperature, scored_from });
    let result = rule.map(|rule| choices.rule = rule);
    status(choices, result)
}

/// The next width of the network that [`reshape`] makes: features first, then the units of each layer.
#[unsafe(no_mangle)]
pub extern "C" fn push_width(width: usize) {
    // One layer too many is refused by `reshape`, which then has a width too few or too many.
    let _ = CHOICES.lock().widths.push(width);
}

/// Takes a network of these widths, all zeros.
#[unsafe(no_mangle)]
pub extern "C" fn reshape(classes: usize, slots: usize, readout: usize) -> u32 {
    let choices = &mut *CHOICES.lock();
    let widths = core::mem::take(&mut choices.widths);
    let result = PAGE.lock().reshape(classes, slots, &widths, readout);
    status(choices, result)
}

macro_rules! places {
    ($($(#[doc = $about:literal])+ $name:ident = $value:expr;)+) => {
        $($(#[doc = $about])+
        #[unsafe(no_mangle)]
        pub extern "C" fn $name() -> *const f32 {
            let place: fn(&mut Page) -> *const f32 = $value;
            place(&mut PAGE.lock())
        })+
    };
}

places! {
    /// Where the network's values are, in the order of their checksum.
    values = |page| page.network.values_mut().as_ptr();
    /// Where the sample is.
    sample = |page| page.sample.as_ptr();
    /// Where every class's score is.
    scores = |page| page.scores.as_ptr();
    /// Where the layers' scores are, 256 a layer.
    layer_scores = |page| page.layer_scores.as_flattened().as_ptr();
    /// Where the map is.
    map = |page| page.map.as_ptr();
    /// Where the activities are, layer by layer.
    activities = |page| page.activities.as_ptr();
    /// Where the last step's goodness is, positive and negative, layer by layer.
    report = |page| page.report.as_flattened().as_ptr();
}

/// How many values the network has.
#[unsafe(no_mangle)]
pub extern "C" fn values_length() -> usize {
    PAGE.lock().network.values_mut().len()
}

/// How many classes it tells apart.
#[unsafe(no_mangle)]
pub extern "C" fn classes() -> usize {
    PAGE.lock().network.classes()
}

/// Forgets all that was learned.
#[unsafe(no_mangle)]
pub extern "C" fn forget(seed: u32) -> u32 {
    let choices = &mut *CHOICES.lock();
    let result = PAGE.lock().forget(&choices.rule, u64::from(seed));
    status(choices, result)
}

/// Scores every class for the sample.
#[unsafe(no_mangle)]
pub extern "C" fn answer() -> u32 {
    let choices = &mut *CHOICES.lock();
    let result = PAGE.lock().answer(&choices.rule, choices.kernel);
    status(choices, result)
}

/// Maps why this label: against another one, or against the mean of all others where `against` is none's; in one
/// layer, or in all that count where `layer` is none's.
#[unsafe(no_mangle)]
pub extern "C" fn explain(label: u8, against: i32, layer: i32) -> u32 {
    let choices = &mut *CHOICES.lock();
    let target = page::target(label, u8::try_from(against).ok());
    let result = PAGE.lock().explain(&choices.rule, target, usize::try_from(layer).ok(), choices.kernel);
    status(choices, result.map(drop))
}

/// Sends the sample up under a label.
#[unsafe(no_mangle)]
pub extern "C" fn activate(label: u8) -> u32 {
    let choices = &mut *CHOICES.lock();
    let result = PAGE.lock().activate(label, choices.kernel);
    status(choices, result)
}

/// One step on the sample with this label.
#[unsafe(no_mangle)]
pub extern "C" fn step(label: u8, learning_rate: f32) -> u32 {
    let choices = &mut *CHOICES.lock();
    let result = PAGE.lock().step(&choices.rule, label, learning_rate, choices.kernel);
    status(choices, result)
}

/// One class more, which begins as a copy of another.
#[unsafe(no_mangle)]
pub extern "C" fn add_class(like: u8) -> u32 {
    let choices = &mut *CHOICES.lock();
    let result = PAGE.lock().add_class(like);
    status(choices, result)
}

/// The CRC-32 of the weights; 0 where there are none.
#[unsafe(no_mangle)]
pub extern "C" fn checksum() -> u32 {
    PAGE.lock().checksum().unwrap_or(0)
}

/// How many built-in digits there are to learn from.
#[unsafe(no_mangle)]
pub extern "C" fn training_digits() -> usize {
    digits::TRAINING
}

/// Makes a built-in digit the sample, moved right and down by whole pixels; its label. From `training_digits` on they
/// are those that are held out of training; 255 past the last.
#[unsafe(no_mangle)]
pub extern "C" fn digit(index: usize, right: i32, down: i32) -> u32 {
    let digit = match index.checked_sub(digits::TRAINING) {
        None => Some(digits::training_digit(index)),
        Some(held_out) => digits::held_out().nth(held_out),
    };
    let Some(digit) = digit else { return 255 };
    let mut page = PAGE.lock();
    let Some(image) = page.sample.first_chunk_mut() else { return 255 };
    match digits::features(digit.pixels(), (right as isize, down as isize), image) {
        Ok(()) => u32::from(digit.label()),
        Err(_) => 255,
    }
}

/// How many passes the firmware makes.
#[unsafe(no_mangle)]
pub extern "C" fn device_passes() -> usize {
    device::PASSES
}

/// The firmware's next pass.
#[unsafe(no_mangle)]
pub extern "C" fn device_pass() -> u32 {
    let choices = &mut *CHOICES.lock();
    let result = DEVICE.lock().pass(choices.kernel);
    status(choices, result)
}

/// The CRC-32 of the firmware's weights.
#[unsafe(no_mangle)]
pub extern "C" fn device_checksum() -> u32 {
    DEVICE.lock().checksum()
}

/// How many held-out digits the firmware's network recognises.
#[unsafe(no_mangle)]
pub extern "C" fn device_recognised() -> usize {
    let kernel = CHOICES.lock().kernel;
    DEVICE.lock().recognised(kernel).unwrap_or(0)
}
