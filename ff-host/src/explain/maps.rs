//! All maps of one image.

use ff_core::saliency::{Against, Explained, Occlusion, QuadraticShare, Score, Target};

use super::colour::Scale;
use super::explainer::Explainer;
use super::predict::Prediction;
use crate::rule::LayerScores;

/// One map with its title.
pub struct Map {
    /// What it shows, in a few words.
    pub title: String,
    /// One value a pixel.
    pub values: Vec<f32>,
}

/// Maps that are looked at together, on one scale.
pub struct Row {
    /// The question they answer.
    pub question: String,
    /// Method, baseline and target.
    pub method: String,
    /// The maps.
    pub maps: Vec<Map>,
    /// Their scale.
    pub scale: Scale,
}

/// An image that is asked about.
pub struct Input {
    /// What the network takes.
    pub features: Vec<f32>,
    /// The same before it was prepared: what is shown.
    pub shown: Vec<f32>,
}

/// Everything that is shown of one image.
pub struct Explanation {
    /// The pixels as they are, those that the network does not see as 0.
    pub image: Vec<f32>,
    /// The rows of large pictures.
    pub rows: Vec<Row>,
    /// One map a class, against the mean of the others.
    pub strip: Row,
    /// The labels of the matrix, best first, and its maps row by row: why A (row), not B (column).
    pub matrix_labels: Vec<u8>,
    /// `matrix_labels.len()` squared maps; those of the diagonal are empty.
    pub matrix: Row,
    /// How image, label and biases share the label's goodness; nothing where a layer has none.
    pub shares: Vec<(&'static str, f32)>,
}

/// The labels in the matrix.
const MATRIX: usize = 4;

/// Explains one image. Its features are the last of `pixels`.
///
/// # Errors
/// As the methods' own.
pub fn explain(
    explainer: &mut Explainer<'_>,
    input: &Input,
    pixels: usize,
    prediction: &Prediction,
    against: Against,
) -> anyhow::Result<Explanation> {
    let score = explainer.score();
    let label = prediction.label;
    let alone = Target { label, against: Against::Nothing };
    let asked = Target { label, against };
    let mut sheet = Sheet { explainer, features: &input.features, pixels };
    let rows = vec![sheet.layers(asked)?, sheet.contrasts(score, asked, prediction)?];
    let mut strip = Vec::new();
    for class in 0..prediction.scores.len() {
        let target = Target { label: class as u8, against: Against::MeanOfOthers };
        strip.push(sheet.delta(class.to_string(), score, target)?);
    }
    let from = sheet.explainer.baseline_name();
    let method = format!("expected delta, baseline {from}, each class against the mean of the others");
    let strip = row("What speaks for each class?", &method, strip);
    let labels = best_labels(prediction);
    let matrix = row(
        "Why A and not B?",
        &format!("expected delta, baseline {from}, the row's label against the column's"),
        sheet.matrix(score, &labels)?,
    );
    let shares = sheet.shares(alone)?;
    Ok(Explanation { image: sheet.padded(&input.shown), rows, strip, matrix_labels: labels, matrix, shares })
}

/// The default map alone, for the export.
///
/// # Errors
/// As the method's own.
pub fn contrast(
    explainer: &mut Explainer<'_>,
    features: &[f32],
    pixels: usize,
    target: Target,
) -> anyhow::Result<(Vec<f32>, Explained)> {
    let score = explainer.score();
    let (map, explained) = explainer.delta(features, score, target)?;
    Ok((Sheet { explainer, features, pixels }.padded(&map), explained))
}

/// What a target is called.
pub fn target_name(target: Target) -> String {
    match target.against {
        Against::Nothing => format!("label {} alone", target.label),
        Against::Label(other) => format!("label {} against {other}", target.label),
        Against::MeanOfOthers => format!("label {} against the mean of the others", target.label),
    }
}

struct Sheet<'s, 'a> {
    explainer: &'s mut Explainer<'a>,
    features: &'s [f32],
    pixels: usize,
}

impl Sheet<'_, '_> {
    fn shares(&mut self, alone: Target) -> anyhow::Result<Vec<(&'static str, f32)>> {
        if self.explainer.recipe().rule.layer_scores() == LayerScores::Logits {
            return Ok(Vec::new());
        }
        let score = self.explainer.layers_score();
        let (map, said) = self.explainer.map(&QuadraticShare, self.features, score, alone)?;
        Ok(vec![("image", map.iter().sum()), ("label", said.label_share), ("biases", said.bias_share)])
    }

