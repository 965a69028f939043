//! `piecework sample draw`: works of a statement, as head and nonce draw them.

use anyhow::{Context as _, Result};
use book::acts;
use work::Digest;

use super::show;
use crate::Done;
use crate::cli::DrawSample;
use crate::context::Context;

/// Runs the command.
pub fn run(context: &Context, args: &DrawSample) -> Result<Done> {
    let act = acts::Draw {
        customer: &args.customer,
        statement: &args.statement,
        method: args.method,
        stratum: &args.stratum,
        size: args.size,
        nonce: args.nonce.as_deref().map(nonce).transpose()?,
        is_seller_seeded: args.seller_seeded,
        by: &args.by,
    };
    let drawn = context.book()?.draw_sample(&act, context.now)?;
    show::print(context, &[drawn.what])?;
    Ok(Done::Well)
}

fn nonce(text: &str) -> Result<Digest> {
    text.parse().with_context(|| {
        format!("--nonce `{text}` is not 64 hexadecimal digits, as `sample reveal` prints them")
    })
}
