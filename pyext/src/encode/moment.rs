//! Python's dates and times.

use pyo3::exceptions::PyValueError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{
    PyDate, PyDateAccess, PyDateTime, PyDelta, PyDeltaAccess, PyString, PyTime, PyTimeAccess,
    PyTzInfoAccess,
};
use rowjson_core::json::interval::{Interval, put_interval};
use rowjson_core::json::iso;
use rowjson_core::json::sink::Sink;
use rowjson_core::json::text::put_string;
use rowjson_core::json::time::{self, DAY, Date, Offset, SECOND, Time};

use crate::classes::Class;
use crate::error::{Error, Result, type_name};

/// Writes a moment of any class, its own or a derived one: `class` says of which.
///
/// The fields of a derived class need not be what it means: pandas has `NaT`, which says that it is in the
/// year 1, and Timestamps of years and nanoseconds that a `datetime` has no place for. So they are
/// believed where the moment equals the plain one that they make. Else it is null where it is not even
/// equal to itself, as NaN is not, and what its own `isoformat` says, in the form that others have.
#[inline(never)]
pub fn put_moment(
    moment: &Bound<'_, PyAny>,
    class: Class,
    utc: *mut ffi::PyObject,
    sink: &mut impl Sink,
) -> Result {
    let agrees = is_plain(moment)
        || match plain(moment) {
            Ok(plain) => moment.eq(plain)?,
            // Fields that no plain one has.
            Err(error) if error.is_instance_of::<PyValueError>(moment.py()) => false,
            Err(error) => return Err(error.into()),
        };
    if !agrees {
        return put_own(moment, class, sink);
    }
    let (py, object) = (moment.py(), moment.as_ptr());
    // SAFETY: an instance of what its class says.
    unsafe {
        match class {
            Class::DateTime => put_datetime(py, object, utc, sink)?,
            Class::Time => put_time(py, object, sink)?,
            Class::TimeDelta => put_timedelta(object, sink),
            _ => put_date(object, sink),
        }
    }
    Ok(())
}

/// Whether it is of one of Python's own classes.
#[inline]
fn is_plain(moment: &Bound<'_, PyAny>) -> bool {
    let ty = moment.get_type_ptr();
    // SAFETY: imported with this module, and there ever since.
    let known = unsafe { &*ffi::PyDateTimeAPI() };
    [known.DateType, known.DeltaType, known.TimeType, known.DateTimeType].contains(&ty)
}

/// What the fields of a moment of a derived class make.
fn plain<'py>(moment: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = moment.py();
    if let Ok(moment) = moment.cast::<PyDateTime>() {
        let plain = PyDateTime::new_with_fold(
            py,
            moment.get_year(),
            moment.get_month(),
            moment.get_day(),
            moment.get_hour(),
            moment.get_minute(),
            moment.get_second(),
            moment.get_microsecond(),
            moment.get_tzinfo().as_ref(),
            moment.get_fold(),
        )?;
        return Ok(plain.into_any());
    }
    if let Ok(moment) = moment.cast::<PyDate>() {
        let plain = PyDate::new(py, moment.get_year(), moment.get_month(), moment.get_day())?;
        return Ok(plain.into_any());
    }
    if let Ok(moment) = moment.cast::<PyTime>() {
        let plain = PyTime::new_with_fold(
            py,
            moment.get_hour(),
            moment.get_minute(),
            moment.get_second(),
            moment.get_microsecond(),
            moment.get_tzinfo().as_ref(),
            moment.get_fold(),
        )?;
        return Ok(plain.into_any());
    }
    let moment = moment.cast::<PyDelta>()?;
    let (days, seconds) = (moment.get_days(), moment.get_seconds());
    Ok(PyDelta::new(py, days, seconds, moment.get_microseconds(), false)?.into_any())
}

/// Writes what a moment says of itself, where its fields say something else.
fn put_own(moment: &Bound<'_, PyAny>, class: Class, sink: &mut impl Sink) -> Result {
    if !moment.eq(moment)? {
        sink.put(b"null");
        return Ok(());
    }
    let unsupported = |what: &str| {
        let name = type_name(moment);
        Error::unsupported(format!("no JSON for a {name} that is not what its fields say{what}"))
    };
    let Some(isoformat) = moment.getattr_opt("isoformat")? else { return Err(unsupported("")) };
    let text = isoformat.call0()?.cast_into::<PyString>().map_err(PyErr::from)?;
    let text = text.to_str()?;
    let has_form = match class {
        Class::DateTime => iso::is_timestamp(text),
        Class::Date => iso::is_date(text),
        Class::Time => iso::is_time(text),
        _ => iso::is_interval(text),
    };
    if !has_form {
        return Err(unsupported(&format!(": {text}")));
    }
    match (class, text.strip_suffix("+00:00")) {
        (Class::DateTime, Some(utc)) => put_string(&format!("{utc}Z"), sink),
        _ => put_string(text, sink),
    }
    Ok(())
}

