//! Which log has a name.
//!
//! The name of a log, the last part of its origin, says nothing about its customer, and is a function of the
//! book's secret: the way back is a table. Invariant: whoever asks under a customer finds that customer's logs
//! and no others, and nothing of who else there is.

use std::collections::HashMap;
use std::sync::PoisonError;

use work::LogKind;

use crate::Result;
use crate::book::Book;
use crate::limits::LOG_NAMES_MAX;

/// A customer and which of its logs.
pub type NamedLog = (String, LogKind);

/// Names of logs that were looked up.
#[derive(Debug, Default)]
pub(crate) struct LogNames(HashMap<String, NamedLog>);

impl LogNames {
    /// Remembers a name, while there is room.
    fn keep(&mut self, pseudonym: String, log: NamedLog) {
        if self.0.len() < LOG_NAMES_MAX {
            self.0.insert(pseudonym, log);
        }
    }
}

const KINDS: [LogKind; 2] = [LogKind::Shared, LogKind::Seller];

impl Book {
    /// The log of a name: of all customers', or of this one's.
    ///
    /// # Errors
    /// Where the book's secret or the customers cannot be read.
    pub fn log_named(&self, name: &str, customer: Option<&str>) -> Result<Option<NamedLog>> {
        let keyring = self.keyring()?;
        if let Some(customer) = customer {
            let mut kinds = KINDS.into_iter();
            let kind = kinds.find(|kind| keyring.pseudonym(*kind, customer) == name);
            return Ok(kind.map(|kind| (customer.to_owned(), kind)));
        }
        let known = |names: &LogNames| names.0.get(name).cloned();
        let names = || {
            self.log_names
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(found) = known(&names()) {
            return Ok(Some(found));
        }
        // A customer that came since, or no log at all.
        let customers = self.customers()?;
        let mut fresh = LogNames::default();
        let mut found = None;
        for own in customers {
            for kind in KINDS {
                let pseudonym = keyring.pseudonym(kind, &own.customer);
                let log = (own.customer.clone(), kind);
                if pseudonym == name {
                    found = Some(log.clone());
                }
                fresh.keep(pseudonym, log);
            }
        }
        *names() = fresh;
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_remembered_are_bounded() {
        let mut names = LogNames::default();
        for number in 0..=LOG_NAMES_MAX {
            names.keep(number.to_string(), ("acme".to_owned(), LogKind::Shared));
        }
        assert_eq!(names.0.len(), LOG_NAMES_MAX);
    }
}
