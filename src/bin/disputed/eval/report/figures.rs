//! The tables of the page.

use disputed::learn::{Comparison, Confusion, Evaluation, Figures, Interval, Mistakes};
use maud::{Markup, html};

use super::chart::whisker;

/// The figures that sum it up.
pub(super) fn overall(evaluation: &Evaluation) -> Markup {
    let (calibration, intervals) = (&evaluation.calibration, &evaluation.intervals);
    let base = format!("{:.3} with base rates alone", calibration.base_brier);
    let tiles = [
        ("macro-F1", evaluation.macro_f1, &intervals.macro_f1, "the mean over the topics"),
        ("micro-F1", evaluation.micro_f1, &intervals.micro_f1, "over all pairs of paragraph and topic"),
        ("articles, micro-F1", evaluation.articles.micro_f1, &intervals.articles_micro_f1, "over articles as a whole"),
        ("boilerplate, F1", evaluation.boilerplate.f1, &intervals.boilerplate, "bylines, share prompts and the like"),
        ("calibration error", calibration.ece, &intervals.ece, "how far probabilities are off"),
        ("Brier score", calibration.brier, &intervals.brier, base.as_str()),
    ];
    html! {
        div class="tiles" {
            @for (name, value, interval, note) in tiles {
                div class="tile" {
                    div class="name" { (name) }
                    div class="value" { (format!("{value:.3}")) }
                    div class="range" { (range(interval)) }
                    div class="quiet" { (note) }
                }
            }
        }
    }
}

fn range(interval: &Interval) -> String {
    format!("{:.3} – {:.3}", interval.low, interval.high)
}

/// Each label's figures.
pub(super) fn labels(evaluation: &Evaluation) -> Markup {
    let intervals = &evaluation.intervals;
    let row = |name: &str, figures: &Figures, interval: Option<&Interval>| {
        html! {
            tr {
                th scope="row" { (name) }
                @for value in [figures.precision, figures.recall, figures.f1] { td { (format!("{value:.3}")) } }
                @if let Some(interval) = interval {
                    td { (range(interval)) }
                    td class="drawn" { (whisker(figures.f1, interval.low, interval.high)) }
                } @else { td {} td {} }
                td { (figures.support) }
            }
        }
    };
    html! {
        div class="wide" {
            table {
                thead {
                    tr {
                        th scope="col" { "label" }
                        @for name in ["precision", "recall", "F1", "95 % of F1"] { th scope="col" { (name) } }
                        th scope="col" class="drawn" { span { "0" } span { "1" } }
                        th scope="col" { "paragraphs" }
                    }
                }
                tbody {
                    @for (name, figures) in &evaluation.topics { (row(name, figures, intervals.topics.get(name))) }
                    (row("boilerplate", &evaluation.boilerplate, Some(&intervals.boilerplate)))
                }
            }
        }
    }
}

/// Two models side by side.
pub(super) fn comparison(comparison: &Comparison) -> Markup {
    html! {
        p {
            "On the " (comparison.topics.len()) " topics that both know. p is how often chance alone would make a difference "
            "as large, with the two models' answers swapped article by article."
        }
        div class="wide" {
            table {
                thead {
                    tr {
                        th scope="col" {}
                        @for name in [&comparison.model, &comparison.against] { th scope="col" { (name) } }
                        @for name in ["difference", "95 %", "p"] { th scope="col" { (name) } }
                    }
                }
                tbody {
                    @for (name, d) in [("macro-F1", &comparison.macro_f1), ("micro-F1", &comparison.micro_f1)] {
                        tr {
                            th scope="row" { (name) }
                            td { (format!("{:.3}", d.model)) }
                            td { (format!("{:.3}", d.against)) }
                            td { (format!("{:+.3}", d.difference)) }
                            td { (format!("{:+.3} to {:+.3}", d.interval.low, d.interval.high)) }
                            td { (format!("{:.4}", d.p)) }
                        }
                    }
                }
            }
        }
    }
}

/// The confusion matrix as a heat map: what is right in one hue, what is wrong in another.
pub(super) fn confusion(confusion: &Confusion) -> Markup {
    let cell = |gold: usize, given: usize, count: f64, row: f64| {
        let share = if row > 0.0 { count / row } else { 0.0 };
        let (gold_label, given_label) = (&confusion.labels[gold], &confusion.labels[given]);
        let says = format!("{gold_label} taken for {given_label}: {:.0} % of the row", share * 100.0);
        let class = if gold == given { "right" } else { "wrong" };
        html! {
            td class=(class) style=(format!("--share:{share:.3}")) title=(says) {
                @if count > 0.0 { (paragraphs(count)) } @else { span class="quiet" { "·" } }
            }
        }
    };
    html! {
        p {
            "A row is what a paragraph is, a column what it was given; the deeper the shade, the larger the part of the row. "
            "A missed label is shared out among the labels that its paragraph was wrongly given; " i { "other" }
            " is no label."
        }
        div class="wide" {
            table class="heat" {
                thead { tr { td {} @for label in &confusion.labels { th scope="col" { span { (label) } } } } }
                tbody {
                    @for (gold, row) in confusion.counts.iter().enumerate() {
                        tr {
                            th scope="row" { (confusion.labels[gold]) }
                            @let sum: f64 = row.iter().sum();
                            @for (given, &count) in row.iter().enumerate() { (cell(gold, given, count, sum)) }
                        }
                    }
                }
            }
        }
    }
}

/// A count that may have been shared out: 12, 0.5.
fn paragraphs(count: f64) -> String {
    if count.fract() == 0.0 { format!("{count:.0}") } else { format!("{count:.1}") }
}

/// The mistakes by kind.
pub(super) fn mistakes(mistakes: &Mistakes) -> Markup {
    let kinds = [
        ("a topic missed, nothing given", mistakes.missed_nothing_given),
        ("a topic missed, another given", mistakes.missed_another_given),
        ("a topic given where there is none", mistakes.given_on_other),
        ("a topic wrongly given beside another, or for it", mistakes.given_beside_another),
        ("content taken for boilerplate", mistakes.content_as_boilerplate),
        ("boilerplate taken for content", mistakes.boilerplate_as_content),
    ];
    let most = kinds.iter().map(|(_, count)| *count).max().unwrap_or_default().max(1);
    html! {
        table class="kinds" {
            tbody {
                @for (name, count) in kinds {
                    tr {
                        th scope="row" { (name) }
                        td { (count) }
                        td class="bar" {
                            span style=(format!("width:{:.1}%", 100.0 * count as f64 / most as f64)) {}
                        }
                    }
                }
            }
        }
    }
}
