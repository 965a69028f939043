//! What a run came to: counts, totals by currency and surface, and every row.

use std::collections::BTreeMap;

use money::{Amount, Currency};
use pages::view;
use store::operations::{AfterRow, RunRow, StatementRun};

use crate::Result;
use crate::book::Book;
use crate::error::Absent;
use crate::limits::RUN_ROWS_PAGE;
use crate::listings::Page;

/// What became of a statement in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RowState {
    /// It was issued.
    Issued,
    /// Several statements became one document to pay.
    Covered,
    /// A dry run would issue it.
    WouldIssue,
    /// A second person has to approve it.
    Proposed,
    /// In a run that is not dry a second person would have to approve it.
    WouldPropose,
    /// The contract has nothing to state by the cut.
    NothingToState,
    /// A rule says no, or something is wrong; it is tried again when the run is gone on with.
    Refused,
}

impl RowState {
    /// All of them.
    pub const ALL: [RowState; 7] = [
        RowState::Issued,
        RowState::Covered,
        RowState::WouldIssue,
        RowState::Proposed,
        RowState::WouldPropose,
        RowState::NothingToState,
        RowState::Refused,
    ];

    /// The word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            RowState::Issued => "issued",
            RowState::Covered => "covered",
            RowState::WouldIssue => "would_issue",
            RowState::Proposed => "proposed",
            RowState::WouldPropose => "would_propose",
            RowState::NothingToState => "nothing_to_state",
            RowState::Refused => "refused",
        }
    }

    /// The state of a word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<RowState> {
        RowState::ALL.into_iter().find(|own| own.word() == word)
    }

    /// Whether a run that is gone on with has nothing more to do about it.
    pub(super) fn is_final(word: &str) -> bool {
        matches!(
            RowState::of_word(word),
            Some(RowState::Issued | RowState::Covered | RowState::NothingToState)
        )
    }
}

/// Amounts of one currency, by surface.
type Sums = BTreeMap<Currency, (Amount, Vec<(String, Amount)>)>;

impl Book {
    /// The runs, the newest first, before one of this name.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub fn runs(
        &self,
        (before, rows): (Option<&str>, usize),
    ) -> Result<Page<view::StatementRun, String>> {
        // Asked before the rows: a run that comes to its end in between has an end in its row.
        let under_way = self.run_under_way();
        let mut found = self.store.operations().runs(before, rows + 1)?;
        let more = found.len() > rows;
        found.truncate(rows);
        let next = more
            .then(|| found.last().map(|own| own.name.clone()))
            .flatten();
        Ok(Page {
            rows: found
                .iter()
                .map(|run| self.shown(run, under_way.as_ref()))
                .collect::<Result<_>>()?,
            next,
        })
    }

    /// What a run came to, or has come to so far.
    ///
    /// # Errors
    /// [`Absent::Run`].
    pub fn run_report(&self, name: &str) -> Result<view::StatementRunReport> {
        let under_way = self.run_under_way();
        let run = self.kept_run(name)?;
        let mut counts: BTreeMap<RowState, u64> = BTreeMap::new();
        let mut sums = Sums::new();
        let mut after: Option<AfterRow> = None;
        loop {
            let operations = self.store.operations();
            let page = operations.run_rows(name, (None, None), after.as_ref(), RUN_ROWS_PAGE)?;
            for row in &page {
                let Some(state) = RowState::of_word(&row.state) else {
                    continue;
                };
                *counts.entry(state).or_insert(0) += 1;
                if matches!(state, RowState::Issued | RowState::WouldIssue) {
                    add(&mut sums, row)?;
                }
            }
            match page.last() {
                Some(last) => after = Some(last.place()),
                None => break,
            }
        }
        let count = |state: RowState| view::RunCount {
            state: state.word().to_owned(),
            contracts: counts.get(&state).copied().unwrap_or(0),
        };
        let total = |(total, surfaces): (Amount, Vec<(String, Amount)>)| view::RunTotal {
            total,
            surfaces: surfaces.into_iter().map(surface).collect(),
        };
        Ok(view::StatementRunReport {
            run: self.shown(&run, under_way.as_ref())?,
            counts: RowState::ALL.into_iter().map(count).collect(),
            totals: sums.into_values().map(total).collect(),
        })
    }

    /// Rows of a run, only those of a state where one is named, after one.
    ///
    /// # Errors
    /// [`Absent::Run`].
    pub fn run_rows(
        &self,
        name: &str,
        state: Option<RowState>,
        (after, rows): (Option<&AfterRow>, usize),
    ) -> Result<Page<view::RunRow, AfterRow>> {
        self.kept_run(name)?;
        let of = (state.map(RowState::word), None);
        let mut found = self
            .store
            .operations()
            .run_rows(name, of, after, rows + 1)?;
        let more = found.len() > rows;
        found.truncate(rows);
        let next = more.then(|| found.last().map(RunRow::place)).flatten();
        Ok(Page {
            rows: found.into_iter().map(told).collect(),
            next,
        })
    }

    fn kept_run(&self, name: &str) -> Result<StatementRun> {
        let found = self.store.operations().run(name)?;
        let absent = || Absent::Run {
            name: Some(name.to_owned()),
        };
        Ok(found.ok_or_else(absent)?)
    }

    fn shown(
        &self,
        run: &StatementRun,
        under_way: Option<&(String, u64)>,
    ) -> Result<view::StatementRun> {
        let under_way = under_way.filter(|(name, _)| *name == run.name);
        let under_way = under_way.map(|(_, done)| *done);
        let kept = self.store.operations().run_customers(&run.name)?;
        let state = match (under_way, run.ended) {
            (Some(_), _) => "running",
            (None, Some(_)) => "ended",
            (None, None) => "interrupted",
        };
        Ok(view::StatementRun {
            name: run.name.clone(),
            cut: run.cut.to_string(),
            customers: run.customers.clone(),
            by: run.by.clone(),
            dry_run: run.is_dry,
            state: state.to_owned(),
            customers_of: run.size,
            customers_done: under_way.unwrap_or(0).max(kept),
            begun: run.begun,
            ended: run.ended,
        })
    }
}

fn add(sums: &mut Sums, row: &RunRow) -> Result<()> {
    let Some(total) = row.total else {
        return Ok(());
    };
    let zero = Amount::zero(total.currency());
    let (sum, surfaces) = sums
        .entry(total.currency())
        .or_insert_with(|| (zero, Vec::new()));
    *sum = sum.plus(total)?;
    for (surface, amount) in &row.surfaces {
        match surfaces.iter_mut().find(|(own, _)| own == surface) {
            Some((_, sum)) => *sum = sum.plus(*amount)?,
            None => surfaces.push((surface.clone(), *amount)),
        }
    }
    surfaces.sort_by_key(|(surface, _)| place(surface));
    Ok(())
}

/// The order in which surfaces are told.
fn place(surface: &str) -> usize {
    let words = pricing::plan::Surface::WORDS;
    let own = words.iter().position(|(word, _)| *word == surface);
    own.unwrap_or(words.len())
}

fn surface((surface, amount): (String, Amount)) -> view::RunSurface {
    view::RunSurface { surface, amount }
}

fn told(row: RunRow) -> view::RunRow {
    view::RunRow {
        customer: row.customer,
        contract: row.contract,
        cut: row.cut,
        state: row.state,
        statement: row.number,
        total: row.total,
        surfaces: row.surfaces.into_iter().map(surface).collect(),
        detail: row.detail,
    }
}
