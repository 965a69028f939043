//! What other systems send over HTTP, and how it becomes events or refusals.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)] // a test that panics is a test that fails

extern crate piecework_intake as intake;

#[path = "../../fuzz/feeds.rs"]
#[allow(unreachable_pub, reason = "the fuzz targets share it")]
mod checks;
mod deliveries;
mod docs;
mod litellm;
mod meters;
mod properties;
mod support;
mod verbs;
