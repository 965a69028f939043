//! [`StatementPaper`], [`CreditNotePaper`] and [`QuotePaper`]: what somebody files, pays or accepts, as papers.
//!
//! They hold what stands on paper beside the statement itself: whose order it is, when it is to be paid and how,
//! what changed since the last one, and what of the log it rests on. Like a statement, a paper holds nothing of
//! the seller-only log, and nothing that happened after it was issued: made again it is the same.

use std::path::PathBuf;

use jiff::Timestamp;
use jiff::civil::Date;
use money::Amount;
use serde::{Deserialize, Serialize};

use super::{CreditNote, Party, Period, Quote, Statement, Surface};

/// How a seller's papers look.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stationery {
    /// The size of a sheet.
    pub size: SheetSize,
    /// How to pay, line by line: bank, account, what to name.
    pub pay: Vec<String>,
    /// The seller's logo.
    pub logo: Option<Logo>,
    /// Files of fonts for writing that the built-in ones do not have.
    pub fonts: Vec<PathBuf>,
}

/// The size of a sheet of paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SheetSize {
    /// 210 x 297 mm.
    #[default]
    A4,
    /// 8.5 x 11 in.
    Letter,
}

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Logo {
    /// What it is.
    pub kind: LogoKind,
    /// The bytes of its file.
    pub bytes: Vec<u8>,
}

/// Which kind of picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LogoKind {
    /// PNG.
    Png,
    /// SVG.
    Svg,
}

/// A statement as a paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementPaper {
    /// The statement.
    pub statement: Statement,
    /// When it was issued; of a draft, when its period ends.
    pub issued: Timestamp,
    /// How it looks.
    pub stationery: Stationery,
    /// The buyer's purchase order.
    pub po_number: Option<String>,
    /// The day by which it is to be paid.
    pub due: Option<Date>,
    /// Where its customer chose covers, the last day of the cover that it is paid with.
    pub covered_through: Option<Date>,
    /// The total by the buyer's cost centres.
    pub cost_centres: Vec<(String, Amount)>,
    /// By how much it exceeds what the order allows.
    pub over_order: Option<Amount>,
    /// The statement of the contract before it.
    pub before: Option<Before>,
    /// The credit notes that it states.
    pub credit_notes: Vec<CreditNote>,
    /// Works in dispute when it was issued, by their names, of which only the first may be here.
    pub disputed: Vec<String>,
    /// How many they are.
    pub disputed_total: u64,
    /// Works that were not decided yet when it was issued, and may be charged later.
    pub waiting: u64,
    /// What of the log it rests on.
    pub basis: Basis,
}

/// The statement before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Before {
    /// Its number.
    pub number: String,
    /// Its period.
    pub period: Period,
    /// What it charged by surface.
    pub surfaces: Vec<(Surface, Amount)>,
    /// What it changed of earlier ones.
    pub corrections: Amount,
    /// Its total.
    pub total: Amount,
}

/// What of a log a statement rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basis {
    /// The log's name.
    pub origin: String,
    /// Entries that the statement was made of.
    pub coverage: u64,
    /// Entries of the log with the one that issues the statement.
    pub size: u64,
    /// The root of the log of that size.
    pub root: String,
    /// SHA-256 of the statement's body.
    pub digest: String,
}

/// A credit note as a paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditNotePaper {
    /// The credit note.
    pub note: CreditNote,
    /// How it looks.
    pub stationery: Stationery,
    /// Who sells.
    pub vendor: Party,
    /// Who buys.
    pub customer: Party,
    /// The buyer's purchase order.
    pub po_number: Option<String>,
    /// The period of the statement that it is against.
    pub period: Period,
    /// When the statement that states it was issued.
    pub issued: Date,
    /// What of the log that statement rests on.
    pub basis: Basis,
}

/// A quote as a paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotePaper {
    /// The quote.
    pub quote: Quote,
    /// How it looks.
    pub stationery: Stationery,
    /// Who sells.
    pub vendor: Party,
    /// Who may buy.
    pub customer: Party,
    /// The day on which it was sent; of one that was not, drafted.
    pub date: Date,
}
