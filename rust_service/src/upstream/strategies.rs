//! How long a client for the upstream lives: the values of CLIENT.

use super::target::Target;
use crate::environment::choice;
use crate::errors::Cause;

choice! {
    /// How long an HTTP client for the upstream lives.
    ClientStrategy {
        /// As long as the service.
        Shared = "shared",
        /// For one call.
        PerCall = "per-call",
    }
}

/// Gives each call a client.
#[derive(Debug)]
pub struct Clients {
    pub target: Target,
    /// The one that all calls have; without it, each has a new one, which closes its connection when it is dropped.
    shared: Option<reqwest::Client>,
}

impl Clients {
    pub fn new(strategy: ClientStrategy, target: Target) -> Result<Self, Cause> {
        let shared = match strategy {
            ClientStrategy::Shared => Some(target.client()?),
            ClientStrategy::PerCall => None,
        };
        Ok(Self { target, shared })
    }

    /// A client for one call.
    pub fn take(&self) -> Result<reqwest::Client, Cause> {
        match &self.shared {
            Some(client) => Ok(client.clone()),
            None => self.target.client(),
        }
    }

    /// Where a path of the upstream is.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.target.url)
    }
}
