//! The one binary: command line, configuration, wiring.

#[allow(dead_code)] // the commands use it
mod demo;

fn main() {}
