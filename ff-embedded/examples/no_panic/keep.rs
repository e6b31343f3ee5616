//! Snapshots out, in and in place; two slots in memory; going back.

use core::{convert::Infallible, hint::black_box, ops::Range};

use embedded_storage::nor_flash::{self, ReadNorFlash};
use ff_core::{
    network::Parameters,
    optimiser::{Moments, Stateless},
    random::Rng,
    snapshot::{
        self, Export, Import, Meta, Saved, Source,
        in_place::{self, InPlace},
    },
    store::{NorFlash, Storage, Store},
    stream::{
        anomaly::LowTail,
        dead::Fired,
        drift::Drift,
        moments,
        patience::Patience,
        replay::{Balanced, Reservoir},
        rollback::{Rollback, Tolerance},
    },
};

use crate::{
    Failure,
    unknown::{self, CLASSES, Labelled, Memory, Unknown},
};

/// Bytes of a slot.
const SLOT: usize = 4096;

#[repr(align(4))]
struct Slots([u8; 2 * SLOT]);

pub fn run(memory: &mut Memory, rng: &mut Rng) -> Result<(), Failure> {
    let bytes = crate::processor::singleton!(: Slots = Slots([0; _])).ok_or(Failure)?;
    let bytes = black_box(&mut bytes.0[..]);
    let Memory { labelled: [net, spare, _], plain: [first, second, _], means, .. } = memory;
    let (mut replay, mut reservoir) = black_box((Balanced::<4, 3, CLASSES>::ZEROED, Reservoir::<4, 3>::ZEROED));
    let (mut drift, mut patience, mut tail) = black_box((Drift::ZEROED, Patience::ZEROED, LowTail::<4>::ZEROED));
    let mut fired = black_box(Fired::<4>::ZEROED);
    let (mut rollback, mut moments) = black_box((Rollback::ZEROED, moments::Moments::ZEROED));
    let mut unknown = Unknown::of(net);
    let mut two = Moments { first: Unknown::of(first), second: Unknown::of(second) };
    let state: &mut [&mut dyn Saved] = &mut [
        &mut unknown,
        &mut two,
        means,
        &mut replay,
        &mut reservoir,
        &mut drift,
        &mut patience,
        &mut tail,
        &mut rollback,
        &mut moments,
        &mut fired,
        &mut Stateless,
    ];
    in_and_out(state, rng, bytes)?;
    snapshot::copy(net, spare)?;
    in_place(net, bytes)?;
    slots(Flash(bytes), net)?;
    slots(NorFlash(Flash(bytes)), net)?;
    go_back(net, spare, bytes)
}

fn in_and_out(state: &mut [&mut dyn Saved], rng: &Rng, bytes: &mut [u8]) -> Result<(), Failure> {
    let meta = black_box(Meta { rng: rng.state(), ..Meta::START });
    let length = {
        let mut views = [&Stateless as &dyn Saved; 12];
        views.iter_mut().zip(state.iter()).for_each(|(view, state)| *view = &**state);
        let views = black_box(&views[..]);
        black_box(snapshot::bytes(views)?);
        let mut export = Export::new(meta, views)?;
        let (mut at, length) = (0, export.len());
        while let Some(room) = bytes.get_mut(at..).filter(|room| !room.is_empty()) {
            let room = room.get_mut(..black_box(100)).unwrap_or_default();
            match export.read(room) {
                0 => break,
                count => at += count,
            }
        }
        length
    };
    let mut source = black_box(bytes.get(..length).ok_or(Failure)?);
    let mut buffer = [0; 40];
    black_box(snapshot::verify(&mut source, state, black_box(&mut buffer[..]))?);
    black_box(snapshot::import(&mut source, state, black_box(&mut buffer[..]))?);
    black_box(snapshot::import_bytes(source, state)?);
    let mut import = Import::new(state)?;
    import.verify(source)?;
    let mut load = import.verified()?;
    load.load(source)?;
    black_box(load.meta());
    black_box(load.finish()?);
    Ok(())
}

fn in_place(net: &mut Labelled, bytes: &mut [u8]) -> Result<(), Failure> {
    let shapes = unknown::shapes(net);
    let state: [&dyn Saved; 1] = [net];
    let mut export = Export::new(Meta::START, &state)?;
    let length = export.len();
    export.read(bytes);
    let snapshot = black_box(bytes.get(..length).ok_or(Failure)?);
    let lies = in_place::from_snapshot(black_box(&shapes), black_box([CLASSES, CLASSES]), snapshot);
    let (mut lies, meta) = lies.map_err(|_| Failure)?;
    black_box((lies.views_mut().1.len(), meta));
    black_box(lies.views().1.len());
    let floats = black_box(&[0.5; 400][..]);
    black_box(InPlace::new(black_box(&shapes), black_box([CLASSES, CLASSES]), floats)?.classes());
    Ok(())
}

