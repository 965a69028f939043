//! The timeline of a scenario: one line each for what arrives, in the order of arrival.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use work::body::Per;
use work::{Definition, Event, Header, Json};

use super::file::CUSTOMER;
use super::money::Money;
use crate::shorthand;

/// A line.
#[derive(Debug, Clone)]
pub struct Line {
    /// Its number in the timeline, from 1.
    pub number: usize,
    pub arrival: Timestamp,
    pub what: What,
    /// What its refusal says, where it is to be refused.
    pub refused: Option<String>,
}

/// What a line says.
#[derive(Debug, Clone)]
pub enum What {
    /// Facts.
    Events(Vec<Event>),
    /// The fact of an id is taken back.
    Withdraw(String),
    /// Another fact stands in its place.
    Replace(String, Box<Event>),
    /// Of the contents of an id, the n-th is right.
    Choose(String, usize),
    Sign(String),
    /// A document whose numbers enter rating is published.
    Publish(String),
    /// The scenario's opening is put in force.
    Open,
    Amend {
        name: String,
        from: Timestamp,
        reprice: Option<String>,
    },
    End {
        contract: Option<String>,
        from: Timestamp,
    },
    Issue {
        contract: Option<String>,
        cut: Timestamp,
    },
    Void(usize),
    Credit {
        amount: String,
        reason: String,
    },
    CreditStatement {
        component: Option<String>,
        number: usize,
        reason: String,
    },
    Money(Money),
    /// What the customer is sent one document for.
    Covers {
        per: Per,
        from: Date,
    },
    /// The cover of a day and a currency.
    Cover {
        through: Date,
        currency: Option<String>,
    },
    VoidCover(usize),
    PayCover {
        amount: String,
        number: usize,
    },
    Grant(Terms),
    /// Other terms of a grant, and why.
    Regrant(Terms, String),
    VoidGrant(String, String),
}

/// The terms of prepaid credits, as far as a line says them.
#[derive(Debug, Clone, Default)]
pub struct Terms {
    pub grant: String,
    pub amount: Option<String>,
    pub paid: Option<String>,
    pub contract: Option<String>,
    pub priority: Option<u32>,
    pub starts: Option<Timestamp>,
    pub expires: Option<Timestamp>,
    pub components: Vec<String>,
    pub surfaces: Vec<String>,
    pub restore_days: Option<u32>,
}

/// Reads a timeline.
pub fn read(
    text: &str,
    zone: &TimeZone,
    definitions: &[Definition],
    every_event: &str,
) -> Result<Vec<Line>, String> {
    let reader = Reader {
        zone,
        definitions,
        every: words(every_event)?,
    };
    let mut lines: Vec<Line> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        let fault = |error: String| format!("timeline, line {number}: `{}`: {error}", line.trim());
        if let Some(read) = reader.line(number, line).map_err(fault)? {
            if lines.last().is_some_and(|last| last.arrival > read.arrival) {
                return Err(fault(
                    "lines stand in the order of arrival; `arrives` tells an earlier instant"
                        .into(),
                ));
            }
            lines.push(read);
        }
    }
    Ok(lines)
}

/// A local date, or date and time, or an instant with its offset.
pub fn instant(text: &str, zone: &TimeZone) -> Result<Timestamp, String> {
    let text = text.trim().replacen(' ', "T", 1);
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant);
    }
    let local = match text.parse::<DateTime>() {
        Ok(local) => local,
        Err(_) => text
            .parse::<Date>()
            .map_err(|_| format!("`{text}` is neither a date nor a date and a time"))?
            .at(0, 0, 0, 0),
    };
    zone.to_timestamp(local).map_err(|error| error.to_string())
}

struct Reader<'a> {
    zone: &'a TimeZone,
    definitions: &'a [Definition],
    every: Vec<String>,
}

