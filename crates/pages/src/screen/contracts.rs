//! Contracts: all that were signed, one of them with its terms and balances, and what a change of it would do.

use maud::{Markup, html};

use super::at;
use super::checks::blocking as blocked;
use super::form::{Form, Line};
use super::frame::framed;
use super::listing::{instant, narrowed, older};
use super::quotes::text;
use crate::format::{change, foreign, id, money_with_currency, prose};
use crate::view::{
    BillPreview, ChangePreview, Contract, ContractRow, ContractSheet, ContractSpending, Document,
    Entry, Frame, GrantRow, Narrowing, QuotedComponent, VersionTold,
};

/// A page of the contracts that were signed, by customer; `next` is the address of the page after it.
#[must_use]
pub fn contracts(
    frame: &Frame,
    narrowing: &[Narrowing],
    rows: &[ContractRow],
    next: Option<&str>,
) -> String {
    framed(
        frame,
        &html! {
            (narrowed(at::CONTRACTS, narrowing))
            section.sheet {
                @if rows.is_empty() {
                    p.empty { "Nobody signed a contract here. One is signed when a quote is accepted, or by "
                        code { "piecework contract sign" } "." }
                } @else {
                    div.scroll tabindex="0" role="group" aria-label="Contracts" {
                        table {
                            thead { tr {
                                th scope="col" { "Contract" }
                                th scope="col" { "Customer" }
                                th scope="col" { "Signed" }
                                th scope="col" { "Last changed from" }
                                th scope="col" { "Ended from" }
                            } }
                            tbody { @for own in rows { (listed(own)) } }
                        }
                    }
                }
                (older(next))
            }
        },
    )
}

/// A contract: where it stands, its terms in words, how they came about.
#[must_use]
pub fn contract(frame: &Frame, model: &ContractSheet) -> String {
    let own = &model.contract;
    let now = own
        .versions
        .iter()
        .rev()
        .find(|version| version.from <= model.as_of);
    let now = now.or(own.versions.first());
    framed(
        frame,
        &html! {
            dl.headline {
                div { dt { "State" } dd { (standing(model)) } }
                div { dt { "Begins" } dd { (instant(own.starts)) } }
                div { dt { "Ends" } dd { @match own.ends { Some(ends) => (instant(ends)), None => span.none { "no end is agreed" } } } }
                @if let Some(version) = now {
                    div { dt { "Stated every" } dd { (version.billing) small { (version.currency) ", days of " (version.time_zone) } } }
                }
            }
            nav.papers aria-label="Of this contract" {
                @if !own.is_draft { a href=(at::change(&own.customer, &own.contract)) { "What a change would do" } }
                a href=(at::checks(&own.customer, &own.contract)) { "Checks of its price" }
                a href=(at::statements(&own.customer)) { "Statements" }
                a href=(at::quotes_of(&own.customer)) { "Quotes" }
            }
            @if let Some(blocking) = &model.blocking { (blocked(blocking)) }
            (balances(model))
            section.sheet aria-labelledby="terms" {
                h2 id="terms" { "The terms in words" }
                @if let Some(version) = now {
                    p.quiet { "Version " (version.version) ", plan " (id(&version.plan)) ", governs what opens from " (instant(version.from)) " UTC on." }
                    (terms(&version.terms))
                }
            }
            section.sheet aria-labelledby="versions" {
                h2 id="versions" { "Versions" }
                (versions(&own.history))
            }
            @if let Some(opening) = &own.opening {
                section.sheet aria-labelledby="opening" {
                    h2 id="opening" { "Where it goes on from" }
                    p { (prose(&opening.system)) }
                    ul { @for line in &opening.states { li { (prose(line)) } } }
                    p { "Not paid there: " (money_with_currency(opening.unpaid)) ". Document " (id(&opening.document)) "." }
                }
            }
            @if let Some(version) = now {
                section.sheet aria-labelledby="texts" {
                    h2 id="texts" { "The texts" }
                    (documents(&version.documents))
                    (text("The contract", &version.text))
                }
            }
        },
    )
}

