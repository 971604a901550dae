//! Where the JSON is written.

use std::mem::MaybeUninit;

/// Bytes that grow at their end. A `Vec<u8>` is one; a Python bytes object under construction
/// another, so that no result is ever copied.
///
/// # Safety
///
/// [`Sink::spare`] gives as much room as it was asked for, for others write to it unchecked.
pub unsafe trait Sink {
    /// The room after what was written: at least `additional` bytes.
    fn spare(&mut self, additional: usize) -> &mut [MaybeUninit<u8>];

    /// Takes the first `count` bytes of the room as written.
    ///
    /// # Safety
    ///
    /// They were written since [`Sink::spare`] last gave room for as many.
    unsafe fn advance(&mut self, count: usize);

    /// An array begins. With [`Sink::progress`] and [`Sink::close_array`] it lets a sink foresee how
    /// much is to come; a `Vec`, which doubles, has no use for that.
    fn open_array(&mut self) {}

    /// How much of the array that was opened last is written: `done` of `of`.
    fn progress(&mut self, _done: usize, _of: usize) {}

    /// The array that was opened last is written.
    fn close_array(&mut self) {}

    /// Writes these bytes.
    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        let room = self.spare(bytes.len());
        // SAFETY: the room is as long as the bytes, and nobody else's while it is borrowed.
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

// SAFETY: what is reserved is there.
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
