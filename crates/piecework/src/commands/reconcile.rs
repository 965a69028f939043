//! `piecework reconcile`: the buyer's records beside a proof file, or the seller's own book, where
//! every delivery, entry, work and coin went.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use book::views::reconciliation::of_account;
use intake::{Import, Input, Options as Reading};
use pages::view;
use pricing::account::Rated;
use proof::reconcile::{Mine, Reconciliation, reconcile};
use serde_json::{Value, json};
use work::Event;

use super::import::map;
use super::verify;
use crate::Done;
use crate::cli::Reconcile;
use crate::context::Context;
use crate::output::{money, table};

/// Works listed for people where the two sides do not meet; those in question are listed all.
const WORKS_LISTED: usize = 5;

/// Runs the command.
pub fn run(context: &Context, args: &Reconcile) -> Result<Done> {
    match (&args.customer, &args.file) {
        (Some(customer), _) => own_book(context, customer),
        (None, Some(file)) => beside_own_records(context, args, file),
        (None, None) => bail!("give a proof file with your records, or --customer"),
    }
}

/// The buyer's side: needs no book.
fn beside_own_records(context: &Context, args: &Reconcile, file: &Path) -> Result<Done> {
    let (options, _) = verify::options(args.key.as_deref(), args.pins.as_deref(), &[])?;
    let bytes = verify::read(file)?;
    let checked = proof::verify(&bytes, &options);
    verify::must_hold(&checked, file)?;
    let which = checked.statement.context("the file names no statement")?;
    let mine = Mine {
        events: records(context, args, &which.customer)?,
        tolerance: args.tolerance.abs(),
    };
    let (_, found) = reconcile(&bytes, &options, mine)
        .with_context(|| format!("cannot reconcile {}", file.display()))?;
    let disputes = found.disputes(&which.customer, &which.number, context.now);
    if let Some(path) = &args.disputes {
        write(path, &disputes)?;
    }
    if let Some(path) = &args.facts {
        write(path, &found.unreported)?;
    }
    let json = to_json(&which.number, &found);
    context.out.value(&json, |_| told(&which.number, &found))?;
    let nothing = found.in_question.is_empty() && found.not_mine.is_empty();
    Ok(if nothing { Done::Well } else { Done::Failed })
}

/// The buyer's records; none may be unreadable, since silence would count against the buyer.
fn records(context: &Context, args: &Reconcile, customer: &str) -> Result<Vec<Event>> {
    let name = args
        .map
        .as_deref()
        .context("give the --map that reads your records")?;
    let map = map(name)?;
    let inputs: Vec<Input> = args
        .mine
        .iter()
        .map(|file| Input::from_argument(file))
        .collect();
    let reading = Reading {
        customer: Some(customer.to_owned()),
        source: Some(args.source.clone()),
        received_at: Some(context.now),
        ..Reading::default()
    };
    let mut events = Vec::new();
    for record in Import::open(&map, &inputs, reading)? {
        match record {
            Ok(event) => events.push(event),
            Err(refused) => bail!("{refused}; repair the row, nothing was compared"),
        }
    }
    Ok(events)
}

fn write(path: &Path, events: &[Event]) -> Result<()> {
    let lines: String = events
        .iter()
        .map(|event| event.canonical() + "\n")
        .collect();
    std::fs::write(path, lines).with_context(|| format!("cannot write {}", path.display()))
}

fn to_json(number: &str, found: &Reconciliation) -> Value {
    let billed = |own: &proof::reconcile::Billed| json!({"work": own.work, "name": own.name, "class": own.class, "amount": own.amount.to_string()});
    let not_billed = found.not_billed.iter();
    let not_billed = not_billed.map(|own| json!({"work": own.work, "why": own.why.word()}));
    let in_question = found.in_question.iter().map(|own| {
        let facts = own.facts.iter();
        let facts =
            facts.map(|(kind, time)| json!({"type": kind.wire(), "time": time.to_string()}));
        json!({
            "work": own.work,
            "name": own.name,
            "charged": own.charged.to_string(),
            "would_be": own.would_be.to_string(),
            "falls": own.falls.to_string(),
            "facts": facts.collect::<Vec<_>>(),
        })
    });
    json!({
        "statement": number,
        "matched": found.matched.iter().map(billed).collect::<Vec<_>>(),
        "billed_not_mine": found.not_mine.iter().map(billed).collect::<Vec<_>>(),
        "mine_not_billed": not_billed.collect::<Vec<_>>(),
        "unreported": found.unreported.len(),
        "in_question": in_question.collect::<Vec<_>>(),
        "amount_in_question": found.amount.to_string(),
        "records_of_others": found.others,
    })
}

