//! The store without power cuts: wear, damage, limits, and what it refuses.

mod common;

use common::flash::{Cut, Fault, Flash};
use common::saving::{Everything, META, exported};
use ff_core::checksum::Crc32;
use ff_core::network::{Dense2, Network};
use ff_core::random::Rng;
use ff_core::snapshot::{self, Meta, Source};
use ff_core::store::{Error, Store};

type Small = Flash<4, 256>;

/// A snapshot takes two pages of each slot's four.
const SLOTS: [core::ops::Range<u32>; 2] = [256..1280, 1536..2560];

fn open(flash: Small) -> Store<Small> {
    Store::open(flash, SLOTS, &mut [0; 64]).unwrap()
}

fn with_saved(numbers: core::ops::Range<u64>) -> Store<Small> {
    let mut store = open(Flash::new(10, 1));
    for number in numbers {
        store.save(Meta { steps: number, ..META }, &Everything::random(number).states(), &mut [0; 64]).unwrap();
    }
    store
}

/// The number of the snapshot that is loaded, whole.
fn load(store: &mut Store<Small>) -> Result<u64, Error<Fault>> {
    let mut live = Everything::random(99);
    let meta = store.load(&mut live.states_mut(), &mut [0; 20])?;
    assert_eq!(live.bits(), Everything::random(meta.steps).bits());
    Ok(meta.steps)
}

#[test]
fn the_newest_comes_back_and_slots_take_turns() {
    let mut store = with_saved(0..0);
    assert_eq!((store.sequence(), load(&mut store)), (None, Err(Error::Empty)));
    let mut store = with_saved(0..20);
    assert_eq!((store.sequence(), load(&mut store)), (Some(19), Ok(19)));
    let mut store = open(store.release());
    assert_eq!((store.sequence(), load(&mut store)), (Some(19), Ok(19)));
    assert_eq!(store.release().erasures, [0, 10, 10, 0, 0, 0, 10, 10, 0, 0], "only what is needed is erased");
}

#[test]
fn a_snapshot_of_nothing_is_refused() {
    let mut store = with_saved(0..2);
    assert_eq!(store.begin(&mut [0; 64]).unwrap().commit(), Err(Error::Empty));
    assert_eq!(load(&mut store), Ok(1));
}

#[test]
fn a_prepared_save_erases_nothing() {
    let mut store = with_saved(0..3);
    let mut calls = 1;
    while store.prepare().unwrap() {
        calls += 1;
    }
    assert_eq!((calls, load(&mut store)), (4, Ok(2)));
    assert_eq!(store.revert(), Err(Error::Empty), "there is nothing left to go back to");
    let erased: u32 = store.storage_mut().erasures.iter().sum();
    store.save(Meta { steps: 3, ..META }, &Everything::random(3).states(), &mut [0; 64]).unwrap();
    assert_eq!(store.storage_mut().erasures.iter().sum::<u32>(), erased);
    // Half prepared, and another save before the next: pages are not taken for erased.
    store.prepare().unwrap();
    store.save(Meta { steps: 4, ..META }, &Everything::random(4).states(), &mut [0; 64]).unwrap();
    store.save(Meta { steps: 5, ..META }, &Everything::random(5).states(), &mut [0; 64]).unwrap();
    assert_eq!(load(&mut open(store.release())), Ok(5));
}

#[test]
fn reverting_goes_back_one_and_keeps_the_good_one() {
    let mut store = with_saved(0..3);
    store.revert().unwrap();
    assert_eq!(load(&mut store), Ok(1));
    assert_eq!(store.revert(), Err(Error::Empty));
    assert_eq!(load(&mut open(store.storage_mut().clone())), Ok(1));
    store.save(Meta { steps: 7, ..META }, &Everything::random(7).states(), &mut [0; 64]).unwrap();
    store.revert().unwrap();
    assert_eq!(load(&mut store), Ok(1), "the good one was overwritten");
}

