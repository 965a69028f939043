//! Statements, and what stands on them: `statement`, `credit`, `report`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::OneCustomer;

/// Arguments of `credit`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Credit {
    /// Prepaid credits, instead of goodwill.
    #[command(subcommand)]
    pub command: Option<CreditCommand>,
    /// Goodwill.
    #[command(flatten)]
    pub give: Option<GiveCredit>,
}

/// What to do with prepaid credits.
#[derive(Debug, Subcommand)]
pub enum CreditCommand {
    /// Grant prepaid credits: `credit.granted`.
    Grant(GrantCredit),
    /// Give a grant other terms: `credit.amended`.
    Amend(AmendCredit),
    /// Void a grant that nothing was drawn on: `credit.voided`.
    Void(VoidCredit),
    /// The grants of a customer, and what is left of them.
    List(OneCustomer),
    /// One grant.
    Show(ShowCredit),
}

/// Arguments of `credit grant`.
#[derive(Debug, Args)]
pub struct GrantCredit {
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// The grant's id, once per customer.
    #[arg(long, value_name = "ID")]
    pub grant: String,
    /// The contract that it pays for; every one in its currency if absent.
    #[arg(long)]
    pub contract: Option<String>,
    /// How much it pays, e.g. `100.00 USD`.
    #[arg(long)]
    pub amount: String,
    /// What was paid for it; nothing, if absent: a promotion.
    #[arg(long)]
    pub paid: Option<String>,
    /// A lower number is drawn first.
    #[arg(long, default_value_t = 0)]
    pub priority: u32,
    /// From when it pays, an instant; now if absent.
    #[arg(long, value_name = "INSTANT")]
    pub starts: Option<String>,
    /// From when it does not pay any more, an instant; never if absent.
    #[arg(long, value_name = "INSTANT")]
    pub expires: Option<String>,
    /// A surface that it pays for; may be given several times.
    #[arg(long, conflicts_with = "component")]
    pub surface: Vec<String>,
    /// A component that it pays for; may be given several times.
    #[arg(long)]
    pub component: Vec<String>,
    /// Days for which what is restored to it after its expiry may be drawn.
    #[arg(long, default_value_t = 30, value_name = "DAYS")]
    pub restore_days: u32,
    /// Who approves it (a role).
    #[arg(long, value_name = "ROLE")]
    pub by: String,
}

/// Arguments of `credit amend`.
#[derive(Debug, Args)]
pub struct AmendCredit {
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// The grant's id.
    #[arg(long, value_name = "ID")]
    pub grant: String,
    /// How much it pays in all; not less than what is drawn.
    #[arg(long)]
    pub amount: Option<String>,
    /// A lower number is drawn first.
    #[arg(long)]
    pub priority: Option<u32>,
    /// From when it does not pay any more, an instant that no statement has reached.
    #[arg(long, value_name = "INSTANT")]
    pub expires: Option<String>,
    /// Why.
    #[arg(long)]
    pub reason: String,
    /// Who approves it (a role).
    #[arg(long, value_name = "ROLE")]
    pub by: String,
}

/// Arguments of `credit void`.
#[derive(Debug, Args)]
pub struct VoidCredit {
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// The grant's id.
    #[arg(long, value_name = "ID")]
    pub grant: String,
    /// Why.
    #[arg(long)]
    pub reason: String,
    /// Who approves it (a role).
    #[arg(long, value_name = "ROLE")]
    pub by: String,
}

/// Arguments of `credit show`.
#[derive(Debug, Args)]
pub struct ShowCredit {
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// The grant's id.
    #[arg(long, value_name = "ID")]
    pub grant: String,
}

/// Arguments of `credit`, where it gives goodwill.
#[derive(Debug, Args)]
pub struct GiveCredit {
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// The contract's id; needed where there are several.
    #[arg(long)]
    pub contract: Option<String>,
    /// Goodwill: how much is given, e.g. `5.00 USD`.
    #[arg(
        long,
        allow_hyphen_values = true,
        required_unless_present = "statement"
    )]
    pub amount: Option<String>,
    /// A statement that is not to be paid, by its number: what of it is still charged is given back.
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["amount", "contract"])]
    pub statement: Option<String>,
    /// Only this line of it: a component, e.g. `resolutions`, or the key of a cell.
    #[arg(long, requires = "statement")]
    pub line: Option<String>,
    /// Why.
    #[arg(long)]
    pub reason: String,
    /// Who approves it (a role).
    #[arg(long, value_name = "ROLE")]
    pub by: String,
}

/// Arguments of `credit-note`.
#[derive(Debug, Args)]
pub struct CreditNotes {
    /// What to show.
    #[command(subcommand)]
    pub command: CreditNoteCommand,
}

/// What to show of credit notes.
#[derive(Debug, Subcommand)]
pub enum CreditNoteCommand {
    /// All of a customer, in the order of their issue.
    List(OneCustomer),
    /// One, line by line.
    Show(OneCreditNote),
    /// One as a document, to file or to send.
    Document(CreditNoteDocument),
}

/// Arguments of `credit-note document`.
#[derive(Debug, Args)]
pub struct CreditNoteDocument {
    /// Which credit note.
    #[command(flatten)]
    pub which: OneCreditNote,
    /// How it is written.
    #[command(flatten)]
    pub written: Written,
}

/// How a document is written.
#[derive(Debug, Args)]
pub struct Written {
    /// In which form.
    #[arg(long, value_enum, default_value_t = DocumentFormat::Html)]
    pub format: DocumentFormat,
    /// The file to write; NUMBER.html or NUMBER.pdf if absent.
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// The form of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DocumentFormat {
    /// One page for a browser, that prints as it should.
    Html,
    /// PDF/A, tagged; where piecework was built with the feature `pdf`.
    Pdf,
}

