//! `piecework sample reveal`: the buyer's nonce for the samples of one statement.
//!
//! Only after the buyer has the head that is drawn from: it verifies the statement's proof file first.
//! Which value it is follows from the statement's place in the log; the secret remembers what it was
//! revealed for, so a log that was written anew gets nothing.

use anyhow::{Context as _, Result, bail};
use proof::verify::{Head, Options, Report, verify};
use serde::Serialize;

use super::secret::{Revealed, Secret};
use crate::Done;
use crate::cli::RevealNonce;
use crate::commands::verify::{read, read_key};
use crate::context::Context;

/// Runs the command.
pub fn run(context: &Context, args: &RevealNonce) -> Result<Done> {
    let mut secret = Secret::read(&args.secret)?;
    let file = args.file.display();
    let given = args.key.as_deref().map(read_key).transpose()?;
    let options = Options {
        key: given.or_else(|| secret.key()),
        head: secret.head(),
        threads: std::thread::available_parallelism().map_or(1, Into::into),
        ..Options::default()
    };
    let report = verify(&read(&args.file)?, &options);
    if let Some(refusal) = &report.refusal {
        bail!(
            "nothing was revealed: {file} is refused ({}): {}",
            refusal.code.word(),
            refusal.reason
        );
    }
    let number =
        number(&secret, &report).with_context(|| format!("nothing was revealed for {file}"))?;
    let which = report.statement.context("a valid file has a statement")?;
    let log = report.log.context("a valid file has a log")?;
    let drawn_from = report.drawn_from.context("a valid file has the head")?;
    let nonce = secret.nonce(number).with_context(|| {
        format!(
            "nothing was revealed for {file}: `{}` is statement {number} behind the anchor, and {} has {} \
             nonces; begin a new chain with `piecework sample anchor` and another file: it counts for \
             statements issued after its anchor",
            which.number,
            args.secret.display(),
            secret.length
        )
    })?;
    let revealed = Revealed {
        number,
        statement: which.number.clone(),
        entry: which.issued,
    };
    let is_first = !secret.revealed.contains(&revealed);
    if is_first {
        secret.revealed.push(revealed);
    }
    let head = Head {
        size: log.size,
        root: log.root,
    };
    secret.see(&log.key, head);
    secret.replace(&args.secret)?;
    let outcome = Outcome {
        customer: which.customer,
        statement: which.number,
        nonce: nonce.to_string(),
        number,
        length: secret.length,
        revealed_before: !is_first,
        size: drawn_from.size,
        root: drawn_from.root.to_string(),
        vkey: log.key.to_string(),
        key_pinned: log.is_key_pinned,
    };
    context.out.value(&outcome, Outcome::told)?;
    Ok(Done::Well)
}

#[derive(Serialize)]
struct Outcome {
    customer: String,
    statement: String,
    nonce: String,
    number: u64,
    length: u32,
    revealed_before: bool,
    /// Of the head that is drawn from.
    size: u64,
    root: String,
    vkey: String,
    key_pinned: bool,
}

impl Outcome {
    fn told(&self) -> Vec<String> {
        let Outcome {
            customer,
            statement,
            nonce,
            number,
            length,
            size,
            root,
            ..
        } = self;
        let again = if self.revealed_before {
            ", as it was revealed before"
        } else {
            ""
        };
        let mut lines = vec![
            format!("nonce {nonce}"),
            format!(
                "number {number} of {length}, for samples of statement {statement} alone{again}; they \
                 are drawn from the head of {size} entries with root {root}"
            ),
            format!(
                "send it to the seller, who draws with `piecework sample draw --customer {customer} \
                 --statement {statement} --nonce {nonce}`"
            ),
        ];
        if !self.key_pinned {
            lines.push(format!(
                "key {}: NOT PINNED, it came with the file and is remembered from now on; compare it \
                 with your contract",
                self.vkey
            ));
        }
        lines
    }
}

/// Which value of the chain is the statement's, by its place in the log.
fn number(secret: &Secret, report: &Report) -> Result<u64> {
    let which = report.statement.as_ref().context("it has no statement")?;
    let log = report.log.as_ref().context("it has no log")?;
    if (log.key.name().as_str(), which.customer.as_str())
        != (secret.origin.as_str(), secret.customer.as_str())
    {
        bail!(
            "it is of the log {} of {}, and the secret is for {} of {}",
            log.key.name(),
            which.customer,
            secret.origin,
            secret.customer
        );
    }
    let number = &which.number;
    let Some(turn) = &report.turn else {
        bail!(
            "no chain of nonces was anchored before `{number}` was issued (entry {}), so it has no nonce: \
             one of a later chain could have been chosen, and no verifier takes it; what `piecework \
             sample anchor` printed counts for statements issued after the seller ingested it",
            which.issued
        );
    };
    if turn.chain.anchor != secret.anchor() {
        bail!(
            "the chain of `{number}` is another one, anchored in entry {}; use its secret",
            turn.chain.entry
        );
    }
    secret.check_draws(&report.drawings)?;
    let mut drawings = report.drawings.iter();
    let seeded = drawings.find(|own| own.issued.index == which.issued);
    if let Some(own) = seeded.filter(|own| own.draw.nonce.is_none()) {
        bail!(
            "`{number}` was drawn from without your nonce (entry {}), so no draw from it can have one; \
             that sample is no proof",
            own.entry
        );
    }
    secret.check(turn.number, number, which.issued)?;
    Ok(turn.number)
}
