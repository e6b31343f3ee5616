//! One pass over the digits, one at a time, by every rule's own rate: what the docs of `Classic::online` and
//! `OnePass::online` say. `cargo test -p ff-core --test online -- --nocapture` prints their rows.

use ff_core::goodness::Objective;
use ff_core::memory::Zeroed;
use ff_core::network::Parameters;
use ff_core::onepass::Head;
use ff_core::prelude::*;
use ff_core::rule::Supervised;

type Labelled = Network<Dense2<74, 32, 32>, 10>;
type Plain = Network<Dense2<64, 32, 32>, 10, Readout<64, 10>, FeaturesOnly>;
type Bare = Network<Dense2<64, 32, 32>, 10, NoReadout, FeaturesOnly>;

const DOCS: [&str; 2] = [include_str!("../src/classic/mod.rs"), include_str!("../src/onepass/mod.rs")];

/// Every fifth digit is held out.
fn digits(wanted: fn(usize) -> bool) -> Vec<([f32; 64], u8)> {
    let (records, _) = include_bytes!("data/digits8x8.bin").as_chunks::<65>();
    let records = records.iter().enumerate().filter(|(index, _)| wanted(*index));
    records.map(|(_, record)| (std::array::from_fn(|i| f32::from(record[i]) / 16.0), record[64])).collect()
}

/// The per cent of held-out digits that are recognised after one pass, each rate the rule's times what
/// `scale` says at that part of the way.
fn recognised<R, N>(rule: fn(f32) -> R, scale: fn(f32) -> f32, seed: u64) -> f32
where
    R: Supervised,
    N: Parameters + Zeroed,
{
    let learned = digits(|index| index % 5 != 4);
    let held_out = digits(|index| index % 5 == 4);
    let mut memory = Memory::<N, 1024>::ZEROED;
    let mut trainer = Trainer::new(rule(1.0), &mut memory, seed);
    let mut order: Vec<usize> = (0..learned.len()).collect();
    let mut rng = Rng::new(seed + 100);
    (1..order.len()).rev().for_each(|last| order.swap(last, rng.below(last as u32 + 1) as usize));
    for (turn, &index) in order.iter().enumerate() {
        trainer.rule = rule(scale(turn as f32 / order.len() as f32));
        let (image, label) = &learned[index];
        trainer.step(image, &[*label]).unwrap();
    }
    let right = held_out.iter().filter(|(image, label)| trainer.classify(image).unwrap() == *label).count();
    100.0 * right as f32 / held_out.len() as f32
}

/// Whether the docs' row is the mean of five seeds.
fn row<R, N>(name: &str, rate: f32, rule: fn(f32) -> R) -> bool
where
    R: Supervised,
    N: Parameters + Zeroed,
{
    let mean = |scale| (1..=5).map(|seed| recognised::<R, N>(rule, scale, seed)).sum::<f32>() / 5.0;
    let (falling, constant) = (mean(|done| 1.0 - done), mean(|_| 1.0));
    let row = format!("| {rate} | {falling:.1} % | {constant:.1} % |");
    println!("{name}: {row}");
    let mut said = DOCS.iter().flat_map(|docs| docs.lines());
    // With approximate roots and exponentials other bits are learned.
    cfg!(feature = "micromath")
        || said.any(|line| line.contains("/// | [") && line.contains(name) && line.ends_with(&row))
}

#[test]
fn one_pass_learns_what_the_docs_say() {
    let mut right = true;
    right &= row::<_, Labelled>("[`Logistic`]", Logistic::ONLINE_RATE, |lr_scale| Classic {
        lr_scale,
        ..Classic::online(Logistic::CLASSIC)
    });
    right &= row::<_, Labelled>("[`MeanSquare`]", MeanSquare::ONLINE_RATE, |lr_scale| Classic {
        lr_scale,
        ..Classic::online(MeanSquare::STANDARD)
    });
    right &= row::<_, Labelled>("[`SymBa`]", SymBa::ONLINE_RATE, |lr_scale| Classic {
        lr_scale,
        ..Classic::online(SymBa::STANDARD)
    });
    right &= row::<_, Labelled>("[`Minimised`]", Minimised::<Logistic>::ONLINE_RATE, |lr_scale| Classic {
        lr_scale,
        ..Classic::online(Minimised(Logistic::CLASSIC))
    });
    right &= row::<_, Plain>("[`NWay`]", NWay::ONLINE_RATE, |lr_scale| OnePass {
        lr_scale,
        ..OnePass::online(NWay::STANDARD)
    });
    right &= row::<_, Bare>("[`LabelGroups`]", LabelGroups::ONLINE_RATE, |lr_scale| OnePass {
        lr_scale,
        ..OnePass::online(LabelGroups::STANDARD)
    });
    right &= row::<_, Plain>("[`LocalCrossEntropy`]", LocalCrossEntropy::ONLINE_RATE, |lr_scale| OnePass {
        lr_scale,
        ..OnePass::online(LocalCrossEntropy)
    });
    assert!(right, "the docs say something else than the rows above");
}
