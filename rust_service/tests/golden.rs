//! Every golden case, with every plan, every serializer and every kind of connection and statement.

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fmt, fs};

use axum::body::Body;
use axum::http::Request;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

const JSON: &str = "application/json";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    #[serde(default = "get")]
    method: String,
    path: String,
    session: Option<String>,
    #[serde(default)]
    headers: Fields,
    body: Option<String>,
    body_hex: Option<String>,
    #[serde(default)]
    pad_to: usize,
    #[serde(default = "ok")]
    status: u16,
    expect: String,
    #[serde(default)]
    expect_headers: BTreeMap<String, String>,
    #[serde(default)]
    placeholders: bool,
    /// Whether the service has to call the upstream.
    #[serde(default)]
    upstream: bool,
    /// Other answers that are allowed. This service does not give them.
    #[serde(default, rename = "or")]
    _or: Vec<toml::Value>,
}

/// Header fields in the order in which they are sent; one name may come twice, in two spellings.
#[derive(Default)]
struct Fields(Vec<(String, String)>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(table: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Fields;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a table of header fields")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut table: A) -> Result<Fields, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = table.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }

        table.deserialize_map(InOrder)
    }
}

fn get() -> String {
    "GET".to_owned()
}

fn ok() -> u16 {
    200
}

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../contract/golden")
}

fn cases() -> Vec<Case> {
    let cases = fs::read_to_string(golden().join("cases.toml")).unwrap();
    toml::from_str::<Cases>(&cases).unwrap().case
}

impl Case {
    fn request(&self) -> Request<Body> {
        let mut request = Request::builder().method(self.method.as_str()).uri(&self.path);
        if let Some(session) = &self.session {
            request = request.header("cookie", format!("sessionid={session}"));
        }
        for (name, value) in &self.headers.0 {
            request = request.header(name, value);
        }
        let Some(body) = self.body() else {
            return request.body(Body::empty()).unwrap();
        };
        if self.headers.0.iter().all(|(name, _)| name != "content-type") {
            request = request.header("content-type", JSON);
        }
        request.body(Body::from(body)).unwrap()
    }

    fn body(&self) -> Option<Vec<u8>> {
        let mut body = match (&self.body, &self.body_hex) {
            (Some(text), None) => text.clone().into_bytes(),
            (None, Some(hex)) => bytes(hex),
            (None, None) => return None,
            (Some(_), Some(_)) => panic!("{}: body and body_hex", self.name),
        };
        body.resize(body.len().max(self.pad_to), b' ');
        Some(body)
    }

    fn expected_body(&self) -> String {
        if self.method == "HEAD" {
            return String::new();
        }
        fs::read_to_string(golden().join(format!("bodies/{}.body", self.expect))).unwrap()
    }

    fn expects(&self, body: &str) -> bool {
        let expected = self.expected_body();
        if self.placeholders { matches(&expected, body) } else { expected == body }
    }
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    hex.as_bytes().chunks(2).map(digits).collect()
}

/// Whether a text is as expected, where <id> and <timestamp> stand for any id and time.
fn matches(expected: &str, actual: &str) -> bool {
    let Some((before, rest)) = expected.split_once('<') else {
        return expected == actual;
    };
    let (placeholder, expected) = rest.split_once('>').unwrap();
    let Some(actual) = actual.strip_prefix(before) else {
        return false;
    };
    let end = actual.find([',', '"', '}']).unwrap_or(actual.len());
    let (value, actual) = actual.split_at(end);
    let fits = match placeholder {
        "id" => value.parse::<i64>().is_ok_and(|id| id > 0 && id.to_string() == value),
        "timestamp" => is_timestamp(value),
        other => panic!("<{other}> is no placeholder"),
    };
    fits && matches(expected, actual)
}

fn is_timestamp(text: &str) -> bool {
    let whole = text.len() == "2000-01-01T00:00:00Z".len();
    let micros = text.len() == "2000-01-01T00:00:00.000001Z".len() && !text.ends_with(".000000Z");
    (whole || micros) && text.ends_with('Z') && text.parse::<jiff::Timestamp>().is_ok()
}

async fn replay(variables: &[(&str, &str)]) {
    let service = support::service(variables);
    let cases = cases();
    assert!(!cases.is_empty());
    // contract/tests/test_outbound.py replays those that need an upstream.
    for case in cases.into_iter().filter(|case| !case.upstream) {
        let name = &case.name;
        let response = support::send(&service, case.request()).await;
        let body = std::str::from_utf8(response.body()).unwrap();
        assert_eq!(response.status(), case.status, "{name}: {body}");
        assert_eq!(response.headers()["content-type"], JSON, "{name}");
        for (header, value) in &case.expect_headers {
            assert_eq!(response.headers()[header], *value, "{name}");
        }
        assert!(
            case.expects(body),
            "{name}\n  expected {}\n  actual   {body}",
            case.expected_body()
        );
    }
}

