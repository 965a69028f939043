//! [`CellKey`]: the name of a cell, as statements write it down.

use std::borrow::Cow;
use std::fmt;
use std::fmt::Write as _;
use std::str::FromStr;

use jiff::Timestamp;

/// Component of the cells that totals of a contract make.
pub const TOTALS: &str = "_totals";
/// Component of the cells that credits make.
pub const CREDIT: &str = "_credit";
/// Label of usage that the price of its work includes.
pub const WITH_WORK: &str = "with_work";
/// Label of what was left of earlier periods' allowances of usage, and is used.
pub const ROLLED: &str = "rolled";

/// The name of a cell: contract, component, start of the rating period, price version, and the class,
/// band or tier.
///
/// Printed as `acme-2026/resolutions/2026-01-01T00:00:00Z/v1/class:assumed#2`, in the order in which
/// keys are sorted. What is not a letter, a digit or one of `. _ - : +` is percent-encoded.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CellKey {
    /// The contract's id.
    pub contract: String,
    /// The component's id, or [`TOTALS`] or [`CREDIT`].
    pub component: String,
    /// Start of the rating period.
    pub period: Timestamp,
    /// Number of the contract's version that sets the price.
    pub version: u32,
    /// Class, band, tier, or what was done to a sum.
    pub part: Part,
}

/// What of a component the cell is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// A fee.
    Fee,
    /// Seats, by tier.
    Seats(u16),
    /// Usage, by tier.
    Usage(u16),
    /// Works of a price group, by tier.
    Class(String, u16),
    /// What the allowance covered of a price group, or of usage.
    Included(String),
    /// What a band adds to or takes off a price group.
    Band(String, String),
    /// A premium.
    Premium(u16),
    /// A discount, by its place in the order in which they apply.
    Discount(u16),
    /// What is above the most that is owed.
    Cap,
    /// What is missing to the least that is owed, or what is billed of it in advance.
    Minimum,
    /// A credit, by source and id of the fact that gives it.
    Goodwill(String, String),
    /// What the buyer keeps back of a component for a time.
    Holdback,
    /// What of it is released.
    Release,
    /// Attempts, by tier.
    Attempt(u16),
    /// Seats beyond those that were committed to, by tier; of totals, what is added beyond the cap, or
    /// beyond the minimum.
    Overage(u16),
    /// What a decision credits of another cell: source and id of the fact that decides, and the cell's name.
    Credited(String, String, String),
    /// What is paid back by a service level.
    ServiceLevel,
    /// A share of what a portfolio came to.
    Value,
    /// What a minimum that was billed in advance pays of charges.
    Drawn,
    /// A work that was billed before the contract began, by its place in the opening.
    Opened(u16),
}

/// The text is not the name of a cell.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the name of a cell: contract/component/period/vN/part")]
pub struct CellKeyError(String);

impl CellKey {
    /// The cell that it is about: of what a decision credits the cell that is credited, of any other itself.
    #[must_use]
    pub fn about(&self) -> Cow<'_, CellKey> {
        match &self.part {
            Part::Credited(_, _, cell) => match cell.parse() {
                Ok(cell) => Cow::Owned(cell),
                Err(_) => Cow::Borrowed(self),
            },
            _ => Cow::Borrowed(self),
        }
    }

    /// The key of the price group that the cell is a tier of: its first tier's, or its own.
    #[must_use]
    pub fn group(&self) -> CellKey {
        let part = match &self.part {
            Part::Seats(_) => Part::Seats(0),
            Part::Usage(_) => Part::Usage(0),
            Part::Class(label, _) => Part::Class(label.clone(), 0),
            Part::Premium(_) => Part::Premium(0),
            Part::Attempt(_) => Part::Attempt(0),
            Part::Overage(_) => Part::Overage(0),
            other => other.clone(),
        };
        CellKey {
            part,
            ..self.clone()
        }
    }
}

