//! What the upstream answers, and the document that is made of it.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::calls::CallError;

#[derive(Deserialize)]
struct Analysis<'a> {
    id: i64,
    summary: String,
    #[serde(borrow)]
    confidence: &'a RawValue,
}

#[derive(Deserialize)]
struct Facts<'a> {
    id: i64,
    #[serde(borrow)]
    energy_kcal: &'a RawValue,
    #[serde(borrow)]
    protein_g: &'a RawValue,
    #[serde(borrow)]
    fat_g: &'a RawValue,
    #[serde(borrow)]
    carbohydrate_g: &'a RawValue,
}

#[derive(Deserialize)]
struct Price<'a> {
    id: i64,
    #[serde(borrow, rename = "price_cents")]
    cents: &'a RawValue,
    currency: String,
}

/// Members are in the contract's order. Numbers are carried as the upstream wrote them.
#[derive(Serialize)]
struct Nutrition<'a> {
    id: i64,
    name: &'a str,
    summary: &'a str,
    confidence: &'a RawValue,
    energy_kcal: &'a RawValue,
    protein_g: &'a RawValue,
    fat_g: &'a RawValue,
    carbohydrate_g: &'a RawValue,
    price_cents: &'a RawValue,
    currency: &'a str,
}

/// The document as JSON, from the bodies of the three resources.
pub fn nutrition(
    id: i64,
    name: &str,
    analysis: &[u8],
    facts: &[u8],
    price: &[u8],
) -> Result<Vec<u8>, CallError> {
    let analysis: Analysis = read(analysis)?;
    let facts: Facts = read(facts)?;
    let price: Price = read(price)?;
    for answered in [analysis.id, facts.id, price.id] {
        if answered != id {
            return Err(wrong(format!("the body is of recipe {answered}")));
        }
    }
    let document = Nutrition {
        id,
        name,
        summary: &analysis.summary,
        confidence: number(analysis.confidence)?,
        energy_kcal: number(facts.energy_kcal)?,
        protein_g: number(facts.protein_g)?,
        fat_g: number(facts.fat_g)?,
        carbohydrate_g: number(facts.carbohydrate_g)?,
        price_cents: number(price.cents)?,
        currency: &price.currency,
    };
    serde_json::to_vec(&document).map_err(|error| CallError::Wrong(error.into()))
}

fn read<'a, A: Deserialize<'a>>(body: &'a [u8]) -> Result<A, CallError> {
    serde_json::from_slice(body)
        .map_err(|error| wrong(format!("the body is not the resource: {error}")))
}

/// A value that has been read as JSON, if it is a number.
fn number(value: &RawValue) -> Result<&RawValue, CallError> {
    if value.get().starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
        Ok(value)
    } else {
        Err(wrong("a member that must be a number is none".to_owned()))
    }
}

fn wrong(text: String) -> CallError {
    CallError::Wrong(text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANALYSIS: &str = r#"{"id":7,"summary":"\u00bd salt","confidence":0.50}"#;
    const FACTS: &str =
        r#"{"id":7,"energy_kcal":1e2,"protein_g":-0.0,"fat_g":1,"carbohydrate_g":12.0,"more":[]}"#;
    const PRICE: &str = r#"{"currency":"EUR","price_cents":199,"id":7}"#;

    fn made(analysis: &str, facts: &str, price: &str) -> Result<String, CallError> {
        nutrition(7, "a \"b\"", analysis.as_bytes(), facts.as_bytes(), price.as_bytes())
            .map(|body| String::from_utf8(body).unwrap())
    }

    #[test]
    fn numbers_are_carried_as_they_were_written() {
        assert_eq!(
            made(ANALYSIS, FACTS, PRICE).unwrap(),
            "{\"id\":7,\"name\":\"a \\\"b\\\"\",\"summary\":\"½ salt\",\"confidence\":0.50,\"energy_kcal\":1e2,\
             \"protein_g\":-0.0,\"fat_g\":1,\"carbohydrate_g\":12.0,\"price_cents\":199,\"currency\":\"EUR\"}"
        );
    }

    #[test]
    fn what_is_not_the_resource_is_refused() {
        for price in [
            "",
            "null",
            "[]",
            "{}",
            r#"{"id":7,"price_cents":199}"#,
            r#"{"id":7,"price_cents":"199","currency":"EUR"}"#,
            r#"{"id":7,"price_cents":null,"currency":"EUR"}"#,
            r#"{"id":7,"price_cents":199,"currency":5}"#,
            r#"{"id":"7","price_cents":199,"currency":"EUR"}"#,
            r#"{"id":8,"price_cents":199,"currency":"EUR"}"#,
            r#"{"id":7,"price_cents":199,"currency":"EUR"} {}"#,
            r#"{"id":7,"price_cents":199,"currency":"EUR""#,
            r#"{"id":7,"price_cents":199,"currency":"\ud800"}"#,
        ] {
            let refused = made(ANALYSIS, FACTS, price);
            assert!(matches!(refused, Err(CallError::Wrong(_))), "{price}: {refused:?}");
        }
    }
}
