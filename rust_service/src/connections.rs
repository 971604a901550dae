//! One connection to the database, and asking it.

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

use crate::errors::{Error, chain};
use crate::queries::Query;
use crate::settings::{Settings, Statements};
use crate::tls::Tls;

/// The longest wait for the answers that a request needs. The database gives up after 5 s and says so;
/// this bounds the wait for one that says nothing. With the wait for a connection and that for a body a
/// request stays within the contract's time.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(6);

/// How long it may take to tell the database that nobody waits for a statement.
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
    wires: TaskTracker,
}

/// What tokio-postgres gives: a client, and what reads and writes for it.
type Entry<S> = (Client, tokio_postgres::Connection<Socket, S>);

/// An open connection.
pub struct Connection {
    client: Client,
    /// The statements that this connection has prepared: a few, so that a scan finds them fastest.
    prepared: Vec<(Query, Statement)>,
    statements: Statements,
    /// What reads and writes the socket.
    wire: AbortHandle,
    wires: TaskTracker,
    tls: Option<Tls>,
    state: State,
}

/// What a connection can be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Ready,
    /// A statement runs. It still does when whoever waited for it has left.
    Asking,
    /// A statement failed, so what state the connection is in is anybody's guess.
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
    /// `wires` will run each connection's reading and writing.
    pub fn new(settings: &Settings, wires: TaskTracker) -> Self {
        Self {
            config: settings.database.clone(),
            tls: settings.tls.clone(),
            timeout: settings.pool_timeout,
            statements: settings.statements,
            ping: settings.pool_ping,
            wires,
        }
    }

    /// Opens a connection. `turn` is given back when it is closed.
    pub async fn open(&self, turn: Option<OwnedSemaphorePermit>) -> Result<Connection, Error> {
        match &self.tls {
            None => self.enter(self.config.connect(NoTls), turn).await,
            Some(Tls(tls)) => self.enter(self.config.connect(tls.clone()), turn).await,
        }
    }

    /// Waits to be let in. `S` is what the socket's bytes go through.
    async fn enter<S>(
        &self,
        connecting: impl Future<Output = Result<Entry<S>, tokio_postgres::Error>>,
        turn: Option<OwnedSemaphorePermit>,
    ) -> Result<Connection, Error>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (client, wire) = timeout(self.timeout, connecting)
            .await
            .map_err(|_| {
                let what = "the database did not let us in";
                Error::Unavailable(TimedOut { what, limit: self.timeout }.into())
            })?
            // Whatever the reason, we have no connection and the client can only try again.
            .map_err(|error| Error::Unavailable(error.into()))?;
        let wire = self.wires.spawn(async move {
            if let Err(error) = wire.await {
                tracing::warn!(cause = chain(&error), "a database connection ended");
            }
            drop(turn);
        });
        Ok(Connection {
            client,
            prepared: Vec::new(),
            statements: self.statements,
            wire: wire.abort_handle(),
            wires: self.wires.clone(),
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

    /// That the server has hung up is known without asking it; the rest takes a round trip.
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
    /// The rows that a statement answers with, if it does until then.
    pub async fn query(
        &mut self,
        query: Query,
        parameters: &[&(dyn ToSql + Sync)],
        until: Instant,
    ) -> Result<Vec<Row>, Error> {
        self.state = State::Asking;
        let answer = timeout_at(until, self.ask(query, parameters)).await;
        self.answered(answer, ANSWER_TIMEOUT)
    }

    /// Asks for nothing, to see whether there is an answer in time.
    async fn ping(&mut self, limit: Duration) -> Result<(), Error> {
        self.state = State::Asking;
        let answer = timeout(limit, self.client.simple_query("")).await;
        self.answered(answer, limit).map(drop)
    }

    /// What came of asking. A connection that says nothing is cut, for it may do so for ever.
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
                self.wire.abort();
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
    /// Nobody waits for a statement that still runs: it would only keep others from the database.
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
        self.wires.spawn_on(
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
