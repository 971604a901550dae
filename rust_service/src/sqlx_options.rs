//! What `DATABASE_URL` says, for sqlx.

use std::ffi::OsString;
use std::fmt;

use sqlx::postgres::{PgConnectOptions, PgSslMode};

use crate::environment::{BadSetting, Environment, bad};

/// Where sqlx connects to. It has the password, which is not shown.
#[derive(Clone)]
pub struct SqlxOptions(pub PgConnectOptions);

impl SqlxOptions {
    /// From `DATABASE_URL`, in which TLS has been read already.
    pub fn read(
        environment: &Environment<impl Fn(&str) -> Option<OsString>>,
        tls: bool,
    ) -> Result<Self, BadSetting> {
        const URL: &str = "DATABASE_URL";
        let options = environment.text(URL, "")?.parse::<PgConnectOptions>();
        let options = options.map_err(|_| bad(URL, "…", "a URL that sqlx can read"))?;
        // Without a word about TLS, sqlx would try to use it.
        Ok(Self(if tls { options } else { options.ssl_mode(PgSslMode::Disable) }))
    }
}

impl fmt::Debug for SqlxOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SqlxOptions")
    }
}
