//! What was found out about objects, by their addresses.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// So many are remembered: programs that make types or statements without end must not grow without end.
const MOST: usize = 256;

/// Values by the address of an object, which each value must keep: else another could come to it.
pub struct Memory<V>(RefCell<ByAddress<V>>);

type ByAddress<V> = HashMap<usize, V, BuildHasherDefault<AddressHasher>>;

/// Mixes the bits of an address, all of which the map uses: each call of `dumps` looks two up. A hash
/// against chosen keys is not needed, for no input chooses addresses.
#[derive(Default)]
struct AddressHasher(u64);

impl Hasher for AddressHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_usize(usize::from(byte));
        }
    }

    #[inline]
    fn write_usize(&mut self, address: usize) {
        // By the golden ratio, which spreads what is close; its high bits, which all bits of the address
        // are in, come to the low end, too.
        let product = (self.0 ^ address as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = product ^ product >> 32;
    }
}

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
            let full =
                if all.len() >= MOST { std::mem::take(&mut *all) } else { ByAddress::default() };
            (all.insert(address, value), full)
        };
        // Outside of the borrow, for the end of an object can run any code.
        drop(forgotten);
    }
}
