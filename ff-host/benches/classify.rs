//! Classification by goodness and by readout, and how its time grows with width, depth and classes.
//!
//! `cargo bench -p ff-host --bench classify`. One thread; throughput counts images.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ff_host::bench::synthetic;
use ff_host::evaluate::Reader;
use ff_host::recipe::Recipe;
use ff_host::rule::Reading;
use ff_host::train::Trainer;

/// Images that are classified in one go.
const IMAGES: usize = 500;

fn readings(criterion: &mut Criterion) {
    let sizes: [(&str, &[usize], usize); 4] = [
        ("base", &[250, 250], 10),
        ("twice as wide", &[500, 500], 10),
        ("twice as deep", &[250, 250, 250, 250], 10),
        ("twice the classes", &[250, 250], 20),
    ];
    for (rule, readings) in
        [("classic", &[Reading::Goodness, Reading::Readout][..]), ("n-way", &[Reading::Goodness][..])]
    {
        for &reading in readings {
            let by = if reading == Reading::Goodness { "goodness" } else { "readout" };
            let mut group = criterion.benchmark_group(format!("{rule} by {by}"));
            group.throughput(Throughput::Elements(IMAGES as u64)).sample_size(20);
            for (name, layers, classes) in sizes {
                let images = synthetic(IMAGES, classes, 1);
                let shipped = Recipe::find(rule).expect("it is shipped");
                let recipe = Recipe { layers: layers.to_vec(), ..shipped };
                let trainer = Trainer::new(&recipe, &images, classes, 1, 1).expect("the sizes suit the rule");
                let reader = Reader { network: trainer.network(), recipe: &recipe, threads: 1 };
                group.bench_function(BenchmarkId::from_parameter(name), |bench| {
                    bench.iter(|| reader.classify(&images, reading).expect("images of the right size"));
                });
            }
            group.finish();
        }
    }
}

criterion_group!(benches, readings);
criterion_main!(benches);
