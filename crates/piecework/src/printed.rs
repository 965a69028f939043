//! A statement on the terminal: its lines, and each line down to works and facts.

use book::views::statement::work_name;
use jiff::Timestamp;
use money::Amount;
use pages::view;
use work::event::Authorship;

use crate::output::{money, table};

/// Facts that an adjustment names as its causes in the table's notes; `explain` names all.
const CAUSES_SHOWN: usize = 3;

/// A statement for people.
pub fn lines(statement: &view::Statement) -> Vec<String> {
    let (title, note) = match &statement.status {
        view::Status::Draft { blocked_by } => (
            "DRAFT of a billing statement, before tax".to_owned(),
            blocked_by.clone(),
        ),
        view::Status::Issued { number, .. } => {
            (format!("Billing statement {number}, before tax"), None)
        }
        view::Status::Void { number, reason } => (
            format!("VOID: billing statement {number}, before tax"),
            Some(reason.clone()),
        ),
    };
    let mut lines = vec![format!(
        "{title}: {}, {}, contract {}",
        statement.customer.name,
        statement.period.label(),
        statement.contract
    )];
    lines.extend(note);
    let mut titles = vec!["surface", "what", "for", ">quantity", ">of it", ">amount"];
    let mut rows = rows(statement);
    let of_it = 4;
    if rows.iter().all(|row| row[of_it].is_empty()) {
        titles.remove(of_it);
        rows.iter_mut().for_each(|row| drop(row.remove(of_it)));
    }
    lines.push(table(&titles, rows));
    if let Some(retained) = statement.retained {
        lines.push(format!(
            "held back so far, and in no total before it is released: {retained}"
        ));
    }
    if let Some(earlier) = &statement.earlier {
        lines.push(format!(
            "not stated yet: {}, which adds {} to what is issued now, {} in all; `{}` {}",
            earlier.period.label(),
            earlier.amount,
            earlier.together,
            earlier.command,
            match statement.status {
                view::Status::Draft {
                    blocked_by: Some(_),
                } => "shows it",
                _ => "states it first",
            }
        ));
    }
    lines.extend(notes(statement));
    lines
}

fn rows(statement: &view::Statement) -> Vec<Vec<String>> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    for surface in &statement.surfaces {
        for line in &surface.lines {
            rows.push(vec![
                surface.surface.word().to_owned(),
                line.description.clone(),
                line.service
                    .as_ref()
                    .map_or(String::new(), view::Period::label),
                quantity(line),
                String::new(),
                line.amount.number(),
            ]);
            if line.cells.len() > 1 {
                rows.extend(line.cells.iter().map(|cell| {
                    vec![
                        String::new(),
                        format!("  {}", cell.cell.part),
                        String::new(),
                        cell.quantity.map_or(String::new(), |q| q.to_string()),
                        cell.amount.number(),
                        String::new(),
                    ]
                }));
            }
        }
    }
    for adjustment in &statement.adjustments {
        let quantity = match (adjustment.old_quantity, adjustment.new_quantity) {
            (Some(old), Some(new)) => format!("{old} → {new}"),
            _ => String::new(),
        };
        rows.push(vec![
            "adjustment".to_owned(),
            format!("{}, {}", adjustment.description, adjustment.cell.part),
            adjustment.cell.period.label(),
            quantity,
            String::new(),
            adjustment.difference.number(),
        ]);
    }
    for effect in &statement.tier_effects {
        rows.push(vec![
            "tier effect".to_owned(),
            format!("{}: {}", effect.cell.part, effect.explanation),
            effect.cell.period.label(),
            String::new(),
            String::new(),
            effect.amount.number(),
        ]);
    }
    // The other side of the adjustments above: without it, the lines would not make the total.
    for absorbed in &statement.absorbed {
        rows.push(vec![
            "absorbed".to_owned(),
            format!("taken up by the {}", absorbed.by),
            String::new(),
            String::new(),
            String::new(),
            absorbed.amount.number(),
        ]);
    }
    rows.push(vec![
        "total".to_owned(),
        String::new(),
        String::new(),
        String::new(),
        String::new(),
        format!("{} {}", statement.total.number(), statement.currency),
    ]);
    let mut behind = |what: &str, of: &str, amount: Amount| {
        let (what, of) = (what.to_owned(), of.to_owned());
        let none = String::new;
        rows.push(vec![what, of, none(), none(), none(), amount.number()]);
    };
    for credit in &statement.credits {
        if !credit.drawn.is_zero() {
            behind("paid by credits", &credit.credit, credit.drawn.negated());
        }
        if !credit.restored.is_zero() {
            behind("restored to credits", &credit.credit, credit.restored);
        }
    }
    if !statement.credits.is_empty() {
        behind("payable", "", statement.payable);
    }
    rows
}

