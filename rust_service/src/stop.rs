//! The signals to stop, shared by everything that serves.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio_util::sync::CancellationToken;

/// The two steps of stopping.
#[derive(Clone, Default)]
pub struct Stop {
    /// Answers say that they are the last on their connection.
    pub soon: Signal,
    /// Connections on which no request is being answered are closed.
    pub now: Signal,
}

/// A signal that is given once, to many. Each request checks it, so it is an atomic: the lock of a token,
/// shared by all threads, would cost more than the rest of serving a client.
#[derive(Clone, Default)]
pub struct Signal(Arc<Inner>);

#[derive(Default)]
struct Inner {
    given: AtomicBool,
    waiting: CancellationToken,
}

impl Signal {
    pub fn give(&self) {
        self.0.given.store(true, Ordering::Release);
        self.0.waiting.cancel();
    }

    pub fn is_given(&self) -> bool {
        self.0.given.load(Ordering::Acquire)
    }

    pub async fn given(&self) {
        self.0.waiting.cancelled().await;
    }
}
