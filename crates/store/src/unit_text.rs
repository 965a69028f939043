//! A settled unit as text, and back: how a state keeps it.
//!
//! The text is canonical JSON made for size: identities of facts and the basis of movements stand in
//! it once and are referred to by position. It is a cache, not a format: a state of another version
//! is made again. Invariant: reading what was written gives an equal unit.

use std::sync::Arc;

use jiff::Timestamp;
use money::{Amount, Decimal};
use work::body::Verdict;
use work::event::Authorship;
use work::settle::{
    Attempt, Basis, Disputed, FactRef, Movement, MovementKind, NotCounted, State, Unit, UnitKey,
};
use work::{Header, Headers, Json, SmolStr};

/// The word of a state, and its class or reason.
#[must_use]
pub fn state_words(state: &State) -> (&'static str, Option<&str>) {
    match state {
        State::Pending => ("pending", None),
        State::Counted(class) => ("counted", Some(class)),
        State::Reversed => ("reversed", None),
        State::NotCounted(reason) => ("not_counted", Some(reason.name())),
    }
}

/// The text of a unit.
#[must_use]
pub fn write(unit: &Unit) -> String {
    let mut writer = Writer::default();
    let movements: Vec<Json> = unit
        .movements
        .iter()
        .map(|movement| writer.movement(movement))
        .collect();
    let disputes: Vec<Json> = unit
        .disputes
        .iter()
        .map(|dispute| writer.dispute(dispute))
        .collect();
    let opened_by = writer.fact(&unit.key.opened_by);
    let facts = writer.facts(&unit.facts);
    let listed = writer.facts(&unit.listed);
    let states = unit.states.iter().map(|(since, state)| {
        let (word, what) = state_words(state);
        array([
            instant(*since),
            Json::text(word),
            maybe(what.map(Json::text)),
        ])
    });
    let touches = unit.human_touches.iter();
    let touches = touches.map(|(at, minutes)| array([instant(*at), number(*minutes)]));
    let evidence = unit.evidence.iter();
    let evidence = evidence.map(|(at, name)| array([instant(*at), Json::text(name)]));
    let attempt = unit.attempt.as_ref().map(|own| {
        let by = Json::text(own.by.word());
        array([instant(own.at), writer.fact(&own.act), by])
    });
    let members = [
        ("attempt", maybe(attempt)),
        (
            "bases",
            Json::Array(writer.bases.iter().map(|basis| basis_json(basis)).collect()),
        ),
        ("disputes", Json::Array(disputes)),
        ("evidence", Json::Array(evidence.collect())),
        ("facts", facts),
        ("headers", headers_json(&unit.headers)),
        ("human", Json::Array(touches.collect())),
        ("listed", listed),
        ("movements", Json::Array(movements)),
        ("opened", instant(unit.opened)),
        ("opened_by", opened_by),
        ("refs", Json::Array(writer.refs_json())),
        ("scope", texts(&unit.key.scope)),
        ("sources", texts(&writer.sources)),
        ("states", Json::Array(states.collect())),
        ("traces", texts(&unit.traces)),
        ("unit", Json::text(unit.key.unit.clone())),
        ("version", count(unit.version as usize)),
        ("works", texts(&unit.works)),
    ];
    let members = members
        .into_iter()
        .map(|(name, value)| (name.into(), value));
    Json::Object(members.collect()).to_canonical()
}

/// Reads the text of a unit; `None` where it is not one.
#[must_use]
pub fn read(text: &str) -> Option<Unit> {
    let json = Json::parse(text).ok()?;
    let reader = Reader {
        refs: read_refs(&json)?,
        bases: items(json.get("bases")?)?
            .iter()
            .map(|basis| read_basis(basis).map(Arc::new))
            .collect::<Option<_>>()?,
    };
    let each = |name: &str| items(json.get(name)?);
    Some(Unit {
        key: UnitKey {
            unit: json.get("unit")?.as_str()?.into(),
            scope: read_texts(json.get("scope")?)?,
            opened_by: reader.fact(json.get("opened_by")?)?,
        },
        opened: read_instant(json.get("opened")?)?,
        version: u32::try_from(read_count(json.get("version")?)?).ok()?,
        movements: each("movements")?
            .iter()
            .map(|m| reader.movement(m))
            .collect::<Option<_>>()?,
        states: each("states")?
            .iter()
            .map(read_state)
            .collect::<Option<_>>()?,
        disputes: each("disputes")?
            .iter()
            .map(|d| reader.dispute(d))
            .collect::<Option<_>>()?,
        attempt: match json.get("attempt")? {
            Json::Null => None,
            attempt => Some(reader.attempt(attempt)?),
        },
        headers: read_headers(json.get("headers")?)?,
        human_touches: each("human")?
            .iter()
            .map(|touch| {
                let [at, minutes] = items(touch)? else {
                    return None;
                };
                Some((read_instant(at)?, read_number(minutes)?))
            })
            .collect::<Option<_>>()?,
        listed: reader.facts(json.get("listed")?)?,
        facts: reader.facts(json.get("facts")?)?,
        works: read_texts(json.get("works")?)?,
        traces: read_texts(json.get("traces")?)?,
        evidence: each("evidence")?
            .iter()
            .map(|evidence| {
                let [at, name] = items(evidence)? else {
                    return None;
                };
                Some((read_instant(at)?, name.as_str()?.to_owned()))
            })
            .collect::<Option<_>>()?,
    })
}

