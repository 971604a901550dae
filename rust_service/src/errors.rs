//! What can go wrong with a request, and what the client is told about it.

use std::error::Error as StdError;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::responses;

/// What went wrong behind the API. It is logged and never sent.
pub type Cause = Box<dyn StdError + Send + Sync>;

/// A parameter, with what is allowed in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parameter {
    Id,
    Limit,
    After,
}

/// Why a request does not get what it asks for.
#[derive(Debug)]
pub enum Error {
    /// The request is not well-formed HTTP.
    BadRequest,
    BadParameter(Parameter),
    BadBody,
    Unauthorized,
    NotFound,
    MethodNotAllowed {
        /// With the allowed methods, as the Allow header lists them.
        allow: &'static str,
    },
    /// The request did not arrive whole in time.
    RequestTimeout,
    BodyTooLarge,
    UnsupportedMediaType,
    HeadTooLarge,
    /// There are too many clients, or too many requests wait for the database.
    Busy,
    /// No database connection was free in time, or the database did not answer.
    Unavailable(Cause),
    /// The upstream is away, or has given a wrong answer.
    BadUpstream(Cause),
    /// The upstream has not answered before the deadline.
    UpstreamTimeout(Cause),
    /// A fault of this service.
    Internal(Cause),
}

const RETRY_AFTER_LINE: &str = "retry-after: 1\r\n";

/// The contract's form of an error. The message is inserted as it is, so it must be escaped already.
macro_rules! body {
    ($code:literal, $message:literal) => {
        concat!(r#"{"error":{"code":""#, $code, r#"","message":""#, $message, r#""}}"#)
    };
}

impl Error {
    const fn status(&self) -> StatusCode {
        match self {
            Self::BadRequest | Self::BadParameter(_) | Self::BadBody => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::HeadTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::Busy | Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::BadUpstream(_) => StatusCode::BAD_GATEWAY,
            Self::UpstreamTimeout(_) => StatusCode::GATEWAY_TIMEOUT,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    const fn body(&self) -> &'static str {
        match self {
            Self::BadRequest => body!("bad_request", "The request is not well-formed HTTP."),
            Self::BadParameter(Parameter::Id) => {
                body!("bad_parameter", "id must be a whole number from 1 to 9223372036854775807.")
            }
            Self::BadParameter(Parameter::Limit) => {
                body!("bad_parameter", "limit must be a whole number from 1 to 500.")
            }
            Self::BadParameter(Parameter::After) => {
                body!(
                    "bad_parameter",
                    "after must be a whole number from 0 to 9223372036854775807."
                )
            }
            Self::BadBody => body!(
                "bad_body",
                r#"The body must be a JSON object with one member, \"text\": a string of 1 to 2000 characters without U+0000."#
            ),
            Self::Unauthorized => body!("unauthorized", "A valid sessionid cookie is required."),
            Self::NotFound => body!("not_found", "There is nothing here that you may see."),
            Self::MethodNotAllowed { .. } => {
                body!("method_not_allowed", "This resource does not support that method.")
            }
            Self::RequestTimeout => {
                body!("request_timeout", "The request did not arrive whole in time.")
            }
            Self::BodyTooLarge => {
                body!("body_too_large", "The body must not be larger than 16384 bytes.")
            }
            Self::UnsupportedMediaType => {
                body!("unsupported_media_type", "The body must be application/json.")
            }
            Self::HeadTooLarge => {
                body!("head_too_large", "The request line and the header fields are too large.")
            }
            Self::Busy => body!("unavailable", "The service is busy or away. Try again soon."),
            Self::Unavailable(_) => {
                body!("unavailable", "The database is not available. Try again soon.")
            }
            Self::BadUpstream(_) => {
                body!("bad_gateway", "A service behind this one gave no valid answer.")
            }
            Self::UpstreamTimeout(_) => {
                body!("gateway_timeout", "A service behind this one did not answer in time.")
            }
            Self::Internal(_) => body!("internal", "Something went wrong on our side."),
        }
    }

    /// Whether the end of the refused request is unknown, so that the connection cannot be used again.
    const fn ends_connection(&self) -> bool {
        matches!(
            self,
            Self::BadRequest | Self::RequestTimeout | Self::BodyTooLarge | Self::HeadTooLarge
        )
    }

    /// The bytes of an answer to something that never became a request. Without its body it is the answer to a HEAD.
    pub fn closing_answer(&self, with_body: bool) -> String {
        let (status, body) = (self.status(), self.body());
        let retry_after =
            if status == StatusCode::SERVICE_UNAVAILABLE { RETRY_AFTER_LINE } else { "" };
        format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\n{retry_after}connection: close\r\n\
             content-length: {}\r\n\r\n{}",
            body.len(),
            if with_body { body } else { "" }
        )
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = responses::json(self.status(), self.body());
        if self.ends_connection() {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        if self.status() == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        match self {
            Self::MethodNotAllowed { allow } => {
                response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allow));
            }
            Self::Unavailable(cause) => {
                tracing::error!(cause = chain(&*cause), "the database is not available");
            }
            Self::BadUpstream(cause) => {
                tracing::error!(cause = chain(&*cause), "the upstream gave no valid answer");
            }
            Self::UpstreamTimeout(cause) => {
                tracing::error!(cause = chain(&*cause), "the upstream did not answer in time");
            }
            Self::Internal(cause) => tracing::error!(cause = chain(&*cause), "internal error"),
            _ => {}
        }
        response
    }
}

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        if error.is_closed() || error.code().is_some_and(|state| is_passing(state.code())) {
            Self::Unavailable(error.into())
        } else {
            Self::Internal(error.into())
        }
    }
}

