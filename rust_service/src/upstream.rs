//! The service behind this one: which calls it gets, how its answers are read, and how long a client for it lives.

mod answers;
mod calls;
mod strategies;
mod target;

use tokio::time::timeout;
use tokio::try_join;

use self::calls::{ANALYSIS, CallError, FACTS, PRICE, call};
pub use self::strategies::ClientStrategy;
use self::strategies::Clients;
pub use self::target::Target;
use crate::errors::{Cause, Error};
use crate::metrics::Metrics;

/// Answers from the upstream, in documents.
#[derive(Debug)]
pub struct Upstream {
    /// None where there is no upstream.
    clients: Option<Clients>,
}

impl Upstream {
    /// Opens what lives as long as the service. Without a target, there is no upstream.
    pub fn new(
        target: Option<Target>,
        strategy: ClientStrategy,
        metrics: Option<&Metrics>,
    ) -> Result<Self, Cause> {
        let clients = target.map(|mut target| {
            target.handshakes = metrics.map(|metrics| metrics.handshakes(target.host()));
            Clients::new(strategy, target)
        });
        Ok(Self { clients: clients.transpose()? })
    }

    /// The document of a recipe as JSON.
    ///
    /// The three calls are made side by side, and may take so long together. When one has failed for good, or when
    /// nobody waits for this any more, the others are dropped, which closes their connections.
    pub async fn nutrition(&self, id: i64, name: &str) -> Result<Vec<u8>, Error> {
        let Some(clients) = &self.clients else {
            return Err(Error::BadUpstream("UPSTREAM_URL is not set".into()));
        };
        let calls = async {
            try_join!(
                call(clients, ANALYSIS, id),
                call(clients, FACTS, id),
                call(clients, PRICE, id)
            )
        };
        let (analysis, facts, price) = match timeout(clients.target.deadline, calls).await {
            Ok(bodies) => bodies?,
            Err(passed) => return Err(Error::UpstreamTimeout(passed.into())),
        };
        Ok(answers::nutrition(id, name, &analysis, &facts, &price)?)
    }
}

impl From<CallError> for Error {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Late(cause) => Self::UpstreamTimeout(cause),
            CallError::Lost(cause) | CallError::Wrong(cause) => Self::BadUpstream(cause),
            CallError::Status(status) => Self::BadUpstream(format!("status {status}").into()),
        }
    }
}
