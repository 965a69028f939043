//! Statements, for the buyer: those that were issued, one of them, and the period that runs.

use maud::{Markup, html};

use super::at;
use crate::format::{id, money_with_currency};
use crate::screen::at::{VERIFY, of_api};
use crate::screen::frame::framed;
use crate::screen::listing::older;
use crate::screen::statements::{due_on, open, state};
use crate::section;
use crate::view::{Frame, Statement, StatementRow};

/// A page of the statements; `next` is the address of the page after it.
#[must_use]
pub fn statements(
    frame: &Frame,
    customer: &str,
    rows: &[StatementRow],
    next: Option<&str>,
) -> String {
    framed(
        frame,
        &html! {
            p { a href=(at::of(at::SO_FAR, customer)) { "The period that runs, as a statement" } }
            section.sheet {
                @if rows.is_empty() {
                    p.empty { "Nothing was stated yet. A statement is issued once a period has ended." }
                } @else {
                    div.scroll tabindex="0" role="group" aria-label="Statements" { table {
                        thead { tr {
                            th scope="col" { "Statement" } th scope="col" { "Contract" } th scope="col" { "Through" }
                            th scope="col" { "State" } th scope="col" { "Due on" }
                            th.right scope="col" { "Total, before tax" } th.right scope="col" { "Open" }
                        } }
                        tbody { @for row in rows { (listed(customer, row)) } }
                    } }
                    (older(next))
                }
            }
        },
    )
}

fn listed(customer: &str, row: &StatementRow) -> Markup {
    html! {
        tr {
            th scope="row" { a href=(at::statement(at::STATEMENT, customer, &row.number)) { (id(&row.number)) } }
            td { (id(&row.contract)) }
            td { (row.through) }
            td { (state(row)) @if row.revision > 1 { span.hint { "revision " (row.revision) } } }
            td { (due_on(row)) }
            td.right { (money_with_currency(row.total)) }
            td.right { (open(row)) }
        }
    }
}

/// A statement as it was issued. `sees_all`: whether the reader sees more than this statement.
#[must_use]
pub fn statement(
    frame: &Frame,
    customer: &str,
    row: &StatementRow,
    model: &Statement,
    sees_all: bool,
) -> String {
    let number = &row.number;
    framed(
        frame,
        &html! {
            dl.headline {
                div { dt { "State" } dd { (state(row)) small { "revision " (row.revision) } } }
                div { dt { "Total, before tax" } dd { (money_with_currency(row.total)) } }
                div { dt { "Due on" } dd { (due_on(row)) } }
                div { dt { "Open" } dd { (open(row)) } }
            }
            nav.papers aria-label="Of this statement" {
                a href=(of_api(customer, number, "document?format=html")) { "Document to print" }
                a href=(of_api(customer, number, "document?format=pdf")) { "Document as PDF" }
                a href=(of_api(customer, number, "proof")) { "Proof file (zip)" }
                a href=(of_api(customer, number, "proof-report")) { "Proof report" }
                a href=(VERIFY) { "Check the proof file" }
                @if sees_all {
                    a href=(at::statement(at::BRIDGE, customer, number)) { "From the last statement to this one" }
                    a href=(at::of(at::RECONCILE, customer)) { "Compare with your records" }
                }
            }
            @if sees_all {
                p.quiet {
                    "Open a line for the works under it. "
                    a href=(at::of(at::WORKS, customer)) { "Find a work by its id" }
                    " for its facts, or to dispute it."
                }
            }
            (section::statement(model, "statement"))
        },
    )
}

/// The period that runs, of each contract, as if nothing further happened until it ends.
#[must_use]
pub fn so_far(frame: &Frame, drafts: &[Statement]) -> String {
    framed(
        frame,
        &html! {
            p.notice {
                "A draft, made from what is known now as if nothing further happened before the period ends. Nobody owes anything by it."
            }
            @if drafts.is_empty() {
                section.sheet { p.empty { "There is no contract, so nothing is owed." } }
            }
            @for (place, draft) in drafts.iter().enumerate() { (section::statement(draft, &format!("draft-{place}"))) }
        },
    )
}