#[tokio::test]
async fn each_plan_and_serializer_with_a_pool_and_cached_statements() {
    for plan in ["single", "sequential"] {
        for serializer in ["serde", "rowjson"] {
            replay(&[("PLAN", plan), ("SERIALIZER", serializer)]).await;
        }
    }
}

#[tokio::test]
async fn each_plan_with_a_pool_and_statements_prepared_each_time() {
    for plan in ["single", "sequential"] {
        replay(&[("PLAN", plan), ("STATEMENTS", "each")]).await;
    }
}

#[tokio::test]
async fn each_plan_with_a_connection_per_request() {
    for plan in ["single", "sequential"] {
        replay(&[("PLAN", plan), ("CONNECTIONS", "per-request")]).await;
    }
}

#[tokio::test]
async fn a_pool_that_checks_its_connections() {
    replay(&[("POOL_PING", "true")]).await;
}

/// The title of the recipe was found, and there is no upstream to call.
#[cfg(feature = "sqlx")]
#[tokio::test]
async fn sqlx_reads_the_title_for_the_upstream() {
    let service = support::service(&[("DRIVER", "sqlx")]);
    let request =
        Request::get("/api/v1/recipes/1/nutrition").header("cookie", "sessionid=golden-ada");
    let response = support::send(&service, request.body(Body::empty()).unwrap()).await;
    let expected = fs::read(golden().join("bodies/bad_gateway.upstream.body")).unwrap();
    assert_eq!((response.status().as_u16(), &response.body()[..]), (502, &expected[..]));
}

#[cfg(feature = "sqlx")]
#[tokio::test]
async fn sqlx_with_and_without_a_ping() {
    for ping in ["false", "true"] {
        replay(&[("DRIVER", "sqlx"), ("POOL_PING", ping)]).await;
    }
}

#[tokio::test]
async fn nothing_is_kept() {
    let variables = [
        ("PLAN", "sequential"),
        ("STATEMENTS", "each"),
        ("CONNECTIONS", "per-request"),
        ("POOL_SIZE", "1"),
    ];
    replay(&variables).await;
}

const ARTICLE: [(&str, &str); 5] = [
    ("PLAN", "sequential"),
    ("STATEMENTS", "each"),
    ("POOL_PING", "true"),
    ("SET_TIME_ZONE", "true"),
    ("ACCESS_LOG", "true"),
];

/// The configuration of 2022, without the random look-up.
#[tokio::test]
async fn as_the_article_did_it() {
    replay(&ARTICLE).await;
}

/// Whichever recipe is asked for, the answer is the exact document of a recipe that Bo may see. After some
/// requests each of them has come.
#[tokio::test]
async fn a_random_recipe_of_the_users() {
    let service = support::service(&[&ARTICLE[..], &[("LOOKUP", "random")]].concat());
    let document =
        |name: &str| fs::read_to_string(golden().join(format!("bodies/{name}.body"))).unwrap();
    let mut unseen = vec!["recipe-of-left-team", "recipe-for-notes"];
    while !unseen.is_empty() {
        let request = Request::get("/api/v1/recipes/1").header("cookie", "sessionid=golden-bo");
        let response = support::send(&service, request.body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), 200);
        let body = std::str::from_utf8(response.body()).unwrap();
        // Other tests add notes to a recipe, at its end.
        let is = |name: &str| body.starts_with(document(name).strip_suffix("]}}").unwrap());
        assert!(is("recipe-of-left-team") || is("recipe-for-notes"), "{body}");
        unseen.retain(|name| !is(name));
    }
}

#[test]
fn placeholders_stand_for_what_they_say() {
    let expected = r#"{"id":<id>,"at":"<timestamp>"}"#;
    assert!(matches(expected, r#"{"id":7,"at":"2022-03-01T09:30:00Z"}"#));
    assert!(matches(expected, r#"{"id":7,"at":"2022-03-01T09:30:00.000001Z"}"#));
    for not in [
        r#"{"id":0,"at":"2022-03-01T09:30:00Z"}"#,
        r#"{"id":07,"at":"2022-03-01T09:30:00Z"}"#,
        r#"{"id":"7","at":"2022-03-01T09:30:00Z"}"#,
        r#"{"id":7,"at":"2022-03-01T09:30:00.000000Z"}"#,
        r#"{"id":7,"at":"2022-03-01T09:30:00+00:00"}"#,
        r#"{"id":7,"at":"2022-03-01T09:30:00Z"} "#,
        r#"{"id":7}"#,
    ] {
        assert!(!matches(expected, not), "{not}");
    }
}
