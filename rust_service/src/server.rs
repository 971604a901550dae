//! Listening, and stopping without losing a request.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::serve::ListenerExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{sleep, timeout};
use tokio_postgres::Config;
use tokio_postgres::config::Host;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::database::Database;
use crate::errors::chain;
use crate::routes::router;
use crate::settings::Settings;

/// How long requests that are being answered may take to finish after a signal to stop.
const DRAIN: Duration = Duration::from_secs(10);
/// How long the goodbyes to the database may take.
const HANG_UP: Duration = Duration::from_secs(1);

/// Serves requests until SIGTERM or SIGINT.
///
/// # Errors
///
/// The address cannot be listened on.
pub async fn run(settings: &Settings) -> io::Result<()> {
    let stop = stop_signal()?;
    let listener = TcpListener::bind((settings.host.as_str(), settings.port)).await?;
    log_started(settings, listener.local_addr()?);

    let wires = TaskTracker::new();
    let routes = router(Database::new(settings, wires.clone()), settings);
    let server = axum::serve(listener.tap_io(|stream| send_at_once(stream)), routes)
        .with_graceful_shutdown(stop.clone().cancelled_owned());
    let overdue = async {
        stop.cancelled().await;
        sleep(DRAIN).await;
    };
    tokio::select! {
        finished = server => finished?,
        () = overdue => tracing::warn!(after = ?DRAIN, "requests are left unanswered"),
    }

    // With the server its pool is gone, and each connection says goodbye to the database.
    wires.close();
    if timeout(HANG_UP, wires.wait()).await.is_err() {
        tracing::warn!(after = ?HANG_UP, "database connections are left open");
    }
    tracing::info!("stopped");
    Ok(())
}

/// Is cancelled by SIGTERM and SIGINT.
fn stop_signal() -> io::Result<CancellationToken> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    tokio::spawn(async move {
        let signal = tokio::select! {
            _ = terminate.recv() => "SIGTERM",
            _ = interrupt.recv() => "SIGINT",
        };
        tracing::info!(signal, "stopping");
        stopped.cancel();
    });
    Ok(stop)
}

/// An answer must not wait in the kernel for more to send.
fn send_at_once(stream: &TcpStream) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::warn!(cause = chain(&error), "answers may be delayed");
    }
}

fn log_started(settings: &Settings, address: SocketAddr) {
    tracing::info!(
        %address,
        database = place(&settings.database),
        tls = settings.tls.is_some(),
        workers = settings.workers,
        pool_size = settings.pool_size,
        pool_timeout_seconds = settings.pool_timeout.as_secs_f64(),
        pool_check = settings.pool_check,
        connections = %settings.connections,
        statements = %settings.statements,
        plan = %settings.plan,
        lookup = %settings.lookup,
        set_time_zone = settings.set_time_zone,
        serializer = %settings.serializer,
        access_log = settings.access_log,
        log_level = %settings.log_level,
        "started"
    );
}

/// Which database it is, without the password.
fn place(database: &Config) -> String {
    let hosts: Vec<_> = database
        .get_hosts()
        .iter()
        .map(|host| match host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(folder) => folder.display().to_string(),
        })
        .collect();
    let ports: Vec<_> = database.get_ports().iter().map(u16::to_string).collect();
    let user = database.get_user().unwrap_or_default();
    let name = database.get_dbname().unwrap_or_default();
    format!("postgresql://{user}@{}:{}/{name}", hosts.join(","), ports.join(","))
}
