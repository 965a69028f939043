//! Control entries: documents, contracts over time, statements, credits, payments.

use std::collections::BTreeMap;

use work::body::{Body, Control, DocumentKind};
use work::effective::Fact;
use work::{Definition, Digest};

use super::stated::Attempt;
use super::{Account, Flag, Held, Issued};
use crate::cell::{Credit, Decision};
use crate::contract::{Agreement, EnactingEntry, InForce, Opening};
use crate::credit::Grant;
use crate::published::is_rated;
use crate::quote::QuoteDocument;
use crate::receivable::MoneyFact;
use crate::{Contract, Plan};

/// The documents that a log published, by digest.
#[derive(Default)]
pub(super) struct Documents {
    plans: BTreeMap<Digest, Plan>,
    definitions: BTreeMap<Digest, Definition>,
    contracts: BTreeMap<Digest, Contract>,
    quotes: BTreeMap<Digest, QuoteDocument>,
    openings: BTreeMap<Digest, Opening>,
}

impl Documents {
    fn publish(&mut self, kind: DocumentKind, text: &str) -> Result<(), String> {
        let digest = Digest::of(text.as_bytes());
        match kind {
            DocumentKind::Plan => {
                let plan = Plan::parse(text).map_err(|error| error.to_string())?;
                self.plans.insert(digest, plan);
            }
            DocumentKind::Definition => {
                let definition = Definition::parse(text).map_err(|error| error.to_string())?;
                self.definitions.insert(digest, definition);
            }
            DocumentKind::Contract => {
                let contract = Contract::parse(text).map_err(|error| error.to_string())?;
                self.contracts.insert(digest, contract);
            }
            DocumentKind::Quote => {
                let quote = QuoteDocument::parse(text).map_err(|error| error.to_string())?;
                self.quotes.insert(digest, quote);
            }
            DocumentKind::Opening => {
                let opening = Opening::parse(text).map_err(|error| error.to_string())?;
                self.openings.insert(digest, opening);
            }
            // Model costs and rates of exchange are the seller's, and nothing is rated by them; what enters rating
            // is the account's.
            DocumentKind::ModelCosts
            | DocumentKind::Calibration
            | DocumentKind::Measure
            | DocumentKind::Baseline
            | DocumentKind::Fx => {}
        }
        Ok(())
    }

    /// The quote's document of that digest.
    pub(super) fn quote(&self, document: Digest) -> Result<QuoteDocument, String> {
        let found = self.quotes.get(&document).cloned();
        found.ok_or_else(|| format!("no quote {document} was published before it"))
    }

    fn terms(&self, customer: &str, id: &str, document: Digest) -> Result<InForce, String> {
        let terms = self.named(customer, document)?;
        if terms.contract.id != id {
            return Err(format!(
                "the document is contract `{}`, not `{id}`",
                terms.contract.id
            ));
        }
        Ok(terms)
    }

    /// The terms of the contract document of that digest.
    pub(super) fn named(&self, customer: &str, document: Digest) -> Result<InForce, String> {
        let contract = self
            .contracts
            .get(&document)
            .ok_or_else(|| format!("no contract document {document} was published before it"))?;
        if contract.customer != customer {
            return Err(format!(
                "the document is a contract of customer `{}`, not `{customer}`",
                contract.customer
            ));
        }
        let plan = self
            .plans
            .get(&contract.plan)
            .ok_or_else(|| format!("no plan {} was published before it", contract.plan))?;
        let definitions: Vec<&Definition> = self.definitions.values().collect();
        contract
            .resolve(plan, &definitions)
            .map_err(|error| error.to_string())
    }
}

impl Account {
    /// Takes one control entry.
    pub(super) fn control(&mut self, documents: &mut Documents, fact: &Fact) {
        let Body::Control(control) = &fact.event.body else {
            return;
        };
        if let Err(problem) = self.apply(documents, fact, control) {
            self.flags.push(Flag {
                entry: fact.entry,
                problem,
            });
        }
    }

