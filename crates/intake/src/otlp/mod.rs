//! OpenTelemetry in: what model calls cost, out of traces, logs and metrics.
//!
//! [`receive`] takes the body of one OTLP request apart, finds the model calls in it
//! ([`normalise()`]), chooses of several spans that report one call the innermost, ties each to its
//! work ([`Mapping`]) and gives `cost.recorded` events. [`answer`] writes what OTLP says back.
//! `docs/reference/otlp.md` is its page. Not here: HTTP, the store, the clock; and never the meter of
//! record: a sender may drop what it sends by OTLP, and does not send it again.
//!
//! Invariant: the same request gives the same events, in either encoding, and a call that comes again
//! comes with the same identity. What cannot be read is [`Received::rejected`] with its place; what
//! contradicts itself too. Nothing unknown is zero: a call without usage is an event without counts,
//! which stays without a price.

pub mod answer;
mod attributes;
mod calls;
mod events;
mod json;
mod kept;
mod mapping;
mod metric;
mod normalise;
mod protobuf;
mod refused;
mod request;
mod span;
mod totals;

use std::collections::BTreeMap;

use work::Event;
use work::body::Body;
use work::event::UNASSIGNED;

use crate::limits::{OTLP_ITEMS_MAX, OTLP_NOTES_MAX};
use calls::{Choice, Node, Reports};
use events::Seen;
use request::Request;
use span::{Record, Span};

pub use attributes::{Attributes, BadAttribute, Value};
pub use calls::Above;
pub(crate) use events::RESPONSE;
pub use events::SOURCE;
pub use kept::{KeptItem, kept, texts};
pub use mapping::{Mapping, MappingError, OWN};
pub use normalise::{
    CostObservation, Dialect, NORMALISER_VERSION, TABLE, normalise, normalise_claude_code,
};
pub use refused::{Refused, inflate};
pub use request::{Encoding, Place, Signal};
pub use totals::{ControlTotal, Measured, Run};

/// What came of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Received {
    /// Costs, and the facts that the mapping asks for; by identity, each once.
    pub events: Vec<Event>,
    /// Where the item stands that each event came of, in the order of the events.
    pub places: Vec<Place>,
    /// What is lost, with the reason.
    pub rejected: Vec<Rejected>,
    /// What is odd, and changes nothing of what was counted; the first of them.
    pub notes: Vec<Note>,
    /// Remarks beyond the bound.
    pub notes_left_out: u64,
    /// What metrics say.
    pub control_totals: Vec<ControlTotal>,
    /// What became of every item.
    pub counts: Counts,
}

/// An item that is lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Where it stands.
    pub place: Place,
    /// Why.
    pub reason: String,
    /// Items lost: one, but for a metric, which has several points.
    pub items: u64,
}

/// A remark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Where it stands.
    pub place: Place,
    /// What is odd.
    pub text: String,
}

/// What became of the items of a request: spans, log records or metrics.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// All items.
    pub items: u64,
    /// Items that an event or a total came of.
    pub taken: u64,
    /// Items that report a call which another item reports too.
    pub repeated: u64,
    /// Items that are nothing of ours: HTTP and database spans, other logs and metrics.
    pub passed_over: u64,
    /// Items rejected; of metrics, those with a point that was.
    pub rejected: u64,
    /// Of the events, those that name no work; a trace may still lead to it.
    pub without_work: u64,
    /// Of the events, those that name no customer.
    pub without_customer: u64,
}

impl Received {
    /// Spans, log records or data points lost.
    #[must_use]
    pub fn rejected_items(&self) -> u64 {
        self.rejected.iter().map(|own| own.items).sum()
    }

    /// Counts items as lost.
    pub fn reject(&mut self, place: Place, reason: String, items: u64) {
        self.counts.rejected += 1;
        self.rejected.push(Rejected {
            place,
            reason,
            items,
        });
    }

    /// Remarks on an item.
    pub fn note(&mut self, place: Place, text: String) {
        if self.notes.len() < OTLP_NOTES_MAX {
            self.notes.push(Note { place, text });
        } else {
            self.notes_left_out += 1;
        }
    }
}

/// Reads one request.
///
/// `body` is inflated already ([`inflate`]). `above` is what the receiver remembers of spans that
/// stand above calls of earlier requests; one for all of its requests.
///
/// # Errors
/// [`Refused`] where nothing of the request could be read.
pub fn receive(
    signal: Signal,
    encoding: Encoding,
    body: &[u8],
    mapping: &Mapping,
    above: &mut Above,
) -> Result<Received, Refused> {
    let request = Request::read(signal, encoding, body)?;
    let mut received = Received::default();
    received.counts.items = request.items.len() as u64;
    match signal {
        Signal::Traces => traces(&request, mapping, above, &mut received),
        Signal::Logs => logs(&request, mapping, &mut received),
        Signal::Metrics => metrics(&request, &mut received),
    }
    received.counts.without_work = count(&received.events, |event| event.work.is_none());
    received.counts.without_customer =
        count(&received.events, |event| event.customer == UNASSIGNED);
    Ok(received)
}

fn count(events: &[Event], is: impl Fn(&Event) -> bool) -> u64 {
    events.iter().filter(|event| is(event)).count() as u64
}

