//! Deadlines: what happens to a unit when nothing else does.

use jiff::Timestamp;

use super::Run;
use crate::settle::holds::Moment;
use crate::settle::{NotCounted, State};

/// Simultaneous deadlines act in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Deadline {
    DisputeDefault,
    Condition,
    Abandon,
}

impl Run<'_> {
    /// Acts on every deadline before `until`; on those at `until` as well where `inclusive`.
    ///
    /// A deadline at the instant of a fact comes after the fact (S3).
    pub(super) fn advance(&mut self, until: Timestamp, inclusive: bool) {
        loop {
            let mut due: Vec<(Timestamp, Deadline)> = Vec::new();
            self.collect_deadlines(&mut due);
            let next = due
                .into_iter()
                .filter(|(at, _)| *at < until || (inclusive && *at == until))
                .min();
            let Some((at, deadline)) = next else { return };
            self.now = at;
            match deadline {
                Deadline::DisputeDefault => self.decide(at, self.definition.dispute.default, None),
                Deadline::Condition => {
                    self.ran = at;
                    self.evaluate(Moment::AtDeadline(at), at);
                }
                Deadline::Abandon => {
                    self.abandoned = true;
                    self.enter(at, State::NotCounted(NotCounted::Abandoned));
                }
            }
        }
    }

    fn collect_deadlines(&self, due: &mut Vec<(Timestamp, Deadline)>) {
        if let Some(dispute) = self.unit.disputes.last()
            && dispute.decided.is_none()
            && let Some(end) = self
                .definition
                .dispute
                .window
                .after(dispute.raised, self.zone)
        {
            due.push((end.max(self.now), Deadline::DisputeDefault));
        }
        if self.over || self.abandoned {
            return;
        }
        let mut ends = Vec::new();
        for class in &self.definition.counts[..self.open_classes()] {
            self.seen.deadlines(&class.when, self.zone, &mut ends);
        }
        due.extend(
            ends.into_iter()
                .filter(|end| *end >= self.now && *end > self.ran)
                .map(|end| (end, Deadline::Condition)),
        );
        if self.settled.is_none()
            && let Some(end) = self
                .definition
                .abandon_after
                .after(self.last_fact, self.zone)
        {
            due.push((end.max(self.now), Deadline::Abandon));
        }
    }
}
