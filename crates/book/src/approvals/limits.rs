//! `[approvals]` of the configuration: above which amounts a second person has to approve an act.
//!
//! Invariant: an act that has a limit in some currency, and not in the one of its amount, is above it: what nobody
//! thought of is looked at twice.

use money::Amount;
use serde::Deserialize;

/// An act that may have a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitedAct {
    /// A statement is issued: its total.
    Issue,
    /// Goodwill is given, or prepaid credits for less than they pay: the gift.
    Credit,
    /// A statement, or a line of it, is not to be paid: what it charges.
    Decision,
    /// A contract is changed behind what was stated: how much closed periods change.
    Reprice,
    /// A statement is voided: its total.
    Void,
    /// What a buyer owes is written off.
    WriteOff,
    /// Money is paid back.
    Refund,
    /// A check of a price that fails is waived: what the next statement comes to, or the last one did.
    Waive,
}

impl LimitedAct {
    /// The word in the configuration and in proposals.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            LimitedAct::Issue => "issue",
            LimitedAct::Credit => "credit",
            LimitedAct::Decision => "decision",
            LimitedAct::Reprice => "reprice",
            LimitedAct::Void => "void",
            LimitedAct::WriteOff => "write_off",
            LimitedAct::Refund => "refund",
            LimitedAct::Waive => "waive",
        }
    }
}

/// What the file says of a second person.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approvals {
    /// Days after which what was proposed cannot be approved any more; 14 where absent.
    #[serde(default)]
    pub expires_days: Option<u16>,
    /// The limits.
    #[serde(default)]
    issue: Limits,
    #[serde(default)]
    credit: Limits,
    #[serde(default)]
    decision: Limits,
    #[serde(default)]
    reprice: Limits,
    #[serde(default)]
    void: Limits,
    #[serde(default)]
    write_off: Limits,
    #[serde(default)]
    refund: Limits,
    #[serde(default)]
    waive: Limits,
}

/// Days for which a proposal can be approved, where the file does not say.
const EXPIRES_DAYS: u16 = 14;

/// The greatest amounts of one act that one person may decide, one for each currency.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(try_from = "OneOrMany")]
pub(super) struct Limits(Vec<Amount>);

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl TryFrom<OneOrMany> for Limits {
    type Error = String;

    fn try_from(written: OneOrMany) -> Result<Limits, String> {
        let texts = match written {
            OneOrMany::One(text) => vec![text],
            OneOrMany::Many(texts) => texts,
        };
        let mut amounts: Vec<Amount> = Vec::new();
        for text in texts {
            let amount: Amount = text
                .parse()
                .map_err(|error| format!("`{text}` is no amount such as \"500 USD\": {error}"))?;
            if amount.is_negative() {
                return Err(format!("`{text}`: a limit is not below zero"));
            }
            if amounts
                .iter()
                .any(|own| own.currency() == amount.currency())
            {
                return Err(format!("two limits are in {}", amount.currency()));
            }
            amounts.push(amount);
        }
        Ok(Limits(amounts))
    }
}

impl Approvals {
    /// Days for which a proposal can be approved.
    #[must_use]
    pub fn expires_days(&self) -> u16 {
        self.expires_days.unwrap_or(EXPIRES_DAYS)
    }

    /// Whether a second person has to approve an act about so much, of either sign.
    #[must_use]
    pub fn asks_for(&self, act: LimitedAct, amount: Amount) -> bool {
        let Limits(limits) = match act {
            LimitedAct::Issue => &self.issue,
            LimitedAct::Credit => &self.credit,
            LimitedAct::Decision => &self.decision,
            LimitedAct::Reprice => &self.reprice,
            LimitedAct::Void => &self.void,
            LimitedAct::WriteOff => &self.write_off,
            LimitedAct::Refund => &self.refund,
            LimitedAct::Waive => &self.waive,
        };
        if limits.is_empty() {
            return false;
        }
        let mut limits = limits.iter();
        let own = limits.find(|own| own.currency() == amount.currency());
        own.is_none_or(|limit| amount.value().magnitude() > limit.value())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Approvals, toml::de::Error> {
        toml::from_str(text)
    }

    #[test]
    fn above_the_limit_and_not_at_it() {
        let own = read("credit = \"500 USD\"\nvoid = [\"0 USD\", \"10 EUR\"]\n").unwrap();
        let amount = |text: &str| text.parse::<Amount>().unwrap();
        for (act, text, asks) in [
            (LimitedAct::Credit, "500.00 USD", false),
            (LimitedAct::Credit, "500.01 USD", true),
            (LimitedAct::Credit, "-500.01 USD", true),
            (LimitedAct::Credit, "1 EUR", true), // nobody set a limit in euros
            (LimitedAct::Void, "0 USD", false),
            (LimitedAct::Void, "0.01 USD", true),
            (LimitedAct::Void, "10 EUR", false),
            (LimitedAct::Issue, "1000000 USD", false), // no limit at all
        ] {
            assert_eq!(own.asks_for(act, amount(text)), asks, "{act:?} {text}");
        }
        assert_eq!(own.expires_days(), 14);
    }

    #[test]
    fn what_is_no_limit_is_refused_with_its_place() {
        for text in [
            "credit = \"500\"",
            "credit = \"-1 USD\"",
            "credit = [\"1 USD\", \"2 USD\"]",
            "credits = \"1 USD\"",
            "expires_days = -1",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
