//! The server, asked as its callers ask.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails
#![allow(unreachable_pub)] // a test has no outside

mod access;
mod bad_input;
mod calls;
mod connections;
mod document;
mod events;
mod logs;
mod once;
mod otlp;
mod rate;
mod refused;
mod sold;
mod support;
