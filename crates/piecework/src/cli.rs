//! The command line: what there is to ask, and how.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// The system of record for sold work: meter it, count it, price it, show the margin, prove it.
#[derive(Debug, Parser)]
#[command(
    name = "piecework",
    version,
    max_term_width = 100,
    arg_required_else_help = true
)]
pub struct Cli {
    /// The configuration file (also: PIECEWORK_CONFIG).
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Print JSON instead of tables.
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a piecework.toml from a preset and make an empty book beside it.
    Init(Init),
    /// Show a draft statement and margin of a CSV export, after at most three questions.
    Try(Try),
    /// A throw-away book of a realistic month: meters, statement, explanation, margin.
    Demo(Demo),
    /// Append events from CloudEvents JSON lines.
    Ingest(Ingest),
    /// Append events from CSV or JSON lines by a map.
    Import(Import),
    /// Definitions and plans: show them, check them, put them in plain English.
    Show(Show),
    /// Check the documents in force: definitions, plan, and what they say of each other.
    Check,
    /// A definition in plain English, with ten edge cases answered: the annex both parties sign.
    Exhibit(Exhibit),
    /// Which works count under one definition and not under the other, and how much money that is.
    Compare(Compare),
    /// Customers of the book.
    Customer(CustomerArgs),
    /// Works of a customer: what became of each, and why.
    Work(WorkArgs),
    /// Record one fact: work done, what it cost, work undone, a dispute and its decision.
    Record(Record),
    /// Give a credit by hand: goodwill, with a reason and an approver.
    Credit(Credit),
    /// Sign, amend, end and list contracts.
    Contract(Contract),
    /// Preview, issue, explain and void statements.
    Statement(Statement),
    /// What customers paid on statements.
    Payment(Payment),
    /// The margin of a month, or of four cost lines against a price.
    Margin(Margin),
    /// Model costs: list, look up, import price books.
    ModelCosts(ModelCosts),
    /// Write the pages: four meters, statement, margin bridge.
    Report(Report),
    /// What became of every event, and of every amount (semantics.md section 5).
    Reconcile(OneCustomer),
    /// Look for faults in the book: journal, identities, state.
    Doctor,
    /// Make the state again from the journal.
    Rebuild,
    /// Copy the book while it is in use.
    Backup(Backup),
    /// Reference for tools: event types, exit codes.
    Schema(Schema),
}

/// Arguments of `init`.
#[derive(Debug, Args)]
pub struct Init {
    /// The preset to start from; `--list` shows them.
    #[arg(long, default_value = "fin-style", value_name = "NAME[@VERSION]")]
    pub preset: String,
    /// A definition of your own instead of a preset's; may be given several times.
    #[arg(
        long = "definition",
        value_name = "FILE",
        requires = "plan",
        conflicts_with = "preset"
    )]
    pub definitions: Vec<PathBuf>,
    /// A plan of your own instead of a preset's.
    #[arg(long, value_name = "FILE", requires = "definitions")]
    pub plan: Option<PathBuf>,
    /// List the presets.
    #[arg(long)]
    pub list: bool,
    /// The directory to begin in.
    #[arg(default_value = ".", value_name = "DIR")]
    pub directory: PathBuf,
}

/// Arguments of `try`.
#[derive(Debug, Args)]
pub struct Try {
    /// The export: CSV or JSON lines, may be gzip.
    pub file: PathBuf,
    /// The preset whose definition and price to use.
    #[arg(long, default_value = "fin-style")]
    pub preset: String,
    /// An answer to a question, e.g. `--set work=ticket_id`; no question is asked then.
    #[arg(long = "set", value_name = "ROLE=COLUMN")]
    pub answers: Vec<String>,
    /// Write the map that was used here.
    #[arg(long, value_name = "FILE")]
    pub keep_map: Option<PathBuf>,
}

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// Tell the story `who decides` on real data in this directory instead.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// The generator's seed.
    #[arg(long, default_value_t = crate::demo::SEED)]
    pub seed: u64,
    /// Where the page is written.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
}

/// Arguments of `ingest`.
#[derive(Debug, Args)]
pub struct Ingest {
    /// Files of CloudEvents JSON lines; `-` is standard input.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// The directory where refused lines are kept; default here.
    #[arg(long, value_name = "DIR")]
    pub refused: Option<PathBuf>,
}

