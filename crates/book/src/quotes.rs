//! Quotes of a customer as views.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use pages::view;
use pricing::Account;
use pricing::contract::{Contract, InForce, written};
use pricing::plan::{Component, Plan};
use pricing::quote::{Quote, QuoteDocument, QuoteState, QuoteStep};
use store::{FactKind, FactsOf};
use work::Digest;
use work::body::{Body, Control, DocumentKind, QuoteEntry};

use crate::Result;
use crate::book::Book;
use crate::error::Damaged;
use crate::listings::Page;

/// A quote that was sent, and that nobody answered or took back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unanswered {
    /// Its number.
    pub quote: String,
    /// The contract that it offers.
    pub contract: String,
    /// The last day on which it can be accepted.
    pub valid_until: Date,
    /// The first instant at which it cannot be any more.
    pub expires: Timestamp,
}

impl Book {
    /// The quotes of a customer, by number.
    ///
    /// # Errors
    /// Where there is no such customer.
    pub fn quotes(&self, customer: &str, now: Timestamp) -> Result<Vec<view::Quote>> {
        self.chosen(Some(customer))?;
        let account = self.account(customer, None)?;
        let quotes = account.quotes.iter();
        quotes.map(|own| shown(&account, own, now)).collect()
    }

    /// The quotes to customers in the order of their ids, after one of them: of each all or none, until there are so
    /// many. Only quotes and documents are read.
    ///
    /// # Errors
    /// Where the state cannot be read.
    pub fn quotes_after(
        &self,
        after: Option<&str>,
        rows: usize,
        now: Timestamp,
    ) -> Result<Page<view::QuoteRow, String>> {
        let page = self.customers_after(after, rows)?;
        let mut found = Vec::new();
        for (place, own) in page.rows.iter().enumerate() {
            found.extend(self.quoted_to(own, now)?);
            if found.len() >= rows && place + 1 < page.rows.len() {
                let next = Some(own.customer.clone());
                return Ok(Page { rows: found, next });
            }
        }
        Ok(Page {
            rows: found,
            next: page.next,
        })
    }

    /// What was offered to a customer, by number, and the last step of each.
    fn quoted_to(&self, own: &view::CustomerRow, now: Timestamp) -> Result<Vec<view::QuoteRow>> {
        let mut quotes: BTreeMap<String, (Digest, QuoteEntry)> = BTreeMap::new();
        for fact in self
            .store
            .facts(&own.customer, FactKind::Quote, FactsOf::Customer)?
        {
            let Body::Control(Control::Quote(step)) = fact?.event.body else {
                continue;
            };
            let number = step.number().to_owned();
            match (&step, quotes.get_mut(&number)) {
                (QuoteEntry::Drafted { digest, .. }, None) => {
                    quotes.insert(number, (*digest, step));
                }
                (_, Some((_, last))) => *last = step,
                (_, None) => {}
            }
        }
        if quotes.is_empty() {
            return Ok(Vec::new());
        }
        let texts = self.texts_of(
            &own.customer,
            &[DocumentKind::Quote, DocumentKind::Contract],
        )?;
        let rows = quotes.into_values().filter_map(|(digest, last)| {
            // What cannot be read was flagged when it was taken, and is no quote.
            let quote = QuoteDocument::parse(texts.get(&digest)?).ok()?;
            let contract = Contract::parse(texts.get(&quote.contract)?).ok()?;
            let expires = quote.expires(&contract.time_zone)?;
            let state = QuoteState::after(Some(&last), expires, now);
            Some(view::QuoteRow {
                customer: own.customer.clone(),
                name: own.name.clone(),
                quote: quote.number,
                state: state.word().to_owned(),
                contract: contract.id,
                starts: contract.starts.to_string(),
                valid_until: quote.valid_until.to_string(),
            })
        });
        Ok(rows.collect())
    }

    /// The texts of some kinds that were published to a customer, by digest.
    fn texts_of(&self, customer: &str, kinds: &[DocumentKind]) -> Result<BTreeMap<Digest, String>> {
        let mut texts = BTreeMap::new();
        let facts = self
            .store
            .facts(customer, FactKind::Document, FactsOf::Customer)?;
        for fact in facts {
            if let Body::Control(Control::DocumentPublished { document, text, .. }) =
                fact?.event.body
                && kinds.contains(&document)
            {
                texts.insert(Digest::of(text.as_bytes()), text);
            }
        }
        Ok(texts)
    }

    /// One quote of a customer.
    ///
    /// # Errors
    /// [`Absent`](crate::error::Absent) where there is no such customer or quote.
    pub fn quote(&self, customer: &str, number: &str, now: Timestamp) -> Result<view::Quote> {
        self.chosen(Some(customer))?;
        let account = self.account(customer, None)?;
        let quote = account.quote(number);
        let quote = quote.ok_or_else(|| pricing::quote::QuoteRefusal::Absent(number.to_owned()))?;
        shown(&account, quote, now)
    }

