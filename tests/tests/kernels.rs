//! The host's kernel against the portable one, which is the reference.

use ff_core::kernel::{Kernel, Portable};
use ff_core::layer::Shape;
use ff_core::random::Rng;
use ff_host::kernel::HostKernel;

/// How far a sum of `terms` products of values below 1 may be off: rounding grows with its length.
fn tolerance(terms: usize) -> f32 {
    4.0 * f32::EPSILON * terms as f32
}

/// Rows, inputs, outputs: small, odd, one row and two, and large enough for two threads.
const SHAPES: [(usize, usize, usize); 8] =
    [(1, 1, 1), (3, 5, 7), (2, 64, 32), (2, 131, 45), (1, 150, 37), (7, 131, 33), (100, 784, 500), (201, 500, 1000)];

fn values(count: usize, rng: &mut Rng) -> Vec<f32> {
    (0..count).map(|_| if rng.below(3) == 0 { 0.0 } else { 2.0 * rng.unit() - 1.0 }).collect()
}

fn assert_close(found: &[f32], expected: &[f32], tolerance: f32, what: &str) {
    for (i, (f, e)) in found.iter().zip(expected).enumerate() {
        assert!((f - e).abs() <= tolerance, "{what}[{i}]: {f} instead of {e}");
    }
}

#[test]
fn products_agree() {
    let mut rng = Rng::new(1);
    for (rows, inputs, outputs) in SHAPES {
        let shape = Shape { inputs, outputs };
        let (x, w) = (values(rows * inputs, &mut rng), values(inputs * outputs, &mut rng));
        let mut expected = vec![0.0; rows * outputs];
        Portable.product(shape, &x, &w, &mut expected);
        for threads in [1, 2, 3] {
            // What stood in the result before must not matter.
            let mut found = vec![f32::NAN; rows * outputs];
            HostKernel::new(threads).product(shape, &x, &w, &mut found);
            assert_close(&found, &expected, tolerance(inputs), "product");
        }
    }
}

#[test]
fn outer_products_agree_with_most_rows_dead_or_none() {
    let mut rng = Rng::new(2);
    for (rows, inputs, outputs) in SHAPES {
        let shape = Shape { inputs, outputs };
        for live_one_in in [1, 10, usize::MAX] {
            let mut x = values(rows * inputs, &mut rng);
            x.chunks_exact_mut(inputs).enumerate().filter(|(r, _)| r % live_one_in != 0).for_each(|(_, x)| x.fill(0.0));
            let (d, before) = (values(rows * outputs, &mut rng), values(inputs * outputs, &mut rng));
            for keep in [0.9, 1.0] {
                let mut expected = before.clone();
                Portable.rank_update(shape, keep, 0.1, &x, &d, &mut expected);
                for threads in [1, 2, 3] {
                    let mut found = before.clone();
                    HostKernel::new(threads).rank_update(shape, keep, 0.1, &x, &d, &mut found);
                    assert_close(&found, &expected, tolerance(rows), "outer product");
                }
            }
        }
    }
}

/// Mostly zeros, which the host's kernel skips: every width of the last block of columns, more inputs
/// than one panel has rows, more samples than are multiplied together and fewer, samples that are all
/// zero, and a kernel that has worked before.
#[test]
fn products_of_mostly_zeros_agree() {
    let mut rng = Rng::new(6);
    for threads in [1, 2, 3] {
        let mut host = HostKernel::new(threads);
        for columns in (32..=160).step_by(7) {
            let shape = Shape { inputs: 131 + columns, outputs: columns };
            let rows = 40 + columns % 5 * 50;
            let mut x = values(rows * shape.inputs, &mut rng);
            x.iter_mut().for_each(|x| *x *= f32::from(u8::from(rng.below(4) == 0)));
            x.chunks_exact_mut(shape.inputs).step_by(9).for_each(|x| x.fill(0.0));
            assert!(x.iter().filter(|x| **x != 0.0).count() * 5 < x.len() * 2, "not mostly zeros");
            let (d, w) = (values(rows * columns, &mut rng), values(shape.weights(), &mut rng));
            let (mut expected, mut found) = (vec![0.0; rows * columns], vec![f32::NAN; rows * columns]);
            Portable.product(shape, &x, &w, &mut expected);
            host.product(shape, &x, &w, &mut found);
            assert_close(&found, &expected, tolerance(shape.inputs), "product");
            for keep in [0.0, 0.9, 1.0] {
                let [mut expected, mut found] = [w.clone(), w.clone()];
                Portable.rank_update(shape, keep, 0.1, &x, &d, &mut expected);
                host.rank_update(shape, keep, 0.1, &x, &d, &mut found);
                assert_close(&found, &expected, tolerance(rows), "outer product");
            }
        }
    }
}

