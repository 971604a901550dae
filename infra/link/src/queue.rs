//! What is under way in one direction.

use std::collections::VecDeque;
use std::io;
use std::time::Instant;

/// The most bytes under way. At 10 ms there and back that is 200 MB in a second.
const MOST_BYTES: usize = 1024 * 1024;
/// The most pieces, which can be of one byte each.
const MOST_PIECES: usize = 8 * 1024;

/// What arrives at the other end.
pub enum Arrival {
    /// Bytes, as they were read.
    Bytes(Box<[u8]>),
    /// Nothing more: the sender has closed this direction, or the connection is broken.
    End(io::Result<()>),
}

/// Arrivals in the order in which they were sent, each with the moment at which it is due.
#[derive(Default)]
pub struct Queue {
    arrivals: VecDeque<(Instant, Arrival)>,
    bytes: usize,
    is_ended: bool,
}

impl Queue {
    /// When the next one is due; `None`: nothing is under way.
    pub fn due(&self) -> Option<Instant> {
        self.arrivals.front().map(|(due, _)| *due)
    }

    /// Whether more may be sent: not after the end, and not while there is much under way.
    pub fn has_room(&self) -> bool {
        !self.is_ended && self.bytes < MOST_BYTES && self.arrivals.len() < MOST_PIECES
    }

    pub fn push(&mut self, due: Instant, arrival: Arrival) {
        match &arrival {
            Arrival::Bytes(bytes) => self.bytes += bytes.len(),
            Arrival::End(_) => self.is_ended = true,
        }
        self.arrivals.push_back((due, arrival));
    }

    pub fn pop(&mut self) -> Option<Arrival> {
        let (_, arrival) = self.arrivals.pop_front()?;
        if let Arrival::Bytes(bytes) = &arrival {
            self.bytes -= bytes.len();
        }
        Some(arrival)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn bytes(length: usize) -> Arrival {
        Arrival::Bytes(vec![0; length].into())
    }

    #[test]
    fn the_first_is_due_first_even_if_the_latency_falls_meanwhile() {
        let (mut queue, now) = (Queue::default(), Instant::now());
        queue.push(now + Duration::from_millis(8), bytes(1));
        queue.push(now, bytes(2));
        assert_eq!(queue.due(), Some(now + Duration::from_millis(8)));
        assert!(matches!(queue.pop(), Some(Arrival::Bytes(first)) if first.len() == 1));
        assert_eq!(queue.due(), Some(now));
    }

    #[test]
    fn a_long_queue_takes_no_more_until_it_is_shorter() {
        let (mut queue, now) = (Queue::default(), Instant::now());
        queue.push(now, bytes(MOST_BYTES));
        assert!(!queue.has_room());
        queue.pop();
        (0..MOST_PIECES).for_each(|_| queue.push(now, bytes(1)));
        assert!(!queue.has_room());
        queue.pop();
        assert!(queue.has_room());
    }

    #[test]
    fn nothing_comes_after_the_end() {
        let mut queue = Queue::default();
        queue.push(Instant::now(), Arrival::End(Ok(())));
        queue.pop();
        assert!(!queue.has_room());
        assert!(queue.due().is_none());
    }
}
