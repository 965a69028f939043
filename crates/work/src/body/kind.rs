//! [`Kind`]: the name of an event type, its rank among simultaneous facts, its attributes.

use std::sync::LazyLock;

use money::Decimal;

use super::words::words;
use super::{Assurance, Body, Control};
use crate::SmolStr;

words! {
    /// The event types, by their short names.
    Kind {
        /// `work.opened`
        Opened = "work.opened",
        /// `work.asked`
        Asked = "work.asked",
        /// `work.answered`
        Answered = "work.answered",
        /// `work.confirmed`
        Confirmed = "work.confirmed",
        /// `work.rejected`
        Rejected = "work.rejected",
        /// `work.verified`
        Verified = "work.verified",
        /// `work.escalated`
        Escalated = "work.escalated",
        /// `work.human_replied`
        HumanReplied = "work.human_replied",
        /// `work.overridden`
        Overridden = "work.overridden",
        /// `work.reopened`
        Reopened = "work.reopened",
        /// `work.closed`
        Closed = "work.closed",
        /// `work.rated`
        Rated = "work.rated",
        /// `work.valued`
        Valued = "work.valued",
        /// `work.disputed`
        Disputed = "work.disputed",
        /// `work.dispute_decided`
        DisputeDecided = "work.dispute_decided",
        /// `review.recorded`
        Reviewed = "review.recorded",
        /// `cost.recorded`
        CostRecorded = "cost.recorded",
        /// `usage.recorded`
        Usage = "usage.recorded",
        /// `seat.assigned`
        SeatAssigned = "seat.assigned",
        /// `seat.released`
        SeatReleased = "seat.released",
        /// `baseline.recorded`
        Baseline = "baseline.recorded",
        /// `evidence.attached`
        Evidence = "evidence.attached",
        /// `event.corrected`
        Corrected = "event.corrected",
        /// `document.published`
        DocumentPublished = "document.published",
        /// `contract.signed`
        ContractSigned = "contract.signed",
        /// `contract.amended`
        ContractAmended = "contract.amended",
        /// `contract.ended`
        ContractEnded = "contract.ended",
        /// `contract.opened`
        ContractOpened = "contract.opened",
        /// `quote.drafted`
        QuoteDrafted = "quote.drafted",
        /// `quote.sent`
        QuoteSent = "quote.sent",
        /// `quote.accepted`
        QuoteAccepted = "quote.accepted",
        /// `quote.declined`
        QuoteDeclined = "quote.declined",
        /// `quote.withdrawn`
        QuoteWithdrawn = "quote.withdrawn",
        /// `statement.stated`
        StatementStated = "statement.stated",
        /// `statement.issued`
        StatementIssued = "statement.issued",
        /// `statement.voided`
        StatementVoided = "statement.voided",
        /// `cover.chosen`
        CoverChosen = "cover.chosen",
        /// `cover.issued`
        CoverIssued = "cover.issued",
        /// `cover.voided`
        CoverVoided = "cover.voided",
        /// `credit.issued`
        CreditIssued = "credit.issued",
        /// `credit.granted`
        CreditGranted = "credit.granted",
        /// `credit.amended`
        CreditAmended = "credit.amended",
        /// `credit.voided`
        CreditVoided = "credit.voided",
        /// `statement.credited`
        StatementCredited = "statement.credited",
        /// `payment.recorded`
        PaymentRecorded = "payment.recorded",
        /// `payment.allocated`
        PaymentAllocated = "payment.allocated",
        /// `payment.refunded`
        PaymentRefunded = "payment.refunded",
        /// `payment.voided`
        PaymentVoided = "payment.voided",
        /// `balance.written_off`
        BalanceWrittenOff = "balance.written_off",
        /// `books.locked`
        BooksLocked = "books.locked",
        /// `books.unlocked`
        BooksUnlocked = "books.unlocked",
        /// `approval.proposed`
        ApprovalProposed = "approval.proposed",
        /// `approval.decided`
        ApprovalDecided = "approval.decided",
        /// `close.recorded`
        CloseRecorded = "close.recorded",
        /// `check.waived`
        CheckWaived = "check.waived",
        /// `data.redacted`
        DataRedacted = "data.redacted",
        /// `key.published`
        KeyPublished = "key.published",
        /// `document.acknowledged`
        DocumentAcknowledged = "document.acknowledged",
        /// `sample.anchored`
        SampleAnchored = "sample.anchored",
        /// `sample.drawn`
        SampleDrawn = "sample.drawn",
    }
}

