//! [`EventType`]: what webhooks tell, one row each. `docs/reference/webhooks.md` has the same rows; a test
//! compares.
//!
//! Invariant: the data of a type has the members of its example and no others, so that nothing that is not
//! described here leaves.

use serde::Serialize;
use serde_json::Value;

/// What a message tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventType {
    /// A customer's spend reached a threshold of its budget.
    BudgetThresholdReached,
    /// A customer's spend is beyond its budget.
    BudgetExceeded,
    /// A customer's charges reached the cap of a contract.
    CapReached,
    /// A statement was issued.
    StatementIssued,
    /// A statement was voided.
    StatementVoided,
    /// Several statements became one document to pay.
    CoverIssued,
    /// A cover was voided.
    CoverVoided,
    /// A quote went to the buyer.
    QuoteSent,
    /// The buyer accepted a quote.
    QuoteAccepted,
    /// The buyer does not want what was quoted.
    QuoteDeclined,
    /// The seller took a quote back.
    QuoteWithdrawn,
    /// Nobody answered a quote in time.
    QuoteExpired,
    /// A credit was given.
    CreditIssued,
    /// A statement, or a line of it, is not to be paid.
    StatementCredited,
    /// A payment was recorded.
    PaymentRecorded,
    /// Money on account is for statements.
    PaymentAllocated,
    /// Money on account went back.
    PaymentRefunded,
    /// An entry about money was wrong.
    PaymentVoided,
    /// A balance was given up.
    BalanceWrittenOff,
    /// Months of the books were closed.
    BooksLocked,
    /// Months of the books were opened again.
    BooksUnlocked,
    /// An act waits for a second person.
    ApprovalProposed,
    /// The second person decided.
    ApprovalDecided,
    /// A work was disputed.
    DisputeRaised,
    /// A dispute was decided.
    DisputeDecided,
    /// Events came again with another content.
    EventConflicted,
    /// Somebody asked for a message.
    WebhookTest,
}

impl EventType {
    /// All of them.
    pub const ALL: [EventType; 27] = [
        EventType::BudgetThresholdReached,
        EventType::BudgetExceeded,
        EventType::CapReached,
        EventType::StatementIssued,
        EventType::StatementVoided,
        EventType::CoverIssued,
        EventType::CoverVoided,
        EventType::QuoteSent,
        EventType::QuoteAccepted,
        EventType::QuoteDeclined,
        EventType::QuoteWithdrawn,
        EventType::QuoteExpired,
        EventType::CreditIssued,
        EventType::StatementCredited,
        EventType::PaymentRecorded,
        EventType::PaymentAllocated,
        EventType::PaymentRefunded,
        EventType::PaymentVoided,
        EventType::BalanceWrittenOff,
        EventType::BooksLocked,
        EventType::BooksUnlocked,
        EventType::ApprovalProposed,
        EventType::ApprovalDecided,
        EventType::DisputeRaised,
        EventType::DisputeDecided,
        EventType::EventConflicted,
        EventType::WebhookTest,
    ];

