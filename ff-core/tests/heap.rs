//! A network that no stack has room for is made on the heap. Run in a debug build.

#![cfg(feature = "alloc")]

use ff_core::prelude::*;

/// 64 MB.
type Large = Network<(Layer<4010, 4000>,), 10>;

const RULE: Classic = Classic::SMALL;
type Mem = Memory<Large, { RULE.floats::<Large>(1) }, Large>;

#[test]
fn large_networks_never_pass_the_stack() {
    const { assert!(Large::RAM_BYTES > 64_000_000) };
    let learns = || {
        let mut memory = Mem::boxed().unwrap();
        let trainer = Trainer::resume(RULE, &mut *memory);
        assert_eq!((trainer.memory.steps, trainer.memory.network.layers.0.weights[4009][3999]), (0, 0.0));
        let mut network = Large::boxed().unwrap();
        network.layers.0.biases[3999] = 1.0;
        network.layers.0.biases.iter().sum::<f32>()
    };
    // Twice the size of what a thread usually has would not do either.
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(learns).unwrap();
    assert!(thread.join().unwrap() > 0.0);
}

/// What is made there learns as what is a static.
#[test]
fn the_heap_learns_the_same() {
    type Net = Network<Dense2<4, 16, 8>, 2>;
    type Mem = Memory<Net, { RULE.floats::<Net>(1) }>;
    let learn = |memory: &mut Mem| {
        let mut trainer = Trainer::new(RULE, memory, 1);
        (0..20).for_each(|_| drop(trainer.step(&[0.5, 1.0], &[1]).unwrap()));
        ff_core::checksum::parameters(&trainer.memory.network)
    };
    let mut on_the_stack = Mem::ZEROED;
    assert_eq!(learn(&mut Mem::boxed().unwrap()), learn(&mut on_the_stack));
}
