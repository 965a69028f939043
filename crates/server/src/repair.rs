//! Repair of refused events: each is sent again, repaired or as it came, or dismissed.
//!
//! Not here: who may do it and how it is asked for (`routes`, the binary), how the queue is kept (`store`).
//! Invariant: what is sent as it came may say no more than the key that brought it.

use intake::otlp::{Encoding, Signal};
use jiff::Timestamp;
use serde::Serialize;
use store::operations::{Attempt, Decision, RefusedEvent, RefusedState};
use utoipa::ToSchema;

use crate::access::{Caller, Role};
use crate::app::App;
use crate::limits::DISMISSAL_BYTES_MAX;
use crate::problem::{Code, Fault, Problem};
use crate::routes::{calls, otlp};
use crate::taking::{Arrived, Became, TakenIn, take};

/// A refused event.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RefusedEvent)]
pub struct Shown {
    /// What it is known by.
    #[schema(example = "5f0c1e2d3b4a59687786a5b4c3d2e1f0")]
    pub id: String,
    /// `waiting`, `sent` or `dismissed`.
    #[schema(example = "waiting")]
    pub state: &'static str,
    /// The route that it came by.
    #[schema(example = "/api/v1/events")]
    pub route: String,
    /// Id of the API key that brought it.
    pub key: String,
    /// When it arrived first.
    #[schema(value_type = String, format = DateTime)]
    pub received_at: Timestamp,
    /// When it arrived last.
    #[schema(value_type = String, format = DateTime)]
    pub last_received_at: Timestamp,
    /// How often it arrived, the same bytes refused for the same reason.
    #[schema(example = 1)]
    pub deliveries: u64,
    /// The customer that it names, where that can be read.
    pub customer: Option<String>,
    /// The source that it names, where that can be read.
    pub source: Option<String>,
    /// JSON pointer into the event.
    #[schema(example = "/type")]
    pub pointer: String,
    /// What is wrong and what to do.
    pub reason: String,
    /// How often it was sent again.
    pub attempts: u64,
    /// The last sending that was refused again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_attempt: Option<LastAttempt>,
    /// What was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decided>,
    /// Bytes that it had.
    pub bytes: u64,
    /// Whether only its beginning is kept.
    pub is_cut: bool,
    /// The event as it came; not in listings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// A sending that was refused again.
#[derive(Debug, Serialize, ToSchema)]
pub struct LastAttempt {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// JSON pointer into the event that was sent.
    pub pointer: String,
    /// What is wrong and what to do.
    pub reason: String,
}

/// What was decided about a refused event.
#[derive(Debug, Serialize, ToSchema)]
pub struct Decided {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Id of the API key of who decided.
    pub by: String,
    /// Why it was dismissed, or what became of what was sent.
    pub why: String,
}

/// A refused event that was sent again and taken.
#[derive(Debug, Serialize, ToSchema)]
pub struct Resent {
    /// As it stands now.
    refused: Shown,
    /// What became of what was sent.
    became: Became,
}

/// The refused event of an id; where a customer is named, of those alone that name it.
///
/// # Errors
/// [`Code::NotFound`].
pub fn find(app: &App, of: Option<&str>, id: &str) -> Result<RefusedEvent, Problem> {
    let found = app.store().operations().refused(id)?;
    let is_known = |found: &RefusedEvent| of.is_none() || found.refusal.customer.as_deref() == of;
    found
        .filter(is_known)
        .ok_or_else(|| Problem::new(Code::NotFound, "there is no such refused event"))
}

/// Dismisses one.
///
/// # Errors
/// [`Code::BadRequest`] for a reason that is none; [`Code::Conflict`] where it was sent and taken.
pub fn dismiss(
    app: &App,
    caller: &Caller,
    id: &str,
    reason: &str,
) -> Result<RefusedEvent, Problem> {
    let reason = reason.trim();
    if !(1..=DISMISSAL_BYTES_MAX).contains(&reason.len()) {
        let detail = format!("the reason has 1 to {DISMISSAL_BYTES_MAX} bytes");
        let fault = Fault {
            pointer: "/reason".to_owned(),
            detail: detail.clone(),
        };
        return Err(Problem::new(Code::BadRequest, detail).with_faults(vec![fault]));
    }
    let why = reason.to_owned();
    let decided = decide(app, caller, id, RefusedState::Dismissed, why)?;
    if decided.state == RefusedState::Sent {
        let detail = "it was sent again and taken; what it became is in the log";
        return Err(Problem::new(Code::Conflict, detail));
    }
    Ok(decided)
}

fn decide(
    app: &App,
    caller: &Caller,
    id: &str,
    state: RefusedState,
    why: String,
) -> Result<RefusedEvent, Problem> {
    let decision = Decision {
        state,
        at: app.now(),
        by: caller.key.clone(),
        why,
    };
    let decided = app.store().operations().decide_refused(id, &decision)?;
    decided.ok_or_else(|| Problem::new(Code::NotFound, "there is no such refused event"))
}

/// Sends one again: as it came under the rights that it came with, repaired under the caller's.
///
/// # Errors
/// [`Code::Conflict`] where it was dismissed, or only its beginning is kept and nothing is sent in its place;
/// [`Code::EventsRefused`] where it is refused again.
pub fn send_again(
    app: &App,
    caller: &Caller,
    found: &RefusedEvent,
    repaired: Option<Vec<u8>>,
) -> Result<Resent, Problem> {
    let conflict = |detail: &str| Err(Problem::new(Code::Conflict, detail));
    if found.state == RefusedState::Dismissed {
        return conflict("it was dismissed; send the event itself, if it is needed after all");
    }
    if repaired.is_none() && found.is_cut() {
        return conflict("only its beginning is kept; send the repaired event in the body");
    }
    let sender = match &repaired {
        Some(_) => caller.clone(),
        None => brought_by(found)?,
    };
    let body = repaired.unwrap_or_else(|| found.refusal.raw.clone());
    let media_type = (
        "content-type".to_owned(),
        "application/cloudevents+json".to_owned(),
    );
    let at = app.now();
    let arrived = Arrived {
        route: "/v1/refused/{id}/resend",
        caller: &sender,
        headers: &[media_type],
        body: &body,
        at,
        first_at: found.received_at,
    };
    let taken = take_by(app, &found.refusal.route, arrived)?;
    note(app, &found.id, at, &taken)?;
    taken.count(app)?;
    let became = worst(taken.became);
    if let Became::Refused { pointer, detail } = became {
        let fault = Fault {
            pointer: pointer.clone(),
            detail: detail.clone(),
        };
        let problem = Problem::new(Code::EventsRefused, format!("{pointer}: {detail}"));
        return Err(problem.with_faults(vec![fault]));
    }
    let decided = decide(
        app,
        caller,
        &found.id,
        RefusedState::Sent,
        became.in_words(),
    )?;
    Ok(Resent {
        refused: Shown::of(decided, true),
        became,
    })
}

/// The way that it came by takes it again.
fn take_by(app: &App, route: &str, arrived: Arrived<'_>) -> Result<TakenIn, Problem> {
    if route == calls::ROUTE {
        return calls::take(app, &arrived);
    }
    let signal = Signal::ALL.into_iter().find(|own| own.path() == route);
    let Some(signal) = signal else {
        return take(app, &arrived);
    };
    let request = otlp::Request {
        signal,
        encoding: Encoding::Json,
        arrived,
    };
    Ok(otlp::receive(app, &request)?.1)
}

/// What became of the one that was sent, or the least good where telemetry holds several.
fn worst(became: Vec<Became>) -> Became {
    let is_refused = |own: &Became| matches!(own, Became::Refused { .. });
    let worst = became.into_iter().reduce(|a, b| {
        if is_refused(&b) && !is_refused(&a) {
            b
        } else {
            a
        }
    });
    worst.unwrap_or_else(|| Became::Nothing {
        detail: "no call of a model, or one that another report tells".to_owned(),
    })
}

/// Notes a refusal on the row that it is of, instead of making another.
fn note(app: &App, id: &str, at: Timestamp, taken: &TakenIn) -> Result<(), Problem> {
    for refusal in &taken.refused {
        let attempt = Attempt {
            at,
            pointer: refusal.pointer.clone(),
            reason: refusal.reason.clone(),
        };
        app.store().operations().note_refused_again(id, &attempt)?;
    }
    Ok(())
}

/// The caller that brought it, with the rights that its key had.
fn brought_by(found: &RefusedEvent) -> Result<Caller, Problem> {
    let sender = &found.refusal.sender;
    let role = Role::of_word(&sender.role);
    let role =
        role.ok_or_else(|| Problem::new(Code::Internal, "the sender's role is not known"))?;
    Ok(Caller {
        key: sender.key.clone(),
        role,
        customer: sender.customer.clone(),
        // A link to one statement sends nothing.
        statement: None,
        // Of events, a link may say what its customer's key may.
        is_of_link: false,
        session: None,
    })
}

impl Resent {
    /// What became of it, in words.
    #[must_use]
    pub fn in_words(&self) -> String {
        self.became.in_words()
    }
}

impl Shown {
    /// It, with its text or without.
    #[must_use]
    pub fn of(own: RefusedEvent, with_text: bool) -> Shown {
        let is_cut = own.is_cut();
        let text = String::from_utf8_lossy(&own.refusal.raw);
        Shown {
            text: with_text.then(|| text.into_owned()),
            id: own.id,
            state: own.state.word(),
            route: own.refusal.route,
            key: own.refusal.sender.key,
            received_at: own.received_at,
            last_received_at: own.last_at,
            deliveries: own.deliveries,
            customer: own.refusal.customer,
            source: own.refusal.source,
            pointer: own.refusal.pointer,
            reason: own.refusal.reason,
            attempts: own.attempts,
            last_attempt: own.last_attempt.map(|own| LastAttempt {
                at: own.at,
                pointer: own.pointer,
                reason: own.reason,
            }),
            decision: own.decision.map(|own| Decided {
                at: own.at,
                by: own.by,
                why: own.why,
            }),
            bytes: own.raw_bytes,
            is_cut,
        }
    }
}
