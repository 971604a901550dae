//! What the resources say of an id. It never changes, so that golden cases can hold whole bodies.

use bytes::Bytes;
use serde::Serialize;

/// What can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// A text, as a language model writes it.
    Analysis,
    /// Figures of a look-up.
    Facts,
    /// What it costs.
    Price,
}

impl Resource {
    /// All of them, in the order of [`Resource::index`].
    pub const ALL: [Self; 3] = [Self::Analysis, Self::Facts, Self::Price];

    /// The first part of its path.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Analysis => "analysis",
            Self::Facts => "facts",
            Self::Price => "price",
        }
    }

    /// Its place among all.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// What it says of an id, as compact JSON.
    #[must_use]
    pub fn document(self, id: i64) -> Bytes {
        match self {
            Self::Analysis => json(&Analysis::of(id)),
            Self::Facts => json(&Facts::of(id)),
            Self::Price => json(&Price::of(id)),
        }
    }
}

/// The resource and the id of a path such as `/facts/12`. An id has but one spelling.
#[must_use]
pub fn parse(path: &str) -> Option<(Resource, i64)> {
    let (name, number) = path.strip_prefix('/')?.split_once('/')?;
    let resource = Resource::ALL.into_iter().find(|resource| resource.name() == name)?;
    let id: i64 = number.parse().ok()?;
    (id.to_string() == number).then_some((resource, id))
}

const KINDS: [&str; 7] = [
    "A light dish",
    "A hearty stew",
    "An everyday lunch",
    "A rich dessert",
    "A crème brûlée of the old school",
    "A fiery curry",
    "A dish for \"meal prep\"",
];
const STRENGTHS: [&str; 8] = [
    "plenty of fibre",
    "a lot of protein",
    "little salt",
    "slow carbohydrates",
    "unsaturated fats",
    "vitamin C from fresh herbs",
    "iron from lentils and spinach",
    "few additives",
];
const ADVICE: [&str; 9] = [
    "Serve it with a green salad.",
    "Half a portion is enough for a child.",
    "It keeps for three days in the fridge.",
    "Use less butter than the recipe says; nobody will notice.",
    "Those who avoid gluten take rice instead.",
    "A squeeze of lemon makes up for the salt that is left out.",
    "It is better on the second day.",
    "Add a handful of nuts for those who train.",
    "Drink water with it – the sauce is salty.",
];

#[derive(Serialize)]
struct Analysis {
    id: i64,
    summary: String,
    confidence: f64,
}

impl Analysis {
    fn of(id: i64) -> Self {
        let [kind, strength, other, advice, tens, ones] = Numbers::of(id, 1).take();
        let strengths = STRENGTHS.len() as u64;
        // Never the same one twice.
        let (first, second) =
            (strength % strengths, (strength + 1 + other % (strengths - 1)) % strengths);
        let summary = format!(
            "{} with {} and {}. {}",
            pick(&KINDS, kind),
            pick(&STRENGTHS, first),
            pick(&STRENGTHS, second),
            pick(&ADVICE, advice),
        );
        // Its last digit is not 0, so that a parser and a writer give the same text back.
        Self { id, summary, confidence: fraction(50 + 10 * (tens % 5) + 1 + ones % 9, 100) }
    }
}

#[derive(Serialize)]
struct Facts {
    id: i64,
    energy_kcal: u64,
    protein_g: f64,
    fat_g: f64,
    carbohydrate_g: f64,
}

impl Facts {
    fn of(id: i64) -> Self {
        let [energy, protein, fat, carbohydrate] = Numbers::of(id, 2).take();
        Self {
            id,
            energy_kcal: 80 + energy % 820,
            protein_g: tenths(protein, 40),
            fat_g: tenths(fat, 50),
            carbohydrate_g: tenths(carbohydrate, 90),
        }
    }
}

#[derive(Serialize)]
struct Price {
    id: i64,
    #[serde(rename = "price_cents")]
    cents: u64,
    currency: &'static str,
}

