//! A store on flash of any content, with the power cut at any operation of a save.

use std::ops::Range;

use ff_core::checksum;
use ff_core::snapshot::Meta;
use ff_core::store::{Storage, Store};

use super::snapshot;

const SLOTS: [Range<u32>; 2] = [0..256, 256..512];
const END: usize = 512;

/// Flash in memory that stops in the middle of an operation once it has done so many.
#[derive(Clone)]
struct Flash {
    bytes: Vec<u8>,
    left: usize,
}

/// The power is off.
#[derive(Debug)]
struct Off;

/// The first byte says when the power goes; the others are the flash's content.
pub fn run(bytes: &[u8]) {
    let Some((cut, content)) = bytes.split_first() else { return };
    let mut content = content.to_vec();
    content.resize(END, 0xff);
    let flash = Flash { bytes: content, left: usize::MAX };
    let old = newest(&flash);
    let new = snapshot::random(7);
    let mut cut_flash = Flash { left: usize::from(*cut), ..flash };
    let saved = Store::open(&mut cut_flash, SLOTS, &mut [0; 64])
        .and_then(|mut store| store.save(Meta { steps: 9, ..Meta::START }, &[&new], &mut [0; 64]));
    let found = newest(&Flash { left: usize::MAX, ..cut_flash });
    let new = Some(checksum::parameters(&new));
    assert!(found == new || saved.is_err() && found == old, "neither the old snapshot nor the new one is there");
}

/// Empty flash, and flash with one and two snapshots, cut early and late.
#[must_use]
pub fn seeds() -> Vec<Vec<u8>> {
    let mut flash = Flash { bytes: vec![0xff; END], left: usize::MAX };
    let mut contents = vec![flash.bytes.clone()];
    for seed in [2, 3] {
        let mut store = Store::open(&mut flash, SLOTS, &mut [0; 64]).expect("flash that answers");
        store.save(Meta::START, &[&snapshot::random(seed)], &mut [0; 64]).expect("flash that keeps");
        contents.push(flash.bytes.clone());
    }
    contents.iter().flat_map(|content| [3, 20, 255].map(|cut| [&[cut], &**content].concat())).collect()
}

/// The checksum of the network that is loaded; none where there is none.
fn newest(flash: &Flash) -> Option<u32> {
    let mut net = snapshot::random(1);
    let mut store = Store::open(flash.clone(), SLOTS, &mut [0; 64]).expect("flash that answers");
    store.load(&mut [&mut net], &mut [0; 64]).ok().map(|_| checksum::parameters(&net))
}

impl Flash {
    /// Sets bytes; the first half of them where the power goes.
    fn set(&mut self, range: Range<usize>, to: impl Fn(usize) -> u8) -> Result<(), Off> {
        let half = range.start..range.start + range.len() / 2;
        let done = match self.left {
            0 => return Err(Off),
            1 => half,
            _ => range.clone(),
        };
        self.left -= 1;
        done.for_each(|at| self.bytes[at] = to(at - range.start));
        if self.left == 0 { Err(Off) } else { Ok(()) }
    }
}

impl Storage for Flash {
    type Error = Off;
    const WORD: usize = 4;
    const PAGE: usize = 64;

    fn read(&mut self, at: u32, into: &mut [u8]) -> Result<(), Off> {
        into.copy_from_slice(&self.bytes[at as usize..][..into.len()]);
        if self.left == 0 { Err(Off) } else { Ok(()) }
    }

    fn write(&mut self, at: u32, bytes: &[u8]) -> Result<(), Off> {
        for (index, word) in bytes.chunks(Self::WORD).enumerate() {
            let at = at as usize + index * Self::WORD;
            assert!(self.bytes[at..at + Self::WORD] == [0xff; Self::WORD], "word at {at} was not erased");
            self.set(at..at + Self::WORD, |index| word[index])?;
        }
        Ok(())
    }

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Off> {
        assert!(from.is_multiple_of(64) && to.is_multiple_of(64), "erase {from}..{to}: no whole pages");
        self.set(from as usize..to as usize, |_| 0xff)
    }
}
