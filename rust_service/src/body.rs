//! Reads the body of a request within bounds, and checks it.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use http_body_util::BodyExt;
use tokio::time::timeout;

use crate::errors::Error;

/// The largest body that is read, in bytes.
const BODY_BYTES: usize = 16_384;
/// How long a body may take to arrive, from the end of the head.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest text of a note, in characters.
const NOTE_CHARACTERS: usize = 2000;

/// The text of a new note, 1 to 2000 characters.
#[derive(Debug)]
pub struct NoteText(pub String);

impl<S: Sync> FromRequest<S> for NoteText {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self, Error> {
        let (parts, mut body) = request.into_parts();
        let json = timeout(BODY_TIMEOUT, read_json(&parts.headers, &mut body))
            .await
            .map_err(|_| Error::RequestTimeout)??;
        note_text(&json).map(Self).ok_or(Error::BadBody)
    }
}

async fn read_json(headers: &HeaderMap, body: &mut Body) -> Result<Vec<u8>, Error> {
    if !is_json(headers) {
        return Err(Error::UnsupportedMediaType);
    }
    // Content-Length announces the size before anything is read.
    if body.size_hint().lower() > BODY_BYTES as u64 {
        return Err(Error::BodyTooLarge);
    }
    let mut read = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Error::BadRequest)?;
        let data = frame.into_data().unwrap_or_default();
        if read.len() + data.len() > BODY_BYTES {
            return Err(Error::BodyTooLarge);
        }
        read.extend_from_slice(&data);
    }
    Ok(read)
}

fn is_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|content_type| content_type.as_bytes().split(|byte| *byte == b';').next())
        .is_some_and(|media_type| media_type.trim_ascii().eq_ignore_ascii_case(b"application/json"))
}

/// The text in a body. If a member is repeated, the last one counts.
fn note_text(json: &[u8]) -> Option<String> {
    let mut members: BTreeMap<String, String> = serde_json::from_slice(json).ok()?;
    let text = members.remove("text").filter(|_| members.is_empty())?;
    let fits = (1..=NOTE_CHARACTERS).contains(&text.chars().count());
    (fits && !text.contains('\0')).then_some(text)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::http::HeaderValue;
    use tokio::time::Instant;

    use super::*;

    #[test]
    fn media_types_are_compared_without_case_and_parameters() {
        let is_json = |content_type: &str| {
            let content_type = HeaderValue::try_from(content_type).unwrap();
            super::is_json(&HeaderMap::from_iter([(header::CONTENT_TYPE, content_type)]))
        };
        assert!(is_json("application/json"));
        assert!(is_json("APPLICATION/json ; charset=utf-8"));
        assert!(!is_json("text/json"));
        assert!(!is_json("application/jsonp"));
        assert!(!is_json(""));
        assert!(!is_json("application/json\u{a0}"));
        assert!(is_json("\tapplication/json \t;title=\u{a0}"));
        assert!(!super::is_json(&HeaderMap::new()));
    }

    #[test]
    fn texts_are_counted_in_characters() {
        let note = |character: &str, times| {
            note_text(format!(r#"{{"text":"{}"}}"#, character.repeat(times)).as_bytes())
        };
        for character in ["x", "é", "🧂", r"\ud83e\uddc2"] {
            assert_eq!(note(character, 0), None);
            assert_eq!(note(character, 2000).unwrap().chars().count(), 2000);
            assert_eq!(note(character, 2001), None);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_come_is_waited_for_10_seconds() {
        let never =
            Body::from_stream(futures_util::stream::pending::<Result<Vec<u8>, Infallible>>());
        let request = Request::builder().header("content-type", "application/json");
        let start = Instant::now();
        let refusal = NoteText::from_request(request.body(never).unwrap(), &()).await.unwrap_err();
        assert!(matches!(refusal, Error::RequestTimeout), "{refusal:?}");
        assert_eq!(start.elapsed().as_secs(), 10);
    }

    #[tokio::test]
    async fn bodies_are_bounded_whether_their_length_is_announced_or_not() {
        let json = "application/json".parse::<HeaderValue>().unwrap();
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, json)]);
        let chunked = |bytes: usize| {
            let chunks = vec![Ok::<_, Infallible>(vec![b' '; 64]); bytes / 64];
            Body::from_stream(futures_util::stream::iter(chunks))
        };
        let whole = |bytes: usize| Body::from(vec![b' '; bytes]);
        for mut body in [chunked(BODY_BYTES), whole(BODY_BYTES)] {
            assert_eq!(read_json(&headers, &mut body).await.unwrap().len(), BODY_BYTES);
        }
        for mut body in [chunked(BODY_BYTES + 64), whole(BODY_BYTES + 1)] {
            let refusal = read_json(&headers, &mut body).await.unwrap_err();
            assert!(matches!(refusal, Error::BodyTooLarge));
        }
    }
}
