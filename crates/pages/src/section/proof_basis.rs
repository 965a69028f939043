//! Of the proof report: what it rests on: definitions and the buyer's signature, samples and verdicts.

use maud::{Markup, html};

use super::proof_report::{again, entries, scroll, sheet};
use crate::format::{count, counted, day, foreign, id, prose};
use crate::view::{Acknowledged, AttributionTold, Counting, ProofReport, Sample};

pub(super) fn counting(model: &ProofReport) -> Markup {
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
            (attribution(own.attribution.as_ref()))
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

/// Whose the outcome is, with every finding.
fn attribution(own: Option<&AttributionTold>) -> Markup {
    html! {
        h4 { "Whose the outcome is" }
        @match own {
            None => p { "Undecided: the definition says nothing of it." },
            Some(own) => {
                p {
                    @match own.verdict.as_str() {
                        "defensible" => { strong { "Defensible." } " Every finding says that it is the product\u{2019}s." }
                        "shared" => { strong { "Shared." } " It is of the product and of others, or it is not shown that it is the product\u{2019}s alone." }
                        _ => { strong { "Not shown." } " It cannot be shown that it is the product\u{2019}s." }
                    }
                    " Derived from the definition and from the works that count now; the weakest finding decides."
                }
                ul {
                    @for finding in &own.findings {
                        li {
                            (prose(&finding.says)) ": " (finding.supports)
                            @if finding.is_reason && own.verdict != "defensible" { " \u{2014} a reason" }
                            @if finding.breaks_what_was_agreed { " \u{2014} " strong { "surely more than the definition says" } }
                        }
                    }
                }
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

pub(super) fn samples(model: &ProofReport) -> Markup {
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
