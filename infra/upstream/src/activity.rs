//! Which requests are under way.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use tokio::time::sleep;

use crate::counters::Counters;

/// The requests of one connection.
#[derive(Default)]
pub struct Activity {
    begun: AtomicU64,
    over: AtomicU64,
}

impl Activity {
    /// A request has begun.
    pub fn begin(self: &Arc<Self>, counters: &Arc<Counters>) -> UnderWay {
        self.begun.fetch_add(1, Relaxed);
        UnderWay { activity: self.clone(), counters: counters.clone(), is_answered: false }
    }

    /// Returns once no request has begun for a time, and none is under way.
    ///
    /// That covers a client that is silent, one that sends a head byte by byte, and one that does not even begin to
    /// speak HTTP/2. It is looked at once in such a time, so that it may take twice as long.
    pub async fn idle(&self, time: Duration) {
        let mut before = None;
        loop {
            let begun = self.begun.load(Relaxed);
            if before == Some(begun) && self.over.load(Relaxed) == begun {
                return;
            }
            before = Some(begun);
            sleep(time).await;
        }
    }
}

/// A request that is under way. Dropped before it is answered, it was cancelled.
pub struct UnderWay {
    activity: Arc<Activity>,
    counters: Arc<Counters>,
    is_answered: bool,
}

impl UnderWay {
    /// All of its answer has been given.
    pub fn answered(&mut self) {
        self.is_answered = true;
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.activity.over.fetch_add(1, Relaxed);
        if !self.is_answered {
            self.counters.cancel();
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::*;

    const TIME: Duration = Duration::from_secs(10);

    #[tokio::test(start_paused = true)]
    async fn a_connection_is_idle_when_nothing_is_under_way() {
        let (activity, counters) = (Arc::new(Activity::default()), Arc::default());
        timeout(TIME * 2, activity.idle(TIME)).await.unwrap();

        let mut request = activity.begin(&counters);
        timeout(TIME * 100, activity.idle(TIME)).await.unwrap_err();
        request.answered();
        drop(request);
        timeout(TIME * 2, activity.idle(TIME)).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn short_requests_keep_a_connection_open() {
        let (activity, counters) = (Arc::new(Activity::default()), Arc::default());
        let ask = async {
            for _ in 0..100 {
                activity.begin(&counters).answered();
                sleep(TIME / 2).await;
            }
        };
        tokio::select! {
            () = activity.idle(TIME) => panic!("it is not idle"),
            () = ask => {}
        }
        assert_eq!(counters.now().cancelled, 0);
    }

    #[test]
    fn a_request_that_is_dropped_was_cancelled() {
        let (activity, counters) = (Arc::new(Activity::default()), Arc::default());
        activity.begin(&counters).answered();
        drop(activity.begin(&counters));
        assert_eq!(counters.now().cancelled, 1);
    }
}
