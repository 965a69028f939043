//! [`Refused`]: a rule of the domain says no.

use jiff::Timestamp;
use jiff::civil::Date;
use money::{Amount, Currency};
use pages::view;
use pricing::account::check::Refusal;
use pricing::statement::StatementError;
use proof::draws::DrawError;
use proof::file::BuildError;
use proof::signers::SignerError;
use store::StoreError;
use tlog::checkpoint::CheckpointError;
use work::event::Identity;

use crate::checks::in_words;
use crate::limits::COSIGNER_AHEAD_SECONDS_MAX;

/// A rule says no; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// What the account says.
    #[error(transparent)]
    Account(Refusal),
    /// What the statement says.
    #[error(transparent)]
    Statement(Box<StatementError>),
    /// What the proof file says.
    #[error(transparent)]
    Proof(BuildError<StoreError>),
    /// Another version of a budget is in force than the caller has seen.
    #[error("the budget of `{0}` was set by somebody else meanwhile; read it and set it again")]
    BudgetChanged(String),
    /// A check keeps a statement from being issued.
    #[error("{}", in_words(.0))]
    Checked(Box<view::BlockingCheck>),
    /// A waiver of a check that does not fail.
    #[error(
        "the check `{check}` says `{verdict}`, and keeps nothing from being issued: there is nothing to waive"
    )]
    NothingToWaive {
        /// The check.
        check: &'static str,
        /// How it came out.
        verdict: &'static str,
    },
    /// One check was waived again and again.
    #[error("the check was waived too often already; mend what it finds, or amend the contract")]
    WaivedTooOften,
    /// A margin over two currencies.
    #[error(
        "a contract is in {contract}, the plan in force in {plan}; a margin over both needs a dated \
         exchange-rate document, so name a customer"
    )]
    OtherCurrency {
        /// A contract's currency.
        contract: String,
        /// The plan's.
        plan: Currency,
    },
    /// Statements wait for no cover, or for several.
    #[error("{}", which_cover(.customer, .awaited))]
    WhichCover {
        /// The customer's id.
        customer: String,
        /// What statements wait for, in words.
        awaited: Vec<String>,
    },
    /// The carry of a contract's first statement.
    #[error(
        "`{number}` is the first statement of `{contract}`, and starts from nothing; leave out --carry"
    )]
    FirstStatement {
        /// The statement.
        number: String,
        /// Its contract.
        contract: String,
    },
    /// A carry that this version makes otherwise.
    #[error(
        "the statement `{number}` names another carry than this version makes of the same entries; prove \
         the whole log, without --carry"
    )]
    OtherCarry {
        /// The statement.
        number: String,
    },
    /// Nobody signed the contract.
    #[error(transparent)]
    Unsigned(#[from] Unsigned),
    /// A contract that cannot run until another day.
    #[error("`{contract}` is not renewed: {why}")]
    NotRenewed {
        /// The contract.
        contract: String,
        /// Why.
        why: String,
    },
    /// Every statement that was asked for is issued.
    #[error(
        "nothing to issue: every statement due by then is issued already; `piecework statement list` shows \
         them, and one that is voided may be issued again"
    )]
    NothingDue,
    /// The period of the statement is not over.
    #[error(
        "the period of {customer} ends at {cut}, which is not over yet; `piecework statement preview` shows \
         what it would be"
    )]
    NotOver {
        /// Whose.
        customer: String,
        /// When it ends.
        cut: Timestamp,
    },
    /// The days of grace after the period are not over.
    #[error(
        "the period of {customer} ended at {cut}, and `grace_days` of its contract are not over before \
         {from}; issue it then"
    )]
    InGrace {
        /// Whose.
        customer: String,
        /// When the period ended.
        cut: Timestamp,
        /// From when it may be issued.
        from: Timestamp,
    },
    /// Another run over statements is worked on.
    #[error("the run {name} is being worked on; wait for its end")]
    RunUnderWay {
        /// Its name.
        name: String,
    },
    /// A run that nobody began, or that was given up.
    #[error(
        "the run {name} is not begun; `piecework statement run --resume {name}` goes on with it"
    )]
    RunNotBegun {
        /// Its name.
        name: String,
    },
    /// Rows of a month's checklist are open.
    #[error(
        "{open} rows of the checklist are open; `piecework close check` lists them with what mends them, and a \
         --reason closes the month all the same"
    )]
    CloseOpen {
        /// How many.
        open: u64,
    },
    /// A month that was closed again and again.
    #[error("the month was closed too often already; what is recorded stands")]
    ClosedTooOften,
    /// A second person has to approve an act.
    #[error(
        "nothing was done yet: above the limit of `[approvals]` a second person has to approve it. It is proposed as \
         `{}`, until {}; somebody else says `piecework approval approve {} --customer {} --by ROLE`",
        .0.proposal, .0.expires, .0.proposal, .0.customer
    )]
    Proposed(Box<view::Proposal>),
    /// Whoever proposed it approves it.
    #[error(
        "`{proposal}` was proposed by {by}, and is approved by somebody else, with another key"
    )]
    SamePerson {
        /// The proposal.
        proposal: String,
        /// Who proposed it.
        by: String,
    },
    /// It was approved or declined.
    #[error("`{proposal}` is decided already; `piecework approval list --all` says how")]
    AlreadyDecided {
        /// The proposal.
        proposal: String,
    },
    /// It was not decided in time.
    #[error("`{proposal}` could be approved until {expired}; ask for the act again")]
    ProposalExpired {
        /// The proposal.
        proposal: String,
        /// When.
        expired: Timestamp,
    },
    /// The act would do something else by now.
    #[error(
        "`{proposal}` would do something else now than when it was proposed; decline it, and ask for the act again"
    )]
    EffectChanged {
        /// The proposal.
        proposal: String,
    },
    /// A proposal of another release.
    #[error("`{proposal}` cannot be read by this release; decline it, and ask for the act again")]
    UnreadableProposal {
        /// The proposal.
        proposal: String,
    },
    /// The same act was proposed again and again.
    #[error("the same act was proposed and not approved too often; give it another reason or id")]
    ProposedTooOften,
    /// The reference of a payment is another payment's.
    #[error(
        "the payment {id} is recorded already, of {known} and not {given}; give the other payment a \
         --reference of its own"
    )]
    OtherPayment {
        /// The id of its entry.
        id: String,
        /// What was paid.
        known: Box<Amount>,
        /// What is said to be paid.
        given: Box<Amount>,
    },
    /// An allocation of nothing.
    #[error(
        "there is nothing to allocate: nothing is on account, or nothing is open; `piecework payment list` and \
         `piecework statement list` show what is"
    )]
    NothingToAllocate,
    /// A write-off of nothing.
    #[error("nothing of the statement `{0}` is open that could be written off")]
    NothingOpen(String),
    /// Money on account that there is none of.
    #[error(
        "nothing of it is on account: it is allocated, refunded or written off; `piecework payment list` shows where it is"
    )]
    NothingOnAccount,
    /// Something that would be posted in a month that is closed.
    #[error(
        "the books are locked through {until}, and {day} is in them: date it from the day after on, or let somebody \
         `piecework books unlock`"
    )]
    Locked {
        /// The day that it would be posted on.
        day: Date,
        /// The last day that is locked.
        until: Date,
    },
    /// A month that is closed before it is over.
    #[error("{until} is not over yet, and what is not over cannot be locked")]
    MonthNotOver {
        /// Its last day.
        until: Date,
    },
    /// Books that are locked as far as they should be.
    #[error(
        "nothing would change: {}; `piecework books list` shows who locked them",
        .until.map_or("nothing is locked".to_owned(), |until| format!("the books are locked through {until}"))
    )]
    LockedAlready {
        /// The last day that is locked.
        until: Option<Date>,
    },
    /// The id of an act is another act's.
    #[error(
        "the id `{id}` is in the log already for something else, which stands; nothing was done, so give \
         this an id of its own"
    )]
    OtherAct {
        /// The id.
        id: String,
    },
    /// An entry of piecework's own that the log does not take.
    #[error("the entry {identity} was refused at {pointer}: {problem}")]
    Entry {
        /// The entry.
        identity: Box<Identity>,
        /// JSON pointer of the fault.
        pointer: String,
        /// What is wrong.
        problem: String,
    },
    /// An entry of piecework's own that is there with another content.
    #[error("the entry {identity} is known with another content; nothing was changed by this one")]
    Known {
        /// The entry.
        identity: Box<Identity>,
    },
    /// A fact that the log does not take.
    #[error("refused at {pointer}: {problem}")]
    Fact {
        /// JSON pointer of the fault.
        pointer: String,
        /// What is wrong.
        problem: String,
    },
    /// A fact that is there with another content; this one is kept beside it.
    #[error(
        "{identity} is known with another content (entry {first}); the first stands, and this one was kept \
         as entry {index}; give another --at if it is another fact"
    )]
    Conflicting {
        /// The fact.
        identity: Box<Identity>,
        /// Where the content is that stands.
        first: u64,
        /// Where this one is.
        index: u64,
    },
    /// A statement to draw from that is void.
    #[error("`{number}` is void, and nobody owes what it charged; draw from the one issued since")]
    DrawsVoid {
        /// The statement.
        number: String,
    },
    /// A draw without the nonce of a buyer who has one.
    #[error(
        "the buyer anchored a chain of nonces (entry {anchored}), and a draw without its nonce is no proof: \
         send it the proof file of `{number}`, let it run `piecework sample reveal`, and give what that \
         prints as --nonce; with --seller-seeded it is drawn all the same, and then no draw from `{number}` \
         can have the buyer's nonce"
    )]
    WithoutNonce {
        /// The statement.
        number: String,
        /// The entry of the anchor.
        anchored: u64,
    },
    /// A smaller sample than the one that was drawn.
    #[error(
        "`{sample}` was drawn with --size {size}: a smaller one would leave works out that were drawn; \
         `piecework sample show --customer {customer}` has them all"
    )]
    SmallerSample {
        /// The sample.
        sample: String,
        /// How many works it was drawn with.
        size: u32,
        /// Whose it is.
        customer: String,
    },
    /// A draw from no works.
    #[error(
        "there is nothing to draw: `{number}` charges {works} works of {stratum}{}",
        if *.works == 0 { "" } else { ", for no money" }
    )]
    NothingToDraw {
        /// The statement.
        number: String,
        /// How many works it charges.
        works: u64,
        /// Of which part of it.
        stratum: String,
    },
    /// A draw that the log cannot hold.
    #[error("nothing was drawn: {error}{hint}")]
    Draw {
        /// Why not.
        error: Box<DrawError>,
        /// What to do about it.
        hint: String,
    },
    /// A head that is another one than the log's.
    #[error(
        "this is not the head of {size} entries of the customer log of {customer}; cosign the one that the \
         log signed"
    )]
    OtherHead {
        /// Whose log.
        customer: String,
        /// The size that it says.
        size: u64,
    },
    /// A key that a verifier would not take.
    #[error(transparent)]
    Key(SignerError),
    /// A buyer's answer to a quote that a verifier would not take.
    #[error(
        "{0}; let the buyer sign the quote's document with `piecework sign --acknowledge quote`, and a key that \
         `piecework key publish` put into the log"
    )]
    Answer(SignerError),
    /// A further key of a buyer, whom the one before has to speak for.
    #[error(
        "{0} has a key already, and only its first is published by the seller; let the buyer run `piecework \
         key announce --succeeds OLD.key`, and ingest what it prints"
    )]
    SecondKey(String),
    /// A cosignature that is not taken.
    #[error(transparent)]
    Cosignature(#[from] CosignatureError),
    /// A list of model costs that the store does not take.
    #[error("the list was not kept: {problem}")]
    ModelCosts {
        /// Why.
        problem: String,
    },
}

