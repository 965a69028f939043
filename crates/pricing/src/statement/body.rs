//! The statement's canonical body.

use jiff::Timestamp;
use money::{Amount, Quantity};
use work::Json;
use work::event::Authorship;
use work::settle::FactRef;

use super::{Line, Statement};
use crate::cell::Awaited;
use crate::credit::CreditLine;

/// The word for money that no fact decided.
const AGREED: &str = "agreed";

pub(super) fn to_json(statement: &Statement) -> Json {
    let documents = statement.documents.iter().map(|(version, contract, plan)| {
        Json::object([
            ("version", Some(Json::Number(version.to_string().into()))),
            ("contract", Some(Json::text(contract.to_string()))),
            ("plan", Some(Json::text(plan.to_string()))),
        ])
    });
    let authorship = statement.authorship.iter().map(|(author, share)| {
        (
            author.map_or(AGREED, Authorship::word).into(),
            amount(*share),
        )
    });
    let pending = statement
        .pending
        .iter()
        .map(|(reason, count)| ((*reason).into(), Json::Number(count.to_string().into())));
    let credits: Vec<Json> = statement.credits.iter().map(credit).collect();
    Json::object([
        (
            "statement",
            Some(Json::text("billing statement, before tax")),
        ),
        ("customer", Some(Json::text(&statement.customer))),
        ("contract", Some(Json::text(&statement.contract))),
        ("cut", Some(instant(statement.cut))),
        ("as_of", Some(instant(statement.as_of))),
        (
            "revision",
            Some(Json::Number(statement.revision.to_string().into())),
        ),
        ("draft", statement.is_draft.then_some(Json::Bool(true))),
        ("service", Some(span(statement.service))),
        ("currency", Some(Json::text(statement.currency.code()))),
        (
            "semantics",
            Some(Json::Number(statement.semantics.to_string().into())),
        ),
        ("documents", Some(Json::Array(documents.collect()))),
        (
            "lines",
            Some(Json::Array(statement.lines.iter().map(line).collect())),
        ),
        ("total", Some(amount(statement.total))),
        (
            "credits",
            (!credits.is_empty()).then_some(Json::Array(credits)),
        ),
        (
            "payable",
            (!statement.credits.is_empty()).then(|| amount(statement.payable)),
        ),
        ("retained", statement.retained.map(amount)),
        ("authorship", Some(Json::Object(authorship.collect()))),
        ("pending", Some(Json::Object(pending.collect()))),
        (
            "awaited",
            (!statement.awaited.is_empty())
                .then(|| Json::Array(statement.awaited.iter().map(awaited).collect())),
        ),
    ])
}

fn line(line: &Line) -> Json {
    let list = |facts: &[FactRef]| {
        let name = |fact: &FactRef| {
            Json::object([
                ("source", Some(Json::text(fact.source.clone()))),
                ("id", Some(Json::text(fact.id.clone()))),
            ])
        };
        (!facts.is_empty()).then(|| Json::Array(facts.iter().map(name).collect()))
    };
    let works = line.works.iter().map(Json::text);
    let waived = line.waived.as_ref().map(|(reason, waived)| {
        Json::object([
            ("reason", Some(Json::text(reason))),
            ("amount", Some(amount(*waived))),
        ])
    });
    Json::object([
        ("kind", Some(Json::text(line.kind.word()))),
        ("cell", Some(Json::text(line.cell.to_string()))),
        (
            "surface",
            line.surface.map(|surface| Json::text(surface.word())),
        ),
        ("service", Some(span(line.service))),
        ("before", line.before.map(state)),
        ("after", line.after.map(state)),
        ("quantity", Some(Json::text(line.quantity.to_string()))),
        ("amount", Some(amount(line.amount))),
        ("waived", waived),
        (
            "works",
            (!line.works.is_empty()).then(|| Json::Array(works.collect())),
        ),
        ("causes", list(&line.causes)),
        (
            "omitted",
            (line.omitted > 0).then(|| Json::Number(line.omitted.to_string().into())),
        ),
        ("note", line.note.as_ref().map(Json::text)),
    ])
}

fn awaited(own: &Awaited) -> Json {
    Json::object([
        ("component", Some(Json::text(&own.component))),
        ("document", Some(Json::text(own.document.word()))),
        ("subject", Some(Json::text(&own.subject))),
        ("period", Some(span(own.period))),
    ])
}

fn credit(line: &CreditLine) -> Json {
    let some = |own: Amount| (!own.is_zero()).then(|| amount(own));
    Json::object([
        ("credit", Some(Json::text(line.lot.to_string()))),
        ("drawn", some(line.drawn)),
        ("restored", some(line.restored)),
    ])
}

fn state((quantity, owed): (Quantity, Amount)) -> Json {
    Json::object([
        ("quantity", Some(Json::text(quantity.to_string()))),
        ("amount", Some(amount(owed))),
    ])
}

fn amount(amount: Amount) -> Json {
    Json::object([
        ("amount", Some(Json::text(amount.number()))),
        ("currency", Some(Json::text(amount.currency().code()))),
    ])
}

fn instant(instant: Timestamp) -> Json {
    Json::text(instant.to_string())
}

fn span((from, until): (Timestamp, Timestamp)) -> Json {
    Json::object([
        ("from", Some(instant(from))),
        ("until", Some(instant(until))),
    ])
}
