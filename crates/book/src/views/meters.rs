//! The four surfaces around the work unit, out of statements and a margin.

use std::collections::BTreeMap;

use jiff::Timestamp;
use money::{Amount, Currency, Decimal, Quantity, Ratio, Rounding};
use pages::view::{self, Danger, Level, Meter, Part, Surface};
use work::body::CostLine;
use work::definition::WorkValue;
use work::settle::{Movement, MovementKind, State, Unit};
use work::{Definition, event::Authorship};

use crate::Result;

use super::statement::share_of;

/// What the meters are made of.
pub struct Sources<'a> {
    /// Whose.
    pub scope: String,
    /// When.
    pub period: view::Period,
    /// Facts after this instant are not seen.
    pub as_of: Timestamp,
    /// The definition of the work unit.
    pub definition: &'a Definition,
    /// Its units that opened or counted in the period.
    pub units: Vec<UnitOf<'a>>,
    /// The statements of the period.
    pub statements: &'a [view::Statement],
    /// The margin of the period.
    pub bridge: &'a view::MarginBridge,
    /// The command that prints it.
    pub command: String,
}

/// A unit, and the statement period that it is looked at in: its contract's own.
pub struct UnitOf<'a> {
    /// The unit.
    pub unit: &'a Unit,
    /// Start of the period.
    pub from: Timestamp,
    /// Its end.
    pub until: Timestamp,
}

impl UnitOf<'_> {
    /// The last instant that the statement sees.
    fn at(&self, as_of: Timestamp) -> Timestamp {
        let last = self.until - jiff::SignedDuration::from_nanos(1);
        last.min(as_of)
    }

    /// What the statement of the period is made of: movements of what counted in it.
    fn movements(&self, as_of: Timestamp) -> impl Iterator<Item = &Movement> {
        let last = self.at(as_of);
        let movements = self.unit.movements.iter();
        movements.filter(move |own| self.from <= own.counted_at && own.instant <= last)
    }
}

/// The meters.
pub fn meters(sources: &Sources<'_>) -> Result<view::FourMeters> {
    let currency = sources.bridge.price.currency();
    let surfaces = Surfaces::of(sources.statements, currency)?;
    let charged = surfaces.total;
    let terms = charged.minus(surfaces.four()?)?;
    let work = works(sources)?;
    let cost = sources.bridge.cost;
    let margin = match sources.bridge.margin {
        Some(_) => Some(charged.minus(cost)?),
        None => None,
    };
    let token_cost = sources
        .bridge
        .costs
        .iter()
        .find(|step| step.line == CostLine::Model)
        .map_or(Amount::zero(currency), |step| step.amount);
    Ok(view::FourMeters {
        scope: sources.scope.clone(),
        period: sources.period.clone(),
        access: Meter {
            charged: surfaces.of_surface(Surface::Access),
            quantity: surfaces.quantity(Surface::Access, "seat-days")?,
            danger: share_of_bill(
                (surfaces.of_surface(Surface::Access), surfaces.total),
                Surface::Access,
                PAID_WHATEVER,
            )?,
        },
        usage: Meter {
            charged: surfaces.of_surface(Surface::Usage),
            quantity: surfaces.quantity(Surface::Usage, "")?,
            danger: share_of_bill(
                (surfaces.of_surface(Surface::Usage), surfaces.total),
                Surface::Usage,
                GROWS_WITH_USE,
            )?,
        },
        outcome: Meter {
            charged: surfaces.of_surface(Surface::Outcome),
            quantity: Some(view::Measure {
                value: work.counted,
                noun: "counted".to_owned(),
            }),
            danger: decided_alone(sources.statements, currency)?,
        },
        risk: Meter {
            charged: surfaces.of_surface(Surface::Risk),
            quantity: None,
            danger: uncalibrated(),
        },
        charged,
        terms: (!terms.is_zero()).then_some(terms),
        token_cost,
        cost,
        unpriced: sources.bridge.unpriced.entries,
        unconverted: sources.bridge.unconverted.entries,
        margin,
        margin_share: match margin {
            Some(margin) if !charged.is_zero() => Some(share_of(margin, charged)?),
            _ => None,
        },
        value: value(
            sources.definition,
            work.counted,
            &sources.units,
            sources.as_of,
        )?,
        work,
        command: sources.command.clone(),
    })
}

