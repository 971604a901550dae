//! The connections of this process to other servers, as the kernel knows them.

use std::collections::{BTreeMap, HashSet};
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

use procfs::ProcResult;
use procfs::net::{TcpState, tcp, tcp6};
use procfs::process::{FDTarget, Process};
use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{IntGaugeVec, Opts};

use crate::errors::chain;

/// How many connections are open, looked up when somebody wants to know.
pub struct OutboundConnections {
    gauges: IntGaugeVec,
    /// For one who looks at a time.
    looking: Mutex<()>,
}

impl OutboundConnections {
    pub fn new() -> prometheus::Result<Self> {
        let about = "TCP connections to other servers that hold a descriptor.";
        let gauges = IntGaugeVec::new(Opts::new("outbound_connections_open", about), &["host"])?;
        Ok(Self { gauges, looking: Mutex::new(()) })
    }
}

impl Collector for OutboundConnections {
    fn desc(&self) -> Vec<&Desc> {
        self.gauges.desc()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let _alone = self.looking.lock().unwrap_or_else(PoisonError::into_inner);
        self.gauges.reset();
        match outbound() {
            Ok(open) => {
                for (host, number) in open {
                    self.gauges.with_label_values(&[&host.to_string()]).set(number);
                }
            }
            Err(error) => tracing::warn!(cause = chain(&error), "open connections are not known"),
        }
        self.gauges.collect()
    }
}

/// How many there are to each server. Where this process listens, clients have connected.
fn outbound() -> ProcResult<BTreeMap<SocketAddr, i64>> {
    let mut own = HashSet::new();
    for descriptor in Process::myself()?.fd()? {
        // One that has just been closed cannot be read.
        if let Ok(descriptor) = descriptor
            && let FDTarget::Socket(inode) = descriptor.target
        {
            own.insert(inode);
        }
    }
    // There may be no IPv6.
    let mut sockets = tcp()?;
    sockets.extend(tcp6().unwrap_or_default());
    sockets.retain(|socket| own.contains(&socket.inode));
    let listening: HashSet<u16> = sockets
        .iter()
        .filter(|socket| socket.state == TcpState::Listen)
        .map(|socket| socket.local_address.port())
        .collect();
    let mut open = BTreeMap::new();
    for socket in &sockets {
        if !listening.contains(&socket.local_address.port()) {
            *open.entry(socket.remote_address).or_default() += 1;
        }
    }
    Ok(open)
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener, TcpStream};
    use std::thread;

    use prometheus::proto::Metric;

    use super::*;

    #[test]
    fn two_who_ask_at_once_see_the_same() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let there = listener.local_addr().unwrap();
        let _client = TcpStream::connect(there).unwrap();
        let open = OutboundConnections::new().unwrap();
        let is_seen = || {
            let families = open.collect();
            let metrics = families.iter().flat_map(MetricFamily::get_metric);
            metrics.flat_map(Metric::get_label).any(|label| label.value() == there.to_string())
        };
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| assert!((0..50).all(|_| is_seen())));
            }
        });
    }

    #[test]
    fn connections_are_counted_where_they_were_opened() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let there = listener.local_addr().unwrap();
        let clients: Vec<_> = (0..2).map(|_| TcpStream::connect(there).unwrap()).collect();
        let open = outbound().unwrap();
        assert_eq!(open.get(&there), Some(&2));
        let (_accepted, client) = listener.accept().unwrap();
        assert_eq!(outbound().unwrap().get(&client), None);
        drop(clients);
        assert_eq!(outbound().unwrap().get(&there), None);
    }
}
