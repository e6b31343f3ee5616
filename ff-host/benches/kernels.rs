//! The three products, by the host's kernel on one thread and by the portable one, at two widths.
//!
//! `cargo bench -p ff-host --bench kernels`. Throughput counts multiply-adds.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ff_core::kernel::{Kernel, Portable};
use ff_core::layer::Shape;
use ff_core::random::Rng;
use ff_host::kernel::HostKernel;

/// Samples that go through a product together.
const ROWS: usize = 100;

/// A layer's width, and its double.
const WIDTHS: [usize; 2] = [250, 500];

fn products(criterion: &mut Criterion) {
    measure(criterion, "host", &mut HostKernel::new(1));
    measure(criterion, "portable", &mut Portable);
}

fn measure<K: Kernel>(criterion: &mut Criterion, name: &str, kernel: &mut K) {
    let mut group = criterion.benchmark_group(name);
    for width in WIDTHS {
        let shape = Shape { inputs: width, outputs: width };
        let (x, d) = (normal(ROWS * width), normal(ROWS * width));
        let (mut w, mut y) = (normal(shape.weights()), normal(ROWS * width));
        group.throughput(Throughput::Elements((ROWS * shape.weights()) as u64));
        group.bench_function(BenchmarkId::new("product", width), |bench| {
            bench.iter(|| kernel.product(shape, black_box(&x), &w, &mut y));
        });
        group.bench_function(BenchmarkId::new("pull_back", width), |bench| {
            bench.iter(|| kernel.pull_back(shape, black_box(&d), &w, &mut y));
        });
        // Kept at nine tenths, so that the sums stay finite however often it runs.
        group.bench_function(BenchmarkId::new("add_outer", width), |bench| {
            bench.iter(|| kernel.add_outer(shape, 0.9, 0.1, black_box(&x), &d, &mut w));
        });
    }
    group.finish();
}

fn normal(count: usize) -> Vec<f32> {
    let mut rng = Rng::new(1);
    (0..count).map(|_| rng.normal()).collect()
}

criterion_group!(benches, products);
criterion_main!(benches);
