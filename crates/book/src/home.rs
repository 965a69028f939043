//! The first page of whoever sells: a month of the whole book as four meters, and the months before it.
//!
//! Everything is read from kept sums: works, counts and costs by day from the store, charges from running totals
//! ([`Book::takings`]). So how long it takes grows with days, definitions and customers, never with works. What
//! model costs have to say is asked of so many entries and no more, and the page says of how many it was not.

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use money::{Amount, Currency, Decimal, Quantity};
use pages::view::{self, Meter, Surface};
use pricing::margin::{CostEntry, CostLedger, Counting, Uncosted, What};
use store::reconciliation::UnitDay;
use store::totals::{CostDay, CountedDay};
use work::body::{CostLine, DocumentKind};
use work::definition::WorkValue;
use work::event::{Authorship, UNASSIGNED};
use work::settle::FactRef;
use work::{Definition, Headers, SmolStr};

use crate::Result;
use crate::balances::{Taken, TakenMonth, Takings};
use crate::book::Book;
use crate::limits::{
    HOME_COSTS_READ_MAX, HOME_CUSTOMERS_ASKED, HOME_CUSTOMERS_SHOWN, HOME_DEFINITIONS_MAX,
    HOME_MONTHS,
};
use crate::price_books;
use crate::views::meters::{GROWS_WITH_USE, PAID_WHATEVER, decided, share_of_bill, uncalibrated};
use crate::views::statement::share_of;

/// What the first page is about.
#[derive(Debug, Clone, Default)]
pub struct HomeAsked {
    /// Only this customer; all where absent.
    pub customer: Option<String>,
    /// The month, by its first day; that of now where absent.
    pub month: Option<Date>,
    /// The definition in the middle; the one counted most where absent.
    pub unit: Option<String>,
}

/// What a month cost, as far as sums say.
struct Spent {
    by_line: BTreeMap<&'static str, Amount>,
    entries: u64,
    unpriced: u64,
    unconverted: u64,
}

impl Book {
    /// The first page of whoever sells.
    ///
    /// # Errors
    /// Where the state or the journal cannot be read, or an amount does not fit.
    pub fn home(
        &self,
        asked: &HomeAsked,
        reader: view::Reader,
        now: Timestamp,
    ) -> Result<view::Home> {
        let customer = asked.customer.as_deref();
        let today = now.to_zoned(TimeZone::UTC).date();
        let month = asked.month.unwrap_or(today).first_of_month();
        let earlier = i64::try_from(HOME_MONTHS - 1)?;
        let first = month.saturating_sub(Span::new().months(earlier));
        let end = month.last_of_month().tomorrow()?;
        let days = month..end;
        let takings = match customer {
            None => self.takings(HOME_CUSTOMERS_ASKED, now)?,
            Some(own) => Takings {
                months: self.takings_of(own, now)?,
                customers: 1,
                ..Takings::default()
            },
        };
        let currency = self.home_currency(customer, &takings)?;
        let all = first..end;
        let counted = self.store.counted_days(customer, &all, now)?;
        let costs = self.store.cost_days(customer, &all)?;
        let units = units(&counted, &days)?;
        let unit = match &asked.unit {
            Some(own) => Some(own.clone()),
            None => units.first().map(|own| own.unit.clone()),
        };
        let standing = self
            .store
            .standing_days(customer, unit.as_deref(), &days, now)?;
        let spent = self.spent(customer, &days, &costs, currency)?;
        let taken = of_month(&takings.months, month, currency);
        let of_unit: Vec<&CountedDay> = counted
            .iter()
            .filter(|own| days.contains(&own.day) && Some(own.unit.as_str()) == unit.as_deref())
            .collect();
        let definition = self.definition_of(customer, unit.as_deref())?;
        let period = view::Period {
            from: month.to_zoned(TimeZone::UTC)?.timestamp(),
            until: end.to_zoned(TimeZone::UTC)?.timestamp(),
            zone: TimeZone::UTC,
        };
        let scope =
            customer.map_or_else(|| "All customers".to_owned(), |own| self.customer_name(own));
        let work = work_count(unit, definition.as_ref(), (&of_unit, &standing), &days)?;
        let meters = four_meters(FourSources {
            scope,
            period,
            taken: &taken,
            spent: &spent,
            value: value(definition.as_ref(), &work, &of_unit, currency)?,
            authors: authors(&of_unit)?,
            work,
            command: command(month, customer),
        })?;
        let largest = match customer {
            None => self.largest_takings(month, currency, HOME_CUSTOMERS_SHOWN)?,
            Some(_) => Vec::new(),
        };
        let customers = largest.into_iter().map(|(customer, taken)| {
            Ok(view::HomeCustomer {
                name: self.customer_name(&customer),
                customer,
                charged: taken.total()?,
            })
        });
        Ok(view::Home {
            reader,
            customer: asked.customer.clone(),
            month,
            is_running: days.contains(&today),
            meters,
            units,
            months: months((&takings.months, &counted, &costs), (month, currency))?,
            customers: customers.collect::<Result<_>>()?,
            others: others(&takings.months, month, currency)?,
            customers_in: u64::try_from(takings.customers)?,
            customers_behind: u64::try_from(takings.behind)?,
            customers_failed: u64::try_from(takings.failed)?,
        })
    }