/// What a list says of the works that it leaves out.
fn more(works: usize) -> Option<String> {
    let left = works.checked_sub(WORKS_LISTED).filter(|left| *left > 0)?;
    Some(format!("and {left} more; --json lists them"))
}

fn told(number: &str, found: &Reconciliation) -> Vec<String> {
    let counts = [
        ("billed, and in your records", found.matched.len()),
        ("billed, not in your records", found.not_mine.len()),
        ("in your records, not billed", found.not_billed.len()),
        (
            "facts of yours that the log never had",
            found.unreported.len(),
        ),
    ];
    let rows = counts.map(|(what, count)| vec![what.to_owned(), count.to_string()]);
    let mut lines = vec![
        format!("the proof file of statement {number} holds"),
        table(&["", ">works"], rows),
    ];
    if found.others > 0 {
        lines.push(format!("{} records are of other customers", found.others));
    }
    if !found.not_mine.is_empty() {
        let rows = found.not_mine.iter().take(WORKS_LISTED);
        let rows = rows.map(|own| vec![own.work.clone(), own.class.clone(), money(own.amount)]);
        lines.push(table(&["billed, not yours", "class", ">money"], rows));
        lines.extend(more(found.not_mine.len()));
    }
    if !found.not_billed.is_empty() {
        let rows = found.not_billed.iter().take(WORKS_LISTED);
        let rows = rows.map(|own| vec![own.work.clone(), own.why.word().to_owned()]);
        lines.push(table(&["yours, not billed", "why"], rows));
        lines.extend(more(found.not_billed.len()));
    }
    if !found.in_question.is_empty() {
        let rows = found.in_question.iter().map(|own| {
            let facts = own
                .facts
                .iter()
                .map(|(kind, time)| format!("{} {time}", kind.word()));
            vec![
                own.work.clone(),
                money(own.charged),
                money(own.would_be),
                facts.collect::<Vec<_>>().join(", "),
            ]
        });
        lines.push(table(
            &["in question", ">charged", ">would be", "your facts"],
            rows,
        ));
    }
    lines.push(format!("in question: {}", money(found.amount)));
    lines
}

/// The seller's side.
fn own_book(context: &Context, customer: &str) -> Result<Done> {
    let book = context.book()?;
    book.chosen(Some(customer))?;
    let account = book.account(customer, None)?;
    let currency = account
        .contracts
        .first()
        .map_or(money::Currency::USD, |held| {
            held.agreement.latest().terms.contract.currency
        });
    let view = of_account(&book, &Rated::new(&account), context.now, currency, None)?;
    context.out.value(&view, lines)?;
    Ok(if view.balanced {
        Done::Well
    } else {
        Done::Failed
    })
}

fn lines(view: &view::Reconciliation) -> Vec<String> {
    let told = |own: &view::Deliveries| {
        format!(
            "deliveries to the book: {} received = {} accepted + {} duplicate + {} conflicting + {} refused",
            own.received, own.accepted, own.duplicate, own.conflicting, own.refused
        )
    };
    let mut lines: Vec<String> = view.deliveries.iter().map(told).collect();
    let reasons = |reasons: &[view::Reason]| {
        let list: Vec<String> = reasons
            .iter()
            .map(|reason| format!("{} {}", reason.count, reason.reason))
            .collect();
        if list.is_empty() {
            "–".to_owned()
        } else {
            list.join(", ")
        }
    };
    let row = |name: &str, classes: &view::Classes| {
        vec![
            name.to_owned(),
            classes.total.to_string(),
            classes.rated.to_string(),
            reasons(&classes.pending),
            reasons(&classes.not_billable),
        ]
    };
    lines.push(table(
        &["", ">total", ">rated", "pending", "not billable"],
        [row("entries", &view.entries), row("works", &view.works)],
    ));
    lines.push(format!(
        "owed {} = stated {} + waived {} + unstated {}",
        view.owed, view.stated, view.waived, view.unstated
    ));
    lines.push(if view.balanced {
        "balanced".to_owned()
    } else {
        "NOT BALANCED".to_owned()
    });
    lines
}
