//! What kind of value an object is: found out once a type, where the type alone decides.
//!
//! What is remembered of a type holds as long as the type: its bases, by inheritance. What can change
//! (whether it is a dataclass) and what an object only says of itself (`__class__`, which proxies have
//! of what they stand for) is looked at each time.

use std::cell::Cell;
use std::rc::Rc;

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{
    PyByteArray, PyBytes, PyDate, PyDateTime, PyDelta, PyDict, PyFloat, PyInt, PyList,
    PyMemoryView, PyString, PyTime, PyTuple, PyType,
};
use pyo3::{PyTypeInfo, intern};

use crate::asyncpg::{Base, base_of};
use crate::memory::Memory;
use crate::record::{Finding, Layout};

/// What an object is encoded as, where its type is not one of the usual ones.
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

impl Class {
    /// Whether its instances hold no other values: such a value is no level of nesting.
    pub const fn is_scalar(self) -> bool {
        // Without a wildcard, so that the compiler asks about each new class.
        match self {
            Self::Str
            | Self::Int
            | Self::Float
            | Self::DateTime
            | Self::Date
            | Self::Time
            | Self::TimeDelta
            | Self::Decimal
            | Self::Binary
            | Self::Text
            | Self::BitString => true,
            // Not `Enum` and `Unknown`: an enum's value, and what `default` returns, may be anything.
            Self::Record(_)
            | Self::List
            | Self::Tuple
            | Self::Dict
            | Self::Enum
            | Self::Dataclass
            | Self::Range
            | Self::Unknown => false,
        }
    }
}

/// Types from everywhere that are looked at more than once a process.
pub struct Known {
    /// `datetime.timezone.utc`.
    pub utc: Py<PyAny>,
    enum_: Py<PyType>,
    pub decimal: Py<PyType>,
    /// Types whose text is their JSON.
    texts: Vec<Py<PyType>>,
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
        Ok(Self {
            utc: py.import("datetime")?.getattr("timezone")?.getattr("utc")?.unbind(),
            enum_: class("enum", "Enum")?,
            decimal: class("decimal", "Decimal")?,
            texts,
        })
    }

    pub fn get(py: Python<'_>) -> PyResult<&'static Self> {
        static KNOWN: PyOnceLock<Known> = PyOnceLock::new();
        KNOWN.get_or_try_init(py, || Self::import(py))
    }
}

/// What was found out about a type. It and its bases are kept, so that no others can come to their
/// addresses.
struct Remembered {
    _ty: Py<PyType>,
    bases: Py<PyTuple>,
    /// None where its bases do not decide.
    class: Option<Class>,
    /// Whether it is a dataclass, and the version of the type that was.
    dataclass: Cell<(u32, bool)>,
}

thread_local! {
    /// A thread's own, so that no thread waits for another's.
    static CLASSES: Memory<Rc<Remembered>> = Memory::new();
}

/// The class of an object.
pub fn class_of(object: &Bound<'_, PyAny>) -> PyResult<Class> {
    let ty = object.get_type();
    let bases = ty.mro();
    let known = CLASSES.with(|classes| classes.get(ty.as_ptr() as usize));
    // Other bases can be assigned to a class.
    let known = match known.filter(|known| known.bases.is(&bases)) {
        Some(known) => known,
        None => match remember(object, &ty, bases)? {
            Some(known) => known,
            None => return Ok(Class::Record(None)),
        },
    };
    match known.class {
        Some(class) => Ok(class),
        None if is_dataclass(&ty, &known.dataclass)? => Ok(Class::Dataclass),
        None => claimed(object, &ty),
    }
}

/// Finds out about the type of an object; none where it is a record that does not show where its parts
/// are: the next one may.
fn remember<'py>(
    object: &Bound<'py, PyAny>,
    ty: &Bound<'py, PyType>,
    bases: Bound<'py, PyTuple>,
) -> PyResult<Option<Rc<Remembered>>> {
    let class = match inherited(ty)? {
        Some(Inherited::Class(class)) => Some(class),
        Some(Inherited::Record(class)) if overrides(ty, &class)? => Some(Class::Record(None)),
        Some(Inherited::Record(class)) => match Layout::of(object, &class)? {
            Finding::Found(layout) => Some(Class::Record(Some(layout))),
            Finding::Other => Some(Class::Record(None)),
            Finding::NotShown => return Ok(None),
        },
        None => None,
    };
    let remembered = Rc::new(Remembered {
        _ty: ty.clone().unbind(),
        bases: bases.unbind(),
        class,
        dataclass: Cell::new((0, false)),
    });
    CLASSES.with(|classes| classes.insert(ty.as_ptr() as usize, Rc::clone(&remembered)));
    Ok(Some(remembered))
}

