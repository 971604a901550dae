//! Whether a text is JSON.

use std::fmt;

use crate::json::text::first_escaped;

/// Why a text is not JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotJson {
    /// What should come instead.
    pub expected: &'static str,
    /// At which byte of the text.
    pub offset: usize,
}

impl fmt::Display for NotJson {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "not JSON: {} expected (byte {})", self.expected, self.offset)
    }
}

impl std::error::Error for NotJson {}

/// Checks that a text is one JSON value according to RFC 8259. As in Postgres's `json`, a `\u` escape may
/// be half of a surrogate pair.
///
/// It reads each byte once and does not recurse, however deep the text is nested. Up to 64 levels it
/// allocates nothing. It assumes that the bytes are UTF-8.
///
/// # Errors
///
/// The text is not JSON. The error has the place of the first byte that is wrong.
pub fn check_json(text: &[u8]) -> Result<(), NotJson> {
    let mut scanner = Scanner { text, at: 0 };
    scanner.check().map_err(|Expected(expected)| NotJson { expected, offset: scanner.at })
}

/// What should come where the scanner is.
struct Expected(&'static str);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Container {
    Array,
    Object,
}

/// The arrays and objects that are open: one bit for each, the innermost last.
#[derive(Default)]
struct Open {
    depth: usize,
    /// At most the innermost 64.
    bits: u64,
    /// Those around them, 64 in each word.
    outer: Vec<u64>,
}

impl Open {
    const WORD: usize = u64::BITS as usize;

    #[inline]
    fn push(&mut self, container: Container) {
        if self.depth > 0 && self.depth.is_multiple_of(Self::WORD) {
            self.outer.push(self.bits);
        }
        self.bits = self.bits << 1 | u64::from(container == Container::Object);
        self.depth += 1;
    }

    #[inline]
    fn pop(&mut self) {
        self.bits >>= 1;
        self.depth -= 1;
        if self.depth.is_multiple_of(Self::WORD) {
            self.bits = self.outer.pop().unwrap_or(0);
        }
    }

    #[inline]
    fn last(&self) -> Option<Container> {
        match (self.depth, self.bits & 1) {
            (0, _) => None,
            (_, 0) => Some(Container::Array),
            _ => Some(Container::Object),
        }
    }
}

struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
}

impl Scanner<'_> {
    fn check(&mut self) -> Result<(), Expected> {
        let mut open = Open::default();
        loop {
            self.skip_space();
            match self.peek() {
                Some(b'"') => self.string()?,
                Some(b'{') => {
                    self.at += 1;
                    self.skip_space();
                    if self.peek() != Some(b'}') {
                        self.name()?;
                        open.push(Container::Object);
                        continue;
                    }
                    self.at += 1;
                }
                Some(b'[') => {
                    self.at += 1;
                    self.skip_space();
                    if self.peek() != Some(b']') {
                        open.push(Container::Array);
                        continue;
                    }
                    self.at += 1;
                }
                Some(b'-' | b'0'..=b'9') => self.number()?,
                Some(b't') => self.word(b"true")?,
                Some(b'f') => self.word(b"false")?,
                Some(b'n') => self.word(b"null")?,
                _ => return Err(Expected("a value")),
            }
            // After a value: the end of what it is in, any number of times, or the next value.
            loop {
                self.skip_space();
                match (open.last(), self.peek()) {
                    (None, None) => return Ok(()),
                    (None, Some(_)) => return Err(Expected("the end")),
                    (Some(Container::Array), Some(b',')) => {
                        self.at += 1;
                        break;
                    }
                    (Some(Container::Object), Some(b',')) => {
                        self.at += 1;
                        self.skip_space();
                        self.name()?;
                        break;
                    }
                    (Some(Container::Array), Some(b']'))
                    | (Some(Container::Object), Some(b'}')) => {
                        self.at += 1;
                        open.pop();
                    }
                    (Some(Container::Array), _) => return Err(Expected("a comma or ]")),
                    (Some(Container::Object), _) => return Err(Expected("a comma or }")),
                }
            }
        }
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    #[inline]
    fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    #[inline]
    fn word(&mut self, word: &[u8]) -> Result<(), Expected> {
        if !self.text[self.at..].starts_with(word) {
            return Err(Expected("a value"));
        }
        self.at += word.len();
        Ok(())
    }

    /// Skips a member's name and its colon.
    #[inline]
    fn name(&mut self) -> Result<(), Expected> {
        if self.peek() != Some(b'"') {
            return Err(Expected("a member's name"));
        }
        self.string()?;
        self.skip_space();
        if self.peek() != Some(b':') {
            return Err(Expected("a colon"));
        }
        self.at += 1;
        Ok(())
    }

    #[inline]
    fn string(&mut self) -> Result<(), Expected> {
        self.at += 1;
        loop {
            self.at += first_escaped(&self.text[self.at..]);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => self.escape()?,
                Some(_) => return Err(Expected("no control character in a string")),
                None => return Err(Expected("the end of a string")),
            }
        }
    }

    fn escape(&mut self) -> Result<(), Expected> {
        let length = match self.text[self.at + 1..] {
            [b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => 2,
            [b'u', a, b, c, d, ..] if [a, b, c, d].iter().all(u8::is_ascii_hexdigit) => 6,
            _ => return Err(Expected("an escape")),
        };
        self.at += length;
        Ok(())
    }

    #[inline]
    fn number(&mut self) -> Result<(), Expected> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    /// Skips at least one digit.
    #[inline]
    fn digits(&mut self) -> Result<(), Expected> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        if self.at == start { Err(Expected("a digit")) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests;
