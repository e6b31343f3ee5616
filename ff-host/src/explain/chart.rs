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

/// Beyond this, labels would be longer than the chart is wide.
const MOST: f64 = 1e15;

/// Less than this is nothing: steps so small are not told apart.
const LEAST: f64 = 1e-30;

/// A chart with axes, legend and a description for those who do not see it. Nothing without points.
pub fn chart(title: &str, x_name: &str, lines: &[Line]) -> String {
    let xs = || lines.iter().flat_map(|line| line.points.iter().map(|point| point.0));
    let bands = || lines.iter().flat_map(|line| line.band.iter().flat_map(|band| [band.0, band.1]));
    let ys = || lines.iter().flat_map(|line| line.points.iter().map(|point| point.1)).chain(bands());
    if xs().next().is_none() || !xs().chain(ys()).all(|value| value.abs() <= MOST) {
        return String::new();
    }
    let (x0, x1) = (xs().fold(f64::MAX, f64::min), xs().fold(f64::MIN, f64::max));
    let axis = Axis::around(ys().fold(0.0, f64::min), ys().fold(0.0, f64::max));
    let (bottom, top) = (axis.value(0), axis.value(axis.steps));
    let wide = if x1 > x0 { x1 - x0 } else { 1.0 };
    let x = |value: f64| LEFT + (value - x0) / wide * (WIDTH - LEFT - 12.0);
    let y = |value: f64| TOP + (top - value) / (top - bottom) * (HEIGHT - TOP - BOTTOM);
    let mut svg = format!(
        "<figure class=\"chart\"><figcaption>{0}</figcaption><svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
         aria-label=\"{0}\">",
        escape(title)
    );
    for (value, decimals) in (0..=axis.steps).map(|step| (axis.value(step), axis.decimals)) {
        let (at, end) = (y(value), WIDTH - 12.0);
        let _ = write!(svg, "<path class=\"grid\" d=\"M{LEFT} {at:.1}H{end}\"/>");
        let _ = write!(
            svg,
            "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{value:.decimals$}</text>",
            LEFT - 6.0,
            at + 4.0
        );
    }
    // A single epoch has one end.
    let ends = [(x0, "start"), (x1, "end")].into_iter().take(if x1 > x0 { 2 } else { 1 });
    for (value, anchor) in ends {
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

/// An axis that begins and ends at round numbers: multiples of 1, 2 or 5 times a power of ten.
struct Axis {
    /// The lowest number, in steps from 0.
    first: f64,
    step: f64,
    /// How many steps there are above it: 2 to 6, and 1 where all is 0.
    steps: u32,
    decimals: usize,
}

impl Axis {
    /// Around a range that holds 0.
    fn around(low: f64, high: f64) -> Self {
        let range = if high - low > LEAST { high - low } else { 1.0 };
        let power = (range / 4.0).log10().floor();
        let unit = 10_f64.powf(power);
        let factor = [1.0, 2.0, 5.0].into_iter().find(|factor| factor * unit >= range / 4.0).unwrap_or(10.0);
        let step = factor * unit;
        let (first, last) = ((low / step).floor(), (high / step).ceil());
        let decimals = if factor < 10.0 { -power } else { -power - 1.0 };
        Self { first, step, steps: (last - first).clamp(1.0, 10.0) as u32, decimals: decimals.clamp(0.0, 9.0) as usize }
    }

    fn value(&self, step: u32) -> f64 {
        (self.first + f64::from(step)) * self.step
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(low: f64, high: f64) -> Vec<String> {
        let axis = Axis::around(low, high);
        (0..=axis.steps).map(|step| format!("{:.*}", axis.decimals, axis.value(step))).collect()
    }

    #[test]
    fn an_axis_has_few_round_numbers_and_holds_all() {
        assert_eq!(labels(0.0, 61.822), ["0", "20", "40", "60", "80"]);
        assert_eq!(labels(0.0, 2.649), ["0", "1", "2", "3"]);
        assert_eq!(labels(-0.13, 1.0), ["-0.5", "0.0", "0.5", "1.0"]);
        assert_eq!(labels(0.0, 0.0), ["0.0", "0.5"]);
        assert!(labels(-5e-324, 5e-324).len() <= 3 && labels(-MOST, MOST).len() <= 7);
        let mut high = 1e-6;
        while high < 1e9 {
            for low in [0.0, -0.3 * high, -high] {
                let axis = Axis::around(low, high);
                let (bottom, top) = (axis.value(0), axis.value(axis.steps));
                assert!(bottom <= low && top >= high * (1.0 - 1e-9), "{low} to {high}: {bottom} to {top}");
                assert!((2..=6).contains(&axis.steps), "{low} to {high}: {} steps", axis.steps);
            }
            high *= 1.37;
        }
    }
}
