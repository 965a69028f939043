//! One refused event, to be repaired or dismissed; costs that name nobody, to be assigned.

use maud::html;

use super::at;
use super::form::{Form, Line};
use super::frame::framed;
use super::listing::{instant, older};
use crate::format::{command, count, foreign, id, money_with_currency, prose};
use crate::view::{Entry, Frame, RefusedOne, UnassignedCost};

/// A refused event; the forms are there for who may decide about it, while it waits.
#[must_use]
pub fn refused_event(frame: &Frame, own: &RefusedOne, entry: Option<&Entry>) -> String {
    let address = at::refused_event(&own.id);
    let (pointer, reason) = &own.fault;
    framed(
        frame,
        &html! {
            dl.headline {
                div { dt { "State" } dd { (own.state) } }
                div { dt { "Came" } dd { (count(own.deliveries)) " times" small { "first " (instant(own.received.0)) ", last " (instant(own.received.1)) } } }
                div { dt { "By" } dd { small { (id(&own.route)) " under the key " (foreign(&own.key)) } } }
            }
            section.sheet aria-labelledby="why" {
                h2 id="why" { "Why it was refused" }
                p { (prose(reason)) @if !pointer.is_empty() { " At " (id(pointer)) "." } }
                @if let Some((at, fault)) = &own.last { p.quiet { "Sent again " (instant(*at)) ": " (prose(fault)) } }
                @if let Some(decided) = &own.decided { p.notice { (foreign(decided)) } }
                @if own.is_cut { p.notice { "It was too long to be kept: only its beginning is here, and its sender has the rest." } }
                h3 { "What came" }
                pre tabindex="0" role="group" aria-label="What came" { code { (own.text.lines().map(|line| crate::format::clean(line) + "\n").collect::<String>()) } }
                (command(&format!("piecework refused show {}", own.id)))
            }
            @if let Some(entry) = entry.filter(|_| own.state == "waiting") {
                section.sheet aria-labelledby="decide" {
                    h2 id="decide" { "Repair it, or dismiss it" }
                    @if !own.is_cut {
                        @let text = Line { label: "The event, repaired", begins: &own.text, ..Line::default() };
                        @let form = Form::of(entry, &[("resend", "Send it again")]);
                        (form.folded(&address, "Repair it and send it again", &form.text("event", 14, text)))
                    }
                    @let why = Line { label: "Why", hint: "It stays here as dismissed, with this reason.", ..Line::default() };
                    @let form = Form::of(entry, &[("dismiss", "Dismiss it")]);
                        (form.folded(&address, "Dismiss it", &form.line("reason", why)))
                }
            }
        },
    )
}

/// A page of the costs that name nobody; `next` is the address of the page after it. The form is there for who may
/// say whose they are.
#[must_use]
pub fn unassigned_costs(
    frame: &Frame,
    rows: &[UnassignedCost],
    next: Option<&str>,
    entry: Option<&Entry>,
) -> String {
    let assign = entry.filter(|_| !rows.is_empty());
    let line = |label, hint, may_be_empty| Line {
        label,
        hint,
        may_be_empty,
        ..Line::default()
    };
    framed(
        frame,
        &html! {
            section.sheet {
                @if rows.is_empty() { p.empty { "No cost waits for somebody to say whose it is." } } @else {
                    div.scroll tabindex="0" role="group" aria-label="Costs of nobody" { table {
                        thead { tr {
                            th scope="col" { "When" } th scope="col" { "Cost" } th scope="col" { "Cost line" } th scope="col" { "Model" } th.right scope="col" { "Amount" }
                        } }
                        tbody { @for row in rows { tr {
                            th scope="row" { (instant(row.time)) }
                            td { (id(&row.id)) span.hint { "of " (foreign(&row.source)) } @if let Some(note) = &row.note { span.hint { (prose(note)) } } }
                            td { (row.line) }
                            td { @match &row.model { Some(model) => (foreign(model)), None => span.none { "none" } } }
                            td.right { @match row.amount { Some(amount) => (money_with_currency(amount)), None => span.none { "unknown" } } }
                        } } }
                    } }
                    (older(next))
                }
                (command("piecework cost unassigned"))
                @if let Some(entry) = assign {
                    @let form = Form::of(entry, &[("assign", "Assign it")]);
                    @let names: Vec<(String, String)> = rows.iter().map(|row| (format!("{}:{}{}", row.source.len(), row.source, row.id), format!("{} of {}", row.id, row.source))).collect();
                    @let among: Vec<(&str, &str)> = names.iter().map(|(name, says)| (name.as_str(), says.as_str())).collect();
                    (form.folded(at::UNASSIGNED_COSTS, "Say whose a cost is", &html! {
                        (form.choice("cost", line("Cost", "", false), &among))
                        (form.line("customer", line("Customer, by id", "", false)))
                        (form.line("work", line("Work id", "Where it is known.", true)))
                        (form.line("unit", line("Definition", "Where the work alone does not tell.", true)))
                    }))
                }
            }
        },
    )
}
