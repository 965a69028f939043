//! The envelope that every event has, and where its type sends it.

use std::borrow::Cow;

use jiff::Timestamp;
use work::limits::EVENT_BYTES_MAX;
use work::{Event, EventError, Json, SmolStr};

use super::verbs::{self, Verb};
use super::{Item, What, into_members, media, refused};
use crate::limits::ROW_BYTES_MAX;
use crate::meters::{Measured, Meters};

/// What reads the events of a delivery.
pub(super) struct Reader<'a> {
    pub(super) arrival: Timestamp,
    pub(super) meters: &'a Meters,
}

impl Reader<'_> {
    /// An event in structured mode, or an element of a batch.
    pub(super) fn structured(&self, index: Option<usize>, text: &str) -> Item {
        if text.len() > ROW_BYTES_MAX {
            let problem = format!(
                "the event has {} bytes, at most {ROW_BYTES_MAX} are read; only its beginning is kept",
                text.len()
            );
            let kept = text.floor_char_boundary(EVENT_BYTES_MAX);
            return untimed(index, refused(index, "", problem, text[..kept].to_owned()));
        }
        match Json::parse(text) {
            Ok(value) => self.event(index, value, Cow::Borrowed(text)),
            Err(error) => untimed(
                index,
                refused(index, "", error.to_string(), text.to_owned()),
            ),
        }
    }

    /// An event in binary mode: the attributes of the headers, the body as `data`.
    pub(super) fn binary(&self, mut members: Vec<(SmolStr, Json)>, body: &str) -> Item {
        let mut problem = None;
        if body.len() > ROW_BYTES_MAX {
            problem = Some(format!(
                "the body has {} bytes, at most {ROW_BYTES_MAX} are read as `data`",
                body.len()
            ));
        } else if !body.trim().is_empty() {
            match Json::parse(body) {
                Ok(data) => members.push((SmolStr::new_static("data"), data)),
                Err(error) => problem = Some(error.to_string()),
            }
        }
        if let Some(problem) = problem {
            let kept = body.floor_char_boundary(EVENT_BYTES_MAX);
            members.push((SmolStr::new_static("data"), Json::text(&body[..kept])));
            let raw = Json::Object(members).to_canonical();
            return untimed(None, refused(None, "/data", problem, raw));
        }
        let value = Json::Object(members);
        let raw = value.to_canonical();
        self.event(None, value, Cow::Owned(raw))
    }

    /// An event; `raw` is what is kept of it where it is refused.
    fn event(&self, index: Option<usize>, value: Json, raw: Cow<'_, str>) -> Item {
        let Some(members) = into_members(value) else {
            let problem = "expected an event, an object".to_owned();
            return untimed(index, refused(index, "", problem, raw.into_owned()));
        };
        let (members, is_timed) = match self.normalised(members) {
            Ok(read) => read,
            Err(error) => {
                let what = refused(index, &error.pointer, error.problem, raw.into_owned());
                return untimed(index, what);
            }
        };
        let what = self.read(members, raw.len()).unwrap_or_else(|error| {
            refused(index, &error.pointer, error.problem, raw.into_owned())
        });
        Item {
            index,
            is_timed,
            what,
        }
    }

    /// The members without `null`, without what says nothing here, and with a time; and whether the
    /// sender gave one.
    fn normalised(
        &self,
        mut members: Vec<(SmolStr, Json)>,
    ) -> Result<(Vec<(SmolStr, Json)>, bool), EventError> {
        members.retain(|(_, value)| *value != Json::Null);
        let fault = |name: &str, problem: &str| EventError {
            pointer: format!("/{name}"),
            problem: problem.to_owned(),
        };
        for (name, value) in &members {
            match (name.as_str(), value) {
                ("dataschema", Json::String(_)) => {}
                ("dataschema", _) => return Err(fault(name, "expected a string")),
                ("datacontenttype", Json::String(media)) if media::is_json(media.as_str()) => {}
                ("datacontenttype", _) => {
                    return Err(fault(name, "only `application/json` is read"));
                }
                ("data_base64", _) => {
                    return Err(fault(name, "only JSON is read; send it as `data`"));
                }
                _ => {}
            }
        }
        members.retain(|(name, _)| name != "dataschema" && name != "datacontenttype");
        let is_timed = members.iter().any(|(name, _)| name == "time");
        if !is_timed {
            members.push((
                SmolStr::new_static("time"),
                Json::String(self.arrival.to_string().into()),
            ));
        }
        Ok((members, is_timed))
    }

    /// What the type makes of it.
    fn read(&self, members: Vec<(SmolStr, Json)>, bytes: usize) -> Result<What, EventError> {
        let kind = members.iter().find(|(name, _)| name == "type");
        let Some((_, Json::String(kind))) = kind else {
            let problem = match kind {
                None => "this member is required",
                Some(_) => "expected a string",
            };
            return Err(EventError {
                pointer: "/type".to_owned(),
                problem: problem.to_owned(),
            });
        };
        if let Some(verb) = Verb::of(kind) {
            self.bounded(bytes)?;
            return verbs::expand(verb, members, self.arrival).and_then(|what| self.arrived(what));
        }
        if kind.starts_with("piecework.") {
            self.bounded(bytes)?;
            let event = Event::from_json(&Json::Object(members))?;
            return self.arrived(What::Events(vec![event]));
        }
        let measured = self.meters.measure(&Json::Object(members), self.arrival)?;
        Ok(match measured {
            Measured::Events(events) => What::Events(events),
            Measured::Nothing(reason) => What::Nothing(reason),
        })
    }

    fn bounded(&self, bytes: usize) -> Result<(), EventError> {
        if bytes <= EVENT_BYTES_MAX {
            return Ok(());
        }
        Err(EventError {
            pointer: String::new(),
            problem: format!(
                "the event has {bytes} bytes, at most {EVENT_BYTES_MAX} are kept in a log; keep a \
                 large payload outside and name its commitment with `evidence.attached`"
            ),
        })
    }

    fn arrived(&self, what: What) -> Result<What, EventError> {
        if let What::Events(events) | What::Verb(events) = &what {
            events
                .iter()
                .try_for_each(|event| event.check_arrival(self.arrival))?;
        }
        Ok(what)
    }
}

/// An event in binary mode as structured mode would have it; a body that is not JSON as text.
pub(super) fn in_one_piece(mut members: Vec<(SmolStr, Json)>, body: &str) -> String {
    if !body.trim().is_empty() {
        let data = Json::parse(body).unwrap_or_else(|_| Json::text(body));
        members.push((SmolStr::new_static("data"), data));
    }
    Json::Object(members).to_canonical()
}

/// An element that was refused before its time was looked for.
fn untimed(index: Option<usize>, what: What) -> Item {
    Item {
        index,
        is_timed: false,
        what,
    }
}
