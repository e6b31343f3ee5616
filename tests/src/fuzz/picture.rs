//! Pictures of any bytes: refused with a reason, or an image of the size that is asked for.

use ff_host::explain::own;

use super::in_a_file;

const SIDE: usize = 3;

/// Reads them as a user's own picture.
pub fn run(bytes: &[u8]) {
    in_a_file(bytes, |path| match own::read(path, SIDE, SIDE) {
        Err(error) => assert!(error.to_string().contains(&*path.to_string_lossy()), "{error} does not name its file"),
        Ok(images) => assert_eq!((images.features(), images.len()), (SIDE * SIDE, 1)),
    });
}

/// A grey picture, and a coloured one.
#[must_use]
pub fn seeds() -> Vec<Vec<u8>> {
    vec![encoded(png::ColorType::Grayscale, 1), encoded(png::ColorType::Rgb, 3)]
}

fn encoded(colour: png::ColorType, bytes_a_pixel: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, SIDE as u32, SIDE as u32);
    encoder.set_color(colour);
    let mut writer = encoder.write_header().expect("memory that can be written");
    writer.write_image_data(&vec![100; SIDE * SIDE * bytes_a_pixel]).expect("as many pixels as the header says");
    writer.finish().expect("memory that can be written");
    bytes
}
