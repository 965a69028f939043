//! `piecework publish`: a document whose numbers enter prices, into a customer's log.

use anyhow::{Context as _, Result};
use book::acts;
use work::body::DocumentKind;

use crate::Done;
use crate::cli::Publish;
use crate::context::Context;

/// Runs the command.
pub fn run(context: &Context, args: &Publish) -> Result<Done> {
    let words = DocumentKind::WORDS.iter();
    let kind = words.clone().find(|(word, _)| *word == args.kind);
    let (word, document) = *kind.context("the kinds are listed by `piecework publish --help`")?;
    let name = args.document.display().to_string();
    let text = std::fs::read_to_string(&args.document)
        .with_context(|| format!("{name} cannot be read"))?;
    let act = acts::Publish {
        customer: &args.customer,
        document,
        name: &name,
        text: &text,
        by: &args.by,
    };
    let acted = context.book()?.publish(&act, context.now)?;
    let is_known = acted.is_known;
    context.out.value(&acted.what, |own| {
        vec![match is_known {
            true => format!(
                "this {word} was published to {} before, as {}",
                own.customer, own.digest
            ),
            false => format!(
                "published a {word} to {}, as {}; statements look at it from now on",
                own.customer, own.digest
            ),
        }]
    })?;
    Ok(Done::Well)
}
