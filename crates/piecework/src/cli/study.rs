//! What data say: `study`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Subcommand, ValueEnum};

/// Arguments of `study`.
#[derive(Debug, Args)]
pub struct StudyArgs {
    /// What to ask.
    #[command(subcommand)]
    pub command: StudyCommand,
}

/// What to ask of some data.
#[derive(Debug, Subcommand)]
pub enum StudyCommand {
    /// Rates with their intervals: by group, with clusters, with what is not known yet, against a baseline.
    Rates(StudyRates),
    /// How far an automatic judge is right, against what was verified, and the rate behind what it passes.
    Judge(StudyJudge),
    /// Whether a stated confidence may carry a price; writes the `calibration` document that says so.
    Calibration(StudyCalibration),
    /// The difference that the software made where chance decided who got it (design tier A).
    Holdout(StudyHoldout),
    /// The difference in differences over one start (tier B).
    TwoByTwo(StudyTwoByTwo),
    /// The effect of starts at different times (Callaway and Sant\u{2019}Anna), with the test of the trends before (tier B).
    Staggered(StudyStaggered),
    /// One series, cut at the start, against its own trend (tier C).
    Series(StudySeries),
    /// The mean after less the mean before: no basis of a price (tier D).
    BeforeAfter(StudyBeforeAfter),
}

/// The rows, and where the page goes.
#[derive(Debug, Args)]
pub struct StudyFile {
    /// A CSV file with a header.
    pub file: PathBuf,
    /// Look at these rows alone; several all hold.
    #[arg(long, value_name = "COLUMN=VALUE")]
    pub only: Vec<Condition>,
    /// Write the study as a page.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
}

/// Arguments of `study rates`.
#[derive(Debug, Args)]
pub struct StudyRates {
    /// The rows.
    #[command(flatten)]
    pub rows: StudyFile,
    /// What is a hit.
    #[arg(long, value_name = "COLUMN=VALUE,...")]
    pub hit: Condition,
    /// What may be a hit yet: then the rate is one of the others, and the bounds over all are beside it.
    #[arg(long, value_name = "COLUMN=VALUE,...")]
    pub unknown: Option<Condition>,
    /// A rate for each value of this column.
    #[arg(long, value_name = "COLUMN")]
    pub by: Option<String>,
    /// Rows of one value of this column are alike: customers, repositories.
    #[arg(long, value_name = "COLUMN")]
    pub cluster: Option<String>,
    /// What the rates are held against: so many hits of so many.
    #[arg(long, value_name = "HITS/TRIALS")]
    pub against: Option<Counts>,
}

/// Arguments of `study judge`.
#[derive(Debug, Args)]
pub struct StudyJudge {
    /// The rows: each a work that was judged and verified.
    #[command(flatten)]
    pub rows: StudyFile,
    /// What the judge says of a work that it passes.
    #[arg(long, value_name = "COLUMN=VALUE,...")]
    pub passed: Condition,
    /// What was verified of a work that is right.
    #[arg(long, value_name = "COLUMN=VALUE,...")]
    pub right: Condition,
    /// A judge for each value of this column.
    #[arg(long, value_name = "COLUMN")]
    pub by: Option<String>,
    /// What the judge passes of works that nobody verified; without it, of these works.
    #[arg(long, value_name = "PASSED/JUDGED")]
    pub of: Option<Counts>,
}

/// Arguments of `study calibration`.
#[derive(Debug, Args)]
pub struct StudyCalibration {
    /// The rows: each a work with the confidence that was stated and what came of it.
    #[command(flatten)]
    pub rows: StudyFile,
    /// The stated confidence, from 0 to 1.
    #[arg(long, value_name = "COLUMN")]
    pub confidence: String,
    /// What is a work that was right.
    #[arg(long, value_name = "COLUMN=VALUE,...")]
    pub right: Condition,
    /// Bins of one width; without it, one for each confidence that was stated.
    #[arg(long, value_name = "N")]
    pub bins: Option<usize>,
    /// Works that every bin must have.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub per_bin_min: u64,
    /// Write the document for `publish calibration`.
    #[arg(long, value_name = "FILE", requires = "subject", requires = "from")]
    pub document: Option<PathBuf>,
    /// What it is about: the `calibration` of the plan.
    #[arg(long, requires = "document")]
    pub subject: Option<String>,
    /// From when on it holds: an instant with its offset.
    #[arg(long, value_name = "INSTANT", requires = "document")]
    pub from: Option<String>,
}

