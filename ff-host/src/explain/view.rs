//! One image as the report shows it: pictures as data URIs, numbers as text.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::caption::captioned;
use super::colour::Scale;
use super::maps::{Explanation, Map, Row};
use super::picture::{self, Size};
use super::predict::Prediction;

/// How much large and small pictures are enlarged.
const ZOOM: usize = 8;
const SMALL: usize = 4;

/// How wide a picture in a file of its own is at least, in fine pixels.
const ALONE: usize = 256;

fn zoom_alone(size: Size) -> usize {
    ZOOM.max(ALONE / size.width.max(1))
}

/// A picture with its words.
pub struct Picture {
    /// Its title.
    pub title: String,
    /// For those who do not see it.
    pub alt: String,
    /// The PNG, inline. Empty for no picture.
    pub uri: String,
    /// Whether the map is zero all over.
    pub zero: bool,
}

/// Pictures on one scale.
pub struct RowView {
    /// The question.
    pub question: String,
    /// Method, baseline and target.
    pub method: String,
    /// The pictures.
    pub pictures: Vec<Picture>,
    /// The scale's lower end, upper end, and what is clipped.
    pub limits: [String; 3],
}

/// A bar from -1 to 1.
pub struct Bar {
    /// What it is the share of.
    pub name: &'static str,
    /// Its value.
    pub value: String,
    /// Left end and width in percent.
    pub left: f32,
    /// Width in percent.
    pub width: f32,
    /// Whether it is below 0.
    pub negative: bool,
}

/// One image.
pub struct ImageView {
    /// True and predicted label; no truth for the user's own.
    pub cell: (Option<u8>, u8),
    /// The heading.
    pub heading: String,
    /// The other labels' probabilities.
    pub facts: String,
    /// The image.
    pub input: Picture,
    /// Large rows.
    pub rows: Vec<RowView>,
    /// One picture a class.
    pub strip: RowView,
    /// Labels of the matrix.
    pub labels: Vec<u8>,
    /// Its pictures.
    pub matrix: RowView,
    /// The shares of the goodness.
    pub bars: Vec<Bar>,
}

/// A PNG file beside the report.
pub struct FileToWrite {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Draws an image's maps.
pub fn view(dataset: &str, seen: &Prediction, told: &Explanation, size: Size) -> (ImageView, Vec<FileToWrite>) {
    let name = seen.index.map_or_else(|| "own".to_owned(), |index| format!("{index:05}"));
    let heading = heading(dataset, seen);
    let grey = picture::grey(&told.image, size, ZOOM);
    let alt = format!("{heading}: input");
    let input = Picture { title: "input".to_owned(), uri: uri(&picture::encode(&grey, &alt)), zero: false, alt };
    let large = picture::grey(&told.image, size, zoom_alone(size));
    let alone = picture::encode(&captioned(&large, &input.alt, None), &input.alt);
    let mut files = vec![FileToWrite { name: format!("{name}-input.png"), bytes: alone }];
    let drawer = Drawer { image: &told.image, size, heading: &heading };
    let rows = told.rows.iter().map(|row| {
        files.extend(row.maps.iter().map(|map| FileToWrite {
            name: format!("{name}-{}.png", map.title.replace(" (not scored)", "").replace(' ', "-")),
            bytes: drawer.alone(map, row),
        }));
        drawer.row(row, ZOOM)
    });
    let rows = rows.collect();
    let view = ImageView {
        cell: (seen.truth, seen.label),
        facts: facts(seen),
        input,
        rows,
        strip: drawer.row(&told.strip, SMALL),
        labels: told.matrix_labels.clone(),
        matrix: drawer.row(&told.matrix, SMALL),
        bars: bars(&told.shares),
        heading,
    };
    (view, files)
}

struct Drawer<'a> {
    image: &'a [f32],
    size: Size,
    heading: &'a str,
}

impl Drawer<'_> {
    fn row(&self, row: &Row, zoom: usize) -> RowView {
        let Scale { limit, clipped, values } = row.scale;
        RowView {
            question: row.question.clone(),
            method: row.method.clone(),
            pictures: row.maps.iter().map(|map| self.picture(map, zoom, row)).collect(),
            limits: [number(-limit), number(limit), format!("{clipped} of {values} values clipped")],
        }
    }

    fn picture(&self, map: &Map, zoom: usize, row: &Row) -> Picture {
        let alt = format!("{}: {}", self.heading, map.title);
        if map.values.is_empty() {
            return Picture { title: map.title.clone(), alt, uri: String::new(), zero: false };
        }
        let raster = picture::signed(&map.values, self.image, self.size, zoom, &row.scale);
        let bytes = picture::encode(&raster, &self.title(map, row));
        Picture { title: map.title.clone(), alt, uri: uri(&bytes), zero: is_zero(map) }
    }

    /// A picture for a file of its own, which says by itself what it shows.
    fn alone(&self, map: &Map, row: &Row) -> Vec<u8> {
        let raster = picture::signed(&map.values, self.image, self.size, zoom_alone(self.size), &row.scale);
        let title = self.title(map, row);
        let limits = [-row.scale.limit, row.scale.limit].map(number);
        let limits = (!is_zero(map)).then_some(&limits);
        picture::encode(&captioned(&raster, &title, limits), &title)
    }

    fn title(&self, map: &Map, row: &Row) -> String {
        let zero = if is_zero(map) { "; zero all over" } else { "" };
        format!("{}: {}; {}{zero}", self.heading, map.title, row.method)
    }
}

fn is_zero(map: &Map) -> bool {
    map.values.iter().all(|&value| value == 0.0)
}

fn heading(dataset: &str, seen: &Prediction) -> String {
    let p = seen.sureness();
    match (seen.index, seen.truth) {
        (Some(index), Some(truth)) => format!("{dataset} {index}: true {truth}, seen as {}, p = {p:.3}", seen.label),
        _ => format!("your image: seen as {}, p = {p:.3}", seen.label),
    }
}

fn facts(seen: &Prediction) -> String {
    let second = format!("runner-up {} with p = {:.3}", seen.runner_up, seen.probability(seen.runner_up));
    match seen.truth.filter(|&truth| truth != seen.label && truth != seen.runner_up) {
        Some(truth) => format!("{second}; the true label {truth} has p = {:.3}", seen.probability(truth)),
        None => second,
    }
}

/// Bars are as long as their part of the sum of all sizes.
fn bars(shares: &[(&'static str, f32)]) -> Vec<Bar> {
    let sum: f32 = shares.iter().map(|share| share.1.abs()).sum();
    let bar = |&(name, value): &(&'static str, f32)| {
        let width = if sum > 0.0 { 50.0 * value.abs() / sum } else { 0.0 };
        let left = if value < 0.0 { 50.0 - width } else { 50.0 };
        Bar { name, value: number(value), left, width, negative: value < 0.0 }
    };
    shares.iter().map(bar).collect()
}

/// Three significant digits, with a sign.
fn number(value: f32) -> String {
    let size = value.abs();
    if size == 0.0 {
        "0".to_owned()
    } else if (0.01..10_000.0).contains(&size) {
        let digits = (2 - size.log10().floor() as i32).max(0) as usize;
        format!("{value:+.digits$}").replace('-', "\u{2212}")
    } else {
        format!("{value:+.2e}").replace('-', "\u{2212}")
    }
}

fn uri(png: &[u8]) -> String {
    format!("data:image/png;base64,{}", BASE64_STANDARD.encode(png))
}
