//! Whether a stated confidence may carry a price.

use anyhow::{Context as _, Result, ensure};
use evidence::Confidence;
use evidence::calibration::{Bin, Bins, Demands, Forecast, Reliability, Verdict, gate};
use jiff::Timestamp;
use pages::view::{Finding, FindingUnit, Study, StudyVerdict};
use pricing::published::Document;
use work::body::DocumentKind;

use super::rows::Rows;
use super::{again, decimal, range, write};
use crate::cli::StudyCalibration;

/// The study; writes the document where one is asked for.
pub fn study(args: &StudyCalibration) -> Result<Study> {
    let rows = Rows::read(&args.rows)?;
    let (confidence, right) = (rows.column(&args.confidence)?, rows.is(&args.right)?);
    let forecasts = rows.iter().map(|row| {
        let stated = row.number(confidence)?;
        ensure!(
            (0.0..=1.0).contains(&stated),
            "line {}: a confidence is from 0 to 1, not {stated}",
            row.line()
        );
        Ok(Forecast {
            stated,
            right: right.of(row),
        })
    });
    let forecasts = forecasts.collect::<Result<Vec<Forecast>>>()?;
    let bins = args.bins.map_or(Bins::Stated, Bins::Width);
    let table = Reliability::of(&forecasts, bins, Confidence::P95)
        .context("with many confidences, put them in bins: --bins 10")?;
    let demands = Demands {
        per_bin_min: args.per_bin_min,
        ..Demands::default()
    };
    let verdict = gate(&table, &demands);
    let data = rows.data();
    if let (Some(path), Some(subject), Some(from)) = (&args.document, &args.subject, &args.from) {
        let source = format!("{}, {}", data.file, data.digest);
        write(path, &document(&table, &verdict, (subject, from, &source))?)?;
    }
    let numbers = table
        .numbers()
        .map(|(name, own)| Ok((name.to_owned(), decimal(own)?)));
    let numbers = numbers.collect::<Result<Vec<_>>>()?;
    let reasons = match &verdict {
        Verdict::Passed => Vec::new(),
        Verdict::Failed(reasons) => reasons.iter().map(|own| own.sentence()).collect(),
    };
    Ok(Study {
        question: format!("Whether {} is as often right as it says", args.confidence),
        data,
        design: "stated against seen, bin by bin".to_owned(),
        unit: FindingUnit::Share,
        findings: table.bins.iter().map(finding).collect::<Result<_>>()?,
        against: None,
        numbers,
        assumptions: vec![
            "works to come are like these, and the buyer does not send the hard ones alone"
                .to_owned(),
        ],
        threats: Vec::new(),
        verdict: Some(StudyVerdict {
            holds: reasons.is_empty(),
            sentence: if reasons.is_empty() {
                "The gate is passed: a price may depend on this confidence.".to_owned()
            } else {
                "The gate is not passed: a price may not depend on this confidence.".to_owned()
            },
            reasons,
        }),
        command: again(
            "calibration",
            &args.rows,
            &[
                ("confidence", Some(args.confidence.clone())),
                ("right", Some(args.right.to_string())),
                ("bins", args.bins.map(|own| own.to_string())),
                ("per-bin-min", Some(args.per_bin_min.to_string())),
            ],
        ),
    })
}

fn finding(bin: &Bin) -> Result<Finding> {
    let what = if bin.low < bin.high {
        format!("stated {:.3} to {:.3}", bin.low, bin.high)
    } else {
        format!("stated {:.3}", bin.stated)
    };
    Ok(Finding {
        what,
        of: format!("{} of {}", bin.seen.hits(), bin.seen.trials()),
        estimate: decimal(bin.seen.rate())?,
        standard_error: None,
        interval: Some(range(bin.interval)?),
        note: Some(format!("stated on the mean {:.4}", bin.stated)),
        is_check: false,
    })
}

/// The document for `piecework publish calibration`, read back before it is written.
fn document(
    table: &Reliability,
    verdict: &Verdict,
    (subject, from, source): (&str, &str, &str),
) -> Result<String> {
    let from: Timestamp = from.parse().with_context(|| {
        format!("--from `{from}` is not an instant such as 2026-01-01T00:00:00+01:00")
    })?;
    let mut text = format!(
        "subject = {}\nfrom = {from}\nverdict = \"{}\"\nsource = {}\n\n[numbers]\n",
        toml::Value::from(subject),
        verdict.word(),
        toml::Value::from(source),
    );
    for (name, number) in table.numbers() {
        text.push_str(&format!("{name} = \"{}\"\n", decimal(number)?));
    }
    Document::parse(DocumentKind::Calibration, &text)
        .context("the document cannot be published")?;
    Ok(text)
}
