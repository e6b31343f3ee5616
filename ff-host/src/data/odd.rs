//! What is odd about data, told with what to try.

use super::fault::count;
use super::{Dataset, Sample, Samples, Shape, copies::copies};

/// Names that are listed at most.
const LISTED: usize = 5;

/// What a user should know of a data set before it is learned from.
#[must_use]
pub fn oddities(data: &Dataset) -> Vec<String> {
    let found = [
        classes_missing(data),
        gaps(&data.class_names),
        many_numbers(data),
        constant(&data.train),
        counting(&data.train),
        copied(data),
    ];
    found.into_iter().flatten().collect()
}

/// What is odd about pictures, and about the values of those that are not standardised.
#[must_use]
pub fn oddities_of_values(train: &Samples, is_prepared: bool) -> Vec<String> {
    let found = [dim(train), ground(train, is_prepared), far(train, is_prepared)];
    found.into_iter().flatten().collect()
}

/// Names for a message.
fn list(names: &[String]) -> String {
    let shown = names.iter().take(LISTED).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > LISTED { format!("{shown}, ..") } else { shown }
}

fn classes_missing(data: &Dataset) -> Option<String> {
    let missing = |samples: &Samples| {
        let is_there = |class: usize| samples.labels.iter().any(|&label| usize::from(label) == class);
        let names = data.class_names.iter().enumerate().filter(|(class, _)| !is_there(*class));
        names.map(|(_, name)| name.clone()).collect::<Vec<_>>()
    };
    let (train, test) = (missing(&data.train), missing(&data.test));
    match (&train[..], &test[..]) {
        ([], []) => None,
        ([], _) if data.test.is_empty() => None,
        ([], test) => Some(format!("no test sample is of the class {}: nothing is measured of it", list(test))),
        (train, _) => Some(format!("no training sample is of the class {}: it cannot be learned", list(train))),
    }
}

/// Labels that are whole numbers, but not one after the other.
fn gaps(names: &[String]) -> Option<String> {
    let numbers: Option<Vec<i64>> = names.iter().map(|name| name.parse().ok()).collect();
    let numbers = numbers?;
    let gap = numbers.windows(2).find(|pair| pair[1] - pair[0] > 1)?;
    Some(format!(
        "the labels are {} numbers with gaps ({} is followed by {}); each is taken as a class of its own",
        names.len(),
        gap[0],
        gap[1]
    ))
}

/// A label that may be a measurement.
fn many_numbers(data: &Dataset) -> Option<String> {
    let are_numbers = data.class_names.iter().all(|name| name.parse::<f64>().is_ok());
    let are_broken = data.class_names.iter().any(|name| name.contains('.'));
    let few_each = data.train.len() < 5 * data.classes;
    (are_numbers && (are_broken || few_each) && data.classes > 10).then(|| {
        format!(
            "the label takes {} different numbers: if it is a measurement and no class, choose another column by --label",
            data.classes
        )
    })
}

/// Features or channels that have one value in all training samples.
fn constant(train: &Samples) -> Option<String> {
    let names: &[String] = match train.shape() {
        Shape::Features { names } => names,
        Shape::Series { channels, .. } => channels,
        Shape::Picture { .. } => return None,
    };
    let each = train.features() / names.len().max(1);
    let mut ranges = vec![(f32::INFINITY, f32::NEG_INFINITY); names.len()];
    for (sample, _) in train.iter() {
        for (place, value) in sample.numbers().enumerate() {
            let (least, most) = &mut ranges[place / each];
            (*least, *most) = (least.min(value), most.max(value));
        }
    }
    let still = names.iter().zip(&ranges).filter(|(_, (least, most))| least >= most);
    let still: Vec<String> = still.map(|(name, _)| name.clone()).collect();
    let what =
        if matches!(train.shape(), Shape::Features { .. }) { ("column", "columns") } else { ("channel", "channels") };
    (!still.is_empty()).then(|| {
        let what = count(still.len(), what.0, what.1);
        format!("{what} with one value in all training samples, which tells nothing: {}", list(&still))
    })
}

