//! [`Draws`]: which samples a log can hold, told from its entries in order.
//!
//! `docs/reference/proof-file.md` section 7, the nonces: the j-th statement issued behind an anchor has
//! the j-th value of its chain, whether it is drawn from or not. The verifier asks it of a finished log
//! and the book asks it of a draw before it becomes an entry, so what one lets in the other accepts.
//! Not here: which works are drawn ([`crate::population`]). Invariant: what is refused changes nothing.

use std::collections::HashMap;

use tlog::Hash;
use work::body::{Assurance, Body, Draw};
use work::{Digest, Event};

use crate::issued::Issued;
use crate::nonce;
use crate::sample::{Seed, Source};

/// The draws of a log so far, and what the next may be.
#[derive(Debug, Clone, Default)]
pub struct Draws {
    /// In the order of the log.
    statements: Vec<Issued>,
    /// In the order of the log.
    chains: Vec<Chain>,
    /// The nonce of the draws from a statement, by the position of its entry.
    nonces: HashMap<u64, Option<Digest>>,
}

/// A buyer's chain of nonces, for the statements behind its anchor and before the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// Position of the entry that anchors it.
    pub entry: u64,
    /// Its last value, which the buyer committed to.
    pub anchor: Digest,
    /// How many values it has before the anchor.
    pub length: u32,
    /// How many statements were issued under it: more than `length`, where it is too short.
    pub statements: u64,
    /// The values before the anchor, backwards, as far as a draw showed them: so that however many draws
    /// there are, each value is hashed once.
    shown: Vec<Digest>,
}

/// Which value is a statement's: the `number`-th before the anchor of `chain`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// The statement's chain.
    pub chain: Chain,
    /// From 1 on; more than the chain's length where the statement has no value.
    pub number: u64,
}

/// A draw, and the statement that it is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing {
    /// Position of the draw's entry.
    pub entry: u64,
    /// The draw.
    pub draw: Draw,
    /// The statement.
    pub issued: Issued,
}

/// Why a log cannot hold a draw, or an anchor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DrawError {
    /// An anchor without the buyer's signature.
    #[error("the anchor of a chain of nonces is the buyer's, and not signed")]
    Unsigned,
    /// There is no such statement yet.
    #[error("no statement `{0}` was issued before it")]
    NoStatement(String),
    /// Another nonce than that of the statement's first draw.
    #[error("`{0}` was drawn from before, with another nonce: one statement has one")]
    OtherNonce(String),
    /// A nonce and no chain.
    #[error("it has a nonce, and the buyer anchored no chain of nonces before `{0}` was issued")]
    NoChain(String),
    /// More statements than values.
    #[error(
        "it has a nonce, and `{statement}` has none: it is statement {number} under a chain of {length} \
         nonces"
    )]
    ChainEnded {
        /// The statement's number.
        statement: String,
        /// Which statement behind the anchor it is.
        number: u64,
        /// How many values the chain has.
        length: u32,
    },
    /// Not the statement's value.
    #[error(
        "its nonce is not that of `{statement}`, which is number {number} of the buyer's chain"
    )]
    NotItsNonce {
        /// The statement's number.
        statement: String,
        /// Which value of the chain it has.
        number: u64,
    },
}

impl Draws {
    /// Takes the next entry; of a draw, with the statement that it is from.
    ///
    /// # Errors
    /// [`DrawError`] where the log cannot hold it.
    pub fn take(&mut self, entry: u64, event: &Event) -> Result<Option<Drawing>, DrawError> {
        match &event.body {
            Body::Assurance(Assurance::SampleAnchored { anchor, length, .. }) => {
                if event.signature.is_none() {
                    return Err(DrawError::Unsigned);
                }
                self.chains.push(Chain {
                    entry,
                    anchor: *anchor,
                    length: *length,
                    statements: 0,
                    shown: Vec::new(),
                });
                Ok(None)
            }
            Body::Assurance(Assurance::SampleDrawn(draw)) => {
                let issued = self.admit(&draw.statement, draw.nonce)?.clone();
                Ok(Some(Drawing {
                    entry,
                    draw: draw.clone(),
                    issued,
                }))
            }
            _ => {
                if let Some(issued) = Issued::of(entry, event) {
                    self.statements.push(issued);
                    if let Some(chain) = self.chains.last_mut() {
                        chain.statements += 1;
                    }
                }
                Ok(None)
            }
        }
    }

