//! The portable kernel and the row loops against the plainest loops there are, bit for bit: for
//! every width around a block's, with zeros in all places.

use ff_core::activity;
use ff_core::kernel::portable;
use ff_core::layer::Shape;
use ff_core::random::Rng;

/// Values of which about three in five are zero, as after a ReLU.
fn sparse(rng: &mut Rng, count: usize) -> Vec<f32> {
    (0..count).map(|_| if rng.below(5) < 3 { 0.0 } else { rng.normal() }).collect()
}

fn dense(rng: &mut Rng, count: usize) -> Vec<f32> {
    (0..count).map(|_| rng.normal()).collect()
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|v| v.to_bits()).collect()
}

const SHAPES: [(usize, usize); 9] = [(1, 1), (3, 7), (20, 8), (21, 9), (33, 15), (64, 16), (45, 24), (70, 33), (2, 40)];

#[test]
fn a_product_sums_over_its_inputs_in_order() {
    let mut rng = Rng::new(1);
    for (inputs, outputs) in SHAPES {
        for rows in 1..=5 {
            let (x, w) = (sparse(&mut rng, rows * inputs), dense(&mut rng, inputs * outputs));
            let mut y = vec![9.0; rows * outputs];
            portable::product(Shape { inputs, outputs }, &x, &w, &mut y);
            let mut expected = vec![0.0_f32; rows * outputs];
            for (r, j) in (0..rows).flat_map(|r| (0..outputs).map(move |j| (r, j))) {
                for i in 0..inputs {
                    expected[r * outputs + j] += x[r * inputs + i] * w[i * outputs + j];
                }
            }
            assert_eq!(bits(&y), bits(&expected), "{rows} rows of {inputs} into {outputs}");
        }
    }
}

#[test]
fn a_product_with_nothing_but_zeros_is_zero() {
    for rows in 1..=3 {
        let mut y = vec![f32::NAN; rows * 20];
        portable::product(Shape { inputs: 5, outputs: 20 }, &vec![0.0; rows * 5], &[1.0; 100], &mut y);
        assert_eq!(y, vec![0.0; rows * 20]);
    }
}

#[test]
fn an_outer_product_adds_pairs_of_rows_in_order() {
    let mut rng = Rng::new(2);
    for (inputs, outputs) in SHAPES {
        for (rows, keep) in [(1, 1.0), (2, 1.0), (3, 0.5), (4, 0.75), (5, 1.0)] {
            let (x, d) = (sparse(&mut rng, rows * inputs), sparse(&mut rng, rows * outputs));
            let start = dense(&mut rng, inputs * outputs);
            let mut w = start.clone();
            portable::rank_update(Shape { inputs, outputs }, keep, 0.3, &x, &d, &mut w);
            let mut expected: Vec<f32> = start.iter().map(|w| w * keep).collect();
            for (i, j) in (0..inputs).flat_map(|i| (0..outputs).map(move |j| (i, j))) {
                let term = |r: usize| (0.3 * x[r * inputs + i]) * d[r * outputs + j];
                for r in (0..rows).step_by(2) {
                    expected[i * outputs + j] += if r + 1 < rows { term(r) + term(r + 1) } else { term(r) };
                }
            }
            assert_eq!(bits(&w), bits(&expected), "{rows} rows of {inputs} x {outputs}");
        }
    }
}

#[test]
fn no_shape_makes_a_kernel_panic() {
    for (inputs, outputs) in [(0, 0), (0, 3), (3, 0)] {
        let shape = Shape { inputs, outputs };
        portable::product(shape, &[1.0; 6], &[1.0; 6], &mut [0.0; 6]);
        portable::rank_update(shape, 1.0, 1.0, &[1.0; 6], &[1.0; 6], &mut [0.0; 6]);
    }
}

#[test]
fn rows_of_every_width_fire_alike() {
    let mut rng = Rng::new(3);
    for width in 1..=50 {
        let (start, biases) = (dense(&mut rng, width), dense(&mut rng, width));
        let expected: Vec<f32> = start.iter().zip(&biases).map(|(z, b)| (z + b).max(0.0)).collect();
        let mut row = start.clone();
        let goodness = activity::fire(&mut row, &biases, None, 0);
        assert_eq!(row, expected, "{width}");
        // Lane by lane, then the lanes in order.
        let lane = |l: usize| expected.iter().skip(l).step_by(16).fold(0.0, |sum: f32, h| sum + h * h);
        assert_eq!(goodness, (0..16).map(lane).sum::<f32>(), "{width}");

        let mut target = start.clone();
        activity::add_scaled(&mut target, 0.5, &row);
        let sums: Vec<f32> = start.iter().zip(&row).map(|(t, h)| t + 0.5 * h).collect();
        assert_eq!(target, sums, "{width}");
        activity::blend(&mut target, [2.0, -3.0], [&row, &start]);
        let blended: Vec<f32> = row.iter().zip(&start).map(|(p, n)| 2.0 * p + -3.0 * n).collect();
        assert_eq!(target, blended, "{width}");
        activity::scale(&mut target, 0.25);
        assert_eq!(target, blended.iter().map(|t| 0.25 * t).collect::<Vec<_>>(), "{width}");
    }
}

#[test]
fn rectifying_gives_plus_zero_and_keeps_nan() {
    let mut row = [-0.0, -1.0, f32::NEG_INFINITY, f32::INFINITY, f32::MIN_POSITIVE, -1e-45, f32::NAN];
    activity::relu(&mut row, &[-0.0; 7]);
    assert_eq!(bits(&row[..6]), bits(&[0.0, 0.0, 0.0, f32::INFINITY, f32::MIN_POSITIVE, 0.0]));
    assert!(row[6].is_nan());
}