/// Arguments of `study holdout`.
#[derive(Debug, Args)]
pub struct StudyHoldout {
    /// The rows: each a unit that was assigned.
    #[command(flatten)]
    pub rows: StudyFile,
    /// Who got the software.
    #[arg(long, value_name = "COLUMN=VALUE,...")]
    pub treated: Condition,
    /// A number to compare the means of.
    #[arg(long, value_name = "COLUMN", required_unless_present = "hit")]
    pub outcome: Option<String>,
    /// Instead of a number: what is a hit, to compare the rates of.
    #[arg(
        long,
        value_name = "COLUMN=VALUE,...",
        conflicts_with = "outcome",
        conflicts_with = "covariate"
    )]
    pub hit: Option<Condition>,
    /// A number that was fixed before the assignment, to take off what was known before (CUPED).
    #[arg(long, value_name = "COLUMN")]
    pub covariate: Option<String>,
    /// Compare logarithms: the effect is a relative one.
    #[arg(long, conflicts_with = "hit")]
    pub log: bool,
    /// Where customers or agents were assigned whole: the column that names them.
    #[arg(
        long,
        value_name = "COLUMN",
        conflicts_with = "covariate",
        conflicts_with = "hit"
    )]
    pub cluster: Option<String>,
    /// The share that was to be held out, from 0 to 1: then it is tested that the arms have those sizes.
    #[arg(long, value_name = "SHARE")]
    pub held_out: Option<f64>,
}

/// Arguments of `study two-by-two`.
#[derive(Debug, Args)]
pub struct StudyTwoByTwo {
    /// The rows: each a unit in a period.
    #[command(flatten)]
    pub rows: StudyFile,
    /// Who got the software at the start.
    #[arg(long, value_name = "COLUMN=VALUE,...")]
    pub treated: Condition,
    /// Which rows are after the start.
    #[arg(long, value_name = "COLUMN=VALUE,...")]
    pub after: Condition,
    /// The number to compare.
    #[arg(long, value_name = "COLUMN")]
    pub outcome: String,
    /// The column that names the unit, seen before and after; without it, rows are different units.
    #[arg(long, value_name = "COLUMN")]
    pub unit: Option<String>,
}

/// Arguments of `study staggered`.
#[derive(Debug, Args)]
pub struct StudyStaggered {
    /// The rows: each a unit in a period, every unit in every period.
    #[command(flatten)]
    pub rows: StudyFile,
    /// The column that names the unit.
    #[arg(long, value_name = "COLUMN")]
    pub unit: String,
    /// The period, a whole number.
    #[arg(long, value_name = "COLUMN")]
    pub period: String,
    /// The period in which the unit started; 0 or empty for never.
    #[arg(long, value_name = "COLUMN")]
    pub first: String,
    /// The number to compare.
    #[arg(long, value_name = "COLUMN")]
    pub outcome: String,
    /// Whom a cohort is compared with.
    #[arg(long, value_enum, default_value_t = ComparedWith::NeverTreated)]
    pub controls: ComparedWith,
}

/// Whom a cohort is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ComparedWith {
    /// Units that never started.
    NeverTreated,
    /// Units that had not started yet.
    NotYetTreated,
}

/// Arguments of `study series`.
#[derive(Debug, Args)]
pub struct StudySeries {
    /// The rows: each a point, in the order of time.
    #[command(flatten)]
    pub rows: StudyFile,
    /// The number.
    #[arg(long, value_name = "COLUMN")]
    pub outcome: String,
    /// Which rows are after the start.
    #[arg(long, value_name = "COLUMN=VALUE,...")]
    pub after: Condition,
    /// Points until the season repeats, e.g. 12.
    #[arg(long, value_name = "POINTS")]
    pub season: Option<f64>,
    /// Pairs of sine and cosine for the season.
    #[arg(long, value_name = "N", default_value_t = 1, requires = "season")]
    pub harmonics: u32,
    /// How many points back a residual is remembered; without it, by Newey and West\u{2019}s rule.
    #[arg(long, value_name = "POINTS")]
    pub lag: Option<usize>,
}

/// Arguments of `study before-after`.
#[derive(Debug, Args)]
pub struct StudyBeforeAfter {
    /// The rows.
    #[command(flatten)]
    pub rows: StudyFile,
    /// The number to compare.
    #[arg(long, value_name = "COLUMN")]
    pub outcome: String,
    /// Which rows are after the start.
    #[arg(long, value_name = "COLUMN=VALUE,...")]
    pub after: Condition,
}

/// A column and the values of it that are meant: `outcome=merged,accepted`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The column.
    pub column: String,
    /// The values, at least one.
    pub values: Vec<String>,
}

impl FromStr for Condition {
    type Err = String;

    fn from_str(text: &str) -> Result<Condition, String> {
        let (column, values) = text
            .split_once('=')
            .filter(|(column, _)| !column.is_empty())
            .ok_or_else(|| format!("`{text}` is not COLUMN=VALUE, e.g. outcome=merged"))?;
        Ok(Condition {
            column: column.to_owned(),
            values: values.split(',').map(str::to_owned).collect(),
        })
    }
}

impl std::fmt::Display for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}={}", self.column, self.values.join(","))
    }
}

/// So many of so many: `5086/6628`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Hits.
    pub hits: u64,
    /// Of so many.
    pub trials: u64,
}

impl FromStr for Counts {
    type Err = String;

    fn from_str(text: &str) -> Result<Counts, String> {
        let counts = text
            .split_once('/')
            .and_then(|(hits, trials)| Some((hits.parse().ok()?, trials.parse().ok()?)));
        let (hits, trials) =
            counts.ok_or_else(|| format!("`{text}` is not HITS/TRIALS, e.g. 5086/6628"))?;
        Ok(Counts { hits, trials })
    }
}
