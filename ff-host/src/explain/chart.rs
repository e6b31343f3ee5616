//! Line charts as inline SVG, in the colours of the page.

use std::fmt::Write;

/// A line, with a band around it where there is one.
pub struct Line {
    /// Its name in the legend.
    pub name: String,
    /// Points (x, y), x rising.
    pub points: Vec<(f64, f64)>,
    /// Lower and upper ends of the band at the points, or nothing.
    pub band: Vec<(f64, f64)>,
}

const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 220.0;
const LEFT: f64 = 52.0;
const BOTTOM: f64 = 30.0;
const TOP: f64 = 10.0;

/// A chart with axes, legend and a description for those who do not see it. Nothing without points.
pub fn chart(title: &str, x_name: &str, lines: &[Line]) -> String {
    let xs = || lines.iter().flat_map(|line| line.points.iter().map(|point| point.0));
    let bands = || lines.iter().flat_map(|line| line.band.iter().flat_map(|band| [band.0, band.1]));
    let ys = || lines.iter().flat_map(|line| line.points.iter().map(|point| point.1)).chain(bands());
    if xs().next().is_none() || xs().chain(ys()).any(|value| !value.is_finite()) {
        return String::new();
    }
    let (x0, x1) = (xs().fold(f64::MAX, f64::min), xs().fold(f64::MIN, f64::max));
    let (y0, y1) = (ys().fold(0.0, f64::min), ys().fold(f64::MIN, f64::max));
    let top = if y1 > y0 { y1 } else { y0 + 1.0 };
    let wide = if x1 > x0 { x1 - x0 } else { 1.0 };
    let x = |value: f64| LEFT + (value - x0) / wide * (WIDTH - LEFT - 12.0);
    let y = |value: f64| TOP + (top - value) / (top - y0) * (HEIGHT - TOP - BOTTOM);
    let mut svg = format!(
        "<figure class=\"chart\"><figcaption>{0}</figcaption><svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
         aria-label=\"{0}\">",
        escape(title)
    );
    for i in 0..=4 {
        let value = y0 + (top - y0) * f64::from(i) / 4.0;
        let (at, end) = (y(value), WIDTH - 12.0);
        let _ = write!(svg, "<path class=\"grid\" d=\"M{LEFT} {at:.1}H{end}\"/>");
        let _ = write!(svg, "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{value:.3}</text>", LEFT - 6.0, at + 4.0);
    }
    for (value, anchor) in [(x0, "start"), (x1, "end")] {
        let at = x(value);
        let _ = write!(svg, "<text x=\"{at:.1}\" y=\"{}\" text-anchor=\"{anchor}\">{value}</text>", HEIGHT - 10.0);
    }
    let middle = f64::midpoint(LEFT, WIDTH);
    let _ =
        write!(svg, "<text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">{}</text>", HEIGHT - 10.0, escape(x_name));
    for (number, line) in lines.iter().enumerate() {
        draw(&mut svg, number % 6, line, &x, &y);
    }
    svg += "</svg><p class=\"legend\">";
    for (number, line) in lines.iter().enumerate() {
        let _ = write!(svg, "<span><i class=\"key c{}\"></i>{}</span> ", number % 6, escape(&line.name));
    }
    svg + "</p></figure>"
}

fn draw(svg: &mut String, colour: usize, line: &Line, x: &impl Fn(f64) -> f64, y: &impl Fn(f64) -> f64) {
    let at = |(px, py): (f64, f64)| format!("{:.1},{:.1} ", x(px), y(py));
    if line.band.len() == line.points.len() {
        let ends = || line.points.iter().zip(&line.band);
        let lower: String = ends().map(|(point, band)| at((point.0, band.0))).collect();
        let upper: String = ends().rev().map(|(point, band)| at((point.0, band.1))).collect();
        let _ = write!(svg, "<polygon class=\"band c{colour}\" points=\"{lower}{upper}\"/>");
    }
    let points: String = line.points.iter().map(|&point| at(point)).collect();
    let _ = write!(svg, "<polyline class=\"line c{colour}\" points=\"{points}\"/>");
    for &(px, py) in line.points.iter().filter(|_| line.points.len() <= 40) {
        let _ = write!(svg, "<circle class=\"dot c{colour}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"2.5\"/>", x(px), y(py));
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
