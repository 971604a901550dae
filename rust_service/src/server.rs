//! Listens for clients, and stops without losing a request.

use std::io;
use std::net::SocketAddr;
#[cfg(target_os = "linux")]
use std::num::NonZeroU32;
use std::time::Duration;

#[cfg(target_os = "linux")]
use socket2::SockRef;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{sleep, timeout};
use tokio_util::task::TaskTracker;

use crate::clients::Clients;
use crate::descriptors::room_for_clients;
use crate::errors::chain;
use crate::routes::router;
use crate::settings::Settings;
use crate::stop::{Signal, Stop};

/// How long clients may keep idle connections after a signal to stop. A request may already be on its way
/// then: it is answered, and the client is told that it was the last one on the connection.
const LAST_CALL: Duration = Duration::from_secs(1);
/// How long a connection that had begun before the signal may take to be established.
const HANDSHAKE: Duration = Duration::from_millis(250);
/// How long requests that are being answered may take to finish after that.
const DRAIN: Duration = Duration::from_secs(10);
/// How long closing the database connections may take.
const HANG_UP: Duration = Duration::from_secs(1);
/// How long no client is accepted after accepting one has failed for lack of resources.
const OUT_OF_RESOURCES: Duration = Duration::from_millis(100);

/// Serves requests until SIGTERM or SIGINT.
///
/// # Errors
///
/// The address cannot be listened on, the limit of open files is too low, or there can be no client for the upstream.
pub async fn run(settings: &Settings) -> io::Result<()> {
    let stop = Stop { soon: stop_signal()?, now: Signal::default() };
    let room = room_for_clients(settings.pool_size)?;
    let listener = TcpListener::bind((settings.host.as_str(), settings.port)).await?;
    log_started(settings, listener.local_addr()?, room);

    let (serving, drivers) = (TaskTracker::new(), TaskTracker::new());
    let routes = router(settings, drivers.clone()).map_err(io::Error::other)?;
    let clients = Clients::new(routes, room, serving.clone(), stop.clone());
    admit_all(&clients, listener, &stop.soon).await;
    drop(clients);

    serving.close();
    if timeout(LAST_CALL, serving.wait()).await.is_err() {
        stop.now.give();
        if timeout(DRAIN, serving.wait()).await.is_err() {
            tracing::warn!(after = ?DRAIN, "requests are left unanswered");
        }
    }

    // The pool ended with the clients, and its connections are now being closed.
    drivers.close();
    if timeout(HANG_UP, drivers.wait()).await.is_err() {
        tracing::warn!(after = ?HANG_UP, "database connections are left open");
    }
    tracing::info!("stopped");
    Ok(())
}

/// Accepts clients until it is time to stop, and then those that are already waiting.
async fn admit_all(clients: &Clients, listener: TcpListener, stop: &Signal) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.given() => break,
        };
        match accepted {
            Ok((socket, _)) => clients.admit(socket),
            Err(error) if is_of_one_client(&error) => {}
            Err(error) => {
                tracing::warn!(cause = chain(&error), "clients must wait");
                sleep(OUT_OF_RESOURCES).await;
            }
        }
    }
    take_no_more(&listener);
    let last_ones = async {
        while let Ok(Ok((socket, _))) = timeout(HANDSHAKE, listener.accept()).await {
            clients.admit(socket);
        }
    };
    // On systems that still accept new connections, this might otherwise never end.
    let _ = timeout(LAST_CALL, last_ones).await;
}

/// Refuses new connections. Those that have begun can still be accepted.
///
/// Closing a listener resets the connections in its queue, and one may always arrive between the last
/// accept and the close. So the listener is bound to a network interface that does not exist: the kernel
/// then refuses connections by any other. Unlike a packet filter, this needs no privilege, but it needs
/// Linux 5.7.
#[cfg(target_os = "linux")]
fn take_no_more(listener: &TcpListener) {
    let no_interface = NonZeroU32::new(i32::MAX.unsigned_abs());
    if let Err(error) = SockRef::from(listener).bind_device_by_index_v4(no_interface) {
        tracing::warn!(cause = chain(&error), "clients may be reset while they connect");
    }
}

#[cfg(not(target_os = "linux"))]
fn take_no_more(_: &TcpListener) {}

/// Whether the error only means that a client left before it was accepted.
fn is_of_one_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// A signal to stop, which SIGTERM and SIGINT give.
fn stop_signal() -> io::Result<Signal> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let stop = Signal::default();
    let stopped = stop.clone();
    tokio::spawn(async move {
        let signal = tokio::select! {
            _ = terminate.recv() => "SIGTERM",
            _ = interrupt.recv() => "SIGINT",
        };
        tracing::info!(signal, "stopping");
        stopped.give();
    });
    Ok(stop)
}

fn log_started(settings: &Settings, address: SocketAddr, room: usize) {
    tracing::info!(
        %address,
        database = format!(
            "postgresql://{}@{}",
            settings.database.get_user().unwrap_or_default(),
            settings.database_place()
        ),
        tls = settings.tls.is_some(),
        workers = settings.workers,
        clients_at_most = room,
        pool_size = settings.pool_size,
        queue_size = settings.queue_size,
        pool_timeout_seconds = settings.pool_timeout.as_secs_f64(),
        pool_ping = settings.pool_ping,
        driver = %settings.driver,
        connections = %settings.connections,
        statements = %settings.statements,
        plan = %settings.plan,
        lookup = %settings.lookup,
        set_time_zone = settings.set_time_zone,
        serializer = %settings.serializer,
        upstream = settings.upstream.as_ref().map(|upstream| upstream.url.as_str()),
        upstream_deadline_ms = settings.upstream.as_ref().map(|upstream| upstream.deadline.as_millis()),
        client = %settings.client,
        http2 = settings.upstream.as_ref().is_some_and(|upstream| upstream.http2),
        metrics = %settings.metrics,
        traces = settings.traces,
        otel_exporter_otlp_endpoint = settings.collector.as_deref(),
        access_log = settings.access_log,
        log_level = %settings.log_level,
        "started"
    );
}
