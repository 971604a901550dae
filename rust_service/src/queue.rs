//! Where requests wait for a database connection: a bounded number of them.

use tokio::sync::Semaphore;

use crate::errors::Error;

/// The places for requests that wait.
#[derive(Debug)]
pub struct Queue(Semaphore);

impl Queue {
    pub fn new(size: usize) -> Self {
        Self(Semaphore::new(size))
    }

    /// What `waiting` gives, if there is a place for it to wait. Whoever finds none would wait longest of all: it is
    /// told so at once, for little.
    pub async fn wait<T>(
        &self,
        waiting: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let _place = self.0.try_acquire().map_err(|_| Error::Busy)?;
        waiting.await
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use tokio::time::{Duration, timeout};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn whoever_finds_no_place_is_refused_at_once() {
        let queue = Queue::new(1);
        let first = timeout(Duration::from_secs(1), queue.wait(pending::<Result<(), _>>()));
        let (gave_up, refused) = tokio::join!(first, queue.wait(ready(Ok(()))));
        assert!(gave_up.is_err());
        assert!(matches!(refused, Err(Error::Busy)), "{refused:?}");
        assert!(queue.wait(ready(Ok(()))).await.is_ok(), "a place was lost");
    }
}
