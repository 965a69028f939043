//! Reading one component.

use money::{Currency, Decimal, Quantity};
use work::Header;

use super::price::{FREE, read_convert, read_price};
use super::{
    Band, BandRange, Component, Due, Group, Indemnity, Metered, Outcome, Platform, Retier, Risk,
    RiskBy, SeatCount, Seats, Surface, Terms,
};
use crate::document::Table;
use crate::limits::GROUPS_MAX;
use crate::period::Interval;
use crate::rating::totals::Totals;
use crate::rating::{Measure, Price};

/// The band of those of which nothing is known.
const MISSING: &str = "missing";

/// Reads a component; faults go to the table's collector.
pub(crate) fn read_component(table: &Table<'_>, currency: Currency) -> Option<Component> {
    let id = table.need("id", table.id("id"));
    let kind = table.need("kind", table.text("kind"));
    let surface = table.word("surface", &Surface::WORDS);
    let every = table.word("every", &Interval::WORDS).unwrap_or_default();
    let totals = read_line_totals(table, currency);
    let terms = match kind.as_deref() {
        Some("platform") => platform(table, currency),
        Some("seats") => seats(table, currency),
        Some("metered") => metered(table, currency),
        Some("outcome") => outcome(table, currency),
        Some("risk") => risk(table),
        Some("indemnity") => indemnity(table, currency),
        Some(other) => {
            table.fault(
                "kind",
                format!(
                    "`{other}` is not one of: platform, seats, metered, outcome, risk, indemnity"
                ),
                None,
            );
            return None;
        }
        None => None,
    };
    table.finish();
    let component = Component {
        id: id?,
        terms: terms?,
        every,
        totals,
        span: table.span(),
    };
    if surface.is_some_and(|surface| surface != component.surface()) {
        let own = component.surface().word();
        table.fault(
            "surface",
            format!("`{}` belongs to the surface `{own}`", component.kind()),
            None,
        );
    }
    Some(component)
}

/// The line's own discount, cap and minimum.
fn read_line_totals(table: &Table<'_>, currency: Currency) -> Totals {
    Totals {
        discounts: table
            .share_of_percent("discount_percent")
            .into_iter()
            .collect(),
        discount: None,
        cap: table.amount("maximum", currency),
        minimum: table.amount("minimum", currency),
    }
}

fn platform(table: &Table<'_>, currency: Currency) -> Option<Terms> {
    let amount = table.need("amount", table.amount("amount", currency));
    let due = table.word(
        "due",
        &[("advance", Due::Advance), ("arrears", Due::Arrears)],
    );
    let prorate = table.word("prorate", &[("day", true), ("none", false)]);
    Some(Terms::Platform(Platform {
        amount: amount?,
        due: due.unwrap_or(Due::Advance),
        prorate: prorate.unwrap_or(true),
    }))
}

fn seats(table: &Table<'_>, currency: Currency) -> Option<Terms> {
    let price = table.need("price", read_price(table, "price", currency));
    let included = table.quantity("included").unwrap_or_default();
    let words = [
        ("daily", SeatCount::Daily),
        ("high_water", SeatCount::HighWater),
    ];
    let count = table.word("count", &words).unwrap_or(SeatCount::Daily);
    let price = price?;
    of_quantity(table, "price", &price, "seats")?;
    Some(Terms::Seats(Seats {
        price,
        included,
        count,
    }))
}

/// Refuses a price of money where only units are counted.
fn of_quantity(table: &Table<'_>, key: &str, price: &Price, what: &str) -> Option<()> {
    if price.measure() == Measure::Quantity {
        return Some(());
    }
    table.fault(
        key,
        format!("a percentage needs money; {what} are counted"),
        None,
    );
    None
}

fn metered(table: &Table<'_>, currency: Currency) -> Option<Terms> {
    let meter = table.need("meter", table.id("meter"));
    if let Some(word) = table.text("aggregate")
        && word != "sum"
    {
        table.fault("aggregate", format!("`{word}` is not one of: sum"), None);
    }
    let price = table.need("price", read_price(table, "price", currency));
    let allowance = table.quantity("allowance").unwrap_or_default();
    let convert = read_convert(table);
    let price = price?;
    if !allowance.is_zero() || convert.is_some() {
        of_quantity(table, "price", &price, "an allowance and `convert`")?;
    }
    Some(Terms::Metered(Metered {
        meter: meter?,
        price,
        allowance,
        convert,
    }))
}

fn outcome(table: &Table<'_>, currency: Currency) -> Option<Terms> {
    let unit = table.need("unit", table.id("unit"));
    let allowance = table.quantity("allowance").unwrap_or_default();
    let retier = table
        .word(
            "retier_on_reversal",
            &[("full", Retier::Full), ("no_increase", Retier::NoIncrease)],
        )
        .unwrap_or_default();
    let in_addition_to = table.id("in_addition_to");
    let mut groups = Vec::new();
    if let Some(price) = read_price(table, "price", currency) {
        groups.push(Group {
            classes: Vec::new(),
            price,
            draws_allowance: true,
            free: false,
        });
    }
    for class in table.tables("class", GROUPS_MAX) {
        groups.extend(group(&class, currency));
    }
    if table.has("price") && table.has("class") {
        table.fault(
            "price",
            "either one `price` for every class, or a price per `class`",
            None,
        );
    }
    if groups.is_empty() && table.faults.is_empty() {
        table.fault(
            "price",
            "the work has no price",
            Some("write `price = \"0.99\"`, or [[component.class]] tables"),
        );
    }
    let mut seen: Vec<&str> = Vec::new();
    for class in groups.iter().flat_map(|group| &group.classes) {
        if seen.contains(&class.as_str()) {
            table.fault("class", format!("the class `{class}` has two prices"), None);
        }
        seen.push(class);
    }
    Some(Terms::Outcome(Outcome {
        unit: unit?,
        groups,
        allowance,
        retier,
        in_addition_to,
    }))
}

