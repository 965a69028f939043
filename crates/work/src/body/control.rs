//! Control entries: what piecework itself writes into a log.

use jiff::Timestamp;
use money::Amount;

use super::approval::{Closed, Decided, Proposed};
use super::books::Lock;
use super::check::CheckWaived;
use super::cover::CoverEntry;
use super::credit::{Grant, GrantAmended};
use super::payment::{Allocated, Payment, PaymentVoided, Refund, WriteOff};
use super::quote::QuoteEntry;
use super::stated::StatedCell;
use super::words::words;
use crate::{Digest, SmolStr};

words! {
    /// What a published document is.
    DocumentKind {
        /// A work-unit definition.
        Definition = "definition",
        /// A plan.
        Plan = "plan",
        /// A contract between this customer and the seller.
        Contract = "contract",
        /// A dated list of model costs.
        ModelCosts = "model_costs",
        /// Whether a price may depend on the confidence of answers.
        Calibration = "calibration",
        /// What was measured in a period.
        Measure = "measure",
        /// What a period would have come to without the work.
        Baseline = "baseline",
        /// A rate of exchange.
        Fx = "fx",
        /// What is offered to a customer.
        Quote = "quote",
        /// What another system counted and billed before a contract began.
        Opening = "opening",
    }
}

words! {
    /// Who may see a document.
    Audience {
        /// Buyer and seller.
        Shared = "shared",
        /// The seller alone.
        Seller = "seller",
    }
}

/// A control entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Control {
    /// `document.published`: a document that later entries name by digest.
    DocumentPublished {
        /// What it is.
        document: DocumentKind,
        /// The document's own text, which the digest names.
        text: String,
        /// Who may see it.
        audience: Audience,
        /// Who published it (a role).
        by: String,
    },
    /// `contract.signed`: version 1 of a contract is in force.
    ContractSigned {
        /// The contract's id.
        contract: String,
        /// Digest of the contract document.
        document: Digest,
        /// Who signed for the buyer (a role).
        by: String,
    },
    /// `contract.amended`: a further version is in force from `effective`.
    ContractAmended {
        /// The contract's id.
        contract: String,
        /// Digest of the new contract document.
        document: Digest,
        /// From when it governs what opens.
        effective: Timestamp,
        /// Who approved re-pricing of periods already stated, if it is back-dated.
        reprice: Option<String>,
        /// Who acknowledged it for the buyer (a role).
        by: String,
    },
    /// `contract.ended`: nothing opens under it from `effective`.
    ContractEnded {
        /// The contract's id.
        contract: String,
        /// From when.
        effective: Timestamp,
        /// Who ended it (a role).
        by: String,
    },
    /// `contract.opened`: a contract begins where another system stopped (semantics.md P6).
    ContractOpened {
        /// The contract's id.
        contract: String,
        /// Digest of the opening document.
        document: Digest,
        /// Who acknowledged it for the buyer (a role).
        by: String,
    },
    /// `quote.drafted`, `quote.sent`, `quote.accepted`, `quote.declined`, `quote.withdrawn`.
    Quote(QuoteEntry),
    /// `statement.stated`: a part of the cells that a statement states. It states nothing until a
    /// `statement.issued` names all of its parts.
    StatementStated {
        /// The contract's id.
        contract: String,
        /// The cut.
        cut: Timestamp,
        /// Counts re-issues of the same cut from 1.
        revision: u32,
        /// Digest of all cells of the statement ([`StatedCell::digest`]).
        cells_digest: Digest,
        /// Which part it is, from 1.
        part: u32,
        /// Its cells, one at least.
        cells: Vec<StatedCell>,
    },
    /// `statement.issued`: the parts before it are stated, under a printed number.
    StatementIssued {
        /// The contract's id.
        contract: String,
        /// The cut.
        cut: Timestamp,
        /// Counts re-issues of the same cut from 1.
        revision: u32,
        /// The printed number, gapless per series.
        number: String,
        /// Entries of the shared log it was computed from.
        coverage: u64,
        /// Digest of the replayable body.
        body: Digest,
        /// Digest of the carry of these entries, which the next statement can start from.
        carry: Digest,
        /// How many parts hold its cells; none, where it states nothing.
        parts: u32,
        /// Digest of all its cells ([`StatedCell::digest`]).
        cells_digest: Digest,
        /// Who approved it (a role).
        by: String,
    },
    /// `statement.voided`.
    StatementVoided {
        /// The printed number.
        number: String,
        /// Why.
        reason: String,
        /// Who approved it (a role).
        by: String,
    },
    /// `cover.chosen`, `cover.issued`, `cover.voided`: one document to pay for several statements (semantics.md D16).
    Cover(CoverEntry),
    /// `credit.issued`: goodwill, a cell of its own (semantics.md D6).
    CreditIssued {
        /// The contract's id.
        contract: String,
        /// How much is given.
        amount: Amount,
        /// Why.
        reason: String,
        /// Who approved it (a role).
        by: String,
    },
    /// `statement.credited`: what a statement charges, or one line of it, is not to be paid. A decision, never a
    /// bare amount (semantics.md D6).
    StatementCredited {
        /// The printed number.
        number: String,
        /// The line: the key of its cell, of the first tier where it has several; the whole statement without.
        line: Option<String>,
        /// Why.
        reason: String,
        /// Who approved it (a role).
        by: String,
    },
    /// `credit.granted`: prepaid credits (semantics.md D9).
    CreditGranted(Grant),
    /// `credit.amended`: other terms of a grant.
    CreditAmended(GrantAmended),
    /// `credit.voided`: a grant that nothing was drawn on pays nothing.
    CreditVoided {
        /// The grant's id.
        grant: String,
        /// Why.
        reason: String,
        /// Who approved it (a role).
        by: String,
    },
    /// `payment.recorded`: what a customer paid (semantics.md D7).
    PaymentRecorded(Payment),
    /// `payment.allocated`: what money on account is for.
    PaymentAllocated(Allocated),
    /// `payment.refunded`: money on account went back.
    PaymentRefunded(Refund),
    /// `payment.voided`: an entry about money was wrong.
    PaymentVoided(PaymentVoided),
    /// `balance.written_off`: what is not asked for, or not owed back, any more.
    BalanceWrittenOff(WriteOff),
    /// `books.locked`: the seller's books are closed through a day.
    BooksLocked(Lock),
    /// `books.unlocked`: they are open again.
    BooksUnlocked(Lock),
    /// `approval.proposed`: an act that waits for a second person. Seller-only log.
    ApprovalProposed(Box<Proposed>),
    /// `approval.decided`: what the second person says. Seller-only log.
    ApprovalDecided(Decided),
    /// `close.recorded`: a month of the book was closed. Seller-only log.
    CloseRecorded(Closed),
    /// `check.waived`: statements are issued although a check of the price fails. Of the margin: seller-only log.
    CheckWaived(CheckWaived),
    /// `data.redacted`: a payload behind a commitment was deleted.
    DataRedacted {
        /// Source of the event whose payload is gone.
        target_source: SmolStr,
        /// Its id.
        target_id: SmolStr,
        /// Why.
        reason: String,
        /// Who approved it (a role).
        by: String,
        /// Who may know of it: whoever may know of the event.
        audience: Audience,
    },
}
