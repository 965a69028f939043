//! [`Event`]: one thing that happened, in the CloudEvents 1.0 envelope, strictly read.
//!
//! Identity is (customer, source, id). `time` is when it happened; when it arrived is the log's
//! business. Reading is strict: an unknown member, a wrong type or a number that would not survive
//! is an [`EventError`] with the JSON pointer of the fault. Invariant: `parse(canonical(e)) == e`,
//! and equal events have equal canonical bytes, hence equal digests.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use smol_str::{SmolStr, ToSmolStr};

use crate::fields::Fields;
use crate::header::{Header, Headers};
use crate::json::{Json, JsonError};
use crate::limits::{EVENT_BYTES_MAX, FUTURE_HOURS_MAX};
use crate::{Body, Digest, Signature};

/// The customer that holds costs which belong to no customer yet.
pub const UNASSIGNED: &str = "_unassigned";

/// The sources under which model calls are recorded that feeds tell of, each in its own way. One call may be told
/// by several.
pub const FEEDS_OF_CALLS: [&str; 2] = ["litellm", "otlp"];

/// The source of the entries that piecework itself writes.
pub const PIECEWORK: &str = "piecework";

/// The source under which an import of model costs is told: none other says what models cost.
pub const MODEL_COSTS: &str = "piecework/model-costs";

/// Whether a source is for what piecework itself writes: `piecework`, or a name below it such as
/// `piecework/record`. No feed may use one.
#[must_use]
pub fn is_own_source(source: &str) -> bool {
    let below = source.strip_prefix(PIECEWORK);
    below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// One event: an envelope, shared headers and a typed body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The sender's id, unique within the source.
    pub id: SmolStr,
    /// Who sent it: a system of the seller, of the buyer, or of a third party.
    pub source: SmolStr,
    /// The customer (`subject` on the wire).
    pub customer: SmolStr,
    /// When it happened.
    pub time: Timestamp,
    /// The work instance (`workid` on the wire).
    pub work: Option<SmolStr>,
    /// W3C trace context, to join spans to the work.
    pub traceparent: Option<String>,
    /// Who authored the fact, where the sender says so.
    pub authorship: Authorship,
    /// Shared headers (members of `data` on the wire).
    pub headers: Headers,
    /// The author's own signature, where it signed.
    pub signature: Option<Box<Signature>>,
    /// What happened.
    pub body: Body,
}

/// Who authored a fact. Each statement shows the share of its money by authorship.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Authorship {
    /// The seller's own systems: the default.
    #[default]
    Seller,
    /// The buyer: its users' clicks, its own systems, its own signature.
    Buyer,
    /// Neither: a test suite, a platform's webhook.
    ThirdParty,
}

impl Authorship {
    /// The words of the wire format.
    pub const WORDS: [(&'static str, Authorship); 3] = [
        ("seller", Authorship::Seller),
        ("buyer", Authorship::Buyer),
        ("third_party", Authorship::ThirdParty),
    ];

    /// The word of the wire format.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize].0
    }
}

/// The identity of an event: a customer's source speaks each id once.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity {
    /// The customer.
    pub customer: String,
    /// The source.
    pub source: String,
    /// The id.
    pub id: String,
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.customer, self.source, self.id)
    }
}

/// Which of a customer's two logs an entry belongs to (semantics.md L2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LogKind {
    /// What buyer and seller both rely on; proof files are made of it.
    Shared,
    /// Costs and internal notes; never leaves without the seller's will.
    Seller,
}

impl LogKind {
    /// The log's name: `shared` or `seller`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            LogKind::Shared => "shared",
            LogKind::Seller => "seller",
        }
    }
}

/// Why a text is not an acceptable event, with the place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{pointer}: {problem}", pointer = if .pointer.is_empty() { "/" } else { .pointer })]
pub struct EventError {
    /// RFC 6901 JSON pointer of the fault; empty for the whole text.
    pub pointer: String,
    /// What is wrong and what to do.
    pub problem: String,
}

