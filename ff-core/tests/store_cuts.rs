//! Power cuts: at every single write and erase, with whatever they leave behind.

mod common;

use common::flash::{CUTS, Cut, Fault, Flash};
use common::saving::{Everything, exported};
use ff_core::random::Rng;
use ff_core::snapshot::Meta;
use ff_core::store::{Error, Storage, Store};

/// Small pages, so that a snapshot takes several, and a slot of two more than it needs.
const SLOTS: [core::ops::Range<u32>; 2] = [256..1280, 1536..2560];

fn open<S: Storage<Error = Fault>>(flash: S) -> Store<S> {
    Store::open(flash, SLOTS, &mut [0; 64]).unwrap()
}

fn meta(number: u64) -> Meta {
    Meta { steps: number, ..Meta::START }
}

/// What number `number` of a run of snapshots is.
fn state(number: u64) -> Everything {
    Everything::random(1000 + number)
}

fn save<S: Storage<Error = Fault>>(store: &mut Store<S>, number: u64) -> Result<(), Error<Fault>> {
    store.save(meta(number), &state(number).states(), &mut [0; 96])
}

/// Which snapshot a start after a power cut finds; it must be whole.
fn found<S: Storage<Error = Fault>>(store: &mut Store<S>) -> Option<u64> {
    let mut live = Everything::random(1);
    let untouched = live.bits();
    match store.load(&mut live.states_mut(), &mut [0; 40]) {
        Ok(meta) => {
            assert_eq!(live.bits(), state(meta.steps).bits(), "snapshot {} is not what was saved", meta.steps);
            Some(meta.steps)
        }
        Err(Error::Empty) => {
            assert_eq!(live.bits(), untouched);
            None
        }
        Err(error) => panic!("{error}"),
    }
}

/// Flash with the snapshots `0..saved` in it, and how many operations the next save takes.
fn prepared<const WORD: usize>(saved: u64) -> (Flash<WORD, 256>, usize) {
    let mut store = open(Flash::<WORD, 256>::new(10, saved));
    (0..saved).for_each(|number| save(&mut store, number).unwrap());
    let flash = store.release();
    let mut next = open(flash.clone());
    save(&mut next, saved).unwrap();
    let operations = next.release().operations - flash.operations;
    (flash, operations)
}

/// Cuts the save of number `saved` everywhere; what is found is old or new, and learning goes on.
fn cut_everywhere<const WORD: usize>(saved: u64) {
    let (flash, operations) = prepared::<WORD>(saved);
    assert!(operations > 2 + state(0).bits().len() / WORD, "{operations} operations are too few to be true");
    let (old, mut olds, mut news) = (saved.checked_sub(1), 0, 0);
    for (at, cut) in (0..=operations).flat_map(|at| CUTS.map(|cut| (at, cut))) {
        let mut store = open(flash.clone().cut_after(at, cut));
        let saving = save(&mut store, saved);
        assert_eq!(saving.is_ok(), at == operations, "cut at {at}");

        let mut store = open(store.release().restart());
        let first = found(&mut store);
        assert!(first == old || first == Some(saved), "cut {cut:?} at {at} of {operations} left {first:?}");
        assert!(saving.is_err() || first == Some(saved), "what was reported as saved is lost");
        *if first == old { &mut olds } else { &mut news } += 1;
        for number in [saved + 1, saved + 2] {
            save(&mut store, number).unwrap();
            assert_eq!(found(&mut open(store.storage_mut().clone())), Some(number), "after a cut {cut:?} at {at}");
        }
    }
    assert!(olds > 50 && news > 1, "{olds} old, {news} new");
}

#[test]
fn the_first_save_may_be_cut_anywhere() {
    cut_everywhere::<4>(0);
}

#[test]
fn every_later_save_may_be_cut_anywhere() {
    for saved in 1..4 {
        cut_everywhere::<4>(saved);
    }
}

#[test]
fn words_of_any_size_will_do() {
    cut_everywhere::<1>(2);
    cut_everywhere::<2>(2);
    cut_everywhere::<8>(2);
    cut_everywhere::<16>(3);
    cut_everywhere::<32>(2);
}

/// The save that follows a cut may be cut as well, and so on: nothing is ever lost.
#[test]
fn cut_after_cut_after_cut() {
    let mut rng = Rng::new(9);
    for run in 0..300 {
        let (flash, operations) = prepared::<8>(2);
        let (mut flash, mut newest, mut number) = (flash, 1, 2);
        for _ in 0..12 {
            let (at, cut) = (rng.below(operations as u32 + 1) as usize, CUTS[rng.below(5) as usize]);
            let mut store = open(flash.cut_after(at, cut));
            let saving = save(&mut store, number);
            flash = store.release().restart();
            let now = found(&mut open(flash.clone())).unwrap();
            assert!(now == number || now == newest && saving.is_err(), "run {run}: {now} after {newest}");
            (newest, number) = (now, number + 1);
        }
    }
}

/// A cut without a restart's memory loss: the program notices the error and tries again.
#[test]
fn a_save_that_failed_may_be_tried_again() {
    let (flash, operations) = prepared::<4>(2);
    for at in 0..operations {
        let mut store = open(flash.clone().cut_after(at, Cut::Half));
        assert!(save(&mut store, 2).is_err());
        *store.storage_mut() = store.storage_mut().clone().restart();
        assert_eq!(found(&mut store), Some(1));
        save(&mut store, 3).unwrap();
        assert_eq!(found(&mut open(store.release())), Some(3));
    }
}

#[test]
fn preparing_and_reverting_may_be_cut_anywhere() {
    let (flash, _) = prepared::<4>(3);
    for (at, cut) in (0..6).flat_map(|at| CUTS.map(|cut| (at, cut))) {
        let mut store = open(flash.clone().cut_after(at, cut));
        while store.prepare().unwrap_or(false) {}
        let mut store = open(store.release().restart());
        assert_eq!(found(&mut store), Some(2), "preparing was cut {cut:?} at {at}");
        save(&mut store, 3).unwrap();
        assert_eq!(found(&mut store), Some(3));

        let mut store = open(flash.clone().cut_after(at, cut));
        let reverted = store.revert();
        let mut store = open(store.release().restart());
        let now = found(&mut store);
        assert!(now == Some(1) || now == Some(2) && reverted.is_err(), "reverting was cut {cut:?} at {at}: {now:?}");
        save(&mut store, 4).unwrap();
        assert_eq!(found(&mut open(store.release())), Some(4));
    }
}

#[test]
fn streaming_may_be_cut_anywhere() {
    let (flash, operations) = prepared::<4>(2);
    let bytes = exported(meta(2), &state(2).states(), 64);
    for (at, cut) in (0..=operations).flat_map(|at| CUTS.map(|cut| (at, cut))) {
        let mut store = open(flash.clone().cut_after(at, cut));
        let mut buffer = [0; 32];
        let mut writer = store.begin(&mut buffer).unwrap();
        let sent = bytes.chunks(7).try_for_each(|chunk| writer.write(chunk));
        let saved = sent.and_then(|()| writer.commit_for(&mut Everything::random(1).states_mut()));
        assert_eq!(saved.is_ok(), at == operations);
        let now = found(&mut open(store.release().restart()));
        assert!(now == Some(2) || now == Some(1) && saved.is_err());
    }
}
