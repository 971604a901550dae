//! Listens on both ports until it is told to stop.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::activity::Activity;
use crate::admin;
use crate::answers::Upstream;
use crate::descriptors::room_for_connections;
use crate::listening::serve_all;
use crate::settings::Settings;
use crate::tls::{HTTP_2, acceptor};

/// The most bytes of a request's head.
const HEAD: u16 = 16 * 1024;
/// How long a handshake may take at most.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long a connection may take to close.
const CLOSE: Duration = Duration::from_secs(1);
/// How often the other end of an HTTP/2 connection is asked whether it is still there, and how long it may take to
/// answer.
const PING: Duration = Duration::from_secs(20);
/// The most requests at a time on an HTTP/2 connection.
const STREAMS: u32 = 256;

/// What it is started with.
pub struct Options {
    /// The certificate and those that signed it, in PEM.
    pub chain: PathBuf,
    /// The certificate's key, in PEM.
    pub key: PathBuf,
    /// Port for HTTPS; 0 means any free one.
    pub port: u16,
    /// Port for counters and settings; 0 means any free one.
    pub admin_port: u16,
    /// What clients of that port have to say; `None`: nothing.
    pub admin_token: Option<String>,
    /// How long a connection without a request is kept.
    pub idle: Duration,
    /// How the resources behave at first.
    pub settings: Settings,
}

/// Serves requests until SIGTERM or SIGINT.
///
/// # Errors
///
/// The certificate cannot be read, or an address cannot be listened on.
pub async fn run(options: &Options) -> io::Result<()> {
    let (mut terminate, mut interrupt) =
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let tls = acceptor(&options.chain, &options.key)?;
    let room = room_for_connections()?;
    let (listener, port) = listen(options.port).await?;
    let (admin_listener, admin_port) = listen(options.admin_port).await?;
    println!(
        "upstream: https://localhost:{port}, its counters and settings: http://127.0.0.1:{admin_port}"
    );

    let upstream = Arc::new(Upstream::new(options.settings));
    let idle = options.idle;
    let serving = serve_all(listener, room, |socket| {
        let (upstream, tls) = (upstream.clone(), tls.clone());
        async move { serve(&upstream, socket, &tls, idle).await }
    });
    tokio::select! {
        () = serving => {}
        () = admin::serve(admin_listener, upstream.clone(), options.admin_token.as_deref()) => {}
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

async fn listen(port: u16) -> io::Result<(TcpListener, u16)> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let listening = TcpListener::bind(address).await;
    let listener = listening
        .map_err(|error| io::Error::other(format!("cannot listen on {address}: {error}")))?;
    let port = listener.local_addr()?.port();
    Ok((listener, port))
}

async fn serve(upstream: &Arc<Upstream>, socket: TcpStream, tls: &TlsAcceptor, idle: Duration) {
    let _connected = upstream.counters.connected();
    // It only delays the small answers there are.
    let _ = socket.set_nodelay(true);
    let Ok(Ok(stream)) = timeout(HANDSHAKE.min(idle), tls.accept(socket)).await else {
        upstream.counters.shook_hands(None);
        return;
    };
    let (_, session) = stream.get_ref();
    upstream.counters.shook_hands(session.handshake_kind());
    if session.alpn_protocol() == Some(HTTP_2) {
        speak_http_2(upstream, stream, idle).await;
    } else {
        speak_http_1(upstream, stream, idle).await;
    }
}

async fn speak_http_1(upstream: &Upstream, stream: TlsStream<TcpStream>, idle: Duration) {
    let activity = Arc::new(Activity::default());
    let service = service_fn(async |request| upstream.answer(&request, &activity).await);
    let mut connection = pin!(
        http1::Builder::new()
            // See Activity::idle.
            .header_read_timeout(None)
            .max_buf_size(HEAD.into())
            .serve_connection(TokioIo::new(stream), service)
    );
    tokio::select! {
        // What went wrong is the client's.
        _ = connection.as_mut() => return,
        () = activity.idle(idle) => connection.as_mut().graceful_shutdown(),
    }
    let _ = timeout(CLOSE, connection).await;
}

async fn speak_http_2(upstream: &Arc<Upstream>, stream: TlsStream<TcpStream>, idle: Duration) {
    let activity = Arc::new(Activity::default());
    let of_service = activity.clone();
    let service = service_fn(move |request| {
        let (upstream, activity) = (upstream.clone(), of_service.clone());
        async move { upstream.answer(&request, &activity).await }
    });
    let mut connection = pin!(
        http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .keep_alive_interval(PING)
            .keep_alive_timeout(PING)
            .max_concurrent_streams(STREAMS)
            .max_header_list_size(HEAD.into())
            .serve_connection(TokioIo::new(stream), service)
    );
    tokio::select! {
        _ = connection.as_mut() => return,
        () = activity.idle(idle) => connection.as_mut().graceful_shutdown(),
    }
    let _ = timeout(CLOSE, connection).await;
}
