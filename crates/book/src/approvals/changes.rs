//! The change report: what was changed in a period, who asked for it, who approved it, before and behind.
//!
//! It is read from the logs alone: every act is an entry, and an act that a second person approved was appended
//! together with the approval. Invariant: a change is in the report of the period of its entry, once.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use money::Amount;
use pages::view::ChangeRow;
use store::{FactKind, FactsOf};
use work::Digest;
use work::body::{Answer, Body, Control, PriceCheck};
use work::effective::{Content, Fact};
use work::event::PIECEWORK;

use super::approval;
use super::proposals::Known;
use crate::Result;
use crate::book::Book;

/// The kinds of facts that are changes.
const CHANGES: [FactKind; 8] = [
    FactKind::Document,
    FactKind::Contract,
    FactKind::Statement,
    FactKind::Void,
    FactKind::Credit,
    FactKind::Grant,
    FactKind::Decision,
    FactKind::Payment,
];

/// Which changes.
#[derive(Debug, Clone, Copy)]
pub struct Between<'a> {
    /// Only this customer's; everybody's where absent.
    pub customer: Option<&'a str>,
    /// From when.
    pub from: Timestamp,
    /// Until when, not included.
    pub until: Timestamp,
}

impl Book {
    /// What was changed in a period, by time, customer and entry.
    ///
    /// # Errors
    /// Where there is no such customer, or the logs cannot be read.
    pub fn changes(&self, asked: &Between<'_>) -> Result<Vec<ChangeRow>> {
        let customers = match asked.customer {
            Some(customer) => self.chosen(Some(customer))?,
            None => (self.customers()?.into_iter())
                .map(|own| own.customer)
                .collect(),
        };
        let mut rows = Vec::new();
        for customer in customers {
            let proposals = self.known_proposals(&customer)?;
            let mut before = Before {
                totals: self.stated_totals(&customer)?,
                ..Before::default()
            };
            let mut facts = Vec::new();
            let mut contracts = BTreeSet::new();
            for kind in CHANGES {
                let found = self.store.facts(&customer, kind, FactsOf::Customer)?;
                facts.extend(found.collect::<Result<Vec<Fact>, _>>()?);
            }
            for fact in &facts {
                if let Body::Control(Control::ContractSigned { contract, .. }) = &fact.event.body {
                    contracts.insert(contract.clone());
                }
            }
            // What is changed was there before, in the order of the log.
            facts.sort_by_key(|fact| fact.entry);
            for fact in facts {
                let content = Content {
                    entry: fact.entry,
                    event: fact.event,
                };
                let told = change(&customer, &content, &proposals, &mut before);
                let time = content.event.time;
                if asked.from <= time && time < asked.until {
                    rows.extend(told);
                }
            }
            for content in self.waivers_of(&customer, &contracts)? {
                let time = content.event.time;
                if asked.from <= time && time < asked.until {
                    rows.extend(change(&customer, &content, &proposals, &mut before));
                }
            }
        }
        rows.sort_by(|a, b| (a.time, &a.customer, a.entry).cmp(&(b.time, &b.customer, b.entry)));
        Ok(rows)
    }

    /// The entries that waive checks of contracts. They are few, and found by their ids.
    fn waivers_of(&self, customer: &str, contracts: &BTreeSet<String>) -> Result<Vec<Content>> {
        let mut found = Vec::new();
        for contract in contracts {
            for (_, check) in PriceCheck::WORDS {
                let waivers = self.waivers(customer, contract, *check)?.into_iter();
                found.extend(waivers.map(|(entry, _)| Content {
                    entry: entry.index,
                    event: entry.event,
                }));
            }
        }
        Ok(found)
    }

    /// What statements charge, by the digest of all their cells; one that states nothing is not there.
    fn stated_totals(&self, customer: &str) -> Result<BTreeMap<Digest, Amount>> {
        let mut totals: BTreeMap<Digest, Amount> = BTreeMap::new();
        let parts = self
            .store
            .facts(customer, FactKind::Stated, FactsOf::Customer)?;
        for part in parts {
            let Body::Control(Control::StatementStated {
                cells_digest,
                cells,
                ..
            }) = part?.event.body
            else {
                continue;
            };
            for cell in cells.iter().filter(|cell| cell.is_charge()) {
                let sum = totals
                    .entry(cells_digest)
                    .or_insert_with(|| Amount::zero(cell.amount.currency()));
                *sum = sum.plus(cell.amount)?;
            }
        }
        Ok(totals)
    }
}

