//! Disputes of a unit: raised within the window, decided by a fact or by the document (D11).

use jiff::Timestamp;

use super::Run;
use crate::body::Verdict;
use crate::effective::Fact;
use crate::settle::{Disputed, FactRef, NotCounted, State};

impl Run<'_> {
    /// Raises a dispute where none is open and the window still is (D11).
    pub(super) fn dispute(&mut self, fact: &Fact) {
        let at = fact.event.time;
        let open = self
            .unit
            .disputes
            .last()
            .is_some_and(|dispute| dispute.decided.is_none());
        let late = self.settled.as_ref().is_some_and(|settled| {
            !self
                .definition
                .dispute
                .window
                .reaches(settled.at, at, self.zone)
        });
        // A count whose unit a reopening left may still be disputed.
        if open || late || (self.over && self.settled.is_none()) {
            self.unit.listed.push(fact.reference());
            return;
        }
        self.unit.disputes.push(Disputed {
            raised: at,
            decided: None,
            cause: fact.reference(),
        });
    }

    /// Decides the dispute, by a fact or (without a cause) by the deadline.
    pub(super) fn decide(&mut self, at: Timestamp, verdict: Verdict, cause: Option<FactRef>) {
        let Some(dispute) = self.unit.disputes.last_mut() else {
            return;
        };
        dispute.decided = Some((at, verdict));
        let cause = cause.unwrap_or_else(|| dispute.cause.clone());
        if verdict == Verdict::Stands {
            return;
        }
        if self.settled.is_some() {
            self.reverse(at, &[cause], State::Reversed);
        } else if !self.over {
            self.enter(at, State::NotCounted(NotCounted::Credited));
        }
        self.over = true;
    }
}
