//! The report: masthead, contents, one sheet per view model, colophon.

use maud::{Markup, html};

use crate::format::{command, count, foreign, instant, zone};
use crate::view::{Report, Status};

/// The body of the report.
pub(crate) fn report(report: &Report) -> Markup {
    let contents = contents(report);
    html! {
        header.masthead {
            div {
                p.vendor { (foreign(&report.vendor)) }
                h1 { (foreign(&report.title)) }
            }
            p.when {
                strong { (report.period.label()) }
                br;
                "times in " (zone(&report.period))
            }
        }
        @if contents.len() > 1 {
            nav.contents aria-label="Contents" {
                @for (id, name) in &contents { a href=(format!("#{id}")) { (foreign(name)) } }
            }
        }
        main id="main" {
            @if contents.is_empty() { (empty()) }
            @for (index, model) in report.meters.iter().enumerate() {
                (super::meters(model, &id("meters", index)))
            }
            @for (index, model) in report.statements.iter().enumerate() {
                (super::statement(model, &id("statement", index)))
            }
            @for (index, model) in report.margins.iter().enumerate() {
                (super::margin(model, &id("margin", index)))
            }
            @for (index, model) in report.comparisons.iter().enumerate() {
                (super::comparison(model, &id("compare", index)))
            }
            @for (index, model) in report.stories.iter().enumerate() {
                (super::story(model, &id("story", index)))
            }
        }
        footer.colophon {
            p {
                "Made by " (foreign(&report.provenance.software)) " from "
                (count(report.provenance.shared_entries)) " shared and "
                (count(report.provenance.seller_entries)) " seller-only entries, as of "
                (instant(report.provenance.as_of, &report.period)) ". "
                "Amounts finer than a coin are shown rounded and kept whole: point at them to see all digits."
            }
            p { "This page shows costs and margins. It is for the seller; a buyer gets a statement page or a proof file." }
            (command(&report.provenance.command))
        }
    }
}

fn id(kind: &str, index: usize) -> String {
    format!("{kind}-{}", index + 1)
}

/// The anchors and names of the sheets, in their order.
fn contents(report: &Report) -> Vec<(String, String)> {
    let many = |count: usize, name: &str, scope: &str| {
        if count > 1 {
            format!("{name}: {scope}")
        } else {
            name.to_owned()
        }
    };
    let mut contents = Vec::new();
    let counts = (
        report.meters.len(),
        report.margins.len(),
        report.comparisons.len(),
    );
    for (index, model) in report.meters.iter().enumerate() {
        contents.push((
            id("meters", index),
            many(counts.0, "Four meters", &model.scope),
        ));
    }
    for (index, model) in report.statements.iter().enumerate() {
        contents.push((
            id("statement", index),
            format!("{}: {}", statement_name(&model.status), model.customer.name),
        ));
    }
    for (index, model) in report.margins.iter().enumerate() {
        contents.push((id("margin", index), many(counts.1, "Margin", &model.scope)));
    }
    for (index, model) in report.comparisons.iter().enumerate() {
        contents.push((
            id("compare", index),
            many(counts.2, "Two definitions", &model.right.name),
        ));
    }
    for (index, model) in report.stories.iter().enumerate() {
        contents.push((id("story", index), model.title.clone()));
    }
    contents
}

/// Which statement it is: by its number, where it has one.
fn statement_name(status: &Status) -> String {
    match status {
        Status::Draft { .. } => "Draft".to_owned(),
        Status::Issued { number, .. } => format!("Statement {number}"),
        Status::Void { number, .. } => format!("Void {number}"),
    }
}

fn empty() -> Markup {
    html! {
        div.sheet.empty {
            h2 { "Nothing is recorded in this period" }
            p.quiet { "Bring in a month of work, and this page shows what it would cost and earn." }
            p { code { "piecework try export.csv" } }
        }
    }
}