fn group(table: &Table<'_>, currency: Currency) -> Option<Group> {
    let mut classes = table.texts("names", GROUPS_MAX);
    classes.extend(table.text("name"));
    if classes.is_empty() || (table.has("name") && table.has("names")) {
        table.fault(
            "name",
            "a class has a `name`; several that share their tiers have `names`",
            None,
        );
    }
    let free = table.flag("free").unwrap_or(false);
    let price = read_price(table, "price", currency);
    let draws_allowance = table.flag("draws_allowance").unwrap_or(!free);
    table.finish();
    if free == price.is_some() && (free || !table.has("price")) {
        table.fault("price", "a class has a `price`, or is `free = true`", None);
        return None;
    }
    Some(Group {
        classes,
        price: if free { FREE } else { price? },
        draws_allowance,
        free,
    })
}

fn risk(table: &Table<'_>) -> Option<Terms> {
    let modifies = table.need("modifies", table.id("modifies"));
    let by = match table.text("by").as_deref() {
        None => RiskBy::Everything,
        Some("confidence") => RiskBy::Confidence,
        Some("review") => RiskBy::Review,
        Some(text) => match text.strip_prefix("header ").and_then(Header::from_name) {
            Some(header) => RiskBy::Header(header),
            None => {
                table.fault(
                    "by",
                    format!("`{text}` is not `confidence`, `review` or `header NAME`"),
                    Some("the headers are listed in docs/reference/events.md, e.g. `header tier`"),
                );
                return None;
            }
        },
    };
    if by == RiskBy::Everything {
        let multiplier = table.need("multiplier", table.quantity("multiplier"));
        return Some(Terms::Risk(Risk {
            modifies: modifies?,
            by,
            bands: Vec::new(),
            missing: multiplier?,
        }));
    }
    let bands: Vec<Band> = table
        .tables("band", GROUPS_MAX)
        .iter()
        .filter_map(|band_table| band(band_table, by))
        .collect();
    if bands.is_empty() && table.faults.is_empty() {
        table.fault(
            "band",
            "a risk component has at least one [[component.band]]",
            None,
        );
    }
    let rises = bands
        .windows(2)
        .all(|pair| match (&pair[0].holds, &pair[1].holds) {
            (BandRange::From(lower), BandRange::From(upper)) => lower < upper,
            _ => true,
        });
    if !rises {
        table.fault("band", "`from` must rise from band to band", None);
    }
    let missing = table.need("missing", table.quantity("missing"));
    Some(Terms::Risk(Risk {
        modifies: modifies?,
        by,
        bands,
        missing: missing?,
    }))
}

fn band(table: &Table<'_>, by: RiskBy) -> Option<Band> {
    let multiplier = table.need("multiplier", table.quantity("multiplier"));
    let holds = if by == RiskBy::Confidence {
        table
            .need("from", table.quantity("from"))
            .map(BandRange::From)
    } else {
        table.need("is", table.text("is")).map(BandRange::Word)
    };
    if holds == Some(BandRange::Word(MISSING.to_owned())) {
        table.fault(
            "is",
            "`missing` is the band of those of which nothing is known",
            Some("its factor is the component's own key `missing`"),
        );
    }
    table.finish();
    Some(Band {
        holds: holds?,
        multiplier: multiplier?,
    })
}

fn indemnity(table: &Table<'_>, currency: Currency) -> Option<Terms> {
    let modifies = table.need("modifies", table.id("modifies"));
    let premium = table.need("premium", read_price(table, "premium", currency));
    let cover = table.amount("cover", currency);
    let premium = premium?;
    of_quantity(table, "premium", &premium, "covered units")?;
    Some(Terms::Indemnity(Indemnity {
        modifies: modifies?,
        premium,
        cover,
    }))
}

impl Risk {
    /// The band of what is known, and its factor; `missing` where nothing is.
    #[must_use]
    pub fn band_of(&self, number: Option<Decimal>, word: Option<&str>) -> (String, Decimal) {
        let found = self.bands.iter().rev().find(|band| match &band.holds {
            BandRange::From(bound) => number.is_some_and(|number| number >= *bound),
            BandRange::Word(own) => word == Some(own.as_str()),
        });
        match found {
            Some(band) => (band.label(), band.multiplier),
            None => (MISSING.to_owned(), self.missing),
        }
    }

    /// The names of every band, `missing` last.
    #[must_use]
    pub fn labels(&self) -> Vec<String> {
        self.bands
            .iter()
            .map(Band::label)
            .chain([MISSING.to_owned()])
            .collect()
    }
}

impl Seats {
    /// Seats that are charged when so many are held.
    #[must_use]
    pub fn charged(&self, held: u32) -> Quantity {
        let held = Quantity::from_int(i64::from(held));
        held.minus(self.included)
            .unwrap_or_default()
            .max(Quantity::ZERO)
    }
}
