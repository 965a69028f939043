//! The bounded queue in front of the writer: while one group's fsync runs, the next one gathers.

use std::collections::VecDeque;
use std::sync::mpsc::SyncSender;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::prepare::Prepared;
use crate::limits::{GROUP_BYTES_MAX, GROUP_EVENTS_MAX, QUEUE_BYTES_MAX};
use crate::{Outcome, StoreError};

/// Some deliveries of one call, and where their outcomes go.
pub(super) struct Part {
    pub(super) events: Vec<Prepared>,
    pub(super) bytes: usize,
    pub(super) refused_elsewhere: u64,
    pub(super) received_at: Timestamp,
    pub(super) reply: SyncSender<Result<Vec<Outcome>, StoreError>>,
}

#[derive(Default)]
struct Waiting {
    parts: VecDeque<Part>,
    bytes: usize,
    closed: bool,
}

/// The queue.
#[derive(Default)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    filled: Condvar,
    drained: Condvar,
}

impl Queue {
    /// Adds a part, waiting for room; gives it back when the queue is closed.
    pub(super) fn push(&self, part: Part) -> Result<(), Part> {
        let mut waiting = self.lock();
        while !waiting.closed
            && !waiting.parts.is_empty()
            && waiting.bytes + part.bytes > QUEUE_BYTES_MAX
        {
            waiting = self
                .drained
                .wait(waiting)
                .unwrap_or_else(PoisonError::into_inner);
        }
        if waiting.closed {
            return Err(part);
        }
        waiting.bytes += part.bytes;
        waiting.parts.push_back(part);
        self.filled.notify_one();
        Ok(())
    }

    /// Takes what waits, up to one group, in the order of arrival; `None` once the queue is closed
    /// and empty.
    pub(super) fn take(&self) -> Option<Vec<Part>> {
        let mut waiting = self.lock();
        while waiting.parts.is_empty() {
            if waiting.closed {
                return None;
            }
            waiting = self
                .filled
                .wait(waiting)
                .unwrap_or_else(PoisonError::into_inner);
        }
        let mut group = Vec::new();
        let (mut events, mut bytes) = (0, 0);
        while events < GROUP_EVENTS_MAX
            && bytes < GROUP_BYTES_MAX
            && let Some(part) = waiting.parts.pop_front()
        {
            events += part.events.len();
            bytes += part.bytes;
            group.push(part);
        }
        waiting.bytes -= bytes;
        self.drained.notify_all();
        Some(group)
    }

    /// Takes no further parts; those that wait are still taken.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.filled.notify_all();
        self.drained.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // Nothing panics while it holds the lock, and each change of the queue is one step.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
