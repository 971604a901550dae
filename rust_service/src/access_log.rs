//! A line and a span for each request, by tower-http's tracing, as in the article's Rust.

use axum::Router;
use axum::extract::Request;
use tower_http::request_id::{MakeRequestUuid, RequestId, SetRequestIdLayer};
use tower_http::trace::TraceLayer;
use tracing::{Span, info, info_span};

/// The routes, with each request logged.
pub fn of(routes: Router) -> Router {
    routes
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
}

fn span(request: &Request) -> Span {
    let id = request.extensions().get::<RequestId>();
    let id = id.and_then(|id| id.header_value().to_str().ok()).unwrap_or_default();
    let (method, uri) = (request.method(), request.uri());
    info!("request {id} {method} {uri}");
    info_span!("request", id, %method, %uri)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::routing::get;
    use serde_json::Value;
    use tokio::runtime::Builder;
    use tower::ServiceExt;

    use super::*;
    use crate::logs::tests::logged;
    use crate::settings::LogLevel;

    #[test]
    fn each_request_is_a_line_with_an_id_of_its_own() {
        let log = logged(LogLevel::Info, || {
            let routes = of(Router::new().route("/healthz", get(async || "ok")));
            let runtime = Builder::new_current_thread().build().unwrap();
            for uri in ["/healthz", "/nowhere?x=1"] {
                let request = Request::get(uri).body(Body::empty()).unwrap();
                runtime.block_on(routes.clone().oneshot(request)).unwrap();
            }
        });
        let requests: Vec<Value> =
            log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let [first, second] = &requests[..] else { panic!("{log}") };
        let (first, second) =
            (first["message"].as_str().unwrap(), second["message"].as_str().unwrap());
        assert!(first.starts_with("request ") && first.ends_with(" GET /healthz"), "{first}");
        assert!(second.ends_with(" GET /nowhere?x=1"), "{second}");
        assert_ne!(first.split(' ').nth(1), second.split(' ').nth(1));
    }
}
