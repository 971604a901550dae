//! Spans of requests, statements and calls, sent to a collector.
//!
//! The standard variables `OTEL_*` set the rest, such as the sampler. Spans have a target of their own and the lowest
//! level, so without TRACES each costs a comparison.

use std::time::Duration;

use axum::extract::{MatchedPath, Request};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::TracerProvider;
use opentelemetry_http::{HeaderExtractor, HeaderInjector};
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::field::Empty;
use tracing::level_filters::LevelFilter;
use tracing::{Instrument, Span, Subscriber, trace_span};
use tracing_opentelemetry::{OpenTelemetryLayer, OpenTelemetrySpanExt};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::registry::LookupSpan;

use crate::errors::Cause;

/// Nobody asks where the time of these has gone.
const NOT_TRACED: [&str; 2] = ["/healthz", "/metrics"];

/// Sends spans, from a thread of its own.
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// `collector`: `http://host:port`. `timeout`: how long sending a batch may take. Must not be called where a runtime
    /// runs.
    ///
    /// # Errors
    ///
    /// There can be no HTTP client.
    pub fn start(collector: &str, resource: Resource, timeout: Duration) -> Result<Self, Cause> {
        let exporter = SpanExporter::builder()
            .with_http()
            .with_endpoint(format!("{collector}/v1/traces"))
            .with_timeout(timeout)
            .build()?;
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource)
            .build();
        Ok(Self(provider))
    }

    /// What makes OpenTelemetry's spans of tracing's.
    pub(crate) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let only_ours = Targets::new().with_target(module_path!(), LevelFilter::TRACE);
        OpenTelemetryLayer::new(self.0.tracer("rust_service"))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_target(false)
            .with_filter(only_ours)
    }

    /// Sends what there is, and sends no more.
    pub fn close(&self, timeout: Duration) {
        if let Err(error) = self.0.shutdown_with_timeout(timeout) {
            tracing::warn!(cause = %error, "the last spans are not sent");
        }
    }
}

/// Answers a request in a span, whose parent is the client's.
pub(crate) async fn trace(route: Option<MatchedPath>, request: Request, next: Next) -> Response {
    if NOT_TRACED.contains(&request.uri().path()) {
        return next.run(request).await;
    }
    let method = request.method();
    let name = route.as_ref().map(|route| format!("{method} {}", route.as_str()));
    let span = trace_span!(
        "request",
        otel.name = name.unwrap_or_else(|| method.to_string()),
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = %method,
        http.route = route.as_ref().map(MatchedPath::as_str),
        url.path = request.uri().path(),
        http.response.status_code = Empty,
    );
    let client = TraceContextPropagator::new().extract(&HeaderExtractor(request.headers()));
    // It fails where nobody looks at the span.
    let _ = span.set_parent(client);
    let response = next.run(request).instrument(span.clone()).await;
    let status = response.status();
    span.record("http.response.status_code", i64::from(status.as_u16()));
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
    response
}

/// The span of a statement.
pub(crate) fn statement(sql: &'static str) -> Span {
    trace_span!(
        "statement",
        otel.name = operation(sql),
        otel.kind = "client",
        db.system.name = "postgresql",
        db.query.text = sql,
    )
}

/// The span of a call to the upstream.
pub(crate) fn call(url: &str) -> Span {
    trace_span!(
        "call",
        otel.name = "GET",
        otel.kind = "client",
        http.request.method = "GET",
        url.full = url,
    )
}

/// What tells the upstream that its work belongs to a span.
pub(crate) fn headers(span: &Span) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if !span.is_disabled() {
        TraceContextPropagator::new()
            .inject_context(&span.context(), &mut HeaderInjector(&mut headers));
    }
    headers
}

/// The first word of a statement that begins with comments.
fn operation(sql: &str) -> &str {
    let first = sql.lines().find(|line| !line.trim_start().starts_with("--"));
    first.and_then(|line| line.split_whitespace().next()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queries::Query;

    #[test]
    fn a_statement_is_named_by_its_first_word() {
        assert_eq!(operation(Query::NutritionRecipe.sql()), "SELECT");
        assert_eq!(operation("-- one\n  -- two\nINSERT INTO notes"), "INSERT");
        assert_eq!(operation(""), "");
    }

    #[test]
    fn without_traces_nothing_is_said_to_the_upstream() {
        assert!(headers(&call("https://localhost:1/facts/1")).is_empty());
    }
}
