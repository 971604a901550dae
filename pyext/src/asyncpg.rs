//! asyncpg's classes with a JSON, known by their names: it need not be installed, and what stands for it in
//! `sys.modules` at this moment may be anything.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyType};

use crate::classes::Class;

/// Their modules, their names and what their instances are.
const OF_ASYNCPG: [(&str, &str, Class); 4] = [
    ("asyncpg.protocol.record", "Record", Class::Record(None)),
    ("asyncpg", "Record", Class::Record(None)),
    ("asyncpg.types", "Range", Class::Range),
    ("asyncpg.pgproto.types", "BitString", Class::BitString),
];

/// The first of a type's bases that is one of them, and what it is.
pub fn base_of<'py>(ty: &Bound<'py, PyType>) -> PyResult<Option<(Bound<'py, PyType>, Class)>> {
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
    Ok(match base_of(ty)? {
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