    /// The currency of the sums: that of the plan in force; of one customer under contracts in another, theirs.
    fn home_currency(&self, customer: Option<&str>, takings: &Takings) -> Result<Currency> {
        let own = self.documents()?.plan.currency;
        let mut known = takings.months.iter().map(|month| month.taken.currency());
        let is_its_own = known.clone().any(|known| known == own);
        Ok(match customer.filter(|_| !is_its_own).and(known.next()) {
            Some(other) => other,
            None => own,
        })
    }

    /// What a month cost, by line: what is claimed by sums, what model costs say entry by entry.
    fn spent(
        &self,
        customer: Option<&str>,
        days: &Range<Date>,
        costs: &[CostDay],
        currency: Currency,
    ) -> Result<Spent> {
        let mut spent = Spent {
            by_line: BTreeMap::new(),
            entries: 0,
            unpriced: 0,
            unconverted: 0,
        };
        let (mut unclaimed, mut others) = (0, Vec::new());
        for own in costs.iter().filter(|own| days.contains(&own.day)) {
            spent.entries += own.entries;
            match own.amount {
                Some(amount) if amount.currency() == currency => spent.add(own.line, amount)?,
                Some(amount) => others.push((own, amount)),
                None => unclaimed += own.entries,
            }
        }
        let mut entries = Vec::new();
        if unclaimed > 0 {
            let facts = self
                .store
                .unclaimed_costs(customer, days, HOME_COSTS_READ_MAX)?;
            let facts = facts.collect::<std::result::Result<Vec<_>, _>>()?;
            spent.unpriced += unclaimed.saturating_sub(u64::try_from(facts.len())?);
            let prices = price_books::load(self.store.as_ref())?;
            entries = CostLedger::of(&facts, &prices, currency, Counting::Claimed).entries;
        }
        let many: Vec<u64> = (entries.iter().map(|_| 1))
            .chain(others.iter().map(|(own, _)| own.entries))
            .collect();
        for (own, amount) in others {
            entries.push(in_another_currency(own, amount)?);
        }
        if entries.iter().any(|own| own.unconverted().is_some()) {
            let rates = price_books::rates(self.store.as_ref())?;
            let mut ledger = CostLedger { currency, entries };
            ledger.convert(&rates)?;
            entries = ledger.entries;
        }
        for (own, many) in entries.iter().zip(many) {
            match (own.amount(), own.unconverted()) {
                (Some(amount), _) => spent.add(own.line, amount)?,
                (None, Some(_)) => spent.unconverted += many,
                (None, None) => spent.unpriced += many,
            }
        }
        Ok(spent)
    }

    /// The definition of that id, where there is one alone.
    fn definition_of(
        &self,
        customer: Option<&str>,
        unit: Option<&str>,
    ) -> Result<Option<Definition>> {
        let Some(unit) = unit else { return Ok(None) };
        let documents = self.documents()?;
        let mut known: Vec<Definition> = documents.definitions;
        let published = self
            .store
            .published(DocumentKind::Definition, HOME_DEFINITIONS_MAX)?;
        // One that cannot be read governs nobody.
        known.extend(
            published
                .iter()
                .filter_map(|own| Definition::parse(&own.text).ok()),
        );
        known.retain(|own| own.id == unit);
        known.sort_by_key(|own| own.digest);
        known.dedup_by_key(|own| own.digest);
        let is_one = known.len() == 1 || customer.is_none() && agree(&known);
        Ok(known.pop().filter(|_| is_one))
    }
}

/// Whether definitions ask the same and say the same worth.
fn agree(known: &[Definition]) -> bool {
    let mut pairs = known.windows(2);
    pairs.all(|pair| pair[0].question == pair[1].question && pair[0].value == pair[1].value)
}

impl Spent {
    fn add(&mut self, line: CostLine, amount: Amount) -> Result<()> {
        let zero = Amount::zero(amount.currency());
        let sum = self.by_line.entry(line.word()).or_insert(zero);
        *sum = sum.plus(amount)?;
        Ok(())
    }

    fn of_line(&self, line: CostLine, currency: Currency) -> Amount {
        let own = self.by_line.get(line.word());
        own.copied().unwrap_or(Amount::zero(currency))
    }
}

