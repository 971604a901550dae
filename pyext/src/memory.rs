//! Remembers what was found out about objects, by their addresses.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// How many are remembered at most: a program may create types or statements without end.
const MOST: usize = 256;

/// Values by the address of an object. Each value must keep its object alive, or another object could get
/// the address.
pub struct Memory<V>(RefCell<ByAddress<V>>);

type ByAddress<V> = HashMap<usize, V, BuildHasherDefault<AddressHasher>>;

/// Hashes an address fast, for each call of `dumps` looks up two. It need not resist chosen keys, because no
/// input can choose addresses.
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
        // Multiplying by the golden ratio spreads addresses that are close together. All bits of the address
        // affect the high bits of the product, so these are mixed into the low ones, which the map uses, too.
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

    /// Remembers one more. If there are too many, it first forgets all others.
    pub fn insert(&self, address: usize, value: V) {
        let forgotten = {
            let mut all = self.0.borrow_mut();
            let full =
                if all.len() >= MOST { std::mem::take(&mut *all) } else { ByAddress::default() };
            (all.insert(address, value), full)
        };
        // After the borrow, because freeing an object can run any code.
        drop(forgotten);
    }
}
