//! Reading a contract document.

use jiff::tz::TimeZone;
use money::{Currency, Rounding};
use toml::de::DeValue;
use work::body::Verdict;
use work::{Digest, Span};

use super::invoice::read_invoice;
use super::phase::{read_phases, read_trial};
use super::renewal::read_renewal;
use super::{Contract, Holdback, Late};
use crate::document::{DocumentError, Faults, Table, parse};
use crate::limits::{COMPONENTS_MAX, GRACE_DAYS_MAX, GROUPS_MAX};
use crate::period::Interval;
use crate::plan::{CURRENCY_HINT, Retier, read_totals};

/// The number of the rules in `docs/reference/semantics.md`. An engine keeps every number that it
/// ever used, so that an old statement replays to the same bytes (semantics.md D13).
pub const SEMANTICS: u32 = 1;

impl Contract {
    /// Reads a contract.
    ///
    /// # Errors
    /// [`DocumentError`] with every fault and its place in the text.
    pub fn parse(text: &str) -> Result<Contract, DocumentError> {
        let error = |faults| DocumentError {
            document: "contract",
            faults,
        };
        let root = parse(text).map_err(|fault| error(vec![fault]))?;
        let faults = Faults::default();
        let contract = read(&Table::new(root.get_ref(), root.span(), &faults), text);
        match contract {
            Some(contract) if faults.is_empty() => Ok(contract),
            _ => Err(error(faults.into_sorted())),
        }
    }
}

fn read(root: &Table<'_>, text: &str) -> Option<Contract> {
    let id = root.need("id", root.id("id"));
    let customer = root.need("customer", customer(root));
    let plan = root.need("plan", digest(root));
    let definitions = definitions(root);
    let starts = root.need("starts", root.date("starts"));
    let ends = root.date("ends");
    if starts.zip(ends).is_some_and(|(starts, ends)| ends < starts) {
        let hint = "`ends` is the last day that is covered: name a later one, or leave it out";
        root.fault("ends", "the last day is before the first", Some(hint));
    }
    let renews = read_renewal(root, ends);
    let trial = read_trial(root);
    let time_zone = root.need("time_zone", zone(root));
    let anchor = root.count("anchor_day", 1);
    if anchor.is_some_and(|day| day > 31) {
        root.fault(
            "anchor_day",
            "a day of the month: 1 to 31",
            Some("31 means the last day of every month"),
        );
    }
    let billing = root.word("billing", &Interval::WORDS).unwrap_or_default();
    let currency: Option<Currency> =
        root.need("currency", root.text("currency"))
            .and_then(|code| {
                code.parse()
                    .map_err(|error: money::MoneyError| {
                        root.fault("currency", error.to_string(), Some(CURRENCY_HINT));
                    })
                    .ok()
            });
    let rounding = rounding(root);
    let semantics = root.count("semantics", 1).unwrap_or(SEMANTICS);
    if semantics != SEMANTICS {
        root.fault(
            "semantics",
            format!("this release knows the semantics 1 to {SEMANTICS}, not {semantics}"),
            Some("use a release that knows them; the number is changed only by an amendment"),
        );
    }
    let late = late(root);
    let retier_on_reversal = root.word(
        "retier_on_reversal",
        &[("full", Retier::Full), ("no_increase", Retier::NoIncrease)],
    );
    let dispute_default = root.word(
        "dispute_default",
        &[("stands", Verdict::Stands), ("credit", Verdict::Credited)],
    );
    let series = root.id("series");
    let grace_days = root.count("grace_days", 0);
    if grace_days.is_some_and(|days| days > GRACE_DAYS_MAX) {
        root.fault(
            "grace_days",
            format!("at most {GRACE_DAYS_MAX} days"),
            Some("days after the end of a period before its statement is issued, such as 3"),
        );
    }
    let holdback = Holdback::read(root);
    let invoice = read_invoice(root, currency);
    let totals = currency
        .map(|currency| read_totals(root, currency))
        .unwrap_or_default();
    let last_day = if renews.is_some() { None } else { ends };
    let phases = read_phases(root, currency, starts, last_day);
    let overrides = root
        .tables("override", COMPONENTS_MAX)
        .iter()
        .filter_map(|table| check_override(table, &[]))
        .collect();
    root.finish();
    let starts = starts?;
    let day = anchor.and_then(|day| i8::try_from(day).ok());
    Some(Contract {
        id: id?,
        customer: customer?,
        digest: Digest::of(text.as_bytes()),
        plan: plan?,
        definitions,
        starts,
        ends,
        renews,
        trial,
        phases,
        time_zone: time_zone?,
        anchor_day: day.unwrap_or(starts.day()),
        billing,
        currency: currency?,
        rounding,
        semantics,
        late,
        retier_on_reversal,
        dispute_default,
        series,
        grace_days: grace_days.unwrap_or(0),
        holdback,
        invoice,
        totals,
        overrides,
        text: text.to_owned(),
    })
}

