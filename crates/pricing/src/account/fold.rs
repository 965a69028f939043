//! The fold: contents in, account out.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use work::body::{Body, Control};
use work::definition::Timeline;
use work::effective::{Content, Fact, resolve};
use work::settle::{FactRef, Unit, inherit_headers, scopes, settle};
use work::{Definition, Header, LogKind, threads};

use super::claim;
use super::control::Documents;
use super::signatures::Signatures;
use super::{Account, CarriedUnit, EntryMeta, Flag, Standing, StandingFact};
use crate::cell::{Arrivals, SeatChange, Usage, is_test};
use crate::contract::{Agreement, InForce, Late, Version};
use crate::plan::Terms;
use crate::published::{self, Published};

impl Account {
    /// Folds a prefix of a customer's shared log.
    ///
    /// `contents` are its entries in order. Where no contract is signed, `draft` stands for one: its
    /// statements can be drafted, not issued.
    #[must_use]
    pub fn fold(customer: &str, contents: Vec<Content>, draft: Option<InForce>) -> Account {
        Account::resume(customer, contents, Vec::new(), draft, 1)
    }

    /// Folds a prefix of a customer's shared log in which some units are carried: settled before, and
    /// their entries not among `contents`.
    ///
    /// The account is that of the whole prefix, as far as statements look at it, where no content
    /// touches a carried unit: `proof` decides that. Reconciliation is not to be asked, since it
    /// counts entries. Works are settled on so many `threads`; the account is the same for any number.
    #[must_use]
    pub fn resume(
        customer: &str,
        contents: Vec<Content>,
        carried: Vec<CarriedUnit>,
        draft: Option<InForce>,
        threads: usize,
    ) -> Account {
        let mut account = Account {
            customer: customer.to_owned(),
            coverage: contents.last().map_or(0, |content| content.entry + 1),
            ..Account::default()
        };
        let shared: Vec<Content> = contents
            .into_iter()
            .filter(|content| content.event.log() == LogKind::Shared)
            .collect();
        account.entries = shared.iter().map(meta).collect();
        let signed_corrections = Signatures::corrections(&shared);
        let mut effective = resolve(shared);
        account.note_standing(&effective.facts, &effective.superseded);
        account.missing_target = std::mem::take(&mut effective.missing_target);
        account.conflicts = std::mem::take(&mut effective.conflicts);
        account.flag_powerless(&effective.powerless);
        let mut facts = effective.facts;
        account.signatures.take(&facts, &signed_corrections);
        inherit_headers(&mut facts);
        for fact in facts
            .iter()
            .filter(|own| own.event.body.tag().is_about_work())
        {
            *account
                .headers
                .entry(fact.event.headers.present())
                .or_insert(0) += 1;
        }
        let mut documents = Documents::default();
        for fact in &facts {
            account.control(&mut documents, fact);
        }
        if let Some(terms) = draft
            && account.contracts.is_empty()
            && let Ok(agreement) = Agreement::sign(terms, true)
        {
            account.hold(agreement);
        }
        account.share_published();
        account.take_usage(&facts);
        account.take_seats(&facts);
        account.settle(&facts, threads);
        let arrived = account.take_carried(carried);
        account.note_arrivals(&facts, &arrived);
        account
    }

    /// Hands carried units to their contracts; returns when their facts arrived.
    fn take_carried(&mut self, carried: Vec<CarriedUnit>) -> Vec<(FactRef, u64)> {
        let mut arrived = Vec::new();
        for CarriedUnit {
            contract,
            unit,
            entries,
        } in carried
        {
            arrived.extend(unit.facts.iter().cloned().zip(entries));
            self.signatures.take_carried(&unit);
            if let Some(held) = self
                .contracts
                .iter_mut()
                .find(|held| held.agreement.id == contract)
            {
                Arc::make_mut(&mut held.units).push(unit);
            }
        }
        self.sort_units();
        arrived
    }

    /// Takes one more entry of the log where it is a part of a statement or issues one: what [`Account::fold`] would make
    /// of the log with it, without settling anything again, because a statement settles nothing.
    ///
    /// `false`, and nothing is taken, where the entry is something else, is known, or a contract
    /// waives what arrives late or is paid by credits, which look at facts again.
    #[must_use]
    pub fn take_statement(&mut self, content: &Content) -> bool {
        let mut meta = meta(content);
        let waives = |version: &Version| version.terms.contract.late != Late::Bill;
        let mut versions = self
            .contracts
            .iter()
            .flat_map(|held| &held.agreement.versions);
        if !matches!(
            &content.event.body,
            Body::Control(Control::StatementStated { .. } | Control::StatementIssued { .. })
        ) || content.entry != self.coverage
            || versions.any(waives)
            || !self.grants.is_empty()
            || self.entries.iter().any(|known| known.fact == meta.fact)
        {
            return false;
        }
        let fact = Fact {
            entry: content.entry,
            event: content.event.clone(),
            corrected_by: None,
        };
        meta.standing = Standing::Fact(StandingFact::of(&fact));
        self.entries.push(meta);
        self.coverage = content.entry + 1;
        self.control(&mut Documents::default(), &fact);
        true
    }

