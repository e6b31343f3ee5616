//! A trained network as a web page that works from a folder: the page of this project with the model as its own.

mod refuse;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::run::Model;

pub use refuse::Unfit;

/// The file that a browser opens.
pub const START: &str = "index.html";

/// The page's files but for the model: names and contents. `cargo xtask web --keep` renews the engine.
const FILES: [(&str, &str); 9] = [
    (START, include_str!("../../../web/index.html")),
    ("style.css", include_str!("../../../web/style.css")),
    ("engine.js", include_str!("../../../web/engine.js")),
    ("worker.js", include_str!("../../../web/worker.js")),
    ("client.js", include_str!("../../../web/client.js")),
    ("reader.js", include_str!("../../../web/reader.js")),
    ("pad.js", include_str!("../../../web/pad.js")),
    ("charts.js", include_str!("../../../web/charts.js")),
    ("page.js", include_str!("../../../web/page.js")),
];

/// The script that holds the model: a page that is opened from a folder may not load anything but scripts.
const MODEL: &str = "model.js";

/// The page's files, names and contents, that show this model.
///
/// # Errors
/// [`Unfit`] for a model that the page has no room or no picture for, and none besides.
pub fn export(model: &Model) -> anyhow::Result<Vec<(&'static str, String)>> {
    refuse::check(model)?;
    let text = BASE64_STANDARD.encode(model.to_bytes()?);
    let script = format!(
        "\"use strict\";\n// A model of `ff train`, written by `ff export --web`.\nconst MODEL = \"{text}\";\n"
    );
    let files = FILES.map(|(name, contents)| (name, contents.to_owned()));
    Ok(files.into_iter().chain([(MODEL, script)]).collect())
}