/// Writes a `datetime`: RFC 3339, Z for UTC, no offset where it has no time zone.
///
/// # Safety
///
/// The object is a `datetime`.
#[inline]
pub unsafe fn put_datetime(
    py: Python<'_>,
    object: *mut ffi::PyObject,
    utc: *mut ffi::PyObject,
    sink: &mut impl Sink,
) -> Result {
    // SAFETY: a datetime, whose fields are read; the zone is one, and borrowed from it.
    let (date, time, zone) = unsafe {
        let time = Time {
            hour: byte(ffi::PyDateTime_DATE_GET_HOUR(object)),
            minute: byte(ffi::PyDateTime_DATE_GET_MINUTE(object)),
            second: byte(ffi::PyDateTime_DATE_GET_SECOND(object)),
            microsecond: ffi::PyDateTime_DATE_GET_MICROSECOND(object).unsigned_abs(),
        };
        (date_of(object), time, ffi::PyDateTime_DATE_GET_TZINFO(object))
    };
    let offset = if zone == utc {
        Offset::Utc
    // SAFETY: None is always there.
    } else if zone == unsafe { ffi::Py_None() } {
        Offset::Naive
    } else {
        // SAFETY: alive; owned while its time zone's code runs.
        let offset = east(&unsafe { Bound::from_borrowed_ptr(py, object) })?;
        if offset == Offset::East(0) { Offset::Utc } else { offset }
    };
    time::put_timestamp(date, time, offset, sink);
    Ok(())
}

/// Writes a `date`.
///
/// # Safety
///
/// The object is a `date`.
unsafe fn put_date(object: *mut ffi::PyObject, sink: &mut impl Sink) {
    // SAFETY: the caller's promise.
    time::put_date(unsafe { date_of(object) }, sink);
}

/// Writes a `time`, with its offset if it has one: +00:00 for UTC, as a `timetz`.
///
/// # Safety
///
/// The object is a `time`.
unsafe fn put_time(py: Python<'_>, object: *mut ffi::PyObject, sink: &mut impl Sink) -> Result {
    // SAFETY: a time, whose fields are read.
    let time = unsafe {
        Time {
            hour: byte(ffi::PyDateTime_TIME_GET_HOUR(object)),
            minute: byte(ffi::PyDateTime_TIME_GET_MINUTE(object)),
            second: byte(ffi::PyDateTime_TIME_GET_SECOND(object)),
            microsecond: ffi::PyDateTime_TIME_GET_MICROSECOND(object).unsigned_abs(),
        }
    };
    // SAFETY: alive; owned while its time zone's code runs.
    let offset = east(&unsafe { Bound::from_borrowed_ptr(py, object) })?;
    time::put_time(time, offset, sink);
    Ok(())
}

/// Writes a `timedelta` as an interval of days and parts of days, neither of the other's sign.
///
/// # Safety
///
/// The object is a `timedelta`.
unsafe fn put_timedelta(object: *mut ffi::PyObject, sink: &mut impl Sink) {
    // SAFETY: a timedelta, whose fields are read.
    let (mut days, seconds, microseconds) = unsafe {
        (
            ffi::PyDateTime_DELTA_GET_DAYS(object),
            ffi::PyDateTime_DELTA_GET_SECONDS(object),
            ffi::PyDateTime_DELTA_GET_MICROSECONDS(object),
        )
    };
    let mut rest = i64::from(seconds) * SECOND + i64::from(microseconds);
    // Python has -1 second as -1 day and 86,399 seconds.
    if days < 0 && rest > 0 {
        days += 1;
        rest -= DAY;
    }
    put_interval(Interval { months: 0, days, microseconds: rest }, sink);
}

/// # Safety
///
/// The object is a `date` (as a `datetime` is).
#[inline]
unsafe fn date_of(object: *mut ffi::PyObject) -> Date {
    // SAFETY: its fields are read.
    unsafe {
        Date {
            year: u16::try_from(ffi::PyDateTime_GET_YEAR(object)).unwrap_or(0),
            month: byte(ffi::PyDateTime_GET_MONTH(object)),
            day: byte(ffi::PyDateTime_GET_DAY(object)),
        }
    }
}

/// A field that Python keeps in one byte.
#[inline]
fn byte(number: i32) -> u8 {
    u8::try_from(number).unwrap_or(0)
}

/// How far east of UTC a datetime's or time's own `utcoffset` says it is.
fn east(object: &Bound<'_, PyAny>) -> Result<Offset> {
    let offset = object.call_method0("utcoffset")?;
    if offset.is_none() {
        return Ok(Offset::Naive);
    }
    if !is_plain(&offset) && !offset.eq(plain(&offset)?)? {
        return Err(Error::unsupported("a time zone whose offset is not what its fields say"));
    }
    let offset = offset.cast_into::<PyDelta>().map_err(PyErr::from)?;
    // SAFETY: a timedelta, whose fields are read.
    let (days, seconds, microseconds) = unsafe {
        let offset = offset.as_ptr();
        (
            ffi::PyDateTime_DELTA_GET_DAYS(offset),
            ffi::PyDateTime_DELTA_GET_SECONDS(offset),
            ffi::PyDateTime_DELTA_GET_MICROSECONDS(offset),
        )
    };
    if microseconds != 0 {
        return Err(Error::unsupported("a time zone with a fraction of a second"));
    }
    // Python's own are less than a day; a subclass's may be anything.
    let east = i64::from(days) * 86_400 + i64::from(seconds);
    match i32::try_from(east) {
        Ok(east) if east.unsigned_abs() < 86_400 => Ok(Offset::East(east)),
        _ => Err(Error::unsupported("a time zone a day from UTC")),
    }
}