fn traces(request: &Request<'_>, mapping: &Mapping, above: &mut Above, received: &mut Received) {
    let mut spans = Vec::new();
    for (place, piece) in &request.items {
        match Span::read(*piece) {
            Ok(span) => {
                let call = normalise(&span.attributes);
                spans.push((*place, span, call));
            }
            Err(problem) => received.reject(*place, problem, 1),
        }
    }
    let nodes: Vec<Node> = spans
        .iter()
        .map(|(_, span, call)| Node {
            trace: span.trace,
            id: span.id,
            parent: span.parent,
            reports: reports(call.as_ref(), span.failed),
        })
        .collect();
    let mut once = Once::default();
    for ((place, span, call), choice) in spans.iter().zip(calls::choose(&nodes, above)) {
        let Some(call) = call else {
            received.counts.passed_over += 1;
            continue;
        };
        match choice {
            Choice::Nothing => received.counts.passed_over += 1,
            Choice::Repeats => received.counts.repeated += 1,
            Choice::SumAlone => {
                received.counts.passed_over += 1;
                received.note(
                    *place,
                    format!(
                        "`{}` sums up calls, of which none is in this request; it is not counted",
                        json::shown(&span.name)
                    ),
                );
            }
            Choice::Call => {
                let seen = Seen {
                    time: span.time,
                    span: Some((span.trace, span.id)),
                    record: &span.attributes,
                    resource: &request.resources[place.resource],
                };
                let id = events::identity_of_span(span);
                once.cost(*place, call, &seen, id, mapping, received);
            }
        }
    }
    once.finish(received);
}

fn reports(call: Option<&CostObservation>, failed: bool) -> Reports {
    match call {
        None => Reports::Nothing,
        Some(call) if call.leaf && call.has_usage() => Reports::Used,
        // A call that failed and used nothing cost nothing.
        Some(call) if call.leaf && !failed => Reports::Unknown,
        Some(call) if !call.leaf && call.has_usage() => Reports::Sum,
        Some(_) => Reports::Nothing,
    }
}

fn logs(request: &Request<'_>, mapping: &Mapping, received: &mut Received) {
    let mut once = Once::default();
    for (place, piece) in &request.items {
        let record = match Record::read(*piece) {
            Ok(record) => record,
            Err(problem) => {
                received.reject(*place, problem, 1);
                continue;
            }
        };
        let name = record.name.as_deref().unwrap_or_default();
        let call = normalise_claude_code(name, &record.attributes);
        let evaluation = evaluation(name, &record, mapping);
        if call.is_none() && evaluation.is_none() {
            received.counts.passed_over += 1;
            continue;
        }
        let Some(time) = record.time else {
            received.reject(
                *place,
                "neither `timeUnixNano` nor `observedTimeUnixNano`".to_owned(),
                1,
            );
            continue;
        };
        let resource = &request.resources[place.resource];
        if let Some(call) = call {
            let seen = Seen {
                time,
                span: record.trace.zip(record.span),
                record: &record.attributes,
                resource,
            };
            let id = events::identity_of_record(&record);
            once.cost(*place, &call, &seen, id, mapping, received);
        } else if let Some(evaluation) = evaluation {
            match events::check(evaluation, &record, time, resource, mapping) {
                Ok(event) => once.take(*place, event, received),
                Err(problem) => received.reject(*place, problem, 1),
            }
        }
    }
    once.finish(received);
}

/// The mapping's word on an evaluation; `None` for any other event, and for one it does not ask for.
fn evaluation<'m>(
    name: &str,
    record: &Record<'_>,
    mapping: &'m Mapping,
) -> Option<&'m mapping::Evaluation> {
    if name != "gen_ai.evaluation.result" {
        return None;
    }
    let name = record.attributes.text("gen_ai.evaluation.name").ok()??;
    mapping.evaluations.iter().find(|own| own.name == name)
}

fn metrics(request: &Request<'_>, received: &mut Received) {
    let mut totals = totals::Totals::default();
    let mut points_left = OTLP_ITEMS_MAX;
    for (place, piece) in &request.items {
        match totals.take(*piece, &request.resources[place.resource], &mut points_left) {
            Ok(true) => received.counts.taken += 1,
            Ok(false) => received.counts.passed_over += 1,
            Err((points, problem)) => received.reject(*place, problem, points as u64),
        }
    }
    received.control_totals = totals.finish();
}

/// Events by their id, each once: of two that report one call, the one that says more.
#[derive(Default)]
struct Once(BTreeMap<String, (Place, Event)>);

impl Once {
    fn cost(
        &mut self,
        place: Place,
        call: &CostObservation,
        seen: &Seen<'_, '_>,
        id: String,
        mapping: &Mapping,
        received: &mut Received,
    ) {
        let mut warnings = call.warnings.clone();
        match events::cost(call, seen, id, mapping, &mut warnings) {
            Ok(event) => self.take(place, event, received),
            Err(problem) => received.reject(place, problem, 1),
        }
        for warning in warnings {
            received.note(place, warning);
        }
    }

    fn take(&mut self, place: Place, event: Event, received: &mut Received) {
        let Some((first_place, first)) = self.0.get_mut(event.id.as_str()) else {
            received.counts.taken += 1;
            self.0.insert(event.id.to_string(), (place, event));
            return;
        };
        received.counts.repeated += 1;
        if *first != event {
            let text = format!(
                "`{}` is reported twice; the report that says more counts",
                event.id
            );
            received.note(place, text);
            if says(&event) > says(first) {
                (*first_place, *first) = (place, event);
            }
        }
    }

    fn finish(self, received: &mut Received) {
        (received.places, received.events) = self.0.into_values().unzip();
    }
}

/// How much an event says; of equals the canonical text decides, so that no order does.
fn says(event: &Event) -> (bool, bool, usize, bool, String) {
    let (classes, claims) = match &event.body {
        Body::Cost(cost) => (cost.tokens.len(), cost.amount.is_some()),
        _ => (0, false),
    };
    let has_customer = event.customer != UNASSIGNED;
    (
        has_customer,
        event.work.is_some(),
        classes,
        claims,
        event.canonical(),
    )
}