    /// The statement issued under a number: the first, where there are several.
    #[must_use]
    pub fn statement(&self, number: &str) -> Option<&Issued> {
        self.statements.iter().find(|own| own.number == number)
    }

    /// Which value is that of the statement issued by the entry at `issued`; `None` where no chain was
    /// anchored before it.
    #[must_use]
    pub fn turn(&self, issued: u64) -> Option<Turn> {
        let (place, number) = self.place(issued)?;
        let chain = self.chains[place].clone();
        Some(Turn { chain, number })
    }

    /// The statement whose value this is, if any statement so far has it.
    #[must_use]
    pub fn owner(&self, value: &Digest) -> Option<&Issued> {
        self.chains.iter().find_map(|chain| {
            let number = chain.number(value)?;
            if number > chain.statements {
                return None;
            }
            self.behind(chain).get(usize::try_from(number).ok()? - 1)
        })
    }

    /// The nonce of the draws from a statement; `None` where nothing was drawn from it.
    #[must_use]
    pub fn nonce(&self, issued: &Issued) -> Option<Option<Digest>> {
        self.nonces.get(&issued.index).copied()
    }

    fn admit(&mut self, number: &str, nonce: Option<Digest>) -> Result<&Issued, DrawError> {
        let place = self.statements.iter().position(|own| own.number == number);
        let place = place.ok_or_else(|| DrawError::NoStatement(number.to_owned()))?;
        let index = self.statements[place].index;
        match self.nonces.get(&index) {
            Some(first) if *first == nonce => {}
            Some(_) => return Err(DrawError::OtherNonce(number.to_owned())),
            None => {
                if let Some(value) = &nonce {
                    let turn = self.place(index);
                    let (chain, turn) =
                        turn.ok_or_else(|| DrawError::NoChain(number.to_owned()))?;
                    self.chains[chain].show(value, turn, number)?;
                }
                self.nonces.insert(index, nonce);
            }
        }
        Ok(&self.statements[place])
    }

    /// The place of the chain of the statement issued by an entry, and the number of its value.
    fn place(&self, issued: u64) -> Option<(usize, u64)> {
        let before = self.chains.partition_point(|chain| chain.entry < issued);
        let place = before.checked_sub(1)?;
        let behind = self.behind(&self.chains[place]);
        let number = behind.partition_point(|own| own.index <= issued);
        Some((place, number as u64))
    }

    /// The statements behind an anchor, also those behind the next one.
    fn behind(&self, chain: &Chain) -> &[Issued] {
        let before = self
            .statements
            .partition_point(|own| own.index <= chain.entry);
        &self.statements[before..]
    }
}

impl Turn {
    /// Whether the statement has a value: whether the chain reaches it.
    #[must_use]
    pub fn has_value(&self) -> bool {
        self.chain.reaches(self.number)
    }
}

impl Chain {
    fn reaches(&self, number: u64) -> bool {
        (1..=u64::from(self.length)).contains(&number)
    }

    /// Which value of the chain, if it is one: the number of steps to the anchor.
    fn number(&self, value: &Digest) -> Option<u64> {
        let mut value = *value;
        (1..=u64::from(self.length)).find(|_| {
            value = nonce::next(&value);
            value == self.anchor
        })
    }

    /// Takes the value of the `number`-th statement.
    fn show(&mut self, value: &Digest, number: u64, statement: &str) -> Result<(), DrawError> {
        let statement = statement.to_owned();
        if !self.reaches(number) {
            return Err(DrawError::ChainEnded {
                statement,
                number,
                length: self.length,
            });
        }
        let wrong = DrawError::NotItsNonce { statement, number };
        let steps = usize::try_from(number).unwrap_or(usize::MAX); // at most `length`, by the lines above
        if let Some(own) = self.shown.get(steps - 1) {
            return if own == value { Ok(()) } else { Err(wrong) };
        }
        let mut fresh = vec![*value];
        let mut next = nonce::next(value);
        for _ in self.shown.len() + 1..steps {
            fresh.push(next);
            next = nonce::next(&next);
        }
        if next != *self.shown.last().unwrap_or(&self.anchor) {
            return Err(wrong);
        }
        self.shown.extend(fresh.into_iter().rev());
        Ok(())
    }
}

