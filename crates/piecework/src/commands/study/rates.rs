//! Rates of rows, with their intervals.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use evidence::Confidence;
use evidence::rate::{Bounds, Difference, Share, by_cluster};
use pages::view::{Finding, FindingUnit, Study};

use super::rows::{Row, Rows};
use super::{again, decimal, percent, range};
use crate::cli::{Counts, StudyRates};

const P95: Confidence = Confidence::P95;

/// The study.
pub fn study(args: &StudyRates) -> Result<Study> {
    let rows = Rows::read(&args.rows)?;
    let against = args.against.map(share).transpose()?;
    let mut findings = Vec::new();
    for (group, of_group) in rows.by(args.by.as_deref(), "all rows")? {
        findings.push(finding(&rows, args, (group, &of_group), against)?);
    }
    let mut threats = Vec::new();
    if args.cluster.is_none() {
        threats.push(
            "rows of one customer are alike: without --cluster the intervals may be too narrow"
                .to_owned(),
        );
    }
    if let Some(unknown) = &args.unknown {
        threats.push(format!(
            "{unknown} may be a hit yet: the rate is of the others, and the bounds are of all"
        ));
    }
    Ok(Study {
        question: format!("How many have {}", args.hit),
        data: rows.data(),
        design: "rates of all rows".to_owned(),
        unit: FindingUnit::Share,
        findings,
        against: match (args.against, against) {
            (Some(own), Some(share)) => Some((
                format!("{} of {}", own.hits, own.trials),
                decimal(share.rate())?,
            )),
            _ => None,
        },
        numbers: Vec::new(),
        assumptions: vec!["what comes next is like these rows".to_owned()],
        threats,
        verdict: None,
        command: again(
            "rates",
            &args.rows,
            &[
                ("hit", Some(args.hit.to_string())),
                ("unknown", args.unknown.as_ref().map(ToString::to_string)),
                ("by", args.by.clone()),
                ("cluster", args.cluster.clone()),
                (
                    "against",
                    args.against
                        .map(|own| format!("{}/{}", own.hits, own.trials)),
                ),
            ],
        ),
    })
}

/// A share that the command line says.
pub fn share(own: Counts) -> Result<Share> {
    Share::new(own.hits, own.trials).with_context(|| format!("{}/{}", own.hits, own.trials))
}

fn finding(
    rows: &Rows,
    args: &StudyRates,
    (group, of_group): (String, &[&Row]),
    against: Option<Share>,
) -> Result<Finding> {
    let hit = rows.is(&args.hit)?;
    let unknown = args.unknown.as_ref().map(|own| rows.is(own)).transpose()?;
    let cluster = args
        .cluster
        .as_deref()
        .map(|own| rows.column(own))
        .transpose()?;
    let (mut hits, mut known) = (0, 0);
    let mut clusters: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for row in of_group {
        if unknown.is_some_and(|own| own.of(row)) {
            continue;
        }
        let is_hit = u64::from(hit.of(row));
        hits += is_hit;
        known += 1;
        if let Some(column) = cluster {
            let own = clusters.entry(row.text(column)).or_default();
            own.0 += is_hit;
            own.1 += 1;
        }
    }
    let share = Share::new(hits, known).with_context(|| format!("{group}: {hits} of {known}"))?;
    let mut notes = Vec::new();
    let (mut interval, mut standard_error) = (share.wilson(P95), None);
    let mut difference = against.map(|own| Difference::of(share, own, P95));
    if cluster.is_some() {
        let shares = clusters
            .into_values()
            .map(|(hits, all)| Share::new(hits, all));
        let shares = shares.collect::<Result<Vec<Share>, _>>()?;
        let own = by_cluster(&shares, P95).with_context(|| group.clone())?;
        interval = own.linearised;
        difference = against.map(|share| own.less(share));
        standard_error = Some(decimal(own.standard_error)?);
        notes.push(format!(
            "{} clusters, as good as {:.0} rows; Wilson at those: {} to {}",
            own.clusters,
            own.effective_trials,
            percent(decimal(own.effective.low)?),
            percent(decimal(own.effective.high)?)
        ));
    }
    let all = of_group.len() as u64;
    if all > known {
        let bounds = Bounds::of(hits, known, all - known, P95)?;
        notes.push(format!(
            "of all {all}: {} to {}",
            percent(decimal(bounds.worst)?),
            percent(decimal(bounds.best)?)
        ));
    }
    if let Some(difference) = difference {
        notes.push(format!(
            "difference {} ({} to {})",
            percent(decimal(difference.estimate)?),
            percent(decimal(difference.interval.low)?),
            percent(decimal(difference.interval.high)?)
        ));
    }
    Ok(Finding {
        what: group,
        of: format!("{hits} of {known}"),
        estimate: decimal(share.rate())?,
        standard_error,
        interval: Some(range(interval)?),
        note: (!notes.is_empty()).then(|| notes.join("; ")),
        is_check: false,
    })
}
