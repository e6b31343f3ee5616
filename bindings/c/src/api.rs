//! The functions that C calls.
//!
//! The one file with `unsafe`: a pointer of C's says nothing of what it points to. Every function checks what
//! can be checked (null, alignment, lengths, that a network was begun and is not in the middle of a step), and
//! the header says what the caller owes: memory that is there, that is the network's alone while it is used,
//! and that a [`Network`] and [`Slices`] stay where they are once begun.

#![expect(unsafe_code, reason = "pointers come from C")]

use core::ffi::c_char;
use core::mem::{MaybeUninit, transmute};
use core::ptr;
use core::task::Poll;

use ff_core::goodness::{Logistic, MeanSquare, Minimised, SymBa};
use ff_core::learner;
use ff_core::onepass::{LabelGroups, LocalCrossEntropy, NWay, OnePass};
use ff_core::optimiser::{Adam, Momentum, Sgd};
use ff_core::rule::Sliced;
use ff_core::sample::Batch;
use ff_core::stream::order::Order;
use ff_core::{classic::Classic, classify};

use crate::config::{Config, FF_MAX_LAYERS};
use crate::engine::Engine;
use crate::rules::Rule;
use crate::status::Status;

/// Words of a network besides its floats.
pub const FF_NETWORK_WORDS: usize = 112;

/// Words of a step in slices.
pub const FF_SLICES_WORDS: usize = 160;

/// A network. Its content is the library's; it must stay where it is once it has begun.
#[repr(C)]
pub struct Network {
    align: u64,
    words: [usize; FF_NETWORK_WORDS],
}

/// A step in slices. Its content is the library's; it must stay where it is until the step has ended.
#[repr(C)]
pub struct Slices {
    align: u64,
    words: [usize; FF_SLICES_WORDS],
}

/// What a step saw, before it changed anything.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Report {
    /// Layers.
    pub depth: u32,
    /// Samples that were given another label than their own; -1 where the rule does not classify as it learns.
    pub errors: i32,
    /// Each layer's goodness per unit of the true label, a mean over the batch.
    pub positive: [f32; FF_MAX_LAYERS],
    /// The same of wrong labels.
    pub negative: [f32; FF_MAX_LAYERS],
}

/// What an explanation says beside its map: the map, the label's and the biases' share add up to the
/// difference of the scores.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Explained {
    /// How far the label's score is above the others' mean.
    pub score: f32,
    /// The same of the baseline.
    pub baseline_score: f32,
    /// What the label's own inputs have of the difference.
    pub label_share: f32,
    /// What the biases have of it.
    pub bias_share: f32,
}

// SAFETY, of every name: the prefix is this library's, so nothing else has it.

/// Goodness high for the true label and low for a wrong one; plain descent.
#[unsafe(no_mangle)]
pub static FF_CLASSIC: Rule = Rule::of::<Classic<Logistic, Sgd>>();

/// The same with momentum 0.9.
#[unsafe(no_mangle)]
pub static FF_CLASSIC_MOMENTUM: Rule = Rule::of::<Classic<Logistic, Momentum>>();

/// The same with Adam.
#[unsafe(no_mangle)]
pub static FF_CLASSIC_ADAM: Rule = Rule::of::<Classic<Logistic, Adam>>();

/// The classic rule on the mean of squares.
#[unsafe(no_mangle)]
pub static FF_MEAN_SQUARE: Rule = Rule::of::<Classic<MeanSquare, Sgd>>();

/// The same with momentum 0.9.
#[unsafe(no_mangle)]
pub static FF_MEAN_SQUARE_MOMENTUM: Rule = Rule::of::<Classic<MeanSquare, Momentum>>();

/// The same with Adam.
#[unsafe(no_mangle)]
pub static FF_MEAN_SQUARE_ADAM: Rule = Rule::of::<Classic<MeanSquare, Adam>>();

/// The classic rule on the gap between both, without a threshold.
#[unsafe(no_mangle)]
pub static FF_SYMBA: Rule = Rule::of::<Classic<SymBa, Sgd>>();

