//! What a reconciliation says: its parts, as they are written.

use jiff::Timestamp;
use jiff::civil::Date;
use pages::view::ContractMoney;
use serde::Serialize;
use store::Deliveries;
use store::reconciliation::{Ages, UnitDay};
use utoipa::ToSchema;

/// Deliveries: `received = accepted + duplicate + conflicting + refused`.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct DeliveryCounts {
    /// Everything that arrived.
    #[schema(example = 120)]
    pub(super) received: u64,
    /// New events.
    #[schema(example = 100)]
    pub(super) accepted: u64,
    /// The same again.
    #[schema(example = 17)]
    pub(super) duplicate: u64,
    /// Another content under a known identity.
    #[schema(example = 1)]
    pub(super) conflicting: u64,
    /// Not taken.
    #[schema(example = 2)]
    pub(super) refused: u64,
}

/// Units of work: `opened = pending + counted + reversed + not_counted`.
#[derive(Debug, Clone, Copy, Default, Serialize, ToSchema)]
pub(crate) struct UnitCounts {
    /// All that were opened.
    #[schema(example = 50)]
    pub(super) opened: u64,
    /// Not decided yet; what is unknown is here.
    #[schema(example = 5)]
    pub(super) pending: u64,
    /// They count.
    #[schema(example = 40)]
    pub(super) counted: u64,
    /// They counted, and were taken back.
    #[schema(example = 2)]
    pub(super) reversed: u64,
    /// They do not count, for a reason that is known.
    #[schema(example = 3)]
    pub(super) not_counted: u64,
}

/// How many wait, by how long they have.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct AgeCounts {
    /// Less than a day.
    pub(super) under_1_day: u64,
    /// Less than three days.
    pub(super) under_3_days: u64,
    /// Less than seven days.
    pub(super) under_7_days: u64,
    /// Less than thirty days.
    pub(super) under_30_days: u64,
    /// Longer.
    pub(super) older: u64,
}

/// What waits for somebody, or for time to pass.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WaitingCounts {
    /// Refused events that nobody has decided about.
    pub(super) refused_events: AgeCounts,
    /// Units that are pending.
    pub(super) pending_units: AgeCounts,
    /// Costs of a customer that belong to no work.
    pub(super) costs_without_work: AgeCounts,
    /// Costs of no customer yet; for the whole book alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) unassigned_costs: Option<AgeCounts>,
}

/// Counts by day against what is kept elsewhere.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Agreement {
    /// As it is counted by day, since the book began.
    pub(super) by_day: u64,
    /// As it is kept elsewhere: entries of the logs, or deliveries of the journal.
    pub(super) kept: u64,
    /// Deliveries of a release that did not tell where duplicates and refused ones came from.
    pub(super) before_days_were_counted: u64,
    /// Whether they are the same.
    pub(super) agrees: bool,
}

/// The reconciliation of one customer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerReconciliation {
    /// The customer.
    #[schema(example = "acme")]
    pub(super) customer: String,
    /// The first day, in UTC.
    #[schema(value_type = String, format = Date, example = "2026-02-01")]
    pub(super) from: Date,
    /// The day after the last.
    #[schema(value_type = String, format = Date, example = "2026-02-08")]
    pub(super) until: Date,
    /// The instant at which units and what waits stand like this.
    #[schema(value_type = String, format = DateTime)]
    pub(super) as_of: Timestamp,
    /// Deliveries that arrived on these days.
    pub(super) deliveries: DeliveryCounts,
    /// Units that were opened on these days.
    pub(super) units: UnitCounts,
    /// Day by day; days of which there is nothing to say are not there.
    pub(super) days: Vec<Day>,
    /// What waits, whenever it came.
    pub(super) waiting: WaitingCounts,
    /// Accepted and conflicting deliveries against the entries of the customer's logs.
    pub(super) entries: Agreement,
    /// The money of each contract: owed = stated + waived + unstated.
    pub(super) money: Vec<ContractMoney>,
}

/// One day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Day {
    /// The day, in UTC.
    #[schema(value_type = String, format = Date, example = "2026-02-01")]
    pub(super) day: Date,
    /// Deliveries that arrived on it.
    pub(super) deliveries: DeliveryCounts,
    /// The same by source.
    pub(super) sources: Vec<SourceDeliveries>,
    /// Units that were opened on it.
    pub(super) units: UnitCounts,
}

/// Deliveries of one source.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SourceDeliveries {
    /// The source; nothing where it could not be read.
    #[schema(example = "desk")]
    pub(super) source: Option<String>,
    /// What became of them.
    pub(super) deliveries: DeliveryCounts,
}

/// The reconciliation of the book: a page of its customers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BookReconciliation {
    /// The first day, in UTC.
    #[schema(value_type = String, format = Date, example = "2026-02-01")]
    pub(super) from: Date,
    /// The day after the last.
    #[schema(value_type = String, format = Date, example = "2026-02-08")]
    pub(super) until: Date,
    /// The instant at which it stands like this.
    #[schema(value_type = String, format = DateTime)]
    pub(super) as_of: Timestamp,
    /// Of the whole book; on the first page alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) book: Option<WholeBook>,
    /// By the customer that deliveries name, in the order of their names.
    pub(super) customers: Vec<CustomerDeliveries>,
    /// For the next page; not there on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next_cursor: Option<String>,
}

/// The whole book.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WholeBook {
    /// Deliveries that arrived on these days.
    pub(super) deliveries: DeliveryCounts,
    /// What waits, whenever it came.
    pub(super) waiting: WaitingCounts,
    /// Deliveries by day against those of the journal.
    pub(super) received: Agreement,
}

/// Deliveries that name one customer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerDeliveries {
    /// The customer; nothing where it could not be read.
    #[schema(example = "acme")]
    pub(super) customer: Option<String>,
    /// What became of them.
    pub(super) deliveries: DeliveryCounts,
}

impl From<Deliveries> for DeliveryCounts {
    fn from(own: Deliveries) -> DeliveryCounts {
        DeliveryCounts {
            received: own.received,
            accepted: own.accepted,
            duplicate: own.duplicate,
            conflicting: own.conflicting,
            refused: own.refused,
        }
    }
}

impl DeliveryCounts {
    pub(super) fn add(&mut self, other: Deliveries) {
        self.add_counts(other.into());
    }

    pub(super) fn add_counts(&mut self, other: DeliveryCounts) {
        self.received += other.received;
        self.accepted += other.accepted;
        self.duplicate += other.duplicate;
        self.conflicting += other.conflicting;
        self.refused += other.refused;
    }
}

impl UnitCounts {
    pub(super) fn add(&mut self, other: UnitDay) {
        self.add_counts(UnitCounts {
            opened: other.opened,
            pending: other.pending,
            counted: other.counted,
            reversed: other.reversed,
            not_counted: other.not_counted,
        });
    }

    pub(super) fn add_counts(&mut self, other: UnitCounts) {
        self.opened += other.opened;
        self.pending += other.pending;
        self.counted += other.counted;
        self.reversed += other.reversed;
        self.not_counted += other.not_counted;
    }
}

impl From<Ages> for AgeCounts {
    fn from(
        [
            under_1_day,
            under_3_days,
            under_7_days,
            under_30_days,
            older,
        ]: Ages,
    ) -> AgeCounts {
        AgeCounts {
            under_1_day,
            under_3_days,
            under_7_days,
            under_30_days,
            older,
        }
    }
}