impl Reader<'_> {
    fn line(&self, number: usize, line: &str) -> Result<Option<Line>, String> {
        let mut words = words(line)?;
        if words.is_empty() {
            return Ok(None);
        }
        let refused = match words.iter().position(|word| word == "refused") {
            Some(place) if place + 2 == words.len() => {
                let text = words.pop();
                words.pop();
                text
            }
            _ => None,
        };
        let mut rest = words.as_slice();
        let arrival = self.time(&mut rest)?;
        let mut time = arrival;
        if rest.first().is_some_and(|word| word == "arrives") {
            rest = &rest[1..];
            time = self.time(&mut rest)?;
        }
        let Some((verb, arguments)) = rest.split_first() else {
            return Err("nothing happens".to_owned());
        };
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let what = match (verb.as_str(), arguments.as_slice()) {
            ("json", _) => {
                let (_, raw) = line.split_once("json").unwrap_or_default();
                What::Events(vec![json(raw.trim(), number, time)?])
            }
            ("withdraw", [id]) => What::Withdraw((*id).to_owned()),
            ("choose", [id, which]) => What::Choose((*id).to_owned(), count(which)?),
            ("replace", [id, "by", ..]) => {
                let mut replacement = &rest[3..];
                let time = self.time(&mut replacement)?;
                let mut events = self.facts(number, time, replacement)?;
                match (events.pop(), events.pop()) {
                    (Some(event), None) => What::Replace((*id).to_owned(), Box::new(event)),
                    _ => return Err("one fact stands in the place of one".to_owned()),
                }
            }
            ("sign", [name]) => What::Sign((*name).to_owned()),
            ("publish", [name]) => What::Publish((*name).to_owned()),
            ("open", []) => What::Open,
            ("amend", [name, terms @ ..]) => {
                let (from, terms) = self.from(terms, time)?;
                let reprice = match terms {
                    [] => None,
                    ["reprice", "by", who] => Some((*who).to_owned()),
                    other => return Err(format!("`{}` is not understood", other.join(" "))),
                };
                let name = (*name).to_owned();
                What::Amend {
                    name,
                    from,
                    reprice,
                }
            }
            ("end", terms) => {
                let (contract, terms) = contract(terms);
                let (from, []) = self.from(terms, time)? else {
                    return Err("`end`, `end from DATE`, `end CONTRACT from DATE`".to_owned());
                };
                What::End { contract, from }
            }
            ("issue", terms) => {
                let (contract, terms) = contract(terms);
                let cut = match terms {
                    [] => time,
                    terms => instant(&terms.join(" "), self.zone)?,
                };
                What::Issue { contract, cut }
            }
            ("void", [number]) => What::Void(count(number)?),
            ("credit", ["statement", number, reason]) => What::CreditStatement {
                component: None,
                number: count(number)?,
                reason: (*reason).to_owned(),
            },
            ("credit", [component, "of", number, reason]) => What::CreditStatement {
                component: Some((*component).to_owned()),
                number: count(number)?,
                reason: (*reason).to_owned(),
            },
            ("credit", [amount, reason]) => What::Credit {
                amount: (*amount).to_owned(),
                reason: (*reason).to_owned(),
            },
            ("covers", [per, terms @ ..]) => {
                let words = Per::WORDS.iter().find(|(word, _)| word == per);
                let (_, per) = words.ok_or_else(|| format!("covers are for no `{per}`"))?;
                let from = match terms {
                    [] => arrival.to_zoned(self.zone.clone()).date(),
                    ["from", day] => self.day(day)?,
                    other => return Err(format!("`{}` is not understood", other.join(" "))),
                };
                What::Covers { per: *per, from }
            }
            ("cover", [day, terms @ ..]) => {
                let currency = match terms {
                    [] => None,
                    ["in", currency] => Some((*currency).to_owned()),
                    other => return Err(format!("`{}` is not understood", other.join(" "))),
                };
                let through = self.day(day)?;
                What::Cover { through, currency }
            }
            ("void-cover", [number]) => What::VoidCover(count(number)?),
            ("pay", [amount, "on", "cover", number]) => What::PayCover {
                amount: (*amount).to_owned(),
                number: count(number)?,
            },
            ("grant", [name, amount, terms @ ..]) => {
                What::Grant(self.terms(name, Some(amount), terms)?)
            }
            ("regrant", [name, terms @ .., reason]) => {
                What::Regrant(self.terms(name, None, terms)?, (*reason).to_owned())
            }
            ("void-grant", [name, reason]) => {
                What::VoidGrant((*name).to_owned(), (*reason).to_owned())
            }
            (verb, arguments) => match Money::read(verb, arguments) {
                Some(money) => What::Money(money),
                None => What::Events(self.facts(number, time, rest)?),
            },
        };
        Ok(Some(Line {
            number,
            arrival,
            what,
            refused,
        }))
    }

    /// `amount 100.00 from DATE until DATE priority 1 paid 90.00 for cases,calls`.
    fn terms(&self, name: &str, amount: Option<&str>, terms: &[&str]) -> Result<Terms, String> {
        let mut read = Terms {
            grant: name.to_owned(),
            amount: amount.map(str::to_owned),
            ..Terms::default()
        };
        let list = |text: &str| text.split(',').map(str::to_owned).collect();
        for pair in terms.chunks(2) {
            let [key, value] = pair else {
                return Err(format!("`{}` says nothing", pair.join(" ")));
            };
            match *key {
                "amount" => read.amount = Some((*value).to_owned()),
                "paid" => read.paid = Some((*value).to_owned()),
                "of" => read.contract = Some((*value).to_owned()),
                "priority" => read.priority = u32::try_from(count(value)?).ok(),
                "restore" => read.restore_days = u32::try_from(count(value)?).ok(),
                "from" => read.starts = Some(instant(value, self.zone)?),
                "until" => read.expires = Some(instant(value, self.zone)?),
                "for" => read.components = list(value),
                "surfaces" => read.surfaces = list(value),
                other => return Err(format!("`{other}` is no term of a grant")),
            }
        }
        Ok(read)
    }

    fn day(&self, text: &str) -> Result<Date, String> {
        let day = text.parse();
        day.map_err(|_| format!("`{text}` is no day"))
    }

    /// The date, and the time where there is one.
    fn time(&self, words: &mut &[String]) -> Result<Timestamp, String> {
        let (date, rest) = words.split_first().ok_or("a date is missing")?;
        *words = rest;
        let is_time = |word: &String| {
            word.len() >= 5
                && word.as_bytes()[2] == b':'
                && word.as_bytes()[..2].iter().all(u8::is_ascii_digit)
        };
        match rest.first().filter(|word| is_time(word)) {
            Some(time) => {
                *words = &rest[1..];
                instant(&format!("{date} {time}"), self.zone)
            }
            None => instant(date, self.zone),
        }
    }

    /// `from DATE [TIME]`, or the time of the line.
    fn from<'w>(
        &self,
        terms: &'w [&'w str],
        time: Timestamp,
    ) -> Result<(Timestamp, &'w [&'w str]), String> {
        let Some(("from", rest)) = terms.split_first().map(|(word, rest)| (*word, rest)) else {
            return Ok((time, terms));
        };
        let words: Vec<String> = rest.iter().map(|word| (*word).to_owned()).collect();
        let mut left = words.as_slice();
        let from = self.time(&mut left)?;
        Ok((from, &rest[rest.len() - left.len()..]))
    }

    /// Facts: of a work, of usage, of a seat; many where the line says so.
    fn facts(
        &self,
        number: usize,
        time: Timestamp,
        words: &[String],
    ) -> Result<Vec<Event>, String> {
        let (words, times) = match words {
            [head @ .., x, n] if x == "x" => (head, count(n)?),
            words => (words, 1),
        };
        let (names, rest): (Vec<Option<String>>, Vec<String>) = match words {
            [verb, meter, quantity, rest @ ..] if verb == "usage" => {
                let mut parts = vec!["usage.recorded".to_owned(), format!("meter={meter}")];
                let bare = !quantity.contains('=');
                parts.push(if bare {
                    format!("quantity={quantity}")
                } else {
                    quantity.clone()
                });
                parts.extend_from_slice(rest);
                (vec![None], parts)
            }
            [verb, seat, change, rest @ ..]
                if verb == "seat" && matches!(change.as_str(), "assigned" | "released") =>
            {
                let mut parts = vec![format!("seat.{change}")];
                parts.extend_from_slice(rest);
                (names(seat)?, parts)
            }
            [name, kind, rest @ ..] => {
                let mut parts = vec![kind.clone()];
                parts.extend_from_slice(rest);
                (names(name)?, parts)
            }
            _ => return Err("nothing is understood of it".to_owned()),
        };
        let many = names.len() * times > 1;
        let mut events = Vec::new();
        for name in &names {
            for _ in 0..times {
                let mut id = format!("{number:03}");
                let mut parts = rest.clone();
                let mut source = None;
                parts.retain(|part| match part.split_once('=') {
                    Some(("id", own)) => {
                        own.clone_into(&mut id);
                        false
                    }
                    Some(("src", own)) => {
                        source = Some(own.to_owned());
                        false
                    }
                    _ => true,
                });
                if many {
                    id = format!("{id}-{:03}", events.len() + 1);
                }
                let mut event = self.event(time, name.as_deref(), parts)?;
                event.id = id.into();
                event.source = source.unwrap_or_else(|| "desk".to_owned()).into();
                event.customer = CUSTOMER.into();
                events.push(event);
            }
        }
        Ok(events)
    }

    /// One fact, by the shorthand of stories.
    fn event(
        &self,
        time: Timestamp,
        name: Option<&str>,
        mut parts: Vec<String>,
    ) -> Result<Event, String> {
        let kind = parts[0].clone();
        let has = |parts: &[String], key: &str| {
            parts
                .iter()
                .any(|part| part.split_once('=').is_some_and(|(own, _)| own == key))
        };
        let mut definition = &self.definitions[0];
        if kind.starts_with("seat.") {
            parts.push(format!("seat={}", name.unwrap_or_default()));
        } else if let Some(name) = name {
            let named = match name.split_once('=') {
                Some(_) => name.to_owned(),
                None => format!("{}={name}", self.key()?.name()),
            };
            let named_by = named
                .split_once('=')
                .and_then(|(key, _)| Header::from_name(key));
            let keyed = |own: &&Definition| {
                named_by.is_some_and(|header| own.one_per.key.as_slice().contains(&header))
            };
            definition = self.definitions.iter().find(keyed).unwrap_or(definition);
            parts.push(named);
            for extra in &self.every {
                let key = extra.split_once('=').map_or(extra.as_str(), |(key, _)| key);
                if !has(&parts, key) {
                    parts.push(extra.clone());
                }
            }
        }
        let local = time.to_zoned(TimeZone::UTC);
        let mut line = vec![
            local.strftime("%F").to_string(),
            local.strftime("%H:%M:%S%.f").to_string(),
        ];
        line.append(&mut parts);
        // What does not parse is a mistake of the scenario, told with its line.
        let read =
            std::panic::catch_unwind(|| shorthand::event(&line, 0, definition, &TimeZone::UTC));
        read.map_err(|_| "it is no event; see the message above".to_owned())
    }

    /// The header that names a work.
    fn key(&self) -> Result<Header, String> {
        let mut keys: Vec<Header> = self
            .definitions
            .iter()
            .filter_map(|definition| definition.one_per.key.as_slice().first().copied())
            .collect();
        keys.sort();
        keys.dedup();
        match keys.as_slice() {
            [key] => Ok(*key),
            keys => {
                let names: Vec<&str> = keys.iter().map(|key| key.name()).collect();
                Err(format!(
                    "say what the work is named by, e.g. `{}=7`: the definitions count by {}",
                    names[0],
                    names.join(", ")
                ))
            }
        }
    }
}

