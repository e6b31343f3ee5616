//! The constants are what scikit-learn 1.x says of the same twelve samples; the calibration error, which it does
//! not have, is NumPy's.

use super::{Curves, Measures, top_k};
use crate::temperature::softmax;

const LOGITS: [[f32; 3]; 12] = [
    [2.1, 0.3, 0.0],
    [1.2, 1.1, 0.4],
    [0.0, 2.2, 1.3],
    [3.1, 0.2, 1.4],
    [0.1, 1.5, 3.2],
    [1.6, 0.0, 1.7],
    [0.5, 3.3, 0.6],
    [2.3, 1.8, 0.0],
    [0.7, 0.0, 2.4],
    // The same scores as the second sample has, and another label: a tie.
    [1.2, 1.1, 0.4],
    [0.0, 1.9, 1.25],
    [0.8, 0.75, 0.9],
];
const LABELS: [u8; 12] = [0, 1, 1, 0, 2, 2, 1, 1, 2, 0, 2, 1];
const CONFUSION: [[usize; 3]; 3] = [[3, 0, 0], [2, 2, 1], [0, 1, 3]];

fn measures() -> Measures {
    Measures::of(LOGITS.as_flattened(), &LABELS, &CONFUSION.map(|row| row.to_vec()), 1.5)
}

#[track_caller]
fn assert_near(found: Option<f64>, expected: f64) {
    assert!(found.is_some_and(|found| (found - expected).abs() < 1e-7), "{found:?} is not {expected}");
}

#[test]
fn figures_are_scikit_learns() {
    let found = measures();
    assert_near(found.balanced_accuracy, 0.716_666_666_7);
    assert_near(found.macro_f1, 0.666_666_666_7);
    assert_near(Some(found.log_loss), 0.701_964_069_4);
    assert_near(Some(found.calibration_error), 0.311_968_617_6);
    assert_eq!(found.top.iter().map(|top| top.k).collect::<Vec<_>>(), [2]);
    assert_near(Some(found.top[0].accuracy), 0.916_666_666_7);
    let classes = [
        (3, [0.6, 1.0, 0.75, 0.907_407_407_4, 0.833_333_333_3]),
        (5, [0.666_666_666_7, 0.4, 0.5, 0.842_857_142_9, 0.796_190_476_2]),
        (4, [0.75, 0.75, 0.75, 0.968_75, 0.95]),
    ];
    for (class, (samples, figures)) in found.classes.iter().zip(classes) {
        assert_eq!(class.samples, samples);
        let all = [class.precision, class.recall, class.f1, class.auc, class.average_precision];
        all.into_iter().zip(figures).for_each(|(found, expected)| assert_near(found, expected));
    }
}

#[test]
fn curves_are_scikit_learns() {
    let class = &measures().classes[1];
    let sevenths = [0, 0, 0, 1, 2, 2, 2, 3, 4, 5, 6, 7];
    let fifths = [0, 1, 2, 2, 3, 4, 5, 5, 5, 5, 5, 5];
    assert_eq!(class.roc.len(), 12);
    for ((point, x), y) in class.roc.iter().zip(sevenths).zip(fifths) {
        assert_near(Some(point.x), f64::from(x) / 7.0);
        assert_near(Some(point.y), f64::from(y) / 5.0);
    }
    assert_eq!(class.roc[0].threshold, None);
    assert_near(class.roc[4].threshold, 0.370_916_001_5);
    let precision = [1.0, 1.0, 2.0 / 3.0, 0.6, 2.0 / 3.0, 5.0 / 7.0, 0.625, 5.0 / 9.0, 0.5, 5.0 / 11.0, 5.0 / 12.0];
    for (point, expected) in class.precision_recall.iter().zip(precision) {
        assert_near(Some(point.y), expected);
    }
}

/// With equal scores the diagonal is all there is; with one class alone there is no curve.
#[test]
fn what_tells_nothing_apart_is_on_the_diagonal() {
    let flat = Curves::of(&[0.5; 4], &[true, false, true, false]).unwrap();
    assert_eq!((flat.auc, flat.average_precision, flat.roc.len()), (0.5, 0.5, 2));
    assert_eq!(Curves::of(&[0.1, 0.2], &[true, true]), None);
    assert_eq!(Curves::of(&[], &[]), None);
}

#[test]
fn two_classes_have_a_threshold() {
    let logits: [[f32; 2]; 6] = [[0.0, 3.0], [0.0, 2.0], [0.0, 1.0], [0.0, -1.0], [0.0, -2.0], [0.0, -3.0]];
    let labels = [1, 1, 0, 1, 0, 0];
    let found = Measures::of(logits.as_flattened(), &labels, &[vec![2, 1], vec![1, 2]], 1.0);
    let threshold = found.threshold.unwrap();
    // Two of three are found without a false alarm from 2 on, and all three with one from -1 on: of equals the first.
    assert_near(Some(threshold.probability), softmax(&logits[1], 1.0)[1]);
    assert_near(Some(threshold.recall), 2.0 / 3.0);
    assert_eq!(threshold.false_positives, 0.0);
    assert!(measures().threshold.is_none());
}

#[test]
fn what_is_not_there_is_null() {
    let empty = Measures::of(&[], &[], &[vec![0, 0], vec![0, 0]], 1.0);
    assert_eq!((empty.balanced_accuracy, empty.classes[0].precision, empty.log_loss), (None, None, 0.0));
    assert_eq!(top_k(&[0.5, 0.5], &[1], 1), 0.0);
}

#[test]
fn curves_are_thinned_to_their_ends() {
    let logits: Vec<f32> = (0..400).flat_map(|n| [0.0, n as f32 / 100.0]).collect();
    let labels: Vec<u8> = (0..400).map(|n| u8::from(n % 3 > 0)).collect();
    let found = Measures::of(&logits, &labels, &[vec![0, 0], vec![0, 0]], 1.0);
    let roc = &found.classes[1].roc;
    assert_eq!((roc.len(), roc[0].x, roc[32].x, roc[32].y), (33, 0.0, 1.0, 1.0));
}
