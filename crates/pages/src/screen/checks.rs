//! The five checks of a contract, and the form that waives one that fails.

use maud::{Markup, html};

use super::at;
use super::form::{Form, Line};
use super::frame::framed;
use crate::format::{foreign, id, prose};
use crate::view::{
    BlockingCheck, CheckReason, CheckRow, CheckVerdict, ContractChecks, Entry, Frame, WaivedCheck,
};

/// The checks of a contract.
#[must_use]
pub fn checks(frame: &Frame, model: &ContractChecks, entry: Option<&Entry>) -> String {
    let failing = model.checks.iter().find(|own| own.blocks());
    let command = format!(
        "piecework check {} --customer {}",
        model.contract, model.customer
    );
    framed(
        frame,
        &html! {
            p.lead {
                @if model.is_draft { "Nobody signed it: nothing of it is issued. " }
                @else if model.blocks { strong { "No statement of it is issued. " } }
                @else { "Nothing keeps its statements from being issued. " }
                "A check that fails keeps statements from being issued, and nothing from being looked at; what was issued stays."
            }
            (rows("checks", &model.checks, Some(&model.customer)))
            @if let (Some(failing), Some(entry)) = (failing, entry) {
                section.sheet aria-labelledby="waive" {
                    h2 id="waive" { "Answer for it" }
                    (waiver(&model.contract, &failing.check, entry, &at::checks(&model.customer, &model.contract)))
                }
            }
            p.command { code { (command) } }
        },
    )
}

/// Checks, each with its reasons, what mends it and who waived it; entries lead to the log of the customer.
pub(super) fn rows(name: &str, rows: &[CheckRow], customer: Option<&str>) -> Markup {
    html! {
        @for row in rows {
            @let heading = format!("{name}-{}", row.check);
            section.sheet aria-labelledby=(heading) {
                h2 id=(heading) { (verdict(row)) " " (prose(&row.asks)) }
                ul {
                    @for own in &row.reasons { li { (reason(own, customer)) } }
                }
                @if let Some(remedy) = &row.remedy { p.quiet { "What mends it: " (prose(remedy)) "." } }
                @if let Some(own) = &row.waived { (waived(own)) }
            }
        }
    }
}

fn verdict(row: &CheckRow) -> Markup {
    html! {
        @match row.verdict {
            CheckVerdict::Pass => span.verdict.ok { "pass" },
            CheckVerdict::Warn => span.verdict { "warn" },
            CheckVerdict::Fail => span.verdict.bad { "fail" },
        }
    }
}

fn reason(own: &CheckReason, customer: Option<&str>) -> Markup {
    html! {
        @match own.verdict {
            CheckVerdict::Pass => {},
            CheckVerdict::Warn => "Worth a look: ",
            CheckVerdict::Fail => { strong { "It fails: " } },
        }
        (prose(&own.says))
        @if let Some(customer) = customer {
            @for (index, entry) in own.entries.iter().enumerate() {
                @if index == 0 { " \u{b7} " } @else { ", " }
                a href=(at::entry_receipt(customer, *entry)) { "entry " (entry) }
            }
        }
    }
}

fn waived(own: &WaivedCheck) -> Markup {
    html! {
        p.notice {
            "Waived until " (own.until) " by " (foreign(&own.by)) ": " (prose(&own.reason)) " ("
            @if own.log == "shared" {
                a href=(at::entry_receipt(&own.customer, own.entry)) { "entry " (own.entry) } ", which the buyer has"
            } @else { "entry " (own.entry) " of the seller\u{2019}s own log" }
            ")"
        }
    }
}

/// What keeps statements of a contract from being issued, and where its checks are.
pub(super) fn blocking(own: &BlockingCheck) -> Markup {
    html! {
        p.notice.alarm {
            "It is not issued, because the check " (id(&own.check)) " fails: " (prose(&own.reason)) "."
        }
        p { "What mends it: " (prose(&own.remedy)) ". "
            a href=(at::checks(&own.customer, &own.contract)) { "All checks of " (foreign(&own.contract)) } }
    }
}

/// The form that waives a check.
pub(super) fn waiver(contract: &str, check: &str, entry: &Entry, address: &str) -> Markup {
    let form = Form::of(entry, &[("waive", "Waive it")]);
    let seen = if check == "margin" {
        "It is kept in the seller\u{2019}s own log."
    } else {
        "The buyer reads it: it is an entry of the log that both share."
    };
    let about = format!("Waive the check `{check}` of {contract}");
    form.folded(address, &about, &html! {
        p.hint { "Statements are issued until the day although the check fails, and somebody answers for it by name. " (seen) }
        (Form::hidden("contract", contract))
        (Form::hidden("check", check))
        (form.line("reason", Line { label: "Why", ..Line::default() }))
        (form.day("until", Line { label: "Until which day", hint: "A year from today at most.", ..Line::default() }))
        (form.line("by", Line { label: "Who answers for it, a role", ..Line::default() }))
    })
}
