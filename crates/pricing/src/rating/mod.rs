//! Price forms: from a quantity to exact amounts, tier by tier. Pure, no rounding.
//!
//! A quantity inside a rating period is a *position*: what is owed for the units between two
//! positions is the difference of the totals at them, so that a period may be cut anywhere and the
//! parts sum to the whole. A tier's bound is inclusive, and a fraction belongs to the tier whose
//! bound it does not exceed. Not here: which units count, rounding, minimum and cap
//! ([`totals`]).

mod form;
pub mod totals;

use money::{Decimal, MoneyError, Quantity, Rate, Ratio, Rounding};

/// How a quantity becomes money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Price {
    /// One price per unit.
    PerUnit(Rate),
    /// Each unit at the price of the tier that it falls into.
    Graduated(Vec<Tier>),
    /// All units at the price of the tier that the total reaches.
    Volume(Vec<Tier>),
    /// Whole packages.
    Package(Package),
    /// A share of money, per fact.
    Percentage(Percentage),
    /// Shares of the sum of money, tier by tier.
    GraduatedPercentage(Vec<PercentTier>),
    /// Blocks of units, the sizes changing from tier to tier.
    Blocks(BlockMode, Vec<Block>),
}

/// A tier of a graduated or volume price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tier {
    /// The last unit that belongs to the tier; the last tier has none.
    pub up_to: Option<Quantity>,
    /// Price per unit.
    pub unit: Rate,
    /// Fee for entering the tier.
    pub flat: Rate,
    /// The tier's own amount is never more than this.
    pub cap: Option<Rate>,
}

/// Whole packages of units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Package {
    /// Units in one package.
    pub size: Quantity,
    /// Price of one package.
    pub price: Rate,
    /// Units that need no package.
    pub free: Quantity,
    /// Whether a begun package is charged (`up`, the usual) or not (`down`).
    pub round: Rounding,
}

/// A share of the money that a fact is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Percentage {
    /// The share of one: `0.029` for 2.9 %.
    pub share: Decimal,
    /// Added for each fact.
    pub fixed: Rate,
    /// Least fee of one fact, or of one work over its life.
    pub minimum: Option<Rate>,
    /// Greatest fee of one fact, or of one work over its life.
    pub maximum: Option<Rate>,
}

/// A tier of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PercentTier {
    /// The last money that belongs to the tier; the last tier has none.
    pub up_to: Option<Decimal>,
    /// The share of one.
    pub share: Decimal,
    /// Fee for entering the tier.
    pub flat: Rate,
}

/// Which blocks are charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockMode {
    /// Every tier charges the blocks that fall into it.
    AllTiers,
    /// The tier that the total reaches charges all.
    TopTier,
}

/// A tier of blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// Units in one block.
    pub size: Quantity,
    /// Blocks that the tier holds; the last tier has no end.
    pub most: Option<u32>,
    /// Price of one block.
    pub price: Rate,
}

/// What a price is a price of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Units.
    Quantity,
    /// The sum of money that the facts are about.
    Money,
    /// The money of each fact on its own.
    MoneyOfEach,
}

/// What one tier contributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// The tier, from 0.
    pub tier: u16,
    /// Units (or money) in it.
    pub quantity: Quantity,
    /// The exact amount, in the currency's major unit.
    pub amount: Decimal,
}

impl Price {
    /// What is owed for the units between two positions of one rating period; from nothing at all
    /// (which is less than from zero: the first tier's flat fee is due at zero use) for `None`.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn between(&self, from: Option<Quantity>, to: Quantity) -> Result<Vec<Part>, MoneyError> {
        let upper = self.parts(to)?;
        let Some(from) = from else { return Ok(upper) };
        let lower = self.parts(from)?;
        let tiers = upper.len().max(lower.len());
        let mut parts = Vec::with_capacity(tiers);
        for index in 0..tiers {
            let tier = u16::try_from(index).unwrap_or(u16::MAX); // TIERS_MAX is far below
            let nothing = Part {
                tier,
                quantity: Quantity::ZERO,
                amount: Decimal::ZERO,
            };
            let (high, low) = (
                upper.get(index).unwrap_or(&nothing),
                lower.get(index).unwrap_or(&nothing),
            );
            parts.push(Part {
                tier,
                quantity: high.quantity.minus(low.quantity)?,
                amount: high.amount.minus(low.amount)?,
            });
        }
        Ok(parts)
    }

    /// The total at a position.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn total(&self, position: Quantity) -> Result<Decimal, MoneyError> {
        self.parts(position)?
            .iter()
            .try_fold(Decimal::ZERO, |sum, part| sum.plus(part.amount))
    }

    /// What the price is a price of.
    #[must_use]
    pub fn measure(&self) -> Measure {
        match self {
            Price::Percentage(_) => Measure::MoneyOfEach,
            Price::GraduatedPercentage(_) => Measure::Money,
            _ => Measure::Quantity,
        }
    }

    /// Whether a rating period may be cut inside: a later unit never changes what earlier ones owe
    /// (semantics.md D5).
    #[must_use]
    pub fn may_be_cut(&self) -> bool {
        !matches!(
            self,
            Price::Volume(_) | Price::Blocks(BlockMode::TopTier, _)
        )
    }

    /// Whether tiers are lines of their own; other forms make one line.
    #[must_use]
    pub fn has_tier_lines(&self) -> bool {
        match self {
            Price::Graduated(tiers) => tiers.len() > 1,
            Price::GraduatedPercentage(tiers) => tiers.len() > 1,
            Price::Blocks(BlockMode::AllTiers, blocks) => blocks.len() > 1,
            _ => false,
        }
    }

    /// The form's name in documents.
    #[must_use]
    pub fn form(&self) -> &'static str {
        match self {
            Price::PerUnit(_) => "per_unit",
            Price::Graduated(_) => "graduated",
            Price::Volume(_) => "volume",
            Price::Package(_) => "package",
            Price::Percentage(_) => "percentage",
            Price::GraduatedPercentage(_) => "graduated_percentage",
            Price::Blocks(..) => "blocks",
        }
    }
}

impl Percentage {
    /// The fee of one fact about so much money, or of one work with so much measured value.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn fee(&self, money: Decimal) -> Result<Decimal, MoneyError> {
        let mut fee = money.times(self.share)?.plus(self.fixed.value())?;
        if let Some(minimum) = self.minimum {
            fee = fee.max(minimum.value());
        }
        if let Some(maximum) = self.maximum {
            fee = fee.min(maximum.value());
        }
        Ok(fee)
    }
}

/// Counting in larger units: `divide = 1000, round = "up"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Convert {
    /// Meter units in one billed unit.
    pub divide: Quantity,
    /// What becomes of a begun unit.
    pub round: Rounding,
}

impl Convert {
    /// The billed units at a position of the meter. Rated by cumulative difference: 1,400 and then
    /// 1,300 more are 2 and then 1, not 2 and 2.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn billed(&self, position: Quantity) -> Result<Quantity, MoneyError> {
        Ratio::of(position, self.divide)?.rounded(0, self.round)
    }
}
