//! [`Telemetry`]: what the server remembers of OTLP requests, and what it answers them.
//!
//! One call is told by several spans, in several requests, by several senders. What stands above known calls is
//! remembered here, and which report of a response counts is decided in turn ([`Turn`]), so that each call is one
//! cost. Not here: reading (`intake::otlp`), what is in the book. Invariant: memory is bounded ([`crate::limits`])
//! and lost without harm to what is recorded: at worst an outer span that comes after a restart is a second cost.

mod responses;
mod status;
mod totals;

use std::sync::{Mutex, MutexGuard, PoisonError};

use intake::otlp::{
    Above, ControlTotal, Counts, Encoding, Mapping, Received, Refused, Signal, receive,
};

use store::{Store, StoreError};

use crate::meter::family;

pub(crate) use responses::{Report, Turn};
pub(crate) use status::{encoding, in_words_of_otlp, is_path, media_type};

/// What the server remembers of OTLP requests.
#[derive(Default)]
pub(crate) struct Telemetry {
    above: Mutex<Above>,
    turn: Mutex<()>,
    counts: Mutex<[Counts; 3]>,
}

impl Telemetry {
    /// Reads a request, beside what is remembered of earlier ones.
    ///
    /// # Errors
    /// Where nothing of it can be read.
    pub(crate) fn read(
        &self,
        signal: Signal,
        encoding: Encoding,
        body: &[u8],
        mapping: &Mapping,
    ) -> Result<Received, Refused> {
        receive(signal, encoding, body, mapping, &mut lock(&self.above))
    }

    /// Waits for the turn to record reports of calls. Whoever has it is the only one who decides which report of a
    /// response counts, until what was decided is in the book.
    pub(crate) fn turn<'a>(&'a self, store: &'a dyn Store) -> Turn<'a> {
        Turn {
            store,
            _held: lock(&self.turn),
        }
    }

    /// Counts what became of a request's items.
    pub(crate) fn count(&self, signal: Signal, own: Counts) {
        let sum = &mut lock(&self.counts)[signal as usize];
        sum.items += own.items;
        sum.taken += own.taken;
        sum.repeated += own.repeated;
        sum.passed_over += own.passed_over;
        sum.rejected += own.rejected;
        sum.without_work += own.without_work;
        sum.without_customer += own.without_customer;
    }

    /// The part of the page of metrics that is about telemetry.
    ///
    /// # Errors
    /// Where the totals that the book keeps cannot be read.
    pub(crate) fn page(&self, store: &dyn Store) -> Result<String, StoreError> {
        let mut page = String::new();
        let counts = *lock(&self.counts);
        let mut items = Vec::new();
        let mut unnamed = Vec::new();
        for (signal, own) in Signal::ALL.into_iter().zip(counts) {
            let signal = signal.path().trim_start_matches("/v1/");
            for (outcome, count) in [
                ("taken", own.taken),
                ("repeated", own.repeated),
                ("passed_over", own.passed_over),
                ("rejected", own.rejected),
            ] {
                let labels = format!("{{signal=\"{signal}\",outcome=\"{outcome}\"}}");
                items.push((labels, count.to_string()));
            }
            for (lacks, count) in [
                ("work", own.without_work),
                ("customer", own.without_customer),
            ] {
                let labels = format!("{{signal=\"{signal}\",lacks=\"{lacks}\"}}");
                unnamed.push((labels, count.to_string()));
            }
        }
        family(
            &mut page,
            "piecework_otlp_items_total",
            "counter",
            "Spans, log records and metrics since the server began, by what became of them.",
            &items,
        );
        family(
            &mut page,
            "piecework_otlp_unnamed_total",
            "counter",
            "Events made of them that name no work, or no customer; a trace may lead to the work.",
            &unnamed,
        );
        family(
            &mut page,
            "piecework_otlp_control_total",
            "gauge",
            "What metrics say was used, by day: no cost, to hold the costs against.",
            &totals::rows(store.operations().control_totals()?),
        );
        Ok(page)
    }
}

/// Adds what metrics say to what the book keeps of it.
///
/// # Errors
/// Where it cannot be kept.
pub(crate) fn add_totals(store: &dyn Store, totals: &[ControlTotal]) -> Result<(), StoreError> {
    store.operations().add_control_totals(&totals::kept(totals))
}

/// What a panic left behind is whole: every change here is one step.
fn lock<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}