/// The same with momentum 0.9.
#[unsafe(no_mangle)]
pub static FF_SYMBA_MOMENTUM: Rule = Rule::of::<Classic<SymBa, Momentum>>();

/// The same with Adam.
#[unsafe(no_mangle)]
pub static FF_SYMBA_ADAM: Rule = Rule::of::<Classic<SymBa, Adam>>();

/// The classic rule with low goodness for the true label.
#[unsafe(no_mangle)]
pub static FF_MINIMISED: Rule = Rule::of::<Classic<Minimised<Logistic>, Sgd>>();

/// The same with momentum 0.9.
#[unsafe(no_mangle)]
pub static FF_MINIMISED_MOMENTUM: Rule = Rule::of::<Classic<Minimised<Logistic>, Momentum>>();

/// The same with Adam.
#[unsafe(no_mangle)]
pub static FF_MINIMISED_ADAM: Rule = Rule::of::<Classic<Minimised<Logistic>, Adam>>();

/// N-way goodness, in one pass; plain descent.
#[unsafe(no_mangle)]
pub static FF_N_WAY: Rule = Rule::of::<OnePass<NWay, Sgd>>();

/// The same with momentum 0.9.
#[unsafe(no_mangle)]
pub static FF_N_WAY_MOMENTUM: Rule = Rule::of::<OnePass<NWay, Momentum>>();

/// The same with Adam.
#[unsafe(no_mangle)]
pub static FF_N_WAY_ADAM: Rule = Rule::of::<OnePass<NWay, Adam>>();

/// Each class has units of its own, in one pass; plain descent.
#[unsafe(no_mangle)]
pub static FF_LABEL_GROUPS: Rule = Rule::of::<OnePass<LabelGroups, Sgd>>();

/// The same with momentum 0.9.
#[unsafe(no_mangle)]
pub static FF_LABEL_GROUPS_MOMENTUM: Rule = Rule::of::<OnePass<LabelGroups, Momentum>>();

/// The same with Adam.
#[unsafe(no_mangle)]
pub static FF_LABEL_GROUPS_ADAM: Rule = Rule::of::<OnePass<LabelGroups, Adam>>();

/// Cross-entropy of each layer alone; plain descent.
#[unsafe(no_mangle)]
pub static FF_LOCAL_CROSS_ENTROPY: Rule = Rule::of::<OnePass<LocalCrossEntropy, Sgd>>();

/// The same with momentum 0.9.
#[unsafe(no_mangle)]
pub static FF_LOCAL_CROSS_ENTROPY_MOMENTUM: Rule = Rule::of::<OnePass<LocalCrossEntropy, Momentum>>();

/// The same with Adam.
#[unsafe(no_mangle)]
pub static FF_LOCAL_CROSS_ENTROPY_ADAM: Rule = Rule::of::<OnePass<LocalCrossEntropy, Adam>>();

/// What lies in a [`Network`].
struct Inner {
    mark: u32,
    busy: bool,
    engine: Engine,
}

/// What lies in [`Slices`].
struct Pending {
    mark: u32,
    network: *mut Inner,
    step: Option<&'static mut dyn Sliced>,
    places: Places,
}

/// Room for a rule and for a step that borrows it.
pub struct Places {
    /// The rule.
    pub(crate) rule: Place<32>,
    /// The step.
    pub(crate) step: Place<96>,
}

/// Room for one value of so many words.
#[repr(C, align(8))]
pub struct Place<const WORDS: usize>(MaybeUninit<[usize; WORDS]>);

