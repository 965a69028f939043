//! The bounded queue in front of the writer: while one group's fsync runs, the next one gathers.

use std::collections::VecDeque;
use std::sync::mpsc::SyncSender;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use tlog::{Checkpoint, Note};
use work::Digest;

use super::prepare::Prepared;
use super::record::{LogName, Origin};
use crate::limits::{GROUP_BYTES_MAX, GROUP_EVENTS_MAX, QUEUE_BYTES_MAX};
use crate::{Outcome, StoreError};

/// What one call, or a part of it, asks of the writer.
pub(super) enum Task {
    /// Events to append.
    Deliveries(Vec<Prepared>),
    /// Deliveries that were refused before they were events.
    RefusedElsewhere(Vec<(Origin, u64)>),
    /// Nothing: a commit of its own.
    Nothing,
    /// Something to keep beside the logs.
    Aside(Aside),
}

/// What is kept beside the logs.
pub(super) enum Aside {
    /// Salt and payload behind a commitment; nothing to forget them.
    Payload(Digest, Option<Vec<u8>>),
    /// A signed head of a log, known to be the log's.
    Checkpoint(LogName, Checkpoint, Note),
}

/// A task on its way to the writer, and where its outcomes go (none but for deliveries).
pub(super) struct Part {
    pub(super) task: Task,
    pub(super) bytes: usize,
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

impl Task {
    /// Bytes that it holds while it waits.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Task::Deliveries(events) => events.iter().map(Prepared::bytes).sum(),
            Task::RefusedElsewhere(refused) => {
                let names = refused.iter();
                names
                    .map(|(own, _)| 64 + own.customer.len() + own.source.len())
                    .sum()
            }
            Task::Nothing => 0,
            Task::Aside(Aside::Payload(_, value)) => value.as_ref().map_or(0, Vec::len),
            Task::Aside(Aside::Checkpoint(_, _, note)) => note.to_string().len(),
        }
    }
}

impl Part {
    fn events(&self) -> usize {
        match &self.task {
            Task::Deliveries(events) => events.len(),
            Task::RefusedElsewhere(refused) => refused.len(),
            Task::Nothing | Task::Aside(_) => 1,
        }
    }
}

impl Queue {
    /// Adds a part, waiting for room; whether it was added, which it is not once the queue is closed.
    pub(super) fn push(&self, part: Part) -> bool {
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
            return false;
        }
        waiting.bytes += part.bytes;
        waiting.parts.push_back(part);
        self.filled.notify_one();
        true
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
            events += part.events();
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
