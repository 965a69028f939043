//! The customers' shared logs: how long each is, and how much of it is signed.

use maud::{Markup, html};

use super::at;
use super::frame::framed;
use super::listing::older;
use crate::format::{foreign, grouped, id};
use crate::view::{Frame, LogRow};

/// A page of the logs, by customer; `next` is the address of the page after it.
#[must_use]
pub fn logs(frame: &Frame, rows: &[LogRow], next: Option<&str>) -> String {
    framed(
        frame,
        &html! {
            section.sheet {
                @if rows.is_empty() {
                    p.empty { "There is no log yet. A customer\u{2019}s begins with its first event, or its first contract." }
                } @else {
                    p.lead {
                        "The buyer reads these too. A signed head is the seller\u{2019}s word that the entries under it \
                         stay as they are: whoever holds one can show it if they do not."
                    }
                    div.scroll {
                        table {
                            thead { tr {
                                th scope="col" { "Customer" }
                                th.right scope="col" { "Entries" }
                                th.right scope="col" { "Signed" }
                                th.right scope="col" { "Not yet signed" }
                                th scope="col" { "Name of the log" }
                            } }
                            tbody { @for row in rows { (log(row)) } }
                        }
                    }
                    (older(next))
                }
                p { a href=(at::VERIFY) { "Check a proof file" } }
            }
        },
    )
}

fn log(row: &LogRow) -> Markup {
    let head = |size: u64| {
        let customer = at::segment(&row.customer);
        format!("/v1/customers/{customer}/checkpoints/{size}")
    };
    let unsigned = row.entries.saturating_sub(row.signed.unwrap_or(0));
    html! {
        tr {
            th scope="row" {
                a href=(at::customer(&row.customer)) { (foreign(&row.name)) }
                @if row.name != row.customer { span.hint { (foreign(&row.customer)) } }
            }
            td.right.number { (grouped(&row.entries.to_string())) }
            td.right.number {
                @match row.signed {
                    Some(size) => a href=(head(size)) { (grouped(&size.to_string())) },
                    None => "no head",
                }
            }
            td.right.number { (grouped(&unsigned.to_string())) }
            td { (id(&row.origin)) }
        }
    }
}
