//! Terms on a sum in words, for whoever compares two versions or reads a line.

use std::fmt;

use money::{Amount, Decimal, MoneyError};

use super::{Bill, Cap, CapMode, Discount, Minimum, Off, Scope, Totals};
use crate::cell::Part;

impl Totals {
    /// What the line of a term says beside its amount: what it was computed from, and why it is there. What an
    /// ordinary cap or minimum of a period does needs no words.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub(crate) fn note(
        &self,
        part: &Part,
        amount: Amount,
        of: Amount,
    ) -> Result<Option<String>, MoneyError> {
        Ok(match part {
            Part::Discount(place) => {
                let own = self.discounts.get(usize::from(*place));
                own.map(|own| {
                    let reason = own.reason.as_deref();
                    let reason = reason.map_or(String::new(), |reason| format!(": {reason}"));
                    match own.off {
                        Off::Share(_) => format!("{} of {of}{reason}", own.off),
                        Off::Amount(_) => format!("{} off {of}{reason}", own.off),
                    }
                })
            }
            Part::Cap if self.cap.is_some_and(|own| own.mode == CapMode::Stop) => {
                let most = of.plus(amount)?;
                Some(format!("{of} was done; the cap stops at {most}"))
            }
            Part::Overage(0) => match self.cap.map(|own| own.mode) {
                Some(CapMode::Overage(factor)) => {
                    Some(format!("{of} beyond the cap, at {factor} times the price"))
                }
                _ => None,
            },
            Part::Overage(_) => {
                let factor = self.minimum.as_ref().and_then(|own| own.overage);
                factor.map(|factor| format!("{of} beyond the minimum, at {factor} times the price"))
            }
            Part::Drawn => Some(format!("{of} is left to draw")),
            Part::Minimum => match &self.minimum {
                Some(own) if own.bill == Bill::InAdvance => {
                    Some(format!("a part of {of} in {} periods", own.periods))
                }
                Some(own) if !own.is_of_a_period() => {
                    let promised = of.plus(amount)?;
                    Some(format!("{promised} was promised, {of} was charged"))
                }
                _ => None,
            },
            _ => None,
        })
    }
}

impl fmt::Display for Off {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Off::Amount(amount) => write!(f, "{amount}"),
            Off::Share(share) => match share.times(Decimal::from_int(100)) {
                Ok(percent) => write!(f, "{percent} %"),
                Err(_) => write!(f, "{share} of one"), // a share is at most one
            },
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scope::Everything => f.write_str("everything"),
            Scope::Components(ids) => f.write_str(&ids.join(", ")),
            Scope::Surfaces(surfaces) => {
                let words: Vec<&str> = surfaces.iter().map(|own| own.word()).collect();
                f.write_str(&words.join(", "))
            }
        }
    }
}

impl fmt::Display for Discount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.off)?;
        if self.scope != Scope::Everything {
            write!(f, " of {}", self.scope)?;
        }
        if let Some(from) = self.from {
            write!(f, " from {from}")?;
        }
        if let Some(until) = self.until {
            write!(f, " until {until}")?;
        }
        match self.periods {
            None => {}
            Some(1) => f.write_str(" for one period")?,
            Some(periods) => write!(f, " for {periods} periods")?,
        }
        match &self.reason {
            Some(reason) => write!(f, " ({reason})"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Cap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.amount)?;
        match self.mode {
            CapMode::Absorb => Ok(()),
            CapMode::Stop => f.write_str(", and stops there"),
            CapMode::Soft => f.write_str(", which is told alone"),
            CapMode::Overage(factor) => write!(f, ", and {factor} times the price beyond"),
        }
    }
}

impl fmt::Display for Minimum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.amount)?;
        if self.periods > 1 {
            write!(f, " in {} periods", self.periods)?;
        }
        if self.scope != Scope::Everything {
            write!(f, " of {}", self.scope)?;
        }
        if self.bill == Bill::InAdvance {
            f.write_str(", in advance")?;
        }
        match self.overage {
            Some(factor) => write!(f, ", and {factor} times the price beyond"),
            None => Ok(()),
        }
    }
}