/// A day's costs in another currency, as an entry that a published rate may convert.
fn in_another_currency(own: &CostDay, amount: Amount) -> Result<CostEntry> {
    Ok(CostEntry {
        customer: UNASSIGNED.to_owned(),
        fact: FactRef {
            source: SmolStr::default(),
            id: SmolStr::default(),
        },
        time: own.day.to_zoned(TimeZone::UTC)?.timestamp(),
        work: None,
        trace: None,
        headers: Headers::default(),
        line: own.line,
        provider: None,
        model: None,
        agent: None,
        agent_version: None,
        claimed: Some(amount),
        computed: None,
        counts: What::Uncosted(Uncosted::OtherCurrency(amount)),
    })
}

/// The definitions that something counted by, the most first.
fn units(counted: &[CountedDay], days: &Range<Date>) -> Result<Vec<view::HomeUnit>> {
    let mut sums: BTreeMap<&str, Quantity> = BTreeMap::new();
    for own in counted.iter().filter(|own| days.contains(&own.day)) {
        let sum = sums.entry(&own.unit).or_default();
        *sum = sum.plus(own.quantity)?;
    }
    let units = sums.into_iter().map(|(unit, counted)| view::HomeUnit {
        unit: unit.to_owned(),
        counted,
    });
    let mut units: Vec<view::HomeUnit> = units.collect();
    units.sort_by(|a, b| (b.counted, &a.unit).cmp(&(a.counted, &b.unit)));
    Ok(units)
}

fn of_month(months: &[TakenMonth], month: Date, currency: Currency) -> Taken {
    let mut own = months.iter();
    let own = own.find(|own| own.month == month && own.taken.currency() == currency);
    own.map_or_else(|| Taken::nothing(currency), |own| own.taken.clone())
}

/// What a month is charged in other currencies.
fn others(months: &[TakenMonth], month: Date, currency: Currency) -> Result<Vec<Amount>> {
    let others = months
        .iter()
        .filter(|own| own.month == month && own.taken.currency() != currency);
    others.map(|own| Ok(own.taken.total()?)).collect()
}

fn work_count(
    unit: Option<String>,
    definition: Option<&Definition>,
    (counted, standing): (&[&CountedDay], &[UnitDay]),
    days: &Range<Date>,
) -> Result<view::WorkCount> {
    let mut classes: BTreeMap<&str, Quantity> = BTreeMap::new();
    let length = usize::try_from((days.end - days.start).get_days())?;
    let mut daily = vec![Quantity::ZERO; length];
    let mut sum = Quantity::ZERO;
    for own in counted {
        sum = sum.plus(own.quantity)?;
        let class = classes.entry(&own.class).or_default();
        *class = class.plus(own.quantity)?;
        let day = usize::try_from((own.day - days.start).get_days()).ok();
        if let Some(day) = day.and_then(|day| daily.get_mut(day)) {
            *day = day.plus(own.quantity)?;
        }
    }
    let order = |class: &str| {
        let mut known = definition.into_iter().flat_map(|own| &own.counts);
        known.position(|own| own.name == class)
    };
    let mut classes: Vec<view::ClassCount> = classes
        .into_iter()
        .filter(|(_, quantity)| !quantity.is_zero())
        .map(|(class, quantity)| view::ClassCount {
            class: class.to_owned(),
            quantity,
        })
        .collect();
    classes.sort_by_key(|own| order(&own.class).unwrap_or(usize::MAX));
    let many = |of: fn(&UnitDay) -> u64| {
        let sum: u64 = standing.iter().map(of).sum();
        Decimal::from_int(i64::try_from(sum).unwrap_or(i64::MAX))
    };
    Ok(view::WorkCount {
        unit: unit.unwrap_or_else(|| "no work yet".to_owned()),
        question: definition.map(|own| own.question.clone()),
        total: many(|own| own.opened),
        counted: sum,
        classes,
        pending: many(|own| own.pending),
        not_counted: many(|own| own.not_counted),
        reversed: many(|own| own.reversed),
        daily,
    })
}

/// What the counted work is worth to the buyer.
fn value(
    definition: Option<&Definition>,
    work: &view::WorkCount,
    counted: &[&CountedDay],
    currency: Currency,
) -> Result<view::BuyerValue> {
    let unknown = |basis: &str| view::BuyerValue {
        amount: None,
        basis: basis.to_owned(),
    };
    Ok(match definition.map(|own| &own.value) {
        None if counted.is_empty() => unknown("nothing counted yet"),
        None => unknown("no one definition says"),
        Some(WorkValue::Unstated) => unknown("not stated in the definition"),
        Some(WorkValue::PerUnit(amount)) => view::BuyerValue {
            amount: Some(amount.times(work.counted)?),
            basis: format!("{amount} a unit, agreed"),
        },
        Some(WorkValue::Measured) => {
            let own = counted.iter().flat_map(|own| &own.values);
            let own: Vec<Amount> = own
                .filter(|own| own.currency() == currency)
                .copied()
                .collect();
            view::BuyerValue {
                amount: match own.is_empty() {
                    true => None,
                    false => Some(Amount::sum(currency, own)?),
                },
                basis: "measured".to_owned(),
            }
        }
    })
}

