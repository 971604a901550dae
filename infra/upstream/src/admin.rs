//! The second port: counters to read, and settings to change. Plain HTTP, on loopback only.

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
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::answers::Upstream;
use crate::listening::serve_all;
use crate::settings::Settings;

/// The most connections at a time.
const CONNECTIONS: usize = 64;
/// How long a connection may take, which is for one request.
const CONNECTION: Duration = Duration::from_secs(10);
/// The most bytes of settings.
const SETTINGS: usize = 16 * 1024;
/// The most bytes of spans, or metrics, in a request.
const COLLECTED: usize = 16 * 1024 * 1024;

/// Serves requests without end.
///
/// `token`: what a client has to say. Any program of this machine can connect, those that are measured among them.
pub(crate) async fn serve(listener: TcpListener, upstream: Arc<Upstream>, token: Option<&str>) {
    let expected = token.map(|token| Arc::from(format!("Bearer {token}")));
    serve_all(listener, CONNECTIONS, |socket| converse(socket, upstream.clone(), expected.clone()))
        .await;
}

async fn converse(socket: TcpStream, upstream: Arc<Upstream>, expected: Option<Arc<str>>) {
    let service = service_fn(async |request: Request<Incoming>| {
        let said = request.headers().get(AUTHORIZATION).map(HeaderValue::as_bytes);
        let is_allowed = expected.as_ref().is_none_or(|expected| said == Some(expected.as_bytes()));
        Ok::<_, Infallible>(if is_for_collector(&request) {
            collect(request).await
        } else if is_allowed {
            answer(request, &upstream).await
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

async fn answer(request: Request<Incoming>, upstream: &Upstream) -> Response<Full<Bytes>> {
    match (request.method(), request.uri().path()) {
        (&Method::GET, "/counters") => said(StatusCode::OK, &upstream.counters.now()),
        (&Method::GET, "/traceparents") => said(StatusCode::OK, &upstream.traced.latest()),
        (&Method::GET, "/settings") => said(StatusCode::OK, &upstream.settings()),
        (&Method::PUT, "/settings") => match read(request).await {
            Ok(settings) => {
                upstream.set(settings);
                said(StatusCode::OK, &settings)
            }
            Err(wrong) => said_error(StatusCode::BAD_REQUEST, &wrong),
        },
        _ => said_error(
            StatusCode::NOT_FOUND,
            "there are GET /counters, /traceparents and /settings, PUT /settings, POST /v1/traces and /v1/metrics",
        ),
    }
}

/// Whether a service that is observed sends spans or metrics. They are thrown away, so that sending them can be measured,
/// and need no token, which services do not have.
fn is_for_collector(request: &Request<Incoming>) -> bool {
    request.method() == Method::POST && matches!(request.uri().path(), "/v1/traces" | "/v1/metrics")
}

/// Reads what is sent, and says in OTLP that all is well: by a message without a field.
async fn collect(request: Request<Incoming>) -> Response<Full<Bytes>> {
    let mut body = Limited::new(request.into_body(), COLLECTED);
    while let Some(frame) = body.frame().await {
        if let Err(error) = frame {
            return said_error(StatusCode::BAD_REQUEST, &error.to_string());
        }
    }
    let mut response = Response::new(Full::default());
    let protobuf = HeaderValue::from_static("application/x-protobuf");
    response.headers_mut().insert(CONTENT_TYPE, protobuf);
    response
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
