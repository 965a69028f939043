//! `piecework publish`: a document whose numbers enter prices, into a customer's log; a rate of exchange, for margins.

use anyhow::{Context as _, Result};
use book::acts;
use work::body::DocumentKind;
use work::event::UNASSIGNED;

use crate::Done;
use crate::cli::Publish;
use crate::context::Context;

/// Runs the command.
pub fn run(context: &Context, args: &Publish) -> Result<Done> {
    let mut words = DocumentKind::WORDS.iter();
    let kind = words.find(|(word, _)| *word == args.kind);
    let (word, document) = *kind.context("the kinds are listed by `piecework publish --help`")?;
    let name = args.document.display().to_string();
    let text = std::fs::read_to_string(&args.document)
        .with_context(|| format!("{name} cannot be read"))?;
    let act = acts::Publish {
        customer: args.customer.as_deref().unwrap_or(UNASSIGNED),
        document,
        name: &name,
        text: &text,
        by: &args.by,
    };
    let acted = context.book()?.publish(&act, context.now)?;
    let is_known = acted.is_known;
    context.out.value(&acted.what, |own| {
        vec![match document {
            _ if is_known => format!("this {word} was published before, as {}", own.digest),
            DocumentKind::Fx => format!(
                "published as {}; margins convert costs by it from now on",
                own.digest
            ),
            _ => format!(
                "published to {} as {}; statements look at it from now on",
                own.customer, own.digest
            ),
        }]
    })?;
    Ok(Done::Well)
}
