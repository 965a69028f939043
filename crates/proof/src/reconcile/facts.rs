//! Where facts meet works, and which of the buyer's the log never had.

use std::collections::{HashMap, HashSet};

use jiff::SignedDuration;
use work::body::Kind;
use work::effective::{Content, Fact, resolve};
use work::event::Authorship;
use work::settle::{FactRef, ScopeKey, Unit, inherit_headers, scopes};
use work::{Definition, Event, SmolStr};

/// Facts that speak against a work that counted.
const AGAINST: [Kind; 6] = [
    Kind::Asked,
    Kind::Rejected,
    Kind::Escalated,
    Kind::HumanReplied,
    Kind::Overridden,
    Kind::Reopened,
];

/// What facts and works meet by.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Place {
    Work(SmolStr),
    Scope(SmolStr, ScopeKey),
}

impl Place {
    /// What people call it.
    pub(super) fn told(&self) -> String {
        match self {
            Place::Work(work) => work.to_string(),
            Place::Scope(_, key) => key.join(","),
        }
    }
}

/// Where a unit is met: by its works, and by its scope.
pub(super) fn places_of(unit: &Unit) -> Vec<Place> {
    let works = unit.works.iter().cloned().map(Place::Work);
    let scope = Place::Scope(unit.key.unit.clone(), unit.key.scope.clone());
    works.chain([scope]).collect()
}

/// A fact, and where it meets works.
#[derive(Debug, Clone)]
pub(super) struct Located {
    pub(super) event: Event,
    pub(super) places: Vec<Place>,
}

/// The buyer's records about work, each in the buyer's name and under an identity that the log has
/// not used.
pub(super) fn own_facts(log: &[Content], events: Vec<Event>, customer: &str) -> Vec<Located> {
    let taken: HashSet<(&str, &str)> = log
        .iter()
        .map(|own| (own.event.source.as_str(), own.event.id.as_str()))
        .collect();
    let mut own = Vec::new();
    for mut event in events {
        if event.customer != customer {
            continue;
        }
        event.authorship = Authorship::Buyer;
        event.signature = None;
        if taken.contains(&(event.source.as_str(), event.id.as_str())) {
            event.id = format!("buyer:{}", event.id).into();
        }
        own.push(Located {
            event,
            places: Vec::new(),
        });
    }
    own
}

/// Finds where the buyer's records and the log's facts meet works; headers are inherited among all of
/// them. Returns the log's.
pub(super) fn located(
    log: &[Content],
    own: &mut [Located],
    definitions: &[&Definition],
) -> Vec<Located> {
    let mut facts = resolve(log.to_vec()).facts;
    let first_own = facts.len();
    let fact = |(located, entry): (&Located, u64)| Fact {
        entry,
        event: located.event.clone(),
        corrected_by: None,
    };
    facts.extend(own.iter().zip(log.len() as u64..).map(fact));
    inherit_headers(&mut facts);
    let mut places: HashMap<FactRef, Vec<Place>> = HashMap::new();
    for fact in &facts {
        if fact.event.body.tag().is_about_work()
            && let Some(work) = &fact.event.work
        {
            let own = places.entry(fact.reference()).or_default();
            own.push(Place::Work(work.clone()));
        }
    }
    for definition in definitions {
        for (key, members) in scopes(definition, &facts) {
            for fact in members {
                let own = places.entry(fact.reference()).or_default();
                let place = Place::Scope(definition.id.as_str().into(), key.clone());
                if !own.contains(&place) {
                    own.push(place);
                }
            }
        }
    }
    let of = |fact: &Fact| places.get(&fact.reference()).cloned().unwrap_or_default();
    for (located, fact) in own.iter_mut().zip(&facts[first_own..]) {
        located.places = of(fact);
    }
    let known = facts[..first_own].iter().map(|fact| Located {
        event: fact.event.clone(),
        places: of(fact),
    });
    known.collect()
}

/// The buyer's facts against works that the log knows, but for those that it has: the same kind on
/// the same work within the tolerance. Each fact of the log answers for one.
pub(super) fn unreported(
    log: &[Located],
    own: &[Located],
    tolerance: SignedDuration,
) -> Vec<Located> {
    let mut by_place: HashMap<(&Place, Kind), Vec<usize>> = HashMap::new();
    for (index, fact) in log.iter().enumerate() {
        for place in &fact.places {
            let kind = fact.event.body.tag();
            by_place.entry((place, kind)).or_default().push(index);
        }
    }
    let on_known_work: HashSet<&Place> = log.iter().flat_map(|fact| &fact.places).collect();
    let against = |fact: &&Located| {
        AGAINST.contains(&fact.event.body.tag())
            && fact
                .places
                .iter()
                .any(|place| on_known_work.contains(place))
    };
    let mut mine: Vec<&Located> = own.iter().filter(against).collect();
    mine.sort_by_key(|own| (own.event.time, &own.event.source, &own.event.id));
    let mut answered = HashSet::new();
    let mut missing = Vec::new();
    for fact in mine {
        let kind = fact.event.body.tag();
        let same = fact
            .places
            .iter()
            .filter_map(|place| by_place.get(&(place, kind)));
        let near = same.flatten().filter(|index| {
            let apart = log[**index].event.time.duration_since(fact.event.time);
            apart.abs() <= tolerance && !answered.contains(*index)
        });
        match near.min_by_key(|index| (log[**index].event.time, **index)) {
            Some(index) => {
                answered.insert(*index);
            }
            None => missing.push(fact.clone()),
        }
    }
    missing
}