impl EventError {
    pub(crate) fn new(pointer: impl Into<String>, problem: impl Into<String>) -> EventError {
        EventError {
            pointer: pointer.into(),
            problem: problem.into(),
        }
    }
}

impl From<JsonError> for EventError {
    fn from(error: JsonError) -> EventError {
        EventError::new("", error.to_string())
    }
}

impl Event {
    /// Reads one event from JSON text.
    ///
    /// # Errors
    /// [`EventError`] with the JSON pointer of the first fault.
    pub fn parse(text: &str) -> Result<Event, EventError> {
        if text.len() > EVENT_BYTES_MAX {
            return Err(EventError::new(
                "",
                format!(
                    "the event has {} bytes, at most {EVENT_BYTES_MAX} are kept in a log; \
                     keep a large payload outside and name its commitment with `evidence.attached`",
                    text.len()
                ),
            ));
        }
        Event::from_json(&Json::parse(text)?)
    }

    /// Reads one event from a JSON value.
    ///
    /// # Errors
    /// [`EventError`] with the JSON pointer of the first fault.
    pub fn from_json(value: &Json) -> Result<Event, EventError> {
        let mut envelope = Fields::of(value, "")?;
        let version: SmolStr = envelope.need_id("specversion")?;
        if version != "1.0" {
            return Err(envelope.fault("specversion", "only CloudEvents `1.0` is read"));
        }
        if let Some(kind) = envelope.id::<SmolStr>("datacontenttype")?
            && kind != "application/json"
        {
            return Err(envelope.fault("datacontenttype", "only `application/json` is read"));
        }
        let id = envelope.need_id("id")?;
        let source = envelope.need_id("source")?;
        let kind: SmolStr = envelope.need_id("type")?;
        let customer: SmolStr = envelope.need_id("subject")?;
        if customer.starts_with('_') && customer != UNASSIGNED {
            return Err(envelope.fault("subject", "a customer's id must not begin with `_`"));
        }
        let time = envelope.need_instant("time")?;
        let work: Option<SmolStr> = envelope.id("workid")?;
        let traceparent = envelope.id("traceparent")?;
        let authorship = envelope
            .word("authorship", &Authorship::WORDS)?
            .unwrap_or_default();
        let signature = signature(&mut envelope, authorship)?;
        let empty = Json::Object(Vec::new());
        let data = envelope.take("data").unwrap_or(&empty);
        let mut data = Fields::of(data, "/data")?;
        let mut headers = Headers::default();
        for header in Header::ALL {
            if header != Header::Work
                && let Some(text) = data.id::<SmolStr>(header.name())?
            {
                headers.set(header, text);
            }
        }
        if let Some(work) = &work {
            headers.set(Header::Work, work.clone());
        }
        let body = Body::read(&kind, &mut data)
            .ok_or_else(|| {
                envelope.fault("type", format!("`{kind}` is not a piecework event type; `piecework schema events` lists them"))
            })
            .flatten()?;
        data.finish()?;
        envelope.finish()?;
        let event = Event {
            id,
            source,
            customer,
            time,
            work,
            traceparent,
            authorship,
            headers,
            signature,
            body,
        };
        event.body.check(&event)?;
        Ok(event)
    }

