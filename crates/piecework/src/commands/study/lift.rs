//! The difference that the software made, by the design that the rows allow.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail, ensure};
use evidence::Confidence;
use evidence::lift::assignment::Holdout;
use evidence::lift::cuped::{self, Slope};
use evidence::lift::did::{self, ErrorOf};
use evidence::lift::interrupted::{Lag, Season, interrupted};
use evidence::lift::staggered::{Controls, Effects, Panel, Unit};
use evidence::lift::{Assumption, Estimand, Lift, PriceBasis, Reason, Threat, holdout as trial};
use evidence::rate::Share;
use pages::view::{Finding, FindingUnit, Study, StudyVerdict};

use super::rows::{Column, Row, Rows};
use super::{again, decimal, range};
use crate::cli::{
    ComparedWith, StudyBeforeAfter, StudyHoldout, StudySeries, StudyStaggered, StudyTwoByTwo,
};

const P95: Confidence = Confidence::P95;

/// Parts per million in a whole.
const WHOLE_PPM: f64 = 1_000_000.0;

/// Who got the software was decided by chance.
pub fn holdout(args: &StudyHoldout) -> Result<Study> {
    let rows = Rows::read(&args.rows)?;
    let (mut lift, mut numbers) = (compared(&rows, args)?, Vec::new());
    if let Some(share) = args.held_out {
        ensure!(
            share > 0.0 && share < 1.0,
            "--held-out is a share between 0 and 1, not {share}"
        );
        lift = lift.with_sample_ratio_check(&Holdout::new("", parts(share))?)?;
    }
    let mut findings = vec![finding("with the software, less without", &lift)?];
    if args.log {
        let percent = |log: f64| decimal(log.exp_m1());
        findings.push(Finding {
            what: "as a share of what it is without".to_owned(),
            of: String::new(),
            estimate: percent(lift.estimate)?,
            standard_error: None,
            interval: lift
                .interval()
                .map(|own| {
                    Ok::<_, anyhow::Error>(pages::view::Range {
                        low: percent(own.low)?,
                        high: percent(own.high)?,
                    })
                })
                .transpose()?,
            note: Some("of logarithms, turned back".to_owned()),
            is_check: false,
        });
    }
    if let Some(precision) = lift.precision {
        numbers.push(("p-value".to_owned(), decimal(precision.p_value)?));
    }
    let outcome = args
        .outcome
        .clone()
        .or(args.hit.as_ref().map(ToString::to_string));
    let command = again(
        "holdout",
        &args.rows,
        &[
            ("treated", Some(args.treated.to_string())),
            ("outcome", args.outcome.clone()),
            ("hit", args.hit.as_ref().map(ToString::to_string)),
            ("covariate", args.covariate.clone()),
            ("log", args.log.then(String::new)),
            ("cluster", args.cluster.clone()),
            ("held-out", args.held_out.map(|own| own.to_string())),
        ],
    );
    let unit = if args.hit.is_some() {
        FindingUnit::Share
    } else {
        FindingUnit::Number
    };
    let mut study = told(
        &outcome.unwrap_or_default(),
        &rows,
        &lift,
        findings,
        command,
    );
    study.unit = unit;
    study.numbers = numbers;
    Ok(study)
}

/// A share in whole parts per million.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // between 0 and a million
fn parts(share: f64) -> u32 {
    (share * WHOLE_PPM).round() as u32
}

