//! The proof report: a pure function of a prefix of the customer log and one issued statement.
//!
//! The seller makes it from the book and the buyer from a proof file; the same prefix gives the same
//! bytes, which is what `replay --report` compares. So nothing of the configuration is in it, and no
//! clock: what is known is known until the last entry arrived. Not here: HTML (`pages`).

mod definitions;
mod events;
#[cfg(test)]
mod tests;
mod works;

use jiff::Timestamp;
use pages::view::{self, ProofReport};
use pricing::account::{Account, Held, Issued};
use pricing::cell::owed;
use pricing::statement::{Statement, draw_looking_back};
use proof::Entry;
use proof::carry::LogEntry;
use tlog::Frontier;
use work::LogKind;
use work::body::{Body, Control};
use work::effective::{Content, Fact, resolve};

use crate::Result;
use crate::book::Book;
use crate::error::{Absent, Damaged};
use crate::proof_files;
use crate::views::statement::authorship;

/// What a report is made from.
pub struct Prefix {
    /// The customer's id.
    pub customer: String,
    /// The statement's number.
    pub number: String,
    /// The log's name.
    pub origin: String,
    /// The key that signs its heads.
    pub vkey: String,
    /// The first entries of the log.
    pub entries: Vec<LogEntry>,
}

/// What the sections of a report are made from.
struct Known<'a> {
    statement: &'a Statement,
    /// The contract as the statement knew it.
    then: &'a Held,
    /// The contract as the prefix knows it.
    now: &'a Held,
    /// The contents of the prefix.
    contents: &'a [Content],
    /// Those that stand, with the positions of their identities.
    facts: &'a [Fact],
    /// When the last entry arrived.
    known_at: Timestamp,
}

/// The report.
///
/// # Errors
/// Where the log does not issue the statement, or does not give it.
pub fn proof_report(prefix: Prefix) -> Result<ProofReport> {
    let Prefix {
        customer,
        number,
        origin,
        vkey,
        entries,
    } = prefix;
    let last = entries.last().ok_or(Damaged::NoEntries)?;
    let (size, known_at) = (last.index + 1, last.entry.received_at);
    let mut frontier = Frontier::new();
    for entry in &entries {
        frontier.push_leaf_hash(entry.leaf())?;
    }
    let contents: Vec<Content> = entries.into_iter().map(LogEntry::into_content).collect();
    let fold = |until: u64| {
        let first = contents.iter().take_while(|own| own.entry < until);
        Account::fold(&customer, first.cloned().collect(), None)
    };
    let account = fold(size);
    let Some((now, issued)) = account.statement(&number) else {
        return Err(Absent::Issued { size, number }.into());
    };
    let then = fold(issued.coverage);
    let contract = &now.agreement.id;
    let statement = draw_looking_back(&then, contract, issued.cut, fold)?;
    if statement.digest() != issued.body {
        return Err(Damaged::NotAsIssued { number }.into());
    }
    let then = then
        .contract(contract)
        .ok_or(Damaged::Missing("a contract that was issued under"))?;
    let facts = resolve(contents.clone()).facts;
    let known = Known {
        statement: &statement,
        then,
        now,
        contents: &contents,
        facts: &facts,
        known_at,
    };
    let owed = owed(&then.agreement, &then.facts(), statement.as_of)?;
    let works = works::Works::of(&known);
    Ok(ProofReport {
        contract: contract.clone(),
        is_void: issued.is_voided(),
        period: view::Period {
            from: statement.service.0,
            until: statement.service.1,
            zone: then.agreement.latest().terms.contract.time_zone.clone(),
        },
        currency: statement.currency,
        total: statement.total,
        works: works.by_state(),
        weeks: works.weeks()?,
        definitions: definitions::countings(&known),
        documents: definitions::documents(&known),
        authorship: authorship(&owed, &statement)?,
        agreed: statement.authorship.get(&None).copied(),
        rates: works.rates()?,
        samples: events::samples(&known, &number),
        disputes: works.disputes(),
        corrections: events::corrections(&contents),
        redactions: events::redactions(&contents),
        conflicts: account.conflicts.len() as u64,
        log: view::Log {
            origin,
            vkey,
            size,
            root: frontier.root().to_string(),
            known_at,
            coverage: issued.coverage,
            issued: issuing(&contents, issued, &number)?,
            body: issued.body.to_string(),
        },
        proof_file: proof_files::file_name(&number).display().to_string(),
        software: format!("piecework {}", env!("CARGO_PKG_VERSION")),
        customer,
        statement: number,
    })
}

impl Book {
    /// A customer's log as it is, for the proof report of a statement.
    ///
    /// # Errors
    /// Where the log cannot be read, or the book's secret.
    pub fn prefix(&self, customer: &str, number: &str, now: Timestamp) -> Result<Prefix> {
        self.require_customer(customer)?;
        let head = self.store.head(customer, LogKind::Shared)?;
        let entries = self.store.entries(customer, LogKind::Shared, 0..head)?;
        let entries = entries.map(|own| {
            let own = own?;
            Ok(LogEntry {
                index: own.index,
                entry: Entry {
                    event: own.event,
                    received_at: own.received_at,
                    conflict: own.conflict,
                },
            })
        });
        let keyring = self.keyring()?;
        let keys = keyring.signers(LogKind::Shared, customer, now)?;
        Ok(Prefix {
            customer: customer.to_owned(),
            number: number.to_owned(),
            origin: keyring
                .origin(LogKind::Shared, customer)?
                .as_str()
                .to_owned(),
            vkey: keys[0].verifier_key().to_string(), // there is always the latest
            entries: entries.collect::<Result<_>>()?,
        })
    }
}

/// The position of the entry that issues a statement.
fn issuing(contents: &[Content], issued: &Issued, number: &str) -> Result<u64> {
    let issues = |own: &&Content| {
        matches!(&own.event.body, Body::Control(Control::StatementIssued { number: own, body, .. })
            if own == number && *body == issued.body)
    };
    let entry = contents.iter().find(issues).map(|own| own.entry);
    let number = || number.to_owned();
    Ok(entry.ok_or_else(|| Damaged::NoIssue { number: number() })?)
}
