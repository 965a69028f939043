//! [`Statement`]: a billing statement before tax, with everything that explains it.
//!
//! It holds nothing of the seller-only log, so that the page made of it may be sent to the buyer.

use jiff::Timestamp;
use money::{Amount, Currency, Decimal, Quantity};
use serde::Serialize;
use utoipa::ToSchema;
use work::event::Authorship;

use super::{Fact, Period, Reconciliation, Surface, Work, json};

/// A billing statement, before tax.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Statement {
    /// Who sells.
    pub vendor: Party,
    /// Who buys.
    pub customer: Party,
    /// The contract's id.
    pub contract: String,
    /// The statement period.
    pub period: Period,
    /// Draft, issued or void.
    pub status: Status,
    /// The currency of every amount in it.
    #[schema(value_type = String)]
    pub currency: Currency,
    /// The lines, by surface, in the order of [`Surface`].
    pub surfaces: Vec<SurfaceLines>,
    /// What changed about cells that were stated before.
    pub adjustments: Vec<Adjustment>,
    /// What moved at other works because a tier was re-rated (semantics.md D2).
    pub tier_effects: Vec<TierEffect>,
    /// What the lines, adjustments and tier effects come to: what is stated here.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub total: Amount,
    /// What prepaid credits pay of it, by grant.
    pub credits: Vec<AppliedCredit>,
    /// What is left to pay: the total, less what credits pay.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub payable: Amount,
    /// What is held back of everything stated so far and waits to be released; nothing without a holdback.
    #[serde(serialize_with = "json::amount_option")]
    #[schema(value_type = Option<json::Money>)]
    pub retained: Option<Amount>,
    /// Earlier periods that are not stated; not in the lines and not in the total.
    pub earlier: Option<Earlier>,
    /// Documents without which periods that are over have no price; nothing of them is in the total.
    pub awaited: Vec<Awaited>,
    /// Owed but waived; not in the total.
    pub waived: Vec<WaivedCell>,
    /// What a minimum or cap takes back of the adjustments (D1); part of the total.
    pub absorbed: Vec<AbsorbedEffect>,
    /// The money by who authored the deciding facts.
    pub authorship: Vec<AuthorshipShare>,
    /// The rest of the total: agreed, and decided by no fact.
    #[serde(serialize_with = "json::amount_option")]
    #[schema(value_type = Option<json::Money>)]
    pub agreed: Option<Amount>,
    /// The documents that governed it.
    pub documents: Vec<Document>,
    /// Where every delivery, entry and coin went.
    pub reconciliation: Reconciliation,
    /// The command that prints the statement again.
    pub command: String,
}

/// What a grant of prepaid credits pays of a statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AppliedCredit {
    /// The grant's id; with `@` and a cut, what was restored to it after its expiry.
    pub credit: String,
    /// What is drawn.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub drawn: Amount,
    /// What goes back to it.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub restored: Amount,
}

/// One side of a contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Party {
    /// Its name.
    pub name: String,
    /// Its id in the book.
    pub id: String,
    /// Address and references, a line each.
    pub details: Vec<String>,
}

/// What a statement is worth as a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Not issued; why it cannot be yet, if so.
    Draft {
        /// Why it cannot be issued, if it cannot.
        blocked_by: Option<String>,
    },
    /// Issued under a number.
    Issued {
        /// The printed number.
        number: String,
        /// When.
        #[serde(serialize_with = "json::instant")]
        #[schema(value_type = String, format = DateTime)]
        issued: Timestamp,
    },
    /// Issued once, no longer in force.
    Void {
        /// The printed number.
        number: String,
        /// Why.
        reason: String,
    },
}

/// Periods before a draft's own that are not stated: a statement issued before they are states them
/// as well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Earlier {
    /// From the first of them to the last.
    pub period: Period,
    /// What they add.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub amount: Amount,
    /// What a statement issued now comes to.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub together: Amount,
    /// The command that states them first, or shows them where nobody signed.
    pub command: String,
}

/// A document that a period waits for: without it what it decides has no price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Awaited {
    /// The component that it decides.
    pub component: String,
    /// The kind of document, e.g. `measure`.
    pub document: String,
    /// Its subject.
    pub subject: String,
    /// The rating period that it is to be of.
    pub period: Period,
    /// The command that publishes it.
    pub command: String,
}

/// The lines of one surface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SurfaceLines {
    /// The surface.
    pub surface: Surface,
    /// Its lines.
    pub lines: Vec<Line>,
    /// Their sum.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub subtotal: Amount,
}

