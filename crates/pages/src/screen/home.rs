//! Home: a month as four meters around its work unit, the months before it, and where every figure leads.

use jiff::civil::Date;
use maud::{Markup, html};
use money::Amount;

use super::at;
use super::frame::framed;
use crate::format::{
    clean, counted, foreign, id, money, money_or_unknown, money_with_currency, number,
};
use crate::section;
use crate::view::{Frame, Home, HomeMonth};

/// The first page of whoever sells.
#[must_use]
pub fn home(frame: &Frame, model: &Home) -> String {
    framed(
        frame,
        &html! {
            (turning(model))
            (notices(model))
            (section::meters(&model.meters, "meters"))
            (leads(model))
            (units(model))
            (months(model))
            (customers(model))
            (section::reader(&model.reader, &frame.places))
        },
    )
}

/// The way to the months before and after.
fn turning(model: &Home) -> Markup {
    let before = model.month.yesterday().ok().map(Date::first_of_month);
    let after = model.month.last_of_month().tomorrow().ok();
    let after = after.filter(|_| !model.is_running);
    html! {
        nav.papers aria-label="Months" {
            @if let Some(before) = before { a href=(at::home(&word(before), "")) rel="prev" { (name(before)) } }
            a href=(at::home(&word(model.month), "")) aria-current="page" { (name(model.month)) }
            @if let Some(after) = after { a href=(at::home(&word(after), "")) rel="next" { (name(after)) } }
            @if !model.is_running { a href="/" { "The month that runs" } }
        }
    }
}

fn notices(model: &Home) -> Markup {
    html! {
        @if model.customers_behind > 0 {
            p.notice {
                strong { (counted(model.customers_behind, "customer is", "customers are")) " asked again" }
                " what they are charged. Until then what was known last is in the sums, and nothing of whoever was not asked yet; "
                (counted(model.customers_in, "customer is", "customers are")) " in them now."
            }
        }
        @if model.customers_failed > 0 {
            p.notice.alarm {
                strong { (counted(model.customers_failed, "customer", "customers")) " cannot be summed" }
                ": an amount does not fit, or a log cannot be read. They are in no sum of charges; the customer\u{2019}s own screen says why."
            }
        }
        @if !model.others.is_empty() {
            p.notice {
                "Charged in other currencies, and in no sum here: "
                @for (index, own) in model.others.iter().enumerate() {
                    @if index > 0 { ", " }
                    (money_with_currency(*own))
                }
                "."
            }
        }
    }
}

/// Each figure with what it is made of.
fn leads(model: &Home) -> Markup {
    let meters = &model.meters;
    let work = &meters.work;
    let customer = model.customer.as_deref().unwrap_or_default();
    let charges = match &model.customer {
        Some(customer) => at::customer(customer),
        None => at::CUSTOMERS.to_owned(),
    };
    let month = word(model.month);
    let until = model.month.last_of_month().tomorrow().ok();
    let until = until.map(|day| day.to_string()).unwrap_or_default();
    let from = model.month.to_string();
    let works = |state: &str| {
        let fields = [
            ("state", state),
            ("unit", &work.unit),
            ("from", &from),
            ("until", &until),
        ];
        at::works_narrowed(customer, &fields)
    };
    html! {
        section.sheet aria-labelledby="leads" {
            h2 id="leads" { "Where the figures come from" }
            div.scroll { table {
                caption { "Charges by the month in which the contract\u{2019}s period begins; works and costs by days in UTC" }
                thead { tr {
                    th scope="col" { "Figure" } th.right scope="col" { "How much" } th scope="col" { "What it is made of" }
                } }
                tbody {
                    tr {
                        th scope="row" { @if model.is_running { "Charged so far" } @else { "Charged" } }
                        td.right { (money_with_currency(meters.charged)) }
                        td { a href=(charges) { "The customers and their statements" } }
                    }
                    tr {
                        th scope="row" { "Works that count" }
                        td.right { (number(work.counted)) }
                        td { a href=(works("counted")) { "Those opened in the month that count" } }
                    }
                    tr {
                        th scope="row" { "Works that are pending" }
                        td.right { (number(work.pending)) }
                        td { a href=(works("pending")) { "Those that wait, and until when" } }
                    }
                    tr {
                        th scope="row" { "Works that do not count" }
                        td.right { (number(work.not_counted)) }
                        td { a href=(works("not_counted")) { "Each with the reason" } }
                    }
                    tr {
                        th scope="row" { "Works taken back" }
                        td.right { (number(work.reversed)) }
                        td { a href=(works("reversed")) { "Each with the fact that took it back" } }
                    }
                    tr {
                        th scope="row" { "All costs" }
                        td.right { (money_or_unknown(meters.margin.map(|_| meters.cost))) }
                        td { a href=(at::margin(customer, &month)) { "From price to margin, line by line" } }
                    }
                    tr {
                        th scope="row" { "Vendor margin" }
                        td.right { (money_or_unknown(meters.margin)) }
                        td { a href=(at::margin(customer, &month)) { "By customer, class and month" } }
                    }
                    tr {
                        th scope="row" { "What the work unit is" }
                        td.right { (id(&work.unit)) }
                        td { a href=(at::DEFINITIONS) { "The definitions, in plain English" } }
                    }
                }
            } }
            p.quiet.small {
                "A work counts in the month in which it did, and is listed by the month in which it was opened. What is "
                "charged has what a period that runs has accrued; the margin has what is owed."
            }
        }
    }
}

