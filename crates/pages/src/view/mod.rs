//! View models: what a page shows, already computed.
//!
//! Plain structs that hold amounts, quantities, instants and texts. Whoever fills them (the command
//! line, the server) has done every sum; a page does geometry and spelling, never money. The same
//! structs are the `--json` output and the body of the HTTP answers, so a number that a person reads
//! and a number that a program reads cannot differ.
//!
//! Money is written as `{"amount":"2.50","currency":"USD"}`, quantities as decimal strings, times as
//! RFC 3339 in UTC. Shares are fractions of 1 with at least six digits where they are not exact: a
//! page shows one digit of the per cent, and must not round what was rounded there before.

mod billing;
mod bridge;
mod budget;
mod check;
mod close;
mod comparison;
mod contract;
mod cover;
mod customer;
mod definition;
mod fact;
mod form;
mod frame;
mod home;
pub mod json;
mod log;
mod margin;
mod meters;
mod paper;
mod period;
mod plan;
mod portal;
mod proof_report;
mod proposal;
mod quote;
mod receipt;
mod receivables;
mod reconciliation;
mod refused;
mod renewal;
mod report;
mod revenue;
mod settings;
mod start;
mod statement;
mod statement_run;
mod story;
mod study;
mod waiting;
mod work;
mod work_search;

pub use billing::{
    CreditNote, CreditNoteLine, CreditRow, GrantRow, StatedLine, StatementDraft, StatementRow,
};
pub use bridge::{Bridge, BridgeComponent, BridgeEnd, BridgePart};
pub use budget::{
    Budget, CapSpending, ComponentSpending, ContractSpending, CreditBalance, CreditLot, Spending,
};
pub use check::{
    AttributionFinding, AttributionTold, BlockingCheck, CheckReason, CheckRow, CheckVerdict,
    ContractChecks, WaivedCheck,
};
pub use close::{Checklist, CloseRow, Closed};
pub use comparison::{Comparison, Difference, DifferingWork, Reading, Side};
pub use contract::{
    BillPreview, BillPreviewLine, ChangePreview, Contract, ContractOpening, ContractRow,
    ContractSheet, ContractVersion, VersionTold,
};
pub use cover::{AwaitedCover, Cover, CoverChoice, CoverPaper, CoverPart};
pub use customer::{
    ContractName, ContractProblem, Customer, CustomerOverview, CustomerRow, Flag, LogHead,
    SellerSide, SignedHead,
};
pub use definition::{Definition, DefinitionRow};
pub use fact::{Fact, Work};
pub use form::{Entry, FieldFault};
pub use frame::{Frame, Narrowing, Place, Refusal, Step, Told};
pub use home::{Home, HomeCustomer, HomeMonth, HomeUnit};
pub use log::LogRow;
pub use margin::{
    Converted, CostShare, CostStep, MarginBridge, MarginRow, MarginTable, OtherCurrency,
    Unassigned, Unconverted, Unpriced,
};
pub use meters::{BuyerValue, ClassCount, Danger, FourMeters, Level, Meter, Part, WorkCount};
pub use paper::{
    Basis, Before, CreditNotePaper, Logo, LogoKind, QuotePaper, SheetSize, StatementPaper,
    Stationery,
};
pub use period::{Measure, Period, Surface};
pub use plan::{PlanRow, PlanSheet};
pub use portal::{
    Agreement, BilledWork, Brought, ColumnChoice, OwnLog, OwnRecords, OwnWorks, QuestionedWork,
    RecordsCompared, Sayable, Saying,
};
pub use proof_report::{
    Acknowledged, Agreed, Contested, Counting, Listed, Log, Note, ProofReport, Range, Rate, Rows,
    Sample, Section, Week, WeekPart, WorkState,
};
pub use proposal::{ChangeRow, Proposal};
pub use quote::{ExpectedBill, Quote, QuoteRow, QuoteStep, QuotedComponent, QuotedTerm};
pub use receipt::{Dispute, Receipt};
pub use receivables::{
    AccountLine, AccountStatement, Ageing, AgeingRow, AllocationRow, BalanceConfirmation, MoneyAct,
    OpenItem, SourceRow, StatementStands,
};
pub use reconciliation::{Classes, ContractMoney, Deliveries, Reason, Reconciliation};
pub use refused::RefusedRow;
pub use renewal::{DeliveredValue, RenewalCase, RenewalPeriod, Share};
pub use report::{Provenance, Report};
pub use revenue::{ContestableWork, Obstacle, RevenueMonth, RevenueSchedule, StreamRevenue};
pub use settings::{
    BudgetRow, KeyRow, LinkRow, Settings, SettingsGroup, WebhookDeliveryRow, WebhookRow,
};
pub use start::{Reader, Start};
pub use statement::{
    AbsorbedEffect, Adjustment, AppliedCredit, AuthorshipShare, Awaited, BySignature, Cell,
    CellRow, Document, Earlier, Line, Party, Statement, Status, SurfaceLines, TierEffect,
    WaivedCell, WorkList,
};
pub use statement_run::{RunCount, RunRow, RunSurface, RunTotal, StatementRun, StatementRunReport};
pub use story::{Decider, WhoDecides};
pub use study::{Finding, FindingUnit, Study, StudyData, StudyVerdict};
pub use waiting::{RefusedOne, UnassignedCost};
pub use work::{
    CostRow, Decision, DisputeRow, DisputesOf, Moved, Named, OwedShare, Standing, WorkCosts,
    WorkOf, WorkRow, WorkStory,
};
pub use work_search::WorkSearch;