fn quantity(line: &view::Line) -> String {
    let Some(quantity) = line.quantity else {
        return String::new();
    };
    match line.noun.as_deref() {
        Some("works") if quantity.to_string() == "1" => "1 work".to_owned(),
        Some("seat-days") if quantity.to_string() == "1" => "1 seat-day".to_owned(),
        Some(noun) => format!("{quantity} {noun}"),
        None => quantity.to_string(),
    }
}

/// What stands under the table: why something was adjusted, waived or waits, and who decided.
fn notes(statement: &view::Statement) -> Vec<String> {
    let mut lines = Vec::new();
    for adjustment in &statement.adjustments {
        let works: Vec<&str> = adjustment
            .works
            .iter()
            .map(|name| work_name(name))
            .collect();
        let causes: Vec<String> = in_order(&adjustment.causes)
            .iter()
            .take(CAUSES_SHOWN)
            .map(|fact| format!("{} {}", fact.kind, minute(statement, fact.time)))
            .collect();
        if works.is_empty() && causes.is_empty() {
            continue; // nothing but a document or the calendar moved it, and the line says which
        }
        // A work's price and the risk on it are two cells, adjusted for one reason.
        let because = if causes.is_empty() {
            ""
        } else {
            ", because of "
        };
        let note = format!(
            "adjusted{}: {}{because}{}{}",
            adjustment
                .origin
                .as_ref()
                .map_or(String::new(), |number| format!(" since {number}")),
            works
                .iter()
                .take(CAUSES_SHOWN)
                .copied()
                .collect::<Vec<_>>()
                .join(", "),
            causes.join(", "),
            if adjustment.causes.len() > CAUSES_SHOWN || works.len() > CAUSES_SHOWN {
                format!(" and more; `{}` names all", adjustment.command)
            } else {
                String::new()
            }
        );
        if !lines.contains(&note) {
            lines.push(note);
        }
    }
    for own in &statement.awaited {
        lines.push(format!(
            "waits: {} of {} has no price before the {} of `{}` is published: `{}`",
            own.component,
            own.period.label(),
            own.document,
            own.subject,
            own.command
        ));
    }
    for waived in &statement.waived {
        lines.push(format!(
            "waived {} of {} {}: {}",
            waived.amount, waived.cell.component, waived.cell.part, waived.reason
        ));
    }
    let shares = statement.authorship.iter();
    let shares = shares.map(|own| (own.authorship, own.amount, own.by_signature));
    lines.extend(decided(shares, statement.agreed).map(|told| format!("decided by {told}")));
    let pending: Vec<String> = statement
        .reconciliation
        .works
        .pending
        .iter()
        .map(|reason| format!("{} {}", reason.count, reason.reason))
        .collect();
    if !pending.is_empty() {
        lines.push(format!(
            "works pending at the end of the period: {}",
            pending.join(", ")
        ));
    }
    lines
}

/// Whose facts decided a statement's money, and how much of the buyer's part it signed; nothing where
/// no fact decided anything.
pub fn decided(
    shares: impl Iterator<Item = (Authorship, Amount, Option<view::BySignature>)>,
    agreed: Option<Amount>,
) -> Option<String> {
    let told: Vec<String> = shares
        .map(|(authorship, amount, parts)| {
            let parts = parts.map_or(String::new(), |parts| format!(" ({})", by_signature(parts)));
            let word = authorship.word().replace('_', " ");
            format!("{word} {amount}{parts}")
        })
        .collect();
    let agreed = agreed.map_or(String::new(), |agreed| {
        format!("; agreed, not decided: {agreed}")
    });
    (!told.is_empty()).then(|| format!("facts of: {}{agreed}", told.join(", ")))
}

/// What the buyer's part of a statement's money rests on.
pub fn by_signature(parts: view::BySignature) -> String {
    let mut told = vec![
        format!("it signed {}", money(parts.signed)),
        format!(
            "{} is said in its name without a signature",
            money(parts.unsigned)
        ),
    ];
    if !parts.not_at_hand.is_zero() {
        told.push(format!(
            "of {} the entries are not at hand",
            money(parts.not_at_hand)
        ));
    }
    told.join(", ")
}

