//! A connection as it is written to: one that does not take what it asked for is ended. Nothing but
//! the wait for the other side counts, so a stream of events may be silent for as long as it likes.
//!
//! A wrapper of our own, since the one at hand (tokio-io-timeout) knows pauses only: a client that
//! takes one byte in each would hold an answer for years.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep, sleep_until};

use super::pace::PaceLimit;

/// The least that a client takes of an answer, in bytes a second, and how long it may take nothing.
const LEAST_RATE: u32 = 4 << 10;
const PATIENCE: Duration = Duration::from_secs(30);

/// How long what a client still sends is taken and thrown away after its answer, so that it reads the
/// answer and not of a broken connection: altogether, and while nothing comes.
const FAREWELL: Duration = Duration::from_secs(2);
const SILENCE: Duration = Duration::from_millis(200);

pub(super) struct PacedConnection {
    socket: TcpStream,
    pace: PaceLimit,
    /// Since when the client has taken nothing, and when that ends the connection.
    stuck: Option<(Instant, Pin<Box<Sleep>>)>,
    is_stuck: Arc<AtomicBool>,
    farewell: Option<Farewell>,
}

/// The end of a connection that has been told so.
struct Farewell {
    end: Instant,
    silence: Pin<Box<Sleep>>,
}

impl PacedConnection {
    pub(super) fn new(socket: TcpStream) -> Self {
        let pace = PaceLimit::new(LEAST_RATE, PATIENCE, PATIENCE);
        Self { socket, pace, stuck: None, is_stuck: Arc::default(), farewell: None }
    }

    /// Tells whether something is written that the client has not taken.
    pub(super) fn is_stuck(&self) -> Arc<AtomicBool> {
        self.is_stuck.clone()
    }

    /// What became of an attempt to write, or why it is the last.
    fn written(
        &mut self,
        context: &mut Context<'_>,
        attempt: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match attempt {
            Poll::Ready(Ok(bytes)) => {
                let waited = self.stuck.take().map_or(Duration::ZERO, |(since, _)| since.elapsed());
                self.is_stuck.store(false, Ordering::Relaxed);
                self.pace.moved(bytes, waited);
                Poll::Ready(Ok(bytes))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => {
                let left = self.pace.left();
                let (_, end) = self.stuck.get_or_insert_with(|| (Instant::now(), Box::pin(sleep(left))));
                self.is_stuck.store(true, Ordering::Relaxed);
                ready!(end.as_mut().poll(context));
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
        }
    }
}

impl AsyncRead for PacedConnection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_read(context, buffer)
    }
}

impl AsyncWrite for PacedConnection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let attempt = Pin::new(&mut self.socket).poll_write(context, bytes);
        self.written(context, attempt)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let attempt = Pin::new(&mut self.socket).poll_write_vectored(context, parts);
        self.written(context, attempt)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let line = &mut *self;
        if line.farewell.is_none() {
            ready!(Pin::new(&mut line.socket).poll_shutdown(context))?;
        }
        let farewell = line.farewell.get_or_insert_with(|| Farewell {
            end: Instant::now() + FAREWELL,
            silence: Box::pin(sleep(SILENCE)),
        });
        let mut thrown_away = [0; 16 << 10];
        loop {
            let mut buffer = ReadBuf::new(&mut thrown_away);
            match Pin::new(&mut line.socket).poll_read(context, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {
                    let silence = (Instant::now() + SILENCE).min(farewell.end);
                    farewell.silence = Box::pin(sleep_until(silence));
                }
                Poll::Ready(_) => return Poll::Ready(Ok(())),
                Poll::Pending => return farewell.silence.as_mut().poll(context).map(Ok),
            }
            if farewell.end <= Instant::now() {
                return Poll::Ready(Ok(()));
            }
        }
    }
}
