//! The works of a statement's period: what became of them, when they counted, what happened to them.
//!
//! A work belongs to the period in which it opened or counted. Its state is told twice: as the
//! statement knew it, and as the whole prefix does.

use std::collections::{BTreeMap, HashMap};

use evidence::rate::{Bounds, Share};
use evidence::{Confidence, Interval};
use jiff::Timestamp;
use jiff::civil::Date;
use money::{Decimal, Ratio, Rounding};
use pages::view::{Contested, Listed, Range, Rate, Rows, Week, WeekPart, WorkState};
use work::body::{Body, Kind, ReviewResult, Verdict};
use work::effective::Fact;
use work::event::Authorship;
use work::settle::{Disputed, FactRef, MovementKind, State, Unit, UnitKey};

use super::Known;
use super::events::rows;
use crate::Result;

/// What the verdicts of reviewers are of.
const REVIEWED: &str = "reviewed works";

/// The works of the period.
pub(super) struct Works<'a> {
    known: &'a Known<'a>,
    facts: HashMap<FactRef, &'a Fact>,
    /// As the statement knew them.
    then: BTreeMap<&'a UnitKey, &'a Unit>,
    /// As the prefix knows them.
    now: BTreeMap<&'a UnitKey, &'a Unit>,
}

impl<'a> Works<'a> {
    pub(super) fn of(known: &'a Known<'a>) -> Works<'a> {
        let (from, until) = known.statement.service;
        let is_in = |instant: Timestamp| from <= instant && instant < until;
        let is_of = |unit: &&Unit| {
            let mut counts = unit.movements.iter();
            is_in(unit.opened)
                || counts.any(|own| own.kind == MovementKind::Counted && is_in(own.instant))
        };
        let units = |units: &'a [Unit]| {
            let own = units.iter().filter(is_of);
            own.map(|unit| (&unit.key, unit)).collect()
        };
        let facts = known.facts.iter();
        Works {
            known,
            facts: facts.map(|fact| (fact.reference(), fact)).collect(),
            then: units(&known.then.units),
            now: units(&known.now.units),
        }
    }

    /// The entry that opened a unit.
    fn opened(&self, unit: &Unit) -> Option<u64> {
        self.facts.get(&unit.key.opened_by).map(|fact| fact.entry)
    }

    /// Works by what became of them, on the statement and now.
    pub(super) fn by_state(&self) -> Vec<WorkState> {
        let mut states: BTreeMap<(String, String), [Vec<u64>; 2]> = BTreeMap::new();
        let cut = before(self.known.statement.as_of);
        let sides = [(0, &self.then, cut), (1, &self.now, self.known.known_at)];
        for (side, units, at) in sides {
            for unit in units.values() {
                let disputed = unit.disputes.iter().any(|own| own.is_open_at(at));
                let state = unit.state_at(at);
                let state = if disputed {
                    format!("{state}, disputed")
                } else {
                    state.to_string()
                };
                let row = states
                    .entry((unit.key.unit.to_string(), state))
                    .or_default();
                row[side].extend(self.opened(unit));
            }
        }
        states
            .into_iter()
            .map(|((unit, state), [stated, now])| WorkState {
                unit,
                state,
                stated: listed(stated),
                now: listed(now),
            })
            .collect()
    }

    /// Works that counted in the period, week by week, as the statement knew them.
    pub(super) fn weeks(&self) -> Result<Vec<Week>> {
        let (from, until) = self.known.statement.service;
        let zone = &self.known.then.agreement.latest().terms.contract.time_zone;
        let date = |at: Timestamp| at.to_zoned(zone.clone()).date();
        let mut weeks: BTreeMap<Date, BTreeMap<Authorship, u64>> = BTreeMap::new();
        let first = date(from);
        let mut day = monday(first)?;
        while day < date(before(until)) || day <= first {
            weeks.insert(day.max(first), BTreeMap::new());
            day = day.checked_add(jiff::Span::new().days(7))?;
        }
        let counts = self
            .then
            .values()
            .filter_map(|unit| last_count(unit, before(until)).filter(|own| from <= own.instant));
        for count in counts {
            let week = monday(date(count.instant))?.max(first);
            let parts = weeks.entry(week).or_default();
            *parts.entry(count.basis.decided_by).or_default() += 1;
        }
        let week = |(from, parts): (Date, BTreeMap<Authorship, u64>)| Week {
            from: from.to_string(),
            counted: parts
                .into_iter()
                .map(|(authorship, count)| WeekPart { authorship, count })
                .collect(),
        };
        Ok(weeks.into_iter().map(week).collect())
    }

    /// What happened to the works, as known now.
    pub(super) fn rates(&self) -> Result<Vec<Rate>> {
        let at = self.known.known_at;
        let all: Vec<&Unit> = self.now.values().copied().collect();
        let counted: Vec<&Unit> = all
            .iter()
            .copied()
            .filter(|unit| matches!(unit.state_at(at), State::Counted(_)))
            .collect();
        let by = |wanted: &[Authorship]| {
            let decided = counted.iter().filter_map(|unit| {
                let count = last_count(unit, at)?;
                wanted.contains(&count.basis.decided_by).then_some(())?;
                self.facts
                    .get(unit.decided_by(count)?)
                    .map(|fact| fact.entry)
            });
            decided.collect::<Vec<u64>>()
        };
        let with = |is_it: &dyn Fn(&Body) -> bool| {
            let found = all.iter().filter_map(|unit| self.first(unit, is_it));
            found.collect::<Vec<u64>>()
        };
        let kind = |wanted: Kind| with(&move |body: &Body| body.tag() == wanted);
        let reviewed = kind(Kind::Reviewed);
        let verdict = |wanted: ReviewResult| {
            with(
                &move |body: &Body| matches!(body, Body::Reviewed { result, .. } if *result == wanted),
            )
        };
        let touched = with(&|body: &Body| {
            matches!(
                body.tag(),
                Kind::Reviewed | Kind::HumanReplied | Kind::Overridden | Kind::Escalated
            )
        });
        let (works, counts) = (all.len(), counted.len());
        let opened = counted
            .iter()
            .filter_map(|unit| self.opened(unit))
            .collect();
        let overridden = kind(Kind::Overridden);
        let (seen, people) = (reviewed.len(), touched.len());
        // What reviewers decide is not known of the works that they did not see.
        let unseen = u64::try_from(works - seen)?;
        [
            ("counted", "works", opened, works),
            (
                "confirmed or verified by the buyer or a third party",
                "counted works",
                by(&[Authorship::Buyer, Authorship::ThirdParty]),
                counts,
            ),
            (
                "counted on the seller\u{2019}s facts alone, silence among them",
                "counted works",
                by(&[Authorship::Seller]),
                counts,
            ),
            ("reviewed by a person", "works", reviewed, works),
            (
                "accepted by a reviewer",
                REVIEWED,
                verdict(ReviewResult::Accepted),
                seen,
            ),
            (
                "edited by a reviewer",
                REVIEWED,
                verdict(ReviewResult::Edited),
                seen,
            ),
            (
                "rejected by a reviewer",
                REVIEWED,
                verdict(ReviewResult::Rejected),
                seen,
            ),
            ("reopened", "works", kind(Kind::Reopened), works),
            (
                "escalated to a person",
                "works",
                kind(Kind::Escalated),
                works,
            ),
            ("overridden by a person", "works", overridden.clone(), works),
            (
                "overridden by a person",
                "works that a person saw",
                overridden,
                people,
            ),
            ("disputed", "works", kind(Kind::Disputed), works),
        ]
        .into_iter()
        .map(|(part, of, found, whole)| {
            let unseen = (of == REVIEWED).then_some(unseen);
            rate(part, of, listed(found), u64::try_from(whole)?, unseen)
        })
        .collect()
    }

    /// The first entry of a unit that says something, up to when the prefix ends.
    fn first(&self, unit: &Unit, is_it: &dyn Fn(&Body) -> bool) -> Option<u64> {
        let facts = unit.facts.iter().filter_map(|fact| self.facts.get(fact));
        let mut said = facts.filter(|fact| is_it(&fact.event.body));
        said.next().map(|fact| fact.entry)
    }

    /// The disputes of the works, and what became of them.
    pub(super) fn disputes(&self) -> Rows<Contested> {
        let of_unit = |unit: &&Unit| {
            let own = unit.disputes.iter();
            let own = own.filter_map(|dispute| self.contested(unit, dispute));
            own.collect::<Vec<_>>()
        };
        let mut all: Vec<Contested> = self.now.values().flat_map(of_unit).collect();
        all.sort_by_key(|own| own.entry);
        rows(all.into_iter())
    }

    fn contested(&self, unit: &Unit, dispute: &Disputed) -> Option<Contested> {
        let cause = self.facts.get(&dispute.cause)?;
        let decision = unit.facts.iter().filter_map(|fact| self.facts.get(fact));
        let decision = decision
            .filter(|fact| fact.event.body.tag() == Kind::DisputeDecided)
            .find(|fact| dispute.decided.is_some_and(|(at, _)| at == fact.event.time));
        let verdict = |verdict: Verdict| match verdict {
            Verdict::Stands => "the charge stands",
            Verdict::Credited => "credited to the buyer",
        };
        let outcome = match dispute.decided {
            None => "open".to_owned(),
            Some((at, outcome)) if at > self.known.known_at => {
                format!("open; if nobody decides by {at}: {}", verdict(outcome))
            }
            Some((at, outcome)) if decision.is_some() => format!("{} at {at}", verdict(outcome)),
            Some((at, outcome)) => {
                format!(
                    "{} at {at}, because nobody decided in time",
                    verdict(outcome)
                )
            }
        };
        Some(Contested {
            work: unit.key.scope.join(", "),
            raised: dispute.raised,
            entry: cause.entry,
            outcome,
            decided_by: decision.map(|fact| fact.entry),
        })
    }
}