/// Why a buyer's cosignature is not taken.
#[derive(Debug, thiserror::Error)]
pub enum CosignatureError {
    /// By none of the buyer's keys.
    #[error(
        "no line is a cosignature by a key that the customer log publishes as the buyer's{}; `piecework key \
         publish` puts one into the log",
        if .known.is_empty() { String::new() } else { format!(", {}", .known.join(", ")) }
    )]
    Nobody {
        /// The buyer's keys, by name and id.
        known: Vec<String>,
    },
    /// A line that does not verify.
    #[error(transparent)]
    Unverified(CheckpointError),
    /// From a time that has not come.
    #[error(
        "the cosignature is of {time} seconds since 1970, more than {COSIGNER_AHEAD_SECONDS_MAX} seconds \
         ahead; set the clock and cosign again"
    )]
    Ahead {
        /// The time that it says.
        time: u64,
    },
}

/// What needs a signed contract.
#[derive(Debug, thiserror::Error)]
pub enum Unsigned {
    /// Issuing a statement.
    #[error(
        "nobody signed a contract with {customer}, and a draft cannot be issued; `{command}` signs one"
    )]
    Issue {
        /// The customer.
        customer: String,
        /// The command that signs one.
        command: String,
    },
    /// Giving a credit.
    #[error(
        "{customer} has no signed contract to give a credit on; `piecework contract sign --customer \
         {customer}` makes one"
    )]
    Credit {
        /// The customer.
        customer: String,
    },
    /// Amending a contract.
    #[error("{customer} has no signed contract; `piecework contract sign` makes one")]
    Amend {
        /// The customer.
        customer: String,
    },
    /// Opening a contract.
    #[error(
        "{customer} has no signed contract to open; `piecework contract sign --customer {customer}` makes one"
    )]
    Open {
        /// The customer.
        customer: String,
    },
    /// Ending a contract.
    #[error("{customer} has no signed contract to end")]
    End {
        /// The customer.
        customer: String,
    },
}

/// What there is to say of a cover that is not the only one.
fn which_cover(customer: &str, awaited: &[String]) -> String {
    match awaited {
        [] => format!(
            "no statement of {customer} waits for such a cover: issue the statements first, and choose covers before that, \
             with `piecework cover choose --customer {customer}`"
        ),
        several => format!(
            "statements of {customer} wait for {} covers: {}; say which, by day and currency",
            several.len(),
            several.join(", ")
        ),
    }
}
