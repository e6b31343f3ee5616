//! Kernels and row operations with slices of any length, widths of 0 among them.

use core::hint::black_box;

use ff_core::{
    activity::{self, Mask},
    goodness::{Logistic, MeanSquare, Minimised, Objective, SymBa},
    kernel::{Kernel, Metered, Portable, portable},
    layer::Shape,
    onepass::{Head, LabelGroups, LabelRows, LocalCrossEntropy, NWay},
    optimiser::{Adam, Block, Fold, Momentum, Optimiser, Sgd, StepSize, Target},
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
    objective(&black_box(Logistic::CLASSIC))?;
    objective(&black_box(SymBa::STANDARD))?;
    objective(&black_box(Minimised(MeanSquare { threshold: 1.0, temperature: 1.0 })))?;
    for classes in [3, 0, 40] {
        head(&black_box(NWay::STANDARD), black_box(classes), &mut floats)?;
        head(&black_box(LabelGroups::STANDARD), black_box(classes), &mut floats)?;
        head(&LocalCrossEntropy, black_box(classes), &mut floats)?;
    }
    let [x, w, y, d] = floats.each_mut().map(|row| black_box(&mut row[..]));
    let shape = black_box(Shape { inputs: 4, outputs: 6 });
    portable::product(shape, x, w, y);
    portable::rank_update(shape, 0.5, 1.0, x, d, w);
    portable::matmul_transposed(shape, d, w, y);
    Ok(())
}

fn kernel<K: Kernel>(kernel: &mut K, shape: Shape, floats: &mut [[f32; 24]; 4]) {
    let [x, w, y, d] = floats.each_mut().map(|row| black_box(&mut row[..]));
    let part = black_box(1..3);
    kernel.product(shape, x, w, y);
    kernel.product_part(shape, part.clone(), x, w, y);
    kernel.rank_update(shape, black_box(0.5), 1.0, x, d, w);
    kernel.rank_update_part(shape, part.clone(), black_box(1.0), 1.0, x, d, w);
    kernel.dense_rank_update_part(shape, part, black_box(1.0), 1.0, x, d, w);
    kernel.matmul_transposed(shape, d, w, y);
    kernel.rows(shape.outputs, y, |r: usize, row: &mut [f32]| row.fill(r as f32));
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

fn objective<G: Objective>(objective: &G) -> Result<(), Failure> {
    objective.check()?;
    let (units, positive, negative) = black_box((0, 2.0, 1.0));
    black_box((objective.slopes(units, positive, negative), objective.loss(units, positive, negative)));
    black_box((objective.slope_scale(units), G::SIGN));
    Ok(())
}

fn head<H: Head>(head: &H, classes: usize, floats: &mut [[f32; 24]; 4]) -> Result<(), Failure> {
    head.check()?;
    let [z, weights, scores, directions] = floats.each_mut().map(|row| black_box(&mut row[..]));
    let labels = black_box(LabelRows { classes, units: 4, weights });
    black_box((labels.row(classes).len(), labels.shape(), head.scale(classes), head.label_deviation(classes)));
    head.open(z);
    head.scores(&mut Portable, labels, z, scores);
    head.directions(&mut Portable, labels, z, scores, directions);
    for values in [None, Some(&*z)] {
        let target = Target { fold: Fold { keep: 0.5, scale: 1.0 }, array: black_box(&mut *directions), values };
        head.fold_labels(&mut Portable, classes, labels.units, z, scores, black_box(target));
    }
    Ok(())
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
    let step_size = black_box(StepSize { learning_rate: 0.1, weight_decay: 0.1 });
    optimiser.update(&mut Portable, step_size, block, |_, Target { fold, array, .. }| array.fill(fold.scale));
    Ok(())
}
