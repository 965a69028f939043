//! An opening is read: every key, every bound, every fault with its place.
//!
//! Not here: whether it goes with the contract that it is for ([`super::fits`]).

use std::collections::BTreeSet;

use jiff::Timestamp;
use money::{Currency, Quantity};
use work::Digest;
use work::body::GrantScope;

use super::{
    Counter, FreeBefore, GrantBefore, Opening, RolledBefore, StatedBefore, UnpaidBefore, WorkBefore,
};
use crate::contract::invoice::line;
use crate::document::Table;
use crate::limits::{GROUPS_MAX, OPENING_ITEMS_MAX, OPENING_WORKS_MAX, ROLLOVER_PERIODS_MAX};
use crate::plan::CURRENCY_HINT;

pub(super) fn read(root: &Table<'_>, text: &str) -> Option<Opening> {
    let contract = root.need("contract", root.id("contract"));
    let code = root.need("currency", root.text("currency"));
    let currency: Option<Currency> = code.and_then(|code| {
        code.parse()
            .map_err(|error: money::MoneyError| {
                root.fault("currency", error.to_string(), Some(CURRENCY_HINT));
            })
            .ok()
    });
    let system = root.need("system", line(root, "system"));
    // Without a currency no amount can be read, and that is the fault.
    let currency = currency?;
    let counters = read_counters(root, currency);
    let stated = read_stated(root, currency);
    let works = read_works(root, currency);
    let grants = read_grants(root, currency);
    let unpaid = read_unpaid(root, currency);
    root.finish();
    Some(Opening {
        contract: contract?,
        currency,
        digest: Digest::of(text.as_bytes()),
        system: system?,
        counters,
        stated,
        works,
        grants,
        unpaid,
        text: text.to_owned(),
    })
}

fn read_counters(root: &Table<'_>, currency: Currency) -> Vec<Counter> {
    let mut found: Vec<Counter> = Vec::new();
    for table in root.tables("counter", GROUPS_MAX) {
        let component = table.need("component", table.id("component"));
        let own = Counter {
            component: component.unwrap_or_default(),
            label: table.text("class").unwrap_or_default(),
            is_of_attempts: table.word("of", &[("attempts", true)]).unwrap_or_default(),
            quantity: table.quantity("quantity").unwrap_or_default(),
            included: table.quantity("included").unwrap_or_default(),
            rolled: read_rolled(&table),
            items: read_items(&table),
            free: FreeBefore {
                events: table.count("free_events", 0).unwrap_or_default(),
                amount: table.amount("free_amount", currency),
            },
            carried: table.amount("carried", currency),
        };
        table.finish();
        let place = |own: &Counter| {
            let (component, label) = (own.component.clone(), own.label.clone());
            (component, label, own.is_of_attempts)
        };
        if !own.component.is_empty() && found.iter().any(|other| place(other) == place(&own)) {
            table.fault("component", "this counter is there twice", None);
        }
        found.push(own);
    }
    found
}

/// Reads `rolled = [{ quantity = 300, periods = 1 }]`.
fn read_rolled(table: &Table<'_>) -> Vec<RolledBefore> {
    let mut found = Vec::new();
    for own in table.tables("rolled", GROUPS_MAX) {
        let quantity = own.need("quantity", own.quantity("quantity"));
        let periods = own.need("periods", own.count("periods", 1));
        own.finish();
        if periods.is_some_and(|periods| periods > ROLLOVER_PERIODS_MAX) {
            let fault =
                format!("an allowance rolls over for at most {ROLLOVER_PERIODS_MAX} periods");
            own.fault("periods", fault, None);
        }
        if let (Some(quantity), Some(periods)) = (quantity, periods) {
            found.push(RolledBefore { quantity, periods });
        }
    }
    found
}

fn read_items(table: &Table<'_>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for item in table.texts("items", OPENING_ITEMS_MAX) {
        if found.contains(&item) {
            table.fault("items", format!("`{item}` is there twice"), None);
        }
        found.insert(item);
    }
    found
}

