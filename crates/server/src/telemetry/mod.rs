//! [`Telemetry`]: what the server remembers of OTLP requests, and what it answers them.
//!
//! One call is told by several spans, in several requests, by several senders. What stands above known calls,
//! and which responses have a customer, is remembered here so that each call is one cost. Not here: reading
//! (`intake::otlp`), what is in the book. Invariant: memory is bounded ([`crate::limits`]) and lost without
//! harm to what is recorded: at worst a call that is told again afterwards is a second cost.

mod responses;
mod status;
mod totals;

use std::sync::{Mutex, MutexGuard, PoisonError};

use intake::otlp::{Above, Counts, Encoding, Mapping, Received, Refused, Signal, receive};

use crate::meter::family;
use totals::Totals;

pub(crate) use responses::Responses;
pub(crate) use status::{encoding, in_words_of_otlp, is_path, media_type};

/// What the server remembers of OTLP requests.
#[derive(Default)]
pub(crate) struct Telemetry {
    above: Mutex<Above>,
    responses: Mutex<Responses>,
    totals: Mutex<Totals>,
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
        let received = receive(signal, encoding, body, mapping, &mut lock(&self.above))?;
        lock(&self.totals).add(&received.control_totals);
        Ok(received)
    }

    /// The responses that have a customer. Whoever holds them is the only one who decides which report of a
    /// response counts, until what was decided is in the book.
    pub(crate) fn responses(&self) -> MutexGuard<'_, Responses> {
        lock(&self.responses)
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
    pub(crate) fn page(&self) -> String {
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
            "What metrics say was used since the server began, by day: no cost, to hold the costs against.",
            &lock(&self.totals).rows(),
        );
        page
    }
}

/// What a panic left behind is whole: every change here is one step.
fn lock<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}
