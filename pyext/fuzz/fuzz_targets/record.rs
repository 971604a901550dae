//! Records one after the other, as `record_send` writes them, and the records and arrays in them.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rowjson_core::json::binary::Binary;
use rowjson_core::postgres::error::Malformed;
use rowjson_core::postgres::reader::Reader;
use rowjson_core::postgres::record::{Field, read_record, record_elements};
use rowjson_core::postgres::types::{RECORD, RECORD_ARRAY};
use rowjson_fuzz::check_value;

fuzz_target!(|data: &[u8]| {
    if let Err(error) = read_records(data, 0, data) {
        assert!(error.offset <= data.len(), "{error}, of {} bytes", data.len());
    }
});

/// Reads records that start `offset` bytes from the start of `all`.
fn read_records(raw: &[u8], offset: usize, all: &[u8]) -> Result<(), Malformed> {
    let mut reader = Reader::new(raw, offset);
    let mut fields = Vec::new();
    while !reader.is_empty() {
        read_record(&mut reader, &mut fields)?;
        for &field in &fields {
            read_field(field, all)?;
        }
    }
    reader.end()
}

fn read_field(Field { oid, value, offset }: Field<'_>, all: &[u8]) -> Result<(), Malformed> {
    let Some(raw) = value else { return Ok(()) };
    assert!(
        std::ptr::eq(raw, &raw const all[offset..][..raw.len()]),
        "a value is not where it is said to be"
    );
    check_value(oid, None, Binary::Base64, raw);
    match oid {
        RECORD => read_records(raw, offset, all),
        RECORD_ARRAY => {
            for element in record_elements(raw).map_err(|error| error.at(offset))? {
                if let Some((start, record)) = element.map_err(|error| error.at(offset))? {
                    read_records(record, offset + start, all)?;
                }
            }
            Ok(())
        }
        _ => Ok(()),
    }
}
