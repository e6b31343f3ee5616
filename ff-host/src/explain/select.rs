//! Which images are explained.

use anyhow::{bail, ensure};

use super::predict::Prediction;

/// The user's selection. All that are given must hold.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// These images and no others, in this order.
    pub indices: Vec<usize>,
    /// Only images of this true class.
    pub class: Option<u8>,
    /// Only images that were given another label than their own.
    pub misclassified: bool,
    /// The so many with the lowest probability of the predicted label.
    pub least_sure: Option<usize>,
    /// At most so many.
    pub count: usize,
}

/// The numbers of the chosen images.
///
/// Without any wish: each class's first images in turn, and for up to a quarter of the count the
/// mistakes of which the model is most sure.
///
/// # Errors
/// An index or class that is not there, and selection that no image fulfils.
pub fn select(selection: &Selection, predictions: &[Prediction], classes: usize) -> anyhow::Result<Vec<usize>> {
    if let Some(class) = selection.class {
        ensure!(usize::from(class) < classes, "--class {class}: the classes are 0 to {}", classes - 1);
    }
    if let Some(index) = selection.indices.iter().find(|&&index| index >= predictions.len()) {
        bail!("--index {index}: the images are numbered 0 to {}", predictions.len().saturating_sub(1));
    }
    let plain = selection.class.is_none() && !selection.misclassified && selection.least_sure.is_none();
    if plain && selection.indices.is_empty() {
        return Ok(varied(predictions, classes, selection.count));
    }
    let all: Vec<usize> = (0..predictions.len()).collect();
    let mut chosen = if selection.indices.is_empty() { all } else { selection.indices.clone() };
    chosen.retain(|&index| {
        let prediction = &predictions[index];
        selection.class.is_none_or(|class| prediction.truth == Some(class))
            && (!selection.misclassified || prediction.is_wrong())
    });
    if let Some(most) = selection.least_sure {
        chosen.sort_by(|&a, &b| predictions[a].sureness().total_cmp(&predictions[b].sureness()));
        chosen.truncate(most);
    }
    ensure!(!chosen.is_empty(), "{}", nothing(selection, predictions.len()));
    if plain {
        // Images that were asked for by number are never cut.
        return Ok(chosen);
    }
    chosen.truncate(if selection.least_sure.is_some() { usize::MAX } else { selection.count });
    Ok(chosen)
}

fn varied(predictions: &[Prediction], classes: usize, count: usize) -> Vec<usize> {
    let mut wrong: Vec<usize> = (0..predictions.len()).filter(|&i| predictions[i].is_wrong()).collect();
    wrong.sort_by(|&a, &b| predictions[b].sureness().total_cmp(&predictions[a].sureness()));
    wrong.truncate(count / 4);
    let mut seen = vec![0_usize; classes];
    let mut in_turn: Vec<(usize, usize)> = Vec::new();
    for (index, prediction) in predictions.iter().enumerate().filter(|(index, _)| !wrong.contains(index)) {
        if let Some(seen) = prediction.truth.and_then(|truth| seen.get_mut(usize::from(truth))) {
            in_turn.push((*seen, index));
            *seen += 1;
        }
    }
    in_turn.sort_unstable();
    let mut chosen: Vec<usize> = in_turn.into_iter().map(|(_, index)| index).take(count - wrong.len()).collect();
    chosen.extend(wrong);
    chosen
}

fn nothing(selection: &Selection, images: usize) -> String {
    let mut what = String::from(if selection.misclassified { "misclassified image" } else { "image" });
    if let Some(class) = selection.class {
        what += &format!(" of class {class}");
    }
    let among =
        if selection.indices.is_empty() { format!("the {images} images") } else { "those of --index".to_owned() };
    format!("no {what} among {among}; nothing to explain")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn predictions() -> Vec<Prediction> {
        let scores = [[3.0, 0.0], [1.0, 0.5], [0.0, 2.0], [0.2, 0.0], [0.0, 9.0], [5.0, 0.0]];
        let truths = [0, 0, 1, 1, 1, 1];
        let rows = scores.iter().zip(truths).enumerate();
        rows.map(|(i, (scores, truth))| Prediction::new(Some(i), Some(truth), scores, 1.0)).collect()
    }

    fn chosen(selection: Selection) -> anyhow::Result<Vec<usize>> {
        select(&selection, &predictions(), 2)
    }

    #[test]
    fn wishes_are_met_together() {
        let some = Selection { count: 40, ..Selection::default() };
        assert_eq!(chosen(Selection { indices: vec![4, 0], ..some.clone() }).unwrap(), [4, 0]);
        assert_eq!(chosen(Selection { class: Some(1), ..some.clone() }).unwrap(), [2, 3, 4, 5]);
        assert_eq!(chosen(Selection { misclassified: true, ..some.clone() }).unwrap(), [3, 5]);
        assert_eq!(chosen(Selection { least_sure: Some(2), ..some.clone() }).unwrap(), [3, 1]);
        assert_eq!(chosen(Selection { least_sure: Some(2), class: Some(0), ..some.clone() }).unwrap(), [1, 0]);
        assert_eq!(chosen(Selection { count: 4, ..some }).unwrap(), [0, 2, 1, 5]);
    }

    #[test]
    fn what_is_not_there_is_named() {
        let some = Selection { count: 40, ..Selection::default() };
        let text = |selection| chosen(selection).unwrap_err().to_string();
        assert!(text(Selection { indices: vec![6], ..some.clone() }).contains("0 to 5"));
        assert!(text(Selection { class: Some(2), ..some.clone() }).contains("0 to 1"));
        let none = text(Selection { class: Some(0), misclassified: true, ..some });
        assert!(none.contains("no misclassified image of class 0"), "{none}");
    }
}
