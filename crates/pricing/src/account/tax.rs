//! What the tax system knows a cell by. Piecework computes no tax: it says what a line is, and when.

use crate::account::Held;
use crate::cell::{CellKey, Part};

impl Held {
    /// What the tax system knows a cell by: as its component says in the version that priced it; of what is credited, as
    /// that of the cell that it is against.
    #[must_use]
    pub fn tax_category(&self, key: &CellKey) -> Option<&str> {
        if let Part::Credited(_, _, cell) = &key.part
            && let Ok(cell) = cell.parse::<CellKey>()
            && !matches!(cell.part, Part::Credited(..))
        {
            return self.tax_category(&cell);
        }
        let version = self.agreement.version(key.version);
        version?.component(&key.component)?.tax_category.as_deref()
    }
}
