//! What was found out about objects, by their addresses.

use std::cell::RefCell;
use std::collections::HashMap;

/// So many are remembered: programs that make types or statements without end must not grow without end.
const MOST: usize = 256;

/// Values by the address of an object, which each value must keep: else another could come to it.
pub struct Memory<V>(RefCell<HashMap<usize, V>>);

impl<V: Clone> Memory<V> {
    pub fn new() -> Self {
        Self(RefCell::default())
    }

    pub fn get(&self, address: usize) -> Option<V> {
        self.0.borrow().get(&address).cloned()
    }

    /// Remembers one more; all others are forgotten where they were too many.
    pub fn insert(&self, address: usize, value: V) {
        let forgotten = {
            let mut all = self.0.borrow_mut();
            let full = if all.len() >= MOST { std::mem::take(&mut *all) } else { HashMap::new() };
            (all.insert(address, value), full)
        };
        // Outside of the borrow, for the end of an object can run any code.
        drop(forgotten);
    }
}
