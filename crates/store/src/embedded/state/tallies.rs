//! [`Tallies`]: what a transaction adds to the sums that are kept by day, of each customer and of all.
//!
//! Rows that go are taken out as rows that come are put in, so the tables hold the sums over those that are there. A row
//! whose last part goes, goes. Invariant: the tables equal the sums over `movements`, `states` and `costs`, however the
//! entries were cut into transactions.

use std::collections::BTreeMap;

use money::{Amount, Decimal};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use crate::totals::Sum;

/// The number of all customers together; that of a customer is above it.
pub(super) const ALL: i64 = 0;

/// What one transaction adds.
#[derive(Default)]
pub(super) struct Tallies {
    counted: BTreeMap<CountedKey, CountedSum>,
    standing: BTreeMap<StandingKey, i64>,
    costs: BTreeMap<CostKey, CostSum>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct CountedKey {
    customer: i64,
    /// The day on which it counted.
    day: String,
    unit: String,
    class: String,
    decided_by: String,
    /// The currency of the value; empty without one.
    currency: String,
    /// The day of the movement.
    moved: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct CountedSum {
    movements: i64,
    quantity: Sum,
    value: Sum,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct StandingKey {
    customer: i64,
    /// The day of opening.
    day: String,
    unit: String,
    state: String,
    /// The day on which units came to stand so, or no longer do.
    moved: String,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct CostKey {
    customer: i64,
    day: String,
    line: String,
    /// The currency; empty where no amount is claimed that can be trusted.
    currency: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct CostSum {
    entries: i64,
    amount: Sum,
}

/// A row of `movements`, with the definition that it is of.
pub(super) struct Moved<'a> {
    pub(super) unit: &'a str,
    pub(super) instant: &'a str,
    pub(super) counted_at: &'a str,
    pub(super) class: &'a str,
    pub(super) decided_by: &'a str,
    pub(super) quantity: Decimal,
    pub(super) value: Option<Amount>,
}

/// The columns of `movements` that [`Tallies::take_movement`] reads.
pub(super) const MOVED: &str = "instant, counted_at, class, decided_by, quantity, value, currency";

impl Tallies {
    /// Adds a movement, or with a sign of minus one takes it away.
    pub(super) fn movement(&mut self, customer: i64, own: &Moved<'_>, sign: i8) {
        let key = CountedKey {
            customer,
            day: day(own.counted_at).to_owned(),
            unit: own.unit.to_owned(),
            class: own.class.to_owned(),
            decided_by: own.decided_by.to_owned(),
            currency: own.value.map_or("", |own| own.currency().code()).to_owned(),
            moved: day(own.instant).to_owned(),
        };
        let sum = self.counted.entry(key).or_default();
        sum.movements += i64::from(sign);
        sum.quantity.add(own.quantity, i128::from(sign));
        if let Some(value) = own.value {
            sum.value.add(value.value(), i128::from(sign));
        }
    }

    /// Takes away a movement whose row went: its columns are [`MOVED`].
    pub(super) fn take_movement(
        &mut self,
        customer: i64,
        unit: &str,
        row: &Row<'_>,
    ) -> rusqlite::Result<()> {
        let text = |column: usize| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
        let value: Option<String> = row.get(5)?;
        let currency: Option<String> = row.get(6)?;
        let value = value.zip(currency);
        let value = value.map(|(number, currency)| format!("{number} {currency}").parse());
        let own = Moved {
            unit,
            instant: text(0)?,
            counted_at: text(1)?,
            class: text(2)?,
            decided_by: text(3)?,
            quantity: decimal(text(4)?)?,
            value: value
                .transpose()
                .map_err(|_| rusqlite::Error::InvalidQuery)?,
        };
        self.movement(customer, &own, -1);
        Ok(())
    }

    /// Adds a state in which a unit is from an instant on and until another, or takes it away.
    pub(super) fn state(
        &mut self,
        customer: i64,
        (unit, opened, state): (&str, &str, &str),
        (since, until): (&str, Option<&str>),
        sign: i8,
    ) {
        let steps = [(Some(since), sign), (until, -sign)];
        for (instant, units) in steps {
            let Some(instant) = instant else { continue };
            let key = StandingKey {
                customer,
                day: day(opened).to_owned(),
                unit: unit.to_owned(),
                state: state.to_owned(),
                moved: day(instant).to_owned(),
            };
            *self.standing.entry(key).or_default() += i64::from(units);
        }
    }

    /// Adds a cost, or takes it away; without an amount, one that claims none which can be trusted.
    pub(super) fn cost(
        &mut self,
        customer: i64,
        (time, line): (&str, &str),
        amount: Option<Amount>,
        sign: i8,
    ) {
        let key = CostKey {
            customer,
            day: day(time).to_owned(),
            line: line.to_owned(),
            currency: amount.map_or("", |own| own.currency().code()).to_owned(),
        };
        let sum = self.costs.entry(key).or_default();
        sum.entries += i64::from(sign);
        if let Some(amount) = amount {
            sum.amount.add(amount.value(), i128::from(sign));
        }
    }

    /// Takes away everything that counted of a customer and how its works stand, as the tables have it.
    pub(super) fn clear_works(connection: &Connection, customer: i64) -> rusqlite::Result<()> {
        let mut own = Tallies::default();
        let mut select = connection.prepare_cached(
            "SELECT day, unit, class, decided_by, currency, moved, movements, quantity, value
             FROM counted_days WHERE customer = ?1",
        )?;
        let mut found = select.query([customer])?;
        while let Some(row) = found.next()? {
            let key = CountedKey {
                customer,
                day: row.get(0)?,
                unit: row.get(1)?,
                class: row.get(2)?,
                decided_by: row.get(3)?,
                currency: row.get(4)?,
                moved: row.get(5)?,
            };
            let movements: i64 = row.get(6)?;
            let sum = CountedSum {
                movements: -movements,
                quantity: sum(row, 7)?.negated(),
                value: sum(row, 8)?.negated(),
            };
            own.counted.insert(key, sum);
        }
        let mut select = connection.prepare_cached(
            "SELECT day, unit, state, moved, units FROM standing_days WHERE customer = ?1",
        )?;
        let mut found = select.query([customer])?;
        while let Some(row) = found.next()? {
            let key = StandingKey {
                customer,
                day: row.get(0)?,
                unit: row.get(1)?,
                state: row.get(2)?,
                moved: row.get(3)?,
            };
            let units: i64 = row.get(4)?;
            own.standing.insert(key, -units);
        }
        own.write(connection)
    }

    /// Adds everything to the tables.
    pub(super) fn write(self, connection: &Connection) -> rusqlite::Result<()> {
        for (key, sum) in self.counted {
            for customer in [key.customer, ALL] {
                counted(connection, customer, &key, sum)?;
            }
        }
        for (key, units) in self.standing {
            for customer in [key.customer, ALL] {
                standing(connection, customer, &key, units)?;
            }
        }
        for (key, sum) in self.costs {
            for customer in [key.customer, ALL] {
                costs(connection, customer, &key, sum)?;
            }
        }
        Ok(())
    }
}

fn counted(
    connection: &Connection,
    customer: i64,
    key: &CountedKey,
    own: CountedSum,
) -> rusqlite::Result<()> {
    if own == CountedSum::default() {
        return Ok(());
    }
    let place = params![
        customer,
        key.day,
        key.unit,
        key.class,
        key.decided_by,
        key.currency,
        key.moved
    ];
    let mut select = connection.prepare_cached(
        "SELECT movements, quantity, value FROM counted_days
         WHERE customer = ?1 AND day = ?2 AND unit = ?3 AND class = ?4 AND decided_by = ?5
             AND currency = ?6 AND moved = ?7",
    )?;
    let known = select.query_row(place, |row| {
        Ok(CountedSum {
            movements: row.get(0)?,
            quantity: sum(row, 1)?,
            value: sum(row, 2)?,
        })
    });
    let mut all = known.optional()?.unwrap_or_default();
    all.movements += own.movements;
    all.quantity.add_all(own.quantity);
    all.value.add_all(own.value);
    if all == CountedSum::default() {
        let mut delete = connection.prepare_cached(
            "DELETE FROM counted_days
             WHERE customer = ?1 AND day = ?2 AND unit = ?3 AND class = ?4 AND decided_by = ?5
                 AND currency = ?6 AND moved = ?7",
        )?;
        delete.execute(place)?;
        return Ok(());
    }
    let mut replace = connection.prepare_cached(
        "INSERT OR REPLACE INTO counted_days VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?;
    replace.execute(params![
        customer,
        key.day,
        key.unit,
        key.class,
        key.decided_by,
        key.currency,
        key.moved,
        all.movements,
        all.quantity.to_text(),
        all.value.to_text(),
    ])?;
    Ok(())
}

fn standing(
    connection: &Connection,
    customer: i64,
    key: &StandingKey,
    units: i64,
) -> rusqlite::Result<()> {
    if units == 0 {
        return Ok(());
    }
    let mut add = connection.prepare_cached(
        "INSERT INTO standing_days VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT DO UPDATE SET units = units + excluded.units RETURNING units",
    )?;
    let place = params![customer, key.day, key.unit, key.state, key.moved, units];
    let left: i64 = add.query_row(place, |row| row.get(0))?;
    if left == 0 {
        let mut delete = connection.prepare_cached(
            "DELETE FROM standing_days
             WHERE customer = ?1 AND day = ?2 AND unit = ?3 AND state = ?4 AND moved = ?5",
        )?;
        delete.execute(params![customer, key.day, key.unit, key.state, key.moved])?;
    }
    Ok(())
}

fn costs(
    connection: &Connection,
    customer: i64,
    key: &CostKey,
    own: CostSum,
) -> rusqlite::Result<()> {
    if own == CostSum::default() {
        return Ok(());
    }
    let place = params![customer, key.day, key.line, key.currency];
    let mut select = connection.prepare_cached(
        "SELECT entries, amount FROM cost_days
         WHERE customer = ?1 AND day = ?2 AND line = ?3 AND currency = ?4",
    )?;
    let known = select.query_row(place, |row| {
        Ok(CostSum {
            entries: row.get(0)?,
            amount: sum(row, 1)?,
        })
    });
    let mut all = known.optional()?.unwrap_or_default();
    all.entries += own.entries;
    all.amount.add_all(own.amount);
    if all == CostSum::default() {
        let mut delete = connection.prepare_cached(
            "DELETE FROM cost_days
             WHERE customer = ?1 AND day = ?2 AND line = ?3 AND currency = ?4",
        )?;
        delete.execute(place)?;
        return Ok(());
    }
    let mut replace = connection
        .prepare_cached("INSERT OR REPLACE INTO cost_days VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    replace.execute(params![
        customer,
        key.day,
        key.line,
        key.currency,
        all.entries,
        all.amount.to_text(),
    ])?;
    Ok(())
}

/// The day of an instant as the tables keep it.
pub(super) fn day(instant: &str) -> &str {
    // Ten characters of ASCII: a year has four digits.
    instant.get(..10).unwrap_or(instant)
}

/// A sum as the tables keep it.
pub(super) fn sum(row: &Row<'_>, column: usize) -> rusqlite::Result<Sum> {
    let text = row.get_ref(column)?.as_str()?;
    Sum::of_text(text).ok_or(rusqlite::Error::InvalidQuery)
}

/// A decimal as the tables keep it.
pub(super) fn decimal(text: &str) -> rusqlite::Result<Decimal> {
    text.parse().map_err(|_| rusqlite::Error::InvalidQuery)
}
