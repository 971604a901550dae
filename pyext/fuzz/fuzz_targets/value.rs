//! One value: its type and its declaration (two bytes each), a flag, and its bytes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rowjson_core::json::binary::Binary;
use rowjson_core::postgres::types::{Kind, Oid};
use rowjson_fuzz::check_value;

/// If this bit is set, the others choose one of the known types. Otherwise they are an OID, perhaps a user's.
const KNOWN: u16 = 0x8000;

fn oid(choice: u16) -> Oid {
    if choice & KNOWN == 0 {
        return choice.into();
    }
    Kind::OIDS[usize::from(choice & !KNOWN) % Kind::OIDS.len()]
}

fuzz_target!(|data: &[u8]| {
    let [a, b, c, d, flag, raw @ ..] = data else { return };
    let declared = Kind::from_oid(oid(u16::from_be_bytes([*c, *d])));
    let binary = if flag & 1 == 0 { Binary::Base64 } else { Binary::Hex };
    check_value(oid(u16::from_be_bytes([*a, *b])), declared, binary, raw);
});
