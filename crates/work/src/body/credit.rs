//! Prepaid credits: what a grant says, and how it is amended.
//!
//! Not here: what a grant pays for (`pricing` says that). Invariant: a grant that can be read gives
//! something above zero and ends after it starts.

use jiff::Timestamp;
use money::Amount;

use super::wire::{amount, instant, maybe_count, maybe_text, need_text, positive, text};
use crate::event::EventError;
use crate::fields::Fields;
use crate::json::Json;
use crate::limits::{GRANT_SCOPE_MAX, RESTORE_DAYS_MAX};

/// `credit.granted`: prepaid credits (semantics.md D9).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The grant's id, once per customer.
    pub grant: String,
    /// The contract that it pays for; every contract of the customer in its currency where absent.
    pub contract: Option<String>,
    /// How much it pays, above zero.
    pub amount: Amount,
    /// What was paid for it, in its currency; nothing for a promotion.
    pub paid: Option<Amount>,
    /// A lower number is drawn first.
    pub priority: u32,
    /// From when it pays; the entry's own time where absent.
    pub starts: Option<Timestamp>,
    /// From when it does not pay any more; never where absent.
    pub expires: Option<Timestamp>,
    /// What it pays for; everything where both lists are empty.
    pub scope: GrantScope,
    /// Days of 24 hours for which what is restored to it after its expiry may be drawn.
    pub restore_days: u32,
    /// Who approved it (a role).
    pub by: String,
}

/// What a grant pays for: one of the lists, or everything.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GrantScope {
    /// Surfaces, by their words.
    pub surfaces: Vec<String>,
    /// Ids of components.
    pub components: Vec<String>,
}

/// `credit.amended`: other terms of a grant; what is absent stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantAmended {
    /// The grant's id.
    pub grant: String,
    /// How much it pays in all.
    pub amount: Option<Amount>,
    /// A lower number is drawn first.
    pub priority: Option<u32>,
    /// From when it does not pay any more.
    pub expires: Option<Timestamp>,
    /// Why.
    pub reason: String,
    /// Who approved it (a role).
    pub by: String,
}

/// What is restored to an expired grant may be drawn for so many days, if the grant does not say.
pub const RESTORE_DAYS: u32 = 30;

impl Grant {
    pub(super) fn read(data: &mut Fields<'_>) -> Result<Grant, EventError> {
        let grant = Grant {
            grant: data.need_id("grant")?,
            contract: data.id("contract")?,
            amount: positive(data, "a grant")?,
            paid: data.amount("paid")?,
            priority: maybe_count(data, "priority")?.unwrap_or(0),
            starts: data.instant("starts")?,
            expires: data.instant("expires")?,
            scope: GrantScope {
                surfaces: data.ids("surfaces", GRANT_SCOPE_MAX)?,
                components: data.ids("components", GRANT_SCOPE_MAX)?,
            },
            restore_days: maybe_count(data, "restore_days")?.unwrap_or(RESTORE_DAYS),
            by: data.need_id("by")?,
        };
        if grant.restore_days > RESTORE_DAYS_MAX {
            let problem = format!("at most {RESTORE_DAYS_MAX} days");
            return Err(data.fault("restore_days", problem));
        }
        if !grant.scope.surfaces.is_empty() && !grant.scope.components.is_empty() {
            return Err(data.fault("components", "a grant is for surfaces or for components"));
        }
        if let Some(paid) = grant.paid
            && (paid.is_negative() || paid.currency() != grant.amount.currency())
        {
            let problem = "what was paid is not below zero, and in the currency of the grant";
            return Err(data.fault("paid", problem));
        }
        if let (Some(starts), Some(expires)) = (grant.starts, grant.expires)
            && expires <= starts
        {
            return Err(data.fault("expires", "a grant expires after it starts"));
        }
        Ok(grant)
    }

    pub(super) fn to_json(&self) -> Json {
        let list = |names: &[String]| {
            (!names.is_empty()).then(|| Json::Array(names.iter().map(Json::text).collect()))
        };
        let unless =
            |number: u32, default: u32| (number != default).then(|| Json::text(number.to_string()));
        Json::object([
            ("grant", text(&self.grant)),
            ("contract", maybe_text(self.contract.as_ref())),
            ("amount", amount(self.amount)),
            ("paid", self.paid.and_then(amount)),
            ("priority", unless(self.priority, 0)),
            ("starts", self.starts.and_then(instant)),
            ("expires", self.expires.and_then(instant)),
            ("surfaces", list(&self.scope.surfaces)),
            ("components", list(&self.scope.components)),
            ("restore_days", unless(self.restore_days, RESTORE_DAYS)),
            ("by", text(&self.by)),
        ])
    }
}

impl GrantAmended {
    pub(super) fn read(data: &mut Fields<'_>) -> Result<GrantAmended, EventError> {
        let amended = GrantAmended {
            grant: data.need_id("grant")?,
            amount: data.amount("amount")?,
            priority: maybe_count(data, "priority")?,
            expires: data.instant("expires")?,
            reason: need_text(data, "reason")?,
            by: data.need_id("by")?,
        };
        if amended.amount.is_some_and(Amount::is_negative) {
            return Err(data.fault("amount", "a grant is not below zero"));
        }
        Ok(amended)
    }

    pub(super) fn to_json(&self) -> Json {
        Json::object([
            ("grant", text(&self.grant)),
            ("amount", self.amount.and_then(amount)),
            (
                "priority",
                self.priority.and_then(|own| text(&own.to_string())),
            ),
            ("expires", self.expires.and_then(instant)),
            ("reason", text(&self.reason)),
            ("by", text(&self.by)),
        ])
    }
}
