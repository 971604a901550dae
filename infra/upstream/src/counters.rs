//! What has happened since the start.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use rustls::HandshakeKind;
use serde::Serialize;

use crate::documents::Resource;

/// The counts, each written by many tasks.
#[derive(Debug, Default)]
pub struct Counters {
    handshakes: AtomicU64,
    resumed: AtomicU64,
    handshakes_failed: AtomicU64,
    connections_total: AtomicU64,
    connections_closed: AtomicU64,
    requests: AtomicU64,
    by_resource: [AtomicU64; Resource::ALL.len()],
    cancelled: AtomicU64,
}

/// The counts at one moment, as they are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// TLS handshakes that were finished, resumed ones included.
    pub handshakes: u64,
    /// Of these, those that resumed an earlier session.
    pub resumed: u64,
    /// TLS handshakes that were not: by a client that does not trust the certificate, or speaks no TLS.
    pub handshakes_failed: u64,
    /// TCP connections that are open.
    pub connections_open: u64,
    /// TCP connections that were opened.
    pub connections_total: u64,
    /// Requests, those with an unknown path included.
    pub requests: u64,
    /// Requests for each resource.
    pub requests_by_resource: ByResource,
    /// Requests whose client went away before its answer was complete.
    pub cancelled: u64,
}

/// Counts for each resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ByResource {
    /// Of `/analysis/ID`.
    pub analysis: u64,
    /// Of `/facts/ID`.
    pub facts: u64,
    /// Of `/price/ID`.
    pub price: u64,
}

impl Counters {
    /// Counts a connection, until what is returned is dropped.
    pub(crate) fn connected(&self) -> Connected<'_> {
        self.connections_total.fetch_add(1, Relaxed);
        Connected(self)
    }

    /// Counts a handshake; `None`: it failed.
    pub(crate) fn shook_hands(&self, kind: Option<HandshakeKind>) {
        let Some(kind) = kind else {
            self.handshakes_failed.fetch_add(1, Relaxed);
            return;
        };
        self.handshakes.fetch_add(1, Relaxed);
        if kind == HandshakeKind::Resumed {
            self.resumed.fetch_add(1, Relaxed);
        }
    }

    /// Counts a request; `None`: for something unknown.
    pub(crate) fn asked(&self, resource: Option<Resource>) {
        self.requests.fetch_add(1, Relaxed);
        if let Some(resource) = resource {
            self.by_resource[resource.index()].fetch_add(1, Relaxed);
        }
    }

    /// Counts a request whose client went away.
    pub(crate) fn cancel(&self) {
        self.cancelled.fetch_add(1, Relaxed);
    }

    /// The counts now.
    #[must_use]
    pub fn now(&self) -> Counts {
        let of = |resource: Resource| self.by_resource[resource.index()].load(Relaxed);
        // Closed ones first, so that there are never more of them than of all.
        let closed = self.connections_closed.load(Relaxed);
        let connections_total = self.connections_total.load(Relaxed);
        Counts {
            handshakes: self.handshakes.load(Relaxed),
            resumed: self.resumed.load(Relaxed),
            handshakes_failed: self.handshakes_failed.load(Relaxed),
            connections_open: connections_total.saturating_sub(closed),
            connections_total,
            requests: self.requests.load(Relaxed),
            requests_by_resource: ByResource {
                analysis: of(Resource::Analysis),
                facts: of(Resource::Facts),
                price: of(Resource::Price),
            },
            cancelled: self.cancelled.load(Relaxed),
        }
    }
}

/// A connection that is open.
pub(crate) struct Connected<'a>(&'a Counters);

impl Drop for Connected<'_> {
    fn drop(&mut self) {
        self.0.connections_closed.fetch_add(1, Relaxed);
    }
}
