//! One connection: from a client to the target, both directions side by side.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use tokio::net::TcpStream;

use crate::counters::Counters;
use crate::direction::carry;
use crate::settings::Settings;

/// What all connections share.
pub struct Link {
    target: String,
    latency_ns: AtomicU64,
    /// How often connections were to be cut: those are, that were opened before the last time.
    cuts: AtomicU64,
    /// What has happened.
    pub counters: Counters,
}

impl Link {
    pub fn new(target: String, settings: Settings) -> Self {
        let link = Self {
            target,
            latency_ns: AtomicU64::default(),
            cuts: AtomicU64::default(),
            counters: Counters::default(),
        };
        link.set(settings);
        link
    }

    /// Takes effect with what is read from now on.
    pub fn set(&self, settings: Settings) {
        let latency = u64::try_from(settings.latency().as_nanos()).unwrap_or(u64::MAX);
        self.latency_ns.store(latency, Relaxed);
    }

    /// Breaks each connection that is open now in the middle of the next answer on it.
    pub fn cut(&self) {
        self.cuts.fetch_add(1, Relaxed);
    }

    fn latency(&self) -> Duration {
        Duration::from_nanos(self.latency_ns.load(Relaxed))
    }

    /// Forwards until both directions have ended, or one end has broken the connection, as the other end then learns.
    pub async fn forward(&self, client: TcpStream) {
        // Whoever opens a connection can send once the answer to that is back.
        let latency = self.latency();
        let cuts = self.cuts.load(Relaxed);
        let open = Instant::now() + latency;
        let trips = self.counters.connected(latency);
        let server = match TcpStream::connect(&self.target).await {
            Ok(server) => server,
            Err(error) => {
                eprintln!("link: {}: {error}", self.target);
                reset(&client);
                return;
            }
        };
        let on_answered = || {
            trips.answered();
            let is_whole = self.cuts.load(Relaxed) == cuts;
            if !is_whole {
                self.counters.cut();
            }
            is_whole
        };
        let ended = self.carry_both(client, server, open, || trips.asked(), on_answered).await;
        // What went wrong, both ends know.
        let _ = ended;
    }

    async fn carry_both(
        &self,
        mut client: TcpStream,
        mut server: TcpStream,
        open: Instant,
        on_asked: impl Fn(),
        on_answered: impl Fn() -> bool,
    ) -> io::Result<()> {
        // Otherwise the kernel delays small pieces, too.
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        let delay = || self.latency() / 2;
        let (from_client, to_client) = client.split();
        let (from_server, to_server) = server.split();
        let ended = tokio::try_join!(
            carry(from_client, to_server, delay, open, on_asked, || true),
            carry(from_server, to_client, delay, open, || {}, on_answered),
        );
        if ended.is_err() {
            reset(&client);
            reset(&server);
        }
        ended.map(|_| ())
    }
}

/// Once it is dropped, the other end gets a reset, and not the end of a connection in order.
fn reset(socket: &TcpStream) {
    // Where even that fails, the connection ends in order.
    let _ = socket.set_zero_linger();
}
