//! TLS to the database: either the server's name is verified, or there is no TLS.

use std::fmt;
use std::sync::Arc;

use form_urlencoded::parse;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::errors::{Cause, chain};

/// The parameters of a database URL that are about TLS, as libpq names them.
const MODE: &str = "sslmode";
const CA_FILE: &str = "sslrootcert";

/// Encrypts connections, and refuses a server whose certificate is not from the CA or has another name.
#[derive(Clone)]
pub struct Tls(pub MakeRustlsConnect);

impl fmt::Debug for Tls {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Tls")
    }
}

/// A database URL in two parts: one for tokio-postgres, and the parameters of TLS, which it does not know.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Split {
    pub url: String,
    mode: Option<String>,
    ca_file: Option<String>,
}

impl Split {
    pub fn of(url: &str) -> Self {
        let Some((place, parameters)) = url.rsplit_once('?') else {
            return Self { url: url.to_owned(), ..Self::default() };
        };
        let mut split = Self::default();
        let mut others = Vec::new();
        for parameter in parameters.split('&') {
            match parse(parameter.as_bytes()).next() {
                Some((name, value)) if name == MODE => split.mode = Some(value.into_owned()),
                Some((name, value)) if name == CA_FILE => split.ca_file = Some(value.into_owned()),
                _ => others.push(parameter),
            }
        }
        split.url = match others.as_slice() {
            [] => place.to_owned(),
            others => format!("{place}?{}", others.join("&")),
        };
        split
    }

    /// The TLS that the URL asks for; `None` for no TLS. The error is a text for users.
    pub fn tls(&self) -> Result<Option<Tls>, String> {
        match (self.mode.as_deref(), &self.ca_file) {
            (Some("verify-full"), Some(ca_file)) => {
                verifying(ca_file).map(|config| Some(Tls(MakeRustlsConnect::new(config)))).map_err(
                    |error| format!("{CA_FILE}={ca_file} cannot be used ({})", chain(&*error)),
                )
            }
            (Some("verify-full"), None) => {
                Err(format!("{MODE}=verify-full needs {CA_FILE}, the file of the server's CA"))
            }
            (None | Some("disable"), None) => Ok(None),
            (None | Some("disable"), Some(_)) => {
                Err(format!("{CA_FILE} is of use only with {MODE}=verify-full"))
            }
            (Some(other), _) => Err(format!(
                "{MODE}={other} does not make sure that the server is the one it names: \
                 it must be verify-full, or disable"
            )),
        }
    }
}

fn verifying(ca_file: &str) -> Result<ClientConfig, Cause> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(ca_file)? {
        roots.add(certificate?)?;
    }
    if roots.is_empty() {
        return Err("there is no certificate in it".into());
    }
    Ok(ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_else_is_left_as_it_is() {
        for url in [
            "postgresql://me:secret@db.test/showdown",
            "postgresql://me:a?b@db.test/showdown",
            "postgresql://me@db.test/showdown?application_name=a+b%26c&options=-cjit%3Doff",
        ] {
            assert_eq!(Split::of(url), Split { url: url.into(), ..Split::default() });
        }
    }

    #[test]
    fn what_is_about_tls_is_taken_out() {
        let url = "postgresql://me@db.test/showdown\
                   ?sslmode=verify-full&application_name=a&sslrootcert=%2Ftmp/the%20ca.crt";
        let expected = Split {
            url: "postgresql://me@db.test/showdown?application_name=a".into(),
            mode: Some("verify-full".into()),
            ca_file: Some("/tmp/the ca.crt".into()),
        };
        assert_eq!(Split::of(url), expected);
    }

    #[test]
    fn no_tls_is_asked_for_in_two_ways() {
        for parameters in ["", "?sslmode=disable"] {
            let split = Split::of(&format!("postgresql://me@db.test/showdown{parameters}"));
            assert!(split.tls().unwrap().is_none());
        }
    }

    #[test]
    fn tls_that_does_not_verify_is_refused() {
        for (parameters, complaint) in [
            ("sslmode=require", "sslmode=require does not make sure that the server is the one"),
            ("sslmode=verify-ca&sslrootcert=/ca.crt", "sslmode=verify-ca does not make sure"),
            ("sslmode=prefer", "sslmode=prefer does not make sure"),
            ("sslmode=verify-full", "sslmode=verify-full needs sslrootcert"),
            ("sslrootcert=/ca.crt", "sslrootcert is of use only with sslmode=verify-full"),
            ("sslmode=disable&sslrootcert=/ca.crt", "sslrootcert is of use only with"),
            ("sslmode=verify-full&sslrootcert=/no/ca.crt", "sslrootcert=/no/ca.crt cannot be used"),
            ("sslmode=verify-full&sslrootcert=/dev/null", "there is no certificate in it"),
        ] {
            let split = Split::of(&format!("postgresql://me@db.test/showdown?{parameters}"));
            let told = split.tls().unwrap_err();
            assert!(told.contains(complaint), "{told}");
        }
    }
}
