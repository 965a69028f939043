//! Renewal: what a contract brought so far, what speaks against going on, and what nobody knows.

use maud::{Markup, html};

use super::at;
use super::frame::framed;
use super::listing::instant;
use crate::format::{count, foreign, id, money_with_currency, number, percent, prose};
use crate::view::{Frame, RenewalCase, RenewalPeriod, Share};

/// What a contract brought a customer so far.
#[must_use]
pub fn renewal(frame: &Frame, own: &RenewalCase) -> String {
    framed(
        frame,
        &html! {
            nav.papers aria-label="Of this customer" {
                @for contract in own.contracts.iter().filter(|_| own.contracts.len() > 1) {
                    a href=(at::renewal_of(&own.customer, contract)) aria-current=[(*contract == own.contract).then_some("true")] { (id(contract)) }
                }
                a href=(at::contract(&own.customer, &own.contract)) { "The contract and its terms" }
                a href=(at::margin_of(&own.customer)) { "Its margin" }
            }
            section.sheet aria-labelledby="worth" {
                h2 id="worth" { "What it brought, and what it was charged" }
                dl.headline {
                    div { dt { "Worth at least" } dd { (known(own.value.at_least)) small { "works that the buyer\u{2019}s or a third party\u{2019}s facts decided, and nobody contests" } } }
                    div { dt { "Worth at most" } dd { (known(own.value.at_most)) small { "all that counted" } } }
                    div { dt { "Charged so far" } dd { (money_with_currency(own.stated)) small { "by the statements that stand, before tax" } } }
                    div { dt { "Ends" } dd { @match own.ends { Some(ends) => (instant(ends)), None => span.none { "no end is agreed" } } } }
                }
                p.quiet { "One work is worth: " (prose(&own.value.basis)) "." }
            }
            section.sheet aria-labelledby="risks" {
                h2 id="risks" { "What speaks against going on" }
                @if own.risks.is_empty() { p { "Nothing that is looked for was found." } }
                ul { @for risk in &own.risks { li { (prose(risk)) } } }
                p.quiet.small { "Looked for: an end within 90 days, disputes, overdue statements, a fifth less work than in the period before, more "
                    "overrides or fewer acceptances than chance explains, prepaid credits that expire within 60 days, a charge above the proved worth." }
            }
            (burn_down(own))
            section.sheet aria-labelledby="trend" {
                h2 id="trend" { "Period by period" }
                @if own.earlier > 0 { p.quiet { (count(own.earlier)) " earlier periods are not shown." } }
                (periods(own))
            }
            section.sheet aria-labelledby="unknown" {
                h2 id="unknown" { "What nobody knows" }
                ul { @for line in &own.unknown { li { (prose(line)) } } }
            }
        },
    )
}

fn known(amount: Option<money::Amount>) -> Markup {
    html! { @match amount { Some(amount) => (money_with_currency(amount)), None => span.none { "unknown" } } }
}

fn burn_down(own: &RenewalCase) -> Markup {
    html! {
        section.sheet aria-labelledby="commitment" {
            h2 id="commitment" { "What was committed" }
            @match &own.spending {
                None => p.quiet { "No period of it runs now." },
                Some(spending) => @match spending.minimum {
                    None => p { "The period that runs has no minimum to spend." },
                    Some(minimum) => dl.headline {
                        div { dt { "To be spent in " (spending.period().label()) } dd { (money_with_currency(minimum)) } }
                        div { dt { "Spent" } dd { (money_with_currency(spending.spent)) } }
                        div { dt { "Left to spend" } dd { (known(spending.remaining_minimum)) } }
                    },
                },
            }
            @if own.grants.is_empty() {
                p { "No credits were prepaid." }
            } @else {
                ul { @for grant in &own.grants { li {
                    (id(&grant.grant)) ": " (money_with_currency(grant.balance)) " left of " (money_with_currency(grant.amount))
                    @if let Some(expires) = grant.expires { ", until " (instant(expires)) " UTC" }
                } } }
            }
        }
    }
}

fn periods(own: &RenewalCase) -> Markup {
    html! {
        @if own.periods.is_empty() {
            p.empty { "It has not begun." }
        } @else {
            div.scroll tabindex="0" role="group" aria-label="Periods" {
                table {
                    thead { tr {
                        th scope="col" { "Period" }
                        th.right scope="col" { "Works" }
                        th.right scope="col" { "Counted" }
                        th.right scope="col" { "Accepted, of those reviewed" }
                        th.right scope="col" { "Overridden, of those a person saw" }
                        th.right scope="col" { "Ever disputed" }
                        th.right scope="col" { "Charged" }
                    } }
                    tbody { @for period in &own.periods { (row(own, period)) } }
                }
            }
            p.quiet.small { "Under a share, between which shares the true one lies at 95 %, by Wilson\u{2019}s interval. The last period may not be over." }
        }
    }
}

fn row(case: &RenewalCase, own: &RenewalPeriod) -> Markup {
    html! {
        tr {
            th scope="row" { (own.period.label()) @if own.period.until > case.as_of { span.hint { "runs" } } }
            td.right { (count(own.works)) }
            td.right { (number(own.counted)) }
            td.right { (share(own.accepted)) }
            td.right { (share(own.overridden)) }
            td.right { (count(own.disputed)) }
            td.right {
                @match &own.stated {
                    Some((number, amount)) => {
                        a href=(at::statement(&case.customer, number)) { (money_with_currency(*amount)) }
                        span.hint { (foreign(number)) }
                    }
                    None => span.none { "not stated" },
                }
            }
        }
    }
}

fn share(own: Share) -> Markup {
    html! {
        @match own.between {
            None => span.none { "unknown" },
            Some((low, high)) => {
                (count(own.part)) " of " (count(own.whole))
                span.hint { (percent(low)) " to " (percent(high)) }
            }
        }
    }
}
