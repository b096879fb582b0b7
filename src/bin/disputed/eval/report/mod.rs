//! A page for people: one file that fetches nothing, and that a browser shows without running anything.

mod chart;
mod plots;
mod figures;
mod worst;

use std::path::PathBuf;

use disputed::Model;
use disputed::learn::{Answers, Comparison, Document, Evaluation};
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// What the page is made from.
pub(super) struct Report<'a> {
    pub(super) model: &'a Model,
    /// Where the gold came from.
    pub(super) files: &'a [PathBuf],
    pub(super) gold: &'a [Document],
    pub(super) answers: &'a Answers,
    pub(super) evaluation: &'a Evaluation,
    pub(super) comparison: Option<&'a Comparison>,
}

const STYLE: &str = include_str!("style.css");

/// The browser itself is told to fetch and to run nothing.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

impl Report<'_> {
    pub(super) fn html(&self) -> String {
        let title = format!("{} on {}", self.model.id(), self.names().join(", "));
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(POLICY);
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { (title) }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    header {
                        h1 { (self.model.id()) }
                        p {
                            "measured on " (self.names().join(", ")) ": " (self.gold.len()) " articles, "
                            (self.evaluation.paragraphs) " paragraphs. A range holds 95 of 100 bootstrap samples of "
                            "whole articles. A topic is given from a probability of " (self.model.threshold()) "."
                        }
                    }
                    main { (self.sections()) }
                }
            }
        };
        page.into_string()
    }

    fn sections(&self) -> Markup {
        let (evaluation, answers) = (self.evaluation, self.answers);
        html! {
            (section("figures", "Figures", figures::overall(evaluation)))
            @if let Some(comparison) = self.comparison {
                (section("comparison", "Against another model", figures::comparison(comparison)))
            }
            (section("labels", "Each label", figures::labels(evaluation)))
            (section("curves", "Precision and recall, had the line been drawn elsewhere", plots::curves(evaluation, answers)))
            (section("doubt", "Does it know what it does not know?", plots::doubt(evaluation)))
            (section("confusion", "What was taken for what", figures::confusion(&evaluation.confusion)))
            (section("mistakes", "Mistakes", figures::mistakes(&evaluation.mistakes)))
            (section("worst", "The worst mistakes", worst::worst(self.model, self.gold, answers)))
        }
    }

    fn names(&self) -> Vec<String> {
        self.files.iter().map(|file| file.file_name().unwrap_or_default().to_string_lossy().into_owned()).collect()
    }
}

fn section(id: &str, heading: &str, content: Markup) -> Markup {
    html! { section id=(id) { h2 { (heading) } (content) } }
}
