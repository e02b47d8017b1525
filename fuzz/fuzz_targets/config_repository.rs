#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| claude_env::fuzzing::config_repository(bytes));