fn compared(rows: &Rows, args: &StudyHoldout) -> Result<Lift> {
    if let Some(hit) = &args.hit {
        let (hit, treated) = (rows.is(hit)?, rows.is(&args.treated)?);
        let mut counts = [(0, 0); 2];
        for row in rows.iter() {
            let arm = &mut counts[usize::from(!treated.of(row))];
            arm.0 += u64::from(hit.of(row));
            arm.1 += 1;
        }
        let [with, without] = counts.map(|(hits, all)| Share::new(hits, all));
        return Ok(trial::rates(
            with.context("rows with the software")?,
            without.context("rows without")?,
            P95,
        )?);
    }
    let outcome = args.outcome.as_deref().context("name the --outcome")?;
    let treated = rows.is(&args.treated)?;
    let outcome = rows.column(outcome)?;
    let covariate = args
        .covariate
        .as_deref()
        .map(|own| rows.column(own))
        .transpose()?;
    let cluster = args
        .cluster
        .as_deref()
        .map(|own| rows.column(own))
        .transpose()?;
    let mut arms = [Vec::new(), Vec::new()];
    let mut clusters: [BTreeMap<&str, (f64, f64)>; 2] = Default::default();
    for row in rows.iter() {
        let arm = usize::from(!treated.of(row));
        let known = covariate.map_or(Ok(0.0), |own| measured(row, own, args.log))?;
        let is = measured(row, outcome, args.log)?;
        arms[arm].push((is, known));
        if let Some(column) = cluster {
            let own = clusters[arm].entry(row.text(column)).or_default();
            *own = (own.0 + is, own.1 + 1.0);
        }
    }
    let [with, without] = &arms;
    if covariate.is_some() {
        return Ok(cuped::adjusted(with, without, Slope::WithinArm, P95)?.lift);
    }
    if cluster.is_some() {
        if let Some(both) = clusters[0]
            .keys()
            .find(|name| clusters[1].contains_key(*name))
        {
            bail!("`{both}` is with the software and without it: it was not assigned whole");
        }
        let [with, without] = clusters.map(|own| {
            let means = own.into_values().map(|(sum, n)| sum / n);
            means.collect::<Vec<f64>>()
        });
        return Ok(trial::cluster_means(&with, &without, P95)?);
    }
    let plain = |arm: &[(f64, f64)]| arm.iter().map(|own| own.0).collect::<Vec<f64>>();
    Ok(trial::means(&plain(with), &plain(without), P95)?)
}

/// A number of a row, or its logarithm.
fn measured(row: &Row, column: Column<'_>, log: bool) -> Result<f64> {
    let number = row.number(column)?;
    if !log {
        return Ok(number);
    }
    ensure!(
        number > 0.0,
        "line {}: {number} has no logarithm; leave such rows out with --only, or do without --log",
        row.line()
    );
    Ok(number.ln())
}

/// What changed with the software, less what changed without it.
pub fn two_by_two(args: &StudyTwoByTwo) -> Result<Study> {
    let rows = Rows::read(&args.rows)?;
    let (treated, after) = (rows.is(&args.treated)?, rows.is(&args.after)?);
    let outcome = rows.column(&args.outcome)?;
    let lift = match &args.unit {
        Some(unit) => {
            let unit = rows.column(unit)?;
            // By unit: whether treated, and the outcome before and after.
            let mut units: BTreeMap<&str, (bool, [Option<f64>; 2])> = BTreeMap::new();
            for row in rows.iter() {
                let name = row.text(unit);
                let own = units.entry(name).or_insert((treated.of(row), [None; 2]));
                ensure!(
                    own.0 == treated.of(row),
                    "line {}: `{name}` is on both sides",
                    row.line()
                );
                let seen = &mut own.1[usize::from(after.of(row))];
                ensure!(
                    seen.is_none(),
                    "line {}: `{name}` is there twice in one period",
                    row.line()
                );
                *seen = Some(row.number(outcome)?);
            }
            let mut sides = [Vec::new(), Vec::new()];
            for (name, (is_treated, seen)) in units {
                let [Some(before), Some(after)] = seen else {
                    bail!("`{name}` was not seen on both sides of the start");
                };
                sides[usize::from(!is_treated)].push((before, after));
            }
            did::panel(&sides[0], &sides[1], ErrorOf::Welch, P95)?
        }
        None => {
            let mut cells: [[Vec<f64>; 2]; 2] = Default::default();
            for row in rows.iter() {
                let cell = &mut cells[usize::from(!treated.of(row))][usize::from(after.of(row))];
                cell.push(row.number(outcome)?);
            }
            let [with, without] = &cells;
            did::cross_sections((&with[0], &with[1]), (&without[0], &without[1]), P95)?
        }
    };
    let findings = vec![finding(
        "the change with the software, less the change without",
        &lift,
    )?];
    let command = again(
        "two-by-two",
        &args.rows,
        &[
            ("treated", Some(args.treated.to_string())),
            ("after", Some(args.after.to_string())),
            ("outcome", Some(args.outcome.clone())),
            ("unit", args.unit.clone()),
        ],
    );
    Ok(told(&args.outcome, &rows, &lift, findings, command))
}

