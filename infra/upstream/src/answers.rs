//! Answers a request for a resource.

use std::io;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use bytes::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use tokio::time::sleep;

use crate::activity::{Activity, UnderWay};
use crate::body::{Body, Then};
use crate::counters::Counters;
use crate::documents::parse;
use crate::settings::{Answer, Settings};
use crate::traced::Traced;

const GARBAGE: &[u8] = b"\xff\xfe{\"id\": 1, \"summ\x00\x1f]]>";
const NOTHING: &[u8] = b"{}";

/// What all connections share.
#[derive(Default)]
pub struct Upstream {
    /// What has happened.
    pub counters: Arc<Counters>,
    /// Which traces its requests belong to.
    pub traced: Traced,
    settings: RwLock<Settings>,
}

impl Upstream {
    pub fn new(settings: Settings) -> Self {
        Self { settings: RwLock::new(settings), ..Self::default() }
    }

    pub fn settings(&self) -> Settings {
        *self.settings.read().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub fn set(&self, settings: Settings) {
        *self.settings.write().unwrap_or_else(std::sync::PoisonError::into_inner) = settings;
    }

    /// Answers a request of a connection.
    ///
    /// # Errors
    ///
    /// There is to be no answer.
    pub async fn answer<B>(
        &self,
        request: &Request<B>,
        activity: &Arc<Activity>,
    ) -> io::Result<Response<Body>> {
        let mut under_way = activity.begin(&self.counters);
        self.traced.note(request.headers());
        let asked = parse(request.uri().path());
        self.counters.asked(asked.map(|(resource, _)| resource));
        let Some((resource, id)) = asked else {
            return Ok(empty(StatusCode::NOT_FOUND, under_way));
        };
        if request.method() != Method::GET {
            return Ok(empty(StatusCode::METHOD_NOT_ALLOWED, under_way));
        }
        let behaviour = self.settings().of(resource);
        let latency = behaviour.latency();
        if !latency.is_zero() {
            sleep(latency).await;
        }
        if behaviour.fails() {
            return Ok(empty(StatusCode::SERVICE_UNAVAILABLE, under_way));
        }
        let (content, then) = match behaviour.answer {
            Answer::Right => (resource.document(id), Then::End),
            Answer::Garbage => (Bytes::from_static(GARBAGE), Then::End),
            Answer::Cut => (resource.document(id), Then::Cut),
            Answer::Endless => (resource.document(id), Then::Endless),
            Answer::None => {
                under_way.answered();
                return Err(io::Error::other("there is to be no answer"));
            }
        };
        let body = Body::new(content, behaviour.body_time(), then, under_way);
        Ok(response(StatusCode::OK, body))
    }
}

fn empty(status: StatusCode, under_way: UnderWay) -> Response<Body> {
    response(status, Body::new(Bytes::from_static(NOTHING), Duration::ZERO, Then::End, under_way))
}

fn response(status: StatusCode, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;
    use crate::settings::Behaviour;

    async fn asked(upstream: &Upstream, method: &str, path: &str) -> (u16, Bytes) {
        let request = Request::builder().method(method).uri(path).body(()).unwrap();
        let response = upstream.answer(&request, &Arc::default()).await.unwrap();
        assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
        (response.status().as_u16(), response.into_body().collect().await.unwrap().to_bytes())
    }

    #[tokio::test]
    async fn resources_are_answered_and_counted() {
        let upstream = Upstream::default();
        let (status, body) = asked(&upstream, "GET", "/facts/3").await;
        assert_eq!((status, body), (200, crate::documents::Resource::Facts.document(3)));
        assert_eq!(asked(&upstream, "GET", "/facts/x").await, (404, Bytes::from_static(b"{}")));
        assert_eq!(asked(&upstream, "DELETE", "/price/3").await, (405, Bytes::from_static(b"{}")));
        let counts = upstream.counters.now();
        assert_eq!((counts.requests, counts.cancelled), (3, 0));
        assert_eq!((counts.requests_by_resource.facts, counts.requests_by_resource.price), (1, 1));
    }

    #[tokio::test]
    async fn settings_take_effect_at_once() {
        let upstream = Upstream::default();
        let failing = Behaviour { failure_share: 1.0, ..Behaviour::default() };
        upstream.set(Settings { price: failing, ..Settings::default() });
        assert_eq!(asked(&upstream, "GET", "/price/3").await.0, 503);
        assert_eq!(asked(&upstream, "GET", "/facts/3").await.0, 200);
        let garbage = Behaviour { answer: Answer::Garbage, ..Behaviour::default() };
        upstream.set(Settings { price: garbage, ..Settings::default() });
        let (status, body) = asked(&upstream, "GET", "/price/3").await;
        assert_eq!(status, 200);
        serde_json::from_slice::<serde_json::Value>(&body).unwrap_err();
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_nobody_waits_for_is_cancelled() {
        let upstream = Upstream::default();
        let slow = Behaviour { latency_ms: 50_000.0, ..Behaviour::default() };
        upstream.set(Settings { analysis: slow, ..Settings::default() });
        let waited =
            tokio::time::timeout(Duration::from_secs(1), asked(&upstream, "GET", "/analysis/1"));
        waited.await.unwrap_err();
        assert_eq!(upstream.counters.now().cancelled, 1);
    }
}
