//! Works of a statement, as head and nonce draw them, and the entry of the draw.
//!
//! A buyer anchors a chain of nonces and reveals one on its own machine, without a book. A draw is known by
//! statement, method, stratum and size, so it needs no id of its caller's. Invariant: what is drawn here
//! verifies, because drawing and checking are one piece of code in `proof`.

use jiff::Timestamp;
use proof::draws::{self, DrawError, Draws};
use proof::population::Population;
use proof::verdicts::{Sample, samples};
use proof::{Issued, Recomputed};
use work::body::{Assurance, Body, Draw as Drawn, SampleMethod};
use work::effective::Content;
use work::event::{Authorship, PIECEWORK};
use work::{Digest, Event, Headers, LogKind};

use super::Acted;
use crate::Result;
use crate::book::Book;
use crate::error::{Absent, Damaged, Refused};

/// What is drawn from which statement.
#[derive(Debug, Clone, Copy)]
pub struct Draw<'a> {
    /// The customer's id.
    pub customer: &'a str,
    /// The statement's printed number.
    pub statement: &'a str,
    /// How.
    pub method: SampleMethod,
    /// From all works of the statement (`all`), or from those of one definition (`unit:ID`).
    pub stratum: &'a str,
    /// How many works, one at least. A larger number than last time extends the sample.
    pub size: u32,
    /// The nonce that the buyer revealed for this statement; that of the statement's first draw where absent.
    pub nonce: Option<Digest>,
    /// Whether to draw without the nonce of a buyer who anchored a chain: then no draw from the statement is a
    /// proof.
    pub is_seller_seeded: bool,
    /// Who draws it (a role).
    pub by: &'a str,
}

impl Book {
    /// Draws a sample, and records the draw in the customer's log.
    ///
    /// # Errors
    /// [`Absent`] where there is no such customer or statement; [`Refused`] where the statement is void, has no
    /// such works, or was drawn from otherwise.
    pub fn draw_sample(&self, act: &Draw<'_>, now: Timestamp) -> Result<Acted<Sample>> {
        self.chosen(Some(act.customer))?;
        let _turn = self.turns.take(act.customer);
        let log = self.contents(act.customer, LogKind::Shared, None)?;
        let draws = taken(&log)?;
        let issued = self.stands(&draws, act)?;
        let nonce = act.chosen_nonce(&draws, &issued)?;
        if let Some(known) = act.drawn_before(&log, &issued)? {
            return Ok(Acted::before(known));
        }
        let event = self.drawing(act, &log, &issued, nonce, now)?;
        // What the verifier would refuse must not come into the log, where it stays.
        let taken = draws.clone().take(log.len() as u64, &event);
        taken.map_err(|error| refused(&draws, error, nonce))?;
        self.write(&[event], now)?;
        let log = self.contents(act.customer, LogKind::Shared, None)?;
        let drawn = act.same(&log, &issued)?;
        Ok(Acted::now(
            drawn.ok_or(Damaged::Missing("the draw in the log"))?,
        ))
    }

    /// The statement to draw from: one that was issued and stands.
    fn stands(&self, draws: &Draws, act: &Draw<'_>) -> Result<Issued> {
        let number = act.statement.to_owned();
        let Some(issued) = draws.statement(&number) else {
            let customer = act.customer.to_owned();
            return Err(Absent::Statement { customer, number }.into());
        };
        let account = self.account(act.customer, None)?;
        match account.statement(&number) {
            None => Err(Damaged::NotStanding { number }.into()),
            Some((_, standing)) if standing.is_voided() => {
                Err(Refused::DrawsVoid { number }.into())
            }
            Some(_) => Ok(issued.clone()),
        }
    }

    /// The entry of the draw.
    fn drawing(
        &self,
        act: &Draw<'_>,
        log: &[Content],
        issued: &Issued,
        nonce: Option<Digest>,
        now: Timestamp,
    ) -> Result<Event> {
        let Draw {
            customer, stratum, ..
        } = *act;
        let statement = Recomputed::of_log(customer, log, issued)?;
        let population = Population::of(&statement, stratum)?;
        let size = Some(issued.head_size());
        let head = self.store.tree_head(customer, LogKind::Shared, size)?;
        let origin = self.origin(customer)?;
        let seed = draws::seed(&origin, head.root, issued, stratum, nonce);
        let items = population.draw(&seed, act.method, act.size);
        if items.is_empty() {
            return Err(Refused::NothingToDraw {
                number: issued.number.clone(),
                works: population.size(),
                stratum: stratum.to_owned(),
            }
            .into());
        }
        let sample = format!("{}/{}/{stratum}", issued.number, act.method.word());
        Ok(Event {
            id: format!("sample/{sample}/{}", act.size).into(),
            source: PIECEWORK.into(),
            customer: customer.into(),
            time: now,
            work: None,
            traceparent: None,
            signature: None,
            authorship: Authorship::Seller,
            headers: Headers::default(),
            body: Body::Assurance(Assurance::SampleDrawn(Drawn {
                sample,
                statement: issued.number.clone(),
                method: act.method,
                stratum: stratum.to_owned(),
                size: act.size,
                nonce,
                seed: seed.digest(),
                items,
                by: act.by.to_owned(),
            })),
        })
    }
}