impl fmt::Display for CellKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        encode(&self.contract, f)?;
        f.write_char('/')?;
        encode(&self.component, f)?;
        write!(f, "/{}/v{}/{}", self.period, self.version, self.part)
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tier = |f: &mut fmt::Formatter<'_>, tier: u16| {
            if tier == 0 {
                Ok(())
            } else {
                write!(f, "#{}", u32::from(tier) + 1)
            }
        };
        match self {
            Part::Fee => f.write_str("fee"),
            Part::Seats(n) => f.write_str("seats").and_then(|()| tier(f, *n)),
            Part::Usage(n) => f.write_str("usage").and_then(|()| tier(f, *n)),
            Part::Class(label, n) => {
                f.write_str("class:")?;
                encode(label, f)?;
                tier(f, *n)
            }
            Part::Included(label) => {
                f.write_str("included:")?;
                encode(label, f)
            }
            Part::Band(band, label) => {
                f.write_str("band:")?;
                encode(band, f)?;
                f.write_char('|')?;
                encode(label, f)
            }
            Part::Premium(n) => f.write_str("premium").and_then(|()| tier(f, *n)),
            Part::Overage(n) => f.write_str("overage").and_then(|()| tier(f, *n)),
            Part::Discount(n) => f.write_str("discount").and_then(|()| tier(f, *n)),
            Part::Cap => f.write_str("cap"),
            Part::Minimum => f.write_str("minimum"),
            Part::Goodwill(source, id) => {
                f.write_str("goodwill:")?;
                encode(source, f)?;
                f.write_char('|')?;
                encode(id, f)
            }
            Part::Opened(n) => f.write_str("opened").and_then(|()| tier(f, *n)),
            Part::Holdback => f.write_str("holdback"),
            Part::Release => f.write_str("release"),
            Part::Attempt(n) => f.write_str("attempt").and_then(|()| tier(f, *n)),
            Part::ServiceLevel => f.write_str("service_level"),
            Part::Value => f.write_str("value"),
            Part::Credited(source, id, cell) => {
                f.write_str("credited:")?;
                encode(source, f)?;
                f.write_char('|')?;
                encode(id, f)?;
                f.write_char('|')?;
                encode(cell, f)
            }
            Part::Drawn => f.write_str("drawn"),
        }
    }
}

pub(crate) fn encode(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b':' | b'+') {
            f.write_char(char::from(byte))?;
        } else {
            write!(f, "%{byte:02X}")?;
        }
    }
    Ok(())
}

pub(crate) fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, tail)) = rest.split_first() {
        if *byte == b'%' {
            let digits = std::str::from_utf8(tail.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &tail[2..];
        } else {
            bytes.push(*byte);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}

impl FromStr for CellKey {
    type Err = CellKeyError;

    fn from_str(text: &str) -> Result<CellKey, CellKeyError> {
        let read = || {
            let mut fields = text.split('/');
            let key = CellKey {
                contract: decode(fields.next()?)?,
                component: decode(fields.next()?)?,
                period: fields.next()?.parse().ok()?,
                version: fields.next()?.strip_prefix('v')?.parse().ok()?,
                part: part(fields.next()?)?,
            };
            fields.next().is_none().then_some(key)
        };
        read().ok_or_else(|| CellKeyError(text.chars().take(120).collect()))
    }
}

fn part(text: &str) -> Option<Part> {
    // `#` separates the tier; in names it is encoded.
    let (name, tier) = match text.split_once('#') {
        None => (text, 0),
        Some((name, number)) => (name, number.parse::<u16>().ok()?.checked_sub(1)?),
    };
    let part = match name.split_once(':') {
        None => match name {
            "fee" => Part::Fee,
            "seats" => Part::Seats(tier),
            "usage" => Part::Usage(tier),
            "premium" => Part::Premium(tier),
            "overage" => Part::Overage(tier),
            "discount" => Part::Discount(tier),
            "cap" => Part::Cap,
            "minimum" => Part::Minimum,
            "holdback" => Part::Holdback,
            "release" => Part::Release,
            "attempt" => Part::Attempt(tier),
            "service_level" => Part::ServiceLevel,
            "value" => Part::Value,
            "drawn" => Part::Drawn,
            "opened" => Part::Opened(tier),
            _ => return None,
        },
        Some(("class", label)) => Part::Class(decode(label)?, tier),
        Some(("included", label)) => Part::Included(decode(label)?),
        Some(("band", rest)) => {
            let (band, label) = rest.split_once('|')?;
            Part::Band(decode(band)?, decode(label)?)
        }
        Some(("goodwill", rest)) => {
            let (source, id) = rest.split_once('|')?;
            Part::Goodwill(decode(source)?, decode(id)?)
        }
        Some(("credited", rest)) => {
            let (source, rest) = rest.split_once('|')?;
            let (id, cell) = rest.split_once('|')?;
            Part::Credited(decode(source)?, decode(id)?, decode(cell)?)
        }
        Some(_) => return None,
    };
    Some(part)
}
