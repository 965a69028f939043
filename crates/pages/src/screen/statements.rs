//! Statements that were issued: those of a customer, one of them, and what changed since the last.

use maud::{Markup, html};

use super::at;
use super::frame::framed;
use super::listing::older;
use crate::format::{id, money_with_currency};
use crate::section;
use crate::view::{Bridge, Cover, Entry, Frame, Statement, StatementRow};

/// A page of a customer's statements, in the order of issue, behind the covers that they are paid with; `next` is the
/// address of the page after it.
#[must_use]
pub fn statements(
    frame: &Frame,
    customer: &str,
    (covers, rows): (&[Cover], &[StatementRow]),
    next: Option<&str>,
) -> String {
    framed(
        frame,
        &html! {
            nav.papers aria-label="Of this customer" { a href=(at::drafts(customer)) { "What would be stated now, and issue it" } }
            @if !covers.is_empty() { (cover_table(customer, covers)) }
            section.sheet {
                @if rows.is_empty() {
                    p.empty { "Nothing was stated yet. A statement is issued once a period has ended." }
                } @else {
                    div.scroll tabindex="0" role="group" aria-label="Statements" {
                        table {
                            thead { tr {
                                th scope="col" { "Statement" }
                                th scope="col" { "Contract" }
                                th scope="col" { "Through" }
                                th scope="col" { "State" }
                                th scope="col" { "Due on" }
                                th.right scope="col" { "Total, before tax" }
                                th.right scope="col" { "Open" }
                            } }
                            tbody { @for row in rows { (listed(customer, row)) } }
                        }
                    }
                    (older(next))
                }
            }
        },
    )
}

/// A statement as it was issued, where it stands now, and what there is of it to file, send and check.
#[must_use]
pub fn statement(
    frame: &Frame,
    customer: &str,
    row: &StatementRow,
    model: &Statement,
    entry: Option<&Entry>,
) -> String {
    let number = &row.number;
    framed(
        frame,
        &html! {
            dl.headline {
                div { dt { "State" } dd { (state(row)) small { "revision " (row.revision) } (paid_with(row)) } }
                div { dt { "Total, before tax" } dd { (money_with_currency(row.total)) } }
                div { dt { "Due on" } dd { (due_on(row)) } }
                div { dt { "Open" } dd { (open(row)) } }
            }
            nav.papers aria-label="Of this statement" {
                a href=(at::of_api(customer, number, "document?format=html")) { "Document to print" }
                a href=(at::of_api(customer, number, "document?format=pdf")) { "Document as PDF" }
                a href=(at::of_api(customer, number, "proof")) { "Proof file (zip)" }
                a href=(at::of_api(customer, number, "proof-report")) { "Proof report" }
                a href=(at::bridge(customer, number)) { "From the last statement to this one" }
            }
            @if let Some(entry) = entry { (super::billing::acts(customer, row, model, entry)) }
            (section::statement(model, "statement"))
        },
    )
}

/// Why the total of a statement is another than that of the last one.
#[must_use]
pub fn bridge(frame: &Frame, model: &Bridge) -> String {
    framed(frame, &section::bridge(model, "bridge"))
}

fn listed(customer: &str, row: &StatementRow) -> Markup {
    html! {
        tr {
            th scope="row" { a href=(at::statement(customer, &row.number)) { (id(&row.number)) } }
            td { (id(&row.contract)) }
            td { (row.through) }
            td {
                (state(row))
                @if row.revision > 1 { span.hint { "revision " (row.revision) } }
                (paid_with(row))
            }
            td { (due_on(row)) }
            td.right { (money_with_currency(row.total)) }
            td.right { (open(row)) }
        }
    }
}

/// Where it stands, in words.
pub(super) fn state(row: &StatementRow) -> Markup {
    html! {
        @if row.state == "void" { span.badge.void { "VOID" } } @else { (row.state.replace('_', " ")) }
    }
}

/// The cover that it is paid with, or that it waits for one.
fn paid_with(row: &StatementRow) -> Markup {
    html! {
        @match (&row.cover, row.awaits_cover) {
            (Some(cover), _) => span.hint { "paid with " (id(cover)) },
            (None, true) => span.hint { "waits for a cover" },
            (None, false) => "",
        }
    }
}

/// What is paid at once of several statements, in the order of issue.
fn cover_table(customer: &str, covers: &[Cover]) -> Markup {
    html! {
        section.sheet aria-labelledby="covers" {
            h2 #covers { "Covers" }
            div.scroll tabindex="0" role="group" aria-label="Covers" {
                table {
                    thead { tr {
                        th scope="col" { "Cover" }
                        th scope="col" { "Through" }
                        th scope="col" { "Statements" }
                        th scope="col" { "State" }
                        th scope="col" { "Due on" }
                        th.right scope="col" { "Payable, before tax" }
                        th.right scope="col" { "Open" }
                    } }
                    tbody { @for own in covers {
                        tr {
                            th scope="row" { a href=(at::cover_document(customer, &own.number)) { (id(&own.number)) } }
                            td { time datetime=(own.through) { (own.through) } }
                            td { (own.parts.len()) }
                            td { @if own.state == "void" { span.badge.void { "VOID" } } @else { (own.state.replace('_', " ")) } }
                            td { time datetime=(own.due_on) { (own.due_on) } }
                            td.right { (money_with_currency(own.payable)) }
                            td.right { @match own.balance {
                                Some(balance) => (money_with_currency(balance)),
                                None => span.none { "\u{2014}" },
                            } }
                        }
                    } }
                }
            }
        }
    }
}

pub(super) fn due_on(row: &StatementRow) -> Markup {
    html! {
        @match row.due_on {
            Some(day) => time datetime=(day) { (day) },
            None => span.none { "\u{2014}" },
        }
    }
}

/// What is still to be paid; of a void statement nothing is.
pub(super) fn open(row: &StatementRow) -> Markup {
    html! {
        @match row.balance {
            Some(balance) => (money_with_currency(balance)),
            None => span.none { "\u{2014}" },
        }
    }
}
