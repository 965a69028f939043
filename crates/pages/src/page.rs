//! Whole pages: one HTML file each, with everything in it.

use maud::{DOCTYPE, Markup, html};

use crate::format::{clean, foreign};
use crate::section;
use crate::style;
use crate::svg;
use crate::view::{
    Bridge, Comparison, FourMeters, MarginBridge, ProofReport, Receipt, Report, Start, Statement,
    Study, WhoDecides,
};

/// What the page forbids itself: everything but its own inline style and its own inline images.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/// The same of a page that a server serves to whoever signs in: its forms go back to that server, and say that
/// they come from there.
const SERVED_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'self'";

/// Everything: meters, statements, margin, comparisons, stories. For the seller: it shows costs.
#[must_use]
pub fn report_page(report: &Report) -> String {
    document(
        &format!("{}: {}", report.vendor, report.title),
        &section::report(report),
    )
}

/// The proof report of a statement. For the buyer: it holds nothing of the seller-only log.
#[must_use]
pub fn proof_report_page(report: &ProofReport) -> String {
    document(
        &format!("Proof report: statement {}", report.statement),
        &section::proof_report(report),
    )
}

/// The four meters alone. For the seller: it shows costs.
#[must_use]
pub fn meters_page(meters: &FourMeters) -> String {
    document(
        &format!("Four meters: {}", meters.scope),
        &alone(&section::meters(meters, "meters")),
    )
}

/// The four meters as a drawing that stands alone: for a README or a slide.
#[must_use]
pub fn meters_svg(meters: &FourMeters) -> String {
    section::meters_drawing(meters, &style::chart_sheet())
}

/// One statement. It holds nothing that the buyer may not see.
#[must_use]
pub fn statement_page(statement: &Statement) -> String {
    let title = format!("Statement for {}", statement.customer.name);
    document(&title, &alone(&section::statement(statement, "statement")))
}

/// Why a statement's total is another than the last one's. It holds nothing that the buyer may not see.
#[must_use]
pub fn bridge_page(bridge: &Bridge) -> String {
    let title = format!("Bridge to statement {}", bridge.this.number);
    document(&title, &alone(&section::bridge(bridge, "bridge")))
}

/// The margin. For the seller.
#[must_use]
pub fn margin_page(margin: &MarginBridge) -> String {
    document(
        &format!("Margin: {}", margin.scope),
        &alone(&section::margin(margin, "margin")),
    )
}

/// One month under two definitions.
#[must_use]
pub fn compare_page(comparison: &Comparison) -> String {
    let title = format!("{} against {}", comparison.left.name, comparison.right.name);
    document(&title, &alone(&section::comparison(comparison, "compare")))
}

/// The receipt of a work: not a page but a fragment, for a page of the vendor's own product.
#[must_use]
pub fn receipt_fragment(receipt: &Receipt) -> String {
    section::receipt(receipt).into_string()
}

/// The canonical texts of the receipts in a page, or in a fragment alone.
#[must_use]
pub fn receipts_in(page: &str) -> Vec<String> {
    section::receipts_in(page)
}

/// One story.
#[must_use]
pub fn story_page(story: &WhoDecides) -> String {
    document(&story.title, &alone(&section::story(story, "story")))
}

/// What some data say about a question. For whoever has the data.
#[must_use]
pub fn study_page(study: &Study) -> String {
    let title = format!("Study: {}", study.question);
    document(&title, &alone(&section::study(study, "study")))
}

/// The first page of a server.
#[must_use]
pub fn start_page(start: &Start) -> String {
    served("Piecework", &section::start(start))
}

/// A page for whoever signs in.
pub(crate) fn served(title: &str, body: &Markup) -> String {
    whole(title, body, (SERVED_POLICY, "same-origin"))
}

fn alone(section: &Markup) -> Markup {
    html! { main id="main" { (section) } }
}

fn document(title: &str, body: &Markup) -> String {
    whole(title, body, (POLICY, "no-referrer"))
}

fn whole(title: &str, body: &Markup, (policy, referrer): (&str, &str)) -> String {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content=(referrer);
                title { (clean(title)) }
                style { (maud::PreEscaped(style::sheet())) }
            }
            body {
                a.skip href="#main" { "To the content" }
                (svg::patterns())
                div.page { (body) }
            }
        }
    }
    .into_string()
}

/// The head of a section: what it is, of whom, when.
pub(crate) fn heading(id: &str, title: &str, scope: &str, when: &str) -> Markup {
    html! {
        header {
            h2 id=(format!("{id}-title")) { (title) }
            p { (foreign(scope)) " \u{b7} " (when) }
        }
    }
}
