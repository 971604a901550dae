//! Checks a request's cookies, path and query, before the database is used.
//!
//! Each type is an extractor, and Axum checks them in the order of a handler's arguments.

use std::ops::RangeInclusive;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};

use crate::errors::{Error, Parameter};

/// The part of a recipe's path before the id.
const RECIPES: &str = "/api/v1/recipes/";
/// The longest session key, in bytes.
const KEY_BYTES: usize = 128;
const LIMITS: RangeInclusive<i64> = 1..=500;
const DEFAULT_LIMIT: i64 = 100;

/// The key of a session. The session may be unknown.
#[derive(Debug)]
pub struct SessionKey(pub String);

/// The id of a recipe, from 1.
#[derive(Debug)]
pub struct RecipeId(pub i64);

/// Which page of a list is asked for.
#[derive(Debug, PartialEq, Eq)]
pub struct Paging {
    /// The largest number of recipes, from 1 to 500.
    pub limit: i64,
    /// Only recipes with a greater id.
    pub after: i64,
}

impl<S: Sync> FromRequestParts<S> for SessionKey {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        session_key(&parts.headers).map(|key| Self(key.to_owned())).ok_or(Error::Unauthorized)
    }
}

impl<S: Sync> FromRequestParts<S> for RecipeId {
    type Rejection = Error;

    /// Not by one of Axum's extractors, because those decode the path.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        recipe_id(parts.uri.path()).map(Self).ok_or(Error::BadParameter(Parameter::Id))
    }
}

impl<S: Sync> FromRequestParts<S> for Paging {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        paging(parts.uri.query().unwrap_or_default())
    }
}

/// The id in the path of a recipe, as it was sent.
fn recipe_id(path: &str) -> Option<i64> {
    let id = path.strip_prefix(RECIPES)?.split('/').next()?;
    whole_number(id).filter(|id| *id > 0)
}

/// The first sessionid cookie that has the form of a key. Other cookies may hold any bytes.
fn session_key(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .flat_map(|cookies| cookies.as_bytes().split(|byte| *byte == b';'))
        .filter_map(|cookie| cookie.trim_ascii().strip_prefix(b"sessionid="))
        .find(|key| is_key(key))
        .and_then(|key| str::from_utf8(key).ok())
}

fn is_key(bytes: &[u8]) -> bool {
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-' || *byte == b'_';
    (1..=KEY_BYTES).contains(&bytes.len()) && bytes.iter().all(allowed)
}

/// A number in digits without leading zeros, so that each number can be written in only one way.
fn whole_number(text: &str) -> Option<i64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let leading_zero = text.len() > 1 && text.starts_with('0');
    if digits && !leading_zero { text.parse().ok() } else { None }
}

fn paging(query: &str) -> Result<Paging, Error> {
    let limit = parameter(query, Parameter::Limit, "limit", DEFAULT_LIMIT)?;
    if !LIMITS.contains(&limit) {
        return Err(Error::BadParameter(Parameter::Limit));
    }
    let after = parameter(query, Parameter::After, "after", 0)?;
    Ok(Paging { limit, after })
}

/// The value of a query parameter, which must not be repeated.
fn parameter(query: &str, parameter: Parameter, name: &str, default: i64) -> Result<i64, Error> {
    let mut values = form_urlencoded::parse(query.as_bytes())
        .filter_map(|(key, value)| (key == name).then_some(value));
    match (values.next(), values.next()) {
        (None, _) => Ok(default),
        (Some(value), None) => whole_number(&value).ok_or(Error::BadParameter(parameter)),
        (Some(_), Some(_)) => Err(Error::BadParameter(parameter)),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn key_in(cookie: &[u8]) -> Option<String> {
        let headers =
            HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_bytes(cookie).unwrap())]);
        session_key(&headers).map(str::to_owned)
    }

    #[test]
    fn the_key_is_found_among_other_cookies() {
        for cookie in [
            "sessionid=Key_1-2",
            "a=1; sessionid=Key_1-2; b=2",
            "a=1;sessionid=Key_1-2",
            "notsessionid=x; sessionid=Key_1-2 ",
            "sessionid=not a key; sessionid=Key_1-2; sessionid=later",
            "theme=dunkelgrün; sessionid=Key_1-2",
        ] {
            assert_eq!(key_in(cookie.as_bytes()).as_deref(), Some("Key_1-2"), "{cookie}");
        }
    }

    #[test]
    fn what_cannot_be_a_key_is_none() {
        for cookie in [
            "",
            "sessionid",
            "sessionid=",
            "Sessionid=key",
            "xsessionid=key",
            "sessionid=a b",
            "sessionid=\"key\"",
            "sessionid=a=b",
            "sessionid=a%20b",
        ] {
            assert_eq!(key_in(cookie.as_bytes()), None, "{cookie}");
        }
        assert_eq!(session_key(&HeaderMap::new()), None);
    }

    #[test]
    fn keys_have_up_to_128_characters() {
        assert!(is_key(&[b'k'; 128]));
        assert!(!is_key(&[b'k'; 129]));
        assert!(!is_key("schlüssel".as_bytes()));
    }

    #[test]
    fn whole_numbers_are_written_in_one_way() {
        for number in [0, 1, 10, 500, i64::MAX] {
            assert_eq!(whole_number(&number.to_string()), Some(number));
        }
        let not = ["", "00", "01", "+1", "-1", "-0", "1.0", "1e3", " 1", "1_0", "0x1", "١", "９"];
        for text in not.into_iter().chain(["9223372036854775808", "18446744073709551617"]) {
            assert_eq!(whole_number(text), None, "{text}");
        }
    }

    #[test]
    fn ids_are_read_as_they_are_sent() {
        assert_eq!(recipe_id("/api/v1/recipes/7"), Some(7));
        assert_eq!(recipe_id("/api/v1/recipes/7/notes"), Some(7));
        for id in ["0", "-7", "%37", "7%2Fnotes", "%FF", ""] {
            assert_eq!(recipe_id(&format!("/api/v1/recipes/{id}")), None, "{id}");
        }
    }

    #[test]
    fn pages_start_at_the_beginning_and_have_100_recipes() {
        assert_eq!(paging("").unwrap(), Paging { limit: 100, after: 0 });
        assert_eq!(paging("limits=1&x").unwrap(), Paging { limit: 100, after: 0 });
        assert_eq!(paging("after=7&limit=2").unwrap(), Paging { limit: 2, after: 7 });
        assert_eq!(paging("%6Cimit=%32").unwrap(), Paging { limit: 2, after: 0 });
    }

    #[test]
    fn bad_pages_name_the_first_bad_parameter() {
        let bad = |query| match paging(query) {
            Err(Error::BadParameter(parameter)) => parameter,
            other => panic!("{query} is read as {other:?}"),
        };
        for query in ["limit=0", "limit=501", "limit", "limit=+5", "limit=5&limit=5", "limit=%FF"] {
            assert_eq!(bad(query), Parameter::Limit);
        }
        for query in ["after=-1", "after", "after=1&after=1", "after=9223372036854775808"] {
            assert_eq!(bad(query), Parameter::After);
        }
        assert_eq!(bad("after=x&limit=x"), Parameter::Limit);
    }
}
