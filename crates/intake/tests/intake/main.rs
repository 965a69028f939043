//! Foreign files in, events out.
#![allow(clippy::unwrap_used, clippy::print_stderr)] // a test that panics is a test that fails

mod acceptance_data;
mod broken_rows;
mod guesses;
mod http_events;
mod map_language;
mod properties;
mod ready_maps;
mod support;
