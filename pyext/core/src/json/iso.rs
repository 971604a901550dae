//! Whether a text is a date, a time or an interval in a form of ISO 8601.

/// Whether it is `2024-01-31T12:34:56`, perhaps with a fraction and an offset.
#[must_use]
pub fn is_timestamp(text: &str) -> bool {
    after(text, "0000-00-00T").is_some_and(is_time)
}

/// Whether it is `2024-01-31`.
#[must_use]
pub fn is_date(text: &str) -> bool {
    after(text, "0000-00-00") == Some("")
}

/// Whether it is `12:34:56`, perhaps with a fraction, of any number of digits, and an offset.
#[must_use]
pub fn is_time(text: &str) -> bool {
    let Some(rest) = after(text, "00:00:00") else { return false };
    let offset = match after(rest, ".0") {
        Some(fraction) => fraction.trim_start_matches(|char: char| char.is_ascii_digit()),
        None => rest,
    };
    matches!(offset, "" | "Z")
        || offset
            .strip_prefix(['+', '-'])
            .and_then(|offset| after(offset, "00:00"))
            .is_some_and(|seconds| seconds.is_empty() || after(seconds, ":00") == Some(""))
}

/// Whether it is `P1DT2H`, where each part may have a sign, or one sign may precede them all.
#[must_use]
pub fn is_interval(text: &str) -> bool {
    let Some(parts) = text.strip_prefix('-').unwrap_or(text).strip_prefix('P') else {
        return false;
    };
    let (date, time) = parts.split_once('T').unwrap_or((parts, "0S"));
    !parts.is_empty() && are_parts(date, "YMWD") && !time.is_empty() && are_parts(time, "HMS")
}

/// Whether these are numbers, each with one of these units, in this order.
fn are_parts(mut parts: &str, mut units: &str) -> bool {
    while !parts.is_empty() {
        let number = parts.strip_prefix('-').unwrap_or(parts);
        let unit = number.trim_start_matches(|char: char| char.is_ascii_digit() || char == '.');
        let Some(place) = unit.chars().next().and_then(|unit| units.find(unit)) else {
            return false;
        };
        if !number.starts_with(|char: char| char.is_ascii_digit()) {
            return false;
        }
        units = &units[place + 1..];
        parts = &unit[1..];
    }
    true
}

/// What follows this form at the start of a text, if the text starts with it. In the form, 0 stands for
/// any digit.
fn after<'t>(text: &'t str, form: &str) -> Option<&'t str> {
    let (start, rest) = text.split_at_checked(form.len())?;
    let is =
        |(byte, form): (u8, u8)| if form == b'0' { byte.is_ascii_digit() } else { byte == form };
    start.bytes().zip(form.bytes()).all(is).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_fraction_and_an_offset_or_not() {
        for end in ["", ".1", ".000000001", "Z", ".5Z", "+05:30", "-08:00", ".123+00:01:30"] {
            assert!(is_time(&format!("12:34:56{end}")), "{end}");
            assert!(is_timestamp(&format!("2024-01-31T12:34:56{end}")), "{end}");
        }
        for end in [".", ".Z", "z", "+", "+5", "+05:30:", "+05:30:1", " ", "é", "0"] {
            assert!(!is_time(&format!("12:34:56{end}")), "{end}");
        }
    }

    #[test]
    fn other_years_and_other_forms_are_refused() {
        assert!(is_date("2024-01-31"));
        for text in
            ["NaT", "", "12345-01-01", "-0044-03-15", "2024-1-31", "20240131", "2024-01-31T"]
        {
            assert!(!is_date(text), "{text}");
            assert!(!is_timestamp(text) && !is_timestamp(&format!("{text}T00:00:00")), "{text}");
        }
    }

    #[test]
    fn intervals_have_parts_in_order() {
        for text in
            ["P1D", "PT0S", "-P1DT2H", "P-1DT23H59M59.5S", "P0DT0H0M0.000000001S", "P1Y2M3W4D"]
        {
            assert!(is_interval(text), "{text}");
        }
        for text in ["", "P", "PT", "P1DT", "1D", "PD", "P1H", "PT1D", "P1", "P1D2Y", "P.D", "Pé"]
        {
            assert!(!is_interval(text), "{text}");
        }
    }
}
