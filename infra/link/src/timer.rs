//! Waits for a moment more exactly than tokio does, whose own timer counts whole milliseconds.

#[cfg(target_os = "linux")]
pub use linux::Timer;
#[cfg(not(target_os = "linux"))]
pub use other::Timer;

#[cfg(target_os = "linux")]
mod linux {
    use std::io;
    use std::time::Instant;

    use tokio_timerfd::Delay;

    /// A timer of the kernel's.
    pub struct Timer(Delay);

    impl Timer {
        pub fn new() -> io::Result<Self> {
            Delay::new(Instant::now()).map(Self)
        }

        /// Returns at this moment. It can be cancelled, and called again for the same or another one.
        pub async fn until(&mut self, moment: Instant) -> io::Result<()> {
            if moment <= Instant::now() {
                return Ok(());
            }
            if self.0.deadline() != moment {
                self.0.reset(moment);
            }
            (&mut self.0).await
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod other {
    use std::io;
    use std::time::Instant;

    use tokio::time::sleep_until;

    /// The runtime's own.
    pub struct Timer;

    impl Timer {
        pub fn new() -> io::Result<Self> {
            Ok(Self)
        }

        /// Returns at this moment, up to a millisecond late.
        pub async fn until(&mut self, moment: Instant) -> io::Result<()> {
            sleep_until(moment.into()).await;
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn it_never_returns_early() {
        let mut timer = Timer::new().unwrap();
        for micros in [0, 50, 300, 2_500] {
            let moment = Instant::now() + Duration::from_micros(micros);
            timer.until(moment).await.unwrap();
            assert!(Instant::now() >= moment);
        }
    }

    #[tokio::test]
    async fn a_wait_that_was_cancelled_can_be_gone_on_with() {
        let mut timer = Timer::new().unwrap();
        let moment = Instant::now() + Duration::from_millis(50);
        timeout(Duration::from_millis(1), timer.until(moment)).await.unwrap_err();
        timeout(Duration::from_secs(10), timer.until(moment)).await.unwrap().unwrap();
        assert!(Instant::now() >= moment);
        // And so can one for an earlier moment, after the later one was cancelled.
        let later = Instant::now() + Duration::from_secs(60);
        timeout(Duration::from_millis(1), timer.until(later)).await.unwrap_err();
        let sooner = Instant::now() + Duration::from_millis(5);
        timeout(Duration::from_secs(10), timer.until(sooner)).await.unwrap().unwrap();
    }
}
