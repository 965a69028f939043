//! What a change of contract would do to the bill, asked of an open book.
//!
//! Nothing is written. The account that is kept is used as it is; the log is folded again, with the
//! change as if it had been made, only where the change is of what counts.

use jiff::Timestamp;
use jiff::civil::Date;
use money::Currency;
use pages::view;
use pricing::account::Account;
use pricing::preview::{Bill, BillLine, Preview, Proposal, preview};
use work::LogKind;
use work::body::Control;
use work::effective::Content;

use crate::Result;
use crate::accounts;
use crate::acts::{ContractText, control, midnight, signed};
use crate::book::Book;
use crate::error::{Invalid, Unsigned};
use crate::limits::PREVIEW_PERIODS_MAX;

/// A change that is previewed.
#[derive(Debug, Clone, Copy)]
pub struct Change<'a> {
    /// The customer's id.
    pub customer: &'a str,
    /// The contract's id; the only one where absent.
    pub contract: Option<&'a str>,
    /// The document; made of the configuration where absent.
    pub document: Option<ContractText<'a>>,
    /// The text of the plan; the one in force where absent. Without a document, the contract is as it is, over this plan.
    pub plan: Option<&'a str>,
    /// The first day of the new version, in the contract's zone.
    pub from: Date,
    /// How many closed periods to look back at.
    pub periods: usize,
}

impl Book {
    /// What a change of contract would do to the customer's bill, on its own facts.
    ///
    /// # Errors
    /// As [`Book::amend`], but that a change may reach behind what was stated.
    pub fn preview_change(
        &self,
        change: &Change<'_>,
        now: Timestamp,
    ) -> Result<view::ChangePreview> {
        Ok(self.preview_terms(change, now)?.0)
    }

    /// The same with the contract's currency.
    pub(crate) fn preview_terms(
        &self,
        change: &Change<'_>,
        now: Timestamp,
    ) -> Result<(view::ChangePreview, Currency)> {
        let customer = change.customer;
        if change.periods > PREVIEW_PERIODS_MAX {
            return Err(Invalid::PreviewPeriods {
                most: PREVIEW_PERIODS_MAX,
            }
            .into());
        }
        self.chosen(Some(customer))?;
        let account = self.account(customer, None)?;
        let held = accounts::contract(&account, change.contract)?;
        let unsigned = Unsigned::Amend {
            customer: customer.to_owned(),
        };
        let current = &signed(held, unsigned)?.contract;
        let effective = midnight(change.from, &current.time_zone)?;
        let documents = match change.plan {
            None => self.documents()?,
            Some(text) => self.documents()?.with_plan(text)?,
        };
        let own = (current.text).replace(
            &held.agreement.latest().terms.plan.to_string(),
            &documents.plan.digest.to_string(),
        );
        let as_it_is = ContractText {
            name: "the contract over this plan",
            text: &own,
        };
        let document = change.document.or(change.plan.map(|_| as_it_is));
        let (text, terms) =
            self.drawn_up(&documents, customer, &current.id, current.starts, document)?;
        account.may_amend(&current.id, &terms, effective, true)?;
        let digest = terms.contract.digest;
        let proposal = Proposal {
            terms,
            effective,
            closed: change.periods,
        };
        let previewed = preview(held, &proposal, now, |effective| {
            let mut contents = self.contents(customer, LogKind::Shared, None)?;
            let by = "preview";
            let mut events = self.unpublished(customer, &documents, &text, by, now)?;
            let amended = Control::ContractAmended {
                contract: current.id.clone(),
                document: digest,
                effective,
                reprice: Some(by.to_owned()),
                by: by.to_owned(),
            };
            events.push(control(
                customer,
                "contract/preview".to_owned(),
                now,
                amended,
            ));
            let next = contents.last().map_or(0, |last| last.entry + 1);
            let added = (next..).zip(events);
            contents.extend(added.map(|(entry, event)| Content { entry, event }));
            Ok::<Account, crate::Error>(Account::fold(customer, contents, None))
        })?;
        Ok((shown(&previewed), previewed.currency))
    }
}

/// A preview as a view.
pub(crate) fn shown(preview: &Preview) -> view::ChangePreview {
    view::ChangePreview {
        contract: preview.contract.clone(),
        effective: preview.effective,
        changes: preview.changes.iter().map(ToString::to_string).collect(),
        current: preview.current.as_ref().map(bill),
        closed: preview.closed.iter().map(bill).collect(),
        resettled: preview.resettled,
        letter: preview.letter(),
    }
}

fn bill(own: &Bill) -> view::BillPreview {
    view::BillPreview {
        from: own.from,
        until: own.until,
        before: own.before,
        after: own.after,
        lines: own.lines.iter().map(line).collect(),
    }
}

fn line(own: &BillLine) -> view::BillPreviewLine {
    view::BillPreviewLine {
        component: own.component.clone(),
        part: own.part.clone(),
        quantity_before: own.before.0.to_string(),
        before: own.before.1,
        quantity_after: own.after.0.to_string(),
        after: own.after.1,
    }
}
