//! Connections for requests: a bounded number, for which requests wait in turn and for a bounded time.

use std::sync::Arc;
use std::time::Duration;

use bb8::{Pool, PooledConnection, RunError};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;
use tokio_util::task::TaskTracker;

use crate::connections::{Connection, Connector, STATEMENTS_TIMEOUT, TimedOut};
use crate::errors::{Error, chain};
use crate::queries::Query;
use crate::queue::Queue;
use crate::settings::{Connections, Settings};

/// The database, as requests see it.
#[derive(Debug)]
pub struct Database {
    /// One permit for each connection. In bb8 a newcomer may overtake those who wait; a semaphore is fair.
    turns: Arc<Semaphore>,
    queue: Queue,
    size: usize,
    timeout: Duration,
    source: Source,
}

#[derive(Debug)]
enum Source {
    Pooled(Pool<Connector>),
    PerRequest(Box<Connector>),
}

/// A connection for one request, given back when dropped.
pub struct Lease<'a> {
    connection: Leased<'a>,
    /// The end of the request's time with the database, for all its statements together.
    until: Instant,
}

enum Leased<'a> {
    Pooled {
        connection: PooledConnection<'a, Connector>,
        /// After the connection, so that it is given back after the connection.
        _turn: SemaphorePermit<'a>,
    },
    PerRequest(Connection),
}

impl Database {
    /// Starts to connect, in the background. If the database is away, requests find out.
    ///
    /// `drivers` runs the task of each connection that reads and writes.
    #[must_use]
    pub fn new(settings: &Settings, drivers: TaskTracker) -> Self {
        let connector = Connector::new(settings, drivers);
        let source = match settings.connections {
            Connections::Pooled => Source::Pooled(pool(settings, connector)),
            Connections::PerRequest => Source::PerRequest(Box::new(connector)),
        };
        let size = settings.pool_size as usize;
        Self {
            turns: Arc::new(Semaphore::new(size)),
            queue: Queue::new(settings.queue_size),
            size,
            timeout: settings.pool_timeout,
            source,
        }
    }

    /// Waits for a connection.
    pub(crate) async fn lease(&self) -> Result<Lease<'_>, Error> {
        let _place = self.queue.place()?;
        match timeout(self.timeout, self.take()).await {
            Ok(connection) => {
                Ok(Lease { connection: connection?, until: Instant::now() + STATEMENTS_TIMEOUT })
            }
            Err(_) => Err(self.exhausted()),
        }
    }

    /// How many connections requests have, or are opening.
    pub(crate) fn in_use(&self) -> usize {
        self.size - self.turns.available_permits()
    }

    async fn take(&self) -> Result<Leased<'_>, Error> {
        match &self.source {
            Source::Pooled(pool) => {
                let turn =
                    self.turns.acquire().await.map_err(|error| Error::Internal(error.into()))?;
                let connection = pool.get().await.map_err(|error| match error {
                    RunError::User(error) => error,
                    RunError::TimedOut => self.exhausted(),
                })?;
                Ok(Leased::Pooled { connection, _turn: turn })
            }
            Source::PerRequest(connector) => {
                let turn = Arc::clone(&self.turns)
                    .acquire_owned()
                    .await
                    .map_err(|error| Error::Internal(error.into()))?;
                connector.open(Some(turn)).await.map(Leased::PerRequest)
            }
        }
    }

    fn exhausted(&self) -> Error {
        let what = "no database connection";
        Error::Unavailable(TimedOut { what, limit: self.timeout }.into())
    }
}

impl Lease<'_> {
    /// The rows of a statement.
    pub async fn query(
        &mut self,
        query: Query,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, Error> {
        let connection = match &mut self.connection {
            Leased::Pooled { connection, .. } => &mut **connection,
            Leased::PerRequest(connection) => connection,
        };
        connection.query(query, parameters, self.until).await
    }
}

fn pool(settings: &Settings, connector: Connector) -> Pool<Connector> {
    Pool::builder()
        .max_size(settings.pool_size)
        // All connections are opened at the start, so that no request has to.
        .min_idle(settings.pool_size)
        .idle_timeout(None)
        .connection_timeout(settings.pool_timeout)
        // With POOL_PING this costs a round trip: see Connector::is_valid.
        .test_on_check_out(true)
        .error_sink(Box::new(LogErrors))
        .build_unchecked(connector)
}

/// Logs the errors of connecting in the background, which no request waits for.
#[derive(Clone, Copy, Debug)]
struct LogErrors;

impl bb8::ErrorSink<Error> for LogErrors {
    fn sink(&self, error: Error) {
        if let Error::Unavailable(cause) | Error::Internal(cause) = error {
            tracing::warn!(cause = chain(&*cause), "no database connection for the pool");
        }
    }

    fn boxed_clone(&self) -> Box<dyn bb8::ErrorSink<Error>> {
        Box::new(*self)
    }
}