/// The draws of the log so far.
fn taken(log: &[Content]) -> Result<Draws> {
    let mut draws = Draws::default();
    for Content { entry, event } in log {
        let taken = draws.take(*entry, event);
        taken.map_err(|source| Damaged::Draw {
            entry: *entry,
            source,
        })?;
    }
    Ok(draws)
}

impl Draw<'_> {
    /// The nonce to draw with: the one given, or that of the statement's first draw.
    fn chosen_nonce(&self, draws: &Draws, issued: &Issued) -> Result<Option<Digest>> {
        let given = self.nonce;
        match draws.nonce(issued) {
            Some(first) if given.is_none() && !(self.is_seller_seeded && first.is_some()) => {
                Ok(first)
            }
            Some(_) => Ok(given),
            None if given.is_some() || self.is_seller_seeded => Ok(given),
            None => match draws.turn(issued.index) {
                Some(turn) if turn.has_value() => Err(Refused::WithoutNonce {
                    number: issued.number.clone(),
                    anchored: turn.chain.entry,
                }
                .into()),
                _ => Ok(None),
            },
        }
    }

    /// The sample as it is, where it was drawn to this size before.
    fn drawn_before(&self, log: &[Content], issued: &Issued) -> Result<Option<Sample>> {
        let Some(sample) = self.same(log, issued)? else {
            return Ok(None);
        };
        let asked = |own: &Content| match &own.event.body {
            Body::Assurance(Assurance::SampleDrawn(draw)) if sample.drawn.contains(&own.entry) => {
                Some((draw.size, draw.nonce))
            }
            _ => None,
        };
        let last = log.iter().filter_map(asked).max();
        let (size, first) = last.ok_or(Damaged::Missing("the draw of a sample"))?;
        let is_other = self.nonce.is_some_and(|given| Some(given) != first);
        if is_other || self.is_seller_seeded && first.is_some() {
            return Ok(None); // refused by what knows why
        }
        if self.size < size {
            return Err(Refused::SmallerSample {
                sample: sample.id,
                size,
                customer: self.customer.to_owned(),
            }
            .into());
        }
        let is_whole =
            self.method == SampleMethod::BottomK && sample.items.len() as u64 == sample.population;
        Ok((self.size == size || is_whole).then_some(sample))
    }

    /// The sample of the method and stratum, if there is one.
    fn same(&self, log: &[Content], issued: &Issued) -> Result<Option<Sample>> {
        let all = samples(self.customer, log, Some(&issued.number)).map_err(Damaged::from)?;
        let is_same = |own: &Sample| own.method == self.method && own.stratum == self.stratum;
        Ok(all.into_iter().find(is_same))
    }
}

/// A draw that the log cannot hold, and what to do about it.
fn refused(draws: &Draws, error: DrawError, nonce: Option<Digest>) -> Refused {
    let hint = match &error {
        DrawError::OtherNonce(_) => {
            "; leave out --nonce and --seller-seeded to draw more works with the one it has".to_owned()
        }
        DrawError::NotItsNonce { .. } => match nonce.and_then(|nonce| draws.owner(&nonce)) {
            Some(owner) => format!("; it is that of `{}`", owner.number),
            None => "; compare it with what the buyer's `piecework sample reveal` printed for this \
                     statement"
                .to_owned(),
        },
        DrawError::NoChain(_) | DrawError::ChainEnded { .. } => {
            "; let the buyer run `piecework sample anchor`, and ingest what it prints: it counts for \
             statements issued after that"
                .to_owned()
        }
        DrawError::NoStatement(_) | DrawError::Unsigned => String::new(),
    };
    let error = Box::new(error);
    Refused::Draw { error, hint }
}
