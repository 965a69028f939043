//! `piecework link`: what a buyer opens to see what is theirs.

use anyhow::{Context as _, Result, bail};
use book::links::AskedLink;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use server::access::Site;
use store::Link;

use crate::Done;
use crate::cli::{CreateLink, LinkCommand, LinksOf, OneLink};
use crate::context::Context;
use crate::output::table;

/// The address where nothing else is configured: that of `piecework serve`.
const DEFAULT_URL: &str = "http://127.0.0.1:8480";

/// Runs the command.
pub fn run(context: &Context, command: &LinkCommand) -> Result<Done> {
    match command {
        LinkCommand::Create(args) => create(context, args),
        LinkCommand::List(args) => list(context, args),
        LinkCommand::Revoke(args) => revoke(context, args),
    }
}

/// A link, as its holder gets it: once.
#[derive(Serialize)]
struct Made {
    id: String,
    url: String,
    customer: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    statement: Option<String>,
    label: String,
    expires: Timestamp,
}

fn create(context: &Context, args: &CreateLink) -> Result<Done> {
    let book = context.book()?;
    let url = book.config.server.url.as_deref().unwrap_or(DEFAULT_URL);
    let site = Site::of(url).context("[server] url")?;
    let lasts = duration(&args.lasts)?;
    let expires = context.now.checked_add(lasts);
    let asked = AskedLink {
        customer: args.customer.clone(),
        statement: args.statement.clone(),
        label: args.label.clone(),
        expires: expires.context("--for is too long")?,
    };
    let made = book.make_link(&asked, context.now)?;
    let Link {
        id,
        customer,
        statement,
        label,
        expires,
        ..
    } = made.kept;
    let made = Made {
        url: site.link(&made.text),
        id,
        customer,
        statement,
        label,
        expires,
    };
    context.out.value(&made, |made| {
        let sees = match &made.statement {
            Some(number) => format!("statement {number} of {}", made.customer),
            None => format!("what {} may see", made.customer),
        };
        vec![
            made.url.clone(),
            format!(
                "whoever opens it until {} sees {sees}; it is not shown again, and `piecework link revoke {} \
                 --customer {}` takes it back",
                made.expires, made.id, made.customer
            ),
        ]
    })?;
    Ok(Done::Well)
}

/// Hours or days.
fn duration(text: &str) -> Result<SignedDuration> {
    let read = || {
        let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
        let number: u16 = number.parse().ok()?;
        let hours = match unit {
            "h" => 1,
            "d" => 24,
            _ => return None,
        };
        Some(SignedDuration::from_hours(i64::from(number) * hours))
    };
    read().with_context(|| format!("--for `{text}` is no time such as `12h` or `7d`"))
}

fn list(context: &Context, args: &LinksOf) -> Result<Done> {
    #[derive(Serialize)]
    struct Row {
        id: String,
        statement: Option<String>,
        label: String,
        created: Timestamp,
        expires: Timestamp,
        revoked: Option<Timestamp>,
        in_force: bool,
    }
    let book = context.book()?;
    book.chosen(Some(&args.customer))?;
    let links = book.store.operations().links(&args.customer)?;
    let rows: Vec<Row> = links
        .into_iter()
        .map(|own| Row {
            in_force: own.is_in_force(context.now),
            id: own.id,
            statement: own.statement,
            label: own.label,
            created: own.created,
            expires: own.expires,
            revoked: own.revoked,
        })
        .collect();
    context.out.value(&rows, |rows| {
        let rows = rows.iter().map(|own| {
            let state = match (own.revoked, own.in_force) {
                (Some(at), _) => format!("revoked {at}"),
                (None, true) => format!("until {}", own.expires),
                (None, false) => format!("ended {}", own.expires),
            };
            let sees = own.statement.clone().unwrap_or_else(|| "all".to_owned());
            vec![own.id.clone(), sees, own.label.clone(), state]
        });
        vec![table(&["id", "sees", "label", "state"], rows)]
    })?;
    Ok(Done::Well)
}

fn revoke(context: &Context, args: &OneLink) -> Result<Done> {
    let (id, customer) = (&args.id, &args.customer);
    let book = context.book()?;
    book.chosen(Some(customer))?;
    let operations = book.store.operations();
    let kept = operations.link(id)?;
    let kept = kept.filter(|own| own.customer == *customer);
    let kept = kept.with_context(|| {
        format!("{customer} has no link `{id}`; `piecework link list --customer {customer}` shows those it has")
    })?;
    if let Some(at) = kept.revoked {
        bail!("the link `{id}` was revoked at {at}");
    }
    operations.revoke_link(customer, id, context.now)?;
    context
        .out
        .line(format!("revoked {id}: it opens nothing any more"))?;
    Ok(Done::Well)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_lasts_hours_or_days() {
        for (text, hours) in [("12h", Some(12)), ("7d", Some(168)), ("0d", Some(0))] {
            let read = duration(text).ok().map(|own| own.as_hours());
            assert_eq!(read, hours, "{text}");
        }
        for text in ["", "d", "7", "7w", "-1d", "1.5d", "99999d", "7d ", "\u{e9}"] {
            assert!(duration(text).is_err(), "{text:?}");
        }
    }
}
