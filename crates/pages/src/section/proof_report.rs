//! The proof report: what was done, how it was counted, who decided, and what of that is proved.
//!
//! For the buyer, and printable: every number names its entries and a command that finds them again.

use maud::{Markup, html};
use work::event::Authorship;

use super::not_charged;
use crate::format::{
    author, clean, command, count, counted, day, foreign, grouped, id, instant, money,
    money_with_currency, prose, share,
};
use crate::limits::ENTRIES_NAMED_MAX;
use crate::svg::{Figure, Layer, StackedRow, stacked};
use crate::view::{
    Acknowledged, AuthorshipShare, Counting, Listed, Log, Note, ProofReport, Rate, Rows, Sample,
    Week,
};

/// The body of the report.
pub(crate) fn proof_report(model: &ProofReport) -> Markup {
    html! {
        header.masthead {
            div {
                p.vendor { "Proof report for " (foreign(&model.customer)) }
                h1 { "Statement " (foreign(&model.statement)) }
            }
            p.when {
                strong { (model.period.label()) }
                br;
                "contract " (id(&model.contract))
            }
        }
        main.flow id="main" {
            @if model.is_void {
                p.notice.alarm { strong { "Void. " } "The statement was voided since: nobody owes it." }
            }
            (done(model))
            (money_of(model))
            (counting(model))
            (rates(model))
            (samples(model))
            (contested(model))
            (proved(model))
            (verify(model))
        }
        footer.colophon {
            p {
                "Made by " (foreign(&model.software)) " from the first " (count(model.log.size))
                " entries of the customer log and nothing else, known until "
                (instant(model.log.known_at, &model.period)) ". The same entries give the same page, to the byte."
            }
        }
    }
}

fn sheet(id: &str, title: &str, body: &Markup) -> Markup {
    html! {
        article.sheet id=(id) aria-labelledby=(format!("{id}-title")) {
            header { h2 id=(format!("{id}-title")) { (title) } }
            (body)
        }
    }
}

/// The command by which the buyer finds a section's numbers and all their entries again.
fn again(model: &ProofReport) -> Markup {
    command(&format!(
        "piecework replay {} --size {} --report --json",
        model.proof_file, model.log.size
    ))
}

/// A table that scrolls by itself where it does not fit.
fn scroll(name: &str, table: &Markup) -> Markup {
    html! { div.scroll tabindex="0" role="group" aria-label=(name) { (table) } }
}

/// The entries behind a number: the first of them, and how many more there are.
fn entries(own: &Listed) -> Markup {
    let shown = own.entries.iter().take(ENTRIES_NAMED_MAX);
    let named: Vec<String> = shown.map(u64::to_string).collect();
    let more = own.count.saturating_sub(named.len() as u64);
    html! {
        @if own.count == 0 { span.none { "\u{2014}" } } @else {
            (named.join(", "))
            @if more > 0 { " and " (grouped(&more.to_string())) " more" }
        }
    }
}