/// What stands in the text once.
#[derive(Default)]
struct Writer {
    sources: Vec<SmolStr>,
    refs: Vec<FactRef>,
    bases: Vec<Arc<Basis>>,
}

impl Writer {
    fn fact(&mut self, fact: &FactRef) -> Json {
        count(position(&mut self.refs, fact))
    }

    fn facts(&mut self, facts: &[FactRef]) -> Json {
        Json::Array(facts.iter().map(|fact| self.fact(fact)).collect())
    }

    fn refs_json(&mut self) -> Vec<Json> {
        let Writer { refs, sources, .. } = self;
        let refs = refs.iter();
        refs.map(|fact| {
            array([
                count(position(sources, &fact.source)),
                Json::text(fact.id.clone()),
            ])
        })
        .collect()
    }

    fn movement(&mut self, movement: &Movement) -> Json {
        array([
            instant(movement.instant),
            Json::text(movement.kind.word()),
            Json::text(movement.class.clone()),
            number(movement.quantity),
            maybe(movement.value.map(|value| Json::text(value.to_string()))),
            instant(movement.counted_at),
            self.facts(&movement.causes),
            count(position(&mut self.bases, &movement.basis)),
        ])
    }

    fn dispute(&mut self, dispute: &Disputed) -> Json {
        let decided = dispute.decided.map(|(at, _)| instant(at));
        let verdict = dispute
            .decided
            .map(|(_, verdict)| Json::text(verdict.word()));
        array([
            instant(dispute.raised),
            self.fact(&dispute.cause),
            maybe(decided),
            maybe(verdict),
        ])
    }
}

/// Where an item stands in a list, added if it does not.
fn position<T: PartialEq + Clone>(list: &mut Vec<T>, item: &T) -> usize {
    if let Some(found) = list.iter().position(|known| known == item) {
        return found;
    }
    list.push(item.clone());
    list.len() - 1
}

fn basis_json(basis: &Basis) -> Json {
    array([
        maybe(basis.confidence.map(number)),
        maybe(basis.review.as_ref().map(Json::text)),
        headers_json(&basis.headers),
        Json::text(basis.decided_by.word()),
    ])
}

fn headers_json(headers: &Headers) -> Json {
    let members = headers.iter();
    let members = members.map(|(header, value)| (header.name().into(), Json::text(value.clone())));
    Json::Object(members.collect())
}

fn array<const N: usize>(items: [Json; N]) -> Json {
    Json::Array(items.into())
}

fn instant(at: Timestamp) -> Json {
    Json::text(at.to_string())
}

fn number(value: Decimal) -> Json {
    Json::text(value.to_string())
}

fn count(value: usize) -> Json {
    Json::Number(value.to_string().into())
}

fn maybe(value: Option<Json>) -> Json {
    value.unwrap_or(Json::Null)
}

fn texts(values: &[SmolStr]) -> Json {
    Json::Array(values.iter().cloned().map(Json::text).collect())
}

/// What positions refer to.
struct Reader {
    refs: Vec<FactRef>,
    bases: Vec<Arc<Basis>>,
}

impl Reader {
    fn fact(&self, json: &Json) -> Option<FactRef> {
        self.refs.get(read_count(json)?).cloned()
    }

    fn facts(&self, json: &Json) -> Option<Vec<FactRef>> {
        items(json)?.iter().map(|fact| self.fact(fact)).collect()
    }

