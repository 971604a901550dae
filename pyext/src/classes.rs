//! What kind of value a Python type's instances are: found out once a type.

use std::cell::RefCell;
use std::collections::HashMap;

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyList, PyString, PyTuple, PyType};

use crate::record::Layout;

/// What the instances of a type are encoded as, where the type is none of the usual ones.
#[derive(Clone, Copy, Debug)]
pub enum Class {
    /// An `asyncpg.Record`; where its values are, if that could be told.
    Record(Option<Layout>),
    Str,
    Int,
    Float,
    List,
    Tuple,
    Dict,
    DateTime,
    Date,
    Time,
    TimeDelta,
    Decimal,
    /// An `enum.Enum`: its value.
    Enum,
    /// Its fields.
    Dataclass,
    /// `bytes`, `bytearray`, `memoryview`.
    Binary,
    /// What `str()` gives: UUIDs and IP addresses.
    Text,
    /// `asyncpg.Range`.
    Range,
    /// `asyncpg.BitString`.
    BitString,
    /// None of them.
    Unknown,
}

/// Types from everywhere that are looked at more than once a process.
pub struct Known {
    /// `datetime.timezone.utc`.
    pub utc: Py<PyAny>,
    enum_: Py<PyType>,
    decimal: Py<PyType>,
    /// Types whose text is their JSON.
    texts: Py<PyTuple>,
    binary: Py<PyTuple>,
    datetime: Py<PyType>,
    date: Py<PyType>,
    time: Py<PyType>,
    timedelta: Py<PyType>,
}

impl Known {
    fn import(py: Python<'_>) -> PyResult<Self> {
        let class = |module: &str, name: &str| -> PyResult<Py<PyType>> {
            Ok(py.import(module)?.getattr(name)?.cast_into::<PyType>()?.unbind())
        };
        let addresses = [
            "IPv4Address",
            "IPv6Address",
            "IPv4Interface",
            "IPv6Interface",
            "IPv4Network",
            "IPv6Network",
        ];
        let mut texts = vec![class("uuid", "UUID")?];
        for name in addresses {
            texts.push(class("ipaddress", name)?);
        }
        let binary = ["bytes", "bytearray", "memoryview"].map(|name| class("builtins", name));
        Ok(Self {
            utc: py.import("datetime")?.getattr("timezone")?.getattr("utc")?.unbind(),
            enum_: class("enum", "Enum")?,
            decimal: class("decimal", "Decimal")?,
            texts: PyTuple::new(py, texts)?.unbind(),
            binary: PyTuple::new(py, binary.into_iter().collect::<PyResult<Vec<_>>>()?)?.unbind(),
            datetime: class("datetime", "datetime")?,
            date: class("datetime", "date")?,
            time: class("datetime", "time")?,
            timedelta: class("datetime", "timedelta")?,
        })
    }

    pub fn get(py: Python<'_>) -> PyResult<&'static Self> {
        static KNOWN: PyOnceLock<Known> = PyOnceLock::new();
        KNOWN.get_or_try_init(py, || Self::import(py))
    }
}

/// A type and its class; the type is kept, so that no other can come to its address.
struct Remembered {
    _ty: Py<PyType>,
    class: Class,
}

thread_local! {
    /// A thread's own, so that no thread waits for another's.
    static CLASSES: RefCell<HashMap<usize, Remembered>> = RefCell::new(HashMap::new());
}

/// So many types are remembered: programs that make types without end must not grow without end.
const MOST: usize = 256;

/// The class of an object's type.
pub fn class_of(object: &Bound<'_, PyAny>) -> PyResult<Class> {
    let address = object.get_type_ptr() as usize;
    let remembered = CLASSES.with_borrow(|classes| classes.get(&address).map(|found| found.class));
    if let Some(class) = remembered {
        return Ok(class);
    }
    let class = classify(object)?;
    // A record without values does not show where they are: the next one may.
    if !matches!(class, Class::Record(None)) {
        let ty = object.get_type().unbind();
        let forgotten = CLASSES.with_borrow_mut(|classes| {
            let full = if classes.len() >= MOST { std::mem::take(classes) } else { HashMap::new() };
            classes.insert(address, Remembered { _ty: ty, class });
            full
        });
        // Outside of the borrow, for the end of a type can run any code.
        drop(forgotten);
    }
    Ok(class)
}

fn classify(object: &Bound<'_, PyAny>) -> PyResult<Class> {
    let py = object.py();
    let known = Known::get(py)?;
    let is = |ty: &Py<PyType>| object.is_instance(ty.bind(py));
    // An enum first: members of StrEnum and IntEnum are texts and numbers, too. A datetime before
    // a date, which it is, too.
    Ok(if is(&known.enum_)? {
        Class::Enum
    } else if is_record(object)? {
        Class::Record(Layout::of(object))
    } else if object.is_instance_of::<PyString>() {
        Class::Str
    } else if object.is_instance_of::<pyo3::types::PyInt>() {
        Class::Int
    } else if object.is_instance_of::<pyo3::types::PyFloat>() {
        Class::Float
    } else if object.is_instance_of::<PyList>() {
        Class::List
    } else if object.is_instance_of::<PyTuple>() {
        Class::Tuple
    } else if object.is_instance_of::<PyDict>() {
        Class::Dict
    } else if is(&known.datetime)? {
        Class::DateTime
    } else if is(&known.date)? {
        Class::Date
    } else if is(&known.time)? {
        Class::Time
    } else if is(&known.timedelta)? {
        Class::TimeDelta
    } else if is(&known.decimal)? {
        Class::Decimal
    } else if object.is_instance(known.binary.bind(py))? {
        Class::Binary
    } else if object.is_instance(known.texts.bind(py))? {
        Class::Text
    } else if is_asyncpg(object, "Range")? {
        Class::Range
    } else if is_asyncpg(object, "BitString")? {
        Class::BitString
    } else if object.get_type().hasattr("__dataclass_fields__")? {
        Class::Dataclass
    } else {
        Class::Unknown
    })
}

/// Whether it is an `asyncpg.Record`, of a `record_class` perhaps.
fn is_record(object: &Bound<'_, PyAny>) -> PyResult<bool> {
    is_asyncpg(object, "Record")
}

/// Whether it is an instance of that class of asyncpg's, which need not be installed: where nobody
/// has imported it, nobody has a value of it.
fn is_asyncpg(object: &Bound<'_, PyAny>, name: &str) -> PyResult<bool> {
    let py = object.py();
    let modules = py.import("sys")?.getattr("modules")?.cast_into::<PyDict>()?;
    match modules.get_item("asyncpg")? {
        Some(asyncpg) => match asyncpg.getattr_opt(name)? {
            Some(class) => object.is_instance(&class),
            None => Ok(false),
        },
        None => Ok(false),
    }
}
