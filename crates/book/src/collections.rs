//! What of an issued statement somebody else collects: lines to invoice, and credits against what was invoiced.
//!
//! A statement is a difference and may charge and take back at once; what collects money knows invoices and credit
//! notes. So a statement becomes lines that are invoiced, prepaid credits that paid for some of it among them, and a
//! credit for each earlier statement that it takes something back of (semantics.md D14). Statements under a cover are
//! invoiced at once, each with its own lines (D16). Not here: anybody's format.
//! Invariants: the lines less the credits are what the statement leaves to be paid; the credits against one statement
//! are never more than was invoiced of it; the answer is of the log up to the entry that issues the statement or the
//! cover, and the same whenever it is asked for.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use money::{Amount, Currency, MoneyError, Quantity};
use pricing::account::check::Refusal;
use pricing::account::notes::{CreditNote, Notes};
use pricing::account::{Account, Held, Issued};
use pricing::cell::{CREDIT, CellKey, TOTALS};
use pricing::cover::CoverRefusal;
use work::Digest;

use crate::Result;
use crate::book::Book;
use crate::credit_notes::service;
use crate::error::Absent;
use crate::views::statement::part;

/// What of one statement is to be collected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collection {
    /// The customer's id.
    pub customer: String,
    /// The contract's id.
    pub contract: String,
    /// The statement's printed number.
    pub number: String,
    /// When it was issued.
    pub issued: Timestamp,
    /// Digest of its body.
    pub digest: Digest,
    /// The currency.
    pub currency: Currency,
    /// The buyer's purchase order.
    pub po_number: Option<String>,
    /// The end of the last day on which it is paid in time; nothing where the contract does not say.
    pub due: Option<Timestamp>,
    /// What is to be invoiced; none where the statement only takes back.
    pub lines: Vec<CollectedLine>,
    /// What is to be credited of earlier invoices.
    pub credits: Vec<CollectedCredit>,
    /// What the statement leaves to be paid: the lines less the credits.
    pub payable: Amount,
}

/// What of the statements under a cover is to be collected at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoverCollection {
    /// The customer's id.
    pub customer: String,
    /// The cover's printed number.
    pub number: String,
    /// The last day of what its statements are about.
    pub through: Date,
    /// The currency.
    pub currency: Currency,
    /// The end of the last day on which it is paid in time; nothing where no contract says.
    pub due: Option<Timestamp>,
    /// What of each statement, in the cover's order. None credits another of them: what one takes back of another is a
    /// line below zero.
    pub parts: Vec<Collection>,
}

/// A line of an invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectedLine {
    /// The component, or what else it is about.
    pub component: String,
    /// In words.
    pub description: String,
    /// The cells that it is of, as statements print them.
    pub cell: Option<String>,
    /// The period that it is for.
    pub service: (Timestamp, Timestamp),
    /// What the tax system knows it by, where the plan says.
    pub tax_category: Option<String>,
    /// Of either sign.
    pub amount: Amount,
}

/// What is given back of an earlier invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectedCredit {
    /// The credit note's number.
    pub number: String,
    /// The statement that it is against.
    pub origin: String,
    /// How much, above zero.
    pub amount: Amount,
}

impl Book {
    /// What of a statement is to be collected, as it was when its log had `until` entries: those up to the one that
    /// issues it.
    ///
    /// # Errors
    /// [`Absent`] where there is no such statement then, or an amount does not fit.
    pub fn collection(&self, customer: &str, number: &str, until: u64) -> Result<Collection> {
        let account = self.account(customer, Some(until))?;
        let (held, issued) = account.statement(number).ok_or_else(|| Absent::Statement {
            customer: customer.to_owned(),
            number: number.to_owned(),
        })?;
        Ok(collection(&account, held, issued)?)
    }

