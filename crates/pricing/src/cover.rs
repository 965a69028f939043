//! Covers: one document to pay for the statements of all of a customer's contracts (semantics.md D16).
//!
//! A cover binds statements that were issued; it adds up what they come to, and rounds, prices and moves nothing. Not
//! here: what a statement says, and what is open of it ([`crate::receivable`]). Invariants: a cover is a function of
//! the log before it, its day and its currency, and one that says otherwise has no effect; a statement is under one
//! standing cover at most; numbers have no gaps.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;
use jiff::civil::Date;
use money::{Amount, Currency, MoneyError};
use work::body::{CoverEntry, CoverPart, Per};
use work::effective::Fact;
use work::limits::COVER_PARTS_MAX;

use crate::account::check::Refusal;
use crate::account::{Account, Held, Issued};
use crate::contract::Version;
use crate::statement::last_before;

/// What a customer is sent one document for, from a day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Position of its entry: it is for the statements that know of it.
    pub entry: u64,
    /// When it was chosen.
    pub at: Timestamp,
    /// What.
    pub per: Per,
    /// The first day that it is in force on.
    pub from: Date,
    /// Who chose it (a role).
    pub by: String,
}

/// A cover that was issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cover {
    /// The printed number: the customer, `-A` and four digits at least.
    pub number: String,
    /// The last day of what its statements are about.
    pub through: Date,
    /// Its statements, by contract, then in the order of the log.
    pub parts: Vec<CoverPart>,
    /// What they come to, before credits.
    pub total: Amount,
    /// What of it prepaid credits do not pay.
    pub payable: Amount,
    /// Position of its entry.
    pub entry: u64,
    /// When it was issued.
    pub at: Timestamp,
    /// Who issued it (a role).
    pub by: String,
    /// When it was voided, if it was.
    pub voided: Option<Timestamp>,
}

impl Cover {
    /// Whether it was voided since.
    #[must_use]
    pub const fn is_voided(&self) -> bool {
        self.voided.is_some()
    }

    /// Whether it binds the statement of a number.
    #[must_use]
    pub fn binds(&self, statement: &str) -> bool {
        self.parts.iter().any(|own| own.statement == statement)
    }
}

/// How a statement is to be paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Covering<'a> {
    /// For itself.
    Apart,
    /// With others, by a cover that is not issued yet.
    Awaited,
    /// With others, by this cover.
    Under(&'a Cover),
}

/// Why there is no cover, or none to be voided.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CoverRefusal {
    /// It is not there.
    #[error("there is no cover `{0}` in the account; `piecework cover list` shows those there are")]
    Absent(String),
    /// It is voided already.
    #[error("the cover `{0}` is voided already; its statements wait for another")]
    Voided(String),
    /// A payment names one of its statements.
    #[error(
        "of the cover `{cover}` something was paid or written off, on the statement `{statement}`: credit what is \
         wrong instead of voiding it, or void the payment first, where that was wrong"
    )]
    Paid {
        /// The cover.
        cover: String,
        /// The statement.
        statement: String,
    },
    /// No statement waits for one.
    #[error(
        "no statement in {currency} through {through} waits for a cover: issue the statements first, and choose covers \
         for the customer before that (`piecework cover choose`)"
    )]
    Nothing {
        /// The last day.
        through: Date,
        /// The currency.
        currency: Currency,
    },
}

impl From<CoverRefusal> for Refusal {
    fn from(refusal: CoverRefusal) -> Refusal {
        Refusal::Cover(Box::new(refusal))
    }
}

impl Held {
    /// The last day of what a statement is about: that of the last instant before its cut, in the zone in force then.
    #[must_use]
    pub fn through(&self, issued: &Issued) -> Date {
        let last = last_before(issued.cut);
        let zone = &self.billing_terms(issued).terms.contract.time_zone;
        last.to_zoned(zone.clone()).date()
    }

    /// The version in force where a statement ends; after the end of the contract, the last.
    pub(crate) fn billing_terms(&self, issued: &Issued) -> &Version {
        let version = self.agreement.in_force_at(last_before(issued.cut));
        version.unwrap_or_else(|| self.agreement.latest())
    }

    fn currency(&self) -> Currency {
        self.agreement.latest().terms.contract.currency
    }
}

impl Account {
    /// What is chosen for a day by the choices among the first so many entries: of those from that day or before the
    /// one with the latest day, the later in the log of one day.
    #[must_use]
    pub fn per_on(&self, day: Date, entries: u64) -> Per {
        let known = self.cover_choices.iter();
        let known = known.filter(|own| own.entry < entries && own.from <= day);
        let last = known.max_by_key(|own| (own.from, own.entry));
        last.map_or(Per::Contract, |own| own.per)
    }

