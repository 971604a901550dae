//! The bytes object that `dumps` returns, while it is written.

use std::ffi::c_int;
use std::mem::MaybeUninit;
use std::ptr;

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use rowjson_core::json::sink::Sink;

unsafe extern "C" {
    /// Documented in Python's C API under "Bytes Objects". pyo3's declaration is private.
    fn _PyBytes_Resize(bytes: *mut *mut ffi::PyObject, size: ffi::Py_ssize_t) -> c_int;
}

/// Most single documents fit into this.
const FIRST_CAPACITY: usize = 1024;
/// How much more room is made than is known to be needed.
const SLACK: usize = 256;

/// The size of the largest object that is tried.
const MOST: usize = isize::MAX.unsigned_abs() / 2;
/// Growth by less than this is not checked in advance: if it fails, there is no memory left for anything.
const WORTH_ASKING: usize = 1024 * 1024;
/// From this size on, malloc maps each object's memory separately (glibc's largest threshold).
const MAPPED: usize = 32 * 1024 * 1024;

/// The payload of the panic that ends writing when there is no memory.
pub struct OutOfMemory;

/// A bytes object whose first `length` bytes are written.
pub struct Output<'py> {
    py: Python<'py>,
    /// We own the only reference, until [`Output::finish`].
    object: *mut ffi::PyObject,
    /// The object's bytes.
    data: *mut MaybeUninit<u8>,
    length: usize,
    capacity: usize,
    /// How many arrays are open.
    depth: usize,
    /// Where the outermost array begins, how much of it is written, and how much there is.
    outermost: (usize, usize, usize),
}

impl<'py> Output<'py> {
    pub fn new(py: Python<'py>) -> PyResult<Self> {
        // SAFETY: any size is allowed. Null is a failure, whose exception is fetched.
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

    /// Returns the object, cut to what was written.
    pub fn finish(mut self) -> PyResult<Bound<'py, PyBytes>> {
        self.resize(self.length)?;
        let object = std::mem::replace(&mut self.object, ptr::null_mut());
        // SAFETY: we own this bytes object; if it were null, resizing would have failed.
        Ok(unsafe { Bound::from_owned_ptr(self.py, object).cast_into_unchecked() })
    }

    /// Changes the object's size. After an error there is no object any more.
    fn resize(&mut self, capacity: usize) -> PyResult<()> {
        // SAFETY: a bytes object with one reference, which this takes and replaces.
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

    /// Estimates the size of the whole document from the part of the outermost array that is done, and adds a
    /// little. Without an array, it is half as much again as there is. It is limited, so that a long first
    /// element does not ask for all memory.
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
        // If there is no memory for the estimate, there may be enough for what is needed now.
        let generous = [self.estimate(), needed.saturating_add(needed / 64)];
        let size = generous.into_iter().find(|&size| size >= needed && self.can_grow_to(size));
        let size = size.unwrap_or(needed);
        if size > MOST || self.resize(size).is_err() {
            // Callers of `spare` cannot handle an error. `dumps` turns this into a MemoryError.
            std::panic::resume_unwind(Box::new(OutOfMemory));
        }
    }

    /// Whether there seems to be memory for an object of this size. A failed [`Output::resize`] would lose the
    /// object, so this allocates what it would take and frees it again.
    fn can_grow_to(&self, size: usize) -> bool {
        if size > MOST {
            return false;
        }
        let more = size.saturating_sub(self.capacity);
        if more < WORTH_ASKING {
            return true;
        }
        // A large object is extended or remapped; a smaller one may be copied.
        let wanted = if self.capacity < MAPPED { size } else { more };
        // SAFETY: the memory is not used, and null may be freed, too.
        unsafe {
            let memory = ffi::PyMem_RawMalloc(wanted);
            ffi::PyMem_RawFree(memory);
            !memory.is_null()
        }
    }
}

/// The bytes of a bytes object.
fn data_of(object: *mut ffi::PyObject) -> *mut MaybeUninit<u8> {
    // SAFETY: it is only called with bytes objects.
    unsafe { ffi::PyBytes_AS_STRING(object) }.cast_mut().cast()
}

// SAFETY: `spare` grows the object first if there is less room, or does not return.
unsafe impl Sink for Output<'_> {
    #[inline]
    fn spare(&mut self, additional: usize) -> &mut [MaybeUninit<u8>] {
        if self.capacity - self.length < additional {
            self.grow(additional);
        }
        // SAFETY: the object has `capacity` bytes, and we own its only reference.
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
        // SAFETY: it is null after `finish` and after a failed resize; otherwise we own it.
        unsafe { ffi::Py_XDECREF(self.object) };
    }
}
