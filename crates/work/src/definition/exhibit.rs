//! A definition as plain English: the data of the annex that both parties sign.
//!
//! Sentences, not layout: a front end prints them. The edge cases are not written by anybody: they
//! are what [`crate::settle`] makes of the definition, so the annex cannot promise what the engine
//! does not do.

pub use super::edge_cases::EdgeCase;
use super::edge_cases::edge_cases;
use super::english::{clause, happens, length};
use super::{Counterfactual, DecidedBy, Definition, Split, Then, WorkValue};
use crate::body::Verdict;
use crate::{Digest, Span};

/// The annex of a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exhibit {
    /// The definition's id.
    pub id: String,
    /// The digest of the document's text: what the signatures name.
    pub digest: Digest,
    /// The sections, in the order of reading.
    pub sections: Vec<Section>,
    /// Ten edge cases, answered by settlement.
    pub cases: Vec<EdgeCase>,
}

/// One section of the annex.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// The heading.
    pub heading: &'static str,
    /// The sentences.
    pub sentences: Vec<String>,
}

/// How the line of the plain text begins that names the definition.
pub const DIGEST_LINE: &str = "Digest of the definition: ";

impl Exhibit {
    /// The annex as plain text: what a buyer acknowledges by its digest.
    #[must_use]
    pub fn plain(&self) -> String {
        let mut text = format!("Exhibit: {}\n{DIGEST_LINE}{}\n\n", self.id, self.digest);
        for section in &self.sections {
            text.push_str(section.heading);
            text.push('\n');
            for sentence in &section.sentences {
                text.push_str(&format!("  {sentence}\n"));
            }
            text.push('\n');
        }
        text.push_str("Edge cases\n");
        for (number, case) in (1..).zip(&self.cases) {
            text.push_str(&format!(
                "  {number}. {}\n     {}\n",
                case.question, case.answer
            ));
        }
        text
    }
}

/// The annex of a definition.
#[must_use]
pub fn exhibit(definition: &Definition) -> Exhibit {
    let sections = [
        ("What is sold", what_is_sold(definition)),
        ("When it counts", when_it_counts(definition)),
        (
            "What happens after it counted",
            what_happens_after(definition),
        ),
        ("Who decides", who_decides(definition)),
        ("Evidence", evidence(definition)),
        ("Dispute", dispute(definition)),
        ("How it is undone", rollback(definition)),
    ];
    Exhibit {
        id: definition.id.clone(),
        digest: definition.digest,
        sections: sections
            .into_iter()
            .map(|(heading, sentences)| Section { heading, sentences })
            .collect(),
        cases: edge_cases(definition),
    }
}

/// `a`, `a and b`, `a, b and c`.
fn list<T: AsRef<str>>(items: &[T], word: &str) -> String {
    let items: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
    match items.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, first)) => format!("{} {word} {last}", first.join(", ")),
        None => String::new(),
    }
}

fn quoted(names: &[String]) -> Vec<String> {
    names.iter().map(|name| format!("`{name}`")).collect()
}

fn what_is_sold(definition: &Definition) -> Vec<String> {
    let keys: Vec<&str> = definition
        .one_per
        .key
        .iter()
        .map(|header| header.name())
        .collect();
    let key = list(&keys, "and");
    let mut sentences = vec![format!(
        "One unit of work, `{}`, answers the question: {}",
        definition.id, definition.question
    )];
    sentences.push(match definition.one_per.split {
        Split::None => format!("At most one unit counts for each {key}."),
        Split::Reopen => format!(
            "For each {key} one unit begins when the work opens, and another with every reopening."
        ),
        Split::WindowFromStart(span) => format!(
            "For each {key} a unit holds what happens within {} of its beginning; what comes later begins another.",
            length(span)
        ),
        Split::WindowIdle(span) => format!(
            "For each {key} a unit ends when nothing happened for {}; what comes later begins another.",
            length(span)
        ),
    });
    if let Some(only) = &definition.only {
        sentences.push(format!(
            "Only events with {} are looked at; the others are excluded, and listed.",
            clause(only)
        ));
    }
    sentences.push(match &definition.value {
        WorkValue::PerUnit(amount) => {
            format!("The parties agree that a counted unit is worth {amount} to the buyer.")
        }
        WorkValue::Measured => "The value of a unit is measured, event by event.".to_owned(),
        WorkValue::Unstated => "The parties do not state what a unit is worth.".to_owned(),
    });
    sentences.push(format!("{} answers for this definition.", definition.owner));
    sentences
}