    /// The cover of a number.
    #[must_use]
    pub fn cover(&self, number: &str) -> Option<&Cover> {
        self.covers.iter().find(|own| own.number == number)
    }

    /// The standing covers, as far as the log goes, by the numbers of the statements under them.
    #[must_use]
    pub fn standing_covers(&self) -> HashMap<&str, &Cover> {
        self.covers_at(Timestamp::MAX)
    }

    /// The standing covers at an instant, by the numbers of the statements under them.
    pub(crate) fn covers_at(&self, as_of: Timestamp) -> HashMap<&str, &Cover> {
        let standing = self
            .covers
            .iter()
            .filter(|own| own.at <= as_of && own.voided.is_none_or(|voided| voided > as_of));
        let parts = standing.flat_map(|own| own.parts.iter().map(move |part| (own, part)));
        parts
            .map(|(own, part)| (part.statement.as_str(), own))
            .collect()
    }

    /// How a statement is to be paid, as far as the log goes.
    #[must_use]
    pub fn covering(&self, held: &Held, issued: &Issued) -> Covering<'_> {
        let mut standing = self.covers.iter().filter(|own| !own.is_voided());
        if let Some(cover) = standing.find(|own| own.binds(&issued.number)) {
            return Covering::Under(cover);
        }
        if self.is_to_cover(held, issued) {
            Covering::Awaited
        } else {
            Covering::Apart
        }
    }

    /// Whether a statement stands and is paid by a cover, as far as the customer's choice goes.
    fn is_to_cover(&self, held: &Held, issued: &Issued) -> bool {
        let per = self.per_on(held.through(issued), issued.coverage);
        per == Per::Customer && !issued.is_voided()
    }

    /// The days and currencies for which some statement waits for a cover, by day, then code.
    #[must_use]
    pub fn awaited_covers(&self) -> Vec<(Date, Currency)> {
        let mut awaited: BTreeMap<(Date, &str), Currency> = BTreeMap::new();
        for (held, issued) in self.awaiting() {
            let currency = held.currency();
            awaited.insert((held.through(issued), currency.code()), currency);
        }
        let awaited = awaited.into_iter();
        awaited
            .map(|((day, _), currency)| (day, currency))
            .collect()
    }

    /// The statements that wait for a cover, by contract, then in the order of the log. Of two of one number the first
    /// is the one that the number names.
    fn awaiting(&self) -> Vec<(&Held, &Issued)> {
        if self.cover_choices.is_empty() {
            return Vec::new();
        }
        let standing = self.covers.iter().filter(|own| !own.is_voided());
        let under = standing.flat_map(|own| &own.parts);
        let mut known: HashSet<&str> = under.map(|own| own.statement.as_str()).collect();
        let mut awaiting = Vec::new();
        for held in &self.contracts {
            for issued in &held.issued {
                if known.insert(&issued.number) && self.is_to_cover(held, issued) {
                    awaiting.push((held, issued));
                }
            }
        }
        awaiting
    }

    /// The cover of what waits through a day in a currency, as the next entry would issue it; `None` where nothing
    /// waits. Of more statements than a cover has, the first.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn draft_cover(
        &self,
        through: Date,
        currency: Currency,
        by: &str,
    ) -> Result<Option<CoverEntry>, MoneyError> {
        let mut parts = Vec::new();
        for (held, issued) in self.awaiting() {
            if held.currency() != currency || held.through(issued) != through {
                continue;
            }
            let total = issued.total(currency)?;
            parts.push(CoverPart {
                statement: issued.number.clone(),
                body: issued.body,
                total,
                payable: total.minus(issued.credited(currency)?)?,
            });
            if parts.len() == COVER_PARTS_MAX {
                break;
            }
        }
        if parts.is_empty() {
            return Ok(None);
        }
        Ok(Some(CoverEntry::Issued {
            number: self.next_cover(),
            through,
            total: Amount::sum(currency, parts.iter().map(|own| own.total))?,
            payable: Amount::sum(currency, parts.iter().map(|own| own.payable))?,
            parts,
            by: by.to_owned(),
        }))
    }

    /// The number of the next cover.
    #[must_use]
    pub fn next_cover(&self) -> String {
        format!("{}-A{:04}", self.customer, self.covers.len() + 1)
    }

    /// The day by which a cover is to be paid: the last of the days of its statements.
    #[must_use]
    pub fn cover_due_on(&self, cover: &Cover) -> Date {
        let parts = cover.parts.iter();
        let parts = parts.filter_map(|own| self.statement(&own.statement));
        let due = parts.map(|(held, issued)| crate::receivable::days(held, issued).1);
        due.max().unwrap_or(cover.through)
    }

    /// The day of a cover's issue, in the zone of its first statement's contract.
    #[must_use]
    pub fn cover_issued_on(&self, cover: &Cover) -> Date {
        let first = cover.parts.first();
        let first = first.and_then(|own| self.statement(&own.statement));
        first.map_or(cover.through, |(held, issued)| {
            let zone = &held.billing_terms(issued).terms.contract.time_zone;
            cover.at.to_zoned(zone.clone()).date()
        })
    }

    /// Whether a cover may be voided: it is there and stands, and no entry about money names a statement of it.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn may_void_cover(&self, number: &str) -> Result<(), Refusal> {
        let cover = self.cover(number);
        let cover = cover.ok_or_else(|| CoverRefusal::Absent(number.to_owned()))?;
        if cover.is_voided() {
            return Err(CoverRefusal::Voided(number.to_owned()).into());
        }
        let mut parts = cover.parts.iter();
        match parts.find(|own| self.is_paid_on(&own.statement)) {
            None => Ok(()),
            Some(part) => Err(CoverRefusal::Paid {
                cover: number.to_owned(),
                statement: part.statement.clone(),
            }
            .into()),
        }
    }

    /// Takes an entry about covers.
    pub(crate) fn take_cover(&mut self, fact: &Fact, entry: &CoverEntry) -> Result<(), String> {
        match entry {
            CoverEntry::Chosen { per, from, by } => self.cover_choices.push(Choice {
                entry: fact.entry,
                at: fact.event.time,
                per: *per,
                from: *from,
                by: by.clone(),
            }),
            CoverEntry::Issued {
                number,
                through,
                parts,
                total,
                payable,
                by,
            } => {
                let currency = total.currency();
                let drafted = self.draft_cover(*through, currency, by);
                let drafted = drafted.map_err(|error| error.to_string())?;
                if drafted.as_ref() != Some(entry) {
                    return Err(differs(entry, drafted.as_ref()));
                }
                self.covers.push(Cover {
                    number: number.clone(),
                    through: *through,
                    parts: parts.clone(),
                    total: *total,
                    payable: *payable,
                    entry: fact.entry,
                    at: fact.event.time,
                    by: by.clone(),
                    voided: None,
                });
            }
            CoverEntry::Voided { number, .. } => {
                self.may_void_cover(number)
                    .map_err(|error| error.to_string())?;
                let mut covers = self.covers.iter_mut();
                if let Some(cover) = covers.find(|own| own.number == *number) {
                    cover.voided = Some(fact.event.time);
                }
            }
        }
        Ok(())
    }
}

