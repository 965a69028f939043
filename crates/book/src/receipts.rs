//! The receipt of one work, out of a book: what the log says of it, its price, and proofs.
//!
//! Everything in it comes from the customer log and the statements, nothing from the seller-only log.
//! The words are those of `piecework work` and of statements. Not here: the form of a receipt
//! (`proof::receipt`) and the page fragment (`pages`).

use std::collections::HashSet;

use jiff::Timestamp;
use money::Amount;
use pages::view::{self, Fact};
use pricing::account::{Account, Held};
use pricing::cell::owed;
use pricing::statement::{explain, unit_name};
use proof::Receipt;
use proof::limits::RECEIPT_PROOFS_MAX;
use work::body::Body;
use work::effective::Content;
use work::event::Authorship;
use work::settle::{FactRef, Movement, MovementKind, State, Unit, UnitKey};
use work::{Digest, LogKind};

use crate::Result;
use crate::book::Book;
use crate::error::{Absent, Invalid};
use crate::views::facts::{Facts, fact};
use crate::works::{is_called, next, row, standing, units};

/// A receipt with what a page shows beside it.
pub struct Made {
    /// The receipt.
    pub receipt: Receipt,
    /// The same for a page.
    pub view: view::Receipt,
}

/// Which work.
pub struct Asked<'a> {
    /// The customer's id.
    pub customer: &'a str,
    /// The work, by its scope or its work id.
    pub work: &'a str,
    /// The definition's id, or the unit's name as statements print it.
    pub unit: Option<&'a str>,
    /// The instant that counts as now.
    pub now: Timestamp,
}

impl Book {
    /// The receipt of a work.
    ///
    /// # Errors
    /// Where there is no such work, or several units of it and none is named.
    pub fn receipt(&self, asked: &Asked<'_>) -> Result<Made> {
        self.require_customer(asked.customer)?;
        let account = self.account(asked.customer, None)?;
        let (held, unit) = the_unit(&account, asked)?;
        let contents = self.contents(asked.customer, LogKind::Shared, None)?;
        let facts = Facts {
            book: self,
            customer: asked.customer,
        };
        let entries = entries_about(unit, &contents);
        let origin = self.keyring()?.origin(LogKind::Shared, asked.customer)?;
        let proofs = self.inclusions(asked.customer, LogKind::Shared, &entries, asked.now)?;
        let price = match held {
            Some(held) => self.price(&account, held, unit, asked.now)?,
            None => Price::default(),
        };
        let count = last_count(unit, asked.now);
        let state = unit.state_at(asked.now);
        let receipt = Receipt {
            customer: asked.customer.to_owned(),
            work: unit.key.scope.join(","),
            unit: unit.key.unit.to_string(),
            state: word(state).to_owned(),
            why: why(unit, facts, &price, asked.now)?,
            class: count.map(|count| count.class.clone()).map(Into::into),
            counted_at: count.map(|count| count.instant),
            price: price.amount(),
            statement: price.stated.map(|(_, number)| number),
            evidence: evidence(&contents, &entries),
            dispute: self.contestable(held, unit, origin.as_str(), asked),
            proofs,
        };
        let head = self
            .store
            .tree_head(asked.customer, LogKind::Shared, None)?;
        let root = head.root.to_string();
        let view = view_of(
            &receipt,
            at(&contents, &entries),
            origin.as_str(),
            (head.size, root),
        );
        Ok(Made { receipt, view })
    }

    /// What a work was charged by the statements that stand, or is expected to be.
    fn price(&self, account: &Account, held: &Held, unit: &Unit, now: Timestamp) -> Result<Price> {
        let mut price = Price::default();
        let mut issued: Vec<_> = held.standing().collect();
        issued.sort_by_key(|own| (own.coverage, own.cut));
        for own in issued {
            if own.cut <= unit.opened {
                continue;
            }
            let then = self.account(&account.customer, Some(own.coverage))?;
            let Some(earlier) = then.contract(&held.agreement.id) else {
                continue;
            };
            let as_of = earlier.last_cut().map_or(own.cut, |last| last.max(own.cut));
            let share = share(earlier, &unit.key, as_of, Some(own.cut))?;
            let before = price.stated.as_ref().map(|(amount, _)| *amount);
            let was_charged = before.is_some_and(|amount| !amount.is_zero());
            match share {
                Some(amount) if before != Some(amount) => {
                    price.stated = Some((amount, own.number.clone()));
                }
                None if was_charged => {
                    let zero = Amount::zero(held.agreement.latest().terms.contract.currency);
                    price.stated = Some((zero, own.number.clone()));
                }
                _ => {}
            }
        }
        price.expected = share(held, &unit.key, now, None)?;
        Ok(price)
    }

