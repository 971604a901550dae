//! Clients: how many are served at a time, how each is served, and how connections are closed.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderValue, Request, Version, header};
use axum::response::{IntoResponse, Response};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;
use tower_service::Service;

use crate::errors::{Error, chain};
use crate::progress::{Clock, Phase, Progress};
use crate::stop::Stop;
use crate::wire::Wire;

/// The largest head of a request, in bytes.
const HEAD_BYTES: usize = 16 * 1024;
/// The largest part of what a connection has read that it keeps in memory.
const BUFFER_BYTES: usize = 64 * 1024;
/// How many clients at a time are told that there is no room; the connections of others are just closed.
const TURNED_AWAY: usize = 8;
/// Before a socket is closed, so much of what the client still sends is read and discarded, for so long.
/// If bytes were left unread, the kernel would reset the connection, and the client might lose its answer.
const DISCARDED_BYTES: u64 = 16 * 1024 * 1024;
const DISCARDING: Duration = Duration::from_secs(2);

/// Serves all clients with the same routes.
pub struct Clients {
    http: http1::Builder,
    routes: Router,
    room: Arc<Semaphore>,
    turned_away: Arc<Semaphore>,
    tasks: TaskTracker,
    stop: Stop,
}

impl Clients {
    /// At most `room` clients. Each has a task in `tasks`.
    pub fn new(routes: Router, room: usize, tasks: TaskTracker, stop: Stop) -> Self {
        let mut http = http1::Builder::new();
        // Not hyper's time limit: that of Progress and its Clock also covers bodies and idle connections.
        http.header_read_timeout(None).max_header_size(HEAD_BYTES).max_buf_size(BUFFER_BYTES);
        Self {
            http,
            routes,
            room: Arc::new(Semaphore::new(room)),
            turned_away: Arc::new(Semaphore::new(TURNED_AWAY)),
            tasks,
            stop,
        }
    }

    /// Serves a client, or turns it away if there is no room.
    pub fn admit(&self, socket: TcpStream) {
        // An answer must not wait in the kernel for more data.
        if let Err(error) = socket.set_nodelay(true) {
            tracing::warn!(cause = chain(&error), "answers may be delayed");
        }
        if let Ok(place) = Arc::clone(&self.room).try_acquire_owned() {
            let serving = serve(socket, &self.http, self.routes.clone(), self.stop.clone());
            self.tasks.spawn(async move {
                serving.await;
                drop(place);
            });
        } else if let Ok(place) = Arc::clone(&self.turned_away).try_acquire_owned() {
            self.tasks.spawn(async move {
                // Nothing of the request has been read, so its method is not known.
                hang_up(socket, Some(Error::Busy), true).await;
                drop(place);
            });
        }
    }
}

/// Serves a client until one side closes the connection.
fn serve(
    socket: TcpStream,
    http: &http1::Builder,
    routes: Router,
    stop: Stop,
) -> impl Future<Output = ()> + use<> {
    let progress = Arc::new(Progress::new());
    let wire = Wire::new(socket, Arc::clone(&progress));
    let Stop { soon, now } = stop;
    let service = service_fn({
        let progress = Arc::clone(&progress);
        move |request: Request<Incoming>| {
            progress.enter_answering(request.body().size_hint().exact());
            let answering = answer(routes.clone(), request);
            let (progress, soon) = (Arc::clone(&progress), soon.clone());
            async move {
                let mut response = answering.await;
                // To keep the connection, the rest of the body would have to be read, however long it is.
                if soon.is_given() || progress.body_is_left() {
                    response.headers_mut().insert(header::CONNECTION, CLOSE);
                }
                progress.enter(Phase::Sending);
                Ok::<_, Infallible>(response)
            }
        }
    });
    let mut connection = http.serve_connection(TokioIo::new(wire), service);
    async move {
        let (mut waiting, mut stopping) = (false, false);
        let mut stop = pin!(now.given());
        let mut clock = Clock::new(&progress);
        let refusal = poll_fn(|context| {
            // A task is always woken in the same way, so it is enough to register once.
            if !waiting {
                waiting = true;
                let _ = stop.as_mut().poll(context);
            }
            if !stopping && now.is_given() {
                stopping = true;
                Pin::new(&mut connection).graceful_shutdown();
            }
            if let Poll::Ready(ended) = Pin::new(&mut connection).poll(context) {
                return Poll::Ready(ended.err().and_then(|error| refusal(&error)));
            }
            clock
                .poll_overdue(context, &progress)
                .map(|()| (progress.phase() == Phase::Head).then_some(Error::RequestTimeout))
        })
        .await;
        let wire = connection.into_parts().io.into_inner();
        let with_body = !wire.is_head();
        hang_up(wire.socket, refusal.filter(|_| !progress.in_exchange()), with_body).await;
    }
}