/// What a cover says otherwise than the log, in words.
fn differs(said: &CoverEntry, drafted: Option<&CoverEntry>) -> String {
    let CoverEntry::Issued {
        number,
        through,
        parts,
        total,
        payable,
        ..
    } = said
    else {
        return String::new(); // only an issued cover is compared
    };
    let currency = total.currency();
    let Some(CoverEntry::Issued {
        number: next,
        parts: own,
        total: sum,
        payable: left,
        ..
    }) = drafted
    else {
        return format!(
            "the cover `{number}` binds statements in {currency} through {through}, and none waits for a cover"
        );
    };
    if number != next {
        return format!("the cover is `{number}`, and the next number is `{next}`");
    }
    let names = |parts: &[CoverPart]| -> Vec<String> {
        parts.iter().map(|own| own.statement.clone()).collect()
    };
    let (said_names, own_names) = (names(parts), names(own));
    if said_names != own_names {
        let (said, own) = (said_names.join(", "), own_names.join(", "));
        return format!("the cover `{number}` binds {said}, and {own} wait for one");
    }
    if let Some((said, own)) = parts.iter().zip(own).find(|(said, own)| said != own) {
        return format!(
            "the cover `{number}` says that `{}` comes to {}, {} payable, with body {}; it is {}, {}, {}",
            said.statement, said.total, said.payable, said.body, own.total, own.payable, own.body
        );
    }
    format!(
        "the cover `{number}` comes to {total}, {payable} payable; its statements to {sum}, {left}"
    )
}
