//! The classes of asyncpg that have a JSON form, found by their names.
//!
//! Not by import: asyncpg need not be installed, and `sys.modules` may hold something else under its name.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyType};

/// Which of asyncpg's classes a class is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Base {
    Record,
    Range,
    BitString,
}

/// Module and name of each class. Before asyncpg 0.31 records were in another module.
const CLASSES: [(&str, &str, Base); 4] = [
    ("asyncpg.protocol.record", "Record", Base::Record),
    ("asyncpg", "Record", Base::Record),
    ("asyncpg.types", "Range", Base::Range),
    ("asyncpg.pgproto.types", "BitString", Base::BitString),
];

/// The first class of asyncpg among a type and its bases.
pub fn base_of<'py>(ty: &Bound<'py, PyType>) -> PyResult<Option<(Bound<'py, PyType>, Base)>> {
    for class in ty.mro() {
        let class = class.cast_into::<PyType>()?;
        for (module, name, base) in CLASSES {
            if is_of(&class, module, name)? {
                return Ok(Some((class, base)));
            }
        }
    }
    Ok(None)
}

/// asyncpg's own class of records, if a type is that class or derives from it.
pub fn record_class<'py>(ty: &Bound<'py, PyType>) -> PyResult<Option<Bound<'py, PyType>>> {
    let base = base_of(ty)?.filter(|(_, base)| *base == Base::Record);
    Ok(base.map(|(class, _)| class))
}

/// Whether a class has this name and says that it is from this module.
pub fn is_of(class: &Bound<'_, PyType>, module: &str, name: &str) -> PyResult<bool> {
    if class.name()?.to_string_lossy() != name {
        return Ok(false);
    }
    let found = class.getattr(intern!(class.py(), "__module__"))?;
    Ok(found.cast::<PyString>().is_ok_and(|found| found.to_string_lossy() == module))
}