const CLOSE: HeaderValue = HeaderValue::from_static("close");

async fn answer(mut routes: Router, request: Request<Incoming>) -> Response {
    if !names_one_host(&request) || !is_framed_plainly(&request) {
        return Error::BadRequest.into_response();
    }
    match routes.call(request).await {
        Ok(response) => response,
    }
}

/// Whether a request has exactly one Host. In HTTP/1.0 it may also have none.
fn names_one_host<B>(request: &Request<B>) -> bool {
    let hosts = request.headers().get_all(header::HOST).iter().count();
    hosts == 1 || (hosts == 0 && request.version() < Version::HTTP_11)
}

/// Whether `chunked` is the only transfer coding, or there is none: hyper accepts others, which nothing
/// here decodes.
fn is_framed_plainly<B>(request: &Request<B>) -> bool {
    let mut codings = request.headers().get_all(header::TRANSFER_ENCODING).iter();
    match (codings.next(), codings.next()) {
        (None, _) => true,
        (Some(coding), None) => coding.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked"),
        (Some(_), Some(_)) => false,
    }
}

/// The answer to a request that hyper could not read.
fn refusal(error: &hyper::Error) -> Option<Error> {
    if error.is_parse_too_large() {
        Some(Error::HeadTooLarge)
    } else if error.is_parse() || error.is_incomplete_message() {
        Some(Error::BadRequest)
    } else {
        None
    }
}

/// Sends a last answer, if there is one, and closes the connection so that the client gets all answers.
async fn hang_up(mut socket: TcpStream, refusal: Option<Error>, with_body: bool) {
    let hanging_up = async {
        if let Some(error) = refusal {
            socket.write_all(error.closing_answer(with_body).as_bytes()).await?;
        }
        socket.shutdown().await?;
        tokio::io::copy(&mut socket.take(DISCARDED_BYTES), &mut tokio::io::sink()).await
    };
    // It makes no difference whether the client is still there.
    let _ = timeout(DISCARDING, hanging_up).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_chunked_once_or_not_at_all() {
        for (codings, plain) in [
            (&[][..], true),
            (&["chunked"], true),
            (&["Chunked"], true),
            (&["gzip, chunked"], false),
            (&["chunked, chunked"], false),
            (&["x", "chunked"], false),
        ] {
            let request = codings.iter().fold(Request::builder(), |request, coding| {
                request.header("transfer-encoding", *coding)
            });
            assert_eq!(is_framed_plainly(&request.body(()).unwrap()), plain, "{codings:?}");
        }
    }

    #[test]
    fn http_1_1_names_one_host() {
        for (version, hosts, named) in [
            (Version::HTTP_11, 0, false),
            (Version::HTTP_11, 1, true),
            (Version::HTTP_11, 2, false),
            (Version::HTTP_10, 0, true),
            (Version::HTTP_10, 1, true),
            (Version::HTTP_10, 2, false),
        ] {
            let request = Request::builder().version(version);
            let request = (0..hosts).fold(request, |request, _| request.header("host", "test"));
            assert_eq!(names_one_host(&request.body(()).unwrap()), named, "{version:?}, {hosts}");
        }
    }
}
