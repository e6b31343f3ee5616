//! A user's own image, from a PNG.

use std::io::BufReader;
use std::path::Path;

use anyhow::{Context, ensure};
use png::{BitDepth, ColorType};

use crate::data::Images;
use crate::files;

/// Reads a grey PNG of exactly the model's size.
///
/// # Errors
/// What is not such a PNG, with what is wanted and what was found.
pub fn read(path: &Path, width: usize, height: usize) -> anyhow::Result<Images> {
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
    Ok(Images { width, height, maximum: u8::MAX, pixels, labels: vec![0] })
}

/// Whether an image looks dark on a light ground: its border is brighter than half, on average.
pub fn bright_border(images: &Images) -> bool {
    let (width, height) = (images.width, images.height);
    let on_border =
        |i: usize| i < width || i >= width * (height - 1) || i.is_multiple_of(width) || i % width == width - 1;
    let border = images.pixels.iter().enumerate().filter(|&(i, _)| on_border(i));
    let (sum, count) = border.fold((0, 0), |(sum, count), (_, &pixel)| (sum + u64::from(pixel), count + 1));
    2 * sum > count * u64::from(images.maximum)
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
