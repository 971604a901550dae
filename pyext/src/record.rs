//! `asyncpg.Record` without its Python interface: where its values are, and its keys as JSON.
//!
//! A record's own interface makes an object or two per value. Its memory is simple: the fields of
//! every object of variable size, a pointer to its descriptor (which the records of one query share),
//! and its values. Where exactly is not assumed but found out, once a type, from what the public
//! interface says of one record; where that fails, records are read by the public interface.

use std::collections::HashMap;
use std::rc::Rc;

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple, PyType};
use rowjson_core::lead::Lead;

use crate::error::Error;
use crate::memory::Memory;

/// How far from a record's start its parts are, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    descriptor: usize,
    values: usize,
}

/// The size of a pointer, and of everything in a record.
const WORD: usize = size_of::<*mut ffi::PyObject>();

impl Layout {
    /// Finds the layout of a record with values; none where it is not as expected. `class` is asyncpg's
    /// own: one derived from it may have more behind the values, and has them at the same place.
    pub fn of(record: &Bound<'_, PyAny>, class: &Bound<'_, PyType>) -> Option<Self> {
        let object = record.as_ptr();
        // SAFETY: a type object can be read, and a type does not change its sizes.
        let (basic, item) = unsafe {
            let ty = &*class.as_type_ptr();
            (usize::try_from(ty.tp_basicsize).ok()?, ty.tp_itemsize)
        };
        // SAFETY: asked for the size only of objects that have one: types with items.
        let count = if item == WORD.cast_signed() { unsafe { ffi::Py_SIZE(object) } } else { 0 };
        if basic % WORD != 0 || count < 1 || record.len().ok()? != count.unsigned_abs() {
            return None;
        }
        let values = basic;
        for index in 0..count.unsigned_abs() {
            let value = record.get_item(index).ok()?;
            // SAFETY: items of the word's size follow the basic size, as many as the object says.
            if unsafe { word(object, values + index * WORD) } != value.as_ptr() {
                return None;
            }
        }
        let class = descriptor_class(record.py())?;
        let descriptor = (size_of::<ffi::PyVarObject>()..basic).step_by(WORD).find(|offset| {
            // SAFETY: within the basic size; read as a number until it is known to be a reference.
            let address = unsafe { word(object, *offset) };
            type_at(address) == Some(class)
        })?;
        Some(Self { descriptor, values })
    }

    /// The record's descriptor, as an address: two records with the same one have the same keys.
    ///
    /// # Safety
    ///
    /// The record is of the type that this is the layout of.
    #[inline]
    unsafe fn descriptor(self, record: *mut ffi::PyObject) -> *mut ffi::PyObject {
        // SAFETY: found at this place in another record of the type.
        unsafe { word(record, self.descriptor) }
    }

    /// The record's values, valid as long as the record is.
    ///
    /// # Safety
    ///
    /// The record is of the type that this is the layout of.
    #[inline]
    pub unsafe fn values<'a>(self, record: *mut ffi::PyObject) -> &'a [*mut ffi::PyObject] {
        // SAFETY: found at this place in another record of the type; the object says how many. A
        // record's values are never changed.
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
/// The object is as large.
#[inline]
unsafe fn word(object: *mut ffi::PyObject, offset: usize) -> *mut ffi::PyObject {
    // SAFETY: the caller's promise; objects and their parts are aligned to words.
    unsafe { object.byte_add(offset).cast::<*mut ffi::PyObject>().read() }
}

/// The address of the class of descriptors, where asyncpg has one by that name.
fn descriptor_class(py: Python<'_>) -> Option<usize> {
    let module = py.import("asyncpg.protocol.record").ok()?;
    Some(module.getattr("RecordDescriptor").ok()?.as_ptr() as usize)
}

/// The type of the object at an address, if it is one's: any number may be asked about.
///
/// Only the system can tell whether memory is there without dying of it: it refuses to write from
/// what is not.
#[cfg(unix)]
fn type_at(address: *mut ffi::PyObject) -> Option<usize> {
    use std::io::{Read, pipe};
    use std::os::fd::AsRawFd;

    const HEAD: usize = size_of::<ffi::PyObject>();
    let (mut reader, writer) = pipe().ok()?;
    // SAFETY: the system reads the memory, or refuses; nothing is written to it.
    let written = unsafe { libc::write(writer.as_raw_fd(), address.cast(), HEAD) };
    if written != HEAD.cast_signed() {
        return None;
    }
    let mut head = [0; HEAD];
    reader.read_exact(&mut head).ok()?;
    let ty = std::mem::offset_of!(ffi::PyObject, ob_type);
    Some(usize::from_ne_bytes(head[ty..].first_chunk().copied()?))
}

/// The type of the object at an address: elsewhere nobody can tell.
#[cfg(not(unix))]
fn type_at(_: *mut ffi::PyObject) -> Option<usize> {
    None
}

/// The members of the records with one descriptor: what stands before each value, and the value's place.
pub struct Members {
    pub leads: Box<[(Lead, usize)]>,
    /// The keys, one for each value, as the query has them.
    pub keys: Box<[Box<str>]>,
    /// The descriptor, where these are found by its address: kept, so that no other can come to it.
    _descriptor: Option<Py<PyAny>>,
}

impl Members {
    /// Reads a record's keys. Of two with the same name the last has the value, as in `dict(record)`.
    fn read(record: &Bound<'_, PyAny>, descriptor: Option<Py<PyAny>>) -> Result<Self, Error> {
        let mut keys: Vec<Box<str>> = Vec::new();
        for key in record.call_method0("keys")?.try_iter()? {
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
    /// By the descriptor, which they keep.
    static MEMBERS: Memory<Rc<Members>> = Memory::new();
}

/// The members of a record, and the address that they were found by.
///
/// # Safety
///
/// The record is of the type that this is the layout of.
pub unsafe fn members_of(record: &Bound<'_, PyAny>, layout: Layout) -> Result<Rc<Members>, Error> {
    // SAFETY: the caller's promise.
    let descriptor = unsafe { layout.descriptor(record.as_ptr()) };
    let address = descriptor as usize;
    if let Some(members) = MEMBERS.with(|all| all.get(address)) {
        return Ok(members);
    }
    // SAFETY: the record refers to it.
    let descriptor = unsafe { Bound::from_borrowed_ptr(record.py(), descriptor) }.unbind();
    let members = Rc::new(Members::read(record, Some(descriptor))?);
    MEMBERS.with(|all| all.insert(address, Rc::clone(&members)));
    Ok(members)
}

/// The descriptor's address, by which to tell whether two records have the same members.
///
/// # Safety
///
/// The record is of the type that this is the layout of.
#[inline]
pub unsafe fn descriptor_of(record: *mut ffi::PyObject, layout: Layout) -> usize {
    // SAFETY: the caller's promise.
    unsafe { layout.descriptor(record) as usize }
}

/// The members and values of a record of an unknown layout, by its public interface.
pub fn read_slowly<'py>(
    record: &Bound<'py, PyAny>,
) -> Result<(Members, Bound<'py, PyTuple>), Error> {
    let members = Members::read(record, None)?;
    let values = record.call_method0("values")?.try_iter()?.collect::<PyResult<Vec<_>>>()?;
    Ok((members, PyTuple::new(record.py(), values)?))
}
