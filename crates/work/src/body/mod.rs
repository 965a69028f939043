//! [`Body`]: what happened, one variant per event type.
//!
//! The wire name of a type is `piecework.<group>.<verb>.v1`. Which log a type belongs to is decided
//! here and nowhere else (semantics.md L2).

mod approval;
mod assurance;
mod books;
mod check;
mod control;
mod cost;
mod cover;
mod credit;
mod kind;
mod payment;
mod quote;
mod stated;
mod wire;
mod words;

use jiff::Timestamp;
use money::{Amount, Decimal, Quantity};

use crate::event::LogKind;
use crate::{Digest, SmolStr};

pub use approval::{Answer, Closed, Decided, Proposed};
pub use assurance::{Acknowledged, Assurance, Draw, Holder, SampleMethod};
pub use books::Lock;
pub use check::{CheckWaived, PriceCheck};
pub use control::{Audience, Control, DocumentKind};
pub use cost::{Cost, CostLine, TokenClass, Tokens};
pub use cover::{CoverEntry, CoverPart, Per};
pub use credit::{Grant, GrantAmended, GrantScope, RESTORE_DAYS};
pub use kind::{Kind, Value};
pub use payment::{
    Allocated, Allocation, Balance, OnAccount, Payment, PaymentVoided, Refund, WriteOff,
};
pub use quote::QuoteEntry;
pub use stated::StatedCell;
pub use words::{Action, AnswerKind, AskKind, CheckResult, ReviewResult, Verdict};

/// What an event says happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// `work.opened`: a piece of work begins.
    Opened,
    /// `work.asked`: the customer wrote something.
    Asked {
        /// What it was.
        kind: AskKind,
    },
    /// `work.answered`: the software answered, visibly.
    Answered {
        /// What it was.
        kind: AnswerKind,
        /// The software's own confidence, 0 to 1.
        confidence: Option<Decimal>,
        /// The level of human review before it went out, e.g. `none`, `sampled`, `full`.
        review: Option<String>,
    },
    /// `work.confirmed`: the customer said that it is done.
    Confirmed,
    /// `work.rejected`: the customer said that it is not.
    Rejected {
        /// Why.
        reason: Option<String>,
    },
    /// `work.verified`: a check looked at the result.
    Verified {
        /// What it found.
        result: CheckResult,
        /// Which check, e.g. `test-suite`, `database-state`.
        check: String,
    },
    /// `work.escalated`: handed to a person.
    Escalated {
        /// Whether the hand-off was the configured end of the procedure.
        configured: bool,
    },
    /// `work.human_replied`: a person of the seller or the buyer's staff acted.
    HumanReplied {
        /// Whether the customer saw it; an internal note is not visible.
        visible: bool,
        /// Minutes spent.
        minutes: Option<Decimal>,
    },
    /// `work.overridden`: a person replaced the software's result.
    Overridden {
        /// Minutes spent.
        minutes: Option<Decimal>,
    },
    /// `work.reopened`: the customer came back.
    Reopened,
    /// `work.closed`: the work was closed.
    Closed {
        /// Why, e.g. `resolved`, `cancelled`, `duplicate`.
        reason: Option<String>,
    },
    /// `work.rated`: the customer scored it.
    Rated {
        /// The score, on the scale that the definition speaks of.
        score: Decimal,
    },
    /// `work.valued`: the measured value grew or shrank by this much.
    Valued {
        /// The increment, of either sign.
        amount: Amount,
    },
    /// `work.disputed`: the buyer contests the work.
    Disputed {
        /// Why.
        reason: Option<String>,
    },
    /// `work.dispute_decided`.
    DisputeDecided {
        /// The outcome.
        verdict: Verdict,
    },
    /// `review.recorded`: a person reviewed the result.
    Reviewed {
        /// What the reviewer found.
        result: ReviewResult,
        /// Share of the result that was changed, 0 to 1.
        edit_share: Option<Decimal>,
        /// Minutes spent.
        minutes: Option<Decimal>,
    },
    /// `cost.recorded`: what performing cost us. Seller-only log.
    Cost(Cost),
    /// `usage.recorded`: a meter moved.
    Usage {
        /// Which meter of the plan.
        meter: String,
        /// By how much.
        quantity: Quantity,
        /// The money the usage is about, where the price is a percentage of it.
        amount: Option<Amount>,
        /// What was used (a user, a document, a machine), where different ones are counted.
        item: Option<SmolStr>,
    },
    /// `seat.assigned`.
    SeatAssigned {
        /// The seat's holder or number.
        seat: String,
    },
    /// `seat.released`.
    SeatReleased {
        /// The seat's holder or number.
        seat: String,
    },
    /// `baseline.recorded`: how the job went without the software.
    Baseline {
        /// What was measured, e.g. `resolutions_per_hour`.
        measure: String,
        /// The value.
        value: Decimal,
        /// Observations behind it.
        observations: Option<Decimal>,
        /// From when.
        from: Timestamp,
        /// Until when.
        until: Timestamp,
    },
    /// `evidence.attached`: a payload kept outside the log, behind a commitment.
    Evidence {
        /// What it is evidence of, e.g. `resolution`, `transcript`.
        name: String,
        /// The commitment to it, over salt and payload.
        commitment: Digest,
        /// Its media type.
        media_type: Option<String>,
        /// Who may know of it.
        audience: Audience,
    },
    /// `event.corrected`: an earlier event was wrong.
    Corrected {
        /// Source of the event corrected.
        target_source: SmolStr,
        /// Id of the event corrected.
        target_id: SmolStr,
        /// Content digest of what is corrected or chosen.
        target_digest: Digest,
        /// Type of the event corrected, which decides the log.
        target_kind: Kind,
        /// What becomes of it.
        action: Action,
        /// The content that replaces it.
        replacement: Option<Box<crate::Event>>,
        /// Why.
        reason: Option<String>,
    },
    /// Entries that piecework itself writes.
    Control(Control),
    /// Entries about proof.
    Assurance(Assurance),
}

impl Body {
    /// Which log the type belongs to.
    #[must_use]
    pub fn log(&self) -> LogKind {
        match self {
            Body::Cost(_) => LogKind::Seller,
            Body::Corrected { target_kind, .. } if *target_kind == Kind::CostRecorded => {
                LogKind::Seller
            }
            Body::Evidence {
                audience: Audience::Seller,
                ..
            }
            | Body::Control(
                Control::DocumentPublished {
                    audience: Audience::Seller,
                    ..
                }
                | Control::DataRedacted {
                    audience: Audience::Seller,
                    ..
                }
                | Control::BooksLocked(_)
                | Control::BooksUnlocked(_)
                | Control::ApprovalProposed(_)
                | Control::ApprovalDecided(_)
                | Control::CloseRecorded(_),
            ) => LogKind::Seller,
            Body::Control(Control::CheckWaived(waived)) if waived.check.is_the_sellers_own() => {
                LogKind::Seller
            }
            _ => LogKind::Shared,
        }
    }
}
