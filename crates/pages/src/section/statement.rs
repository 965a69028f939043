//! The billing statement, before tax, with its drill-down.

use maud::{Markup, html};
use money::Amount;

use super::{evidence, not_charged, reconciliation};
use crate::format::{
    change, command, counted, day, foreign, id, money, money_with_currency, number, prose,
    quantity, rate, zone,
};
use crate::limits::{ENTRIES_PER_LINE_MAX, FACTS_PER_WORK_MAX};
use crate::view::{
    AbsorbedEffect, Adjustment, Awaited, Cell, CellRow, Earlier, Line, Party, Period, Statement,
    Status, TierEffect,
};

/// The section.
pub(crate) fn statement(model: &Statement, id: &str) -> Markup {
    let mark = match &model.status {
        Status::Draft { .. } => "sheet statement watermark draft",
        Status::Issued { .. } => "sheet statement",
        Status::Void { .. } => "sheet statement watermark void",
    };
    html! {
        article id=(id) class=(mark) aria-labelledby=(format!("{id}-title")) {
            div.top {
                div {
                    h2 id=(format!("{id}-title")) { "Billing statement" }
                    p.quiet { "before tax \u{b7} " (model.period.label()) }
                }
                (number_box(model))
            }
            @if let Status::Draft { blocked_by: Some(reason) } = &model.status {
                p.notice { strong { "Not issuable yet. " } (prose(reason)) }
            }
            @if let Status::Void { reason, .. } = &model.status {
                p.notice.alarm { strong { "Void. " } (prose(reason)) }
            }
            div.parties {
                (party("From", &model.vendor))
                (party("To", &model.customer))
            }
            (lines(model))
            @if let Some(retained) = model.retained { (held_back(retained)) }
            @if let Some(earlier) = &model.earlier { (unstated(earlier)) }
            @for own in &model.awaited { (awaited(own)) }
            (not_charged::waived(&model.waived, model.currency))
            (not_charged::who_decided(model, id))
            section { (reconciliation::reconciliation(&model.reconciliation, model)) }
            (documents(model))
            (command(&model.command))
        }
    }
}

fn number_box(model: &Statement) -> Markup {
    html! {
        div.number-box {
            @match &model.status {
                Status::Draft { .. } => p { span.badge.draft { "DRAFT" } },
                Status::Issued { number, issued } => {
                    p { strong { (foreign(number)) } }
                    p { "issued " (day(*issued, &model.period)) }
                }
                Status::Void { number, .. } => {
                    p { span.badge.void { "VOID" } }
                    p { strong { (foreign(number)) } }
                }
            }
            p { "contract " (id(&model.contract)) }
            p { "days counted in " (zone(&model.period)) }
        }
    }
}

fn party(role: &str, party: &Party) -> Markup {
    html! {
        div {
            h3 { (role) }
            p.name { (foreign(&party.name)) }
            @for detail in &party.details { p { (foreign(detail)) } }
            p.quiet.small { (id(&party.id)) }
        }
    }
}

fn lines(model: &Statement) -> Markup {
    let mut all = model.surfaces.iter().flat_map(|group| &group.lines);
    let has_rates = all.any(|line| line.rate.is_some());
    html! {
        table.lines {
            thead {
                tr {
                    th scope="col" { "Description" }
                    th.right.wide-only scope="col" { "Quantity" }
                    th.right.wide-only scope="col" { @if has_rates { "Rate" } }
                    th.right scope="col" { "Amount, " (model.currency) }
                }
            }
            @for group in &model.surfaces {
                tbody class=(format!("surface t-{}", group.surface.word())) {
                    tr { th colspan="4" scope="rowgroup" { (group.surface.name()) } }
                    @for line in &group.lines { (row(line, &model.period)) }
                    @if group.lines.len() > 1 {
                        tr.subtotal {
                            th scope="row" { "Subtotal" }
                            td.wide-only {}
                            td.wide-only {}
                            td.right { (money(group.subtotal)) }
                        }
                    }
                }
            }
            @if !model.adjustments.is_empty() {
                tbody.surface.t-terms {
                    tr { th colspan="4" scope="rowgroup" { "Adjustments of earlier statements" } }
                    @for adjustment in &model.adjustments { (adjusted(adjustment, &model.period)) }
                }
            }
            @if !model.tier_effects.is_empty() {
                tbody.surface.t-terms {
                    tr { th colspan="4" scope="rowgroup" { "Tier effects" } }
                    @for effect in &model.tier_effects { (tier_effect(effect)) }
                }
            }
            @if !model.absorbed.is_empty() {
                tbody.surface.t-terms {
                    tr { th colspan="4" scope="rowgroup" { "Absorbed changes" } }
                    @for effect in &model.absorbed { (absorbed(effect)) }
                }
            }
            @if model.surfaces.is_empty() && model.adjustments.is_empty() {
                tbody { tr { td.quiet colspan="4" { "Nothing is charged in this period." } } }
            }
            // Not a tfoot: browsers repeat that on every printed page.
            tbody.total {
                tr {
                    th scope="row" { "Total, before tax" }
                    td.wide-only {}
                    td.wide-only {}
                    td.right { (money_with_currency(model.total)) }
                }
                @for credit in &model.credits {
                    @if !credit.drawn.is_zero() {
                        (after_total(&format!("Paid by credits {}", credit.credit), credit.drawn.negated()))
                    }
                    @if !credit.restored.is_zero() {
                        (after_total(&format!("Restored to credits {}", credit.credit), credit.restored))
                    }
                }
                @if !model.credits.is_empty() { (after_total("Payable, before tax", model.payable)) }
            }
        }
    }
}