    fn movement(&self, json: &Json) -> Option<Movement> {
        let [
            instant,
            kind,
            class,
            quantity,
            value,
            counted_at,
            causes,
            basis,
        ] = items(json)?
        else {
            return None;
        };
        let kind = kind.as_str()?;
        Some(Movement {
            instant: read_instant(instant)?,
            kind: MovementKind::WORDS
                .iter()
                .find(|(word, _)| *word == kind)?
                .1,
            class: class.as_str()?.into(),
            quantity: read_number(quantity)?,
            value: optional(value, |value| value.as_str()?.parse::<Amount>().ok())?,
            counted_at: read_instant(counted_at)?,
            causes: self.facts(causes)?,
            basis: self.bases.get(read_count(basis)?)?.clone(),
        })
    }

    fn attempt(&self, json: &Json) -> Option<Attempt> {
        let [at, act, by] = items(json)? else {
            return None;
        };
        Some(Attempt {
            at: read_instant(at)?,
            act: self.fact(act)?,
            by: word_of(&Authorship::WORDS, by)?,
        })
    }

    fn dispute(&self, json: &Json) -> Option<Disputed> {
        let [raised, cause, decided, verdict] = items(json)? else {
            return None;
        };
        let at = optional(decided, read_instant)?;
        let verdict = optional(verdict, |verdict| word_of(Verdict::WORDS, verdict))?;
        Some(Disputed {
            raised: read_instant(raised)?,
            decided: at.zip(verdict),
            cause: self.fact(cause)?,
        })
    }
}

fn read_refs(json: &Json) -> Option<Vec<FactRef>> {
    let sources = read_texts(json.get("sources")?)?;
    let refs = items(json.get("refs")?)?.iter();
    refs.map(|fact| {
        let [source, id] = items(fact)? else {
            return None;
        };
        let source = sources.get(read_count(source)?)?.clone();
        Some(FactRef {
            source,
            id: id.as_str()?.into(),
        })
    })
    .collect()
}

fn read_basis(json: &Json) -> Option<Basis> {
    let [confidence, review, headers, decided_by] = items(json)? else {
        return None;
    };
    Some(Basis {
        confidence: optional(confidence, read_number)?,
        review: optional(review, |review| review.as_str().map(str::to_owned))?,
        headers: read_headers(headers)?,
        decided_by: word_of(&Authorship::WORDS, decided_by)?,
    })
}

fn read_state(json: &Json) -> Option<(Timestamp, State)> {
    let [since, word, what] = items(json)? else {
        return None;
    };
    let what = optional(what, Json::as_str)?;
    let state = match (word.as_str()?, what) {
        ("pending", None) => State::Pending,
        ("counted", Some(class)) => State::Counted(class.into()),
        ("reversed", None) => State::Reversed,
        ("not_counted", Some(reason)) => State::NotCounted(
            NotCounted::ALL
                .into_iter()
                .find(|known| known.name() == reason)?,
        ),
        _ => return None,
    };
    Some((read_instant(since)?, state))
}

fn read_headers(json: &Json) -> Option<Headers> {
    let Json::Object(members) = json else {
        return None;
    };
    let mut headers = Headers::default();
    for (name, value) in members {
        headers.set(Header::from_name(name)?, value.as_str()?);
    }
    Some(headers)
}

fn items(json: &Json) -> Option<&[Json]> {
    match json {
        Json::Array(items) => Some(items),
        _ => None,
    }
}

fn read_instant(json: &Json) -> Option<Timestamp> {
    json.as_str()?.parse().ok()
}

fn read_number(json: &Json) -> Option<Decimal> {
    json.as_str()?.parse().ok()
}

fn read_count(json: &Json) -> Option<usize> {
    match json {
        Json::Number(text) => text.parse().ok(),
        _ => None,
    }
}

fn read_texts(json: &Json) -> Option<Vec<SmolStr>> {
    items(json)?
        .iter()
        .map(|text| text.as_str().map(SmolStr::new))
        .collect()
}

/// `Some(None)` for null, `None` for a value that cannot be read.
fn optional<'j, T>(json: &'j Json, read: impl Fn(&'j Json) -> Option<T>) -> Option<Option<T>> {
    match json {
        Json::Null => Some(None),
        value => read(value).map(Some),
    }
}

fn word_of<T: Copy>(words: &[(&str, T)], json: &Json) -> Option<T> {
    let word = json.as_str()?;
    words
        .iter()
        .find(|(known, _)| *known == word)
        .map(|(_, value)| *value)
}