/// Arguments of `import`.
#[derive(Debug, Args)]
pub struct Import {
    /// The map: a file, or the name of a ready one (`zendesk-tickets`, `intercom-conversations`, ...).
    #[arg(long, value_name = "MAP")]
    pub map: String,
    /// The files; where the map names several, give them as NAME=FILE.
    #[arg(required = true)]
    pub files: Vec<String>,
    /// The customer of rows whose map names none.
    #[arg(long)]
    pub customer: Option<String>,
    /// The source of rows whose map names none.
    #[arg(long)]
    pub source: Option<String>,
    /// Show the first events and write nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// The directory where refused rows are kept; default here.
    #[arg(long, value_name = "DIR")]
    pub refused: Option<PathBuf>,
}

/// Arguments of `show`.
#[derive(Debug, Args)]
pub struct Show {
    /// Print every document in force in full.
    #[arg(long)]
    pub expanded: bool,
}

/// Arguments of `exhibit`.
#[derive(Debug, Args)]
pub struct Exhibit {
    /// A definition file; without it, the definitions in force.
    pub definition: Option<PathBuf>,
}

/// Arguments of `compare`.
#[derive(Debug, Args)]
pub struct Compare {
    /// The first definition file; `current` is the one in force.
    pub first: String,
    /// The second definition file.
    pub second: String,
    /// Only this customer.
    #[arg(long)]
    pub customer: Option<String>,
    /// Only what opened in this month, e.g. 2026-01.
    #[arg(long, value_name = "MONTH")]
    pub period: Option<String>,
    /// Price of one counted work under both; without it, the plan in force.
    #[arg(long, value_name = "AMOUNT")]
    pub price: Option<String>,
    /// How many differing works to list.
    #[arg(long, default_value_t = 10)]
    pub list: usize,
}

/// Arguments of `customer`.
#[derive(Debug, Args)]
pub struct CustomerArgs {
    /// What to do; without it, list them.
    #[command(subcommand)]
    pub command: Option<CustomerCommand>,
}

/// What to do with customers.
#[derive(Debug, Subcommand)]
pub enum CustomerCommand {
    /// List customers with their logs.
    List,
    /// One customer: contracts, statements, works by state.
    Show(OneCustomer),
    /// Who approved, signed and published what, entry by entry.
    Approvals(OneCustomer),
}

/// One customer.
#[derive(Debug, Args)]
pub struct OneCustomer {
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
}

/// Arguments of `work`.
#[derive(Debug, Args)]
pub struct WorkArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: WorkCommand,
}

/// What to do with works.
#[derive(Debug, Subcommand)]
pub enum WorkCommand {
    /// List a customer's works with their states.
    List(WorkList),
    /// One work: its states, its facts, what it cost and what is owed for it.
    Show(OneWork),
}

/// Arguments of `work list`.
#[derive(Debug, Args)]
pub struct WorkList {
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// Only works in this state now.
    #[arg(long, value_parser = ["pending", "counted", "reversed", "not-counted", "disputed"])]
    pub state: Option<String>,
    /// How many works to list.
    #[arg(long, default_value_t = 20)]
    pub list: usize,
}

/// Arguments of `work show`.
#[derive(Debug, Args)]
pub struct OneWork {
    /// The work, by its scope: the ticket's number, for example.
    pub work: String,
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
}

/// Arguments of `record`.
#[derive(Debug, Args)]
pub struct Record {
    /// What to record.
    #[command(subcommand)]
    pub command: RecordCommand,
}

