#![no_main]

#[path = "../otlp.rs"]
#[allow(dead_code)]
mod checks;

libfuzzer_sys::fuzz_target!(|data: &[u8]| checks::inflate(data));