#[test]
fn every_flipped_bit_of_the_newest_falls_back_to_the_one_before() {
    let flash = with_saved(0..4).release();
    let used = 1536..1536 + 20 + exported(META, &Everything::random(1).states(), 64).len();
    for at in 0..flash.bytes.len() {
        let mut damaged = flash.clone();
        damaged.bytes[at] ^= 1 << (at % 8);
        let expected = if used.contains(&at) { 2 } else { 3 };
        let mut store = open(damaged.clone());
        assert_eq!(load(&mut store), Ok(expected), "byte {at}");
        // The next save keeps what is good, even if nobody loaded it and the save does not come to its end.
        let mut store = open(damaged.clone());
        store.begin(&mut [0; 64]).unwrap().write(&[7; 300]).unwrap();
        assert_eq!(load(&mut open(store.release())), Ok(expected), "byte {at}, after half a save");
        let mut store = open(damaged.clone());
        store.save(Meta { steps: 4, ..META }, &Everything::random(4).states(), &mut [0; 64]).unwrap();
        store.revert().unwrap();
        assert_eq!(load(&mut store), Ok(expected), "byte {at}, after one more save");

        // The same damage after opening, when the slot was still whole.
        let mut store = open(flash.clone());
        *store.storage_mut() = damaged;
        let expected = if (1556..used.end).contains(&at) { 2 } else { 3 };
        assert_eq!(load(&mut store), Ok(expected), "byte {at}, while running");
    }
}

#[test]
fn noise_is_no_snapshot_and_never_panics() {
    let flash = with_saved(0..2).release();
    let mut rng = Rng::new(3);
    for seed in 0..2_000 {
        let mut noisy: Small = Flash::new(10, seed);
        assert_eq!(load(&mut open(noisy.clone())), Err(Error::Empty));
        // Records that are right by themselves, with lengths that are not.
        for slot in [256, 1536] {
            let length = if rng.below(2) == 0 { rng.next_u32() } else { rng.below(1100) };
            let mut record = Vec::from(*b"FFST");
            [rng.next_u32(), length, rng.next_u32()].iter().for_each(|word| record.extend(word.to_le_bytes()));
            let mut crc = Crc32::new();
            crc.bytes(&record);
            record.extend(crc.value().to_le_bytes());
            noisy.bytes[slot..slot + 20].copy_from_slice(&record);
        }
        assert_eq!(load(&mut open(noisy)), Err(Error::Empty));
    }
    assert_eq!(load(&mut open(flash)), Ok(1));
}

#[test]
fn sequence_numbers_wrap() {
    let mut store = with_saved(0..2);
    let mut flash = store.storage_mut().clone();
    // Number the second slot as if 2^32 - 1 saves had been made, the first two before that.
    for (slot, sequence) in [(1536, u32::MAX), (256, u32::MAX - 1)] {
        let word = |at: usize| u32::from_le_bytes(flash.bytes[slot + at..slot + at + 4].try_into().unwrap());
        let (magic, length) = (word(0), word(8));
        let mut content = Crc32::new();
        content.words(&[sequence]);
        content.bytes(&flash.bytes[slot + 20..slot + 20 + length as usize]);
        content.words(&[length]);
        let mut record = Crc32::new();
        let words = [magic, sequence, length, content.value()];
        record.words(&words);
        for (index, word) in words.into_iter().chain([record.value()]).enumerate() {
            flash.bytes[slot + 4 * index..slot + 4 * index + 4].copy_from_slice(&word.to_le_bytes());
        }
    }
    let mut store = open(flash);
    assert_eq!((store.sequence(), load(&mut store)), (Some(u32::MAX), Ok(1)));
    for number in [5, 6] {
        store.save(Meta { steps: number, ..META }, &Everything::random(number).states(), &mut [0; 64]).unwrap();
        store = open(store.release());
        assert_eq!((store.sequence(), load(&mut store)), (Some(number as u32 - 5), Ok(number)));
    }
}

