//! What kind of value an object is: found out once for each type, if the type alone decides.
//!
//! What its bases say of a type is remembered. What can change is checked each time: whether it is a
//! dataclass, and what `__class__` says, which a proxy answers for the object that it stands for.

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

/// What an object is encoded as, if its type is not one of the usual ones.
#[derive(Clone, Copy, Debug)]
pub enum Class {
    /// An `asyncpg.Record`, and where its values are, if that was found.
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
    /// An `enum.Enum`: written as its value.
    Enum,
    /// Written as an object of its fields.
    Dataclass,
    /// `bytes`, `bytearray`, `memoryview`.
    Binary,
    /// UUIDs and IP addresses: written as their `str()`.
    Text,
    /// `asyncpg.Range`.
    Range,
    /// `asyncpg.BitString`.
    BitString,
    /// Anything else.
    Unknown,
}

impl Class {
    /// Whether its instances hold no other values, so that they add no level of nesting.
    pub const fn is_scalar(self) -> bool {
        // No wildcard, so that a new class does not compile until it is decided here.
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
            // An enum's value may be anything, and so may what `default` returns for an unknown object.
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

/// Objects of Python's standard library that are looked up once.
pub struct Known {
    /// `datetime.timezone.utc`.
    pub utc: Py<PyAny>,
    enum_: Py<PyType>,
    pub decimal: Py<PyType>,
    /// Types that are written as their `str()`.
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

/// What was found out about a type. It keeps the type and its bases alive, so that no others can get
/// their addresses.
struct Remembered {
    _ty: Py<PyType>,
    bases: Py<PyTuple>,
    /// `None` if its bases do not decide.
    class: Option<Class>,
    /// The version of the type that was last checked, and whether it was a dataclass.
    dataclass: Cell<(u32, bool)>,
}

thread_local! {
    /// Each thread has its own, so that none waits for another.
    static CLASSES: Memory<Rc<Remembered>> = Memory::new();
}

/// The class of an object.
pub fn class_of(object: &Bound<'_, PyAny>) -> PyResult<Class> {
    let ty = object.get_type();
    let bases = ty.mro();
    let known = CLASSES.with(|classes| classes.get(ty.as_ptr() as usize));
    // Python lets a program assign other bases to a class.
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

/// Finds out about the type of an object. `None` if it is a record that does not show where its parts are;
/// the next one may.
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
    // SAFETY: a type object can be read. The version changes with each change of the type or its bases, and
    // is 0 if Python keeps none.
    let version = || unsafe { (*ty.as_type_ptr()).tp_version_tag };
    let (at, dataclass) = seen.get();
    if at != 0 && at == version() {
        return Ok(dataclass);
    }
    let dataclass = ty.hasattr(intern!(ty.py(), "__dataclass_fields__"))?;
    seen.set((version(), dataclass));
    Ok(dataclass)
}

/// What the bases of a type say of all its instances.
enum Inherited<'py> {
    Class(Class),
    /// They are records, of a class that derives from this one, which is asyncpg's own.
    Record(Bound<'py, PyType>),
}

/// Whether a class of records overrides `keys` or `values`. If so, each record is asked for them.
fn overrides(ty: &Bound<'_, PyType>, class: &Bound<'_, PyType>) -> PyResult<bool> {
    for name in [intern!(ty.py(), "keys"), intern!(ty.py(), "values")] {
        if !ty.getattr(name)?.is(class.getattr(name)?) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What a type is by its bases. It calls nothing that a class can override.
fn inherited<'py>(ty: &Bound<'py, PyType>) -> PyResult<Option<Inherited<'py>>> {
    let py = ty.py();
    let known = Known::get(py)?;
    let is = |base: &Py<PyType>| is_subclass(ty, base.bind(py));
    // Enums come first, because members of StrEnum and IntEnum are also texts and numbers. A datetime comes
    // before a date, because it is also a date.
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
    // SAFETY: both are types. This only reads their bases: it cannot fail, and calls no metaclass.
    unsafe { ffi::PyType_IsSubtype(ty.as_type_ptr(), base.as_type_ptr()) != 0 }
}

/// The class of an object whose type does not decide: by its `__class__` at this moment, which is how a
/// proxy says what it stands for.
fn claimed(object: &Bound<'_, PyAny>, ty: &Bound<'_, PyType>) -> PyResult<Class> {
    let claimed = object.getattr(intern!(object.py(), "__class__"))?;
    let Ok(claimed) = claimed.cast_into::<PyType>() else { return Ok(Class::Unknown) };
    if claimed.is(ty) {
        return Ok(Class::Unknown);
    }
    // What is read from memory must really be of the type. What is read by its public interface may be a
    // proxy.
    Ok(match inherited(&claimed)? {
        Some(Inherited::Record(_)) => Class::Record(None),
        Some(Inherited::Class(class @ (Class::Enum | Class::Range | Class::BitString))) => class,
        Some(Inherited::Class(Class::Text)) if reads_as(object, &claimed)? => Class::Text,
        _ => Class::Unknown,
    })
}

/// Whether the class accepts the object's text. It does not accept a Mock's.
fn reads_as(object: &Bound<'_, PyAny>, class: &Bound<'_, PyType>) -> PyResult<bool> {
    Ok(class.call1((object.str()?,)).is_ok())
}
