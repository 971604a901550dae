//! The built-in types that have a JSON form, and their OIDs.

use std::fmt;

/// A type's number, as `pg_type` has it.
pub type Oid = u32;

/// `record`: a composite whose type has no name.
pub const RECORD: Oid = 2249;
/// `record[]`.
pub const RECORD_ARRAY: Oid = 2287;
/// The first OID of types that users and extensions create. Each database numbers them differently.
pub const FIRST_OF_USERS: Oid = 16384;

/// What an OID means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One value.
    Scalar(Type),
    /// An array of values of this type, of any number of dimensions.
    Array(Type),
}

impl Kind {
    /// A type by its name in `pg_type`, or an array of it: `int4`, `text[]`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name.strip_suffix("[]") {
            Some(element) => Type::from_name(element).map(Self::Array),
            None => Type::from_name(name).map(Self::Scalar),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scalar(ty) => formatter.write_str(ty.name()),
            Self::Array(element) => write!(formatter, "{}[]", element.name()),
        }
    }
}

/// Makes the enum and its tables from one line for each type: its name, its OID and its array's OID.
macro_rules! types {
    ($($variant:ident $name:literal $oid:literal $($array:literal)?;)*) => {
        /// A built-in type other than arrays.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Type {
            $(#[doc = concat!("`", $name, "`")] $variant,)*
        }

        impl Type {
            /// Every type.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Its name in `pg_type`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }

        impl Kind {
            /// Every OID that [`Kind::from_oid`] knows.
            pub const OIDS: &[Oid] = &[$($oid, $($array,)?)*];

            /// What a built-in type's OID means.
            #[inline]
            #[must_use]
            pub const fn from_oid(oid: Oid) -> Option<Self> {
                match oid {
                    $($oid => Some(Self::Scalar(Type::$variant)),)*
                    $($($array => Some(Self::Array(Type::$variant)),)?)*
                    _ => None,
                }
            }
        }
    };
}

types! {
    Bool "bool" 16 1000;
    Bytea "bytea" 17 1001;
    Char "char" 18 1002;
    Name "name" 19 1003;
    Int8 "int8" 20 1016;
    Int2 "int2" 21 1005;
    Int4 "int4" 23 1007;
    Text "text" 25 1009;
    Oid "oid" 26 1028;
    Json "json" 114 199;
    Xml "xml" 142 143;
    Cidr "cidr" 650 651;
    Float4 "float4" 700 1021;
    Float8 "float8" 701 1022;
    Unknown "unknown" 705;
    Inet "inet" 869 1041;
    Bpchar "bpchar" 1042 1014;
    Varchar "varchar" 1043 1015;
    Date "date" 1082 1182;
    Time "time" 1083 1183;
    Timestamp "timestamp" 1114 1115;
    Timestamptz "timestamptz" 1184 1185;
    Interval "interval" 1186 1187;
    Timetz "timetz" 1266 1270;
    Numeric "numeric" 1700 1231;
    Uuid "uuid" 2950 2951;
    Jsonb "jsonb" 3802 3807;
    Int4Range "int4range" 3904 3905;
    NumRange "numrange" 3906 3907;
    TsRange "tsrange" 3908 3909;
    TstzRange "tstzrange" 3910 3911;
    DateRange "daterange" 3912 3913;
    Int8Range "int8range" 3926 3927;
}

impl Type {
    /// Whether its bytes are a text that JSON shows as a string.
    #[inline]
    #[must_use]
    pub const fn is_text(self) -> bool {
        matches!(
            self,
            Self::Text | Self::Varchar | Self::Bpchar | Self::Name | Self::Xml | Self::Unknown
        )
    }

    /// The type that a value is read as, given how its column is declared: a text that is declared as JSON
    /// is read as JSON. No other declaration changes how a value is read.
    #[inline]
    #[must_use]
    pub const fn declared_as(self, declared: Option<Self>) -> Self {
        match declared {
            Some(declared) if declared.is_json() && self.is_text() => Self::Json,
            _ => self,
        }
    }

    /// Whether its text is JSON already.
    #[inline]
    #[must_use]
    pub const fn is_json(self) -> bool {
        matches!(self, Self::Json | Self::Jsonb)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_oid_means_a_type_or_an_array_of_it() {
        assert_eq!(Kind::from_oid(23), Some(Kind::Scalar(Type::Int4)));
        assert_eq!(Kind::from_oid(1007), Some(Kind::Array(Type::Int4)));
        assert_eq!(Kind::from_oid(3910), Some(Kind::Scalar(Type::TstzRange)));
    }

    #[test]
    fn other_oids_mean_nothing() {
        for oid in [0, 1, RECORD, RECORD_ARRAY, FIRST_OF_USERS, Oid::MAX] {
            assert_eq!(Kind::from_oid(oid), None);
        }
    }

    #[test]
    fn names_are_those_of_pg_type() {
        assert_eq!(Kind::from_name("timestamptz"), Some(Kind::Scalar(Type::Timestamptz)));
        assert_eq!(Kind::from_name("text[]"), Some(Kind::Array(Type::Text)));
        for unknown in ["integer", "TEXT", "int4[][]", "[]", "", "int4multirange"] {
            assert_eq!(Kind::from_name(unknown), None);
        }
        for name in ["timestamptz", "text[]"] {
            assert_eq!(Kind::from_name(name).unwrap().to_string(), name);
        }
    }

    #[test]
    fn every_type_has_its_own_name_and_oid() {
        for &ty in Type::ALL {
            assert_eq!(Kind::from_name(ty.name()), Some(Kind::Scalar(ty)));
            let oids =
                Kind::OIDS.iter().filter(|&&oid| Kind::from_oid(oid) == Some(Kind::Scalar(ty)));
            assert_eq!(oids.count(), 1);
        }
    }
}
