//! The traces that requests belong to, as their clients say.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use hyper::HeaderMap;

/// The most that are remembered.
const LATEST: usize = 64;
/// A version, a trace, a span and flags, in hexadecimal digits: W3C Trace Context.
const BYTES: usize = 55;

/// The `traceparent` of the latest requests that have one.
#[derive(Debug, Default)]
pub struct Traced(Mutex<VecDeque<String>>);

impl Traced {
    /// Remembers that of a request.
    pub(crate) fn note(&self, headers: &HeaderMap) {
        let Some(said) = headers.get("traceparent") else { return };
        let Ok(said) = said.to_str() else { return };
        if said.len() != BYTES {
            return;
        }
        let mut latest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if latest.len() == LATEST {
            latest.pop_front();
        }
        latest.push_back(said.to_owned());
    }

    /// The latest ones, the oldest of them first.
    pub(crate) fn latest(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    fn note(traced: &Traced, said: &str) {
        let mut headers = HeaderMap::new();
        headers.insert("traceparent", HeaderValue::from_str(said).unwrap());
        traced.note(&headers);
    }

    fn parent(span: usize) -> String {
        format!("00-{:032x}-{span:016x}-01", 7)
    }

    #[test]
    fn the_latest_are_remembered() {
        let traced = Traced::default();
        traced.note(&HeaderMap::new());
        note(&traced, "00-7-7-01");
        assert!(traced.latest().is_empty());
        for span in 0..=LATEST {
            note(&traced, &parent(span));
        }
        let latest = traced.latest();
        assert_eq!(latest.len(), LATEST);
        assert_eq!((&latest[0], &latest[LATEST - 1]), (&parent(1), &parent(LATEST)));
    }
}
