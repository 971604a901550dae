//! How many connections the limit of open files allows.

use std::io;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// The most connections at a time, each of 28 KiB. A client that never closes any runs out of files of its own before.
const CONNECTIONS: u64 = 16_384;
/// Files for the listeners, the runtime, the log and the other port.
const RESERVED: u64 = 128;

/// How many connections may be open at a time. The limit of open files is raised for it as far as the system allows.
///
/// # Errors
///
/// The limit is so low that there is room for none.
pub fn room_for_connections() -> io::Result<usize> {
    let limit = getrlimit(Resource::Nofile);
    let wanted = (CONNECTIONS + RESERVED).min(limit.maximum.unwrap_or(u64::MAX));
    let mut open_files = limit.current.unwrap_or(u64::MAX);
    if open_files < wanted {
        setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum: limit.maximum })?;
        open_files = wanted;
    }
    room(open_files)
}

fn room(open_files: u64) -> io::Result<usize> {
    match open_files.saturating_sub(RESERVED).min(CONNECTIONS) {
        0 => {
            let told = format!(
                "{open_files} open files are too few: raise the limit (ulimit -n) above {RESERVED}"
            );
            Err(io::Error::other(told))
        }
        connections => usize::try_from(connections).map_err(io::Error::other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_have_what_is_left() {
        assert_eq!(room(1_024).unwrap(), 896);
        assert_eq!(room(u64::MAX).unwrap(), 16_384);
        let told = room(128).unwrap_err().to_string();
        assert!(told.contains("128 open files are too few"), "{told}");
    }
}