/// A column that numbers the lines.
fn counting(train: &Samples) -> Option<String> {
    let (Shape::Features { names }, true) = (train.shape(), train.len() > 20) else { return None };
    let mut rises = vec![true; names.len()];
    let mut before: Option<Sample<'_>> = None;
    for (sample, _) in train.iter() {
        if let Some(before) = before {
            let pairs = before.numbers().zip(sample.numbers());
            // Samples that are held out leave gaps.
            rises.iter_mut().zip(pairs).for_each(|(rises, (a, b))| *rises &= b > a && b.fract() == 0.0);
        }
        before = Some(sample);
    }
    let counting: Vec<String> =
        names.iter().zip(rises).filter(|(_, rises)| *rises).map(|(name, _)| name.clone()).collect();
    (!counting.is_empty())
        .then(|| format!("{} seems to number the samples; leave such a column out by --ignore", list(&counting)))
}

fn copied(data: &Dataset) -> Option<String> {
    let copies = copies(&data.train, &data.test);
    (copies > 0).then(|| {
        format!(
            "{} of the {} test samples {} a copy of a training sample: the test is too easy by these",
            copies,
            data.test.len(),
            if copies == 1 { "is" } else { "are" }
        )
    })
}

/// The brightest value of 8-bit samples, where it is below half of what stands for 1.0.
fn dim(train: &Samples) -> Option<String> {
    let brightest = train.iter().filter_map(|(sample, _)| brightest(sample)).max()?;
    let maximum = train.maximum();
    (brightest < maximum.div_ceil(2)).then(|| {
        format!("the brightest pixel is {brightest} of {maximum}: the network sees next to nothing; scale the pictures")
    })
}

fn brightest(sample: Sample<'_>) -> Option<u8> {
    match sample {
        Sample::Bytes(values) => values.iter().copied().max(),
        Sample::Floats(_) => None,
    }
}

/// Pictures whose ground is not dark: half of their borders' pixels are brighter than a tenth.
fn ground(train: &Samples, is_prepared: bool) -> Option<String> {
    let Shape::Picture { channels: 1, rows, columns } = *train.shape() else { return None };
    if is_prepared {
        return None;
    }
    let on_border = |place: usize| {
        let (row, column) = (place / columns, place % columns);
        row == 0 || row + 1 == rows || column == 0 || column + 1 == columns
    };
    const LOOKED_AT: usize = 1000;
    let border = |sample: Sample<'_>| {
        let values = sample.numbers().enumerate().filter(|(place, _)| on_border(*place));
        values.map(|(_, value)| value).collect::<Vec<_>>()
    };
    let mut values: Vec<f32> = train.iter().take(LOOKED_AT).flat_map(|(sample, _)| border(sample)).collect();
    values.sort_by(f32::total_cmp);
    let middle = values.get(values.len() / 2)? / f32::from(train.maximum());
    (middle > 0.1).then(|| {
        let kind = if middle > 0.5 { "bright, as if ink were dark on white" } else { "not dark" };
        format!(
            "the ground of the pictures is {kind} ({middle:.2} of 1 at their borders), while networks learn best where \
             it is 0: try --centre true, or --standardise true"
        )
    })
}

/// Values far from 0 to 1 that nothing brings nearer.
fn far(train: &Samples, is_prepared: bool) -> Option<String> {
    if is_prepared || train.are_bytes() {
        return None;
    }
    let most = train.iter().flat_map(|(sample, _)| sample.numbers()).fold(0.0_f32, |most, value| most.max(value.abs()));
    (!(0.1..=10.0).contains(&most)).then(|| {
        format!("values are up to {most} in size, while networks learn best from 0 to 1: try --standardise true")
    })
}
