//! From one row to its events.
//!
//! A row becomes the JSON of an event and is then read by the same strict reader as every other
//! event ([`Event::from_json`]), so that an import can bring in nothing that `ingest` would refuse.

use std::borrow::Cow;

use jiff::Timestamp;
use work::body::Kind;
use work::{Event, Json};

use crate::Options;
use crate::limits::EVENTS_PER_ROW_MAX;
use crate::lookup::Lookup;
use crate::map::condition::{After, Earlier};
use crate::map::fields::{self, Form};
use crate::map::template::{Cells, Value};
use crate::map::{BodyField, EventMap, FileMap, KindOf, Map, Table};
use crate::rows::Rows;

/// Why a row is refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// JSON pointer in the event; empty for the row.
    pub(crate) pointer: String,
    pub(crate) problem: String,
}

impl Fault {
    fn at(pointer: impl Into<String>, problem: impl Into<String>) -> Fault {
        Fault {
            pointer: pointer.into(),
            problem: problem.into(),
        }
    }
}

/// A row, with all that its templates may speak of.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    map: &'a Map,
    file: &'a FileMap,
    rows: &'a Rows,
    lookups: &'a [Lookup],
    /// The element of the array, under `each`.
    item: Option<&'a Json>,
    kind: Option<Kind>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(
        map: &'a Map,
        file: &'a FileMap,
        rows: &'a Rows,
        lookups: &'a [Lookup],
    ) -> Context<'a> {
        Context {
            map,
            file,
            rows,
            lookups,
            item: None,
            kind: None,
        }
    }

    /// The key and time of the row, if it is one that an `after` looks for.
    pub(crate) fn seen_by(&self, after: &After) -> Result<Option<(String, Timestamp)>, String> {
        if !after.seen.holds(self, &[], &Never)? {
            return Ok(None);
        }
        let Some(key) = after.key.text(self)? else {
            return Ok(None);
        };
        Ok(Some((key, after.time.instant(self)?)))
    }
}

/// Nothing is known of earlier rows: while they are being looked for, or where a row stands alone.
pub(crate) struct Never;

impl Earlier for Never {
    fn first_seen(&self, _: usize, _: &str) -> Option<Timestamp> {
        None
    }
}

impl Cells for Context<'_> {
    fn column(&self, reference: usize) -> Option<Cow<'_, str>> {
        self.rows.cell(reference, self.item)
    }

    fn of_let(&self, index: usize) -> Result<Option<String>, String> {
        match self.file.lets.get(index) {
            Some((_, value)) => value.text(self),
            None => Ok(None),
        }
    }

    fn kind(&self) -> Option<String> {
        self.kind.map(|kind| kind.word().to_owned())
    }

    fn row(&self) -> String {
        self.rows.digest()
    }

    fn lookup(&self, lookup: usize, column: usize, key: &str) -> Option<&str> {
        self.lookups.get(lookup)?.get(column, key)
    }

    fn tables(&self) -> &[Table] {
        &self.map.tables
    }
}

impl KindOf {
    /// The type's name, or how it is told.
    pub(crate) fn name(&self) -> String {
        match self {
            KindOf::Fixed(kind) => kind.word().to_owned(),
            KindOf::Told(value) => value.written(),
        }
    }
}

/// The events of a row: all of them, or the first fault.
pub(crate) fn events_of(
    context: &Context<'_>,
    earlier: &dyn Earlier,
    options: &Options,
) -> Result<Vec<Event>, Fault> {
    let mut events: Vec<Event> = Vec::new();
    for event_map in &context.file.events {
        let items: &[Json] = match &event_map.each {
            None => &[Json::Null],
            Some(path) => context.rows.array(path),
        };
        for item in items {
            let context = Context {
                item: event_map.each.is_some().then_some(item),
                ..*context
            };
            let Some(event) = event_of(event_map, context, earlier, options)? else {
                continue;
            };
            let same = events.iter().find(|other| {
                other.id == event.id
                    && other.source == event.source
                    && other.customer == event.customer
            });
            if same.is_some_and(|other| *other != event) {
                return Err(Fault::at(
                    "/id",
                    format!(
                        "two different events of this row have the id `{}`; add {{$type}} to the map's `id`",
                        event.id
                    ),
                ));
            }
            if same.is_none() {
                events.push(event);
            }
            if events.len() > EVENTS_PER_ROW_MAX {
                return Err(Fault::at(
                    "",
                    format!("more than {EVENTS_PER_ROW_MAX} events of one row"),
                ));
            }
        }
    }
    Ok(events)
}

/// The event that one `[[event]]` makes of a row, if it makes one.
pub(crate) fn event_of(
    map: &EventMap,
    mut context: Context<'_>,
    earlier: &dyn Earlier,
    options: &Options,
) -> Result<Option<Event>, Fault> {
    let kind = match &map.kind {
        KindOf::Fixed(kind) => *kind,
        KindOf::Told(value) => match text(value, &context, "/type")? {
            None => return Ok(None),
            Some(word) => {
                let known = fields::KINDS.iter().find(|kind| kind.word() == word);
                *known
                    .ok_or_else(|| Fault::at("/type", format!("`{word}` is not an event type")))?
            }
        },
    };
    context.kind = Some(kind);
    if let Some(when) = &map.when {
        let holds = when.holds(&context, &context.file.afters, earlier);
        if !holds.map_err(|problem| Fault::at("", format!("`when`: {problem}")))? {
            return Ok(None);
        }
    }
    let json = envelope(map, kind, &context, options)?;
    let event = Event::from_json(&json).and_then(|event| match options.received_at {
        Some(at) => event.check_arrival(at).map(|()| event),
        None => Ok(event),
    });
    event.map(Some).map_err(|error| {
        let written = written(map, &error.pointer, &json);
        Fault::at(error.pointer, format!("{}{written}", error.problem))
    })
}

