//! The mistakes that the model was surest of, each with what led to it.

use std::ops::Range;

use disputed::learn::{Answers, Document, Mistake, MistakeKind};
use disputed::model::{Evidence, Explanation, probability};
use disputed::{Article, Model};
use maud::{Markup, html};

/// How many mistakes are shown of those that were given, and of those that were missed.
const SHOWN: usize = 10;

/// How many words are shown of an explanation: those that decided.
const WORDS: usize = 10;

pub(super) fn worst(model: &Model, gold: &[Document], answers: &Answers) -> Markup {
    let mut mistakes = answers.mistakes();
    // The order of equals is that of the articles.
    mistakes.sort_by(|a, b| b.certainty().total_cmp(&a.certainty()));
    let of = |given: bool| mistakes.iter().filter(|m| m.given() == given).take(SHOWN).collect::<Vec<_>>();
    let (given, missed) = (of(true), of(false));
    let list = |heading: &str, mistakes: &[&Mistake]| {
        html! {
            @if !mistakes.is_empty() { h3 { (heading) } }
            @for mistake in mistakes {
                @if let Some(document) = gold.get(mistake.article) { (one(model, mistake, document)) }
            }
        }
    };
    html! {
        @if mistakes.is_empty() {
            p { "There are none." }
        } @else {
            p {
                "Those that the model was surest of. Words in blue pulled towards the label, words in orange away from it; "
                "^ and $ are a paragraph's two ends. The numbers behind words are log-odds."
            }
        }
        (list("Wrongly given", &given))
        (list("Missed", &missed))
    }
}

fn one(model: &Model, mistake: &Mistake, document: &Document) -> Markup {
    let article = Article::from_paragraphs(document.paragraphs.iter().map(|p| p.text.as_str()), document.titled);
    let Some(paragraph) = document.paragraphs.get(mistake.paragraph) else { return html! {} };
    let Some(span) = article.spans().get(mistake.paragraph) else { return html! {} };
    let Some(explanation) = model.explain_label(&article, mistake.paragraph, &mistake.label) else { return html! {} };
    let strongest: Vec<&Evidence> = words(&explanation).collect();
    let judgement = model.judge(&article);
    let Some(verdict) = judgement.paragraphs.get(mistake.paragraph) else { return html! {} };
    let told = |label: &str, log_odds: f64| format!("{label} {:.2}", probability(log_odds));
    let topics = verdict.topics.iter().map(|&topic| told(&model.topics()[topic], verdict.log_odds[topic]));
    let boilerplate = verdict.boilerplate.then(|| told("boilerplate", verdict.boilerplate_log_odds));
    let given: Vec<String> = topics.chain(boilerplate).collect();
    let or_nothing = |labels: &[String]| if labels.is_empty() { "nothing".to_string() } else { labels.join(", ") };
    html! {
        article class="mistake" {
            h4 {
                b { (mistake.label) } " " (format!("{:.4}", mistake.probability))
                " " span class="quiet" { (sentence(mistake.kind)) }
            }
            p class="text" { (marked(&paragraph.text, span.start, &strongest)) }
            dl {
                dt { "right" } dd { (or_nothing(&paragraph.labels)) }
                dt { "given" } dd { (or_nothing(&given)) }
                dt { "where" } dd {
                    "article " (mistake.article + 1) ", paragraph " (mistake.paragraph + 1) " of " (document.paragraphs.len())
                    @if let Some(title) = article.title() { ": " cite { (title) } }
                }
            }
            (why(&explanation))
        }
    }
}

fn sentence(kind: MistakeKind) -> &'static str {
    match kind {
        MistakeKind::MissedNothingGiven => "was missed, and nothing given",
        MistakeKind::MissedAnotherGiven => "was missed, and another topic given",
        MistakeKind::GivenOnOther => "was given to a paragraph that has no topic",
        MistakeKind::GivenBesideAnother => "was wrongly given beside another topic, or instead of it",
        MistakeKind::ContentAsBoilerplate => "was what a paragraph of the article was taken for",
        MistakeKind::BoilerplateAsContent => "was taken for a paragraph of the article",
    }
}

/// The words that decided, the strongest first.
fn words(explanation: &Explanation) -> impl Iterator<Item = &Evidence> {
    explanation.evidence.iter().filter(|evidence| evidence.log_odds != 0.0).take(WORDS)
}

/// What pulled towards the label and away from it, in log-odds.
fn why(explanation: &Explanation) -> Markup {
    html! {
        p class="why" {
            b { (explanation.topic) } (format!(" {:+.2}", explanation.log_odds))
            " · own words " (format!("{:+.2}", explanation.own)) ": "
            @for evidence in words(explanation) {
                span class=(side(evidence.log_odds)) { (evidence.feature) " " (format!("{:+.2}", evidence.log_odds)) } " "
            }
            "· its article " (format!("{:+.2}", explanation.neighbours))
            " · before any word " (format!("{:+.2}", explanation.prior))
        }
    }
}

fn side(log_odds: f64) -> &'static str {
    if log_odds > 0.0 { "word towards" } else { "word away" }
}

/// The text, which starts at `offset` of its article, with these words marked; of two that overlap, the first.
fn marked(text: &str, offset: usize, evidence: &[&Evidence]) -> Markup {
    let mut spans: Vec<(Range<usize>, f64)> = Vec::new();
    for e in evidence {
        for span in &e.spans {
            let (Some(start), Some(end)) = (span.start.checked_sub(offset), span.end.checked_sub(offset)) else {
                continue;
            };
            let there = text.get(start..end).is_some_and(|word| !word.is_empty());
            if there && spans.iter().all(|(s, _)| s.end <= start || end <= s.start) {
                spans.push((start..end, e.log_odds));
            }
        }
    }
    spans.sort_by_key(|(span, _)| span.start);
    let starts = std::iter::once(0).chain(spans.iter().map(|(span, _)| span.end));
    let ends = spans.iter().map(|(span, _)| span.start).chain([text.len()]);
    let between: Vec<&str> = starts.zip(ends).filter_map(|(start, end)| text.get(start..end)).collect();
    html! {
        @for (i, plain) in between.into_iter().enumerate() {
            (plain)
            @if let Some((span, log_odds)) = spans.get(i) {
                mark class=(side(*log_odds)) { (text.get(span.clone()).unwrap_or_default()) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_marked_and_text_is_escaped() {
        let evidence = |spans: &[(usize, usize)], log_odds| {
            let spans = spans.iter().map(|&(start, end)| start..end).collect();
            Evidence { feature: String::new(), spans, log_odds }
        };
        let (pair, away) = (evidence(&[(10, 17)], 2.0), evidence(&[(18, 21)], -1.0));
        let word = evidence(&[(10, 14), (22, 26)], 1.0);
        let html = marked("NATO ta <b> NATO é", 10, &[&pair, &word, &away]).0;
        let expected = "<mark class=\"word towards\">NATO ta</mark> <mark class=\"word away\">&lt;b&gt;</mark> \
                        <mark class=\"word towards\">NATO</mark> é";
        assert_eq!(html, expected);
        // Where spans are not of this text, they are left out.
        assert_eq!(marked("é", 0, &[&evidence(&[(0, 1), (0, 0), (5, 9)], 1.0)]).0, "é");
        assert_eq!(marked("x", 3, &[&evidence(&[(0, 1)], 1.0)]).0, "x");
    }
}
