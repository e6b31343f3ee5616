//! Learns handwritten digits, each once, one at a time, in 15 KB: `cargo run -p ff-core --example learn`.

use ff_core::prelude::*;
use std::sync::Mutex;

mod digits;

type Net = Network<Dense2<64, 32, 32>, 10, Readout<64, 10>, FeaturesOnly>;
const RULE: OnePass = OnePass::online(NWay::STANDARD);
type Mem = Memory<Net, { RULE.floats::<Net>(1) }>;

/// All memory that learning takes. On a device `cortex_m::singleton!` hands it out.
static MEMORY: Mutex<Mem> = Mutex::new(Mem::ZEROED);

pub(crate) fn main() -> Result<(), Error> {
    let mut memory = MEMORY.lock().expect("nobody else has it");
    let mut trainer = Trainer::new(RULE, &mut *memory, 1);
    for (turn, (image, label)) in digits::learned().enumerate() {
        trainer.rule.lr_scale = 1.0 - turn as f32 / 1438.0;
        trainer.step(&image, &[label])?;
    }
    let mut right = 0;
    for (image, label) in digits::held_out() {
        right += usize::from(trainer.classify(&image)? == label);
    }
    println!("{right} of 359 digits recognised, in {} bytes", Mem::RAM_BYTES);
    assert!(right > 320);
    Ok(())
}
