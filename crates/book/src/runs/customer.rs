//! One customer's part of a run: what is due of each of its contracts.

use std::collections::BTreeMap;

use jiff::Timestamp;
use money::Amount;
use pricing::account::{Held, Issued, Rated};
use pricing::cell::CellKey;
use pricing::plan::{Component, Surface};
use pricing::statement::{Statement, draw_apart};
use store::operations::{RunRow, StatementRun};
use work::body::{Body, Control};
use work::event::PIECEWORK;

use super::RowState;
use crate::acts::{Due, Issue, may_issue, midnight};
use crate::approvals::LimitedAct;
use crate::book::Book;
use crate::limits::{RUN_CUSTOMER_ROWS_MAX, RUN_DETAIL_BYTES_MAX};
use crate::statements::Known;
use crate::{Result, accounts};

/// The surface of what is of the whole contract: totals, goodwill.
const WHOLE_CONTRACT: &str = "contract";

impl Book {
    /// What becomes of a customer in a run; nothing where everything was said before. Its accounts are not
    /// remembered longer than that, for a run goes over everybody.
    pub(super) fn run_customer(
        &self,
        run: &StatementRun,
        (customer, resumes): (&str, bool),
        clock: &(dyn Fn() -> Timestamp + Sync),
    ) -> Vec<RunRow> {
        let looked_at = self.run_contracts(run, (customer, resumes), clock);
        self.forget_accounts(customer);
        looked_at.unwrap_or_else(|error| {
            let place = (customer, "", None);
            vec![row(place, RowState::Refused, Some(&error.to_string()))]
        })
    }

    fn run_contracts(
        &self,
        run: &StatementRun,
        (customer, resumes): (&str, bool),
        clock: &(dyn Fn() -> Timestamp + Sync),
    ) -> Result<Vec<RunRow>> {
        let mut known = Vec::new();
        if resumes {
            let of = (None, Some(customer));
            let operations = self.store.operations();
            known = operations.run_rows(&run.name, of, None, RUN_CUSTOMER_ROWS_MAX)?;
            if !known.is_empty() && known.iter().all(|own| RowState::is_final(&own.state)) {
                return Ok(Vec::new());
            }
        }
        let account = self.account(customer, None)?;
        let ids = account.contracts.iter().map(|held| &held.agreement.id);
        let ids: Vec<String> = ids.cloned().collect();
        let mut rows = Vec::new();
        for contract in &ids {
            let before = known.iter().filter(|own| own.contract == *contract);
            let before: Vec<&RunRow> = before.collect();
            let told = self.run_contract(run, (customer, contract), (&before, resumes), clock);
            rows.extend(told.unwrap_or_else(|error| {
                let place = (customer, contract.as_str(), None);
                vec![row(place, RowState::Refused, Some(&error.to_string()))]
            }));
        }
        rows.extend(self.run_covers(run, customer, &rows, clock)?);
        if ids.is_empty() {
            let detail = "it has no contract, and nothing that would make one";
            let place = (customer, "", None);
            rows.push(row(place, RowState::NothingToState, Some(detail)));
        }
        Ok(rows)
    }

