//! `cache_policy` of `src/fuzzing.rs`, for libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| eyot::fuzzing::run("cache_policy", data));
