//! Bytes and UUIDs as strings.

use std::mem::MaybeUninit;

use crate::json::sink::Sink;

/// How bytes are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Binary {
    /// RFC 4648, the standard alphabet, padded.
    #[default]
    Base64,
    /// Two lower-case digits for each byte.
    Hex,
}

const HEX: &[u8; 16] = b"0123456789abcdef";
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Writes bytes as a string.
#[inline]
pub fn put_bytes<S: Sink>(raw: &[u8], binary: Binary, sink: &mut S) {
    sink.put(b"\"");
    match binary {
        Binary::Base64 => put_base64(raw, sink),
        Binary::Hex => put_hex(raw, sink),
    }
    sink.put(b"\"");
}

fn put_hex<S: Sink>(raw: &[u8], sink: &mut S) {
    let length = raw.len() * 2;
    let (room, _) = sink.spare(length).as_chunks_mut::<2>();
    for (pair, &byte) in room.iter_mut().zip(raw) {
        *pair = hex(byte).map(MaybeUninit::new);
    }
    // SAFETY: the room has at least one pair for each byte, and each of these was written.
    unsafe { sink.advance(length) };
}

fn put_base64<S: Sink>(raw: &[u8], sink: &mut S) {
    let (whole, rest) = raw.as_chunks::<3>();
    let length = whole.len() * 4;
    let (room, _) = sink.spare(length).as_chunks_mut::<4>();
    for (quad, &bytes) in room.iter_mut().zip(whole) {
        *quad = base64(bytes).map(MaybeUninit::new);
    }
    // SAFETY: the room has at least four bytes for every three, and each of these was written.
    unsafe { sink.advance(length) };
    match *rest {
        [a] => {
            let [a, b, ..] = base64([a, 0, 0]);
            sink.put(&[a, b, b'=', b'=']);
        }
        [a, b] => {
            let [a, b, c, _] = base64([a, b, 0]);
            sink.put(&[a, b, c, b'=']);
        }
        _ => {}
    }
}

#[inline]
fn hex(byte: u8) -> [u8; 2] {
    [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]
}

#[inline]
fn base64([a, b, c]: [u8; 3]) -> [u8; 4] {
    let bits = u32::from_be_bytes([0, a, b, c]);
    [18, 12, 6, 0].map(|shift| BASE64[(bits >> shift) as usize & 63])
}

/// Writes a UUID: `"00112233-4455-6677-8899-aabbccddeeff"`.
#[inline]
pub fn put_uuid<S: Sink>(raw: &[u8; 16], sink: &mut S) {
    const TEXT: &[u8; 38] = b"\"........-....-....-....-............\"";
    const PLACES: [usize; 16] = [1, 3, 5, 7, 10, 12, 15, 17, 20, 22, 25, 27, 29, 31, 33, 35];
    let text = sink.spare(TEXT.len()).as_mut_ptr().cast::<[u8; TEXT.len()]>();
    // SAFETY: the room is at least as long as the text, which is written before it is borrowed.
    let text = unsafe {
        text.write(*TEXT);
        &mut *text
    };
    for (&byte, place) in raw.iter().zip(PLACES) {
        text[place..place + 2].copy_from_slice(&hex(byte));
    }
    // SAFETY: all of it was written.
    unsafe { sink.advance(TEXT.len()) };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(raw: &[u8], binary: Binary) -> String {
        let mut out = Vec::new();
        put_bytes(raw, binary, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn base64_is_padded() {
        // The test vectors of RFC 4648.
        for (raw, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(written(raw.as_bytes(), Binary::Base64), format!("\"{text}\""));
        }
        assert_eq!(written(&[0xfb, 0xff, 0xbf], Binary::Base64), "\"+/+/\"");
    }

    #[test]
    fn hex_has_lower_case_and_no_prefix() {
        assert_eq!(written(&[], Binary::Hex), "\"\"");
        assert_eq!(written(&[0, 0x1f, 0xab, 0xff], Binary::Hex), "\"001fabff\"");
    }

    #[test]
    fn a_uuid_has_four_dashes() {
        let mut out = Vec::new();
        put_uuid(&std::array::from_fn(|index| u8::try_from(index * 17).unwrap()), &mut out);
        assert_eq!(out, br#""00112233-4455-6677-8899-aabbccddeeff""#);
    }
}
