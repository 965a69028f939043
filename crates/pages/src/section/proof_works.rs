//! Of the proof report: the works, what became of them, when they counted, what happened to them.

use maud::{Markup, html};
use work::event::Authorship;

use super::not_charged;
use super::proof_report::{again, entries, scroll, sheet};
use crate::format::{author, count, counted, foreign, grouped, money_with_currency, share};
use crate::svg::{Figure, Layer, StackedRow, stacked};
use crate::view::{ProofReport, Range, Rate, Week};

pub(super) fn done(model: &ProofReport) -> Markup {
    let works: u64 = model.works.iter().map(|own| own.stated.count).sum();
    let body = html! {
        p.lead {
            (counted(works, "work", "works")) " opened or counted in the period, and the statement comes to "
            (money_with_currency(model.total)) ", before tax."
        }
        @if model.works.is_empty() { p.quiet { "No work is recorded." } } @else {
            (scroll("Works by what became of them", &works_table(model)))
        }
        p.small.quiet {
            "On the statement: as its " (count(model.log.coverage)) " entries knew them. Now: as all "
            (count(model.log.size)) " entries do. An entry is named by its position; here, those that opened the works."
        }
        (weeks(&model.weeks))
        (again(model))
    };
    sheet("done", "What was done", &body)
}

fn works_table(model: &ProofReport) -> Markup {
    html! {
        table {
            thead {
                tr {
                    th scope="col" { "Work" }
                    th.right scope="col" { "On the statement" }
                    th.right scope="col" { "Now" }
                    th scope="col" { "Entries" }
                }
            }
            tbody {
                @for row in &model.works {
                    tr {
                        th scope="row" { (foreign(&row.state)) span.hint { (foreign(&row.unit)) } }
                        td.right { (count(row.stated.count)) }
                        td.right { (count(row.now.count)) }
                        td.small { (entries(if row.now.count > 0 { &row.now } else { &row.stated })) }
                    }
                }
            }
        }
    }
}

const DECIDERS: [Authorship; 3] = [
    Authorship::Seller,
    Authorship::Buyer,
    Authorship::ThirdParty,
];

fn weeks(weeks: &[Week]) -> Markup {
    let many = |week: &Week| week.counted.iter().map(|part| part.count).sum::<u64>();
    let rows: Vec<StackedRow> = weeks
        .iter()
        .map(|week| StackedRow {
            name: format!("from {}", week.from),
            layers: week
                .counted
                .iter()
                .map(|part| Layer {
                    tone: not_charged::tone(part.authorship),
                    length: f64::from(u32::try_from(part.count).unwrap_or(u32::MAX)),
                })
                .collect(),
            mark: None,
            text: grouped(&many(week).to_string()),
            alarm: false,
        })
        .collect();
    let told = weeks
        .iter()
        .map(|week| format!("week from {}: {} counted", week.from, many(week)));
    let figure = Figure {
        id: "weeks",
        title: "Works counted, by week and by who decided".to_owned(),
        summary: told.collect::<Vec<_>>().join("; "),
        table: html! {
            table {
                thead {
                    tr {
                        th scope="col" { "Week from" }
                        @for own in DECIDERS { th.right scope="col" { (author(own)) } }
                    }
                }
                tbody {
                    @for week in weeks {
                        tr {
                            th scope="row" { (week.from) }
                            @for own in DECIDERS {
                                td.right {
                                    (count(week.counted.iter().filter(|part| part.authorship == own).map(|part| part.count).sum()))
                                }
                            }
                        }
                    }
                }
            }
        },
    };
    let key = html! {
        ul.key {
            @for own in DECIDERS {
                li { span class=(format!("swatch t-{}", not_charged::tone(own))) {} "decided by " @if own == Authorship::ThirdParty { "a " } @else { "the " } (author(own)) }
            }
        }
    };
    html! {
        @if rows.iter().any(|row| !row.layers.is_empty()) {
            section {
                h3 { "Counted, by week" }
                p.quiet.small { "In the week of its last count in the period, works that were taken back later among them." }
                (figure.render(&key, |layout| stacked(&rows, "works", layout)))
            }
        }
    }
}

pub(super) fn rates(model: &ProofReport) -> Markup {
    let body = html! {
        p.quiet {
            "Parts of wholes, both counted. The interval says what works like these would give again (Wilson, 95 %): \
             the counts themselves are of all works of the period and no sample. What nobody reviewed was not accepted \
             by anybody, and not rejected either: so reviewers\u{2019} verdicts are told over all works as well, from \
             none of the unreviewed to all of them."
        }
        (scroll("Rates", &html! {
            table {
                thead {
                    tr {
                        th scope="col" { "Part" }
                        th.right scope="col" { "Count" }
                        th scope="col" { "Of" }
                        th.right scope="col" { "Share" }
                        th.right scope="col" { "95 % interval" }
                        th.right scope="col" { "Over all works" }
                        th scope="col" { "Entries" }
                    }
                }
                tbody { @for own in &model.rates { (rate(own)) } }
            }
        }))
        (again(model))
    };
    sheet("rates", "What happened to the works", &body)
}

fn rate(own: &Rate) -> Markup {
    html! {
        tr {
            th scope="row" { (foreign(&own.part)) }
            td.right { (count(own.found.count)) }
            td { (count(own.whole)) " " (foreign(&own.of)) }
            td.right { (share(own.share)) }
            td.right { (range(own.interval)) }
            td.right { (range(own.bounds)) }
            td.small { (entries(&own.found)) }
        }
    }
}

/// `41.2 % to 57.8 %`.
fn range(own: Option<Range>) -> Markup {
    html! {
        @match own {
            Some(own) => { (share(Some(own.low))) " to " (share(Some(own.high))) },
            None => span.none { "\u{2014}" },
        }
    }
}
