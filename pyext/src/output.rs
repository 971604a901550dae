//! A Python bytes object that is being written: what `dumps` returns, from the first byte on.

use std::ffi::c_int;
use std::mem::MaybeUninit;
use std::ptr;

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use rowjson_core::json::sink::Sink;

unsafe extern "C" {
    /// Documented in the C API of Python under "Bytes Objects"; pyo3 keeps its own declaration to itself.
    fn _PyBytes_Resize(bytes: *mut *mut ffi::PyObject, size: ffi::Py_ssize_t) -> c_int;
}

/// What most single documents fit in.
const FIRST_CAPACITY: usize = 1024;
/// A sink's room is at least that much more than is known to be needed.
const SLACK: usize = 256;

/// No object is larger.
const MOST: usize = isize::MAX.unsigned_abs() / 2;
/// Smaller growth is not tried first: where it fails, there is no memory left for anything.
const WORTH_ASKING: usize = 1024 * 1024;
/// From this size on an object's memory is a mapping of its own, whatever was freed before (glibc's
/// largest threshold).
const MAPPED: usize = 32 * 1024 * 1024;

/// What ends the writing of a document for which there is no memory.
pub struct OutOfMemory;

/// A bytes object, of which `length` bytes count.
pub struct Output<'py> {
    py: Python<'py>,
    /// Owned, and nobody else's until [`Output::finish`].
    object: *mut ffi::PyObject,
    /// The object's bytes.
    data: *mut MaybeUninit<u8>,
    length: usize,
    capacity: usize,
    /// Arrays that are open.
    depth: usize,
    /// Where the outermost array begins, how many of its elements are written, how many it has.
    outermost: (usize, usize, usize),
}

impl<'py> Output<'py> {
    pub fn new(py: Python<'py>) -> PyResult<Self> {
        // SAFETY: any size; a failure is null, and its exception is taken.
        let object =
            unsafe { ffi::PyBytes_FromStringAndSize(ptr::null(), FIRST_CAPACITY.cast_signed()) };
        if object.is_null() {
            return Err(PyErr::fetch(py));
        }
        let data = data_of(object);
        Ok(Self {
            py,
            object,
            data,
            length: 0,
            capacity: FIRST_CAPACITY,
            depth: 0,
            outermost: (0, 0, 0),
        })
    }

    /// The object, cut to what was written.
    pub fn finish(mut self) -> PyResult<Bound<'py, PyBytes>> {
        self.resize(self.length)?;
        let object = std::mem::replace(&mut self.object, ptr::null_mut());
        // SAFETY: a bytes object that is ours to give away; null was an error above.
        Ok(unsafe { Bound::from_owned_ptr(self.py, object).cast_into_unchecked() })
    }

    /// Changes the object's size; after an error there is no object any more.
    fn resize(&mut self, capacity: usize) -> PyResult<()> {
        // SAFETY: the object is a bytes object with one owner, whom it is handed to and taken from.
        let failed = unsafe { _PyBytes_Resize(&raw mut self.object, capacity.cast_signed()) };
        if failed != 0 {
            self.capacity = 0;
            self.length = 0;
            return Err(PyErr::fetch(self.py));
        }
        self.data = data_of(self.object);
        self.capacity = capacity;
        Ok(())
    }

    /// What the whole will need, judged by the part of the outermost array that is done, and a little
    /// more; half as much again as there is where there is nothing to judge by. Not so much that an odd
    /// first element would ask for all memory.
    fn estimate(&self) -> usize {
        let (start, done, of) = self.outermost;
        let half_more = self.capacity.saturating_add(self.capacity / 2);
        let Some(array) = (self.length - start).saturating_mul(of).checked_div(done) else {
            return half_more;
        };
        let most = self.capacity.saturating_mul(4).max(64 * 1024);
        let whole = start.saturating_add(array);
        whole
            .saturating_add(whole / 32)
            .clamp(self.capacity.saturating_add(self.capacity / 32), most)
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, additional: usize) {
        let needed = self.length.saturating_add(additional).saturating_add(SLACK);
        // Where there is no memory for what may be needed there may be some for what is.
        let generous = [self.estimate(), needed.saturating_add(needed / 64)];
        let size = generous.into_iter().find(|&size| size >= needed && self.can_grow_to(size));
        let size = size.unwrap_or(needed);
        if size > MOST || self.resize(size).is_err() {
            // What asks for room has no way to do without: `dumps` makes a MemoryError of this.
            std::panic::resume_unwind(Box::new(OutOfMemory));
        }
    }

    /// Whether there seems to be memory for so large an object. To find out by [`Output::resize`] would
    /// cost the object, so what it would take is asked for, and given back.
    fn can_grow_to(&self, size: usize) -> bool {
        if size > MOST {
            return false;
        }
        let more = size.saturating_sub(self.capacity);
        if more < WORTH_ASKING {
            return true;
        }
        // A large object stays where it is, or is mapped elsewhere, and a smaller one may be copied.
        let wanted = if self.capacity < MAPPED { size } else { more };
        // SAFETY: memory that nobody uses; null, where there is none, may be freed, too.
        unsafe {
            let memory = ffi::PyMem_RawMalloc(wanted);
            ffi::PyMem_RawFree(memory);
            !memory.is_null()
        }
    }
}

/// Where the bytes of a bytes object are.
fn data_of(object: *mut ffi::PyObject) -> *mut MaybeUninit<u8> {
    // SAFETY: only called with bytes objects.
    unsafe { ffi::PyBytes_AS_STRING(object) }.cast_mut().cast()
}

// SAFETY: it grows first where there is less room, or does not return.
unsafe impl Sink for Output<'_> {
    #[inline]
    fn spare(&mut self, additional: usize) -> &mut [MaybeUninit<u8>] {
        if self.capacity - self.length < additional {
            self.grow(additional);
        }
        // SAFETY: the object has `capacity` bytes and nobody else sees it.
        unsafe {
            std::slice::from_raw_parts_mut(self.data.add(self.length), self.capacity - self.length)
        }
    }

    #[inline]
    unsafe fn advance(&mut self, count: usize) {
        self.length += count;
    }

    #[inline]
    fn open_array(&mut self) {
        if self.depth == 0 {
            self.outermost = (self.length, 0, 0);
        }
        self.depth += 1;
    }

    #[inline]
    fn progress(&mut self, done: usize, of: usize) {
        if self.depth == 1 {
            (self.outermost.1, self.outermost.2) = (done, of);
        }
    }

    #[inline]
    fn close_array(&mut self) {
        self.depth -= 1;
        if self.depth == 0 {
            self.outermost = (0, 0, 0);
        }
    }
}

impl Drop for Output<'_> {
    fn drop(&mut self) {
        // SAFETY: null after `finish` and after a failed resize, else ours.
        unsafe { ffi::Py_XDECREF(self.object) };
    }
}
