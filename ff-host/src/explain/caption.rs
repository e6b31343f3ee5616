//! A picture that stands alone in a file: its title above it, its scale below.

use std::convert::Infallible;

use embedded_graphics::Pixel;
use embedded_graphics::mono_font::MonoTextStyle;
use embedded_graphics::mono_font::iso_8859_1::FONT_6X10;
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::prelude::{DrawTarget, Drawable, OriginDimensions, Point, RgbColor, Size as Extent};
use embedded_graphics::text::Text;

use super::colour;
use super::picture::{Raster, Size};

/// Width and height of a letter, and of a line with the space below it.
const LETTER: usize = 6;
const LINE: usize = 12;

/// Space around everything, and the least width that a title is given.
const MARGIN: usize = 8;
const LEAST_WIDTH: usize = 260;

/// Height of the bar of colours.
const BAR: usize = 10;

/// The picture with its title and, for a signed map, the bar of colours with what its two ends stand for.
pub fn captioned(picture: &Raster, title: &str, limits: Option<&[String; 2]>) -> Raster {
    let width = picture.size.width.max(LEAST_WIDTH);
    let lines = wrapped(title, width / LETTER);
    let (top, bar) = (MARGIN + lines.len() * LINE, if limits.is_some() { BAR + LINE + MARGIN } else { 0 });
    let size = Size { width: width + 2 * MARGIN, height: top + picture.size.height + bar + MARGIN };
    let mut canvas = Raster { size, rgb: vec![255; 3 * size.width * size.height] };
    for (i, line) in lines.iter().enumerate() {
        write(&mut canvas, line, MARGIN, MARGIN + i * LINE);
    }
    paste(&mut canvas, picture, top);
    if let Some(limits) = limits {
        scale(&mut canvas, width, top + picture.size.height + MARGIN, limits);
    }
    canvas
}

/// The bar of colours, with the numbers that its ends and its middle stand for.
fn scale(canvas: &mut Raster, width: usize, top: usize, [low, high]: &[String; 2]) {
    let bar = |i: usize| colour::signed(2.0 * (i % width) as f32 / (width - 1) as f32 - 1.0);
    let rgb = (0..width * BAR).flat_map(bar).collect();
    paste(canvas, &Raster { size: Size { width, height: BAR }, rgb }, top);
    write(canvas, low, MARGIN, top + BAR + 1);
    write(canvas, "0", MARGIN + width / 2 - LETTER / 2, top + BAR + 1);
    write(canvas, high, MARGIN + width - high.chars().count() * LETTER, top + BAR + 1);
}

/// Words in lines of at most so many letters; a longer word has a line of its own, and is cut by the edge.
fn wrapped(text: &str, letters: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut().filter(|line| line.chars().count() + 1 + word.chars().count() <= letters) {
            Some(line) => *line += &format!(" {word}"),
            None => lines.push(word.to_owned()),
        }
    }
    lines
}

/// A line of text with its upper left corner there.
fn write(canvas: &mut Raster, line: &str, left: usize, top: usize) {
    // The font ends where Latin 1 does.
    let line = line.replace('\u{2212}', "-");
    let style = MonoTextStyle::new(&FONT_6X10, Rgb888::BLACK);
    // Drawing into memory cannot fail.
    let Ok(_) = Text::new(&line, Point::new(left as i32, (top + LINE - 5) as i32), style).draw(canvas);
}

/// Copies a picture in at the left margin.
fn paste(canvas: &mut Raster, picture: &Raster, top: usize) {
    let (row, wide) = (3 * picture.size.width, 3 * canvas.size.width);
    for (y, source) in picture.rgb.chunks_exact(row).enumerate() {
        let start = (top + y) * wide + 3 * MARGIN;
        canvas.rgb[start..start + row].copy_from_slice(source);
    }
}

impl OriginDimensions for Raster {
    fn size(&self) -> Extent {
        Extent::new(self.size.width as u32, self.size.height as u32)
    }
}

impl DrawTarget for Raster {
    type Color = Rgb888;
    type Error = Infallible;

    /// Points outside are left out.
    fn draw_iter<I: IntoIterator<Item = Pixel<Rgb888>>>(&mut self, pixels: I) -> Result<(), Infallible> {
        for Pixel(point, colour) in pixels {
            let (Ok(x), Ok(y)) = (usize::try_from(point.x), usize::try_from(point.y)) else { continue };
            if x < self.size.width && y < self.size.height {
                let at = 3 * (y * self.size.width + x);
                self.rgb[at..at + 3].copy_from_slice(&[colour.r(), colour.g(), colour.b()]);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_whole_and_lines_short() {
        assert_eq!(wrapped("a picture of a seven", 9), ["a picture", "of a", "seven"]);
        assert_eq!(wrapped("unbreakable a", 5), ["unbreakable", "a"]);
        assert!(wrapped("", 5).is_empty());
    }

    #[test]
    fn the_picture_stands_under_its_title_and_over_its_scale() {
        let grey = Raster { size: Size { width: 20, height: 10 }, rgb: vec![99; 600] };
        let plain = captioned(&grey, "title", None);
        let signed = captioned(&grey, "title", Some(&["-2".to_owned(), "+2".to_owned()]));
        assert_eq!(plain.size.width, LEAST_WIDTH + 2 * MARGIN);
        assert_eq!(signed.size.height - plain.size.height, BAR + LINE + MARGIN);
        let grey = |raster: &Raster| raster.rgb.chunks(3).filter(|pixel| *pixel == [99; 3]).count();
        assert_eq!((grey(&plain), grey(&signed)), (200, 200));
        assert!(plain.rgb.chunks(3).filter(|pixel| *pixel == [0; 3]).count() > 20, "the title is written");
        let colours = |colour: [u8; 3]| signed.rgb.chunks(3).filter(|pixel| *pixel == colour).count();
        assert!(colours([103, 0, 31]) >= BAR && colours([5, 48, 97]) >= BAR);
    }
}
