//! The charts of the page.

use disputed::learn::{Answers, Bin, Curve, Evaluation, Figures, Level};
use maud::{Markup, html};

use super::chart::{Axis, Chart};

/// Precision against recall, a small chart a topic.
pub(super) fn curves(evaluation: &Evaluation, answers: &Answers) -> Markup {
    html! {
        p {
            "Each line shows what a topic's probabilities would give if it were given more freely, to the right, or more "
            "sparingly, to the left. The dot is what the model does. The number is the mean precision along the line."
        }
        div class="small-charts" {
            @for curve in answers.curves() {
                @if let Some(figures) = evaluation.topics.get(&curve.topic) { (self::curve(&curve, figures)) }
            }
        }
    }
}

fn curve(curve: &Curve, figures: &Figures) -> Markup {
    let chart =
        Chart { width: 250.0, height: 210.0, x: Axis::unit("recall").sparse(), y: Axis::unit("precision").sparse() };
    let points: Vec<(f64, f64)> = curve.points.iter().map(|point| (point.recall, point.precision)).collect();
    // From the left edge on: the highest cut has the precision of its first.
    let start = points.first().map(|&(_, precision)| (0.0, precision));
    let line: Vec<(f64, f64)> = start.into_iter().chain(points).collect();
    let says = format!("given: recall {:.2}, precision {:.2}", figures.recall, figures.precision);
    let marks = html! {
        (chart.line("first", &line))
        (chart.point("second", (figures.recall, figures.precision), &says))
    };
    let title = format!("Precision against recall of {}; {says}", curve.topic);
    html! {
        figure {
            figcaption { b { (curve.topic) } " " span class="quiet" { (format!("{:.2}", curve.average_precision)) } }
            (chart.draw(&title, &marks))
        }
    }
}

/// Whether probabilities are to be believed, and what comes of believing only the high ones.
pub(super) fn doubt(evaluation: &Evaluation) -> Markup {
    let review = &evaluation.review;
    html! {
        div class="charts" {
            figure {
                figcaption {
                    b { "Probability told and frequency found" }
                    " of topics answered with 0.05 or more, in tenths of equal count. On the dashed line probabilities mean "
                    "what they say; below it they boast."
                }
                (reliability(&evaluation.calibration.bins))
            }
            figure {
                figcaption {
                    b { "Accuracy on the surest paragraphs." }
                    " Paragraphs are ordered by how many of their labels the model expects to be wrong, and only the surest "
                    "part is counted."
                }
                (coverage(&evaluation.coverage))
            }
        }
        p {
            "The model would have a person look at " (review.with.articles) " of "
            (review.with.articles + review.without.articles) " articles. "
            @if review.with.articles > 0 { "On these its micro-F1 is " (format!("{:.2}", review.with.micro_f1)) }
            @if review.with.articles > 0 && review.without.articles > 0 { ", " }
            @if review.without.articles > 0 { "on the others " (format!("{:.2}", review.without.micro_f1)) }
            "."
        }
    }
}

fn reliability(bins: &[Bin]) -> Markup {
    let chart =
        Chart { width: 460.0, height: 380.0, x: Axis::unit("probability told"), y: Axis::unit("frequency found") };
    let points: Vec<(f64, f64)> = bins.iter().map(|bin| (bin.probability, bin.frequency)).collect();
    let marks = html! {
        (chart.line("ideal", &[(0.0, 0.0), (1.0, 1.0)]))
        (chart.line("first", &points))
        @for bin in bins {
            @let says = format!("{:.2} told, {:.2} found, {} pairs", bin.probability, bin.frequency, bin.count);
            (chart.point("first", (bin.probability, bin.frequency), &says))
        }
    };
    chart.draw("Reliability diagram: the frequency of true labels against the probability told", &marks)
}

fn coverage(levels: &[Level]) -> Markup {
    let lowest = levels.iter().map(|level| level.exact.min(level.micro_f1)).fold(1.0, f64::min);
    let chart = Chart {
        width: 460.0,
        height: 380.0,
        x: Axis::unit("part of the paragraphs"),
        y: Axis::down_to("accuracy", lowest - 0.05),
    };
    let of = |value: fn(&Level) -> f64| levels.iter().map(|l| (l.coverage, value(l))).collect::<Vec<_>>();
    let series =
        [("first", "all labels right", of(|level| level.exact)), ("second", "micro-F1", of(|level| level.micro_f1))];
    let names = series.each_ref().map(|(class, name, _)| (*class, *name));
    let marks = html! {
        (chart.legend(&names))
        @for (class, name, points) in &series {
            (chart.line(class, points))
            @for &(x, y) in points {
                (chart.point(class, (x, y), &format!("{name}: {y:.3} on the surest {:.0} %", x * 100.0)))
            }
        }
    };
    chart.draw("Accuracy against coverage: the surest part of the paragraphs, from a tenth to all", &marks)
}
