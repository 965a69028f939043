//! API keys: those that there are, and forms that make, rotate and revoke them.

use maud::{Markup, html};

use super::at;
use crate::format::{foreign, id};
use crate::screen::form::{Form, Line};
use crate::screen::frame::framed;
use crate::screen::listing::instant;
use crate::view::{Entry, Frame, KeyRow};

/// The keys that the reader may know of, and the roles that it may give.
#[must_use]
pub fn keys(frame: &Frame, rows: &[KeyRow], roles: &[&str], entry: &Entry) -> String {
    framed(
        frame,
        &html! {
            section.sheet aria-labelledby="keys" {
                h2 id="keys" { "API keys" }
                p.lead { "A key is shown once, when it is made. Afterwards its public part is known, and a digest of the rest." }
                @if rows.is_empty() { p.empty { "There is none that you may know of." } } @else {
                    div.scroll tabindex="0" role="group" aria-label="API keys" { table {
                        thead { tr {
                            th scope="col" { "Key" } th scope="col" { "Role" } th scope="col" { "Customer" }
                            th scope="col" { "Made" } th scope="col" { "Ends" } th scope="col" { "State" }
                        } }
                        tbody { @for row in rows { (listed(row)) } }
                    } }
                }
                (create(roles, entry))
            }
            @if rows.iter().any(|own| own.in_force) {
                section.sheet aria-labelledby="change" {
                    h2 id="change" { "Change a key" }
                    (rotate(rows, entry))
                    (revoke(rows, entry))
                }
            }
        },
    )
}

fn listed(row: &KeyRow) -> Markup {
    html! {
        tr {
            th scope="row" { (id(&row.id)) span.hint { (foreign(&row.label)) } }
            td { (foreign(&row.role)) }
            td { @match &row.customer { Some(customer) => (foreign(customer)), None => span.none { "all" } } }
            td { (instant(row.created)) }
            td { @match row.expires { Some(at) => (instant(at)), None => span.none { "never" } } }
            td {
                @if row.in_force { "works" } @else { strong { "does not work" } }
                @if let Some(at) = row.revoked { span.hint { "revoked " (instant(at)) } }
            }
        }
    }
}

fn create(roles: &[&str], entry: &Entry) -> Markup {
    let form = Form::of(entry, &[("create", "Make it")]);
    let among: Vec<(&str, &str)> = roles.iter().map(|own| (*own, *own)).collect();
    let line = |label, hint, may_be_empty| Line {
        label,
        hint,
        may_be_empty,
        ..Line::default()
    };
    let fields = html! {
        (form.choice("role", line("Role", "", false), &among))
        (form.line("customer", line("Customer", "The only one that it knows of; a buyer\u{2019}s key needs one.", true)))
        (form.line("label", line("What it is for", "", false)))
        (form.line("days", line("Days for which it works", "For ever where left empty.", true)))
    };
    form.folded(at::KEYS, "Make a key", &fields)
}

/// The keys that work, to choose from.
fn among(rows: &[KeyRow]) -> Vec<(String, String)> {
    let rows = rows.iter().filter(|own| own.in_force);
    rows.map(|own| {
        (
            own.id.clone(),
            format!("{}, {}: {}", own.id, own.role, own.label),
        )
    })
    .collect()
}

fn rotate(rows: &[KeyRow], entry: &Entry) -> Markup {
    let form = Form::of(entry, &[("rotate", "Make the next one")]);
    let among = among(rows);
    let among: Vec<(&str, &str)> = among
        .iter()
        .map(|(id, says)| (id.as_str(), says.as_str()))
        .collect();
    let hours = Line {
        label: "Hours for which the old one still works",
        begins: "24",
        ..Line::default()
    };
    let fields = html! {
        (form.choice("key", Line { label: "Key", ..Line::default() }, &among))
        (form.line("overlap_hours", hours))
    };
    form.folded(at::KEYS, "Rotate a key", &fields)
}

fn revoke(rows: &[KeyRow], entry: &Entry) -> Markup {
    let form = Form::of(entry, &[("revoke", "Revoke it")]);
    let among = among(rows);
    let among: Vec<(&str, &str)> = among
        .iter()
        .map(|(id, says)| (id.as_str(), says.as_str()))
        .collect();
    let key = Line {
        label: "Key",
        hint: "It works no longer from now on, and never again.",
        ..Line::default()
    };
    form.folded(at::KEYS, "Revoke a key", &form.choice("key", key, &among))
}
