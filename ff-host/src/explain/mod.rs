//! Explanations of chosen images: maps, pictures and one self-contained report.
//!
//! Data flows through the files in this order: `score` says what is explained, `explainer` puts questions to a model, `predict` asks
//! for the scores of a whole set and [`temperature`](crate::temperature) turns them into probabilities, `select` chooses
//! images (`own` reads the user's), `maps` answers with maps, `colour` and `picture` draw them,
//! `caption` gives those in files of their own title and scale, `page` fills the report with `chart`s and `cards`, and `export` writes arrays for other tools.

pub(crate) mod caption;
pub(crate) mod cards;
pub(crate) mod chart;
pub(crate) mod colour;
pub mod evaluation;
pub(crate) mod explainer;
pub(crate) mod export;
pub(crate) mod maps;
pub mod own;
pub(crate) mod page;
pub(crate) mod picture;
pub(crate) mod predict;
pub(crate) mod select;
pub(crate) mod view;
