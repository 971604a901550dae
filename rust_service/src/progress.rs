//! How far a request on a client's connection has come, and how long each phase may take.

use std::pin::Pin;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

/// The phases of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Nothing has come yet.
    New,
    /// A part of a request's head has come.
    Head,
    /// The head is whole. The body is being read and the answer made.
    Answering,
    /// The answer is on its way.
    Sending,
    /// The answer has left, and the next request may come.
    Idle,
}

impl Phase {
    const ALL: [Self; 5] = [Self::New, Self::Head, Self::Answering, Self::Sending, Self::Idle];

    /// How long the phase may take.
    const fn limit(self) -> Duration {
        match self {
            Self::New | Self::Head | Self::Sending => Duration::from_secs(10),
            // Body and database have their own time limits; this one is for anything unforeseen.
            Self::Answering => Duration::from_secs(20),
            // Longer than a proxy keeps an idle connection, so that the proxy is the one that closes it.
            Self::Idle => Duration::from_secs(75),
        }
    }
}

/// The phase of a connection, shared by the parts that serve it. These run in one task, so each sees
/// what the one before has written, and relaxed ordering is enough.
#[derive(Debug)]
pub struct Progress {
    /// The phase in the lowest bits, and the number of changes so far in the others.
    state: AtomicU32,
    /// How much of the request's body has not been read.
    body: AtomicU64,
}

/// The length of a body if it was not announced.
const ENDLESS: u64 = u64::MAX;
const PHASE_BITS: u32 = 3;

impl Progress {
    pub const fn new() -> Self {
        Self { state: AtomicU32::new(Phase::New as u32), body: AtomicU64::new(0) }
    }

    pub fn enter(&self, phase: Phase) {
        let changes = (self.state() >> PHASE_BITS).wrapping_add(1);
        self.state.store((changes << PHASE_BITS) | phase as u32, Ordering::Relaxed);
    }

    /// The head is whole; `body` is the length of the body, if it is known.
    pub fn enter_answering(&self, body: Option<u64>) {
        self.body.store(body.unwrap_or(ENDLESS), Ordering::Relaxed);
        self.enter(Phase::Answering);
    }

    pub fn phase(&self) -> Phase {
        phase_of(self.state())
    }

    /// Whether the service is answering a request. Only then is what hyper writes the service's answer.
    pub fn in_exchange(&self) -> bool {
        matches!(self.phase(), Phase::Answering | Phase::Sending)
    }

    /// Whether a part of the body has not been read. False if its length is not known.
    pub fn body_is_left(&self) -> bool {
        self.body_is_measured() && self.body.load(Ordering::Relaxed) > 0
    }

    /// Whether the length of the body is known.
    pub fn body_is_measured(&self) -> bool {
        self.body.load(Ordering::Relaxed) != ENDLESS
    }

    /// How many of the next `bytes` bytes belong to the body.
    pub fn take_body(&self, bytes: usize) -> usize {
        let left = self.body.load(Ordering::Relaxed);
        let taken = usize::try_from(left).map_or(bytes, |left| left.min(bytes));
        if left != ENDLESS {
            self.body.store(left - taken as u64, Ordering::Relaxed);
        }
        taken
    }

    fn state(&self) -> u32 {
        self.state.load(Ordering::Relaxed)
    }
}

fn phase_of(state: u32) -> Phase {
    let phase = state & ((1 << PHASE_BITS) - 1);
    Phase::ALL.into_iter().find(|known| *known as u32 == phase).unwrap_or(Phase::New)
}

/// The clock of one connection. Setting the timer anew in each phase would cost more than the phases
/// themselves, so it is only set when a phase ends before the time that it is set to.
pub struct Clock {
    sleep: Pin<Box<Sleep>>,
    /// The state that ends at `due`.
    state: u32,
    due: Instant,
}

impl Clock {
    pub fn new(progress: &Progress) -> Self {
        let state = progress.state();
        let due = Instant::now() + phase_of(state).limit();
        Self { sleep: Box::pin(sleep_until(due)), state, due }
    }

    /// Ready when the phase has taken too long. Must be polled after each change of the phase.
    pub fn poll_overdue(&mut self, context: &mut Context<'_>, progress: &Progress) -> Poll<()> {
        let state = progress.state();
        if state != self.state {
            self.state = state;
            self.due = Instant::now() + phase_of(state).limit();
        }
        if self.due < self.sleep.deadline() {
            self.sleep.as_mut().reset(self.due);
        }
        loop {
            ready!(self.sleep.as_mut().poll(context));
            if self.due <= self.sleep.deadline() {
                return Poll::Ready(());
            }
            self.sleep.as_mut().reset(self.due);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn each_phase_ends_at_its_own_limit() {
        let progress = Progress::new();
        let mut clock = Clock::new(&progress);
        for phase in [Phase::New, Phase::Idle, Phase::Head, Phase::Answering, Phase::Sending] {
            progress.enter(phase);
            let start = Instant::now();
            poll_fn(|context| clock.poll_overdue(context, &progress)).await;
            let taken = start.elapsed();
            let late = taken.saturating_sub(phase.limit());
            assert!(
                taken >= phase.limit() && late < Duration::from_secs(1),
                "{phase:?}: {taken:?}"
            );
        }
    }

    #[test]
    fn the_service_writes_from_a_whole_head_to_the_end_of_its_answer() {
        let progress = Progress::new();
        for (phase, answers) in [
            (Phase::New, false),
            (Phase::Head, false),
            (Phase::Answering, true),
            (Phase::Sending, true),
            (Phase::Idle, false),
        ] {
            progress.enter(phase);
            assert_eq!(progress.phase(), phase);
            assert_eq!(progress.in_exchange(), answers, "{phase:?}");
        }
    }

    #[test]
    fn a_body_has_the_length_that_was_announced() {
        let progress = Progress::new();
        progress.enter_answering(Some(5));
        assert!(progress.body_is_left());
        assert_eq!([3, 3, 3].map(|bytes| progress.take_body(bytes)), [3, 2, 0]);
        assert!(!progress.body_is_left());
        progress.enter_answering(None);
        assert_eq!([3, 3].map(|bytes| progress.take_body(bytes)), [3, 3]);
    }
}
