//! What Stripe answers, as far as it is needed.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::MARK;

/// An invoice.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Invoice {
    /// `in_…`.
    pub id: String,
    /// `draft`, `open`, `paid`, `uncollectible` or `void`.
    #[serde(default)]
    pub status: Option<String>,
    /// In lower case.
    pub currency: String,
    /// With tax.
    pub total: i64,
    /// Without tax, where it is known.
    #[serde(default)]
    pub total_excluding_tax: Option<i64>,
    /// What is still to be paid of it.
    #[serde(default)]
    pub amount_remaining: i64,
    /// What was paid of it.
    #[serde(default)]
    pub amount_paid: i64,
    /// Credited before it was paid.
    #[serde(default)]
    pub pre_payment_credit_notes_amount: i64,
    /// Credited after.
    #[serde(default)]
    pub post_payment_credit_notes_amount: i64,
}

impl Invoice {
    /// Its status, or nothing.
    #[must_use]
    pub fn status(&self) -> &str {
        self.status.as_deref().unwrap_or_default()
    }

    /// What it comes to before tax.
    #[must_use]
    pub fn before_tax(&self) -> i64 {
        self.total_excluding_tax.unwrap_or(self.total)
    }

    /// What may still be credited of it.
    #[must_use]
    pub fn left(&self) -> i64 {
        let credited = self
            .pre_payment_credit_notes_amount
            .saturating_add(self.post_payment_credit_notes_amount);
        self.total.saturating_sub(credited)
    }
}

/// A credit note.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CreditNote {
    /// `cn_…`.
    pub id: String,
    /// `issued` or `void`.
    #[serde(default)]
    pub status: String,
    /// What of it was given back after the invoice was paid.
    #[serde(default)]
    pub post_payment_amount: i64,
}

/// Something that was made.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Made {
    /// Its id.
    #[serde(alias = "identifier")]
    pub id: String,
}

/// A page of things.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct List {
    /// In Stripe's order, the newest first.
    pub data: Vec<Listed>,
    /// Whether there are further ones.
    #[serde(default)]
    pub has_more: bool,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Listed {
    /// Its id.
    pub id: String,
    /// What was written on it.
    #[serde(default)]
    pub metadata: Option<BTreeMap<String, String>>,
}

impl List {
    /// The thing that carries a mark.
    #[must_use]
    pub fn marked(&self, mark: &str) -> Option<&str> {
        let of = |own: &&Listed| {
            own.metadata
                .as_ref()
                .and_then(|all| all.get(MARK))
                .is_some_and(|own| own == mark)
        };
        self.data.iter().find(of).map(|own| own.id.as_str())
    }
}

/// Why something was refused.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Refusal {
    /// `invalid_request_error`, `idempotency_error`, `api_error`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// A word for programs.
    pub code: Option<String>,
    /// For people.
    pub message: Option<String>,
}

impl Refusal {
    /// The refusal that a body tells of.
    #[must_use]
    pub fn read(body: &[u8]) -> Refusal {
        #[derive(Deserialize)]
        struct Whole {
            error: Refusal,
        }
        serde_json::from_slice(body)
            .map(|whole: Whole| whole.error)
            .unwrap_or_default()
    }

    /// Whether what was asked about is not there.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.code.as_deref() == Some("resource_missing")
    }
}

/// What an answer means for whoever asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It was done.
    Done,
    /// It may be sent again as it was, under the same key.
    Again,
    /// Whether it was done is not known, and the same key would only bring the same answer: it is looked up first.
    Unclear,
    /// It was refused, and would be again.
    Refused,
}

/// Headers that matter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Signs {
    /// `Stripe-Should-Retry`.
    pub should_retry: Option<bool>,
    /// `Idempotent-Replayed`: the answer is one that was given before under the same key.
    pub is_replayed: bool,
}

/// What a status means (<https://docs.stripe.com/error-low-level>).
#[must_use]
pub fn verdict(status: u16, signs: Signs) -> Verdict {
    let is_server_error = status >= 500;
    match (status, signs.should_retry) {
        (200..=299, _) => Verdict::Done,
        // The saved answer of a failure comes back for as long as the key is known.
        _ if is_server_error && (signs.is_replayed || signs.should_retry == Some(false)) => {
            Verdict::Unclear
        }
        (_, Some(true)) => Verdict::Again,
        (_, Some(false)) => Verdict::Refused,
        (409 | 429, None) => Verdict::Again,
        _ if is_server_error => Verdict::Again,
        _ => Verdict::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_help_is_sent_again() {
        let signs = |should_retry, is_replayed| Signs {
            should_retry,
            is_replayed,
        };
        for (status, signs, verdict_of) in [
            (200, signs(None, false), Verdict::Done),
            (200, signs(None, true), Verdict::Done),
            (400, signs(None, false), Verdict::Refused),
            (401, signs(None, false), Verdict::Refused),
            (402, signs(None, false), Verdict::Refused),
            (404, signs(None, false), Verdict::Refused),
            (400, signs(Some(true), false), Verdict::Again),
            (409, signs(None, false), Verdict::Again),
            (409, signs(Some(false), false), Verdict::Refused),
            (429, signs(None, false), Verdict::Again),
            (500, signs(None, false), Verdict::Again),
            (500, signs(Some(true), false), Verdict::Again),
            (500, signs(Some(false), false), Verdict::Unclear),
            (500, signs(None, true), Verdict::Unclear),
            (503, signs(None, false), Verdict::Again),
        ] {
            assert_eq!(verdict(status, signs), verdict_of, "{status} {signs:?}");
        }
    }

    #[test]
    fn answers_are_read() {
        let list = r#"{"object":"list","has_more":true,"data":[{"id":"in_1","metadata":{}},
            {"id":"in_2","metadata":{"piecework_step":"abc"}},{"id":"in_3","metadata":null}]}"#;
        let list: List = serde_json::from_str(list).unwrap();
        assert_eq!((list.marked("abc"), list.marked("x")), (Some("in_2"), None));
        let refusal = br#"{"error":{"type":"invalid_request_error","code":"resource_missing","message":"No such invoice"}}"#;
        assert!(Refusal::read(refusal).is_missing());
        assert_eq!(Refusal::read(b"<html>"), Refusal::default());
        let made: Made =
            serde_json::from_str(r#"{"identifier":"x","object":"billing.meter_event"}"#).unwrap();
        assert_eq!(made.id, "x");
    }
}
