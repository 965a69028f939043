//! Links for buyers: those of a customer, and forms that make one and take one back.

use maud::{Markup, html};

use super::at;
use crate::format::{foreign, id};
use crate::screen::form::{Form, Line};
use crate::screen::frame::framed;
use crate::screen::listing::{instant, narrowed};
use crate::view::{Entry, Frame, LinkRow, Narrowing};

/// The links of a customer; of nobody before one is named.
#[must_use]
pub fn links(
    frame: &Frame,
    narrowing: &Narrowing,
    rows: Option<&[LinkRow]>,
    entry: &Entry,
) -> String {
    let customer = narrowing.value.as_str();
    framed(
        frame,
        &html! {
            (narrowed(at::LINKS, std::slice::from_ref(narrowing)))
            section.sheet {
                @match rows {
                    None => p.empty { "Name a customer: links are kept customer by customer." },
                    Some(rows) => {
                        @if rows.is_empty() { p.empty { "It has none." } } @else { (table(rows)) }
                        (create(customer, entry))
                        @if rows.iter().any(|own| own.in_force) { (revoke(customer, rows, entry)) }
                    }
                }
            }
        },
    )
}

fn table(rows: &[LinkRow]) -> Markup {
    html! {
        div.scroll tabindex="0" role="group" aria-label="Links" { table {
            thead { tr {
                th scope="col" { "Link" } th scope="col" { "Shows" } th scope="col" { "Made" } th scope="col" { "Ends" } th scope="col" { "State" }
            } }
            tbody { @for row in rows { tr {
                th scope="row" { (id(&row.id)) span.hint { (foreign(&row.label)) } }
                td { @match &row.statement { Some(number) => { "statement " (id(number)) }, None => "the whole portal" } }
                td { (instant(row.created)) }
                td { (instant(row.expires)) }
                td {
                    @if row.in_force { "opens" } @else { strong { "opens nothing" } }
                    @if let Some(at) = row.revoked { span.hint { "taken back " (instant(at)) } }
                }
            } } }
        } }
    }
}

fn create(customer: &str, entry: &Entry) -> Markup {
    let form = Form::of(entry, &[("create", "Make it")]);
    let line = |label, begins, hint, may_be_empty| Line {
        label,
        begins,
        hint,
        may_be_empty,
    };
    let fields = html! {
        (Form::hidden("customer", customer))
        (form.line("label", line("Whom it is for", "", "In one line, such as: accounts payable at acme", false)))
        (form.line("days", line("Days until it ends", "30", "At most 92.", false)))
        (form.line("statement", line("Only this statement", "", "Its holder sees the whole portal where left empty.", true)))
    };
    form.folded(at::LINKS, "Make a link", &fields)
}

fn revoke(customer: &str, rows: &[LinkRow], entry: &Entry) -> Markup {
    let form = Form::of(entry, &[("revoke", "Take it back")]);
    let among = rows.iter().filter(|own| own.in_force);
    let among: Vec<(&str, String)> = among
        .map(|own| (own.id.as_str(), format!("{}: {}", own.id, own.label)))
        .collect();
    let among: Vec<(&str, &str)> = among
        .iter()
        .map(|(id, says)| (*id, says.as_str()))
        .collect();
    let link = Line {
        label: "Link",
        hint: "It opens nothing from now on; who came by it is let in no longer.",
        ..Line::default()
    };
    let fields = html! { (Form::hidden("customer", customer)) (form.choice("link", link, &among)) };
    form.folded(at::LINKS, "Take a link back", &fields)
}
