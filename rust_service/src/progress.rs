//! How far a client's connection is with a request, and how long each part may take.

use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

/// The parts of a connection's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Nothing has come yet.
    New,
    /// A part of a request's head has come.
    Head,
    /// The head is whole; the body is read, and the answer made.
    Answering,
    /// The answer is on its way.
    Sending,
    /// The answer has left, and the next request may come.
    Idle,
}

impl Phase {
    /// How long it may take.
    const fn limit(self) -> Duration {
        match self {
            Self::New | Self::Head | Self::Sending => Duration::from_secs(10),
            // Body and database have time limits of their own: this is for what nobody thought of.
            Self::Answering => Duration::from_secs(20),
            // Longer than a proxy keeps what it does not use, so that it is the proxy who hangs up.
            Self::Idle => Duration::from_secs(75),
        }
    }
}

/// The phase of a connection, known to all who serve it.
#[derive(Debug)]
pub struct Progress(Mutex<(Phase, Instant)>);

impl Progress {
    pub fn new() -> Self {
        Self(Mutex::new((Phase::New, Instant::now() + Phase::New.limit())))
    }

    pub fn enter(&self, phase: Phase) {
        let due = Instant::now() + phase.limit();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (phase, due);
    }

    pub fn phase(&self) -> Phase {
        self.state().0
    }

    /// Whether the service is about to answer, or does: what is written is the service's.
    pub fn in_exchange(&self) -> bool {
        matches!(self.phase(), Phase::Answering | Phase::Sending)
    }

    fn state(&self) -> (Phase, Instant) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The clock of one connection. To set it anew in each phase would cost more than the phases do, so it
/// is set only where the end of a phase is nearer than what it is set to.
pub struct Clock(Pin<Box<Sleep>>);

impl Clock {
    pub fn new(progress: &Progress) -> Self {
        Self(Box::pin(sleep_until(progress.state().1)))
    }

    /// Ready when the phase has taken too long.
    pub fn poll_overdue(&mut self, context: &mut Context<'_>, progress: &Progress) -> Poll<()> {
        let (_, due) = progress.state();
        if due < self.0.deadline() {
            self.0.as_mut().reset(due);
        }
        loop {
            ready!(self.0.as_mut().poll(context));
            if due <= self.0.deadline() {
                return Poll::Ready(());
            }
            self.0.as_mut().reset(due);
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
            assert_eq!(progress.in_exchange(), answers, "{phase:?}");
        }
    }
}