/// What was charged and is not to be paid before it is released.
fn held_back(retained: Amount) -> Markup {
    html! {
        p.notice {
            strong { "Held back. " }
            (money_with_currency(retained))
            " of what was charged so far waits to be released, and is in no total before it is."
        }
    }
}

/// A row behind the total: what credits pay of it, and what is left.
fn after_total(what: &str, amount: Amount) -> Markup {
    html! {
        tr {
            th scope="row" { (foreign(what)) }
            td.wide-only {}
            td.wide-only {}
            td.right { (money_with_currency(amount)) }
        }
    }
}

/// What is not in the lines above, because earlier periods come first.
fn unstated(earlier: &Earlier) -> Markup {
    html! {
        p.notice {
            strong { "Not stated yet: " (earlier.period.label()) ". " }
            "It adds " (money_with_currency(earlier.amount)) " to what is issued now, "
            (money_with_currency(earlier.together)) " in all: " (id(&earlier.command))
        }
    }
}

/// What is not in the lines above, because nobody published the number that decides it.
fn awaited(own: &Awaited) -> Markup {
    html! {
        p.notice {
            strong { "Waiting: " (foreign(&own.component)) ", " (own.period.label()) ". " }
            "It has no price before the " (prose(&own.document)) " of " (foreign(&own.subject))
            " is published: " (id(&own.command))
        }
    }
}

fn row(line: &Line, period: &Period) -> Markup {
    let noun = line.noun.as_deref().unwrap_or("");
    html! {
        tr.line {
            th scope="row" {
                (foreign(&line.description))
                @if let Some(service) = &line.service { span.service { (service.label()) } }
                @if let Some(many) = line.quantity {
                    span.hint.only-narrow {
                        (quantity(many)) " " (foreign(noun))
                        @if let Some(price) = line.rate { " \u{d7} " (rate(price)) }
                    }
                }
            }
            td.right.wide-only {
                @if let Some(many) = line.quantity { (number(many)) " " span.quiet { (foreign(noun)) } }
            }
            td.right.wide-only { @if let Some(price) = line.rate { (rate(price)) } }
            td.right { (money(line.amount)) }
        }
        tr.drill {
            td colspan="4" {
                details {
                    summary { (contents(line)) }
                    div.inner {
                        @if !line.cells.is_empty() { (cells(&line.cells)) }
                        @if line.works.total > 0 {
                            h4 { "Works, with their share of the amount" }
                            (evidence::works(&line.works, period))
                        }
                        @if line.entries_total > 0 {
                            h4 { "Entries" }
                            (evidence::facts(&line.entries, ENTRIES_PER_LINE_MAX, "Entries of the line", period))
                            @if line.entries.len() <= ENTRIES_PER_LINE_MAX {
                                (evidence::rest(line.entries.len(), line.entries_total, "entry", "entries"))
                            }
                        }
                        (command(&line.command))
                    }
                }
            }
        }
    }
}