/// The count that a work stands by.
fn last_count(unit: &Unit, at: Timestamp) -> Option<&work::settle::Movement> {
    let mut counts = unit.movements.iter().rev();
    counts.find(|own| own.kind == MovementKind::Counted && own.instant <= at)
}

/// How many there are, and where.
pub(super) fn listed(mut entries: Vec<u64>) -> Listed {
    let count = entries.len() as u64;
    entries.sort_unstable();
    entries.dedup();
    Listed { count, entries }
}

/// A part of a whole. `unseen` works beside the whole may be of the part or not, where that is not known.
fn rate(part: &str, of: &str, found: Listed, whole: u64, unseen: Option<u64>) -> Result<Rate> {
    let mut own = Rate {
        part: part.to_owned(),
        of: of.to_owned(),
        found,
        whole,
        share: None,
        interval: None,
        bounds: None,
    };
    let hits = own.found.count;
    if whole > 0 {
        let decimal = |count: u64| Ok::<_, crate::Error>(Decimal::from_int(i64::try_from(count)?));
        let ratio = Ratio::of(decimal(hits)?, decimal(whole)?)?;
        own.share = Some(ratio.rounded(6, Rounding::HalfEven)?);
        own.interval = Some(range(&Share::new(hits, whole)?.wilson(Confidence::P95))?);
    }
    if let Some(unseen) = unseen.filter(|&unseen| whole + unseen > 0) {
        let bounds = Bounds::of(hits, whole, unseen, Confidence::P95)?;
        own.bounds = Some(range(&bounds.interval)?);
    }
    Ok(own)
}

/// An interval of a share as decimals, so that whoever makes the report again writes the same.
fn range(interval: &Interval) -> Result<Range> {
    let (low, high) = (
        format!("{:.4}", interval.low),
        format!("{:.4}", interval.high),
    );
    Ok(Range {
        low: low.parse()?,
        high: high.parse()?,
    })
}

/// The Monday of a date's week.
fn monday(date: Date) -> Result<Date> {
    let days = i64::from(date.weekday().to_monday_zero_offset());
    Ok(date.checked_sub(jiff::Span::new().days(days))?)
}

/// The last instant before another.
fn before(instant: Timestamp) -> Timestamp {
    let step = jiff::SignedDuration::from_nanos(1);
    instant.checked_sub(step).unwrap_or(instant)
}
