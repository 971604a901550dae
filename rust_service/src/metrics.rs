//! What `/metrics` answers, in Prometheus's text, and a collector gets. Names are the same in all services:
//! contract/service.md.

#[cfg(target_os = "linux")]
mod connections;
mod handshakes;
mod sent;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use opentelemetry::metrics::Meter;
use prometheus::core::{Collector, Desc};
#[cfg(target_os = "linux")]
use prometheus::process_collector::ProcessCollector;
use prometheus::proto::MetricFamily;
use prometheus::{IntCounterVec, IntGauge, Opts, PullingGauge, Registry, TEXT_FORMAT, TextEncoder};

#[cfg(target_os = "linux")]
use self::connections::OutboundConnections;
pub use self::handshakes::CountHandshakes;
pub use self::sent::SentMetrics;
use crate::errors::Error;

/// The metrics of a service.
pub struct Metrics {
    registry: Registry,
    /// What is registered.
    collectors: Vec<Shared>,
    requests: IntCounterVec,
    in_flight: IntGauge,
    handshakes: IntCounterVec,
}

impl Metrics {
    /// `pool_size`: the most connections to the database.
    pub fn new(pool_size: u32) -> prometheus::Result<Self> {
        let counters = |name, about, label| IntCounterVec::new(Opts::new(name, about), &[label]);
        let requests = counters("http_requests_total", "Requests that were answered.", "status")?;
        let in_flight =
            IntGauge::new("http_requests_in_flight", "Requests that are being answered.")?;
        let handshakes = counters(
            "outbound_handshakes_total",
            "Connections to another service whose TLS handshake is done.",
            "host",
        )?;
        let size = IntGauge::new("database_pool_size", "The most database connections at a time.")?;
        size.set(pool_size.into());
        let (registry, collectors) = (Registry::new(), Vec::new());
        let mut metrics = Self { registry, collectors, requests, in_flight, handshakes };
        metrics.add(metrics.requests.clone())?;
        metrics.add(metrics.in_flight.clone())?;
        metrics.add(metrics.handshakes.clone())?;
        metrics.add(size)?;
        #[cfg(target_os = "linux")]
        {
            metrics.add(OutboundConnections::new()?)?;
            metrics.add(ProcessCollector::for_self())?;
        }
        Ok(metrics)
    }

    fn add(&mut self, collector: impl Collector + 'static) -> prometheus::Result<()> {
        let collector = Shared(Arc::new(collector));
        self.registry.register(Box::new(collector.clone()))?;
        self.collectors.push(collector);
        Ok(())
    }

    /// Adds how many connections to the database requests have, which `in_use` is asked for when somebody wants to know.
    pub fn watch_pool(
        &mut self,
        in_use: impl Fn() -> usize + Send + Sync + 'static,
    ) -> prometheus::Result<()> {
        self.add(PullingGauge::new(
            "database_pool_in_use",
            "Database connections that requests are using.",
            Box::new(move || u32::try_from(in_use()).unwrap_or(u32::MAX).into()),
        )?)
    }

    /// Counts the handshakes with a host.
    pub fn handshakes(&self, host: &str) -> CountHandshakes {
        CountHandshakes(self.handshakes.with_label_values(&[host]))
    }

    /// The answer to a request for them.
    pub fn answer(&self) -> Result<Response, Error> {
        let text = TextEncoder::new()
            .encode_to_string(&self.registry.gather())
            .map_err(|error| Error::Internal(error.into()))?;
        let mut response = Response::new(Body::from(text));
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(TEXT_FORMAT));
        Ok(response)
    }

    /// Lets a meter read them when it is time to send them. `pool`: what the pool of database connections is called.
    pub fn send(&self, meter: &Meter, pool: &str) {
        for collector in &self.collectors {
            sent::observe(meter, collector, pool);
        }
    }
}

/// A collector of which several know.
#[derive(Clone)]
struct Shared(Arc<dyn Collector>);

impl Collector for Shared {
    fn desc(&self) -> Vec<&Desc> {
        self.0.desc()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        self.0.collect()
    }
}

/// Counts a request.
pub async fn measure(
    State(metrics): State<Arc<Metrics>>,
    request: Request,
    next: Next,
) -> Response {
    let _in_flight = InFlight::new(&metrics.in_flight);
    let response = next.run(request).await;
    metrics.requests.with_label_values(&[response.status().as_str()]).inc();
    response
}

/// A request that is being answered, until this is dropped: also when its client goes away.
struct InFlight<'a>(&'a IntGauge);

impl<'a> InFlight<'a> {
    fn new(gauge: &'a IntGauge) -> Self {
        gauge.inc();
        Self(gauge)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.dec();
    }
}
