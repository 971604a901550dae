//! Where requests wait for a database connection: a bounded number of them.

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::errors::Error;

/// The places for requests that wait.
#[derive(Debug)]
pub struct Queue(Semaphore);

impl Queue {
    pub fn new(size: usize) -> Self {
        Self(Semaphore::new(size))
    }

    /// A place to wait, until it is dropped. Whoever finds none would wait longest of all: it is told so at once, for
    /// little.
    pub fn place(&self) -> Result<SemaphorePermit<'_>, Error> {
        self.0.try_acquire().map_err(|_| Error::Busy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_finds_no_place_is_refused_at_once() {
        let queue = Queue::new(1);
        let first = queue.place().unwrap();
        assert!(matches!(queue.place(), Err(Error::Busy)));
        drop(first);
        assert!(queue.place().is_ok(), "a place was lost");
    }
}