/// The value of an attribute, as conditions compare it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A word.
    Text(SmolStr),
    /// A number.
    Number(Decimal),
    /// A truth.
    Flag(bool),
}

impl Kind {
    /// The kind of a wire type such as `piecework.work.opened.v1`.
    #[must_use]
    pub fn from_wire(wire: &str) -> Option<Kind> {
        let short = wire.strip_prefix("piecework.")?.strip_suffix(".v1")?;
        Kind::WORDS
            .iter()
            .find(|(word, _)| *word == short)
            .map(|(_, kind)| *kind)
    }

    /// The wire type.
    #[must_use]
    pub fn wire(self) -> &'static str {
        static WIRES: LazyLock<Vec<String>> = LazyLock::new(|| {
            let words = Kind::WORDS.iter();
            words
                .map(|(word, _)| format!("piecework.{word}.v1"))
                .collect()
        });
        &WIRES[self as usize] // `WORDS` has every kind, in the order of the enum
    }

    /// The kind that a definition calls by this name: `opened`, `answered`, `reviewed`, ...
    ///
    /// Only facts about work have such a name.
    #[must_use]
    pub fn from_condition_name(name: &str) -> Option<Kind> {
        Kind::CONDITIONS
            .iter()
            .find(|kind| kind.condition_name() == Some(name))
            .copied()
    }

    /// The kinds that conditions may speak of.
    pub const CONDITIONS: &'static [Kind] = &[
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
        Kind::Reviewed,
        Kind::Evidence,
    ];

    /// The name that a definition calls the kind by, or `None` where conditions cannot speak of it.
    #[must_use]
    pub fn condition_name(self) -> Option<&'static str> {
        match self {
            Kind::Reviewed => Some("reviewed"),
            Kind::Evidence => Some("evidence"),
            kind if Kind::CONDITIONS.contains(&kind) => kind.word().strip_prefix("work."),
            _ => None,
        }
    }

    /// The attributes that conditions may ask of the kind, beside the shared headers.
    #[must_use]
    pub const fn attributes(self) -> &'static [&'static str] {
        match self {
            Kind::Asked => &["kind"],
            Kind::Answered => &["kind", "confidence", "review"],
            Kind::Verified => &["result", "check"],
            Kind::Escalated => &["configured"],
            Kind::HumanReplied => &["visible", "minutes"],
            Kind::Overridden => &["minutes"],
            Kind::Closed | Kind::Rejected => &["reason"],
            Kind::Rated => &["score"],
            Kind::Valued => &["amount"],
            Kind::Reviewed => &["result", "edit_share", "minutes"],
            Kind::Evidence => &["name"],
            _ => &[],
        }
    }

    /// Whether only the latest fact of the kind (of one check or evidence name) speaks, rather than any (S11).
    #[must_use]
    pub const fn latest_decides(self) -> bool {
        matches!(self, Kind::Verified | Kind::Rated | Kind::Reviewed)
    }

    /// The rank among facts of one instant (S3): facts that void, block or come from the customer
    /// stand before facts that make a work count, and those before deadlines.
    #[must_use]
    pub const fn rank(self) -> u8 {
        match self {
            Kind::Opened => 10,
            Kind::Reopened => 20,
            Kind::Rejected
            | Kind::Escalated
            | Kind::HumanReplied
            | Kind::Overridden
            | Kind::Disputed => 30,
            // A dispute is raised before it is decided.
            Kind::DisputeDecided => 35,
            Kind::Asked | Kind::Rated => 40,
            Kind::Answered => 50,
            Kind::Verified | Kind::Reviewed | Kind::Evidence | Kind::Valued => 60,
            Kind::Confirmed => 70,
            Kind::Closed => 80,
            _ => 0,
        }
    }

    /// Whether piecework itself writes the kind, so that no feed does: it is never billable.
    #[must_use]
    pub const fn is_control(self) -> bool {
        matches!(
            self,
            Kind::DocumentPublished
                | Kind::ContractSigned
                | Kind::ContractAmended
                | Kind::ContractEnded
                | Kind::ContractOpened
                | Kind::QuoteDrafted
                | Kind::QuoteSent
                | Kind::QuoteAccepted
                | Kind::QuoteDeclined
                | Kind::QuoteWithdrawn
                | Kind::StatementStated
                | Kind::StatementIssued
                | Kind::StatementVoided
                | Kind::CoverChosen
                | Kind::CoverIssued
                | Kind::CoverVoided
                | Kind::CreditIssued
                | Kind::CreditGranted
                | Kind::CreditAmended
                | Kind::CreditVoided
                | Kind::StatementCredited
                | Kind::PaymentRecorded
                | Kind::PaymentAllocated
                | Kind::PaymentRefunded
                | Kind::PaymentVoided
                | Kind::BalanceWrittenOff
                | Kind::BooksLocked
                | Kind::BooksUnlocked
                | Kind::ApprovalProposed
                | Kind::ApprovalDecided
                | Kind::CloseRecorded
                | Kind::CheckWaived
                | Kind::DataRedacted
        ) || self.is_assurance()
    }

    /// Whether the kind is about proof: a key, the buyer's signature on a document, a sample.
    #[must_use]
    pub const fn is_assurance(self) -> bool {
        matches!(
            self,
            Kind::KeyPublished
                | Kind::DocumentAcknowledged
                | Kind::SampleAnchored
                | Kind::SampleDrawn
        )
    }

    /// Whether the kind is a fact about a piece of work, which settlement reads.
    #[must_use]
    pub const fn is_about_work(self) -> bool {
        self.rank() > 0
    }
}

