//! Margin: what each piece of work earned, what it cost, and what is left.
//!
//! [`gross_margin`] is the formula. [`CostLedger`] turns `cost.recorded` facts into costed lines;
//! [`Placer`] finds the unit that a cost was for; [`Sold`] is what the accounts sold; [`Margin`] puts revenue and cost of every unit side
//! by side and adds them up by customer, class, plan, month, model or agent. [`TrueUp`] compares the costs
//! of model calls with a provider's bill.
//!
//! Not here: what is owed (that is the cells'), forecasts and simulation. Invariant: nothing is lost
//! and nothing is invented on the way. Whatever the grouping, its rows sum to the revenue owed and to
//! the costs of the ledger, to the last digit; a cost without a price is counted beside them, never
//! as zero; what belongs to no work is a row of its own unless a named rule shares it out.

mod convert;
mod formula;
mod ledger;
mod lines;
mod once;
mod place;
mod rows;
mod share;
mod sold;
mod true_up;

pub use convert::{Conversion, Converted, Rate};
pub use formula::{CostLines, GrossMargin, gross_margin};
pub use ledger::{CostEntry, CostLedger, Counting, Summary, Unconverted, Uncosted, What};
pub use lines::{Earning, Margin, Settings, WorkMargin};
pub use once::count_once;
pub use place::{Placed, Placer, SoldUnit};
pub use rows::{Dimension, Row};
pub use share::Sharing;
pub use sold::Sold;
pub use true_up::{Step, Sum, TrueUp, TrueUpRow};
