//! Whether a text is JSON.

use crate::json::text::first_escaped;
use crate::postgres::error::Malformed;

/// Looks whether a text is one JSON value, as RFC 8259 has it; a `\u` escape may be half of a pair, as
/// in Postgres's `json`.
///
/// Nothing is read twice, nothing calls itself, however deep the text is nested, and up to 64 levels
/// nothing is allocated. The bytes are taken to be UTF-8.
///
/// # Errors
///
/// It is not, from the byte that the error names.
pub fn check_json(text: &[u8]) -> Result<(), Malformed> {
    let mut scanner = Scanner { text, at: 0 };
    let mut open = Open::default();
    loop {
        scanner.skip_space();
        match scanner.peek() {
            Some(b'"') => scanner.string()?,
            Some(b'{') => {
                scanner.at += 1;
                scanner.skip_space();
                if scanner.peek() != Some(b'}') {
                    scanner.name()?;
                    open.push(Container::Object);
                    continue;
                }
                scanner.at += 1;
            }
            Some(b'[') => {
                scanner.at += 1;
                scanner.skip_space();
                if scanner.peek() != Some(b']') {
                    open.push(Container::Array);
                    continue;
                }
                scanner.at += 1;
            }
            Some(b'-' | b'0'..=b'9') => scanner.number()?,
            Some(b't') => scanner.word(b"true")?,
            Some(b'f') => scanner.word(b"false")?,
            Some(b'n') => scanner.word(b"null")?,
            _ => return Err(scanner.expected("a value")),
        }
        // What may follow a value: the end of what it is in, any number of times, or the next value.
        loop {
            scanner.skip_space();
            match (open.last(), scanner.peek()) {
                (None, None) => return Ok(()),
                (None, Some(_)) => return Err(scanner.expected("the end")),
                (Some(Container::Array), Some(b',')) => {
                    scanner.at += 1;
                    break;
                }
                (Some(Container::Object), Some(b',')) => {
                    scanner.at += 1;
                    scanner.skip_space();
                    scanner.name()?;
                    break;
                }
                (Some(Container::Array), Some(b']')) | (Some(Container::Object), Some(b'}')) => {
                    scanner.at += 1;
                    open.pop();
                }
                (Some(Container::Array), _) => return Err(scanner.expected("a comma or ]")),
                (Some(Container::Object), _) => return Err(scanner.expected("a comma or }")),
            }
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Container {
    Array,
    Object,
}

/// What is open: a bit a level, the innermost last.
#[derive(Default)]
struct Open {
    depth: usize,
    /// The last 64 levels at most.
    bits: u64,
    /// Those before them, 64 a word.
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
    fn word(&mut self, word: &[u8]) -> Result<(), Malformed> {
        if !self.text[self.at..].starts_with(word) {
            return Err(self.expected("a value"));
        }
        self.at += word.len();
        Ok(())
    }

    /// A member's name and its colon.
    #[inline]
    fn name(&mut self) -> Result<(), Malformed> {
        if self.peek() != Some(b'"') {
            return Err(self.expected("a member's name"));
        }
        self.string()?;
        self.skip_space();
        if self.peek() != Some(b':') {
            return Err(self.expected("a colon"));
        }
        self.at += 1;
        Ok(())
    }

    #[inline]
    fn string(&mut self) -> Result<(), Malformed> {
        self.at += 1;
        loop {
            self.at += first_escaped(&self.text[self.at..]);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => self.escape()?,
                Some(_) => return Err(self.expected("no control character in a string")),
                None => return Err(self.expected("the end of a string")),
            }
        }
    }

    fn escape(&mut self) -> Result<(), Malformed> {
        let length = match self.text[self.at + 1..] {
            [b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => 2,
            [b'u', a, b, c, d, ..] if [a, b, c, d].iter().all(u8::is_ascii_hexdigit) => 6,
            _ => return Err(self.expected("an escape")),
        };
        self.at += length;
        Ok(())
    }

    #[inline]
    fn number(&mut self) -> Result<(), Malformed> {
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

    /// One digit at least.
    #[inline]
    fn digits(&mut self) -> Result<(), Malformed> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        if self.at == start { Err(self.expected("a digit")) } else { Ok(()) }
    }

    #[cold]
    fn expected(&self, what: &str) -> Malformed {
        Malformed::new(format!("not JSON: {what} expected")).at(self.at)
    }
}

#[cfg(test)]
mod tests;
