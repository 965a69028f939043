//! What arrived and stands in no customer's log: refused events that wait for somebody, costs of nobody.

use maud::{Markup, html};

use super::at;
use super::frame::framed;
use super::listing::{instant, older};
use crate::format::{command, foreign, grouped, id, prose};
use crate::view::{Frame, RefusedRow};

/// A page of refused events, the oldest first; `next` is the address of the page after it. `costs` of nobody are
/// told to who may know of all customers.
#[must_use]
pub fn events(
    frame: &Frame,
    rows: &[RefusedRow],
    next: Option<&str>,
    costs: Option<u64>,
) -> String {
    framed(
        frame,
        &html! {
            section.sheet aria-labelledby="refused" {
                h2 id="refused" { "Refused events" }
                @if rows.is_empty() {
                    p.empty { "No refused event waits. One that a feed sends and the book cannot take stands here until it is repaired or dismissed." }
                } @else {
                    p.lead { "Each was answered with its reason, and is in no log. The oldest is first." }
                    div.scroll {
                        table aria-labelledby="refused" {
                            thead { tr {
                                th scope="col" { "Arrived (UTC)" }
                                th scope="col" { "Waits" }
                                th scope="col" { "Customer" }
                                th scope="col" { "Source" }
                                th scope="col" { "Why" }
                                th.right scope="col" { "Times" }
                            } }
                            tbody { @for row in rows { (refused(row)) } }
                        }
                    }
                    (older(next))
                    (command("piecework refused list"))
                }
            }
            @if let Some(costs) = costs { (nobodys(costs)) }
        },
    )
}

fn refused(row: &RefusedRow) -> Markup {
    let one = at::refused_event(&row.id);
    html! {
        tr {
            th scope="row" { a href=(one) { (instant(row.received_at)) } }
            td.number { (waits(row.age_minutes)) }
            td { (named(row.customer.as_deref())) }
            td { (named(row.source.as_deref())) }
            td {
                (prose(&row.reason))
                @if !row.pointer.is_empty() { span.hint { "at " (id(&row.pointer)) } }
            }
            td.right.number { (grouped(&row.deliveries.to_string())) }
        }
    }
}

/// What an event names, where that can be read.
fn named(own: Option<&str>) -> Markup {
    match own {
        Some(own) => foreign(own),
        None => html! { span.quiet { "unknown" } },
    }
}

/// How long something waits: in its largest whole unit.
fn waits(minutes: u64) -> String {
    let (count, unit) = match minutes {
        0..60 => (minutes, "minute"),
        60..1_440 => (minutes / 60, "hour"),
        _ => (minutes / 1_440, "day"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{}\u{a0}{unit}{plural}", grouped(&count.to_string()))
}

fn nobodys(costs: u64) -> Markup {
    html! {
        section.sheet aria-labelledby="nobodys" {
            h2 id="nobodys" { "Costs of nobody" }
            @if costs == 0 {
                p.empty { "No cost waits for somebody to say whose it is." }
            } @else {
                p.lead {
                    a href=(at::UNASSIGNED_COSTS) { (grouped(&costs.to_string())) }
                    @if costs == 1 { " cost names" } @else { " costs name" }
                    " neither a customer nor a work. No customer\u{2019}s margin has it before somebody says whose it is."
                }
                (command("piecework cost unassigned"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::waits;

    #[test]
    fn a_wait_is_told_in_its_largest_whole_unit() {
        for (minutes, told) in [
            (0, "0\u{a0}minutes"),
            (1, "1\u{a0}minute"),
            (59, "59\u{a0}minutes"),
            (60, "1\u{a0}hour"),
            (1_439, "23\u{a0}hours"),
            (1_440, "1\u{a0}day"),
            (2_879, "1\u{a0}day"),
            (2_880, "2\u{a0}days"),
        ] {
            assert_eq!(waits(minutes), told);
        }
    }
}
