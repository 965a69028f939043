//! Checks that the journal's keyspaces agree, commit by commit and entry by entry.

use std::collections::BTreeMap;

use tlog::hash;

use super::record::{Chain, Commit, Identity, LogName, Traceless, read_head};
use super::{Journal, place};
use crate::entry::{from_bytes, identity_key};
use crate::limits::FINDINGS_MAX;
use crate::{Deliveries, Health, StoreError};

/// What is found wrong, bounded.
#[derive(Default)]
pub(super) struct Findings {
    listed: Vec<String>,
    more: u64,
}

impl Findings {
    pub(super) fn add(&mut self, finding: String) {
        if self.listed.len() < FINDINGS_MAX {
            self.listed.push(finding);
        } else {
            self.more += 1;
        }
    }
}

impl Journal {
    /// What is wrong with the journal. Reads every entry.
    pub(in crate::embedded) fn check(&self) -> Result<Health, StoreError> {
        let mut findings = Findings::default();
        let mut sizes: BTreeMap<LogName, u64> = BTreeMap::new();
        let mut last = Commit::genesis();
        let until = self.committed();
        for number in 1..=until {
            let Some(commit) = self.commit(number)? else {
                findings.add(format!("commit {number} has no record"));
                continue;
            };
            self.check_commit(number, &last, &commit, &mut sizes, &mut findings)?;
            last = commit;
        }
        if self.committed() == until {
            self.check_rest(&sizes, &mut findings)?;
        }
        self.check_trees(&mut findings)?;
        let mut listed = findings.listed;
        if findings.more > 0 {
            listed.push(format!("{} more findings in the journal", findings.more));
        }
        Ok(Health {
            findings: listed,
            entries: sizes.values().sum(),
        })
    }

    fn check_commit(
        &self,
        number: u64,
        last: &Commit,
        commit: &Commit,
        sizes: &mut BTreeMap<LogName, u64>,
        findings: &mut Findings,
    ) -> Result<(), StoreError> {
        let mut chain = Chain::after(&last.chain);
        let mut appended = 0;
        for (name, from, count) in &commit.ranges {
            chain.range(name, *from, *count);
            let size = sizes.entry(name.clone()).or_default();
            if *size != *from {
                findings.add(format!(
                    "commit {number} appends at {}, where {size} entries precede it",
                    place(name, *from)
                ));
            }
            *size = from + u64::from(*count);
            appended += u64::from(*count);
            for index in *from..*size {
                let key = name.entry_key(index);
                let value = self
                    .keyspaces
                    .entries
                    .get(&key)
                    .map_err(|e| self.fault("reading", e))?;
                let Some(value) = value else {
                    findings.add(format!("{} is missing", place(name, index)));
                    continue;
                };
                chain.add(&hash::leaf(&value));
                self.check_entry(name, index, &value, findings)?;
            }
        }
        if appended > 0 && chain.finish() != commit.chain {
            findings.add(format!(
                "the entries of commit {number} are not the ones that were acknowledged"
            ));
        }
        let added = difference(&commit.totals, &last.totals);
        let sum = |of: fn(&Traceless) -> u64| commit.traceless.values().map(of).sum::<u64>();
        let traceless = (sum(|own| own.duplicate), sum(|own| own.refused));
        let conserved = added.is_some_and(|added| {
            added.received == added.accepted + added.duplicate + added.conflicting + added.refused
                && added.accepted + added.conflicting == appended
                // A commit of a release that did not tell says nothing.
                && (commit.traceless.is_empty() || traceless == (added.duplicate, added.refused))
        });
        if !conserved {
            findings.add(format!("the deliveries of commit {number} do not add up"));
        }
        Ok(())
    }

    fn check_entry(
        &self,
        name: &LogName,
        index: u64,
        value: &[u8],
        findings: &mut Findings,
    ) -> Result<(), StoreError> {
        let at = || place(name, index);
        let entry = match from_bytes(name.log, index, value) {
            Ok(entry) => entry,
            Err(problem) => {
                findings.add(format!("{} cannot be read: {problem}", at()));
                return Ok(());
            }
        };
        let event = &entry.event;
        if event.customer != name.customer || event.log() != name.log {
            findings.add(format!(
                "{} belongs to the {} log of `{}`",
                at(),
                event.log().name(),
                event.customer
            ));
        }
        let identity = self.identity(&identity_key(&event.customer, &event.source, &event.id))?;
        let known = identity
            .filter(|known| known.log == name.log)
            .unwrap_or_else(|| Identity {
                log: name.log,
                contents: Vec::new(),
            });
        if !known.contents.contains(&(index, event.digest())) {
            findings.add(format!("{} is not in the index of identities", at()));
        } else if entry.conflict == (known.contents[0].0 == index) {
            findings.add(format!(
                "{} is wrongly marked as first or further content",
                at()
            ));
        }
        Ok(())
    }

    /// Checks that nothing is there beside what the commits appended.
    fn check_rest(
        &self,
        sizes: &BTreeMap<LogName, u64>,
        findings: &mut Findings,
    ) -> Result<(), StoreError> {
        let mut heads = 0;
        for guard in self.keyspaces.heads.iter() {
            let (key, value) = guard
                .into_inner()
                .map_err(|e| self.fault("reading heads", e))?;
            let name = LogName::from_key(&key)?;
            let size = sizes.get(&name).copied().unwrap_or(0);
            heads += 1;
            // One that cannot be read is found where its tree is computed.
            let Ok(head) = read_head(&name, &value).map(|tree| tree.size()) else {
                continue;
            };
            if head != size {
                findings.add(format!(
                    "{name} says it has {head} entries, and {size} were appended"
                ));
            }
        }
        if heads != sizes.len() {
            findings.add(format!(
                "{} logs have entries, and {heads} have a head",
                sizes.len()
            ));
        }
        let appended: u64 = sizes.values().sum();
        let mut entries = 0;
        for guard in self.keyspaces.entries.iter() {
            guard.key().map_err(|e| self.fault("reading entries", e))?;
            entries += 1;
        }
        if entries != appended {
            findings.add(format!(
                "{appended} entries were appended, and {entries} are there"
            ));
        }
        let mut contents = 0;
        for guard in self.keyspaces.identities.iter() {
            let value = guard
                .value()
                .map_err(|e| self.fault("reading identities", e))?;
            contents += Identity::from_bytes(&value)?.contents.len() as u64;
        }
        if contents != appended {
            findings.add(format!(
                "{appended} entries were appended, and the index of identities names {contents}"
            ));
        }
        Ok(())
    }
}

fn difference(now: &Deliveries, before: &Deliveries) -> Option<Deliveries> {
    Some(Deliveries {
        received: now.received.checked_sub(before.received)?,
        accepted: now.accepted.checked_sub(before.accepted)?,
        duplicate: now.duplicate.checked_sub(before.duplicate)?,
        conflicting: now.conflicting.checked_sub(before.conflicting)?,
        refused: now.refused.checked_sub(before.refused)?,
    })
}