/// The seed of the draws from a statement; `root` is of the head of [`Issued::head_size`] entries.
#[must_use]
pub fn seed(
    origin: &str,
    root: Hash,
    issued: &Issued,
    stratum: &str,
    nonce: Option<Digest>,
) -> Seed {
    Seed::of(&Source {
        origin,
        size: issued.head_size(),
        root,
        coverage: issued.coverage,
        stratum,
        nonce,
    })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use work::body::{Control, SampleMethod};
    use work::event::{Authorship, PIECEWORK};
    use work::{Headers, Signature};

    use super::*;

    fn event(body: Body) -> Event {
        Event {
            id: "x".into(),
            source: PIECEWORK.into(),
            customer: "acme".into(),
            time: Timestamp::UNIX_EPOCH,
            work: None,
            traceparent: None,
            signature: None,
            authorship: Authorship::Seller,
            headers: Headers::default(),
            body,
        }
    }

    fn issued(number: &str) -> Event {
        event(Body::Control(Control::StatementIssued {
            contract: "c".to_owned(),
            cut: Timestamp::UNIX_EPOCH,
            revision: 1,
            number: number.to_owned(),
            coverage: 1,
            body: Digest::of(b""),
            carry: Digest::of(b""),
            parts: 0,
            cells_digest: Digest::of(b""),
            by: "finance".to_owned(),
        }))
    }

    fn drawn(statement: &str, nonce: Option<Digest>) -> Event {
        event(Body::Assurance(Assurance::SampleDrawn(Draw {
            sample: "s".to_owned(),
            statement: statement.to_owned(),
            method: SampleMethod::BottomK,
            stratum: "all".to_owned(),
            size: 1,
            nonce,
            seed: Digest::of(b""),
            items: Vec::new(),
            by: "audit".to_owned(),
        })))
    }

    fn anchored(steps: u32) -> Event {
        let anchor = value(steps);
        let mut event = event(Body::Assurance(Assurance::SampleAnchored {
            anchor,
            length: steps,
            by: "audit".to_owned(),
        }));
        event.signature = Some(Box::new(Signature {
            signer: "buyer".to_owned(),
            value: [0; 64],
        }));
        event
    }

    fn value(steps: u32) -> Digest {
        nonce::after(Digest::from_bytes([0; 32]), steps)
    }

    /// A log of these entries, all of which it can hold.
    fn log(entries: &[Event]) -> Draws {
        let mut draws = Draws::default();
        for (entry, event) in (0..).zip(entries) {
            draws.take(entry, event).unwrap();
        }
        draws
    }

    fn other(statement: &str, number: u64) -> Result<bool, DrawError> {
        Err(DrawError::NotItsNonce {
            statement: statement.to_owned(),
            number,
        })
    }

    #[test]
    fn the_jth_statement_behind_an_anchor_has_the_jth_value() {
        let entries = [anchored(3), issued("1"), issued("2"), issued("3")];
        // In whatever order they are drawn from, and whether the ones between are or not.
        for order in [[1, 2, 3], [3, 2, 1], [2, 3, 1], [2, 1, 3]] {
            let mut draws = log(&entries);
            let mut take = |number: u32, steps: u32| {
                let draw = drawn(&number.to_string(), Some(value(steps)));
                draws.take(9, &draw).map(|own| own.is_some())
            };
            for number in order {
                for steps in (0..=3).filter(|steps| *steps != 3 - number) {
                    let wanted = other(&number.to_string(), u64::from(number));
                    assert_eq!(take(number, steps), wanted, "{order:?} {number} {steps}");
                }
                assert_eq!(take(number, 3 - number), Ok(true), "{order:?} {number}");
            }
        }
    }

    #[test]
    fn all_draws_from_a_statement_have_the_nonce_of_the_first() {
        let mut draws = log(&[anchored(2), issued("1"), issued("2")]);
        let mut take = |event: &Event| draws.take(9, event).map(|own| own.is_some());
        assert_eq!(take(&drawn("2", Some(value(0)))), Ok(true));
        assert_eq!(take(&drawn("2", Some(value(0)))), Ok(true));
        let again = Err(DrawError::OtherNonce("2".to_owned()));
        assert_eq!(take(&drawn("2", None)), again);
        assert_eq!(take(&drawn("2", Some(value(1)))), again);
        assert_eq!(take(&drawn("1", None)), Ok(true));
        let after_none = Err(DrawError::OtherNonce("1".to_owned()));
        assert_eq!(take(&drawn("1", Some(value(1)))), after_none);
        let two = draws.statement("2").unwrap();
        assert_eq!(draws.nonce(two), Some(Some(value(0))));
    }

    #[test]
    fn a_statement_behind_the_chains_end_has_no_nonce() {
        let mut draws = log(&[anchored(1), issued("1"), issued("2")]);
        let ended = Err(DrawError::ChainEnded {
            statement: "2".to_owned(),
            number: 2,
            length: 1,
        });
        for nonce in [value(0), value(1), Digest::of(b"before")] {
            assert_eq!(draws.take(9, &drawn("2", Some(nonce))), ended);
        }
        let turn = draws.turn(2).unwrap();
        assert_eq!((turn.number, turn.chain.statements), (2, 2));
        assert!(!turn.has_value() && draws.turn(1).unwrap().has_value());
        assert!(draws.take(9, &drawn("2", None)).is_ok());
        assert!(draws.take(9, &drawn("1", Some(value(0)))).is_ok());
    }

    #[test]
    fn a_nonce_needs_an_anchor_before_the_statement() {
        let nonce = Some(value(1));
        let refused = |entries: &[Event]| log(entries).take(9, &drawn("1", nonce)).unwrap_err();
        assert_eq!(
            refused(&[]),
            DrawError::NoStatement("1".to_owned()),
            "a statement that is not there yet"
        );
        let none = DrawError::NoChain("1".to_owned());
        assert_eq!(refused(&[issued("1")]), none);
        assert_eq!(refused(&[issued("1"), anchored(2)]), none);
        let mut unsigned = anchored(2);
        unsigned.signature = None;
        assert_eq!(log(&[]).take(0, &unsigned), Err(DrawError::Unsigned));
    }

    #[test]
    fn a_later_anchor_is_for_the_statements_behind_it() {
        let entries = [
            issued("0"),
            anchored(2),
            issued("1"),
            anchored(5),
            issued("2"),
            issued("3"),
        ];
        let mut draws = log(&entries);
        let turn = |entry| draws.turn(entry).map(|own| (own.chain.entry, own.number));
        assert_eq!(
            [turn(0), turn(2), turn(4), turn(5)],
            [None, Some((1, 1)), Some((3, 1)), Some((3, 2))]
        );
        let served = |entry| draws.turn(entry).map(|own| own.chain.statements);
        assert_eq!([served(2), served(4)], [Some(1), Some(2)]);
        let owner = |steps| draws.owner(&value(steps)).map(|own| own.number.as_str());
        assert_eq!(
            [owner(1), owner(4), owner(3)],
            [Some("1"), Some("2"), Some("3")]
        );
        // Number 2 of the first chain and 5 of the second; 3 of the second; an anchor.
        assert_eq!([owner(0), owner(2), owner(5)], [None, None, None]);
        let mut take = |statement: &str, steps| {
            let draw = drawn(statement, Some(value(steps)));
            draws.take(9, &draw).map(|own| own.is_some())
        };
        assert_eq!(take("1", 4), other("1", 1));
        assert_eq!(take("1", 1), Ok(true));
        assert_eq!(take("3", 3), Ok(true));
        assert_eq!(take("2", 4), Ok(true));
    }
}