#[test]
fn what_comes_over_a_line_counts_only_if_it_would_load() {
    let mut store = with_saved(0..2);
    let good = exported(Meta { steps: 2, ..META }, &Everything::random(2).states(), 64);
    let foreign = exported(META, &[&Network::<Dense2<4, 3, 2>, 2>::ZEROED], 64);
    let mut flipped = good.clone();
    flipped[200] ^= 1;
    for bad in [&foreign[..], &flipped, &good[..300], &[], &[&good[..], &[0]].concat()] {
        assert!(matches!(receive(&mut store, bad), Err(Error::Snapshot(_))));
        assert_eq!(load(&mut open(store.storage_mut().clone())), Ok(1));
    }
    store.begin(&mut [0; 64]).unwrap().write(&good).unwrap();
    assert_eq!(load(&mut open(store.storage_mut().clone())), Ok(1), "nobody committed");
    receive(&mut store, &good).unwrap();
    assert_eq!(load(&mut open(store.storage_mut().clone())), Ok(2));

    let mut sent = vec![0; good.len().next_multiple_of(4)];
    let mut newest = store.newest().unwrap();
    assert_eq!(newest.bytes(), good.len());
    newest.read(0, &mut sent).unwrap();
    assert_eq!(sent[..good.len()], good);
}

fn receive(store: &mut Store<Small>, bytes: &[u8]) -> Result<(), Error<Fault>> {
    let mut buffer = [0; 50];
    let mut writer = store.begin(&mut buffer)?;
    bytes.chunks(11).try_for_each(|chunk| writer.write(chunk))?;
    writer.commit_for(&mut Everything::random(50).states_mut())
}

#[test]
fn another_firmwares_snapshot_is_refused_and_kept() {
    let mut store = with_saved(0..2);
    let mut other = Network::<Dense2<4, 3, 2>, 2>::ZEROED;
    let refused = store.load(&mut [&mut other], &mut [0; 64]);
    assert!(matches!(refused, Err(Error::Snapshot(snapshot::Error::Shape { .. }))));
    assert_eq!(load(&mut store), Ok(1));
}

#[test]
fn what_does_not_fit_is_refused_before_anything_is_erased() {
    let mut store = with_saved(0..2);
    let before = store.storage_mut().operations;
    assert_eq!(store.capacity(), 1024 - 20);
    let large = [1.0_f32; 250];
    let full = Error::Full { expected: 1068, capacity: 1004 };
    assert_eq!(store.save(META, &[&large], &mut [0; 64]), Err(full));
    let buffer = Error::Buffer { expected: 20 };
    assert_eq!(store.save(META, &[&[1.0_f32; 2]], &mut [0; 19]), Err(buffer));
    let refused = store.save(META, &[&[f32::NAN; 2]], &mut [0; 64]);
    assert!(matches!(refused, Err(Error::Snapshot(snapshot::Error::NotFinite { .. }))));
    assert_eq!(store.storage_mut().operations, before);
    // As much as fits, to the byte, and not one more.
    store.save(META, &[&[1.0_f32; 234]], &mut [0; 64]).unwrap();
    assert_eq!(Store::open(store.release(), SLOTS, &mut [0; 20]).unwrap().sequence(), Some(2));
    let mut store = with_saved(0..2);
    assert!(matches!(receive(&mut store, &[7; 1005]), Err(Error::Full { capacity: 1004, .. })));
    assert_eq!(load(&mut store), Ok(1));
}

#[test]
fn slots_must_be_whole_pages_apart() {
    let bad = [[0..256, 256..500], [0..256, 128..512], [0..512, 256..512], [0..0, 256..512], [0..256, 600..700]];
    for slots in bad {
        let refused = Store::open(Small::new(4, 1), slots.clone(), &mut [0; 64]).err();
        assert_eq!(refused, Some(Error::Layout), "{slots:?}");
    }
    let swapped = Store::open(Small::new(4, 1), [512..1024, 0..256], &mut [0; 64]).unwrap();
    assert_eq!(swapped.capacity(), 236);
    assert_eq!(
        Store::open(Small::new(4, 1), [0..256, 256..512], &mut [0; 19]).err(),
        Some(Error::Buffer { expected: 20 })
    );
}

