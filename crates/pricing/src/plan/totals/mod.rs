//! Terms on a sum: discounts, a cap, a minimum, of one line or of a period of the contract.
//!
//! Each is a line of its own, and they apply in one order: discounts by their `sequence`, percentages before
//! fixed ones within it, then the cap, then the minimum. The keys of `[totals]` are the short form of the
//! tables: `discount_percent = 10` is one [`Discount`] of everything, `minimum = 40` a [`Minimum`] of one
//! period. Not here: any amount that they come to ([`crate::rating::totals`], `cell::sums`).

mod read;
mod words;

use jiff::civil::Date;
use money::{Amount, Decimal};

use super::{Component, Surface};
use crate::period::{Interval, Period};

pub(super) use read::read_line_totals;
pub(crate) use read::{TotalsTerms, check_scopes, read_totals};

/// What is done to the sum of a period of a contract.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PeriodTotals {
    /// The period.
    pub every: Interval,
    /// Discounts, cap and minimum.
    pub totals: Totals,
}

/// Discounts, a cap and a minimum on one sum.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Totals {
    /// Discounts, in the order in which they apply.
    pub discounts: Vec<Discount>,
    /// The most that is owed for a period.
    pub cap: Option<Cap>,
    /// The least that is owed for a number of periods.
    pub minimum: Option<Minimum>,
}

impl Totals {
    /// Whether nothing is done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Totals::default()
    }
}

/// A discount: a share of what is left of a sum, or an amount off it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discount {
    /// How much.
    pub off: Off,
    /// Of what.
    pub scope: Scope,
    /// The first day on which a period that has it may begin.
    pub from: Option<Date>,
    /// The last such day.
    pub until: Option<Date>,
    /// How many periods have it, from the first one on that may.
    pub periods: Option<u32>,
    /// A lower number applies first.
    pub sequence: u32,
    /// Why it is given.
    pub reason: Option<String>,
    /// Which key says so.
    pub(crate) key: DiscountKey,
}

/// How much a discount takes off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Off {
    /// A share of one.
    Share(Decimal),
    /// An amount per whole period, never more than is left.
    Amount(Amount),
}

/// The key that a discount is written under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DiscountKey {
    /// `discount_percent`.
    Percent,
    /// `discount_amount`.
    Amount,
    /// An entry of `[[discount]]`.
    Entry,
}

impl Discount {
    /// A share of everything, in every period.
    #[must_use]
    pub const fn percent(share: Decimal) -> Discount {
        Discount::of(Off::Share(share), DiscountKey::Percent)
    }

    /// An amount off everything, in every period.
    #[must_use]
    pub const fn amount(amount: Amount) -> Discount {
        Discount::of(Off::Amount(amount), DiscountKey::Amount)
    }

    const fn of(off: Off, key: DiscountKey) -> Discount {
        Discount {
            off,
            scope: Scope::Everything,
            from: None,
            until: None,
            periods: None,
            sequence: 1,
            reason: None,
            key,
        }
    }

    /// Whether the last of these periods of a contract, which are all up to it, has the discount: as it
    /// begins, whole or not at all (semantics.md S12). A tail is none of the first periods.
    #[must_use]
    pub fn holds(&self, periods: &[Period]) -> bool {
        let may = |period: &Period| self.from.is_none_or(|from| from <= period.start.date);
        let Some((period, earlier)) = periods.split_last() else {
            return false;
        };
        let rank = || earlier.iter().filter(|period| may(period)).count();
        may(period)
            && self.until.is_none_or(|until| period.start.date <= until)
            && self
                .periods
                .is_none_or(|most| !period.is_tail && rank() < most as usize)
    }
}

/// Which components a term looks at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Scope {
    /// All.
    #[default]
    Everything,
    /// These.
    Components(Vec<String>),
    /// Those of these surfaces.
    Surfaces(Vec<Surface>),
}

impl Scope {
    /// Whether it looks at a component of that surface.
    #[must_use]
    pub fn holds(&self, component: &str, surface: Surface) -> bool {
        match self {
            Scope::Everything => true,
            Scope::Components(ids) => ids.iter().any(|id| id == component),
            Scope::Surfaces(surfaces) => surfaces.contains(&surface),
        }
    }

    /// The components that it names.
    #[must_use]
    pub fn components(&self) -> &[String] {
        match self {
            Scope::Components(ids) => ids,
            _ => &[],
        }
    }
}

/// The most that is owed for a period, and what becomes of what is done beyond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cap {
    /// The most.
    pub amount: Amount,
    /// What becomes of the rest.
    pub mode: CapMode,
}

/// What becomes of what is done beyond a cap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CapMode {
    /// It goes on, and is not charged.
    Absorb,
    /// The product is told to stop; what it does all the same is not charged.
    Stop,
    /// It is charged as ever; the cap is told alone.
    Soft,
    /// It is charged at its price times a factor.
    Overage(Decimal),
}

impl CapMode {
    /// The word of documents.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            CapMode::Absorb => "absorb",
            CapMode::Stop => "stop",
            CapMode::Soft => "soft",
            CapMode::Overage(_) => "overage",
        }
    }
}

/// The least that is owed for a number of periods: a commitment, which charges draw down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Minimum {
    /// For all of the periods together.
    pub amount: Amount,
    /// How many.
    pub periods: u32,
    /// Whose charges draw it down.
    pub scope: Scope,
    /// When it is billed.
    pub bill: Bill,
    /// What is charged beyond it is charged at its price times this.
    pub overage: Option<Decimal>,
}

/// When a minimum is billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Bill {
    /// What is missing, when its periods are over.
    #[default]
    AtEnd,
    /// A part at the start of each of its periods; what draws it down is not charged again.
    InAdvance,
}

impl Minimum {
    /// Of one period and everything, billed when it is over.
    #[must_use]
    pub const fn of_a_period(amount: Amount) -> Minimum {
        Minimum {
            amount,
            periods: 1,
            scope: Scope::Everything,
            bill: Bill::AtEnd,
            overage: None,
        }
    }

    /// Whether it is the least of one whole period, whatever is charged in it.
    #[must_use]
    pub fn is_of_a_period(&self) -> bool {
        self.periods == 1 && self.scope == Scope::Everything && self.bill == Bill::AtEnd
    }
}

/// The surface of a component, by the last terms that have it.
pub(crate) fn surface_of<'a>(
    mut versions: impl DoubleEndedIterator<Item = &'a [Component]>,
    id: &str,
) -> Option<Surface> {
    let found = versions.rfind(|components| components.iter().any(|own| own.id == id))?;
    found
        .iter()
        .find(|own| own.id == id)
        .map(Component::surface)
}
