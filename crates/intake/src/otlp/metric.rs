//! [`Metric`] and [`Point`]: a metric of a request, read as far as it is needed.
//!
//! Sums and histograms are read, a histogram by its sum; gauges and summaries have no points here.

use std::borrow::Cow;

use super::attributes::{Attributes, Value, decimal_of_double, double_of_text};
use super::json;
use super::protobuf::{Field, fields};
use super::request::Piece;
use super::span::Messages;
use crate::limits::{OTLP_ATTRIBUTES_MAX, OTLP_ITEMS_MAX};

const TEMPORALITIES: [&str; 3] = [
    "AGGREGATION_TEMPORALITY_UNSPECIFIED",
    "AGGREGATION_TEMPORALITY_DELTA",
    "AGGREGATION_TEMPORALITY_CUMULATIVE",
];

/// A metric, its points unread.
pub(super) struct Metric<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) temporality: u64,
    pub(super) points: Vec<Piece<'a>>,
    pub(super) kind: Kind,
}

/// What a metric's points are made of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    Histogram,
    Exponential,
}

/// One point.
pub(super) struct Point<'a> {
    pub(super) start: u64,
    pub(super) time: u64,
    pub(super) value: Option<Value>,
    pub(super) attributes: Attributes<'a>,
}

impl<'a> Metric<'a> {
    pub(super) fn read(piece: Piece<'a>) -> Result<Metric<'a>, String> {
        match piece {
            Piece::Json(json) => Metric::of_json(json.get()),
            Piece::Protobuf(message) => Metric::of_protobuf(message),
        }
    }

    fn of_json(json: &'a str) -> Result<Metric<'a>, String> {
        let text = |error: serde_json::Error| error.to_string();
        let names = ["name", "sum", "histogram", "exponentialHistogram"];
        let [name, sum, histogram, exponential] = json::members(json, names).map_err(text)?.found;
        let mut metric = Metric {
            name: name.map(json::text).transpose()?.unwrap_or_default(),
            temporality: 0,
            points: Vec::new(),
            kind: match (sum, histogram) {
                (Some(_), _) => Kind::Number,
                (None, Some(_)) => Kind::Histogram,
                (None, None) => Kind::Exponential,
            },
        };
        if let Some(data) = sum.or(histogram).or(exponential) {
            let members = json::members(data.get(), ["dataPoints", "aggregationTemporality"]);
            let [points, temporality] = members.map_err(text)?.found;
            metric.temporality = json::word(temporality, &TEMPORALITIES)?;
            let points = json::items(points, OTLP_ITEMS_MAX).map_err(text)?;
            metric.points = points.into_iter().map(Piece::Json).collect();
        }
        Ok(metric)
    }

    fn of_protobuf(message: &'a [u8]) -> Result<Metric<'a>, String> {
        let mut metric = Metric {
            name: Cow::Borrowed(""),
            temporality: 0,
            points: Vec::new(),
            kind: Kind::Number,
        };
        for field in fields(message) {
            match field.map_err(|error| error.to_string())? {
                (1, Field::Bytes(name)) => metric.name = String::from_utf8_lossy(name),
                (number @ (7 | 9 | 10), Field::Bytes(data)) => {
                    metric.kind = match number {
                        7 => Kind::Number,
                        9 => Kind::Histogram,
                        _ => Kind::Exponential,
                    };
                    for field in fields(data) {
                        match field.map_err(|error| error.to_string())? {
                            (1, Field::Bytes(_)) if metric.points.len() == OTLP_ITEMS_MAX => {
                                return Err(format!("more than {OTLP_ITEMS_MAX} points"));
                            }
                            (1, Field::Bytes(point)) => metric.points.push(Piece::Protobuf(point)),
                            (2, Field::Varint(temporality)) => metric.temporality = temporality,
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(metric)
    }
}

impl<'a> Point<'a> {
    pub(super) fn read(piece: Piece<'a>, kind: Kind) -> Result<Point<'a>, String> {
        match piece {
            Piece::Json(json) => Point::of_json(json.get(), kind),
            Piece::Protobuf(message) => Point::of_protobuf(message, kind),
        }
    }

    /// A histogram's number is its sum.
    fn of_json(json: &'a str, kind: Kind) -> Result<Point<'a>, String> {
        let names = [
            "startTimeUnixNano",
            "timeUnixNano",
            "asInt",
            "asDouble",
            "sum",
            "attributes",
        ];
        let members = json::members(json, names).map_err(|error| error.to_string())?;
        let [start, time, int, double, sum, attributes] = members.found;
        let number = if kind == Kind::Number {
            int.or(double)
        } else {
            sum
        };
        let value = match number {
            Some(number) => Some(double_of_text(&json::number(number)?)?),
            None => None,
        };
        Ok(Point {
            start: json::whole(start)?,
            time: json::whole(time)?,
            value,
            attributes: Attributes::of_json(attributes, OTLP_ATTRIBUTES_MAX)?,
        })
    }

    fn of_protobuf(message: &'a [u8], kind: Kind) -> Result<Point<'a>, String> {
        let (mut start, mut time, mut value) = (0, 0, None);
        let mut attributes = Messages::default();
        for field in fields(message) {
            let (number, field) = field.map_err(|error| error.to_string())?;
            match (kind, number, field) {
                (Kind::Number, 7, own)
                | (Kind::Histogram, 9, own)
                | (Kind::Exponential, 1, own) => attributes.add(own, number)?,
                (_, 2, Field::Fixed64(own)) => start = own,
                (_, 3, Field::Fixed64(own)) => time = own,
                (Kind::Number, 4, Field::Fixed64(bits))
                | (Kind::Histogram | Kind::Exponential, 5, Field::Fixed64(bits)) => {
                    value = Some(decimal_of_double(bits)?);
                }
                (Kind::Number, 6, Field::Fixed64(bits)) => {
                    value = Some(Value::int(bits.cast_signed()));
                }
                _ => {}
            }
        }
        Ok(Point {
            start,
            time,
            value,
            attributes: Attributes::of_protobuf(&attributes.0)?,
        })
    }
}