/// One line: a component over a service period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Line {
    /// Id of the plan's component.
    pub component: String,
    /// What it is, for the buyer.
    pub description: String,
    /// The service period, where it is not the statement's.
    pub service: Option<Period>,
    /// How many, where the component counts.
    #[schema(value_type = Option<String>)]
    pub quantity: Option<Quantity>,
    /// What is counted: `cases`, `seats`.
    pub noun: Option<String>,
    /// The price of one, where one price holds for the whole line.
    #[serde(serialize_with = "json::amount_option")]
    #[schema(value_type = Option<json::Money>)]
    pub rate: Option<Amount>,
    /// The sum of its cells.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub amount: Amount,
    /// The cells: each rounded once.
    pub cells: Vec<CellRow>,
    /// The works under it.
    pub works: WorkList,
    /// Entries that are not about a work: usage, seats, the contract's terms.
    pub entries: Vec<Fact>,
    /// How many entries there are, of which `entries` may show the first.
    pub entries_total: u64,
    /// The command that explains the line.
    pub command: String,
}

/// Works under a line, of which the model may hold only the first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, ToSchema)]
pub struct WorkList {
    /// The first of them.
    pub shown: Vec<Work>,
    /// How many there are.
    pub total: u64,
}

/// The name of a cell, the smallest rounded amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Cell {
    /// Id of the plan's component.
    pub component: String,
    /// The rating period.
    pub period: Period,
    /// The price version.
    pub version: u32,
    /// Class, band or tier: `confirmed`, `tier 2`, `band 0.9 to 1`; empty where there is one cell.
    pub part: String,
    /// What the tax system that lines are exported to knows it by, where the plan says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_category: Option<String>,
}

/// A cell under a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CellRow {
    /// Which.
    pub cell: Cell,
    /// How many units.
    #[schema(value_type = Option<String>)]
    pub quantity: Option<Quantity>,
    /// The price of one, where it has one.
    #[serde(serialize_with = "json::amount_option")]
    #[schema(value_type = Option<json::Money>)]
    pub rate: Option<Amount>,
    /// The amount, rounded once.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub amount: Amount,
}

/// A cell that was stated before and is owed differently now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Adjustment {
    /// Which cell.
    pub cell: Cell,
    /// What it is, for the buyer.
    pub description: String,
    /// Quantity as stated.
    #[schema(value_type = Option<String>)]
    pub old_quantity: Option<Quantity>,
    /// Quantity as owed.
    #[schema(value_type = Option<String>)]
    pub new_quantity: Option<Quantity>,
    /// Amount as stated.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub old_amount: Amount,
    /// Amount as owed.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub new_amount: Amount,
    /// What this statement adds or takes away.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub difference: Amount,
    /// Number of the statement that stated it.
    pub origin: Option<String>,
    /// The works concerned.
    pub works: Vec<String>,
    /// The entries that caused it.
    pub causes: Vec<Fact>,
    /// The command that explains it.
    pub command: String,
}

/// Money that moved at other works because a tier was re-rated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TierEffect {
    /// Which cell.
    pub cell: Cell,
    /// What happened: `50 units moved from 0.95 to 0.90`.
    pub explanation: String,
    /// How much.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub amount: Amount,
}

/// An owed cell that is not charged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WaivedCell {
    /// Which cell.
    pub cell: Cell,
    /// Why.
    pub reason: String,
    /// How much.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub amount: Amount,
}

/// What a minimum or a cap takes back of the adjustments: the other side of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AbsorbedEffect {
    /// What took it up: `minimum commitment`, `spend cap`.
    pub by: String,
    /// What happened.
    pub explanation: String,
    /// What it adds to the total: the adjustments that it swallows, with the other sign.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub amount: Amount,
}

/// The share of a statement's money that one author's facts decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuthorshipShare {
    /// Who.
    #[serde(serialize_with = "json::authorship")]
    #[schema(value_type = String)]
    pub authorship: Authorship,
    /// How much of the money of counted work.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub amount: Amount,
    /// The same as a share, 0 to 1.
    #[schema(value_type = String)]
    pub share: Decimal,
    /// How many works.
    #[schema(value_type = String)]
    pub works: Quantity,
    /// What it rests on, of the buyer's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_signature: Option<BySignature>,
}

/// What the money that the buyer's facts decided rests on: the parts sum to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct BySignature {
    /// Facts that the buyer signed.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub signed: Amount,
    /// Facts that say that the buyer wrote them, and carry no signature.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub unsigned: Amount,
    /// Facts of works settled before, whose entries are not at hand.
    #[serde(serialize_with = "json::amount")]
    #[schema(value_type = json::Money)]
    pub not_at_hand: Amount,
}

/// A document in force, by content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Document {
    /// What it is: `definition support.resolved_case`, `plan hybrid-2026`.
    pub name: String,
    /// The digest of its text.
    pub digest: String,
}