/// What is behind a line, in words.
fn contents(line: &Line) -> String {
    let mut parts = Vec::new();
    if line.cells.len() > 1 {
        parts.push(counted(line.cells.len() as u64, "part", "parts"));
    }
    if line.works.total > 0 {
        parts.push(counted(line.works.total, "work", "works"));
    }
    if line.entries_total > 0 {
        parts.push(counted(line.entries_total, "entry", "entries"));
    }
    if parts.is_empty() {
        "How this was reached".to_owned()
    } else {
        parts.join(", ")
    }
}

fn cells(rows: &[CellRow]) -> Markup {
    html! {
        div.scroll tabindex="0" role="group" aria-label="Parts of the line" {
            table.evidence.cells {
                thead {
                    tr {
                        th scope="col" { "Part" }
                        th.right scope="col" { "Quantity" }
                        th.right scope="col" { "Rate" }
                        th.right scope="col" { "Amount" }
                    }
                }
                tbody {
                    @for row in rows {
                        tr {
                            td { (cell_name(&row.cell)) }
                            td.right { @if let Some(many) = row.quantity { (number(many)) } }
                            td.right { @if let Some(price) = row.rate { (rate(price)) } }
                            td.right { (money(row.amount)) }
                        }
                    }
                }
            }
        }
    }
}

/// A cell's name in full.
pub(super) fn cell_name(cell: &Cell) -> Markup {
    html! {
        (id(&cell.component)) ", " (cell.period.label())
        @if !cell.part.is_empty() { ", " (foreign(&cell.part)) }
        @if cell.version > 1 { ", price version " (cell.version) }
    }
}

fn adjusted(adjustment: &Adjustment, period: &Period) -> Markup {
    html! {
        tr.line {
            th scope="row" {
                (foreign(&adjustment.description))
                span.hint { (cell_name(&adjustment.cell)) }
                span.hint {
                    @if let (Some(old), Some(new)) = (adjustment.old_quantity, adjustment.new_quantity) {
                        "quantity " (number(old)) " \u{2192} " (number(new)) ", "
                    }
                    "amount " (money(adjustment.old_amount)) " \u{2192} " (money(adjustment.new_amount))
                    @if let Some(origin) = &adjustment.origin { ", stated on " (foreign(origin)) }
                }
            }
            td.wide-only {}
            td.wide-only {}
            td.right { (change(adjustment.difference)) }
        }
        tr.drill {
            td colspan="4" {
                details {
                    summary {
                        "Caused by " (counted(adjustment.causes.len() as u64, "entry", "entries"))
                    }
                    div.inner {
                        @if !adjustment.works.is_empty() {
                            p.small {
                                "Works: "
                                @for (index, work) in adjustment.works.iter().take(FACTS_PER_WORK_MAX).enumerate() {
                                    @if index > 0 { ", " }
                                    (id(work))
                                }
                            }
                            (evidence::rest(
                                adjustment.works.len().min(FACTS_PER_WORK_MAX),
                                adjustment.works.len() as u64,
                                "work",
                                "works",
                            ))
                        }
                        (evidence::facts(&adjustment.causes, FACTS_PER_WORK_MAX, "Causes", period))
                        (command(&adjustment.command))
                    }
                }
            }
        }
    }
}

/// What a minimum or a cap takes back of the adjustments, so that the lines make the total.
fn absorbed(effect: &AbsorbedEffect) -> Markup {
    html! {
        tr.line {
            th scope="row" {
                "Taken up by the " (foreign(&effect.by))
                span.hint { (prose(&effect.explanation)) }
            }
            td.wide-only {}
            td.wide-only {}
            td.right { (change(effect.amount)) }
        }
    }
}

fn tier_effect(effect: &TierEffect) -> Markup {
    html! {
        tr.line {
            th scope="row" {
                (foreign(&effect.explanation))
                span.hint { (cell_name(&effect.cell)) }
            }
            td.wide-only {}
            td.wide-only {}
            td.right { (change(effect.amount)) }
        }
    }
}

fn documents(model: &Statement) -> Markup {
    html! {
        @if !model.documents.is_empty() {
            section {
                h3 { "Documents in force" }
                div.scroll tabindex="0" role="group" aria-label="Documents in force" {
                    table.evidence {
                        tbody {
                            @for document in &model.documents {
                                tr {
                                    th scope="row" { (foreign(&document.name)) }
                                    td { (id(&document.digest)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
