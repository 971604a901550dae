//! What the link is started with, and what can be changed while it runs.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The longest latency that can be set.
const MOST_MS: f64 = 1_000.0;

/// What can be changed while it runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// How much longer a round trip takes: each direction holds back for half of it.
    pub latency_ms: f64,
}

/// What it is started with.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// Where it forwards to: `host:port`.
    pub target: String,
    /// Port for clients; 0 means any free one.
    #[serde(default)]
    pub port: u16,
    /// Port for counters and settings; 0 means any free one.
    #[serde(default)]
    pub admin_port: u16,
    /// How long a round trip takes at first.
    #[serde(default)]
    pub settings: Settings,
    /// What clients of the second port have to say; `None`: nothing.
    #[serde(skip)]
    pub admin_token: Option<String>,
}

impl Options {
    /// Reads a file of options, which is JSON.
    ///
    /// # Errors
    ///
    /// What is wrong with it, and where.
    pub fn read(file: &Path, admin_token: Option<String>) -> Result<Self, String> {
        let place = file.display();
        let text = fs::read(file).map_err(|error| format!("{place}: {error}"))?;
        let options: Self =
            serde_json::from_slice(&text).map_err(|error| format!("{place}: {error}"))?;
        options.settings.check().map_err(|wrong| format!("{place}: settings.{wrong}"))?;
        Ok(Self { admin_token, ..options })
    }
}

impl Settings {
    /// Reads settings, as JSON.
    ///
    /// # Errors
    ///
    /// What is wrong with them.
    pub fn read(text: &[u8]) -> Result<Self, String> {
        let settings: Self = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        settings.check()?;
        Ok(settings)
    }

    fn check(self) -> Result<(), String> {
        if (0.0..=MOST_MS).contains(&self.latency_ms) {
            return Ok(());
        }
        Err(format!("latency_ms: {} is not from 0 to {MOST_MS}", self.latency_ms))
    }

    /// How long a round trip takes.
    #[must_use]
    pub fn latency(&self) -> Duration {
        Duration::from_secs_f64(self.latency_ms / 1_000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_latency_is_read() {
        let settings = Settings::read(br#"{"latency_ms": 0.5}"#).unwrap();
        assert_eq!(settings.latency(), Duration::from_micros(500));
    }

    #[test]
    fn bad_settings_are_told() {
        let refused = |text: &str| Settings::read(text.as_bytes()).unwrap_err();
        assert!(refused("{}").contains("missing field `latency_ms`"));
        assert!(refused(r#"{"latency": 1}"#).contains("unknown field `latency`"));
        assert_eq!(refused(r#"{"latency_ms": -1}"#), "latency_ms: -1 is not from 0 to 1000");
        assert_eq!(refused(r#"{"latency_ms": 1001}"#), "latency_ms: 1001 is not from 0 to 1000");
        assert!(refused(r#"{"latency_ms": 1e999}"#).contains("out of range"));
    }

    #[test]
    fn a_bad_file_is_told_by_its_name() {
        let told = Options::read(Path::new("/none/link.json"), None).unwrap_err();
        assert!(told.starts_with("/none/link.json: No such file"), "{told}");
    }
}