    /// A network with an overlay does not see the first pixels; their place in a map is 0.
    fn padded(&self, map: &[f32]) -> Vec<f32> {
        let mut whole = vec![0.0; self.pixels.saturating_sub(map.len())];
        whole.extend(map);
        whole
    }

    fn delta(&mut self, title: String, score: Score, target: Target) -> anyhow::Result<Map> {
        let (map, _) = self.explainer.delta(self.features, score, target)?;
        Ok(Map { title, values: self.padded(&map) })
    }

    fn layers(&mut self, target: Target) -> anyhow::Result<Row> {
        let depth = self.explainer.model().network.layers.len();
        let from = self.explainer.model().about.recipe.scored().from.min(depth - 1);
        let mut maps = Vec::new();
        for l in 0..depth {
            let unscored = if l < from { " (not scored)" } else { "" };
            maps.push(self.delta(format!("layer {}{unscored}", l + 1), self.explainer.layer_score(l), target)?);
        }
        let total = self.explainer.layers_score();
        maps.push(self.delta("total".to_owned(), total, target)?);
        let question = format!("Where does label {} come from, layer by layer?", target.label);
        let method = format!(
            "expected delta of each layer's own score, baseline {}, {}; the total is the sum of the scored layers",
            self.explainer.baseline_name(),
            target_name(target)
        );
        // A layer that does not count must not set the scale of those that do.
        let scale = Scale::of(maps.iter().skip(from).map(|map| map.values.as_slice()));
        Ok(Row { question, method, maps, scale })
    }

    fn contrasts(&mut self, score: Score, asked: Target, prediction: &Prediction) -> anyhow::Result<Row> {
        // Two labels cost a fifth of ten, and single pixels are tried by the hundred.
        let other = match asked.against {
            Against::MeanOfOthers => Against::Label(prediction.runner_up),
            given => given,
        };
        let pair = Target { against: other, ..asked };
        let mut maps = vec![self.delta("contrast".to_owned(), score, asked)?];
        for (title, method) in [("erase", Occlusion::ERASE), ("add", Occlusion::ADD)] {
            let (map, _) = self.explainer.map(&method, self.features, score, pair)?;
            maps.push(Map { title: title.to_owned(), values: self.padded(&map) });
        }
        let method = format!(
            "contrast: expected delta, baseline {}, {}; erase and add: exact occlusion pixel by pixel, {}",
            self.explainer.baseline_name(),
            target_name(asked),
            target_name(pair)
        );
        Ok(row(&format!("Why label {} and not another?", asked.label), &method, maps))
    }

    /// The map of B against A is that of A against B with the other sign.
    fn matrix(&mut self, score: Score, labels: &[u8]) -> anyhow::Result<Vec<Map>> {
        let size = labels.len();
        let mut maps: Vec<Map> = Vec::with_capacity(size * size);
        for (i, &a) in labels.iter().enumerate() {
            for (j, &b) in labels.iter().enumerate() {
                let title = format!("why {a}, not {b}");
                let map = match i.cmp(&j) {
                    std::cmp::Ordering::Equal => Map { title, values: Vec::new() },
                    std::cmp::Ordering::Less => {
                        self.delta(title, score, Target { label: a, against: Against::Label(b) })?
                    }
                    std::cmp::Ordering::Greater => {
                        Map { title, values: maps[j * size + i].values.iter().map(|value| -value).collect() }
                    }
                };
                maps.push(map);
            }
        }
        Ok(maps)
    }
}

fn row(question: &str, method: &str, maps: Vec<Map>) -> Row {
    let scale = Scale::of(maps.iter().map(|map| map.values.as_slice()));
    Row { question: question.to_owned(), method: method.to_owned(), maps, scale }
}

/// The best labels, and the true one in the last place if it is not among them.
fn best_labels(prediction: &Prediction) -> Vec<u8> {
    let mut labels: Vec<u8> = (0..prediction.scores.len()).map(|class| class as u8).collect();
    let score = |label: u8| prediction.scores[usize::from(label)];
    labels.sort_by(|&a, &b| score(b).total_cmp(&score(a)).then(a.cmp(&b)));
    labels.truncate(MATRIX);
    if let (Some(truth), Some(last)) = (prediction.truth.filter(|truth| !labels.contains(truth)), labels.last_mut()) {
        *last = truth;
    }
    labels
}
