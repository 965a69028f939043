//! Covers: one document to pay for the statements of all of a customer's contracts.
//!
//! Not here: which statements a cover binds and what it comes to (`pricing` says that, and refuses a cover that says
//! otherwise). Invariant: what can be read names a statement once, and is all in one currency.

use jiff::civil::Date;
use money::Amount;

use super::wire::{amount, need_text, text};
use super::words::words;
use super::{Control, Kind};
use crate::event::EventError;
use crate::fields::Fields;
use crate::json::Json;
use crate::limits::COVER_PARTS_MAX;
use crate::{Digest, SmolStr};

words! {
    /// What a customer is sent one document to pay for.
    Per {
        /// Each statement, for itself.
        Contract = "contract",
        /// All statements through one day, in one currency.
        Customer = "customer",
    }
}

/// An entry about covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CoverEntry {
    /// `cover.chosen`: what the customer is sent one document for, from a day on.
    Chosen {
        /// What.
        per: Per,
        /// The first day, the last of a statement's period, that it is in force on.
        from: Date,
        /// Who chose it (a role).
        by: String,
    },
    /// `cover.issued`: these statements are one document to pay.
    Issued {
        /// The printed number, gapless per customer.
        number: String,
        /// The last day of what its statements are about.
        through: Date,
        /// The statements, one at least.
        parts: Vec<CoverPart>,
        /// What they come to, before credits.
        total: Amount,
        /// What of it prepaid credits do not pay.
        payable: Amount,
        /// Who issued it (a role).
        by: String,
    },
    /// `cover.voided`: its statements are to be covered again.
    Voided {
        /// The printed number.
        number: String,
        /// Why.
        reason: String,
        /// Who approved it (a role).
        by: String,
    },
}

/// A statement under a cover.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoverPart {
    /// The printed number of the statement.
    pub statement: String,
    /// Digest of its body.
    pub body: Digest,
    /// What it comes to, before credits.
    pub total: Amount,
    /// What of it prepaid credits do not pay.
    pub payable: Amount,
}

impl CoverEntry {
    pub(super) const fn tag(&self) -> Kind {
        match self {
            CoverEntry::Chosen { .. } => Kind::CoverChosen,
            CoverEntry::Issued { .. } => Kind::CoverIssued,
            CoverEntry::Voided { .. } => Kind::CoverVoided,
        }
    }

    /// Reads an entry of one of the kinds above; of any other kind, a void.
    pub(super) fn read(kind: Kind, data: &mut Fields<'_>) -> Result<Control, EventError> {
        Ok(Control::Cover(match kind {
            Kind::CoverChosen => CoverEntry::Chosen {
                per: data.need_word("per", Per::WORDS)?,
                from: day(data, "from")?,
                by: data.need_id("by")?,
            },
            Kind::CoverIssued => {
                let parts = parts(data)?;
                let (total, payable) = (data.need_amount("total")?, data.need_amount("payable")?);
                let sums = [total, payable].into_iter();
                let amounts = parts.iter().flat_map(|own| [own.total, own.payable]);
                if (sums.chain(amounts)).any(|own| own.currency() != total.currency()) {
                    return Err(data.fault("parts", "a cover is in one currency"));
                }
                CoverEntry::Issued {
                    number: data.need_id("number")?,
                    through: day(data, "through")?,
                    parts,
                    total,
                    payable,
                    by: data.need_id("by")?,
                }
            }
            _ => CoverEntry::Voided {
                number: data.need_id("number")?,
                reason: need_text(data, "reason")?,
                by: data.need_id("by")?,
            },
        }))
    }

    pub(super) fn members(&self) -> Json {
        match self {
            CoverEntry::Chosen { per, from, by } => Json::object([
                ("per", text(per.word())),
                ("from", text(&from.to_string())),
                ("by", text(by)),
            ]),
            CoverEntry::Issued {
                number,
                through,
                parts,
                total,
                payable,
                by,
            } => Json::object([
                ("number", text(number)),
                ("through", text(&through.to_string())),
                (
                    "parts",
                    Some(Json::Array(parts.iter().map(CoverPart::to_json).collect())),
                ),
                ("total", amount(*total)),
                ("payable", amount(*payable)),
                ("by", text(by)),
            ]),
            CoverEntry::Voided { number, reason, by } => Json::object([
                ("number", text(number)),
                ("reason", text(reason)),
                ("by", text(by)),
            ]),
        }
    }
}

impl CoverPart {
    fn read(item: &Json, pointer: &str) -> Result<CoverPart, EventError> {
        let mut own = Fields::of(item, pointer)?;
        let part = CoverPart {
            statement: own.need_id("statement")?,
            body: own.need_digest("body")?,
            total: own.need_amount("total")?,
            payable: own.need_amount("payable")?,
        };
        own.finish()?;
        Ok(part)
    }

    fn to_json(&self) -> Json {
        Json::object([
            ("statement", text(&self.statement)),
            ("body", text(&self.body.to_string())),
            ("total", amount(self.total)),
            ("payable", amount(self.payable)),
        ])
    }
}

/// Statements, each once.
fn parts(data: &mut Fields<'_>) -> Result<Vec<CoverPart>, EventError> {
    let pointer = data.at("parts");
    let items = match data.take("parts") {
        Some(Json::Array(items)) if (1..=COVER_PARTS_MAX).contains(&items.len()) => items,
        _ => {
            let problem = format!("expected an array of 1 to {COVER_PARTS_MAX} statements");
            return Err(data.fault("parts", problem));
        }
    };
    let mut parts: Vec<CoverPart> = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let part = CoverPart::read(item, &format!("{pointer}/{index}"))?;
        if parts.iter().any(|known| known.statement == part.statement) {
            let problem = format!("`{}` stands in it twice", part.statement);
            return Err(data.fault("parts", problem));
        }
        parts.push(part);
    }
    Ok(parts)
}

/// A day, as `2026-01-31`.
pub(super) fn day(data: &mut Fields<'_>, key: &str) -> Result<Date, EventError> {
    let text: SmolStr = data.need_id(key)?;
    let day: Option<Date> = text.parse().ok();
    let day = day.filter(|day| day.year() > 0 && day.to_string() == *text);
    day.ok_or_else(|| data.fault(key, format!("`{text}` is not a day, e.g. 2026-01-31")))
}