    /// The `type` of its messages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        self.row().0
    }

    /// The type of a word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<EventType> {
        Self::ALL.into_iter().find(|own| own.word() == word)
    }

    /// When it is told.
    #[must_use]
    pub const fn about(self) -> &'static str {
        self.row().1
    }

    /// An example of its `data`: every member that there may be.
    #[must_use]
    pub fn example(self) -> Value {
        // Constants, each read by a test.
        serde_json::from_str(self.row().2).unwrap_or_default()
    }

    /// Whether the data has only members that the example has.
    pub(super) fn describes(self, data: &Value) -> bool {
        let example = self.example();
        let (Some(data), Some(example)) = (data.as_object(), example.as_object()) else {
            return false;
        };
        data.keys().all(|member| example.contains_key(member))
    }

    const fn row(self) -> (&'static str, &'static str, &'static str) {
        match self {
            EventType::BudgetThresholdReached => (
                "budget.threshold_reached",
                "A customer's spend reached a threshold of its budget; once for each threshold of a period.",
                r#"{"customer": "acme", "period": "2026-01-01", "threshold_percent": 80, "budget": {"amount": "5000.00", "currency": "USD"}, "spent": {"amount": "4012.50", "currency": "USD"}}"#,
            ),
            EventType::BudgetExceeded => (
                "budget.exceeded",
                "A customer's spend went beyond its budget; once for each period.",
                r#"{"customer": "acme", "period": "2026-01-01", "budget": {"amount": "5000.00", "currency": "USD"}, "spent": {"amount": "5001.25", "currency": "USD"}}"#,
            ),
            EventType::CapReached => (
                "cap.reached",
                "What a customer did reached the cap that a contract agrees on; once for each period of the cap.",
                r#"{"customer": "acme", "contract": "acme-2026", "period": "2026-01-01", "mode": "soft", "cap": {"amount": "5000.00", "currency": "USD"}, "done": {"amount": "5001.25", "currency": "USD"}}"#,
            ),
            EventType::StatementIssued => (
                "statement.issued",
                "A statement was issued.",
                r#"{"customer": "acme", "statement": "acme-0001", "contract": "acme-2026", "cut": "2026-02-01T00:00:00Z", "revision": 1, "by": "finance", "entry": {"log": "shared", "index": 1204}}"#,
            ),
            EventType::StatementVoided => (
                "statement.voided",
                "A statement was voided.",
                r#"{"customer": "acme", "statement": "acme-0001", "reason": "issued too early", "by": "finance", "entry": {"log": "shared", "index": 1205}}"#,
            ),
            EventType::CoverIssued => (
                "cover.issued",
                "Several statements became one document to pay: they are not to be paid beside it.",
                r#"{"customer": "acme", "cover": "acme-A0001", "through": "2026-01-31", "statements": ["acme-0001", "acme-0002"], "payable": {"amount": "62.50", "currency": "USD"}, "by": "finance", "entry": {"log": "shared", "index": 1206}}"#,
            ),
            EventType::CoverVoided => (
                "cover.voided",
                "A cover was voided; its statements stand, and wait for another.",
                r#"{"customer": "acme", "cover": "acme-A0001", "reason": "the wrong address", "by": "finance", "entry": {"log": "shared", "index": 1207}}"#,
            ),
            EventType::QuoteSent => (
                "quote.sent",
                "A quote went to the buyer, who may accept it until its last day.",
                r#"{"customer": "acme", "quote": "acme-Q0001", "by": "sales", "entry": {"log": "shared", "index": 1208}}"#,
            ),
            EventType::QuoteAccepted => (
                "quote.accepted",
                "The buyer accepted a quote, and its contract is signed: with a key of its own (`authorship` is `buyer`), or in a way that the seller recorded (`how`).",
                r#"{"customer": "acme", "quote": "acme-Q0001", "authorship": "seller", "how": "by letter of March 3", "by": "procurement", "entry": {"log": "shared", "index": 1209}}"#,
            ),
            EventType::QuoteDeclined => (
                "quote.declined",
                "The buyer does not want what was quoted.",
                r#"{"customer": "acme", "quote": "acme-Q0001", "authorship": "seller", "reason": "the budget went elsewhere", "by": "procurement", "entry": {"log": "shared", "index": 1209}}"#,
            ),
            EventType::QuoteWithdrawn => (
                "quote.withdrawn",
                "The seller took a quote back.",
                r#"{"customer": "acme", "quote": "acme-Q0001", "reason": "the price list changed", "by": "sales", "entry": {"log": "shared", "index": 1209}}"#,
            ),
            EventType::QuoteExpired => (
                "quote.expired",
                "A quote that was sent was not answered by its last day, and cannot be accepted any more; once for each.",
                r#"{"customer": "acme", "quote": "acme-Q0001", "contract": "acme-2026", "valid_until": "2026-03-31"}"#,
            ),
            EventType::CreditIssued => (
                "credit.issued",
                "A credit was given.",
                r#"{"customer": "acme", "contract": "acme-2026", "amount": {"amount": "25.00", "currency": "USD"}, "reason": "goodwill", "by": "finance", "entry": {"log": "shared", "index": 1206}}"#,
            ),
            EventType::StatementCredited => (
                "statement.credited",
                "It was decided that a statement, or a line of it, is not to be paid; the next statement gives it back.",
                r#"{"customer": "acme", "statement": "acme-0001", "line": "acme-2026/resolutions/2026-01-01T00:00:00Z/v1/class:confirmed", "reason": "an outage", "by": "finance", "entry": {"log": "shared", "index": 1206}}"#,
            ),
            EventType::PaymentRecorded => (
                "payment.recorded",
                "A payment was recorded. What is for no statement is on account.",
                r#"{"customer": "acme", "payment": "payment/INV-77", "amount": {"amount": "120.00", "currency": "USD"}, "statements": ["acme-0001"], "reference": "INV-77", "entry": {"log": "shared", "index": 1206}}"#,
            ),
            EventType::PaymentAllocated => (
                "payment.allocated",
                "Money on account, of a payment or a credit, is for statements.",
                r#"{"customer": "acme", "payment": "payment/INV-77", "credit": "acme-C0001", "statements": ["acme-0002"], "by": "finance", "entry": {"log": "shared", "index": 1206}}"#,
            ),
            EventType::PaymentRefunded => (
                "payment.refunded",
                "Money on account, of a payment or a credit, went back to the customer.",
                r#"{"customer": "acme", "payment": "payment/INV-77", "credit": "acme-C0001", "amount": {"amount": "20.00", "currency": "USD"}, "reference": "R-78", "reason": "paid twice", "by": "finance", "entry": {"log": "shared", "index": 1206}}"#,
            ),
            EventType::PaymentVoided => (
                "payment.voided",
                "A payment, allocation, refund or write-off was wrong, and is none any more.",
                r#"{"customer": "acme", "voided": "payment/INV-77", "reason": "of another customer", "by": "finance", "entry": {"log": "shared", "index": 1206}}"#,
            ),
            EventType::BalanceWrittenOff => (
                "balance.written_off",
                "What is open of a statement, or on account of a payment or a credit, was given up.",
                r#"{"customer": "acme", "statement": "acme-0001", "payment": "payment/INV-77", "credit": "acme-C0001", "amount": {"amount": "0.02", "currency": "USD"}, "reason": "bank fees", "by": "finance", "entry": {"log": "shared", "index": 1206}}"#,
            ),
            EventType::BooksLocked => (
                "books.locked",
                "Months of the seller's books were closed; told to endpoints that hear of everything.",
                r#"{"until": "2026-01-31", "reason": "January is reported", "by": "controller", "entry": {"log": "seller", "index": 12}}"#,
            ),
            EventType::BooksUnlocked => (
                "books.unlocked",
                "Months of the seller's books were opened again; `until` is not there where nothing stays closed.",
                r#"{"until": "2025-12-31", "reason": "a cost was missing", "by": "controller", "entry": {"log": "seller", "index": 13}}"#,
            ),
            EventType::ApprovalProposed => (
                "approval.proposed",
                "An act above a limit of `[approvals]` waits for a second person. Of the seller alone.",
                r#"{"customer": "acme", "proposal": "p-7f3a", "act": "credit", "what": "give 600.00 USD on acme-2026: an outage", "amount": {"amount": "600.00", "currency": "USD"}, "by": "cs-lead", "expires": "2026-02-17T09:00:00Z", "entry": {"log": "seller", "index": 88}}"#,
            ),
            EventType::ApprovalDecided => (
                "approval.decided",
                "A proposal was approved, and done, or declined. Of the seller alone.",
                r#"{"customer": "acme", "proposal": "p-7f3a", "answer": "declined", "by": "cfo", "reason": "too much", "entry": {"log": "seller", "index": 89}}"#,
            ),
            EventType::DisputeRaised => (
                "dispute.raised",
                "A work was disputed.",
                r#"{"customer": "acme", "work": "T-16", "reason": "the answer was wrong", "raised_by": "buyer", "entry": {"log": "shared", "index": 1207}}"#,
            ),
            EventType::DisputeDecided => (
                "dispute.decided",
                "A dispute was decided.",
                r#"{"customer": "acme", "work": "T-16", "verdict": "credited", "entry": {"log": "shared", "index": 1208}}"#,
            ),
            EventType::EventConflicted => (
                "event.conflicted",
                "Events came again with another content: the first content stands until an `event.corrected` chooses. \
                 What comes together is one message, which lists ten.",
                r#"{"customer": "acme", "log": "shared", "count": 1, "events": [{"source": "desk", "id": "17", "type": "piecework.work.answered.v1", "index": 1209}]}"#,
            ),
            EventType::WebhookTest => (
                "webhook.test",
                "Somebody asked for a message to this endpoint, whatever types it takes.",
                r#"{"endpoint": "wh_0123456789abcdefghjkmnpqrs"}"#,
            ),
        }
    }
}

/// A message as it is sent.
#[derive(Serialize)]
pub(super) struct Payload<'d> {
    /// The type.
    pub(super) r#type: &'static str,
    /// When it happened.
    pub(super) timestamp: String,
    /// What happened.
    pub(super) data: &'d Value,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_has_a_name_and_an_example() {
        for own in EventType::ALL {
            assert_eq!(EventType::of_word(own.word()), Some(own));
            assert!(own.example().is_object(), "{}", own.word());
            assert!(own.describes(&own.example()));
            let is_plain = |byte: u8| byte.is_ascii_lowercase() || b"._".contains(&byte);
            assert!(own.word().bytes().all(is_plain));
        }
        assert_eq!(EventType::of_word("statement.lost"), None);
        let test = EventType::WebhookTest;
        assert!(!test.describes(&serde_json::json!({"endpoint": "wh_1", "secret": "x"})));
        assert!(!test.describes(&Value::Null));
    }
}
