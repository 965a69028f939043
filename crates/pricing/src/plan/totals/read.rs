//! Reading `[totals]` and `[[discount]]` of a plan, a contract or a phase, and putting one over the other.

use money::{Currency, Decimal};
use toml::de::DeValue;

use super::{Bill, Cap, CapMode, Discount, DiscountKey, Minimum, Off, PeriodTotals, Scope, Totals};
use crate::document::Table;
use crate::limits::{
    COMPONENTS_MAX, DISCOUNTS_MAX, LINE_BYTES_MAX, MINIMUM_PERIODS_MAX, PERCENTAGES_MAX,
};
use crate::period::Interval;
use crate::plan::{Component, Surface};

/// What a document says: what is absent is taken from the document below.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct TotalsTerms {
    every: Option<Interval>,
    percents: Option<Vec<Discount>>,
    amount: Option<Discount>,
    entries: Option<Vec<Discount>>,
    cap: Option<Cap>,
    minimum: Option<Minimum>,
}

impl TotalsTerms {
    /// Whether the period is said.
    pub(crate) fn sets_every(&self) -> bool {
        self.every.is_some()
    }

    /// These terms over those of another document, key by key.
    pub(crate) fn over(&self, below: PeriodTotals) -> PeriodTotals {
        let kept = |key: DiscountKey| {
            let below = below.totals.discounts.iter();
            below.filter(move |own| own.key == key).cloned()
        };
        let own = |own: &Option<Vec<Discount>>, key| match own {
            Some(own) => own.clone(),
            None => kept(key).collect(),
        };
        let mut discounts = own(&self.percents, DiscountKey::Percent);
        match &self.amount {
            Some(own) => discounts.push(own.clone()),
            None => discounts.extend(kept(DiscountKey::Amount)),
        }
        discounts.extend(own(&self.entries, DiscountKey::Entry));
        discounts.sort_by_key(|own| (own.sequence, matches!(own.off, Off::Amount(_))));
        PeriodTotals {
            every: self.every.unwrap_or(below.every),
            totals: Totals {
                discounts,
                cap: self.cap.or(below.totals.cap),
                minimum: self.minimum.clone().or(below.totals.minimum),
            },
        }
    }
}

/// Reads `[totals]` and `[[discount]]`.
pub(crate) fn read_totals(root: &Table<'_>, currency: Currency) -> TotalsTerms {
    let mut terms = TotalsTerms::default();
    if let Some(table) = root.table("totals") {
        terms.every = table.word("every", &Interval::WORDS);
        terms.percents = percents(&table);
        terms.amount = table
            .amount("discount_amount", currency)
            .map(Discount::amount);
        terms.cap = cap(&table, currency);
        terms.minimum = minimum(&table, currency);
        if let (Some(minimum), Some(cap)) = (&terms.minimum, terms.cap)
            && matches!(cap.mode, CapMode::Absorb | CapMode::Stop)
            && cap
                .amount
                .times(Decimal::from_int(i64::from(minimum.periods)))
                .is_ok_and(|most| minimum.amount.value() > most.value())
        {
            let hint = "what is promised is at most what may be asked for: lower the minimum, or raise the cap";
            table.fault("minimum", "the minimum is above the cap", Some(hint));
        }
        table.finish();
    }
    if root.has("discount") {
        let entries = root.tables("discount", DISCOUNTS_MAX);
        let entries = entries.iter().filter_map(|table| entry(table, currency));
        terms.entries = Some(entries.collect());
    }
    terms
}

/// One percentage, or several after one another.
fn percents(table: &Table<'_>) -> Option<Vec<Discount>> {
    let value = table.take("discount_percent")?;
    let shares = match value.get_ref() {
        DeValue::Array(_) => {
            let texts = table.texts("discount_percent", PERCENTAGES_MAX);
            let parse = |text: &String| -> Option<Decimal> {
                let percent: Decimal = text.parse().ok()?;
                let fits = !percent.is_negative() && percent <= Decimal::from_int(100);
                fits.then(|| percent.times(Decimal::new(1, 2).ok()?).ok())
                    .flatten()
            };
            let parsed: Option<Vec<Decimal>> = texts.iter().map(parse).collect();
            if parsed.is_none() {
                table.fault(
                    "discount_percent",
                    "percentages are numbers from 0 to 100, in quotes: [\"10\", \"25\"]",
                    None,
                );
            }
            parsed
        }
        _ => table
            .share_of_percent("discount_percent")
            .map(|share| vec![share]),
    };
    shares.map(|shares| shares.into_iter().map(Discount::percent).collect())
}

/// An entry of `[[discount]]`.
fn entry(table: &Table<'_>, currency: Currency) -> Option<Discount> {
    let share = table.share_of_percent("percent");
    let amount = table.amount("amount", currency);
    if table.has("percent") == table.has("amount") {
        table.fault(
            "amount",
            "a discount has a `percent`, or an `amount`",
            Some("write two discounts where both are given"),
        );
    }
    let off = share.map(Off::Share).or(amount.map(Off::Amount));
    let scope = scope(table);
    let from = table.date("from");
    let until = table.date("until");
    if from.zip(until).is_some_and(|(from, until)| until < from) {
        table.fault("until", "the last day is before the first", None);
    }
    let periods = table.count("periods", 1);
    if table.has("until") && table.has("periods") {
        table.fault(
            "periods",
            "a discount ends with a day, or after so many periods",
            None,
        );
    }
    let sequence = table.count("sequence", 1).unwrap_or(1);
    let reason = table.need("reason", reason(table));
    table.finish();
    Some(Discount {
        scope,
        from,
        until,
        periods,
        sequence,
        reason: Some(reason?),
        ..Discount::of(off?, DiscountKey::Entry)
    })
}

