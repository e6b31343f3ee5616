//! `ff train --resume`: a run goes on where its state file says that it stood.

use std::path::Path;

use anyhow::{Context, ensure};

use super::session::{SAVING, Session, stop_on_ctrl_c};
use super::source::Terminal;
use super::train::{TrainArgs, reserve};
use crate::data::{self, Dataset};
use crate::features::Features;
use crate::output::note;
use crate::recipe::Recipe;
use crate::run::{self, About, Conduct, Metrics, RunFolder, State, StateRecord, command_line};
use crate::train::{Position, Trainer};

/// Goes on with a run.
///
/// # Errors
/// A run without a state or with a damaged one, one that has come to its end, data that are not those that it
/// learned from; and as `ff train`.
pub(super) fn run(path: &Path, args: &TrainArgs, patience: Option<usize>) -> anyhow::Result<()> {
    let folder = RunFolder::of_run(path)?;
    ensure!(
        path.join(run::STATE).exists(),
        "{} has no {} to go on from; train it anew with --out and --force",
        path.display(),
        run::STATE
    );
    let state = State::load(path)?;
    let StateRecord { mut about, mut metrics, position, mut conduct } = state.record.clone();
    about.recipe = longer(args, &about.recipe, &position)?;
    conduct.patience = patience.or(conduct.patience);
    ensure!(
        conduct.patience.is_none() || about.validation > 0,
        "--patience needs validation images, and this run has none"
    );
    refuse_ended(path, &about.recipe, &metrics, &conduct)?;
    let threads = args.threads.start_or(metrics.threads)?;
    if threads != metrics.threads {
        note!("note: the run was begun with {} threads; with {threads} its bits will differ", metrics.threads);
    }
    let Dataset { classes, train, test, .. } = load(args, &about)?;
    let (train, validation) = about.divide(&train)?;
    let recipe = about.recipe.clone();
    reserve(&recipe, Features::new(&train, &recipe, classes)?.len(), classes)?;
    let mut trainer = Trainer::new(&recipe, &train, classes, about.seed, threads)?;
    state.restore(&mut trainer)?;
    if recipe.epochs != state.record.about.recipe.epochs && position.done(&recipe) < 1.0 - recipe.weight_average {
        trainer.drop_average();
    }
    let stop = stop_on_ctrl_c(SAVING)?;
    note!("going on after epoch {}", position.epoch);
    let command = &mut metrics.provenance.command;
    *command = format!("{command} && {}", command_line("ff"));
    (metrics.interrupted, metrics.test, metrics.threads) = (false, None, threads);
    let session =
        Session { recipe, trainer, folder, about, metrics, threads, conduct, unsaved_best: None, trouble: None };
    session.run(&train, &validation, &test, &stop)
}

/// The recipe, with another number of epochs where one was asked for.
fn longer(args: &TrainArgs, recipe: &Recipe, position: &Position) -> anyhow::Result<Recipe> {
    let given = args.overrides.names();
    let other = given.iter().find(|&&field| field != "epochs");
    if let Some(field) = other {
        anyhow::bail!("--{} cannot change while a run goes on; --epochs can", field.replace('_', "-"));
    }
    let longer = args.overrides.apply(recipe.clone())?;
    let over = position.epoch + usize::from(position.at_hand.is_some());
    ensure!(longer.epochs >= over, "the run is in epoch {over} already; --epochs {} is too few", longer.epochs);
    if longer.epochs != recipe.epochs && recipe.counts_in_parts() {
        note!(
            "note: the recipe counts in parts of the training, which now has {} epochs instead of {}: the learning \
             rates go on with {:.2} of their full values, where they stood at {:.2}",
            longer.epochs,
            recipe.epochs,
            longer.schedule.lr_scale(position.done(&longer)),
            recipe.schedule.lr_scale(position.done(recipe)),
        );
    }
    Ok(longer)
}

/// Refuses a run of which nothing is left to do.
fn refuse_ended(path: &Path, recipe: &Recipe, metrics: &Metrics, conduct: &Conduct) -> anyhow::Result<()> {
    let longer = match metrics.is_out_of(conduct.patience) {
        true => "--patience N",
        false => "--epochs N",
    };
    let is_over = metrics.epochs >= recipe.epochs || metrics.is_out_of(conduct.patience);
    ensure!(
        !is_over || !conduct.no_test && metrics.test.is_none(),
        "{} has come to its end after {} epochs; train for longer with {longer}",
        path.display(),
        metrics.epochs
    );
    Ok(())
}

/// The data that the run learned from.
fn load(args: &TrainArgs, about: &About) -> anyhow::Result<Dataset> {
    let data = match &about.own {
        Some(options) => data::load_own(options, &mut Terminal::default())?,
        None => {
            let mut request = args.source.places.request(about.dataset.parse().context("the run's data set")?);
            request.split = about.split.parse()?;
            data::load(&request, &mut Terminal::default())?
        }
    };
    ensure!(
        about.data_checksum.is_none_or(|checksum| checksum == data.checksum()),
        "{} from {} has changed since the run began with it; train anew",
        about.dataset,
        data.source
    );
    Ok(match &about.learned_classes {
        Some(classes) => data.only(classes)?,
        None => data,
    })
}
