//! Rows of the read models: one effective fact to the rows that it stands for, and away again.

use jiff::Timestamp;
use money::Amount;
use rusqlite::{Connection, Row, params};
use work::body::{Body, Control, Cost, CostLine, Grant, GrantAmended, StatedCell};
use work::{Event, Header, Json, LogKind, SmolStr};

use super::tallies::Tallies;

/// A time as the tables keep it: nine digits, so that text sorts as time does.
pub(super) fn time(instant: Timestamp) -> String {
    format!("{instant:.9}")
}

/// The number of a log in the tables.
pub(super) fn log_number(log: LogKind) -> i64 {
    match log {
        LogKind::Shared => 0,
        LogKind::Seller => 1,
    }
}

/// An index as SQLite keeps integers.
pub(super) fn sql_index(index: u64) -> i64 {
    // A log of 2^63 entries is out of reach: at a million a second it takes 292,000 years.
    i64::try_from(index).unwrap_or(i64::MAX)
}

/// An index from a row.
pub(super) fn index(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, number))
}

/// Whether the header names something to look works up by. The others are dimensions with few
/// values: an index on them would hold every entry and find none.
pub(super) fn is_indexed(header: Header) -> bool {
    match header {
        Header::Work
        | Header::Case
        | Header::Conversation
        | Header::Issue
        | Header::User
        | Header::Lead
        | Header::Document
        | Header::Repository
        | Header::Patch
        | Header::Deal => true,
        Header::Unit
        | Header::Channel
        | Header::Tier
        | Header::Department
        | Header::Language
        | Header::Category
        | Header::Control
        | Header::Environment => false,
    }
}

