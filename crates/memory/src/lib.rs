//! Memory that a process does not use any more, given back to the system.
//!
//! A journal that merges its tables and a state that gathers commits take memory for a while and free it; the C
//! library's allocator keeps most of that for later, in pieces, so that a process that holds as much as yesterday has
//! more every day. Asked to, it gives whole free pages back. That call is foreign code, so this crate is the one place
//! of the project with `unsafe`, and has nothing else. Where the C library is another one, nothing is given back.

/// Gives free memory back to the system; whether there was any. Takes milliseconds in which other threads may wait
/// for the allocator.
#[must_use]
pub fn give_back() -> bool {
    trim()
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[allow(unsafe_code)]
fn trim() -> bool {
    // SAFETY: it takes no pointer, may be called by any thread at any time, and returns pages to the system that no
    // allocation is in (malloc_trim(3)).
    unsafe { libc::malloc_trim(0) == 1 }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn trim() -> bool {
    false
}

/// Bytes of physical memory that the process has; nothing where the system does not tell.
#[must_use]
pub fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test that panics is a test that fails

    use super::*;

    const PIECES: usize = 40_000;
    const PIECE_BYTES: usize = 4_000;

    /// Freed pieces below one that is kept stay with the process until they are given back.
    #[test]
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    fn what_was_freed_goes_back() {
        let pieces: Vec<Vec<u8>> = (0..PIECES).map(|_| vec![1; PIECE_BYTES]).collect();
        let kept = vec![1_u8; PIECE_BYTES];
        let full = resident().unwrap();
        drop(pieces);
        assert!(give_back());
        let after = resident().unwrap();
        let freed = (PIECES * PIECE_BYTES) as u64;
        assert!(after + freed / 2 < full, "{full} bytes, then {after}");
        assert_eq!(kept.len(), PIECE_BYTES);
    }
}
