//! Charts as inline SVG: axes, lines, points. A chart says in its title what it shows, for who cannot see it.

use maud::{Markup, html};

/// One side of a chart.
pub(super) struct Axis {
    label: &'static str,
    from: f64,
    to: f64,
    /// How many ticks there are between the ends, the ends among them.
    ticks: usize,
}

impl Axis {
    /// An axis from 0 to 1, where the probabilities and parts are.
    pub(super) fn unit(label: &'static str) -> Axis {
        Axis { label, from: 0.0, to: 1.0, ticks: 6 }
    }

    /// An axis that ends at 1 and begins at a tenth, at or below the value.
    pub(super) fn down_to(label: &'static str, value: f64) -> Axis {
        let tenths = (value.clamp(0.0, 0.8) * 10.0).floor();
        Axis { label, from: tenths / 10.0, to: 1.0, ticks: 11 - tenths as usize }
    }

    /// With a tick at either end and in the middle, for a small chart.
    pub(super) fn sparse(self) -> Axis {
        Axis { ticks: 3, ..self }
    }

    fn ticks(&self) -> impl Iterator<Item = f64> {
        let step = (self.to - self.from) / (self.ticks.max(2) - 1) as f64;
        (0..self.ticks).map(move |i| self.from + step * i as f64)
    }

    /// Where a value stands between the ends, from 0 to 1.
    fn part(&self, value: f64) -> f64 {
        ((value - self.from) / (self.to - self.from)).clamp(0.0, 1.0)
    }
}

/// A chart, in pixels of its own: the browser scales it.
pub(super) struct Chart {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) x: Axis,
    pub(super) y: Axis,
}

/// The room that ticks and labels take.
const LEFT: f64 = 46.0;
const BOTTOM: f64 = 40.0;
const MARGIN: f64 = 10.0;

impl Chart {
    fn x(&self, value: f64) -> f64 {
        rounded(LEFT + self.x.part(value) * (self.width - LEFT - MARGIN))
    }

    fn y(&self, value: f64) -> f64 {
        rounded(self.height - BOTTOM - self.y.part(value) * (self.height - BOTTOM - MARGIN))
    }

    /// The chart with its axes around these marks.
    pub(super) fn draw(&self, title: &str, marks: &Markup) -> Markup {
        let (left, right) = (self.x(self.x.from), self.x(self.x.to));
        let (bottom, top) = (self.y(self.y.from), self.y(self.y.to));
        let (middle_x, middle_y) = (rounded((left + right) / 2.0), rounded((bottom + top) / 2.0));
        html! {
            svg viewBox=(format!("0 0 {} {}", self.width, self.height)) role="img" aria-label=(title) {
                title { (title) }
                g class="grid" {
                    @for tick in self.x.ticks() {
                        line x1=(self.x(tick)) x2=(self.x(tick)) y1=(bottom) y2=(top) {}
                    }
                    @for tick in self.y.ticks() {
                        line x1=(left) x2=(right) y1=(self.y(tick)) y2=(self.y(tick)) {}
                    }
                }
                g class="ticks" {
                    @for tick in self.x.ticks() {
                        text x=(self.x(tick)) y=(bottom + 15.0) text-anchor="middle" { (short(tick)) }
                    }
                    @for tick in self.y.ticks() {
                        text x=(left - 6.0) y=(self.y(tick) + 4.0) text-anchor="end" { (short(tick)) }
                    }
                }
                g class="names" {
                    text x=(middle_x) y=(self.height - 6.0) text-anchor="middle" { (self.x.label) }
                    text x="11" y=(middle_y) text-anchor="middle" transform=(format!("rotate(-90 11 {middle_y})")) {
                        (self.y.label)
                    }
                }
                (marks)
            }
        }
    }

