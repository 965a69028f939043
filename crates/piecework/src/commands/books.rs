//! `piecework books`: closing months, and opening them again.

use anyhow::{Context as _, Result};
use book::acts;
use jiff::civil::Date;
use serde::Serialize;

use crate::Done;
use crate::cli::{BooksCommand, LockBooks, UnlockBooks};
use crate::context::Context;
use crate::output::table;

/// Runs the command.
pub fn run(context: &Context, command: &BooksCommand) -> Result<Done> {
    match command {
        BooksCommand::Lock(args) => lock(context, args),
        BooksCommand::Unlock(args) => unlock(context, args),
        BooksCommand::List => list(context),
    }
}

fn lock(context: &Context, args: &LockBooks) -> Result<Done> {
    let act = acts::LockBooks {
        until: Some(day(&args.until)?),
        unlocks: false,
        reason: &args.reason,
        by: &args.by,
        id: None,
    };
    done(context, &act)
}

fn unlock(context: &Context, args: &UnlockBooks) -> Result<Done> {
    let act = acts::LockBooks {
        until: args.until.as_deref().map(day).transpose()?,
        unlocks: true,
        reason: &args.reason,
        by: &args.by,
        id: None,
    };
    done(context, &act)
}

fn done(context: &Context, act: &acts::LockBooks<'_>) -> Result<Done> {
    let acted = context.book()?.lock_books(act, context.now)?;
    context.out.value(&acted.what, |own| {
        vec![match own.until {
            Some(until) => format!(
                "the books are locked through {until}: what is learnt of these months from now on is posted after them"
            ),
            None => "nothing is locked any more".to_owned(),
        }]
    })?;
    Ok(Done::Well)
}

fn list(context: &Context) -> Result<Done> {
    #[derive(Serialize)]
    struct Listed {
        locked_until: Option<Date>,
        acts: Vec<book::LockAct>,
    }
    let book = context.book()?;
    let listed = Listed {
        locked_until: book.locks()?.until(),
        acts: book.lock_acts()?,
    };
    context.out.value(&listed, |listed| {
        let rows = listed.acts.iter().map(|own| {
            vec![
                own.time.to_string(),
                own.act.clone(),
                own.until
                    .map_or("everything".to_owned(), |day| day.to_string()),
                own.by.clone(),
                own.reason.clone(),
            ]
        });
        let titles = ["when", "act", "through", "by", "reason"];
        vec![
            match listed.locked_until {
                Some(until) => format!("locked through {until}"),
                None => "nothing is locked".to_owned(),
            },
            table(&titles, rows),
        ]
    })?;
    Ok(Done::Well)
}

fn day(text: &str) -> Result<Date> {
    text.parse()
        .with_context(|| format!("--until `{text}` is not a day such as 2026-01-31"))
}
