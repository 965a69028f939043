//! Reading a price: `"0.99"`, or a table with one form.

use money::{Currency, Decimal, Quantity, Rate, Rounding};
use toml::de::DeValue;

use crate::document::Table;
use crate::limits::TIERS_MAX;
use crate::rating::{Block, BlockMode, Convert, Package, PercentTier, Percentage, Price, Tier};

/// The forms, with the keys that hold them.
pub(super) const FORMS: [&str; 7] = [
    "per_unit",
    "graduated",
    "volume",
    "package",
    "percentage",
    "graduated_percentage",
    "blocks",
];

/// Reads the price under a key, if it is there.
pub(super) fn read_price(
    table: &Table<'_>,
    key: &'static str,
    currency: Currency,
) -> Option<Price> {
    let value = table.take(key)?;
    if !matches!(value.get_ref(), DeValue::Table(_)) {
        return table.rate(key, currency).map(Price::PerUnit);
    }
    let form = table.table(key)?;
    let named: Vec<&str> = FORMS.into_iter().filter(|name| form.has(name)).collect();
    if named.len() != 1 {
        table.fault(key, "a price has exactly one form", Some("one of: per_unit, graduated, volume, package, percentage, graduated_percentage, blocks"));
        return None;
    }
    let price = match named[0] {
        "per_unit" => form.rate("per_unit", currency).map(Price::PerUnit),
        "graduated" => tiers(&form, "graduated", currency).map(Price::Graduated),
        "volume" => tiers(&form, "volume", currency).map(Price::Volume),
        "package" => form
            .table("package")
            .and_then(|t| package(&t, currency))
            .map(Price::Package),
        "percentage" => form
            .table("percentage")
            .and_then(|t| percentage(&t, currency))
            .map(Price::Percentage),
        "graduated_percentage" => percent_tiers(&form, currency).map(Price::GraduatedPercentage),
        _ => blocks(&form, currency),
    };
    form.finish();
    price
}

fn tiers(form: &Table<'_>, key: &'static str, currency: Currency) -> Option<Vec<Tier>> {
    let tiers: Vec<Tier> = form
        .tables(key, TIERS_MAX)
        .iter()
        .map(|table| {
            let tier = Tier {
                up_to: table.quantity("up_to"),
                unit: table.rate("unit", currency).unwrap_or_default(),
                flat: table.rate("flat", currency).unwrap_or_default(),
                cap: table.rate("cap", currency),
            };
            if !table.has("unit") && !table.has("flat") {
                table.fault(
                    "unit",
                    "a tier has a `unit` price, a `flat` fee, or both",
                    None,
                );
            }
            table.finish();
            tier
        })
        .collect();
    bounds_rise(
        form,
        key,
        &tiers.iter().map(|tier| tier.up_to).collect::<Vec<_>>(),
    )
    .then_some(tiers)
}

fn percent_tiers(form: &Table<'_>, currency: Currency) -> Option<Vec<PercentTier>> {
    let key = "graduated_percentage";
    let tiers: Vec<PercentTier> = form
        .tables(key, TIERS_MAX)
        .iter()
        .filter_map(|table| {
            let tier = PercentTier {
                up_to: table.quantity("up_to"),
                share: table.need("percent", percent(table, "percent"))?,
                flat: table.rate("flat", currency).unwrap_or_default(),
            };
            table.finish();
            Some(tier)
        })
        .collect();
    bounds_rise(
        form,
        key,
        &tiers.iter().map(|tier| tier.up_to).collect::<Vec<_>>(),
    )
    .then_some(tiers)
}

/// Whether the bounds rise and only the last tier is open.
fn bounds_rise(form: &Table<'_>, key: &'static str, bounds: &[Option<Quantity>]) -> bool {
    let Some((last, earlier)) = bounds.split_last() else {
        form.fault(key, "a price in tiers has at least one tier", None);
        return false;
    };
    if last.is_some() {
        form.fault(
            key,
            "the last tier must have no `up_to`",
            Some("say what a unit beyond the last bound costs"),
        );
        return false;
    }
    let mut lower = Quantity::ZERO;
    for bound in earlier {
        match bound {
            Some(bound) if *bound > lower => lower = *bound,
            _ => {
                form.fault(
                    key,
                    "`up_to` must rise from tier to tier, and only the last tier has none",
                    Some("a tier begins where the one before it ends: write them in the order of their bounds"),
                );
                return false;
            }
        }
    }
    true
}

