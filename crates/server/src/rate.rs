//! [`Rate`]: how many requests a key may send, as a bucket of tokens that fills at an even pace.
//!
//! Headers: draft-ietf-httpapi-ratelimit-headers-10 (`RateLimit-Policy`, `RateLimit`). Not here: how many
//! requests are worked on at once (`App::enter`), which holds for all keys together. Invariant: a bucket never
//! has more tokens than its burst, and a clock that goes back gives none.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;

use crate::limits::RATE_BUCKETS_MAX;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const STATE: HeaderName = HeaderName::from_static("ratelimit");
/// Tokens are counted in millionths, so that a microsecond adds whole ones.
const TOKEN: u64 = 1_000_000;

/// How many requests a key may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// In the long run.
    pub requests_per_second: u32,
    /// At once, after a rest.
    pub burst: u32,
}

/// The buckets of all keys.
#[derive(Debug)]
pub(crate) struct Buckets {
    rate: Rate,
    buckets: Mutex<HashMap<String, Bucket>>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    millionths: u64,
    at: Timestamp,
}

/// What a key has left after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Left {
    rate: Rate,
    /// Whole requests.
    pub(crate) requests: u64,
    /// Whether this one was let through.
    pub(crate) passes: bool,
    /// Seconds until the bucket is full.
    pub(crate) full_in_seconds: u64,
}

impl Buckets {
    pub(crate) fn new(rate: Rate) -> Buckets {
        Buckets {
            rate,
            buckets: Mutex::default(),
        }
    }

    /// Takes a token of a key.
    pub(crate) fn take(&self, key: &str, now: Timestamp) -> Left {
        let (pace, burst) = (self.rate.requests_per_second, self.rate.burst);
        let full = u64::from(burst) * TOKEN;
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= RATE_BUCKETS_MAX && !buckets.contains_key(key) {
            // A full bucket is one that nobody knows of.
            buckets.retain(|_, own| own.filled(pace, full, now).millionths < full);
        }
        let unknown = Bucket {
            millionths: full,
            at: now,
        };
        let known = buckets.get(key).copied().unwrap_or(unknown);
        let mut bucket = known.filled(pace, full, now);
        let passes = bucket.millionths >= TOKEN;
        if passes {
            bucket.millionths -= TOKEN;
        }
        buckets.insert(key.to_owned(), bucket);
        let missing = full - bucket.millionths;
        Left {
            rate: self.rate,
            requests: bucket.millionths / TOKEN,
            passes,
            full_in_seconds: missing.div_ceil(u64::from(pace.max(1)) * TOKEN),
        }
    }
}

impl Bucket {
    fn filled(self, requests_per_second: u32, full: u64, now: Timestamp) -> Bucket {
        let micros = now
            .as_microsecond()
            .saturating_sub(self.at.as_microsecond());
        let micros = u64::try_from(micros).unwrap_or(0);
        let more = micros.saturating_mul(u64::from(requests_per_second));
        Bucket {
            millionths: self.millionths.saturating_add(more).min(full),
            at: self.at.max(now),
        }
    }
}

impl Left {
    /// Says it in the headers of an answer.
    pub(crate) fn say(&self, headers: &mut HeaderMap) {
        let Rate {
            requests_per_second,
            burst,
        } = self.rate;
        let window = u64::from(burst).div_ceil(u64::from(requests_per_second.max(1)));
        let policy = format!("\"key\";q={burst};w={window}");
        let state = format!("\"key\";r={};t={}", self.requests, self.full_in_seconds);
        for (name, value) in [(POLICY, policy), (STATE, state)] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn a_bucket_gives_its_burst_and_then_its_pace() {
        let start = Timestamp::UNIX_EPOCH;
        let buckets = Buckets::new(Rate {
            requests_per_second: 10,
            burst: 3,
        });
        let at = |millis| start + SignedDuration::from_millis(millis);
        let passes = |key, millis| buckets.take(key, at(millis)).passes;
        assert!(passes("a", 0) && passes("a", 0) && passes("a", 0));
        assert!(!passes("a", 0));
        assert!(passes("b", 0), "each key has its own");
        assert!(!passes("a", 99));
        assert!(passes("a", 100));
        assert!(!passes("a", 50), "a clock that goes back gives none");
        assert!(!passes("a", 199) && passes("a", 200));
        let left = buckets.take("a", at(3_600_000));
        assert_eq!((left.requests, left.full_in_seconds), (2, 1));
    }

    #[test]
    fn buckets_that_are_full_again_are_forgotten() {
        let start = Timestamp::UNIX_EPOCH;
        let buckets = Buckets::new(Rate {
            requests_per_second: 1,
            burst: 2,
        });
        for key in 0..RATE_BUCKETS_MAX {
            buckets.take(&key.to_string(), start);
        }
        buckets.take("later", start + SignedDuration::from_secs(10));
        assert_eq!(buckets.buckets.lock().unwrap().len(), 1);
    }
}