    /// Until when and where it may be disputed; nothing where it may not be now.
    fn contestable(
        &self,
        held: Option<&Held>,
        unit: &Unit,
        origin: &str,
        asked: &Asked<'_>,
    ) -> Option<(Timestamp, String)> {
        let terms = &held?.agreement.version(unit.version)?.terms;
        let definition = terms.definitions.get(unit.key.unit.as_str())?;
        let State::Counted(_) = unit.state_at(asked.now) else {
            return None;
        };
        if unit.disputes.iter().any(|own| own.is_open_at(asked.now)) {
            return None;
        }
        let settled = last_count(unit, asked.now)?.instant;
        let zone = &terms.contract.time_zone;
        let until = definition.dispute.window.after(settled, zone);
        let until = until.unwrap_or(Timestamp::MAX);
        let work = unit.key.scope.join(",");
        let place = match &self.config.receipt.dispute_url {
            Some(url) => url.of(asked.customer, &work, &unit.key.unit),
            None => format!(
                "send the seller a `work.disputed` event of work `{work}`, signed with `piecework \
                 sign --origin {origin}`"
            ),
        };
        (asked.now < until).then_some((until, place))
    }
}

/// The price of a work.
#[derive(Default)]
struct Price {
    /// What the statements that stand charge for it, and the last that changed that.
    stated: Option<(Amount, String)>,
    /// What is owed for it as known now.
    expected: Option<Amount>,
}

impl Price {
    fn amount(&self) -> Option<Amount> {
        let stated = self.stated.as_ref().map(|(amount, _)| *amount);
        stated.or(self.expected)
    }

    /// What the next statement is expected to make of it, where that is something else.
    fn change(&self) -> Option<Amount> {
        let (stated, _) = self.stated.as_ref()?;
        let zero = Amount::zero(stated.currency());
        let expected = self.expected.unwrap_or(zero);
        (expected != *stated).then_some(expected)
    }
}

/// The unit that is asked for, and the contract that claims it.
fn the_unit<'a>(account: &'a Account, asked: &Asked<'_>) -> Result<(Option<&'a Held>, &'a Unit)> {
    let is_asked = |unit: &Unit| {
        is_called(unit, asked.work)
            && asked
                .unit
                .is_none_or(|name| unit.key.unit == name || unit_name(&unit.key) == name)
    };
    let found: Vec<_> = units(account).filter(|(_, unit)| is_asked(unit)).collect();
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(Absent::Work {
            customer: asked.customer.to_owned(),
            work: asked.work.to_owned(),
            unit: asked.unit.map(str::to_owned),
        }
        .into()),
        several => Err(Invalid::SeveralUnits {
            work: asked.work.to_owned(),
            known: several
                .iter()
                .map(|(_, unit)| unit_name(&unit.key))
                .collect(),
        }
        .into()),
    }
}

/// What a unit has of the cells owed at an instant, of those due by a cut; nothing where no cell is
/// about it.
fn share(
    held: &Held,
    key: &UnitKey,
    as_of: Timestamp,
    cut: Option<Timestamp>,
) -> Result<Option<Amount>> {
    let all = owed(&held.agreement, &held.facts(), as_of)?;
    let name = unit_name(key);
    let mut sum: Option<Amount> = None;
    let due = all
        .cells
        .iter()
        .filter(|(_, cell)| cut.is_none_or(|cut| cell.due <= cut));
    for (key, _) in due {
        let explained = explain(held, &all, key)?;
        let shares = explained.into_iter().flat_map(|own| own.shares);
        for own in shares.filter(|own| own.name == name) {
            sum = Some(sum.map_or(Ok(own.amount), |sum| sum.plus(own.amount))?);
        }
    }
    Ok(sum)
}

/// The count that a work stands or stood by.
fn last_count(unit: &Unit, now: Timestamp) -> Option<&Movement> {
    let mut counts = unit.movements.iter().rev();
    counts.find(|own| own.kind == MovementKind::Counted && own.instant <= now)
}

const fn word(state: &State) -> &'static str {
    match state {
        State::Pending => "pending",
        State::Counted(_) => "counted",
        State::Reversed => "reversed",
        State::NotCounted(_) => "not_counted",
    }
}

