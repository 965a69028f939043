//! `piecework sample anchor`: the buyer commits to a chain of nonces, on its own machine.

use anyhow::Result;
use proof::signature::sign;
use serde::Serialize;
use work::body::{Assurance, Body};
use work::event::Authorship;
use work::{Event, Headers};

use super::secret::Secret;
use crate::Done;
use crate::cli::AnchorNonces;
use crate::commands::key::read_key;
use crate::commands::sign::checked;
use crate::context::Context;
use crate::random;

/// Runs the command: keeps the secret, then prints the signed event as a line for the seller.
pub fn run(context: &Context, args: &AnchorNonces) -> Result<Done> {
    let key = read_key(&args.key)?;
    let secret = Secret::new(
        &args.customer,
        &args.origin,
        args.length,
        &*random::bytes32()?,
    );
    let anchor = secret.anchor();
    let event = Event {
        id: format!("anchored/{anchor}").into(),
        source: key.verifier_key().name().as_str().into(),
        customer: args.customer.as_str().into(),
        time: context.now,
        work: None,
        traceparent: None,
        signature: None,
        authorship: Authorship::Buyer,
        headers: Headers::default(),
        body: Body::Assurance(Assurance::SampleAnchored {
            anchor,
            length: args.length,
            by: args.by.clone(),
        }),
    };
    let line = checked(&sign(event, &args.origin, &key)?)?;
    secret.create(&args.secret)?;
    #[derive(Serialize)]
    struct Anchored {
        event: String,
        anchor: String,
        length: u32,
        secret: String,
    }
    let anchored = Anchored {
        event: line,
        anchor: anchor.to_string(),
        length: args.length,
        secret: args.secret.display().to_string(),
    };
    context
        .out
        .value(&anchored, |anchored| vec![anchored.event.clone()])?;
    Ok(Done::Well)
}