impl Body {
    /// The kind.
    #[must_use]
    pub const fn tag(&self) -> Kind {
        match self {
            Body::Opened => Kind::Opened,
            Body::Asked { .. } => Kind::Asked,
            Body::Answered { .. } => Kind::Answered,
            Body::Confirmed => Kind::Confirmed,
            Body::Rejected { .. } => Kind::Rejected,
            Body::Verified { .. } => Kind::Verified,
            Body::Escalated { .. } => Kind::Escalated,
            Body::HumanReplied { .. } => Kind::HumanReplied,
            Body::Overridden { .. } => Kind::Overridden,
            Body::Reopened => Kind::Reopened,
            Body::Closed { .. } => Kind::Closed,
            Body::Rated { .. } => Kind::Rated,
            Body::Valued { .. } => Kind::Valued,
            Body::Disputed { .. } => Kind::Disputed,
            Body::DisputeDecided { .. } => Kind::DisputeDecided,
            Body::Reviewed { .. } => Kind::Reviewed,
            Body::Cost(_) => Kind::CostRecorded,
            Body::Usage { .. } => Kind::Usage,
            Body::SeatAssigned { .. } => Kind::SeatAssigned,
            Body::SeatReleased { .. } => Kind::SeatReleased,
            Body::Baseline { .. } => Kind::Baseline,
            Body::Evidence { .. } => Kind::Evidence,
            Body::Corrected { .. } => Kind::Corrected,
            Body::Control(control) => match control {
                Control::DocumentPublished { .. } => Kind::DocumentPublished,
                Control::ContractSigned { .. } => Kind::ContractSigned,
                Control::ContractAmended { .. } => Kind::ContractAmended,
                Control::ContractEnded { .. } => Kind::ContractEnded,
                Control::ContractOpened { .. } => Kind::ContractOpened,
                Control::Quote(entry) => entry.tag(),
                Control::StatementStated { .. } => Kind::StatementStated,
                Control::StatementIssued { .. } => Kind::StatementIssued,
                Control::StatementVoided { .. } => Kind::StatementVoided,
                Control::Cover(entry) => entry.tag(),
                Control::CreditIssued { .. } => Kind::CreditIssued,
                Control::CreditGranted(_) => Kind::CreditGranted,
                Control::CreditAmended(_) => Kind::CreditAmended,
                Control::CreditVoided { .. } => Kind::CreditVoided,
                Control::StatementCredited { .. } => Kind::StatementCredited,
                Control::PaymentRecorded(_) => Kind::PaymentRecorded,
                Control::PaymentAllocated(_) => Kind::PaymentAllocated,
                Control::PaymentRefunded(_) => Kind::PaymentRefunded,
                Control::PaymentVoided(_) => Kind::PaymentVoided,
                Control::BalanceWrittenOff(_) => Kind::BalanceWrittenOff,
                Control::BooksLocked(_) => Kind::BooksLocked,
                Control::BooksUnlocked(_) => Kind::BooksUnlocked,
                Control::ApprovalProposed(_) => Kind::ApprovalProposed,
                Control::ApprovalDecided(_) => Kind::ApprovalDecided,
                Control::CloseRecorded(_) => Kind::CloseRecorded,
                Control::CheckWaived(_) => Kind::CheckWaived,
                Control::DataRedacted { .. } => Kind::DataRedacted,
            },
            Body::Assurance(assurance) => match assurance {
                Assurance::KeyPublished { .. } => Kind::KeyPublished,
                Assurance::DocumentAcknowledged { .. } => Kind::DocumentAcknowledged,
                Assurance::SampleAnchored { .. } => Kind::SampleAnchored,
                Assurance::SampleDrawn(_) => Kind::SampleDrawn,
            },
        }
    }

