//! The statement run: every contract of a period for all customers, one after the other, each by itself.
//!
//! A run issues what is due by its cut: of each contract every statement whose period is over, the earliest first,
//! as [`Book::issue`] does one. What became of each is kept ([`store::operations::StatementRuns`]) and shown again
//! ([`Book::run_report`]). Of a customer that chose so the statements become one document to pay once all are issued.
//! One customer's error is a row and stops nobody else. Not here: what a statement charges,
//! who may ask, processes and their ends.
//!
//! Invariants: a run that was cut off anywhere and is gone on with has issued every statement exactly once, for the
//! id of the entry that issues one is made of run, contract and cut; a customer's part is done in its turns, like
//! any other act; what is held in memory does not grow with the customers; of one book there is one run at a time.

mod covers;
mod customer;
mod report;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;

use jiff::Timestamp;
use jiff::civil::Date;
use store::operations::{RunRow, StatementRun};
use work::event::UNASSIGNED;

use crate::Result;
use crate::book::Book;
use crate::error::{Absent, Invalid, Refused};
use crate::limits::{CUSTOMERS_PAGE, RUN_CUSTOMERS_NAMED_MAX, RUN_ROWS_GATHERED};

pub use report::RowState;

/// What is run over.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// The first day that is not stated any more, in the zone of each contract: every period that is over by then.
    pub cut: Date,
    /// Only these customers, by id; everybody where empty.
    pub customers: &'a [String],
    /// Who approves what is issued (a role).
    pub by: &'a str,
    /// Id of the API key of who asks; nothing where it is no key.
    pub key: Option<&'a str>,
    /// Say only what would be issued.
    pub is_dry: bool,
    /// Write the proof file of each statement.
    pub proves: bool,
}

/// How a run is worked on.
pub struct Working<'a> {
    /// Whether the run was begun before: what it has done already is looked for.
    pub resumes: bool,
    /// Customers that are worked on at once.
    pub threads: usize,
    /// The instant that counts as now.
    pub clock: &'a (dyn Fn() -> Timestamp + Sync),
    /// Whether to stop: what is being done is finished, and the run can be gone on with.
    pub stops: &'a (dyn Fn() -> bool + Sync),
    /// Is told of each customer that is done: how many are, of how many.
    pub told: &'a mut dyn FnMut(u64, u64),
}

/// The run that somebody began, as far as this process knows.
#[derive(Debug, Default)]
pub(crate) struct Running(Mutex<Option<UnderWay>>);

#[derive(Debug)]
struct UnderWay {
    name: String,
    /// Customers that it has done.
    done: u64,
    is_worked_on: bool,
}

impl Running {
    fn now(&self) -> MutexGuard<'_, Option<UnderWay>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says that nobody works on a run any more, however that ended.
struct Ending<'b>(&'b Running);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        *self.0.now() = None;
    }
}

impl Book {
    /// Begins a run; [`Book::work_on_run`] does it.
    ///
    /// # Errors
    /// [`Absent::Customer`] where one that is named is not there; [`Invalid::RunCustomers`] where too many are;
    /// [`Refused::RunUnderWay`].
    pub fn begin_run(&self, asked: &Run<'_>, now: Timestamp) -> Result<StatementRun> {
        if asked.customers.len() > RUN_CUSTOMERS_NAMED_MAX {
            return Err(Invalid::RunCustomers.into());
        }
        let mut customers = asked.customers.to_vec();
        customers.sort_unstable();
        customers.dedup();
        for customer in &customers {
            self.chosen(Some(customer))?;
        }
        let size = match customers.len() {
            0 => self.customers()?.len(),
            named => named,
        };
        let run = StatementRun {
            name: now.strftime("%Y%m%dT%H%M%S.%3fZ").to_string(),
            cut: asked.cut,
            customers,
            by: asked.by.to_owned(),
            key: asked.key.map(str::to_owned),
            is_dry: asked.is_dry,
            proves: asked.proves,
            size: u64::try_from(size)?,
            begun: now,
            ended: None,
        };
        self.claim_run(&run.name)?;
        if let Err(error) = self.store.operations().begin_run(&run) {
            self.give_up_run(&run.name);
            return Err(error.into());
        }
        Ok(run)
    }

    /// A run that is gone on with: the one named, or the newest. What is not issued is looked at again.
    ///
    /// # Errors
    /// [`Absent::Run`]; [`Refused::RunUnderWay`].
    pub fn resumed_run(&self, name: Option<&str>) -> Result<StatementRun> {
        let operations = self.store.operations();
        let found = match name {
            Some(name) => operations.run(name)?,
            None => operations.runs(None, 1)?.pop(),
        };
        let name = name.map(str::to_owned);
        let mut run = found.ok_or(Absent::Run { name })?;
        self.claim_run(&run.name)?;
        if let Err(error) = operations.end_run(&run.name, None) {
            self.give_up_run(&run.name);
            return Err(error.into());
        }
        run.ended = None;
        Ok(run)
    }

