//! What can be asked: trained networks from their run folders.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};

use crate::baseline::RULE;
use crate::results;
use crate::saliency_eval::autograd::Compared;
use crate::saliency_eval::graphs::{FfGraph, MlpGraph};
use crate::saliency_eval::{ForwardForward, Subject};
use ff_host::data::Samples;
use ff_host::files;
use ff_host::network::HostNetwork;
use ff_host::recipe::Recipe;
use ff_host::run::{self, Metrics, Model};

/// What a run folder holds.
pub enum LoadedRun {
    /// A network of a Forward-Forward rule.
    ForwardForward(Box<Model>, Option<Box<Metrics>>),
    /// A backprop baseline.
    Mlp {
        /// Its run folder.
        folder: PathBuf,
        /// What its run measured.
        metrics: Box<Metrics>,
        /// Its recipe.
        recipe: Box<Recipe>,
    },
}

impl LoadedRun {
    /// Reads a run folder.
    ///
    /// # Errors
    /// No run folder, or an unusable one.
    pub fn load(run: &Path) -> anyhow::Result<Self> {
        ensure!(run.is_dir(), "{} is no run folder; train one with `ff train`", run.display());
        let metrics = files::bytes(&run.join(run::METRICS), files::METRICS).ok();
        let metrics: Option<Metrics> = metrics.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        match metrics {
            Some(metrics) if metrics.provenance.rule == RULE => {
                let path = run.join(run::RECIPE);
                let text =
                    files::text(&path, files::RECIPE).with_context(|| format!("cannot read {}", path.display()))?;
                let recipe: Recipe = toml::from_str(&text).with_context(|| path.display().to_string())?;
                recipe.check().with_context(|| path.display().to_string())?;
                Ok(Self::Mlp { folder: run.to_owned(), metrics: Box::new(metrics), recipe: Box::new(recipe) })
            }
            metrics => Ok(Self::ForwardForward(Box::new(Model::load(run)?), metrics.map(Box::new))),
        }
    }

    const fn metrics(&self) -> Option<&Metrics> {
        match self {
            Self::ForwardForward(_, Some(metrics)) | Self::Mlp { metrics, .. } => Some(metrics),
            Self::ForwardForward(_, None) => None,
        }
    }

    /// The model of a Forward-Forward rule.
    pub const fn model(&self) -> Option<&Model> {
        if let Self::ForwardForward(model, _) = self { Some(model) } else { None }
    }

    /// What trained it, without the seed, and the seed.
    pub fn trained(&self) -> Option<(String, u64)> {
        self.metrics().map(|metrics| (results::settings(&metrics.provenance.command), metrics.seed))
    }

    /// Its recipe.
    pub fn recipe(&self) -> &Recipe {
        match self {
            Self::ForwardForward(model, _) => &model.about.recipe,
            Self::Mlp { recipe, .. } => recipe,
        }
    }

    /// Refuses what cannot be compared with the first model.
    ///
    /// # Errors
    /// Another data set, rule or size, or pixels that cannot be deleted.
    pub fn check(&self, first: &Model, images: &Samples) -> anyhow::Result<()> {
        let dataset = match self {
            Self::ForwardForward(model, _) => &model.about.dataset,
            Self::Mlp { metrics, .. } => &metrics.provenance.dataset,
        };
        ensure!(*dataset == first.about.dataset, "the runs are of {} and {dataset}; take one", first.about.dataset);
        if let Some(Model { about, .. }) = self.model() {
            let size = (about.width, about.height);
            ensure!(
                size == (images.shape().columns(), images.shape().rows()),
                "the model takes {}x{} images, {dataset} has {}x{}",
                size.0,
                size.1,
                images.shape().columns(),
                images.shape().rows()
            );
            ensure!(
                about.recipe.rule.kind() == first.about.recipe.rule.kind(),
                "the runs are of several rules; take one at a time"
            );
        }
        let classes = first.about.classes;
        ensure!(
            self.recipe().dropped(classes) == 0 && self.recipe().black_is_zero(),
            "maps of models whose label takes the place of pixels, or whose images are centred or standardised, \
             cannot be compared: a deleted pixel would not be background"
        );
        Ok(())
    }

    /// The network, ready to be asked.
    ///
    /// # Errors
    /// An unusable baseline.
    pub fn subject(&self, threads: usize) -> anyhow::Result<Box<dyn Subject + '_>> {
        match self {
            Self::ForwardForward(model, _) => forward_forward(&model.network, &model.about.recipe, threads),
            Self::Mlp { folder, .. } => mlp(folder),
        }
    }
}

/// A Forward-Forward network, ready to be asked by its own maps and by gradients.
///
/// # Errors
/// None that is known of.
pub fn forward_forward<'a>(
    network: &'a HostNetwork,
    recipe: &'a Recipe,
    threads: usize,
) -> anyhow::Result<Box<dyn Subject + 'a>> {
    let subject = ForwardForward::new(network, recipe, threads);
    Ok(match FfGraph::new(network, recipe)? {
        Some(graph) => Box::new(Compared { subject, graph }),
        None => Box::new(subject),
    })
}

fn mlp(folder: &Path) -> anyhow::Result<Box<dyn Subject + '_>> {
    let path = folder.join(run::MODEL);
    let graph = MlpGraph::load(&path);
    let graph = graph.or_else(|error| bail!("{} is no usable baseline: {error}", path.display()));
    Ok(Box::new(graph?))
}
