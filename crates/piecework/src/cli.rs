//! The command line: what there is to ask, and how. Each module below has the arguments of a few
//! commands that belong together.

mod account;
mod approval;
mod begin;
mod buyer;
mod check;
mod close;
mod cover;
mod documents;
mod events;
mod exports;
mod keys;
mod margin;
mod prove;
mod quote;
mod receivables;
mod sample;
mod serve;
mod statement;
mod stripe;
mod study;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub use account::{
    CustomerArgs, CustomerCommand, OneCustomer, OneWork, WorkArgs, WorkCommand, WorkList,
};
pub use approval::{ApprovalArgs, ApprovalCommand, Approve, ChangeReport, Decline, ListProposals};
pub use begin::{Demo, Init, Try};
pub use buyer::{
    AttachEvidence, CheckReceipt, Evidence, EvidenceCommand, Receipt, ReceiptCommand,
    RedactEvidence, SignEvents, WorkReceipt,
};
pub use check::{CheckArgs, CheckCommand, WaiveCheck};
pub use close::{CheckClose, CloseArgs, CloseCommand, RecordClose};
pub use cover::{
    ChooseCovers, CoverCommand, CoverDocument, Covers, IssueCover, OneCover, PerArg, VoidCover,
};
pub use documents::{
    Amend, Compare, Contract, ContractCommand, ContractHistory, ContractPreview, End, Exhibit,
    OpenContract, Publish, Renew, Rollback, Show, Sign,
};
pub use events::{Import, Ingest, On, Record, RecordCommand};
pub use exports::{
    Export, ExportCommand, ExportJournal, ExportTable, JournalFormat, Revenue, TableFormat, Through,
};
pub use keys::{AnnounceKey, CreateKey, Key, KeyCommand, PublishKey, RotateKeys, ShowKeys};
pub use margin::{
    AssignCost, Costs, CostsCommand, Margin, ModelCosts, ModelCostsCommand, TrueUp, UnassignedCosts,
};
pub use prove::{
    Acknowledge, Log, LogCheckpoint, LogCommand, LogConsistency, LogExport, LogInclusion, Prove,
    Reconcile, Replay, Verify, WhichLog,
};
pub use quote::{
    AcceptQuote, CreateQuote, QuoteCommand, QuoteOnPaper, Quotes, SendQuote, ShowQuote,
    TurnDownQuote,
};
pub use receivables::{
    AccountArgs, Ageing, AllocateMoney, Balance, BalanceCommand, Books, BooksCommand,
    ConfirmBalance, ForStatements, FromAccount, LockBooks, Payment, PaymentCommand, RecordPayment,
    RefundMoney, UnlockBooks, VoidMoney, WriteOff,
};
pub use sample::{
    AnchorNonces, DrawSample, RecordReview, RevealNonce, Review, ReviewCommand, Sample,
    SampleCommand, ShowSamples,
};
pub use serve::{
    ApiKeyArgs, ApiKeyCommand, CreateApiKey, CreateLink, DismissRefused, LinkArgs, LinkCommand,
    LinksOf, ListRefused, OneApiKey, OneLink, OneRefused, RefusedArgs, RefusedCommand,
    ResendRefused, RotateApiKey, Serve,
};
pub use statement::{
    AmendCredit, Bridge, ByNumber, Credit, CreditCommand, CreditNoteCommand, CreditNoteDocument,
    CreditNotes, Cut, DocumentFormat, Explain, GiveCredit, GrantCredit, Issue, OneCreditNote,
    Report, RunStatements, ShowCredit, ShowRuns, Statement, StatementCommand, StatementDocument,
    Void, Written,
};
pub use stripe::{HandledStripe, PushStripe, RetryStripe, Stripe, StripeCommand, StripeStatus};
pub use study::{
    ComparedWith, Condition, Counts, StudyArgs, StudyBeforeAfter, StudyCalibration, StudyCommand,
    StudyFile, StudyHoldout, StudyJudge, StudyRates, StudySeries, StudyStaggered, StudyTwoByTwo,
};

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
    /// Set a document as PDF, from standard input to standard output: what a server starts.
    #[cfg(feature = "pdf")]
    #[command(hide = true)]
    Typeset,
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
    /// The five checks of a price: units apart, defined before priced, attribution decided, proof there, margin known.
    /// Ends with 4 where one keeps statements from being issued.
    Check(CheckArgs),
    /// A definition in plain English, with ten edge cases answered: the annex both parties sign.
    Exhibit(Exhibit),
    /// Which works count under one definition and not under the other, and how much money that is.
    Compare(Compare),
    /// Publish a document whose numbers enter prices: a calibration, a measure, a baseline.
    Publish(Publish),
    /// Customers of the book.
    Customer(CustomerArgs),
    /// Works of a customer: what became of each, and why.
    Work(WorkArgs),
    /// Record one fact: work done, what it cost, work undone, a dispute and its decision.
    Record(Record),
    /// Give a credit by hand: goodwill, with a reason and an approver.
    Credit(Credit),
    /// What statements took back of earlier ones, as documents.
    CreditNote(CreditNotes),
    /// Sign, amend, end and list contracts.
    Contract(Contract),
    /// What is offered to customers: draft, send, accept, decline, withdraw.
    Quote(Quotes),
    /// One document to pay for all statements of a customer: choose it, issue, void, list.
    Cover(Covers),
    /// Preview, issue, explain and void statements.
    Statement(Statement),
    /// What customers paid, what it is for, and what went back.
    Payment(Payment),
    /// Write off what is open of a statement, or what is on account: `balance.written_off`.
    WriteOff(WriteOff),
    /// What is open by how long it has been due, by customer and in total.
    Ageing(Ageing),
    /// The account of a customer: every statement, payment, refund and write-off, with what is owed after it.
    Account(AccountArgs),
    /// Ask a buyer to confirm what is open.
    Balance(Balance),
    /// What waits for a second person: list, approve, decline; and who changed what.
    Approval(ApprovalArgs),
    /// The close of a month: what is open, and the record that it was closed.
    Close(CloseArgs),
    /// The margin of a month, or of four cost lines against a price.
    Margin(Margin),
    /// Revenue by month: what was performed, against what was stated.
    Revenue(Revenue),
    /// Stripe: what statements come to, collected there.
    Stripe(Stripe),
    /// What leaves in other people's formats: double entry, costs, tables for spreadsheets.
    Export(Export),
    /// Close months of the seller's books, and open them again.
    Books(Books),
    /// Costs: what was metered beside what was billed.
    Cost(Costs),
    /// Model costs: list, look up, import price books.
    ModelCosts(ModelCosts),
    /// Write the pages: four meters, statement, margin bridge.
    Report(Report),
    /// The buyer: a proof file beside the own records, without a book. The seller: what became of
    /// every event, and of every amount (semantics.md section 5).
    Reconcile(Reconcile),
    /// A customer's log: its signed head, proofs, and the log as files.
    Log(Log),
    /// The proof file of a statement: what a buyer needs to check it without trusting anybody.
    Prove(Prove),
    /// Check a proof file: the log, the signatures, and the statement computed again. Needs no book.
    Verify(Verify),
    /// Compute the statement of a proof file again, from the file alone.
    Replay(Replay),
    /// The buyer: cosign the head of a proof file. The seller: keep that.
    Acknowledge(Acknowledge),
    /// The buyer: sign events for the seller to ingest, or the acknowledgement of a document. Needs no
    /// book.
    Sign(SignEvents),
    /// Receipts: of a work, for the buyer; and the buyer's check of one, or of what came back for a
    /// signed event.
    Receipt(Receipt),
    /// Works of a statement that nobody picked: nonces, draws, what was found.
    Sample(Sample),
    /// What a review of a sampled work found.
    Review(Review),
    /// What stands behind the outcome of a work: attach it, or redact it.
    Evidence(Evidence),
    /// What data say about a question, how sure that is, and what it rests on. Needs no book.
    Study(StudyArgs),
    /// Keys: the seller's, that sign the logs, and the buyer's own.
    Key(Key),
    /// The book over HTTP: events in, until the process is asked to stop.
    Serve(Serve),
    /// Who may call the server: make, list, rotate and revoke keys.
    ApiKey(ApiKeyArgs),
    /// Links that show a buyer what is theirs: make, list, revoke.
    Link(LinkArgs),
    /// Events that the server refused: list, repair and send again, dismiss.
    Refused(RefusedArgs),
    /// Look for faults in the book: journal, identities, trees, checkpoints, payloads, state.
    Doctor,
    /// Make the state again from the journal, and the hash tiles from the entries.
    Rebuild,
    /// Copy the book. One that is served is copied by `POST /v1/backups`.
    Backup(Backup),
    /// Reference for tools: event types, exit codes.
    Schema(Schema),
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