    /// What became of every entry: most stand as they are; the others are few, and looked up.
    fn note_standing(&mut self, facts: &[Fact], superseded: &[u64]) {
        let superseded: HashSet<u64> = superseded.iter().copied().collect();
        let concerned: HashSet<&FactRef> = self
            .entries
            .iter()
            .flat_map(|meta| {
                let own = superseded.contains(&meta.entry).then_some(&meta.fact);
                meta.target.as_deref().into_iter().chain(own)
            })
            .collect();
        // Of most logs nothing is corrected, and no name need be made to look it up.
        let looked_at = if concerned.is_empty() { &[] } else { facts };
        self.corrected = looked_at
            .iter()
            .map(|fact| (fact.reference(), fact))
            .filter(|(reference, _)| concerned.contains(reference))
            .map(|(reference, fact)| (reference, StandingFact::of(fact)))
            .collect();
        let mut in_order = facts.iter().peekable();
        for meta in &mut self.entries {
            while in_order.next_if(|fact| fact.entry < meta.entry).is_some() {}
            let own = in_order.peek().filter(|fact| fact.entry == meta.entry);
            meta.standing = if superseded.contains(&meta.entry) {
                match self.corrected.get(&meta.fact) {
                    Some(_) => Standing::Superseded,
                    None => Standing::Void,
                }
            } else if let Some(fact) = own {
                Standing::Fact(StandingFact::of(fact))
            } else if let Some(chosen) = self.corrected.get(&meta.fact) {
                // A later content of the identity was chosen over the first.
                Standing::Fact(*chosen)
            } else {
                Standing::Correction
            };
        }
    }

    fn flag_powerless(&mut self, powerless: &[FactRef]) {
        let problem = "the buyer signed what this corrects, so only a correction that the buyer signs \
                       has an effect";
        let powerless: HashSet<&FactRef> = powerless.iter().collect();
        let entries = self.entries.iter();
        let flags = entries.filter(|meta| powerless.contains(&meta.fact));
        self.flags.extend(flags.map(|meta| Flag {
            entry: meta.entry,
            problem: problem.to_owned(),
        }));
    }

    fn take_usage(&mut self, facts: &[Fact]) {
        for fact in facts {
            let Some(usage) = Usage::of(fact) else {
                continue;
            };
            let agreements = self.contracts.iter().map(|held| &held.agreement);
            match claim::of_usage(agreements, &usage.meter, usage.time) {
                Ok(index) => Arc::make_mut(&mut self.contracts[index].usage).push(usage),
                Err(pending) => self.loose_usage.push((usage, pending)),
            }
        }
        let order = |usage: &Usage| (usage.time, usage.fact.clone());
        for held in &mut self.contracts {
            Arc::make_mut(&mut held.usage).sort_by_cached_key(order);
        }
        self.loose_usage
            .sort_by_cached_key(|(usage, _)| order(usage));
    }

    /// Every contract sees the documents whose numbers enter rating.
    fn share_published(&mut self) {
        let mut documents = self.published.clone();
        published::sort(&mut documents);
        let documents: Arc<[Published]> = documents.into();
        for held in &mut self.contracts {
            held.published = Arc::clone(&documents);
        }
    }

    /// Seats stay held from one contract to the next, so every contract that sells seats sees all.
    fn take_seats(&mut self, facts: &[Fact]) {
        let changes: Vec<SeatChange> = facts.iter().filter_map(SeatChange::of).collect();
        for held in &mut self.contracts {
            let sells = |version: &Version| {
                version
                    .terms
                    .components
                    .iter()
                    .any(|own| matches!(own.terms, Terms::Seats(_)))
            };
            if held.agreement.versions.iter().any(sells) {
                held.seats.clone_from(&changes);
            }
        }
    }

    /// Settles the works of every unit that a contract sells, and hands them to their contracts.
    fn settle(&mut self, facts: &[Fact], threads: usize) {
        let ids: BTreeSet<String> = self
            .contracts
            .iter()
            .flat_map(|held| &held.agreement.versions)
            .flat_map(|version| version.terms.definitions.keys().cloned())
            .collect();
        for id in ids {
            for unit in self.settle_unit(&id, facts, threads) {
                self.hand_over(unit);
            }
        }
        self.sort_units();
        self.loose_units.sort_by(|a, b| a.0.key.cmp(&b.0.key));
    }

    fn sort_units(&mut self) {
        for held in &mut self.contracts {
            Arc::make_mut(&mut held.units).sort_by(|a, b| a.key.cmp(&b.key));
        }
    }

