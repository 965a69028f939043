//! The log that statements stand on, as its buyer checks and acknowledges it.

use maud::{Markup, html};

use super::at;
use crate::format::{clean, count, id};
use crate::screen::at::{VERIFY, of_api, segment};
use crate::screen::frame::framed;
use crate::view::{Frame, OwnLog};

/// The log, the keys that sign it, its last head, and how to acknowledge one.
#[must_use]
pub fn proof(frame: &Frame, customer: &str, log: &OwnLog) -> String {
    framed(
        frame,
        &html! {
            section.sheet aria-labelledby="log" {
                h2 id="log" { "The log" }
                p.lead { "Everything that your statements are made of, in one order that the seller signed. Whoever holds a signed head can show it if an entry below it ever changes." }
                dl.headline {
                    div { dt { "Entries" } dd { (count(log.size)) } }
                    div { dt { "Under the last signed head" } dd {
                        @match log.signed { Some(size) => (count(size)), None => span.none { "no head was signed yet" } }
                    } }
                    div { dt { "Acknowledged by you" } dd { @if log.is_acknowledged { "yes" } @else { "not this head" } } }
                }
                p { "Its name: " (id(&log.origin)) }
                p { "The keys that sign it. Keep them, so that no other log is shown to you:" }
                ul { @for key in &log.keys { li { (id(key)) } } }
                p {
                    a href=(format!("/v1/customers/{}/logs", segment(customer))) { "The same as JSON" }
                    @if let Some(size) = log.signed { " \u{b7} " a href=(format!("/v1/customers/{}/checkpoints/{size}", segment(customer))) { "The signed head" } }
                    " \u{b7} " a href=(format!("/v1/customers/{}/samples", segment(customer))) { "Samples that were drawn" }
                }
                @if let Some(note) = &log.note {
                    details { summary { "The last signed head, as it was signed" } pre tabindex="0" role="group" aria-label="The head" { code { (lines(note)) } } }
                }
            }
            section.sheet aria-labelledby="check" {
                h2 id="check" { "Check it" }
                ol {
                    li { "Take the proof file of a statement: "
                        @if log.statements.is_empty() { span.none { "nothing was stated yet" } }
                        @for (place, number) in log.statements.iter().enumerate() { @if place > 0 { ", " } a href=(of_api(customer, number, "proof")) { (id(number)) } }
                    }
                    li { a href=(VERIFY) { "Check it in this browser" } ", or without this server: " code { "piecework verify FILE" } " or " code { "python3 verify_piecework.py FILE" } }
                }
            }
            section.sheet aria-labelledby="acknowledge" {
                h2 id="acknowledge" { "Acknowledge a head" }
                p { "With your own key under a head you say: this is the log that I saw. Later proof files of that head carry it, and the seller cannot show another log of that length." }
                ol {
                    li { "Cosign the head of a proof file that you checked:" pre tabindex="0" role="group" aria-label="The command" { code { "piecework acknowledge FILE --key buyer.key > head.txt" } } }
                    li { "Bring what it prints:" (upload(customer)) }
                }
            }
        },
    )
}

fn upload(customer: &str) -> Markup {
    html! {
        form.act method="post" enctype="multipart/form-data" action=(at::of(at::ACKNOWLEDGED, customer)) {
            div.field { label { span { "The cosigned head, as a file" } input type="file" name="file"; } }
            div.field { label { span { "or pasted" } textarea name="text" rows="5" spellcheck="false" {} } }
            p.does { button { "Acknowledge it" } }
        }
    }
}

/// A note as it is written, line by line.
fn lines(note: &str) -> String {
    note.lines().map(|line| clean(line) + "\n").collect()
}
