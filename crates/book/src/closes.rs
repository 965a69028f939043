//! The close of a month: what is still open, each with the command that mends it, and the record that it was closed.
//!
//! [`Book::close_checklist`] asks the book what a finance lead would: is every contract stated, and if not, why; what
//! was refused or waits; do the counts at the sources agree; what waits for a second person; which disputes are open
//! over what was issued. [`Book::close_month`] records who closed it and what the checklist said. Closing locks
//! nothing. Not here: issuing, mending. Invariant: a row is `ok` only where nothing of its kind was found; the digest
//! is of what the rows say, so that the same book gives the same digest.

mod customers;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use pages::view::{Checklist, CloseRow, Closed};
use serde::Serialize;
use store::operations::SourceDay;
use store::reconciliation::{AGES, Ages};
use work::Digest;
use work::body::{Body, Closed as ClosedEntry, Control};
use work::event::{PIECEWORK, UNASSIGNED};

use crate::Result;
use crate::acts::{Acted, control};
use crate::book::Book;
use crate::error::{Damaged, Invalid, Refused};
use crate::limits::{CLOSE_DETAILS_MAX, CLOSES_OF_MONTH_MAX};
use crate::periods::month;
use customers::Found;

/// Who closes a month.
#[derive(Debug, Clone, Copy)]
pub struct CloseMonth<'a> {
    /// The month, such as `2026-01`.
    pub month: &'a str,
    /// Who (a role or a name).
    pub by: &'a str,
    /// Why it is closed with open rows; needed where there are any.
    pub reason: Option<&'a str>,
}

/// A month that was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MonthClosed {
    /// What the checklist said.
    pub checklist: Checklist,
    /// The record.
    pub closed: Closed,
}

/// The rows of a checklist while it is made.
struct Rows(Vec<CloseRow>);

impl Rows {
    /// A row that is open where something was found.
    fn add(
        &mut self,
        (check, about): (&str, &str),
        count: u64,
        details: Vec<String>,
        command: &str,
    ) {
        let mut details = details;
        let more = details.len().saturating_sub(CLOSE_DETAILS_MAX);
        details.truncate(CLOSE_DETAILS_MAX);
        if more > 0 {
            details.push(format!("and {more} more"));
        }
        self.0.push(CloseRow {
            check: check.to_owned(),
            about: about.to_owned(),
            state: if count == 0 { "ok" } else { "open" }.to_owned(),
            count,
            details,
            command: command.to_owned(),
        });
    }
}

impl Book {
    /// What is open of a month.
    ///
    /// # Errors
    /// Where the text is no month, or the book cannot be read.
    pub fn close_checklist(&self, text: &str, now: Timestamp) -> Result<Checklist> {
        let first = month(text)?;
        let next = first.last_of_month().tomorrow()?;
        let found = self.found_of_customers(text, now)?;
        let mut rows = Rows(Vec::new());
        let run = format!("piecework statement run --cut {next} --by ROLE");
        rows.add(
            (
                "statements",
                "every contract is stated for the month, or says why not",
            ),
            found.unstated.len() as u64,
            found.unstated.clone(),
            &run,
        );
        let sign = "piecework contract sign --customer ID --from DAY --by ROLE";
        rows.add(
            ("drafts", "who has work and no signed contract"),
            found.drafts.len() as u64,
            found.drafts.clone(),
            sign,
        );
        self.waiting_rows(&mut rows, now)?;
        self.source_rows(&mut rows, (first, next))?;
        let waits = self.proposals(None, true, now)?;
        let told = waits
            .iter()
            .map(|own| format!("{} {}: {}", own.customer, own.proposal, own.what));
        rows.add(
            ("proposals", "what waits for a second person"),
            waits.len() as u64,
            told.collect(),
            "piecework approval list",
        );
        let Found {
            disputes,
            heads,
            unpriced,
            ..
        } = found;
        rows.add(
            (
                "disputes",
                "disputes that are open over periods that were issued",
            ),
            disputes.len() as u64,
            disputes,
            "piecework record decide WORK --customer ID --verdict VERDICT",
        );
        rows.add(
            ("heads", "statements whose head the buyer has a key for and did not acknowledge"),
            heads.len() as u64,
            heads,
            "piecework prove --customer ID --statement NUMBER, and piecework acknowledge by the buyer",
        );
        rows.add(
            (
                "unpriced_costs",
                "costs of the month that nobody knows the price of",
            ),
            unpriced.len() as u64,
            unpriced,
            "piecework model-costs import FILE",
        );
        let Rows(rows) = rows;
        let open = rows.iter().filter(|row| row.state == "open").count() as u64;
        // Texts and numbers alone: this cannot fail.
        let said = serde_json::to_string(&(text, &rows)).unwrap_or_default();
        Ok(Checklist {
            month: text.to_owned(),
            as_of: now,
            open,
            digest: Digest::of(said.as_bytes()).to_string(),
            rows,
            closed: self.closes(text)?,
        })
    }

