//! Maps of one image by the methods that sweep, for a network of three layers of 500 units and 250.
//!
//! `cargo bench -p ff-host --bench maps`. One thread; throughput counts maps. The image has as many pixels
//! inked as MNIST's have on average, 150 of 784, and the baseline is black, sent up before.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ff_core::classify::ScoredLayers;
use ff_core::saliency::{Against, ExpectedDelta, GoodnessDelta, Question, Score, Target};
use ff_host::bench::synthetic;
use ff_host::kernel::HostKernel;
use ff_host::recipe::Recipe;
use ff_host::train::Trainer;

const CLASSES: usize = 10;

fn maps(criterion: &mut Criterion) {
    let images = synthetic(100, CLASSES, 1);
    let image: Vec<f32> = (0..784).map(|i| if i % 28 < 15 && i / 28 >= 9 && i / 28 < 19 { 0.7 } else { 0.0 }).collect();
    for units in [250, 500] {
        let shipped = Recipe::find("classic").expect("it is shipped");
        let recipe = Recipe { layers: vec![units; 3], ..shipped };
        let trainer = Trainer::new(&recipe, &images, CLASSES, 1, 1).expect("the sizes suit the rule");
        let network = trainer.network();
        let (mut kernel, score) = (HostKernel::new(1), Score::Goodness(ScoredLayers::ALL));
        let shapes = network.shapes();
        let mut scratch = vec![0.0; ExpectedDelta.scratch_floats(&shapes, CLASSES)];
        let mut memory = vec![0.0; GoodnessDelta.baseline_floats(&shapes, CLASSES)];
        let trace = GoodnessDelta.trace_baseline(network, &[], score, &mut scratch, &mut kernel, &mut memory);
        let trace = trace.expect("the sizes suit the network");
        let mut map = vec![0.0; image.len()];
        for (labels, against) in [("two labels", Against::Label(1)), ("ten labels", Against::MeanOfOthers)] {
            let mut group = criterion.benchmark_group(format!("3x{units}, {labels}"));
            group.throughput(Throughput::Elements(1));
            let target = Target { label: 0, against };
            let question = Question { network, sample: &image, baseline: &[], score, target };
            group.bench_function(BenchmarkId::from_parameter("expected delta"), |bench| {
                bench.iter(|| ExpectedDelta.map_with(&question, &trace, &mut scratch, &mut kernel, &mut map));
            });
            group.bench_function(BenchmarkId::from_parameter("goodness-delta"), |bench| {
                bench.iter(|| GoodnessDelta.map_with(&question, &trace, &mut scratch, &mut kernel, &mut map));
            });
            group.finish();
        }
    }
}

criterion_group!(benches, maps);
criterion_main!(benches);
