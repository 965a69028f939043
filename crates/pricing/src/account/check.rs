//! What may be written next: signing, amending, voiding.
//!
//! A refusal here comes before the entry exists; an entry that is in the log all the same is flagged
//! by the fold and changes nothing.

use std::collections::BTreeSet;

use jiff::Timestamp;
use money::{Amount, Currency, MoneyError};

use super::Account;
use super::grants::GrantRefusal;
use crate::cell::CellKey;
use crate::contract::{Agreement, InForce, Opening, OpeningRefusal};
use crate::cover::CoverRefusal;
use crate::credit::{Grant, LotName};
use crate::limits::{GRANTS_MAX, RATED_DOCUMENTS_MAX};
use crate::plan::Terms;
use crate::quote::QuoteRefusal;
use crate::receivable::could_be_ours;

/// Why a control entry is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The contract is not there.
    #[error("there is no contract `{0}` in the account")]
    NoContract(String),
    /// Two contracts would claim the same thing (P5).
    #[error(
        "`{contract}` sells `{what}` already in this term: end or amend it first, so that no work is claimed twice"
    )]
    Overlap {
        /// The other contract.
        contract: String,
        /// The unit or meter, or `seats`.
        what: String,
    },
    /// A contract of that id is signed.
    #[error("a contract `{0}` is signed already: amend it, or sign a document with another id")]
    Signed(String),
    /// The amendment reaches behind the last stated cut (D12).
    #[error(
        "effective {effective} is before the last stated cut {cut}: name who approved the re-pricing (`reprice`), or make it effective from {cut}"
    )]
    BackDated {
        /// From when it would govern.
        effective: Timestamp,
        /// The last stated cut.
        cut: Timestamp,
    },
    /// The document changes what was stated (D12).
    #[error(
        "this {what} changes what was stated up to {cut}: name in it who approved the re-pricing, \
         `reprice = \"a-role\"`"
    )]
    Restates {
        /// What would change.
        what: String,
        /// The last stated cut.
        cut: Timestamp,
    },
    /// More documents than are kept.
    #[error("a customer has at most {RATED_DOCUMENTS_MAX} documents whose numbers enter rating")]
    ManyDocuments,
    /// The amendment changes what cannot change.
    #[error("{what} of `{contract}` cannot change by amendment: {why}")]
    Fixed {
        /// The contract.
        contract: String,
        /// What would change.
        what: String,
        /// Why it cannot.
        why: &'static str,
    },
    /// The contract never had the version that it should go back to.
    #[error(
        "`{contract}` has no version {version}: `piecework contract history` lists 1 to {most}"
    )]
    NoVersion {
        /// The contract.
        contract: String,
        /// The version asked for.
        version: u32,
        /// How many there are.
        most: usize,
    },
    /// A contract that renews is ended within a term, or too late for it (P1).
    #[error(
        "`{contract}` runs until {last} and renews: notice had to be given by {notice_by} to end it then. \
         End it from the day after a term that the notice is in time for, or say that both sides agreed"
    )]
    Notice {
        /// The contract.
        contract: String,
        /// The last day of the first term that can still be the last.
        last: jiff::civil::Date,
        /// By when notice of it is given.
        notice_by: jiff::civil::Date,
    },
    /// The statement is not there.
    #[error(
        "there is no statement `{0}` in the account; `piecework statement list` shows those there are"
    )]
    NoStatement(String),
    /// The statement is voided already.
    #[error(
        "the statement `{0}` is voided already; what it stated can be issued again under a new number"
    )]
    Voided(String),
    /// A payment names the statement (D7).
    #[error(
        "of the statement `{0}` something was paid or written off: give a credit instead of voiding it, or void the \
         payment first, where that was wrong"
    )]
    Paid(String),
    /// A decision credited it, or a line of it (D6).
    #[error("of the statement `{0}` something was credited: credit the rest instead of voiding it")]
    Credited(String),
    /// The statement that a credit names is voided.
    #[error("the statement `{0}` is voided and charges nothing: there is nothing of it to credit")]
    CreditsVoid(String),
    /// The statement charges nothing under that line.
    #[error(
        "the statement `{number}` has no line `{line}` that it charges; the lines that it has are named by \
         their cells, e.g. {}",
        .known.first().map_or("none", String::as_str)
    )]
    NoLine {
        /// The statement.
        number: String,
        /// The line.
        line: String,
        /// The lines that it has.
        known: Vec<String>,
    },
    /// The statement charges nothing.
    #[error("the statement `{0}` charges nothing that a credit could take back")]
    NothingCharged(String),
    /// The statement that a payment names is voided.
    #[error(
        "the statement `{0}` is voided and owes nothing: record the payment on the statement that \
         was issued in its place"
    )]
    PaysVoid(String),
    /// The payment is in another currency than the statement.
    #[error(
        "the statement `{number}` is in {currency}, not {given}: record what was paid in {currency}"
    )]
    PaidIn {
        /// The statement.
        number: String,
        /// Its currency.
        currency: Currency,
        /// The payment's.
        given: Currency,
    },
    /// Money in a currency that no contract of the customer has.
    #[error("no contract of the customer is in {given}, so nothing can be on account in it")]
    OnAccountIn {
        /// The currency.
        given: Currency,
    },
    /// More than is open of a statement.
    #[error(
        "of the statement `{number}` {open} is open, and not {given}; `piecework statement list` shows what is"
    )]
    NotOpen {
        /// The statement.
        number: String,
        /// What is open.
        open: Box<Amount>,
        /// What was asked for.
        given: Box<Amount>,
    },
    /// More than is on account of a payment or credit.
    #[error(
        "of {name} {on_account} is on account, and not {given}; what is for a statement is free again where the \
         allocation is voided"
    )]
    NotOnAccount {
        /// Which, in words.
        name: String,
        /// What is on account.
        on_account: Box<Amount>,
        /// What was asked for.
        given: Box<Amount>,
    },
    /// A payment or credit that is not there.
    #[error(
        "{name} is not there, or was voided; `piecework payment list` shows what is on account"
    )]
    NoSource {
        /// Which, in words.
        name: String,
    },
    /// An entry about money that is not there, or was voided.
    #[error(
        "there is no payment, allocation, refund or write-off with the id `{0}` that stands; `piecework payment list` \
         shows them"
    )]
    NoMoney(String),
    /// Of a payment something went back.
    #[error(
        "of the payment `{payment}` something went back by `{entry}`: void that first, where it was wrong"
    )]
    WentBack {
        /// The payment.
        payment: String,
        /// The refund or write-off.
        entry: String,
    },
    /// A sum does not fit.
    #[error(transparent)]
    Sum(Box<MoneyError>),
    /// Voiding would take back credits that were restored and drawn again (D9).
    #[error(
        "the statement `{number}` restored credits that were drawn since, and voiding it would leave \
         {left} on the grant `{lot}`: void what drew them first"
    )]
    Drawn {
        /// The statement.
        number: String,
        /// The grant.
        lot: Box<LotName>,
        /// What would be left.
        left: Box<Amount>,
    },
    /// A grant that cannot be (D9).
    #[error(transparent)]
    Grant(Box<GrantRefusal>),
    /// An opening that cannot be (P6).
    #[error(transparent)]
    Opening(Box<OpeningRefusal>),
    /// A cover that cannot be voided (D16).
    #[error(transparent)]
    Cover(Box<CoverRefusal>),
    /// A step of a quote that cannot be.
    #[error(transparent)]
    Quote(Box<QuoteRefusal>),
    /// A sum of credits does not fit.
    #[error("the grants of `{customer}`: {source}")]
    Money {
        /// The customer.
        customer: String,
        /// Why.
        source: Box<MoneyError>,
    },
    /// The term cannot be placed in its zone.
    #[error(transparent)]
    Term(#[from] crate::contract::AgreementError),
}

