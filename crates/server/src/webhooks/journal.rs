//! Following the journal: what was committed, by whatever way it came, is told.
//!
//! How far the journal was read is kept together with the messages made of it, in one transaction, so that a
//! crash loses nothing and tells nothing twice. Only entries that may be of interest are read whole; a book
//! without endpoints reads none. Invariant: what is read of the seller-only log is for endpoints that hear of
//! everything.

use std::collections::BTreeMap;

use jiff::Timestamp;
use money::Amount;
use serde_json::{Value, json};
use store::limits::MESSAGE_BYTES_MAX;
use store::outbox::NewMessage;
use store::{Entry, StoreError};
use work::LogKind;
use work::body::{Balance, Body, Control, CoverEntry, Kind, OnAccount, QuoteEntry};
use work::event::{Authorship, UNASSIGNED};

use super::announce;
use super::catalogue::EventType;
use crate::app::App;
use crate::journal::{Reading, read};
use crate::limits::{
    WEBHOOK_COMMITS_MAX, WEBHOOK_ENTRIES_MAX, WEBHOOK_LISTED_MAX, WEBHOOK_REASON_CHARS_MAX,
};

/// The kinds of entries that are told of.
const TOLD: [Kind; 21] = [
    Kind::Disputed,
    Kind::DisputeDecided,
    Kind::StatementIssued,
    Kind::StatementVoided,
    Kind::CoverIssued,
    Kind::CoverVoided,
    Kind::QuoteSent,
    Kind::QuoteAccepted,
    Kind::QuoteDeclined,
    Kind::QuoteWithdrawn,
    Kind::CreditIssued,
    Kind::StatementCredited,
    Kind::PaymentRecorded,
    Kind::PaymentAllocated,
    Kind::PaymentRefunded,
    Kind::PaymentVoided,
    Kind::BalanceWrittenOff,
    Kind::BooksLocked,
    Kind::BooksUnlocked,
    Kind::ApprovalProposed,
    Kind::ApprovalDecided,
];

/// Reads what was committed since the last time, and keeps a message for each thing to be told; how far it was
/// read, or `None` where there is nobody to tell.
pub(super) fn follow(app: &App) -> Result<Option<u64>, StoreError> {
    let (store, outbox) = (app.store(), app.store().operations().outbox());
    if outbox.endpoints()?.is_empty() {
        return Ok(None);
    }
    let Some(after) = outbox.followed()? else {
        return begin(app).map(Some);
    };
    let committed = store.position().committed;
    if after > committed {
        tracing::warn!(
            after,
            committed,
            "the journal is shorter than it was; webhooks go on from its end"
        );
        return begin(app).map(Some);
    }
    let mut found = Found::default();
    let reading = Reading {
        after,
        commits_max: WEBHOOK_COMMITS_MAX,
        entries_max: WEBHOOK_ENTRIES_MAX,
        kinds: &TOLD,
    };
    let followed = read(store, &reading, |entry| found.take(app, entry))?;
    if followed > after {
        outbox.announce(&found.into_messages(app), None, Some(followed))?;
    }
    Ok(Some(followed))
}

/// Tells what is committed from now on.
pub(crate) fn begin(app: &App) -> Result<u64, StoreError> {
    let committed = app.store().position().committed;
    let outbox = app.store().operations().outbox();
    outbox.announce(&[], None, Some(committed))?;
    Ok(committed)
}

/// What was found in some commits.
#[derive(Default)]
struct Found {
    messages: Vec<NewMessage>,
    conflicts: BTreeMap<(String, &'static str), Conflicts>,
}

/// The conflicting events of one log.
struct Conflicts {
    log: LogKind,
    first: u64,
    happened: Timestamp,
    count: u64,
    listed: Vec<Value>,
}

impl Found {
    fn take(&mut self, app: &App, entry: Entry) {
        if entry.conflict {
            self.conflicting(entry);
        } else if let Some((kind, data)) = told(&entry) {
            let customer = entry.event.customer.as_str();
            let key = format!("entry/{customer}/{}/{}", entry.log.name(), entry.index);
            let times = (entry.event.time, app.now());
            self.messages.push(message(
                key,
                kind,
                known_to(entry.log, customer),
                &data,
                times,
            ));
        }
    }

    /// A conflicting event tells that there is one, and nothing of what it says: the first content stands.
    fn conflicting(&mut self, entry: Entry) {
        let Entry {
            log, index, event, ..
        } = entry;
        let of = self
            .conflicts
            .entry((event.customer.to_string(), log.name()));
        let own = of.or_insert_with(|| Conflicts {
            log,
            first: index,
            happened: entry.received_at,
            count: 0,
            listed: Vec::new(),
        });
        own.count += 1;
        if own.listed.len() < WEBHOOK_LISTED_MAX {
            own.listed.push(json!({
                "source": event.source.as_str(), "id": event.id.as_str(),
                "type": event.body.kind(), "index": index,
            }));
        }
    }

