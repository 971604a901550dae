//! How the resources behave.

use std::time::Duration;

use rand_distr::{Distribution, LogNormal};
use serde::{Deserialize, Serialize};

use crate::documents::Resource;

/// The longest time that can be set, and the longest that is drawn.
const MOST_MS: f64 = 60_000.0;
/// With more than this, a few requests would take all the time.
const MOST_SIGMA: f64 = 3.0;

/// How each resource behaves. What is not named behaves as if nothing had been set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Of `/analysis/ID`.
    pub analysis: Behaviour,
    /// Of `/facts/ID`.
    pub facts: Behaviour,
    /// Of `/price/ID`.
    pub price: Behaviour,
}

/// How one resource behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Behaviour {
    /// The time until it answers: the median, where times differ.
    pub latency_ms: f64,
    /// The standard deviation of the time's logarithm, which is normal; 0: all times are equal.
    pub latency_sigma: f64,
    /// The share of requests that are answered with 503, at random.
    pub failure_share: f64,
    /// The time that the body takes once it has begun.
    pub body_ms: f64,
    /// What is answered.
    pub answer: Answer,
}

/// What is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// The document.
    #[default]
    Right,
    /// Bytes that are neither JSON nor UTF-8.
    Garbage,
    /// The first half of the document; then the connection or the stream is closed.
    Cut,
    /// The document, and after it spaces without end.
    Endless,
    /// Nothing: the connection or the stream is closed.
    None,
}

impl Settings {
    /// Reads settings, as JSON.
    ///
    /// # Errors
    ///
    /// What is wrong with them.
    pub fn read(text: &[u8]) -> Result<Self, String> {
        let settings: Self = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        for resource in Resource::ALL {
            settings
                .of(resource)
                .check()
                .map_err(|wrong| format!("{}.{wrong}", resource.name()))?;
        }
        Ok(settings)
    }

    /// How a resource behaves.
    #[must_use]
    pub fn of(&self, resource: Resource) -> Behaviour {
        match resource {
            Resource::Analysis => self.analysis,
            Resource::Facts => self.facts,
            Resource::Price => self.price,
        }
    }
}

impl Behaviour {
    fn check(&self) -> Result<(), String> {
        for (name, value, most) in [
            ("latency_ms", self.latency_ms, MOST_MS),
            ("latency_sigma", self.latency_sigma, MOST_SIGMA),
            ("failure_share", self.failure_share, 1.0),
            ("body_ms", self.body_ms, MOST_MS),
        ] {
            if !(0.0..=most).contains(&value) {
                return Err(format!("{name}: {value} is not from 0 to {most}"));
            }
        }
        Ok(())
    }

    /// How long the next answer takes.
    #[must_use]
    pub fn latency(&self) -> Duration {
        if self.latency_ms == 0.0 || self.latency_sigma == 0.0 {
            return milliseconds(self.latency_ms);
        }
        let times = LogNormal::new(self.latency_ms.ln(), self.latency_sigma);
        milliseconds(times.map_or(self.latency_ms, |times| times.sample(&mut rand::rng())))
    }

    /// Whether the next answer is a failure.
    #[must_use]
    pub fn fails(&self) -> bool {
        self.failure_share > 0.0 && rand::random::<f64>() < self.failure_share
    }

    /// How long a body takes once it has begun.
    #[must_use]
    pub fn body_time(&self) -> Duration {
        milliseconds(self.body_ms)
    }
}

fn milliseconds(time: f64) -> Duration {
    Duration::from_secs_f64(time.clamp(0.0, MOST_MS) / 1_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        Settings::read(text.as_bytes()).unwrap_err()
    }

    #[test]
    fn what_is_not_named_has_its_default() {
        assert_eq!(Settings::read(b"{}"), Ok(Settings::default()));
        let set = r#"{"price": {"failure_share": 0.25}, "facts": {"answer": "endless"}}"#;
        let settings = Settings::read(set.as_bytes()).unwrap();
        assert_eq!(settings.price, Behaviour { failure_share: 0.25, ..Behaviour::default() });
        assert_eq!(settings.facts, Behaviour { answer: Answer::Endless, ..Behaviour::default() });
        assert_eq!(settings.analysis, Behaviour::default());
        assert_eq!(settings.of(Resource::Price), settings.price);
    }

    #[test]
    fn bad_settings_are_told_with_their_place() {
        assert!(refused("").contains("EOF"));
        assert!(refused("[").contains("line 1"));
        assert!(refused(r#"{"other": {}}"#).contains("unknown field `other`"));
        assert!(refused(r#"{"facts": {"latency": 1}}"#).contains("unknown field `latency`"));
        assert!(refused(r#"{"facts": {"answer": "odd"}}"#).contains("unknown variant `odd`"));
        assert_eq!(
            refused(r#"{"facts": {"latency_ms": -1}}"#),
            "facts.latency_ms: -1 is not from 0 to 60000"
        );
        assert_eq!(
            refused(r#"{"price": {"failure_share": 1.5}}"#),
            "price.failure_share: 1.5 is not from 0 to 1"
        );
        assert_eq!(
            refused(r#"{"analysis": {"latency_sigma": 9}}"#),
            "analysis.latency_sigma: 9 is not from 0 to 3"
        );
        assert!(refused(r#"{"facts": {"latency_ms": 1e999}}"#).contains("out of range"));
    }

    #[test]
    fn latency_is_constant_without_a_deviation() {
        let constant = Behaviour { latency_ms: 12.5, ..Behaviour::default() };
        assert!((0..100).all(|_| constant.latency() == Duration::from_micros(12_500)));
        let none = Behaviour { latency_sigma: 1.0, ..Behaviour::default() };
        assert_eq!(none.latency(), Duration::ZERO);
    }

    #[test]
    fn latency_is_lognormal_around_its_median() {
        let behaviour = Behaviour { latency_ms: 100.0, latency_sigma: 0.5, ..Behaviour::default() };
        let mut logs: Vec<f64> =
            (0..20_000).map(|_| (behaviour.latency().as_secs_f64() * 1_000.0).ln()).collect();
        logs.sort_by(f64::total_cmp);
        // More than ten standard errors of each quantile.
        for (quantile, normal) in [(2_000, -1.2816), (10_000, 0.0), (18_000, 1.2816)] {
            let expected = 100.0_f64.ln() + 0.5 * normal;
            assert!((logs[quantile] - expected).abs() < 0.06, "{quantile}: {}", logs[quantile]);
        }
    }

    #[test]
    fn no_time_is_longer_than_a_minute() {
        let behaviour =
            Behaviour { latency_ms: 60_000.0, latency_sigma: 3.0, ..Behaviour::default() };
        assert!((0..1_000).all(|_| behaviour.latency() <= Duration::from_secs(60)));
    }

    #[test]
    fn a_share_of_answers_fails() {
        let failures = |failure_share| {
            let behaviour = Behaviour { failure_share, ..Behaviour::default() };
            (0..10_000).filter(|_| behaviour.fails()).count()
        };
        assert_eq!(failures(0.0), 0);
        assert_eq!(failures(1.0), 10_000);
        assert!((2_000..3_000).contains(&failures(0.25)));
    }
}