fn when_it_counts(definition: &Definition) -> Vec<String> {
    let mut sentences: Vec<String> = definition
        .counts
        .iter()
        .map(|class| {
            format!(
                "A unit counts as `{}` as soon as {}.",
                class.name,
                clause(&class.when)
            )
        })
        .collect();
    if definition.counts.len() > 1 {
        let names: Vec<String> = definition
            .counts
            .iter()
            .map(|class| format!("`{}`", class.name))
            .collect();
        sentences.push(format!(
            "It counts at the first instant at which one of these holds; where several hold at that instant, the first of {} decides.",
            list(&names, "and")
        ));
    }
    if let Some(span) = definition.upgrade_within {
        sentences.push(format!(
            "Within {} of counting, a unit moves to a class that stands earlier in this list if that class comes to hold.",
            length(span)
        ));
    }
    if !definition.evidence.gate.is_empty() {
        sentences.push(format!(
            "Nothing counts before evidence of {} is attached.",
            list(&quoted(&definition.evidence.gate), "and")
        ));
    }
    sentences.push(format!(
        "A unit that has not counted when nothing happened for {} does not count. If something happens after all, it is looked at again, with everything that happened before.",
        length(definition.abandon_after)
    ));
    sentences.push(
        "Of what carries the same time, reopening, rejecting, handing over, a person's reply and asking come before answering, verifying, confirming and closing; a period of silence or of time ends after everything that happens at its last instant."
            .to_owned(),
    );
    sentences
}

fn what_happens_after(definition: &Definition) -> Vec<String> {
    let mut sentences: Vec<String> = definition
        .after
        .iter()
        .map(|after| {
            let when = match after.within {
                Span::Forever => "at any time after the unit counted".to_owned(),
                span => format!("within {} of the count", length(span)),
            };
            let happens = happens(&after.on);
            match after.then {
                Then::Reverse if after.again => format!(
                    "If {happens} {when}, the count is taken back, and the unit may count again."
                ),
                Then::Reverse => {
                    format!("If {happens} {when}, the count is taken back for good.")
                }
                Then::NewUnit => {
                    format!("If {happens} {when}, another unit begins, and the counted one stands.")
                }
                Then::Partial(share) => {
                    format!("If {happens} {when}, only {share} of the unit still counts.")
                }
                Then::Ignore => format!("If {happens} after the unit counted, nothing changes."),
            }
        })
        .collect();
    if definition.after.len() > 1 {
        sentences.push("The first of these rules that fits decides.".to_owned());
    }
    sentences.push(
        "A count that was taken back leaves the period in which it was made. Whatever else happens after the count changes nothing; it is kept, and listed."
            .to_owned(),
    );
    sentences
}

fn who_decides(definition: &Definition) -> Vec<String> {
    let Some(attribution) = &definition.attribution else {
        return vec![
            "The parties have not decided who controls the work and who decides that it counts."
                .to_owned(),
        ];
    };
    let decides = match attribution.decided_by {
        DecidedBy::Seller => "the seller's own systems",
        DecidedBy::Customer => "the buyer or its customers",
        DecidedBy::ThirdParty => "a third party",
    };
    let against = match attribution.counterfactual {
        Counterfactual::Holdout => "cases that are withheld from the software at random",
        Counterfactual::Staggered => "places where the software was introduced at another time",
        Counterfactual::InterruptedTimeSeries => {
            "the course of the same measure before the software"
        }
        Counterfactual::BeforeAfter => "the time before the software",
        Counterfactual::Assumed => "nothing: the difference that the software makes is assumed",
    };
    let mut sentences = vec![
        format!(
            "The product controls these steps: {}.",
            list(&attribution.controls, "and")
        ),
        format!("The fact that decides comes from {decides}."),
        format!("The work is compared with {against}."),
    ];
    if let Some(steps) = &attribution.steps {
        let all = format!("The steps of the job: {}.", list(steps, "and"));
        sentences.insert(0, all);
    }
    if let Some(share) = attribution.human_touched_share_at_most {
        sentences.push(format!(
            "People touch at most a share of {share} of the counted units."
        ));
    }
    sentences
}

fn evidence(definition: &Definition) -> Vec<String> {
    let mut sentences = Vec::new();
    if !definition.evidence.gate.is_empty() {
        sentences.push(format!(
            "Every counted unit carries {}.",
            list(&quoted(&definition.evidence.gate), "and")
        ));
    }
    if !definition.evidence.expected.is_empty() {
        sentences.push(format!(
            "Of {} the share of counted units that carries it is reported.",
            list(&quoted(&definition.evidence.expected), "and")
        ));
    }
    sentences
}

fn dispute(definition: &Definition) -> Vec<String> {
    let dispute = &definition.dispute;
    let verdict = match dispute.default {
        Verdict::Credited => "is credited",
        Verdict::Stands => "stands",
    };
    vec![
        format!(
            "The buyer may dispute a unit within {} of its count.",
            length(dispute.window)
        ),
        format!(
            "A dispute that nobody decides within {} ends by itself: the unit {verdict}.",
            length(dispute.window)
        ),
    ]
}

fn rollback(definition: &Definition) -> Vec<String> {
    let rollback = &definition.rollback;
    vec![
        format!(
            "A unit that should not have counted is made good by: {}.",
            rollback.remedy
        ),
        format!("The work itself is undone so: {}.", rollback.undo),
        match rollback.window {
            Span::Forever => format!("{} approves it; there is no time limit.", rollback.approver),
            window => format!(
                "{} approves it, within {}.",
                rollback.approver,
                length(window)
            ),
        },
    ]
}
