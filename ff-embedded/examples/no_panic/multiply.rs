//! Kernels and row operations with slices of any length, widths of 0 among them.

use core::hint::black_box;

use ff_core::{
    activity::{self, Mask},
    kernel::{Kernel, Metered, Portable, portable},
    layer::Shape,
    optimiser::{Adam, Block, Momentum, Optimiser, Pace, Sgd, Target},
    random::Rng,
};

use crate::Failure;

pub fn run(rng: &mut Rng) -> Result<(), Failure> {
    let mut floats = [[0.0; 24]; 4];
    floats.as_flattened_mut().iter_mut().for_each(|value| *value = rng.unit());
    for (inputs, outputs) in [(4, 6), (0, 0), (3, 0), (0, 3), (30, 30)] {
        let shape = black_box(Shape { inputs, outputs });
        black_box(shape.weights());
        kernel(&mut Portable, shape, &mut floats);
        kernel(&mut Metered::new(Portable), shape, &mut floats);
        rows(black_box(outputs), &mut floats);
        optimisers(black_box(outputs), &mut floats)?;
    }
    let [x, w, y, d] = floats.each_mut().map(|row| black_box(&mut row[..]));
    let shape = black_box(Shape { inputs: 4, outputs: 6 });
    portable::product(shape, x, w, y);
    portable::add_outer(shape, 0.5, 1.0, x, d, w);
    portable::pull_back(shape, d, w, y);
    Ok(())
}

fn kernel<K: Kernel>(kernel: &mut K, shape: Shape, floats: &mut [[f32; 24]; 4]) {
    let [x, w, y, d] = floats.each_mut().map(|row| black_box(&mut row[..]));
    let part = black_box(1..3);
    kernel.product(shape, x, w, y);
    kernel.product_part(shape, part.clone(), x, w, y);
    kernel.add_outer(shape, black_box(0.5), 1.0, x, d, w);
    kernel.add_outer_part(shape, part, black_box(1.0), 1.0, x, d, w);
    kernel.pull_back(shape, d, w, y);
    kernel.rows(shape.outputs, y, |r, row| row.fill(r as f32));
    kernel.dear_rows(shape.outputs, black_box(3), y, |r, row| row.fill(r as f32));
    kernel.rows_into(shape.outputs, y, x, |r, row| r as f32 + row.first().copied().unwrap_or(0.0));
    kernel.rows_together(shape.outputs, [y, x, w], |_, [y, x, w]| {
        y.iter_mut().zip(x).zip(w).for_each(|((y, x), w)| *y = *x + *w);
    });
}

fn rows(width: usize, floats: &mut [[f32; 24]; 4]) {
    let [a, b, c, d] = floats.each_mut().map(|row| black_box(&mut row[..]));
    let row = black_box(d.get_mut(..width).unwrap_or_default());
    activity::relu(row, a);
    activity::rectify(row);
    activity::scale(row, black_box(2.0));
    activity::add_scaled(row, black_box(0.5), b);
    activity::blend(row, black_box([0.5, 0.25]), [b, c]);
    activity::keep(black_box(0.5), row);
    let mask = Mask::new(black_box(0.25), black_box(7), black_box(1));
    let goodness = activity::fire(row, a, mask, black_box(3));
    if let Some(mask) = mask {
        mask.apply(black_box(2), row);
        mask.sink(black_box(2), row);
    }
    activity::normalise(row, goodness);
    black_box(activity::inverse_rms(goodness, width));
}

fn optimisers(width: usize, floats: &mut [[f32; 24]; 4]) -> Result<(), Failure> {
    update(&black_box(Sgd), width, floats)?;
    update(&black_box(Momentum { coefficient: 0.5 }), width, floats)?;
    update(&black_box(Adam { steps: 3, ..Adam::PUBLISHED }), width, floats)
}

fn update<O: Optimiser>(optimiser: &O, width: usize, floats: &mut [[f32; 24]; 4]) -> Result<(), Failure> {
    optimiser.check()?;
    let [values, first, second, gradient] = floats.each_mut().map(|row| black_box(&mut row[..]));
    let block = Block { width, values, moments: [first, second], gradient };
    let pace = black_box(Pace { rate: 0.1, decay: 0.1 });
    optimiser.update(&mut Portable, pace, block, |_, Target { fold, array, .. }| array.fill(fold.scale));
    Ok(())
}
