//! A client's socket, which tracks the phase of the connection.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::heads::{Line, Method};
use crate::progress::{Phase, Progress};

/// The stream that hyper reads from and writes to. It passes on one request at a time, so that it is known
/// whether a part of the next request has already come.
pub struct Wire {
    pub socket: TcpStream,
    progress: Arc<Progress>,
    line: Line,
    method: Method,
    /// Bytes that were read, but belong to a later request.
    later: Vec<u8>,
}

impl Wire {
    pub const fn new(socket: TcpStream, progress: Arc<Progress>) -> Self {
        Self {
            socket,
            progress,
            line: Line::AfterEmpty,
            method: Method::UNKNOWN,
            later: Vec::new(),
        }
    }

    /// Whether the latest request is a HEAD, as far as it has come.
    pub const fn is_head(&self) -> bool {
        self.method.is_head()
    }

    /// How many of these bytes belong to the request that is being read.
    fn share(&mut self, bytes: &[u8]) -> usize {
        if !self.progress.in_exchange() {
            if self.progress.phase() != Phase::Head {
                self.progress.enter(Phase::Head);
            }
            self.read_to_empty(bytes)
        } else if self.progress.body_is_measured() {
            self.progress.take_body(bytes.len())
        } else {
            // Only hyper knows where the body ends, but chunks end with an empty line, too.
            let mut rest = bytes;
            while !rest.is_empty() {
                let read = self.read_to_empty(rest);
                rest = rest.get(read..).unwrap_or_default();
            }
            bytes.len()
        }
    }

    /// The number of bytes up to the end of the next empty line, after which a request may begin.
    fn read_to_empty(&mut self, bytes: &[u8]) -> usize {
        if self.line == Line::AfterEmpty {
            self.method = Method::UNKNOWN;
        }
        let read = self.line.read_to_empty(bytes);
        self.method.read(bytes.get(..read).unwrap_or_default());
        read
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let share = if self.later.is_empty() {
            let before = buffer.filled().len();
            ready!(Pin::new(&mut self.socket).poll_read(context, buffer))?;
            let read = buffer.filled().get(before..).unwrap_or_default();
            if read.is_empty() {
                return Poll::Ready(Ok(()));
            }
            let share = self.share(read);
            self.later.extend_from_slice(read.get(share..).unwrap_or_default());
            buffer.set_filled(before + share);
            share
        } else {
            let mut later = std::mem::take(&mut self.later);
            let fits = later.len().min(buffer.remaining());
            let share = self.share(later.get(..fits).unwrap_or_default());
            buffer.put_slice(later.get(..share).unwrap_or_default());
            later.drain(..share);
            self.later = later;
            share
        };
        // To return no bytes would mean that the client has hung up. The task is woken when it is the next
        // request's turn.
        if share == 0 { Poll::Pending } else { Poll::Ready(Ok(())) }
    }
}

/// To a request that it cannot read, hyper writes an empty answer by itself. That is discarded here, and
/// `clients` sends the contract's answer instead.
impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.progress.in_exchange() {
            Pin::new(&mut self.socket).poll_write(context, bytes)
        } else {
            Poll::Ready(Ok(bytes.len()))
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.progress.in_exchange() {
            Pin::new(&mut self.socket).poll_write_vectored(context, slices)
        } else {
            Poll::Ready(Ok(slices.iter().map(|slice| slice.len()).sum()))
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    /// Hyper flushes when it has written everything.
    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.progress.phase() == Phase::Sending {
            let next_is_here = !self.later.is_empty() || self.line != Line::AfterEmpty;
            self.progress.enter(if next_is_here { Phase::Head } else { Phase::Idle });
            if next_is_here {
                context.waker().wake_by_ref();
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Does nothing: `clients` may still send an answer, and closes the connection itself.
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