impl From<OpeningRefusal> for Refusal {
    fn from(refusal: OpeningRefusal) -> Refusal {
        Refusal::Opening(Box::new(refusal))
    }
}

impl From<GrantRefusal> for Refusal {
    fn from(refusal: GrantRefusal) -> Refusal {
        Refusal::Grant(Box::new(refusal))
    }
}

impl Account {
    /// Whether a contract may be signed (semantics.md P5).
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn may_sign(&self, terms: &InForce) -> Result<(), Refusal> {
        let new = Agreement::sign(terms.clone(), false)?;
        for held in self
            .contracts
            .iter()
            .filter(|held| !held.agreement.is_draft)
        {
            let old = &held.agreement;
            if old.id == new.id {
                return Err(Refusal::Signed(new.id));
            }
            let apart = old
                .schedule
                .end
                .is_some_and(|end| end.at <= new.schedule.start.at)
                || new
                    .schedule
                    .end
                    .is_some_and(|end| end.at <= old.schedule.start.at);
            if apart {
                continue;
            }
            let sold: BTreeSet<String> = old
                .versions
                .iter()
                .flat_map(|version| claims(&version.terms))
                .collect();
            if let Some(what) = claims(terms).into_iter().find(|what| sold.contains(what)) {
                return Err(Refusal::Overlap {
                    contract: old.id.clone(),
                    what,
                });
            }
        }
        Ok(())
    }

