//! How much of the thread's stack is left.

use std::cell::Cell;

thread_local! {
    /// Where this thread's stack ends; 0 until it is known. It stays where it is.
    static END: Cell<usize> = const { Cell::new(0) };
}

/// What a level of nesting may take, and what is called from there: Python's own code, a time zone's
/// or `default`'s among it. Measured: `tests/test_stack.py` goes to the end of the smallest stack.
pub const LEVEL: usize = 8 * 1024;
/// What each level of a shape takes at most, whatever is in it.
pub const SHAPE_LEVEL: usize = 1024;

/// The stack of one thread.
#[derive(Clone, Copy)]
pub struct Stack {
    end: usize,
}

impl Stack {
    /// The stack that this runs on.
    #[inline]
    pub fn of_thread() -> Self {
        Self { end: END.with(|known| if known.get() == 0 { measured(known) } else { known.get() }) }
    }

    /// Whether so many bytes are left below `here`, which lies on the stack. Where it lies below the end
    /// that is known (on a stack that no thread began with), so many seem to be left.
    #[inline]
    pub fn has<T>(self, wanted: usize, here: &T) -> bool {
        let here = std::ptr::from_ref(here) as usize;
        here.wrapping_sub(self.end) >= wanted
    }
}

#[cold]
fn measured(known: &Cell<usize>) -> usize {
    // Asked again the next time where the system cannot tell now.
    known.set(end_of_stack().unwrap_or(0));
    known.get()
}

#[cfg(target_os = "linux")]
fn end_of_stack() -> Option<usize> {
    let mut attributes = std::mem::MaybeUninit::uninit();
    let (mut start, mut size, mut guard) = (std::ptr::null_mut(), 0, 0);
    // SAFETY: the attributes are read and given back only where they were filled in.
    unsafe {
        if libc::pthread_getattr_np(libc::pthread_self(), attributes.as_mut_ptr()) != 0 {
            return None;
        }
        let attributes = attributes.assume_init_mut();
        let failed = libc::pthread_attr_getstack(attributes, &raw mut start, &raw mut size) != 0
            || libc::pthread_attr_getguardsize(attributes, &raw mut guard) != 0;
        libc::pthread_attr_destroy(attributes);
        // Some systems count the guard among the stack.
        (!failed).then_some(start as usize + guard)
    }
}

#[cfg(target_vendor = "apple")]
fn end_of_stack() -> Option<usize> {
    // SAFETY: the thread itself asks.
    let (top, size) = unsafe {
        let thread = libc::pthread_self();
        (libc::pthread_get_stackaddr_np(thread) as usize, libc::pthread_get_stacksize_np(thread))
    };
    top.checked_sub(size)
}

#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
fn end_of_stack() -> Option<usize> {
    None
}