/// How many of the counted works whose facts decided.
fn authors(counted: &[&CountedDay]) -> Result<BTreeMap<Authorship, Quantity>> {
    let mut shares: BTreeMap<Authorship, Quantity> = BTreeMap::new();
    for own in counted {
        let sum = shares.entry(own.decided_by).or_default();
        *sum = sum.plus(own.quantity)?;
    }
    Ok(shares)
}

struct FourSources<'a> {
    scope: String,
    period: view::Period,
    taken: &'a Taken,
    spent: &'a Spent,
    value: view::BuyerValue,
    authors: BTreeMap<Authorship, Quantity>,
    work: view::WorkCount,
    command: String,
}

fn four_meters(own: FourSources<'_>) -> Result<view::FourMeters> {
    let (taken, currency) = (own.taken, own.taken.currency());
    let charged = taken.total()?;
    let lines = own.spent.by_line.values().copied();
    let cost = Amount::sum(currency, lines)?;
    let margin = match own.spent.entries {
        0 => None,
        _ => Some(charged.minus(cost)?),
    };
    let measure = |value: Quantity, noun: &str| {
        Some(view::Measure {
            value,
            noun: noun.to_owned(),
        })
    };
    let used = match taken.used.iter().next() {
        Some((meter, quantity)) if taken.used.len() == 1 => measure(*quantity, meter),
        _ => None,
    };
    Ok(view::FourMeters {
        access: Meter {
            charged: taken.access,
            quantity: measure(taken.seat_days, "seat-days").filter(|own| !own.value.is_zero()),
            danger: share_of_bill((taken.access, charged), Surface::Access, PAID_WHATEVER)?,
        },
        usage: Meter {
            charged: taken.usage,
            quantity: used,
            danger: share_of_bill((taken.usage, charged), Surface::Usage, GROWS_WITH_USE)?,
        },
        outcome: Meter {
            charged: taken.outcome,
            quantity: measure(own.work.counted, "counted"),
            danger: decided(&own.authors, "of the counted works")?,
        },
        risk: Meter {
            charged: taken.risk,
            quantity: measure(taken.banded, "works priced by band")
                .filter(|own| !own.value.is_zero()),
            danger: uncalibrated(),
        },
        charged,
        terms: Some(taken.terms).filter(|own| !own.is_zero()),
        token_cost: own.spent.of_line(CostLine::Model, currency),
        cost,
        unpriced: own.spent.unpriced,
        unconverted: own.spent.unconverted,
        margin,
        margin_share: match margin {
            Some(margin) if !charged.is_zero() => Some(share_of(margin, charged)?),
            _ => None,
        },
        value: own.value,
        work: own.work,
        scope: own.scope,
        period: own.period,
        command: own.command,
    })
}

/// The months up to one, the latest first.
fn months(
    (taken, counted, costs): (&[TakenMonth], &[CountedDay], &[CostDay]),
    (last, currency): (Date, Currency),
) -> Result<Vec<view::HomeMonth>> {
    let mut rows = Vec::with_capacity(HOME_MONTHS);
    let mut month = last;
    for _ in 0..HOME_MONTHS {
        let days = month..month.last_of_month().tomorrow()?;
        let own = of_month(taken, month, currency);
        let mut sum = Quantity::ZERO;
        for own in counted.iter().filter(|own| days.contains(&own.day)) {
            sum = sum.plus(own.quantity)?;
        }
        let (mut cost, mut is_cost_least) = (None, false);
        for own in costs.iter().filter(|own| days.contains(&own.day)) {
            let known = own.amount.filter(|own| own.currency() == currency);
            is_cost_least |= known.is_none();
            let so_far = cost.unwrap_or(Amount::zero(currency));
            cost = Some(so_far.plus(known.unwrap_or(Amount::zero(currency)))?);
        }
        rows.push(view::HomeMonth {
            month,
            access: own.access,
            usage: own.usage,
            outcome: own.outcome,
            risk: own.risk,
            charged: own.total()?,
            counted: sum,
            cost,
            is_cost_least,
        });
        month = month.yesterday()?.first_of_month();
    }
    Ok(rows)
}

fn command(month: Date, customer: Option<&str>) -> String {
    let mut command = format!("piecework report --period {}", month.strftime("%Y-%m"));
    if let Some(customer) = customer {
        command.push_str(&format!(" --customer {customer}"));
    }
    command
}