    fn apply(
        &mut self,
        documents: &mut Documents,
        fact: &Fact,
        control: &Control,
    ) -> Result<(), String> {
        match control {
            Control::DocumentPublished { document, text, .. } if is_rated(*document) => {
                self.publish(*document, text, fact)
            }
            Control::DocumentPublished { document, text, .. } => documents.publish(*document, text),
            Control::ContractSigned {
                contract,
                document,
                by,
            } => {
                if self.contract(contract).is_some() {
                    return Err(format!(
                        "the contract `{contract}` is signed already; amend it instead"
                    ));
                }
                let terms = documents.terms(&self.customer, contract, *document)?;
                let mut agreement =
                    Agreement::sign(terms, false).map_err(|error| error.to_string())?;
                agreement.note_entry(enacting(fact, by, None));
                self.hold(agreement);
                Ok(())
            }
            Control::ContractAmended {
                contract,
                document,
                effective,
                reprice,
                by,
            } => {
                let terms = documents.terms(&self.customer, contract, *document)?;
                self.may_amend(contract, &terms, *effective, reprice.is_some())
                    .map_err(|error| error.to_string())?;
                let held = self.held_mut(contract)?;
                held.agreement.amend(terms, *effective);
                let entry = enacting(fact, by, reprice.as_deref());
                held.agreement.note_entry(entry);
                Ok(())
            }
            Control::ContractEnded {
                contract,
                effective,
                ..
            } => {
                self.held_mut(contract)?.agreement.end(*effective);
                Ok(())
            }
            Control::ContractOpened {
                contract,
                document,
                by,
            } => {
                let opening = documents.openings.get(document).cloned();
                let opening = opening
                    .ok_or_else(|| format!("no opening {document} was published before it"))?;
                let grants = self
                    .may_open(contract, &opening, by, fact.event.time)
                    .map_err(|error| error.to_string())?;
                for mut grant in grants {
                    grant.fact.source = fact.event.source.clone();
                    grant.fact.id = format!("{}/{}", fact.event.id, grant.id).into();
                    self.grants.push(grant);
                }
                self.held_mut(contract)?
                    .agreement
                    .open(opening, fact.event.time);
                Ok(())
            }
            Control::Quote(entry) => self.take_quote(documents, fact, entry),
            Control::StatementStated {
                contract,
                cut,
                revision,
                cells_digest,
                part,
                cells,
            } => {
                let attempt = Attempt {
                    contract: contract.clone(),
                    cut: *cut,
                    revision: *revision,
                    cells_digest: *cells_digest,
                };
                self.may_state(&attempt)?;
                self.parts.add(attempt, *part, cells)
            }
            Control::StatementIssued {
                contract,
                cut,
                revision,
                number,
                coverage,
                body,
                carry,
                parts,
                cells_digest,
                ..
            } => {
                let attempt = Attempt {
                    contract: contract.clone(),
                    cut: *cut,
                    revision: *revision,
                    cells_digest: *cells_digest,
                };
                self.may_state(&attempt)?;
                let cells = self.parts.complete(&attempt, *parts)?;
                let issued = Issued {
                    number: number.clone(),
                    cut: *cut,
                    revision: *revision,
                    coverage: *coverage,
                    body: *body,
                    carry: *carry,
                    cells,
                    at: fact.event.time,
                    voided: None,
                    voided_by: None,
                    is_credited: false,
                };
                self.held_mut(contract)?.issued.push(issued);
                Ok(())
            }
            Control::StatementVoided { number, .. } => {
                self.may_void(number).map_err(|error| error.to_string())?;
                if let Some(issued) = self.issued_mut(number) {
                    issued.voided = Some(fact.event.time);
                    issued.voided_by = Some(fact.entry);
                }
                Ok(())
            }
            Control::PaymentRecorded(_)
            | Control::PaymentAllocated(_)
            | Control::PaymentRefunded(_)
            | Control::PaymentVoided(_)
            | Control::BalanceWrittenOff(_) => {
                if let Some(own) = MoneyFact::of(fact, control) {
                    self.may_move(&own.what)
                        .map_err(|error| error.to_string())?;
                    self.money.push(own);
                }
                Ok(())
            }
            Control::Cover(entry) => self.take_cover(fact, entry),
            Control::CreditIssued { .. } => {
                let Some((contract, credit)) = Credit::of(fact) else {
                    return Ok(()); // the control entry is the fact's
                };
                let held = self.held_mut(contract)?;
                let currency = held.agreement.latest().terms.contract.currency;
                if credit.amount.currency() != currency {
                    return Err(format!(
                        "the contract `{contract}` is in {currency}, not {}",
                        credit.amount.currency()
                    ));
                }
                held.credits.push(credit);
                Ok(())
            }
            Control::StatementCredited {
                number,
                line,
                reason,
                ..
            } => {
                let (contract, stated) = self
                    .may_credit(number, line.as_deref())
                    .map_err(|error| error.to_string())?;
                if let Some(issued) = self.issued_mut(number) {
                    issued.is_credited = true;
                }
                self.held_mut(&contract)?.decisions.push(Decision {
                    fact: fact.reference(),
                    time: fact.event.time,
                    statement: number.clone(),
                    stated,
                    reason: reason.clone(),
                });
                Ok(())
            }
            Control::CreditGranted(grant) => {
                let grant = Grant::of(fact, grant);
                self.may_grant(&grant).map_err(|error| error.to_string())?;
                self.grants.push(grant);
                Ok(())
            }
            Control::CreditAmended(amended) => {
                let grant = self
                    .may_amend_grant(amended)
                    .map_err(|error| error.to_string())?;
                let known = self.grants.iter_mut().find(|own| own.id == grant.id);
                if let Some(known) = known {
                    *known = grant;
                }
                Ok(())
            }
            Control::CreditVoided { grant, .. } => {
                self.may_void_grant(grant)
                    .map_err(|error| error.to_string())?;
                let known = self.grants.iter_mut().find(|own| own.id == *grant);
                if let Some(known) = known {
                    known.is_voided = true;
                }
                Ok(())
            }
            // Books and approvals are the seller's own, and a waiver is of whether a statement is issued: none looks at
            // them.
            Control::DataRedacted { .. }
            | Control::BooksLocked(_)
            | Control::BooksUnlocked(_)
            | Control::ApprovalProposed(_)
            | Control::ApprovalDecided(_)
            | Control::CloseRecorded(_)
            | Control::CheckWaived(_) => Ok(()),
        }
    }

