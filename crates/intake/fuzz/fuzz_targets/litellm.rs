#![no_main]

#[path = "../feeds.rs"]
#[allow(dead_code)]
mod checks;

libfuzzer_sys::fuzz_target!(|data: &[u8]| checks::litellm(data));
