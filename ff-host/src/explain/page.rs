//! The report's page.

use askama::Template;

use super::cards::{CARDS, Card};
use super::chart::{self, Line};
use super::view::ImageView;
use crate::rule::{Reading, Rule};
use crate::run::{About, Metrics};

/// Everything on the page.
#[derive(Template)]
#[template(path = "report.html")]
pub struct Page {
    /// The model in one line.
    pub model: String,
    /// What made it and how good it is: names and values.
    pub facts: Vec<[String; 2]>,
    /// What was chosen, how T was fitted, what was cut.
    pub notes: Vec<String>,
    /// Charts of training.
    pub training: Vec<String>,
    /// Charts of the maps' evaluation.
    pub evaluation: Vec<String>,
    /// `confusion[true][predicted]`; empty without a data set.
    pub confusion: Vec<Vec<usize>>,
    /// The images, in groups of one cell of the matrix.
    pub groups: Vec<Group>,
    /// The methods' cards.
    pub cards: &'static [Card],
}

/// Images of one cell of the confusion matrix.
pub struct Group {
    /// The target of links.
    pub anchor: String,
    /// True and predicted label in words.
    pub title: String,
    /// Whether the label is wrong.
    pub wrong: bool,
    /// The images.
    pub images: Vec<ImageView>,
}

impl Page {
    /// Sorts the images into groups, the user's own first.
    pub fn new(model: String, notes: Vec<String>, confusion: Vec<Vec<usize>>, mut images: Vec<ImageView>) -> Self {
        images.sort_by_key(|image| image.cell);
        let mut groups: Vec<Group> = Vec::new();
        for image in images {
            let anchor = anchor(image.cell);
            match groups.last_mut().filter(|group| group.anchor == anchor) {
                Some(group) => group.images.push(image),
                None => groups.push(Group::new(anchor, image)),
            }
        }
        let (facts, training, evaluation) = (Vec::new(), Vec::new(), Vec::new());
        Self { model, facts, notes, training, evaluation, confusion, groups, cards: &CARDS }
    }

    /// How strongly a cell of the matrix is shaded, in percent: by its part of the true class's images.
    fn shade(&self, truth: &usize, count: &usize) -> usize {
        let all: usize = self.confusion.get(*truth).map_or(0, |row| row.iter().sum());
        if *count == 0 { 0 } else { 8 + 62 * count / all.max(1) }
    }

    /// Whether a cell has images on the page.
    fn shows(&self, truth: &usize, label: &usize) -> bool {
        let anchor = format!("cell-{truth}-{label}");
        self.groups.iter().any(|group| group.anchor == anchor)
    }
}

impl Group {
    fn new(anchor: String, image: ImageView) -> Self {
        let title = match image.cell {
            (Some(truth), label) if truth == label => format!("{truth}, seen as {label}"),
            (Some(truth), label) => format!("{truth}, mistaken for {label}"),
            (None, label) => format!("Your image, seen as {label}"),
        };
        let wrong = image.cell.0.is_some_and(|truth| truth != image.cell.1);
        Self { anchor, title, wrong, images: vec![image] }
    }
}

/// What made a model and how good it is, for the report's top; without metrics what the model says itself.
pub fn facts(about: &About, metrics: Option<&Metrics>) -> Vec<[String; 2]> {
    let mut facts = Vec::new();
    let mut add = |name: &str, value: String| facts.push([name.to_owned(), value]);
    if let Some(metrics) = metrics {
        add("Made by", metrics.provenance.command.clone());
    }
    add("Data", format!("{} (division {})", about.dataset, about.split));
    if let Some(metrics) = metrics {
        add("Learned from", format!("{} samples, {} for validation", metrics.train_images, metrics.validation_images));
    }
    add("Rule", about.recipe.rule.name().to_owned());
    add("Epochs", about.epochs.to_string());
    add("Seed", about.seed.to_string());
    let test = metrics.and_then(|metrics| metrics.test.as_ref());
    let Some(test) = test else {
        add("Test", "not read by this run; ff eval reads it".to_owned());
        return facts;
    };
    for (way, errors) in [(Reading::Goodness, test.errors_goodness), (Reading::Readout, test.errors_readout)] {
        if let Some(errors) = errors {
            let part = 100.0 * errors as f64 / test.images.max(1) as f64;
            let value =
                format!("error {part:.2} %, accuracy {:.2} % ({errors} of {} wrong)", 100.0 - part, test.images);
            add(&format!("Test, by {}", about.recipe.rule.reading_name(way)), value);
        }
    }
    facts
}

/// Charts of errors and of what each layer gives the labels, epoch by epoch.
pub fn training(metrics: &Metrics, rule: &Rule) -> Vec<String> {
    let line = |name: String, value: &dyn Fn(&crate::run::EpochMetrics) -> Option<f64>| {
        let points = metrics.history.iter().filter_map(|epoch| Some((epoch.epoch as f64, value(epoch)?)));
        Line { name, points: points.collect(), band: Vec::new() }
    };
    let rate = |errors: Option<usize>| errors.map(|n| 100.0 * n as f64 / metrics.validation_images.max(1) as f64);
    let errors = [
        line("training".to_owned(), &|e| e.train_error.map(|rate| 100.0 * rate)),
        line(format!("validation, {}", rule.reading_name(Reading::Readout)), &|e| rate(e.validation_errors_readout)),
        line(format!("validation, {}", rule.reading_name(Reading::Goodness)), &|e| rate(e.validation_errors_goodness)),
    ];
    let errors: Vec<Line> = errors.into_iter().filter(|line| !line.points.is_empty()).collect();
    let layers = metrics.history.first().map_or(0, |epoch| epoch.layers.len());
    let scores = (0..layers).flat_map(|l| {
        [
            line(format!("layer {} positive", l + 1), &|e| e.layers.get(l).map(|g| f64::from(g.positive))),
            line(format!("layer {} negative", l + 1), &|e| e.layers.get(l).map(|g| f64::from(g.negative))),
        ]
    });
    let scores: Vec<Line> = scores.collect();
    let charts = [
        chart::chart("Error rate in percent", "epoch", &errors),
        chart::chart(rule.layer_scores().title(), "epoch", &scores),
    ];
    charts.into_iter().filter(|chart| !chart.is_empty()).collect()
}

fn anchor((truth, label): (Option<u8>, u8)) -> String {
    truth.map_or_else(|| "own".to_owned(), |truth| format!("cell-{truth}-{label}"))
}
