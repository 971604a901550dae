//! `asyncpg.Record` without its Python interface: where its values are, and its keys as JSON.
//!
//! A record's interface creates an object or two for each value. Its memory is simple: the header of an
//! object of variable size, a pointer to its descriptor, which the records of one query share, and its
//! values. Where these are is not assumed but found out once for each type: from what the public interface
//! says of one record, and from a record that is made with a known descriptor. If that fails, records are
//! read by the public interface.

use std::collections::HashMap;
use std::rc::Rc;

use pyo3::exceptions::PyTypeError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple, PyType};
use rowjson_core::json::lead::Lead;

use crate::asyncpg::{is_of, record_class};
use crate::error::Error;
use crate::memory::Memory;

/// The offsets of a record's parts, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    descriptor: usize,
    values: usize,
}

/// The size of a pointer, as of everything in a record.
const WORD: usize = size_of::<*mut ffi::PyObject>();

/// What one record shows about where its parts are.
pub enum Finding {
    Found(Layout),
    /// Nothing, because it has no values or asyncpg cannot be imported. Another record may show it.
    NotShown,
    /// They are not where this module can read them.
    Other,
}

impl Layout {
    /// Finds the layout of a record. `class` is asyncpg's own class: a class derived from it may have more
    /// after the values, or override methods, but has the values at the same place.
    pub fn of(record: &Bound<'_, PyAny>, class: &Bound<'_, PyType>) -> PyResult<Finding> {
        let object = record.as_ptr();
        // SAFETY: a type object can be read, and its sizes do not change.
        let (basic, item) = unsafe {
            let ty = &*class.as_type_ptr();
            (ty.tp_basicsize.unsigned_abs(), ty.tp_itemsize)
        };
        // Before asyncpg 0.31 the class was in another module, whose descriptors Python code cannot create.
        let known = is_of(class, "asyncpg.protocol.record", "Record")?;
        if !known || item != WORD.cast_signed() || basic % WORD != 0 {
            return Ok(Finding::Other);
        }
        // SAFETY: objects of a type with items say how many they have.
        let count = unsafe { ffi::Py_SIZE(object) };
        if count == 0 {
            return Ok(Finding::NotShown);
        }
        let Ok(count) = usize::try_from(count) else { return Ok(Finding::Other) };
        if class.call_method1("__len__", (record,))?.extract::<usize>()? != count {
            return Ok(Finding::Other);
        }
        let values = basic;
        for index in 0..count {
            let value = class.call_method1("__getitem__", (record, index))?;
            // SAFETY: `count` items of a word's size follow the basic size.
            if unsafe { word(object, values + index * WORD) } != value.as_ptr() {
                return Ok(Finding::Other);
            }
        }
        // If something else stands for asyncpg's module now, that may change.
        Ok(match place_of_descriptor(class, basic) {
            Ok(Some(descriptor)) => Finding::Found(Self { descriptor, values }),
            Ok(None) => Finding::Other,
            Err(_) => Finding::NotShown,
        })
    }

    /// The record's descriptor. Two records with the same one have the same keys.
    ///
    /// # Safety
    ///
    /// This is the layout of the record's type.
    #[inline]
    unsafe fn descriptor(self, record: *mut ffi::PyObject) -> *mut ffi::PyObject {
        // SAFETY: that is where another record of the type has it.
        unsafe { word(record, self.descriptor) }
    }

    /// The record's values, valid as long as the record.
    ///
    /// # Safety
    ///
    /// This is the layout of the record's type.
    #[inline]
    pub unsafe fn values<'a>(self, record: *mut ffi::PyObject) -> &'a [*mut ffi::PyObject] {
        // SAFETY: that is where another record of the type has them. The object says how many there are, and
        // they never change.
        unsafe {
            let values = record.byte_add(self.values).cast::<*mut ffi::PyObject>();
            std::slice::from_raw_parts(values, ffi::Py_SIZE(record).unsigned_abs())
        }
    }
}

/// The word at an offset in an object.
///
/// # Safety
///
/// The object is large enough.
#[inline]
unsafe fn word(object: *mut ffi::PyObject, offset: usize) -> *mut ffi::PyObject {
    // SAFETY: the caller promises that it is in the object; all parts of an object are aligned to words.
    unsafe { object.byte_add(offset).cast::<*mut ffi::PyObject>().read() }
}

