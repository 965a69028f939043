//! [`StatedCell`]: what statements state, and how it is laid into log entries.
//!
//! A log entry is small and a statement need not be: its cells go into parts, cut here by bytes, and
//! one digest over all cells in order ties the parts together. Not here: which parts of a log make a
//! statement (the account's fold says that). Invariant: the parts in order are the cells in order.

use money::{Amount, Quantity};

use crate::Digest;
use crate::event::EventError;
use crate::fields::Fields;
use crate::json::Json;
use crate::limits::STATED_BYTES_MAX;

/// One cell as a statement states it (semantics.md D2, D8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatedCell {
    /// The cell's key, as printed by `pricing`.
    pub cell: String,
    /// What this statement adds to the cell.
    pub amount: Amount,
    /// The quantity it adds.
    pub quantity: Quantity,
    /// Whether the difference is waived, not charged, and the policy that says so.
    pub waived: Option<String>,
    /// What paid so much of the cell: a grant, or what was restored to it, as printed by `pricing`
    /// (semantics.md D9). Then the amount is none that the cell charges; below zero, it went back.
    pub credit: Option<String>,
}

impl StatedCell {
    /// Whether the cell charges the amount, and nothing waives or pays it.
    #[must_use]
    pub const fn is_charge(&self) -> bool {
        self.waived.is_none() && self.credit.is_none()
    }

    /// The SHA-256 digest of the cells' canonical JSON array, in their order.
    #[must_use]
    pub fn digest(cells: &[StatedCell]) -> Digest {
        Digest::of(to_json(cells).to_canonical().as_bytes())
    }

    /// The cells in parts, in order: each as long as [`STATED_BYTES_MAX`] allows, none empty.
    #[must_use]
    pub fn parts(cells: &[StatedCell]) -> Vec<&[StatedCell]> {
        let mut parts = Vec::new();
        let (mut from, mut bytes) = (0, 0);
        for (index, cell) in cells.iter().enumerate() {
            let own = cell.to_json().to_canonical().len() + 1; // and a comma
            if index > from && bytes + own > STATED_BYTES_MAX {
                parts.push(&cells[from..index]);
                (from, bytes) = (index, 0);
            }
            bytes += own;
        }
        if from < cells.len() {
            parts.push(&cells[from..]);
        }
        parts
    }

    fn read(item: &Json, pointer: &str) -> Result<StatedCell, EventError> {
        let mut cell = Fields::of(item, pointer)?;
        let name = cell.document("cell")?;
        let stated = StatedCell {
            cell: name.ok_or_else(|| cell.fault("cell", "this member is required"))?,
            amount: cell.need_amount("amount")?,
            quantity: cell.signed("quantity")?.unwrap_or_default(),
            waived: cell.text("waived")?,
            credit: cell.text("credit")?,
        };
        if stated.waived.is_some() && stated.credit.is_some() {
            return Err(cell.fault("credit", "what is waived needs no credit"));
        }
        cell.finish()?;
        Ok(stated)
    }

    fn to_json(&self) -> Json {
        let amount = Json::object([
            ("amount", Some(Json::text(self.amount.number()))),
            ("currency", Some(Json::text(self.amount.currency().code()))),
        ]);
        Json::object([
            ("cell", Some(Json::text(&self.cell))),
            ("amount", Some(amount)),
            ("quantity", Some(Json::text(self.quantity.to_string()))),
            ("waived", self.waived.as_ref().map(Json::text)),
            ("credit", self.credit.as_ref().map(Json::text)),
        ])
    }
}

/// The cells of one part: one at least.
pub(super) fn read(data: &mut Fields<'_>) -> Result<Vec<StatedCell>, EventError> {
    let pointer = data.at("cells");
    match data.take("cells") {
        Some(Json::Array(items)) if !items.is_empty() => items
            .iter()
            .enumerate()
            .map(|(index, item)| StatedCell::read(item, &format!("{pointer}/{index}")))
            .collect(),
        _ => Err(data.fault("cells", "expected an array of cells, one at least")),
    }
}

/// The cells as a JSON array.
pub(super) fn to_json(cells: &[StatedCell]) -> Json {
    Json::Array(cells.iter().map(StatedCell::to_json).collect())
}
