//! [`Error`]: what a book could not do, told apart by what a caller answers.
//!
//! A command line prints the message and its sources; a server chooses a status by the variant. Each variant's
//! own type says what happened, with data; its message says what there is instead or what to do next.

mod absent;
mod damaged;
mod invalid;
mod refused;

use std::num::TryFromIntError;
use std::path::PathBuf;

use money::MoneyError;
use pricing::account::check::Refusal;
use pricing::cell::PricingError;
use pricing::cover::CoverRefusal;
use pricing::quote::QuoteRefusal;
use pricing::statement::StatementError;
use proof::file::BuildError;
use store::StoreError;

pub use absent::Absent;
pub use damaged::Damaged;
pub use invalid::Invalid;
pub use refused::{CosignatureError, Refused, Unsigned};

use crate::config::ConfigError;
use crate::documents::FaultyDocument;
use crate::keyring::SecretError;
use crate::random::RandomError;

/// What a book could not do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What was named is not there.
    #[error(transparent)]
    Absent(#[from] Absent),
    /// What was given cannot be used.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// A rule says no; nothing was changed.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// A document has faults, each with its place.
    #[error(transparent)]
    Faulty(#[from] FaultyDocument),
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The secret of the book cannot be used.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// There are no random bytes.
    #[error(transparent)]
    Random(RandomError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file beside the store cannot be read or written.
    #[error("cannot {doing} {}", .path.display())]
    File {
        /// Read, write or make.
        doing: &'static str,
        /// Which.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// A number or an instant does not fit.
    #[error(transparent)]
    Uncomputed(#[from] Uncomputed),
    /// What is in the book cannot be read back, or does not give what it gave.
    #[error(transparent)]
    Damaged(#[from] Damaged),
}

/// A number or an instant that does not fit its type, or sums of two currencies.
#[derive(Debug, thiserror::Error)]
pub enum Uncomputed {
    /// An amount.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// An amount of a cell.
    #[error(transparent)]
    Cell(#[from] PricingError),
    /// An amount of a statement.
    #[error(transparent)]
    Statement(Box<StatementError>),
    /// An instant or a date.
    #[error(transparent)]
    Date(#[from] jiff::Error),
    /// A count.
    #[error(transparent)]
    Count(#[from] TryFromIntError),
    /// A rate or its interval.
    #[error(transparent)]
    Rate(#[from] evidence::Error),
}

impl From<Unsigned> for Error {
    fn from(unsigned: Unsigned) -> Error {
        Refused::from(unsigned).into()
    }
}

impl From<MoneyError> for Error {
    fn from(error: MoneyError) -> Error {
        Uncomputed::from(error).into()
    }
}

impl From<PricingError> for Error {
    fn from(error: PricingError) -> Error {
        Uncomputed::from(error).into()
    }
}

impl From<jiff::Error> for Error {
    fn from(error: jiff::Error) -> Error {
        Uncomputed::from(error).into()
    }
}

impl From<TryFromIntError> for Error {
    fn from(error: TryFromIntError) -> Error {
        Uncomputed::from(error).into()
    }
}

impl From<evidence::Error> for Error {
    fn from(error: evidence::Error) -> Error {
        Uncomputed::from(error).into()
    }
}

impl From<StatementError> for Error {
    fn from(error: StatementError) -> Error {
        match error {
            StatementError::NoContract(_) => Absent::OfStatement(error.into()).into(),
            StatementError::BeforeStart { .. }
            | StatementError::Draft(_)
            | StatementError::TooManyCells { .. } => Refused::Statement(error.into()).into(),
            StatementError::Pricing(_) | StatementError::Money { .. } => {
                Uncomputed::Statement(error.into()).into()
            }
            StatementError::Cell { .. } => Damaged::Statement(error.into()).into(),
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Error {
        match refusal {
            Refusal::NoContract(_) | Refusal::NoStatement(_) => Absent::OfAccount(refusal).into(),
            Refusal::Cover(own) if matches!(*own, CoverRefusal::Absent(_)) => {
                Absent::OfAccount(Refusal::Cover(own)).into()
            }
            Refusal::Quote(own) if matches!(*own, QuoteRefusal::Absent(_)) => {
                Absent::OfAccount(Refusal::Quote(own)).into()
            }
            other => Refused::Account(other).into(),
        }
    }
}

impl From<CoverRefusal> for Error {
    fn from(refusal: CoverRefusal) -> Error {
        Refusal::from(refusal).into()
    }
}

impl From<QuoteRefusal> for Error {
    fn from(refusal: QuoteRefusal) -> Error {
        Refusal::from(refusal).into()
    }
}

impl From<BuildError<StoreError>> for Error {
    fn from(error: BuildError<StoreError>) -> Error {
        match error {
            BuildError::NoStatement(_) => Absent::OfLog(error).into(),
            BuildError::Payload(_) => Refused::Proof(error).into(),
            other => Damaged::Proof(other).into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server answers by the variant: what is not there, what a rule refuses, what is damaged.
    #[test]
    fn errors_of_the_domain_are_told_apart_by_what_to_answer() {
        let absent: [Error; 3] = [
            Refusal::NoStatement("A-1".to_owned()).into(),
            StatementError::NoContract("c".to_owned()).into(),
            BuildError::NoStatement("A-1".to_owned()).into(),
        ];
        for error in absent {
            assert!(matches!(error, Error::Absent(_)), "{error:?}");
        }
        let refused: [Error; 2] = [
            Refusal::Paid("A-1".to_owned()).into(),
            StatementError::Draft("c".to_owned()).into(),
        ];
        for error in refused {
            assert!(matches!(error, Error::Refused(_)), "{error:?}");
        }
        let damaged = Error::from(BuildError::Carry);
        assert!(matches!(damaged, Error::Damaged(_)), "{damaged:?}");
    }

    /// The message of the domain is the message; it is not told twice.
    #[test]
    fn an_error_of_the_domain_keeps_its_message_and_its_sources() {
        let refusal = Refusal::Voided("A-1".to_owned());
        let told = refusal.to_string();
        let error = Error::from(refusal);
        assert_eq!(error.to_string(), told);
        assert!(std::error::Error::source(&error).is_none());
    }
}
