//! What kind of value a Python type's instances are: found out once a type.

use std::rc::Rc;

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{
    PyDate, PyDateTime, PyDelta, PyDict, PyFloat, PyInt, PyList, PyString, PyTime, PyTuple, PyType,
};

use crate::memory::Memory;
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
    pub decimal: Py<PyType>,
    /// Types whose text is their JSON.
    texts: Py<PyTuple>,
    binary: Py<PyTuple>,
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
        })
    }

    pub fn get(py: Python<'_>) -> PyResult<&'static Self> {
        static KNOWN: PyOnceLock<Known> = PyOnceLock::new();
        KNOWN.get_or_try_init(py, || Self::import(py))
    }
}

/// A type and its class; the type is kept, so that no other can come to its address.
#[derive(Clone)]
struct Remembered {
    _ty: Rc<Py<PyType>>,
    class: Class,
}

thread_local! {
    /// A thread's own, so that no thread waits for another's.
    static CLASSES: Memory<Remembered> = Memory::new();
}

/// The class of an object's type.
pub fn class_of(object: &Bound<'_, PyAny>) -> PyResult<Class> {
    let address = object.get_type_ptr() as usize;
    if let Some(Remembered { class, .. }) = CLASSES.with(|classes| classes.get(address)) {
        return Ok(class);
    }
    let class = classify(object)?;
    // A record without values does not show where they are: the next one may.
    if !matches!(class, Class::Record(None)) || object.len()? > 0 {
        let ty = Rc::new(object.get_type().unbind());
        CLASSES.with(|classes| classes.insert(address, Remembered { _ty: ty, class }));
    }
    Ok(class)
}

fn classify(object: &Bound<'_, PyAny>) -> PyResult<Class> {
    let py = object.py();
    let known = Known::get(py)?;
    let is = |ty: &Py<PyType>| object.is_instance(ty.bind(py));
    // An enum first: members of StrEnum and IntEnum are texts and numbers, too. A datetime before
    // a date, which it is, too. What is read by its memory must be of the type itself: to be an
    // instance it is enough to say so.
    Ok(if is(&known.enum_)? {
        Class::Enum
    } else if let Some(class) = asyncpg_class(object, "Record")? {
        Class::Record(Layout::of(object, &class))
    } else if object.is_instance_of::<PyString>() {
        Class::Str
    } else if object.is_instance_of::<PyInt>() {
        Class::Int
    } else if object.is_instance_of::<PyFloat>() {
        Class::Float
    } else if object.is_instance_of::<PyList>() {
        Class::List
    } else if object.is_instance_of::<PyTuple>() {
        Class::Tuple
    } else if object.is_instance_of::<PyDict>() {
        Class::Dict
    } else if object.is_instance_of::<PyDateTime>() {
        Class::DateTime
    } else if object.is_instance_of::<PyDate>() {
        Class::Date
    } else if object.is_instance_of::<PyTime>() {
        Class::Time
    } else if object.is_instance_of::<PyDelta>() {
        Class::TimeDelta
    } else if is(&known.decimal)? {
        Class::Decimal
    } else if object.is_instance(known.binary.bind(py))? {
        Class::Binary
    } else if object.is_instance(known.texts.bind(py))? {
        Class::Text
    } else if asyncpg_class(object, "Range")?.is_some() {
        Class::Range
    } else if asyncpg_class(object, "BitString")?.is_some() {
        Class::BitString
    } else if object.get_type().hasattr("__dataclass_fields__")? {
        Class::Dataclass
    } else {
        Class::Unknown
    })
}

/// That class of asyncpg's, if the object is an instance of it. asyncpg need not be installed: where
/// nobody has imported it, nobody has a value of it.
fn asyncpg_class<'py>(
    object: &Bound<'py, PyAny>,
    name: &str,
) -> PyResult<Option<Bound<'py, PyType>>> {
    let py = object.py();
    let modules = py.import("sys")?.getattr("modules")?.cast_into::<PyDict>()?;
    let Some(asyncpg) = modules.get_item("asyncpg")? else { return Ok(None) };
    let Some(class) = asyncpg.getattr_opt(name)? else { return Ok(None) };
    let class = class.cast_into::<PyType>()?;
    Ok(object.is_instance(&class)?.then_some(class))
}
