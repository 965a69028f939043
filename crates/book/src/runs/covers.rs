//! The end of one customer's part of a run: what was issued becomes one document to pay, where the customer chose that.
//!
//! A cover waits until every contract of the customer has stated what is due: one that is refused, or waits for a second
//! person, would else get a document of its own a day later. Invariant: a run that is gone on with issues no cover twice,
//! for what is under a cover waits for none.

use jiff::Timestamp;
use pricing::cover::Cover;
use store::operations::{RunRow, StatementRun};
use work::event::PIECEWORK;

use super::RowState;
use super::customer::row;
use crate::Result;
use crate::acts::IssueCover;
use crate::book::Book;

impl Book {
    /// The covers of what statements wait for, behind the rows of the customer's contracts.
    pub(super) fn run_covers(
        &self,
        run: &StatementRun,
        customer: &str,
        contracts: &[RunRow],
        clock: &(dyn Fn() -> Timestamp + Sync),
    ) -> Result<Vec<RunRow>> {
        if run.is_dry {
            return Ok(Vec::new());
        }
        let account = self.account(customer, None)?;
        let mut rows = Vec::new();
        // What was issued in this run, and cut off before it was said.
        for cover in account.covers.iter().filter(|own| !own.is_voided()) {
            let id = act_id(run, &cover.number);
            if self.entry_under(customer, PIECEWORK, &id)?.is_some() {
                rows.push(covered(customer, cover));
            }
        }
        let awaited = account.awaited_covers();
        let is_open = |own: &&RunRow| !RowState::is_final(&own.state);
        if let Some(open) = contracts.iter().find(is_open)
            && !awaited.is_empty()
        {
            let detail = format!(
                "the cover waits for `{}`; `piecework cover issue --customer {customer}` issues it without that",
                open.contract
            );
            let place = (customer, "cover", None);
            let state = RowState::of_word(&open.state).unwrap_or(RowState::Refused);
            rows.push(row(place, state, Some(&detail)));
            return Ok(rows);
        }
        drop(account);
        for (through, currency) in awaited {
            // More statements than a cover has become several.
            loop {
                let account = self.account(customer, None)?;
                let is_awaited = account.awaited_covers().contains(&(through, currency));
                if !is_awaited {
                    break;
                }
                let id = act_id(run, &account.next_cover());
                drop(account);
                let act = IssueCover {
                    customer,
                    through: Some(through),
                    currency: Some(currency),
                    by: &run.by,
                    id: Some(&id),
                };
                let number = self.issue_cover(&act, clock())?.what.number;
                let account = self.account(customer, None)?;
                rows.extend(account.cover(&number).map(|own| covered(customer, own)));
            }
        }
        Ok(rows)
    }
}

/// The id of the entry that issues a cover in a run.
fn act_id(run: &StatementRun, number: &str) -> String {
    format!("run/{}/{number}", run.name)
}

/// A cover that was issued. What it comes to is in its statements' rows.
fn covered(customer: &str, cover: &Cover) -> RunRow {
    let of = format!("cover {}", cover.number);
    let mut told = row((customer, &of, None), RowState::Covered, None);
    told.number = Some(cover.number.clone());
    let names: Vec<&str> = (cover.parts.iter())
        .map(|own| own.statement.as_str())
        .collect();
    told.detail = Some(super::customer::short(&format!(
        "{} payable through {}: {}",
        cover.payable,
        cover.through,
        names.join(", ")
    )));
    told
}