fn package(table: &Table<'_>, currency: Currency) -> Option<Package> {
    let size = table.need("size", positive(table, "size"));
    let price = table.need("price", table.rate("price", currency));
    let free = table.quantity("free").unwrap_or_default();
    let round = round(table).unwrap_or(Rounding::Up);
    table.finish();
    Some(Package {
        size: size?,
        price: price?,
        free,
        round,
    })
}

fn percentage(table: &Table<'_>, currency: Currency) -> Option<Percentage> {
    let share = table.need("percent", percent(table, "percent"));
    let fixed = table.rate("fixed", currency).unwrap_or_default();
    let minimum = table.rate("minimum", currency);
    let maximum = table.rate("maximum", currency);
    if minimum
        .zip(maximum)
        .is_some_and(|(least, most)| least > most)
    {
        let hint = "a fee lies between them: lower the minimum, or raise the maximum";
        table.fault("minimum", "the minimum is above the maximum", Some(hint));
    }
    table.finish();
    Some(Percentage {
        share: share?,
        fixed,
        minimum,
        maximum,
    })
}

/// A percentage that may be above 100: a price may be a multiple of what is measured.
fn percent(table: &Table<'_>, key: &'static str) -> Option<Decimal> {
    let share = Decimal::new(1, 2)
        .and_then(|hundredth| table.quantity(key).unwrap_or_default().times(hundredth));
    table.has(key).then_some(())?;
    share.ok()
}

fn positive(table: &Table<'_>, key: &'static str) -> Option<Quantity> {
    let number = table.quantity(key)?;
    if number.is_zero() {
        table.fault(key, format!("`{key}` must be above zero"), None);
        return None;
    }
    Some(number)
}

fn round(table: &Table<'_>) -> Option<Rounding> {
    table.word(
        "round",
        &[
            ("up", Rounding::Up),
            ("down", Rounding::Down),
            ("half_up", Rounding::HalfUp),
            ("half_even", Rounding::HalfEven),
        ],
    )
}

fn blocks(form: &Table<'_>, currency: Currency) -> Option<Price> {
    let words = [
        ("all_tiers", BlockMode::AllTiers),
        ("top_tier", BlockMode::TopTier),
    ];
    let mode = form.need("charge", form.word("charge", &words));
    let tables = form.tables("blocks", TIERS_MAX);
    let last = tables.len().checked_sub(1);
    let mut blocks = Vec::with_capacity(tables.len());
    for (index, table) in tables.iter().enumerate() {
        let size = table.need("size", positive(table, "size"));
        let most = table.count("most", 1);
        let price = table.need("price", table.rate("price", currency));
        if (Some(index) == last) == most.is_some() {
            table.fault(
                "most",
                "every tier of blocks but the last says how many blocks it holds (`most`)",
                None,
            );
        }
        table.finish();
        blocks.push(Block {
            size: size?,
            most,
            price: price?,
        });
    }
    if blocks.is_empty() {
        form.fault("blocks", "a price in tiers has at least one tier", None);
        return None;
    }
    Some(Price::Blocks(mode?, blocks))
}

/// Reads `convert = { divide = 1000, round = "up" }`.
pub(super) fn read_convert(table: &Table<'_>) -> Option<Convert> {
    let convert = table.table("convert")?;
    let divide = convert.need("divide", positive(&convert, "divide"));
    let round = convert.need("round", round(&convert));
    convert.finish();
    Some(Convert {
        divide: divide?,
        round: round?,
    })
}

/// The free price.
pub(super) const FREE: Price = Price::PerUnit(Rate::ZERO);