    /// What is due of one contract, the earliest period first; a period that cannot be issued keeps back those after
    /// it.
    fn run_contract(
        &self,
        run: &StatementRun,
        (customer, contract): (&str, &str),
        (before, resumes): (&[&RunRow], bool),
        clock: &(dyn Fn() -> Timestamp + Sync),
    ) -> Result<Vec<RunRow>> {
        let known = Known::of(self, customer)?;
        let held = accounts::contract(&known.account, Some(contract))?;
        let zone = &held.agreement.latest().terms.contract.time_zone;
        let cuts = held.cuts(midnight(run.cut, zone)?);
        let stated = held.last_cut();
        let mut rows = Vec::new();
        // What was issued in this run, and cut off before it was said.
        for cut in cuts.iter().filter(|_| resumes && !run.is_dry) {
            let is_told = before
                .iter()
                .any(|own| own.cut == Some(*cut) && own.number.is_some());
            if !is_told && let Some(issued) = self.issued_in_run(run, customer, held, *cut)? {
                if run.proves {
                    self.keep_proof_file(customer, &issued.number, clock())?;
                }
                rows.push(issued_row(customer, held, issued)?);
            }
        }
        let due = cuts
            .iter()
            .filter(|cut| stated.is_none_or(|stated| **cut > stated));
        let due: Vec<Timestamp> = due.copied().collect();
        if due.is_empty() {
            let is_told = !rows.is_empty() || before.iter().any(|own| own.number.is_some());
            if !is_told {
                rows.push(nothing(customer, held, cuts.last()));
            }
            return Ok(rows);
        }
        for cut in due {
            let place = (customer, contract, Some(cut));
            let told = match run.is_dry {
                true => self.would_issue(&known, (held, cut), clock()),
                false => self.issue_in_run(run, (customer, contract, cut), clock()),
            };
            match told {
                // What waits for a second person keeps back what comes after it.
                Ok(told) => {
                    let waits = told.state == RowState::Proposed.word();
                    rows.push(told);
                    if waits {
                        break;
                    }
                }
                Err(error) => {
                    rows.push(row(place, RowState::Refused, Some(&error.to_string())));
                    break;
                }
            }
        }
        Ok(rows)
    }

    /// The statement that this run issued of a cut.
    fn issued_in_run<'h>(
        &self,
        run: &StatementRun,
        customer: &str,
        held: &'h Held,
        cut: Timestamp,
    ) -> Result<Option<&'h Issued>> {
        let id = act_id(run, &held.agreement.id, cut);
        let Some(entry) = self.entry_under(customer, PIECEWORK, &id)? else {
            return Ok(None);
        };
        let Body::Control(Control::StatementIssued { number, .. }) = &entry.event.body else {
            return Ok(None);
        };
        Ok(held.standing().find(|own| own.number == *number))
    }

    fn issue_in_run(
        &self,
        run: &StatementRun,
        (customer, contract, cut): (&str, &str, Timestamp),
        now: Timestamp,
    ) -> Result<RunRow> {
        let id = act_id(run, contract, cut);
        let act = Issue {
            customer,
            contract: Some(contract),
            due: Due::Cut(cut),
            by: &run.by,
            key: run.key.as_deref(),
            id: Some(&id),
        };
        let number = match self.issue(&act, now) {
            Ok(issued) => issued.what.number,
            Err(error) => {
                let Some(proposal) = error.proposal() else {
                    return Err(error);
                };
                let place = (customer, contract, Some(cut));
                let detail = format!(
                    "a second person has to approve it: `{}`, until {}",
                    proposal.proposal, proposal.expires
                );
                let mut told = row(place, RowState::Proposed, Some(&detail));
                told.total = Some(proposal.amount);
                return Ok(told);
            }
        };
        let account = self.account(customer, None)?;
        let Some((held, issued)) = account.statement(&number) else {
            // It was voided in the same moment, and is known all the same.
            let place = (customer, contract, Some(cut));
            return Ok(row(
                place,
                RowState::Refused,
                Some("it was issued and is not there"),
            ));
        };
        let mut told = issued_row(customer, held, issued)?;
        if run.proves
            && let Err(error) = self.keep_proof_file(customer, &number, now)
        {
            let problem = format!(
                "it is issued and stands, but its proof file could not be written: {error}; `piecework \
                 prove --customer {customer} --statement {number}` writes it"
            );
            told.detail = Some(short(&problem));
        }
        Ok(told)
    }

    /// What a statement would be, once those before it are issued.
    fn would_issue(
        &self,
        known: &Known,
        (held, cut): (&Held, Timestamp),
        now: Timestamp,
    ) -> Result<RunRow> {
        let (customer, contract) = (&known.account.customer, &held.agreement.id);
        may_issue(customer, held, cut, now)?;
        let statement = match draw_apart(&Rated::new(&known.account), contract, cut)? {
            Some(apart) => apart.statement,
            None => known.draw(self, held, cut)?,
        };
        let place = (customer.as_str(), contract.as_str(), Some(cut));
        let approvals = &self.config.approvals;
        let state = match approvals.asks_for(LimitedAct::Issue, statement.total) {
            true => RowState::WouldPropose,
            false => RowState::WouldIssue,
        };
        let mut told = row(place, state, None);
        told.total = Some(statement.total);
        told.surfaces = surfaces_of_lines(held, &statement)?;
        Ok(told)
    }
}

