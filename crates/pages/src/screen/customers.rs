//! Customers.

use maud::html;

use super::frame::framed;
use super::listing::{instant, older};
use crate::format::{foreign, grouped};
use crate::view::{CustomerRow, Frame};

/// A page of the customers, by id; `next` is the address of the page after it.
#[must_use]
pub fn customers(frame: &Frame, rows: &[CustomerRow], next: Option<&str>) -> String {
    framed(
        frame,
        &html! {
            section.sheet {
                @if rows.is_empty() {
                    p.empty { "There is no customer yet. One begins with its first event, or its first contract." }
                } @else {
                    div.scroll {
                        table {
                            thead { tr {
                                th scope="col" { "Customer" }
                                th scope="col" { "First event" }
                                th scope="col" { "Last event" }
                                th.right scope="col" { "Entries shared" }
                                th.right scope="col" { "Seller\u{2019}s own" }
                            } }
                            tbody {
                                @for row in rows { (customer(row)) }
                            }
                        }
                    }
                    (older(next))
                }
            }
        },
    )
}

fn customer(row: &CustomerRow) -> maud::Markup {
    html! {
        tr {
            th scope="row" {
                a href=(crate::screen::at::customer(&row.customer)) { (foreign(&row.name)) }
                @if row.name != row.customer { span.hint { (foreign(&row.customer)) } }
            }
            @match &row.seller {
                Some(own) => {
                    td { (instant(own.first)) }
                    td { (instant(own.last)) }
                    td.right.number { (grouped(&row.shared_entries.to_string())) }
                    td.right.number { (grouped(&own.seller_entries.to_string())) }
                }
                None => {
                    td {} td {}
                    td.right.number { (grouped(&row.shared_entries.to_string())) }
                    td {}
                }
            }
        }
    }
}
