//! A statement beside the buyer's own records: bringing them, saying which column is what, and what came out.

use maud::{Markup, html};

use super::at;
use super::saying::copied;
use crate::format::{clean, count, counted, foreign, id, money, money_with_currency, prose};
use crate::limits::DIFFERING_WORKS_MAX;
use crate::screen::frame::framed;
use crate::view::{ColumnChoice, Frame, OwnRecords, RecordsCompared};

/// Where records are brought.
#[must_use]
pub fn reconcile(frame: &Frame, customer: &str, statements: &[String], bytes_max: usize) -> String {
    framed(
        frame,
        &html! {
            section.sheet aria-labelledby="bring" {
                h2 id="bring" { "Your own records" }
                p.lead { "An export of your help desk or tracker, one row for each ticket or each event: which of the works on a statement are in it, which are not, and what your records say against the bill." }
                p.notice {
                    "The file goes to the seller\u{2019}s server, is compared there, and is not kept. To compare without showing it to anybody, take the proof file and run "
                    code { "piecework reconcile" } " on your own machine: it says the same."
                }
                @if statements.is_empty() {
                    p.empty { "Nothing was stated yet, so there is nothing to compare with." }
                } @else {
                    form.act method="post" enctype="multipart/form-data" action=(at::of(at::RECONCILE, customer)) {
                        div.field { label { span { "Statement" } select name="statement" {
                            @for number in statements.iter().rev() { option value=(clean(number)) { (clean(number)) } }
                        } } }
                        div.field { label { span { "CSV or JSON lines, at most " (count(bytes_max as u64)) " bytes" } input type="file" name="file" required; } }
                        p.does { button { "Read it" } }
                    }
                }
            }
        },
    )
}

/// Which column is what: guessed, to be corrected.
#[must_use]
pub fn columns(frame: &Frame, customer: &str, own: &OwnRecords) -> String {
    framed(
        frame,
        &html! {
            section.sheet aria-labelledby="columns" {
                h2 id="columns" { "Which column is what?" }
                p.lead { "Guessed from the header and the first " (counted(own.rows as u64, "row", "rows")) " of " (foreign(&own.file)) "; correct what is wrong." }
                form.act method="post" enctype="multipart/form-data" action=(at::of(at::COMPARED, customer)) {
                    input type="hidden" name="statement" value=(clean(&own.statement));
                    input type="hidden" name="name" value=(clean(&own.file));
                    textarea name="text" hidden { "\n" (own.text) }
                    @for choice in &own.choices { (chosen(choice, &own.columns)) }
                    p.does { button { "Compare with statement " (clean(&own.statement)) } }
                }
            }
        },
    )
}

fn chosen(choice: &ColumnChoice, columns: &[String]) -> Markup {
    html! {
        div.field {
            label {
                span { (choice.words) }
                @if choice.is_column {
                    select name=(choice.role) required[choice.is_needed] {
                        option value="" { @if choice.is_needed { "choose one" } @else { "none" } }
                        @for column in columns { option value=(column) selected[choice.guess.as_deref() == Some(column)] { (clean(column)) } }
                    }
                } @else {
                    input name=(choice.role) value=(clean(choice.guess.as_deref().unwrap_or_default())) autocomplete="off";
                }
            }
            @if let Some(reason) = &choice.reason { p.hint { (foreign(reason)) } }
        }
    }
}