/// What a change of a contract would do to the bill, on the customer's own facts, once one was entered; `version` is
/// the contract as it was read.
#[must_use]
pub fn contract_change(
    frame: &Frame,
    (own, version): (&Contract, &str),
    entry: Option<&Entry>,
    preview: Option<&ChangePreview>,
) -> String {
    framed(
        frame,
        &html! {
            p.lead { "Change the text, and see both bills before anybody signs: by the contract as it is, and by the new terms. "
                "Nothing is written until it is put in force." }
            @if let Some(preview) = preview { (previewed(preview)) }
            @match entry {
                Some(entry) => {
                    section.sheet aria-labelledby="new" { h2 id="new" { "The new terms" } (new_terms(own, version, entry)) }
                    section.sheet aria-labelledby="term" { h2 id="term" { "Its term, and its versions" } (term(own, version, entry)) }
                }
                None => p.quiet { "To look at a change, or to make one, takes a key that may sign contracts." },
            }
        },
    )
}

fn new_terms(own: &Contract, version: &str, entry: &Entry) -> Markup {
    let text = own.versions.last().map_or("", |last| last.text.as_str());
    let form = Form::of(
        entry,
        &[
            ("preview", "See what it would do"),
            ("amend", "Put it in force"),
        ],
    );
    let optional = |label, hint| Line {
        label,
        hint,
        may_be_empty: true,
        ..Line::default()
    };
    form.whole(&at::change(&own.customer, &own.contract), &html! {
        (Form::hidden("version", version))
        (form.day("from", Line { label: "The first day of the new version, in the contract\u{2019}s zone", ..Line::default() }))
        (form.text("document", 18, Line { label: "The contract document (TOML)", begins: text, ..Line::default() }))
        (form.line("periods", Line {
            label: "How many closed periods to look back at",
            begins: "3",
            ..Line::default()
        }))
        (form.line("by", optional("To put it in force: who acknowledges it for the buyer, a role", "")))
        (form.line("reprice", optional("To reach behind what was stated: who approved it, a role", "")))
    })
}

/// How long it runs, and a version that it had before.
fn term(own: &Contract, version: &str, entry: &Entry) -> Markup {
    let address = at::change(&own.customer, &own.contract);
    let renew = Form::of(entry, &[("renew", "Let it run on")]);
    let end = Form::of(entry, &[("end", "End it")]);
    let back = Form::of(entry, &[("roll_back", "Put it in force again")]);
    let line = |label, hint| Line {
        label,
        hint,
        ..Line::default()
    };
    let numbers: Vec<String> = (own.versions.iter())
        .map(|own| own.version.to_string())
        .collect();
    let names: Vec<String> = numbers.iter().map(|own| format!("version {own}")).collect();
    let among: Vec<(&str, &str)> = (numbers.iter().zip(&names))
        .map(|(number, name)| (number.as_str(), name.as_str()))
        .collect();
    html! {
        (renew.folded(&address, "Let it run until a later day", &html! {
            (Form::hidden("version", version))
            (renew.day("until", line("Its new last day", "On the same terms.")))
            (renew.line("by", line("Who agrees for the buyer, a role", "")))
        }))
        (end.folded(&address, "End it", &html! {
            (Form::hidden("version", version))
            (end.day("from", line("The first day that it does not cover", "In the contract\u{2019}s zone. What opened before is counted and billed.")))
            (end.choice("agreed", line("How", ""), &[("", "by notice, as the contract says"), ("yes", "both sides agreed to that day")]))
            (end.line("by", line("Who ends it, a role", "")))
        }))
        (back.folded(&address, "Go back to an earlier version", &html! {
            (Form::hidden("version", version))
            (back.choice("to_version", line("Which", "Its text is put in force again, as a new version."), &among))
            (back.day("from", line("The first day of the new version, in the contract\u{2019}s zone", "")))
            (back.line("by", line("Who acknowledges it for the buyer, a role", "")))
            (back.line("reprice", Line {
                label: "To reach behind what was stated: who approved it, a role",
                may_be_empty: true,
                ..Line::default()
            }))
        }))
    }
}