impl Price {
    fn of(id: i64) -> Self {
        let [cents] = Numbers::of(id, 3).take();
        Self { id, cents: 99 + cents % 2_400, currency: "EUR" }
    }
}

/// Numbers that look random and are always the same: the generator `SplitMix64`, begun with an id.
struct Numbers(u64);

impl Numbers {
    /// `kind`: so that the numbers of two resources have nothing to do with each other.
    fn of(id: i64, kind: u64) -> Self {
        Self(id.cast_unsigned() ^ kind << 56)
    }

    fn take<const N: usize>(mut self) -> [u64; N] {
        std::array::from_fn(|_| {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^ mixed >> 31
        })
    }
}

fn pick<'a>(texts: &[&'a str], number: u64) -> &'a str {
    let index = number % texts.len() as u64;
    texts[usize::try_from(index).unwrap_or_default()]
}

/// Less than `below`, with one decimal, which is not 0.
fn tenths(number: u64, below: u64) -> f64 {
    fraction(10 * (number % below) + 1 + number / below % 9, 10)
}

/// `part` of `whole`; both are small, so that nothing is lost.
fn fraction(part: u64, whole: u32) -> f64 {
    f64::from(u32::try_from(part).unwrap_or_default()) / f64::from(whole)
}

fn json(document: &impl Serialize) -> Bytes {
    serde_json::to_vec(document).expect("text and finite numbers can be written as JSON").into()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use serde_json::Value;

    use super::*;

    fn text(resource: Resource, id: i64) -> String {
        String::from_utf8(resource.document(id).to_vec()).unwrap()
    }

    #[test]
    fn a_path_names_a_resource_and_an_id() {
        assert_eq!(parse("/analysis/1"), Some((Resource::Analysis, 1)));
        assert_eq!(parse("/facts/-9223372036854775808"), Some((Resource::Facts, i64::MIN)));
        assert_eq!(parse("/price/0"), Some((Resource::Price, 0)));
        for path in [
            "",
            "/",
            "/facts",
            "/facts/",
            "/facts/x",
            "/facts/1/",
            "/facts/01",
            "/facts/+1",
            "/facts/-0",
            "/Facts/1",
            "/other/1",
            "facts/1",
            "/facts/9223372036854775808",
            "//facts/1",
        ] {
            assert_eq!(parse(path), None, "{path}");
        }
    }

    #[test]
    fn documents_of_an_id_never_change() {
        assert_eq!(
            text(Resource::Analysis, 1),
            "{\"id\":1,\"summary\":\"A hearty stew with few additives and vitamin C from fresh herbs. It keeps for \
             three days in the fridge.\",\"confidence\":0.99}"
        );
        assert_eq!(
            text(Resource::Facts, 1),
            "{\"id\":1,\"energy_kcal\":375,\"protein_g\":3.1,\"fat_g\":42.6,\"carbohydrate_g\":69.9}"
        );
        assert_eq!(text(Resource::Price, -7), r#"{"id":-7,"price_cents":2084,"currency":"EUR"}"#);
    }

    #[test]
    fn every_id_has_a_document_that_survives_a_parser() {
        for id in (-2_000..2_000).chain([i64::MIN, i64::MAX]) {
            for resource in Resource::ALL {
                let document = text(resource, id);
                let parsed: Value = serde_json::from_str(&document).unwrap();
                assert_eq!(parsed["id"], id);
                for (name, value) in parsed.as_object().unwrap() {
                    // As it was written, and as any language writes it again.
                    assert!(document.contains(&format!("\"{name}\":{value}")), "{document}");
                    assert!(!value.is_f64() || !value.to_string().ends_with(".0"), "{document}");
                }
            }
        }
    }

    #[test]
    fn documents_differ_between_ids() {
        for (resource, different) in
            [(Resource::Analysis, 900), (Resource::Facts, 1000), (Resource::Price, 700)]
        {
            let seen: HashSet<String> = (0..1_000)
                .map(|id| text(resource, id).replacen(&format!("{{\"id\":{id},"), "", 1))
                .collect();
            assert!(seen.len() >= different, "{resource:?}: {}", seen.len());
        }
    }
}