/// An entry as a row of the report; what it changes is remembered.
fn change(
    customer: &str,
    fact: &Content,
    proposals: &[Known],
    known: &mut Before,
) -> Option<ChangeRow> {
    let Body::Control(control) = &fact.event.body else {
        return None;
    };
    let (before, after) = before_and_after(control, known);
    let own = approval(fact)?;
    let mut approved = proposals.iter().filter_map(|own| {
        let (decided, _) = own.decided.as_ref()?;
        let is_it = decided.answer == Answer::Approved
            && fact.event.source == PIECEWORK
            && decided.done.iter().any(|id| fact.event.id == *id);
        is_it.then_some((own, decided))
    });
    let approved = approved.next();
    Some(ChangeRow {
        time: own.time,
        customer: customer.to_owned(),
        what: own.what,
        before: approved
            .and_then(|(own, _)| own.proposed.before.clone())
            .or(before),
        after: approved
            .and_then(|(own, _)| own.proposed.after.clone())
            .or(after),
        proposed_by: approved.map_or(own.by, |(own, _)| own.proposed.by.clone()),
        approved_by: approved.map(|(_, decided)| decided.by.clone()),
        proposal: approved.map(|(own, _)| own.proposed.proposal.clone()),
        reason: Some(own.reason).filter(|reason| !reason.is_empty()),
        entry: own.entry,
    })
}

/// How it was before an entry and is behind it, and what is remembered for the next one.
fn before_and_after(control: &Control, known: &mut Before) -> (Option<String>, Option<String>) {
    match control {
        Control::ContractSigned {
            contract, document, ..
        }
        | Control::ContractAmended {
            contract, document, ..
        } => {
            let document = format!("document {}", document.short());
            let before = known.contracts.insert(contract.clone(), document.clone());
            (before, Some(document))
        }
        Control::ContractEnded {
            contract,
            effective,
            ..
        } => (
            known.contracts.get(contract).cloned(),
            Some(format!("ended at {effective}")),
        ),
        Control::StatementIssued {
            number,
            cells_digest,
            ..
        } => {
            let total = known.totals.get(cells_digest);
            let total = total.map_or("nothing".to_owned(), ToString::to_string);
            known.statements.insert(number.clone(), total.clone());
            (None, Some(total))
        }
        Control::StatementVoided { number, .. } => (
            known.statements.get(number).cloned(),
            Some("void".to_owned()),
        ),
        Control::StatementCredited { number, .. } => (
            known.statements.get(number).cloned(),
            Some("not to be paid".to_owned()),
        ),
        Control::CreditIssued { amount, .. } => (None, Some(amount.to_string())),
        Control::CreditGranted(grant) => {
            let amount = grant.amount.to_string();
            known.grants.insert(grant.grant.clone(), amount.clone());
            (None, Some(amount))
        }
        Control::CreditAmended(amended) => {
            let before = known.grants.get(&amended.grant).cloned();
            let amount = amended.amount.map(|amount| amount.to_string());
            if let Some(amount) = &amount {
                known.grants.insert(amended.grant.clone(), amount.clone());
            }
            (before.clone(), amount.or(before))
        }
        Control::CreditVoided { grant, .. } => {
            (known.grants.get(grant).cloned(), Some("void".to_owned()))
        }
        _ => (None, None),
    }
}

/// What entries have said so far.
#[derive(Default)]
struct Before {
    totals: BTreeMap<Digest, Amount>,
    contracts: BTreeMap<String, String>,
    statements: BTreeMap<String, String>,
    grants: BTreeMap<String, String>,
}

/// Whether an entry is an act that a limit may be on, and no part of one or document for one.
pub(super) const fn is_limited(control: &Control) -> bool {
    matches!(
        control,
        Control::StatementIssued { .. }
            | Control::CreditIssued { .. }
            | Control::CreditGranted(_)
            | Control::StatementCredited { .. }
            | Control::ContractAmended { .. }
            | Control::StatementVoided { .. }
            | Control::PaymentRefunded(_)
            | Control::BalanceWrittenOff(_)
            | Control::CheckWaived(_)
    )
}

/// The report as CSV (RFC 4180), with a line of titles. Cells that a spreadsheet would take for a formula begin with
/// an apostrophe.
#[must_use]
pub fn csv(rows: &[ChangeRow]) -> String {
    let titles = [
        "time",
        "customer",
        "what",
        "before",
        "after",
        "proposed_by",
        "approved_by",
        "proposal",
        "reason",
        "entry",
    ];
    let mut text = titles.join(",") + "\r\n";
    for row in rows {
        let (time, entry) = (row.time.to_string(), row.entry.to_string());
        let or_nothing = |own: &Option<String>| own.clone().unwrap_or_default();
        let cells = [
            time,
            row.customer.clone(),
            row.what.clone(),
            or_nothing(&row.before),
            or_nothing(&row.after),
            row.proposed_by.clone(),
            or_nothing(&row.approved_by),
            or_nothing(&row.proposal),
            or_nothing(&row.reason),
            entry,
        ];
        text.push_str(&cells.map(|cell| quoted(&cell)).join(","));
        text.push_str("\r\n");
    }
    text
}

fn quoted(cell: &str) -> String {
    let guard = if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        "'"
    } else {
        ""
    };
    if guard.is_empty() && !cell.contains([',', '"', '\n', '\r']) {
        return cell.to_owned();
    }
    format!("\"{guard}{}\"", cell.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_no_formula_is_one() {
        for (cell, written) in [
            ("plain", "plain"),
            ("a, b", "\"a, b\""),
            ("say \"no\"", "\"say \"\"no\"\"\""),
            ("=1+1", "\"'=1+1\""),
            ("-5.00 USD", "\"'-5.00 USD\""),
        ] {
            assert_eq!(quoted(cell), written);
        }
    }
}
