//! Contracts of a customer as views: versions, terms, documents.

use std::collections::BTreeMap;

use jiff::Timestamp;
use pages::view;
use pricing::account::Held;
use pricing::contract::{Opening, Told, Version};
use store::{FactKind, FactsOf};
use work::body::{Body, Control, DocumentKind};
use work::{Definition, Digest};

use crate::Result;
use crate::accounts;
use crate::book::Book;
use crate::listings::Page;
use crate::quotes::components;

/// A document that governs somebody, by content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Governing {
    /// What it is.
    pub kind: DocumentKind,
    /// Its digest.
    pub digest: Digest,
    /// Its text.
    pub text: String,
}

impl Book {
    /// The contracts of a customer, by id; the draft of one who signed nothing.
    ///
    /// # Errors
    /// Where there is no such customer.
    pub fn agreements(&self, customer: &str) -> Result<Vec<view::Contract>> {
        self.chosen(Some(customer))?;
        let account = self.account(customer, None)?;
        let contracts = account.contracts.iter();
        contracts.map(|held| contract(customer, held)).collect()
    }

    /// The contracts of a customer as its buyer reads them: with what is sold, and the definitions by which work
    /// counts.
    ///
    /// # Errors
    /// Where there is no such customer.
    pub fn agreed(&self, customer: &str) -> Result<Vec<view::Agreement>> {
        self.chosen(Some(customer))?;
        let account = self.account(customer, None)?;
        let agreed = account.contracts.iter().map(|held| {
            let terms = &held.agreement.latest().terms;
            let definitions = terms.definitions.values();
            Ok(view::Agreement {
                contract: contract(customer, held)?,
                definitions: definitions.map(|own| definition_row(own)).collect(),
            })
        });
        agreed.collect()
    }

    /// One contract of a customer.
    ///
    /// # Errors
    /// Where there is no such customer or contract.
    pub fn agreement(&self, customer: &str, id: &str) -> Result<view::Contract> {
        self.chosen(Some(customer))?;
        let account = self.account(customer, None)?;
        let held = accounts::contract(&account, Some(id))?;
        contract(customer, held)
    }

    /// The contracts that were signed, of customers in the order of their ids, after one of them; of one alone where
    /// it is named. Only what signs, amends and ends them is read.
    ///
    /// # Errors
    /// Where there is no such customer, or the state cannot be read.
    pub fn contracts_after(
        &self,
        only: Option<&str>,
        (after, customers): (Option<&str>, usize),
    ) -> Result<Page<view::ContractRow, String>> {
        let page = match only {
            Some(customer) => {
                self.require_customer(customer)?;
                self.only_customer(customer)?
            }
            None => self.customers_after(after, customers)?,
        };
        let mut rows = Vec::new();
        for own in &page.rows {
            rows.extend(self.signed_by(own)?);
        }
        Ok(Page {
            rows,
            next: page.next,
        })
    }

    /// What a customer signed, in the order of signature.
    fn signed_by(&self, own: &view::CustomerRow) -> Result<Vec<view::ContractRow>> {
        let mut signed: Vec<view::ContractRow> = Vec::new();
        let facts = self
            .store
            .facts(&own.customer, FactKind::Contract, FactsOf::Customer)?;
        for fact in facts {
            let event = fact?.event;
            let Body::Control(control) = event.body else {
                continue;
            };
            match control {
                Control::ContractSigned { contract, by, .. } => signed.push(view::ContractRow {
                    customer: own.customer.clone(),
                    name: own.name.clone(),
                    contract,
                    signed: event.time,
                    by,
                    amended: None,
                    ended: None,
                }),
                Control::ContractAmended {
                    contract,
                    effective,
                    ..
                } => of(&mut signed, &contract, |row| row.amended = Some(effective)),
                Control::ContractEnded {
                    contract,
                    effective,
                    ..
                } => of(&mut signed, &contract, |row| row.ended = Some(effective)),
                _ => {}
            }
        }
        Ok(signed)
    }

    /// A contract with where it stands: what was spent of it, and the prepaid credits that pay for it.
    ///
    /// # Errors
    /// Where there is no such customer or contract.
    pub fn contract_sheet(
        &self,
        customer: &str,
        id: &str,
        now: Timestamp,
    ) -> Result<view::ContractSheet> {
        let contract = self.agreement(customer, id)?;
        let spending = self.spending(customer, None, now)?;
        let spending = spending
            .contracts
            .into_iter()
            .find(|own| own.contract == id);
        let mut grants = self.grants(customer)?;
        grants.retain(|own| own.contract.as_deref().is_none_or(|own| own == id));
        Ok(view::ContractSheet {
            blocking: self.blocking_check(customer, id, None, now)?,
            contract,
            as_of: now,
            spending,
            grants,
        })
    }

