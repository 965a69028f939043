//! Bodies to and from the members of `data`.

use jiff::Timestamp;
use money::{Amount, Decimal};

use super::approval::{Closed, Decided, Proposed};
use super::books::Lock;
use super::check::CheckWaived;
use super::control::{Audience, Control, DocumentKind};
use super::cost::{Cost, CostLine, TokenClass, Tokens};
use super::cover::CoverEntry;
use super::credit::{Grant, GrantAmended};
use super::payment::{Allocated, Payment, PaymentVoided, Refund, WriteOff};
use super::quote::QuoteEntry;
use super::{
    Action, AnswerKind, AskKind, Assurance, Body, CheckResult, Kind, ReviewResult, Verdict, stated,
};
use crate::SmolStr;
use crate::event::{Event, EventError};
use crate::fields::Fields;
use crate::json::Json;
use crate::limits::STATEMENT_PARTS_MAX;

impl Body {
    /// Reads the body of an event of wire type `wire`; `None` where there is no such type.
    pub(crate) fn read(wire: &str, data: &mut Fields<'_>) -> Option<Result<Body, EventError>> {
        Kind::from_wire(wire).map(|kind| read(kind, data))
    }

    /// What one body alone cannot say: rules that look at the envelope as well.
    pub(crate) fn check(&self, event: &Event) -> Result<(), EventError> {
        let about_work = self.tag().is_about_work();
        if about_work && event.headers.iter().next().is_none() {
            return Err(EventError::new(
                "/workid",
                "a fact about work needs `workid`, or a header such as `case` in `data`",
            ));
        }
        match self {
            Body::Corrected {
                target_source,
                target_id,
                target_kind,
                action,
                replacement,
                ..
            } => {
                if target_kind.is_control() {
                    return Err(EventError::new(
                        "/data/target/type",
                        format!(
                            "`{}` is written by piecework and is not corrected: amend or end the \
                             contract, void the statement",
                            target_kind.wire()
                        ),
                    ));
                }
                if replacement
                    .as_ref()
                    .is_some_and(|new| new.body.tag().is_control())
                {
                    return Err(EventError::new(
                        "/data/replacement/type",
                        "what piecework writes cannot take the place of an event",
                    ));
                }
                if *target_source == event.source && *target_id == event.id {
                    return Err(EventError::new(
                        "/data/target",
                        "an event cannot correct itself",
                    ));
                }
                match (action, replacement) {
                    (Action::Replace, None) => Err(EventError::new(
                        "/data/replacement",
                        "`replace` needs the content that replaces the target",
                    )),
                    (Action::Void | Action::Choose, Some(_)) => Err(EventError::new(
                        "/data/replacement",
                        "only `replace` takes a replacement",
                    )),
                    (Action::Replace, Some(new)) if new.customer != event.customer => {
                        Err(EventError::new(
                            "/data/replacement/subject",
                            "a correction keeps the customer; to move an event, void it and send \
                             a new one to the other customer",
                        ))
                    }
                    (Action::Replace, Some(new))
                        if new.source != *target_source || new.id != *target_id =>
                    {
                        Err(EventError::new(
                            "/data/replacement/id",
                            "the replacement keeps the identity (source and id) of its target",
                        ))
                    }
                    (Action::Replace, Some(new)) if new.log() != self.log() => {
                        Err(EventError::new(
                            "/data/replacement/type",
                            "the replacement belongs to the other log; void the target and send a new event",
                        ))
                    }
                    _ => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }

    /// The members of `data` beside the shared headers, values in canonical form.
    #[must_use]
    pub fn members(&self) -> Vec<(SmolStr, Json)> {
        match members(self) {
            Json::Object(members) => members,
            _ => Vec::new(),
        }
    }
}

fn share(data: &mut Fields<'_>, key: &str) -> Result<Option<Decimal>, EventError> {
    let value = data.decimal(key)?;
    if value.is_some_and(|v| v > Decimal::ONE) {
        return Err(data.fault(key, "a share lies between 0 and 1"));
    }
    Ok(value)
}

fn read(kind: Kind, data: &mut Fields<'_>) -> Result<Body, EventError> {
    Ok(match kind {
        Kind::Opened => Body::Opened,
        Kind::Asked => Body::Asked {
            kind: data
                .word("kind", AskKind::WORDS)?
                .unwrap_or(AskKind::Question),
        },
        Kind::Answered => Body::Answered {
            kind: data
                .word("kind", AnswerKind::WORDS)?
                .unwrap_or(AnswerKind::Answer),
            confidence: share(data, "confidence")?,
            review: data.id("review")?,
        },
        Kind::Confirmed => Body::Confirmed,
        Kind::Rejected => Body::Rejected {
            reason: data.text("reason")?,
        },
        Kind::Verified => Body::Verified {
            result: data.need_word("result", CheckResult::WORDS)?,
            check: data.need_id("check")?,
        },
        Kind::Escalated => Body::Escalated {
            configured: data.flag("configured")?.unwrap_or(false),
        },
        Kind::HumanReplied => Body::HumanReplied {
            visible: data.flag("visible")?.unwrap_or(true),
            minutes: data.decimal("minutes")?,
        },
        Kind::Overridden => Body::Overridden {
            minutes: data.decimal("minutes")?,
        },
        Kind::Reopened => Body::Reopened,
        Kind::Closed => Body::Closed {
            reason: data.text("reason")?,
        },
        Kind::Rated => Body::Rated {
            score: data.need_decimal("score")?,
        },
        Kind::Valued => Body::Valued {
            amount: data.need_amount("amount")?,
        },
        Kind::Disputed => Body::Disputed {
            reason: data.text("reason")?,
        },
        Kind::DisputeDecided => Body::DisputeDecided {
            verdict: data.need_word("verdict", Verdict::WORDS)?,
        },
        Kind::Reviewed => Body::Reviewed {
            result: data.need_word("result", ReviewResult::WORDS)?,
            edit_share: share(data, "edit_share")?,
            minutes: data.decimal("minutes")?,
        },
        Kind::CostRecorded => read_cost(data)?,
        Kind::Usage => Body::Usage {
            meter: data.need_id("meter")?,
            quantity: data.decimal("quantity")?.unwrap_or(Decimal::ONE),
            amount: data.amount("amount")?,
            item: data.id("item")?,
        },
        Kind::SeatAssigned => Body::SeatAssigned {
            seat: data.need_id("seat")?,
        },
        Kind::SeatReleased => Body::SeatReleased {
            seat: data.need_id("seat")?,
        },
        Kind::Baseline => {
            let (from, until) = (data.need_instant("from")?, data.need_instant("until")?);
            if until <= from {
                return Err(data.fault("until", "the baseline must end after it begins"));
            }
            Body::Baseline {
                measure: data.need_id("measure")?,
                value: data.need_decimal("value")?,
                observations: data.decimal("observations")?,
                from,
                until,
            }
        }
        Kind::Evidence => Body::Evidence {
            name: data.need_id("name")?,
            commitment: data.need_digest("commitment")?,
            media_type: data.id("media_type")?,
            audience: audience(data)?,
        },
        Kind::Corrected => read_correction(data)?,
        Kind::KeyPublished => Body::Assurance(Assurance::read_key(data)?),
        Kind::DocumentAcknowledged => Body::Assurance(Assurance::read_acknowledged(data)?),
        Kind::SampleAnchored => Body::Assurance(Assurance::read_anchored(data)?),
        Kind::SampleDrawn => Body::Assurance(Assurance::read_drawn(data)?),
        _ => Body::Control(read_control(kind, data)?),
    })
}

fn read_cost(data: &mut Fields<'_>) -> Result<Body, EventError> {
    let line = data.need_word("line", CostLine::WORDS)?;
    let amount = data.amount("amount")?;
    if amount.is_some_and(Amount::is_negative) {
        return Err(data.fault(
            "amount",
            "must not be negative; correct the earlier cost with `event.corrected`, or say \
             `\"credit\": true` for money that a provider gives back",
        ));
    }
    let is_credit = data.flag("credit")?.unwrap_or(false);
    if is_credit && amount.is_none_or(Amount::is_zero) {
        return Err(data.fault("amount", "a credit says how much, as an amount above zero"));
    }
    let amount = amount.map(|amount| if is_credit { amount.negated() } else { amount });
    let mut tokens = Tokens::new();
    if let Some(mut counts) = data.object("tokens")? {
        for (word, class) in TokenClass::WORDS {
            if let Some(count) = counts.decimal(word)? {
                tokens.insert(*class, count);
            }
        }
        counts.finish()?;
    }
    if is_credit && !tokens.is_empty() {
        return Err(data.fault("tokens", "a credit is money; tokens are no part of it"));
    }
    let model = data.id("model")?;
    if amount.is_none() && model.is_none() {
        return Err(data.fault(
            "amount",
            "a cost needs an amount, or a model and its tokens that the model costs can price",
        ));
    }
    Ok(Body::Cost(Cost {
        line,
        amount,
        provider: data.id("provider")?,
        model,
        tokens,
        agent: data.id("agent")?,
        agent_version: data.id("agent_version")?,
        note: data.text("note")?,
    }))
}

fn read_correction(data: &mut Fields<'_>) -> Result<Body, EventError> {
    let mut target = data.need_object("target")?;
    let target_source = target.need_id("source")?;
    let target_id = target.need_id("id")?;
    let target_digest = target.need_digest("digest")?;
    let kind: SmolStr = target.need_id("type")?;
    let target_kind = Kind::from_wire(&kind)
        .ok_or_else(|| target.fault("type", format!("`{kind}` is not a piecework event type")))?;
    target.finish()?;
    let pointer = data.at("replacement");
    let replacement = match data.take("replacement") {
        None => None,
        Some(value) => Some(Box::new(Event::from_json(value).map_err(|error| {
            EventError::new(format!("{pointer}{}", error.pointer), error.problem)
        })?)),
    };
    Ok(Body::Corrected {
        target_source,
        target_id,
        target_digest,
        target_kind,
        action: data.need_word("action", Action::WORDS)?,
        replacement,
        reason: data.text("reason")?,
    })
}

fn read_control(kind: Kind, data: &mut Fields<'_>) -> Result<Control, EventError> {
    Ok(match kind {
        Kind::DocumentPublished => {
            let text = data.document("text")?;
            Control::DocumentPublished {
                document: data.need_word("kind", DocumentKind::WORDS)?,
                text: text.ok_or_else(|| data.fault("text", "this member is required"))?,
                audience: audience(data)?,
                by: data.need_id("by")?,
            }
        }
        Kind::ContractSigned => Control::ContractSigned {
            contract: data.need_id("contract")?,
            document: data.need_digest("digest")?,
            by: data.need_id("by")?,
        },
        Kind::ContractAmended => Control::ContractAmended {
            contract: data.need_id("contract")?,
            document: data.need_digest("digest")?,
            effective: data.need_instant("effective")?,
            reprice: data.id("reprice")?,
            by: data.need_id("by")?,
        },
        Kind::ContractEnded => Control::ContractEnded {
            contract: data.need_id("contract")?,
            effective: data.need_instant("effective")?,
            by: data.need_id("by")?,
        },
        Kind::ContractOpened => Control::ContractOpened {
            contract: data.need_id("contract")?,
            document: data.need_digest("digest")?,
            by: data.need_id("by")?,
        },
        Kind::QuoteDrafted
        | Kind::QuoteSent
        | Kind::QuoteAccepted
        | Kind::QuoteDeclined
        | Kind::QuoteWithdrawn => QuoteEntry::read(kind, data)?,
        Kind::StatementStated => Control::StatementStated {
            contract: data.need_id("contract")?,
            cut: data.need_instant("cut")?,
            revision: count(data, "revision")?,
            cells_digest: data.need_digest("cells_digest")?,
            part: part(data, "part", 1)?,
            cells: stated::read(data)?,
        },
        Kind::StatementIssued => Control::StatementIssued {
            contract: data.need_id("contract")?,
            cut: data.need_instant("cut")?,
            revision: count(data, "revision")?,
            number: data.need_id("number")?,
            coverage: count(data, "coverage")?,
            body: data.need_digest("body")?,
            carry: data.need_digest("carry")?,
            parts: part(data, "parts", 0)?,
            cells_digest: data.need_digest("cells_digest")?,
            by: data.need_id("by")?,
        },
        Kind::StatementVoided => Control::StatementVoided {
            number: data.need_id("number")?,
            reason: need_text(data, "reason")?,
            by: data.need_id("by")?,
        },
        Kind::CoverChosen | Kind::CoverIssued | Kind::CoverVoided => CoverEntry::read(kind, data)?,
        Kind::CreditIssued => Control::CreditIssued {
            contract: data.need_id("contract")?,
            amount: positive(data, "a credit")?,
            reason: need_text(data, "reason")?,
            by: data.need_id("by")?,
        },
        Kind::StatementCredited => Control::StatementCredited {
            number: data.need_id("number")?,
            line: data.document("line")?,
            reason: need_text(data, "reason")?,
            by: data.need_id("by")?,
        },
        Kind::CreditGranted => Control::CreditGranted(Grant::read(data)?),
        Kind::CreditAmended => Control::CreditAmended(GrantAmended::read(data)?),
        Kind::CreditVoided => Control::CreditVoided {
            grant: data.need_id("grant")?,
            reason: need_text(data, "reason")?,
            by: data.need_id("by")?,
        },
        Kind::PaymentRecorded => Control::PaymentRecorded(Payment::read(data)?),
        Kind::PaymentAllocated => Control::PaymentAllocated(Allocated::read(data)?),
        Kind::PaymentRefunded => Control::PaymentRefunded(Refund::read(data)?),
        Kind::PaymentVoided => Control::PaymentVoided(PaymentVoided::read(data)?),
        Kind::BalanceWrittenOff => Control::BalanceWrittenOff(WriteOff::read(data)?),
        Kind::BooksLocked => Control::BooksLocked(Lock::read(data, true)?),
        Kind::BooksUnlocked => Control::BooksUnlocked(Lock::read(data, false)?),
        Kind::ApprovalProposed => Control::ApprovalProposed(Box::new(Proposed::read(data)?)),
        Kind::ApprovalDecided => Control::ApprovalDecided(Decided::read(data)?),
        Kind::CloseRecorded => Control::CloseRecorded(Closed::read(data)?),
        Kind::CheckWaived => Control::CheckWaived(CheckWaived::read(data)?),
        // The kinds about work are read by `read`; what is left is the redaction.
        _ => {
            let mut target = data.need_object("target")?;
            let (target_source, target_id) = (target.need_id("source")?, target.need_id("id")?);
            target.finish()?;
            Control::DataRedacted {
                target_source,
                target_id,
                reason: need_text(data, "reason")?,
                by: data.need_id("by")?,
                audience: audience(data)?,
            }
        }
    })
}

fn audience(data: &mut Fields<'_>) -> Result<Audience, EventError> {
    let audience = data.word("audience", Audience::WORDS)?;
    Ok(audience.unwrap_or(Audience::Shared))
}

/// Free text that must be there.
pub(super) fn need_text(data: &mut Fields<'_>, key: &str) -> Result<String, EventError> {
    let text = data.text(key)?;
    text.ok_or_else(|| data.fault(key, "this member is required"))
}

/// A whole number that fits the type.
fn count<T: TryFrom<i128>>(data: &mut Fields<'_>, key: &str) -> Result<T, EventError> {
    let number = maybe_count(data, key)?;
    number.ok_or_else(|| data.fault(key, "this member is required"))
}

/// A whole number that fits the type, or nothing.
pub(super) fn maybe_count<T: TryFrom<i128>>(
    data: &mut Fields<'_>,
    key: &str,
) -> Result<Option<T>, EventError> {
    let Some(number) = data.decimal(key)? else {
        return Ok(None);
    };
    if !number.is_integer() {
        return Err(data.fault(key, "expected a whole number"));
    }
    let number = T::try_from(number.mantissa());
    number
        .map(Some)
        .map_err(|_| data.fault(key, "the number is too large"))
}

/// The amount of something that is written without a sign.
pub(super) fn positive(data: &mut Fields<'_>, what: &str) -> Result<Amount, EventError> {
    let amount = data.need_amount("amount")?;
    if amount.is_negative() || amount.is_zero() {
        let problem = format!("{what} is written as a positive amount");
        return Err(data.fault("amount", problem));
    }
    Ok(amount)
}

/// The number of a part, or of parts.
fn part(data: &mut Fields<'_>, key: &str, least: u32) -> Result<u32, EventError> {
    let number = count(data, key)?;
    if (least..=STATEMENT_PARTS_MAX).contains(&number) {
        return Ok(number);
    }
    Err(data.fault(
        key,
        format!("expected a number from {least} to {STATEMENT_PARTS_MAX}, the most parts of one statement"),
    ))
}

/// Shared where it is left out.
fn seller_alone(audience: Audience) -> Option<Json> {
    (audience == Audience::Seller).then(|| Json::text("seller"))
}

pub(super) fn text(value: &str) -> Option<Json> {
    Some(Json::text(value))
}

pub(super) fn maybe_text(value: Option<&String>) -> Option<Json> {
    value.map(|value| Json::text(value.as_str()))
}

fn number(value: Decimal) -> Option<Json> {
    Some(Json::text(value.to_string()))
}

pub(super) fn amount(value: Amount) -> Option<Json> {
    Some(Json::object([
        ("amount", Some(Json::text(value.number()))),
        ("currency", Some(Json::text(value.currency().code()))),
    ]))
}

pub(super) fn instant(value: Timestamp) -> Option<Json> {
    Some(Json::text(value.to_string()))
}

fn members(body: &Body) -> Json {
    match body {
        Body::Opened | Body::Confirmed | Body::Reopened => Json::object([]),
        Body::Asked { kind } => Json::object([("kind", text(kind.word()))]),
        Body::Answered {
            kind,
            confidence,
            review,
        } => Json::object([
            ("kind", text(kind.word())),
            ("confidence", confidence.and_then(number)),
            ("review", maybe_text(review.as_ref())),
        ]),
        Body::Rejected { reason } | Body::Closed { reason } | Body::Disputed { reason } => {
            Json::object([("reason", maybe_text(reason.as_ref()))])
        }
        Body::Verified { result, check } => {
            Json::object([("result", text(result.word())), ("check", text(check))])
        }
        Body::Escalated { configured } => {
            Json::object([("configured", configured.then_some(Json::Bool(true)))])
        }
        Body::HumanReplied { visible, minutes } => Json::object([
            ("visible", (!visible).then_some(Json::Bool(false))),
            ("minutes", minutes.and_then(number)),
        ]),
        Body::Overridden { minutes } => Json::object([("minutes", minutes.and_then(number))]),
        Body::Rated { score } => Json::object([("score", number(*score))]),
        Body::Valued { amount: value } => Json::object([("amount", amount(*value))]),
        Body::DisputeDecided { verdict } => Json::object([("verdict", text(verdict.word()))]),
        Body::Reviewed {
            result,
            edit_share,
            minutes,
        } => Json::object([
            ("result", text(result.word())),
            ("edit_share", edit_share.and_then(number)),
            ("minutes", minutes.and_then(number)),
        ]),
        Body::Cost(cost) => cost_members(cost),
        Body::Usage {
            meter,
            quantity,
            amount: value,
            item,
        } => Json::object([
            ("meter", text(meter)),
            ("quantity", number(*quantity)),
            ("amount", value.and_then(amount)),
            ("item", item.as_deref().and_then(text)),
        ]),
        Body::SeatAssigned { seat } | Body::SeatReleased { seat } => {
            Json::object([("seat", text(seat))])
        }
        Body::Baseline {
            measure,
            value,
            observations,
            from,
            until,
        } => Json::object([
            ("measure", text(measure)),
            ("value", number(*value)),
            ("observations", observations.and_then(number)),
            ("from", instant(*from)),
            ("until", instant(*until)),
        ]),
        Body::Evidence {
            name,
            commitment,
            media_type,
            audience,
        } => Json::object([
            ("audience", seller_alone(*audience)),
            ("name", text(name)),
            ("commitment", text(&commitment.to_string())),
            ("media_type", maybe_text(media_type.as_ref())),
        ]),
        Body::Corrected {
            target_source,
            target_id,
            target_digest,
            target_kind,
            action,
            replacement,
            reason,
        } => Json::object([
            (
                "target",
                Some(Json::object([
                    ("source", text(target_source)),
                    ("id", text(target_id)),
                    ("digest", text(&target_digest.to_string())),
                    ("type", text(target_kind.wire())),
                ])),
            ),
            ("action", text(action.word())),
            (
                "replacement",
                replacement.as_ref().map(|event| event.to_json()),
            ),
            ("reason", maybe_text(reason.as_ref())),
        ]),
        Body::Control(control) => control_members(control),
        Body::Assurance(assurance) => assurance.members(),
    }
}

fn cost_members(cost: &Cost) -> Json {
    let is_credit = cost.amount.is_some_and(Amount::is_negative);
    let claimed = cost
        .amount
        .map(|amount| if is_credit { amount.negated() } else { amount });
    let tokens: Vec<(SmolStr, Json)> = cost
        .tokens
        .iter()
        .filter_map(|(class, count)| Some((SmolStr::new_static(class.word()), number(*count)?)))
        .collect();
    Json::object([
        ("line", text(cost.line.word())),
        ("amount", claimed.and_then(amount)),
        ("credit", is_credit.then_some(Json::Bool(true))),
        ("provider", maybe_text(cost.provider.as_ref())),
        ("model", maybe_text(cost.model.as_ref())),
        (
            "tokens",
            (!tokens.is_empty()).then_some(Json::Object(tokens)),
        ),
        ("agent", maybe_text(cost.agent.as_ref())),
        ("agent_version", maybe_text(cost.agent_version.as_ref())),
        ("note", maybe_text(cost.note.as_ref())),
    ])
}

fn control_members(control: &Control) -> Json {
    match control {
        Control::DocumentPublished {
            document,
            text: content,
            audience,
            by,
        } => Json::object([
            ("kind", text(document.word())),
            ("text", text(content)),
            ("audience", seller_alone(*audience)),
            ("by", text(by)),
        ]),
        Control::ContractSigned {
            contract,
            document,
            by,
        }
        | Control::ContractOpened {
            contract,
            document,
            by,
        } => Json::object([
            ("contract", text(contract)),
            ("digest", text(&document.to_string())),
            ("by", text(by)),
        ]),
        Control::ContractAmended {
            contract,
            document,
            effective,
            reprice,
            by,
        } => Json::object([
            ("contract", text(contract)),
            ("digest", text(&document.to_string())),
            ("effective", instant(*effective)),
            ("reprice", maybe_text(reprice.as_ref())),
            ("by", text(by)),
        ]),
        Control::ContractEnded {
            contract,
            effective,
            by,
        } => Json::object([
            ("contract", text(contract)),
            ("effective", instant(*effective)),
            ("by", text(by)),
        ]),
        Control::Quote(entry) => entry.members(),
        Control::StatementStated {
            contract,
            cut,
            revision,
            cells_digest,
            part,
            cells,
        } => Json::object([
            ("contract", text(contract)),
            ("cut", instant(*cut)),
            ("revision", text(&revision.to_string())),
            ("cells_digest", text(&cells_digest.to_string())),
            ("part", text(&part.to_string())),
            ("cells", Some(stated::to_json(cells))),
        ]),
        Control::StatementIssued {
            contract,
            cut,
            revision,
            number: printed,
            coverage,
            body,
            carry,
            parts,
            cells_digest,
            by,
        } => Json::object([
            ("contract", text(contract)),
            ("cut", instant(*cut)),
            ("revision", text(&revision.to_string())),
            ("number", text(printed)),
            ("coverage", text(&coverage.to_string())),
            ("body", text(&body.to_string())),
            ("carry", text(&carry.to_string())),
            ("parts", text(&parts.to_string())),
            ("cells_digest", text(&cells_digest.to_string())),
            ("by", text(by)),
        ]),
        Control::StatementVoided {
            number: printed,
            reason,
            by,
        } => Json::object([
            ("number", text(printed)),
            ("reason", text(reason)),
            ("by", text(by)),
        ]),
        Control::Cover(entry) => entry.members(),
        Control::CreditIssued {
            contract,
            amount: value,
            reason,
            by,
        } => Json::object([
            ("contract", text(contract)),
            ("amount", amount(*value)),
            ("reason", text(reason)),
            ("by", text(by)),
        ]),
        Control::StatementCredited {
            number: printed,
            line,
            reason,
            by,
        } => Json::object([
            ("number", text(printed)),
            ("line", maybe_text(line.as_ref())),
            ("reason", text(reason)),
            ("by", text(by)),
        ]),
        Control::CreditGranted(grant) => grant.to_json(),
        Control::CreditAmended(amended) => amended.to_json(),
        Control::CreditVoided { grant, reason, by } => Json::object([
            ("grant", text(grant)),
            ("reason", text(reason)),
            ("by", text(by)),
        ]),
        Control::PaymentRecorded(payment) => payment.to_json(),
        Control::PaymentAllocated(allocated) => allocated.to_json(),
        Control::PaymentRefunded(refund) => refund.to_json(),
        Control::PaymentVoided(voided) => voided.to_json(),
        Control::BalanceWrittenOff(write_off) => write_off.to_json(),
        Control::BooksLocked(lock) | Control::BooksUnlocked(lock) => lock.to_json(),
        Control::ApprovalProposed(proposed) => proposed.to_json(),
        Control::ApprovalDecided(decided) => decided.to_json(),
        Control::CloseRecorded(closed) => closed.to_json(),
        Control::CheckWaived(waived) => waived.to_json(),
        Control::DataRedacted {
            target_source,
            target_id,
            reason,
            by,
            audience,
        } => Json::object([
            ("audience", seller_alone(*audience)),
            (
                "target",
                Some(Json::object([
                    ("source", text(target_source)),
                    ("id", text(target_id)),
                ])),
            ),
            ("reason", text(reason)),
            ("by", text(by)),
        ]),
    }
}