    /// The event as JSON, in its one canonical form of values.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let mut data = self.body.members();
        for (header, value) in self.headers.iter() {
            if header != Header::Work {
                data.push((header.name().into(), Json::text(value.clone())));
            }
        }
        data.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        let authorship = match self.authorship {
            Authorship::Seller => None,
            other => Some(Json::text(other.word())),
        };
        let signature = self.signature.as_ref();
        // In the order of the canonical form, so that it need not be sorted.
        Json::object([
            ("authorship", authorship),
            ("data", (!data.is_empty()).then_some(Json::Object(data))),
            ("id", Some(Json::text(self.id.clone()))),
            ("signature", signature.map(|own| Json::text(own.to_hex()))),
            ("signer", signature.map(|own| Json::text(&own.signer))),
            ("source", Some(Json::text(self.source.clone()))),
            ("specversion", Some(Json::text("1.0"))),
            ("subject", Some(Json::text(self.customer.clone()))),
            ("time", Some(Json::text(self.time.to_smolstr()))),
            ("traceparent", self.traceparent.as_ref().map(Json::text)),
            ("type", Some(Json::text(self.body.kind()))),
            ("workid", self.work.clone().map(Json::text)),
        ])
    }

    /// The canonical bytes: what the log keeps and the digest is made of.
    #[must_use]
    pub fn canonical(&self) -> String {
        self.to_json().to_canonical()
    }

    /// The content digest: equal contents have equal digests.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.canonical().as_bytes())
    }

    /// The identity.
    #[must_use]
    pub fn identity(&self) -> Identity {
        Identity {
            customer: self.customer.to_string(),
            source: self.source.to_string(),
            id: self.id.to_string(),
        }
    }

    /// The id of the trace that the event happened in: 32 hexadecimal digits in lower case, out of a
    /// W3C `traceparent`; `None` where there is none, or none that is valid.
    #[must_use]
    pub fn trace_id(&self) -> Option<String> {
        let mut parts = self.traceparent.as_deref()?.split('-');
        let (version, trace, span) = (parts.next()?, parts.next()?, parts.next()?);
        let is_id = |text: &str, digits: usize| {
            text.len() == digits
                && text.bytes().all(|byte| byte.is_ascii_hexdigit())
                && text.bytes().any(|byte| byte != b'0')
        };
        let is_version = version.len() == 2 && !version.eq_ignore_ascii_case("ff");
        (is_version && is_id(trace, 32) && is_id(span, 16)).then(|| trace.to_ascii_lowercase())
    }

    /// The log that the event belongs to: its own kind's, or its target's for a correction.
    #[must_use]
    pub fn log(&self) -> LogKind {
        self.body.log()
    }

    /// Refuses an event that claims to happen after it arrived.
    ///
    /// # Errors
    /// [`EventError`] at `/time` where `time` is more than [`FUTURE_HOURS_MAX`] hours after
    /// `received_at`.
    pub fn check_arrival(&self, received_at: Timestamp) -> Result<(), EventError> {
        let latest = received_at.saturating_add(SignedDuration::from_hours(FUTURE_HOURS_MAX));
        match latest {
            Ok(latest) if self.time > latest => Err(EventError::new(
                "/time",
                format!(
                    "{} is more than {FUTURE_HOURS_MAX} hours after its arrival at {received_at}; \
                     check the sender's clock and time zone",
                    self.time
                ),
            )),
            _ => Ok(()),
        }
    }
}

/// Reads `signer` and `signature`, which go together, and only under what the buyer says.
fn signature(
    envelope: &mut Fields<'_>,
    authorship: Authorship,
) -> Result<Option<Box<Signature>>, EventError> {
    let signer: Option<SmolStr> = envelope.id("signer")?;
    let digits: Option<SmolStr> = envelope.id("signature")?;
    let (signer, digits) = match (signer, digits) {
        (None, None) => return Ok(None),
        (Some(signer), Some(digits)) => (signer, digits),
        (None, Some(_)) => return Err(envelope.fault("signer", "a signature names its signer")),
        (Some(_), None) => {
            return Err(envelope.fault("signature", "a signer goes with a signature"));
        }
    };
    if authorship != Authorship::Buyer {
        return Err(envelope.fault(
            "authorship",
            "a signed event is the buyer's: it says `\"authorship\":\"buyer\"`",
        ));
    }
    Signature::from_hex(&signer, &digits)
        .map(|signature| Some(Box::new(signature)))
        .ok_or_else(|| envelope.fault("signature", "expected 128 lower-case hexadecimal digits"))
}