/// `CONTRACT ...`, where the first word is no date and no `from`.
fn contract<'w>(terms: &'w [&'w str]) -> (Option<String>, &'w [&'w str]) {
    match terms {
        [name, rest @ ..] if *name != "from" && !name.starts_with(|c: char| c.is_ascii_digit()) => {
            (Some((*name).to_owned()), rest)
        }
        terms => (None, terms),
    }
}

fn count(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| format!("`{text}` is no count"))
}

/// `case-1..50` is fifty names; any other name is itself.
fn names(text: &str) -> Result<Vec<Option<String>>, String> {
    let Some((first, last)) = text.split_once("..") else {
        return Ok(vec![Some(text.to_owned())]);
    };
    let prefix = first.trim_end_matches(|c: char| c.is_ascii_digit());
    let (from, to) = (count(&first[prefix.len()..])?, count(last)?);
    Ok((from..=to)
        .map(|number| Some(format!("{prefix}{number}")))
        .collect())
}

/// An event in JSON; the envelope is filled where it says nothing.
fn json(raw: &str, number: usize, time: Timestamp) -> Result<Event, String> {
    let Json::Object(mut members) = Json::parse(raw).map_err(|error| error.to_string())? else {
        return Err("an event is an object".to_owned());
    };
    for (key, value) in [
        ("specversion", "1.0".to_owned()),
        ("id", format!("{number:03}")),
        ("source", "desk".to_owned()),
        ("subject", CUSTOMER.to_owned()),
        ("time", time.to_string()),
    ] {
        if !members.iter().any(|(own, _)| own == key) {
            members.push((key.into(), Json::text(value)));
        }
    }
    Event::from_json(&Json::Object(members)).map_err(|error| error.to_string())
}

/// The words of a line; quotes of either kind keep spaces, `#` begins a remark.
fn words(line: &str) -> Result<Vec<String>, String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    if line.split_whitespace().any(|word| word == "json") {
        return Ok(line.split_whitespace().map(str::to_owned).collect());
    }
    for c in line.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '#') if word.is_none() => break,
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    match quote {
        Some(quote) => Err(format!("a {quote} is not closed")),
        None => Ok(words),
    }
}
