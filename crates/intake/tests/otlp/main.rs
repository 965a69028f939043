//! OpenTelemetry in, costs out.
#![allow(clippy::unwrap_used, clippy::print_stderr)] // a test that panics is a test that fails

extern crate piecework_intake as intake;

mod answers;
mod bad_input;
mod captured;
mod dialects;
mod encodings;
mod limits;
mod logs;
mod metrics;
mod naming;
mod page;
mod properties;
mod support;
