//! [`Vector`]: a log, and what is drawn up from how much of it.

use std::ops::{Deref, DerefMut};

use piecework_pricing::Statement;
use piecework_pricing::statement::draw_up;
use work::body::{Action, Body};
use work::{Event, Headers, Json};

use crate::recompute::{self, Case};
use crate::support::{Book, CONTRACT, CUSTOMER, at};

/// One file of vectors.
pub struct Vector {
    pub name: &'static str,
    pub rules: &'static str,
    about: &'static str,
    book: Book,
    expected: Vec<(usize, Statement)>,
}

impl Deref for Vector {
    type Target = Book;

    fn deref(&self) -> &Book {
        &self.book
    }
}

impl DerefMut for Vector {
    fn deref_mut(&mut self) -> &mut Book {
        &mut self.book
    }
}

impl Vector {
    pub fn new(name: &'static str, rules: &'static str, about: &'static str, book: Book) -> Vector {
        Vector {
            name,
            rules,
            about,
            book,
            expected: Vec::new(),
        }
    }

    /// Expects the statement of a cut.
    pub fn expect(&mut self, cut: &str) {
        self.expect_of(CONTRACT, cut);
    }

    /// Expects the statement of another contract.
    pub fn expect_of(&mut self, contract: &str, cut: &str) {
        let statement = draw_up(CUSTOMER, &self.contents, None, contract, at(cut));
        let statement = statement.unwrap_or_else(|error| panic!("{}: {error}", self.name));
        self.expected.push((self.contents.len(), statement));
    }

    /// Expects the statement of a cut, and issues it.
    pub fn issues(&mut self, cut: &str) {
        self.expect(cut);
        self.issue(cut);
    }

    /// The same, cut by cut.
    pub fn issues_all(&mut self, cuts: &[&str]) {
        for cut in cuts {
            self.issues(cut);
        }
    }

    /// The file: what it is about, the entries as they are stored, and what they give.
    pub fn file(&self) -> String {
        let case = Case {
            name: self.name,
            rules: self.rules,
            about: self.about,
            customer: CUSTOMER,
        };
        // What comes behind the last statement drawn, its own issue, decides nothing.
        let used = self.expected.iter().map(|(coverage, _)| *coverage).max();
        let used = &self.contents[..used.unwrap_or_default()];
        // Every event arrives a quarter of a second after it happened.
        let later = jiff::SignedDuration::from_millis(250);
        let received: Vec<_> = used.iter().map(|own| own.event.time + later).collect();
        let expected = self.expected.iter();
        let expected: Vec<_> = expected.map(|(coverage, own)| (*coverage, own)).collect();
        recompute::file(&case, used, &received, &expected)
    }
}

/// A correction of an event.
pub fn correct(
    id: &str,
    time: &str,
    target: &Event,
    action: Action,
    replacement: Option<&Event>,
) -> Event {
    Event {
        id: id.into(),
        time: at(time),
        work: None,
        headers: Headers::default(),
        body: Body::Corrected {
            target_source: target.source.clone(),
            target_id: target.id.clone(),
            target_digest: target.digest(),
            target_kind: target.body.tag(),
            action,
            replacement: replacement.map(|event| Box::new(event.clone())),
            reason: None,
        },
        ..target.clone()
    }
}

/// An event from the members that its envelope and `data` have beside the usual ones.
pub fn json(time: &str, kind: &str, id: &str, envelope: &str, data: &str) -> Event {
    let text = format!(
        "{{\"specversion\":\"1.0\",\"id\":{},\"source\":\"desk\",\"type\":\"piecework.{kind}.v1\",\
         \"subject\":\"{CUSTOMER}\",\"time\":\"{}\"{envelope},\"data\":{{{data}}}}}",
        Json::text(id).to_canonical(),
        at(time),
    );
    Event::parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"))
}