/// The id of the entry that issues a statement in a run.
fn act_id(run: &StatementRun, contract: &str, cut: Timestamp) -> String {
    format!("run/{}/{contract}/{cut}", run.name)
}

pub(super) fn row(
    (customer, contract, cut): (&str, &str, Option<Timestamp>),
    state: RowState,
    detail: Option<&str>,
) -> RunRow {
    RunRow {
        customer: customer.to_owned(),
        contract: contract.to_owned(),
        cut,
        state: state.word().to_owned(),
        number: None,
        total: None,
        surfaces: Vec::new(),
        detail: detail.map(short),
    }
}

/// A reason that fits into a row.
pub(super) fn short(detail: &str) -> String {
    let mut end = detail.len().min(RUN_DETAIL_BYTES_MAX);
    while !detail.is_char_boundary(end) {
        end -= 1;
    }
    detail[..end].to_owned()
}

/// Why nothing is due of a contract.
fn nothing(customer: &str, held: &Held, last: Option<&Timestamp>) -> RunRow {
    let stated = last.and_then(|cut| {
        let own = held.standing().find(|own| own.cut == *cut)?;
        Some(format!("stated already, as {}", own.number))
    });
    let detail = match last {
        Some(cut) => stated.unwrap_or_else(|| format!("a later cut than {cut} is stated already")),
        None => "no period of it is over by then".to_owned(),
    };
    let place = (customer, held.agreement.id.as_str(), None);
    row(place, RowState::NothingToState, Some(&detail))
}

fn issued_row(customer: &str, held: &Held, issued: &Issued) -> Result<RunRow> {
    let currency = held.agreement.latest().terms.contract.currency;
    let charged = issued.cells.iter().filter(|cell| cell.is_charge());
    let charged = charged.map(|cell| {
        let key = cell.cell.parse::<CellKey>();
        let component = key.map_or_else(|_| String::new(), |key| key.component);
        (component, cell.amount)
    });
    let place = (customer, held.agreement.id.as_str(), Some(issued.cut));
    let mut told = row(place, RowState::Issued, None);
    told.number = Some(issued.number.clone());
    told.total = Some(issued.total(currency)?);
    told.surfaces = by_surface(held, charged)?;
    Ok(told)
}

fn surfaces_of_lines(held: &Held, statement: &Statement) -> Result<Vec<(String, Amount)>> {
    let lines = statement.lines.iter();
    by_surface(
        held,
        lines.map(|line| (line.cell.component.clone(), line.amount)),
    )
}

/// Sums by the surface of their component, in the order of surfaces; what is of the whole contract comes last.
fn by_surface(
    held: &Held,
    amounts: impl Iterator<Item = (String, Amount)>,
) -> Result<Vec<(String, Amount)>> {
    let mut surfaces: BTreeMap<String, Option<Surface>> = BTreeMap::new();
    let mut sums: BTreeMap<(bool, Option<Surface>), Amount> = BTreeMap::new();
    for (component, amount) in amounts {
        let surface = *surfaces.entry(component.clone()).or_insert_with(|| {
            let versions = held.agreement.versions.iter().rev();
            let mut known = versions.filter_map(|version| version.component(&component));
            known.next().map(Component::surface)
        });
        let sum = sums
            .entry((surface.is_none(), surface))
            .or_insert_with(|| Amount::zero(amount.currency()));
        *sum = sum.plus(amount)?;
    }
    let told = sums.into_iter().filter(|(_, sum)| !sum.is_zero());
    let word = |surface: Option<Surface>| surface.map_or(WHOLE_CONTRACT, Surface::word);
    Ok(told
        .map(|((_, surface), sum)| (word(surface).to_owned(), sum))
        .collect())
}
