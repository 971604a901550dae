//! The metrics as a collector gets them, by the names of OpenTelemetry.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use opentelemetry::metrics::Meter;
use opentelemetry::{KeyValue, global};
use opentelemetry_otlp::{MetricExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use prometheus::core::Collector;
use prometheus::proto::{LabelPair, Metric, MetricType};

use super::Shared;
use crate::errors::Cause;

/// Sends metrics, from a thread of its own.
pub struct SentMetrics(SdkMeterProvider);

impl SentMetrics {
    /// `collector`: `http://host:port`. `timeout`: how long sending them may take. The meters that OpenTelemetry gives
    /// from now on are sent. Must not be called where a runtime runs.
    ///
    /// # Errors
    ///
    /// There can be no HTTP client.
    pub fn start(collector: &str, resource: Resource, timeout: Duration) -> Result<Self, Cause> {
        let exporter = MetricExporter::builder()
            .with_http()
            .with_endpoint(format!("{collector}/v1/metrics"))
            .with_timeout(timeout)
            .build()?;
        let provider = SdkMeterProvider::builder()
            .with_periodic_exporter(exporter)
            .with_resource(resource)
            .build();
        global::set_meter_provider(provider.clone());
        Ok(Self(provider))
    }

    /// Sends what there is, and sends no more.
    pub fn close(&self, timeout: Duration) {
        let (provider, (tell, told)) = (self.0.clone(), mpsc::channel());
        // By itself it would wait for 5 s.
        thread::spawn(move || tell.send(provider.shutdown()));
        let closed = told.recv_timeout(timeout).map_err(Cause::from);
        if let Err(error) = closed.and_then(|closed| closed.map_err(Cause::from)) {
            tracing::warn!(cause = %error, "the last metrics are not sent");
        }
    }
}

/// What a metric is called here and there, and its unit.
const NAMES: [(&str, &str, &str); 7] = [
    ("http_requests_total", "http_requests", "{request}"),
    ("http_requests_in_flight", "http.server.active_requests", "{request}"),
    ("database_pool_size", "db.client.connection.max", "{connection}"),
    ("database_pool_in_use", "db.client.connection.count", "{connection}"),
    ("outbound_handshakes_total", "outbound_handshakes", "{handshake}"),
    ("outbound_connections_open", "outbound_connections_open", "{connection}"),
    ("process_open_fds", "process.unix.file_descriptor.count", "{file_descriptor}"),
];

/// Lets a meter read what a collector has, as far as it is sent.
pub fn observe(meter: &Meter, collector: &Shared, pool: &str) {
    for family in collector.collect() {
        let Some(&(scraped, sent, unit)) =
            NAMES.iter().find(|(scraped, ..)| *scraped == family.name())
        else {
            continue;
        };
        let about = family.help().to_owned();
        let source =
            Source { collector: collector.clone(), scraped, common: common(scraped, pool) };
        if family.get_field_type() == MetricType::COUNTER {
            let instrument = meter.u64_observable_counter(sent).with_callback(move |observer| {
                source.each(|value, attributes| observer.observe(value.unsigned_abs(), attributes));
            });
            instrument.with_unit(unit).with_description(about).build();
        } else {
            let instrument =
                meter.i64_observable_up_down_counter(sent).with_callback(move |observer| {
                    source.each(|value, attributes| observer.observe(value, attributes));
                });
            instrument.with_unit(unit).with_description(about).build();
        }
    }
}

/// Where the values of one metric come from.
struct Source {
    collector: Shared,
    /// The metric's name there.
    scraped: &'static str,
    /// The attributes that all of its values have.
    common: Vec<KeyValue>,
}

impl Source {
    /// Its values now.
    fn each(&self, mut observe: impl FnMut(i64, &[KeyValue])) {
        for family in self.collector.collect() {
            if family.name() == self.scraped {
                for metric in family.get_metric() {
                    let labels = metric.get_label().iter().flat_map(attributes);
                    let attributes: Vec<_> = self.common.iter().cloned().chain(labels).collect();
                    observe(value(metric), &attributes);
                }
            }
        }
    }
}

/// The attributes that all values of a metric have.
fn common(scraped: &str, pool: &str) -> Vec<KeyValue> {
    let pool = KeyValue::new("db.client.connection.pool.name", pool.to_owned());
    match scraped {
        "http_requests_in_flight" => vec![KeyValue::new("url.scheme", "http")],
        "database_pool_size" => vec![pool],
        "database_pool_in_use" => vec![pool, KeyValue::new("db.client.connection.state", "used")],
        _ => Vec::new(),
    }
}

/// What OpenTelemetry calls a label.
fn attributes(label: &LabelPair) -> Vec<KeyValue> {
    let number = |text: &str| text.parse::<i64>().unwrap_or_default();
    match (label.name(), label.value().rsplit_once(':')) {
        ("status", _) => vec![KeyValue::new("http.response.status_code", number(label.value()))],
        ("host", Some((address, port))) => {
            let address = address.trim_matches(['[', ']']).to_owned();
            vec![
                KeyValue::new("server.address", address),
                KeyValue::new("server.port", number(port)),
            ]
        }
        _ => Vec::new(),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "all are whole, and below 2^53")]
fn value(metric: &Metric) -> i64 {
    // Of the two, the one that it does not have is 0.
    (metric.get_counter().get_value() + metric.get_gauge().get_value()) as i64
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use prometheus::{IntCounterVec, IntGaugeVec, Opts};

    use super::*;

    /// What is sent of a metric now: each value, after its attributes.
    fn values(source: &Source) -> Vec<String> {
        let mut values = Vec::new();
        source.each(|value, attributes| {
            let named = attributes.iter().map(|one| format!("{}={}", one.key, one.value));
            values.push(format!("{} {value}", named.collect::<Vec<_>>().join(" ")));
        });
        values
    }

    #[test]
    fn a_counter_is_read_when_it_is_time_to_send_it() {
        let answers = IntCounterVec::new(Opts::new("answers", "Answers."), &["status"]).unwrap();
        let collector = Shared(Arc::new(answers.clone()));
        let source = Source { collector, scraped: "answers", common: Vec::new() };
        assert!(values(&source).is_empty());
        answers.with_label_values(&["200"]).inc_by(2);
        assert_eq!(values(&source), ["http.response.status_code=200 2"]);
        answers.with_label_values(&["200"]).inc();
        assert_eq!(values(&source), ["http.response.status_code=200 3"]);
    }

    #[test]
    fn a_host_is_an_address_and_a_port() {
        for (host, address, port) in
            [("127.0.0.1:443", "127.0.0.1", 443), ("[::1]:5432", "::1", 5432), ("a:1", "a", 1)]
        {
            let open = IntGaugeVec::new(Opts::new("open", "Those that are open."), &["host"]);
            let open = open.unwrap();
            open.with_label_values(&[host]).set(2);
            let common = vec![KeyValue::new("url.scheme", "http")];
            let source = Source { collector: Shared(Arc::new(open)), scraped: "open", common };
            let said = format!("url.scheme=http server.address={address} server.port={port} 2");
            assert_eq!(values(&source), [said]);
        }
    }
}