/// The component that an override names, which keeps what it sells.
pub(super) fn check_override(table: &Table<'_>, fixed_too: &[&str]) -> Option<String> {
    let component = table.need("component", table.id("component"))?;
    for fixed in ["id", "kind", "unit", "meter", "modifies"]
        .iter()
        .chain(fixed_too)
    {
        if table.has(fixed) {
            table.fault(
                fixed,
                format!("`{fixed}` cannot be overridden"),
                Some("change the plan instead"),
            );
        }
    }
    Some(component)
}

/// A customer's id, as events carry it in `subject`.
fn customer(root: &Table<'_>) -> Option<String> {
    let text = root.text("customer")?;
    let bad = text.is_empty()
        || text.len() > work::limits::ID_BYTES_MAX
        || text.starts_with('_')
        || text.chars().any(char::is_control);
    if bad {
        root.fault(
            "customer",
            "a customer's id is what its events carry as `subject`",
            None,
        );
        return None;
    }
    Some(text)
}

fn digest(root: &Table<'_>) -> Option<Digest> {
    let text = root.text("plan")?;
    text.parse()
        .map_err(|error: work::digest::DigestError| {
            root.fault(
                "plan",
                error.to_string(),
                Some("the digest of the published plan's text"),
            );
        })
        .ok()
}

fn definitions(root: &Table<'_>) -> Vec<Digest> {
    let mut digests = Vec::new();
    for text in root.texts("definitions", GROUPS_MAX) {
        match text.parse() {
            Ok(digest) => digests.push(digest),
            Err(error) => {
                let error: work::digest::DigestError = error;
                root.fault("definitions", error.to_string(), None);
            }
        }
    }
    digests
}

fn zone(root: &Table<'_>) -> Option<TimeZone> {
    let name = root.text("time_zone")?;
    match TimeZone::get(&name) {
        Ok(zone) => Some(zone),
        Err(_) => {
            root.fault(
                "time_zone",
                format!("`{name}` is not a time zone of the tz database"),
                Some("e.g. Europe/Berlin, America/New_York, UTC"),
            );
            None
        }
    }
}

fn rounding(root: &Table<'_>) -> Rounding {
    let Some(name) = root.text("rounding") else {
        return Rounding::default();
    };
    Rounding::from_name(&name).unwrap_or_else(|| {
        root.fault(
            "rounding",
            format!("`{name}` is not one of: half_even, half_up, down, up"),
            None,
        );
        Rounding::default()
    })
}

fn late(root: &Table<'_>) -> Late {
    let Some(value) = root.take("late") else {
        return Late::Bill;
    };
    if let DeValue::Table(_) = value.get_ref() {
        let Some(table) = root.table("late") else {
            return Late::Bill;
        };
        let text = table.need("waive_after", table.text("waive_after"));
        table.finish();
        let Some(text) = text else { return Late::Bill };
        return match text.parse::<Span>() {
            Ok(span) => Late::WaiveAfter(span),
            Err(error) => {
                table.fault("waive_after", error.to_string(), None);
                Late::Bill
            }
        };
    }
    root.word("late", &[("bill", Late::Bill)])
        .unwrap_or_default()
}
