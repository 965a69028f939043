//! What is done about statements: one is looked at and issued, another paid, credited or voided.

use maud::{Markup, html};

use super::at;
use super::checks::waiver;
use super::form::{Form, Line};
use super::frame::framed;
use super::listing::narrowed;
use crate::format::prose;
use crate::section;
use crate::view::{Entry, Frame, Narrowing, Statement, StatementDraft, StatementRow, Status};

/// Statements of a customer as they would be if they were issued now, each with what keeps it from being issued or
/// facts from being counted, and the form that issues it.
#[must_use]
pub fn statement_drafts(
    frame: &Frame,
    customer: &str,
    narrowing: &[Narrowing],
    drafts: &[StatementDraft],
    entry: Option<&Entry>,
) -> String {
    framed(
        frame,
        &html! {
            (narrowed(&at::drafts(customer), narrowing))
            @if drafts.is_empty() { section.sheet { p.empty { "There is no contract to state anything of." } } }
            @for (at, own) in drafts.iter().enumerate() {
                (check(own, entry.map(|entry| entry_of(own, entry)).as_ref()))
                (section::statement(&own.statement, &format!("statement-{at}")))
            }
        },
    )
}

/// What keeps a statement from being issued, what is worth a look before, and the form.
fn check(own: &StatementDraft, entry: Option<&Entry>) -> Markup {
    let heading = format!("check-{}", own.statement.contract);
    html! {
        section.sheet aria-labelledby=(heading) {
            h2 id=(heading) { "Before it is issued" }
            @match &own.statement.status {
                Status::Issued { number, .. } => p {
                    "This period is stated: " a href=(at::statement(&own.statement.customer.id, number)) { (prose(number)) } "."
                },
                Status::Void { number, .. } => p { (prose(number)) " is void." },
                Status::Draft { blocked_by } => {
                    @if let Some(blocked) = blocked_by { p.notice.alarm { "It cannot be issued: " (prose(blocked)) } }
                    @if let Some(blocking) = &own.blocking {
                        (super::checks::blocking(blocking))
                        @if let Some(entry) = entry {
                            (waiver(&blocking.contract, &blocking.check, entry, &at::drafts(&blocking.customer)))
                        }
                    }
                    @if own.hints.is_empty() {
                        p { "No fact is kept from being counted." }
                    } @else {
                        p { "Facts are kept from being counted:" }
                        ul { @for hint in &own.hints { li { (prose(hint)) } } }
                    }
                    @if let Some(entry) = entry.filter(|_| blocked_by.is_none() && own.blocking.is_none()) { (issue(own, entry)) }
                }
            }
        }
    }
}

fn issue(own: &StatementDraft, entry: &Entry) -> Markup {
    let form = Form::of(entry, &[("issue", "Issue it")]);
    form.whole(&at::drafts(&own.statement.customer.id), &html! {
        (Form::hidden("contract", &own.statement.contract))
        (Form::hidden("period", &own.month))
        (form.line("by", Line {
            label: "Who approves it, a role",
            hint: "What is issued stays: a later change of a fact is stated by the next statement, as a difference.",
            ..Line::default()
        }))
    })
}

/// What was entered for one of the contracts, or nothing yet.
fn entry_of(own: &StatementDraft, entry: &Entry) -> Entry {
    let is_own = entry.fields.get("contract") == Some(&own.statement.contract);
    if is_own {
        entry.clone()
    } else {
        Entry {
            once: entry.once.clone(),
            ..Entry::default()
        }
    }
}

/// What can be done with a statement that was issued.
pub(super) fn acts(customer: &str, row: &StatementRow, model: &Statement, entry: &Entry) -> Markup {
    let address = at::statement(customer, &row.number);
    let pay = Form::of(entry, &[("pay", "Record the payment")]);
    let credit = Form::of(entry, &[("credit", "Decide it")]);
    let void = Form::of(entry, &[("void", "Void it")]);
    let write_off = Form::of(entry, &[("write_off", "Write it off")]);
    let line = |label| Line {
        label,
        ..Line::default()
    };
    let lines = model.surfaces.iter().flat_map(|surface| &surface.lines);
    let mut components: Vec<&str> = lines.map(|line| line.component.as_str()).collect();
    components.dedup();
    let among: Vec<(&str, &str)> = [("", "the whole statement")]
        .into_iter()
        .chain(components.iter().map(|own| (*own, *own)))
        .collect();
    let open = row
        .balance
        .filter(|own| !own.is_zero() && !own.is_negative());
    html! {
        @if row.state != "void" {
            section.sheet aria-labelledby="acts" {
                h2 id="acts" { "What can be done" }
                @if let Some(open) = open {
                    (pay.folded(&address, "Record a payment", &html! {
                        (pay.line("amount", Line {
                            label: "How much",
                            hint: "In the currency of the statement. What goes beyond what is open is on account.",
                            begins: &open.number(),
                            ..Line::default()
                        }))
                        (Form::hidden("currency", open.currency().code()))
                        (pay.day("at", Line { label: "The day on which it was booked", may_be_empty: true, ..Line::default() }))
                        (pay.line("reference", Line {
                            label: "The bank\u{2019}s or the payer\u{2019}s reference",
                            hint: "A payment with one is recorded once.",
                            may_be_empty: true,
                            ..Line::default()
                        }))
                    }))
                }
                @if let Some(open) = open {
                    (write_off.folded(&address, "Write off what is open", &html! {
                        p.hint { "What nobody will pay. A line that is not owed is credited instead." }
                        (write_off.line("amount", Line { begins: &open.number(), ..line("How much") }))
                        (Form::hidden("currency", open.currency().code()))
                        (write_off.line("reason", line("Why")))
                        (write_off.line("by", line("Who approves it, a role")))
                    }))
                }
                (credit.folded(&address, "Credit it, or a line of it", &html! {
                    p.hint { "A decision, no amount: the next statement gives back what of it is still charged, with a credit note. "
                        "A single work is credited by the decision of a dispute." }
                    (credit.choice("line", line("What is not to be paid"), &among))
                    (credit.line("reason", line("Why")))
                    (credit.line("by", line("Who approves it, a role")))
                }))
                (void.folded(&address, "Void it", &html! {
                    p.hint { "What it states is owed again, and stated under a new number. What was paid is not voided." }
                    (void.line("reason", line("Why")))
                    (void.line("by", line("Who approves it, a role")))
                }))
            }
        }
    }
}
