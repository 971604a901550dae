//! How many clients the limit of open files allows.

use std::io;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// The most clients at a time. Each may hold a head, a body and an answer in memory.
const CLIENTS: u64 = 4096;
/// With room for fewer clients it is not worth starting.
const FEWEST_CLIENTS: u64 = 4;
/// Files for the listener, the runtime, the log, and clients that are turned away.
const RESERVED: u64 = 24;

/// How many clients may be connected beside a pool of this size without running out of files. If the
/// limit is too low, it is raised as far as the system allows.
///
/// # Errors
///
/// There is no room for clients.
pub fn room_for_clients(pool_size: u32) -> io::Result<usize> {
    let limit = getrlimit(Resource::Nofile);
    let wanted = CLIENTS + u64::from(pool_size) + RESERVED;
    let most = limit.maximum.unwrap_or(u64::MAX);
    let mut open_files = limit.current.unwrap_or(u64::MAX);
    if open_files < wanted.min(most) {
        open_files = wanted.min(most);
        setrlimit(Resource::Nofile, Rlimit { current: Some(open_files), maximum: limit.maximum })?;
    }
    room(open_files, pool_size)
}

fn room(open_files: u64, pool_size: u32) -> io::Result<usize> {
    let taken = u64::from(pool_size) + RESERVED;
    let clients = open_files.saturating_sub(taken).min(CLIENTS);
    if clients < FEWEST_CLIENTS {
        let least = taken + FEWEST_CLIENTS;
        return Err(io::Error::other(format!(
            "{open_files} open files are too few for POOL_SIZE={pool_size}: raise the limit \
             (ulimit -n) to {least} at least"
        )));
    }
    usize::try_from(clients).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_have_what_the_pool_leaves() {
        assert_eq!(room(64, 20).unwrap(), 20);
        assert_eq!(room(1024, 20).unwrap(), 980);
        assert_eq!(room(u64::MAX, 20).unwrap(), 4096);
    }

    #[test]
    fn too_few_files_are_told_with_what_is_enough() {
        assert_eq!(room(48, 20).unwrap(), 4);
        let told = room(47, 20).unwrap_err().to_string();
        assert!(told.contains("47 open files") && told.contains("48 at least"), "{told}");
        room(0, 20).unwrap_err();
    }
}