    /// Whether a contract may be amended (semantics.md D12).
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn may_amend(
        &self,
        contract: &str,
        terms: &InForce,
        effective: Timestamp,
        reprice: bool,
    ) -> Result<(), Refusal> {
        let held = self
            .contract(contract)
            .ok_or_else(|| Refusal::NoContract(contract.to_owned()))?;
        if let Some(cut) = held.last_cut()
            && effective < cut
            && !reprice
        {
            return Err(Refusal::BackDated { effective, cut });
        }
        let old = &held.agreement.latest().terms;
        let fixed = |what: String, why| Refusal::Fixed {
            contract: contract.to_owned(),
            what,
            why,
        };
        if old.contract.currency != terms.contract.currency {
            return Err(fixed(
                "the currency".to_owned(),
                "sums of two currencies do not add; sign a new contract",
            ));
        }
        if old.contract.starts != terms.contract.starts {
            return Err(fixed(
                "the first day".to_owned(),
                "it is where periods are counted from",
            ));
        }
        let every = held.agreement.versions[0].terms.totals.every; // an agreement has a version
        if every != terms.totals.every {
            return Err(fixed(
                "the period of the totals".to_owned(),
                "stated periods would overlap",
            ));
        }
        let mut versions = held.agreement.versions.iter();
        let has_one =
            |version: &&crate::contract::Version| version.terms.totals.totals.minimum.is_some();
        let counted = versions.find(has_one);
        if counted.is_some_and(|own| !terms.keeps_the_minimum_of(&own.terms)) {
            return Err(fixed(
                "how many periods the minimum is for, and when it is billed".to_owned(),
                "what draws it down is counted over them",
            ));
        }
        for component in terms.steps().flat_map(|step| &step.components) {
            let known = held
                .agreement
                .versions
                .iter()
                .find_map(|version| version.component(&component.id));
            if known.is_some_and(|known| {
                known.every != component.every
                    || known.kind() != component.kind()
                    || known.aggregate() != component.aggregate()
            }) {
                return Err(fixed(
                    format!("kind, rating period and aggregate of `{}`", component.id),
                    "its tiers would have no position to continue from; give the component a new id",
                ));
            }
        }
        Ok(())
    }

    /// Whether a contract may go on from where another system stopped: the grants that it brings (semantics.md P6).
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn may_open(
        &self,
        contract: &str,
        opening: &Opening,
        by: &str,
        at: Timestamp,
    ) -> Result<Vec<Grant>, Refusal> {
        let held = self
            .contract(contract)
            .ok_or_else(|| Refusal::NoContract(contract.to_owned()))?;
        if let Some(issued) = held.issued.first() {
            return Err(OpeningRefusal::Stated {
                contract: contract.to_owned(),
                number: issued.number.clone(),
            }
            .into());
        }
        if held.agreement.opening.is_some() {
            return Err(OpeningRefusal::Known(contract.to_owned()).into());
        }
        let terms = &held.agreement.versions[0].terms; // an agreement has a version
        opening.fits(terms)?;
        let series = terms.contract.series.as_deref();
        let names = [self.customer.as_str(), series.unwrap_or(&self.customer)];
        for own in &opening.unpaid {
            if could_be_ours(&own.number, &names) || self.debt(&own.number).is_some() {
                return Err(OpeningRefusal::Number(own.number.clone()).into());
            }
        }
        let start = held.agreement.schedule.start.at;
        let grants: Vec<Grant> = opening
            .granted(by)
            .map(|own| Grant {
                starts: start,
                ..Grant::new(&own, at)
            })
            .collect();
        for grant in &grants {
            self.may_grant(grant)?;
        }
        let most = GRANTS_MAX.saturating_sub(self.grants.len());
        if grants.len() > most {
            return Err(GrantRefusal::TooMany.into());
        }
        Ok(grants)
    }

