//! Conditions in plain English, for the annex that both parties sign.
//!
//! Every form has one wording, so that two definitions that say the same read the same. The wording
//! never says more than the condition: an attribute that has no sentence of its own is added in
//! brackets, as the document writes it.

use super::condition::{Anchor, Attribute, Condition, Literal, Op, Predicate, Scope, Test};
use crate::Span;
use crate::body::Kind;

/// A condition as a clause: "the software has answered, and nobody has replied".
#[must_use]
pub fn clause(condition: &Condition) -> String {
    match condition {
        Condition::All(parts) => joined(parts, "and"),
        Condition::Any(parts) if parts.len() == 1 => joined(parts, "or"),
        Condition::Any(parts) => format!("either {}", joined(parts, "or")),
        Condition::Not(part) => denial(part),
        Condition::Fact(predicate) => fact(predicate),
        Condition::Quiet(span, anchor) => format!(
            "{} have passed since {} without a further question, a rejection or a reply by a \
             person that the customer saw",
            length(*span),
            instant(anchor)
        ),
        Condition::Elapsed(span, anchor) => {
            format!("{} have passed since {}", length(*span), instant(anchor))
        }
        Condition::Header(test) => header(test),
    }
}

/// A span in words.
#[must_use]
pub fn length(span: Span) -> String {
    match span {
        Span::Minutes(n) => plural(n, "minute"),
        Span::Hours(n) => plural(n, "hour"),
        Span::Days(n) => plural(n, "calendar day"),
        Span::Forever => "any length of time".to_owned(),
    }
}

/// What happens, as a clause without a time: "the customer reopens the work".
#[must_use]
pub fn happens(predicate: &Predicate) -> String {
    let said = sentence(predicate);
    format!("{} {}{}", said.subject, said.present, said.rest)
}

fn plural(n: i64, unit: &str) -> String {
    if n == 1 {
        format!("1 {unit}")
    } else {
        format!("{n} {unit}s")
    }
}

fn joined(parts: &[Condition], word: &str) -> String {
    let clauses: Vec<String> = parts
        .iter()
        .map(|part| match (part, word) {
            (Condition::All(inner), "or") if inner.len() > 1 => format!("({})", clause(part)),
            (Condition::Any(inner), "and") if inner.len() > 1 => format!("({})", clause(part)),
            _ => clause(part),
        })
        .collect();
    match clauses.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, first)) => format!("{}, {word} {last}", first.join(", ")),
        None => String::new(),
    }
}

fn denial(part: &Condition) -> String {
    match part {
        Condition::Not(inner) => clause(inner),
        Condition::Fact(predicate) => {
            let said = sentence(predicate);
            let scope = scope(&predicate.scope);
            match said.subject {
                "a person" => format!("nobody {}{}{scope}", said.perfect, said.rest),
                subject => match subject.strip_prefix("a ") {
                    Some(noun) => format!("no {noun} {}{}{scope}", said.perfect, said.rest),
                    None => {
                        let denied = said.perfect.replacen("has", "has not", 1);
                        format!("{subject} {denied}{}{scope}", said.rest)
                    }
                },
            }
        }
        other => format!("it is not so that {}", clause(other)),
    }
}

fn fact(predicate: &Predicate) -> String {
    let said = sentence(predicate);
    format!(
        "{} {}{}{}",
        said.subject,
        said.perfect,
        said.rest,
        scope(&predicate.scope)
    )
}

fn scope(scope: &Scope) -> String {
    match scope {
        Scope::Episode => String::new(),
        Scope::Ever => " at any time since the work first opened".to_owned(),
        Scope::Since(anchor) => format!(" after {}", instant(anchor)),
    }
}

fn instant(anchor: &Anchor) -> String {
    let time = |which: &str, predicate: &Predicate| {
        let said = sentence(predicate);
        format!(
            "the {which} time {} {}{}{}",
            said.subject,
            said.past,
            said.rest,
            scope(&predicate.scope)
        )
    };
    match anchor {
        Anchor::Opened => "the work opened or was last reopened".to_owned(),
        Anchor::First(predicate) => time("first", predicate),
        Anchor::Last(predicate) => time("last", predicate),
    }
}

/// A fact as a sentence that can be put into any tense.
struct Sentence {
    subject: &'static str,
    perfect: String,
    past: String,
    present: String,
    /// What follows the verb, whatever its tense.
    rest: String,
}

