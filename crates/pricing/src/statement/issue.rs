//! The entries that issue a statement: its cells in parts, then the entry that states them.
//!
//! All of them are appended at once, the issue last, so that a crash leaves no statement or a whole
//! one. Invariant: a part is the same bytes under the same id whenever it is written (its id names
//! what it is a part of and the digest of all cells, and its time is the cut), so an attempt after a
//! crash finds its parts there already, or states other cells under other ids.

use jiff::Timestamp;
use work::body::{Body, Control, StatedCell};
use work::event::{Authorship, PIECEWORK};
use work::limits::STATEMENT_PARTS_MAX;
use work::{Digest, Event, Headers};

use super::{Statement, StatementError};

/// The id of the entry that issues a statement under a printed number.
#[must_use]
pub fn issue_id(number: &str) -> String {
    format!("statement/{number}")
}

/// What a statement is issued with.
#[derive(Debug, Clone, Copy)]
pub struct Issue<'a> {
    /// The printed number.
    pub number: &'a str,
    /// Entries of the log that it was computed from.
    pub coverage: u64,
    /// Digest of their carry, which the next statement can start from.
    pub carry: Digest,
    /// When.
    pub at: Timestamp,
    /// Who approved it (a role).
    pub by: &'a str,
}

impl Statement {
    /// The entries that issue it, in the order in which to append them.
    ///
    /// # Errors
    /// [`StatementError::Draft`], [`StatementError::TooManyCells`].
    pub fn issue(&self, issue: &Issue<'_>) -> Result<Vec<Event>, StatementError> {
        if self.is_draft {
            return Err(StatementError::Draft(self.contract.clone()));
        }
        let cells_digest = StatedCell::digest(&self.cells);
        let parts = StatedCell::parts(&self.cells);
        let count = u32::try_from(parts.len()).ok();
        let Some(count) = count.filter(|count| *count <= STATEMENT_PARTS_MAX) else {
            return Err(StatementError::TooManyCells {
                contract: self.contract.clone(),
                cells: self.cells.len(),
                parts: parts.len(),
            });
        };
        let (contract, cut, revision) = (&self.contract, self.cut, self.revision);
        let mut entries: Vec<Event> = (1..)
            .zip(parts)
            .map(|(part, cells)| {
                let id = format!("stated/{contract}/{cut}/{revision}/{cells_digest}/{part}");
                let stated = Control::StatementStated {
                    contract: contract.clone(),
                    cut,
                    revision,
                    cells_digest,
                    part,
                    cells: cells.to_vec(),
                };
                self.entry(id, cut, stated)
            })
            .collect();
        let issued = Control::StatementIssued {
            contract: contract.clone(),
            cut,
            revision,
            number: issue.number.to_owned(),
            coverage: issue.coverage,
            body: self.digest(),
            carry: issue.carry,
            parts: count,
            cells_digest,
            by: issue.by.to_owned(),
        };
        entries.push(self.entry(issue_id(issue.number), issue.at, issued));
        Ok(entries)
    }

    fn entry(&self, id: String, time: Timestamp, control: Control) -> Event {
        Event {
            id: id.into(),
            source: PIECEWORK.into(),
            customer: self.customer.as_str().into(),
            time,
            work: None,
            traceparent: None,
            signature: None,
            authorship: Authorship::Seller,
            headers: Headers::default(),
            body: Body::Control(control),
        }
    }
}
