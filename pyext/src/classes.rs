//! What kind of value an object is: found out once a type, where the type alone decides.
//!
//! What is remembered of a type holds as long as the type: its bases, by inheritance. What can change
//! (whether it is a dataclass) and what an object only says of itself (`__class__`, which proxies have
//! of what they stand for) is looked at each time.

use std::rc::Rc;

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{
    PyByteArray, PyBytes, PyDate, PyDateTime, PyDelta, PyDict, PyFloat, PyInt, PyList,
    PyMemoryView, PyString, PyTime, PyTuple, PyType,
};
use pyo3::{PyTypeInfo, intern};

use crate::memory::Memory;
use crate::record::{Finding, Layout};

/// What an object is encoded as, where its type is none of the usual ones.
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
#[derive(Clone)]
struct Remembered {
    kept: Rc<(Py<PyType>, Py<PyTuple>)>,
    /// None where the type alone does not decide.
    class: Option<Class>,
}

thread_local! {
    /// A thread's own, so that no thread waits for another's.
    static CLASSES: Memory<Remembered> = Memory::new();
}

/// The class of an object.
pub fn class_of(object: &Bound<'_, PyAny>) -> PyResult<Class> {
    let ty = object.get_type();
    let address = ty.as_ptr() as usize;
    let bases = ty.mro();
    let known = CLASSES.with(|classes| classes.get(address));
    // Other bases can be assigned to a class.
    let class = if let Some(known) = known.filter(|known| known.kept.1.is(&bases)) {
        known.class
    } else {
        let class = match inherited(&ty)? {
            Some(Inherited::Class(class)) => Some(class),
            Some(Inherited::Record(class)) if overrides(&ty, &class)? => Some(Class::Record(None)),
            Some(Inherited::Record(class)) => match Layout::of(object, &class)? {
                Finding::Found(layout) => Some(Class::Record(Some(layout))),
                Finding::Other => Some(Class::Record(None)),
                // The next one may show it.
                Finding::NotShown => return Ok(Class::Record(None)),
            },
            None => None,
        };
        let kept = Rc::new((ty.unbind(), bases.unbind()));
        CLASSES.with(|classes| classes.insert(address, Remembered { kept, class }));
        class
    };
    match class {
        Some(class) => Ok(class),
        None => class_of_this(object),
    }
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
    } else if let Some((base, class)) = asyncpg_base(ty)? {
        if let Class::Record(_) = class {
            return Ok(Some(Inherited::Record(base)));
        }
        class
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

/// Classes of asyncpg with a JSON: their modules, their names and what their instances are.
///
/// asyncpg need not be installed, and what stands for it in `sys.modules` at this moment may be anything.
const OF_ASYNCPG: [(&str, &str, Class); 4] = [
    ("asyncpg.protocol.record", "Record", Class::Record(None)),
    ("asyncpg", "Record", Class::Record(None)),
    ("asyncpg.types", "Range", Class::Range),
    ("asyncpg.pgproto.types", "BitString", Class::BitString),
];

/// The first of a type's bases that is one of them, and what it is.
fn asyncpg_base<'py>(ty: &Bound<'py, PyType>) -> PyResult<Option<(Bound<'py, PyType>, Class)>> {
    for base in ty.mro() {
        let base = base.cast_into::<PyType>()?;
        for (module, name, class) in OF_ASYNCPG {
            if is_of(&base, module, name)? {
                return Ok(Some((base, class)));
            }
        }
    }
    Ok(None)
}

/// asyncpg's own class of records, if a type is one or derived from it.
pub fn record_class<'py>(ty: &Bound<'py, PyType>) -> PyResult<Option<Bound<'py, PyType>>> {
    Ok(match asyncpg_base(ty)? {
        Some((base, Class::Record(_))) => Some(base),
        _ => None,
    })
}

/// Whether a class has this name, in a module of this name.
pub fn is_of(class: &Bound<'_, PyType>, module: &str, name: &str) -> PyResult<bool> {
    if class.name()?.to_string_lossy() != name {
        return Ok(false);
    }
    let found = class.getattr(intern!(class.py(), "__module__"))?;
    Ok(found.cast::<PyString>().is_ok_and(|found| found.to_string_lossy() == module))
}

/// The class of an object whose type does not tell: by what it is at this moment.
fn class_of_this(object: &Bound<'_, PyAny>) -> PyResult<Class> {
    let py = object.py();
    let ty = object.get_type();
    if ty.hasattr(intern!(py, "__dataclass_fields__"))? {
        return Ok(Class::Dataclass);
    }
    let Some(claimed) = claimed_class(object)? else { return Ok(Class::Unknown) };
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

/// What an object says that its class is, where that is not its type: proxies do.
fn claimed_class<'py>(object: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyType>>> {
    let claimed = object.getattr(intern!(object.py(), "__class__"))?;
    let Ok(claimed) = claimed.cast_into::<PyType>() else { return Ok(None) };
    Ok((!claimed.is(object.get_type())).then_some(claimed))
}
