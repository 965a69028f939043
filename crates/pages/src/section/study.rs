//! A study: question, answer with its interval, what it rests on.

use maud::{Markup, html};
use money::{Decimal, Rounding};

use crate::format::{command, count, foreign, grouped, id as code, number, percent, share};
use crate::geometry::length;
use crate::page::heading;
use crate::svg::{Figure, IntervalRow, intervals};
use crate::view::{Finding, FindingUnit, Range, Study, StudyVerdict};

/// The section.
pub(crate) fn study(model: &Study, id: &str) -> Markup {
    let data = &model.data;
    html! {
        article.sheet id=(id) aria-labelledby=(format!("{id}-title")) {
            (heading(id, "Study", &model.question, &model.design))
            @if let Some(verdict) = &model.verdict { (told(verdict)) }
            @if !model.findings.is_empty() { (figure(model, id)) }
            (table(model))
            @if !model.numbers.is_empty() {
                dl.headline {
                    @for (name, value) in &model.numbers {
                        div { dt { (foreign(name)) } dd { (number(value.rounded(4, Rounding::HalfEven))) } }
                    }
                }
            }
            (list("Besides", &besides(model)))
            (list("What has to be true", &model.assumptions))
            (list("What speaks against it", &model.threats))
            section {
                h3 { "The data" }
                p { (code(&data.file)) ", " (count(data.rows)) " rows, SHA-256 " (code(&data.digest)) }
            }
            (command(&model.command))
        }
    }
}

fn told(verdict: &StudyVerdict) -> Markup {
    html! {
        p.lead.verdict { (foreign(&verdict.sentence)) }
        @if !verdict.reasons.is_empty() {
            ul { @for reason in &verdict.reasons { li { (foreign(reason)) } } }
        }
    }
}

/// What else is known of a finding: sentences, which a table would squeeze on a telephone.
fn besides(model: &Study) -> Vec<String> {
    let told = |own: &Finding| Some(format!("{}: {}", own.what, own.note.as_ref()?));
    model.findings.iter().filter_map(told).collect()
}

fn list(title: &str, sentences: &[String]) -> Markup {
    html! {
        @if !sentences.is_empty() {
            section {
                h3 { (title) }
                ul { @for sentence in sentences { li { (foreign(sentence)) } } }
            }
        }
    }
}

/// A number of the study, as its unit has it: shares in percent, others with the digits that the greatest of them
/// leaves room for, all with the same.
fn text(model: &Study, own: Decimal) -> String {
    match model.unit {
        FindingUnit::Share => percent(own),
        FindingUnit::Number => {
            let greatest = model.findings.iter().map(|own| length(own.estimate).abs());
            let digits = match greatest.fold(0.0, f64::max) {
                ..10.0 => 4,
                10.0..1_000.0 => 2,
                _ => 1,
            };
            grouped(&own.rounded(digits, Rounding::HalfEven).with_digits(digits))
        }
    }
}

fn value(model: &Study, own: Decimal) -> Markup {
    html! {
        @match model.unit {
            FindingUnit::Share => (share(Some(own))),
            FindingUnit::Number => data.number.below[own.is_negative()] value=(own) { (text(model, own)) },
        }
    }
}

fn range(model: &Study, own: Option<Range>) -> Markup {
    html! {
        @match own {
            Some(own) => { (value(model, own.low)) " to " (value(model, own.high)) },
            None => span.none { "\u{2014}" },
        }
    }
}

fn table(model: &Study) -> Markup {
    html! {
        div.scroll tabindex="0" role="group" aria-label="Findings" {
            table {
                thead {
                    tr {
                        th scope="col" { "Of what" }
                        th.right scope="col" { "Estimate" }
                        th.right scope="col" { "95 % interval" }
                        th.right scope="col" { "Standard error" }
                        th scope="col" { "From" }
                    }
                }
                tbody {
                    @for own in &model.findings {
                        tr {
                            th scope="row" { (foreign(&own.what)) }
                            td.right { (value(model, own.estimate)) }
                            td.right { (range(model, own.interval)) }
                            td.right {
                                @match own.standard_error {
                                    Some(error) => (value(model, error)),
                                    None => span.none { "\u{2014}" },
                                }
                            }
                            td { (foreign(&own.of)) }
                        }
                    }
                }
            }
        }
    }
}

fn figure(model: &Study, id: &str) -> Markup {
    // Shares are drawn in percent, as they are written.
    let (factor, unit) = match model.unit {
        FindingUnit::Share => (100.0, "%"),
        FindingUnit::Number => (1.0, ""),
    };
    let place = |own: Decimal| length(own) * factor;
    let row = |own: &Finding| IntervalRow {
        name: own.what.clone(),
        value: place(own.estimate),
        interval: own
            .interval
            .map(|range| (place(range.low), place(range.high))),
        tone: if own.is_check { "price" } else { "outcome" },
        text: text(model, own.estimate),
    };
    let rows: Vec<IntervalRow> = model.findings.iter().map(row).collect();
    let against = model.against.as_ref();
    let figure = Figure {
        id: &format!("{id}-findings"),
        title: model.question.clone(),
        summary: summary(model),
        table: Markup::default(),
    };
    let key = html! {
        @if let Some((name, held)) = against {
            ul.key { li { "The line: " (foreign(name)) ", " (value(model, *held)) } }
        }
    };
    figure.bare(&key, |layout| {
        intervals(
            &rows,
            0.0,
            against.map(|(_, held)| place(*held)),
            unit,
            layout,
        )
    })
}

fn summary(model: &Study) -> String {
    let told = model.findings.iter().map(|own| {
        let range = own.interval.map(|range| {
            let (low, high) = (text(model, range.low), text(model, range.high));
            format!(", between {low} and {high}")
        });
        format!(
            "{}: {}{}.",
            own.what,
            text(model, own.estimate),
            range.unwrap_or_default()
        )
    });
    told.collect::<Vec<_>>().join(" ")
}
