//! Reads environment variables, and says what is wrong with one.

use std::error::Error;
use std::ffi::OsString;
use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

use crate::tls::{Split, Tls};

/// A variable that is missing or has a value that is not allowed.
#[derive(Debug, PartialEq, Eq)]
pub struct BadSetting(pub(crate) String);

impl fmt::Display for BadSetting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Error for BadSetting {}

/// The allowed range of a time limit, in seconds: from a millisecond to a minute.
const SECONDS: RangeInclusive<f64> = 0.001..=60.0;

/// The environment variables. The function returns the value of one.
pub struct Environment<F>(pub F);

impl<F: Fn(&str) -> Option<OsString>> Environment<F> {
    /// The value, or `None` if the variable is not set.
    pub fn get(&self, variable: &'static str) -> Result<Option<String>, BadSetting> {
        let Some(value) = self.0(variable) else {
            return Ok(None);
        };
        match value.into_string() {
            Ok(value) => Ok(Some(value)),
            Err(_) => Err(BadSetting(format!("{variable} must be text in UTF-8"))),
        }
    }

    pub fn text(&self, variable: &'static str, default: &str) -> Result<String, BadSetting> {
        match self.get(variable)? {
            None => Ok(default.to_owned()),
            Some(value) if value.is_empty() => {
                Err(bad(variable, &value, "an address or a host name"))
            }
            Some(value) => Ok(value),
        }
    }

    pub fn whole_number<T>(
        &self,
        variable: &'static str,
        allowed: RangeInclusive<T>,
        default: T,
    ) -> Result<T, BadSetting>
    where
        T: FromStr + PartialOrd + fmt::Display,
    {
        let Some(value) = self.get(variable)? else {
            return Ok(default);
        };
        value
            .parse()
            .ok()
            // In its shortest form: without a sign or leading zeros.
            .filter(|number: &T| allowed.contains(number) && number.to_string() == value)
            .ok_or_else(|| {
                let (least, most) = (allowed.start(), allowed.end());
                bad(variable, &value, format!("a whole number from {least} to {most}"))
            })
    }

    pub fn seconds(&self, variable: &'static str, default: f64) -> Result<Duration, BadSetting> {
        let Some(value) = self.get(variable)? else {
            return Ok(Duration::from_secs_f64(default));
        };
        Some(value.as_str())
            .filter(|value| is_decimal(value))
            .and_then(|value| value.parse().ok())
            .filter(|seconds| SECONDS.contains(seconds))
            .map(Duration::from_secs_f64)
            .ok_or_else(|| {
                let (least, most) = (SECONDS.start(), SECONDS.end());
                bad(variable, &value, format!("a number of seconds from {least} to {most}"))
            })
    }

    /// One of `choices`, of which the first is the default.
    pub fn choice<T: fmt::Display, const N: usize>(
        &self,
        variable: &'static str,
        choices: [T; N],
    ) -> Result<T, BadSetting> {
        let names = choices.each_ref().map(ToString::to_string);
        let value = self.get(variable)?;
        let wanted = value.as_ref().or(names.first());
        choices
            .into_iter()
            .zip(&names)
            .find_map(|(choice, name)| (Some(name) == wanted).then_some(choice))
            .ok_or_else(|| bad(variable, &value.unwrap_or_default(), names.join(" or ")))
    }

    /// Where spans and metrics are sent to. `sending`: the knob that says that they are, with its value.
    pub fn collector(&self, sending: Option<&str>) -> Result<Option<String>, BadSetting> {
        const VARIABLE: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
        match (self.get(VARIABLE)?, sending) {
            (Some(url), _) if !is_origin("http://", &url) => {
                Err(bad(VARIABLE, &url, "http://host:port"))
            }
            (None, Some(knob)) => {
                Err(BadSetting(format!("{VARIABLE} is missing: {knob} needs a collector")))
            }
            (url, _) => Ok(url.filter(|_| sending.is_some())),
        }
    }

    /// The value may hold a password, so no error shows it.
    pub fn database(&self, variable: &'static str) -> Result<(Config, Option<Tls>), BadSetting> {
        const ALLOWED: &str = "postgresql://user:password@host:port/database";
        let bad = |found: &str| BadSetting(format!("{variable} {found}, it must be {ALLOWED}"));
        let value = self.get(variable)?.ok_or_else(|| bad("is missing"))?;
        let split = Split::of(&value);
        if !names_a_user(&split.url) {
            return Err(bad("is no URL with a user"));
        }
        let mut config: Config = split.url.parse().map_err(|_| bad("cannot be read"))?;
        if config.get_ports().contains(&0) {
            return Err(bad("has the port 0"));
        }
        if config.get_hosts().is_empty() || config.get_dbname().is_none_or(str::is_empty) {
            return Err(bad("names no database"));
        }
        // The text after a second @ may be the rest of a password, and hosts are logged.
        if config
            .get_hosts()
            .iter()
            .any(|host| matches!(host, Host::Tcp(name) if name.contains('@')))
        {
            return Err(bad("has an @ in a host (write it as %40 in a password)"));
        }
        // TLS that Split did not find, such as in keywords, must not be ignored.
        if config.get_ssl_mode() == SslMode::Require {
            return Err(bad("asks for TLS in a form that this service does not read"));
        }
        let tls = split.tls().map_err(|wrong| BadSetting(format!("{variable}: {wrong}")))?;
        if tls.is_some() {
            config.ssl_mode(SslMode::Require);
        }
        Ok((config, tls))
    }
}

/// Whether this is `host:port` in small letters, after a scheme.
pub fn is_origin(scheme: &str, url: &str) -> bool {
    let Some((host, port)) = url.strip_prefix(scheme).and_then(|place| place.rsplit_once(':'))
    else {
        return false;
    };
    let is_address = |inner: &str| {
        !inner.is_empty()
            && inner.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b':'))
    };
    let is_name = |name: &str| {
        !name.is_empty()
            && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-'))
    };
    let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let port_is_right =
        port.parse::<u16>().is_ok_and(|number| number > 0 && number.to_string() == port);
    bracketed.map_or_else(|| is_name(host), is_address) && port_is_right
}

/// Whether this is a Postgres URL with a user before its host. Keywords are not read.
fn names_a_user(url: &str) -> bool {
    let place = url.strip_prefix("postgresql://").or_else(|| url.strip_prefix("postgres://"));
    place
        .and_then(|place| place.split('/').next())
        .and_then(|authority| authority.rsplit_once('@'))
        .is_some_and(|(user, _)| !user.is_empty() && !user.starts_with(':'))
}

/// Digits, and a fraction if there is a point: no sign, no exponent.
fn is_decimal(value: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = value.split_once('.').unwrap_or((value, "0"));
    digits(whole) && digits(fraction)
}

/// The value of a variable is not what is allowed.
pub fn bad(variable: &'static str, value: &str, allowed: impl fmt::Display) -> BadSetting {
    BadSetting(format!("{variable}={value:?} must be {allowed}"))
}

/// Declares an enum with the names of its variants in the environment.
macro_rules! choice {
    (
        $(#[$about:meta])*
        $name:ident { $( $(#[$meaning:meta])* $variant:ident = $text:literal, )+ }
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $( $(#[$meaning])* $variant, )+ }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                formatter.write_str(match self { $( Self::$variant => $text, )+ })
            }
        }
    };
}

pub(crate) use choice;