#[test]
fn a_worn_page_is_noticed_before_the_snapshot_counts() {
    for stuck in [256, 256 + 17, 256 + 20, 700] {
        let mut store = with_saved(0..2);
        store.storage_mut().stuck = Some(stuck);
        let saved = store.save(Meta { steps: 2, ..META }, &Everything::random(2).states(), &mut [0; 64]);
        assert_eq!(saved, Err(Error::NotKept), "byte {stuck}");
        assert_eq!(load(&mut store), Ok(1));
        assert_eq!(load(&mut open(store.release())), Ok(1));
    }
}

#[test]
fn a_slot_that_cannot_be_read_does_not_hide_the_other() {
    let mut flash = with_saved(0..4).release();
    flash.silent = 1700..1701;
    assert_eq!(load(&mut open(flash.clone())), Ok(2));
    flash.silent = 0..4096;
    assert_eq!(Store::open(flash.clone(), SLOTS, &mut [0; 64]).err(), Some(Error::Storage(Fault::Silent)));
    let mut blank = Store::blank(flash, SLOTS).unwrap();
    assert_eq!(blank.storage_mut().operations, with_saved(0..4).storage_mut().operations);
    assert_eq!(load(&mut blank), Err(Error::Empty));
}

#[cfg(feature = "embedded-storage")]
#[test]
fn an_embedded_storage_driver_will_do() {
    use common::flash::Driver;
    use ff_core::store::NorFlash;
    let flash = NorFlash(Driver(Flash::<8, 128>::new(20, 1)));
    let mut store = Store::open(flash, [0..1024, 1024..2048], &mut [0; 64]).unwrap();
    let state = Everything::random(4);
    store.save(META, &state.states(), &mut [0; 72]).unwrap();
    let flash = store.release();
    let mut live = Everything::random(5);
    let mut store = Store::open(flash, [0..1024, 1024..2048], &mut [0; 64]).unwrap();
    assert_eq!(store.load(&mut live.states_mut(), &mut [0; 64]), Ok(META));
    assert_eq!(live.bits(), state.bits());
}

/// What was to be given up may be whole on the medium: the call can be made again.
#[test]
fn a_revert_that_failed_can_be_tried_again() {
    let flash = with_saved(1..3).release().cut_after(0, Cut::Before);
    let mut store = open(flash);
    assert_eq!(store.revert(), Err(Error::Storage(Fault::NoPower)));
    let flash = store.storage_mut().clone().restart();
    assert_eq!(load(&mut open(flash.clone())), Ok(2), "the medium still has it");
    *store.storage_mut() = flash;
    assert_eq!(load(&mut store), Ok(1));
    assert_eq!(store.revert(), Ok(()));
    assert_eq!(store.revert(), Err(Error::Empty));
    assert_eq!(load(&mut open(store.release())), Ok(1));
}

/// Words that may have been written are not written again, and half a snapshot never counts.
#[test]
fn a_writer_that_failed_stays_failed() {
    let snapshot = exported(META, &Everything::random(5).states(), 64);
    let mut store = with_saved(1..3);
    let flash = store.release().cut_after(20, Cut::Half);
    store = open(flash);
    let mut buffer = [0; 64];
    let mut writer = store.begin(&mut buffer).unwrap();
    let failed = snapshot.chunks(50).find_map(|chunk| writer.write(chunk).err());
    assert_eq!(failed, Some(Error::Storage(Fault::NoPower)));
    assert_eq!(writer.write(&snapshot), Err(Error::Failed));
    assert_eq!(writer.commit(), Err(Error::Failed));
    let flash = store.release().restart();
    assert_eq!(load(&mut open(flash)), Ok(2));
}
