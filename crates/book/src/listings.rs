//! Listings of a book: customers, works, disputes, statements, credits, payments, a page at a time.
//!
//! A page has an end in what is looked at as well as in its rows ([`UNITS_LOOKED_AT_MAX`]), so a filter that few
//! works pass gives short pages and a place to go on from, never a long wait. Not here: how places are written
//! for those outside, and whom a row may be shown to.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use money::Amount;
use pages::view;
use pricing::cover::Covering;
use pricing::credit::Lots;
use pricing::receivable::{Ledger, Moved};
use store::{FactKind, FactsOf, ScopeId, SettledUnit, UnitsOf};
use work::LogKind;
use work::body::{Body, Control};
use work::event::UNASSIGNED;

use crate::Result;
use crate::acts::source_row;
use crate::book::Book;
use crate::limits::{CUSTOMERS_LOOKED_AT_MAX, UNITS_LOOKED_AT_MAX};
use crate::works;

/// A page of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T, P> {
    /// The rows.
    pub rows: Vec<T>,
    /// Where the next page begins; nothing after the last.
    pub next: Option<P>,
}

/// A place between the units of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnitPlace {
    scope: ScopeId,
    /// Units of the scope before the place.
    before: usize,
}

impl fmt::Display for UnitPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.scope, self.before)
    }
}

/// A text that is no [`UnitPlace`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a place between units is a scope, a dot and a number")]
pub struct UnitPlaceError;

impl FromStr for UnitPlace {
    type Err = UnitPlaceError;

    fn from_str(text: &str) -> Result<UnitPlace, UnitPlaceError> {
        let (scope, before) = text.split_once('.').ok_or(UnitPlaceError)?;
        Ok(UnitPlace {
            scope: scope.parse().map_err(|_| UnitPlaceError)?,
            before: before.parse().map_err(|_| UnitPlaceError)?,
        })
    }
}

/// A place between the units of everybody: behind a customer, or within one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EveryPlace {
    customer: String,
    within: Option<UnitPlace>,
}

impl fmt::Display for EveryPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.within {
            write!(f, "{place}")?;
        }
        write!(f, " {}", self.customer)
    }
}

impl FromStr for EveryPlace {
    type Err = UnitPlaceError;

    fn from_str(text: &str) -> Result<EveryPlace, UnitPlaceError> {
        let (within, customer) = text.split_once(' ').ok_or(UnitPlaceError)?;
        let within = Some(within).filter(|own| !own.is_empty());
        Ok(EveryPlace {
            customer: customer.to_owned(),
            within: within.map(str::parse).transpose()?,
        })
    }
}

/// Which works are listed. What is absent lets all pass.
#[derive(Debug, Clone, Copy, Default)]
pub struct WorksAsked<'a> {
    /// In this state: `pending`, `counted`, `reversed` or `not_counted`.
    pub state: Option<&'a str>,
    /// Counted in this class.
    pub class: Option<&'a str>,
    /// Of this definition.
    pub unit: Option<&'a str>,
    /// Opened at this instant or after it.
    pub from: Option<Timestamp>,
    /// Opened before this instant.
    pub until: Option<Timestamp>,
    /// With a dispute that is open, or without one.
    pub is_disputed: Option<bool>,
    /// With facts of this work id.
    pub work: Option<&'a str>,
}

impl WorksAsked<'_> {
    fn holds(&self, row: &view::WorkRow) -> bool {
        self.state.is_none_or(|own| own == row.standing.state)
            && (self.class).is_none_or(|own| row.standing.class.as_deref() == Some(own))
            && self.unit.is_none_or(|own| own == row.unit)
            && self.from.is_none_or(|own| own <= row.opened)
            && self.until.is_none_or(|own| row.opened < own)
            && self.is_disputed.is_none_or(|own| own == row.is_disputed)
    }
}

