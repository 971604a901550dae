//! Any text: it is JSON if and only if another parser agrees.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rowjson_core::json::check::check_json;
use serde::de::IgnoredAny;

fuzz_target!(|text: &str| {
    let mut other = serde_json::Deserializer::from_str(text);
    other.disable_recursion_limit();
    // The other parser recurses, so that deep texts overflow its stack.
    if text.bytes().filter(|byte| matches!(byte, b'[' | b'{')).count() > 2000 {
        return;
    }
    let expected = serde::Deserialize::deserialize(&mut other)
        .and_then(|IgnoredAny| other.end())
        .map_err(|error| error.to_string());
    let found = check_json(text.as_bytes()).map_err(|error| error.to_string());
    assert_eq!(found.is_ok(), expected.is_ok(), "{found:?} {expected:?}");
});
