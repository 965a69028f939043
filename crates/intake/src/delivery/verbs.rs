//! The three verbs: `done`, `cost`, `undo`. Each is a short way to say facts that exist already, and is
//! expanded into them before anything else sees it.

use jiff::Timestamp;
use work::body::Kind;
use work::event::UNASSIGNED;
use work::{Event, EventError, Header, Headers, Json, SmolStr};

use super::{Undo, What, into_members};

/// A verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    /// The software did the work.
    Done,
    /// What it cost.
    Cost,
    /// A work or an event is taken back.
    Undo,
}

impl Verb {
    /// The verb of a wire type.
    pub(super) fn of(wire: &str) -> Option<Verb> {
        match wire {
            "piecework.done.v1" => Some(Verb::Done),
            "piecework.cost.v1" => Some(Verb::Cost),
            "piecework.undo.v1" => Some(Verb::Undo),
            _ => None,
        }
    }
}

/// What a verb stands for. `members` are those of its envelope.
pub(super) fn expand(
    verb: Verb,
    members: Vec<(SmolStr, Json)>,
    arrival: Timestamp,
) -> Result<What, EventError> {
    let mut said = Said::of(members)?;
    for name in ["signer", "signature"] {
        if said.envelope.iter().any(|(own, _)| own == name) {
            return Err(fault(
                format!("/{name}"),
                "a verb becomes other events, which no signature covers; sign the facts themselves",
            ));
        }
    }
    match verb {
        Verb::Done => done(&mut said),
        Verb::Cost => {
            if !said.data.iter().any(|(name, _)| name == "line") {
                said.data
                    .push((SmolStr::new_static("line"), Json::text("model")));
            }
            if !said.envelope.iter().any(|(name, _)| name == "subject") {
                let subject = (SmolStr::new_static("subject"), Json::text(UNASSIGNED));
                said.envelope.push(subject);
            }
            Ok(What::Verb(vec![said.event(Kind::CostRecorded, "", &[])?]))
        }
        Verb::Undo => match said.take("event")? {
            None => Ok(What::Verb(vec![said.reopened()?])),
            Some(target) => Undo::read(&said.envelope, said.data, &target, arrival).map(What::Undo),
        },
    }
}

/// `work.answered`, and with it what the sender knows besides: when the work was opened, which check
/// passed, why it was closed. A confirmation is the customer's to say and never comes of `done`.
fn done(said: &mut Said) -> Result<What, EventError> {
    if !said.envelope.iter().any(|(name, _)| name == "workid") {
        return Err(fault(
            "/workid",
            "`done` needs the work: its ticket's number, for example",
        ));
    }
    let opened = said.take("opened")?;
    let verified = said.take("verified")?;
    let closed = said.take("closed")?;
    let confidence = said.take("confidence")?;
    let mut events = Vec::new();
    if let Some(time) = opened {
        let own = said.at(time);
        events.push(
            own.event(Kind::Opened, "opened", &[])
                .map_err(|error| renamed(error, "/time", "/data/opened"))?,
        );
    }
    let mut answered = vec![("kind", Json::text("answer"))];
    answered.extend(confidence.map(|value| ("confidence", value)));
    events.push(said.event(Kind::Answered, "answered", &answered)?);
    if let Some(check) = verified {
        let passed = [("result", Json::text("passed")), ("check", check)];
        events.push(
            said.event(Kind::Verified, "verified", &passed)
                .map_err(|error| renamed(error, "/data/check", "/data/verified"))?,
        );
    }
    if let Some(reason) = closed {
        events.push(
            said.event(Kind::Closed, "closed", &[("reason", reason)])
                .map_err(|error| renamed(error, "/data/reason", "/data/closed"))?,
        );
    }
    Ok(What::Verb(events))
}

/// Gives the facts of a verb the headers that definitions count by: where neither the sender nor an
/// earlier fact of the work says one, it is the work itself.
pub fn name_scope(
    headers: &mut Headers,
    work: &str,
    keys: impl IntoIterator<Item = Header>,
    is_known: impl Fn(Header) -> bool,
) {
    for header in keys {
        if header != Header::Work && headers.get(header).is_none() && !is_known(header) {
            headers.set(header, work);
        }
    }
}

/// The endings of the ids that `done` gives to its facts.
pub(super) const PARTS: [&str; 4] = ["opened", "answered", "verified", "closed"];

/// The envelope and data of a verb.
#[derive(Clone)]
struct Said {
    envelope: Vec<(SmolStr, Json)>,
    data: Vec<(SmolStr, Json)>,
}

impl Said {
    fn of(mut members: Vec<(SmolStr, Json)>) -> Result<Said, EventError> {
        let data = match members.iter().position(|(name, _)| name == "data") {
            None => Vec::new(),
            Some(at) => into_members(members.swap_remove(at).1)
                .ok_or_else(|| fault("/data", "expected an object"))?,
        };
        members.retain(|(name, _)| name != "type");
        Ok(Said {
            envelope: members,
            data,
        })
    }

    /// Takes a member of `data`; `null` is absent.
    fn take(&mut self, name: &str) -> Result<Option<Json>, EventError> {
        let Some(at) = self.data.iter().position(|(own, _)| own == name) else {
            return Ok(None);
        };
        let (_, value) = self.data.swap_remove(at);
        Ok((value != Json::Null).then_some(value))
    }

    /// The same, at another time.
    fn at(&self, time: Json) -> Said {
        let mut other = self.clone();
        other.envelope.retain(|(name, _)| name != "time");
        other.envelope.push((SmolStr::new_static("time"), time));
        other
    }

    fn reopened(&self) -> Result<Event, EventError> {
        if !self.envelope.iter().any(|(name, _)| name == "workid") {
            return Err(fault(
                "/workid",
                "`undo` takes back a work, by `workid`, or an event, by `data.event` with its `id`",
            ));
        }
        self.event(Kind::Reopened, "", &[])
    }

    /// The event of a kind, through the strict reader. `part` ends the id.
    fn event(&self, kind: Kind, part: &str, own: &[(&str, Json)]) -> Result<Event, EventError> {
        let mut members = self.envelope.clone();
        if !part.is_empty() {
            for (name, value) in &mut members {
                if let ("id", Json::String(id)) = (name.as_str(), value) {
                    *id = format!("{id}/{part}").into();
                }
            }
        }
        members.push((
            SmolStr::new_static("type"),
            Json::String(kind.wire().into()),
        ));
        let mut data = self.data.clone();
        for (name, value) in own {
            if data.iter().any(|(known, _)| known == name) {
                return Err(fault(
                    format!("/data/{name}"),
                    "unknown member; check its spelling or remove it",
                ));
            }
            data.push(((*name).into(), value.clone()));
        }
        members.push((SmolStr::new_static("data"), Json::Object(data)));
        Event::from_json(&Json::Object(members))
    }
}

fn fault(pointer: impl Into<String>, problem: &str) -> EventError {
    EventError {
        pointer: pointer.into(),
        problem: problem.to_owned(),
    }
}

/// A fault in what a verb was expanded into, at the place where the sender wrote it.
fn renamed(error: EventError, from: &str, to: &str) -> EventError {
    if error.pointer == from {
        EventError {
            pointer: to.to_owned(),
            ..error
        }
    } else {
        error
    }
}