/// What came out.
#[must_use]
pub fn compared(frame: &Frame, customer: &str, found: &RecordsCompared) -> String {
    framed(
        frame,
        &html! {
            dl.headline {
                div { dt { "Billed, and in your records" } dd { (count(found.matched)) } }
                div { dt { "Billed, not in your records" } dd { (count(found.not_mine.len() as u64)) } }
                div { dt { "In your records, not billed" } dd { (count(found.not_billed.len() as u64)) } }
                div { dt { "Facts of yours that the log never had" } dd { (count(found.unreported)) } }
                div { dt { "Money in question" } dd { (money_with_currency(found.amount)) } }
            }
            @if found.others > 0 { p.quiet { (counted(found.others, "record is", "records are")) " of another customer, and were passed over." } }
            @if found.silent > 0 {
                p.notice { (counted(found.silent, "row says", "rows say")) " nothing that is known here, such as words of an outcome that nobody explained, and counted for nothing." }
            }
            section.sheet aria-labelledby="question" {
                h2 id="question" { "In question" }
                @if found.in_question.is_empty() { p.empty { "Nothing that your records say would lower the bill." } } @else {
                    div.scroll tabindex="0" role="group" aria-label="In question" { table {
                        thead { tr { th scope="col" { "Work" } th.right scope="col" { "Charged, " (found.amount.currency()) } th.right scope="col" { "Would be" } th scope="col" { "Your facts" } } }
                        tbody { @for own in found.in_question.iter().take(DIFFERING_WORKS_MAX) { tr {
                            th scope="row" { (linked(customer, &own.work)) }
                            td.right { (money(own.charged)) }
                            td.right { (money(own.would_be)) }
                            td { (foreign(&own.facts)) }
                        } } }
                    } }
                    (rest(found.in_question.len()))
                    (disputes(found))
                }
            }
            section.sheet aria-labelledby="not-mine" {
                h2 id="not-mine" { "Billed, not in your records" }
                @if found.not_mine.is_empty() { p.empty { "Every work that is billed is in your records." } } @else {
                    div.scroll tabindex="0" role="group" aria-label="Billed, not in your records" { table {
                        thead { tr { th scope="col" { "Work" } th scope="col" { "Class" } th.right scope="col" { "Charged, " (found.amount.currency()) } } }
                        tbody { @for own in found.not_mine.iter().take(DIFFERING_WORKS_MAX) { tr {
                            th scope="row" { (linked(customer, &own.work)) } td { (foreign(&own.class)) } td.right { (money(own.amount)) }
                        } } }
                    } }
                    (rest(found.not_mine.len()))
                }
            }
            section.sheet aria-labelledby="not-billed" {
                h2 id="not-billed" { "In your records, not billed" }
                @if found.not_billed.is_empty() { p.empty { "Every work of your records is billed." } } @else {
                    div.scroll tabindex="0" role="group" aria-label="In your records, not billed" { table {
                        thead { tr { th scope="col" { "Work" } th scope="col" { "Why" } } }
                        tbody { @for (work, why) in found.not_billed.iter().take(DIFFERING_WORKS_MAX) { tr { th scope="row" { (foreign(work)) } td { (foreign(&why.replace('_', " "))) } } } }
                    } }
                    (rest(found.not_billed.len()))
                }
            }
            p.more { a href=(at::of(at::RECONCILE, customer)) { "Compare other records" } }
        },
    )
}

/// A work, where the log has one of that name.
fn linked(customer: &str, work: &str) -> Markup {
    html! { a href=(at::work(at::WORK, customer, work)) { (foreign(work)) } }
}

fn rest(all: usize) -> Markup {
    html! {
        @if let Some(more) = all.checked_sub(DIFFERING_WORKS_MAX).filter(|more| *more > 0) {
            p.quiet { "and " (counted(more as u64, "more", "more")) "; " code { "piecework reconcile --json" } " lists them all." }
        }
    }
}

/// The disputes, one event for each work in question: to be signed.
fn disputes(found: &RecordsCompared) -> Markup {
    html! {
        h3 { "Dispute them" }
        p { "One event for each. Keep them as " code { "disputes.jsonl" } ", and your own facts beside them as " code { "facts.jsonl" } ", sign them, and bring them: nothing was sent yet." }
        (file("disputes.jsonl", &found.disputes))
        (file("facts.jsonl", &found.facts))
        pre tabindex="0" role="group" aria-label="The command" { code { "piecework sign disputes.jsonl --origin " (clean(&found.origin)) " --key buyer.key > signed.jsonl" } }
        p { a href=(at::of(at::SIGNED, &found.customer)) { "Bring the signed events" } ". " (prose("`piecework reconcile --disputes FILE --facts FILE` writes the same two files.")) }
    }
}

fn file(name: &str, lines: &str) -> Markup {
    html! {
        @if !lines.is_empty() {
            details { summary { (id(name)) } textarea readonly rows="8" aria-label=(name) { "\n" (copied(lines)) } }
        }
    }
}
