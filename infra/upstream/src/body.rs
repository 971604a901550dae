//! The body of an answer: at once, slow, cut off, or without end.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::time::{Sleep, sleep};

use crate::activity::UnderWay;

/// So many pieces has a slow body.
const PIECES: usize = 10;
static SPACES: [u8; 16 * 1024] = [b' '; 16 * 1024];
/// The least time between two pieces of a body without end: 3 MiB in a second, so that a client which keeps all of it
/// has time to notice.
const PAUSE: Duration = Duration::from_millis(5);

/// What comes after the bytes of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// Its end.
    End,
    /// An error: the connection or the stream is closed.
    Cut,
    /// Spaces without end.
    Endless,
}

/// A body that is sent in pieces.
pub struct Body {
    rest: Bytes,
    piece: usize,
    pause: Duration,
    /// Until the next piece.
    sleep: Option<Pin<Box<Sleep>>>,
    then: Then,
    /// What the client is told; `None`: nothing.
    length: Option<u64>,
    /// `None`: nobody waits for it any longer.
    under_way: Option<UnderWay>,
}

impl Body {
    /// The body of an answer that takes a time, and counts as cancelled where it is dropped before its end.
    pub fn new(content: Bytes, time: Duration, then: Then, under_way: UnderWay) -> Self {
        let length = content.len();
        let (piece, pause) = match time {
            Duration::ZERO => (usize::MAX, Duration::ZERO),
            time => (length.div_ceil(PIECES).max(1), time / PIECES.try_into().unwrap_or(u32::MAX)),
        };
        Self {
            rest: if then == Then::Cut { content.slice(..length / 2) } else { content },
            piece,
            pause,
            sleep: (!pause.is_zero()).then(|| Box::pin(sleep(pause))),
            then,
            length: if then == Then::Endless { None } else { u64::try_from(length).ok() },
            under_way: Some(under_way),
        }
    }

    fn answered(&mut self) {
        if let Some(mut under_way) = self.under_way.take() {
            under_way.answered();
        }
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(sleep) = &mut self.sleep {
            ready!(sleep.as_mut().poll(context));
            self.sleep = None;
        }
        if self.rest.is_empty() {
            match self.then {
                Then::End => {
                    self.answered();
                    return Poll::Ready(None);
                }
                Then::Cut => {
                    self.answered();
                    return Poll::Ready(Some(Err(io::Error::other("the body is cut off here"))));
                }
                Then::Endless => {
                    (self.rest, self.piece, self.pause) =
                        (Bytes::from_static(&SPACES), usize::MAX, PAUSE);
                }
            }
        }
        let length = self.piece.min(self.rest.len());
        let piece = self.rest.split_to(length);
        if self.is_end_stream() {
            // Nobody asks again.
            self.answered();
        } else if self.rest.is_empty() {
            // So that the bytes before a cut are sent, and not thrown away with the connection.
            self.sleep = Some(Box::pin(sleep(self.pause.max(PAUSE))));
        } else if !self.pause.is_zero() {
            self.sleep = Some(Box::pin(sleep(self.pause)));
        }
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.then == Then::End
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::sync::Arc;

    use http_body::Body as _;
    use tokio::time::Instant;

    use super::*;
    use crate::activity::Activity;
    use crate::counters::Counters;

    fn body(time: Duration, then: Then, counters: &Arc<Counters>) -> Pin<Box<Body>> {
        let under_way = Arc::new(Activity::default()).begin(counters);
        Box::pin(Body::new(Bytes::from_static(b"0123456789abcdef"), time, then, under_way))
    }

    async fn next(body: &mut Pin<Box<Body>>) -> Option<Result<Bytes, io::Error>> {
        let frame = poll_fn(|context| body.as_mut().poll_frame(context)).await?;
        Some(frame.map(|frame| frame.into_data().unwrap()))
    }

    #[tokio::test]
    async fn a_body_is_sent_at_once() {
        let counters = Arc::default();
        let mut body = body(Duration::ZERO, Then::End, &counters);
        assert_eq!(body.size_hint().exact(), Some(16));
        assert_eq!(next(&mut body).await.unwrap().unwrap(), "0123456789abcdef");
        assert!(body.is_end_stream());
        drop(body);
        assert_eq!(counters.now().cancelled, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_body_takes_its_time() {
        let counters = Arc::default();
        let mut body = body(Duration::from_secs(5), Then::End, &counters);
        let (start, mut seen) = (Instant::now(), Vec::new());
        while !body.is_end_stream() {
            seen.push(next(&mut body).await.unwrap().unwrap());
        }
        assert_eq!(seen.concat(), b"0123456789abcdef");
        assert!(seen.len() > 5, "{seen:?}");
        assert!((4.0..6.0).contains(&start.elapsed().as_secs_f64()));
        drop(body);
        assert_eq!(counters.now().cancelled, 0);
    }

    #[tokio::test]
    async fn half_of_a_body_is_followed_by_an_error() {
        let counters = Arc::default();
        let mut body = body(Duration::ZERO, Then::Cut, &counters);
        assert_eq!(body.size_hint().exact(), Some(16));
        assert_eq!(next(&mut body).await.unwrap().unwrap(), "01234567");
        assert!(!body.is_end_stream());
        next(&mut body).await.unwrap().unwrap_err();
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_without_end_is_cancelled_by_its_client() {
        let counters = Arc::default();
        let mut body = body(Duration::ZERO, Then::Endless, &counters);
        assert_eq!(body.size_hint().exact(), None);
        let mut length = 0;
        while length < 1 << 20 {
            length += next(&mut body).await.unwrap().unwrap().len();
        }
        assert_eq!(counters.now().cancelled, 0);
        drop(body);
        assert_eq!(counters.now().cancelled, 1);
    }
}