    /// What was refused, waits, or belongs to nobody, by age.
    fn waiting_rows(&self, rows: &mut Rows, now: Timestamp) -> Result<()> {
        let refused = self.store.operations().refused_ages(None, now)?;
        rows.add(
            (
                "refused_events",
                "deliveries that were refused and nobody decided about",
            ),
            refused.iter().sum(),
            by_age(&refused),
            "piecework refused list",
        );
        let waiting = self.store.waiting(None, now)?;
        rows.add(
            (
                "pending_works",
                "works that have been pending for more than 30 days",
            ),
            waiting.pending[AGES.len()],
            by_age(&waiting.pending),
            "piecework work list --customer ID --state pending",
        );
        rows.add(
            ("unassigned_costs", "costs of nobody yet"),
            waiting.unassigned.iter().sum(),
            by_age(&waiting.unassigned),
            "piecework cost unassigned",
        );
        Ok(())
    }

    /// Counts at the sources of the days of a month, against the journal.
    fn source_rows(&self, rows: &mut Rows, (first, next): (Date, Date)) -> Result<()> {
        let mut differ = Vec::new();
        let mut after: Option<SourceDay> = None;
        loop {
            let operations = self.store.operations();
            let page = operations.source_counts(first, None, after.as_ref(), 1_000)?;
            let Some(last) = page.last() else { break };
            after = Some(last.of.clone());
            for own in page.iter().filter(|own| own.of.day < next) {
                let SourceDay {
                    day,
                    source,
                    customer,
                } = &own.of;
                let arrived = self
                    .store
                    .source_deliveries(source, *day, customer.as_deref())?;
                if arrived.accepted != own.events {
                    differ.push(format!(
                        "{source} on {day}: {} at the source, {} arrived",
                        own.events, arrived.accepted
                    ));
                }
            }
            if after.as_ref().is_some_and(|own| own.day >= next) {
                break;
            }
        }
        rows.add(
            (
                "source_counts",
                "counts at the sources that are not those of the journal",
            ),
            differ.len() as u64,
            differ,
            "GET /v1/source-counts, and the source sends again what is missing",
        );
        Ok(())
    }

    /// Records that a month was closed.
    ///
    /// # Errors
    /// [`Refused::CloseOpen`] where rows are open and no reason is given; [`Invalid::Month`] and
    /// [`Invalid::MonthRuns`].
    pub fn close_month(&self, act: &CloseMonth<'_>, now: Timestamp) -> Result<Acted<MonthClosed>> {
        let next = month(act.month)?.last_of_month().tomorrow()?;
        // A month is over when it is over everywhere.
        let over = next.to_zoned(TimeZone::UTC)?.timestamp();
        let over = over.checked_add(SignedDuration::from_hours(12))?;
        if now < over {
            return Err(Invalid::MonthRuns {
                month: act.month.to_owned(),
            }
            .into());
        }
        let _turn = self.turns.take(UNASSIGNED);
        let checklist = self.close_checklist(act.month, now)?;
        let same = |own: &&Closed| own.checklist == checklist.digest && own.by == act.by;
        if let Some(before) = checklist.closed.iter().find(same).cloned() {
            return Ok(Acted::before(MonthClosed {
                checklist,
                closed: before,
            }));
        }
        if checklist.open > 0 && act.reason.is_none() {
            let open = checklist.open;
            return Err(Refused::CloseOpen { open }.into());
        }
        let number = checklist.closed.len() + 1;
        if number > CLOSES_OF_MONTH_MAX {
            return Err(Refused::ClosedTooOften.into());
        }
        let digest = checklist.digest.parse().unwrap_or_else(|_| Digest::of(b""));
        let entry = Control::CloseRecorded(ClosedEntry {
            month: act.month.to_owned(),
            checklist: digest,
            open: u32::try_from(checklist.open)?,
            reason: act.reason.map(str::to_owned),
            by: act.by.to_owned(),
        });
        let id = close_id(act.month, number);
        self.write(&[control(UNASSIGNED, id, now, entry)], now)?;
        let closed = self.closes(act.month)?;
        let last = closed.last().cloned();
        Ok(Acted::now(MonthClosed {
            closed: last.ok_or(Damaged::Missing("a close that was just recorded"))?,
            checklist: Checklist {
                closed,
                ..checklist
            },
        }))
    }

    /// When a month was closed, and by whom, the earliest first.
    ///
    /// # Errors
    /// Where the log cannot be read.
    pub fn closes(&self, month: &str) -> Result<Vec<Closed>> {
        let mut closes = Vec::new();
        for number in 1..=CLOSES_OF_MONTH_MAX {
            let id = close_id(month, number);
            let Some(entry) = self.entry_under(UNASSIGNED, PIECEWORK, &id)? else {
                break;
            };
            let at = entry.event.time;
            if let Body::Control(Control::CloseRecorded(own)) = entry.event.body {
                closes.push(Closed {
                    by: own.by,
                    at,
                    checklist: own.checklist.to_string(),
                    open: u64::from(own.open),
                    reason: own.reason,
                });
            }
        }
        Ok(closes)
    }
}

fn close_id(month: &str, number: usize) -> String {
    format!("close/{month}/{number}")
}

/// How many there are of each age, in words.
fn by_age(ages: &Ages) -> Vec<String> {
    let names = AGES.iter().map(|(name, _)| format!("up to {name}"));
    let names = names.chain(["older".to_owned()]);
    let some = names.zip(ages).filter(|(_, count)| **count > 0);
    some.map(|(name, count)| format!("{name}: {count}"))
        .collect()
}