impl<const WORDS: usize> Place<WORDS> {
    /// Puts a value there. It is never dropped: what a step is made of needs no dropping.
    pub(crate) fn put<'a, T: 'a>(&'a mut self, value: T) -> &'a mut T {
        const { assert!(fits::<T>(WORDS), "there is no room for this value") }
        // SAFETY: the room is large enough and aligned, as was just asserted, and borrowed for 'a.
        unsafe {
            let place = self.0.as_mut_ptr().cast::<T>();
            place.write(value);
            &mut *place
        }
    }
}

const fn fits<T>(words: usize) -> bool {
    size_of::<T>() <= words * size_of::<usize>() && align_of::<T>() <= 8
}

const _: () = assert!(fits::<Inner>(FF_NETWORK_WORDS), "FF_NETWORK_WORDS is too small");
const _: () = assert!(fits::<Pending>(FF_SLICES_WORDS), "FF_SLICES_WORDS is too small");

const BEGUN: u32 = u32::from_le_bytes(*b"ffnt");
const STEPPING: u32 = u32::from_le_bytes(*b"ffsl");

/// What a status is called, in English.
// SAFETY: the prefix is this library's, as for all functions below.
#[unsafe(no_mangle)]
pub extern "C" fn ff_text(status: i32) -> *const c_char {
    Status::text(status).as_ptr()
}

/// A rule's usual settings, for samples that are learned one at a time; set `features`, `classes`, `depth` and
/// `widths` next.
///
/// # Safety
/// `rule` is one of this header's, or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ff_defaults(rule: *const Rule, config: *mut Config) -> Status {
    // SAFETY: as the caller promises.
    let (Ok(rule), Ok(())) = (unsafe { one::<Rule>(rule) }, check(config)) else { return Status::Pointer };
    // SAFETY: it is not null and aligned, and the caller's to write.
    unsafe { config.write(Config::new(rule)) };
    Status::Ok
}

/// How many floats of memory a network takes; 0 where the configuration is out of range.
///
/// # Safety
/// `config` is null or points to a configuration.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ff_floats(config: *const Config) -> usize {
    // SAFETY: as the caller promises.
    let sizes = unsafe { one(config) }.and_then(Config::sizes);
    sizes.map_or(0, |(_, sizes)| sizes.floats())
}

/// Begins a network: draws its weights from the seed, in memory that is the network's from now on.
///
/// # Safety
/// `network` and `config` are null or point to such; `memory` is null or has `floats` floats, which nothing
/// else touches while the network is used.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ff_start(
    network: *mut Network,
    config: *const Config,
    memory: *mut f32,
    floats: usize,
    seed: u64,
) -> Status {
    status(|| {
        check(network)?;
        // SAFETY: as the caller promises.
        let (config, memory) = unsafe { (one(config)?, many_mut(memory, floats)?) };
        let engine = Engine::start(config, memory, seed)?;
        // SAFETY: a network has room for this, and is the caller's to write.
        unsafe { network.cast::<Inner>().write(Inner { mark: BEGUN, busy: false, engine }) };
        Ok(())
    })
}

/// Sets what a schedule moves: multiplies all learning rates from the next step on.
///
/// # Safety
/// `network` is null or points to a network that was begun, or to zeros.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ff_set_lr_scale(network: *mut Network, lr_scale: f32) -> Status {
    status(|| {
        // SAFETY: as the caller promises.
        unsafe { engine(network)? }.config.lr_scale = lr_scale;
        Ok(())
    })
}

/// Learns from `count` samples of `features` floats, one after the other, with a label each. `report` may be
/// null.
///
/// # Safety
/// As [`ff_set_lr_scale`]; `samples` and `labels` are null or have so many.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ff_step(
    network: *mut Network,
    samples: *const f32,
    labels: *const u8,
    count: usize,
    report: *mut Report,
) -> Status {
    status(|| {
        // SAFETY: as the caller promises.
        let (engine, batch) = unsafe { ready(network, samples, labels, count)? };
        let seen = engine.step(batch)?;
        // SAFETY: as the caller promises.
        unsafe { tell(&seen, report) };
        Ok(())
    })
}

