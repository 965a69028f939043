//! Covers of a customer: what is paid at once of several statements (semantics.md D16), as they stand and as papers.
//!
//! Not here: issuing and voiding them ([`crate::acts`]).

use std::collections::BTreeMap;

use jiff::Timestamp;
use pages::view;
use pricing::account::Account;
use pricing::account::check::Refusal;
use pricing::cover::{Cover, CoverRefusal, Covering};
use pricing::receivable::Ledger;
use work::LogKind;
use work::body::{Body, Control, CoverEntry};

use crate::Result;
use crate::book::Book;
use crate::listings::state;
use crate::papers::in_force;
use crate::views::statement::sides;

/// What a statement is paid with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaidWith {
    /// It is paid for itself.
    Nothing,
    /// With others, by a cover that is not issued yet.
    NoCoverYet,
    /// With others, by the cover of this number.
    Cover(String),
}

impl Book {
    /// The covers of a customer, voided ones too, in the order of issue.
    ///
    /// # Errors
    /// Where there is no such customer, or an amount does not fit.
    pub fn covers(&self, customer: &str) -> Result<Vec<view::Cover>> {
        self.chosen(Some(customer))?;
        let account = self.account(customer, None)?;
        let ledger = Ledger::of(&account, Timestamp::MAX)?;
        let reasons = match account.covers.iter().any(Cover::is_voided) {
            true => self.cover_void_reasons(customer)?,
            false => BTreeMap::new(),
        };
        let covers = account.covers.iter();
        let shown = covers.map(|own| {
            let mut shown = self.shown_cover(&account, &ledger, own);
            if own.is_voided() {
                shown.void_reason = reasons.get(&own.number).cloned();
            }
            shown
        });
        Ok(shown.collect())
    }

    /// One of them, by its number.
    ///
    /// # Errors
    /// Where there is no such customer or cover.
    pub fn cover(&self, customer: &str, number: &str) -> Result<view::Cover> {
        let mut covers = self.covers(customer)?.into_iter();
        let found = covers.find(|own| own.number == number);
        found.ok_or_else(|| no_cover(number).into())
    }

    /// How a statement is to be paid.
    ///
    /// # Errors
    /// Where there is no such customer or statement.
    pub fn paid_with(&self, customer: &str, number: &str) -> Result<PaidWith> {
        self.chosen(Some(customer))?;
        let account = self.account(customer, None)?;
        let (held, issued) = account
            .statement(number)
            .ok_or_else(|| Refusal::NoStatement(number.to_owned()))?;
        Ok(match account.covering(held, issued) {
            Covering::Apart => PaidWith::Nothing,
            Covering::Awaited => PaidWith::NoCoverYet,
            Covering::Under(cover) => PaidWith::Cover(cover.number.clone()),
        })
    }

    /// What a customer chose to be sent one document for, in the order of the log.
    ///
    /// # Errors
    /// Where there is no such customer.
    pub fn cover_choices(&self, customer: &str) -> Result<Vec<view::CoverChoice>> {
        self.chosen(Some(customer))?;
        let account = self.account(customer, None)?;
        let choices = account.cover_choices.iter();
        let shown = choices.map(|own| view::CoverChoice {
            per: own.per.word().to_owned(),
            from: own.from,
            at: own.at,
            by: own.by.clone(),
        });
        Ok(shown.collect())
    }

    /// The days and currencies for which statements of a customer wait for a cover.
    ///
    /// # Errors
    /// Where there is no such customer.
    pub fn awaited_covers(&self, customer: &str) -> Result<Vec<view::AwaitedCover>> {
        self.chosen(Some(customer))?;
        let account = self.account(customer, None)?;
        let awaited = account.awaited_covers().into_iter();
        let shown = awaited.map(|(through, currency)| view::AwaitedCover {
            through,
            currency: currency.code().to_owned(),
        });
        Ok(shown.collect())
    }

    /// A cover as a paper: what is to be paid by when, then each of its statements.
    ///
    /// # Errors
    /// Where there is no such customer or cover; where the stationery cannot be read.
    pub fn cover_paper(&self, customer: &str, number: &str) -> Result<view::CoverPaper> {
        let cover = self.cover(customer, number)?;
        let account = self.account(customer, None)?;
        let parts = cover.parts.iter();
        let statements = parts
            .map(|own| self.statement_paper(customer, &own.statement))
            .collect::<Result<Vec<_>>>()?;
        let first = cover.parts.first();
        let first = first.and_then(|own| account.statement(&own.statement));
        let (held, issued) = first.ok_or_else(|| no_cover(number))?;
        let (vendor, buyer) = sides(self, customer, &in_force(held, issued.cut).invoice);
        let entry = self.store.entry(customer, LogKind::Shared, cover.entry)?;
        let digest = entry.map_or(String::new(), |own| own.event.digest().to_string());
        let size = Some(cover.entry + 1);
        let head = self.store.tree_head(customer, LogKind::Shared, size)?;
        Ok(view::CoverPaper {
            stationery: self.stationery()?,
            vendor,
            customer: buyer,
            basis: view::Basis {
                origin: self.origin(customer)?,
                coverage: cover.entry,
                size: head.size,
                root: head.root.to_string(),
                digest,
            },
            statements,
            cover,
        })
    }

    fn shown_cover(&self, account: &Account, ledger: &Ledger, own: &Cover) -> view::Cover {
        let stands = ledger.cover(&own.number);
        let part = |part: &work::body::CoverPart| {
            let found = account.statement(&part.statement);
            let item = ledger.statement(&part.statement);
            view::CoverPart {
                statement: part.statement.clone(),
                contract: found.map_or(String::new(), |(held, _)| held.agreement.id.clone()),
                cut: found.map_or(own.at, |(_, issued)| issued.cut),
                total: part.total,
                payable: part.payable,
                balance: item.map(|own| own.open),
                digest: part.body.to_string(),
            }
        };
        view::Cover {
            number: own.number.clone(),
            customer: account.customer.clone(),
            name: self.customer_name(&account.customer),
            through: own.through,
            at: own.at,
            issued_on: account.cover_issued_on(own),
            due_on: account.cover_due_on(own),
            parts: own.parts.iter().map(part).collect(),
            total: own.total,
            payable: own.payable,
            due: stands.map(|own| own.due),
            paid: stands.map(|own| own.paid),
            credited: stands.map(|own| own.credited),
            written_off: stands.map(|own| own.written_off),
            balance: stands.map(|own| own.open),
            state: stands
                .map_or("void", |own| {
                    state(own.due, own.paid, own.written_off, own.open)
                })
                .to_owned(),
            by: own.by.clone(),
            void_reason: None,
            entry: own.entry,
        }
    }

    /// Why covers were voided, by their numbers.
    fn cover_void_reasons(&self, customer: &str) -> Result<BTreeMap<String, String>> {
        let mut reasons = BTreeMap::new();
        for content in self.contents(customer, LogKind::Shared, None)? {
            if let Body::Control(Control::Cover(CoverEntry::Voided { number, reason, .. })) =
                content.event.body
            {
                reasons.entry(number).or_insert(reason);
            }
        }
        Ok(reasons)
    }
}

fn no_cover(number: &str) -> Refusal {
    CoverRefusal::Absent(number.to_owned()).into()
}
