//! What `/metrics` answers, in Prometheus's text. Names are the same in all services: contract/service.md.

#[cfg(target_os = "linux")]
mod connections;
mod handshakes;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
#[cfg(target_os = "linux")]
use prometheus::process_collector::ProcessCollector;
use prometheus::{IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TEXT_FORMAT, TextEncoder};

pub use self::handshakes::CountHandshakes;
use crate::errors::Error;

/// The metrics of a service.
#[derive(Clone, Debug)]
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    in_flight: IntGauge,
    pool_in_use: IntGauge,
    handshakes: IntCounterVec,
    outbound: IntGaugeVec,
}

impl Metrics {
    /// `pool_size`: the most connections to the database.
    pub fn new(pool_size: u32) -> prometheus::Result<Self> {
        let registry = Registry::new();
        let gauge = |name, about| {
            let gauge = IntGauge::new(name, about)?;
            registry.register(Box::new(gauge.clone()))?;
            prometheus::Result::Ok(gauge)
        };
        let counters = |name, about, label| {
            let counters = IntCounterVec::new(Opts::new(name, about), &[label])?;
            registry.register(Box::new(counters.clone()))?;
            prometheus::Result::Ok(counters)
        };
        gauge("database_pool_size", "The most database connections at a time.")?
            .set(pool_size.into());
        let in_flight = gauge("http_requests_in_flight", "Requests that are being answered.")?;
        let pool_in_use =
            gauge("database_pool_in_use", "Database connections that requests are using.")?;
        let requests = counters("http_requests_total", "Requests that were answered.", "status")?;
        let handshakes = counters(
            "outbound_handshakes_total",
            "Connections to another service whose TLS handshake is done.",
            "host",
        )?;
        let about = "TCP connections to other servers that hold a descriptor.";
        let outbound = IntGaugeVec::new(Opts::new("outbound_connections_open", about), &["host"])?;
        registry.register(Box::new(outbound.clone()))?;
        #[cfg(target_os = "linux")]
        registry.register(Box::new(ProcessCollector::for_self()))?;
        Ok(Self { registry, requests, in_flight, pool_in_use, handshakes, outbound })
    }

    /// Counts the handshakes with a host.
    pub fn handshakes(&self, host: &str) -> CountHandshakes {
        CountHandshakes(self.handshakes.with_label_values(&[host]))
    }

    /// The answer to a request for them. `pool_in_use`: connections to the database that requests have now.
    pub fn answer(&self, pool_in_use: usize) -> Result<Response, Error> {
        self.pool_in_use.set(i64::try_from(pool_in_use).unwrap_or(i64::MAX));
        #[cfg(target_os = "linux")]
        self.look()?;
        let text = TextEncoder::new()
            .encode_to_string(&self.registry.gather())
            .map_err(|error| Error::Internal(error.into()))?;
        let mut response = Response::new(Body::from(text));
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(TEXT_FORMAT));
        Ok(response)
    }

    /// Asks the kernel which connections there are.
    #[cfg(target_os = "linux")]
    fn look(&self) -> Result<(), Error> {
        self.outbound.reset();
        let open = connections::outbound().map_err(|error| Error::Internal(error.into()))?;
        for (host, number) in open {
            self.outbound.with_label_values(&[&host.to_string()]).set(number);
        }
        Ok(())
    }
}

/// Counts a request.
pub async fn measure(State(metrics): State<Metrics>, request: Request, next: Next) -> Response {
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