/// The other work units, where there are several.
fn units(model: &Home) -> Markup {
    html! {
        @if model.units.len() > 1 {
            section.sheet aria-labelledby="units" {
                h2 id="units" { "Work units of the month" }
                div.scroll { table {
                    thead { tr { th scope="col" { "Definition" } th.right scope="col" { "Counted" } } }
                    tbody { @for own in &model.units { tr {
                        th scope="row" {
                            @if own.unit == model.meters.work.unit { (id(&own.unit)) span.hint { "in the middle above" } }
                            @else { a href=(at::home(&word(model.month), &own.unit)) { (id(&own.unit)) } }
                        }
                        td.right { (number(own.counted)) }
                    } } }
                } }
            }
        }
    }
}

fn months(model: &Home) -> Markup {
    html! {
        section.sheet aria-labelledby="months" {
            h2 id="months" { "Month by month" }
            div.scroll tabindex="0" role="group" aria-label="Month by month" { table {
                caption { "Amounts in " (model.meters.charged.currency()) ", works of every definition" }
                thead { tr {
                    th scope="col" { "Month" }
                    th.right scope="col" { "Access" } th.right scope="col" { "Usage" }
                    th.right scope="col" { "Outcome" } th.right scope="col" { "Risk" }
                    th.right scope="col" { "Charged" } th.right scope="col" { "Before" }
                    th.right scope="col" { "Works counted" } th.right scope="col" { "Cost" }
                } }
                tbody { @for (index, own) in model.months.iter().enumerate() {
                    (one_month(own, model.months.get(index + 1)))
                } }
            } }
            @if model.months.iter().any(|own| own.is_cost_least) {
                p.quiet.small { "\u{2265}: some costs of the month claim no amount, or one in another currency, and are not in its sum; the margin asks model costs and rates of exchange for them." }
            }
        }
    }
}

fn one_month(own: &HomeMonth, before: Option<&HomeMonth>) -> Markup {
    html! {
        tr {
            th scope="row" { a href=(at::home(&word(own.month), "")) { (name(own.month)) } }
            td.right { (money(own.access)) }
            td.right { (money(own.usage)) }
            td.right { (money(own.outcome)) }
            td.right { (money(own.risk)) }
            td.right { (money(own.charged)) }
            td.right { (change(own.charged, before)) }
            td.right { (number(own.counted)) }
            td.right { @if own.is_cost_least { "\u{2265}\u{a0}" } (money_or_unknown(own.cost)) }
        }
    }
}

/// By how much more a month was charged than the one before.
fn change(charged: Amount, before: Option<&HomeMonth>) -> Markup {
    let change = before.and_then(|before| charged.minus(before.charged).ok());
    html! {
        @match change {
            Some(own) if own.is_zero() => span.none { "the same" },
            Some(own) => { @if !own.is_negative() { "+" } (money(own)) },
            None => span.none { "\u{2014}" },
        }
    }
}

fn customers(model: &Home) -> Markup {
    html! {
        @if !model.customers.is_empty() {
            section.sheet aria-labelledby="largest" {
                h2 id="largest" { "Charged most in the month" }
                div.scroll { table {
                    thead { tr {
                        th scope="col" { "Customer" } th.right scope="col" { "Charged, " (model.meters.charged.currency()) }
                        th scope="col" { "More" }
                    } }
                    tbody { @for own in &model.customers { tr {
                        th scope="row" {
                            a href=(at::customer(&own.customer)) { (foreign(&own.name)) }
                            @if own.name != own.customer { span.hint { (foreign(&own.customer)) } }
                        }
                        td.right { (money(own.charged)) }
                        td {
                            a href=(at::margin(&own.customer, &word(model.month))) aria-label={ "margin of " (clean(&own.name)) } { "margin" }
                            " \u{b7} "
                            a href=(at::works_of(&own.customer)) aria-label={ "works of " (clean(&own.name)) } { "works" }
                        }
                    } } }
                } }
                p.more { a href=(at::CUSTOMERS) { "All customers" } }
            }
        }
    }
}

/// A month as addresses have it.
fn word(month: Date) -> String {
    month.strftime("%Y-%m").to_string()
}

fn name(month: Date) -> String {
    month.strftime("%B %Y").to_string()
}
