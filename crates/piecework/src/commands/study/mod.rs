//! `piecework study`: what data say about a question, how sure that is, and what it rests on. Needs no book.
//!
//! The statistics are of the crate `evidence`; here rows of a file become its arguments, and its answers a
//! [`Study`].

mod calibration;
mod judge;
mod lift;
mod rates;
mod rows;

use std::path::Path;

use anyhow::{Context as _, Result};
use evidence::Interval;
use money::{Decimal, Rounding};
use pages::view::{Finding, FindingUnit, Range, Study};

use crate::Done;
use crate::cli::{StudyCommand, StudyFile};
use crate::context::Context;
use crate::output::table;

/// Digits after the point of a printed number.
const DIGITS: usize = 6;

/// Runs the command.
pub fn run(context: &Context, command: &StudyCommand) -> Result<Done> {
    let study = match command {
        StudyCommand::Rates(args) => rates::study(args),
        StudyCommand::Judge(args) => judge::study(args),
        StudyCommand::Calibration(args) => calibration::study(args),
        StudyCommand::Holdout(args) => lift::holdout(args),
        StudyCommand::TwoByTwo(args) => lift::two_by_two(args),
        StudyCommand::Staggered(args) => lift::staggered(args),
        StudyCommand::Series(args) => lift::series(args),
        StudyCommand::BeforeAfter(args) => lift::before_after(args),
    }?;
    if let Some(path) = page(command).html.as_deref() {
        write(path, &pages::study_page(&study))?;
    }
    context.out.value(&study, lines)?;
    Ok(Done::Well)
}

fn page(command: &StudyCommand) -> &StudyFile {
    match command {
        StudyCommand::Rates(args) => &args.rows,
        StudyCommand::Judge(args) => &args.rows,
        StudyCommand::Calibration(args) => &args.rows,
        StudyCommand::Holdout(args) => &args.rows,
        StudyCommand::TwoByTwo(args) => &args.rows,
        StudyCommand::Staggered(args) => &args.rows,
        StudyCommand::Series(args) => &args.rows,
        StudyCommand::BeforeAfter(args) => &args.rows,
    }
}

fn write(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

/// The command line of a study, so that it can be made again.
fn again(name: &str, args: &StudyFile, options: &[(&str, Option<String>)]) -> String {
    let file = args.file.file_name().unwrap_or(args.file.as_os_str());
    let mut command = format!("piecework study {name} {}", quoted(&file.to_string_lossy()));
    let only = args.only.iter().map(|own| ("only", Some(own.to_string())));
    let options = options.iter().map(|(name, value)| (*name, value.clone()));
    for (name, value) in options.chain(only) {
        if let Some(value) = value {
            command.push_str(&format!(" --{name}"));
            if !value.is_empty() {
                command.push(' ');
                command.push_str(&quoted(&value));
            }
        }
    }
    command
}

/// A word of a command line.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./=,:+".contains(c);
    if word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// A statistic as a decimal: statistics are no money, and six digits are more than any of them knows.
fn decimal(number: f64) -> Result<Decimal> {
    let text = format!("{number:.DIGITS$}");
    text.parse()
        .with_context(|| format!("{number} is too great to be shown"))
}

fn range(interval: Interval) -> Result<Range> {
    Ok(Range {
        low: decimal(interval.low)?,
        high: decimal(interval.high)?,
    })
}

/// A study for people.
fn lines(study: &Study) -> Vec<String> {
    let of_unit = |own: Decimal| match study.unit {
        FindingUnit::Share => percent(own),
        FindingUnit::Number => own.to_string(),
    };
    let row = |own: &Finding| {
        let interval = own
            .interval
            .map(|range| format!("{} to {}", of_unit(range.low), of_unit(range.high)));
        vec![
            own.what.clone(),
            of_unit(own.estimate),
            interval.unwrap_or_else(|| "-".to_owned()),
            own.of.clone(),
            own.note.clone().unwrap_or_default(),
        ]
    };
    let mut lines = vec![format!("{} ({})", study.question, study.design)];
    lines.push(table(
        &["of what", ">estimate", ">95 % interval", "from", "besides"],
        study.findings.iter().map(row),
    ));
    if let Some((name, held)) = &study.against {
        lines.push(format!("held against {name}: {}", of_unit(*held)));
    }
    lines.extend(
        study
            .numbers
            .iter()
            .map(|(name, value)| format!("{name}: {value}")),
    );
    let told = |title: &str, list: &[String]| {
        list.iter()
            .map(|own| format!("{title}: {own}"))
            .collect::<Vec<String>>()
    };
    lines.extend(told("has to be true", &study.assumptions));
    lines.extend(told("speaks against it", &study.threats));
    if let Some(verdict) = &study.verdict {
        lines.push(verdict.sentence.clone());
        lines.extend(told("because", &verdict.reasons));
    }
    lines
}

/// A share as text with two digits: `48.03 %`.
fn percent(share: Decimal) -> String {
    let hundredfold = share.times(Decimal::from_int(100));
    hundredfold.map_or_else(
        |_| share.to_string(),
        |own| format!("{} %", own.rounded(2, Rounding::HalfEven).with_digits(2)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_can_be_typed_again() {
        let args = StudyFile {
            file: "dir/my file.csv".into(),
            only: vec!["a=it's,b".parse().unwrap()],
            html: None,
        };
        let options = [
            ("log", Some(String::new())),
            ("by", None),
            ("hit", Some("x=1".to_owned())),
        ];
        assert_eq!(
            again("rates", &args, &options),
            r"piecework study rates 'my file.csv' --log --hit x=1 --only 'a=it'\''s,b'"
        );
    }

    #[test]
    fn shares_for_people() {
        assert_eq!(percent("0.480251".parse().unwrap()), "48.03 %");
        assert_eq!(percent("-1".parse().unwrap()), "-100.00 %");
    }
}
