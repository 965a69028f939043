//! Randomness: for secrets and salts, from the system, or from a seed that repeats a run.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context as _, Result, bail};
use book::Random;
use work::Digest;
use zeroize::Zeroizing;

use crate::env;

/// Draws so far, where a seed stands in for the system.
static DRAWN: AtomicU64 = AtomicU64::new(0);

/// 32 random bytes.
///
/// # Errors
/// Where the system gives none, or the seed of `PIECEWORK_RANDOM` is not one.
pub fn bytes32() -> Result<Zeroizing<[u8; 32]>> {
    if let Some(seed) = env::RANDOM.value() {
        let Ok(seed) = seed.parse::<Digest>() else {
            bail!("{} must be 64 hexadecimal digits", env::RANDOM.name);
        };
        let number = DRAWN.fetch_add(1, Ordering::Relaxed);
        let text = format!("piecework/random/v1 {seed} {number}");
        return Ok(Zeroizing::new(*Digest::of(text.as_bytes()).as_bytes()));
    }
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(bytes.as_mut_slice()).context("the system gives no random bytes")?;
    Ok(bytes)
}

/// The same as a book takes it.
pub fn source() -> Random {
    Arc::new(|| Ok(bytes32()?))
}