impl Book {
    /// Customers in the order of their ids, after one of them.
    ///
    /// # Errors
    /// Where the state cannot be read.
    pub fn customers_after(
        &self,
        after: Option<&str>,
        rows: usize,
    ) -> Result<Page<view::CustomerRow, String>> {
        // One further, to know whether there are more, and one for the holder of what belongs to none.
        let mut found = self.store.customers(after, rows + 2)?;
        found.retain(|own| own.customer != UNASSIGNED);
        let is_more = found.len() > rows;
        found.truncate(rows);
        let next = found.last().filter(|_| is_more);
        Ok(Page {
            next: next.map(|last| last.customer.clone()),
            rows: found
                .into_iter()
                .map(|own| self.customer_row(own))
                .collect(),
        })
    }

    /// One customer as a listing of its own; empty where it is not in the book.
    ///
    /// # Errors
    /// Where the state cannot be read.
    pub fn only_customer(&self, customer: &str) -> Result<Page<view::CustomerRow, String>> {
        let found = self.summary(customer)?;
        Ok(Page {
            rows: found
                .into_iter()
                .map(|own| self.customer_row(own))
                .collect(),
            next: None,
        })
    }

    /// A customer.
    ///
    /// # Errors
    /// Where there is none of that id.
    pub fn customer(&self, customer: &str) -> Result<view::Customer> {
        self.chosen(Some(customer))?;
        let account = self.account(customer, None)?;
        let found = self.summary(customer)?;
        let row = match found {
            Some(own) => self.customer_row(own),
            None => view::CustomerRow {
                customer: customer.to_owned(),
                name: self.customer_name(customer),
                shared_entries: account.coverage,
                seller: None,
            },
        };
        let contracts = account.contracts.iter().map(|held| view::ContractName {
            contract: held.agreement.id.clone(),
            is_draft: held.agreement.is_draft,
        });
        let problems = self.store.contract_problems(customer)?.into_iter();
        let flags = account.flags.iter().map(|flag| view::Flag {
            entry: flag.entry,
            problem: flag.problem.clone(),
        });
        Ok(view::Customer {
            row,
            contracts: contracts.collect(),
            problems: problems
                .map(|own| view::ContractProblem {
                    contract: own.contract,
                    problem: own.problem,
                })
                .collect(),
            flags: flags.collect(),
        })
    }

    /// What the state says of one customer.
    fn summary(&self, customer: &str) -> Result<Option<store::Customer>> {
        let mut after = just_before(customer);
        loop {
            let page = self.store.customers(after.as_deref(), 2)?;
            let Some(last) = page.last() else {
                return Ok(None);
            };
            let is_past = last.customer.as_str() >= customer;
            after = Some(last.customer.clone());
            let found = page.into_iter().find(|own| own.customer == customer);
            if found.is_some() || is_past {
                return Ok(found);
            }
        }
    }

    fn customer_row(&self, own: store::Customer) -> view::CustomerRow {
        view::CustomerRow {
            name: self.customer_name(&own.customer),
            customer: own.customer,
            shared_entries: own.shared_size,
            seller: Some(view::SellerSide {
                seller_entries: own.seller_size,
                first: own.first_time,
                last: own.last_time,
            }),
        }
    }

    /// Works of a customer that were opened by `now`, from a place on.
    ///
    /// # Errors
    /// Where the state cannot be read.
    pub fn works(
        &self,
        customer: &str,
        asked: &WorksAsked<'_>,
        (from, rows): (Option<UnitPlace>, usize),
        now: Timestamp,
    ) -> Result<Page<view::WorkRow, UnitPlace>> {
        let which = match (asked.work, from) {
            (Some(work), _) => UnitsOf::Work(work),
            (None, Some(place)) => UnitsOf::From(place.scope),
            (None, None) => UnitsOf::Customer,
        };
        let bounds = (rows, UNITS_LOOKED_AT_MAX);
        let row = |settled: &SettledUnit| asked_row(settled, asked, now);
        let (page, _) = self.units_page(customer, which, (from, bounds), row)?;
        Ok(page)
    }

