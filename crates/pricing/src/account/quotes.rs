//! Quotes: which step may follow which.
//!
//! Invariant: numbers have no gaps, and no step is taken from where it cannot be.

use jiff::Timestamp;
use work::body::QuoteEntry;
use work::effective::Fact;

use super::Account;
use super::check::Refusal;
use super::control::Documents;
use crate::limits::QUOTES_MAX;
use crate::quote::{Quote, QuoteRefusal, QuoteStep};

impl Account {
    /// The quote of that number.
    #[must_use]
    pub fn quote(&self, number: &str) -> Option<&Quote> {
        self.quotes.iter().find(|own| own.number() == number)
    }

    /// The number of the next quote.
    #[must_use]
    pub fn next_quote(&self) -> String {
        format!("{}-Q{:04}", self.customer, self.quotes.len() + 1)
    }

    /// Whether one more quote may be drafted.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn may_draft_quote(&self) -> Result<(), Refusal> {
        if self.quotes.len() >= QUOTES_MAX {
            return Err(QuoteRefusal::TooMany.into());
        }
        Ok(())
    }

    /// Whether a step of a quote may be taken at an instant: the quote.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn may_step(&self, step: &QuoteEntry, at: Timestamp) -> Result<&Quote, Refusal> {
        let number = step.number();
        let quote = self.quote(number);
        let quote = quote.ok_or_else(|| QuoteRefusal::Absent(number.to_owned()))?;
        quote.may(step, at)?;
        Ok(quote)
    }

    /// Takes a step.
    pub(super) fn take_quote(
        &mut self,
        documents: &Documents,
        fact: &Fact,
        entry: &QuoteEntry,
    ) -> Result<(), String> {
        let step = QuoteStep {
            entry: fact.entry,
            at: fact.event.time,
            authorship: fact.event.authorship,
            is_signed: fact.event.signature.is_some(),
            what: entry.clone(),
        };
        if let QuoteEntry::Drafted { quote, digest, .. } = entry {
            self.may_draft_quote().map_err(|error| error.to_string())?;
            let next = self.next_quote();
            let document = documents.quote(*digest)?;
            for given in [quote, &document.number] {
                if *given != next {
                    let given = given.clone();
                    return Err(QuoteRefusal::Number { next, given }.to_string());
                }
            }
            let terms = documents.named(&self.customer, document.contract)?;
            let mut drafted =
                Quote::of(document, *digest, terms).map_err(|error| error.to_string())?;
            drafted.steps.push(step);
            self.quotes.push(drafted);
            return Ok(());
        }
        self.may_step(entry, step.at)
            .map_err(|error| error.to_string())?;
        let number = entry.number();
        let mut quotes = self.quotes.iter_mut();
        if let Some(own) = quotes.find(|own| own.number() == number) {
            own.steps.push(step);
        }
        Ok(())
    }
}

impl From<QuoteRefusal> for Refusal {
    fn from(refusal: QuoteRefusal) -> Refusal {
        Refusal::Quote(Box::new(refusal))
    }
}
