//! `piecework compare`: which works count under one definition and not under the other, and the money.

use anyhow::{Context as _, Result, bail};
use book::comparisons::Compared;
use book::documents::{self, Documents};
use book::periods::month;
use money::Amount;
use pages::view;
use work::Definition;

use crate::Done;
use crate::cli::Compare;
use crate::context::Context;
use crate::output::table;

/// The word for the definition in force.
const CURRENT: &str = "current";

/// Runs the command.
pub fn run(context: &Context, args: &Compare) -> Result<Done> {
    let book = context.book()?;
    let documents = book.documents()?;
    let left = named(&args.first, &documents)?;
    let right = named(&args.second, &documents)?;
    let flat = args
        .price
        .as_deref()
        .map(|text| {
            let text = if text.contains(' ') {
                text.to_owned()
            } else {
                format!("{text} {}", documents.plan.currency)
            };
            text.parse::<Amount>()
        })
        .transpose()
        .context("--price")?;
    let asked = Compared {
        left: &left,
        right: &right,
        names: [args.first.clone(), args.second.clone()],
        customer: args.customer.as_deref(),
        month: args.period.as_deref().map(month).transpose()?,
        flat,
        as_of: context.now,
        list: args.list,
    };
    let view = book.compare(&documents.plan, &asked)?;
    context.out.value(&view, lines)?;
    Ok(Done::Well)
}

/// A definition by file name, or the one in force.
fn named(name: &str, documents: &Documents) -> Result<Definition> {
    if name == CURRENT {
        return match documents.definitions.as_slice() {
            [one] => Ok(one.clone()),
            several => {
                let ids: Vec<&str> = several.iter().map(|d| d.id.as_str()).collect();
                bail!(
                    "several definitions are in force ({}); name a file",
                    ids.join(", ")
                )
            }
        };
    }
    let text = std::fs::read_to_string(name)
        .with_context(|| format!("cannot read the definition {name}"))?;
    Ok(documents::definition(name, &text)?)
}

/// A comparison for people.
pub fn lines(view: &view::Comparison) -> Vec<String> {
    let mut lines = vec![
        format!("{}: the same facts under two definitions", view.scope),
        table(
            &["definition", ">counted", ">money"],
            [&view.left, &view.right].map(|side| {
                vec![
                    side.name.clone(),
                    side.counted.to_string(),
                    side.charged.to_string(),
                ]
            }),
        ),
        format!(
            "both {}, only {} {}, only {} {}; difference {}",
            view.both,
            view.left.name,
            view.left_only,
            view.right.name,
            view.right_only,
            view.difference
        ),
    ];
    if !view.works.is_empty() {
        lines.push(table(
            &["work", "customer", "first", "second", ">difference"],
            view.works.iter().map(|work| {
                vec![
                    work.work.clone(),
                    work.customer.clone(),
                    work.left.state.clone(),
                    work.right.state.clone(),
                    work.difference.amount.to_string(),
                ]
            }),
        ));
    }
    let more = view.works_total - view.works.len() as u64;
    if more > 0 {
        lines.push(format!("and {more} more works differ"));
    }
    lines
}