/// Arguments of `statement document`.
#[derive(Debug, Args)]
pub struct StatementDocument {
    /// The statement's number, e.g. `acme-0001`.
    pub number: String,
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// How it is written.
    #[command(flatten)]
    pub written: Written,
}

/// Which credit note.
#[derive(Debug, Args)]
pub struct OneCreditNote {
    /// Its number, e.g. `acme-C0001`.
    pub number: String,
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
}

/// Arguments of `statement`.
#[derive(Debug, Args)]
pub struct Statement {
    /// What to do.
    #[command(subcommand)]
    pub command: StatementCommand,
}

/// What to do with statements.
#[derive(Debug, Subcommand)]
pub enum StatementCommand {
    /// The statement as it would be, changing nothing.
    Preview(Cut),
    /// State it, for every contract with that period: write what later statements differ from.
    Issue(Issue),
    /// State everything that is due by a day, for everybody, with a report that is kept.
    Run(RunStatements),
    /// What runs came to: all of them, or one again.
    Runs(ShowRuns),
    /// What a line is made of: works, facts, entries.
    Explain(Explain),
    /// Why the total of a statement is another than that of the last one.
    Bridge(Bridge),
    /// Void an issued statement; its cells are unstated and the cut may be issued again.
    Void(Void),
    /// The statements issued to a customer.
    List(OneCustomer),
    /// An issued statement as a document, to file, to send and to pay.
    Document(StatementDocument),
    /// Compute an issued statement again from the log and compare every byte.
    Replay(ByNumber),
}

/// Which statement.
#[derive(Debug, Args)]
pub struct Cut {
    /// The customer's id; without it, every customer.
    #[arg(long)]
    pub customer: Option<String>,
    /// Only this contract; without it, every contract.
    #[arg(long)]
    pub contract: Option<String>,
    /// The statement period, e.g. 2026-01; without it, the last that has ended.
    #[arg(long, value_name = "MONTH")]
    pub period: Option<String>,
}

/// Arguments of `statement issue`.
#[derive(Debug, Args)]
pub struct Issue {
    /// Which statement.
    #[command(flatten)]
    pub cut: Cut,
    /// Issue every statement that is due, up to the one of this month.
    #[arg(long, value_name = "MONTH", conflicts_with = "period")]
    pub through: Option<String>,
    /// Write no proof file; `prove` writes one at any time. Of several statements of a contract that are
    /// issued at once, the last one's is written: it holds the whole log.
    #[arg(long)]
    pub no_proof: bool,
    /// Who approves it (a role).
    #[arg(long, value_name = "ROLE")]
    pub by: String,
}

/// Arguments of `statement run`.
#[derive(Debug, Args)]
pub struct RunStatements {
    /// The first day that is not stated any more, e.g. 2026-02-01: every period that is over by then, in the zone
    /// of each contract.
    #[arg(long, value_name = "DAY", required_unless_present = "resume")]
    pub cut: Option<String>,
    /// Only these customers, with commas between them; without it, everybody.
    #[arg(long, value_name = "ID,ID,...", value_delimiter = ',')]
    pub customers: Vec<String>,
    /// Say what would be issued, and issue nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Go on with a run that was cut off, and try again what it refused; without a name, the newest run.
    #[arg(long, value_name = "NAME", num_args = 0..=1,
        conflicts_with_all = ["cut", "customers", "dry_run", "no_proof", "by"])]
    pub resume: Option<Option<String>>,
    /// Write no proof files; `prove` writes one at any time.
    #[arg(long)]
    pub no_proof: bool,
    /// Who approves what is issued (a role).
    #[arg(long, value_name = "ROLE", required_unless_present = "resume")]
    pub by: Option<String>,
}

/// Arguments of `statement runs`.
#[derive(Debug, Args)]
pub struct ShowRuns {
    /// The run to show again.
    pub name: Option<String>,
}

/// Arguments of `statement explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// Which statement.
    #[command(flatten)]
    pub cut: Cut,
    /// The line's component, e.g. `resolutions`; without it, all lines.
    #[arg(long)]
    pub line: Option<String>,
    /// Only this work, by its scope, e.g. the ticket's number.
    #[arg(long)]
    pub work: Option<String>,
    /// How many works to list.
    #[arg(long, default_value_t = 10)]
    pub list: usize,
}

/// Arguments of `statement bridge`.
#[derive(Debug, Args)]
pub struct Bridge {
    /// The printed number.
    pub number: String,
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// Write a page to this file; without it NUMBER.bridge.html.
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    pub html: Option<Option<PathBuf>>,
}

/// Arguments of `statement void`.
#[derive(Debug, Args)]
pub struct Void {
    /// Which statement.
    #[command(flatten)]
    pub which: ByNumber,
    /// Why.
    #[arg(long)]
    pub reason: String,
    /// Who approves it (a role).
    #[arg(long, value_name = "ROLE")]
    pub by: String,
}

/// A statement by its printed number.
#[derive(Debug, Args)]
pub struct ByNumber {
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// The printed number.
    #[arg(long)]
    pub number: String,
}

/// Arguments of `report`.
#[derive(Debug, Args)]
pub struct Report {
    /// Which statement.
    #[command(flatten)]
    pub cut: Cut,
    /// Write a page, the only form there is, to this file; without it report.html, or NUMBER.report.html.
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    pub html: Option<Option<PathBuf>>,
    /// The file to write, where `--html` names none.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Leave out the seller's costs and margin: the buyer's copy.
    #[arg(long)]
    pub for_buyer: bool,
    /// The proof report of an issued statement, for its buyer: what was done, how it was counted, who
    /// decided, and what of that is proved.
    #[arg(long, conflicts_with = "for_buyer")]
    pub proof: bool,
}
