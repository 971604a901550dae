//! The routes of the API.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::{any, get, post};
use opentelemetry::global;
use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;

use crate::access_log;
use crate::body::NoteText;
use crate::errors::{Cause, Error};
use crate::metrics::{Metrics, measure};
use crate::parameters::{Paging, RecipeId, SessionKey};
use crate::plans::Planner;
use crate::responses::json;
use crate::settings::Settings;
use crate::traces::trace;
use crate::upstream::Upstream;

/// The API, as the settings say. `drivers` runs the tasks of the connections to the database.
///
/// # Errors
///
/// There can be no client for the upstream.
pub fn router(settings: &Settings, drivers: TaskTracker) -> Result<Router, Cause> {
    let metrics = settings.is_measured().then(|| Metrics::new(settings.pool_size)).transpose()?;
    let upstream = Upstream::new(settings.upstream.clone(), settings.client, metrics.as_ref())?;
    let planner = Arc::new(Planner::new(settings, drivers, upstream));
    let mut routes = Router::new()
        .route("/healthz", get(healthz).fallback(reading_only))
        .route("/api/v1/recipes", get(recipe_list).fallback(reading_only))
        .route("/api/v1/recipes/{id}", get(recipe).fallback(reading_only))
        .route("/api/v1/recipes/{id}/nutrition", get(nutrition).fallback(reading_only))
        .route("/api/v1/recipes/{id}/notes", post(note_create).fallback(posting_only))
        // An id may be malformed but not empty, which the router would allow between two slashes.
        .route("/api/v1/recipes//nutrition", any(no_such_route))
        .route("/api/v1/recipes//notes", any(no_such_route))
        .fallback(no_such_route)
        .with_state(Arc::clone(&planner));
    if let Some(mut metrics) = metrics {
        // Who sends them must not keep the pool open at the stop, and may yet be the last to drop it: closing it takes
        // tasks of the runtime.
        let (seen, runtime) = (Arc::downgrade(&planner), Handle::current());
        metrics.watch_pool(move || {
            let _entered = runtime.enter();
            seen.upgrade().map_or(0, |planner| planner.connections_in_use())
        })?;
        if settings.sends_metrics() {
            metrics.send(&global::meter("rust_service"), &settings.database_place());
        }
        let metrics = Arc::new(metrics);
        let scraped = get(scrape).fallback(reading_only).with_state(Arc::clone(&metrics));
        routes = routes.route("/metrics", scraped).layer(from_fn_with_state(metrics, measure));
    }
    if settings.traces {
        routes = routes.layer(from_fn(trace));
    }
    Ok(if settings.access_log { access_log::of(routes) } else { routes })
}

async fn healthz() -> Response {
    json(StatusCode::OK, r#"{"status":"ok"}"#)
}

async fn scrape(State(metrics): State<Arc<Metrics>>) -> Result<Response, Error> {
    metrics.answer()
}

async fn recipe(
    State(planner): State<Arc<Planner>>,
    SessionKey(key): SessionKey,
    RecipeId(id): RecipeId,
) -> Result<Response, Error> {
    planner.recipe(&key, id).await
}

async fn nutrition(
    State(planner): State<Arc<Planner>>,
    SessionKey(key): SessionKey,
    RecipeId(id): RecipeId,
) -> Result<Response, Error> {
    planner.nutrition(&key, id).await
}

async fn recipe_list(
    State(planner): State<Arc<Planner>>,
    SessionKey(key): SessionKey,
    paging: Paging,
) -> Result<Response, Error> {
    planner.recipe_list(&key, &paging).await
}

async fn note_create(
    State(planner): State<Arc<Planner>>,
    SessionKey(key): SessionKey,
    RecipeId(id): RecipeId,
    NoteText(text): NoteText,
) -> Result<Response, Error> {
    planner.note_create(&key, id, &text).await
}

async fn no_such_route() -> Error {
    Error::NotFound
}

async fn reading_only() -> Error {
    Error::MethodNotAllowed { allow: "GET, HEAD" }
}

async fn posting_only() -> Error {
    Error::MethodNotAllowed { allow: "POST" }
}
