//! What has happened since the start.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;

/// The counts, each written by many tasks.
#[derive(Debug, Default)]
pub struct Counters {
    connections_total: AtomicU64,
    connections_closed: AtomicU64,
    round_trips: AtomicU64,
    waited_ns: AtomicU64,
    connections_cut: AtomicU64,
}

/// The counts at one moment, as they are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Connections that are open.
    pub connections_open: u64,
    /// Connections that were opened.
    pub connections_total: u64,
    /// Round trips, of all connections together.
    pub round_trips: u64,
    /// How long these took, one after the other.
    pub waited_us: u64,
    /// Connections that were broken in the middle of an answer, as they were to be.
    pub connections_cut: u64,
}

impl Counters {
    /// Counts a connection, until what is returned is dropped. To open it is a round trip, too, of this latency.
    pub fn connected(&self, latency: Duration) -> Trips<'_> {
        self.connections_total.fetch_add(1, Relaxed);
        self.waited(latency);
        Trips { counters: self, asked_at: Mutex::default() }
    }

    fn waited(&self, time: Duration) {
        self.round_trips.fetch_add(1, Relaxed);
        self.waited_ns.fetch_add(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX), Relaxed);
    }

    /// A connection was broken in the middle of an answer.
    pub fn cut(&self) {
        self.connections_cut.fetch_add(1, Relaxed);
    }

    /// The counts now.
    #[must_use]
    pub fn now(&self) -> Counts {
        // Closed ones first, so that there are never more of them than of all.
        let closed = self.connections_closed.load(Relaxed);
        let connections_total = self.connections_total.load(Relaxed);
        Counts {
            connections_open: connections_total.saturating_sub(closed),
            connections_total,
            round_trips: self.round_trips.load(Relaxed),
            waited_us: self.waited_ns.load(Relaxed) / 1_000,
            connections_cut: self.connections_cut.load(Relaxed),
        }
    }
}

/// The round trips of one connection.
///
/// What a client sends after an answer begins one, and the answer to that ends it. What the client sends before an answer
/// has come belongs to the same round trip, and what is never answered, such as its farewell, to none.
pub struct Trips<'a> {
    counters: &'a Counters,
    asked_at: Mutex<Option<Instant>>,
}

impl Trips<'_> {
    /// The client has sent something.
    pub fn asked(&self) {
        self.asked_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert_with(Instant::now);
    }

    /// Something that the server has sent has come to the client.
    pub fn answered(&self) {
        let asked_at = self.asked_at.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(asked_at) = asked_at {
            self.counters.waited(asked_at.elapsed());
        }
    }
}

impl Drop for Trips<'_> {
    fn drop(&mut self) {
        self.counters.connections_closed.fetch_add(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_after_an_answer_begins_a_round_trip() {
        let counters = Counters::default();
        let trips = counters.connected(Duration::ZERO);
        for _ in 0..3 {
            // In three pieces there and two back.
            (0..3).for_each(|_| trips.asked());
            (0..2).for_each(|_| trips.answered());
        }
        // With the one that opened it.
        assert_eq!(counters.now().round_trips, 4);
    }

    #[test]
    fn each_connection_has_round_trips_of_its_own() {
        let counters = Counters::default();
        let (first, second) =
            (counters.connected(Duration::ZERO), counters.connected(Duration::ZERO));
        first.asked();
        second.asked();
        second.answered();
        first.answered();
        drop(first);
        let counts = counters.now();
        assert_eq!((counts.connections_open, counts.connections_total), (1, 2));
        assert_eq!(counts.round_trips, 4);
    }

    #[test]
    fn a_server_that_speaks_first_and_a_client_that_has_the_last_word_make_none() {
        let counters = Counters::default();
        let trips = counters.connected(Duration::ZERO);
        trips.answered();
        trips.asked();
        assert_eq!(counters.now().round_trips, 1);
    }

    #[test]
    fn a_round_trip_takes_from_what_is_sent_first_until_its_answer() {
        let counters = Counters::default();
        let trips = counters.connected(Duration::from_millis(8));
        trips.asked();
        std::thread::sleep(Duration::from_millis(20));
        trips.asked();
        trips.answered();
        std::thread::sleep(Duration::from_millis(20));
        let counts = counters.now();
        assert_eq!(counts.round_trips, 2);
        assert!((28_000..48_000).contains(&counts.waited_us), "{}", counts.waited_us);
    }
}
