//! `piecework statement issue`: every contract that is due, each by itself.
//!
//! One contract that cannot be issued does not keep the others waiting: what was issued stands, what
//! was not is told with its reason, and the command ends as an error.

use anyhow::{Context as _, Error, Result, anyhow, bail};
use book::Book;
use book::acts::{self, Due};
use book::error::Refused;
use serde::Serialize;

use crate::Done;
use crate::cli::Issue;
use crate::context::Context;
use crate::output::table;
use crate::printed::decided;

/// A statement that was issued.
#[derive(Serialize)]
struct Issued {
    #[serde(flatten)]
    statement: acts::Issued,
    /// The proof file.
    #[serde(skip_serializing_if = "Option::is_none")]
    proof: Option<String>,
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
    let due = match (&args.through, &args.cut.period) {
        (Some(month), _) => Due::Through(month),
        (None, Some(month)) => Due::Period(month),
        (None, None) => Due::Last,
    };
    loop {
        let issue = acts::Issue {
            customer,
            contract: Some(contract),
            due,
            by: &args.by,
            key: None,
            id: None,
        };
        match book.issue(&issue, context.now) {
            Ok(issued) => outcome.issued.push(Issued {
                statement: issued.what,
                proof: None,
            }),
            Err(book::Error::Refused(Refused::NothingDue)) => {
                outcome.done += usize::from(outcome.issued.len() == before);
                break;
            }
            Err(error @ (book::Error::Absent(_) | book::Error::Invalid(_))) => {
                outcome.absent.push(error.into());
                break;
            }
            Err(error) => {
                outcome.failed.push(failed(error.into()));
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
        match prove(context, book, customer, &last.statement.number) {
            Ok(proof) => last.proof = Some(proof),
            Err(error) => outcome.failed.push(failed(error)),
        }
    }
}

/// Writes the proof file of a statement that was just issued; where it is.
fn prove(context: &Context, book: &Book, customer: &str, number: &str) -> Result<String> {
    let proved = book.keep_proof_file(customer, number, context.now);
    let proved = proved.with_context(|| {
        format!(
            "{number} is issued and stands, but its proof file could not be written; `piecework prove \
             --customer {customer} --statement {number}` writes it"
        )
    })?;
    Ok(proved.file)
}

/// Whose facts decided each statement, where they are few enough to be read.
fn authors(issued: &[Issued]) -> Vec<String> {
    if issued.len() > LISTED_MAX {
        return vec!["--json says whose facts decided each".to_owned()];
    }
    let of_row = |Issued { statement: row, .. }: &Issued| {
        let shares = row.authorship.iter();
        let shares = shares.map(|own| (own.authorship, own.amount, own.by_signature));
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
            let rows = issued.iter().map(|own| {
                let row = &own.statement;
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
