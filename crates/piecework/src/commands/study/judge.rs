//! An automatic judge, held against what was verified.

use anyhow::{Context as _, Result};
use evidence::Confidence;
use evidence::rate::Share;
use evidence::sample::judge::Judge;
use pages::view::{Finding, FindingUnit, Study, StudyVerdict};

use super::rows::{Row, Rows};
use super::{again, decimal, range, rates};
use crate::cli::StudyJudge;

const P95: Confidence = Confidence::P95;

/// The widest interval of a corrected rate that still says something, from end to end.
const WIDTH_MAX: f64 = 0.5;

/// The study.
pub fn study(args: &StudyJudge) -> Result<Study> {
    let rows = Rows::read(&args.rows)?;
    let of = args.of.map(rates::share).transpose()?;
    let judges = rows.by(args.by.as_deref(), "the judge")?;
    let (mut findings, mut useless) = (Vec::new(), Vec::new());
    for (name, judged) in &judges {
        let (own, is_useless) = of_judge(&rows, args, (name, judged), of)?;
        findings.extend(own);
        useless.extend(is_useless);
    }
    let useful = judges.len() - useless.len();
    let verdict = StudyVerdict {
        holds: useless.is_empty(),
        sentence: if useful == 0 {
            "Nothing can be made of what is passed.".to_owned()
        } else if useless.is_empty() {
            "What is passed may be used, corrected; as it is, it may not.".to_owned()
        } else {
            format!(
                "Of {} judges {useful} may be used, corrected.",
                judges.len()
            )
        },
        reasons: useless,
    };
    let mut threats = Vec::new();
    if of.is_none() {
        threats.push(
            "corrected by what was verified of the very same works, a rate is the verified one: name others with --of"
                .to_owned(),
        );
    }
    Ok(Study {
        question: format!("How far {} is what {} says", args.right, args.passed),
        data: rows.data(),
        design: "an automatic judge against what was verified of the same works".to_owned(),
        unit: FindingUnit::Share,
        findings,
        against: None,
        numbers: Vec::new(),
        assumptions: vec![
            "the judge errs on other works as it erred on those that were verified".to_owned(),
            "the works that were verified were not picked by what the judge said".to_owned(),
        ],
        threats,
        verdict: Some(verdict),
        command: again(
            "judge",
            &args.rows,
            &[
                ("passed", Some(args.passed.to_string())),
                ("right", Some(args.right.to_string())),
                ("by", args.by.clone()),
                (
                    "of",
                    args.of.map(|own| format!("{}/{}", own.hits, own.trials)),
                ),
            ],
        ),
    })
}

/// The findings of one judge, and why nothing can be made of it.
fn of_judge(
    rows: &Rows,
    args: &StudyJudge,
    (name, judged): (&str, &[&Row]),
    of: Option<Share>,
) -> Result<(Vec<Finding>, Option<String>)> {
    let (passed, right) = (rows.is(&args.passed)?, rows.is(&args.right)?);
    let mut counts = [0; 4];
    for row in judged {
        counts[2 * usize::from(!right.of(row)) + usize::from(!passed.of(row))] += 1;
    }
    let judge = Judge::of((counts[0], counts[1]), (counts[2], counts[3]))
        .with_context(|| format!("{name}: right and wrong works are both needed"))?;
    let all = counts.iter().sum();
    let verified = Share::new(counts[0] + counts[1], all)?;
    let apparent = of.map_or_else(|| Share::new(counts[0] + counts[2], all), Ok)?;
    let mut findings = vec![
        finding(
            format!("{name}: sensitivity"),
            judge.sensitivity,
            "right works passed",
        )?,
        finding(
            format!("{name}: specificity"),
            judge.specificity,
            "wrong works failed",
        )?,
        finding(format!("{name}: passes"), apparent, "works")?,
    ];
    let useless = match judge.correct(apparent, P95) {
        Ok(corrected) => {
            findings.push(Finding {
                what: format!("{name}: corrected"),
                of: "what it passes, by its errors (Rogan and Gladen)".to_owned(),
                estimate: decimal(corrected.rate)?,
                standard_error: Some(decimal(corrected.standard_error)?),
                interval: Some(range(corrected.interval)?),
                note: (corrected.uncut != corrected.rate).then(|| {
                    format!(
                        "the formula gives {:.4}: its errors were misjudged",
                        corrected.uncut
                    )
                }),
                is_check: false,
            });
            (corrected.interval.width() > WIDTH_MAX).then(|| {
                let (low, high) = (100.0 * corrected.interval.low, 100.0 * corrected.interval.high);
                format!("{name}: so few works and so many errors leave anything between {low:.0} % and {high:.0} %")
            })
        }
        Err(error) => Some(format!("{name}: no better than a coin ({error})")),
    };
    if of.is_none() {
        let mut own = finding(
            format!("{name}: verified"),
            verified,
            "works that are right",
        )?;
        own.is_check = true;
        findings.push(own);
    }
    Ok((findings, useless))
}

fn finding(what: String, share: Share, of: &str) -> Result<Finding> {
    Ok(Finding {
        what,
        of: format!("{} of {} {of}", share.hits(), share.trials()),
        estimate: decimal(share.rate())?,
        standard_error: None,
        interval: Some(range(share.wilson(P95))?),
        note: None,
        is_check: false,
    })
}
