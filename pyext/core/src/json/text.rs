//! JSON strings.

use crate::json::sink::Sink;

/// The length of the longest escape: `\u001f`.
const LONGEST_ESCAPE: usize = 6;
/// How many bytes are checked at once.
const BLOCK: usize = 16;

/// Writes a text as a JSON string: raw UTF-8, with escapes for `"`, `\` and control characters only.
#[inline]
pub fn put_string<S: Sink>(text: &str, sink: &mut S) {
    put_quoted(text.as_bytes(), sink);
}

/// Writes ASCII, as [`put_string`] writes text.
///
/// # Panics
///
/// In debug builds, if it is not ASCII.
#[inline]
pub fn put_ascii<S: Sink>(text: &[u8], sink: &mut S) {
    debug_assert!(text.is_ascii());
    put_quoted(text, sink);
}

/// Writes bytes as [`put_string`] writes text, and returns whether they are ASCII. If they are not, what was
/// written is JSON only if they are UTF-8.
#[inline]
pub fn put_bytes_as_text<S: Sink>(bytes: &[u8], sink: &mut S) -> bool {
    put_quoted(bytes, sink)
}

/// What was found in bytes that were checked at once.
#[derive(Clone, Copy)]
struct Seen {
    /// A byte that needs an escape.
    escape: bool,
    /// A byte that is not ASCII.
    high: bool,
}

impl Seen {
    const NOTHING: Self = Self { escape: false, high: false };

    #[inline]
    fn and(self, other: Self) -> Self {
        Self { escape: self.escape | other.escape, high: self.high | other.high }
    }
}

/// Writes a string and returns whether it is ASCII. One pass checks and copies it; if it has a byte that
/// needs an escape, [`put_escaped`] writes it again.
#[inline]
fn put_quoted<S: Sink>(text: &[u8], sink: &mut S) -> bool {
    let room = sink.spare(text.len() + 2).as_mut_ptr().cast::<u8>();
    // SAFETY: the room holds the text and both quotes, and nobody else writes to it.
    let seen = unsafe {
        room.write(b'"');
        copy(text, room.add(1))
    };
    if seen.escape {
        put_escaped(text, sink);
    } else {
        // SAFETY: as above; all of the text was written after the first quote.
        unsafe {
            room.add(1 + text.len()).write(b'"');
            sink.advance(text.len() + 2);
        }
    }
    !seen.high
}

/// Copies the text and returns what is in it. If a byte needs an escape, the copy is not JSON.
///
/// # Safety
///
/// `to` has room for as many bytes as the text has.
#[inline]
unsafe fn copy(text: &[u8], to: *mut u8) -> Seen {
    let length = text.len();
    let from = text.as_ptr();
    // Each arm reads and writes within the first `length` bytes of `from` and `to`.
    if length > BLOCK {
        let mut seen = Seen::NOTHING;
        let mut at = 0;
        // SAFETY: `at + BLOCK <= length`, here and, as `length > BLOCK`, for the last block.
        unsafe {
            while at + BLOCK <= length {
                seen = seen.and(block::copy(from.add(at), to.add(at)));
                at += BLOCK;
            }
            seen.and(block::copy(from.add(length - BLOCK), to.add(length - BLOCK)))
        }
    } else if length >= 8 {
        // SAFETY: `8 <= length`, so that one word fits at the start and one at the end.
        unsafe {
            let end = copy_word::<u64>(from.add(length - 8), to.add(length - 8));
            copy_word::<u64>(from, to).and(end)
        }
    } else if length >= 4 {
        // SAFETY: the same, with words of four bytes.
        unsafe {
            let end = copy_word::<u32>(from.add(length - 4), to.add(length - 4));
            copy_word::<u32>(from, to).and(end)
        }
    } else {
        let mut seen = Seen::NOTHING;
        for (index, &byte) in text.iter().enumerate() {
            seen = seen.and(Seen { escape: escape(byte).is_some(), high: !byte.is_ascii() });
            // SAFETY: `index < length`.
            unsafe { to.add(index).write(byte) };
        }
        seen
    }
}

/// A number whose bytes are checked at once.
trait Word: Copy {
    /// Sets the high bit of each byte that needs an escape, and perhaps of others, but only after the first
    /// that does.
    fn escapes(self) -> Self;

    fn see(self) -> Seen;
}

macro_rules! word {
    ($word:ty) => {
        impl Word for $word {
            /// Looks for quotes, backslashes and bytes below a space: the classic tests of all bytes at once
            /// for a zero byte (`x - 0x01…01 & !x & 0x80…80`) and for a byte below n.
            #[inline]
            fn escapes(self) -> Self {
                const ONES: $word = <$word>::MAX / 0xff;
                const HIGH: $word = ONES * 0x80;
                let quote = self ^ (ONES * b'"' as $word);
                let backslash = self ^ (ONES * b'\\' as $word);
                let below_space = self.wrapping_sub(ONES * 0x20) & !self;
                let zero = |word: $word| word.wrapping_sub(ONES) & !word;
                (below_space | zero(quote) | zero(backslash)) & HIGH
            }

            #[inline]
            fn see(self) -> Seen {
                const HIGH: $word = <$word>::MAX / 0xff * 0x80;
                Seen { escape: self.escapes() != 0, high: self & HIGH != 0 }
            }
        }
    };
}

word!(u32);
word!(u64);

/// # Safety
///
/// A word can be read at `from` and written at `to`.
#[inline]
unsafe fn copy_word<W: Word>(from: *const u8, to: *mut u8) -> Seen {
    // SAFETY: the caller's promise; neither needs alignment.
    let word = unsafe { from.cast::<W>().read_unaligned() };
    // SAFETY: the same.
    unsafe { to.cast::<W>().write_unaligned(word) };
    word.see()
}