fn listed(own: &ContractRow) -> Markup {
    let maybe =
        |at| html! { @match at { Some(at) => (instant(at)), None => span.none { "\u{2014}" } } };
    html! {
        tr {
            th scope="row" { a href=(at::contract(&own.customer, &own.contract)) { (id(&own.contract)) } }
            td { a href=(at::customer(&own.customer)) { (foreign(&own.name)) } }
            td { (instant(own.signed)) span.hint { "by " (foreign(&own.by)) } }
            td { (maybe(own.amended)) }
            td { (maybe(own.ended)) }
        }
    }
}

fn standing(model: &ContractSheet) -> Markup {
    let own = &model.contract;
    html! {
        @if own.is_draft { span.badge.draft { "DRAFT" } small { "nobody signed it: it can be previewed, and not stated" } }
        @else if own.starts > model.as_of { "not begun" }
        @else if own.ends.is_some_and(|ends| ends <= model.as_of) { "over" }
        @else { "in force" }
    }
}

/// What was spent of it, of commitments, caps and prepaid credits.
fn balances(model: &ContractSheet) -> Markup {
    html! {
        section.sheet aria-labelledby="balances" {
            h2 id="balances" { "The period so far" }
            @match &model.spending {
                Some(own) => (spent(own)),
                None => p.quiet { "No period of it runs now." },
            }
            @if !model.grants.is_empty() { (grants(&model.grants)) }
        }
    }
}

fn spent(own: &ContractSpending) -> Markup {
    html! {
        p.quiet { "From " (instant(own.from)) " until " (instant(own.until)) " UTC: after discounts and caps, before minimums and credits." }
        dl.headline {
            div { dt { "Spent" } dd { (money_with_currency(own.spent)) } }
            div { dt { "The least that is owed" } dd {
                @match own.minimum {
                    Some(minimum) => {
                        (money_with_currency(minimum))
                        @if let Some(left) = own.remaining_minimum { small { (money_with_currency(left)) " of it is to be spent" } }
                    }
                    None => span.none { "no minimum" },
                }
            } }
            div { dt { "Left of the cap" } dd {
                @match &own.cap {
                    Some(cap) => { (money_with_currency(cap.remaining)) small { "of " (money_with_currency(cap.amount)) ", until " (instant(cap.until)) " UTC" } }
                    None => span.none { "no cap" },
                }
            } }
            @if !own.credited.is_zero() { div { dt { "Credits given" } dd { (money_with_currency(own.credited)) } } }
        }
        @if !own.components.is_empty() {
            div.scroll { table {
                thead { tr { th scope="col" { "Component" } th.right scope="col" { "Spent" } } }
                tbody { @for part in &own.components { tr {
                    th scope="row" { @if part.component == "_totals" { "discounts and caps on the whole" } @else { (id(&part.component)) } }
                    td.right { (money_with_currency(part.amount)) }
                } } }
            } }
        }
    }
}

fn grants(rows: &[GrantRow]) -> Markup {
    html! {
        h3 { "Prepaid credits" }
        div.scroll tabindex="0" role="group" aria-label="Prepaid credits" { table {
            thead { tr {
                th scope="col" { "Grant" } th scope="col" { "Pays from" } th scope="col" { "Until" } th scope="col" { "Pays for" }
                th.right scope="col" { "Granted" } th.right scope="col" { "Drawn" } th.right scope="col" { "Expired" } th.right scope="col" { "Left" }
            } }
            tbody { @for own in rows { tr {
                th scope="row" { (id(&own.grant)) @if own.voided { " " span.badge.void { "VOID" } } }
                td { (instant(own.starts)) }
                td { @match own.expires { Some(at) => (instant(at)), None => span.none { "never" } } }
                td { @if own.covers.is_empty() { "everything" } @else { (foreign(&own.covers.join(", "))) } }
                td.right { (money_with_currency(own.amount)) }
                td.right { (money_with_currency(own.drawn)) }
                td.right { (money_with_currency(own.expired)) }
                td.right { (money_with_currency(own.balance)) }
            } } }
        } }
    }
}