    /// The wire type.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        self.tag().wire()
    }

    /// The value of an attribute of [`Kind::attributes`], or `None` where the event does not say.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<Value> {
        let word = |word: &str| Some(Value::Text(word.into()));
        match (self, name) {
            (Body::Asked { kind }, "kind") => word(kind.word()),
            (Body::Answered { kind, .. }, "kind") => word(kind.word()),
            (Body::Answered { confidence, .. }, "confidence") => confidence.map(Value::Number),
            (Body::Answered { review, .. }, "review") => review.as_deref().and_then(word),
            (Body::Verified { result, .. }, "result") => word(result.word()),
            (Body::Verified { check, .. }, "check") => word(check),
            (Body::Escalated { configured }, "configured") => Some(Value::Flag(*configured)),
            (Body::HumanReplied { visible, .. }, "visible") => Some(Value::Flag(*visible)),
            (Body::HumanReplied { minutes, .. } | Body::Overridden { minutes }, "minutes") => {
                minutes.map(Value::Number)
            }
            (Body::Closed { reason } | Body::Rejected { reason }, "reason") => {
                reason.as_deref().and_then(word)
            }
            (Body::Rated { score }, "score") => Some(Value::Number(*score)),
            (Body::Valued { amount }, "amount") => Some(Value::Number(amount.value())),
            (Body::Reviewed { result, .. }, "result") => word(result.word()),
            (Body::Reviewed { edit_share, .. }, "edit_share") => edit_share.map(Value::Number),
            (Body::Reviewed { minutes, .. }, "minutes") => minutes.map(Value::Number),
            (Body::Evidence { name, .. }, "name") => word(name),
            _ => None,
        }
    }
}
