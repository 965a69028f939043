//! What an `[[event]]` may say: the keys of every event type, and the words they take.

use work::body::{AnswerKind, AskKind, CheckResult, CostLine, Kind, ReviewResult, Verdict};

/// What a value must look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Any text.
    Text,
    /// One of [`words`].
    Word,
    /// A decimal number.
    Number,
    /// A number, a space and a currency.
    Amount,
    /// `true` or `false`.
    Flag,
    /// An instant, in the event's `time_format`.
    Time,
}

/// A key of an event type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) form: Form,
    pub(crate) required: bool,
}

const fn may(name: &'static str, form: Form) -> Field {
    Field {
        name,
        form,
        required: false,
    }
}

const fn must(name: &'static str, form: Form) -> Field {
    Field {
        name,
        form,
        required: true,
    }
}

/// The event types that a map may make: facts. Control entries are written by piecework itself, and
/// corrections name digests that no foreign file knows.
pub(crate) const KINDS: &[Kind] = &[
    Kind::Opened,
    Kind::Asked,
    Kind::Answered,
    Kind::Confirmed,
    Kind::Rejected,
    Kind::Verified,
    Kind::Escalated,
    Kind::HumanReplied,
    Kind::Overridden,
    Kind::Reopened,
    Kind::Closed,
    Kind::Rated,
    Kind::Valued,
    Kind::Disputed,
    Kind::DisputeDecided,
    Kind::Reviewed,
    Kind::CostRecorded,
    Kind::Usage,
    Kind::SeatAssigned,
    Kind::SeatReleased,
    Kind::Baseline,
    Kind::Evidence,
];

/// The keys of an event type, beside those that every type has.
pub(crate) const fn fields(kind: Kind) -> &'static [Field] {
    match kind {
        Kind::Asked => const { &[may("kind", Form::Word)] },
        Kind::Answered => {
            const {
                &[
                    may("kind", Form::Word),
                    may("confidence", Form::Number),
                    may("review", Form::Text),
                ]
            }
        }
        Kind::Rejected | Kind::Closed | Kind::Disputed => const { &[may("reason", Form::Text)] },
        Kind::Verified => const { &[must("result", Form::Word), must("check", Form::Text)] },
        Kind::Escalated => const { &[may("configured", Form::Flag)] },
        Kind::HumanReplied => const { &[may("visible", Form::Flag), may("minutes", Form::Number)] },
        Kind::Overridden => const { &[may("minutes", Form::Number)] },
        Kind::Rated => const { &[must("score", Form::Number)] },
        Kind::Valued => const { &[must("amount", Form::Amount)] },
        Kind::DisputeDecided => const { &[must("verdict", Form::Word)] },
        Kind::Reviewed => {
            const {
                &[
                    must("result", Form::Word),
                    may("edit_share", Form::Number),
                    may("minutes", Form::Number),
                ]
            }
        }
        Kind::CostRecorded => {
            const {
                &[
                    must("line", Form::Word),
                    may("amount", Form::Amount),
                    may("credit", Form::Flag),
                    may("provider", Form::Text),
                    may("model", Form::Text),
                    may("tokens.input", Form::Number),
                    may("tokens.cache_read", Form::Number),
                    may("tokens.cache_write", Form::Number),
                    may("tokens.output", Form::Number),
                    may("tokens.reasoning", Form::Number),
                    may("tokens.input_audio", Form::Number),
                    may("tokens.output_audio", Form::Number),
                    may("agent", Form::Text),
                    may("agent_version", Form::Text),
                    may("note", Form::Text),
                ]
            }
        }
        Kind::Usage => {
            const {
                &[
                    must("meter", Form::Text),
                    may("quantity", Form::Number),
                    may("amount", Form::Amount),
                    may("item", Form::Text),
                ]
            }
        }
        Kind::SeatAssigned | Kind::SeatReleased => const { &[must("seat", Form::Text)] },
        Kind::Baseline => {
            const {
                &[
                    must("measure", Form::Text),
                    must("value", Form::Number),
                    may("observations", Form::Number),
                    must("from", Form::Time),
                    must("until", Form::Time),
                ]
            }
        }
        Kind::Evidence => {
            const {
                &[
                    must("name", Form::Text),
                    must("commitment", Form::Text),
                    may("media_type", Form::Text),
                ]
            }
        }
        _ => &[],
    }
}

/// The words that a key of form [`Form::Word`] takes.
pub(crate) fn words(kind: Kind, key: &str) -> Vec<&'static str> {
    fn first<T>(words: &'static [(&'static str, T)]) -> Vec<&'static str> {
        words.iter().map(|(word, _)| *word).collect()
    }
    match (kind, key) {
        (Kind::Asked, "kind") => first(AskKind::WORDS),
        (Kind::Answered, "kind") => first(AnswerKind::WORDS),
        (Kind::Verified, "result") => first(CheckResult::WORDS),
        (Kind::DisputeDecided, "verdict") => first(Verdict::WORDS),
        (Kind::Reviewed, "result") => first(ReviewResult::WORDS),
        (Kind::CostRecorded, "line") => first(CostLine::WORDS),
        _ => Vec::new(),
    }
}

/// The keys that every event has, and that the top level and a `[[file]]` may set for all of theirs.
pub(crate) const SHARED: &[&str] = &[
    "source",
    "customer",
    "id",
    "time",
    "time_format",
    "zone",
    "work",
    "authorship",
    "traceparent",
];
