//! Where the head of a request ends.

use memchr::memchr;

/// How much of the current line has come, across all reads so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Line {
    /// The previous line was empty, or there is none.
    #[default]
    AfterEmpty,
    /// Nothing of this line.
    Start,
    /// A carriage return and nothing else.
    Return,
    /// Some text.
    Text,
}

impl Line {
    /// The number of bytes up to the end of the next empty line, which ends a head; all of them if
    /// there is none.
    pub fn read_to_empty(&mut self, bytes: &[u8]) -> usize {
        let mut rest = bytes;
        while let Some((&byte, after)) = rest.split_first() {
            rest = after;
            *self = match (*self, byte) {
                (Self::Start | Self::Return, b'\n') => Self::AfterEmpty,
                (Self::Start, b'\r') => Self::Return,
                (_, b'\n') => Self::Start,
                _ => {
                    let end = memchr(b'\n', rest);
                    rest = end.and_then(|end| rest.get(end + 1..)).unwrap_or_default();
                    if end.is_some() { Self::Start } else { Self::Text }
                }
            };
            if *self == Self::AfterEmpty {
                break;
            }
        }
        bytes.len() - rest.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_ends_with_an_empty_line() {
        for head in
            ["GET / HTTP/1.1\r\nhost: a\r\n\r\n", "GET /\na: b\n\n", "GET /\n\r\n", "\r\n\r\n"]
        {
            let bytes = format!("{head}GET /next");
            // However it is cut into reads.
            for cut in 0..head.len() {
                let (first, second) = bytes.split_at(cut);
                let mut line = Line::default();
                assert_eq!(line.read_to_empty(first.as_bytes()), cut, "{head:?} {cut}");
                assert_eq!(
                    line.read_to_empty(second.as_bytes()),
                    head.len() - cut,
                    "{head:?} {cut}"
                );
                assert_eq!(line, Line::AfterEmpty);
            }
        }
    }

    #[test]
    fn what_has_no_empty_line_is_a_part_of_a_head() {
        for part in ["GET /", "GET /\r\n", "GET /\r\na: b\r\n", "GET /\r\n\r", "a\r\rb\n \n"] {
            let mut line = Line::default();
            assert_eq!(line.read_to_empty(part.as_bytes()), part.len());
            assert_ne!(line, Line::AfterEmpty, "{part:?}");
        }
    }
}
