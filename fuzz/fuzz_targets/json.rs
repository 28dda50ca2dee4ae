#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| doorbuster_fuzz::json(input));
