//! `outcome`: a price of counted work.

use money::{Currency, Quantity};

use super::{Terms, of_quantity};
use crate::document::Table;
use crate::limits::GROUPS_MAX;
use crate::plan::price::{FREE, read_price};
use crate::rating::Price;

/// A price of counted work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Id of the work-unit definition.
    pub unit: String,
    /// The prices, each of one class or of several together, in the order of the file.
    pub groups: Vec<Group>,
    /// The price of the attempt, beside that of the success.
    pub attempt: Option<AttemptPrice>,
    /// Counted units that cost nothing, per whole period.
    pub allowance: Quantity,
    /// What happens where one unit fewer would cost more (D4).
    pub retier: Retier,
    /// The component that sells the same unit, where one work is to be paid twice.
    pub in_addition_to: Option<String>,
}

/// What is charged for work that was attempted, whatever became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptPrice {
    /// The price of each attempt.
    pub price: Price,
    /// Whether it is taken back with the success, and where a dispute is decided for the buyer.
    pub refund: bool,
}

/// The price of one class, or of several that share their tiers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The classes; none means every class of the unit.
    pub classes: Vec<String>,
    /// The price.
    pub price: Price,
    /// Whether the units use up the allowance.
    pub draws_allowance: bool,
    /// Whether the class was given away on purpose.
    pub free: bool,
}

impl Group {
    /// The name of the group in cells: its classes, or `work` for every class.
    #[must_use]
    pub fn label(&self) -> String {
        if self.classes.is_empty() {
            "work".to_owned()
        } else {
            self.classes.join("+")
        }
    }

    /// Whether a class belongs to the group.
    #[must_use]
    pub fn holds(&self, class: &str) -> bool {
        self.classes.is_empty() || self.classes.iter().any(|own| own == class)
    }
}

impl Outcome {
    /// The group that prices a class.
    #[must_use]
    pub fn group_of(&self, class: &str) -> Option<usize> {
        self.groups.iter().position(|group| group.holds(class))
    }
}

/// What happens where one unit fewer would cost more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Retier {
    /// The tier total decides, up or down.
    #[default]
    Full,
    /// No amount rises because of a reversal; the excess is waived.
    NoIncrease,
}

pub(super) fn read(table: &Table<'_>, currency: Currency) -> Option<Terms> {
    let unit = table.need("unit", table.id("unit"));
    let allowance = table.quantity("allowance").unwrap_or_default();
    let retier = table
        .word(
            "retier_on_reversal",
            &[("full", Retier::Full), ("no_increase", Retier::NoIncrease)],
        )
        .unwrap_or_default();
    let in_addition_to = table.id("in_addition_to");
    let attempt = table
        .table("attempt")
        .and_then(|table| attempt(&table, currency));
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
        attempt,
        allowance,
        retier,
        in_addition_to,
    }))
}

fn attempt(table: &Table<'_>, currency: Currency) -> Option<AttemptPrice> {
    let price = table.need("price", read_price(table, "price", currency));
    let refund = table.flag("refund").unwrap_or(false);
    table.finish();
    let price = price?;
    of_quantity(table, "price", &price, "attempts")?;
    Some(AttemptPrice { price, refund })
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
