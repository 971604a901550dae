//! The connections of this process to other servers, as the kernel knows them.

use std::collections::{BTreeMap, HashSet};
use std::net::SocketAddr;

use procfs::ProcResult;
use procfs::net::{TcpState, tcp, tcp6};
use procfs::process::{FDTarget, Process};

/// How many there are to each server. Where this process listens, clients have connected.
pub fn outbound() -> ProcResult<BTreeMap<SocketAddr, i64>> {
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

    use super::*;

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
