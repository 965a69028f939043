//! The receipt of a work: a fragment that stands in somebody else's page.
//!
//! It brings its own style, whose every rule is below its own class, and no id, script or resource;
//! several may stand on one page. The canonical text is in it as text, so that who sees the fragment
//! has the proof. Invariant: [`receipts_in`] gives back the texts that [`receipt`] was given.

use jiff::Timestamp;
use maud::{Markup, PreEscaped, html};

use crate::format::{clean, coins_with_currency, counted, foreign, id, prose, word_of};
use crate::view::{Fact, Receipt};

const STYLE: &str = include_str!("../receipt.css");
/// How the place of the canonical text begins.
const OPENING: &str = "<code class=\"piecework-receipt-text\">";
const CLOSING: &str = "</code>";

/// The fragment.
pub(crate) fn receipt(model: &Receipt) -> Markup {
    html! {
        section.piecework-receipt lang="en" aria-label=(format!("Receipt for {}", clean(&model.work))) {
            style { (PreEscaped(STYLE)) }
            p.piecework-receipt-title {
                strong { "Receipt for " (foreign(&model.work)) } " "
                span class=(format!("piecework-receipt-state piecework-receipt-{}", state_class(&model.state))) {
                    (state(&model.state))
                }
            }
            dl {
                (row("Why", &prose(&model.why)))
                @if let Some(class) = &model.class { (row("Class", &foreign(class))) }
                @if let Some(at) = model.counted_at { (row("Counted", &time(at))) }
                (row("Price", &price(model)))
                (row("Evidence", &evidence(model)))
                (row("Dispute", &dispute(model)))
                (row("Definition", &id(&model.unit)))
                (row("Customer", &id(&model.customer)))
                (row("Log", &log(model)))
            }
            details {
                summary { "Entries of the log, each proved in this receipt" }
                ol { @for fact in &model.entries { li { (entry(fact)) } } }
            }
            details {
                summary { "The receipt for a program" }
                p {
                    "Save this text, or this page, and check it with the log\u{2019}s key from your contract: "
                    code { "piecework receipt check FILE --key VKEY" }
                }
                pre tabindex="0" { (PreEscaped(OPENING)) (model.text) (PreEscaped(CLOSING)) }
            }
            p.piecework-receipt-note {
                "Entries, place and head are proved; the words above are the seller\u{2019}s summary of them. \
                 That nothing else is said of this work, only the statement\u{2019}s proof file shows."
            }
        }
    }
}

/// The canonical texts of the receipts in a page, in their order.
pub(crate) fn receipts_in(page: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let mut rest = page;
    while let Some(at) = rest.find(OPENING) {
        rest = &rest[at + OPENING.len()..];
        let Some(end) = rest.find(CLOSING) else { break };
        texts.push(unescaped(&rest[..end]));
        rest = &rest[end..];
    }
    texts
}

/// Text out of HTML: the four references that escaping writes, and the apostrophe of other writers.
fn unescaped(html: &str) -> String {
    let references = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        // Last: what it gives is no reference any more.
        ("&amp;", "&"),
    ];
    references
        .iter()
        .fold(html.to_owned(), |text, (from, to)| text.replace(from, to))
}

fn row(name: &str, value: &Markup) -> Markup {
    html! { div { dt { (name) } dd { (value) } } }
}

/// Only the states that there are become class names.
fn state_class(state: &str) -> &'static str {
    match state {
        "counted" => "counted",
        "reversed" => "reversed",
        "not_counted" => "not-counted",
        _ => "pending",
    }
}

fn state(state: &str) -> Markup {
    match state {
        "not_counted" => html! { "not counted" },
        other => foreign(other),
    }
}

fn price(model: &Receipt) -> Markup {
    html! {
        @match (model.price, &model.statement) {
            (Some(price), Some(number)) => {
                (coins_with_currency(price)) ", its share of statement " (foreign(number))
            }
            (Some(price), None) => {
                (coins_with_currency(price)) " expected; not yet stated, it may still change"
            }
            (None, _) => "none: nothing is charged for it",
        }
    }
}

fn evidence(model: &Receipt) -> Markup {
    html! {
        @if model.evidence.is_empty() { "none was attached" }
        @for (index, (name, commitment)) in model.evidence.iter().enumerate() {
            @if index > 0 { br; }
            (foreign(name)) ", committed to as " (id(commitment))
        }
    }
}

fn dispute(model: &Receipt) -> Markup {
    html! {
        @match &model.dispute {
            None => "the window is not open",
            Some(dispute) => {
                "until " (time(dispute.until)) ": "
                @if dispute.place.starts_with("https://") {
                    a href=(dispute.place) rel="noopener noreferrer" { "dispute " (foreign(&model.work)) }
                } @else {
                    (prose(&dispute.place))
                }
            }
        }
    }
}

fn log(model: &Receipt) -> Markup {
    let root: String = model.root.chars().take(12).collect();
    html! {
        (id(&model.origin)) ", signed head of " (counted(model.size, "entry", "entries")) ", root " code { (root) "\u{2026}" }
    }
}

fn entry(fact: &Fact) -> Markup {
    html! {
        "entry " (fact.index) ": " (foreign(&fact.kind))
        @if !fact.says.is_empty() { ", " (foreign(&fact.says)) }
        ", " (time(fact.time)) ", said by " (word_of(fact.authorship, fact.is_signed))
    }
}

fn time(at: Timestamp) -> Markup {
    let shown = at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
    html! { time datetime=(at) { (shown) } }
}
