//! `piecework cover`: one document to pay for all statements of a customer.

use anyhow::{Context as _, Result};
use book::acts;
use pages::view::{Cover, CoverPart};
use serde::Serialize;
use work::body::Per;

use crate::Done;
use crate::cli::{
    ChooseCovers, CoverCommand, Covers, IssueCover, OneCover, OneCustomer, PerArg, VoidCover,
};
use crate::commands::document;
use crate::context::Context;
use crate::output::table;

/// Runs the command.
pub fn run(context: &Context, command: &Covers) -> Result<Done> {
    match &command.command {
        CoverCommand::Choose(args) => choose(context, args),
        CoverCommand::Issue(args) => issue(context, args),
        CoverCommand::Void(args) => void(context, args),
        CoverCommand::List(args) => list(context, args),
        CoverCommand::Show(args) => show(context, args),
        CoverCommand::Document(args) => document::cover(context, args),
    }
}

fn choose(context: &Context, args: &ChooseCovers) -> Result<Done> {
    let act = acts::ChooseCovers {
        customer: &args.customer,
        per: match args.per {
            PerArg::Customer => Per::Customer,
            PerArg::Contract => Per::Contract,
        },
        from: args.from,
        by: &args.by,
        id: None,
    };
    let chosen = context.book()?.choose_covers(&act, context.now)?;
    context.out.value(&chosen.what, |own| {
        let what = match own.per.as_str() {
            "customer" => "one cover for all statements",
            _ => "each statement for itself",
        };
        vec![format!(
            "{}: {what}, through {} and later",
            args.customer, own.from
        )]
    })?;
    Ok(Done::Well)
}

fn issue(context: &Context, args: &IssueCover) -> Result<Done> {
    let currency = args.currency.as_deref().map(str::parse).transpose();
    let act = acts::IssueCover {
        customer: &args.customer,
        through: args.through,
        currency: currency.context("--currency is a code such as USD")?,
        by: &args.by,
        id: None,
    };
    let issued = context.book()?.issue_cover(&act, context.now)?;
    context.out.value(&issued.what, lines)?;
    Ok(Done::Well)
}

fn void(context: &Context, args: &VoidCover) -> Result<Done> {
    let act = acts::VoidCover {
        customer: &args.which.customer,
        number: &args.which.number,
        reason: &args.reason,
        by: &args.by,
        id: None,
    };
    let voided = context.book()?.void_cover(&act, context.now)?;
    context.out.value(&voided.what, |own| {
        vec![format!(
            "voided {}; its {} statements stand, and wait for another cover",
            own.number,
            own.parts.len()
        )]
    })?;
    Ok(Done::Well)
}

/// The covers of a customer.
#[derive(Serialize)]
struct Listed {
    /// What it chose, in the order of the log.
    choices: Vec<pages::view::CoverChoice>,
    /// What statements wait for.
    awaited: Vec<pages::view::AwaitedCover>,
    /// In the order of issue.
    covers: Vec<Cover>,
}

fn list(context: &Context, args: &OneCustomer) -> Result<Done> {
    let book = context.book()?;
    let listed = Listed {
        choices: book.cover_choices(&args.customer)?,
        awaited: book.awaited_covers(&args.customer)?,
        covers: book.covers(&args.customer)?,
    };
    context.out.value(&listed, |listed| {
        let mut lines = Vec::new();
        for own in &listed.choices {
            let what = format!("for {}, through {} and later", own.per, own.from);
            lines.push(format!("one document {what}, chosen by {}", own.by));
        }
        let rows = listed.covers.iter().map(|own| {
            vec![
                own.number.clone(),
                own.through.to_string(),
                own.parts.len().to_string(),
                own.total.to_string(),
                own.payable.to_string(),
                own.due_on.to_string(),
                own.balance.map_or("-".to_owned(), |own| own.to_string()),
                own.state.replace('_', " "),
            ]
        });
        let titles = [
            "cover",
            "through",
            ">statements",
            ">total",
            ">payable",
            "due",
            ">open",
            "state",
        ];
        lines.push(table(&titles, rows));
        for own in &listed.awaited {
            let (currency, through) = (&own.currency, own.through);
            lines.push(format!(
                "statements in {currency} through {through} wait for a cover"
            ));
        }
        lines
    })?;
    Ok(Done::Well)
}

fn show(context: &Context, args: &OneCover) -> Result<Done> {
    let cover = context.book()?.cover(&args.customer, &args.number)?;
    context.out.value(&cover, lines)?;
    Ok(Done::Well)
}

fn lines(own: &Cover) -> Vec<String> {
    let void = if own.state == "void" { "VOID: " } else { "" };
    let row = |own: &CoverPart| {
        vec![
            own.statement.clone(),
            own.contract.clone(),
            own.cut.to_string(),
            own.total.to_string(),
            own.payable.to_string(),
            own.balance.map_or("void".to_owned(), |own| own.to_string()),
        ]
    };
    let titles = [
        "statement",
        "contract",
        "cut",
        ">total",
        ">payable",
        ">open",
    ];
    let mut lines = vec![
        format!(
            "{void}Cover {} of {}, before tax, through {}",
            own.number, own.customer, own.through
        ),
        table(&titles, own.parts.iter().map(row)),
        format!(
            "total: {}, payable: {} by {}",
            own.total, own.payable, own.due_on
        ),
    ];
    if let Some(open) = own.balance {
        lines.push(format!("open: {open} ({})", own.state.replace('_', " ")));
    }
    lines
}