/// The charges of several statements by surface.
struct Surfaces<'a> {
    statements: &'a [view::Statement],
    charged: BTreeMap<Surface, Amount>,
    total: Amount,
    currency: Currency,
}

impl<'a> Surfaces<'a> {
    fn of(statements: &'a [view::Statement], currency: Currency) -> Result<Surfaces<'a>> {
        let mut charged: BTreeMap<Surface, Amount> = BTreeMap::new();
        let mut total = Amount::zero(currency);
        for statement in statements {
            total = total.plus(statement.total)?;
            for lines in &statement.surfaces {
                let sum = charged
                    .entry(lines.surface)
                    .or_insert(Amount::zero(currency));
                *sum = sum.plus(lines.subtotal)?;
            }
        }
        Ok(Surfaces {
            statements,
            charged,
            total,
            currency,
        })
    }

    fn of_surface(&self, surface: Surface) -> Amount {
        self.charged
            .get(&surface)
            .copied()
            .unwrap_or(Amount::zero(self.currency))
    }

    fn four(&self) -> Result<Amount> {
        let four = [
            Surface::Access,
            Surface::Usage,
            Surface::Outcome,
            Surface::Risk,
        ];
        Ok(Amount::sum(
            self.currency,
            four.map(|surface| self.of_surface(surface)),
        )?)
    }

    /// The quantity of a surface where all its lines count the same thing.
    fn quantity(&self, surface: Surface, noun: &str) -> Result<Option<view::Measure>> {
        let lines = self
            .statements
            .iter()
            .flat_map(|statement| &statement.surfaces)
            .filter(|own| own.surface == surface)
            .flat_map(|own| &own.lines);
        let mut sum: Option<view::Measure> = None;
        for line in lines {
            let (Some(quantity), Some(own)) = (line.quantity, &line.noun) else {
                continue;
            };
            if !noun.is_empty() && own != noun {
                continue;
            }
            sum = match sum {
                None => Some(view::Measure {
                    value: quantity,
                    noun: own.clone(),
                }),
                Some(known) if known.noun == *own => Some(view::Measure {
                    value: known.value.plus(quantity)?,
                    ..known
                }),
                Some(_) => return Ok(None),
            };
        }
        Ok(sum)
    }
}

/// The danger of access.
pub(crate) const PAID_WHATEVER: &str = "Paid whatever the work";
/// The danger of usage.
pub(crate) const GROWS_WITH_USE: &str = "Grows with use, not with results";

/// The danger of risk.
pub(crate) fn uncalibrated() -> Danger {
    Danger::Unknown {
        name: "Calibration of confidence".to_owned(),
        reason: "confidence is not yet compared with verified results".to_owned(),
    }
}

/// How much of the bill a surface is.
pub(crate) fn share_of_bill(
    (own, total): (Amount, Amount),
    surface: Surface,
    name: &str,
) -> Result<Danger> {
    if total.is_negative() || total.is_zero() {
        return Ok(Danger::Unknown {
            name: name.to_owned(),
            reason: "nothing was charged in the period".to_owned(),
        });
    }
    let share = share_of(own, total)?;
    let bounded = share.max(Decimal::ZERO).min(Decimal::ONE);
    Ok(Danger::Known {
        name: name.to_owned(),
        reading: format!("{} of the bill", super::margin::percent(Some(share))),
        level: if share > half() {
            Level::Watch
        } else {
            Level::Calm
        },
        parts: vec![Part {
            name: surface.name().to_owned(),
            share: bounded,
        }],
    })
}

fn half() -> Decimal {
    Decimal::new(5, 1).unwrap_or(Decimal::ONE) // 0.5 is a decimal
}

/// How much of the money of works was decided by the seller's own facts.
fn decided_alone(statements: &[view::Statement], currency: Currency) -> Result<Danger> {
    let mut shares: BTreeMap<Authorship, Amount> = BTreeMap::new();
    for share in statements
        .iter()
        .flat_map(|statement| &statement.authorship)
    {
        let sum = shares
            .entry(share.authorship)
            .or_insert(Amount::zero(currency));
        *sum = sum.plus(share.amount)?;
    }
    let shares = shares
        .into_iter()
        .map(|(own, amount)| (own, amount.value()));
    decided(&shares.collect(), "of the money")
}

/// How much of something was decided by the seller's own facts.
pub(crate) fn decided(shares: &BTreeMap<Authorship, Decimal>, of: &str) -> Result<Danger> {
    let name = "Decided by the seller alone".to_owned();
    let total = shares
        .values()
        .try_fold(Decimal::ZERO, |sum, own| sum.plus(*own))?;
    if total.is_zero() || shares.values().any(|own| own.is_negative()) {
        return Ok(Danger::Unknown {
            name,
            reason: "no work was charged in the period".to_owned(),
        });
    }
    let share_of = |own: Decimal| Ratio::of(own, total)?.rounded(6, Rounding::HalfEven);
    let parts = shares
        .iter()
        .map(|(authorship, own)| {
            Ok(Part {
                name: authorship.word().replace('_', " "),
                share: share_of(*own)?,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    let alone = shares
        .get(&Authorship::Seller)
        .copied()
        .unwrap_or(Decimal::ZERO);
    let share = share_of(alone)?;
    Ok(Danger::Known {
        name,
        reading: format!("{} {of}", super::margin::percent(Some(share))),
        level: if share > half() {
            Level::Watch
        } else {
            Level::Calm
        },
        parts,
    })
}

/// The works of the period by where they stand.
fn works(sources: &Sources<'_>) -> Result<view::WorkCount> {
    let (mut pending, mut not_counted, mut reversed) = (0i64, 0i64, 0i64);
    let mut classes: BTreeMap<&str, Quantity> = BTreeMap::new();
    let mut counted = Quantity::ZERO;
    let zone = &sources.period.zone;
    let first = sources.period.from.to_zoned(zone.clone()).date();
    let last = sources.period.until.to_zoned(zone.clone()).date();
    let days = usize::try_from((last - first).get_days())
        .unwrap_or(0)
        .min(DAYS_MAX);
    let mut daily = vec![Quantity::ZERO; days];
    for own in &sources.units {
        let at = own.at(sources.as_of);
        // What is disputed when the period ends is not on its statement (D11).
        if own.unit.disputes.iter().any(|own| own.is_open_at(at)) {
            pending += 1;
            continue;
        }
        match own.unit.state_at(at) {
            State::Pending => pending += 1,
            State::NotCounted(_) => not_counted += 1,
            State::Reversed => reversed += 1,
            State::Counted(_) => {}
        }
        for movement in own.movements(sources.as_of) {
            counted = counted.plus(movement.quantity)?;
            let class = classes.entry(movement.class.as_str()).or_default();
            *class = class.plus(movement.quantity)?;
            if movement.kind == MovementKind::Counted {
                let day = (movement.instant.to_zoned(zone.clone()).date() - first).get_days();
                if let Some(sum) = usize::try_from(day).ok().and_then(|day| daily.get_mut(day)) {
                    *sum = sum.plus(movement.quantity)?;
                }
            }
        }
    }
    let total = i64::try_from(sources.units.len()).unwrap_or(i64::MAX);
    Ok(view::WorkCount {
        unit: sources.definition.id.clone(),
        question: Some(sources.definition.question.clone()),
        total: Decimal::from_int(total),
        counted,
        classes: sources
            .definition
            .counts
            .iter()
            .filter_map(|class| {
                let quantity = classes.get(class.name.as_str()).copied()?;
                Some(view::ClassCount {
                    class: class.name.clone(),
                    quantity,
                })
            })
            .collect(),
        pending: Decimal::from_int(pending),
        not_counted: Decimal::from_int(not_counted),
        reversed: Decimal::from_int(reversed),
        daily,
    })
}

/// Days drawn as a sparkline at most.
const DAYS_MAX: usize = 366;

/// What the counted work is worth to the buyer.
fn value(
    definition: &Definition,
    counted: Quantity,
    units: &[UnitOf<'_>],
    as_of: Timestamp,
) -> Result<view::BuyerValue> {
    Ok(match &definition.value {
        WorkValue::PerUnit(amount) => view::BuyerValue {
            amount: Some(amount.times(counted)?),
            basis: format!("{amount} a unit, agreed"),
        },
        WorkValue::Measured => {
            let mut sum: Option<Amount> = None;
            for movement in units.iter().flat_map(|own| own.movements(as_of)) {
                if let Some(value) = movement.value {
                    sum = Some(sum.map_or(Ok(value), |sum| sum.plus(value))?);
                }
            }
            view::BuyerValue {
                amount: sum,
                basis: "measured".to_owned(),
            }
        }
        WorkValue::Unstated => view::BuyerValue {
            amount: None,
            basis: "not stated in the definition".to_owned(),
        },
    })
}
