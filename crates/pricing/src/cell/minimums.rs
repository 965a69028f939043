//! A minimum over periods of a contract: what charges draw of it, what is missing, and what is beyond.
//!
//! Periods are counted together in terms of so many, from the first period of the contract on. What is
//! promised for a term is the sum of what is promised for its periods, rounded as it adds up; a term that ends
//! early, or begins late, is promised for its days. Billed at the end it is one cell in the last period of the
//! term; billed in advance it is a cell at the start of each period, and what charges draw of the whole is taken
//! off them. Invariant: when a term is over, what is owed of it is the greater of what was promised and what
//! was charged, and what its overage adds; the same whichever way it is billed.

use jiff::Timestamp;
use money::{Amount, Decimal, MoneyError, Ratio};

use super::sums::Term;
use super::{Part, Rating, TOTALS};
use crate::contract::Version;
use crate::period::Period;
use crate::plan::{Bill, Minimum};
use crate::rating::totals::above;

/// Place of the overage of a minimum among those of totals.
const BEYOND_MINIMUM: Part = Part::Overage(1);

/// What draws a minimum down in a period, and when that is known.
type Drawn = (Amount, Timestamp);

impl<'a> Rating<'a> {
    /// The minimums of all terms; `drawn` is of the periods of totals that begin before or at the cut.
    pub(super) fn minimums(&mut self, drawn: &[Drawn]) -> Result<(), MoneyError> {
        let Some(bill) = self.agreement.minimum().map(|own| own.bill) else {
            return Ok(());
        };
        let mut rest = drawn;
        for term in self.agreement.minimum_terms(self.cut) {
            let known = term.iter().filter(|own| own.start.at <= self.cut).count();
            let (drawn, later) = rest.split_at(known.min(rest.len()));
            rest = later;
            let promised = self.promised(&term)?;
            match bill {
                Bill::AtEnd => self.true_up(&term, &promised, drawn)?,
                Bill::InAdvance => self.in_advance(&term, &promised, drawn)?,
            }
            self.beyond(&term, &promised, drawn)?;
        }
        Ok(())
    }

    /// What is promised for each period of a term: rounded as it adds up; nothing where no version that
    /// counts has a minimum.
    fn promised(&self, term: &[Period]) -> Result<Vec<Option<Amount>>, MoneyError> {
        let own = |version: &'a Version| version.terms.totals.totals.minimum.as_ref();
        let counts = |version: &Version| version.terms.free.counts_for_totals();
        let mut so_far: Option<(Ratio, Amount)> = None;
        let mut parts = Vec::with_capacity(term.len());
        for period in term {
            let Some(exact) = self.minimum_by_days(period, counts, own)? else {
                parts.push(None);
                continue;
            };
            let contract = &self.agreement.of_period(period).terms.contract;
            let (exact, given) = match so_far {
                Some((sum, given)) => (sum.plus(exact)?, given),
                None => (exact, Amount::zero(contract.currency)),
            };
            let now = Amount::from_ratio(exact, contract.currency, contract.rounding)?;
            parts.push(Some(now.minus(given)?));
            so_far = Some((exact, now));
        }
        Ok(parts)
    }

    /// What is missing when a term is over, in its last period.
    fn true_up(
        &mut self,
        term: &[Period],
        promised: &[Option<Amount>],
        drawn: &[Drawn],
    ) -> Result<(), MoneyError> {
        let (Some(last), Some(promised)) = (term.last(), sum(promised)?) else {
            return Ok(());
        };
        let ends = drawn.iter().map(|(_, end)| *end);
        let due = ends.max().unwrap_or(last.end.at).max(last.end.at);
        if drawn.len() < term.len() || due > self.cut {
            return Ok(());
        }
        let charged = Amount::sum(promised.currency(), drawn.iter().map(|(own, _)| *own))?;
        let version = self.agreement.of_period(last).number;
        let missing = Term {
            part: Part::Minimum,
            amount: above(promised, charged)?,
            of: Some(charged),
            due,
            since: term.first().map(|first| first.start.at),
        };
        self.put_term(TOTALS, last, version, missing);
        Ok(())
    }

    /// A part at the start of each period, less what charges draw of the whole.
    fn in_advance(
        &mut self,
        term: &[Period],
        promised: &[Option<Amount>],
        drawn: &[Drawn],
    ) -> Result<(), MoneyError> {
        let Some(whole) = sum(promised)? else {
            return Ok(());
        };
        let zero = Amount::zero(whole.currency());
        let (mut charged, mut paid) = (zero, zero);
        for ((period, part), (own, _)) in term.iter().zip(promised).zip(drawn) {
            let version = self.agreement.of_period(period).number;
            let part = Term {
                part: Part::Minimum,
                amount: part.unwrap_or(zero),
                of: Some(whole),
                due: period.start.at,
                since: None,
            };
            self.put_term(TOTALS, period, version, part);
            charged = charged.plus(*own)?;
            let over = above(charged, whole)?;
            let pays = above(charged.minus(over)?, zero)?;
            let pays_of_it = Term {
                part: Part::Drawn,
                amount: paid.minus(pays)?,
                of: Some(whole.minus(pays)?),
                due: self.with_its_fee(period),
                since: None,
            };
            self.put_term(TOTALS, period, version, pays_of_it);
            paid = pays;
        }
        Ok(())
    }

    /// What is added to charges beyond what was promised for the term.
    fn beyond(
        &mut self,
        term: &[Period],
        promised: &[Option<Amount>],
        drawn: &[Drawn],
    ) -> Result<(), MoneyError> {
        let Some(whole) = sum(promised)? else {
            return Ok(());
        };
        let mut charged = Amount::zero(whole.currency());
        let mut before = charged;
        for (period, (own, _)) in term.iter().zip(drawn) {
            charged = charged.plus(*own)?;
            let beyond = above(charged, whole)?;
            let more = beyond.minus(before)?;
            before = beyond;
            let version = self.agreement.of_period(period);
            let minimum: Option<&Minimum> = version.terms.totals.totals.minimum.as_ref();
            let Some(factor) = minimum.and_then(|own| own.overage) else {
                continue;
            };
            let added = more.times(factor.minus(Decimal::ONE)?)?;
            let term = Term {
                part: BEYOND_MINIMUM,
                amount: added.rounded(version.terms.contract.rounding),
                of: Some(more),
                due: self.with_its_fee(period),
                since: None,
            };
            self.put_term(TOTALS, period, version.number, term);
        }
        Ok(())
    }
}

/// The sum of what is promised; nothing where nothing is.
fn sum(promised: &[Option<Amount>]) -> Result<Option<Amount>, MoneyError> {
    let mut given = promised.iter().flatten();
    let Some(first) = given.next() else {
        return Ok(None);
    };
    given.try_fold(*first, |sum, own| sum.plus(*own)).map(Some)
}