    /// The definitions and plans in force: of everybody who signed nothing, or those that govern one customer.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub fn governing(&self, customer: Option<&str>) -> Result<Vec<Governing>> {
        let in_force = self.documents()?.texts;
        let definition = DocumentKind::Definition;
        let in_force = (in_force.definitions.into_iter())
            .map(|text| (definition, text))
            .chain([(DocumentKind::Plan, in_force.plan)]);
        let mut known: BTreeMap<Digest, (DocumentKind, String)> = in_force
            .map(|(kind, text)| (Digest::of(text.as_bytes()), (kind, text)))
            .collect();
        if let Some(customer) = customer {
            for fact in self
                .store
                .facts(customer, FactKind::Document, FactsOf::Customer)?
            {
                if let Body::Control(Control::DocumentPublished { document, text, .. }) =
                    fact?.event.body
                {
                    known.insert(Digest::of(text.as_bytes()), (document, text));
                }
            }
            let account = self.account(customer, None)?;
            let versions = account
                .contracts
                .iter()
                .flat_map(|held| &held.agreement.versions);
            let named: Vec<Digest> = versions.flat_map(named).collect();
            known.retain(|digest, _| named.contains(digest));
        }
        let documents =
            known
                .into_iter()
                .map(|(digest, (kind, text))| Governing { kind, digest, text });
        Ok(documents.collect())
    }
}

/// A definition as contracts name it: by its digest.
fn definition_row(own: &Definition) -> view::DefinitionRow {
    view::DefinitionRow {
        id: own.id.clone(),
        address: own.digest.to_string(),
        digest: own.digest.to_string(),
        question: own.question.clone(),
        owner: own.owner.clone(),
        classes: (own.counts.iter())
            .map(|class| class.name.to_string())
            .collect(),
        is_default: false,
        customers: 0,
    }
}

/// Notes something of a contract that was signed.
fn of(signed: &mut [view::ContractRow], contract: &str, note: impl FnOnce(&mut view::ContractRow)) {
    if let Some(row) = signed.iter_mut().find(|row| row.contract == contract) {
        note(row);
    }
}

/// The definitions and the plan that a version names.
fn named(version: &Version) -> Vec<Digest> {
    let terms = &version.terms;
    let definitions = terms.contract.definitions.iter().copied();
    definitions.chain([terms.plan]).collect()
}

fn contract(customer: &str, held: &Held) -> Result<view::Contract> {
    let agreement = &held.agreement;
    let opening = agreement.opening.as_deref().map(opening);
    Ok(view::Contract {
        contract: agreement.id.clone(),
        customer: customer.to_owned(),
        is_draft: agreement.is_draft,
        starts: agreement.schedule.start.at,
        ends: agreement.schedule.end.as_ref().map(|end| end.at),
        versions: agreement.versions.iter().map(version).collect(),
        history: agreement.history().iter().map(told).collect(),
        opening: opening.transpose()?,
    })
}

fn opening(own: &Opening) -> Result<view::ContractOpening> {
    Ok(view::ContractOpening {
        system: own.system.clone(),
        document: own.digest.to_string(),
        states: own.in_words(),
        unpaid: own.unpaid()?,
        text: own.text.clone(),
    })
}

fn told(own: &Told<'_>) -> view::VersionTold {
    let terms = &own.version.terms;
    let entry = own.enacted.entry.as_ref();
    view::VersionTold {
        version: own.version.number,
        from: own.version.from,
        step: terms.step.word().to_owned(),
        document: terms.contract.digest.to_string(),
        plan: terms.plan_name.clone(),
        at: entry.map(|entry| entry.at),
        by: entry.map(|entry| entry.by.clone()),
        reprice: entry.and_then(|entry| entry.reprice.clone()),
        governs: own.governs,
        changes: own.changes.iter().map(ToString::to_string).collect(),
    }
}

fn version(own: &Version) -> view::ContractVersion {
    let terms = &own.terms;
    let document = |name: String, digest: Digest| view::Document {
        name,
        digest: digest.to_string(),
    };
    let mut documents = vec![
        document(
            format!("contract {}", terms.contract.id),
            terms.contract.digest,
        ),
        document(format!("plan {}", terms.plan_name), terms.plan),
    ];
    let definitions = terms.definitions.values();
    documents.extend(definitions.map(|own: &std::sync::Arc<Definition>| {
        document(format!("definition {}", own.id), own.digest)
    }));
    let zone = &terms.contract.time_zone;
    view::ContractVersion {
        version: own.number,
        from: own.from,
        plan: terms.plan_name.clone(),
        currency: terms.contract.currency.code().to_owned(),
        billing: terms.contract.billing.word().to_owned(),
        time_zone: zone.iana_name().unwrap_or("UTC").to_owned(),
        components: terms.components.iter().map(|own| own.id.clone()).collect(),
        terms: components(terms),
        documents,
        text: terms.contract.text.clone(),
    }
}