    /// Says that a run is under way; whoever began it works on it, or gives it up.
    fn claim_run(&self, name: &str) -> Result<()> {
        let mut running = self.running.now();
        if let Some(other) = running.as_ref() {
            let name = other.name.clone();
            return Err(Refused::RunUnderWay { name }.into());
        }
        *running = Some(UnderWay {
            name: name.to_owned(),
            done: 0,
            is_worked_on: false,
        });
        Ok(())
    }

    /// Says that a run that was begun is worked on.
    fn take_run(&self, name: &str) -> Result<()> {
        let mut running = self.running.now();
        match running.as_mut() {
            Some(own) if own.name == name && !own.is_worked_on => {
                own.is_worked_on = true;
                Ok(())
            }
            Some(other) => {
                let name = other.name.clone();
                Err(Refused::RunUnderWay { name }.into())
            }
            None => Err(Refused::RunNotBegun {
                name: name.to_owned(),
            }
            .into()),
        }
    }

    /// Says that nobody works on a run that was begun; it can be gone on with.
    pub fn give_up_run(&self, name: &str) {
        let mut running = self.running.now();
        if running.as_ref().is_some_and(|own| own.name == name) {
            *running = None;
        }
    }

    /// Works on a run until everybody is looked at, or it is to stop; whether it came to its end.
    ///
    /// # Errors
    /// [`Refused::RunUnderWay`]; where customers cannot be listed, or what became of them cannot be kept. What is
    /// wrong with one customer is a row.
    pub fn work_on_run(&self, run: &StatementRun, working: &mut Working<'_>) -> Result<bool> {
        self.take_run(&run.name)?;
        let _ending = Ending(&self.running);
        let mut after: Option<String> = None;
        let mut named = run.customers.chunks(CUSTOMERS_PAGE);
        loop {
            let page: Vec<String> = match run.customers.is_empty() {
                false => named.next().map(<[String]>::to_vec).unwrap_or_default(),
                true => {
                    let page = self.store.customers(after.as_deref(), CUSTOMERS_PAGE)?;
                    let names = page.into_iter().map(|own| own.customer);
                    names.collect()
                }
            };
            let Some(last) = page.last() else { break };
            after = Some(last.clone());
            self.work_on(run, &page, working)?;
            if (working.stops)() {
                return Ok(false);
            }
        }
        self.store
            .operations()
            .end_run(&run.name, Some((working.clock)()))?;
        Ok(true)
    }

    /// Works on a page of customers.
    fn work_on(
        &self,
        run: &StatementRun,
        customers: &[String],
        working: &mut Working<'_>,
    ) -> Result<()> {
        let (next, is_given_up) = (AtomicUsize::new(0), AtomicBool::new(false));
        let (clock, stops, resumes) = (working.clock, working.stops, working.resumes);
        let threads = working.threads.clamp(1, customers.len().max(1));
        let (done, results) = mpsc::sync_channel::<(String, Vec<RunRow>)>(threads * 2);
        thread::scope(|scope| {
            for _ in 0..threads {
                let (done, next, is_given_up) = (done.clone(), &next, &is_given_up);
                scope.spawn(move || {
                    loop {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        let Some(customer) = customers.get(index) else {
                            break;
                        };
                        if is_given_up.load(Ordering::Relaxed) || stops() {
                            break;
                        }
                        if customer == UNASSIGNED {
                            continue;
                        }
                        let rows = self.run_customer(run, (customer, resumes), clock);
                        if done.send((customer.clone(), rows)).is_err() {
                            break;
                        }
                    }
                });
            }
            drop(done);
            let kept = self.keep_rows(run, &results, working);
            // Whoever still works finds nobody who takes what it did.
            is_given_up.store(kept.is_err(), Ordering::Relaxed);
            drop(results);
            kept
        })
    }

    /// Keeps what became of customers, a few at a time.
    fn keep_rows(
        &self,
        run: &StatementRun,
        results: &mpsc::Receiver<(String, Vec<RunRow>)>,
        working: &mut Working<'_>,
    ) -> Result<()> {
        let operations = self.store.operations();
        let mut gathered: Vec<(String, Vec<RunRow>)> = Vec::new();
        for (customer, rows) in results {
            let mut running = self.running.now();
            let done = running.as_mut().map_or(0, |own| {
                own.done += 1;
                own.done
            });
            drop(running);
            (working.told)(done, run.size);
            // Nothing new is to be said of whom everything was said before.
            if !rows.is_empty() {
                gathered.push((customer, rows));
            }
            if gathered.len() >= RUN_ROWS_GATHERED {
                operations.put_run_rows(&run.name, &gathered, RowState::Issued.word())?;
                gathered.clear();
            }
        }
        if !gathered.is_empty() {
            operations.put_run_rows(&run.name, &gathered, RowState::Issued.word())?;
        }
        Ok(())
    }

    /// The run that is under way in this process, and how many customers it has done.
    fn run_under_way(&self) -> Option<(String, u64)> {
        let running = self.running.now();
        running.as_ref().map(|own| (own.name.clone(), own.done))
    }
}
