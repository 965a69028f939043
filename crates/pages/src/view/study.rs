//! [`Study`]: what some data say about a question, how sure that is, and what it rests on.

use money::Decimal;
use serde::Serialize;

use super::Range;

/// An answer from data, with what has to be true for it and what speaks against it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Study {
    /// What is asked.
    pub question: String,
    /// What was looked at.
    pub data: StudyData,
    /// How the answer was found out.
    pub design: String,
    /// What the numbers are.
    pub unit: FindingUnit,
    /// The answers.
    pub findings: Vec<Finding>,
    /// What every answer is held against, with its name.
    pub against: Option<(String, Decimal)>,
    /// Further numbers, by name.
    pub numbers: Vec<(String, Decimal)>,
    /// What has to be true.
    pub assumptions: Vec<String>,
    /// What speaks against it.
    pub threats: Vec<String>,
    /// What may be done with it.
    pub verdict: Option<StudyVerdict>,
    /// The command that makes it again.
    pub command: String,
}

/// The rows behind a study.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StudyData {
    /// The file's name, without its directory.
    pub file: String,
    /// The digest of its bytes.
    pub digest: String,
    /// Its rows.
    pub rows: u64,
}

/// What the numbers of a study are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingUnit {
    /// Parts of a whole.
    Share,
    /// In the unit of the outcome.
    Number,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Of what.
    pub what: String,
    /// What it rests on: `1,754 of 2,686`.
    pub of: String,
    /// The number.
    pub estimate: Decimal,
    /// Its standard error.
    pub standard_error: Option<Decimal>,
    /// From where to where it may lie, at 95 %.
    pub interval: Option<Range>,
    /// What else is known of it.
    pub note: Option<String>,
    /// Whether it is shown as something that should be nothing, such as an effect before the start.
    pub is_check: bool,
}

/// What may be done with a study.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StudyVerdict {
    /// Whether it may be.
    pub holds: bool,
    /// What is, or is not.
    pub sentence: String,
    /// Why not.
    pub reasons: Vec<String>,
}
