//! A statement computed again from the entries that it was issued from.

use serde::Serialize;
use work::Digest;

use crate::Result;
use crate::accounts;
use crate::book::Book;
use crate::error::Absent;
use crate::statements::Known;

/// A statement computed again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Replayed {
    /// The printed number.
    pub number: String,
    /// Entries of the log that it was computed from.
    pub coverage: u64,
    /// SHA-256 of its body as it was issued.
    pub stated: String,
    /// SHA-256 of the body that the log gives now.
    pub replayed: String,
    /// Whether they are the same.
    pub equal: bool,
    /// The body that the log gives now.
    pub body: String,
}

impl Book {
    /// Computes an issued statement again from the log.
    ///
    /// # Errors
    /// [`Absent`] where there is no such statement.
    pub fn replay(&self, customer: &str, number: &str) -> Result<Replayed> {
        let account = self.account(customer, None)?;
        let Some((held, issued)) = account.statement(number) else {
            return Err(Absent::Statement {
                customer: customer.to_owned(),
                number: number.to_owned(),
            }
            .into());
        };
        let known = Known::until(self, customer, issued.coverage)?;
        let earlier = accounts::contract(&known.account, Some(&held.agreement.id))?;
        let body = known.draw(self, earlier, issued.cut)?.body();
        let replayed = Digest::of(body.as_bytes());
        Ok(Replayed {
            number: issued.number.clone(),
            coverage: issued.coverage,
            stated: issued.body.to_string(),
            replayed: replayed.to_string(),
            equal: replayed == issued.body,
            body,
        })
    }
}
