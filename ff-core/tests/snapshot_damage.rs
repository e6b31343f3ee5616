//! Damaged snapshots: all refused, and the live states as they were.

mod common;

use common::saving::{Everything, META, damage, exported, sign};
use ff_core::random::Rng;
use ff_core::snapshot;

/// Tries to load what must be refused.
fn refused(bytes: &[u8], live: &mut Everything, before: &[u32], what: impl Fn() -> String) {
    let result = snapshot::import_bytes(bytes, &mut live.states_mut());
    assert!(result.is_err(), "{}: was loaded", what());
    assert_eq!(live.bits(), before, "{}: changed the live states", what());
}

#[test]
fn every_flipped_bit_every_truncation_and_every_longer_one_is_refused() {
    let whole = exported(META, &Everything::random(1).states(), 64);
    let mut live = Everything::random(2);
    let before = live.bits();
    for at in 0..whole.len() {
        for pattern in (0..8).map(|bit| 1 << bit).chain([0xff, 0x55]) {
            let mut bytes = whole.clone();
            bytes[at] ^= pattern;
            refused(&bytes, &mut live, &before, || format!("byte {at} xor {pattern:02x}"));
        }
        refused(&whole[..at], &mut live, &before, || format!("truncated to {at} bytes"));
        refused(&whole[at + 1..], &mut live, &before, || format!("without its first {} bytes", at + 1));
    }
    for extra in [&[0][..], &[0xff], &[0; 64], &whole] {
        refused(&[&whole, extra].concat(), &mut live, &before, || format!("{} bytes longer", extra.len()));
    }
    // The snapshot itself is fine, or all of the above would be worth nothing.
    snapshot::import_bytes(&whole, &mut live.states_mut()).unwrap();
    assert_ne!(live.bits(), before);
}

#[test]
fn a_hundred_thousand_damaged_snapshots_are_refused() {
    let whole = exported(META, &Everything::random(1).states(), 64);
    let other = exported(snapshot::Meta::START, &Everything::random(3).states(), 64);
    let mut live = Everything::random(2);
    let before = live.bits();
    let mut rng = Rng::new(4);
    let mut tried = 0;
    while tried < 100_000 {
        let bytes = damage(&whole, &other, &mut rng);
        // Some damage undoes itself.
        if bytes != whole && bytes != other {
            refused(&bytes, &mut live, &before, || format!("case {tried}: {bytes:02x?}"));
            tried += 1;
        }
    }
}

/// A checksum keeps no liar out: a header may claim anything, and a payload hold any bits.
#[test]
fn signed_nonsense_is_loaded_whole_or_refused_and_never_panics() {
    let whole = exported(META, &Everything::random(1).states(), 64);
    let mut rng = Rng::new(5);
    let (mut loaded, mut turned_down) = (0, 0);
    for _ in 0..20_000 {
        let mut bytes = whole.clone();
        for _ in 0..=rng.below(3) {
            let at = rng.below(whole.len() as u32) as usize;
            bytes[at] = rng.next_u32() as u8;
        }
        if rng.below(4) == 0 {
            bytes.truncate(4 + rng.below(whole.len() as u32 - 4) as usize);
        }
        sign(&mut bytes);
        let mut live = Everything::random(2);
        let before = live.bits();
        match snapshot::import_bytes(&bytes, &mut live.states_mut()) {
            Ok(meta) => {
                assert_eq!(exported(meta, &live.states(), 64), bytes);
                loaded += 1;
            }
            Err(_) => {
                assert_eq!(live.bits(), before);
                turned_down += 1;
            }
        }
    }
    assert!(loaded > 5_000 && turned_down > 5_000, "{loaded} loaded, {turned_down} refused: a one-sided test");
}