fn sentence(predicate: &Predicate) -> Sentence {
    let mut open: Vec<&Test> = predicate.tests.iter().collect();
    // A test that the words themselves say is taken out of the bracket.
    let mut word = |name: &str| -> Option<String> {
        let index = open.iter().position(|test| {
            test.op == Op::Eq && matches!(test.attribute, Attribute::Own(own) if own == name)
        })?;
        Some(match open.remove(index).literals.first()? {
            Literal::Text(text) => text.clone(),
            other => other.to_string(),
        })
    };
    let mut ending = String::new();
    let verb = |perfect: &str, past: &str, present: &str| {
        (perfect.to_owned(), past.to_owned(), present.to_owned())
    };
    let (subject, (perfect, past, present)) = match predicate.kind {
        Kind::Asked => (
            "the customer",
            match word("kind").as_deref() {
                Some("question") => verb(
                    "has asked a question",
                    "asked a question",
                    "asks a question",
                ),
                Some("thanks") => verb("has said thanks", "said thanks", "says thanks"),
                Some("affirmation") => verb(
                    "has said that it is solved",
                    "said that it is solved",
                    "says that it is solved",
                ),
                Some("spam") => verb("has sent spam", "sent spam", "sends spam"),
                _ => verb("has written", "wrote", "writes"),
            },
        ),
        Kind::Answered => (
            "the software",
            match word("kind").as_deref() {
                Some("answer") => verb(
                    "has answered the request",
                    "answered the request",
                    "answers the request",
                ),
                Some("clarify") => verb(
                    "has asked a question back",
                    "asked a question back",
                    "asks a question back",
                ),
                Some("greeting") => verb("has greeted", "greeted", "greets"),
                Some("route") => verb(
                    "has sent the request on with its context",
                    "sent the request on with its context",
                    "sends the request on with its context",
                ),
                _ => verb("has replied", "replied", "replies"),
            },
        ),
        Kind::Confirmed => (
            "the customer",
            verb(
                "has confirmed the result",
                "confirmed the result",
                "confirms the result",
            ),
        ),
        Kind::Rejected => (
            "the customer",
            verb(
                "has rejected the result",
                "rejected the result",
                "rejects the result",
            ),
        ),
        Kind::Verified => {
            let result = word("result");
            if let Some(check) = word("check") {
                ending = format!(" (the check `{check}`)");
            }
            let verbs = match result.as_deref() {
                Some("passed") => verb(
                    "has passed the result",
                    "passed the result",
                    "passes the result",
                ),
                Some("failed") => verb(
                    "has failed the result",
                    "failed the result",
                    "fails the result",
                ),
                _ => verb(
                    "has looked at the result",
                    "looked at the result",
                    "looks at the result",
                ),
            };
            ("a check", verbs)
        }
        Kind::Escalated => {
            match word("configured").as_deref() {
                Some("true") => ending = " as the configured end of the procedure".to_owned(),
                Some(_) => ending = ", not as the configured end of the procedure".to_owned(),
                None => {}
            }
            (
                "the work",
                verb(
                    "has been handed to a person",
                    "was handed to a person",
                    "is handed to a person",
                ),
            )
        }
        Kind::HumanReplied => (
            "a person",
            match word("visible").as_deref() {
                Some("true") => verb(
                    "has replied to the customer",
                    "replied to the customer",
                    "replies to the customer",
                ),
                Some(_) => verb(
                    "has left an internal note",
                    "left an internal note",
                    "leaves an internal note",
                ),
                None => verb("has stepped in", "stepped in", "steps in"),
            },
        ),
        Kind::Overridden => (
            "a person",
            verb(
                "has replaced the result",
                "replaced the result",
                "replaces the result",
            ),
        ),
        Kind::Reopened => (
            "the customer",
            verb(
                "has reopened the work",
                "reopened the work",
                "reopens the work",
            ),
        ),
        Kind::Closed => {
            if let Some(reason) = word("reason") {
                ending = format!(" as `{reason}`");
            }
            (
                "the work",
                verb("has been closed", "was closed", "is closed"),
            )
        }
        Kind::Rated => ("the customer", verb("has rated it", "rated it", "rates it")),
        Kind::Valued => (
            "the value of the work",
            verb("has been measured", "was measured", "is measured"),
        ),
        Kind::Reviewed => (
            "a reviewer",
            match word("result").as_deref() {
                Some("accepted") => verb(
                    "has accepted the result",
                    "accepted the result",
                    "accepts the result",
                ),
                Some("edited") => verb(
                    "has edited the result",
                    "edited the result",
                    "edits the result",
                ),
                Some("rejected") => verb(
                    "has rejected the result",
                    "rejected the result",
                    "rejects the result",
                ),
                _ => verb(
                    "has reviewed the result",
                    "reviewed the result",
                    "reviews the result",
                ),
            },
        ),
        Kind::Evidence => {
            let of = word("name").map_or(String::new(), |name| format!("of `{name}` "));
            let verbs = (
                format!("{of}has been attached"),
                format!("{of}was attached"),
                format!("{of}is attached"),
            );
            ("evidence", verbs)
        }
        // `opened`; the other kinds cannot stand in conditions.
        _ => ("the work", verb("has opened", "opened", "opens")),
    };
    if !open.is_empty() {
        let tests: Vec<String> = open.iter().map(|test| header(test)).collect();
        ending += &format!(" (with {})", tests.join(" and "));
    }
    Sentence {
        subject,
        perfect,
        past,
        present,
        rest: ending,
    }
}

fn header(test: &Test) -> String {
    let name = test.attribute.name().replace('_', " ");
    let literals: Vec<String> = test
        .literals
        .iter()
        .map(|literal| match literal {
            Literal::Text(text) => format!("`{text}`"),
            other => other.to_string(),
        })
        .collect();
    let value = literals.join(" or ");
    match test.op {
        Op::Eq => format!("{name} {value}"),
        Op::In => format!("{name} {value}"),
        Op::Ne => format!("{name} other than {value}"),
        Op::Lt => format!("{name} below {value}"),
        Op::Le => format!("{name} at most {value}"),
        Op::Gt => format!("{name} above {value}"),
        Op::Ge => format!("{name} at least {value}"),
    }
}
