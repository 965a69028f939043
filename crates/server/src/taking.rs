//! Taking: the events of one delivery into the book, each by itself.
//!
//! What an operator sends again takes the very same way as what a feed sends ([`take`]). Not here: how a
//! request says it and what it is answered (`routes`), forms of bodies (`intake`), what the queue of refused
//! events keeps of it (`store`). Invariant: what is counted as refused is in the queue, or was there before.

use axum::http::header;
use intake::delivery::{
    Delivery, DeliveryError, Item, Undo, UndoError, What, decode, elements, is_repeated,
};
use jiff::Timestamp;
use serde::Serialize;
use store::admission::Admission;
use store::limits::{BATCH_EVENTS_MAX, PAYLOAD_BYTES_MAX};
use store::operations::{Refusal, Sender};
use store::{Outcome, RefusedElsewhere, Store};
use utoipa::ToSchema;
use work::limits::ID_BYTES_MAX;
use work::{Event, Json, LogKind};

use crate::access::{Caller, Role};
use crate::app::App;
use crate::naming::named;
use crate::problem::{Code, Problem};

/// What became of one event.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub(crate) enum Became {
    /// New, and durable.
    Accepted {
        /// `shared` with the buyer, or the `seller`'s alone.
        #[schema(example = "shared")]
        log: &'static str,
        /// Its position in the log.
        index: u64,
    },
    /// The same content was there.
    Duplicate {
        /// The log.
        log: &'static str,
        /// Where it is.
        index: u64,
    },
    /// Another content was there under the same source and id. It stands until an `event.corrected` chooses.
    Conflict {
        /// The log.
        log: &'static str,
        /// Where this content is kept.
        index: u64,
        /// Where the content is that stands.
        first: u64,
    },
    /// Understood, and there is nothing to record.
    Nothing {
        /// Why.
        detail: String,
    },
    /// Not taken.
    Refused {
        /// JSON pointer into the body.
        pointer: String,
        /// What is wrong and what to do.
        detail: String,
    },
}

impl From<DeliveryError> for Problem {
    fn from(error: DeliveryError) -> Problem {
        let code = match error {
            DeliveryError::MediaType(_) => Code::UnsupportedMediaType,
            DeliveryError::TooLong(..) | DeliveryError::TooMany(_) => Code::TooLarge,
            _ => Code::BadRequest,
        };
        Problem::new(code, error.to_string())
    }
}

/// What an element of the request came to before the book was asked.
enum Ready {
    /// So many events to append, one after the other.
    Events(usize),
    /// Nothing to append.
    Told(Became),
}

/// A delivery as it came.
pub(crate) struct Arrived<'a> {
    /// The route that it came by.
    pub(crate) route: &'static str,
    /// Whose it is.
    pub(crate) caller: &'a Caller,
    /// The type of the body, and the envelope of an event in binary mode.
    pub(crate) headers: &'a [(String, String)],
    /// The body, inflated.
    pub(crate) body: &'a [u8],
    /// When it came.
    pub(crate) at: Timestamp,
    /// When events happened that do not say when: its first arrival.
    pub(crate) first_at: Timestamp,
}

/// What became of a delivery.
pub(crate) struct TakenIn {
    /// Each element, in its order.
    pub(crate) became: Vec<Became>,
    /// What was refused, to be kept.
    pub(crate) refused: Vec<Refusal>,
    /// Those of them that the book has not counted yet.
    pub(crate) uncounted: Vec<RefusedElsewhere>,
    /// When it came.
    pub(crate) at: Timestamp,
}

/// Appends what may be appended; [`TakenIn::count`] counts the rest.
pub(crate) fn take(app: &App, arrived: &Arrived<'_>) -> Result<TakenIn, Problem> {
    let envelope: Vec<(&str, &str)> = arrived
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let content_type = envelope
        .iter()
        .find(|(name, _)| *name == header::CONTENT_TYPE.as_str());
    let delivery = Delivery {
        content_type: content_type.map(|(_, value)| *value),
        headers: &envelope,
        body: arrived.body,
    };
    let items = decode(&delivery, arrived.at, app.meters())?;
    take_items(app, arrived, items, || {
        let texts = elements(&delivery)?.into_iter();
        let kept = texts.map(|text| {
            let [customer, source] = names(&text);
            Kept {
                customer,
                source,
                text: text.into_owned(),
            }
        });
        Ok(kept.collect())
    })
}

