//! Where the upstream is, and how a client knows it.

use std::fmt;
use std::fs;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Certificate, Client};
use rustls::crypto::ring;

use crate::errors::{Cause, chain};
use crate::metrics::CountHandshakes;

/// The upstream.
#[derive(Clone)]
pub struct Target {
    /// `https://host:port`.
    pub url: String,
    /// The CA of the upstream's certificate, beside those that this system trusts.
    ca: Vec<Certificate>,
    /// How long all calls for a request may take together.
    pub deadline: Duration,
    /// Whether clients offer HTTP/2.
    pub http2: bool,
    /// What counts its clients' handshakes.
    pub handshakes: Option<CountHandshakes>,
}

impl fmt::Debug for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Target").field(&self.url).finish()
    }
}

impl Target {
    /// Reads the CA's file. The error is a text for users.
    pub fn new(
        url: String,
        ca_file: Option<&str>,
        deadline: Duration,
        http2: bool,
    ) -> Result<Self, String> {
        let ca = match ca_file {
            None => Vec::new(),
            Some(file) => certificates(file).map_err(|error| {
                format!("UPSTREAM_CA={file:?} cannot be used ({})", chain(&*error))
            })?,
        };
        Ok(Self { url, ca, deadline, http2, handshakes: None })
    }

    /// `host:port`.
    pub fn host(&self) -> &str {
        self.url.trim_start_matches("https://")
    }

    /// A new client. It loads all CAs that this system trusts, as reqwest does by default.
    pub fn client(&self) -> Result<Client, Cause> {
        // reqwest takes the process's one. It fails where that is set already.
        let _ = ring::default_provider().install_default();
        let builder = Client::builder()
            .timeout(self.deadline)
            .redirect(Policy::none())
            .tls_certs_merge(self.ca.iter().cloned());
        let builder = if self.http2 { builder } else { builder.http1_only() };
        let builder = match &self.handshakes {
            Some(counting) => builder.connector_layer(counting.clone()),
            None => builder,
        };
        Ok(builder.build()?)
    }
}

fn certificates(file: &str) -> Result<Vec<Certificate>, Cause> {
    let found = Certificate::from_pem_bundle(&fs::read(file)?)?;
    if found.is_empty() {
        return Err("there is no certificate in it".into());
    }
    Ok(found)
}
