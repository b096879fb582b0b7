//! The figures as a table for a terminal.

use std::fmt::Write;

use disputed::learn::{Comparison, Evaluation, Interval};

use super::Figures;

pub(super) fn table(Figures { evaluation, comparison }: &Figures) -> String {
    let mut text = labels(evaluation);
    text.push_str(&overall(evaluation));
    text.push_str(&doubt(evaluation));
    text.push_str(&mistakes(evaluation));
    comparison.iter().for_each(|comparison| text.push_str(&compared(comparison)));
    text
}

/// `0.81–0.86`.
fn range(interval: &Interval) -> String {
    format!("{:.2}–{:.2}", interval.low, interval.high)
}

// In all of these, writing to a string cannot fail.

fn labels(evaluation: &Evaluation) -> String {
    let columns = ("precision", "recall", "F1", "support", "95 % of F1");
    let mut text =
        format!("{:<20} {:>9} {:>9} {:>9} {:>9}  {}\n", "", columns.0, columns.1, columns.2, columns.3, columns.4);
    let intervals = &evaluation.intervals;
    let topics = evaluation.topics.iter().map(|(name, figures)| (name.as_str(), figures, intervals.topics.get(name)));
    for (name, f, interval) in topics.chain([("boilerplate", &evaluation.boilerplate, Some(&intervals.boilerplate))]) {
        let (precision, recall, interval) = (f.precision, f.recall, interval.map(range).unwrap_or_default());
        let _ = writeln!(text, "{name:<20} {precision:>9.3} {recall:>9.3} {:>9.3} {:>9}  {interval}", f.f1, f.support);
    }
    text
}

fn overall(evaluation: &Evaluation) -> String {
    let mut text = format!("\n{:<20} {:>9}  95 %\n", "paragraphs", evaluation.paragraphs);
    let (calibration, intervals) = (&evaluation.calibration, &evaluation.intervals);
    let figures = [
        ("macro-F1", evaluation.macro_f1, Some(&intervals.macro_f1)),
        ("micro-F1", evaluation.micro_f1, Some(&intervals.micro_f1)),
        ("articles, macro-F1", evaluation.articles.macro_f1, None),
        ("articles, micro-F1", evaluation.articles.micro_f1, Some(&intervals.articles_micro_f1)),
        ("calibration error", calibration.ece, Some(&intervals.ece)),
        ("Brier score", calibration.brier, Some(&intervals.brier)),
        ("Brier, base rates", calibration.base_brier, None),
    ];
    for (name, value, interval) in figures {
        let interval = interval.map(|interval| format!("  {:.3}–{:.3}", interval.low, interval.high));
        let _ = writeln!(text, "{name:<20} {value:>9.3}{}", interval.unwrap_or_default());
    }
    text
}

fn doubt(evaluation: &Evaluation) -> String {
    let mut text = format!("\n{:<20} {:>9} {:>9}\n", "", "all right", "micro-F1");
    for level in evaluation.coverage.iter().filter(|level| [0.5, 0.8, 0.9, 1.0].contains(&level.coverage)) {
        let name = if level.coverage < 1.0 { "surest" } else { "all" };
        let name = format!("{name} {:.0} %", level.coverage * 100.0);
        let _ = writeln!(text, "{name:<20} {:>9.3} {:>9.3}", level.exact, level.micro_f1);
    }
    let review = &evaluation.review;
    for (name, part) in [("to review", &review.with), ("others", &review.without)] {
        let name = format!("{} {name}", part.articles);
        let _ = writeln!(text, "{name:<20} {:>9} {:>9.3}", "", part.micro_f1);
    }
    text
}

fn mistakes(evaluation: &Evaluation) -> String {
    let m = &evaluation.mistakes;
    let mistakes = [
        ("missed, nothing given", m.missed_nothing_given),
        ("missed, another given", m.missed_another_given),
        ("given where there is none", m.given_on_other),
        ("given beside or for another", m.given_beside_another),
        ("content as boilerplate", m.content_as_boilerplate),
        ("boilerplate as content", m.boilerplate_as_content),
    ];
    let lines = mistakes.map(|(name, count)| format!("{name:<28} {count:>5}\n"));
    format!("\n{:<28} {:>5}\n{}", "mistakes", m.total(), lines.concat())
}

fn compared(comparison: &Comparison) -> String {
    let (model, against) = (&comparison.model, &comparison.against);
    let topics = comparison.topics.len();
    let mut text = format!("\n{model} against {against}, on the {topics} topics of both\n");
    let columns = ("first", "second", "difference", "95 %", "p");
    let _ = writeln!(
        text,
        "{:<11} {:>6} {:>6} {:>10}  {:<16} {:>6}",
        "", columns.0, columns.1, columns.2, columns.3, columns.4
    );
    for (name, d) in [("macro-F1", &comparison.macro_f1), ("micro-F1", &comparison.micro_f1)] {
        let interval = format!("{:+.3} to {:+.3}", d.interval.low, d.interval.high);
        let (model, against, difference) = (d.model, d.against, d.difference);
        let _ =
            writeln!(text, "{name:<11} {model:>6.3} {against:>6.3} {difference:>+10.3}  {interval:<16} {:>6.4}", d.p);
    }
    text
}
