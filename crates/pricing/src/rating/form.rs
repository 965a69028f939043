//! The arithmetic of each price form, and where a total falls as the quantity grows.

use money::{Decimal, MoneyError, Quantity, Rate, Ratio, Rounding};

use super::{Block, BlockMode, Package, Part, PercentTier, Price, Tier};

impl Price {
    /// The tiers' contributions at a position, from the first to the one reached.
    pub(super) fn parts(&self, position: Quantity) -> Result<Vec<Part>, MoneyError> {
        match self {
            Price::PerUnit(rate) => one(position, rate.value().times(position)?),
            Price::Graduated(tiers) => graduated(tiers, position),
            Price::Volume(tiers) => one(position, volume(tiers, position)?),
            Price::Package(package) => one(position, packages(package, position)?),
            // The sum of fees that were made fact by fact.
            Price::Percentage(_) => one(position, position),
            Price::GraduatedPercentage(tiers) => graduated_percentage(tiers, position),
            Price::Blocks(BlockMode::AllTiers, blocks) => all_blocks(blocks, position),
            Price::Blocks(BlockMode::TopTier, blocks) => {
                one(position, top_block(blocks, position)?)
            }
        }
    }

    /// What `own` units owe where all `total` units of the rating period reach a tier together: a
    /// volume takes its tier from the whole period, whatever version each unit came under
    /// (semantics.md P2). The tier's flat fee is owed once, where `with_flat`.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn of_total(
        &self,
        own: Quantity,
        total: Quantity,
        with_flat: bool,
    ) -> Result<Decimal, MoneyError> {
        match self {
            Price::Volume(tiers) => {
                let Some(tier) = reached(tiers, total) else {
                    return Ok(Decimal::ZERO);
                };
                let flat = if with_flat { tier.flat } else { Rate::ZERO };
                tier_amount(&Tier { flat, ..*tier }, own)
            }
            Price::Blocks(BlockMode::TopTier, blocks) => match top_tier(blocks, total)? {
                Some(block) => price_of(begun(own, block.size, Rounding::Up)?, block.price),
                None => Ok(Decimal::ZERO),
            },
            _ => self.total(own),
        }
    }

    /// The same price where every position, and every amount, is so many times as large: for positions that
    /// are fractions over `by`.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn scaled(&self, by: Decimal) -> Result<Price, MoneyError> {
        let rate = |rate: Rate| Rate::new(rate.value().times(by)?);
        let tiers = |tiers: &[Tier]| {
            let scaled = tiers.iter().map(|tier| {
                Ok(Tier {
                    up_to: tier.up_to.map(|bound| bound.times(by)).transpose()?,
                    unit: tier.unit,
                    flat: rate(tier.flat)?,
                    cap: tier.cap.map(rate).transpose()?,
                })
            });
            scaled.collect::<Result<Vec<Tier>, MoneyError>>()
        };
        Ok(match self {
            Price::Graduated(own) => Price::Graduated(tiers(own)?),
            Price::Volume(own) => Price::Volume(tiers(own)?),
            Price::Package(own) => Price::Package(Package {
                size: own.size.times(by)?,
                price: rate(own.price)?,
                free: own.free.times(by)?,
                round: own.round,
            }),
            Price::Blocks(mode, blocks) => {
                let scaled = blocks.iter().map(|block| {
                    Ok(Block {
                        size: block.size.times(by)?,
                        most: block.most,
                        price: rate(block.price)?,
                    })
                });
                Price::Blocks(*mode, scaled.collect::<Result<_, MoneyError>>()?)
            }
            // Positions of these grow with their amounts.
            Price::PerUnit(_) | Price::Percentage(_) | Price::GraduatedPercentage(_) => {
                self.clone()
            }
        })
    }

    /// The position after which the total falls, if there is one (semantics.md D4): one unit fewer
    /// would cost more.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn falls_after(&self) -> Result<Option<Quantity>, MoneyError> {
        match self {
            Price::Volume(tiers) => {
                for pair in tiers.windows(2) {
                    let Some(bound) = pair[0].up_to else { break };
                    if tier_amount(&pair[0], bound)? > tier_amount(&pair[1], bound)? {
                        return Ok(Some(bound));
                    }
                }
                Ok(None)
            }
            Price::Blocks(BlockMode::TopTier, blocks) => {
                let mut end = Quantity::ZERO;
                for pair in blocks.windows(2) {
                    let Some(most) = pair[0].most else { break };
                    end = end.plus(pair[0].size.times(Decimal::from_int(i64::from(most)))?)?;
                    let next = begun(end, pair[1].size, Rounding::Down)?.plus(Decimal::ONE)?;
                    if top_block(blocks, end)? > next.times(pair[1].price.value())? {
                        return Ok(Some(end));
                    }
                }
                Ok(None)
            }
            _ => Ok(None),
        }
    }
}