    /// Settles all works of one unit over the versions of all contracts (semantics.md S12).
    ///
    /// One sweep follows one key and counts days in one zone. Where versions differ in these, each
    /// kind is swept, and keeps the units that opened under it.
    fn settle_unit(&self, id: &str, facts: &[Fact], threads: usize) -> Vec<Unit> {
        let mut governing: Vec<Governing> = Vec::new();
        for held in &self.contracts {
            for version in &held.agreement.versions {
                if let Some(definition) = version.terms.definitions.get(id) {
                    governing.push(Governing {
                        from: version.from,
                        definition: Arc::clone(definition),
                        zone: version.terms.contract.time_zone.clone(),
                        sells: claim::sells(version, id),
                    });
                }
            }
        }
        if governing.iter().any(|own| own.sells) {
            governing.retain(|own| own.sells);
        }
        governing.sort_by_key(|own| own.from);
        let mut units = Vec::new();
        let mut swept: Vec<usize> = Vec::new();
        for (index, own) in governing.iter().enumerate() {
            if swept
                .iter()
                .any(|earlier| governing[*earlier].sweeps_like(own))
            {
                continue;
            }
            swept.push(index);
            let versions = (0u32..).zip(&governing);
            let timeline = Timeline {
                versions: versions
                    .map(|(place, own)| (own.from, place, &*own.definition))
                    .collect(),
                zone: own.zone.clone(),
            };
            let scopes = scopes(&own.definition, facts);
            let settled = threads::map(threads, &scopes, |(scope, members)| {
                settle(&timeline, scope, members, Timestamp::MAX)
            });
            units.extend(settled.into_iter().flatten().filter(|unit| {
                let place = usize::try_from(unit.version).unwrap_or(usize::MAX);
                governing
                    .get(place)
                    .is_some_and(|other| other.sweeps_like(own))
            }));
        }
        units
    }

    fn hand_over(&mut self, mut unit: Unit) {
        let agreements = self.contracts.iter().map(|held| &held.agreement);
        match claim::of_unit(agreements, &unit) {
            Ok((index, version)) => {
                unit.version = version;
                Arc::make_mut(&mut self.contracts[index].units).push(unit);
            }
            Err(pending) => self.loose_units.push((unit, pending)),
        }
    }

    /// Remembers when facts arrived, for contracts that waive what is late (semantics.md D8) or that
    /// prepaid credits may pay (D9).
    fn note_arrivals(&mut self, facts: &[Fact], carried: &[(FactRef, u64)]) {
        let waives = |version: &Version| version.terms.contract.late != Late::Bill;
        let mut entries: Option<HashMap<FactRef, u64>> = None;
        let has_grants = !self.grants.is_empty();
        for held in &mut self.contracts {
            let looks = has_grants || held.agreement.versions.iter().any(waives);
            if !looks || held.standing().next().is_none() {
                continue;
            }
            let entries = entries.get_or_insert_with(|| {
                let own_entries: HashMap<&FactRef, u64> = self
                    .entries
                    .iter()
                    .map(|meta| (&meta.fact, meta.entry))
                    .collect();
                let arrived = |fact: &Fact| {
                    let corrected = fact
                        .corrected_by
                        .as_ref()
                        .and_then(|by| own_entries.get(by));
                    corrected.copied().unwrap_or(0).max(fact.entry)
                };
                let known = facts.iter().map(|fact| (fact.reference(), arrived(fact)));
                known.chain(carried.iter().cloned()).collect()
            });
            let mut statements: Vec<(Timestamp, u64)> = held
                .standing()
                .map(|issued| (issued.cut, issued.coverage))
                .collect();
            statements.sort_by_key(|(cut, coverage)| (*coverage, *cut));
            held.arrivals = Some(Arrivals {
                statements,
                entries: entries.clone(),
            });
        }
    }
}

/// A contract version as it governs one unit.
struct Governing {
    from: Timestamp,
    definition: Arc<Definition>,
    zone: TimeZone,
    sells: bool,
}

impl StandingFact {
    fn of(fact: &Fact) -> StandingFact {
        StandingFact {
            kind: fact.event.body.tag(),
            time: fact.event.time,
            is_test: is_test(fact.event.headers.get(Header::Environment)),
        }
    }
}

impl Governing {
    fn sweeps_like(&self, other: &Governing) -> bool {
        self.zone == other.zone && self.definition.one_per.key == other.definition.one_per.key
    }
}

fn meta(content: &Content) -> EntryMeta {
    let target = match &content.event.body {
        Body::Corrected {
            target_source,
            target_id,
            ..
        } => Some(Box::new(FactRef {
            source: target_source.clone(),
            id: target_id.clone(),
        })),
        _ => None,
    };
    EntryMeta {
        entry: content.entry,
        fact: FactRef {
            source: content.event.source.clone(),
            id: content.event.id.clone(),
        },
        kind: content.event.body.tag(),
        target,
        standing: Standing::Correction,
    }
}
