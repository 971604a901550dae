//! How much of the thread's stack is left.

use std::cell::Cell;

thread_local! {
    /// Where this thread's stack ends, which does not change; 0 until it is known.
    static END: Cell<usize> = const { Cell::new(0) };
}

/// The stack that one level of nesting may take, with all that it calls: Python's code, time zones, `default`.
/// `tests/test_stack.py` shows that it is enough, down to the end of the smallest stack.
pub const LEVEL: usize = 8 * 1024;
/// The stack that each level of a shape takes at most, whatever is in it.
pub const SHAPE_LEVEL: usize = 1024;

/// The stack of one thread.
#[derive(Clone, Copy)]
pub struct Stack {
    end: usize,
}

impl Stack {
    /// The stack of the current thread.
    #[inline]
    pub fn of_thread() -> Self {
        Self { end: END.with(|known| if known.get() == 0 { measured(known) } else { known.get() }) }
    }

    /// Whether this many bytes are left below `here`, which is on the stack. If it is below the known end, the
    /// thread has switched to another stack, and this says yes.
    #[inline]
    pub fn has<T>(self, wanted: usize, here: &T) -> bool {
        let here = std::ptr::from_ref(here) as usize;
        here.wrapping_sub(self.end) >= wanted
    }
}

#[cold]
fn measured(known: &Cell<usize>) -> usize {
    // If the system cannot tell now, it is asked again the next time.
    known.set(end_of_stack().unwrap_or(0));
    known.get()
}

#[cfg(target_os = "linux")]
fn end_of_stack() -> Option<usize> {
    let mut attributes = std::mem::MaybeUninit::uninit();
    let (mut start, mut size, mut guard) = (std::ptr::null_mut(), 0, 0);
    // SAFETY: the attributes are read and destroyed only after they were filled in.
    unsafe {
        if libc::pthread_getattr_np(libc::pthread_self(), attributes.as_mut_ptr()) != 0 {
            return None;
        }
        let attributes = attributes.assume_init_mut();
        let failed = libc::pthread_attr_getstack(attributes, &raw mut start, &raw mut size) != 0
            || libc::pthread_attr_getguardsize(attributes, &raw mut guard) != 0;
        libc::pthread_attr_destroy(attributes);
        // Some systems count the guard pages as part of the stack.
        (!failed).then_some(start as usize + guard)
    }
}

#[cfg(target_vendor = "apple")]
fn end_of_stack() -> Option<usize> {
    // SAFETY: a thread may ask about itself.
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
