//! A client's socket, which keeps account of how far the connection is.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::progress::{Phase, Progress};

/// What hyper reads from and writes to.
pub struct Wire {
    pub socket: TcpStream,
    pub progress: Arc<Progress>,
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.socket).poll_read(context, buffer))?;
        let more = buffer.filled().len() > before;
        if more && matches!(self.progress.phase(), Phase::New | Phase::Idle) {
            self.progress.enter(Phase::Head);
        }
        Poll::Ready(Ok(()))
    }
}

/// Hyper answers by itself what it cannot read, with nothing in it. That is thrown away: whoever serves
/// the connection gives the answer that the contract has for it.
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
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.progress.phase() == Phase::Sending {
            self.progress.enter(Phase::Idle);
        }
        Poll::Ready(Ok(()))
    }

    /// There may be more to say than hyper does: whoever serves the connection ends it.
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