fn reason(table: &Table<'_>) -> Option<String> {
    let text = table.text("reason")?;
    let fits = text.len() <= LINE_BYTES_MAX && !text.chars().any(char::is_control);
    if text.trim().is_empty() || !fits {
        table.fault(
            "reason",
            format!(
                "one line of 1 to {LINE_BYTES_MAX} bytes: the buyer reads it beside the amount"
            ),
            None,
        );
        return None;
    }
    Some(text)
}

/// `components` or `surfaces`.
fn scope(table: &Table<'_>) -> Scope {
    let components = table.texts("components", COMPONENTS_MAX);
    let words = table.texts("surfaces", Surface::WORDS.len());
    if table.has("components") && table.has("surfaces") {
        table.fault(
            "surfaces",
            "either `components`, or `surfaces`; everything where neither is given",
            None,
        );
    }
    if table.has("components") {
        if components.is_empty() {
            table.fault("components", "it names no component", None);
        }
        return Scope::Components(components);
    }
    if !table.has("surfaces") {
        return Scope::Everything;
    }
    let known = |word: &String| {
        let mut words = Surface::WORDS.iter();
        words
            .find(|(own, _)| own == word)
            .map(|(_, surface)| *surface)
    };
    let surfaces: Option<Vec<Surface>> = words.iter().map(known).collect();
    match surfaces.filter(|own| !own.is_empty()) {
        Some(surfaces) => Scope::Surfaces(surfaces),
        None => {
            table.fault(
                "surfaces",
                "surfaces are: access, usage, outcome, risk",
                None,
            );
            Scope::Everything
        }
    }
}

/// An amount, or a table with what becomes of the rest.
fn cap(totals: &Table<'_>, currency: Currency) -> Option<Cap> {
    if !totals.is_table("cap") {
        return totals.amount("cap", currency).map(|amount| Cap {
            amount,
            mode: CapMode::Absorb,
        });
    }
    let table = totals.table("cap")?;
    let amount = table.need("amount", table.amount("amount", currency));
    let factor = table.quantity("overage");
    let words = [
        ("absorb", CapMode::Absorb),
        ("stop", CapMode::Stop),
        ("soft", CapMode::Soft),
        (
            "overage",
            CapMode::Overage(factor.unwrap_or(Decimal::from_int(1))),
        ),
    ];
    let mode = match table.has("mode") {
        true => table.word("mode", &words),
        false => Some(CapMode::Absorb),
    };
    let is_overage = matches!(mode, Some(CapMode::Overage(_)));
    if mode.is_some() && is_overage != table.has("overage") {
        table.fault(
            "overage",
            "`overage` goes with `mode = \"overage\"`: the factor on the price beyond the cap",
            Some("e.g. mode = \"overage\", overage = \"1.5\""),
        );
    }
    table.finish();
    Some(Cap {
        amount: amount?,
        mode: mode?,
    })
}

/// An amount of one period, or a table for several.
fn minimum(totals: &Table<'_>, currency: Currency) -> Option<Minimum> {
    if !totals.is_table("minimum") {
        return totals.amount("minimum", currency).map(Minimum::of_a_period);
    }
    let table = totals.table("minimum")?;
    let amount = table.need("amount", table.amount("amount", currency));
    let periods = table.count("periods", 1).unwrap_or(1);
    if periods > MINIMUM_PERIODS_MAX {
        table.fault(
            "periods",
            format!("at most {MINIMUM_PERIODS_MAX} periods"),
            Some("a longer period is said by `every` of [totals]"),
        );
    }
    let scope = scope(&table);
    let words = [("at_end", Bill::AtEnd), ("in_advance", Bill::InAdvance)];
    let bill = match table.has("bill") {
        true => table.word("bill", &words),
        false => Some(Bill::AtEnd),
    };
    let overage = table.quantity("overage");
    table.finish();
    Some(Minimum {
        amount: amount?,
        periods,
        scope,
        bill: bill?,
        overage,
    })
}

/// Looks for components that terms name and that are not there; faults go to the document's table.
pub(crate) fn check_scopes(root: &Table<'_>, totals: &Totals, components: &[Component]) {
    let discounts = totals.discounts.iter().map(|own| ("discount", &own.scope));
    let minimum = totals.minimum.iter().map(|own| ("totals", &own.scope));
    for (key, scope) in discounts.chain(minimum) {
        for id in scope.components() {
            if !components.iter().any(|own| own.id == *id) {
                root.fault(
                    key,
                    format!("there is no component `{id}` to look at"),
                    Some("`components` lists ids of [[component]]"),
                );
            }
        }
    }
}

/// Discount, `maximum` and `minimum` of a component's own line, which are of one rating period.
pub(in crate::plan) fn read_line_totals(table: &Table<'_>, currency: Currency) -> Totals {
    let share = table.share_of_percent("discount_percent");
    let most = table.amount("maximum", currency);
    let least = table.amount("minimum", currency);
    Totals {
        discounts: share.map(Discount::percent).into_iter().collect(),
        cap: most.map(|amount| Cap {
            amount,
            mode: CapMode::Absorb,
        }),
        minimum: least.map(Minimum::of_a_period),
    }
}
