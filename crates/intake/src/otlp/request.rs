//! A request taken apart: its resources, and its spans, log records or metrics as pieces.
//!
//! Both encodings end here, in one form. What a piece holds is read piece by piece later. Invariant:
//! a fault inside one piece is that piece's; a fault outside every piece is the request's, which is
//! then refused whole.

use std::fmt;

use serde_json::value::RawValue;

use super::protobuf::{Malformed, fields};
use super::{Attributes, Refused, json};
use crate::limits::{OTLP_ATTRIBUTES_MAX, OTLP_BODY_BYTES_MAX, OTLP_GROUPS_MAX, OTLP_ITEMS_MAX};

/// What a request carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Signal {
    /// `ExportTraceServiceRequest`, to `/v1/traces`.
    Traces,
    /// `ExportLogsServiceRequest`, to `/v1/logs`.
    Logs,
    /// `ExportMetricsServiceRequest`, to `/v1/metrics`.
    Metrics,
}

/// How a request is written, and its answer too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// `application/x-protobuf`.
    Protobuf,
    /// `application/json`.
    Json,
}

impl Signal {
    /// All signals.
    pub const ALL: [Signal; 3] = [Signal::Traces, Signal::Logs, Signal::Metrics];

    /// The path that OTLP gives it.
    #[must_use]
    pub const fn path(self) -> &'static str {
        ["/v1/traces", "/v1/logs", "/v1/metrics"][self as usize]
    }

    /// The lists of a request, from the outside in: of resources, of scopes, of items.
    pub(super) const fn lists(self) -> [&'static str; 3] {
        match self {
            Signal::Traces => ["resourceSpans", "scopeSpans", "spans"],
            Signal::Logs => ["resourceLogs", "scopeLogs", "logRecords"],
            Signal::Metrics => ["resourceMetrics", "scopeMetrics", "metrics"],
        }
    }
}

/// Where an item stands in its request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// What the request carries.
    pub signal: Signal,
    /// Position of the resource.
    pub resource: usize,
    /// Position of the scope in it.
    pub scope: usize,
    /// Position of the item in that.
    pub item: usize,
}

impl Place {
    /// The place of the item in a request of its own.
    #[must_use]
    pub const fn alone(self) -> Place {
        Place {
            signal: self.signal,
            resource: 0,
            scope: 0,
            item: 0,
        }
    }
}

/// A JSON pointer, whatever the encoding.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [resources, scopes, items] = self.signal.lists();
        let (resource, scope, item) = (self.resource, self.scope, self.item);
        write!(f, "/{resources}/{resource}/{scopes}/{scope}/{items}/{item}")
    }
}