    /// What of the statements under a cover is to be collected at once, as it was when its log had `until` entries:
    /// those up to the one that issues the cover.
    ///
    /// # Errors
    /// Where there is no such cover then, or an amount does not fit.
    pub fn cover_collection(
        &self,
        customer: &str,
        number: &str,
        until: u64,
    ) -> Result<CoverCollection> {
        let account = self.account(customer, Some(until))?;
        let absent = || Refusal::from(CoverRefusal::Absent(number.to_owned()));
        let cover = account.cover(number).ok_or_else(absent)?;
        let (mut parts, mut due) = (Vec::with_capacity(cover.parts.len()), None);
        for part in &cover.parts {
            let (held, issued) = account.statement(&part.statement).ok_or_else(absent)?;
            let mut own = collection(&account, held, issued)?;
            set_off(&mut own, service_of(held, issued), |origin| {
                cover.binds(origin)
            });
            if due.is_none() && own.due.is_some() {
                let zone = &held.agreement.latest().terms.contract.time_zone;
                due = end_of(account.cover_due_on(cover), zone);
            }
            parts.push(own);
        }
        Ok(CoverCollection {
            customer: account.customer.clone(),
            number: cover.number.clone(),
            through: cover.through,
            currency: cover.total.currency(),
            due,
            parts,
        })
    }
}

/// Has a statement take back within its own invoice what it takes back of statements that are invoiced with it: no
/// credit note is against an invoice that is not sent yet.
fn set_off(
    own: &mut Collection,
    service: (Timestamp, Timestamp),
    is_with_it: impl Fn(&str) -> bool,
) {
    let credits = std::mem::take(&mut own.credits).into_iter();
    let (within, others) = credits.partition(|credit| is_with_it(&credit.origin));
    own.credits = others;
    let within: Vec<CollectedCredit> = within;
    own.lines
        .extend(within.into_iter().map(|credit| CollectedLine {
            component: "account".to_owned(),
            description: format!("Credit note {} against {}", credit.number, credit.origin),
            cell: None,
            service,
            tax_category: None,
            amount: credit.amount.negated(),
        }));
}

/// The last second of a day.
fn end_of(day: Date, zone: &TimeZone) -> Option<Timestamp> {
    let next = day.checked_add(1.day()).ok()?.to_zoned(zone.clone()).ok()?;
    next.timestamp().checked_sub(1.second()).ok()
}

fn collection(account: &Account, held: &Held, issued: &Issued) -> Result<Collection, MoneyError> {
    let contract = &held.agreement.latest().terms.contract;
    let currency = contract.currency;
    let notes = account.credit_notes()?;
    let mut standing: Vec<(&Held, &Issued)> = Vec::new();
    for held in &account.contracts {
        standing.extend(held.standing().map(|own| (held, own)));
    }
    standing.sort_by_key(|(_, own)| own.coverage);
    let mut left = BTreeMap::new();
    let (mut lines, mut credits) = (Vec::new(), Vec::new());
    for (held, own) in standing {
        let collected = collected(held, own, &notes, &mut left)?;
        if own.number == issued.number {
            (lines, credits) = collected;
            break;
        }
    }
    let zone = contract.time_zone.clone();
    let due = contract
        .invoice
        .due(issued.at.to_zoned(zone.clone()).date());
    let due = due.and_then(|day| end_of(day, &zone));
    Ok(Collection {
        customer: account.customer.clone(),
        contract: held.agreement.id.clone(),
        number: issued.number.clone(),
        issued: issued.at,
        digest: issued.body,
        currency,
        po_number: contract.invoice.po_number.clone(),
        due,
        lines,
        credits,
        payable: issued.total(currency)?.minus(issued.credited(currency)?)?,
    })
}

