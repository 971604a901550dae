//! `asyncpg.Record`.

use std::rc::Rc;

use pyo3::prelude::*;
use pyo3::{Borrowed, ffi};
use rowjson_core::json::path::Traced;
use rowjson_core::json::sink::Sink;

use crate::encode::Encoder;
use crate::error::{Error, Result};
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
        // SAFETY: the layout of its type. We own a reference to the record, which never changes.
        self.put_members(&members, unsafe { layout.values(record.as_ptr()) }, sink)
    }

    /// The members of a record, which usually are those of the record before it.
    #[inline]
    fn members(&self, record: &Bound<'py, PyAny>, layout: Layout) -> Result<Rc<Members>> {
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
        // After the borrow, because freeing a descriptor can run any code.
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
            // SAFETY: in the record, which the caller keeps alive.
            unsafe { self.put(values[*place], sink) }
                .map_err(|error| error.under_member(&members.keys[*place]))?;
        }
        sink.put(if members.leads.is_empty() { b"{}" } else { b"}" });
        Ok(())
    }
}