fn one(quantity: Quantity, amount: Decimal) -> Result<Vec<Part>, MoneyError> {
    Ok(vec![Part {
        tier: 0,
        quantity,
        amount,
    }])
}

fn tier_amount(tier: &Tier, quantity: Quantity) -> Result<Decimal, MoneyError> {
    let amount = tier.unit.value().times(quantity)?.plus(tier.flat.value())?;
    Ok(tier.cap.map_or(amount, |cap| amount.min(cap.value())))
}

fn graduated(tiers: &[Tier], position: Quantity) -> Result<Vec<Part>, MoneyError> {
    let bounds = tiers.iter().map(|tier| tier.up_to);
    each_tier(bounds, position, |index, quantity| {
        tier_amount(&tiers[index], quantity)
    })
}

fn graduated_percentage(tiers: &[PercentTier], position: Decimal) -> Result<Vec<Part>, MoneyError> {
    let bounds = tiers.iter().map(|tier| tier.up_to);
    each_tier(bounds, position, |index, money| {
        money
            .times(tiers[index].share)?
            .plus(tiers[index].flat.value())
    })
}

/// Walks the tiers that a position reaches; the first is reached by zero.
fn each_tier(
    bounds: impl Iterator<Item = Option<Quantity>>,
    position: Quantity,
    amount: impl Fn(usize, Quantity) -> Result<Decimal, MoneyError>,
) -> Result<Vec<Part>, MoneyError> {
    let mut parts = Vec::new();
    let mut lower = Quantity::ZERO;
    for (index, bound) in bounds.enumerate() {
        if index > 0 && position <= lower {
            break;
        }
        let upper = bound.map_or(position, |bound| bound.min(position));
        let quantity = upper.minus(lower)?;
        let tier = u16::try_from(index).unwrap_or(u16::MAX); // TIERS_MAX is far below
        parts.push(Part {
            tier,
            quantity,
            amount: amount(index, quantity)?,
        });
        lower = upper;
    }
    Ok(parts)
}

fn volume(tiers: &[Tier], position: Quantity) -> Result<Decimal, MoneyError> {
    reached(tiers, position).map_or(Ok(Decimal::ZERO), |tier| tier_amount(tier, position))
}

/// The tier that a position lies in.
fn reached(tiers: &[Tier], position: Quantity) -> Option<&Tier> {
    tiers
        .iter()
        .find(|tier| tier.up_to.is_none_or(|bound| position <= bound))
}

/// Blocks of `size` in a quantity.
fn begun(quantity: Quantity, size: Quantity, round: Rounding) -> Result<Decimal, MoneyError> {
    Ratio::of(quantity, size)?.rounded(0, round)
}

fn packages(package: &Package, position: Quantity) -> Result<Decimal, MoneyError> {
    let paid = position.minus(package.free)?.max(Quantity::ZERO);
    begun(paid, package.size, package.round)?.times(package.price.value())
}

fn price_of(blocks: Decimal, price: Rate) -> Result<Decimal, MoneyError> {
    blocks.times(price.value())
}

fn all_blocks(blocks: &[Block], position: Quantity) -> Result<Vec<Part>, MoneyError> {
    let mut parts = Vec::new();
    let mut rest = position;
    for (index, block) in blocks.iter().enumerate() {
        if index > 0 && rest.is_zero() {
            break;
        }
        let wanted = begun(rest, block.size, Rounding::Up)?;
        let taken = block.most.map_or(wanted, |most| {
            wanted.min(Decimal::from_int(i64::from(most)))
        });
        let quantity = rest.min(taken.times(block.size)?);
        let tier = u16::try_from(index).unwrap_or(u16::MAX); // TIERS_MAX is far below
        parts.push(Part {
            tier,
            quantity,
            amount: price_of(taken, block.price)?,
        });
        rest = rest.minus(quantity)?;
    }
    Ok(parts)
}

fn top_block(blocks: &[Block], position: Quantity) -> Result<Decimal, MoneyError> {
    match top_tier(blocks, position)? {
        Some(block) => price_of(begun(position, block.size, Rounding::Up)?, block.price),
        None => Ok(Decimal::ZERO),
    }
}

/// The tier of blocks that a position reaches.
fn top_tier(blocks: &[Block], position: Quantity) -> Result<Option<&Block>, MoneyError> {
    let mut rest = position;
    for block in blocks {
        let wanted = begun(rest, block.size, Rounding::Up)?;
        match block.most.map(|most| Decimal::from_int(i64::from(most))) {
            Some(most) if wanted > most => rest = rest.minus(most.times(block.size)?)?,
            _ => return Ok(Some(block)),
        }
    }
    Ok(None)
}
