//! What stands before a member's value: `{"name":` or `,"name":`.

use std::mem::MaybeUninit;

use crate::json::sink::Sink;
use crate::json::text::put_string;

/// Most leads are shorter. They are copied as one block of this size, which takes a few instructions; a
/// copy of variable length would be a call.
const BLOCK: usize = 32;

/// The bytes before a member's value.
#[derive(Clone, Debug)]
pub struct Lead {
    /// At least one block. What follows the first `length` bytes is padding.
    bytes: Box<[u8]>,
    length: usize,
}

impl Lead {
    /// The lead of a member with this name. That of the first member opens the object.
    #[must_use]
    pub fn new(first: bool, name: &str) -> Self {
        let mut bytes = vec![if first { b'{' } else { b',' }];
        put_string(name, &mut bytes);
        bytes.push(b':');
        let length = bytes.len();
        bytes.resize(length.max(BLOCK), 0);
        Self { bytes: bytes.into(), length }
    }

    /// Writes it.
    #[inline]
    pub fn put<S: Sink>(&self, sink: &mut S) {
        if self.length > BLOCK {
            return sink.put(&self.bytes[..self.length]);
        }
        let room = sink.spare(BLOCK).as_mut_ptr().cast::<[MaybeUninit<u8>; BLOCK]>();
        // SAFETY: both sides have room for a block, of which the first `length` bytes are the lead.
        unsafe {
            room.write(self.bytes.as_ptr().cast::<[MaybeUninit<u8>; BLOCK]>().read());
            sink.advance(self.length);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(first: bool, name: &str) -> String {
        let mut out = Vec::new();
        Lead::new(first, name).put(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn names_of_any_length_are_written_whole() {
        assert_eq!(written(true, "id"), r#"{"id":"#);
        assert_eq!(written(false, ""), r#","":"#);
        for length in 25..40 {
            let name = "é\"".repeat(length);
            assert_eq!(
                written(false, &name),
                format!(",{}:", serde_json::to_string(&name).unwrap())
            );
        }
    }
}
