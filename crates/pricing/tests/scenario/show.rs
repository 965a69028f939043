//! Statements as a scenario's file shows them, and what differs from it.

use std::fmt::Write as _;

use jiff::tz::TimeZone;
use piecework_pricing::Statement;
use piecework_pricing::cell::{CREDIT, CellKey, Part, TOTALS};
use piecework_pricing::statement::{Line, LineKind};
use toml::Spanned;

use super::file::{Expected, File, Patch};
use super::play::{Drawn, Played, date};

/// The lines of a statement: component, part, quantity, amount, and words where there is something to
/// say.
pub fn lines(statement: &Statement, zone: &TimeZone) -> Vec<Vec<String>> {
    let rows = statement
        .lines
        .iter()
        .map(|line| row(statement, line, zone));
    rows.collect()
}

fn row(statement: &Statement, line: &Line, zone: &TimeZone) -> Vec<String> {
    let component = match line.cell.component.as_str() {
        TOTALS => "totals",
        CREDIT => "credit",
        other => other,
    };
    let part = match &line.cell.part {
        Part::Goodwill(..) => "goodwill".to_owned(),
        Part::Credited(_, _, cell) => match cell.parse::<CellKey>() {
            Ok(cell) => format!("credited:{}/{}", cell.component, cell.part),
            Err(_) => "credited".to_owned(),
        },
        part => part.to_string().trim_end_matches([':', '|']).to_owned(),
    };
    let mut words = Vec::new();
    match line.kind {
        LineKind::Charge | LineKind::Goodwill | LineKind::Credit => {}
        LineKind::Waived => {}
        other => words.push(other.word().to_owned()),
    }
    if let Some((reason, amount)) = &line.waived {
        words.push(format!("waived {reason} {}", amount.number()));
    }
    if line.cell.version != 1 {
        words.push(format!("v{}", line.cell.version));
    }
    if line.cell.period != statement.service.0
        && !matches!(line.kind, LineKind::Goodwill | LineKind::Credit)
    {
        words.push(format!("for {}", date(line.cell.period, zone)));
    }
    if let Some(note) = &line.note {
        words.push(format!("\"{note}\""));
    }
    vec![
        component.to_owned(),
        part,
        line.quantity.to_string(),
        line.amount.number().to_string(),
        words.join(" "),
    ]
}

/// The rows with their columns under each other.
fn aligned(rows: &[Vec<String>]) -> Vec<String> {
    let width = |column: usize| {
        let widths = rows.iter().map(|row| row[column].chars().count());
        widths.max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..4).map(width).collect();
    rows.iter()
        .map(|row| {
            let mut line = format!(
                "{:<a$}  {:<b$}  {:>c$}  {:>d$}",
                row[0],
                row[1],
                row[2],
                row[3],
                a = widths[0],
                b = widths[1],
                c = widths[2],
                d = widths[3]
            );
            if !row[4].is_empty() {
                write!(line, "  {}", row[4]).unwrap();
            }
            line
        })
        .collect()
}

/// The block of `lines = """ ... """`.
fn block(rows: &[Vec<String>]) -> String {
    if rows.is_empty() {
        return "\"\"".to_owned();
    }
    format!("\"\"\"\n{}\n\"\"\"", aligned(rows).join("\n"))
}

fn tidy(text: &str) -> Vec<String> {
    let lines = text.lines().map(|line| {
        let line = line.split(" #").next().unwrap_or_default();
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    });
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect()
}

