//! `inet` and `cidr`.

use std::fmt::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::json::sink::Sink;
use crate::postgres::error::Malformed;

/// The address families as Postgres numbers them, which is not as the system does.
const IPV4: u8 = 2;
const IPV6: u8 = 3;

/// Writes an address as Postgres shows it: `"10.0.0.1"`, with its prefix (`/24`) unless that is the whole
/// address.
///
/// # Errors
///
/// The bytes are not those of an address.
pub fn put_inet<S: Sink>(raw: &[u8], sink: &mut S) -> Result<(), Malformed> {
    let (address, bits) = read(raw)?;
    let whole = if address.is_ipv4() { 32 } else { 128 };
    put(address, (bits != whole).then_some(bits), sink);
    Ok(())
}

/// Writes a network as Postgres shows it: `"10.0.0.0/8"`.
///
/// # Errors
///
/// The bytes are not those of a network.
pub fn put_cidr<S: Sink>(raw: &[u8], sink: &mut S) -> Result<(), Malformed> {
    let (address, bits) = read(raw)?;
    put(address, Some(bits), sink);
    Ok(())
}

/// Reads the family, the length of the prefix, whether it is a network (ignored, for the type says so), the
/// length of the address, and the address.
fn read(raw: &[u8]) -> Result<(IpAddr, u8), Malformed> {
    let [family, bits, _, length, address @ ..] = raw else {
        return Err(Malformed::new("cut off"));
    };
    if usize::from(*length) != address.len() {
        let what = format!("an address of {length} bytes expected, {} found", address.len());
        return Err(Malformed::new(what).at(3));
    }
    let (address, longest) = match (*family, address.len()) {
        (IPV4, 4) => (address.first_chunk().map(|&octets| Ipv4Addr::from(octets).into()), 32),
        (IPV6, 16) => (address.first_chunk().map(|&octets| Ipv6Addr::from(octets).into()), 128),
        _ => (None, 0),
    };
    let Some(address) = address else {
        return Err(Malformed::new(format!("an address of {length} bytes and family {family}")));
    };
    if *bits > longest {
        return Err(Malformed::new(format!("a prefix of {bits} bits")).at(1));
    }
    Ok((address, *bits))
}

fn put<S: Sink>(address: IpAddr, bits: Option<u8>, sink: &mut S) {
    let mut text = Text(sink);
    // Writing to a sink does not fail.
    let _ = text.write_char('"');
    let _ = match address {
        IpAddr::V6(address) if is_compatible(address) => {
            write!(text, "::{}", Ipv4Addr::from(last(address)))
        }
        address => write!(text, "{address}"),
    };
    if let Some(bits) = bits {
        let _ = write!(text, "/{bits}");
    }
    let _ = text.write_char('"');
}

/// Whether it is IPv4-compatible, as `::1.2.3.4`: the only form that Rust does not write as Postgres does.
fn is_compatible(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    segments[..6] == [0; 6] && segments[6] != 0
}

fn last(address: Ipv6Addr) -> [u8; 4] {
    let [.., a, b, c, d] = address.octets();
    [a, b, c, d]
}

struct Text<'a, S>(&'a mut S);

impl<S: Sink> Write for Text<'_, S> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.put_str(text);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Put = fn(&[u8], &mut Vec<u8>) -> Result<(), Malformed>;

    fn raw(address: &str, bits: u8) -> Vec<u8> {
        let (family, octets) = match address.parse().unwrap() {
            IpAddr::V4(address) => (IPV4, address.octets().to_vec()),
            IpAddr::V6(address) => (IPV6, address.octets().to_vec()),
        };
        [vec![family, bits, 0, u8::try_from(octets.len()).unwrap()], octets].concat()
    }

    fn written(put: Put, raw: &[u8]) -> Result<String, String> {
        let mut out = Vec::new();
        put(raw, &mut out).map_err(|error| error.to_string())?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn an_address_shows_its_prefix_unless_that_is_the_whole_address() {
        assert_eq!(written(put_inet, &raw("10.0.0.1", 32)).unwrap(), r#""10.0.0.1""#);
        assert_eq!(written(put_inet, &raw("10.0.0.1", 8)).unwrap(), r#""10.0.0.1/8""#);
        assert_eq!(written(put_inet, &raw("::1", 128)).unwrap(), r#""::1""#);
        assert_eq!(written(put_inet, &raw("::1", 32)).unwrap(), r#""::1/32""#);
    }

    #[test]
    fn a_network_always_shows_its_prefix() {
        assert_eq!(written(put_cidr, &raw("10.0.0.0", 8)).unwrap(), r#""10.0.0.0/8""#);
        assert_eq!(written(put_cidr, &raw("0.0.0.0", 0)).unwrap(), r#""0.0.0.0/0""#);
        assert_eq!(written(put_cidr, &raw("10.0.0.1", 32)).unwrap(), r#""10.0.0.1/32""#);
        assert_eq!(written(put_cidr, &raw("2001:db8::", 32)).unwrap(), r#""2001:db8::/32""#);
    }

    #[test]
    fn ipv6_is_abbreviated_as_postgres_does() {
        for address in [
            "::",
            "::1",
            "1::",
            "::abcd",
            "::1.2.3.4",
            "::ffff:1.2.3.4",
            "::ffff:0.0.0.0",
            "1:0:0:2::3",
            "1::2:0:0:3",
            "1:0:2:3:4:5:6:7",
            "2001:db8::ff00:42:8329",
        ] {
            assert_eq!(written(put_inet, &raw(address, 128)).unwrap(), format!("\"{address}\""));
        }
    }

    #[test]
    fn malformed_addresses_are_refused() {
        for (raw, what) in [
            (&[][..], "cut off (byte 0)"),
            (&[2, 32, 0, 4, 1, 2, 3], "an address of 4 bytes expected, 3 found (byte 3)"),
            (&[2, 33, 0, 4, 1, 2, 3, 4], "a prefix of 33 bits (byte 1)"),
            (&[3, 32, 0, 4, 1, 2, 3, 4], "an address of 4 bytes and family 3 (byte 0)"),
            (&[10, 32, 0, 4, 1, 2, 3, 4], "an address of 4 bytes and family 10 (byte 0)"),
        ] {
            assert_eq!(written(put_inet, raw).unwrap_err(), what);
        }
    }
}