/// What became of a work and because of which facts, in the words of `piecework work`.
fn why(unit: &Unit, facts: Facts<'_>, price: &Price, now: Timestamp) -> Result<String> {
    let row = row(None, unit, now);
    let moved = unit.movements.iter().rev().find(|own| {
        own.instant <= now && !matches!(own.kind, MovementKind::Valued | MovementKind::Reduced)
    });
    let is_settled = matches!(unit.state_at(now), State::Counted(_) | State::Reversed);
    let causes = moved
        .filter(|_| is_settled)
        .map_or(&[][..], |own| &own.causes);
    let told = facts.named(causes, causes.len())?;
    let told: Vec<String> = told.iter().map(tell).collect();
    let mut why = format!("{} since {}", standing(&row), row.standing.since);
    if !told.is_empty() {
        why.push_str(&format!(", because of {}", told.join(", ")));
    }
    let next = next(&row);
    if !next.is_empty() {
        why.push_str(&format!("; if nothing else happens: {next}"));
    }
    if let Some(change) = price.change() {
        why.push_str(&format!(
            "; the next statement is expected to make its price {change}"
        ));
    }
    Ok(why)
}

fn tell(fact: &Fact) -> String {
    let says = match fact.says.as_str() {
        "" => String::new(),
        says => format!(" ({says})"),
    };
    format!(
        "{}{says}, entry {}, said by {}",
        fact.kind,
        fact.index,
        match fact.authorship {
            Authorship::Seller => "the seller",
            Authorship::Buyer => "the buyer",
            Authorship::ThirdParty => "a third party",
        }
    )
}

/// The positions of the entries about a unit: its facts, and what corrects them. Where they are more
/// than a receipt holds, those that decided it and its evidence come first.
fn entries_about(unit: &Unit, contents: &[Content]) -> Vec<u64> {
    let facts: HashSet<&FactRef> = unit.facts.iter().collect();
    let causes = unit.movements.iter().flat_map(|own| &own.causes);
    let disputes = unit.disputes.iter().map(|own| &own.cause);
    let deciding: HashSet<&FactRef> = causes.chain(disputes).collect();
    let mut about: Vec<(bool, u64)> = Vec::new();
    for content in contents {
        let event = &content.event;
        let own = FactRef {
            source: event.source.clone(),
            id: event.id.clone(),
        };
        let corrects = match &event.body {
            Body::Corrected {
                target_source,
                target_id,
                ..
            } => facts.contains(&FactRef {
                source: target_source.clone(),
                id: target_id.clone(),
            }),
            _ => false,
        };
        if facts.contains(&own) || corrects {
            let comes_first = deciding.contains(&own)
                || own == unit.key.opened_by
                || matches!(event.body, Body::Evidence { .. });
            about.push((!comes_first, content.entry));
        }
    }
    about.sort_unstable();
    about.truncate(RECEIPT_PROOFS_MAX);
    let mut entries: Vec<u64> = about.into_iter().map(|(_, entry)| entry).collect();
    entries.sort_unstable();
    entries
}

/// The entries at positions, as people see them.
fn at(contents: &[Content], entries: &[u64]) -> Vec<Fact> {
    let proved = contents.iter();
    let proved = proved.filter(|own| entries.binary_search(&own.entry).is_ok());
    proved.map(fact).collect()
}

/// The evidence that entries name.
fn evidence(contents: &[Content], entries: &[u64]) -> Vec<(String, Digest)> {
    let named = contents
        .iter()
        .filter(|own| entries.binary_search(&own.entry).is_ok());
    let named = named.filter_map(|own| match &own.event.body {
        Body::Evidence {
            name, commitment, ..
        } => Some((name.clone(), *commitment)),
        _ => None,
    });
    named.collect()
}

fn view_of(
    receipt: &Receipt,
    entries: Vec<Fact>,
    origin: &str,
    (size, root): (u64, String),
) -> view::Receipt {
    let evidence = receipt.evidence.iter();
    let dispute = receipt.dispute.clone();
    view::Receipt {
        customer: receipt.customer.clone(),
        work: receipt.work.clone(),
        unit: receipt.unit.clone(),
        state: receipt.state.clone(),
        why: receipt.why.clone(),
        class: receipt.class.clone(),
        counted_at: receipt.counted_at,
        price: receipt.price,
        statement: receipt.statement.clone(),
        evidence: evidence
            .map(|(name, commitment)| (name.clone(), commitment.to_string()))
            .collect(),
        dispute: dispute.map(|(until, place)| view::Dispute { until, place }),
        entries,
        origin: origin.to_owned(),
        size,
        root,
        text: receipt.to_text(),
    }
}
