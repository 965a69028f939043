//! Works that were billed before the contract began: what is taken back of one is given back (semantics.md P6).
//!
//! There is no cell while the work stands. Totals do not see these cells, as they do not see credits. Not here:
//! which count was billed ([`super::sort`]). Invariant: a work that was billed once is not charged for the count that
//! was billed, and no more is given back of it than was billed.

use std::sync::Arc;

use money::{Decimal, MoneyError, Quantity};

use super::{CREDIT, CellKey, Part, Rating, inside};

impl Rating<'_> {
    /// The cells of all works that the opening says were billed.
    pub(super) fn opened(&mut self) -> Result<(), MoneyError> {
        let agreement = self.agreement;
        let periods = agreement.statement_periods(self.cut);
        let (Some(opening), Some(period)) = (&agreement.opening, periods.first()) else {
            return Ok(());
        };
        let version = &agreement.versions[0]; // an agreement has a version
        let rounding = version.terms.contract.rounding;
        let components = agreement.component_ids().len();
        for (place, work) in (0u16..).zip(&opening.works) {
            // Of a work of which nothing is known yet the bill stands.
            let bucket = self.buckets.get((components, 0, 0, usize::from(place)));
            let (Some(billed), Some(bucket)) = (work.billed, bucket) else {
                continue;
            };
            let mut parts = bucket.contributions.iter().map(|own| own.quantity);
            let sum = parts.try_fold(Quantity::ZERO, Decimal::plus)?;
            let back = Quantity::ONE.minus(sum.min(Quantity::ONE))?;
            let key = CellKey {
                component: CREDIT.to_owned(),
                ..self.key("", period, version.number, Part::Opened(place))
            };
            let amount = billed.times(back)?.rounded(rounding).negated();
            let mut cell = self.fee_cell(period, inside(period), back.negated(), amount);
            cell.contributions = Arc::clone(&bucket.contributions);
            self.put(key, cell);
        }
        Ok(())
    }
}
