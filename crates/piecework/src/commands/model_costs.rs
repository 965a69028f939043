//! `piecework model-costs`: what models cost us, by date.

use std::path::Path;

use anyhow::{Context as _, Result};
use book::documents::faulty;
use book::price_books;
use intake::model_costs::{self as books, Origin};
use jiff::civil::Date;
use pricing::model_costs::{ModelCost, ModelCosts};
use serde::Serialize;

use crate::Done;
use crate::cli::ModelCostsCommand;
use crate::context::Context;
use crate::output::table;

/// Rows printed before the list says how many more there are.
const ROWS_MAX: usize = 200;

/// Runs the command.
pub fn run(context: &Context, command: &ModelCostsCommand) -> Result<Done> {
    match command {
        ModelCostsCommand::List { filter, on } => {
            list(context, filter.as_deref().unwrap_or(""), on.as_deref())
        }
        ModelCostsCommand::Import { file, from } => import(context, file, from),
    }
}

#[derive(Serialize)]
struct Row {
    provider: Option<String>,
    model: String,
    from: Option<Date>,
    until: Option<Date>,
    last_seen: Option<Date>,
    /// US dollars per million tokens, by class.
    per_million: Vec<(String, String)>,
    above_input_tokens: Vec<u64>,
    source: String,
}

fn list(context: &Context, filter: &str, on: Option<&str>) -> Result<Done> {
    let on: Option<Date> = on
        .map(|text| {
            text.parse()
                .with_context(|| format!("`{text}` is not a date such as 2026-01-31"))
        })
        .transpose()?;
    let costs = match context.book() {
        Ok(book) => price_books::load(book.store.as_ref())?,
        // Without a book, the built-in list is what there is.
        Err(_) if !context.config_path.exists() => ModelCosts::built_in().clone(),
        Err(error) => return Err(error),
    };
    let in_force = |model: &ModelCost| match on {
        None => model.until.is_none(),
        Some(day) => {
            model.from.is_none_or(|from| from <= day) && model.until.is_none_or(|until| day < until)
        }
    };
    let rows: Vec<Row> = costs
        .models()
        .iter()
        .filter(|model| model.model.contains(filter) && in_force(model))
        .map(|model| {
            Ok(Row {
                provider: model.provider.clone(),
                model: model.model.clone(),
                from: model.from,
                until: model.until,
                last_seen: model.last_seen,
                per_million: model
                    .rates
                    .iter()
                    .map(|(class, rate)| {
                        let million = rate.value().times(money::Decimal::from_int(1_000_000))?;
                        Ok((class.word().to_owned(), million.to_string()))
                    })
                    .collect::<Result<_>>()?,
                above_input_tokens: model
                    .tiers
                    .iter()
                    .map(|tier| tier.above_input_tokens)
                    .collect(),
                source: model.source.clone(),
            })
        })
        .collect::<Result<_>>()?;
    context.out.value(&rows, |rows| {
        let mut lines = vec![table(
            &[
                "provider",
                "model",
                "from",
                "USD per million tokens",
                "source",
            ],
            rows.iter().take(ROWS_MAX).map(|row| {
                let rates: Vec<String> = row
                    .per_million
                    .iter()
                    .map(|(class, rate)| format!("{class} {rate}"))
                    .collect();
                vec![
                    row.provider.clone().unwrap_or_default(),
                    row.model.clone(),
                    row.from.map(|date| date.to_string()).unwrap_or_default(),
                    rates.join(", "),
                    row.source.clone(),
                ]
            }),
        )];
        if rows.len() > ROWS_MAX {
            lines.push(format!(
                "and {} more; name a part of the model",
                rows.len() - ROWS_MAX
            ));
        }
        lines
    })?;
    Ok(Done::Well)
}

#[derive(Serialize)]
struct Imported {
    digest: String,
    listed: usize,
    imported: usize,
    skipped: Vec<(String, usize)>,
}

fn import(context: &Context, file: &Path, from: &str) -> Result<Done> {
    let date: Date = from
        .parse()
        .with_context(|| format!("`{from}` is not a date such as 2026-01-31"))?;
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let text = books::text(&bytes)?;
    let name = file
        .file_name()
        .map_or(String::new(), |name| name.to_string_lossy().into_owned());
    let id = format!("imported-{date}");
    let origin = Origin {
        id: &id,
        name: &name,
        date,
    };
    let mut shape = text.chars().filter(|c| !c.is_whitespace());
    let (first, second) = (shape.next(), shape.next());
    let (costs, report) = if (first, second) == (Some('['), Some('{')) {
        let import = books::genai_prices(&text, &origin)?;
        (import.costs, Some(import.report))
    } else if first == Some('{') {
        let import = books::litellm(&text, &origin, Some(date))?;
        (import.costs, Some(import.report))
    } else {
        let costs = ModelCosts::parse(&text)
            .map_err(|error| faulty(&file.display().to_string(), &text, error.faults))?;
        (costs, None)
    };
    let book = context.book()?;
    let digest = price_books::keep(book.store.as_ref(), &costs, context.now)?;
    // Whatever does not fit together is said now, and not when a margin is asked for.
    price_books::load(book.store.as_ref())?;
    let imported = Imported {
        digest: digest.to_string(),
        listed: report
            .as_ref()
            .map_or(costs.models().len(), |report| report.listed),
        imported: costs.models().len(),
        skipped: report
            .map(|report| {
                report
                    .skipped
                    .iter()
                    .map(|(skip, names)| (skip.reason().to_owned(), names.len()))
                    .collect()
            })
            .unwrap_or_default(),
    };
    context.out.value(&imported, |imported| {
        let mut lines = vec![format!(
            "{} of {} models are priced from {date} on ({})",
            imported.imported,
            imported.listed,
            &imported.digest[..12]
        )];
        lines.extend(
            imported
                .skipped
                .iter()
                .map(|(reason, n)| format!("{n} not imported: {reason}")),
        );
        lines
    })?;
    Ok(Done::Well)
}