/// Appends what may be appended of elements that were read already; `kept` says how each element is kept where it
/// is refused, and is asked only where one is.
pub(crate) fn take_items(
    app: &App,
    arrived: &Arrived<'_>,
    items: Vec<Item>,
    kept: impl FnOnce() -> Result<Vec<Kept>, Problem>,
) -> Result<TakenIn, Problem> {
    let elements = append(app, arrived, items)?;
    TakenIn::of(arrived, elements, kept)
}

/// An element as it is kept where it is refused.
pub(crate) struct Kept {
    /// The customer that it names, where that can be read.
    pub(crate) customer: Option<String>,
    /// The source that it names, where that can be read.
    pub(crate) source: Option<String>,
    /// Its text, or what of it is ever kept.
    pub(crate) text: String,
}

/// Asks the book for each element that may be appended.
fn append(app: &App, arrived: &Arrived<'_>, items: Vec<Item>) -> Result<Vec<Element>, Problem> {
    let mut admission = Admission::to(app.store(), |customer: &str| app.origin(customer));
    let mut events = Vec::with_capacity(items.len());
    let mut ready = Vec::with_capacity(items.len());
    for item in items {
        let place = item
            .index
            .map_or(String::new(), |index| format!("/{index}"));
        let own = match admit(app, arrived, &mut admission, item)? {
            Ok(own) => {
                let count = own.len();
                events.extend(own);
                Ready::Events(count)
            }
            Err(told) => Ready::Told(told),
        };
        ready.push((place, own));
    }
    let mut outcomes = append_all(app, &events, arrived.at)?.into_iter();
    let elements = ready.into_iter().map(|(place, own)| match own {
        Ready::Told(became) => Element {
            place,
            became,
            is_counted: false,
        },
        Ready::Events(count) => Element {
            became: together(outcomes.by_ref().take(count)).at(&place),
            place,
            is_counted: true,
        },
    });
    Ok(elements.collect())
}

/// Appends events in as many commits as they need.
pub(crate) fn append_all(
    app: &App,
    events: &[Event],
    at: Timestamp,
) -> Result<Vec<Outcome>, Problem> {
    let mut outcomes = Vec::with_capacity(events.len());
    for part in events.chunks(BATCH_EVENTS_MAX) {
        outcomes.extend(app.store().append(part, at)?);
    }
    Ok(outcomes)
}

/// Keeps what was written in a call that is in the book, as evidence. What is longer than a payload may be is not
/// kept, and the log says so: the cost stands without it.
pub(crate) fn keep_texts(
    app: &App,
    call: &Event,
    texts: &str,
    at: Timestamp,
) -> Result<(), Problem> {
    if texts.len() > PAYLOAD_BYTES_MAX {
        let bytes = texts.len();
        tracing::warn!(bytes, "the texts of a model call are too long to be kept");
        return Ok(());
    }
    Ok(app.book().keep_texts(call, texts.as_bytes(), at)?)
}

/// What became of one element.
struct Element {
    /// Its place in the request, as a JSON pointer.
    place: String,
    became: Became,
    /// Whether the book has counted it, because it was asked.
    is_counted: bool,
}

impl Element {
    fn is_refused(&self) -> bool {
        matches!(self.became, Became::Refused { .. })
    }
}

