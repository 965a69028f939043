//! `piecework statement issue`: every contract that is due, each by itself.
//!
//! One contract that cannot be issued does not keep the others waiting: what was issued stands, what
//! was not is told with its reason, and the command ends as an error.

use anyhow::{Context as _, Error, Result, anyhow, bail};
use book::Book;
use book::periods::statement_period;
use book::statements::Known;
use book::views::statement::{by_signature, sign_command};
use jiff::Timestamp;
use money::Amount;
use pages::view;
use pricing::account::Held;
use pricing::period::Period;
use pricing::statement::Statement;
use serde::Serialize;
use work::event::Authorship;

use crate::Done;
use crate::cli::Issue;
use crate::commands::contract::write;
use crate::context::Context;
use crate::output::table;
use crate::printed::decided;

/// A statement that was issued.
#[derive(Serialize)]
struct Issued {
    customer: String,
    contract: String,
    number: String,
    cut: Timestamp,
    #[serde(serialize_with = "view::json::amount")]
    total: Amount,
    /// Whose facts decided the total.
    authorship: Vec<Decided>,
    /// The rest of it: agreed, and decided by no fact.
    #[serde(serialize_with = "view::json::amount_option")]
    agreed: Option<Amount>,
    digest: String,
    /// The proof file.
    #[serde(skip_serializing_if = "Option::is_none")]
    proof: Option<String>,
}

/// What one author's facts decided.
#[derive(Serialize)]
struct Decided {
    authorship: &'static str,
    #[serde(serialize_with = "view::json::amount")]
    amount: Amount,
    #[serde(skip_serializing_if = "Option::is_none")]
    by_signature: Option<view::BySignature>,
    #[serde(skip)]
    author: Authorship,
}

impl Decided {
    fn of(statement: &Statement) -> Vec<Decided> {
        let decided = statement.authorship.iter();
        let decided = decided.filter_map(|(author, amount)| Some(((*author)?, *amount)));
        let decided = decided.map(|(author, amount)| Decided {
            authorship: author.word(),
            amount,
            by_signature: (author == Authorship::Buyer)
                .then(|| by_signature(statement.by_signature)),
            author,
        });
        decided.collect()
    }
}

/// A contract whose statement could not be issued.
struct Failed {
    customer: String,
    contract: String,
    error: Error,
}

/// What became of every contract.
#[derive(Default)]
struct Outcome {
    issued: Vec<Issued>,
    failed: Vec<Failed>,
    /// Contracts whose statement is issued already.
    done: usize,
    /// Contracts that have no such statement, or customers without the contract named.
    absent: Vec<Error>,
}

/// What there is to do for a contract.
enum Step<T> {
    Do(T),
    /// All that was asked for is issued.
    Nothing,
    /// The contract has no such period.
    Absent(Error),
}

/// Failures that are listed, and statements whose authors are; further ones are counted.
const LISTED_MAX: usize = 10;

/// Runs the command.
pub fn run(context: &Context, args: &Issue) -> Result<Done> {
    let book = context.book()?;
    let mut outcome = Outcome::default();
    for customer in book.chosen(args.cut.customer.as_deref())? {
        for contract in contracts(&book, &customer, args, &mut outcome)? {
            one_contract(context, &book, args, (&customer, &contract), &mut outcome);
        }
    }
    outcome.tell(context)
}

/// The contracts of a customer that the command is about, by id.
fn contracts(
    book: &Book,
    customer: &str,
    args: &Issue,
    outcome: &mut Outcome,
) -> Result<Vec<String>> {
    let account = book.account(customer, None)?;
    let ids: Vec<String> = account
        .contracts
        .iter()
        .map(|held| held.agreement.id.clone())
        .collect();
    match &args.cut.contract {
        None => Ok(ids),
        Some(id) if ids.contains(id) => Ok(vec![id.clone()]),
        Some(id) => {
            let known = ids.join(", ");
            let error = anyhow!("{customer} has no contract `{id}`; it has {known}");
            outcome.absent.push(error);
            Ok(Vec::new())
        }
    }
}

/// Issues what is due of one contract; each statement changes what the next one differs from.
fn one_contract(
    context: &Context,
    book: &Book,
    args: &Issue,
    (customer, contract): (&str, &str),
    outcome: &mut Outcome,
) {
    let before = outcome.issued.len();
    let failed = |error: Error| Failed {
        customer: customer.to_owned(),
        contract: contract.to_owned(),
        error,
    };
    loop {
        match next(context, book, args, (customer, contract)) {
            Ok(Step::Do(issued)) => outcome.issued.push(issued),
            Ok(Step::Nothing) => {
                outcome.done += usize::from(outcome.issued.len() == before);
                break;
            }
            Ok(Step::Absent(error)) => {
                outcome.absent.push(error);
                break;
            }
            Err(error) => {
                outcome.failed.push(failed(error));
                break;
            }
        }
        if args.through.is_none() {
            break;
        }
    }
    // Of several statements the last one's file holds the whole log.
    if let Some(last) = outcome.issued[before..].last_mut()
        && !args.no_proof
    {
        match prove(context, book, customer, &last.number) {
            Ok(proof) => last.proof = Some(proof),
            Err(error) => outcome.failed.push(failed(error)),
        }
    }
}