    /// A line through these points.
    pub(super) fn line(&self, class: &str, points: &[(f64, f64)]) -> Markup {
        let step = |(i, &(x, y)): (usize, &(f64, f64))| {
            format!("{}{} {}", if i == 0 { "M" } else { "L" }, self.x(x), self.y(y))
        };
        let path: String = points.iter().enumerate().map(step).collect();
        html! { path class=(format!("line {class}")) d=(path) {} }
    }

    /// A point that says what it is when it is pointed at.
    pub(super) fn point(&self, class: &str, (x, y): (f64, f64), says: &str) -> Markup {
        html! {
            circle class=(format!("point {class}")) cx=(self.x(x)) cy=(self.y(y)) r="4.5" { title { (says) } }
        }
    }

    /// Which line is what, in the corner at the bottom left, where falling lines leave room.
    pub(super) fn legend(&self, entries: &[(&str, &str)]) -> Markup {
        let left = self.x(self.x.from) + 12.0;
        let bottom = self.y(self.y.from) - 12.0;
        html! {
            @for (i, (class, name)) in entries.iter().rev().enumerate() {
                @let y = bottom - 20.0 * i as f64;
                path class=(format!("line {class}")) d=(format!("M{left} {y}h20")) {}
                text class="legend" x=(left + 28.0) y=(y + 4.0) { (name) }
            }
        }
    }
}

/// A figure and its interval between 0 and 1, as a dot on a bar.
pub(super) fn whisker(value: f64, low: f64, high: f64) -> Markup {
    let x = |value: f64| rounded(4.0 + value.clamp(0.0, 1.0) * 152.0);
    let title = format!("{value:.3}, from {low:.3} to {high:.3}, on a line from 0 to 1");
    html! {
        svg class="whisker" viewBox="0 0 160 16" role="img" aria-label=(title) {
            title { (title) }
            line class="rail" x1=(x(0.0)) x2=(x(1.0)) y1="8" y2="8" {}
            line class="range" x1=(x(low)) x2=(x(high)) y1="8" y2="8" {}
            circle class="point first" cx=(x(value)) cy="8" r="4" {}
        }
    }
}

/// Half a tenth of a pixel is seen by nobody.
fn rounded(pixels: f64) -> f64 {
    (pixels * 10.0).round() / 10.0
}

/// 0.2, and 0 and 1 at the ends.
fn short(value: f64) -> String {
    format!("{}", (value * 100.0).round() / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart() -> Chart {
        Chart { width: 256.0, height: 150.0, x: Axis::unit("recall"), y: Axis::down_to("precision", 0.57) }
    }

    #[test]
    fn values_find_their_pixels() {
        let chart = chart();
        assert_eq!((chart.x(0.0), chart.x(0.5), chart.x(1.0), chart.x(7.0)), (46.0, 146.0, 246.0, 246.0));
        assert_eq!((chart.y(0.5), chart.y(0.75), chart.y(1.0), chart.y(0.1)), (110.0, 60.0, 10.0, 110.0));
        assert_eq!(chart.line("a", &[(0.0, 1.0), (0.5, 0.5)]).0, r#"<path class="line a" d="M46 10L146 110"></path>"#);
    }

    #[test]
    fn ticks_are_round() {
        let ticks = |axis: Axis| axis.ticks().map(short).collect::<Vec<_>>();
        assert_eq!(ticks(Axis::unit("")), ["0", "0.2", "0.4", "0.6", "0.8", "1"]);
        assert_eq!(ticks(Axis::unit("").sparse()), ["0", "0.5", "1"]);
        assert_eq!(ticks(Axis::down_to("", 0.57)), ["0.5", "0.6", "0.7", "0.8", "0.9", "1"]);
        assert_eq!(ticks(Axis::down_to("", 1.0)), ["0.8", "0.9", "1"]);
    }

    #[test]
    fn titles_are_text() {
        let svg = chart().draw("a < b", &html! {}).0;
        assert!(svg.contains("<title>a &lt; b</title>"), "{svg}");
        assert!(whisker(0.5, 0.4, 0.6).0.contains("0.500, from 0.400 to 0.600"));
    }
}