    /// The works of a customer that were opened last, the last first, at most so many.
    ///
    /// # Errors
    /// Where the state cannot be read.
    pub fn latest_works(
        &self,
        customer: &str,
        rows: usize,
        now: Timestamp,
    ) -> Result<Vec<view::WorkRow>> {
        let which = UnitsOf::Latest { by: now, rows };
        let every = WorksAsked::default();
        let mut latest = Vec::new();
        for settled in self.store.units(customer, which)? {
            latest.extend(asked_row(&settled?, &every, now));
        }
        Ok(latest)
    }

    /// Works of everybody that were opened by `now`, customer by customer, from a place on.
    ///
    /// # Errors
    /// Where the state cannot be read.
    pub fn works_of_all(
        &self,
        asked: &WorksAsked<'_>,
        (from, rows): (Option<EveryPlace>, usize),
        now: Timestamp,
    ) -> Result<Page<view::WorkOf, EveryPlace>> {
        let mut page = Page {
            rows: Vec::new(),
            next: None,
        };
        let mut looked_at = 0;
        // Whoever the last page ended within comes first.
        let (mut next, mut after) = match from {
            Some(place) if place.within.is_some() => (Some(place), None),
            Some(place) => (None, Some(place.customer)),
            None => (None, None),
        };
        for _ in 0..CUSTOMERS_LOOKED_AT_MAX {
            let place = match next.take() {
                Some(place) => place,
                None => match self.next_customer(asked.work, after.as_deref())? {
                    None => return Ok(page),
                    Some(customer) => EveryPlace {
                        customer,
                        within: None,
                    },
                },
            };
            let customer = place.customer;
            let which = match (asked.work, place.within) {
                (Some(work), _) => UnitsOf::Work(work),
                (None, Some(within)) => UnitsOf::From(within.scope),
                (None, None) => UnitsOf::Customer,
            };
            let bounds = (rows - page.rows.len(), UNITS_LOOKED_AT_MAX - looked_at);
            let row = |settled: &SettledUnit| asked_row(settled, asked, now);
            let (own, looked) = self.units_page(&customer, which, (place.within, bounds), row)?;
            looked_at += looked;
            let name = self.customer_name(&customer);
            page.rows
                .extend(own.rows.into_iter().map(|row| view::WorkOf {
                    customer: customer.clone(),
                    name: name.clone(),
                    row,
                }));
            let is_full = page.rows.len() >= rows || looked_at >= UNITS_LOOKED_AT_MAX;
            if own.next.is_some() || is_full {
                page.next = Some(EveryPlace {
                    customer,
                    within: own.next,
                });
                return Ok(page);
            }
            after = Some(customer);
        }
        page.next = after.map(|customer| EveryPlace {
            customer,
            within: None,
        });
        Ok(page)
    }

    /// The customer after one: the next that has a work of an id, where one is asked for.
    fn next_customer(&self, work: Option<&str>, after: Option<&str>) -> Result<Option<String>> {
        if let Some(work) = work {
            let found = self.store.customers_of_work(work, after, 1)?;
            return Ok(found.into_iter().next());
        }
        // One further, past the holder of what belongs to none.
        let found = self.store.customers(after, 2)?.into_iter();
        let mut names = found.map(|own| own.customer);
        Ok(names.find(|own| own != UNASSIGNED))
    }

    /// Disputes of a customer that were raised by `now`, from a place on; only those open, or those decided,
    /// where asked.
    ///
    /// # Errors
    /// Where the state cannot be read.
    pub fn disputes(
        &self,
        customer: &str,
        is_open: Option<bool>,
        (from, rows): (Option<UnitPlace>, usize),
        now: Timestamp,
    ) -> Result<Page<view::DisputeRow, UnitPlace>> {
        let which = from.map_or(UnitsOf::Customer, |place| UnitsOf::From(place.scope));
        let bounds = (rows, UNITS_LOOKED_AT_MAX);
        let (page, _) = self.units_page(customer, which, (from, bounds), |settled| {
            let mut found = works::disputes(&settled.unit, now);
            found.retain(|own| is_open.is_none_or(|asked| asked == own.is_open));
            found
        })?;
        Ok(page)
    }