/// Issues the next statement of a contract that the command asks for.
fn next(
    context: &Context,
    book: &Book,
    args: &Issue,
    (customer, contract): (&str, &str),
) -> Result<Step<Issued>> {
    let known = Known::of(book, customer)?;
    let Some(held) = known.account.contract(contract) else {
        return Ok(Step::Nothing);
    };
    let cut = match due(context, held, args) {
        Step::Do(cut) => cut,
        Step::Nothing => return Ok(Step::Nothing),
        Step::Absent(error) => return Ok(Step::Absent(error)),
    };
    if cut > context.now {
        bail!(
            "the period of {customer} ends at {cut}, which is not over yet; \
             `piecework statement preview` shows what it would be"
        );
    }
    if held.agreement.is_draft {
        bail!(
            "nobody signed a contract with {customer}, and a draft cannot be issued; \
             `{}` signs one",
            sign_command(customer, held)
        );
    }
    let statement = known.draw(book, held, cut)?;
    let number = known.account.next_number(held);
    let coverage = known.account.coverage;
    let entries = statement.issue(&pricing::statement::Issue {
        number: &number,
        coverage,
        carry: book.carry(&known.account, cut)?.digest(),
        at: context.now,
        by: &args.by,
    })?;
    write(book, &entries, context.now)?;
    book.note_issued(customer, coverage)?;
    Ok(Step::Do(Issued {
        customer: customer.to_owned(),
        contract: contract.to_owned(),
        number,
        cut,
        total: statement.total,
        authorship: Decided::of(&statement),
        agreed: statement.authorship.get(&None).copied(),
        digest: statement.digest().to_string(),
        proof: None,
    }))
}

/// Writes the proof file of a statement that was just issued; where it is.
fn prove(context: &Context, book: &Book, customer: &str, number: &str) -> Result<String> {
    let proved = book.keep_proof(customer, number, context.now);
    let proved = proved.with_context(|| {
        format!(
            "{number} is issued and stands, but its proof file could not be written; `piecework prove \
             --customer {customer} --statement {number}` writes it"
        )
    })?;
    Ok(proved.file)
}

/// The cut to issue: the one named where it is not issued yet, or with `--through` the first due.
fn due(context: &Context, held: &Held, args: &Issue) -> Step<Timestamp> {
    let named = args.through.as_ref().or(args.cut.period.as_ref());
    let period = match statement_period(held, named.map(String::as_str), context.now) {
        Ok(period) => period,
        Err(error) => return Step::Absent(error.into()),
    };
    if args.through.is_none() {
        let is_issued = held.standing().any(|own| own.cut == period.end.at);
        return if is_issued {
            Step::Nothing
        } else {
            Step::Do(period.end.at)
        };
    }
    let periods: Vec<Period> = held.agreement.statement_periods(period.end.at);
    let stated = held.last_cut();
    periods
        .into_iter()
        .map(|own| own.end.at)
        .find(|cut| *cut <= period.end.at && stated.is_none_or(|stated| *cut > stated))
        .map_or(Step::Nothing, Step::Do)
}

/// Whose facts decided each statement, where they are few enough to be read.
fn authors(issued: &[Issued]) -> Vec<String> {
    if issued.len() > LISTED_MAX {
        return vec!["--json says whose facts decided each".to_owned()];
    }
    let of_row = |row: &Issued| {
        let shares = row.authorship.iter();
        let shares = shares.map(|own| (own.author, own.amount, own.by_signature));
        let told = decided(shares, row.agreed)?;
        Some(format!("{} is decided by {told}", row.number))
    };
    issued.iter().filter_map(of_row).collect()
}

impl Outcome {
    /// Prints what was issued; what was not is the command's error.
    fn tell(mut self, context: &Context) -> Result<Done> {
        if self.issued.is_empty() {
            if self.failed.len() == 1 && self.done == 0 && self.absent.is_empty() {
                return Err(self.failed.remove(0).error);
            }
            if self.failed.is_empty() && self.done == 0 && !self.absent.is_empty() {
                return Err(self.absent.remove(0));
            }
            if self.failed.is_empty() {
                bail!(
                    "nothing to issue: every statement due by then is issued already; \
                     `piecework statement list` shows them, and one that is voided may be issued again"
                );
            }
        }
        context.out.value(&self.issued, |issued| {
            let rows = issued.iter().map(|row| {
                vec![
                    row.customer.clone(),
                    row.contract.clone(),
                    row.number.clone(),
                    row.cut.to_string(),
                    row.total.to_string(),
                    row.digest[..12].to_owned(),
                ]
            });
            let titles = ["customer", "contract", "number", "cut", ">total", "digest"];
            let proofs = issued.iter().filter_map(|row| row.proof.as_ref());
            let proofs = proofs.map(|proof| format!("proof: {proof}"));
            std::iter::once(table(&titles, rows))
                .chain(authors(issued))
                .chain(proofs)
                .collect()
        })?;
        if self.failed.is_empty() {
            return Ok(Done::Well);
        }
        let mut listed: Vec<String> = self
            .failed
            .iter()
            .take(LISTED_MAX)
            .map(|own| format!("  {} {}: {:#}", own.customer, own.contract, own.error))
            .collect();
        if self.failed.len() > LISTED_MAX {
            listed.push(format!("  and {} more", self.failed.len() - LISTED_MAX));
        }
        let count = match self.failed.len() {
            1 => "one contract".to_owned(),
            more => format!("{more} contracts"),
        };
        bail!(
            "the statement of {count} could not be issued; what is listed as issued stands\n{}",
            listed.join("\n")
        )
    }
}
