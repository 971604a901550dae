//! Where the head of a request ends, and whether its method is HEAD.

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

/// The method of a request, as far as its first bytes tell, across all reads so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// So many bytes are those of [`HEAD`].
    MaybeHead(usize),
    Other,
}

/// How a HEAD begins.
const HEAD: &[u8] = b"HEAD ";

impl Method {
    /// Nothing of it has come.
    pub const UNKNOWN: Self = Self::MaybeHead(0);

    pub fn read(&mut self, bytes: &[u8]) {
        for byte in bytes {
            let Self::MaybeHead(matched) = *self else { return };
            match HEAD.get(matched) {
                None => return,
                Some(expected) if expected == byte => *self = Self::MaybeHead(matched + 1),
                // Empty lines before a request do not belong to it.
                Some(_) if matched == 0 && matches!(byte, b'\r' | b'\n') => {}
                Some(_) => *self = Self::Other,
            }
        }
    }

    /// Whether an answer must have no body.
    pub const fn is_head(self) -> bool {
        matches!(self, Self::MaybeHead(matched) if matched == HEAD.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_known_by_its_first_bytes() {
        for (request, is_head) in [
            ("HEAD / HTTP/1.1\r\n", true),
            ("HEAD ", true),
            ("\r\n\r\nHEAD /", true),
            ("HEAD", false),
            ("HEADX /", false),
            ("HE\r\nAD /", false),
            ("head /", false),
            ("GET /HEAD / HTTP/1.1\r\n", false),
            ("", false),
        ] {
            // However it is cut into reads.
            for cut in 0..=request.len() {
                let (first, second) = request.split_at(cut);
                let mut method = Method::UNKNOWN;
                method.read(first.as_bytes());
                method.read(second.as_bytes());
                assert_eq!(method.is_head(), is_head, "{request:?} {cut}");
            }
        }
    }

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
