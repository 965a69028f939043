//! Whether revenue may be taken as what may be invoiced: the practical expedient of ASC 606-10-55-18 and
//! IFRS 15 B16, which holds where the right to invoice corresponds directly with the value of what was performed to date.
//!
//! The rules here find what in a contract stands against it. Whether what they do not see does is for who signs
//! the books.

use std::fmt;

use crate::contract::Agreement;
use crate::plan::{Due, Off, SeatCount, Terms, Totals};
use crate::rating::Price;

/// Something in a contract by which the invoice does not follow the value performed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Obstacle {
    /// The component, or `totals`.
    pub place: String,
    /// What it is.
    pub why: Why,
}

/// Why an invoice does not follow the value performed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Why {
    /// A fee is invoiced before it is performed.
    InAdvance,
    /// What is owed for earlier units changes with later ones.
    Retrospective,
    /// The first units are free, or cost a fee of their own, and later ones do not.
    FirstUnitsDiffer,
    /// Something is owed although nothing is performed.
    Minimum,
    /// Above it, what is performed costs nothing.
    Cap,
    /// A fixed discount does not follow what is performed.
    FixedDiscount,
    /// A period is charged by its peak.
    Peak,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Why::InAdvance => "it is invoiced before it is performed",
            Why::Retrospective => {
                "later units change what earlier ones cost, so an invoice in between is not their value"
            }
            Why::FirstUnitsDiffer => "the first units are free, and later ones carry them",
            Why::Minimum => "a minimum is invoiced where less is performed",
            Why::Cap => "above the cap what is performed is not invoiced",
            Why::FixedDiscount => "a fixed discount does not follow what is performed",
            Why::Peak => "the peak is invoiced for the whole period",
        })
    }
}

/// What stands against the expedient in any version of a contract; nothing where it may be used.
#[must_use]
pub fn right_to_invoice(agreement: &Agreement) -> Vec<Obstacle> {
    let mut found = Vec::new();
    for version in &agreement.versions {
        let mut add = |place: &str, why| {
            found.push(Obstacle {
                place: place.to_owned(),
                why,
            });
        };
        for component in &version.terms.components {
            let id = &component.id;
            match &component.terms {
                Terms::Platform(platform) if platform.due == Due::Advance => {
                    add(id, Why::InAdvance);
                }
                Terms::Seats(seats) if seats.count == SeatCount::HighWater => add(id, Why::Peak),
                Terms::Metered(metered) => {
                    of_price(id, &metered.price, &mut add);
                    if !metered.allowance.is_zero() {
                        add(id, Why::FirstUnitsDiffer);
                    }
                }
                Terms::Outcome(outcome) => {
                    for group in &outcome.groups {
                        of_price(id, &group.price, &mut add);
                    }
                    if !outcome.allowance.is_zero() {
                        add(id, Why::FirstUnitsDiffer);
                    }
                }
                _ => {}
            }
            of_totals(id, &component.totals, &mut add);
        }
        of_totals("totals", &version.terms.totals.totals, &mut add);
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn of_price(id: &str, price: &Price, add: &mut impl FnMut(&str, Why)) {
    if !price.may_be_cut() {
        add(id, Why::Retrospective);
    }
    if let Price::Package(package) = price
        && !package.free.is_zero()
    {
        add(id, Why::FirstUnitsDiffer);
    }
}

fn of_totals(place: &str, totals: &Totals, add: &mut impl FnMut(&str, Why)) {
    if totals.minimum.is_some() {
        add(place, Why::Minimum);
    }
    if totals.cap.is_some() {
        add(place, Why::Cap);
    }
    let mut discounts = totals.discounts.iter();
    if discounts.any(|own| matches!(own.off, Off::Amount(_))) {
        add(place, Why::FixedDiscount);
    }
}
