//! `piecework sample show`: what was drawn, what was found, what that says of the rest.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use proof::carry::LogEntry;
use proof::verdicts::{Evidence, Review, Sample, SampledWork, samples};
use proof::verify::{Options, Report};
use serde_json::{Value, json};
use work::LogKind;
use work::body::SampleMethod;
use work::effective::Content;
use work::event::Authorship;

use super::estimate::Estimate;
use super::secret::Secret;
use crate::Done;
use crate::cli::ShowSamples;
use crate::commands::verify;
use crate::context::Context;
use crate::output::{money, table};

/// Runs the command.
pub fn run(context: &Context, args: &ShowSamples) -> Result<Done> {
    let statement = args.statement.as_deref();
    let (found, of) = match (&args.file, &args.customer) {
        (Some(file), _) => {
            let (options, _) = verify::options(args.key.as_deref(), args.pins.as_deref(), &[])?;
            let (report, found) = of_file(file, &options, statement)?;
            if let Some(path) = &args.secret {
                Secret::read(path)?.check_draws(&report.drawings)?;
            }
            (found, file.display().to_string())
        }
        (None, Some(customer)) => {
            let book = context.book()?;
            book.chosen(Some(customer))?;
            let log = book.contents(customer, LogKind::Shared, None)?;
            (samples(customer, &log, statement)?, customer.clone())
        }
        (None, None) => bail!("give a proof file, or --customer"),
    };
    if found.is_empty() && !context.out.json {
        context.out.line(format!(
            "no sample in {of}; the seller draws one with `piecework sample draw`"
        ))?;
        return Ok(Done::Well);
    }
    print(context, &found)?;
    Ok(Done::Well)
}

/// The samples that a proof file has, after verifying it.
///
/// # Errors
/// Where it is refused, or has not the whole log.
pub fn of_file(
    file: &Path,
    options: &Options,
    statement: Option<&str>,
) -> Result<(Report, Vec<Sample>)> {
    let bytes = verify::read(file)?;
    let report = proof::verify(&bytes, options);
    verify::must_hold(&report, file)?;
    if let Some(number) = &report.rests_on {
        bail!(
            "{} goes on from the carry of statement {number} and has not the whole log; ask for one \
             made without --carry",
            file.display()
        );
    }
    let entries =
        proof::verify::entries(&bytes).map_err(|refusal| anyhow::anyhow!(refusal.reason))?;
    let log: Vec<Content> = entries.into_iter().map(LogEntry::into_content).collect();
    let which = report.statement.as_ref().context("it has no statement")?;
    let found = samples(&which.customer, &log, statement)?;
    Ok((report, found))
}

/// Prints samples: for people each with its works and its estimate.
pub fn print(context: &Context, samples: &[Sample]) -> Result<()> {
    let json: Vec<Value> = samples.iter().map(to_json).collect();
    context.out.value(&json, |_| {
        let mut lines = Vec::new();
        for sample in samples {
            if !lines.is_empty() {
                lines.push(String::new());
            }
            lines.extend(told(sample));
        }
        lines
    })
}

const SELLER_SEEDED: &str = "SELLER-SEEDED, NOT PROOF: drawn without the buyer's nonce, so the seller could \
                             have picked the head that it is drawn from";

fn told(sample: &Sample) -> Vec<String> {
    let by_money = sample.method == SampleMethod::Money;
    let mut lines = vec![format!(
        "sample {}: {} {} {} works of statement {}",
        sample.id,
        sample.items.len(),
        if by_money {
            "draws by money from"
        } else {
            "of"
        },
        sample.population,
        sample.issued.number
    )];
    lines.push(if sample.nonce.is_some() {
        "seeded by the buyer's nonce: nobody picked it".to_owned()
    } else {
        SELLER_SEEDED.to_owned()
    });
    let times: &[&str] = if by_money { &[">times drawn"] } else { &[] };
    let titles = [&["work", "unit", "class", ">charge"], times, &["verdict"]].concat();
    let rows = sample.works.iter().map(|own| row(sample, own, by_money));
    lines.push(table(&titles, rows));
    for own in &sample.works {
        let evidence = own.evidence.iter().map(evidence_told);
        let reviews = own.reviews.iter().map(review_told);
        lines.extend(
            evidence
                .chain(reviews)
                .map(|told| format!("{}: {told}", own.name)),
        );
    }
    lines.extend(Estimate::of(sample).told());
    lines
}

