//! What has happened since the start.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use serde::Serialize;

/// The counts, each written by many tasks.
#[derive(Debug, Default)]
pub struct Counters {
    connections_total: AtomicU64,
    connections_closed: AtomicU64,
    round_trips: AtomicU64,
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
}

impl Counters {
    /// Counts a connection, until what is returned is dropped. To open it is a round trip, too.
    pub fn connected(&self) -> Trips<'_> {
        self.connections_total.fetch_add(1, Relaxed);
        self.round_trips.fetch_add(1, Relaxed);
        Trips { counters: self, is_asked: AtomicBool::new(false) }
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
        }
    }
}

/// The round trips of one connection.
///
/// What a client sends after an answer begins one, and the answer to that ends it. What the client sends before an answer
/// has come belongs to the same round trip, and what is never answered, such as its farewell, to none.
pub struct Trips<'a> {
    counters: &'a Counters,
    is_asked: AtomicBool,
}

impl Trips<'_> {
    /// The client has sent something.
    pub fn asked(&self) {
        self.is_asked.store(true, Relaxed);
    }

    /// Something that the server has sent has come to the client.
    pub fn answered(&self) {
        if self.is_asked.swap(false, Relaxed) {
            self.counters.round_trips.fetch_add(1, Relaxed);
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
        let trips = counters.connected();
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
        let (first, second) = (counters.connected(), counters.connected());
        first.asked();
        second.asked();
        second.answered();
        first.answered();
        drop(first);
        let counts = counters.now();
        assert_eq!(counts, Counts { connections_open: 1, connections_total: 2, round_trips: 4 });
    }

    #[test]
    fn a_server_that_speaks_first_and_a_client_that_has_the_last_word_make_none() {
        let counters = Counters::default();
        let trips = counters.connected();
        trips.answered();
        trips.asked();
        assert_eq!(counters.now().round_trips, 1);
    }
}
