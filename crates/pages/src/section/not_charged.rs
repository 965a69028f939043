//! Beside the total: what was waived, and whose facts decided the money.

use maud::{Markup, html};
use money::{Amount, Currency};
use work::event::Authorship;

use super::evidence::tag;
use super::statement::cell_name;
use crate::format::{author, coins, money, money_with_currency, number, percent, prose, share};
use crate::geometry::length;
use crate::svg::{Figure, shares};
use crate::view::{AuthorshipShare, BySignature, Statement, WaivedCell};

/// Owed, and not charged.
pub(super) fn waived(cells: &[WaivedCell], currency: Currency) -> Markup {
    html! {
        @if !cells.is_empty() {
            section {
                table {
                    caption { "Waived: owed, not charged" }
                    thead {
                        tr {
                            th scope="col" { "What and why" }
                            th.right scope="col" { "Amount, " (currency) }
                        }
                    }
                    tbody {
                        @for waived in cells {
                            tr {
                                td { (prose(&waived.reason)) span.hint { (cell_name(&waived.cell)) } }
                                td.right { (money(waived.amount)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The trust headline of a statement: whose facts decided the money.
pub(super) fn who_decided(model: &Statement, id: &str) -> Markup {
    html! {
        @if !model.authorship.is_empty() {
            section {
                h3 { "Who decided" }
                p.quiet.small { "The money of counted work, by the author of the fact that made it count." }
                (authorship(&model.authorship, model.currency, &format!("{id}-authorship")))
                @if let Some(agreed) = model.agreed { (agreed_alone(agreed)) }
            }
        }
    }
}

/// Money by who decided it, as a bar with its key, its numbers, and what the buyer's part rests on.
pub(super) fn authorship(rows: &[AuthorshipShare], currency: Currency, id: &str) -> Markup {
    let figure = Figure {
        id,
        title: "Money of counted work by who decided it".to_owned(),
        summary: rows
            .iter()
            .map(|row| {
                format!(
                    "{} {}, {}",
                    author(row.authorship),
                    coins(row.amount),
                    percent(row.share)
                )
            })
            .collect::<Vec<_>>()
            .join("; "),
        table: table(rows, currency),
    };
    let parts: Vec<(f64, &'static str)> = rows
        .iter()
        .map(|row| (length(row.share), tone(row.authorship)))
        .collect();
    html! {
        @if has_shares(rows) {
            (figure.render(&key(rows), |layout| shares(&parts, layout)))
        } @else {
            (key(rows))
        }
        @for row in rows {
            @if let Some(parts) = &row.by_signature { (by_signature(row.amount, parts)) }
        }
    }
}

/// What no fact decided.
pub(super) fn agreed_alone(agreed: Amount) -> Markup {
    html! {
        p.small.quiet {
            "The rest, " (money_with_currency(agreed)) ", was agreed, and decided by no fact."
        }
    }
}

/// How much of the buyer's part the buyer cannot deny.
fn by_signature(amount: Amount, parts: &BySignature) -> Markup {
    html! {
        p.small {
            "Of the buyer\u{2019}s " (money_with_currency(amount)) " the buyer signed "
            (money_with_currency(parts.signed)) "; for " (money_with_currency(parts.unsigned))
            " the seller\u{2019}s record says that the buyer said so, without its signature"
            @if !parts.not_at_hand.is_zero() {
                "; for " (money_with_currency(parts.not_at_hand)) " the entries are not at hand"
            }
            "."
        }
    }
}

/// Whether the amounts are parts of a whole: where one was taken back, they are not.
fn has_shares(rows: &[AuthorshipShare]) -> bool {
    !rows.iter().any(|row| row.amount.is_negative())
}

pub(super) const fn tone(authorship: Authorship) -> &'static str {
    match authorship {
        Authorship::Seller => "muted",
        Authorship::Buyer => "access",
        Authorship::ThirdParty => "outcome",
    }
}

fn key(rows: &[AuthorshipShare]) -> Markup {
    html! {
        ul.key {
            @for row in rows {
                li {
                    span class=(format!("swatch t-{}", tone(row.authorship))) {}
                    (author(row.authorship)) " "
                    @if has_shares(rows) { (percent(row.share)) ", " }
                    (money(row.amount))
                }
            }
        }
    }
}

fn table(rows: &[AuthorshipShare], currency: Currency) -> Markup {
    html! {
        table {
            thead {
                tr {
                    th scope="col" { "Decided by" }
                    th.right scope="col" { "Works" }
                    th.right scope="col" { "Amount, " (currency) }
                    th.right scope="col" { "Share" }
                }
            }
            tbody {
                @for row in rows {
                    tr {
                        th scope="row" { (tag(row.authorship)) }
                        td.right { (number(row.works)) }
                        td.right { (money(row.amount)) }
                        td.right { (share(Some(row.share))) }
                    }
                }
            }
        }
    }
}