    /// The quotes of a customer that were sent and that nobody answered or took back, expired or not. Where nothing was
    /// ever quoted, only the documents are read.
    ///
    /// # Errors
    /// Where the customer's log cannot be read.
    pub fn unanswered_quotes(&self, customer: &str) -> Result<Vec<Unanswered>> {
        let mut is_quoted = false;
        for fact in (self.store).facts(customer, FactKind::Document, FactsOf::Customer)? {
            is_quoted |= matches!(
                fact?.event.body,
                Body::Control(Control::DocumentPublished {
                    document: DocumentKind::Quote,
                    ..
                })
            );
        }
        if !is_quoted {
            return Ok(Vec::new());
        }
        let account = self.account(customer, None)?;
        let sent = account.quotes.iter().filter(|own| {
            let last = own.steps.last().map(|step| &step.what);
            matches!(last, Some(QuoteEntry::Sent { .. }))
        });
        let unanswered = sent.map(|own| Unanswered {
            quote: own.number().to_owned(),
            contract: own.terms.contract.id.clone(),
            valid_until: own.document.valid_until,
            expires: own.expires,
        });
        Ok(unanswered.collect())
    }
}

fn shown(account: &Account, quote: &Quote, now: Timestamp) -> Result<view::Quote> {
    let (own, terms) = (&quote.document, &quote.terms);
    let contract = &terms.contract;
    let document = |name: String, digest: Digest| view::Document {
        name,
        digest: digest.to_string(),
    };
    let mut documents = vec![
        document(format!("quote {}", own.number), quote.digest),
        document(format!("contract {}", contract.id), contract.digest),
        document(format!("plan {}", terms.plan_name), terms.plan),
    ];
    let definitions = terms.definitions.values();
    documents.extend(definitions.map(|own| document(format!("definition {}", own.id), own.digest)));
    let held = account.contract(&contract.id);
    let is_signed = held.is_some_and(|held| {
        let mut enacted = held.agreement.enacted.iter();
        enacted.any(|own| own.terms.contract.digest == contract.digest) && !held.agreement.is_draft
    });
    Ok(view::Quote {
        quote: own.number.clone(),
        customer: own.customer.clone(),
        state: quote.state(now).word().to_owned(),
        valid_until: own.valid_until.to_string(),
        expires: quote.expires,
        words: own.words.clone(),
        contract: contract.id.clone(),
        is_signed,
        plan: terms.plan_name.clone(),
        currency: own.currency.code().to_owned(),
        starts: contract.starts.to_string(),
        ends: contract.ends.map(|day| day.to_string()),
        billing: contract.billing.word().to_owned(),
        time_zone: contract.time_zone.iana_name().unwrap_or("UTC").to_owned(),
        components: components(terms),
        expected: own.expected.as_ref().map(|own| view::ExpectedBill {
            periods: own.periods,
            from: own.from.to_string(),
            until: own.until.to_string(),
            lowest: own.lowest,
            highest: own.highest,
        }),
        documents,
        text: own.to_text().map_err(|source| Damaged::Document {
            what: "a quote",
            source,
        })?,
        contract_text: contract.text.clone(),
        steps: quote.steps.iter().map(step).collect(),
    })
}

/// What terms sell, in the plan's order, as the contract has made it: the terms of each in words.
pub(crate) fn components(terms: &InForce) -> Vec<view::QuotedComponent> {
    in_words(&terms.components, &terms.written)
}

/// What a plan sells, in the order of its file: the terms of each component in words.
#[must_use]
pub fn of_plan(plan: &Plan) -> Vec<view::QuotedComponent> {
    in_words(&plan.components, &written(plan))
}

fn in_words(
    components: &[Component],
    written: &[(String, BTreeMap<String, String>)],
) -> Vec<view::QuotedComponent> {
    let components = components.iter().map(|component| {
        let mut written = written.iter();
        let written = written.find(|(id, _)| *id == component.id);
        let written = written.iter().flat_map(|(_, written)| written);
        view::QuotedComponent {
            component: component.id.clone(),
            surface: component.surface().word().to_owned(),
            terms: written
                .map(|(key, says)| view::QuotedTerm {
                    term: key.replace('_', " "),
                    says: says.clone(),
                })
                .collect(),
        }
    });
    components.collect()
}

fn step(own: &QuoteStep) -> view::QuoteStep {
    let (step, words) = match &own.what {
        QuoteEntry::Drafted { .. } => ("drafted", None),
        QuoteEntry::Sent { .. } => ("sent", None),
        QuoteEntry::Accepted { how, .. } => ("accepted", how.clone()),
        QuoteEntry::Declined { reason, .. } => ("declined", Some(reason.clone())),
        QuoteEntry::Withdrawn { reason, .. } => ("withdrawn", Some(reason.clone())),
    };
    view::QuoteStep {
        step: step.to_owned(),
        at: own.at,
        by: own.what.by().to_owned(),
        authorship: own.authorship,
        is_signed: own.is_signed,
        words,
        entry: own.entry,
    }
}