/// Starts at different times.
pub fn staggered(args: &StudyStaggered) -> Result<Study> {
    let rows = Rows::read(&args.rows)?;
    let (first_period, units) = units(&rows, args)?;
    let panel = Panel::new(first_period, units)?;
    let controls = match args.controls {
        ComparedWith::NeverTreated => Controls::NeverTreated,
        ComparedWith::NotYetTreated => Controls::NotYetTreated,
    };
    let effects = Effects::of(&panel, controls)?;
    let simple = effects.simple(P95)?;
    let mut findings = vec![
        finding("all effects since the starts", &simple)?,
        finding("mean over cohorts", &effects.groups(P95)?)?,
        finding("mean over periods since the start", &effects.events(P95)?)?,
    ];
    for lift in effects.event_study(P95)? {
        let Estimand::Event(event) = lift.estimand else {
            continue;
        };
        let mut own = finding(&since(event), &lift)?;
        own.is_check = event < 0;
        findings.push(own);
    }
    let mut numbers = Vec::new();
    if let Ok(test) = effects.pre_trend() {
        numbers.push((
            "trends before: Wald\u{2019}s statistic".to_owned(),
            decimal(test.statistic)?,
        ));
        numbers.push(("trends before: p-value".to_owned(), decimal(test.p_value)?));
    }
    let command = again(
        "staggered",
        &args.rows,
        &[
            ("unit", Some(args.unit.clone())),
            ("period", Some(args.period.clone())),
            ("first", Some(args.first.clone())),
            ("outcome", Some(args.outcome.clone())),
            (
                "controls",
                (args.controls == ComparedWith::NotYetTreated)
                    .then(|| "not-yet-treated".to_owned()),
            ),
        ],
    );
    let mut study = told(&args.outcome, &rows, &simple, findings, command);
    study.numbers = numbers;
    Ok(study)
}

fn since(event: i64) -> String {
    let periods = |n: u64| {
        if n == 1 {
            "1 period".to_owned()
        } else {
            format!("{n} periods")
        }
    };
    match event {
        0 => "in the period of the start".to_owned(),
        ..0 => format!(
            "{} before the start: a placebo",
            periods(event.unsigned_abs())
        ),
        _ => format!("{} after the start", periods(event.unsigned_abs())),
    }
}

/// The units of a panel, each with its outcomes in the order of the periods.
fn units(rows: &Rows, args: &StudyStaggered) -> Result<(i64, Vec<Unit>)> {
    let (unit, period) = (rows.column(&args.unit)?, rows.column(&args.period)?);
    let (first, outcome) = (rows.column(&args.first)?, rows.column(&args.outcome)?);
    let mut units: BTreeMap<&str, (Option<i64>, BTreeMap<i64, f64>)> = BTreeMap::new();
    for row in rows.iter() {
        let (name, at) = (row.text(unit), row.expect_whole(period)?);
        let start = row.whole(first)?.filter(|&start| start != 0);
        let own = units
            .entry(name)
            .or_insert_with(|| (start, BTreeMap::new()));
        ensure!(
            own.0 == start,
            "line {}: `{name}` starts at another period than in an earlier row",
            row.line()
        );
        let seen = own.1.insert(at, row.number(outcome)?);
        ensure!(
            seen.is_none(),
            "line {}: `{name}` is there twice in period {at}",
            row.line()
        );
    }
    let periods: Vec<i64> = units
        .values()
        .next()
        .map_or_else(Vec::new, |own| own.1.keys().copied().collect());
    let first_period = *periods.first().context("there is no unit")?;
    ensure!(
        periods.windows(2).all(|pair| pair[1] == pair[0] + 1),
        "the periods are not consecutive whole numbers: {periods:?}"
    );
    for (name, (_, seen)) in &units {
        ensure!(
            seen.keys().eq(&periods),
            "`{name}` was seen in other periods than the first unit: every unit is needed in every period"
        );
    }
    let unit = |(first_treated, seen): (Option<i64>, BTreeMap<i64, f64>)| Unit {
        first_treated,
        outcomes: seen.into_values().collect(),
    };
    Ok((first_period, units.into_values().map(unit).collect()))
}