    /// A page of what `rows_of` makes of units, and how many were looked at: it ends with the unit that fills it, or once
    /// so many were.
    fn units_page<T, R: IntoIterator<Item = T>>(
        &self,
        customer: &str,
        which: UnitsOf<'_>,
        (from, (rows, units)): (Option<UnitPlace>, (usize, usize)),
        rows_of: impl Fn(&SettledUnit) -> R,
    ) -> Result<(Page<T, UnitPlace>, usize)> {
        let mut page = Page {
            rows: Vec::new(),
            next: None,
        };
        let mut place: Option<UnitPlace> = None;
        let mut looked_at = 0;
        for settled in self.store.units(customer, which)? {
            let settled = settled?;
            let before = match place {
                Some(place) if place.scope == settled.scope => place.before + 1,
                _ => 0,
            };
            let own = UnitPlace {
                scope: settled.scope,
                before,
            };
            place = Some(own);
            let is_before = |from: UnitPlace| (own.scope, own.before) < (from.scope, from.before);
            if from.is_some_and(is_before) {
                continue;
            }
            if page.rows.len() >= rows || looked_at == units {
                page.next = Some(own);
                break;
            }
            looked_at += 1;
            page.rows.extend(rows_of(&settled));
        }
        Ok((page, looked_at))
    }

    /// The statements of a customer that were issued, in the order of issue.
    ///
    /// # Errors
    /// Where there is no such customer, or an amount does not fit.
    pub fn statements(&self, customer: &str) -> Result<Vec<view::StatementRow>> {
        self.chosen(Some(customer))?;
        let account = self.account(customer, None)?;
        let ledger = Ledger::of(&account, Timestamp::MAX)?;
        let mut rows = Vec::new();
        for held in &account.contracts {
            let currency = held.agreement.latest().terms.contract.currency;
            for issued in &held.issued {
                let own = ledger.statement(&issued.number);
                let own = own.filter(|_| !issued.is_voided());
                let covering = account.covering(held, issued);
                rows.push(view::StatementRow {
                    number: issued.number.clone(),
                    contract: held.agreement.id.clone(),
                    cover: match covering {
                        Covering::Under(cover) => Some(cover.number.clone()),
                        Covering::Apart | Covering::Awaited => None,
                    },
                    awaits_cover: covering == Covering::Awaited,
                    cut: issued.cut,
                    through: held.through(issued),
                    revision: issued.revision,
                    total: issued.total(currency)?,
                    due_on: own.map(|own| own.due_on),
                    due: own.map(|own| own.due),
                    paid: own.map(|own| own.paid),
                    credited: own.map(|own| own.credited),
                    written_off: own.map(|own| own.written_off),
                    balance: own.map(|own| own.open),
                    coverage: issued.coverage,
                    digest: issued.body.to_string(),
                    state: own
                        .map_or("void", |own| {
                            state(own.due, own.paid, own.written_off, own.open)
                        })
                        .to_owned(),
                });
            }
        }
        // A statement is entries of the log that a later one knows.
        rows.sort_by_key(|row| row.coverage);
        Ok(rows)
    }

    /// Credits of a customer, from an entry of its shared log on.
    ///
    /// # Errors
    /// Where the state cannot be read.
    pub fn credits(
        &self,
        customer: &str,
        (from, rows): (u64, usize),
    ) -> Result<Page<view::CreditRow, u64>> {
        self.facts_page(customer, FactKind::Credit, (from, rows), |fact| {
            let Body::Control(Control::CreditIssued {
                contract,
                amount,
                reason,
                by,
            }) = &fact.event.body
            else {
                return None;
            };
            Some(view::CreditRow {
                entry: fact.entry,
                contract: contract.clone(),
                time: fact.event.time,
                amount: *amount,
                reason: reason.clone(),
                by: by.clone(),
            })
        })
    }