impl TakenIn {
    fn of(
        arrived: &Arrived<'_>,
        own: Vec<Element>,
        kept: impl FnOnce() -> Result<Vec<Kept>, Problem>,
    ) -> Result<TakenIn, Problem> {
        let mut taken = TakenIn {
            became: Vec::with_capacity(own.len()),
            refused: Vec::new(),
            uncounted: Vec::new(),
            at: arrived.at,
        };
        if own.iter().any(Element::is_refused) {
            for (own, kept) in own.iter().zip(kept()?) {
                let Became::Refused { pointer, detail } = &own.became else {
                    continue;
                };
                let pointer = pointer.strip_prefix(&own.place).unwrap_or(pointer);
                let refusal = refusal(arrived, kept, pointer, detail);
                if !own.is_counted {
                    taken.uncounted.push(RefusedElsewhere {
                        customer: refusal.customer.clone(),
                        source: refusal.source.clone(),
                        deliveries: 1,
                    });
                }
                taken.refused.push(refusal);
            }
        }
        taken.became.extend(own.into_iter().map(|own| own.became));
        Ok(taken)
    }

    /// Keeps what was refused, and counts it then: what is counted is never lost.
    pub(crate) fn keep(&self, app: &App) -> Result<(), Problem> {
        if !self.refused.is_empty() {
            let operations = app.store().operations();
            operations.keep_refused(&self.refused, self.at)?;
        }
        self.count(app)
    }

    /// Counts what was refused, once it is kept.
    pub(crate) fn count(&self, app: &App) -> Result<(), Problem> {
        if self.uncounted.is_empty() {
            return Ok(());
        }
        Ok(app.store().count_refused(&self.uncounted, self.at)?)
    }
}

/// An element that was refused for `reason`, as it is kept.
pub(crate) fn refusal(arrived: &Arrived<'_>, kept: Kept, pointer: &str, reason: &str) -> Refusal {
    let caller = arrived.caller;
    Refusal {
        route: arrived.route.to_owned(),
        sender: Sender {
            key: caller.key.clone(),
            role: caller.role.word().to_owned(),
            customer: caller.customer.clone(),
        },
        customer: kept.customer,
        source: kept.source,
        pointer: pointer.to_owned(),
        reason: reason.to_owned(),
        raw: kept.text.into_bytes(),
    }
}

/// The customer and the source that a refused element names, as far as it can be read.
fn names(element: &str) -> [Option<String>; 2] {
    let Ok(Json::Object(members)) = Json::parse(element) else {
        return [None, None];
    };
    ["subject", "source"].map(|name| {
        let member = members.iter().find(|(own, _)| own == name);
        match member {
            Some((_, Json::String(text))) if text.len() <= ID_BYTES_MAX => Some(text.to_string()),
            _ => None,
        }
    })
}

/// What became of the events that one element of the request stands for: the least good of it.
pub(crate) fn together(outcomes: impl Iterator<Item = Outcome>) -> Became {
    let grade = |own: &Outcome| match own {
        Outcome::Duplicate { .. } => 0,
        Outcome::Accepted { .. } => 1,
        Outcome::Conflict { .. } => 2,
        Outcome::Refused { .. } => 3,
    };
    // Of equal ones the first.
    let worst = outcomes.reduce(|a, b| if grade(&b) > grade(&a) { b } else { a });
    worst.map_or_else(lost, Became::from)
}

fn lost() -> Became {
    Became::Refused {
        pointer: String::new(),
        detail: "the book did not say what became of it; send it again".to_owned(),
    }
}

