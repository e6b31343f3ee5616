//! One run of a sweep.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use anyhow::bail;

use super::grid;
use crate::data::Options;
use crate::files::{self, Busy, Folder};
use crate::recipe::{Overrides, Recipe, RecipeError};
use crate::run::{self, Metrics};

/// The command that makes a run, and what tells its runs from those of other commands. A program that sweeps
/// with it has the command itself.
#[derive(Clone, Copy, Debug)]
pub struct RunCommand {
    /// The program, as a user calls it.
    pub program: &'static str,
    /// The command's own name.
    pub name: &'static str,
    /// The learning rule in the metrics of its runs; none for that of the recipe.
    pub rule: Option<&'static str>,
    /// What stands before the recipe in the names of its run folders.
    pub folders: &'static str,
    /// The recipe that a run follows, of a cell's recipe with what the command line gave in it, and that again.
    pub follows: fn(&Recipe, &Overrides) -> Result<Recipe, RecipeError>,
}

impl RunCommand {
    /// `ff train`: Forward-Forward learning.
    pub const TRAIN: Self =
        Self { program: "ff", name: "train", rule: None, folders: "", follows: |recipe, _| Ok(recipe.clone()) };
}

/// One run: a command line, the folder that it fills, and what must be found there afterwards.
#[derive(Clone, Debug)]
pub struct Cell {
    /// The command.
    pub run: RunCommand,
    /// The recipe as the command line names it.
    pub recipe_name: String,
    /// Fields that differ from it, with their values.
    pub point: Vec<(String, String)>,
    /// The data set.
    pub dataset: String,
    /// Where own data are, and how they are read; none for a data set that is known by name.
    pub own: Option<Options>,
    /// How it is divided.
    pub split: String,
    /// Its checksum.
    pub data_checksum: u32,
    /// Options for the place of the data and for threads, which do not change what is learned.
    pub means: Vec<OsString>,
    /// How many training images are held out.
    pub validation: usize,
    /// Whether the test images stay unread.
    pub no_test: bool,
    /// The seed.
    pub seed: u64,
    /// The run folder.
    pub folder: PathBuf,
}

/// What a cell's folder holds.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// Nothing, or a run that was stopped or killed before its end.
    Open,
    /// The whole run.
    Finished(Box<Metrics>),
}

impl Cell {
    /// The recipe that the run is to follow.
    ///
    /// # Errors
    /// No such recipe or field, or a value out of range.
    pub fn recipe(&self) -> anyhow::Result<Recipe> {
        Ok(grid::overrides(&self.point)?.apply(Recipe::find(&self.recipe_name)?)?)
    }

    /// What makes this run again, seed by seed: without the words for folders and threads.
    #[must_use]
    pub fn command(&self) -> String {
        run::joined(std::iter::once(self.run.program.to_owned()).chain(self.settings()))
    }

    /// The words behind the program's name.
    #[must_use]
    pub fn words(&self) -> Vec<OsString> {
        // What a killed run left behind is of no use to anyone.
        let run = [format!("--seed={}", self.seed), "--force".to_owned()];
        let settings = self.settings().into_iter().map(OsString::from);
        let words = settings.chain(self.means.iter().cloned()).chain(run.map(OsString::from));
        // In one word: a folder's name may begin like an option.
        words.chain([[OsStr::new("--out"), self.folder.as_os_str()].join(OsStr::new("="))]).collect()
    }

    fn settings(&self) -> Vec<String> {
        let mut words: Vec<String> = vec![self.run.name.to_owned()];
        match &self.own {
            Some(own) => {
                words.push(own.path.display().to_string());
                words.extend(own.words());
            }
            None => words.push(format!("--dataset={}", self.dataset)),
        }
        words.push(format!("--recipe={}", self.recipe_name));
        if self.own.is_none() && self.split != "default" {
            words.push(format!("--split={}", self.split));
        }
        words.extend(grid::options(&self.point));
        if self.validation > 0 {
            words.push(format!("--validation={}", self.validation));
        }
        if self.no_test {
            words.push("--no-test".to_owned());
        }
        words
    }

    /// Looks into the folder.
    ///
    /// # Errors
    /// A finished run with other settings than this cell's: it is not overwritten.
    pub fn state(&self) -> anyhow::Result<State> {
        let Some(metrics) = read_metrics(&self.folder) else { return Ok(State::Open) };
        let Some(found) = read_recipe(&self.folder) else { return Ok(State::Open) };
        let tested = self.no_test || metrics.test.is_some();
        if metrics.interrupted || metrics.epochs < found.epochs || !tested {
            return Ok(State::Open);
        }
        if let Some(difference) = self.difference(&metrics, &found)? {
            bail!(
                "{} holds a finished run with another {difference}; choose another --out, or remove that folder",
                self.folder.display()
            );
        }
        Ok(State::Finished(Box::new(metrics)))
    }

    /// What a finished run has that this cell has not.
    fn difference(&self, metrics: &Metrics, found: &Recipe) -> anyhow::Result<Option<&'static str>> {
        let mut wanted = (self.run.follows)(&self.recipe()?, &grid::overrides(&self.point)?)?;
        // What a text says of a recipe does not change what is learned.
        wanted.summary.clone_from(&found.summary);
        let rule = self.run.rule.unwrap_or(wanted.rule.kind().name());
        let differences = [
            ("learning rule", metrics.provenance.rule != rule),
            ("data set", metrics.provenance.dataset != self.dataset || metrics.split != self.split),
            ("data set of this name", metrics.data_checksum.is_some_and(|checksum| checksum != self.data_checksum)),
            ("number of validation images", metrics.validation_images != self.validation),
            ("seed", metrics.seed != self.seed),
            ("recipe", *found != wanted),
        ];
        Ok(differences.iter().find(|(_, differs)| *differs).map(|&(what, _)| what))
    }
}

fn read_metrics(folder: &Path) -> Option<Metrics> {
    serde_json::from_slice(&files::bytes(&folder.join(run::METRICS), files::METRICS).ok()?).ok()
}

fn read_recipe(folder: &Path) -> Option<Recipe> {
    let path = folder.join(run::RECIPE);
    Recipe::parse(&path.display().to_string(), &files::text(&path, files::RECIPE).ok()?).ok()
}

/// Removes what a killed run left in a cell's folder, so that nothing of it is taken for the new one's.
pub(super) fn clear(folder: &Path) -> anyhow::Result<()> {
    files::refuse_link(folder)?;
    Folder::open(folder, Busy::Refuse)?.remove(&[run::METRICS, run::MODEL, run::RECIPE])
}
