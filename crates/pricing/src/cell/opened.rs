//! Works that were billed before the contract began: a cell for each, which is what of that bill stands (P6).
//!
//! The opening states the whole of it, so there is no line until the work is taken back; then the difference gives
//! back what was billed. Totals do not see these cells, as they do not see credits. Not here: which count was billed
//! ([`super::sort`]). Invariant: a work that was billed once is not charged for the count that was billed.

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
            let Some(billed) = work.billed else { continue };
            let bucket = self.buckets.get((components, 0, 0, usize::from(place)));
            // Of a work of which nothing is known yet the bill stands.
            let left = match bucket {
                None => Quantity::ONE,
                Some(bucket) => {
                    let parts = bucket.contributions.iter().map(|own| own.quantity);
                    let sum = parts.into_iter().try_fold(Quantity::ZERO, Decimal::plus)?;
                    sum.min(Quantity::ONE)
                }
            };
            let key = CellKey {
                component: CREDIT.to_owned(),
                ..self.key("", period, version.number, Part::Opened(place))
            };
            let amount = billed.times(left)?.rounded(rounding);
            let mut cell = self.fee_cell(period, inside(period), left, amount);
            if let Some(bucket) = bucket {
                cell.contributions = std::sync::Arc::clone(&bucket.contributions);
            }
            self.put(key, cell);
        }
        Ok(())
    }
}