/// What is invoiced of a statement, and credited of earlier ones. `left` is what is left of each earlier invoice.
fn collected(
    held: &Held,
    issued: &Issued,
    notes: &Notes,
    left: &mut BTreeMap<String, Amount>,
) -> Result<(Vec<CollectedLine>, Vec<CollectedCredit>), MoneyError> {
    let zero = Amount::zero(held.agreement.latest().terms.contract.currency);
    let standing = || notes.notes.iter().filter(|note| !note.is_voided);
    let own: Vec<&CreditNote> = standing()
        .filter(|note| note.statement == issued.number)
        .collect();
    let mut lines = charges(held, issued, &own);
    let service = service_of(held, issued);
    let mut further = |description: String, amount: Amount| {
        if !amount.is_zero() {
            lines.push(CollectedLine {
                component: "account".to_owned(),
                description,
                cell: None,
                service,
                tax_category: None,
                amount,
            });
        }
    };
    // As it was when it was issued, before later notes gave some of it back to the prepaid credits.
    let mut drawn = notes
        .charged
        .get(&issued.number)
        .map_or(zero, |own| own.drawn);
    for note in standing().filter(|note| note.origin == issued.number) {
        drawn = drawn.plus(note.restored)?;
    }
    let words = match drawn.is_negative() {
        false => "Paid by prepaid credits",
        true => "Went back to prepaid credits",
    };
    further(words.to_owned(), drawn.negated());
    let mut credits = Vec::new();
    for note in own {
        // What prepaid credits had paid went back to them, and was never invoiced.
        let wanted = note.amount.minus(note.restored)?;
        let left = left.entry(note.origin.clone()).or_insert(zero);
        let amount = if wanted.value() <= left.value() {
            wanted
        } else {
            *left
        };
        *left = left.minus(amount)?;
        if !amount.is_zero() {
            credits.push(CollectedCredit {
                number: note.number.clone(),
                origin: note.origin.clone(),
                amount,
            });
        }
        let rest = note.on_account.plus(wanted.minus(amount)?)?;
        further(
            format!("Credited of {} beyond what is left of it", note.origin),
            rest.negated(),
        );
    }
    let invoiced = Amount::sum(zero.currency(), lines.iter().map(|line| line.amount))?;
    left.insert(
        issued.number.clone(),
        if invoiced.is_negative() {
            zero
        } else {
            invoiced
        },
    );
    Ok((lines, credits))
}

/// What a statement charges, cell by cell, without the cells whose change its credit notes give back.
fn charges(held: &Held, issued: &Issued, notes: &[&CreditNote]) -> Vec<CollectedLine> {
    let taken: BTreeSet<String> = notes
        .iter()
        .flat_map(|note| &note.lines)
        .map(|(key, _)| key.to_string())
        .collect();
    let stated = issued
        .cells
        .iter()
        .filter(|cell| cell.is_charge() && !cell.amount.is_zero());
    let charged = stated.filter(|cell| !taken.contains(&cell.cell));
    charged
        .filter_map(|cell| {
            let key: CellKey = cell.cell.parse().ok()?;
            Some(CollectedLine {
                component: key.component.clone(),
                description: described(&key, cell.quantity),
                cell: Some(cell.cell.clone()),
                service: service(held, &key, issued.cut),
                tax_category: held.tax_category(&key).map(str::to_owned),
                amount: cell.amount,
            })
        })
        .collect()
}

fn described(key: &CellKey, quantity: Quantity) -> String {
    let what = part(&key.part);
    let name = match key.component.as_str() {
        CREDIT | TOTALS => what,
        component => format!("{}: {what}", component.replace(['-', '_'], " ")),
    };
    match quantity.is_zero() {
        true => name,
        false => format!("{name} ({quantity})"),
    }
}

/// The statement period that ends with the cut.
fn service_of(held: &Held, issued: &Issued) -> (Timestamp, Timestamp) {
    let periods = held.agreement.statement_periods(issued.cut);
    let own = periods
        .iter()
        .rev()
        .find(|period| period.end.at <= issued.cut);
    own.map_or((issued.cut, issued.cut), |own| (own.start.at, own.end.at))
}
