//! [`Error`]: why a number cannot be given. Degenerate input has an error of its own, never a NaN and
//! never a number that only looks like an answer.

use std::fmt;

/// Why a statistic cannot be computed. `what` names the argument in the words of the function's docs.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// An argument is NaN or infinite.
    NotFinite {
        /// The argument.
        what: &'static str,
    },
    /// An argument lies outside of where the statistic is defined.
    Outside {
        /// The argument.
        what: &'static str,
        /// Its value.
        is: f64,
        /// The least value that is defined (or the bound that must be exceeded).
        low: f64,
        /// The greatest value that is defined (or the bound to stay under).
        high: f64,
    },
    /// More hits than trials, more reviewed than decided, and the like.
    More {
        /// The part.
        what: &'static str,
        /// Its count.
        is: u64,
        /// The count that it is part of.
        of: u64,
    },
    /// Two lists that belong together have different lengths.
    Lengths {
        /// The lists.
        what: &'static str,
        /// The length of the first.
        left: usize,
        /// The length of the second.
        right: usize,
    },
    /// Too few observations to say anything.
    TooFew {
        /// What there is too little of.
        what: &'static str,
        /// How many there are.
        is: u64,
        /// How many it takes.
        needs: u64,
    },
    /// More than the bound of `limits.rs`.
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How many there are.
        is: u64,
        /// How many may be.
        at_most: u64,
    },
    /// Everything has the same value, so nothing can be estimated from it.
    NoVariation {
        /// What does not vary.
        what: &'static str,
    },
    /// Columns of a regression, or statistics of a joint test, depend on each other.
    Singular {
        /// The matrix.
        what: &'static str,
    },
    /// No answer within the bounds of `limits.rs`.
    NoAnswer {
        /// What was looked for.
        what: &'static str,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Error::NotFinite { what } => write!(f, "{what} must be a finite number"),
            Error::Outside {
                what,
                is,
                low,
                high,
            } => {
                write!(f, "{what} is {is}, it must lie between {low} and {high}")
            }
            Error::More { what, is, of } => {
                write!(f, "{what}: {is}, more than the {of} it is part of")
            }
            Error::Lengths { what, left, right } => {
                write!(
                    f,
                    "{what} must have one length, they have {left} and {right}"
                )
            }
            Error::TooFew { what, is, needs } => {
                write!(f, "{is} {what} are too few, it takes {needs}")
            }
            Error::TooMany { what, is, at_most } => {
                write!(f, "{is} {what} are too many, at most {at_most} are taken")
            }
            Error::NoVariation { what } => write!(f, "{what} does not vary"),
            Error::Singular { what } => write!(f, "{what} depends on itself, leave a part out"),
            Error::NoAnswer { what } => write!(f, "no {what} within the limits"),
        }
    }
}

impl std::error::Error for Error {}

/// The number, if it is finite.
pub(crate) fn finite(what: &'static str, is: f64) -> Result<f64, Error> {
    if is.is_finite() {
        Ok(is)
    } else {
        Err(Error::NotFinite { what })
    }
}

/// The number, if it lies in [low, high].
pub(crate) fn within(what: &'static str, is: f64, low: f64, high: f64) -> Result<f64, Error> {
    if finite(what, is)? < low || is > high {
        return Err(Error::Outside {
            what,
            is,
            low,
            high,
        });
    }
    Ok(is)
}

/// The number, if it lies in (low, high).
pub(crate) fn inside(what: &'static str, is: f64, low: f64, high: f64) -> Result<f64, Error> {
    if finite(what, is)? <= low || is >= high {
        return Err(Error::Outside {
            what,
            is,
            low,
            high,
        });
    }
    Ok(is)
}

/// The count, if it is at least so much.
pub(crate) fn at_least(what: &'static str, is: u64, needs: u64) -> Result<u64, Error> {
    if is < needs {
        return Err(Error::TooFew { what, is, needs });
    }
    Ok(is)
}

/// The count, if it is at most so much.
pub(crate) fn at_most(what: &'static str, is: u64, at_most: u64) -> Result<u64, Error> {
    if is > at_most {
        return Err(Error::TooMany { what, is, at_most });
    }
    Ok(is)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_the_argument() {
        for (error, message) in [
            (
                within("rate", 1.5, 0.0, 1.0),
                "rate is 1.5, it must lie between 0 and 1",
            ),
            (
                within("rate", f64::NAN, 0.0, 1.0),
                "rate must be a finite number",
            ),
            (
                inside("rate", 0.0, 0.0, 1.0),
                "rate is 0, it must lie between 0 and 1",
            ),
        ] {
            assert_eq!(error.unwrap_err().to_string(), message);
        }
        assert_eq!(
            at_least("units", 1, 2).unwrap_err().to_string(),
            "1 units are too few, it takes 2"
        );
        assert_eq!(
            at_most("units", 3, 2).unwrap_err().to_string(),
            "3 units are too many, at most 2 are taken"
        );
    }
}
