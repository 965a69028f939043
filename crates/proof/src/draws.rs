//! [`Draws`]: which samples a log can hold, told from its entries in order.
//!
//! `docs/reference/proof-file.md` section 7, the nonces: one chain at a time, anchored before the
//! statement; one value for each statement, in the order of the chain. The verifier asks it of a
//! finished log and the book asks it of a draw before it becomes an entry, so what one lets in the
//! other accepts. Not here: which works are drawn ([`crate::population`]). Invariant: what is refused
//! changes nothing.

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
    statements: Vec<Issued>,
    chain: Option<Chain>,
    /// The nonce of the draws from a statement, by the position of its entry.
    nonces: HashMap<u64, Option<Digest>>,
}

/// A buyer's chain of nonces, as far as a log reveals it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chain {
    /// Position of the entry that anchors it.
    pub entry: u64,
    /// Its last value, which the buyer committed to.
    pub anchor: Digest,
    /// The value revealed last, or the anchor.
    pub last: Digest,
    /// How many values it has before the anchor.
    pub length: u32,
    /// How many of them are not revealed.
    pub left: u32,
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
    #[error("it has a nonce, and the buyer anchored no chain of nonces")]
    NoChain,
    /// A chain anchored too late.
    #[error(
        "the chain of nonces was anchored (entry {anchored}) after the statement `{statement}` was \
         issued"
    )]
    AnchoredLate {
        /// Position of the anchor's entry.
        anchored: u64,
        /// The statement's number.
        statement: String,
    },
    /// Not a value of the chain, or not its turn.
    #[error("its nonce is not the next of the buyer's chain")]
    NotNext,
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
                self.chain = Some(Chain {
                    entry,
                    anchor: *anchor,
                    last: *anchor,
                    length: *length,
                    left: *length,
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
                self.statements.extend(Issued::of(entry, event));
                Ok(None)
            }
        }
    }

    /// The statement issued under a number: the first, where there are several.
    #[must_use]
    pub fn statement(&self, number: &str) -> Option<&Issued> {
        self.statements.iter().find(|own| own.number == number)
    }

    /// The chain that counts now.
    #[must_use]
    pub fn chain(&self) -> Option<&Chain> {
        self.chain.as_ref()
    }

    /// The nonce of the draws from a statement; `None` where nothing was drawn from it.
    #[must_use]
    pub fn nonce(&self, issued: &Issued) -> Option<Option<Digest>> {
        self.nonces.get(&issued.index).copied()
    }

    fn admit(&mut self, number: &str, nonce: Option<Digest>) -> Result<&Issued, DrawError> {
        let place = self.statements.iter().position(|own| own.number == number);
        let place = place.ok_or_else(|| DrawError::NoStatement(number.to_owned()))?;
        let issued = &self.statements[place];
        match self.nonces.get(&issued.index) {
            Some(first) if *first == nonce => {}
            Some(_) => return Err(DrawError::OtherNonce(number.to_owned())),
            None => {
                if let Some(value) = &nonce {
                    let chain = self.chain.as_mut().ok_or(DrawError::NoChain)?;
                    chain.reveal(value, issued)?;
                }
                self.nonces.insert(issued.index, nonce);
            }
        }
        Ok(issued)
    }
}

impl Chain {
    fn reveal(&mut self, value: &Digest, issued: &Issued) -> Result<(), DrawError> {
        if self.entry >= issued.index {
            return Err(DrawError::AnchoredLate {
                anchored: self.entry,
                statement: issued.number.clone(),
            });
        }
        if self.left == 0 || nonce::next(value) != self.last {
            return Err(DrawError::NotNext);
        }
        self.last = *value;
        self.left -= 1;
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
            id: "x".to_owned(),
            source: PIECEWORK.to_owned(),
            customer: "acme".to_owned(),
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
        event.signature = Some(Signature {
            signer: "buyer".to_owned(),
            value: [0; 64],
        });
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

    #[test]
    fn each_statement_reveals_the_value_before() {
        let mut draws = log(&[anchored(2), issued("1"), issued("2"), issued("3")]);
        let take = |draws: &mut Draws, event: &Event| draws.take(9, event).map(|own| own.is_some());
        assert_eq!(
            take(&mut draws, &drawn("2", Some(value(0)))),
            Err(DrawError::NotNext)
        );
        assert_eq!(take(&mut draws, &drawn("2", Some(value(1)))), Ok(true));
        assert_eq!(draws.chain().unwrap().left, 1);
        assert_eq!(
            take(&mut draws, &drawn("1", Some(value(1)))),
            Err(DrawError::NotNext)
        );
        assert_eq!(take(&mut draws, &drawn("2", Some(value(1)))), Ok(true));
        let again = Err(DrawError::OtherNonce("2".to_owned()));
        assert_eq!(take(&mut draws, &drawn("2", None)), again);
        assert_eq!(take(&mut draws, &drawn("2", Some(value(0)))), again);
        assert_eq!(take(&mut draws, &drawn("1", Some(value(0)))), Ok(true));
        let two = draws.statement("2").unwrap().clone();
        assert_eq!(draws.nonce(&two), Some(Some(value(1))));
        // The chain is used up: what stands before its first value is nobody's.
        assert_eq!(
            take(&mut draws, &drawn("3", Some(Digest::of(b"before")))),
            Err(DrawError::NotNext)
        );
        assert_eq!(take(&mut draws, &drawn("3", None)), Ok(true));
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
        assert_eq!(refused(&[issued("1")]), DrawError::NoChain);
        let late = refused(&[issued("1"), anchored(2)]);
        assert!(
            matches!(late, DrawError::AnchoredLate { anchored: 1, .. }),
            "{late:?}"
        );
        let mut unsigned = anchored(2);
        unsigned.signature = None;
        assert_eq!(log(&[]).take(0, &unsigned), Err(DrawError::Unsigned));
    }

    #[test]
    fn a_later_anchor_takes_the_place_of_an_earlier_one() {
        let mut draws = log(&[anchored(2), issued("1"), anchored(5), issued("2")]);
        let late = draws.take(4, &drawn("1", Some(value(1))));
        assert!(
            matches!(late, Err(DrawError::AnchoredLate { .. })),
            "{late:?}"
        );
        assert!(draws.take(4, &drawn("2", Some(value(4)))).is_ok());
    }
}
