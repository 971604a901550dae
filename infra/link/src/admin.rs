//! The second port: counters to read, settings to change, and connections to break. Plain HTTP, on loopback only.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde::Serialize;
use serde_json::json;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::connection::Link;
use crate::settings::Settings;

/// How long a connection may take, which is for one request.
const CONNECTION: Duration = Duration::from_secs(10);
/// The most bytes of settings.
const SETTINGS: usize = 16 * 1024;

/// Answers one request.
///
/// `expected`: what has to be in its Authorization. Any program of this machine can connect, those that are measured
/// among them.
pub async fn converse(socket: TcpStream, link: Arc<Link>, expected: Option<Arc<str>>) {
    let service = service_fn(async |request: Request<Incoming>| {
        let said = request.headers().get(AUTHORIZATION).map(HeaderValue::as_bytes);
        let is_allowed = expected.as_ref().is_none_or(|expected| said == Some(expected.as_bytes()));
        Ok::<_, Infallible>(if is_allowed {
            answer(request, &link).await
        } else {
            let wanted = "say Authorization: Bearer, and the ADMIN_TOKEN that it was started with";
            said_error(StatusCode::UNAUTHORIZED, wanted)
        })
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .keep_alive(false)
        .serve_connection(TokioIo::new(socket), service);
    // What went wrong is the client's.
    let _ = timeout(CONNECTION, connection).await;
}

async fn answer(request: Request<Incoming>, link: &Link) -> Response<Full<Bytes>> {
    match (request.method(), request.uri().path()) {
        (&Method::GET, "/counters") => said(StatusCode::OK, &link.counters.now()),
        (&Method::PUT, "/settings") => match read(request).await {
            Ok(settings) => {
                link.set(settings);
                said(StatusCode::OK, &settings)
            }
            Err(wrong) => said_error(StatusCode::BAD_REQUEST, &wrong),
        },
        (&Method::POST, "/cut") => {
            link.cut();
            said(StatusCode::OK, &link.counters.now())
        }
        _ => said_error(
            StatusCode::NOT_FOUND,
            "there are GET /counters, PUT /settings and POST /cut",
        ),
    }
}

async fn read(request: Request<Incoming>) -> Result<Settings, String> {
    let body = Limited::new(request.into_body(), SETTINGS).collect().await;
    Settings::read(&body.map_err(|error| error.to_string())?.to_bytes())
}

fn said_error(status: StatusCode, error: &str) -> Response<Full<Bytes>> {
    said(status, &json!({"error": error}))
}

fn said(status: StatusCode, what: &impl Serialize) -> Response<Full<Bytes>> {
    let text = serde_json::to_vec(what).expect("numbers and text can be written as JSON");
    let mut response = Response::new(Full::new(text.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