    /// Whether a contract may be ended from a day on by notice given at an instant.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn may_end(
        &self,
        contract: &str,
        given: Timestamp,
        from: jiff::civil::Date,
    ) -> Result<(), Refusal> {
        let held = self
            .contract(contract)
            .ok_or_else(|| Refusal::NoContract(contract.to_owned()))?;
        let latest = &held.agreement.latest().terms.contract;
        latest.notice(given, from).map_err(|term| Refusal::Notice {
            contract: contract.to_owned(),
            last: term.last,
            notice_by: term.notice_by,
        })
    }

    /// The terms of the document that made a version, to go back to it.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn terms_of(&self, contract: &str, version: u32) -> Result<&InForce, Refusal> {
        let held = self
            .contract(contract)
            .ok_or_else(|| Refusal::NoContract(contract.to_owned()))?;
        let enacted = held.agreement.enacted_by(version);
        let found = enacted.map(|enacted| &*enacted.terms);
        found.ok_or_else(|| Refusal::NoVersion {
            contract: contract.to_owned(),
            version,
            most: held.agreement.history().len(),
        })
    }

    /// Whether a statement may be voided (semantics.md D7).
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn may_void(&self, number: &str) -> Result<(), Refusal> {
        match self.statement(number).map(|(_, issued)| issued) {
            None => Err(Refusal::NoStatement(number.to_owned())),
            Some(_) if self.is_paid_on(number) => Err(Refusal::Paid(number.to_owned())),
            Some(issued) if issued.is_voided() => Err(Refusal::Voided(number.to_owned())),
            Some(issued) if issued.is_credited => Err(Refusal::Credited(number.to_owned())),
            Some(_) => self.may_return_draws(number),
        }
    }

    /// What a decision credits of a statement, or of one line of it: the contract, and what the statement
    /// charged of each cell (semantics.md D6). What an earlier decision credited is no charge of it.
    ///
    /// # Errors
    /// [`Refusal`].
    #[allow(clippy::type_complexity)] // a contract's id and what is credited under it
    pub fn may_credit(
        &self,
        number: &str,
        line: Option<&str>,
    ) -> Result<(String, Vec<(CellKey, Amount)>), Refusal> {
        let (held, issued) = self
            .statement(number)
            .ok_or_else(|| Refusal::NoStatement(number.to_owned()))?;
        if issued.is_voided() {
            return Err(Refusal::CreditsVoid(number.to_owned()));
        }
        let charged: Vec<(CellKey, Amount)> = issued.charged().collect();
        let Some(line) = line else {
            if charged.is_empty() {
                return Err(Refusal::NothingCharged(number.to_owned()));
            }
            return Ok((held.agreement.id.clone(), charged));
        };
        let is_named = |own: &(CellKey, Amount)| own.0.group().to_string() == line;
        let (own, others): (Vec<_>, Vec<_>) = charged.into_iter().partition(is_named);
        if own.is_empty() {
            let mut known: Vec<String> = (others.iter())
                .map(|(key, _)| key.group().to_string())
                .collect();
            known.dedup();
            return Err(Refusal::NoLine {
                number: number.to_owned(),
                line: line.to_owned(),
                known,
            });
        }
        Ok((held.agreement.id.clone(), own))
    }
}

/// What a contract claims for itself: units, meters, seats.
fn claims(terms: &InForce) -> Vec<String> {
    terms
        .components
        .iter()
        .filter_map(|component| match &component.terms {
            Terms::Outcome(outcome) => Some(outcome.unit.clone()),
            Terms::Metered(metered) => Some(metered.meter.clone()),
            Terms::Seats(_) => Some("seats".to_owned()),
            Terms::Platform(_)
            | Terms::Risk(_)
            | Terms::Indemnity(_)
            | Terms::ServiceLevel(_)
            | Terms::Aggregate(_) => None,
        })
        .collect()
}
