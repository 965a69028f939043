//! Foreign formats to events and documents.
//!
//! The first station: CloudEvents from files ([`CloudEvents`]), and rows of foreign CSV and JSON
//! files through a map ([`Map`], [`Import`]), and deliveries over HTTP ([`delivery`], [`meters`]). Everything streams, everything is bounded
//! ([`limits`]), and what cannot be read is [`Refused`] with its place and kept where it can be
//! repaired. [`model_costs`] reads the price lists of models, [`otlp`] telemetry of model calls. Not here: the store, duplicates and
//! conflicts.
//!
//! Invariant: the same bytes give the same events, byte for byte; nothing depends on a clock, on a
//! row number or on the order of rows.

mod cloud_events;
mod csv;
mod import;
mod input;
mod inputs;
mod json_items;
mod json_spans;
mod lines;
mod lookup;
mod make;
mod map;
mod nearest;
mod ready;
mod refused;
mod rows;

pub mod delivery;
pub mod guess;
pub mod limits;
pub mod litellm;
pub mod meters;
pub mod model_costs;
pub mod otlp;
pub mod told;

pub use cloud_events::CloudEvents;
pub use import::{Counts, Import, ImportError, Options};
pub use input::{InputError, Progress};
pub use inputs::Input;
pub use lookup::LookupError;
pub use map::{Map, MapError};
pub use ready::{READY, Ready};
pub use refused::{Refused, RefusedFiles};
pub use rows::{MissingColumn, RowsError};

/// A JSON value on one line: a line break cannot be inside a JSON string, so this loses nothing.
fn one_line(raw: &[u8]) -> Vec<u8> {
    let end = raw
        .iter()
        .rposition(|byte| !byte.is_ascii_whitespace())
        .map_or(0, |at| at + 1);
    raw[..end]
        .iter()
        .map(|byte| {
            if matches!(byte, b'\n' | b'\r') {
                b' '
            } else {
                *byte
            }
        })
        .collect()
}