/// What a file expects otherwise than it is, in words.
pub fn differences(file: &File, played: &Played) -> Vec<String> {
    let mut told = Vec::new();
    for (index, expected) in file.scenario.statement.iter().enumerate() {
        let cut = expected.cut.get_ref();
        let Some(drawn) = drawn(played, index) else {
            told.push(format!("the statement of {cut} is never issued: the timeline issues that cut less often than the file expects"));
            continue;
        };
        let rows = lines(&drawn.statement, &file.zone);
        let found: Vec<String> = rows
            .iter()
            .map(|row| tidy(&row.join(" ")).join(""))
            .collect();
        let wanted = tidy(expected.lines.as_ref().map_or("", |lines| lines.get_ref()));
        let total = drawn.statement.total.number().to_string();
        let wanted_total = expected.total.as_ref().map_or("", |total| total.get_ref());
        if found != wanted || total != wanted_total {
            told.push(format!(
                "the statement of {cut} is\n{}    total {total}\n  and the file says\n{}    total {wanted_total}",
                marked(&rows, &found, &wanted),
                wanted
                    .iter()
                    .map(|line| format!("  {} {line}\n", if found.contains(line) { ' ' } else { '-' }))
                    .collect::<String>(),
            ));
        }
        for beside in besides(expected, drawn, played, &file.zone) {
            let wanted = beside.told.as_ref().map(|told| told.get_ref().as_str());
            if wanted.unwrap_or(&beside.unsaid) != beside.found {
                told.push(format!(
                    "the statement of {cut} has {} `{}`, and the file says {}",
                    beside.name,
                    beside.found,
                    wanted.map_or("nothing of it".to_owned(), |wanted| format!("`{wanted}`")),
                ));
            }
        }
    }
    for drawn in played.drawn.iter().filter(|own| own.expected.is_none()) {
        let cut = date(drawn.statement.cut, &file.zone);
        told.push(format!(
            "a statement of {cut} is issued that the file does not expect: add a `[[statement]]` of that cut"
        ));
    }
    told
}

fn marked(rows: &[Vec<String>], found: &[String], wanted: &[String]) -> String {
    let rows = aligned(rows);
    let lines = rows.iter().zip(found);
    lines
        .map(|(row, line)| {
            let mark = if wanted.contains(line) { ' ' } else { '+' };
            format!("  {mark} {row}\n")
        })
        .collect()
}

fn drawn(played: &Played, index: usize) -> Option<&Drawn> {
    let mut drawn = played.drawn.iter();
    drawn.find(|own| own.expected == Some(index))
}

/// What a statement says beside its lines and its total.
struct Beside<'a> {
    name: &'static str,
    told: &'a Option<Spanned<String>>,
    found: String,
    /// What is meant where the file says nothing.
    unsaid: String,
}

fn besides<'a>(
    expected: &'a Expected,
    drawn: &Drawn,
    played: &Played,
    zone: &TimeZone,
) -> Vec<Beside<'a>> {
    let statement = &drawn.statement;
    let total = statement.total.number().to_string();
    let must = |name, told, found: String, unsaid: &str| Beside {
        name,
        told,
        found,
        unsaid: unsaid.to_owned(),
    };
    let may = |name, told, found: String| Beside {
        name,
        told,
        unsaid: found.clone(),
        found,
    };
    let payable = statement.payable.number().to_string();
    let retained = statement
        .retained
        .map_or(String::new(), |own| own.number().to_string());
    vec![
        must("credits", &expected.credits, credits(statement), ""),
        must("payable", &expected.payable, payable, &total),
        may("retained", &expected.retained, retained),
        may("pending", &expected.pending, pending(statement)),
        must("awaited", &expected.awaited, awaited(statement, zone), ""),
        may("open", &expected.open, open(played, drawn)),
    ]
}

/// What credits pay, and what goes back to them: `promo 60.00, bought -20.00`.
fn credits(statement: &Statement) -> String {
    let lines = statement.credits.iter();
    let shown = lines.flat_map(|line| {
        let drawn =
            (!line.drawn.is_zero()).then(|| format!("{} {}", line.lot, line.drawn.number()));
        let restored =
            (!line.restored.is_zero()).then(|| format!("{} -{}", line.lot, line.restored.number()));
        drawn.into_iter().chain(restored)
    });
    shown.collect::<Vec<_>>().join(", ")
}

fn pending(statement: &Statement) -> String {
    let waiting = statement.pending.iter();
    let waiting: Vec<String> = waiting
        .map(|(reason, count)| format!("{reason} {count}"))
        .collect();
    waiting.join(", ")
}

/// `sla measure availability for 2026-01-01`.
fn awaited(statement: &Statement, zone: &TimeZone) -> String {
    let waiting = statement.awaited.iter().map(|own| {
        let (document, subject) = (own.document.word(), &own.subject);
        let from = date(own.period.0, zone);
        format!("{} {document} {subject} for {from}", own.component)
    });
    waiting.collect::<Vec<_>>().join(", ")
}

