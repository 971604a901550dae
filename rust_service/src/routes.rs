//! The routes of the API.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use tokio_util::task::TaskTracker;

use crate::access_log;
use crate::body::NoteText;
use crate::errors::{Cause, Error};
use crate::parameters::{Paging, RecipeId, SessionKey};
use crate::plans::Planner;
use crate::responses::json;
use crate::settings::Settings;
use crate::upstream::Upstream;

/// The API, as the settings say. `drivers` runs the tasks of the connections to the database.
///
/// # Errors
///
/// There can be no client for the upstream.
pub fn router(settings: &Settings, drivers: TaskTracker) -> Result<Router, Cause> {
    let planner = Planner::new(settings, drivers, Upstream::new(settings)?);
    let routes = Router::new()
        .route("/healthz", get(healthz).fallback(reading_only))
        .route("/api/v1/recipes", get(recipe_list).fallback(reading_only))
        .route("/api/v1/recipes/{id}", get(recipe).fallback(reading_only))
        .route("/api/v1/recipes/{id}/nutrition", get(nutrition).fallback(reading_only))
        .route("/api/v1/recipes/{id}/notes", post(note_create).fallback(posting_only))
        .fallback(no_such_route)
        .with_state(Arc::new(planner));
    Ok(if settings.access_log { access_log::of(routes) } else { routes })
}

async fn healthz() -> Response {
    json(StatusCode::OK, r#"{"status":"ok"}"#)
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
