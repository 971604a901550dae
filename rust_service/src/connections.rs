//! One connection to the database, and the statements on it.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::runtime::Handle;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::AbortHandle;
use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, NoTls, Row, Socket, Statement};
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use crate::errors::{Error, chain};
use crate::queries::Query;
use crate::settings::{Settings, Statements};
use crate::tls::Tls;
use crate::traces;

/// The longest wait for all answers that a request needs. The database itself gives up a statement after
/// 5 s; this bounds the wait for a database that does not answer. Together with the waits for a connection
/// and for a body, a request stays within the contract's time.
pub const STATEMENTS_TIMEOUT: Duration = Duration::from_secs(6);

/// How long it may take to cancel a statement that nobody waits for.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(2);
const NOT_CANCELLED: &str = "a statement that nobody waits for could not be cancelled";

/// Opens connections.
#[derive(Clone, Debug)]
pub struct Connector {
    config: Config,
    tls: Option<Tls>,
    timeout: Duration,
    statements: Statements,
    ping: bool,
    drivers: TaskTracker,
}

/// What tokio-postgres returns: a client, and the future that reads and writes for it.
type Entry<S> = (Client, tokio_postgres::Connection<Socket, S>);

/// An open connection.
pub struct Connection {
    client: Client,
    /// The statements that this connection has prepared. They are few, so a scan is the fastest look-up.
    prepared: Vec<(Query, Statement)>,
    statements: Statements,
    /// The task that reads and writes the socket.
    driver: AbortHandle,
    drivers: TaskTracker,
    tls: Option<Tls>,
    state: State,
}

/// Whether a connection can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Ready,
    /// A statement runs, possibly after the client who waited for it has left.
    Asking,
    /// A statement failed, so the state of the connection is unknown.
    InDoubt,
}

/// There was no answer in time.
#[derive(Debug)]
pub struct TimedOut {
    pub what: &'static str,
    pub limit: Duration,
}

impl fmt::Display for TimedOut {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} within {:?}", self.what, self.limit)
    }
}

impl StdError for TimedOut {}

impl Connector {
    /// `drivers` will run the task of each connection that reads and writes.
    pub fn new(settings: &Settings, drivers: TaskTracker) -> Self {
        Self {
            config: settings.database.clone(),
            tls: settings.tls.clone(),
            timeout: settings.pool_timeout,
            statements: settings.statements,
            ping: settings.pool_ping,
            drivers,
        }
    }

    /// Opens a connection. `turn` is given back when the connection is closed.
    pub async fn open(&self, turn: Option<OwnedSemaphorePermit>) -> Result<Connection, Error> {
        match &self.tls {
            None => self.enter(self.config.connect(NoTls), turn).await,
            Some(Tls(tls)) => self.enter(self.config.connect(tls.clone()), turn).await,
        }
    }

    /// Waits until the connection is established. `S` is the stream on top of the socket.
    async fn enter<S>(
        &self,
        connecting: impl Future<Output = Result<Entry<S>, tokio_postgres::Error>>,
        turn: Option<OwnedSemaphorePermit>,
    ) -> Result<Connection, Error>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (client, driver) = timeout(self.timeout, connecting)
            .await
            .map_err(|_| {
                let what = "the database did not accept the connection";
                Error::Unavailable(TimedOut { what, limit: self.timeout }.into())
            })?
            // Whatever the reason, there is no connection, and the client can only try again.
            .map_err(|error| Error::Unavailable(error.into()))?;
        let driver = self.drivers.spawn(async move {
            if let Err(error) = driver.await {
                tracing::warn!(cause = chain(&error), "a database connection ended");
            }
            drop(turn);
        });
        Ok(Connection {
            client,
            prepared: Vec::new(),
            statements: self.statements,
            driver: driver.abort_handle(),
            drivers: self.drivers.clone(),
            tls: self.tls.clone(),
            state: State::Ready,
        })
    }
}

impl bb8::ManageConnection for Connector {
    type Connection = Connection;
    type Error = Error;

    async fn connect(&self) -> Result<Connection, Error> {
        self.open(None).await
    }

    /// A connection that the server has closed is noticed without a round trip; other faults take one.
    async fn is_valid(&self, connection: &mut Connection) -> Result<(), Error> {
        if self.ping {
            connection.ping(self.timeout / 2).await?;
        } else if connection.client.is_closed() {
            return Err(Error::Unavailable("an idle connection was closed by the server".into()));
        }
        Ok(())
    }

    fn has_broken(&self, connection: &mut Connection) -> bool {
        connection.state != State::Ready || connection.client.is_closed()
    }
}

impl Connection {
    /// The rows of a statement, if they come before `until`.
    pub async fn query(
        &mut self,
        query: Query,
        parameters: &[&(dyn ToSql + Sync)],
        until: Instant,
    ) -> Result<Vec<Row>, Error> {
        self.state = State::Asking;
        let asking = self.ask(query, parameters).instrument(traces::statement(query.sql()));
        let answer = timeout_at(until, asking).await;
        self.answered(answer, STATEMENTS_TIMEOUT)
    }

    /// Sends an empty statement, to see whether there is an answer in time.
    async fn ping(&mut self, limit: Duration) -> Result<(), Error> {
        self.state = State::Asking;
        let answer = timeout(limit, self.client.simple_query("")).await;
        self.answered(answer, limit).map(drop)
    }

    /// The result of a statement. A connection without an answer is cut, because it may never answer.
    fn answered<T>(
        &mut self,
        answer: Result<Result<T, tokio_postgres::Error>, Elapsed>,
        limit: Duration,
    ) -> Result<T, Error> {
        let failure = match answer {
            Ok(Ok(answer)) => {
                self.state = State::Ready;
                return Ok(answer);
            }
            Ok(Err(error)) => error.into(),
            Err(_) => {
                self.driver.abort();
                let what = "the database did not answer";
                Error::Unavailable(TimedOut { what, limit }.into())
            }
        };
        self.state = State::InDoubt;
        Err(failure)
    }

    async fn ask(
        &mut self,
        query: Query,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, tokio_postgres::Error> {
        match self.statements {
            Statements::Each => self.client.query(query.sql(), parameters).await,
            Statements::Cached => {
                let statement = self.prepared(query).await?;
                self.client.query(&statement, parameters).await
            }
        }
    }

    async fn prepared(&mut self, query: Query) -> Result<Statement, tokio_postgres::Error> {
        if let Some((_, statement)) = self.prepared.iter().find(|(known, _)| *known == query) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(query.sql()).await?;
        self.prepared.push((query, statement.clone()));
        Ok(statement)
    }
}

impl Drop for Connection {
    /// Cancels a statement that still runs: nobody waits for it, and it would only delay others.
    fn drop(&mut self) {
        if self.state != State::Asking || self.client.is_closed() {
            return;
        }
        let Ok(runtime) = Handle::try_current() else { return };
        let (token, tls) = (self.client.cancel_token(), self.tls.take());
        let cancelling = async move {
            match tls {
                None => token.cancel_query(NoTls).await,
                Some(Tls(tls)) => token.cancel_query(tls).await,
            }
        };
        self.drivers.spawn_on(
            async {
                match timeout(CANCEL_TIMEOUT, cancelling).await {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => tracing::warn!(cause = chain(&error), "{NOT_CANCELLED}"),
                    Err(_) => tracing::warn!(after = ?CANCEL_TIMEOUT, "{NOT_CANCELLED}"),
                }
            },
            &runtime,
        );
    }
}