/// The event as JSON, in the wire format.
fn envelope(
    map: &EventMap,
    kind: Kind,
    context: &Context<'_>,
    options: &Options,
) -> Result<Json, Fault> {
    let needed = |value: Option<&Value>, fallback: Option<&String>, pointer: &str| {
        let known = match value {
            Some(value) => text(value, context, pointer)?,
            None => None,
        };
        known.or_else(|| fallback.cloned()).ok_or_else(|| {
            let written = value.map(Value::written).unwrap_or_default();
            Fault::at(
                pointer,
                format!("unknown, because {written} is empty in this row"),
            )
        })
    };
    let optional = |value: &Option<Value>, pointer: &str| match value {
        Some(value) => Ok(text(value, context, pointer)?.map(Json::text)),
        None => Ok(None),
    };
    let time = map
        .time
        .instant(context)
        .map_err(|problem| Fault::at("/time", problem))?;
    let mut data = Vec::new();
    for (header, value) in &map.headers {
        if let Some(text) = text(value, context, &format!("/data/{}", header.name()))? {
            data.push((header.name().into(), Json::text(text)));
        }
    }
    let mut tokens = Vec::new();
    let known = fields::fields(kind);
    for field in map
        .body
        .iter()
        .filter(|field| known.iter().any(|f| f.name == field.name))
    {
        let pointer = format!("/data/{}", field.name.replace('.', "/"));
        let Some(value) = member(field, context, &pointer)? else {
            continue;
        };
        match field.name.split_once('.') {
            Some((_, class)) => tokens.push((class.into(), value)),
            None => data.push((field.name.as_str().into(), value)),
        }
    }
    if !tokens.is_empty() {
        data.push(("tokens".into(), Json::Object(tokens)));
    }
    Ok(Json::object([
        ("specversion", Some(Json::text("1.0"))),
        ("id", Some(Json::text(needed(Some(&map.id), None, "/id")?))),
        (
            "source",
            Some(Json::text(needed(
                map.source.as_ref(),
                options.source.as_ref(),
                "/source",
            )?)),
        ),
        ("type", Some(Json::text(kind.wire()))),
        (
            "subject",
            Some(Json::text(needed(
                map.customer.as_ref(),
                options.customer.as_ref(),
                "/subject",
            )?)),
        ),
        ("time", Some(Json::text(time.to_string()))),
        ("workid", optional(&map.work, "/workid")?),
        ("authorship", optional(&map.authorship, "/authorship")?),
        ("traceparent", optional(&map.traceparent, "/traceparent")?),
        ("data", Some(Json::Object(data))),
    ]))
}

/// A member of `data`, in the form that its key takes.
fn member(field: &BodyField, context: &Context<'_>, pointer: &str) -> Result<Option<Json>, Fault> {
    let Some(text) = text(&field.value, context, pointer)? else {
        return Ok(None);
    };
    Ok(Some(match field.form {
        Form::Text | Form::Word | Form::Number | Form::Amount => Json::text(text),
        Form::Flag => match text.to_ascii_lowercase().as_str() {
            "true" => Json::Bool(true),
            "false" => Json::Bool(false),
            _ => {
                let written = field.value.written();
                return Err(Fault::at(
                    pointer,
                    format!("expected true or false, but {written} gives `{text}`"),
                ));
            }
        },
        Form::Time => {
            let Some(format) = &field.time else {
                return Ok(None);
            };
            let instant = format
                .instant(&text)
                .map_err(|problem| Fault::at(pointer, problem))?;
            Json::text(instant.to_string())
        }
    }))
}

fn text(value: &Value, context: &Context<'_>, pointer: &str) -> Result<Option<String>, Fault> {
    value
        .text(context)
        .map_err(|problem| Fault::at(pointer, problem))
}

/// What the map wrote where the event is faulty, and what came of it.
fn written(map: &EventMap, pointer: &str, json: &Json) -> String {
    let value = match pointer {
        "/id" => Some(&map.id),
        "/source" => map.source.as_ref(),
        "/subject" => map.customer.as_ref(),
        "/workid" => map.work.as_ref(),
        "/traceparent" => map.traceparent.as_ref(),
        "/authorship" => map.authorship.as_ref(),
        _ => pointer.strip_prefix("/data/").and_then(|name| {
            let name = name.replace('/', ".");
            let header = map.headers.iter().find(|(header, _)| header.name() == name);
            let field = map.body.iter().find(|field| field.name == name);
            header
                .map(|(_, value)| value)
                .or(field.map(|field| &field.value))
        }),
    };
    let gave = pointer
        .split('/')
        .skip(1)
        .try_fold(json, |json, key| json.get(key));
    match (value, gave.and_then(Json::as_str)) {
        (Some(value), Some(text)) => format!(" (the map's {} gives `{text}`)", value.written()),
        (Some(value), None) => format!(" (the map's {} gives nothing)", value.written()),
        (None, _) => String::new(),
    }
}
