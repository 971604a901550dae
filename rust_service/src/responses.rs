//! Answers: all of them JSON.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::Serialize;

/// What an ordinary recipe fits in, so that it is written without growing the buffer.
const DOCUMENT_BYTES: usize = 8 * 1024;

/// An answer with a body that is JSON already.
pub fn json(status: StatusCode, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// An answer with a document.
pub fn document(status: StatusCode, document: &impl Serialize) -> serde_json::Result<Response> {
    let mut body = Vec::with_capacity(DOCUMENT_BYTES);
    serde_json::to_writer(&mut body, document)?;
    Ok(json(status, body))
}