fn slots<S: Storage>(storage: S, net: &mut Labelled) -> Result<(), Failure> {
    let mut buffer = [0; 64];
    let buffer = black_box(&mut buffer[..]);
    let slots = black_box([0..SLOT as u32, SLOT as u32..2 * SLOT as u32]);
    let storage = Store::blank(storage, slots.clone())?.release();
    let mut store = Store::open(storage, slots, buffer)?;
    let meta = black_box(Meta::START);
    for _ in 0..black_box(3) {
        while store.prepare()? {}
        store.save(meta, &[net], buffer)?;
    }
    black_box((store.capacity(), store.sequence()));
    if let Some(mut slot) = store.newest() {
        let mut bytes = [0; 8];
        black_box(slot.bytes());
        let _ = Source::read(&mut slot, black_box(8), black_box(&mut bytes[..]));
    }
    black_box(store.load(&mut [&mut Unknown::of(net)], buffer)?);
    let state: [&dyn Saved; 1] = [net];
    let mut export = Export::new(meta, &state)?;
    let mut writer = store.begin(buffer)?;
    let mut chunk = [0; 40];
    loop {
        let count = export.read(black_box(&mut chunk[..]));
        if count == 0 {
            break;
        }
        writer.write(chunk.get(..count).unwrap_or_default())?;
    }
    writer.commit_for(&mut [net])?;
    // Bytes that nobody could load: no snapshot, but a whole slot.
    let mut writer = store.begin(buffer)?;
    writer.write(black_box(b"whatever comes"))?;
    writer.commit()?;
    store.revert()?;
    let mut at_once = [0; 8];
    let _ = store.storage_mut().read(black_box(0), black_box(&mut at_once[..]));
    Ok(())
}

fn go_back(net: &mut Labelled, spare: &mut Labelled, bytes: &mut [u8]) -> Result<(), Failure> {
    let mut buffer = [0; 64];
    let buffer = black_box(&mut buffer[..]);
    let mut store = Store::blank(Flash(bytes), [0..SLOT as u32, SLOT as u32..2 * SLOT as u32])?;
    let mut rollback = black_box(Rollback::ZEROED);
    for accuracy in [0.9, 0.8, 0.1] {
        let accuracy = black_box(accuracy);
        let decision = rollback.judge(black_box(Tolerance { fall: 0.2 }), accuracy)?;
        black_box(rollback.act_with_store(decision, accuracy, Meta::START, net, &mut store, buffer)?);
        rollback.act_with_spare(decision, accuracy, net, spare)?;
    }
    rollback.saved(black_box(0.5));
    rollback.reset();
    Ok(())
}

/// Memory that behaves like flash.
struct Flash<'a>(&'a mut [u8]);

impl Flash<'_> {
    fn range(&mut self, at: u32, length: usize) -> Result<&mut [u8], Infallible> {
        Ok(self.0.get_mut(at as usize..).and_then(|rest| rest.get_mut(..length)).unwrap_or_default())
    }
}

impl Storage for Flash<'_> {
    type Error = Infallible;
    const WORD: usize = 4;
    const PAGE: usize = 1024;

    fn read(&mut self, at: u32, into: &mut [u8]) -> Result<(), Infallible> {
        let length = into.len();
        into.iter_mut().zip(self.range(at, length)?).for_each(|(to, from)| *to = *from);
        Ok(())
    }

    fn write(&mut self, at: u32, bytes: &[u8]) -> Result<(), Infallible> {
        self.range(at, bytes.len())?.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        Ok(())
    }

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Infallible> {
        let Range { start, end } = from..to;
        self.range(start, end.saturating_sub(start) as usize)?.fill(0xff);
        Ok(())
    }
}

impl nor_flash::ErrorType for Flash<'_> {
    type Error = Infallible;
}

impl ReadNorFlash for Flash<'_> {
    const READ_SIZE: usize = 4;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Infallible> {
        Storage::read(self, offset, bytes)
    }

    fn capacity(&self) -> usize {
        self.0.len()
    }
}

impl nor_flash::NorFlash for Flash<'_> {
    const WRITE_SIZE: usize = 4;
    const ERASE_SIZE: usize = 1024;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Infallible> {
        Storage::erase(self, from, to)
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Infallible> {
        Storage::write(self, offset, bytes)
    }
}