fn read_stated(root: &Table<'_>, currency: Currency) -> Vec<StatedBefore> {
    let mut found: Vec<StatedBefore> = Vec::new();
    for table in root.tables("stated", GROUPS_MAX) {
        let component = table.need("component", table.id("component"));
        let quantity = table.quantity("quantity").unwrap_or(Quantity::ONE);
        let amount = table.need("amount", table.amount("amount", currency));
        table.finish();
        let (Some(component), Some(amount)) = (component, amount) else {
            continue;
        };
        if found.iter().any(|own| own.component == component) {
            let hint = "one amount for each component: the sum of what was billed of it";
            table.fault("component", "this component is there twice", Some(hint));
        }
        found.push(StatedBefore {
            component,
            quantity,
            amount,
        });
    }
    found
}

fn read_works(root: &Table<'_>, currency: Currency) -> Vec<WorkBefore> {
    let mut found: Vec<WorkBefore> = Vec::new();
    for table in root.tables("work", OPENING_WORKS_MAX) {
        let unit = table.need("unit", table.id("unit"));
        let work = table.need("work", line(&table, "work"));
        let billed = table.amount("billed", currency);
        let value = table.amount("value", currency);
        table.finish();
        if billed.is_none() && value.is_some() {
            let fault = "`value` is what was billed on: it stands beside `billed`";
            table.fault("value", fault, None);
        }
        let (Some(unit), Some(work)) = (unit, work) else {
            continue;
        };
        if found.iter().any(|own| own.unit == unit && own.work == work) {
            table.fault("work", "this work is there twice", None);
        }
        found.push(WorkBefore {
            unit,
            work,
            billed,
            value,
        });
    }
    found
}

fn read_grants(root: &Table<'_>, currency: Currency) -> Vec<GrantBefore> {
    let mut found: Vec<GrantBefore> = Vec::new();
    for table in root.tables("grant", GROUPS_MAX) {
        let grant = table.need("grant", table.id("grant"));
        let amount = table.need("amount", table.amount("amount", currency));
        let paid = table.amount("paid", currency);
        let priority = table.count("priority", 0).unwrap_or(0);
        let expires = table.text("expires").and_then(|text| {
            let read: Option<Timestamp> = text.parse().ok();
            let read = read.filter(|own| own.to_string() == text);
            if read.is_none() {
                let fault = "an instant such as `2026-12-31T23:00:00Z`, in quotes";
                table.fault("expires", fault, None);
            }
            read
        });
        let scope = GrantScope {
            surfaces: table.texts("surfaces", GROUPS_MAX),
            components: table.texts("components", GROUPS_MAX),
        };
        table.finish();
        if !scope.surfaces.is_empty() && !scope.components.is_empty() {
            table.fault(
                "components",
                "a grant is for surfaces or for components",
                None,
            );
        }
        let (Some(grant), Some(amount)) = (grant, amount) else {
            continue;
        };
        if amount.is_zero() {
            table.fault("amount", "a grant gives something", None);
        }
        if found.iter().any(|own| own.grant == grant) {
            table.fault("grant", "this grant is there twice", None);
        }
        found.push(GrantBefore {
            grant,
            amount,
            paid,
            priority,
            expires,
            scope,
        });
    }
    found
}

fn read_unpaid(root: &Table<'_>, currency: Currency) -> Vec<UnpaidBefore> {
    let mut found: Vec<UnpaidBefore> = Vec::new();
    for table in root.tables("unpaid", GROUPS_MAX) {
        let number = table.need("number", line(&table, "number"));
        let amount = table.need("amount", table.amount("amount", currency));
        let due = table.date("due");
        table.finish();
        if let (Some(number), Some(amount)) = (number, amount) {
            if found.iter().any(|own| own.number == number) {
                table.fault("number", "this document is there twice", None);
            }
            found.push(UnpaidBefore {
                number,
                amount,
                due,
            });
        }
    }
    found
}