    fn into_messages(self, app: &App) -> Vec<NewMessage> {
        let mut messages = self.messages;
        for ((customer, name), own) in self.conflicts {
            let key = format!("conflict/{customer}/{name}/{}", own.first);
            let data = json!({
                "customer": customer, "log": name, "count": own.count, "events": own.listed,
            });
            let (kind, known_to) = (EventType::EventConflicted, known_to(own.log, &customer));
            let times = (own.happened, app.now());
            messages.push(message(key, kind, known_to, &data, times));
        }
        messages
    }
}

/// The customer whose endpoints may hear of what is in a log.
fn known_to(log: LogKind, customer: &str) -> Option<&str> {
    match log {
        LogKind::Shared => Some(customer),
        LogKind::Seller => None,
    }
}

/// What is told of an entry.
fn told(entry: &Entry) -> Option<(EventType, Value)> {
    let event = &entry.event;
    let (kind, mut data) = match &event.body {
        Body::Disputed { reason } => {
            let mut data = json!({ "raised_by": event.authorship.word() });
            if let Some(reason) = reason {
                data["reason"] = json!(cut(reason));
            }
            (EventType::DisputeRaised, data)
        }
        Body::DisputeDecided { verdict } => (
            EventType::DisputeDecided,
            json!({ "verdict": verdict.word() }),
        ),
        Body::Control(Control::Quote(step)) => of_quote(step, event.authorship)?,
        Body::Control(control) => of_control(control)?,
        _ => return None,
    };
    if event.customer != UNASSIGNED {
        data["customer"] = json!(event.customer.as_str());
    }
    if let Body::Control(Control::PaymentRecorded(_)) = &event.body {
        data["payment"] = json!(event.id.as_str());
    }
    if let Some(work) = &event.work {
        data["work"] = json!(work.as_str());
    }
    data["entry"] = json!({ "log": entry.log.name(), "index": entry.index });
    Some((kind, data))
}

fn of_control(control: &Control) -> Option<(EventType, Value)> {
    Some(match control {
        Control::StatementIssued {
            contract,
            cut,
            revision,
            number,
            by,
            ..
        } => (
            EventType::StatementIssued,
            json!({
                "statement": number, "contract": contract, "cut": cut.to_string(),
                "revision": revision, "by": by,
            }),
        ),
        Control::StatementVoided { number, reason, by } => (
            EventType::StatementVoided,
            json!({ "statement": number, "reason": cut(reason), "by": by }),
        ),
        Control::Cover(entry) => of_cover(entry)?,
        Control::CreditIssued {
            contract,
            amount,
            reason,
            by,
        } => {
            let (number, currency) = (amount.number(), amount.currency());
            let amount = json!({ "amount": number, "currency": currency.code() });
            (
                EventType::CreditIssued,
                json!({ "contract": contract, "amount": amount, "reason": cut(reason), "by": by }),
            )
        }
        Control::StatementCredited {
            number,
            line,
            reason,
            by,
        } => {
            let mut data = json!({ "statement": number, "reason": cut(reason), "by": by });
            if let Some(line) = line {
                data["line"] = json!(line);
            }
            (EventType::StatementCredited, data)
        }
        Control::ApprovalProposed(own) => (
            EventType::ApprovalProposed,
            json!({
                "proposal": own.proposal, "act": own.act, "what": cut(&own.what), "by": own.by,
                "amount": { "amount": own.amount.number(), "currency": own.amount.currency().code() },
                "expires": own.expires.to_string(),
            }),
        ),
        Control::ApprovalDecided(own) => {
            let mut data =
                json!({ "proposal": own.proposal, "answer": own.answer.word(), "by": own.by });
            if let Some(reason) = &own.reason {
                data["reason"] = json!(cut(reason));
            }
            (EventType::ApprovalDecided, data)
        }
        _ => of_money(control)?,
    })
}

/// What is told of a cover.
fn of_cover(entry: &CoverEntry) -> Option<(EventType, Value)> {
    Some(match entry {
        CoverEntry::Issued {
            number,
            through,
            parts,
            payable,
            by,
            ..
        } => {
            let statements: Vec<&str> = parts.iter().map(|own| own.statement.as_str()).collect();
            let payable =
                json!({ "amount": payable.number(), "currency": payable.currency().code() });
            (
                EventType::CoverIssued,
                json!({
                    "cover": number, "through": through.to_string(), "statements": statements,
                    "payable": payable, "by": by,
                }),
            )
        }
        CoverEntry::Voided { number, reason, by } => (
            EventType::CoverVoided,
            json!({ "cover": number, "reason": cut(reason), "by": by }),
        ),
        CoverEntry::Chosen { .. } => return None,
    })
}

/// What is told of a step of a quote; `authorship` is who says so. That there is a draft is told to nobody.
fn of_quote(step: &QuoteEntry, authorship: Authorship) -> Option<(EventType, Value)> {
    let mut data = json!({ "quote": step.number(), "by": step.by() });
    let kind = match step {
        QuoteEntry::Drafted { .. } => return None,
        QuoteEntry::Sent { .. } => EventType::QuoteSent,
        QuoteEntry::Accepted { how, .. } => {
            data["authorship"] = json!(authorship.word());
            if let Some(how) = how {
                data["how"] = json!(cut(how));
            }
            EventType::QuoteAccepted
        }
        QuoteEntry::Declined { reason, .. } => {
            data["authorship"] = json!(authorship.word());
            data["reason"] = json!(cut(reason));
            EventType::QuoteDeclined
        }
        QuoteEntry::Withdrawn { reason, .. } => {
            data["reason"] = json!(cut(reason));
            EventType::QuoteWithdrawn
        }
    };
    Some((kind, data))
}

/// What is told of money on a customer's account, and of the seller's books.
fn of_money(control: &Control) -> Option<(EventType, Value)> {
    let said = |from: &OnAccount, data: &mut Value| match from {
        OnAccount::Payment(id) => data["payment"] = json!(id),
        OnAccount::Credit(number) => data["credit"] = json!(number),
    };
    let money = |amount: &Amount| json!({ "amount": amount.number(), "currency": amount.currency().code() });
    Some(match control {
        Control::PaymentRecorded(own) => {
            let statements: Vec<&str> = own.statements().collect();
            let mut data = json!({ "amount": money(&own.amount), "statements": statements });
            if let Some(reference) = &own.reference {
                data["reference"] = json!(reference);
            }
            (EventType::PaymentRecorded, data)
        }
        Control::PaymentAllocated(own) => {
            let parts = own.allocations.iter();
            let statements: Vec<&str> = parts.map(|part| part.statement.as_str()).collect();
            let mut data = json!({ "statements": statements, "by": own.by });
            said(&own.from, &mut data);
            (EventType::PaymentAllocated, data)
        }
        Control::PaymentRefunded(own) => {
            let mut data =
                json!({ "amount": money(&own.amount), "reason": cut(&own.reason), "by": own.by });
            said(&own.from, &mut data);
            if let Some(reference) = &own.reference {
                data["reference"] = json!(reference);
            }
            (EventType::PaymentRefunded, data)
        }
        Control::PaymentVoided(own) => (
            EventType::PaymentVoided,
            json!({ "voided": own.entry, "reason": cut(&own.reason), "by": own.by }),
        ),
        Control::BalanceWrittenOff(own) => {
            let mut data =
                json!({ "amount": money(&own.amount), "reason": cut(&own.reason), "by": own.by });
            match &own.of {
                Balance::Statement(number) => data["statement"] = json!(number),
                Balance::OnAccount(from) => said(from, &mut data),
            }
            (EventType::BalanceWrittenOff, data)
        }
        Control::BooksLocked(lock) | Control::BooksUnlocked(lock) => {
            let mut data = json!({ "reason": cut(&lock.reason), "by": lock.by });
            if let Some(until) = lock.until {
                data["until"] = json!(until.to_string());
            }
            let kind = match control {
                Control::BooksLocked(_) => EventType::BooksLocked,
                _ => EventType::BooksUnlocked,
            };
            (kind, data)
        }
        _ => return None,
    })
}

/// A message that is kept in any case: without what makes it too long, should anything.
fn message(
    key: String,
    kind: EventType,
    known_to: Option<&str>,
    data: &Value,
    times: (Timestamp, Timestamp),
) -> NewMessage {
    let whole = announce::message(key, kind, known_to, data, times);
    if whole.payload.len() <= MESSAGE_BYTES_MAX {
        return whole;
    }
    let mut least = json!({});
    for member in ["customer", "entry", "log", "count"] {
        if let Some(value) = data.get(member) {
            least[member] = value.clone();
        }
    }
    announce::message(whole.key, kind, known_to, &least, times)
}

/// The beginning of a text that people wrote, so that a message stays small.
fn cut(text: &str) -> String {
    match text.char_indices().nth(WEBHOOK_REASON_CHARS_MAX) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
