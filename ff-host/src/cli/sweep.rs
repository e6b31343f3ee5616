//! `ff sweep`: a grid of settings, each with several seeds, and one table.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use clap::Args;

use super::session::stop_on_ctrl_c;
use super::source::{DatasetArgs, Terminal};
use super::threads::threads;
use crate::files::{Busy, Folder};
use crate::output::{self, say};
use crate::recipe::suggest;
use crate::run::Metrics;
use crate::sweep::{self, Cell, Ended, Grid, Row, RunCommand, Seeds, Setting, Table};

/// Train with many settings.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct SweepArgs {
    #[command(flatten)]
    source: DatasetArgs,
    /// Shipped recipes or TOML files, separated by commas [default: what suits the data]
    #[arg(long, value_name = "NAME|FILE,..", value_delimiter = ',')]
    recipe: Vec<String>,
    /// A field and the values to try; once for each field. Any option of `ff train` that replaces a
    /// recipe's field; for layers, commas divide widths and semicolons values: layers=500,500;1000
    #[arg(long, value_name = "FIELD=VALUE,..")]
    pub set: Vec<Setting>,
    /// Seeds: 1..3 is 1, 2 and 3
    #[arg(long, value_name = "N..N|N,N", default_value = "1")]
    seeds: Seeds,
    /// Hold out the last N training images and choose by these; the test images stay unread
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub validation: usize,
    /// Threads of each run [default: one a core]
    #[arg(long, value_name = "N", value_parser = threads)]
    threads: Option<usize>,
    /// The folder of the runs and the table
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

const EXAMPLES: &str = "\
Each run is `ff train` in a process and a folder of its own. Stopped or killed, the same command goes
on: finished runs are kept, a half run begins again; more values or seeds may be added. table.md and
table.json are written anew as runs end. A run that fails does not end the sweep.

Examples:
  ff sweep --seeds 1..3 --out runs/seeds
  ff sweep --dataset mnist --recipe fast --seeds 1..3 --set learning-rate=0.005,0.01,0.02 --set dropout=0,0.1 \\
     --validation 10000 --out runs/rates
  ff sweep --dataset digits8x8 --set layers=64,64;128,128 --set epochs=5 --out runs/widths";

/// Carries the command out.
///
/// # Errors
/// Settings that do not exist or fit, data that cannot be had, Ctrl-C, or runs that failed.
pub fn run(args: &SweepArgs) -> anyhow::Result<()> {
    run_as(args, RunCommand::TRAIN)
}

/// Sweeps the runs of a command that this program has.
///
/// # Errors
/// As [`run`].
pub fn run_as(args: &SweepArgs, run: RunCommand) -> anyhow::Result<()> {
    let grid = Grid::new(&args.set).map_err(anyhow::Error::msg).context("--set")?;
    // Loaded here only to settle which data there are, and to refuse what would fail in every run.
    let data = args.source.load(&mut Terminal::default())?;
    let (there, data_checksum) = (data.train.len(), data.checksum());
    ensure!(args.validation < there, "--validation {} leaves none of the {there} training images", args.validation);
    let images = if args.validation > 0 { args.validation } else { data.test.len() };
    let recipes = match args.recipe.as_slice() {
        [] => vec![suggest(&data).recipe.to_owned()],
        named => named.to_vec(),
    };
    let mut plan = Plan::new(args.out.clone(), labels(args, recipes.len()), images, args.validation);
    for recipe in &recipes {
        for point in grid.points() {
            let cell = Cell {
                run,
                recipe_name: recipe.clone(),
                point: point.clone(),
                dataset: data.name.clone(),
                own: data.own.clone(),
                split: data.split.clone(),
                data_checksum,
                means: means(
                    args.source.places.data_dir.as_deref(),
                    args.source.places.mirror.as_deref(),
                    args.threads,
                ),
                validation: args.validation,
                no_test: args.validation > 0,
                seed: 0,
                folder: PathBuf::new(),
            };
            plan.add(row_labels(&plan.labels, recipe, &point), &cell, &args.seeds)?;
        }
    }
    plan.run()
}

/// The columns that tell rows apart: what has several values.
fn labels(args: &SweepArgs, recipes: usize) -> Vec<String> {
    let varied = args.set.iter().filter(|setting| setting.values.len() > 1).map(|setting| setting.field.clone());
    let recipe = (recipes > 1).then(|| "recipe".to_owned());
    let labels: Vec<String> = recipe.into_iter().chain(varied).collect();
    if labels.is_empty() { vec!["recipe".to_owned()] } else { labels }
}

fn row_labels(labels: &[String], recipe: &str, point: &[(String, String)]) -> Vec<String> {
    let value = |label: &String| point.iter().find(|(field, _)| field == label).map(|(_, value)| value.clone());
    labels.iter().map(|label| value(label).unwrap_or_else(|| recipe.to_owned())).collect()
}