/// Whether a class is a dataclass at this moment.
fn is_dataclass(ty: &Bound<'_, PyType>, seen: &Cell<(u32, bool)>) -> PyResult<bool> {
    // SAFETY: a type object can be read. The version is another after each change of the type or its
    // bases, and 0 where Python keeps none.
    let version = || unsafe { (*ty.as_type_ptr()).tp_version_tag };
    let (at, dataclass) = seen.get();
    if at != 0 && at == version() {
        return Ok(dataclass);
    }
    let dataclass = ty.hasattr(intern!(ty.py(), "__dataclass_fields__"))?;
    seen.set((version(), dataclass));
    Ok(dataclass)
}

/// What a type says of all its instances.
enum Inherited<'py> {
    Class(Class),
    /// They are records; asyncpg's own class of them.
    Record(Bound<'py, PyType>),
}

/// Whether a class of records makes up keys or values of its own: each record is then asked for them.
fn overrides(ty: &Bound<'_, PyType>, class: &Bound<'_, PyType>) -> PyResult<bool> {
    for name in [intern!(ty.py(), "keys"), intern!(ty.py(), "values")] {
        if !ty.getattr(name)?.is(class.getattr(name)?) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What a type is by its bases. Nothing is asked that a class can answer as it likes.
fn inherited<'py>(ty: &Bound<'py, PyType>) -> PyResult<Option<Inherited<'py>>> {
    let py = ty.py();
    let known = Known::get(py)?;
    let is = |base: &Py<PyType>| is_subclass(ty, base.bind(py));
    // An enum first: members of StrEnum and IntEnum are texts and numbers, too. A datetime before
    // a date, which it is, too.
    let class = if is(&known.enum_) {
        Class::Enum
    } else if let Some((class, base)) = base_of(ty)? {
        match base {
            Base::Record => return Ok(Some(Inherited::Record(class))),
            Base::Range => Class::Range,
            Base::BitString => Class::BitString,
        }
    } else if derives::<PyString>(ty) {
        Class::Str
    } else if derives::<PyInt>(ty) {
        Class::Int
    } else if derives::<PyFloat>(ty) {
        Class::Float
    } else if derives::<PyList>(ty) {
        Class::List
    } else if derives::<PyTuple>(ty) {
        Class::Tuple
    } else if derives::<PyDict>(ty) {
        Class::Dict
    } else if derives::<PyDateTime>(ty) {
        Class::DateTime
    } else if derives::<PyDate>(ty) {
        Class::Date
    } else if derives::<PyTime>(ty) {
        Class::Time
    } else if derives::<PyDelta>(ty) {
        Class::TimeDelta
    } else if is(&known.decimal) {
        Class::Decimal
    } else if derives::<PyBytes>(ty) || derives::<PyByteArray>(ty) || derives::<PyMemoryView>(ty) {
        Class::Binary
    } else if known.texts.iter().any(is) {
        Class::Text
    } else {
        return Ok(None);
    };
    Ok(Some(Inherited::Class(class)))
}

fn derives<T: PyTypeInfo>(ty: &Bound<'_, PyType>) -> bool {
    is_subclass(ty, &T::type_object(ty.py()))
}

fn is_subclass(ty: &Bound<'_, PyType>, base: &Bound<'_, PyType>) -> bool {
    // SAFETY: two types, whose bases are read; it cannot fail, and asks no metaclass.
    unsafe { ffi::PyType_IsSubtype(ty.as_type_ptr(), base.as_type_ptr()) != 0 }
}

/// The class of an object whose type does not tell: by what it says at this moment, as proxies do, that
/// its class is.
fn claimed(object: &Bound<'_, PyAny>, ty: &Bound<'_, PyType>) -> PyResult<Class> {
    let claimed = object.getattr(intern!(object.py(), "__class__"))?;
    let Ok(claimed) = claimed.cast_into::<PyType>() else { return Ok(Class::Unknown) };
    if claimed.is(ty) {
        return Ok(Class::Unknown);
    }
    // What is read by its memory must be of the type itself: to say so is not enough. What is read by
    // its public interface may be a proxy of it.
    Ok(match inherited(&claimed)? {
        Some(Inherited::Record(_)) => Class::Record(None),
        Some(Inherited::Class(class @ (Class::Enum | Class::Range | Class::BitString))) => class,
        Some(Inherited::Class(Class::Text)) if reads_as(object, &claimed)? => Class::Text,
        _ => Class::Unknown,
    })
}

/// Whether an object's text is that of an instance of this class: a Mock's is not.
fn reads_as(object: &Bound<'_, PyAny>, class: &Bound<'_, PyType>) -> PyResult<bool> {
    Ok(class.call1((object.str()?,)).is_ok())
}
