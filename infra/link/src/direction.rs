//! One direction of a connection.

use std::io;
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::queue::{Arrival, Queue};
use crate::timer::Timer;

/// The most bytes that are read at a time.
const PIECE: usize = 16 * 1024;

/// Carries all bytes from one end to the other, in order, and at last the end.
///
/// What is read is held back for `delay()`, and until `not_before` and as long after it. So latency does not lessen how
/// much is carried in a second. Where the receiver is slow, little is read. `on_read` and `on_written` are told of each
/// piece as it comes and as it goes. Where `on_written` says false, half of that piece is the last that arrives.
///
/// # Errors
///
/// The connection is broken at one end. The other end learns of it no sooner than of the bytes before.
pub async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    delay: impl Fn() -> Duration,
    not_before: Instant,
    on_read: impl Fn(),
    on_written: impl Fn() -> bool,
) -> io::Result<()> {
    let mut timer = Timer::new()?;
    let mut queue = Queue::default();
    let mut piece = vec![0; PIECE].into_boxed_slice();
    loop {
        let due = queue.due();
        tokio::select! {
            // What is due goes first.
            biased;
            waited = timer.until(due.unwrap_or(not_before)), if due.is_some() => {
                waited?;
                match queue.pop() {
                    Some(Arrival::Bytes(bytes)) => {
                        // Before the receiver can answer.
                        if !on_written() {
                            to.write_all(&bytes[..bytes.len() / 2]).await?;
                            return Err(io::ErrorKind::ConnectionReset.into());
                        }
                        to.write_all(&bytes).await?;
                    }
                    Some(Arrival::End(end)) => {
                        end?;
                        return to.shutdown().await;
                    }
                    None => {}
                }
            }
            read = from.read(&mut piece), if queue.has_room() => {
                let due = Instant::now().max(not_before) + delay();
                let arrival = match read {
                    Ok(0) => Arrival::End(Ok(())),
                    Ok(length) => {
                        on_read();
                        Arrival::Bytes(piece[..length].into())
                    }
                    Err(error) => Arrival::End(Err(error)),
                };
                queue.push(due, arrival);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

    use tokio::io::duplex;
    use tokio::time::timeout;

    use super::*;

    const DELAY: Duration = Duration::from_millis(20);
    const PATIENCE: Duration = Duration::from_secs(30);

    #[tokio::test]
    async fn all_bytes_arrive_in_order_and_then_the_end() {
        let (mut sender, from) = duplex(64 * 1024);
        let (to, mut receiver) = duplex(64 * 1024);
        let carried =
            carry(from, to, || Duration::from_micros(500), Instant::now(), || {}, || true);
        let sent: Vec<u8> = (0_u32..100_000).flat_map(u32::to_le_bytes).collect();
        let mut arrived = Vec::new();
        let (carried, (), read) = tokio::join!(
            carried,
            async {
                for (number, some) in sent.chunks(1_000).enumerate() {
                    sender.write_all(some).await.unwrap();
                    if number % 10 == 0 {
                        tokio::time::sleep(Duration::from_millis(1)).await;
                    }
                }
                sender.shutdown().await.unwrap();
            },
            receiver.read_to_end(&mut arrived),
        );
        carried.unwrap();
        read.unwrap();
        assert!(arrived == sent);
    }

    #[tokio::test]
    async fn each_piece_is_held_back_and_none_waits_for_another() {
        let (mut sender, from) = duplex(1_024);
        let (to, mut receiver) = duplex(1_024);
        let carried = tokio::spawn(carry(from, to, || DELAY, Instant::now(), || {}, || true));
        let start = Instant::now();
        let pieces = 200;
        for _ in 0..pieces {
            sender.write_all(b"x").await.unwrap();
            tokio::task::yield_now().await;
        }
        sender.shutdown().await.unwrap();
        let mut first = [0];
        receiver.read_exact(&mut first).await.unwrap();
        assert!(start.elapsed() >= DELAY);
        let mut rest = Vec::new();
        timeout(PATIENCE, receiver.read_to_end(&mut rest)).await.unwrap().unwrap();
        assert_eq!(rest.len(), pieces - 1);
        // One after the other they would take four seconds.
        assert!(start.elapsed() < DELAY * 100);
        carried.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn nothing_arrives_before_the_connection_could_be_open() {
        let (mut sender, from) = duplex(64);
        let (to, mut receiver) = duplex(64);
        let start = Instant::now();
        let carried = carry(from, to, || DELAY, start + 2 * DELAY, || {}, || true);
        let mut piece = [0];
        tokio::select! {
            _ = carried => panic!("nobody has closed it"),
            _ = async { sender.write_all(b"x").await.unwrap(); receiver.read_exact(&mut piece).await } => {}
        }
        assert!(start.elapsed() >= 3 * DELAY);
    }

    #[tokio::test]
    async fn a_receiver_that_reads_nothing_stops_the_sender() {
        let (mut sender, from) = duplex(1_024);
        let (to, _receiver) = duplex(1_024);
        let read = AtomicU64::new(0);
        let flood = async {
            loop {
                sender.write_all(&[0; 1_024]).await.unwrap();
            }
        };
        let carried = carry(
            from,
            to,
            || Duration::ZERO,
            Instant::now(),
            || _ = read.fetch_add(1, Relaxed),
            || true,
        );
        let stuck = async { tokio::join!(carried, flood) };
        timeout(Duration::from_millis(200), stuck).await.unwrap_err();
        // What both pipes hold, and one piece.
        assert!(read.load(Relaxed) < 10, "{read:?}");
    }

    #[tokio::test]
    async fn a_flood_of_a_long_delay_is_bounded() {
        let (mut sender, from) = duplex(64 * 1024);
        let (to, _receiver) = duplex(1_024);
        let flood = async {
            let mut sent = 0;
            let piece = vec![0; 64 * 1024];
            while timeout(Duration::from_millis(200), sender.write_all(&piece)).await.is_ok() {
                sent += piece.len();
            }
            sent
        };
        let carried = carry(from, to, || Duration::from_secs(60), Instant::now(), || {}, || true);
        let sent = tokio::select! {
            sent = flood => sent,
            _ = carried => panic!("nobody has closed it"),
        };
        assert!((512 * 1024..2 * 1024 * 1024).contains(&sent), "{sent}");
    }

    #[tokio::test]
    async fn half_of_the_last_piece_arrives_where_it_is_cut() {
        let (mut sender, from) = duplex(64);
        let (to, mut receiver) = duplex(64);
        let carried =
            tokio::spawn(carry(from, to, || Duration::ZERO, Instant::now(), || {}, || false));
        sender.write_all(b"abcdef").await.unwrap();
        let mut arrived = Vec::new();
        timeout(PATIENCE, receiver.read_to_end(&mut arrived)).await.unwrap().unwrap();
        assert_eq!(arrived, b"abc");
        assert_eq!(carried.await.unwrap().unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    }
}