/// Begins the same step, to be done in slices by `ff_poll`. Samples and labels stay where they are until it has
/// ended, and no other call takes this network meanwhile.
///
/// # Safety
/// As [`ff_step`]; `slices` is null or the caller's to write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ff_begin(
    network: *mut Network,
    samples: *const f32,
    labels: *const u8,
    count: usize,
    slices: *mut Slices,
) -> Status {
    status(|| {
        check(slices)?;
        // SAFETY: as the caller promises.
        let (engine, batch) = unsafe { ready(network, samples, labels, count)? };
        let pending = slices.cast::<Pending>();
        let places = Places { rule: Place(MaybeUninit::uninit()), step: Place(MaybeUninit::uninit()) };
        let network = network.cast::<Inner>();
        // SAFETY: slices have room for this. What is made in them borrows them and the network, which stay
        // where they are until the step has ended; `busy` keeps every other call away from both.
        unsafe {
            pending.write(Pending { mark: 0, network, step: None, places });
            let step = engine.rule.begin(&engine.config, &mut engine.memory, batch, &mut (*pending).places)?;
            (*pending).step = Some(transmute::<&mut dyn Sliced, &'static mut dyn Sliced>(step));
            (*pending).mark = STEPPING;
            (*network).busy = true;
        }
        Ok(())
    })
}

/// Goes on for at most `budget` multiply-adds, or the rule's largest piece: `FF_PENDING` until it has ended.
/// `report` may be null.
///
/// # Safety
/// `slices` is null, points to zeros, or was begun by [`ff_begin`] and is where it was.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ff_poll(slices: *mut Slices, budget: usize, report: *mut Report) -> Status {
    // SAFETY: as the caller promises.
    let Ok(pending) = (unsafe { stepping(slices) }) else { return Status::Unset };
    let Some(step) = &mut pending.step else { return Status::Unset };
    let seen = match step.poll(budget) {
        Poll::Pending => return Status::Pending,
        Poll::Ready(seen) => seen,
    };
    // SAFETY: the step was begun and has ended.
    unsafe { end(pending) };
    status(|| {
        // SAFETY: as the caller promises.
        unsafe { tell(&seen?, report) };
        Ok(())
    })
}

/// Ends a step in slices before its end: some layers have learned and the others not.
///
/// # Safety
/// As [`ff_poll`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ff_abandon(slices: *mut Slices) -> Status {
    // SAFETY: as the caller promises.
    status(|| unsafe { stepping(slices).map(|pending| end(pending)) })
}

/// Every label's score for a sample, the higher the likelier: `scores` takes one a class.
///
/// # Safety
/// As [`ff_set_lr_scale`]; `sample` has the network's features, `scores` room for its classes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ff_scores(network: *mut Network, sample: *const f32, scores: *mut f32) -> Status {
    status(|| {
        // SAFETY: as the caller promises.
        unsafe {
            let engine = engine(network)?;
            let (sample, scores) = (features(engine, sample)?, many_mut(scores, engine.config.classes as usize)?);
            Ok(engine.rule.scores(&engine.config, &mut engine.memory, sample, scores)?)
        }
    })
}

/// The label that the network sees in a sample. `scores` is room for one a class, and holds them.
///
/// # Safety
/// As [`ff_scores`]; `label` is null or the caller's to write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ff_classify(
    network: *mut Network,
    sample: *const f32,
    scores: *mut f32,
    label: *mut u8,
) -> Status {
    status(|| {
        check(label)?;
        // SAFETY: as the caller promises.
        unsafe {
            refused(ff_scores(network, sample, scores))?;
            let classes = engine(network)?.config.classes as usize;
            label.write(classify::best(many(scores, classes)?));
        }
        Ok(())
    })
}

/// Which features spoke for a label against the mean of the others (above 0), and which against it (below):
/// `map` takes one a feature. Of a configuration that `explains`. `explained` may be null.
///
/// # Safety
/// As [`ff_scores`]; `map` has room for the network's features.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ff_explain(
    network: *mut Network,
    sample: *const f32,
    label: u8,
    map: *mut f32,
    explained: *mut Explained,
) -> Status {
    status(|| {
        // SAFETY: as the caller promises.
        unsafe {
            let engine = engine(network)?;
            let (sample, map) = (features(engine, sample)?, many_mut(map, engine.config.features as usize)?);
            let told = engine.explain(sample, label, map)?;
            let ff_core::saliency::Explained { score, baseline_score, label_share, bias_share } = told;
            if check(explained).is_ok() {
                explained.write(Explained { score, baseline_score, label_share, bias_share });
            }
        }
        Ok(())
    })
}