fn open(played: &Played, drawn: &Drawn) -> String {
    let account =
        piecework_pricing::Account::fold(super::file::CUSTOMER, played.contents.clone(), None);
    let number = drawn.number.as_deref().unwrap_or_default();
    let ledger = piecework_pricing::receivable::Ledger::of(&account, jiff::Timestamp::MAX).unwrap();
    let zero = money::Amount::zero(drawn.statement.currency);
    let balance = account
        .statement(number)
        .map(|_| ledger.statement(number).map_or(zero, |own| own.open));
    balance.map_or("nothing".to_owned(), |balance| balance.number().to_string())
}

/// What is on account when the story is over, in one currency.
pub fn on_account(played: &Played) -> String {
    let account =
        piecework_pricing::Account::fold(super::file::CUSTOMER, played.contents.clone(), None);
    let ledger = piecework_pricing::receivable::Ledger::of(&account, jiff::Timestamp::MAX).unwrap();
    let Some(first) = played.drawn.first() else {
        return String::new();
    };
    let sum = ledger.on_account(first.statement.currency).unwrap();
    sum.number().to_string()
}

/// The changes that make the file expect what is.
pub fn patches(file: &File, played: &Played) -> Vec<Patch> {
    let mut patches = Vec::new();
    for (index, expected) in file.scenario.statement.iter().enumerate() {
        let Some(drawn) = drawn(played, index) else {
            continue;
        };
        let rows = lines(&drawn.statement, &file.zone);
        let total = drawn.statement.total.number().to_string();
        let mut missing = String::new();
        let found: Vec<String> = rows
            .iter()
            .map(|row| tidy(&row.join(" ")).join(""))
            .collect();
        match &expected.lines {
            Some(lines) if tidy(lines.get_ref()) == found => {}
            Some(lines) => patches.push(Patch {
                place: lines.span(),
                text: block(&rows),
            }),
            None => write!(missing, "\nlines = {}", block(&rows)).unwrap(),
        }
        match &expected.total {
            Some(own) if *own.get_ref() == total => {}
            Some(own) => patches.push(Patch {
                place: own.span(),
                text: format!("\"{total}\""),
            }),
            None => write!(missing, "\ntotal = \"{total}\"").unwrap(),
        }
        for beside in besides(expected, drawn, played, &file.zone) {
            let (name, found) = (beside.name, &beside.found);
            match beside.told {
                Some(own) => patches.push(Patch {
                    place: own.span(),
                    text: format!("\"{found}\""),
                }),
                None if *found == beside.unsaid => {}
                None => write!(missing, "\n{name} = \"{found}\"").unwrap(),
            }
        }
        if !missing.is_empty() {
            patches.push(Patch {
                place: end_of_head(file, expected),
                text: missing,
            });
        }
    }
    let mut further = String::new();
    for drawn in played.drawn.iter().filter(|own| own.expected.is_none()) {
        let rows = lines(&drawn.statement, &file.zone);
        let cut = date(drawn.statement.cut, &file.zone);
        let total = drawn.statement.total.number();
        write!(
            further,
            "\n[[statement]]\ncut = \"{cut}\"\nlines = {}\ntotal = \"{total}\"\n",
            block(&rows)
        )
        .unwrap();
    }
    if !further.is_empty() {
        let end = file.text.len();
        patches.push(Patch {
            place: end..end,
            text: further,
        });
    }
    patches
}

/// Behind the last key of a statement that says which one it is.
fn end_of_head(file: &File, expected: &Expected) -> std::ops::Range<usize> {
    let keys = [
        &expected.lines,
        &expected.total,
        &expected.credits,
        &expected.payable,
        &expected.retained,
        &expected.pending,
        &expected.awaited,
        &expected.open,
    ];
    let ends = keys
        .iter()
        .filter_map(|key| key.as_ref().map(|key| key.span().end));
    let mut end = ends.fold(expected.cut.span().end, usize::max);
    let rest = &file.text[end..];
    end += rest.find('\n').unwrap_or(rest.len());
    // Keys without a place of their own follow the cut.
    for key in ["preview", "contract"] {
        let next = file.text[end..].trim_start_matches('\n');
        if next.starts_with(key) {
            end = file.text.len() - next.len();
            end += next.find('\n').unwrap_or(next.len());
        }
    }
    end..end
}