/// The events to append, or what is told instead.
fn admit(
    app: &App,
    arrived: &Arrived<'_>,
    admission: &mut Admission<'_>,
    item: Item,
) -> Result<Result<Vec<Event>, Became>, Problem> {
    let caller = arrived.caller;
    let place = item
        .index
        .map_or(String::new(), |index| format!("/{index}"));
    let refused = |pointer: &str, detail: String| {
        Ok(Err(Became::Refused {
            pointer: format!("{place}{pointer}"),
            detail,
        }))
    };
    let mut events = match item.what {
        What::Events(events) => events,
        What::Verb(events) => named(app, events)?,
        What::Undo(undo) => {
            if !caller.knows(&undo.target.customer) {
                return refused("/subject", "the key is of another customer".to_owned());
            }
            match undone(app.store(), &undo)? {
                Ok(events) => events,
                Err(error) => return refused("/data/event", error.to_string()),
            }
        }
        What::Nothing(detail) => return Ok(Err(Became::Nothing { detail })),
        What::Refused(refusal) => {
            return Ok(Err(Became::Refused {
                pointer: refusal.pointer,
                detail: refusal.problem,
            }));
        }
    };
    for event in &mut events {
        if !caller.knows(&event.customer) {
            return refused("/subject", "the key is of another customer".to_owned());
        }
        if caller.role == Role::Buyer && event.signature.is_none() {
            let detail = "what a buyer sends is signed with its own key; `piecework sign` does it";
            return refused("/signature", detail.to_owned());
        }
        if !item.is_timed {
            if event.time == arrived.at {
                event.time = arrived.first_at;
            }
            take_known_time(app.store(), event)?;
        }
        let objection = admission.objection(event).map_err(|error| {
            tracing::error!(%error, "an event cannot be admitted");
            Problem::new(Code::Internal, "the log of the customer cannot be read")
        })?;
        if let Some(objection) = objection {
            return refused(objection.pointer, objection.problem);
        }
    }
    Ok(Ok(events))
}

/// The corrections that an undo stands for, by what the book has of its targets.
fn undone(store: &dyn Store, undo: &Undo) -> Result<Result<Vec<Event>, UndoError>, Problem> {
    let mut found = Vec::new();
    for target in undo.targets() {
        let known = store.find(&target.customer, &target.source, &target.id)?;
        for (index, _) in known.iter().flat_map(|own| &own.contents) {
            let log = known.as_ref().map_or(LogKind::Shared, |own| own.log);
            if let Some(entry) = store.entry(&target.customer, log, *index)? {
                found.push(entry.event);
            }
        }
    }
    Ok(undo.corrections(&found))
}

/// An event that did not say when it happened, and is there already, is the same again: it has the time of
/// the content that it repeats.
fn take_known_time(store: &dyn Store, event: &mut Event) -> Result<(), Problem> {
    let Some(found) = store.find(&event.customer, &event.source, &event.id)? else {
        return Ok(());
    };
    for (index, _) in &found.contents {
        if let Some(entry) = store.entry(&event.customer, found.log, *index)?
            && is_repeated(event, &entry.event)
        {
            event.time = entry.event.time;
            return Ok(());
        }
    }
    Ok(())
}

impl Became {
    /// Whether what was sent is in the book now.
    pub(crate) const fn is_there(&self) -> bool {
        matches!(
            self,
            Became::Accepted { .. } | Became::Duplicate { .. } | Became::Conflict { .. }
        )
    }

    /// In words, for whoever looks later.
    pub(crate) fn in_words(&self) -> String {
        match self {
            Became::Accepted { log, index } => format!("accepted: entry {index} of the {log} log"),
            Became::Duplicate { log, index } => {
                format!("there already: entry {index} of the {log} log")
            }
            Became::Conflict { log, index, first } => {
                format!("a conflict with entry {first}: entry {index} of the {log} log")
            }
            Became::Nothing { detail } => format!("nothing to record: {detail}"),
            Became::Refused { pointer, detail } => format!("refused: {pointer}: {detail}"),
        }
    }

    /// With its place in the request in front of the pointer.
    fn at(self, place: &str) -> Became {
        match self {
            Became::Refused { pointer, detail } => Became::Refused {
                pointer: format!("{place}{pointer}"),
                detail,
            },
            other => other,
        }
    }
}

impl From<Outcome> for Became {
    fn from(outcome: Outcome) -> Became {
        match outcome {
            Outcome::Accepted { log, index } => Became::Accepted {
                log: LogKind::name(log),
                index,
            },
            Outcome::Duplicate { log, index } => Became::Duplicate {
                log: log.name(),
                index,
            },
            Outcome::Conflict { log, index, first } => Became::Conflict {
                log: log.name(),
                index,
                first,
            },
            Outcome::Refused { pointer, problem } => Became::Refused {
                pointer,
                detail: problem,
            },
        }
    }
}
