//! Evaluations of explanations: what is kept of them, and the tables made from that.

use std::path::Path;

use anyhow::{Context, bail};

use super::settings;
use crate::saliency_eval::measure::MEAN_IMAGE;
use crate::saliency_eval::report::{Evaluation, Group, Line};
use crate::saliency_eval::{BACKPROP, FORWARD_FORWARD};
use ff_host::escape;
use ff_host::files;
use ff_host::run::Provenance;
use ff_host::sweep::aligned;

/// The folder beside the runs' results.
pub const FOLDER: &str = "saliency";

/// The evaluation in a file; none where the file is something else.
///
/// # Errors
/// A file that cannot be read.
pub fn load(path: &Path) -> anyhow::Result<Option<Evaluation>> {
    let bytes = files::bytes(path, files::EVALUATION).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(serde_json::from_slice(&bytes).ok())
}

/// What is kept of an evaluation: all but its curves, which no table uses, and what its command said of
/// the machine.
#[must_use]
pub fn kept(evaluation: Evaluation) -> Evaluation {
    let command = settings(&evaluation.provenance.command);
    let provenance = Provenance { command, ..evaluation.provenance };
    Evaluation { provenance, curves: Vec::new(), ..evaluation }
}

/// The name of its file: the data set, the recipe and the layers.
///
/// # Errors
/// A data set or a recipe whose name is none.
pub fn file_name(evaluation: &Evaluation) -> anyhow::Result<String> {
    let Provenance { dataset, recipe, layers, .. } = &evaluation.provenance;
    super::check_names(dataset, recipe)?;
    let widths: Vec<_> = layers.iter().map(ToString::to_string).collect();
    Ok(match layers.split_first() {
        Some((first, rest)) if !rest.is_empty() && rest.iter().all(|width| width == first) => {
            format!("{dataset}-{recipe}-{}x{first}.json", layers.len())
        }
        _ => format!("{dataset}-{recipe}-{}.json", widths.join("-")),
    })
}

/// A table of kept evaluations: `networks`, or a number of every method with every network.
///
/// # Errors
/// A table that does not exist.
pub fn table(name: &str, evaluations: &[(String, Evaluation)]) -> anyhow::Result<String> {
    let shown = shown(evaluations);
    let setting = |line: &Line| line.settings.iter().find(|under| under.setting == MEAN_IMAGE).map(|u| u.mean.srg);
    Ok(match name {
        "networks" => networks(&shown),
        "srg" => methods(&shown, &|line| Some(line.mean.srg)),
        "deletion" => methods(&shown, &|line| Some(line.mean.deletion)),
        "insertion" => methods(&shown, &|line| Some(line.mean.insertion)),
        "mean-image" => methods(&shown, &setting),
        "infidelity" => methods(&shown, &|line| Some(line.infidelity)),
        "sensitivity" => methods(&shown, &|line| Some(line.sensitivity?[0])),
        "passes" => methods(&shown, &|line| Some(line.passes).filter(|passes| *passes > 0.0)),
        _ => bail!(
            "there is no table `saliency {name}`: write networks, srg, deletion, insertion, mean-image, infidelity, \
             sensitivity or passes"
        ),
    })
}

/// A column: the networks of one kind in one evaluation.
struct Column<'a> {
    evaluation: &'a Evaluation,
    group: &'a Group,
}

impl Column<'_> {
    fn dataset(&self) -> &str {
        &self.evaluation.provenance.dataset
    }

    fn name(&self) -> String {
        let Provenance { dataset, recipe, .. } = &self.evaluation.provenance;
        let networks = if self.group.networks == BACKPROP { "MLP by backprop" } else { recipe };
        escape::cell(&format!("{dataset}, {networks}"))
    }
}

/// Every evaluation's Forward-Forward networks, and each data set's backprop networks once: from the
/// evaluation that asked about most images.
fn shown(evaluations: &[(String, Evaluation)]) -> Vec<Column<'_>> {
    let of = |networks: &'static str| {
        evaluations.iter().filter_map(move |(_, evaluation)| {
            let group = evaluation.groups.iter().find(|group| group.networks == networks)?;
            Some(Column { evaluation, group })
        })
    };
    let mut columns: Vec<Column<'_>> = of(FORWARD_FORWARD).collect();
    for column in of(BACKPROP) {
        let images = |column: &Column<'_>| column.group.right + column.group.wrong;
        let same = |other: &&mut Column<'_>| other.group.networks == BACKPROP && other.dataset() == column.dataset();
        match columns.iter_mut().find(same) {
            Some(other) if images(other) >= images(&column) => {}
            Some(other) => *other = column,
            None => columns.push(column),
        }
    }
    // MNIST before Fashion-MNIST, and backprop after Forward-Forward.
    columns.sort_by(|a, b| b.dataset().cmp(a.dataset()));
    columns
}

/// One row a method, with the target that the evaluation took first.
fn methods(columns: &[Column<'_>], value: &dyn Fn(&Line) -> Option<f64>) -> String {
    let mut names: Vec<&str> = Vec::new();
    for line in columns.iter().flat_map(|column| first_target(column.group)) {
        if !names.contains(&short(line)) {
            names.push(short(line));
        }
    }
    let mut rows = vec![std::iter::once("map".to_owned()).chain(columns.iter().map(Column::name)).collect::<Vec<_>>()];
    for name in names {
        let cell = |column: &Column<'_>| {
            let line = first_target(column.group).find(|line| short(line) == name);
            line.and_then(value).map_or("-".to_owned(), |value| format!("{value:.3}"))
        };
        let cells: Vec<String> = columns.iter().map(cell).collect();
        if cells.iter().any(|cell| cell != "-") {
            rows.push(std::iter::once(escape::cell(name)).chain(cells).collect());
        }
    }
    aligned(&rows)
}

/// What follows the method's own name.
fn target(line: &Line) -> Option<&str> {
    line.method.rsplit_once(", ").map(|(_, target)| target)
}

fn short(line: &Line) -> &str {
    line.method.rsplit_once(", ").map_or(line.method.as_str(), |(name, _)| name)
}

/// The lines under the first line's target, and those that have none.
fn first_target(group: &Group) -> impl Iterator<Item = &Line> {
    let first = group.lines.first().and_then(target);
    group.lines.iter().filter(move |line| target(line).is_none() || target(line) == first)
}

/// What was evaluated.
fn networks(columns: &[Column<'_>]) -> String {
    let header = ["networks", "trained by", "seeds", "images", "seen wrongly"];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    rows.extend(columns.iter().map(|column| {
        let seeds: Vec<_> = column.group.training_seeds.iter().map(ToString::to_string).collect();
        let commands: Vec<_> = column.group.commands.iter().map(|command| escape::code(command)).collect();
        let images = column.evaluation.images;
        vec![column.name(), commands.join(", "), seeds.join(", "), images.to_string(), column.group.wrong.to_string()]
    }));
    aligned(&rows)
}
