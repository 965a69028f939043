//! The accounts that entries move.

use work::body::CostLine;

use crate::revenue::Stream;

/// An account of the general ledger.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum GlAccount {
    /// What was paid, before it is known to which bank account.
    Cash,
    /// What statements ask of a customer.
    Receivable {
        /// The customer.
        customer: String,
    },
    /// Performed for a customer, and not stated yet.
    ContractAsset {
        /// The customer.
        customer: String,
    },
    /// Stated to a customer, and not performed yet.
    DeferredRevenue {
        /// The customer.
        customer: String,
    },
    /// Stated to a customer, and expected to be taken back.
    RefundLiability {
        /// The customer.
        customer: String,
    },
    /// Paid by a customer for prepaid credits, and not used yet.
    PrepaidCredits {
        /// The customer.
        customer: String,
    },
    /// Prepaid credits that expired unused: what was paid for them.
    Breakage {
        /// The customer.
        customer: String,
    },
    /// What credits paid that nobody paid for: promotions.
    Promotion {
        /// The customer.
        customer: String,
    },
    /// What statements asked of a customer and nobody will pay.
    WriteOffs {
        /// The customer.
        customer: String,
    },
    /// What a customer paid too much and is not owed back any more.
    Overpayments {
        /// The customer.
        customer: String,
    },
    /// What another system billed a customer and was not paid when its contract began: earned before these books.
    OpeningBalances {
        /// The customer.
        customer: String,
    },
    /// What costs are owed for.
    AccruedCosts {
        /// Who is owed; `None` where no provider is named.
        provider: Option<String>,
    },
    /// What was earned of a customer.
    Revenue {
        /// What for.
        stream: Stream,
        /// The customer.
        customer: String,
    },
    /// What performing cost.
    CostOfGoodsSold {
        /// The cost line.
        line: CostLine,
        /// The customer.
        customer: String,
    },
}

/// Where an account stands in the books.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// What one has.
    Asset,
    /// What one owes.
    Liability,
    /// What was there before these books began.
    Equity,
    /// What one earns.
    Income,
    /// What one spends.
    Expense,
}

impl GlAccount {
    /// Where it stands.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            GlAccount::Cash | GlAccount::Receivable { .. } | GlAccount::ContractAsset { .. } => {
                Kind::Asset
            }
            GlAccount::DeferredRevenue { .. }
            | GlAccount::RefundLiability { .. }
            | GlAccount::PrepaidCredits { .. }
            | GlAccount::AccruedCosts { .. } => Kind::Liability,
            GlAccount::OpeningBalances { .. } => Kind::Equity,
            GlAccount::Revenue { .. }
            | GlAccount::Breakage { .. }
            | GlAccount::Promotion { .. }
            | GlAccount::Overpayments { .. } => Kind::Income,
            GlAccount::CostOfGoodsSold { .. } | GlAccount::WriteOffs { .. } => Kind::Expense,
        }
    }
}
