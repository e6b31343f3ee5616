//! Pictures of images and maps, enlarged by whole numbers, and their way to PNG.

use super::colour::{self, Scale};

/// An image's size in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

/// A picture in memory.
pub struct Raster {
    /// Its size in fine pixels.
    pub size: Size,
    /// Red, green and blue of every fine pixel, row by row.
    pub rgb: Vec<u8>,
}

/// Brightness from which a pixel counts as ink for the outline.
const INK: f32 = 0.5;

/// The outline's colour: visible on white, blue and red alike.
const OUTLINE: [u8; 3] = [70, 70, 70];

/// A grey picture of an image of values from 0 to 1.
pub fn grey(image: &[f32], size: Size, zoom: usize) -> Raster {
    enlarge(size, zoom, |i: usize| [(255.0 * image[i].clamp(0.0, 1.0)).round() as u8; 3])
}

/// A map in signed colours, with the outline of the image's ink over it. A map that is zero all
/// over is a grey field.
pub fn signed(map: &[f32], image: &[f32], size: Size, zoom: usize, scale: &Scale) -> Raster {
    if map.iter().all(|&value| value == 0.0) {
        return enlarge(size, zoom, |_| colour::NOTHING);
    }
    let mut raster = enlarge(size, zoom, |i| scale.colour(map[i]));
    outline(&mut raster.rgb, image, size, zoom);
    raster
}

/// Every pixel becomes `zoom` x `zoom`.
fn enlarge(size: Size, zoom: usize, colour: impl Fn(usize) -> [u8; 3]) -> Raster {
    let mut rgb = Vec::with_capacity(3 * size.width * size.height * zoom * zoom);
    for y in 0..size.height {
        let row: Vec<u8> = (0..size.width).flat_map(|x| colour(y * size.width + x).repeat(zoom)).collect();
        (0..zoom).for_each(|_| rgb.extend(&row));
    }
    Raster { size: Size { width: size.width * zoom, height: size.height * zoom }, rgb }
}

/// Draws the edges between ink and ground, one fine pixel wide, on the ink's side.
fn outline(raster: &mut [u8], image: &[f32], size: Size, zoom: usize) {
    let ink = |x: isize, y: isize| {
        let inside = (0..size.width as isize).contains(&x) && (0..size.height as isize).contains(&y);
        inside && image[y as usize * size.width + x as usize] >= INK
    };
    let end = zoom - 1;
    for y in 0..size.height {
        for x in 0..size.width {
            let (column, row) = (x as isize, y as isize);
            if !ink(column, row) {
                continue;
            }
            let mut dot = |dx: usize, dy: usize| {
                let at = 3 * ((y * zoom + dy) * size.width * zoom + x * zoom + dx);
                raster[at..at + 3].copy_from_slice(&OUTLINE);
            };
            for i in 0..zoom {
                if !ink(column - 1, row) {
                    dot(0, i)
                }
                if !ink(column + 1, row) {
                    dot(end, i)
                }
                if !ink(column, row - 1) {
                    dot(i, 0)
                }
                if !ink(column, row + 1) {
                    dot(i, end)
                }
            }
        }
    }
}

/// The picture as a PNG whose `Title` is the given text. Writing to memory cannot fail, so an error of the
/// encoder leaves an empty picture, which the report's test would see.
pub fn encode(raster: &Raster, title: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let Size { width, height } = raster.size;
    let mut encoder = png::Encoder::new(&mut bytes, width as u32, height as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Balanced);
    let write = || -> Result<(), png::EncodingError> {
        encoder.add_text_chunk("Title".to_owned(), title.to_owned())?;
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&raster.rgb)?;
        writer.finish()
    };
    if write().is_err() {
        bytes.clear();
    }
    bytes
}
