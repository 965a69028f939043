//! `piecework prove`: the proof file of a statement, or of a cover.

use anyhow::{Context as _, Result, bail};
use book::Book;
use book::proof_files::{Proved, Proving, file_name};
use pricing::account::Account;
use proof::file::Payload;
use work::Digest;

use crate::Done;
use crate::cli::Prove;
use crate::context::Context;

/// Runs the command.
pub fn run(context: &Context, args: &Prove) -> Result<Done> {
    let book = context.book()?;
    book.chosen(Some(&args.customer))?;
    let payloads = disclosed(&book, &args.disclose)?;
    let (number, name) = match (&args.cover, &args.statement) {
        (Some(cover), _) => (exhibit(&book, &args.customer, cover)?, cover.clone()),
        (None, Some(number)) => (number.clone(), number.clone()),
        (None, None) => {
            let number = latest(&*book.account(&args.customer, None)?)?;
            (number.clone(), number)
        }
    };
    let out = args.out.clone().unwrap_or_else(|| file_name(&name));
    let proving = Proving {
        customer: &args.customer,
        number: &number,
        from_carry: args.carry,
        payloads: &payloads,
    };
    let proved = book.prove(&proving, &out, context.now)?;
    context.out.value(&proved, |proved| vec![wrote(proved)])?;
    Ok(Done::Well)
}

/// The statement whose proof file is that of a standing cover: the first under it. Verifying it computes all of them.
fn exhibit(book: &Book, customer: &str, number: &str) -> Result<String> {
    let cover = book.cover(customer, number)?;
    if cover.state == "void" {
        bail!("the cover {number} is voided; its statements have proof files of their own");
    }
    let first = cover.parts.into_iter().next();
    let first = first.with_context(|| format!("the cover {number} binds no statement"))?;
    Ok(first.statement)
}

fn wrote(proved: &Proved) -> String {
    let (file, coverage, size) = (&proved.file, proved.coverage, proved.size);
    format!("wrote {file} ({coverage} entries, head {size})")
}

/// The number of the last statement of an account.
fn latest(account: &Account) -> Result<String> {
    let issued = account.contracts.iter().flat_map(|held| &held.issued);
    let last = issued.max_by_key(|issued| issued.coverage);
    last.map(|issued| issued.number.clone()).with_context(|| {
        format!(
            "{} has no statement yet; `piecework statement issue --customer {}` issues one, and writes \
             its proof file",
            account.customer, account.customer
        )
    })
}

fn disclosed(book: &Book, commitments: &[String]) -> Result<Vec<Payload>> {
    let mut payloads = Vec::new();
    for text in commitments {
        let commitment: Digest = text
            .parse()
            .with_context(|| format!("--disclose {text} is not a commitment"))?;
        let Some(payload) = book.store.payload(&commitment)? else {
            bail!(
                "there is no payload behind {text} in the book: it was redacted, or never kept here"
            );
        };
        payloads.push(Payload {
            salt: payload.salt,
            bytes: payload.bytes,
        });
    }
    Ok(payloads)
}