/// How many bytes a snapshot takes; 0 for a network that was not begun.
///
/// # Safety
/// As [`ff_set_lr_scale`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ff_snapshot_bytes(network: *mut Network) -> usize {
    // SAFETY: as the caller promises.
    unsafe { engine(network) }.and_then(|engine| engine.snapshot_bytes()).unwrap_or(0)
}

/// Writes what was learned, with all that is needed to go on. `written` may be null.
///
/// # Safety
/// As [`ff_set_lr_scale`]; `bytes` has room for `capacity`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ff_save(
    network: *mut Network,
    bytes: *mut u8,
    capacity: usize,
    written: *mut usize,
) -> Status {
    status(|| {
        // SAFETY: as the caller promises.
        unsafe {
            let count = engine(network)?.save(many_mut(bytes, capacity)?)?;
            if check(written).is_ok() {
                written.write(count);
            }
        }
        Ok(())
    })
}

/// Goes on from a snapshot of the same sizes and optimiser, as if it had never stopped. What is damaged is
/// refused, and the network is as it was.
///
/// # Safety
/// As [`ff_set_lr_scale`]; `bytes` has `count`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ff_load(network: *mut Network, bytes: *const u8, count: usize) -> Status {
    // SAFETY: as the caller promises.
    status(|| unsafe { engine(network)?.load(many(bytes, count)?) })
}

/// The CRC-32 of all that was learned; 0 for a network that was not begun.
///
/// # Safety
/// As [`ff_set_lr_scale`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ff_checksum(network: *mut Network) -> u32 {
    // SAFETY: as the caller promises.
    unsafe { engine(network) }.map_or(0, |engine| engine.checksum())
}

/// Which of `count` samples comes at each turn of one pass: `order` takes `count` numbers, each below `count`
/// once. Drawn from the network's own generator.
///
/// # Safety
/// As [`ff_set_lr_scale`]; `order` has room for `count`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ff_order(network: *mut Network, order: *mut u16, count: u16) -> Status {
    status(|| {
        // SAFETY: as the caller promises.
        let (engine, order) = unsafe { (engine(network)?, many_mut(order, count.into())?) };
        let drawn = Order::draw(&mut engine.memory.rng, count);
        (0..count).zip(order).for_each(|(turn, place)| *place = drawn.at(turn) as u16);
        Ok(())
    })
}

/// The status of work that may be refused.
fn status(work: impl FnOnce() -> Result<(), Status>) -> Status {
    work().err().unwrap_or(Status::Ok)
}

fn refused(status: Status) -> Result<(), Status> {
    if status == Status::Ok { Ok(()) } else { Err(status) }
}

/// Refuses a pointer that is null or not aligned.
fn check<T>(pointer: *const T) -> Result<(), Status> {
    if pointer.is_null() || !pointer.is_aligned() { Err(Status::Pointer) } else { Ok(()) }
}

/// The value behind a pointer.
///
/// # Safety
/// It is null or points to a valid value, which lives for 'a.
unsafe fn one<'a, T>(pointer: *const T) -> Result<&'a T, Status> {
    check(pointer)?;
    // SAFETY: checked, and promised.
    Ok(unsafe { &*pointer })
}

/// The values behind a pointer, to look at.
///
/// # Safety
/// It is null or points to so many, which live and do not change for 'a.
unsafe fn many<'a, T>(pointer: *const T, count: usize) -> Result<&'a [T], Status> {
    bounded::<T>(count)?;
    check(pointer)?;
    // SAFETY: checked, and promised.
    Ok(unsafe { &*ptr::slice_from_raw_parts(pointer, count) })
}

