//! `piecework cost unassigned` and `assign`: costs that came without a customer or a work.

use anyhow::Result;
use jiff::Timestamp;
use money::Amount;
use serde::Serialize;
use store::assignment::{self, Assignment};
use work::Event;
use work::body::{Body, CostLine, Tokens};
use work::event::UNASSIGNED;

use crate::Done;
use crate::cli::{AssignCost, UnassignedCosts};
use crate::context::Context;
use crate::output::{money, table};

/// What `cost unassigned` answers.
#[derive(Serialize)]
struct Listed {
    costs: Vec<Row>,
    /// `--after` of the next list; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<u64>,
}

#[derive(Serialize)]
struct Row {
    customer: String,
    source: String,
    id: String,
    time: Timestamp,
    line: &'static str,
    /// What the sender said that it cost.
    amount: Option<Amount>,
    provider: Option<String>,
    model: Option<String>,
    tokens: Vec<Count>,
    work: Option<String>,
    trace: Option<String>,
    note: Option<String>,
}

#[derive(Serialize)]
struct Count {
    class: &'static str,
    count: String,
}

impl Row {
    fn of(event: Event) -> Option<Row> {
        let trace = event.trace_id();
        let Body::Cost(cost) = event.body else {
            return None;
        };
        Some(Row {
            customer: event.customer.to_string(),
            source: event.source.to_string(),
            id: event.id.to_string(),
            time: event.time,
            line: CostLine::word(cost.line),
            amount: cost.amount,
            provider: cost.provider,
            model: cost.model,
            tokens: counts(&cost.tokens),
            work: event.work.map(|work| work.to_string()),
            trace,
            note: cost.note,
        })
    }
}

fn counts(tokens: &Tokens) -> Vec<Count> {
    let counts = tokens.iter().map(|(class, count)| Count {
        class: class.word(),
        count: count.to_string(),
    });
    counts.collect()
}

/// Lists costs of nobody, or of a customer without a work.
pub fn list(context: &Context, args: &UnassignedCosts) -> Result<Done> {
    let book = context.book()?;
    let customer = args.customer.as_deref().unwrap_or(UNASSIGNED);
    if customer != UNASSIGNED {
        book.chosen(Some(customer))?;
    }
    let from = args.after.unwrap_or(0);
    let rows = usize::from(args.list);
    let (costs, next) = assignment::unassigned(book.store.as_ref(), customer, from, rows)?;
    let listed = Listed {
        costs: costs.into_iter().filter_map(Row::of).collect(),
        next,
    };
    context.out.value(&listed, |listed| {
        let rows = listed.costs.iter().map(|row| {
            let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "–".to_owned());
            let tokens = row.tokens.iter();
            let tokens: Vec<String> = tokens
                .map(|own| format!("{} {}", own.count, own.class.replace('_', " ")))
                .collect();
            vec![
                row.time.to_string(),
                row.source.clone(),
                row.id.clone(),
                or_dash(&row.model),
                tokens.join(", "),
                row.amount.map_or_else(|| "–".to_owned(), money),
            ]
        });
        let heads = ["time", "source", "id", "model", "tokens", ">said to cost"];
        let mut lines = vec![table(&heads, rows)];
        if let Some(next) = listed.next {
            lines.push(format!("there are more: --after {next}"));
        }
        lines
    })?;
    Ok(Done::Well)
}

/// Gives a cost its customer and work.
pub fn assign(context: &Context, args: &AssignCost) -> Result<Done> {
    #[derive(Serialize)]
    struct Assigned<'a> {
        source: &'a str,
        id: &'a str,
        customer: &'a str,
        work: Option<&'a str>,
        changed: bool,
    }
    let book = context.book()?;
    let own = |text: &Option<String>| text.as_deref().map(Into::into);
    let assignment = Assignment {
        source: args.source.as_str().into(),
        id: args.id.as_str().into(),
        customer: args.customer.as_str().into(),
        work: own(&args.work),
        unit: own(&args.unit),
    };
    let changed = assignment::assign(book.store.as_ref(), &assignment, context.now)?;
    let assigned = Assigned {
        source: &args.source,
        id: &args.id,
        customer: &args.customer,
        work: args.work.as_deref(),
        changed,
    };
    context.out.value(&assigned, |own| {
        let of = own.work.map_or(String::new(), |work| format!(", {work}"));
        vec![match own.changed {
            true => format!("it is a cost of {}{of}", own.customer),
            false => format!("it was a cost of {}{of} already", own.customer),
        }]
    })?;
    Ok(Done::Well)
}
