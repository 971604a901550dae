//! The calls for one recipe: which there are, how they fail, and which of them may be made again.

use std::time::Duration;

use axum::http::StatusCode;
use reqwest::Response;
use tokio::time::sleep;
use tracing::{Instrument, Span};

use super::strategies::Clients;
use crate::errors::{Cause, chain};
use crate::traces;

/// The largest body that is read.
const MOST_BYTES: usize = 64 * 1024;
const BACKOFF: Duration = Duration::from_millis(10);
const MOST_BACKOFF: Duration = Duration::from_millis(100);

/// Why a call has failed.
#[derive(Debug)]
pub enum CallError {
    /// The client's own time limit has passed.
    Late(Cause),
    /// The connection was refused, or lost before the answer had come.
    Lost(Cause),
    /// The answer is not 200.
    Status(StatusCode),
    /// The answer is not valid, or none can come.
    Wrong(Cause),
}

/// One of the things that the upstream knows about a recipe.
#[derive(Clone, Copy, Debug)]
pub struct Resource {
    name: &'static str,
    /// How often a call may be made again after its connection was lost.
    most_repeats: u32,
    /// After which status, too.
    passing: Option<StatusCode>,
}

/// An analysis costs money, so it is never asked for twice.
pub const ANALYSIS: Resource = Resource { name: "analysis", most_repeats: 0, passing: None };
pub const FACTS: Resource = Resource { name: "facts", most_repeats: 1, passing: None };
pub const PRICE: Resource =
    Resource { name: "price", most_repeats: 2, passing: Some(StatusCode::SERVICE_UNAVAILABLE) };

impl Resource {
    /// How long to wait before the call is made again; `None` if it may not be.
    ///
    /// `repeats`: how often it was. The pauses grow, and are random, so that clients do not come back together.
    fn pause(&self, error: &CallError, repeats: u32) -> Option<Duration> {
        let passes = match error {
            CallError::Lost(_) => true,
            CallError::Status(status) => self.passing == Some(*status),
            CallError::Late(_) | CallError::Wrong(_) => false,
        };
        (passes && repeats < self.most_repeats)
            .then(|| MOST_BACKOFF.min(BACKOFF * 2_u32.pow(repeats)).mul_f64(fastrand::f64()))
    }
}

/// The body of a resource's answer for a recipe.
pub async fn call(clients: &Clients, resource: Resource, id: i64) -> Result<Vec<u8>, CallError> {
    let mut repeats = 0;
    loop {
        let url = clients.url(&format!("/{}/{id}", resource.name));
        let span = traces::call(&url);
        let error = match once(clients, &url, &span).instrument(span.clone()).await {
            Ok(body) => return Ok(body),
            Err(error) => error,
        };
        let Some(pause) = resource.pause(&error, repeats) else {
            return Err(error);
        };
        sleep(pause).await;
        repeats += 1;
    }
}

async fn once(clients: &Clients, url: &str, span: &Span) -> Result<Vec<u8>, CallError> {
    let client = clients.take().map_err(CallError::Wrong)?;
    let request = client.get(url).headers(traces::headers(span));
    let response = request.send().await.map_err(|error| without_answer(&error))?;
    read(response).await
}

/// The body of an answer. It is read whatever the status is: a connection can only be used again behind it.
async fn read(mut response: Response) -> Result<Vec<u8>, CallError> {
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(within_answer)? {
        if body.len() + piece.len() > MOST_BYTES {
            return Err(CallError::Wrong(
                format!("the body has more than {MOST_BYTES} bytes").into(),
            ));
        }
        body.extend_from_slice(&piece);
    }
    match response.status() {
        StatusCode::OK => Ok(body),
        status => Err(CallError::Status(status)),
    }
}

fn without_answer(error: &reqwest::Error) -> CallError {
    let text = chain(error);
    if error.is_timeout() {
        CallError::Late(text.into())
    } else if is_lost(error) {
        CallError::Lost(text.into())
    } else {
        CallError::Wrong(text.into())
    }
}

fn within_answer(error: reqwest::Error) -> CallError {
    if error.is_timeout() { CallError::Late(error.into()) } else { CallError::Wrong(error.into()) }
}

/// Whether an error says that the connection was refused or lost, and not that TLS or HTTP was wrong.
fn is_lost(error: &reqwest::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    let mut lost = error.is_connect();
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<hyper::Error>() {
            lost |= error.is_incomplete_message() || error.is_closed() || error.is_canceled();
        }
        if let Some(error) = error.downcast_ref::<std::io::Error>() {
            // An error of TLS is the inner error of one of the socket.
            if error
                .get_ref()
                .is_some_and(<dyn std::error::Error + Send + Sync>::is::<rustls::Error>)
            {
                return false;
            }
            lost = true;
        }
        cause = error.source();
    }
    lost
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_analysis_is_never_asked_for_twice() {
        for error in [
            CallError::Lost("reset".into()),
            CallError::Status(StatusCode::SERVICE_UNAVAILABLE),
            CallError::Wrong("garbage".into()),
        ] {
            assert_eq!(ANALYSIS.pause(&error, 0), None);
        }
    }

    #[test]
    fn facts_are_asked_for_again_once_after_a_lost_connection() {
        let lost = CallError::Lost("reset".into());
        assert!(FACTS.pause(&lost, 0).is_some());
        assert_eq!(FACTS.pause(&lost, 1), None);
        assert_eq!(FACTS.pause(&CallError::Status(StatusCode::SERVICE_UNAVAILABLE), 0), None);
    }

    #[test]
    fn a_price_is_asked_for_again_twice_also_where_its_service_is_busy() {
        let busy = CallError::Status(StatusCode::SERVICE_UNAVAILABLE);
        for error in [&busy, &CallError::Lost("reset".into())] {
            for (repeats, most) in [(0, 10), (1, 20)] {
                for _ in 0..100 {
                    assert!(PRICE.pause(error, repeats).unwrap() <= Duration::from_millis(most));
                }
            }
            assert_eq!(PRICE.pause(error, 2), None);
        }
        for error in [
            CallError::Status(StatusCode::BAD_GATEWAY),
            CallError::Wrong("garbage".into()),
            CallError::Late("late".into()),
        ] {
            assert_eq!(PRICE.pause(&error, 0), None);
        }
    }
}
