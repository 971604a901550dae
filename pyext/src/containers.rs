//! Records, lists, tuples and dicts.

use std::ptr;
use std::rc::Rc;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};
use pyo3::{Borrowed, ffi};
use rowjson_core::json::path::{Step, Traced};
use rowjson_core::json::sink::Sink;

use crate::encode::{Encoder, Result};
use crate::error::{Error, type_name};
use crate::record::{Layout, Members, descriptor_of, members_of, read_slowly};

impl<'py> Encoder<'_, 'py> {
    /// Writes a record as an object.
    pub fn put_record(
        &self,
        record: &Bound<'py, PyAny>,
        layout: Option<Layout>,
        sink: &mut impl Sink,
    ) -> Result {
        let Some(layout) = layout else {
            let (members, values) = read_slowly(record)?;
            let values: Vec<_> = values.iter_borrowed().map(Borrowed::as_ptr).collect();
            return self.put_members(&members, &values, sink);
        };
        let members = self.members(record, layout)?;
        // SAFETY: the layout of its type; the record is owned and never changes.
        self.put_members(&members, unsafe { layout.values(record.as_ptr()) }, sink)
    }

    /// The members of a record: mostly those of the one before it.
    #[inline]
    fn members(
        &self,
        record: &Bound<'py, PyAny>,
        layout: Layout,
    ) -> std::result::Result<Rc<Members>, Error> {
        // SAFETY: the layout of its type.
        let descriptor = unsafe { descriptor_of(record.as_ptr(), layout) };
        if let (last, Some(members)) = &*self.members.borrow()
            && *last == descriptor
        {
            return Ok(Rc::clone(members));
        }
        // SAFETY: the layout of its type.
        let members = unsafe { members_of(record, layout) }?;
        let before = self.members.replace((descriptor, Some(Rc::clone(&members))));
        // Outside of the borrow, for the end of a descriptor can run any code.
        drop(before);
        Ok(members)
    }

    #[inline]
    fn put_members(
        &self,
        members: &Members,
        values: &[*mut ffi::PyObject],
        sink: &mut impl Sink,
    ) -> Result {
        if values.len() != members.keys.len() {
            let what =
                format!("a record of {} values and {} keys", values.len(), members.keys.len());
            return Err(Error::unsupported(what));
        }
        for (lead, place) in &members.leads {
            lead.put(sink);
            // SAFETY: in the record, which the caller owns.
            unsafe { self.put(values[*place], sink) }
                .map_err(|error| error.under_member(&members.keys[*place]))?;
        }
        sink.put(if members.leads.is_empty() { b"{}" } else { b"}" });
        Ok(())
    }

    /// Writes a list as an array.
    pub fn put_list(&self, list: &Bound<'py, PyAny>, sink: &mut impl Sink) -> Result {
        let list = list.cast::<PyList>().map_err(PyErr::from)?;
        // Its length is asked for each time: what `default` runs may change it. So an element is
        // borrowed only until any code can run; see `put`.
        // SAFETY: the place is within the list, and its element alive while nothing runs.
        self.put_elements(
            || list.len(),
            |index| unsafe { ffi::PyList_GET_ITEM(list.as_ptr(), index.cast_signed()) },
            sink,
        )
    }

    /// Writes a tuple as an array.
    pub fn put_tuple(&self, tuple: &Bound<'py, PyAny>, sink: &mut impl Sink) -> Result {
        let tuple = tuple.cast::<PyTuple>().map_err(PyErr::from)?;
        // SAFETY: the place is within the tuple, which keeps its elements.
        self.put_elements(
            || tuple.len(),
            |index| unsafe { ffi::PyTuple_GET_ITEM(tuple.as_ptr(), index.cast_signed()) },
            sink,
        )
    }

    #[inline]
    fn put_elements(
        &self,
        length: impl Fn() -> usize,
        element: impl Fn(usize) -> *mut ffi::PyObject,
        sink: &mut impl Sink,
    ) -> Result {
        sink.open_array();
        let mut index = 0;
        // What is added while it is encoded is not: there might be no end to it.
        let all = length();
        while index < all.min(length()) {
            sink.progress(index, all);
            sink.put(if index == 0 { b"[" } else { b"," });
            // SAFETY: in the list or tuple, which the caller owns.
            unsafe { self.put(element(index), sink) }
                .map_err(|error| error.under(Step::Index(index)))?;
            index += 1;
        }
        sink.put(if index == 0 { b"[]" } else { b"]" });
        sink.close_array();
        Ok(())
    }

    /// Writes a dict as an object.
    pub fn put_dict(&self, dict: &Bound<'py, PyAny>, sink: &mut impl Sink) -> Result {
        let dict = dict.cast::<PyDict>().map_err(PyErr::from)?;
        let length = dict.len();
        let (mut place, mut key, mut value) = (0, ptr::null_mut(), ptr::null_mut());
        let mut written = 0;
        // SAFETY: a dict; it is not changed while a key or value is borrowed, for `put` owns what it
        // runs code with, and below nothing is used after that but for the dict's length.
        while unsafe {
            ffi::PyDict_Next(dict.as_ptr(), &raw mut place, &raw mut key, &raw mut value)
        } != 0
        {
            // SAFETY: given by the dict just now. The value is kept, as a key's text may run code.
            let (key, value) = unsafe {
                (Bound::from_borrowed_ptr(self.py, key), Bound::from_borrowed_ptr(self.py, value))
            };
            sink.put(if written == 0 { b"{" } else { b"," });
            self.put_key(&key, sink)?;
            sink.put(b":");
            self.put_bound(&value, sink).map_err(|error| error.under_member(&key.to_string()))?;
            written += 1;
            if dict.len() != length || written > length {
                return Err(Error::unsupported("a dict that changes while it is encoded"));
            }
        }
        sink.put(if written == 0 { b"{}" } else { b"}" });
        Ok(())
    }

    fn put_key(&self, key: &Bound<'py, PyAny>, sink: &mut impl Sink) -> Result {
        if key.is_instance_of::<PyString>() {
            // SAFETY: it is a str.
            return unsafe { self.put_text(key.as_ptr(), sink) };
        }
        Err(Error::unsupported(format!("a dict's key must be a str, not {}", type_name(key))))
    }
}