/// The headers of an entry: its own, and those of the content that it would put in place.
pub(super) fn headers(event: &Event) -> Vec<(Header, &str)> {
    let mut found: Vec<(Header, &str)> = Vec::new();
    let mut next = Some(event);
    while let Some(event) = next {
        found.extend(
            event
                .headers
                .iter()
                .map(|(header, value)| (header, value.as_str())),
        );
        next = match &event.body {
            Body::Corrected { replacement, .. } => replacement.as_deref(),
            _ => None,
        };
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Why a cost has no amount that can be trusted, or `None` where it has one (a claimed amount of
/// zero beside tokens, or for a model, is unpriced, not free).
pub(super) fn unpriced(cost: &Cost) -> Option<&'static str> {
    match cost.amount {
        None => Some("no amount claimed"),
        Some(amount) if amount.is_zero() && !cost.tokens.is_empty() => {
            Some("claimed as zero beside tokens")
        }
        Some(amount)
            if amount.is_zero() && (cost.model.is_some() || cost.line == CostLine::Model) =>
        {
            Some("claimed as zero for a model")
        }
        Some(_) => None,
    }
}

/// Writes the rows of one effective fact, whose identity's first content is at `entry`.
pub(super) fn insert(
    connection: &Connection,
    customer: i64,
    entry: i64,
    event: &Event,
    tallies: &mut Tallies,
) -> rusqlite::Result<()> {
    let at = time(event.time);
    let work = event.work.as_deref();
    let number = |amount: &Amount| amount.number();
    let code = |amount: &Amount| amount.currency().code();
    match &event.body {
        Body::Cost(cost) => {
            let unpriced = unpriced(cost);
            let amount = cost.amount.as_ref().filter(|_| unpriced.is_none());
            tallies.cost(customer, (&at, cost.line.word()), amount.copied(), 1);
            connection
                .prepare_cached(
                    "INSERT INTO costs VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16)",
                )?
                .execute(params![
                    customer, entry, event.source.as_str(), event.id.as_str(), at, work, cost.line.word(),
                    amount.map(number), amount.map(code), unpriced, cost.provider, cost.model,
                    tokens(cost), cost.agent, cost.agent_version, cost.note,
                ])?;
        }
        Body::Usage {
            meter,
            quantity,
            amount,
            item,
        } => {
            connection
                .prepare_cached(
                    "INSERT INTO usage VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12)",
                )?
                .execute(params![
                    customer,
                    entry,
                    event.source.as_str(),
                    event.id.as_str(),
                    at,
                    work,
                    meter,
                    quantity.to_string(),
                    amount.as_ref().map(number),
                    amount.as_ref().map(code),
                    item.as_deref(),
                    headers_text(event),
                ])?;
        }
        Body::SeatAssigned { seat } | Body::SeatReleased { seat } => {
            let assigned = matches!(event.body, Body::SeatAssigned { .. });
            connection
                .prepare_cached("INSERT INTO seats VALUES (?1,?2,?3,?4,?5,?6,?7)")?
                .execute(params![
                    customer,
                    entry,
                    event.source.as_str(),
                    event.id.as_str(),
                    at,
                    seat,
                    assigned
                ])?;
        }
        Body::Control(control) => insert_control(connection, customer, entry, event, control)?,
        _ => {}
    }
    Ok(())
}

fn insert_control(
    connection: &Connection,
    customer: i64,
    entry: i64,
    event: &Event,
    control: &Control,
) -> rusqlite::Result<()> {
    let at = time(event.time);
    let contract_sql = "INSERT INTO contracts VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9)";
    match control {
        Control::DocumentPublished {
            document, text, by, ..
        } => {
            let digest = work::Digest::of(text.as_bytes()).to_string();
            let log = log_number(event.log());
            connection
                .prepare_cached("INSERT INTO documents VALUES (?1,?2,?3,?4,?5,?6,?7)")?
                .execute(params![
                    customer,
                    log,
                    entry,
                    at,
                    document.word(),
                    digest,
                    by
                ])?;
        }
        Control::ContractSigned {
            contract,
            document,
            by,
        } => {
            connection.prepare_cached(contract_sql)?.execute(params![
                customer,
                entry,
                at,
                contract,
                "signed",
                document.to_string(),
                None::<String>,
                None::<String>,
                by,
            ])?;
        }
        Control::ContractOpened {
            contract,
            document,
            by,
        } => {
            connection.prepare_cached(contract_sql)?.execute(params![
                customer,
                entry,
                at,
                contract,
                "opened",
                document.to_string(),
                None::<String>,
                None::<String>,
                by,
            ])?;
        }
        Control::Quote(own) => {
            connection
                .prepare_cached("INSERT INTO quotes VALUES (?1,?2,?3,?4,?5)")?
                .execute(params![customer, entry, at, own.number(), own.by()])?;
        }
        Control::ContractAmended {
            contract,
            document,
            effective,
            reprice,
            by,
        } => {
            connection.prepare_cached(contract_sql)?.execute(params![
                customer,
                entry,
                at,
                contract,
                "amended",
                document.to_string(),
                time(*effective),
                reprice,
                by,
            ])?;
        }
        Control::ContractEnded {
            contract,
            effective,
            by,
        } => {
            connection.prepare_cached(contract_sql)?.execute(params![
                customer,
                entry,
                at,
                contract,
                "ended",
                None::<String>,
                time(*effective),
                None::<String>,
                by,
            ])?;
        }
        Control::StatementStated {
            contract,
            cut,
            revision,
            cells_digest,
            part,
            cells,
        } => {
            connection
                .prepare_cached("INSERT INTO stated VALUES (?1,?2,?3,?4,?5,?6,?7)")?
                .execute(params![
                    customer,
                    entry,
                    contract,
                    time(*cut),
                    revision,
                    cells_digest.to_string(),
                    part,
                ])?;
            insert_cells(connection, customer, entry, cells)?;
        }
        Control::StatementIssued {
            contract,
            cut,
            revision,
            number,
            coverage,
            body,
            parts,
            cells_digest,
            by,
            ..
        } => {
            connection
                .prepare_cached(
                    "INSERT INTO statements VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12)",
                )?
                .execute(params![
                    customer,
                    entry,
                    at,
                    contract,
                    time(*cut),
                    revision,
                    number,
                    sql_index(*coverage),
                    body.to_string(),
                    parts,
                    cells_digest.to_string(),
                    by,
                ])?;
        }
        Control::StatementVoided { number, reason, by } => {
            connection
                .prepare_cached("INSERT INTO voids VALUES (?1,?2,?3,?4,?5,?6)")?
                .execute(params![customer, entry, at, number, reason, by])?;
        }
        Control::CreditIssued {
            contract,
            amount,
            reason,
            by,
        } => {
            connection
                .prepare_cached("INSERT INTO credits VALUES (?1,?2,?3,?4,?5,?6,?7,?8)")?
                .execute(params![
                    customer,
                    entry,
                    at,
                    contract,
                    amount.number(),
                    amount.currency().code(),
                    reason,
                    by,
                ])?;
        }
        Control::CreditGranted(Grant { grant, by, .. })
        | Control::CreditAmended(GrantAmended { grant, by, .. })
        | Control::CreditVoided { grant, by, .. } => {
            let act = match control {
                Control::CreditGranted(_) => "granted",
                Control::CreditAmended(_) => "amended",
                _ => "voided",
            };
            connection
                .prepare_cached("INSERT INTO grants VALUES (?1,?2,?3,?4,?5,?6)")?
                .execute(params![customer, entry, at, act, grant, by])?;
        }
        Control::PaymentRecorded(_)
        | Control::PaymentAllocated(_)
        | Control::PaymentRefunded(_)
        | Control::PaymentVoided(_)
        | Control::BalanceWrittenOff(_) => {
            let (act, amount) = match control {
                Control::PaymentRecorded(own) => ("paid", Some(own.amount)),
                Control::PaymentRefunded(own) => ("refunded", Some(own.amount)),
                Control::BalanceWrittenOff(own) => ("written_off", Some(own.amount)),
                Control::PaymentAllocated(_) => ("allocated", None),
                _ => ("voided", None),
            };
            connection
                .prepare_cached("INSERT INTO payments VALUES (?1,?2,?3,?4,?5,?6)")?
                .execute(params![
                    customer,
                    entry,
                    at,
                    act,
                    amount.map(money::Amount::number),
                    amount.map(|own| own.currency().code()),
                ])?;
        }
        Control::StatementCredited {
            number,
            line,
            reason,
            by,
        } => {
            connection
                .prepare_cached("INSERT INTO decisions VALUES (?1,?2,?3,?4,?5,?6,?7)")?
                .execute(params![customer, entry, at, number, line, reason, by])?;
        }
        Control::BooksLocked(lock) | Control::BooksUnlocked(lock) => {
            let act = match control {
                Control::BooksLocked(_) => "locked",
                _ => "unlocked",
            };
            let until = lock.until.map(|day| day.to_string());
            connection
                .prepare_cached("INSERT INTO locks VALUES (?1,?2,?3,?4,?5,?6)")?
                .execute(params![customer, entry, at, act, until, lock.by])?;
        }
        Control::ApprovalProposed(proposed) => {
            approval(
                connection,
                (customer, entry, &at),
                "proposed",
                (&proposed.proposal, &proposed.by),
            )?;
        }
        Control::ApprovalDecided(decided) => {
            let act = decided.answer.word();
            approval(
                connection,
                (customer, entry, &at),
                act,
                (&decided.proposal, &decided.by),
            )?;
        }
        // Covers and waivers are few, and read with the account or by their ids.
        Control::Cover(_)
        | Control::DataRedacted { .. }
        | Control::CloseRecorded(_)
        | Control::CheckWaived(_) => {}
    }
    Ok(())
}

fn approval(
    connection: &Connection,
    (customer, entry, at): (i64, i64, &str),
    act: &str,
    (proposal, by): (&str, &str),
) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT INTO approvals VALUES (?1,?2,?3,?4,?5,?6)")?
        .execute(params![customer, entry, at, act, proposal, by])?;
    Ok(())
}

fn insert_cells(
    connection: &Connection,
    customer: i64,
    entry: i64,
    cells: &[StatedCell],
) -> rusqlite::Result<()> {
    let mut insert =
        connection.prepare_cached("INSERT INTO cells VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9)")?;
    for (position, cell) in cells.iter().enumerate() {
        insert.execute(params![
            customer,
            entry,
            sql_index(position as u64),
            cell.cell,
            cell.amount.number(),
            cell.amount.currency().code(),
            cell.quantity.to_string(),
            cell.waived,
            cell.credit,
        ])?;
    }
    Ok(())
}

/// The tables that [`insert`] fills, by log.
const OF_SHARED: [&str; 13] = [
    "usage",
    "seats",
    "documents",
    "contracts",
    "statements",
    "stated",
    "cells",
    "voids",
    "credits",
    "grants",
    "decisions",
    "payments",
    "quotes",
];

/// Removes the rows of the fact whose identity's first content is at `entry`.
pub(super) fn remove(
    connection: &Connection,
    customer: i64,
    log: LogKind,
    entry: i64,
    tallies: &mut Tallies,
) -> rusqlite::Result<()> {
    let tables: &[&str] = match log {
        LogKind::Shared => &OF_SHARED,
        LogKind::Seller => {
            remove_cost(connection, customer, entry, tallies)?;
            &["documents", "locks", "approvals"]
        }
    };
    for table in tables {
        let and_log = if *table == "documents" {
            "AND log = ?3"
        } else {
            "AND ?3 = ?3"
        };
        let sql = format!("DELETE FROM {table} WHERE customer = ?1 AND entry = ?2 {and_log}");
        connection
            .prepare_cached(&sql)?
            .execute(params![customer, entry, log_number(log)])?;
    }
    Ok(())
}

fn remove_cost(
    connection: &Connection,
    customer: i64,
    entry: i64,
    tallies: &mut Tallies,
) -> rusqlite::Result<()> {
    let mut delete = connection.prepare_cached(
        "DELETE FROM costs WHERE customer = ?1 AND entry = ?2 RETURNING time, line, amount, currency",
    )?;
    let mut gone = delete.query(params![customer, entry])?;
    while let Some(row) = gone.next()? {
        let (time, line): (String, String) = (row.get(0)?, row.get(1)?);
        let amount: Option<String> = row.get(2)?;
        let currency: Option<String> = row.get(3)?;
        let amount = amount.zip(currency);
        let amount = amount.map(|(number, currency)| format!("{number} {currency}").parse());
        let amount = amount
            .transpose()
            .map_err(|_| rusqlite::Error::InvalidQuery)?;
        tallies.cost(customer, (&time, &line), amount, -1);
    }
    Ok(())
}

fn tokens(cost: &Cost) -> Option<String> {
    let counts = cost.tokens.iter();
    let members: Vec<(SmolStr, Json)> = counts
        .map(|(class, count)| (class.word().into(), Json::text(count.to_string())))
        .collect();
    (!members.is_empty()).then(|| Json::Object(members).to_canonical())
}

fn headers_text(event: &Event) -> String {
    let members = event.headers.iter();
    let members = members.map(|(header, value)| (header.name().into(), Json::text(value.clone())));
    Json::Object(members.collect()).to_canonical()
}
