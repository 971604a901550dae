//! What the tests share: a router with a real database, and ways to block that database.
#![allow(dead_code, reason = "each test program uses a part of it")]

pub mod program;

use std::net::SocketAddr;
use std::{env, fmt};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{Request, Response, request};
use rust_service::router;
use rust_service::settings::Settings;
use tokio::net::lookup_host;
use tokio_postgres::config::Host;
use tokio_postgres::{Client, Config, NoTls};
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

/// A recipe to which the user of [`POSTER`] may add notes, and which no test reads.
pub const NOTES_PATH: &str = "/api/v1/recipes/10/notes";
pub const POSTER: &str = "sessionid=golden-bo";
pub const NOTE: &str = r#"{"text":"from a test"}"#;
pub const UNAVAILABLE: &str = include_str!("../../../contract/golden/bodies/unavailable.body");
pub const BUSY: &str = include_str!("../../../contract/golden/bodies/unavailable.busy.body");
pub const INTERNAL: &str = include_str!("../../../contract/golden/bodies/internal.body");

/// The seeded database to test with.
pub fn database_url() -> String {
    env::var("DATABASE_URL").unwrap_or_else(|_| {
        panic!("DATABASE_URL is not set: run `showdown up --database-only -- cargo test`")
    })
}

/// The database's URL with another parameter.
pub fn database_url_with(parameter: &str) -> String {
    let url = database_url();
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}{parameter}")
}

/// Where the database is.
pub async fn database_address() -> SocketAddr {
    let database: Config = database_url().parse().unwrap();
    let Host::Tcp(host) = &database.get_hosts()[0] else {
        panic!("DATABASE_URL must name a host, not a socket");
    };
    let port = database.get_ports().first().copied().unwrap_or(5432);
    lookup_host((host.as_str(), port)).await.unwrap().next().unwrap()
}

/// The database's URL with another address.
pub fn database_url_at(place: impl fmt::Display) -> String {
    let database: Config = database_url().parse().unwrap();
    let user = database.get_user().unwrap();
    let password = std::str::from_utf8(database.get_password().unwrap_or_default()).unwrap();
    format!("postgresql://{user}:{password}@{place}/{}", database.get_dbname().unwrap())
}

/// The router of a service where these variables are set.
pub fn service(variables: &[(&str, &str)]) -> Router {
    let settings = Settings::read(|name| {
        let set = variables.iter().find(|(known, _)| *known == name);
        match set {
            Some((_, value)) => Some(value.into()),
            None if name == "DATABASE_URL" => Some(database_url().into()),
            // Tests run side by side, and share Postgres's 100 connections.
            None if name == "POOL_SIZE" => Some("4".into()),
            // Connecting takes a while if many tests do so on few processors.
            None if name == "POOL_TIMEOUT_SECONDS" => Some("15".into()),
            None => None,
        }
    });
    let settings = settings.unwrap();
    router(&settings, TaskTracker::new()).unwrap()
}

/// Sends a request, and waits for the whole answer.
pub async fn send(service: &Router, request: Request<Body>) -> Response<Bytes> {
    let (parts, body) = service.clone().oneshot(request).await.unwrap().into_parts();
    Response::from_parts(parts, to_bytes(body, usize::MAX).await.unwrap())
}

/// Asks for a recipe that every seed has.
pub async fn get_recipe(service: &Router) -> Response<Bytes> {
    let request = request("/api/v1/recipes/4").header("cookie", "sessionid=golden-ada");
    send(service, request.body(Body::empty()).unwrap()).await
}

/// Asks for a page of recipes.
pub async fn get_recipes(service: &Router) -> Response<Bytes> {
    let request = request("/api/v1/recipes?limit=3").header("cookie", "sessionid=golden-ada");
    send(service, request.body(Body::empty()).unwrap()).await
}

/// Asserts that an answer says that the database is unavailable.
#[track_caller]
pub fn assert_unavailable(response: &Response<Bytes>) {
    assert_eq!((response.status().as_u16(), &response.body()[..]), (503, UNAVAILABLE.as_bytes()));
    assert_eq!(response.headers()["retry-after"], "1");
    assert_eq!(response.headers()["content-type"], "application/json");
}

/// Adds a note.
pub async fn post_note(service: &Router) -> Response<Bytes> {
    let request = request(NOTES_PATH)
        .method("POST")
        .header("cookie", POSTER)
        .header("content-type", "application/json");
    send(service, request.body(Body::from(NOTE)).unwrap()).await
}

fn request(path: &str) -> request::Builder {
    Request::builder().uri(path)
}

/// Keeps every request that adds a note waiting for the database, until it is dropped.
pub struct Holdup {
    _locking: Client,
    /// A second connection, because a transaction does not see changes in the activity of others.
    watching: Client,
}

impl Holdup {
    pub async fn start() -> Self {
        let locking = connect().await;
        locking.batch_execute("BEGIN; SELECT FROM recipes WHERE id = 10 FOR UPDATE").await.unwrap();
        Self { _locking: locking, watching: connect().await }
    }

    /// Waits until a client with this `application_name` is held up.
    pub async fn holds(&self, application_name: &str) {
        while !self.is_held(application_name).await {
            tokio::task::yield_now().await;
        }
    }

    /// Waits until none is.
    pub async fn lets_go(&self, application_name: &str) {
        while self.is_held(application_name).await {
            tokio::task::yield_now().await;
        }
    }

    async fn is_held(&self, application_name: &str) -> bool {
        const HELD: &str = "SELECT FROM pg_stat_activity \
                            WHERE application_name = $1 AND wait_event_type = 'Lock'";
        !self.watching.query(HELD, &[&application_name]).await.unwrap().is_empty()
    }
}

/// Connects as the owner, who may do everything: a service's user may not lock, or see other connections.
pub async fn connect() -> Client {
    let url = env::var("DATABASE_OWNER_URL").unwrap_or_else(|_| database_url());
    let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}