fn done(model: &ProofReport) -> Markup {
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

fn money_of(model: &ProofReport) -> Markup {
    let body = html! {
        p.quiet { "The money of the statement, by the author of the fact that made each work count." }
        @if model.authorship.is_empty() { p { "No fact decided any of it." } } @else {
            (not_charged::authorship(&model.authorship, model.currency, "who"))
        }
        @for row in &model.authorship {
            @if row.authorship == Authorship::Seller { (seller_alone(row)) }
        }
        @if let Some(agreed) = model.agreed { (not_charged::agreed_alone(agreed)) }
        (command(&format!(
            "piecework verify {} --json",
            model.proof_file
        )))
    };
    sheet("money", "Who decided the money", &body)
}

fn seller_alone(row: &AuthorshipShare) -> Markup {
    html! {
        p.small {
            "For " (money(row.amount)) " of it there is the seller\u{2019}s word alone. \
             Hold these works against your own records first."
        }
    }
}

fn counting(model: &ProofReport) -> Markup {
    let body = html! {
        @for own in &model.definitions { (definition(own, model)) }
        (scroll("Contract and plan", &html! {
            table.evidence {
                caption { "Contract and plan" }
                tbody {
                    @for own in &model.documents {
                        tr {
                            th scope="row" { (foreign(&own.what)) }
                            td { (id(&own.digest)) }
                            td { (signed(own.acknowledged.as_ref(), model)) }
                        }
                    }
                }
            }
        }))
        (again(model))
    };
    sheet("counting", "How it was counted", &body)
}

fn definition(own: &Counting, model: &ProofReport) -> Markup {
    html! {
        section.exhibit {
            h3 { (foreign(&own.unit)) }
            p { (signed(own.acknowledged.as_ref(), model)) }
            @for section in &own.sections {
                h4 { (foreign(&section.heading)) }
                @for sentence in &section.sentences { p { (prose(sentence)) } }
            }
            details {
                summary { (counted(own.cases.len() as u64, "edge case", "edge cases")) ", answered by the rules themselves" }
                ol {
                    @for (question, answer) in &own.cases {
                        li { (prose(question)) br; (prose(answer)) }
                    }
                }
            }
            p.small.quiet {
                "Digest of the definition " (id(&own.digest)) ", of this text as the exhibit prints it " (id(&own.exhibit)) "."
            }
        }
    }
}

fn signed(own: Option<&Acknowledged>, model: &ProofReport) -> Markup {
    html! {
        @match own {
            None => { strong { "Not signed with a key of the buyer." } }
            Some(own) => {
                strong { "Signed by the buyer" } " on " (day(own.at, &model.period)) " (" (foreign(&own.by))
                ", entry " (own.entry) ")"
                @if own.is_this_text { "." } @else {
                    ", under another text about the same definition than the one below."
                }
            }
        }
    }
}

fn rates(model: &ProofReport) -> Markup {
    let body = html! {
        p.quiet {
            "Parts of wholes, both counted; without an interval, because these are all works of the period and no sample. \
             What nobody reviewed was not accepted by anybody: it was not rejected either."
        }
        (scroll("Rates", &html! {
            table {
                thead {
                    tr {
                        th scope="col" { "Part" }
                        th.right scope="col" { "Count" }
                        th scope="col" { "Of" }
                        th.right scope="col" { "Share" }
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
            td.small { (entries(&own.found)) }
        }
    }
}

fn samples(model: &ProofReport) -> Markup {
    let body = html! {
        @if model.samples.is_empty() {
            p {
                "No sample was drawn from this statement. Nobody has looked at its works by a choice that nobody could make: "
                "what the seller or the buyer picked shows only what was picked."
            }
        } @else {
            (scroll("Samples", &samples_table(&model.samples)))
        }
        (again(model))
    };
    sheet("samples", "Samples and verdicts", &body)
}

fn samples_table(samples: &[Sample]) -> Markup {
    html! {
        table {
            thead {
                tr {
                    th scope="col" { "Sample" }
                    th.right scope="col" { "Works" }
                    th scope="col" { "Last verdict since the draw" }
                    th.right scope="col" { "Unreviewed" }
                    th.right scope="col" { "Entry" }
                }
            }
            tbody {
                @for own in samples {
                    tr {
                        th scope="row" {
                            (foreign(&own.sample))
                            span.hint {
                                @if own.method == "money" { "by money" } @else { "every work alike" }
                                ", from " (foreign(&own.stratum)) "; "
                                @if own.by_buyers_nonce { "seeded by the buyer\u{2019}s nonce" }
                                @else { "without the buyer\u{2019}s nonce: no proof that nobody picked it" }
                            }
                        }
                        td.right { (count(own.works)) }
                        td {
                            @if own.verdicts.is_empty() { span.none { "none" } }
                            @for (index, (word, found)) in own.verdicts.iter().enumerate() {
                                @if index > 0 { br; }
                                (foreign(word)) ": " (count(found.count)) " of " (count(own.works))
                                span.hint { "entries " (entries(found)) }
                            }
                        }
                        td.right { (count(own.unreviewed)) }
                        td.right { (own.entry) }
                    }
                }
            }
        }
    }
}

fn contested(model: &ProofReport) -> Markup {
    let body = html! {
        section {
            h3 { "Disputes" }
            @if model.disputes.total == 0 { p { "No work of the period was disputed." } } @else {
                (scroll("Disputes", &html! {
                    table {
                        thead {
                            tr {
                                th scope="col" { "Work" }
                                th scope="col" { "Raised" }
                                th scope="col" { "What became of it" }
                                th.right scope="col" { "Entries" }
                            }
                        }
                        tbody {
                            @for own in &model.disputes.shown {
                                tr {
                                    th scope="row" { (id(&own.work)) }
                                    td { (instant(own.raised, &model.period)) }
                                    td { (foreign(&own.outcome)) }
                                    td.right {
                                        (own.entry)
                                        @if let Some(decided) = own.decided_by { ", " (decided) }
                                    }
                                }
                            }
                        }
                    }
                }))
                (rest(&model.disputes, "dispute", "disputes"))
            }
        }
        (notes("Corrections", "Nothing in the log was corrected.", &model.corrections))
        (notes("Redactions", "No payload was deleted.", &model.redactions))
        @if model.conflicts > 0 {
            p.notice {
                (counted(model.conflicts, "identity has", "identities have"))
                " several contents and no decision: the first stands until there is one."
            }
        }
        (again(model))
    };
    sheet("contested", "Disputed, corrected, redacted", &body)
}

fn notes(title: &str, none: &str, rows: &Rows<Note>) -> Markup {
    html! {
        section {
            h3 { (title) }
            @if rows.total == 0 { p { (none) } } @else {
                ul {
                    @for own in &rows.shown {
                        li {
                            "Entry " (own.entry) " " (prose(&own.what))
                            @if let Some(why) = &own.why { ": " (foreign(why)) }
                        }
                    }
                }
                (rest(rows, "entry", "entries"))
            }
        }
    }
}

fn rest<T>(rows: &Rows<T>, one: &str, many: &str) -> Markup {
    super::evidence::rest(rows.shown.len(), rows.total, one, many)
}

fn proved(model: &ProofReport) -> Markup {
    let yes = [
        "nothing in the log was altered, removed, inserted or reordered since a head that you hold",
        "the statement follows from the log, the documents and the rules, to the byte",
        "what carries your signature was written by you",
        "this page follows from the log, to the byte",
    ];
    let no = [
        "that the work was real, or good: your own records, your signed facts, facts of third parties and samples cover that",
        "that the seller wrote down everything that speaks for you: reconcile with your own records",
        "when something happened: a time is its author\u{2019}s word, and only heads that you hold bound it",
        "that the page in front of you is untouched: replay it, or verify the file",
    ];
    let body = html! {
        div.versus {
            article { h3 { "Proved, by the proof file" } ul { @for own in yes { li { (own) } } } }
            article { h3 { "Not proved" } ul { @for own in no { li { (own) } } } }
        }
        (head(&model.log))
    };
    sheet("proved", "What is proved, and what is not", &body)
}

fn head(log: &Log) -> Markup {
    let row =
        |name: &str, value: &Markup| html! { tr { th scope="row" { (name) } td { (value) } } };
    let root: String = log.root.chars().take(12).collect();
    scroll(
        "The log",
        &html! {
            table.evidence {
                caption { "The log" }
                tbody {
                    (row("Name", &id(&log.origin)))
                    (row("Key", &id(&log.vkey)))
                    (row("Head", &html! { (count(log.size)) " entries, root " code { (root) "\u{2026}" } }))
                    (row("Issued", &html! {
                        "in entry " (log.issued) ", from the first " (count(log.coverage)) " entries; body " (id(&log.body))
                    }))
                }
            }
        },
    )
}

fn verify(model: &ProofReport) -> Markup {
    let file = clean(&model.proof_file);
    let steps = [
        (
            "Compare the key above with the one in your contract, and check the proof file under it.",
            format!("piecework verify {file} --key {}", model.log.vkey),
        ),
        (
            "Do the same with software that the seller did not write.",
            format!(
                "python3 verify_piecework.py {file} --key {}",
                model.log.vkey
            ),
        ),
        (
            "Hold it against your own records.",
            format!(
                "piecework reconcile {file} mine.csv --map map.toml --key {}",
                model.log.vkey
            ),
        ),
        (
            "Make this page again from the proof file, and compare: the digest is that of this page\u{2019}s file, as sha256sum prints it.",
            format!(
                "piecework replay {file} --size {} --report DIGEST",
                model.log.size
            ),
        ),
    ];
    let body = html! {
        ol {
            @for (what, own) in &steps {
                li { p { (what) } p { code { (own) } } }
            }
        }
    };
    sheet("verify", "How to verify it", &body)
}