/// A message that nobody has looked into yet.
#[derive(Debug, Clone, Copy)]
pub(super) enum Piece<'a> {
    Json(&'a RawValue),
    Protobuf(&'a [u8]),
}

/// A request taken apart.
pub(super) struct Request<'a> {
    pub(super) resources: Vec<Attributes<'a>>,
    pub(super) items: Vec<(Place, Piece<'a>)>,
    signal: Signal,
    groups: usize,
}

impl<'a> Request<'a> {
    /// Takes a request apart.
    pub(super) fn read(
        signal: Signal,
        encoding: Encoding,
        body: &'a [u8],
    ) -> Result<Request<'a>, Refused> {
        if body.len() > OTLP_BODY_BYTES_MAX {
            return Err(Refused::TooLarge);
        }
        let mut request = Request {
            resources: Vec::new(),
            items: Vec::new(),
            signal,
            groups: 0,
        };
        match encoding {
            Encoding::Json => request.read_json(body)?,
            Encoding::Protobuf => request.read_protobuf(body)?,
        }
        Ok(request)
    }

    fn read_json(&mut self, body: &'a [u8]) -> Result<(), Refused> {
        let [resources, scopes, items] = self.signal.lists();
        let malformed = |error: serde_json::Error| Refused::Malformed(error.to_string());
        let body = std::str::from_utf8(body)
            .map_err(|_| Refused::Malformed("the body is not UTF-8".to_owned()))?;
        let top = json::members(body, [resources]).map_err(malformed)?;
        if let (None, Some(name)) = (top.found[0], top.unknown) {
            let other = Signal::ALL.into_iter().find(|own| own.lists()[0] == name);
            return Err(match other {
                Some(other) => Refused::OtherSignal {
                    sent_to: self.signal,
                    is: other,
                },
                None => Refused::NoRequest {
                    expected: resources,
                    found: json::shown(&name),
                },
            });
        }
        for group in json::items(top.found[0], OTLP_GROUPS_MAX).map_err(malformed)? {
            let members = json::members(group.get(), ["resource", scopes]).map_err(malformed)?;
            if let (None, Some(name)) = (members.found[1], members.unknown)
                && name != "schemaUrl"
            {
                // The names of OTLP before 2022, or another tool's: there would be nothing in it.
                return Err(Refused::NoRequest {
                    expected: scopes,
                    found: json::shown(&name),
                });
            }
            let [resource, scopes] = members.found;
            let attributes = match resource {
                None => None,
                Some(resource) => {
                    let members = json::members(resource.get(), ["attributes"]);
                    members.map_err(malformed)?.found[0]
                }
            };
            let attributes = Attributes::of_json(attributes, OTLP_ATTRIBUTES_MAX);
            self.resource(attributes.map_err(Refused::Malformed)?)?;
            let scopes = json::items(scopes, OTLP_GROUPS_MAX).map_err(malformed)?;
            for (scope, group) in scopes.into_iter().enumerate() {
                self.group()?;
                let [list] = json::members(group.get(), [items])
                    .map_err(malformed)?
                    .found;
                let left = OTLP_ITEMS_MAX - self.items.len();
                let list = json::items(list, left + 1).map_err(malformed)?;
                for (item, piece) in list.into_iter().enumerate() {
                    self.item(scope, item, Piece::Json(piece))?;
                }
            }
        }
        Ok(())
    }

    fn read_protobuf(&mut self, body: &'a [u8]) -> Result<(), Refused> {
        let malformed = |error: Malformed| Refused::Malformed(error.to_string());
        let mut known = body.is_empty();
        for field in fields(body) {
            let (1, group) = field.map_err(malformed)? else {
                continue;
            };
            known = true;
            let group = group.bytes(1).map_err(malformed)?;
            // A resource may come after its scopes, and in several parts: its own fields first.
            let (mut attributes, mut scopes) = (Vec::new(), Vec::new());
            for field in fields(group) {
                match field.map_err(malformed)? {
                    (1, resource) => {
                        for field in fields(resource.bytes(1).map_err(malformed)?) {
                            let (1, own) = field.map_err(malformed)? else {
                                continue;
                            };
                            attributes.push(own.bytes(1).map_err(malformed)?);
                            if attributes.len() > OTLP_ATTRIBUTES_MAX {
                                return Err(Refused::too_many("attributes", OTLP_ATTRIBUTES_MAX));
                            }
                        }
                    }
                    (2, scope) => {
                        self.group()?;
                        scopes.push(scope.bytes(2).map_err(malformed)?);
                    }
                    _ => {}
                }
            }
            self.resource(Attributes::of_protobuf(&attributes).map_err(Refused::Malformed)?)?;
            for (scope, group) in scopes.into_iter().enumerate() {
                let mut item = 0;
                for field in fields(group) {
                    let (2, piece) = field.map_err(malformed)? else {
                        continue;
                    };
                    let piece = piece.bytes(2).map_err(malformed)?;
                    self.item(scope, item, Piece::Protobuf(piece))?;
                    item += 1;
                }
            }
        }
        if known {
            return Ok(());
        }
        Err(Refused::NoRequest {
            expected: self.signal.lists()[0],
            found: "bytes without it".to_owned(),
        })
    }

    fn group(&mut self) -> Result<(), Refused> {
        self.groups += 1;
        if self.groups > OTLP_GROUPS_MAX {
            return Err(Refused::too_many("resources and scopes", OTLP_GROUPS_MAX));
        }
        Ok(())
    }

    fn resource(&mut self, attributes: Attributes<'a>) -> Result<(), Refused> {
        self.group()?;
        self.resources.push(attributes);
        Ok(())
    }

    /// Adds an item of the latest resource.
    fn item(&mut self, scope: usize, item: usize, piece: Piece<'a>) -> Result<(), Refused> {
        if self.items.len() == OTLP_ITEMS_MAX {
            return Err(Refused::too_many(self.signal.lists()[2], OTLP_ITEMS_MAX));
        }
        let place = Place {
            signal: self.signal,
            resource: self.resources.len() - 1, // a resource comes before its items
            scope,
            item,
        };
        self.items.push((place, piece));
        Ok(())
    }
}