fn row(sample: &Sample, own: &SampledWork, by_money: bool) -> Vec<String> {
    let units = own.units.iter().map(|unit| unit.unit.as_str());
    let classes = own.units.iter().map(|unit| unit.class.as_str());
    let mut row = vec![
        own.name.clone(),
        units.collect::<Vec<_>>().join(", "),
        classes.collect::<Vec<_>>().join(", "),
        money(own.charge),
    ];
    if by_money {
        let times = sample.items.iter().filter(|item| **item == own.item);
        row.push(times.count().to_string());
    }
    row.push(own.verdict().word().to_owned());
    row
}

fn review_told(review: &Review) -> String {
    let side = match (review.authorship, review.is_signed) {
        (Authorship::Buyer, true) => "the buyer, signed",
        (Authorship::Buyer, false) => "the buyer, as the seller says",
        (Authorship::Seller, _) => "the seller",
        (Authorship::ThirdParty, _) => "a third party",
    };
    let minutes = review
        .minutes
        .map(|minutes| format!(", in {minutes} minutes"));
    format!(
        "{} by {} ({side}){}",
        review.result.word(),
        review.source,
        minutes.unwrap_or_default()
    )
}

fn evidence_told(own: &Evidence) -> String {
    let late = if own.is_late {
        ", committed to AFTER the draw"
    } else {
        ""
    };
    format!("{} {}{late}", own.name, own.commitment)
}

fn to_json(sample: &Sample) -> Value {
    json!({
        "sample": sample.id,
        "statement": sample.issued.number,
        "method": sample.method.word(),
        "stratum": sample.stratum,
        "population": sample.population,
        "head_size": sample.issued.head_size(),
        "by_buyers_nonce": sample.nonce.is_some(),
        "nonce": sample.nonce.map(|nonce| nonce.to_string()),
        "note": sample.nonce.is_none().then_some(SELLER_SEEDED),
        "drawn": sample.drawn,
        "items": sample.items,
        "works": sample.works.iter().map(work_json).collect::<Vec<_>>(),
        "estimate": Estimate::of(sample),
    })
}

fn work_json(own: &SampledWork) -> Value {
    let units = own.units.iter().map(|unit| {
        let scope = unit.scope.iter();
        let scope: serde_json::Map<String, Value> = scope
            .map(|(header, value)| (header.name().to_owned(), json!(value)))
            .collect();
        json!({"unit": unit.unit, "class": unit.class, "scope": scope, "works": unit.works})
    });
    let evidence = own.evidence.iter().map(|evidence| {
        json!({
            "entry": evidence.entry,
            "name": evidence.name,
            "commitment": evidence.commitment.to_string(),
            "after_the_draw": evidence.is_late,
        })
    });
    let reviews = own.reviews.iter().map(|review| {
        json!({
            "entry": review.entry,
            "source": review.source,
            "time": review.time.to_string(),
            "authorship": review.authorship.word(),
            "signed": review.is_signed,
            "result": review.result.word(),
            "minutes": review.minutes.map(|minutes| minutes.to_string()),
        })
    });
    json!({
        "item": own.item,
        "work": own.name,
        "units": units.collect::<Vec<_>>(),
        "charge": own.charge,
        "drawn": own.drawn,
        "verdict": own.verdict().word(),
        "evidence": evidence.collect::<Vec<_>>(),
        "reviews": reviews.collect::<Vec<_>>(),
    })
}