/// The options that do not change what is learned.
#[must_use]
pub fn means(data_dir: Option<&Path>, mirror: Option<&str>, threads: Option<usize>) -> Vec<OsString> {
    let option = |name: &str, value: &OsStr| [OsStr::new(name), value].join(OsStr::new("="));
    let data_dir = data_dir.map(|dir| option("--data-dir", dir.as_os_str()));
    let mirror = mirror.map(|mirror| option("--mirror", OsStr::new(mirror)));
    let threads = threads.map(|threads| option("--threads", OsStr::new(&threads.to_string())));
    data_dir.into_iter().chain(mirror).chain(threads).collect()
}

/// How often the table is written while runs end.
const EVERY: Duration = Duration::from_secs(1);

/// Bytes of a folder's name.
const LONGEST: usize = 255;

/// All runs of a command, and the table that they make.
pub struct Plan {
    out: PathBuf,
    /// The names of the columns that tell rows apart.
    pub labels: Vec<String>,
    /// Rows are sorted within equal texts of so many first labels.
    pub grouped: usize,
    images: usize,
    validation: usize,
    rows: Vec<(Vec<String>, String)>,
    /// Each with the index of its row.
    cells: Vec<(usize, Cell)>,
    /// The cells' folders, to tell a second one of the same name.
    folders: HashSet<PathBuf>,
}

impl Plan {
    /// No run yet. Errors are counted on `images` images, those of the validation where it has any.
    #[must_use]
    pub fn new(out: PathBuf, labels: Vec<String>, images: usize, validation: usize) -> Self {
        Self {
            out,
            labels,
            grouped: 0,
            images,
            validation,
            rows: Vec::new(),
            cells: Vec::new(),
            folders: HashSet::new(),
        }
    }

    /// Adds a row: the cell with each of the seeds.
    ///
    /// # Errors
    /// A setting that does not exist or fit, and a folder that cannot be, or is another run's.
    pub fn add(&mut self, labels: Vec<String>, cell: &Cell, seeds: &Seeds) -> anyhow::Result<()> {
        let recipe = cell.recipe()?;
        let point: String = cell.point.iter().map(|(field, value)| format!("_{field}={value}")).collect();
        for &seed in &seeds.0 {
            let name = format!("{}_{}{}{point}_seed={seed}", cell.dataset, cell.run.folders, recipe.name);
            let name: String =
                name.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.=,".contains(c) { c } else { '-' }).collect();
            // Folders of the same recipe begin alike, and a system takes names of up to 255 bytes.
            ensure!(
                name.len() <= LONGEST,
                "{name} is too long for a folder's name; put fields that do not vary into a recipe of your own"
            );
            let folder = self.out.join(&name);
            if !self.folders.insert(folder.clone()) {
                bail!("two runs would share the folder {}; give the recipes different names", folder.display());
            }
            self.cells.push((self.rows.len(), Cell { seed, folder, ..cell.clone() }));
        }
        self.rows.push((labels, cell.command()));
        Ok(())
    }

    /// Runs what is not finished and writes the table after each run.
    ///
    /// # Errors
    /// A folder that cannot be written, Ctrl-C, or runs that failed.
    pub fn run(&self) -> anyhow::Result<()> {
        let folder = Folder::open(&self.out, Busy::Refuse)?;
        let stop = stop_on_ctrl_c("stopping")?;
        let cells: Vec<Cell> = self.cells.iter().map(|(_, cell)| cell.clone()).collect();
        let (mut ends, mut written): (Vec<Ended>, Option<Instant>) = (Vec::new(), None);
        let done = sweep::run(&cells, &stop, &mut |_, ended| {
            ends.push(ended.clone());
            // Runs that are found finished come by thousands, and a table takes as long as all runs so far.
            if written.is_none_or(|written| written.elapsed() > EVERY) {
                self.write(&folder, &ends)?;
                written = Some(Instant::now());
            }
            Ok(())
        });
        self.write(&folder, &ends)?;
        done?;
        output::text(format_args!("\n{}", self.table(&ends).markdown()));
        say!("\nsaved in {}: table.md, table.json and a folder a run", self.out.display());
        let failed = ends.iter().filter(|ended| matches!(ended, Ended::Failed)).count();
        ensure!(failed == 0, "{failed} of {} runs failed; the same command tries them again", cells.len());
        Ok(())
    }

    fn write(&self, folder: &Folder, ends: &[Ended]) -> anyhow::Result<()> {
        let table = self.table(ends);
        folder.write("table.json", &serde_json::to_vec_pretty(&table)?)?;
        folder.write("table.md", table.markdown().as_bytes())
    }

    fn table(&self, ends: &[Ended]) -> Table {
        let mut ended = vec![(Vec::new(), Vec::new()); self.rows.len()];
        for ((row, cell), end) in self.cells.iter().zip(ends) {
            match end {
                Ended::Finished(metrics) => ended[*row].0.push(&**metrics),
                Ended::Failed => ended[*row].1.push(cell.seed),
            }
        }
        let rows = self.rows.iter().zip(ended).map(|((labels, command), (runs, failed)): (_, (Vec<&Metrics>, _))| {
            Row::new(labels.clone(), command.clone(), &runs, failed)
        });
        Table::new(self.labels.clone(), self.grouped, self.validation, self.images, rows.collect())
    }
}
