//! `datetime`, `date`, `time` and `timedelta`.

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

/// Writes a moment, which may be of a derived class; `class` says of which it derives.
///
/// The fields of a derived class need not be what it means: pandas's `NaT` has the year 1, and its Timestamps
/// have years and nanoseconds that do not fit into a `datetime`. So the fields are written only if the moment
/// equals the plain one that they make. Otherwise a moment that does not equal itself, as NaN does not, is
/// null, and any other is what its `isoformat` returns, if that has the usual form.
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
            // No plain moment has such fields.
            Err(error) if error.is_instance_of::<PyValueError>(moment.py()) => false,
            Err(error) => return Err(error.into()),
        };
    if !agrees {
        return put_own(moment, class, sink);
    }
    let (py, object) = (moment.py(), moment.as_ptr());
    // SAFETY: an instance of the class that `class` says.
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
    // SAFETY: the API was imported with this module, and stays.
    let known = unsafe { &*ffi::PyDateTimeAPI() };
    [known.DateType, known.DeltaType, known.TimeType, known.DateTimeType].contains(&ty)
}

/// The plain moment that the fields of a moment of a derived class make.
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

/// Writes what a moment's `isoformat` returns, for its fields do not say what it is.
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

/// Writes a `datetime` as in RFC 3339: with Z for UTC, and without an offset if it has no time zone.
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
    // SAFETY: it is a datetime. Its zone is borrowed from it.
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
    // SAFETY: None always exists.
    } else if zone == unsafe { ffi::Py_None() } {
        Offset::Naive
    } else {
        // SAFETY: alive. We own a reference while the time zone's code runs.
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

/// Writes a `time` and its offset, if it has one, which is +00:00 for UTC as in a `timetz`.
///
/// # Safety
///
/// The object is a `time`.
unsafe fn put_time(py: Python<'_>, object: *mut ffi::PyObject, sink: &mut impl Sink) -> Result {
    // SAFETY: it is a time.
    let time = unsafe {
        Time {
            hour: byte(ffi::PyDateTime_TIME_GET_HOUR(object)),
            minute: byte(ffi::PyDateTime_TIME_GET_MINUTE(object)),
            second: byte(ffi::PyDateTime_TIME_GET_SECOND(object)),
            microsecond: ffi::PyDateTime_TIME_GET_MICROSECOND(object).unsigned_abs(),
        }
    };
    // SAFETY: alive. We own a reference while the time zone's code runs.
    let offset = east(&unsafe { Bound::from_borrowed_ptr(py, object) })?;
    time::put_time(time, offset, sink);
    Ok(())
}

/// Writes a `timedelta` as an interval of days and parts of a day, which have the same sign.
///
/// # Safety
///
/// The object is a `timedelta`.
unsafe fn put_timedelta(object: *mut ffi::PyObject, sink: &mut impl Sink) {
    // SAFETY: it is a timedelta.
    let (mut days, seconds, microseconds) = unsafe {
        (
            ffi::PyDateTime_DELTA_GET_DAYS(object),
            ffi::PyDateTime_DELTA_GET_SECONDS(object),
            ffi::PyDateTime_DELTA_GET_MICROSECONDS(object),
        )
    };
    let mut rest = i64::from(seconds) * SECOND + i64::from(microseconds);
    // Python stores -1 second as -1 day and 86,399 seconds.
    if days < 0 && rest > 0 {
        days += 1;
        rest -= DAY;
    }
    put_interval(Interval { months: 0, days, microseconds: rest }, sink);
}

/// # Safety
///
/// The object is a `date` or a `datetime`.
#[inline]
unsafe fn date_of(object: *mut ffi::PyObject) -> Date {
    // SAFETY: it is a date.
    unsafe {
        Date {
            year: u16::try_from(ffi::PyDateTime_GET_YEAR(object)).unwrap_or(0),
            month: byte(ffi::PyDateTime_GET_MONTH(object)),
            day: byte(ffi::PyDateTime_GET_DAY(object)),
        }
    }
}

/// A field that Python stores in one byte.
#[inline]
fn byte(number: i32) -> u8 {
    u8::try_from(number).unwrap_or(0)
}

/// The offset that the `utcoffset` of a datetime or time returns.
fn east(object: &Bound<'_, PyAny>) -> Result<Offset> {
    let offset = object.call_method0("utcoffset")?;
    if offset.is_none() {
        return Ok(Offset::Naive);
    }
    if !is_plain(&offset) && !offset.eq(plain(&offset)?)? {
        return Err(Error::unsupported("a time zone whose offset is not what its fields say"));
    }
    let offset = offset.cast_into::<PyDelta>().map_err(PyErr::from)?;
    // SAFETY: it is a timedelta.
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
    // Python's own offsets are less than a day; a subclass may return anything.
    let east = i64::from(days) * 86_400 + i64::from(seconds);
    match i32::try_from(east) {
        Ok(east) if east.unsigned_abs() < 86_400 => Ok(Offset::East(east)),
        _ => Err(Error::unsupported("a time zone a day from UTC")),
    }
}
