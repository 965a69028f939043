//! `piecework api-key`: who may call the server.

use anyhow::{Context as _, Result, bail};
use book::Book;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use server::access::{MadeKey, Role};
use store::ApiKey;

use crate::Done;
use crate::cli::{ApiKeyCommand, CreateApiKey, OneApiKey, RotateApiKey};
use crate::context::Context;
use crate::output::table;
use crate::random;

/// Runs the command.
pub fn run(context: &Context, command: &ApiKeyCommand) -> Result<Done> {
    match command {
        ApiKeyCommand::Create(args) => create(context, args),
        ApiKeyCommand::List => list(context),
        ApiKeyCommand::Rotate(args) => rotate(context, args),
        ApiKeyCommand::Revoke(args) => revoke(context, args),
        ApiKeyCommand::Roles => roles(context),
    }
}

/// A key, as its owner gets it: once.
#[derive(Serialize)]
struct Made {
    id: String,
    key: String,
    role: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<String>,
    label: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<Timestamp>,
}

fn create(context: &Context, args: &CreateApiKey) -> Result<Done> {
    let role = Role::of_word(&args.role).context("the role is one of those listed")?;
    if role == Role::Buyer && args.customer.is_none() {
        bail!("a buyer's key knows one customer: name it with --customer");
    }
    let book = context.book()?;
    if let Some(customer) = &args.customer {
        let name = Some(customer.as_str());
        book.chosen(name)?;
    }
    let expires = args
        .days
        .map(|days| context.now + SignedDuration::from_hours(i64::from(days) * 24));
    let customer = args.customer.clone();
    let made = put(
        &book,
        role,
        customer,
        args.label.clone(),
        (context.now, expires),
    )?;
    tell(context, made)
}

/// Makes a key of all customers that does not end, and keeps it: its text.
pub(super) fn make(book: &Book, role: Role, label: &str, now: Timestamp) -> Result<String> {
    let made = put(book, role, None, label.to_owned(), (now, None))?;
    Ok(made.text.to_string())
}

/// Makes and keeps a key.
fn put(
    book: &Book,
    role: Role,
    customer: Option<String>,
    label: String,
    times: (Timestamp, Option<Timestamp>),
) -> Result<MadeKey> {
    let mut bytes = zeroize::Zeroizing::new([0; 42]);
    bytes[..10].copy_from_slice(&random::bytes32()?[..10]);
    bytes[10..].copy_from_slice(&*random::bytes32()?);
    let made = MadeKey::from_random(&bytes, role, customer, label, times);
    book.store.operations().put_api_key(&made.kept)?;
    Ok(made)
}

fn tell(context: &Context, made: MadeKey) -> Result<Done> {
    let ApiKey {
        id,
        role,
        customer,
        label,
        expires,
        ..
    } = made.kept;
    let made = Made {
        id,
        key: made.text.to_string(),
        role,
        customer,
        label,
        expires,
    };
    context.out.value(&made, |made| {
        let until = match made.expires {
            Some(at) => format!("until {at}"),
            None => "until it is revoked".to_owned(),
        };
        vec![
            made.key.clone(),
            format!(
                "a key of the role `{}`, {until}; it is not shown again, and `piecework api-key revoke {}` takes it back",
                made.role, made.id
            ),
        ]
    })?;
    Ok(Done::Well)
}

fn list(context: &Context) -> Result<Done> {
    #[derive(Serialize)]
    struct Row {
        id: String,
        role: String,
        customer: Option<String>,
        label: String,
        created: Timestamp,
        expires: Option<Timestamp>,
        revoked: Option<Timestamp>,
        in_force: bool,
    }
    let book = context.book()?;
    let keys = book.store.operations().api_keys()?;
    let rows: Vec<Row> = keys
        .into_iter()
        .map(|own| Row {
            in_force: own.revoked.is_none() && own.expires.is_none_or(|at| at > context.now),
            id: own.id,
            role: own.role,
            customer: own.customer,
            label: own.label,
            created: own.created,
            expires: own.expires,
            revoked: own.revoked,
        })
        .collect();
    context.out.value(&rows, |rows| {
        let rows = rows.iter().map(|own| {
            let state = match (own.revoked, own.expires, own.in_force) {
                (Some(at), ..) => format!("revoked {at}"),
                (None, Some(at), false) => format!("ended {at}"),
                (None, Some(at), true) => format!("until {at}"),
                (None, None, _) => "in force".to_owned(),
            };
            vec![
                own.id.clone(),
                own.role.clone(),
                own.customer.clone().unwrap_or_else(|| "all".to_owned()),
                own.label.clone(),
                state,
            ]
        });
        vec![table(&["id", "role", "customer", "label", "state"], rows)]
    })?;
    Ok(Done::Well)
}

/// The key of an id, which is in force.
fn known(book: &Book, id: &str) -> Result<ApiKey> {
    let kept = book.store.operations().api_key(id)?;
    let kept = kept.with_context(|| {
        format!("there is no API key `{id}`; `piecework api-key list` shows them")
    })?;
    if let Some(at) = kept.revoked {
        bail!("the API key `{id}` was revoked at {at}");
    }
    Ok(kept)
}

fn rotate(context: &Context, args: &RotateApiKey) -> Result<Done> {
    let book = context.book()?;
    let old = known(&book, &args.id)?;
    let role = Role::of_word(&old.role);
    let role = role.with_context(|| format!("this release knows no role `{}`", old.role))?;
    let expires = old.expires.map(|expires| {
        // As long as the old one was meant to work.
        context.now + expires.duration_since(old.created)
    });
    let times = (context.now, expires);
    let made = put(&book, role, old.customer.clone(), old.label.clone(), times)?;
    let ends = context.now + SignedDuration::from_hours(i64::from(args.overlap_hours));
    book.store.operations().expire_api_key(&old.id, ends)?;
    context
        .out
        .line(format!("the old key {} works until {ends}", old.id))?;
    tell(context, made)
}

fn revoke(context: &Context, args: &OneApiKey) -> Result<Done> {
    let book = context.book()?;
    let old = known(&book, &args.id)?;
    book.store
        .operations()
        .revoke_api_key(&old.id, context.now)?;
    context.out.line(format!(
        "revoked {}: no request with it is answered",
        old.id
    ))?;
    Ok(Done::Well)
}

fn roles(context: &Context) -> Result<Done> {
    #[derive(Serialize)]
    struct Row {
        role: &'static str,
        may: Vec<&'static str>,
    }
    let rows: Vec<Row> = Role::WORDS
        .iter()
        .map(|(word, role)| Row {
            role: word,
            may: role.permissions().iter().map(|own| own.word()).collect(),
        })
        .collect();
    context.out.value(&rows, |rows| {
        let rows = rows
            .iter()
            .map(|own| vec![own.role.to_owned(), own.may.join(", ")]);
        vec![table(&["role", "may"], rows)]
    })?;
    Ok(Done::Well)
}