/// A layer's biases: the outer product of a single input, a weighted sum of rows.
#[test]
fn a_weighted_sum_of_rows_agrees() {
    let mut rng = Rng::new(7);
    for (rows, outputs) in [(1, 1), (3, 7), (201, 1000)] {
        let shape = Shape { inputs: 1, outputs };
        let (x, d, before) = (values(rows, &mut rng), values(rows * outputs, &mut rng), values(outputs, &mut rng));
        for keep in [0.0, 0.9, 1.0] {
            let [mut expected, mut found] = [before.clone(), before.clone()];
            Portable.rank_update(shape, keep, 0.1, &x, &d, &mut expected);
            HostKernel::new(2).rank_update(shape, keep, 0.1, &x, &d, &mut found);
            assert_close(&found, &expected, tolerance(rows), "sum of rows");
        }
    }
}

/// A row's outer product by blocks of columns, for directions with few zeros and with many, whole and
/// in parts.
#[test]
fn dense_outer_products_have_the_same_bits() {
    let mut rng = Rng::new(5);
    for (rows, inputs, outputs) in SHAPES {
        let shape = Shape { inputs, outputs };
        let (x, d) = (values(rows * inputs, &mut rng), values(rows * outputs, &mut rng));
        let before = values(inputs * outputs, &mut rng);
        for keep in [0.9, 1.0] {
            let [mut expected, mut found] = [before.clone(), before.clone()];
            Portable.rank_update(shape, keep, 0.1, &x, &d, &mut expected);
            Portable.dense_rank_update_part(shape, 0..inputs, keep, 0.1, &x, &d, &mut found);
            assert_eq!(found, expected, "{rows} x {inputs} x {outputs}");
            found.copy_from_slice(&before);
            let cut = rng.below(inputs as u32) as usize;
            let (head, tail) = found.split_at_mut(cut * outputs);
            Portable.dense_rank_update_part(shape, 0..cut, keep, 0.1, &x, &d, head);
            Portable.dense_rank_update_part(shape, cut..inputs, keep, 0.1, &x, &d, tail);
            assert_eq!(found, expected, "{rows} x {inputs} x {outputs}, cut at {cut}");
        }
    }
}

#[test]
fn pull_backs_agree() {
    let mut rng = Rng::new(3);
    for (rows, inputs, outputs) in SHAPES {
        let shape = Shape { inputs, outputs };
        let (d, w) = (values(rows * outputs, &mut rng), values(inputs * outputs, &mut rng));
        let mut expected = vec![0.0; rows * inputs];
        Portable.matmul_transposed(shape, &d, &w, &mut expected);
        for threads in [1, 2, 3] {
            let mut found = vec![f32::NAN; rows * inputs];
            HostKernel::new(threads).matmul_transposed(shape, &d, &w, &mut found);
            assert_close(&found, &expected, tolerance(outputs), "pull-back");
        }
    }
}

#[test]
fn a_pull_back_is_the_product_with_the_transposed_matrix() {
    let mut rng = Rng::new(4);
    for (rows, inputs, outputs) in SHAPES {
        let shape = Shape { inputs, outputs };
        let (d, w) = (values(rows * outputs, &mut rng), values(inputs * outputs, &mut rng));
        let transposed: Vec<f32> =
            (0..outputs).flat_map(|j| w.iter().skip(j).step_by(outputs).copied().collect::<Vec<_>>()).collect();
        let mut expected = vec![0.0; rows * inputs];
        Portable.product(Shape { inputs: outputs, outputs: inputs }, &d, &transposed, &mut expected);
        let mut found = vec![f32::NAN; rows * inputs];
        Portable.matmul_transposed(shape, &d, &w, &mut found);
        assert_close(&found, &expected, tolerance(outputs), "pull-back");
        // A row alone gets the bits that it gets beside others.
        let mut alone = vec![f32::NAN; rows * inputs];
        for (d, dx) in d.chunks(outputs).zip(alone.chunks_mut(inputs)) {
            Portable.matmul_transposed(shape, d, &w, dx);
        }
        assert_eq!(found, alone);
    }
}

#[test]
fn rows_are_all_visited_once() {
    for rows in [1, 2, 5, 1001] {
        let mut data = vec![0.0; rows * 17];
        let mut out = vec![0.0; rows];
        HostKernel::new(3).rows_into(17, &mut data, &mut out, |r, row| {
            row.iter_mut().for_each(|v| *v += r as f32);
            r as f32
        });
        let numbers: Vec<f32> = (0..rows).map(|r| r as f32).collect();
        assert_eq!(out, numbers);
        assert!(data.chunks(17).zip(numbers).all(|(row, r)| row.iter().all(|&v| v == r)));
    }
}
