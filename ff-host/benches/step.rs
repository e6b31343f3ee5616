//! One training step of every rule, and how its time grows with width, depth, batch and classes.
//!
//! `cargo bench -p ff-host --bench step`. One thread; throughput counts images.

use std::ops::ControlFlow;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ff_host::bench::synthetic;
use ff_host::recipe::{Recipe, RuleKind};
use ff_host::train::Trainer;

/// What a step is made of.
#[derive(Clone)]
struct Size {
    name: &'static str,
    layers: &'static [usize],
    batch: usize,
    classes: usize,
}

/// The size that the others differ from in one thing each.
const BASE: Size = Size { name: "base", layers: &[250, 250], batch: 100, classes: 10 };

fn sizes() -> [Size; 5] {
    [
        BASE,
        Size { name: "twice as wide", layers: &[500, 500], ..BASE },
        Size { name: "twice as deep", layers: &[250, 250, 250, 250], ..BASE },
        Size { name: "twice the batch", batch: 200, ..BASE },
        Size { name: "twice the classes", classes: 20, ..BASE },
    ]
}

fn steps(criterion: &mut Criterion) {
    for (rule, base) in [
        (RuleKind::Classic, "classic"),
        (RuleKind::NWay, "n-way"),
        (RuleKind::Groups, "n-way"),
        (RuleKind::LocalCrossEntropy, "n-way"),
        (RuleKind::Unsupervised, "classic"),
    ] {
        let mut group = criterion.benchmark_group(format!("step {}", rule.name()));
        for size in sizes() {
            let images = synthetic(size.batch, size.classes, 1);
            let recipe =
                Recipe { layers: size.layers.to_vec(), batch_size: size.batch, ..shipped(base).with_rule(rule) };
            let mut trainer = Trainer::new(&recipe, &images, size.classes, 1, 1).expect("the sizes suit every rule");
            group.throughput(Throughput::Elements(size.batch as u64));
            group.bench_function(BenchmarkId::from_parameter(size.name), |bench| {
                bench.iter(|| trainer.epoch(&images, &mut |_, _| ControlFlow::Continue(())).expect("a step"));
            });
        }
        group.finish();
    }
}

/// A shipped recipe with its images as they are: what is measured is the step.
fn shipped(name: &str) -> Recipe {
    let recipe = Recipe::find(name).expect("it is shipped");
    Recipe { jitter: 0, rotate: 0.0, stretch: 0.0, shear: 0.0, elastic: 0.0, weight_average: 0.0, ..recipe }
}

criterion_group!(benches, steps);
criterion_main!(benches);
