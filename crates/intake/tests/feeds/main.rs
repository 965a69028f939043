//! What other systems send over HTTP, and how it becomes events or refusals.

#![allow(clippy::unwrap_used, clippy::print_stderr)] // a test that panics is a test that fails

mod deliveries;
mod litellm;
mod meters;
mod properties;
mod support;
mod verbs;
