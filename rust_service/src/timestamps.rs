//! Points in time, in the form that Postgres sends and in the contract's form.

use std::error::Error;
use std::fmt;

use jiff::SignedDuration;
use jiff::civil::{DateTime, date};
use jiff::fmt::StdFmtWrite;
use jiff::fmt::temporal::DateTimePrinter;
use serde::{Serialize, Serializer};
use tokio_postgres::types::{FromSql, Type, accepts};

/// The time from which Postgres counts microseconds.
const EPOCH: DateTime = date(2000, 1, 1).at(0, 0, 0, 0);

/// A `timestamptz` of the years 1 to 9999, in UTC. It is shown as RFC 3339 with `Z`, with six
/// fractional digits unless all are zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timestamp(DateTime);

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = if self.0.subsec_nanosecond() == 0 { 0 } else { 6 };
        DateTimePrinter::new()
            .precision(Some(digits))
            .print_datetime(&self.0, StdFmtWrite(&mut *formatter))
            .map_err(|_| fmt::Error)?;
        formatter.write_str("Z")
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl FromSql<'_> for Timestamp {
    /// RFC 3339 only has the years 1 to 9999. Postgres has others, and infinities, which are the largest
    /// and the smallest number.
    fn from_sql(ty: &Type, raw: &[u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Self::from_microseconds(i64::from_sql(ty, raw)?)
    }

    accepts!(TIMESTAMPTZ);
}

impl Timestamp {
    fn from_microseconds(since_epoch: i64) -> Result<Self, Box<dyn Error + Sync + Send>> {
        let time = EPOCH.checked_add(SignedDuration::from_micros(since_epoch))?;
        if time.year() < 1 {
            return Err("a time before the year 1".into());
        }
        Ok(Self(time))
    }
}

#[cfg(feature = "sqlx")]
mod by_sqlx {
    use sqlx::postgres::types::Oid;
    use sqlx::postgres::{PgTypeInfo, PgValueRef};
    use sqlx::{Decode, Postgres, Type};
    use tokio_postgres::types::Type as PgType;

    use super::{Error, Timestamp};

    impl Type<Postgres> for Timestamp {
        fn type_info() -> PgTypeInfo {
            PgTypeInfo::with_oid(Oid(PgType::TIMESTAMPTZ.oid()))
        }
    }

    impl<'r> Decode<'r, Postgres> for Timestamp {
        /// Types of other crates, which sqlx knows, would panic at an infinity.
        fn decode(value: PgValueRef<'r>) -> Result<Self, Box<dyn Error + Sync + Send>> {
            Self::from_microseconds(<i64 as Decode<'r, Postgres>>::decode(value)?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first and the last microsecond that can be shown, counted by Postgres.
    const FIRST: i64 = -63_082_281_600_000_000;
    const LAST: i64 = 252_455_615_999_999_999;

    fn read(microseconds: i64) -> Result<Timestamp, Box<dyn Error + Sync + Send>> {
        Timestamp::from_sql(&Type::TIMESTAMPTZ, &microseconds.to_be_bytes())
    }

    fn shown(microseconds: i64) -> String {
        serde_json::to_string(&read(microseconds).unwrap()).unwrap()
    }

    #[test]
    fn fractions_are_shown_where_there_are_any() {
        assert_eq!(shown(0), r#""2000-01-01T00:00:00Z""#);
        assert_eq!(shown(1), r#""2000-01-01T00:00:00.000001Z""#);
        assert_eq!(shown(500_000), r#""2000-01-01T00:00:00.500000Z""#);
        assert_eq!(shown(-1), r#""1999-12-31T23:59:59.999999Z""#);
    }

    #[test]
    fn the_unix_epoch_is_nothing_special() {
        assert_eq!(shown(-946_684_800_000_000), r#""1970-01-01T00:00:00Z""#);
        assert_eq!(shown(-946_684_800_000_001), r#""1969-12-31T23:59:59.999999Z""#);
    }

    #[test]
    fn leap_days_are_counted() {
        assert_eq!(shown(5_097_600_000_000), r#""2000-02-29T00:00:00Z""#);
        assert_eq!(shown(762_480_000_000_000), r#""2024-02-29T00:00:00Z""#);
    }

    #[test]
    fn years_are_shown_from_the_first_to_the_last() {
        assert_eq!(shown(FIRST), r#""0001-01-01T00:00:00Z""#);
        assert_eq!(shown(LAST), r#""9999-12-31T23:59:59.999999Z""#);
    }

    #[test]
    fn other_years_and_infinities_are_refused() {
        for microseconds in [FIRST - 1, LAST + 1, i64::MIN, i64::MAX] {
            read(microseconds).unwrap_err();
        }
    }

    #[test]
    fn a_value_of_another_length_is_refused() {
        for length in [0, 4, 7, 9] {
            Timestamp::from_sql(&Type::TIMESTAMPTZ, &vec![0; length]).unwrap_err();
        }
    }
}
