//! Sends what the service does to a collector: OTLP over HTTP. The standard variables `OTEL_*` set the rest.

use std::thread;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry_sdk::Resource;
use rustls::crypto::ring;

use crate::errors::Cause;
use crate::metrics::SentMetrics;
use crate::settings::Settings;
use crate::traces::Traces;

/// What a collector that does not answer may cost: at the stop, what there is is sent.
const EXPORT: Duration = Duration::from_secs(2);

/// What is sent.
#[derive(Default)]
pub struct Sending {
    pub traces: Option<Traces>,
    metrics: Option<SentMetrics>,
}

impl Sending {
    /// Must not be called where a runtime runs.
    ///
    /// # Errors
    ///
    /// There can be no HTTP client.
    pub fn start(settings: &Settings) -> Result<Self, Cause> {
        let Some(collector) = &settings.collector else {
            return Ok(Self::default());
        };
        // reqwest takes the process's one. It fails where that is set already.
        let _ = ring::default_provider().install_default();
        let instance = format!("{:032x}", fastrand::u128(..));
        let resource = Resource::builder()
            .with_service_name("axum")
            .with_attribute(KeyValue::new("service.instance.id", instance))
            .build();
        let traces = settings.traces.then(|| Traces::start(collector, resource.clone(), EXPORT));
        let metrics =
            settings.sends_metrics().then(|| SentMetrics::start(collector, resource, EXPORT));
        Ok(Self { traces: traces.transpose()?, metrics: metrics.transpose()? })
    }

    /// Sends what there is, and sends no more.
    pub fn close(&self) {
        // Side by side: each may wait for the collector.
        thread::scope(|scope| {
            if let Some(metrics) = &self.metrics {
                scope.spawn(|| metrics.close(EXPORT));
            }
            if let Some(traces) = &self.traces {
                traces.close(EXPORT);
            }
        });
    }
}