/// The lines of a statement down to works and facts, for people.
pub fn explained(statement: &view::Statement, list: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for line in statement.surfaces.iter().flat_map(|surface| &surface.lines) {
        let service = line.service.as_ref();
        let service = service.map_or(String::new(), |own| format!(", {}", own.label()));
        lines.push(format!("{}{service} = {}", line.description, line.amount));
        for cell in &line.cells {
            let quantity = cell.quantity.map_or(String::new(), |q| format!("{q} × "));
            lines.push(format!(
                "    {quantity}{}, price version {}: {}",
                cell.cell.part, cell.cell.version, cell.amount
            ));
        }
        for work in line.works.shown.iter().take(list) {
            lines.push(format!(
                "    {}  {} {} at {}: {}",
                work_name(&work.id),
                work.quantity,
                work.class,
                second(statement, work.settled),
                work.share
            ));
            lines.extend(facts(statement, &work.facts));
        }
        let shown = line.works.shown.len().min(list) as u64;
        if line.works.total > shown {
            lines.push(format!("    and {} more works", line.works.total - shown));
        }
        let listed: Vec<view::Fact> = line.entries.iter().take(list).cloned().collect();
        lines.extend(facts(statement, &listed));
        if line.entries_total > listed.len() as u64 {
            lines.push(format!(
                "    and {} more entries",
                line.entries_total - listed.len() as u64
            ));
        }
    }
    for adjustment in &statement.adjustments {
        lines.push(format!(
            "adjustment of {} {} for {}: {} → {} = {}{}",
            adjustment.cell.component,
            adjustment.cell.part,
            adjustment.cell.period.label(),
            adjustment.old_amount,
            adjustment.new_amount,
            adjustment.difference,
            adjustment
                .origin
                .as_ref()
                .map_or(String::new(), |number| format!(", stated in {number}"))
        ));
        lines.extend(
            adjustment
                .works
                .iter()
                .take(list)
                .map(|work| format!("    {}", work_name(work))),
        );
        let causes: Vec<view::Fact> = in_order(&adjustment.causes)
            .into_iter()
            .take(list)
            .cloned()
            .collect();
        lines.extend(facts(statement, &causes));
    }
    lines
}

/// Facts in the order in which they happened.
fn in_order(facts: &[view::Fact]) -> Vec<&view::Fact> {
    let mut facts: Vec<&view::Fact> = facts.iter().collect();
    facts.sort_by_key(|fact| (fact.time, fact.index));
    facts
}

fn facts(statement: &view::Statement, facts: &[view::Fact]) -> Vec<String> {
    fact_lines(facts, |at| second(statement, at))
}

/// Facts as lines: when, what, where each stands in the log, and who said so.
pub fn fact_lines(facts: &[view::Fact], at: impl Fn(Timestamp) -> String) -> Vec<String> {
    /// What is longer pushes its own line's rest to the right, and no other's.
    const WIDTH_MAX: usize = 48;
    let what: Vec<String> = facts
        .iter()
        .map(|fact| match fact.says.as_str() {
            "" => fact.kind.clone(),
            says => format!("{}: {}", fact.kind, short_digests(says)),
        })
        .collect();
    let widths = what.iter().map(|text| text.chars().count());
    let width = widths.filter(|own| *own <= WIDTH_MAX).max().unwrap_or(0);
    facts
        .iter()
        .zip(what)
        .map(|(fact, what)| {
            format!(
                "        {}  {what:<width$}  entry {}, said by {}: {} {}",
                at(fact.time),
                fact.index,
                fact.authorship.word().replace('_', " "),
                fact.source,
                fact.id
            )
        })
        .collect()
}

/// The first digits of what is a digest; JSON has them all.
fn short_digests(says: &str) -> String {
    const SHOWN: usize = 12;
    let is_digest = |word: &str| word.len() == 64 && word.bytes().all(|b| b.is_ascii_hexdigit());
    says.split(' ')
        .map(|word| {
            let bare = word.trim_end_matches(',');
            if is_digest(bare) {
                format!("{}…{}", &bare[..SHOWN], &word[bare.len()..])
            } else {
                word.to_owned()
            }
        })
        .collect::<Vec<_>>()
        .join(" ")
}

fn second(statement: &view::Statement, instant: Timestamp) -> String {
    local(statement, instant, "%Y-%m-%d %H:%M:%S")
}

fn minute(statement: &view::Statement, instant: Timestamp) -> String {
    local(statement, instant, "%Y-%m-%d %H:%M")
}

fn local(statement: &view::Statement, instant: Timestamp, form: &str) -> String {
    instant
        .to_zoned(statement.period.zone.clone())
        .strftime(form)
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::short_digests;

    #[test]
    fn a_digest_is_shown_by_its_first_digits_and_nothing_else_is() {
        let digest = "ab".repeat(32);
        assert_eq!(
            short_digests(&format!("transcript, digest {digest}, text/plain")),
            "transcript, digest abababababab…, text/plain"
        );
        assert_eq!(short_digests("question"), "question");
    }
}