/// The values behind a pointer, to change.
///
/// # Safety
/// It is null or points to so many, which live for 'a and are nobody else's.
unsafe fn many_mut<'a, T>(pointer: *mut T, count: usize) -> Result<&'a mut [T], Status> {
    bounded::<T>(count)?;
    check(pointer)?;
    // SAFETY: checked, and promised.
    Ok(unsafe { &mut *ptr::slice_from_raw_parts_mut(pointer, count) })
}

/// Refuses a count of which no memory has so many.
fn bounded<T>(count: usize) -> Result<(), Status> {
    if count <= isize::MAX as usize / size_of::<T>() { Ok(()) } else { Err(Status::Length) }
}

/// The engine of a network that was begun and is not in the middle of a step.
///
/// # Safety
/// The pointer is null or points to a network that was begun, or to zeros.
unsafe fn engine<'a>(network: *mut Network) -> Result<&'a mut Engine, Status> {
    check(network)?;
    let inner = network.cast::<Inner>();
    // SAFETY: whatever it holds, the mark is a number; once it is right, so is the rest.
    unsafe {
        if (&raw const (*inner).mark).read() != BEGUN {
            return Err(Status::Unset);
        }
        if (*inner).busy { Err(Status::Busy) } else { Ok(&mut (*inner).engine) }
    }
}

/// The step that slices hold.
///
/// # Safety
/// The pointer is null, points to zeros, or to slices that were begun.
unsafe fn stepping<'a>(slices: *mut Slices) -> Result<&'a mut Pending, Status> {
    check(slices)?;
    let pending = slices.cast::<Pending>();
    // SAFETY: as for a network.
    unsafe {
        let begun = (&raw const (*pending).mark).read() == STEPPING;
        if begun { Ok(&mut *pending) } else { Err(Status::Unset) }
    }
}

/// The network is free again.
///
/// # Safety
/// The step was begun.
unsafe fn end(pending: &mut Pending) {
    pending.step = None;
    pending.mark = 0;
    // SAFETY: the network is where it was when the step began.
    unsafe { (*pending.network).busy = false };
}

/// An engine, and what it is to learn.
///
/// # Safety
/// As [`ff_step`].
unsafe fn ready<'a>(
    network: *mut Network,
    samples: *const f32,
    labels: *const u8,
    count: usize,
) -> Result<(&'a mut Engine, Batch<'a>), Status> {
    // SAFETY: as the caller promises.
    unsafe {
        let engine = engine(network)?;
        let floats = count.checked_mul(engine.config.features as usize).ok_or(Status::Length)?;
        let batch = Batch { samples: many(samples, floats)?, labels: many(labels, count)? };
        Ok((engine, batch))
    }
}

/// A sample of as many features as the network takes.
///
/// # Safety
/// As [`many`].
unsafe fn features<'a>(engine: &Engine, sample: *const f32) -> Result<&'a [f32], Status> {
    // SAFETY: as the caller promises.
    unsafe { many(sample, engine.config.features as usize) }
}

/// Writes a report, where one is wanted.
///
/// # Safety
/// `report` is null or the caller's to write.
unsafe fn tell(seen: &learner::Report, report: *mut Report) {
    if check(report).is_err() {
        return;
    }
    let errors = seen.errors.and_then(|errors| i32::try_from(errors).ok()).unwrap_or(-1);
    let none = [0.0; FF_MAX_LAYERS];
    let mut told = Report { depth: seen.layers.len() as u32, errors, positive: none, negative: none };
    for ((layer, positive), negative) in seen.layers.iter().zip(&mut told.positive).zip(&mut told.negative) {
        (*positive, *negative) = (layer.positive, layer.negative);
    }
    // SAFETY: checked, and promised.
    unsafe { report.write(told) };
}

/// There is none: a program links this only if a panic can be reached, and then it does not link.
#[cfg(target_os = "none")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    unsafe extern "C" {
        fn ff_a_panic_can_be_reached() -> !;
    }
    // SAFETY: it does not exist.
    unsafe { ff_a_panic_can_be_reached() }
}