    /// The grants of prepaid credits of a customer, in the order of the log.
    ///
    /// # Errors
    /// Where the log cannot be read, or an amount does not fit.
    pub fn grants(&self, customer: &str) -> Result<Vec<view::GrantRow>> {
        self.chosen(Some(customer))?;
        let account = self.account(customer, None)?;
        let lots = Lots::of(&account, None)?;
        let mut rows = Vec::with_capacity(account.grants.len());
        for grant in &account.grants {
            let zero = Amount::zero(grant.amount.currency());
            let scope = grant.scope.surfaces.iter().chain(&grant.scope.components);
            let mut row = view::GrantRow {
                grant: grant.id.clone(),
                contract: grant.contract.clone(),
                amount: grant.amount,
                paid: grant.paid,
                priority: grant.priority,
                starts: grant.starts,
                expires: grant.expires,
                covers: scope.cloned().collect(),
                drawn: zero,
                restored: zero,
                expired: zero,
                balance: zero,
                voided: grant.is_voided,
            };
            for lot in lots.lots.iter().filter(|lot| lot.name.grant == grant.id) {
                row.drawn = row.drawn.plus(lot.drawn)?;
                row.restored = row.restored.plus(lot.restored)?;
                let rest = match lot.has_expired(&account) {
                    true => &mut row.expired,
                    false => &mut row.balance,
                };
                *rest = rest.plus(lot.left)?;
            }
            rows.push(row);
        }
        Ok(rows)
    }

    /// Payments of a customer by time, voided ones too, then credits that may be for statements, in the order of issue:
    /// what became of each.
    ///
    /// # Errors
    /// Where the log cannot be read, or an amount does not fit.
    pub fn payments(&self, customer: &str) -> Result<Vec<view::SourceRow>> {
        self.chosen(Some(customer))?;
        let account = self.account(customer, None)?;
        let ledger = Ledger::of(&account, Timestamp::MAX)?;
        let standing = ledger.sources.iter();
        let mut rows: Vec<view::SourceRow> = standing
            .map(|own| source_row(&account, &ledger, own))
            .collect();
        for own in &account.money {
            let Moved::Paid(payment) = &own.what else {
                continue;
            };
            if rows
                .iter()
                .any(|row| row.payment.as_deref() == Some(own.fact.id.as_str()))
            {
                continue;
            }
            let zero = Amount::zero(payment.amount.currency());
            rows.push(view::SourceRow {
                payment: Some(own.fact.id.to_string()),
                credit: None,
                time: own.at,
                amount: payment.amount,
                allocated: zero,
                refunded: zero,
                written_off: zero,
                on_account: zero,
                reference: payment.reference.clone(),
                voided: true,
                allocations: Vec::new(),
            });
        }
        rows.sort_by_key(|row| (row.payment.is_none(), row.time));
        Ok(rows)
    }

    fn facts_page<T>(
        &self,
        customer: &str,
        kind: FactKind,
        (from, rows): (u64, usize),
        row_of: impl Fn(&work::effective::Fact) -> Option<T>,
    ) -> Result<Page<T, u64>> {
        self.chosen(Some(customer))?;
        let size = self.store.head(customer, LogKind::Shared)?;
        let mut page = Page {
            rows: Vec::new(),
            next: None,
        };
        for fact in self
            .store
            .facts(customer, kind, FactsOf::Within(from..size))?
        {
            let fact = fact?;
            if page.rows.len() == rows {
                page.next = Some(fact.entry);
                break;
            }
            page.rows.extend(row_of(&fact));
        }
        Ok(page)
    }
}

/// The row of a unit that is asked for.
fn asked_row(
    settled: &SettledUnit,
    asked: &WorksAsked<'_>,
    now: Timestamp,
) -> Option<view::WorkRow> {
    let row = works::row(settled.contract.as_deref(), &settled.unit, now);
    let is_asked = settled.unit.opened <= now && asked.holds(&row);
    is_asked.then_some(row)
}

/// Where a statement, or a cover, stands between issued and paid.
pub(crate) fn state(due: Amount, paid: Amount, written_off: Amount, open: Amount) -> &'static str {
    match (open.is_zero(), paid.is_zero()) {
        _ if due.is_zero() => "nothing_due",
        (true, _) if !written_off.is_zero() => "written_off",
        (true, true) => "credited",
        (true, false) => "paid",
        (false, true) => "open",
        (false, false) => "partly_paid",
    }
}

