//! Where the upstream is, and how a client knows it.

use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Certificate, Client};
use rustls::crypto::ring;

use crate::environment::{BadSetting, Environment, bad, is_origin};
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
    /// The upstream, if there is one. Reads the CA's file.
    pub fn read(
        environment: &Environment<impl Fn(&str) -> Option<OsString>>,
    ) -> Result<Option<Self>, BadSetting> {
        let milliseconds = environment.whole_number("UPSTREAM_DEADLINE_MS", 1..=9000, 2000)?;
        let http2 = environment.choice("HTTP2", [false, true])?;
        let ca_file = environment.get("UPSTREAM_CA")?;
        if ca_file.as_deref() == Some("") {
            return Err(bad("UPSTREAM_CA", "", "a file"));
        }
        let Some(url) = environment.get("UPSTREAM_URL")? else {
            return Ok(None);
        };
        if !is_origin("https://", &url) {
            return Err(bad("UPSTREAM_URL", &url, "https://host:port"));
        }
        let ca = match ca_file {
            None => Vec::new(),
            Some(file) => certificates(&file).map_err(|error| {
                let cause = chain(&*error);
                BadSetting(format!("UPSTREAM_CA={file:?} cannot be used ({cause})"))
            })?,
        };
        let deadline = Duration::from_millis(milliseconds);
        Ok(Some(Self { url, ca, deadline, http2, handshakes: None }))
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
