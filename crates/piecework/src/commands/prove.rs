//! `piecework prove`: the proof file of a statement, or of every statement under a cover.

use std::path::Path;

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
    let prove = |number: &str, out: &Path| {
        let proving = Proving {
            customer: &args.customer,
            number,
            from_carry: args.carry,
            payloads: &payloads,
        };
        book.prove(&proving, out, context.now)
    };
    if let Some(cover) = &args.cover {
        let cover = book.cover(&args.customer, cover)?;
        let parts = cover.parts.iter();
        let proved = parts
            .map(|own| prove(&own.statement, &file_name(&own.statement)))
            .collect::<book::Result<Vec<Proved>>>()?;
        context
            .out
            .value(&proved, |proved| proved.iter().map(wrote).collect())?;
        return Ok(Done::Well);
    }
    let number = match &args.statement {
        Some(number) => number.clone(),
        None => latest(&*book.account(&args.customer, None)?)?,
    };
    let out = args.out.clone().unwrap_or_else(|| file_name(&number));
    let proved = prove(&number, &out)?;
    context.out.value(&proved, |proved| vec![wrote(proved)])?;
    Ok(Done::Well)
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