/// One series, cut at the start.
pub fn series(args: &StudySeries) -> Result<Study> {
    let rows = Rows::read(&args.rows)?;
    let is_after = rows.is(&args.after)?;
    let mut began = false;
    for row in rows.iter() {
        ensure!(
            is_after.of(row) || !began,
            "line {}: a point before the start comes after one behind it; put the rows in the order of time",
            row.line()
        );
        began |= is_after.of(row);
    }
    let [after, before] = rows.sides(&args.outcome, &args.after)?;
    let season = args.season.map(|points| Season {
        points,
        harmonics: args.harmonics,
    });
    let lag = args.lag.map_or(Lag::Automatic, Lag::Points);
    let fit = interrupted(&before, &after, season, lag)?;
    let last = after.len() as u64 - 1;
    let (at_once, at_last) = (fit.effect_at(0, P95)?, fit.effect_at(last, P95)?);
    let findings = vec![
        finding("at the start, from the trend before", &at_once)?,
        finding("at the last point, from the trend before", &at_last)?,
    ];
    let numbers = vec![
        (
            "points back that a residual is remembered".to_owned(),
            decimal(fit.lag as f64)?,
        ),
        (
            "Durbin and Watson\u{2019}s statistic".to_owned(),
            decimal(fit.durbin_watson)?,
        ),
    ];
    let command = again(
        "series",
        &args.rows,
        &[
            ("outcome", Some(args.outcome.clone())),
            ("after", Some(args.after.to_string())),
            ("season", args.season.map(|own| own.to_string())),
            ("harmonics", args.season.map(|_| args.harmonics.to_string())),
            ("lag", args.lag.map(|own| own.to_string())),
        ],
    );
    let mut study = told(&args.outcome, &rows, &at_last, findings, command);
    study.numbers = numbers;
    Ok(study)
}

/// The mean after less the mean before.
pub fn before_after(args: &StudyBeforeAfter) -> Result<Study> {
    let rows = Rows::read(&args.rows)?;
    let [after, before] = rows.sides(&args.outcome, &args.after)?;
    let lift = evidence::lift::before_after(&before, &after, P95)?;
    let findings = vec![finding("after, less before", &lift)?];
    let command = again(
        "before-after",
        &args.rows,
        &[
            ("outcome", Some(args.outcome.clone())),
            ("after", Some(args.after.to_string())),
        ],
    );
    Ok(told(&args.outcome, &rows, &lift, findings, command))
}

fn finding(what: &str, lift: &Lift) -> Result<Finding> {
    let error = lift.precision.map(|own| decimal(own.standard_error));
    Ok(Finding {
        what: what.to_owned(),
        of: format!("{} with, {} without", lift.treated, lift.control),
        estimate: decimal(lift.estimate)?,
        standard_error: error.transpose()?,
        interval: lift.interval().map(range).transpose()?,
        note: None,
        is_check: false,
    })
}

/// The study of a lift: what it rests on, and whether a price may.
fn told(outcome: &str, rows: &Rows, lift: &Lift, findings: Vec<Finding>, command: String) -> Study {
    let verdict = match lift.price_basis() {
        PriceBasis::Can => StudyVerdict {
            holds: true,
            sentence: "This can be the basis of an outcome price.".to_owned(),
            reasons: Vec::new(),
        },
        PriceBasis::Cannot(reasons) => StudyVerdict {
            holds: false,
            sentence:
                "This cannot be the basis of an outcome price, unless somebody waives it by name."
                    .to_owned(),
            reasons: reasons.into_iter().map(Reason::sentence).collect(),
        },
    };
    let sentence = |own: &Assumption| own.sentence().to_owned();
    Study {
        question: format!("What the software changed in {outcome}"),
        data: rows.data(),
        design: format!("design tier {}", lift.tier.name()),
        unit: FindingUnit::Number,
        findings,
        against: None,
        numbers: Vec::new(),
        assumptions: lift.assumptions.iter().map(sentence).collect(),
        threats: lift.threats.iter().copied().map(Threat::sentence).collect(),
        verdict: Some(verdict),
        command,
    }
}