/// A name that comes before `name`, with little between; nothing where `name` may be the first of all.
fn just_before(name: &str) -> Option<String> {
    let mut chars = name.chars();
    let last = chars.next_back()?;
    let before = ('\0'..last).next_back();
    let end = before.map_or(String::new(), |before| format!("{before}{}", char::MAX));
    Some(format!("{}{end}", chars.as_str())).filter(|own| !own.is_empty())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use work::event::Authorship;
    use work::{Event, Header, Headers};
    use zeroize::Zeroizing;

    use super::*;
    use crate::config::Config;
    use crate::presets;

    #[test]
    fn a_page_that_finds_nothing_ends_and_says_where_to_go_on() {
        let directory = tempfile::tempdir().unwrap();
        let now: Timestamp = "2026-01-05T00:00:00Z".parse().unwrap();
        let preset = presets::find("fin-style").unwrap();
        let config = Config::of_preset(preset, &directory.path().join("book"));
        let book = Book::create(config, Arc::new(|| Ok(Zeroizing::new([7; 32]))), now).unwrap();
        let opened = |number: usize| {
            let work = format!("T-{number}");
            let mut headers = Headers::default();
            headers.set(Header::Work, &work);
            headers.set(Header::Conversation, &work);
            Event {
                id: work.as_str().into(),
                source: "desk".into(),
                customer: "acme".into(),
                time: now,
                work: Some(work.as_str().into()),
                traceparent: None,
                signature: None,
                authorship: Authorship::Seller,
                headers,
                body: Body::Opened,
            }
        };
        let events: Vec<Event> = (0..=UNITS_LOOKED_AT_MAX).map(opened).collect();
        for events in events.chunks(1_000) {
            book.store.append(events, now).unwrap();
        }
        let asked = WorksAsked {
            state: Some("counted"),
            ..WorksAsked::default()
        };
        let first = book.works("acme", &asked, (None, 10), now).unwrap();
        assert_eq!(first.rows, []);
        let next = first.next.expect("one unit was not looked at");
        let last = book.works("acme", &asked, (Some(next), 10), now).unwrap();
        assert_eq!((last.rows, last.next), (Vec::new(), None));
        let all = WorksAsked::default();
        let last = book.works("acme", &all, (Some(next), 10), now).unwrap();
        assert_eq!((last.rows.len(), last.next), (1, None));
    }

    #[test]
    fn just_before_a_name_is_before_it() {
        for (name, before) in [
            ("b", Some("a\u{10ffff}")),
            ("acme", Some("acmd\u{10ffff}")),
            ("a\0", Some("a")),
            ("\u{e000}", Some("\u{d7ff}\u{10ffff}")),
            ("\0", None),
        ] {
            let found = just_before(name);
            assert_eq!(found.as_deref(), before);
            assert!(found.is_none_or(|own| own.as_str() < name));
        }
    }

    #[test]
    fn a_place_between_the_units_of_everybody_reads_back() {
        let within = "00112233445566778899aabbccddeeff.7";
        for text in [
            " acme".to_owned(),
            format!("{within} acme"),
            format!("{within}  a customer with spaces"),
        ] {
            let place: EveryPlace = text.parse().unwrap();
            assert_eq!(place.to_string(), text);
        }
        for text in ["", "acme", "x acme"] {
            assert!(text.parse::<EveryPlace>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_place_reads_back() {
        for text in [
            "00112233445566778899aabbccddeeff.0",
            "ffeeddccbbaa99887766554433221100.12",
        ] {
            let place: UnitPlace = text.parse().unwrap();
            assert_eq!(place.to_string(), text);
        }
        for text in [
            "",
            ".",
            "00112233445566778899aabbccddeeff",
            "+0112233445566778899aabbccddeeff.0",
            "0.0",
        ] {
            assert!(text.parse::<UnitPlace>().is_err(), "{text}");
        }
    }
}