#[cfg(feature = "sqlx")]
impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error::{Database, Io, PoolClosed, PoolTimedOut, Tls, WorkerCrashed};
        let passes = match &error {
            Database(told) => told.code().is_some_and(|state| is_passing(&state)),
            Io(_) | Tls(_) | PoolTimedOut | PoolClosed | WorkerCrashed => true,
            _ => false,
        };
        if passes { Self::Unavailable(error.into()) } else { Self::Internal(error.into()) }
    }
}

impl From<Cause> for Error {
    fn from(cause: Cause) -> Self {
        Self::Internal(cause)
    }
}

/// Whether an error of the database is about its state, and not about a fault in the statement:
/// connection exceptions (08), insufficient resources (53), operator intervention (57, which includes
/// the statement timeout).
fn is_passing(state: &str) -> bool {
    ["08", "53", "57"].iter().any(|class| state.starts_with(class))
}

/// An error with its causes, in one line.
pub fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut causes = vec![error.to_string()];
    let mut source = error.source();
    while let Some(cause) = source {
        causes.push(cause.to_string());
        source = cause.source();
    }
    causes.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    macro_rules! golden {
        ($name:literal) => {
            include_str!(concat!("../../contract/golden/bodies/", $name, ".body"))
        };
    }

    #[test]
    fn bodies_are_the_contracts() {
        let cause = || Cause::from("secret");
        for (error, status, body) in [
            (Error::BadRequest, 400, golden!("bad_request")),
            (Error::BadParameter(Parameter::Id), 400, golden!("bad_parameter.id")),
            (Error::BadParameter(Parameter::Limit), 400, golden!("bad_parameter.limit")),
            (Error::BadParameter(Parameter::After), 400, golden!("bad_parameter.after")),
            (Error::BadBody, 400, golden!("bad_body")),
            (Error::Unauthorized, 401, golden!("unauthorized")),
            (Error::NotFound, 404, golden!("not_found")),
            (Error::MethodNotAllowed { allow: "POST" }, 405, golden!("method_not_allowed")),
            (Error::RequestTimeout, 408, golden!("request_timeout")),
            (Error::BodyTooLarge, 413, golden!("body_too_large")),
            (Error::UnsupportedMediaType, 415, golden!("unsupported_media_type")),
            (Error::HeadTooLarge, 431, golden!("head_too_large")),
            (Error::Internal(cause()), 500, golden!("internal")),
            (Error::BadUpstream(cause()), 502, golden!("bad_gateway.upstream")),
            (Error::UpstreamTimeout(cause()), 504, golden!("gateway_timeout.upstream")),
            (Error::Busy, 503, golden!("unavailable.busy")),
            (Error::Unavailable(cause()), 503, golden!("unavailable")),
        ] {
            assert_eq!((error.status().as_u16(), error.body()), (status, body));
        }
    }

    #[test]
    fn clients_learn_what_else_they_may_try() {
        let response = Error::MethodNotAllowed { allow: "GET, HEAD" }.into_response();
        assert_eq!(response.headers()[header::ALLOW], "GET, HEAD");
        for error in [Error::Unavailable("gone".into()), Error::Busy] {
            assert_eq!(error.into_response().headers()[header::RETRY_AFTER], "1");
        }
    }

    #[test]
    fn a_closing_answer_is_http() {
        let body = Error::Busy.body();
        let answer = format!(
            "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\nretry-after: 1\r\n\
             connection: close\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        assert_eq!(Error::Busy.closing_answer(true), answer);
        assert_eq!(Some(&*Error::Busy.closing_answer(false)), answer.strip_suffix(body));
        let answer = Error::HeadTooLarge.closing_answer(true);
        assert!(answer.starts_with("HTTP/1.1 431 Request Header Fields Too Large\r\n"), "{answer}");
        assert!(!answer.contains("retry-after"), "{answer}");
    }

    #[test]
    fn the_state_of_the_database_passes_and_a_fault_in_a_statement_does_not() {
        for state in ["08006", "08P01", "53300", "57014", "57P01", "57P03"] {
            assert!(is_passing(state), "{state}");
        }
        for state in ["22021", "23505", "26000", "42601", "0A000", "XX000"] {
            assert!(!is_passing(state), "{state}");
        }
    }

    #[test]
    fn causes_are_told_in_one_line() {
        let error = "port=x".parse::<tokio_postgres::Config>().unwrap_err();
        assert_eq!(chain(&error), "invalid connection string: invalid value for option `port`");
    }
}
