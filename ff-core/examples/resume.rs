//! Saves to flash, loses its memory, and goes on as if nothing had happened:
//! `cargo run -p ff-core --example resume`.

use ff_core::prelude::*;

mod digits;
mod flash;

type Net = Network<Dense2<64, 16, 16>, 10, Readout<32, 10>, FeaturesOnly>;
const RULE: OnePass<LocalCrossEntropy> = OnePass::online(LocalCrossEntropy);
type Mem = Memory<Net, { RULE.floats::<Net>(1) }>;

/// From power-on until `last` digits are learned: a checksum of the weights.
fn live(store: &mut Store<flash::Flash>, last: u64) -> u32 {
    let mut memory = Mem::ZEROED; // a reset leaves nothing
    let mut trainer = Trainer::new(RULE, &mut memory, 1);
    match trainer.load(store, &mut [0; 256]) {
        Ok(()) => println!("going on after digit {}", trainer.memory.steps),
        Err(error) => println!("beginning anew: {error}"),
    }
    while trainer.memory.steps < last {
        let (image, label) = digits::learned().nth(trainer.memory.steps as usize).expect("1,438 digits");
        trainer.step(&image, &[label]).expect("digits are in range");
        if trainer.memory.steps.is_multiple_of(100) {
            trainer.save(store, &mut [0; 256]).expect("flash in memory cannot fail");
        }
    }
    ff_core::checksum::parameters(&trainer.memory.network)
}

pub(crate) fn main() {
    let blank = || Store::open(flash::Flash([0xff; 0x4000]), [0..0x2000, 0x2000..0x4000], &mut [0; 256]).unwrap();
    let mut store = blank();
    live(&mut store, 333); // then a reset: 33 digits are lost, and learned again
    assert_eq!(live(&mut store, 700), live(&mut blank(), 700));
    println!("the weights are those of a run without the reset");
}