#[cfg(target_arch = "x86_64")]
mod block {
    use std::arch::x86_64::{
        _mm_cmpeq_epi8, _mm_loadu_si128, _mm_min_epu8, _mm_movemask_epi8, _mm_or_si128,
        _mm_set1_epi8, _mm_storeu_si128,
    };

    use super::Seen;

    /// Copies 16 bytes and returns what is in them.
    ///
    /// # Safety
    ///
    /// They can be read at `from` and written at `to`.
    #[inline]
    pub unsafe fn copy(from: *const u8, to: *mut u8) -> Seen {
        // SAFETY: the caller's promise; SSE2 is part of every x86-64.
        unsafe {
            let block = _mm_loadu_si128(from.cast());
            _mm_storeu_si128(to.cast(), block);
            let control = _mm_set1_epi8(0x1f);
            let escaped = _mm_or_si128(
                _mm_cmpeq_epi8(_mm_min_epu8(block, control), block),
                _mm_or_si128(
                    _mm_cmpeq_epi8(block, _mm_set1_epi8(b'"'.cast_signed())),
                    _mm_cmpeq_epi8(block, _mm_set1_epi8(b'\\'.cast_signed())),
                ),
            );
            Seen { escape: _mm_movemask_epi8(escaped) != 0, high: _mm_movemask_epi8(block) != 0 }
        }
    }
}

#[cfg(not(target_arch = "x86_64"))]
mod block {
    use super::{Seen, copy_word};

    /// Copies 16 bytes and returns what is in them.
    ///
    /// # Safety
    ///
    /// They can be read at `from` and written at `to`.
    #[inline]
    pub unsafe fn copy(from: *const u8, to: *mut u8) -> Seen {
        // SAFETY: the caller's promise, for each half.
        unsafe { copy_word::<u64>(from, to).and(copy_word::<u64>(from.add(8), to.add(8))) }
    }
}

/// Writes a text with at least one byte that needs an escape.
#[cold]
#[inline(never)]
fn put_escaped<S: Sink>(text: &[u8], sink: &mut S) {
    sink.put(b"\"");
    let mut rest = text;
    loop {
        let clean = first_escaped(rest);
        sink.put(&rest[..clean]);
        let Some((&byte, after)) = rest[clean..].split_first() else { break };
        // One at a time is fast enough: longer runs of escapes than pairs of newlines are rare.
        if let Some(short) = escape(byte) {
            sink.put(&short.0[..short.1]);
        }
        rest = after;
    }
    sink.put(b"\"");
}

/// How many bytes come before the first that needs an escape; all of them if none does.
#[inline]
pub(crate) fn first_escaped(text: &[u8]) -> usize {
    let mut at = 0;
    while let Some(word) = text[at..].first_chunk() {
        // Little-endian, so that the first byte's bit is the lowest.
        let escapes = u64::from_le_bytes(*word).escapes();
        if escapes != 0 {
            return at + escapes.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    at + text[at..].iter().take_while(|&&byte| escape(byte).is_none()).count()
}

/// The escape of a byte, and its length; `None` if the byte needs none.
#[inline]
fn escape(byte: u8) -> Option<([u8; LONGEST_ESCAPE], usize)> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let short = match byte {
        b'"' | b'\\' => byte,
        0x08 => b'b',
        b'\t' => b't',
        b'\n' => b'n',
        0x0c => b'f',
        b'\r' => b'r',
        0..0x20 => {
            let digits = [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]];
            return Some(([b'\\', b'u', b'0', b'0', digits[0], digits[1]], 6));
        }
        _ => return None,
    };
    Some(([b'\\', short, 0, 0, 0, 0], 2))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(text: &str) -> String {
        let mut out = Vec::new();
        put_string(text, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn only_what_must_be_is_escaped() {
        assert_eq!(written(""), r#""""#);
        assert_eq!(written("Grüße, 世界 👋 /\u{7f}\u{2028}"), "\"Grüße, 世界 👋 /\u{7f}\u{2028}\"");
        assert_eq!(written("\"\\\u{8}\t\n\u{c}\r"), r#""\"\\\b\t\n\f\r""#);
        assert_eq!(written("\0\u{1f}"), r#""\u0000\u001f""#);
    }

    #[test]
    fn an_escape_is_found_at_every_place_of_every_length() {
        for length in 1..70 {
            for place in 0..length {
                for byte in ['"', '\\', '\n', '\u{1f}'] {
                    let text: String =
                        (0..length).map(|at| if at == place { byte } else { 'é' }).collect();
                    assert_eq!(written(&text), serde_json::to_string(&text).unwrap());
                }
            }
        }
    }

    #[test]
    fn bytes_are_told_from_ascii_at_every_place_of_every_length() {
        for length in 1..70 {
            let mut text = vec![b'a'; length];
            assert!(put_bytes_as_text(&text, &mut Vec::new()));
            for place in 0..length {
                text[place] = 0x80;
                assert!(!put_bytes_as_text(&text, &mut Vec::new()));
                text[length - 1 - place] = b'"';
                assert_eq!(put_bytes_as_text(&text, &mut Vec::new()), text.is_ascii());
                text.fill(b'a');
            }
        }
    }

    #[test]
    fn ascii_is_written_as_text_is() {
        let mut out = Vec::new();
        put_ascii(b"a\tb", &mut out);
        assert_eq!(out, br#""a\tb""#);
    }

    proptest! {
        #[test]
        fn any_text_is_written_as_serde_json_does(text in "(?s).{0,80}") {
            prop_assert_eq!(written(&text), serde_json::to_string(&text).unwrap());
        }
    }
}
