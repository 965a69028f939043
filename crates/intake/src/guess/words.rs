//! What the words of an outcome column mean.

/// Words of an outcome column, sorted by what they say. What says nothing known is left pending.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Words {
    /// The job was done, as the seller's system says.
    pub(super) done: Vec<String>,
    /// A check or the buyer found it right.
    pub(super) passed: Vec<String>,
    /// A check found it wrong.
    pub(super) failed: Vec<String>,
    /// The buyer refused it.
    pub(super) rejected: Vec<String>,
    pub(super) reopened: Vec<String>,
    pub(super) escalated: Vec<String>,
    pub(super) closed: Vec<String>,
    /// Not done yet.
    pub(super) open: Vec<String>,
    pub(super) unknown: Vec<String>,
}

const DONE: &[&str] = &[
    "done",
    "resolved",
    "solved",
    "completed",
    "complete",
    "finished",
    "answered",
    "fixed",
    "resolve ticket",
    "delivered",
    "handled",
    "processed",
];
const PASSED: &[&str] = &[
    "passed",
    "pass",
    "success",
    "successful",
    "succeeded",
    "verified",
    "merged",
    "approved",
    "accepted",
    "confirmed",
    "won",
    "qualified",
    "true",
    "yes",
    "1",
    "1.0",
    "ok",
    "correct",
];
const FAILED: &[&str] = &[
    "failed",
    "fail",
    "failure",
    "error",
    "false",
    "no",
    "0",
    "0.0",
    "incorrect",
    "unsuccessful",
];
const REJECTED: &[&str] = &[
    "rejected",
    "declined",
    "refused",
    "lost",
    "unresolved",
    "disqualified",
    "closed_unmerged",
    "not resolved",
];
const REOPENED: &[&str] = &["reopened", "reopen", "re-opened", "returned"];
const ESCALATED: &[&str] = &[
    "escalated",
    "transferred",
    "handed over",
    "handoff",
    "hand-off",
    "routed_to_team",
    "human",
];
const CLOSED: &[&str] = &["closed", "cancelled", "canceled", "archived", "expired"];
const OPEN: &[&str] = &[
    "open",
    "opened",
    "new",
    "created",
    "pending",
    "waiting",
    "wait",
    "active",
    "in progress",
    "in_progress",
    "hold",
    "on hold",
    "assigned",
    "draft",
    "submitted",
    "started",
    "todo",
    "to do",
    "snoozed",
    "queued",
    "running",
];

impl Words {
    pub(super) fn of(all: &[String]) -> Words {
        let mut words = Words::default();
        for word in all {
            let folded = word.to_lowercase().replace('_', " ");
            let is = |list: &[&str]| list.iter().any(|known| known.replace('_', " ") == folded);
            let list = if is(DONE) {
                &mut words.done
            } else if is(PASSED) {
                &mut words.passed
            } else if is(FAILED) {
                &mut words.failed
            } else if is(REJECTED) {
                &mut words.rejected
            } else if is(REOPENED) {
                &mut words.reopened
            } else if is(ESCALATED) {
                &mut words.escalated
            } else if is(CLOSED) {
                &mut words.closed
            } else if is(OPEN) {
                &mut words.open
            } else {
                &mut words.unknown
            };
            list.push(word.clone());
        }
        // Where nothing else ends the work well, closing does; where nothing passes, failing is
        // only refusal.
        if words.done.is_empty() && words.passed.is_empty() {
            words.done = std::mem::take(&mut words.closed);
        }
        if words.passed.is_empty() {
            words.rejected.append(&mut words.failed);
        }
        words
    }

    /// Whether no word is known to end the work well.
    pub(super) fn needs_asking(&self) -> bool {
        self.done.is_empty() && self.passed.is_empty() && !self.unknown.is_empty()
    }

    /// The words that may mean it.
    pub(super) fn candidates(&self) -> Vec<String> {
        self.unknown.iter().take(12).cloned().collect()
    }

    /// The words with the user's choice of those that mean done.
    pub(super) fn chosen(mut self, done: &str) -> Words {
        let chosen: Vec<&str> = done.split(',').map(str::trim).collect();
        let lists = [
            &mut self.done,
            &mut self.passed,
            &mut self.failed,
            &mut self.rejected,
            &mut self.reopened,
            &mut self.escalated,
            &mut self.closed,
            &mut self.open,
            &mut self.unknown,
        ];
        for list in lists {
            list.retain(|word| !chosen.contains(&word.as_str()));
        }
        self.done = chosen
            .into_iter()
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect();
        self
    }
}
