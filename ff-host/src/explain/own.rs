//! A user's own image, from a PNG.

use std::io::BufReader;
use std::path::Path;

use anyhow::{Context, ensure};
use png::{BitDepth, ColorType};

use crate::data::{Sample, Samples};
use crate::files;

/// Reads a grey PNG of exactly the model's size.
///
/// # Errors
/// What is not such a PNG, with what is wanted and what was found.
pub fn read(path: &Path, width: usize, height: usize) -> anyhow::Result<Samples> {
    let name = path.display();
    let file = files::open(path, files::PICTURE).with_context(|| format!("cannot read {name}"))?;
    let decoder = png::Decoder::new(BufReader::new(file));
    let mut reader = decoder.read_info().with_context(|| format!("{name} is no readable PNG"))?;
    let info = reader.info();
    let found = format!("{}x{}, {}", info.width, info.height, kind(info.color_type, info.bit_depth));
    let fits = info.width as usize == width && info.height as usize == height;
    let grey = (info.color_type, info.bit_depth) == (ColorType::Grayscale, BitDepth::Eight);
    ensure!(fits && grey, "{name} is {found}; the model wants {width}x{height}, 8-bit grey, light on a dark ground");
    let mut pixels = vec![0; width * height];
    reader.next_frame(&mut pixels).with_context(|| format!("{name} is damaged"))?;
    Ok(Samples::grey(width, height, u8::MAX, pixels, vec![0]))
}

/// What is odd about an image of strokes, told before it is explained; none where nothing is.
#[must_use]
pub fn oddity(image: &Samples) -> Option<String> {
    let (sample, _) = image.get(0)?;
    let mut values: Vec<f32> = sample.numbers().map(|value| value / f32::from(image.maximum())).collect();
    values.sort_by(f32::total_cmp);
    let (middle, most) = (*values.get(values.len() / 2)?, *values.last()?);
    // The ground is what most pixels are: a dark frame does not hide a bright one.
    if middle > 0.5 || border(image, sample) > 0.5 {
        return Some("the ground of your image is bright; the model knows light strokes on a dark ground".to_owned());
    }
    (most < 0.5).then(|| {
        format!("the brightest pixel of your image is {:.0} of 255; the model knows light strokes", 255.0 * most)
    })
}

/// The mean of the border.
fn border(image: &Samples, sample: Sample<'_>) -> f32 {
    let (width, height) = (image.shape().columns(), image.shape().rows());
    let on_border =
        |i: usize| i < width || i >= width * (height - 1) || i.is_multiple_of(width) || i % width == width - 1;
    let border = sample.numbers().enumerate().filter(|&(i, _)| on_border(i));
    let (sum, count) = border.fold((0.0, 0.0), |(sum, count), (_, value)| (sum + value, count + 1.0));
    sum / count / f32::from(image.maximum())
}

fn kind(colour: ColorType, depth: BitDepth) -> String {
    let colour = match colour {
        ColorType::Grayscale => "grey",
        ColorType::Rgb => "RGB",
        ColorType::Indexed => "palette",
        ColorType::GrayscaleAlpha => "grey with alpha",
        ColorType::Rgba => "RGB with alpha",
    };
    format!("{}-bit {colour}", depth as u8)
}
