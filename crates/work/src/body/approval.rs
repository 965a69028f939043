//! Four eyes: what somebody means to do, and what somebody else says to it; and the close of a month. All of it is
//! of the seller alone.

use jiff::Timestamp;
use money::Amount;

use super::wire::{amount, instant, maybe_count, maybe_text, need_text, text};
use super::words::words;
use crate::event::EventError;
use crate::fields::Fields;
use crate::limits::APPROVED_ENTRIES_MAX;
use crate::{Digest, Json};

words! {
    /// What a second person says to a proposal.
    Answer {
        /// It is done as proposed.
        Approved = "approved",
        /// It is not done.
        Declined = "declined",
    }
}

/// `approval.proposed`: an act above a limit, which waits for a second person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposed {
    /// The proposal's id, once per customer.
    pub proposal: String,
    /// The act, by the name of its limit.
    pub act: String,
    /// The act with its arguments, as canonical JSON: what is done once it is approved.
    pub request: String,
    /// Digest of what it would do: another effect is not what was approved.
    pub effect: Digest,
    /// How much money it is about.
    pub amount: Amount,
    /// What it would do, in words.
    pub what: String,
    /// How it is before.
    pub before: Option<String>,
    /// How it would be behind it.
    pub after: Option<String>,
    /// From when it cannot be approved any more.
    pub expires: Timestamp,
    /// Who proposes it (a role or a name).
    pub by: String,
    /// Id of the API key that it was proposed with.
    pub key: Option<String>,
}

/// `approval.decided`: what a second person says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// The proposal.
    pub proposal: String,
    /// What of it.
    pub answer: Answer,
    /// Why; needed where it is declined.
    pub reason: Option<String>,
    /// Who (a role or a name).
    pub by: String,
    /// Id of the API key that it was decided with.
    pub key: Option<String>,
    /// Ids of the entries that are what was approved, appended with it; the first of them where they are many.
    pub done: Vec<String>,
}

/// `close.recorded`: a month of the book was closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// The month, such as `2026-01`.
    pub month: String,
    /// Digest of the checklist.
    pub checklist: Digest,
    /// Rows of it that were open.
    pub open: u32,
    /// Why it was closed with open rows.
    pub reason: Option<String>,
    /// Who (a role or a name).
    pub by: String,
}

impl Proposed {
    pub(super) fn read(data: &mut Fields<'_>) -> Result<Proposed, EventError> {
        let request = data.document("request")?;
        Ok(Proposed {
            proposal: data.need_id("proposal")?,
            act: data.need_id("act")?,
            request: request.ok_or_else(|| data.fault("request", "this member is required"))?,
            effect: data.need_digest("effect")?,
            amount: data.need_amount("amount")?,
            what: need_text(data, "what")?,
            before: data.text("before")?,
            after: data.text("after")?,
            expires: data.need_instant("expires")?,
            by: data.need_id("by")?,
            key: data.id("key")?,
        })
    }

    pub(super) fn to_json(&self) -> Json {
        Json::object([
            ("proposal", text(&self.proposal)),
            ("act", text(&self.act)),
            ("request", text(&self.request)),
            ("effect", text(&self.effect.to_string())),
            ("amount", amount(self.amount)),
            ("what", text(&self.what)),
            ("before", maybe_text(self.before.as_ref())),
            ("after", maybe_text(self.after.as_ref())),
            ("expires", instant(self.expires)),
            ("by", text(&self.by)),
            ("key", maybe_text(self.key.as_ref())),
        ])
    }
}

impl Decided {
    pub(super) fn read(data: &mut Fields<'_>) -> Result<Decided, EventError> {
        let decided = Decided {
            proposal: data.need_id("proposal")?,
            answer: data.need_word("answer", Answer::WORDS)?,
            reason: data.text("reason")?,
            by: data.need_id("by")?,
            key: data.id("key")?,
            done: data.ids("done", APPROVED_ENTRIES_MAX)?,
        };
        if decided.answer == Answer::Declined && decided.reason.is_none() {
            return Err(data.fault("reason", "say why it is declined"));
        }
        if decided.answer == Answer::Declined && !decided.done.is_empty() {
            return Err(data.fault("done", "nothing is done of what is declined"));
        }
        Ok(decided)
    }

    pub(super) fn to_json(&self) -> Json {
        Json::object([
            ("proposal", text(&self.proposal)),
            ("answer", text(self.answer.word())),
            ("reason", maybe_text(self.reason.as_ref())),
            ("by", text(&self.by)),
            ("key", maybe_text(self.key.as_ref())),
            ("done", self.done_json()),
        ])
    }

    fn done_json(&self) -> Option<Json> {
        let ids = self.done.iter().map(|id| Json::text(id.clone()));
        (!self.done.is_empty()).then(|| Json::Array(ids.collect()))
    }
}

impl Closed {
    pub(super) fn read(data: &mut Fields<'_>) -> Result<Closed, EventError> {
        Ok(Closed {
            month: data.need_id("month")?,
            checklist: data.need_digest("checklist")?,
            open: maybe_count(data, "open")?.unwrap_or(0),
            reason: data.text("reason")?,
            by: data.need_id("by")?,
        })
    }

    pub(super) fn to_json(&self) -> Json {
        Json::object([
            ("month", text(&self.month)),
            ("checklist", text(&self.checklist.to_string())),
            (
                "open",
                (self.open > 0).then(|| Json::text(self.open.to_string())),
            ),
            ("reason", maybe_text(self.reason.as_ref())),
            ("by", text(&self.by)),
        ])
    }
}
