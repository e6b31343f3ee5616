//! Pictures of images and maps as PNG, enlarged by whole numbers.

use super::colour::{self, Scale};

/// An image's size in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

/// Brightness from which a pixel counts as ink for the outline.
const INK: f32 = 0.5;

/// The outline's colour: visible on white, blue and red alike.
const OUTLINE: [u8; 3] = [70, 70, 70];

/// A grey picture of an image of values from 0 to 1.
pub fn grey(image: &[f32], size: Size, zoom: usize) -> Vec<u8> {
    let colour = |i: usize| [(255.0 * image[i].clamp(0.0, 1.0)).round() as u8; 3];
    encode(&enlarge(size, zoom, colour), size, zoom, "image")
}

/// A map in signed colours, with the outline of the image's ink over it. A map that is zero all
/// over is a grey field.
pub fn signed(map: &[f32], image: &[f32], size: Size, zoom: usize, scale: &Scale, title: &str) -> Vec<u8> {
    if map.iter().all(|&value| value == 0.0) {
        let field = enlarge(size, zoom, |_| colour::NOTHING);
        return encode(&field, size, zoom, &format!("{title}; zero all over"));
    }
    let mut raster = enlarge(size, zoom, |i| scale.colour(map[i]));
    outline(&mut raster, image, size, zoom);
    let limits = format!("{title}; blue {:.4e}, white 0, red {:.4e}", -scale.limit, scale.limit);
    encode(&raster, size, zoom, &limits)
}

/// Every pixel becomes `zoom` x `zoom`.
fn enlarge(size: Size, zoom: usize, colour: impl Fn(usize) -> [u8; 3]) -> Vec<u8> {
    let mut raster = Vec::with_capacity(3 * size.width * size.height * zoom * zoom);
    for y in 0..size.height {
        let row: Vec<u8> = (0..size.width).flat_map(|x| colour(y * size.width + x).repeat(zoom)).collect();
        (0..zoom).for_each(|_| raster.extend(&row));
    }
    raster
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

/// Writing to memory cannot fail, so an error of the encoder leaves an empty picture, which the
/// report's test would see.
fn encode(raster: &[u8], size: Size, zoom: usize, title: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, (size.width * zoom) as u32, (size.height * zoom) as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Balanced);
    let write = || -> Result<(), png::EncodingError> {
        encoder.add_text_chunk("Title".to_owned(), title.to_owned())?;
        let mut writer = encoder.write_header()?;
        writer.write_image_data(raster)?;
        writer.finish()
    };
    if write().is_err() {
        bytes.clear();
    }
    bytes
}