/// The offset of a record's descriptor within its basic size. A record does not tell its descriptor, so this
/// makes a record with a known one and looks where it is.
fn place_of_descriptor(class: &Bound<'_, PyType>, basic: usize) -> PyResult<Option<usize>> {
    let descriptors = class.py().import("asyncpg.protocol.record")?.getattr("RecordDescriptor")?;
    let descriptor = descriptors.call1((PyDict::new(class.py()), PyTuple::empty(class.py())))?;
    let record = descriptor.call_method1("make_record", (class, 0))?;
    // If these are not asyncpg's, the record may be anything.
    let descriptors = descriptors.cast_into::<PyType>()?;
    let known = is_of(&descriptors, "asyncpg.protocol.record", "RecordDescriptor")?;
    if !known || !record.get_type().is(class) {
        return Err(PyTypeError::new_err("not asyncpg's own"));
    }
    Ok((size_of::<ffi::PyVarObject>()..basic).step_by(WORD).find(|offset| {
        // SAFETY: within the basic size. The word is only compared, whatever it is.
        unsafe { word(record.as_ptr(), *offset) == descriptor.as_ptr() }
    }))
}

/// The members of the records with one descriptor.
pub struct Members {
    /// What stands before each member's value, and the value's place.
    pub leads: Box<[(Lead, usize)]>,
    /// The keys, one for each value, in the order of the query.
    pub keys: Box<[Box<str>]>,
    /// The descriptor, if these are remembered by its address: kept alive, so that no other can get that.
    _descriptor: Option<Py<PyAny>>,
}

impl Members {
    /// The members of a record with these keys. If two have the same name, the last has the value, as in
    /// `dict(record)`.
    fn read(names: &Bound<'_, PyAny>, descriptor: Option<Py<PyAny>>) -> Result<Self, Error> {
        let mut keys: Vec<Box<str>> = Vec::new();
        for key in names.try_iter()? {
            keys.push(key?.cast::<PyString>().map_err(PyErr::from)?.to_str()?.into());
        }
        let mut leads: Vec<(Lead, usize)> = Vec::new();
        let mut places: HashMap<&str, usize> = HashMap::new();
        for (index, key) in keys.iter().enumerate() {
            let next = leads.len();
            let place = *places.entry(key).or_insert(next);
            if place == next {
                leads.push((Lead::new(next == 0, key), index));
            } else {
                leads[place].1 = index;
            }
        }
        Ok(Self { leads: leads.into(), keys: keys.into(), _descriptor: descriptor })
    }
}

thread_local! {
    /// By the address of the descriptor, which they keep alive.
    static MEMBERS: Memory<Rc<Members>> = Memory::new();
}

/// The members of a record.
///
/// # Safety
///
/// This is the layout of the record's type.
pub unsafe fn members_of(record: &Bound<'_, PyAny>, layout: Layout) -> Result<Rc<Members>, Error> {
    // SAFETY: the caller's promise.
    let descriptor = unsafe { layout.descriptor(record.as_ptr()) };
    let address = descriptor as usize;
    if let Some(members) = MEMBERS.with(|all| all.get(address)) {
        return Ok(members);
    }
    // SAFETY: the record keeps it alive.
    let descriptor = unsafe { Bound::from_borrowed_ptr(record.py(), descriptor) }.unbind();
    // Not the record's own method, which a subclass may override, for other records share the descriptor.
    let class = record_class(&record.get_type())?;
    let keys = match class {
        Some(class) => class.call_method1("keys", (record,)),
        None => record.call_method0("keys"),
    };
    let members = Rc::new(Members::read(&keys?, Some(descriptor))?);
    MEMBERS.with(|all| all.insert(address, Rc::clone(&members)));
    Ok(members)
}

/// The address of a record's descriptor: records with the same one have the same members.
///
/// # Safety
///
/// This is the layout of the record's type.
#[inline]
pub unsafe fn descriptor_of(record: *mut ffi::PyObject, layout: Layout) -> usize {
    // SAFETY: the caller's promise.
    unsafe { layout.descriptor(record) as usize }
}

/// The members and values of a record, by its public interface.
pub fn read_slowly<'py>(
    record: &Bound<'py, PyAny>,
) -> Result<(Members, Bound<'py, PyTuple>), Error> {
    let members = Members::read(&record.call_method0("keys")?, None)?;
    let values = record.call_method0("values")?.try_iter()?.collect::<PyResult<Vec<_>>>()?;
    Ok((members, PyTuple::new(record.py(), values)?))
}
