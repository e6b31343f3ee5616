//! The three products, by the host's kernel on one thread and by the portable one, at two widths; and
//! on two threads, with inputs that are zero in part, as images and activities are.
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
        group.bench_function(BenchmarkId::new("matmul_transposed", width), |bench| {
            bench.iter(|| kernel.matmul_transposed(shape, black_box(&d), &w, &mut y));
        });
        // Kept at nine tenths, so that the sums stay finite however often it runs.
        group.bench_function(BenchmarkId::new("rank_update", width), |bench| {
            bench.iter(|| kernel.rank_update(shape, 0.9, 0.1, black_box(&x), &d, &mut w));
        });
    }
    group.finish();
}

/// Percent of the inputs that are not zero: pixels, activities under N-way goodness, and too many to
/// list them.
const LIVE: [u32; 3] = [19, 42, 100];

fn zeros(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("zeros");
    let (mut kernel, shape) = (HostKernel::new(2), Shape { inputs: 1000, outputs: 1000 });
    let d = normal(ROWS * shape.outputs);
    let (mut w, mut y) = (normal(shape.weights()), normal(ROWS * shape.outputs));
    group.throughput(Throughput::Elements((ROWS * shape.weights()) as u64));
    for live in LIVE {
        let mut rng = Rng::new(2);
        let mut x = normal(ROWS * shape.inputs);
        x.iter_mut().filter(|_| rng.below(100) >= live).for_each(|x| *x = 0.0);
        group.bench_function(BenchmarkId::new("product", live), |bench| {
            bench.iter(|| kernel.product(shape, black_box(&x), &w, &mut y));
        });
        group.bench_function(BenchmarkId::new("rank_update", live), |bench| {
            bench.iter(|| kernel.rank_update(shape, 0.9, 0.1, black_box(&x), &d, &mut w));
        });
    }
    group.finish();
}

fn normal(count: usize) -> Vec<f32> {
    let mut rng = Rng::new(1);
    (0..count).map(|_| rng.normal()).collect()
}

criterion_group!(benches, products, zeros);
criterion_main!(benches);
