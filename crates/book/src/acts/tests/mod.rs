//! Each act once well, once refused, twice under one id, and from two threads at once.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

mod approvals;
mod checks;
mod closes;
mod contracts;
mod covers;
mod facts;
mod margins;
mod money;
mod opening;
mod quotes;
mod runs;
mod statements;

use std::sync::{Arc, Barrier};
use std::thread;

use jiff::Timestamp;
use tempfile::TempDir;
use work::body::{AnswerKind, Body};
use work::event::Authorship;
use work::{Event, Header, Headers, LogKind};
use zeroize::Zeroizing;

use super::{About, Acted, Sign};
use crate::config::Config;
use crate::error::Refused;
use crate::{Book, Error, Result, presets};

/// A book in a temporary directory.
struct Desk {
    book: Book,
    _directory: TempDir,
}

fn at(text: &str) -> Timestamp {
    format!("2026-{text}:00Z").parse().unwrap()
}

/// When January is over, and whatever was answered in it counts.
fn now() -> Timestamp {
    at("02-03T09:00")
}

impl Desk {
    /// A book without a customer. One resolved conversation is 0.99 USD.
    fn empty() -> Desk {
        Desk::of(|_| {})
    }

    /// The same, where the configuration says otherwise.
    fn of(differs: impl FnOnce(&mut Config)) -> Desk {
        let directory = tempfile::tempdir().unwrap();
        let preset = presets::find("fin-style").unwrap();
        let mut config = Config::of_preset(preset, &directory.path().join("book"));
        differs(&mut config);
        let random = Arc::new(|| Ok(Zeroizing::new([7; 32])));
        let book = Book::create(config, random, now()).unwrap();
        Desk {
            book,
            _directory: directory,
        }
    }

    /// A contract with `acme` since January, and one conversation in it.
    fn signed() -> Desk {
        let desk = Desk::empty();
        desk.book.sign(&sign(), now()).unwrap();
        desk.answered("T-1");
        desk
    }

    fn answered(&self, work: &str) {
        self.answered_at(work, "01-05T09:00", now());
    }

    fn answered_at(&self, work: &str, time: &str, now: Timestamp) {
        let mut headers = Headers::default();
        headers.set(Header::Conversation, work);
        let about = About {
            customer: "acme",
            work,
            source: "desk",
            at: Some(at(time)),
            headers: &headers,
            id: None,
        };
        let body = Body::Answered {
            kind: AnswerKind::Answer,
            confidence: None,
            review: None,
        };
        let recorded = self
            .book
            .record(&about, Authorship::Seller, vec![body], now);
        assert!(!recorded.unwrap()[0].is_known);
    }

    /// A model call for a work, as it was billed.
    fn costs(&self, work: &str, amount: &str) {
        let text = format!(
            r#"{{"specversion":"1.0","id":"cost-{work}","source":"meter","type":"piecework.cost.recorded.v1","subject":"acme","time":"2026-01-05T09:00:00Z","workid":"{work}","data":{{"line":"model","amount":"{amount}"}}}}"#
        );
        let cost = Event::parse(&text).unwrap();
        self.book.write(&[cost], now()).unwrap();
    }

    /// Entries of the customer's seller-only log.
    fn seller(&self) -> u64 {
        self.book.store.head("acme", LogKind::Seller).unwrap()
    }

    /// Entries of the customer's shared log.
    fn entries(&self) -> u64 {
        self.book.store.head("acme", LogKind::Shared).unwrap()
    }

    /// The act refuses, and has changed nothing.
    fn refuses<T: std::fmt::Debug>(&self, act: impl FnOnce(&Book) -> Result<Acted<T>>) -> Error {
        let before = self.entries();
        let error = act(&self.book).unwrap_err();
        assert_eq!(self.entries(), before, "{error}");
        error
    }

    /// The act is done once by this id, whenever it is sent again; what it said is said again.
    fn once<T: std::fmt::Debug + PartialEq>(
        &self,
        act: impl Fn(&Book, Timestamp) -> Acted<T>,
    ) -> T {
        let first = act(&self.book, now());
        assert!(!first.is_known, "{first:?}");
        let after = self.entries();
        let again = act(&self.book, at("02-03T10:00"));
        assert!(again.is_known, "{again:?}");
        assert_eq!(again.what, first.what);
        assert_eq!(self.entries(), after);
        first.what
    }

    /// The act from two threads at the same time.
    fn both<T: Send>(&self, act: impl Fn(&Book) -> Result<T> + Sync) -> [Result<T>; 2] {
        let start = Barrier::new(2);
        thread::scope(|scope| {
            let run = || {
                start.wait();
                act(&self.book)
            };
            let (one, other) = (scope.spawn(run), scope.spawn(run));
            [one.join().unwrap(), other.join().unwrap()]
        })
    }

    /// Of the act from two threads one is done and the other refused.
    fn one_of_both<T: Send>(&self, act: impl Fn(&Book) -> Result<T> + Sync) -> Error {
        let (done, mut refused): (Vec<_>, Vec<_>) =
            self.both(act).into_iter().partition(Result::is_ok);
        assert_eq!((done.len(), refused.len()), (1, 1));
        refused.remove(0).err().unwrap()
    }
}

fn sign<'a>() -> Sign<'a> {
    Sign {
        customer: "acme",
        from: "2026-01-01".parse().unwrap(),
        document: None,
        by: "procurement",
        id: None,
    }
}

#[track_caller]
fn is_other_act(error: &Error) {
    assert!(
        matches!(error, Error::Refused(Refused::OtherAct { .. })),
        "{error:?}"
    );
}
