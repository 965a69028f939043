//! The demonstration's book over HTTP, at the days in which it is set.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::Result;
use book::config::FILE_NAME;
use book::links::AskedLink;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use server::access::{Role, Site};

use crate::Done;
use crate::cli::Serve;
use crate::commands::api_key;
use crate::commands::serve::{self, Clock};
use crate::context::Context;

/// Whose portal is shown.
const BUYER: &str = "tessera-telecom";
/// Hours for which the buyer's link opens it.
const LINK_HOURS: i64 = 7 * 24;
/// What keys and link are for.
const LABEL: &str = "the demonstration";

/// Who may look, told once.
#[derive(Serialize)]
struct Served {
    /// The key of an operator.
    operator: String,
    /// The key of finance.
    finance: String,
    /// The buyer's link.
    buyer: String,
}

/// Serves the book in a directory until the process is asked to stop; its clock goes on from `now`.
pub(super) fn serve(
    context: &Context,
    (directory, listen): (&Path, SocketAddr),
    now: Timestamp,
) -> Result<Done> {
    let own = Context {
        config_path: directory.join(FILE_NAME),
        out: context.out,
        now,
    };
    let listener = serve::bind(listen)?;
    let site = Site::listening(listener.local_addr()?);
    own.out.value(&served(&own, &site)?, |keys| {
        vec![
            String::new(),
            format!("sign in with the key of an operator: {}", keys.operator),
            format!("or of finance: {}", keys.finance),
            format!("the buyer's portal: {}", keys.buyer),
        ]
    })?;
    serve::run_on(&own, &Serve::on(listen), listener, Clock::From(now))
}

fn served(context: &Context, site: &Site) -> Result<Served> {
    let book = context.book()?;
    let key = |role| api_key::make(&book, role, LABEL, context.now);
    let lasts = SignedDuration::from_hours(LINK_HOURS);
    let link = AskedLink {
        customer: BUYER.to_owned(),
        statement: None,
        label: LABEL.to_owned(),
        expires: context.now.checked_add(lasts)?,
    };
    Ok(Served {
        operator: key(Role::Operator)?,
        finance: key(Role::Finance)?,
        buyer: site.link(&book.make_link(&link, context.now)?.text),
    })
}
