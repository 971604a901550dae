//! Where the JSON is written.

use std::mem::MaybeUninit;

/// Bytes that grow at their end. A `Vec<u8>` is one. The Python binding has another, which writes into a
/// bytes object, so that the result is never copied.
///
/// # Safety
///
/// [`Sink::spare`] must return at least as much room as it is asked for: callers write to it unchecked.
pub unsafe trait Sink {
    /// The room after what was written: at least `additional` bytes.
    fn spare(&mut self, additional: usize) -> &mut [MaybeUninit<u8>];

    /// Counts the first `count` bytes of the room as written.
    ///
    /// # Safety
    ///
    /// The caller wrote them since [`Sink::spare`] last returned room for that many.
    unsafe fn advance(&mut self, count: usize);

    /// Says that an array begins. With this, [`Sink::progress`] and [`Sink::close_array`] a sink can
    /// estimate how much will follow. A `Vec` doubles instead.
    fn open_array(&mut self) {}

    /// Says how much of the innermost open array is written: `done` of `of`.
    fn progress(&mut self, _done: usize, _of: usize) {}

    /// Says that the innermost open array is complete.
    fn close_array(&mut self) {}

    /// Writes these bytes.
    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        let room = self.spare(bytes.len());
        // SAFETY: the room is at least as long as the bytes, and cannot overlap them, for it is borrowed
        // exclusively.
        unsafe {
            bytes.as_ptr().copy_to_nonoverlapping(room.as_mut_ptr().cast(), bytes.len());
            self.advance(bytes.len());
        }
    }

    /// Writes the text of a value that needs no quotes and no escapes.
    #[inline]
    fn put_str(&mut self, text: &str) {
        self.put(text.as_bytes());
    }
}

// SAFETY: `reserve` makes sure that the spare capacity is large enough.
unsafe impl Sink for Vec<u8> {
    #[inline]
    fn spare(&mut self, additional: usize) -> &mut [MaybeUninit<u8>] {
        self.reserve(additional);
        self.spare_capacity_mut()
    }

    #[inline]
    unsafe fn advance(&mut self, count: usize) {
        // SAFETY: the caller wrote them into the capacity behind the length.
        unsafe { self.set_len(self.len() + count) }
    }
}
