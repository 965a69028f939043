//! The proof report: what was done, how it was counted, who decided, and what of that is proved.
//!
//! For the buyer, and printable: every number names its entries and a command that finds them again.

use maud::{Markup, html};
use work::event::Authorship;

use super::{not_charged, proof_basis, proof_works};
use crate::format::{clean, command, count, counted, foreign, grouped, id, instant, money, prose};
use crate::limits::ENTRIES_NAMED_MAX;
use crate::view::{AuthorshipShare, Listed, Log, Note, ProofReport, Rows};

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
            (proof_works::done(model))
            (money_of(model))
            (proof_basis::counting(model))
            (proof_works::rates(model))
            (proof_basis::samples(model))
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

pub(super) fn sheet(id: &str, title: &str, body: &Markup) -> Markup {
    html! {
        article.sheet id=(id) aria-labelledby=(format!("{id}-title")) {
            header { h2 id=(format!("{id}-title")) { (title) } }
            (body)
        }
    }
}

/// The command by which the buyer finds a section's numbers and all their entries again.
pub(super) fn again(model: &ProofReport) -> Markup {
    command(&format!(
        "piecework replay {} --size {} --report --json",
        model.proof_file, model.log.size
    ))
}

/// A table that scrolls by itself where it does not fit.
pub(super) fn scroll(name: &str, table: &Markup) -> Markup {
    html! { div.scroll tabindex="0" role="group" aria-label=(name) { (table) } }
}

/// The entries behind a number: the first of them, and how many more there are.
pub(super) fn entries(own: &Listed) -> Markup {
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