    /// Whether a statement's identity is still free (semantics.md D15).
    fn may_state(&self, attempt: &Attempt) -> Result<(), String> {
        let held = self
            .contract(&attempt.contract)
            .ok_or_else(|| format!("there is no contract `{}` in the account", attempt.contract))?;
        let mut issued = held.issued.iter();
        match issued.find(|own| own.cut == attempt.cut && own.revision == attempt.revision) {
            None => Ok(()),
            Some(issued) => Err(format!(
                "revision {} of the statement to {} was issued before it, as `{}`",
                issued.revision, issued.cut, issued.number
            )),
        }
    }

    pub(super) fn hold(&mut self, agreement: Agreement) {
        self.contracts.push(Held::new(agreement));
        self.contracts
            .sort_by(|a, b| a.agreement.id.cmp(&b.agreement.id));
    }

    fn held_mut(&mut self, id: &str) -> Result<&mut Held, String> {
        let found = self
            .contracts
            .iter_mut()
            .find(|held| held.agreement.id == id);
        found.ok_or_else(|| format!("there is no contract `{id}` in the account"))
    }

    fn issued_mut(&mut self, number: &str) -> Option<&mut Issued> {
        self.contracts
            .iter_mut()
            .flat_map(|held| &mut held.issued)
            .find(|issued| issued.number == number)
    }
}

/// What is remembered of the entry that puts a document in force.
fn enacting(fact: &Fact, by: &str, reprice: Option<&str>) -> EnactingEntry {
    EnactingEntry {
        index: fact.entry,
        at: fact.event.time,
        by: by.to_owned(),
        reprice: reprice.map(str::to_owned),
    }
}