/// What to record.
#[derive(Debug, Subcommand)]
pub enum RecordCommand {
    /// The software answered: `work.answered`, and `work.verified` where a check passed.
    Done {
        /// Which work.
        #[command(flatten)]
        on: On,
        /// The check that passed, e.g. `test-suite`.
        #[arg(long, value_name = "CHECK")]
        verified: Option<String>,
        /// The software's own confidence, 0 to 1.
        #[arg(long)]
        confidence: Option<String>,
    },
    /// What the work cost: an amount, or a model with its tokens.
    Cost {
        /// Which work.
        #[command(flatten)]
        on: On,
        /// The cost line.
        #[arg(long, default_value = "model", value_parser = ["model", "infra", "human_review", "support"])]
        line: String,
        /// How much, e.g. `0.11 USD`.
        #[arg(long, required_unless_present = "model")]
        amount: Option<String>,
        /// Who ran the model.
        #[arg(long)]
        provider: Option<String>,
        /// The model.
        #[arg(long)]
        model: Option<String>,
        /// Tokens by class, e.g. `input=1200,output=300`.
        #[arg(long, value_delimiter = ',', value_name = "CLASS=COUNT")]
        tokens: Vec<String>,
    },
    /// The customer came back, or the result was withdrawn: `work.reopened`.
    Undo {
        /// Which work.
        #[command(flatten)]
        on: On,
    },
    /// The buyer contests the work: `work.disputed`, authored by the buyer.
    Dispute {
        /// Which work.
        #[command(flatten)]
        on: On,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// A dispute is decided: `work.dispute_decided`.
    Decide {
        /// Which work.
        #[command(flatten)]
        on: On,
        /// The outcome: the charge stands, or the buyer is credited.
        #[arg(long, value_parser = ["stands", "credited"])]
        verdict: String,
    },
}

/// Which work a recorded fact is about.
#[derive(Debug, Args)]
pub struct On {
    /// The work: the ticket's number, for example.
    pub work: String,
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// When it happened, e.g. 2026-01-05T09:30:00Z; without it, now.
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// A shared header, e.g. `channel=email`.
    #[arg(long = "header", value_name = "NAME=VALUE")]
    pub headers: Vec<String>,
    /// Who speaks: the source of the event.
    #[arg(long, default_value = "piecework/record")]
    pub source: String,
}

/// Arguments of `credit`.
#[derive(Debug, Args)]
pub struct Credit {
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// The contract's id; needed where there are several.
    #[arg(long)]
    pub contract: Option<String>,
    /// How much is given, e.g. `5.00 USD`.
    #[arg(long, allow_hyphen_values = true)]
    pub amount: String,
    /// Why.
    #[arg(long)]
    pub reason: String,
    /// Who approves it (a role).
    #[arg(long, value_name = "ROLE")]
    pub by: String,
}

/// Arguments of `payment`.
#[derive(Debug, Args)]
pub struct Payment {
    /// What to do.
    #[command(subcommand)]
    pub command: PaymentCommand,
}

/// What to do with payments.
#[derive(Debug, Subcommand)]
pub enum PaymentCommand {
    /// Record a payment on a statement: `payment.recorded`.
    Record(RecordPayment),
}

/// Arguments of `payment record`.
#[derive(Debug, Args)]
pub struct RecordPayment {
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// The printed number of the statement paid.
    #[arg(long, value_name = "NUMBER")]
    pub statement: String,
    /// How much, in the statement's currency, e.g. `120.00 USD`.
    #[arg(long, allow_hyphen_values = true)]
    pub amount: String,
    /// When, e.g. 2026-02-20 or 2026-02-20T09:30:00Z; without it, now.
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// The bank's or the payer's reference: recorded once, however often it is sent.
    #[arg(long)]
    pub reference: Option<String>,
}

/// Arguments of `contract`.
#[derive(Debug, Args)]
pub struct Contract {
    /// What to do.
    #[command(subcommand)]
    pub command: ContractCommand,
}

/// What to do with contracts.
#[derive(Debug, Subcommand)]
pub enum ContractCommand {
    /// Put a contract in force: documents in piecework.toml, for one customer, from a date.
    Sign(Sign),
    /// Put a further version in force from a date.
    Amend(Amend),
    /// End a contract at a date.
    End(End),
    /// The contracts of a customer with their versions.
    List(OneCustomer),
}

/// Arguments of `contract sign`.
#[derive(Debug, Args)]
pub struct Sign {
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// First day, e.g. 2026-01-01.
    #[arg(long, value_name = "DATE")]
    pub from: String,
    /// A contract document; without it, one is made of piecework.toml.
    #[arg(long, value_name = "FILE")]
    pub document: Option<PathBuf>,
    /// Who signs for the buyer (a role, not a name).
    #[arg(long, value_name = "ROLE")]
    pub by: String,
}

/// Arguments of `contract amend`.
#[derive(Debug, Args)]
pub struct Amend {
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// The contract's id; needed where there are several.
    #[arg(long)]
    pub contract: Option<String>,
    /// First day of the new version.
    #[arg(long, value_name = "DATE")]
    pub from: String,
    /// A contract document; without it, one is made of piecework.toml.
    #[arg(long, value_name = "FILE")]
    pub document: Option<PathBuf>,
    /// Who approved re-pricing what was already stated, where the date lies before the last cut.
    #[arg(long, value_name = "ROLE")]
    pub reprice: Option<String>,
    /// Who acknowledges it for the buyer (a role).
    #[arg(long, value_name = "ROLE")]
    pub by: String,
}

/// Arguments of `contract end`.
#[derive(Debug, Args)]
pub struct End {
    /// The customer's id.
    #[arg(long)]
    pub customer: String,
    /// The contract's id; needed where there are several.
    #[arg(long)]
    pub contract: Option<String>,
    /// First day that is no longer covered.
    #[arg(long, value_name = "DATE")]
    pub at: String,
    /// Who ends it (a role).
    #[arg(long, value_name = "ROLE")]
    pub by: String,
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
    /// What a line is made of: works, facts, entries.
    Explain(Explain),
    /// Void an issued statement; its cells are unstated and the cut may be issued again.
    Void(Void),
    /// The statements issued to a customer.
    List(OneCustomer),
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
    /// Who approves it (a role).
    #[arg(long, value_name = "ROLE")]
    pub by: String,
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

/// Arguments of `margin`.
#[derive(Debug, Args)]
pub struct Margin {
    /// Only this customer.
    #[arg(long, conflicts_with = "price")]
    pub customer: Option<String>,
    /// The month, e.g. 2026-01; without it, everything.
    #[arg(long, value_name = "MONTH", conflicts_with = "price")]
    pub period: Option<String>,
    /// Rows by this: customer, class, unit, plan, month, model, agent, agent_version, work.
    #[arg(long, default_value = "customer", conflicts_with = "price")]
    pub by: String,
    /// Only costs of this line: model, infra, human_review, support; may be given several times.
    #[arg(long = "line", value_name = "LINE", conflicts_with = "price")]
    pub cost_lines: Vec<String>,
    /// Only costs that this agent caused, as `cost.recorded` names it.
    #[arg(long, value_name = "AGENT", conflicts_with = "price")]
    pub agent: Option<String>,
    /// The price of one unit, to compute a margin from the four lines below.
    #[arg(long, requires_all = ["model", "infra", "human_review", "support"])]
    pub price: Option<String>,
    /// Model cost per unit.
    #[arg(long)]
    pub model: Option<String>,
    /// Infrastructure cost per unit.
    #[arg(long)]
    pub infra: Option<String>,
    /// Human review cost per unit.
    #[arg(long)]
    pub human_review: Option<String>,
    /// Support cost per unit.
    #[arg(long)]
    pub support: Option<String>,
}

/// Arguments of `model-costs`.
#[derive(Debug, Args)]
pub struct ModelCosts {
    /// What to do.
    #[command(subcommand)]
    pub command: ModelCostsCommand,
}

/// What to do with model costs.
#[derive(Debug, Subcommand)]
pub enum ModelCostsCommand {
    /// The prices in force, by model.
    List {
        /// Only models whose name holds this.
        filter: Option<String>,
        /// On this day; without it, the latest.
        #[arg(long, value_name = "DATE")]
        on: Option<String>,
    },
    /// Add a price book: LiteLLM or genai-prices JSON, or a piecework document.
    Import {
        /// The file, may be gzip.
        file: PathBuf,
        /// The day from which its prices hold.
        #[arg(long, value_name = "DATE")]
        from: String,
    },
}

/// Arguments of `report`.
#[derive(Debug, Args)]
pub struct Report {
    /// Which statement.
    #[command(flatten)]
    pub cut: Cut,
    /// The file to write.
    #[arg(long, value_name = "FILE", default_value = "report.html")]
    pub html: PathBuf,
    /// Leave out the seller's costs and margin: the buyer's copy.
    #[arg(long)]
    pub for_buyer: bool,
}

/// Arguments of `backup`.
#[derive(Debug, Args)]
pub struct Backup {
    /// The directory to write; it must not exist.
    pub to: PathBuf,
}

/// Arguments of `schema`.
#[derive(Debug, Args)]
pub struct Schema {
    /// What to describe: `events`, `headers`, `exit-codes`, `environment`.
    #[arg(value_parser = ["events", "headers", "exit-codes", "environment"])]
    pub what: String,
}