fn versions(history: &[VersionTold]) -> Markup {
    html! {
        div.scroll tabindex="0" role="group" aria-label="Versions" { table {
            thead { tr {
                th scope="col" { "Version" } th scope="col" { "Governs from" } th scope="col" { "Put in force" }
                th scope="col" { "Plan" } th scope="col" { "What it changed" }
            } }
            tbody { @for own in history { tr {
                th scope="row" { (own.version) @if own.step != "contract" { span.hint { (own.step) } }
                    @if !own.governs { span.hint { "does not govern: a later one reached behind it" } } }
                td { (instant(own.from)) }
                td {
                    @match own.at { Some(at) => (instant(at)), None => span.none { "nobody signed it" } }
                    @if let Some(by) = &own.by { span.hint { "by " (foreign(by)) } }
                    @if let Some(by) = &own.reprice { span.hint { "re-pricing approved by " (foreign(by)) } }
                }
                td { (id(&own.plan)) }
                td {
                    @if own.changes.is_empty() { span.none { "\u{2014}" } }
                    @for line in &own.changes { span.change { (prose(line)) } }
                }
            } } }
        } }
    }
}

/// Both bills, and the lines that differ.
pub(super) fn previewed(own: &ChangePreview) -> Markup {
    html! {
        section.sheet aria-labelledby="preview" {
            h2 id="preview" { "What it would do" }
            p.quiet { "From " (instant(own.effective)) " UTC on. " @if own.resettled { "Works were settled again, because a definition changes." } }
            @if own.changes.is_empty() { p { "The text changes no term." } }
            ul { @for line in &own.changes { li { (prose(line)) } } }
            @match &own.current {
                Some(bill) => { h3 { "The period that runs, as far as it is known" } (bills(std::slice::from_ref(bill))) }
                None => p.quiet { "No period runs." },
            }
            @if !own.closed.is_empty() { h3 { "Closed periods, as if it had held in them" } (bills(&own.closed)) }
            details.text { summary { "A letter for the buyer" } pre { (super::listing::written(&own.letter)) } }
        }
    }
}

fn bills(bills: &[BillPreview]) -> Markup {
    html! {
        div.scroll tabindex="0" role="group" aria-label="Bills" { table {
            thead { tr {
                th scope="col" { "From" } th scope="col" { "Until" } th scope="col" { "Lines that differ" }
                th.right scope="col" { "By the contract as it is" } th.right scope="col" { "By the new terms" } th.right scope="col" { "Change" }
            } }
            tbody { @for bill in bills {
                tr.sum {
                    td { (instant(bill.from)) } td { (instant(bill.until)) } th scope="row" { "The whole bill" }
                    td.right { (money_with_currency(bill.before)) } td.right { (money_with_currency(bill.after)) }
                    td.right { (difference(bill.before, bill.after)) }
                }
                @for line in &bill.lines { tr {
                    td {} td {}
                    th scope="row" { (id(&line.component)) " " (foreign(&line.part)) }
                    td.right { (money_with_currency(line.before)) span.hint { (foreign(&line.quantity_before)) } }
                    td.right { (money_with_currency(line.after)) span.hint { (foreign(&line.quantity_after)) } }
                    td.right { (difference(line.before, line.after)) }
                } }
            } }
        } }
    }
}

fn difference(before: money::Amount, after: money::Amount) -> Markup {
    // Both are of one contract, so of one currency.
    html! { @match after.minus(before) { Ok(own) => (change(own)), Err(_) => span.none { "unknown" } } }
}

/// The terms of what is sold, by component.
pub(super) fn terms(components: &[QuotedComponent]) -> Markup {
    html! {
        @if components.is_empty() { p.empty { "It sells nothing." } }
        @for own in components {
            h3 { (foreign(&own.component)) " " span.tag { (own.surface) } }
            dl.terms { @for term in own.terms.iter().filter(|term| term.says != own.surface) { div { dt { (foreign(&term.term)) } dd { (prose(&term.says)) } } } }
        }
    }
}

/// Texts by digest.
pub(super) fn documents(rows: &[Document]) -> Markup {
    html! {
        ul.documents { @for own in rows { li { (foreign(&own.name)) " " (id(&own.digest)) } } }
    }
}
