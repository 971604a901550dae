//! The query that packs the rows of another.

use std::fmt::Write;

use crate::document::shape::{Content, Shape};
use crate::postgres::types::Kind;

/// The name of the rows. No column has it: Postgres would take a column of that name for the rows.
const ROWS: &str = "\"rowjson: all columns\"";

/// A query that returns one value: all rows of `query`, as [`Packed`](crate::document::packed::Packed) reads
/// them; NULL if there are none.
///
/// It fails if the connection's encoding is not UTF-8, because texts in other encodings could not be told
/// from UTF-8 later. With a shape, Postgres converts the columns as the shape declares them, for only Postgres
/// knows all types: a column that is declared as text or JSON is cast to that, a domain becomes the type that
/// it is based on, and a column of rows must hold rows. Nothing else is changed. The query fails if it has more
/// or fewer columns than the shape.
#[must_use]
pub fn packed(query: &str, shape: Option<&Shape>) -> String {
    let query = query.trim_end();
    let query = query.strip_suffix(';').unwrap_or(query);
    let columns = shape.map_or(&[][..], Shape::columns);
    let numbers = || (1..=columns.len()).map(|number| format!("\"{number}\""));
    let (row, names, guard) = if columns.is_empty() {
        (ROWS.to_owned(), String::new(), String::new())
    } else {
        let sent = numbers().zip(columns).map(|(name, column)| sent(&name, &column.content));
        let names = format!(" ({})", join(numbers()));
        // Postgres accepts fewer names than columns, but no UNION of different widths. It parses this
        // condition and never evaluates it.
        let nulls = join(columns.iter().map(|_| "NULL".into()));
        let guard = format!("\nWHERE true OR EXISTS (SELECT {ROWS}.* UNION ALL SELECT {nulls})");
        (format!("ROW({})", join(sent)), names, guard)
    };
    // The query has its own lines, for it may end in a comment. The only way to raise an error with a message
    // in an expression is a cast that fails.
    let mut sql = String::new();
    let _ = write!(
        sql,
        "SELECT CASE pg_client_encoding() WHEN 'UTF8' THEN string_agg(record_send({row}), ''::bytea) \
         ELSE int4send(('packed rows need client_encoding UTF8, not ' || pg_client_encoding())::int4) END \
         FROM (\n{query}\n) {ROWS}{names}{guard}"
    );
    sql
}

/// The expression that is sent for the column `name`.
fn sent(name: &str, content: &Content) -> String {
    let cast = |ty: &str| format!("{name}::pg_catalog.{ty}");
    match content {
        Content::One(_) => cast("record"),
        Content::Many(_) => cast("record[]"),
        // Not a cast to varchar, bpchar or name, which may cut a text off.
        Content::Value(Some(Kind::Scalar(ty))) if ty.is_text() => cast("text"),
        Content::Value(Some(Kind::Array(ty))) if ty.is_text() => cast("text[]"),
        Content::Value(Some(kind @ (Kind::Scalar(ty) | Kind::Array(ty)))) if ty.is_json() => {
            cast(&kind.to_string())
        }
        // COALESCE(value, NULL) would leave an array of a domain as it is: it needs another type to agree with.
        Content::Value(Some(Kind::Array(ty))) => {
            format!("COALESCE(NULL::pg_catalog.\"{}\"[], {name})", ty.name())
        }
        // The common type of a domain and NULL is the type that the domain is based on.
        Content::Value(_) => format!("COALESCE({name}, NULL)"),
    }
}

fn join(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::shape::Column;

    fn shape(contents: Vec<Content>) -> Shape {
        let column = |(place, content)| Column { name: format!("c{place}").into(), content };
        Shape::new(contents.into_iter().enumerate().map(column).collect(), None, None).unwrap()
    }

    #[test]
    fn rows_are_sent_whole_and_the_query_may_end_as_queries_do() {
        let sql = packed("SELECT 1 -- one;\n; ", None);
        assert!(sql.contains("record_send(\"rowjson: all columns\")"), "{sql}");
        assert!(sql.ends_with("FROM (\nSELECT 1 -- one;\n\n) \"rowjson: all columns\""), "{sql}");
    }

    #[test]
    fn a_shape_says_what_each_column_is_sent_as() {
        let value = |name| Content::Value(Kind::from_name(name));
        let inner = || std::sync::Arc::new(shape(vec![value("")]));
        let contents = [
            value(""),
            value("numeric"),
            value("name"),
            value("text[]"),
            value("jsonb"),
            value("char[]"),
            Content::One(inner()),
            Content::Many(inner()),
        ];
        let sent: Vec<_> = contents.iter().map(|content| sent("c", content)).collect();
        assert_eq!(
            sent,
            [
                "COALESCE(c, NULL)",
                "COALESCE(c, NULL)",
                "c::pg_catalog.text",
                "c::pg_catalog.text[]",
                "c::pg_catalog.jsonb",
                "COALESCE(NULL::pg_catalog.\"char\"[], c)",
                "c::pg_catalog.record",
                "c::pg_catalog.record[]",
            ]
        );
    }

    #[test]
    fn a_shape_names_its_columns_by_their_places() {
        let sql = packed("TABLE a", Some(&shape(vec![Content::Value(None), Content::Value(None)])));
        let end = ") \"rowjson: all columns\" (\"1\", \"2\")\n\
                   WHERE true OR EXISTS (SELECT \"rowjson: all columns\".* UNION ALL SELECT NULL, NULL)";
        assert!(
            sql.contains("record_send(ROW(COALESCE(\"1\", NULL), COALESCE(\"2\", NULL)))"),
            "{sql}"
        );
        assert!(sql.ends_with(end), "{sql}");
    }
}
