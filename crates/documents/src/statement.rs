//! A statement as a sheet: who, whom, how much, by when, why; then every line; then what it rests on.

use std::collections::{BTreeMap, BTreeSet};

use money::{Amount, Currency, Decimal};
use pages::format::{author, percent};
use pages::view::{
    Adjustment, Basis, Before, Line, Party, Statement, StatementPaper, Stationery, Status, Surface,
};

use crate::limits::{DISPUTED_NAMED_MAX, TABLE_ROWS_MAX};
use crate::sheet::{Headline, RowKind, Section, Sheet, Side, Table};
use crate::spelled::{amount, change, counted, day, money, period, quantity, span, text, zone};

/// The sheet of a statement.
#[must_use]
pub fn statement(paper: &StatementPaper) -> Sheet {
    let own = &paper.statement;
    let (number, mark, notice) = match &own.status {
        Status::Draft { blocked_by } => ("draft".to_owned(), Some("DRAFT"), blocked_by.clone()),
        Status::Issued { number, .. } => (number.clone(), None, None),
        Status::Void { number, reason } => (
            number.clone(),
            Some("VOID"),
            Some(format!(
                "This statement is void, and nothing is to be paid on it: {reason}"
            )),
        ),
    };
    let number = text(&number);
    Sheet {
        title: "Billing statement".to_owned(),
        under_title: format!("before tax \u{b7} {}", period(&own.period)),
        mark: mark.map(str::to_owned),
        notice: notice.map(|notice| text(&notice)),
        size: paper.stationery.size,
        logo: paper.stationery.logo.clone(),
        date: issued(paper),
        seller: side("From", &own.vendor),
        buyer: side("To", &own.customer),
        facts: facts(paper, &number),
        headline: headline(paper),
        summary: summary(own),
        asides: asides(paper),
        details: details(paper, &number),
        proof: proof(own, &paper.basis, &number),
        number,
    }
}

/// One side of a contract.
pub(crate) fn side(role: &str, party: &Party) -> Side {
    Side {
        role: role.to_owned(),
        name: text(&party.name),
        lines: party.details.iter().map(|line| text(line)).collect(),
    }
}

/// The day that it bears: of issue; of a draft, the last of its period.
fn issued(paper: &StatementPaper) -> jiff::civil::Date {
    day(paper.issued, &paper.statement.period)
}

fn facts(paper: &StatementPaper, number: &str) -> Vec<(String, String)> {
    let own = &paper.statement;
    let mut facts = vec![
        ("Number".to_owned(), number.to_owned()),
        ("Issued".to_owned(), issued(paper).to_string()),
        ("Period".to_owned(), period(&own.period)),
        ("Days in".to_owned(), zone(&own.period)),
        ("Contract".to_owned(), text(&own.contract)),
        ("Customer".to_owned(), text(&own.customer.id)),
    ];
    if let Some(due) = paper.due.filter(|_| paper.covered_through.is_none()) {
        facts.insert(2, ("Due".to_owned(), due.to_string()));
    }
    if let Some(order) = &paper.po_number {
        facts.push(("Order".to_owned(), text(order)));
    }
    facts
}

fn headline(paper: &StatementPaper) -> Headline {
    let own = &paper.statement;
    let payable = own.payable;
    let (label, note) = if matches!(own.status, Status::Void { .. }) {
        ("Void", "nothing is to be paid on this number".to_owned())
    } else if let Some(through) = paper.covered_through {
        (
            "Under a cover, before tax",
            format!("paid with the cover through {through}, not by this number"),
        )
    } else if payable.is_zero() {
        ("Nothing to pay", "kept for your records".to_owned())
    } else if payable.is_negative() {
        (
            "In your favour, before tax",
            "it lowers what is open, or stays on your account".to_owned(),
        )
    } else {
        let by = paper
            .due
            .map_or("on receipt or as agreed".to_owned(), |due| {
                format!("by {due}")
            });
        ("To pay, before tax", by)
    };
    Headline {
        label: label.to_owned(),
        amount: money(payable),
        note,
    }
}

/// How the amount to pay comes about: by surface, what changed of earlier ones, what credits pay.
fn summary(own: &Statement) -> Table {
    let mut table = Table::of(&["", "", &format!(">{}", own.currency)]);
    let mut add = |kind: RowKind, what: &str, of: String, sum: Amount| {
        table.row(kind, [what.to_owned(), of, amount(sum)]);
    };
    for group in &own.surfaces {
        let names = group.lines.iter().filter_map(|line| named(&line.component));
        let names = unique(names);
        add(RowKind::Plain, group.surface.name(), names, group.subtotal);
    }
    let sums: [(&str, Vec<Amount>, &str); 3] = [
        (
            "Adjustments",
            own.adjustments.iter().map(|own| own.difference).collect(),
            "of earlier statements",
        ),
        (
            "Tier effects",
            own.tier_effects.iter().map(|own| own.amount).collect(),
            "of these adjustments, at works that did not move",
        ),
        (
            "Absorbed",
            own.absorbed.iter().map(|own| own.amount).collect(),
            "of these adjustments, by a minimum or cap",
        ),
    ];
    for (what, parts, of) in sums {
        if !parts.is_empty() {
            let sum = sum(own.currency, parts);
            add(RowKind::Plain, what, of.to_owned(), sum);
        }
    }
    if own.surfaces.is_empty() && own.adjustments.is_empty() {
        let zero = Amount::zero(own.currency);
        add(
            RowKind::Plain,
            "Nothing is charged in this period",
            String::new(),
            zero,
        );
    }
    add(
        RowKind::Total,
        "Total, before tax",
        String::new(),
        own.total,
    );
    for credit in &own.credits {
        let name = text(&credit.credit);
        if !credit.drawn.is_zero() {
            let drawn = credit.drawn.negated();
            add(
                RowKind::Plain,
                "Paid by prepaid credits",
                name.clone(),
                drawn,
            );
        }
        if !credit.restored.is_zero() {
            add(
                RowKind::Plain,
                "Restored to prepaid credits",
                name,
                credit.restored,
            );
        }
    }
    if !own.credits.is_empty() {
        add(
            RowKind::Total,
            "To pay, before tax",
            String::new(),
            own.payable,
        );
    }
    table
}

/// The rest of the first page.
fn asides(paper: &StatementPaper) -> Vec<Section> {
    let mut asides = Vec::new();
    if let Some(before) = &paper.before {
        asides.push(changed(&paper.statement, before));
    }
    let waits = waits(paper);
    if !waits.text.is_empty() {
        asides.push(waits);
    }
    asides.push(how_to_pay(paper));
    asides
}

/// What changed since the statement before.
fn changed(own: &Statement, before: &Before) -> Section {
    let mut table = Table::of(&["", ">Before", ">Now", ">Change"]);
    let mut surfaces: BTreeMap<Surface, (Amount, Amount)> = BTreeMap::new();
    let zero = Amount::zero(own.currency);
    for (surface, sum) in &before.surfaces {
        surfaces.entry(*surface).or_insert((zero, zero)).0 = *sum;
    }
    for group in &own.surfaces {
        surfaces.entry(group.surface).or_insert((zero, zero)).1 = group.subtotal;
    }
    let mut add = |kind: RowKind, what: &str, (then, now): (Amount, Amount)| {
        let moved = now.minus(then).map_or(String::new(), change);
        table.row(kind, [what.to_owned(), amount(then), amount(now), moved]);
    };
    for (surface, sums) in surfaces {
        add(RowKind::Plain, surface.name(), sums);
    }
    let corrections = corrections(own);
    if !(corrections.is_zero() && before.corrections.is_zero()) {
        let sums = (before.corrections, corrections);
        add(RowKind::Plain, "Corrections of earlier statements", sums);
    }
    add(
        RowKind::Total,
        "Total, before tax",
        (before.total, own.total),
    );
    Section {
        title: format!("What changed since {}", text(&before.number)),
        text: vec![format!(
            "{} was of {}; amounts in {}.",
            text(&before.number),
            period(&before.period),
            own.currency
        )],
        table: Some(table),
        ..Section::default()
    }
}

/// What is not charged here and may be later, or was charged and may be given back.
fn waits(paper: &StatementPaper) -> Section {
    let mut lines = Vec::new();
    if let Some(retained) = paper.statement.retained {
        lines.push(format!(
            "Held back: {} of what was charged so far is not to be paid before it is released.",
            money(retained)
        ));
    }
    if paper.disputed_total > 0 {
        let named = paper.disputed.iter().take(DISPUTED_NAMED_MAX);
        let names: Vec<String> = named.map(|name| text(name)).collect();
        let rest = paper.disputed_total.saturating_sub(names.len() as u64);
        let rest = match rest {
            0 => String::new(),
            rest => format!(" and {}", counted(rest, "other", "others")),
        };
        lines.push(format!(
            "In dispute: {} ({}{rest}). What is decided for you is given back on a later statement.",
            counted(paper.disputed_total, "work", "works"),
            names.join(", ")
        ));
    }
    if paper.waiting > 0 {
        lines.push(format!(
            "Not decided yet: {}; charged on a later statement, or never.",
            counted(paper.waiting, "work", "works")
        ));
    }
    if !paper.statement.waived.is_empty() {
        let parts = paper.statement.waived.iter().map(|own| own.amount);
        let sum = sum(paper.statement.currency, parts.collect());
        lines.push(format!("Waived: {} is owed and not charged.", money(sum)));
    }
    for own in &paper.statement.awaited {
        lines.push(format!(
            "No price yet: {} for {}, before the {} of {} is published.",
            text(&own.component),
            period(&own.period),
            own.document,
            text(&own.subject)
        ));
    }
    if let Some(earlier) = &paper.statement.earlier {
        lines.push(format!(
            "Not stated yet: {} for {}.",
            money(earlier.amount),
            period(&earlier.period)
        ));
    }
    Section {
        title: "What waits".to_owned(),
        text: lines,
        ..Section::default()
    }
}

fn how_to_pay(paper: &StatementPaper) -> Section {
    let own = &paper.statement;
    let number = match &own.status {
        Status::Issued { number, .. } | Status::Void { number, .. } => text(number),
        Status::Draft { .. } => "the number of the statement once it is issued".to_owned(),
    };
    // When, and on whose order, is said above already.
    let facts = match paper.covered_through {
        None => pay_to(&paper.stationery, number),
        Some(through) => vec![(
            "Paid with".to_owned(),
            format!("the cover through {through}"),
        )],
    };
    let table = (!paper.cost_centres.is_empty()).then(|| {
        let mut table = Table::of(&["Cost centre", &format!(">{}", own.currency)]);
        for (name, share) in &paper.cost_centres {
            table.row(RowKind::Plain, [text(name), amount(*share)]);
        }
        table.row(RowKind::Total, ["Total".to_owned(), amount(own.total)]);
        table
    });
    let over = paper.over_order.map(|over| {
        format!(
            "With this statement the contract comes to {} more than the order allows.",
            money(over)
        )
    });
    Section {
        title: "How to pay".to_owned(),
        text: over.into_iter().collect(),
        facts,
        table,
    }
}

/// Where to pay to, and what to name.
pub(crate) fn pay_to(stationery: &Stationery, number: String) -> Vec<(String, String)> {
    let mut facts = vec![("Reference".to_owned(), number)];
    for (index, line) in stationery.pay.iter().enumerate() {
        let name = if index == 0 { "Pay to" } else { "" };
        facts.push((name.to_owned(), text(line)));
    }
    facts
}

/// Every line, and what changed of earlier ones.
fn details(paper: &StatementPaper, number: &str) -> Vec<Section> {
    let own = &paper.statement;
    let rest = format!(
        "`piecework export lines --customer {}` has all",
        own.customer.id
    );
    let mut sections = vec![lines(own)];
    sections.extend(adjustments(own));
    sections.extend(credit_notes(paper));
    sections.extend(not_charged(own));
    sections.push(documents(own));
    for section in &mut sections {
        if let Some(table) = &mut section.table {
            table.cut(TABLE_ROWS_MAX, &rest);
        }
    }
    sections.retain(|section| {
        let table = section.table.as_ref();
        table.is_some_and(|table| !table.rows.is_empty()) || !section.text.is_empty()
    });
    if let Some(first) = sections.first_mut() {
        first.title = format!("Lines of {number}");
    }
    sections
}

fn lines(own: &Statement) -> Section {
    let mut table = Table::of(&[
        "What",
        "|Service",
        ">Quantity",
        "",
        &format!(">{}", own.currency),
    ]);
    for group in &own.surfaces {
        table.row(RowKind::Group, [group.surface.name().to_owned()]);
        for line in &group.lines {
            row(&mut table, line, own);
        }
        let none = String::new;
        let name = format!("{}, subtotal", group.surface.name());
        let sum = amount(group.subtotal);
        table.row(RowKind::Subtotal, [name, none(), none(), none(), sum]);
    }
    Section {
        title: "Lines".to_owned(),
        text: if own.surfaces.is_empty() {
            vec!["Nothing is charged in this period.".to_owned()]
        } else {
            Vec::new()
        },
        table: Some(table),
        ..Section::default()
    }
}

fn row(table: &mut Table, line: &Line, own: &Statement) {
    let service = line.service.as_ref().unwrap_or(&own.period);
    table.row(
        RowKind::Plain,
        [
            text(&line.description),
            span(service.from, service.until, &own.period),
            line.quantity.map_or(String::new(), quantity),
            line.noun
                .as_deref()
                .map_or(String::new(), |noun| noun_of(line.quantity, noun)),
            amount(line.amount),
        ],
    );
    let mut note: Vec<String> = named(&line.component).into_iter().collect();
    let categories: BTreeSet<&str> = (line.cells.iter())
        .filter_map(|own| own.cell.tax_category.as_deref())
        .collect();
    note.extend((categories.into_iter()).map(|own| format!("tax category {}", text(own))));
    if line.works.total > 0 {
        note.push(counted(line.works.total, "work", "works"));
    }
    if line.entries_total > 0 {
        note.push(counted(line.entries_total, "entry", "entries"));
    }
    table.note(note.join(" \u{b7} "));
    if line.cells.len() < 2 {
        return;
    }
    for cell in &line.cells {
        let mut what = text(&cell.cell.part);
        if cell.cell.version > 1 {
            what.push_str(&format!(", terms {}", cell.cell.version));
        }
        table.row(
            RowKind::Part,
            [
                what,
                String::new(),
                cell.quantity.map_or(String::new(), quantity),
                String::new(),
                amount(cell.amount),
            ],
        );
    }
}

/// What changed of earlier statements, by the statement that stated it.
fn adjustments(own: &Statement) -> Option<Section> {
    let effects = own.tier_effects.len() + own.absorbed.len();
    if own.adjustments.is_empty() && effects == 0 {
        return None;
    }
    let currency = own.currency;
    let mut table = Table::of(&[
        "What",
        "|Period",
        ">Stated",
        ">Owed",
        &format!(">{currency}"),
    ]);
    let mut by_origin: BTreeMap<Option<&str>, Vec<&Adjustment>> = BTreeMap::new();
    for one in &own.adjustments {
        by_origin
            .entry(one.origin.as_deref())
            .or_default()
            .push(one);
    }
    let none = String::new;
    for (origin, rows) in by_origin {
        let name = origin.map_or("Not stated before".to_owned(), |number| {
            format!("Stated on {}", text(number))
        });
        table.row(RowKind::Group, [name.clone()]);
        let parts: Vec<Amount> = rows.iter().map(|own| own.difference).collect();
        for one in rows {
            adjusted(&mut table, one, own);
        }
        let total = change(sum(currency, parts));
        let name = format!("{name}, subtotal");
        table.row(RowKind::Subtotal, [name, none(), none(), none(), total]);
    }
    if effects > 0 {
        table.row(
            RowKind::Group,
            ["What these changes move elsewhere".to_owned()],
        );
    }
    for effect in &own.tier_effects {
        let what = text(&format!("{}, {}", effect.cell.component, effect.cell.part));
        let when = period(&effect.cell.period);
        table.row(
            RowKind::Plain,
            [what, when, none(), none(), change(effect.amount)],
        );
        table.note(text(&effect.explanation));
    }
    for effect in &own.absorbed {
        let what = format!("Taken up by the {}", text(&effect.by));
        table.row(
            RowKind::Plain,
            [what, none(), none(), none(), change(effect.amount)],
        );
        table.note(text(&effect.explanation));
    }
    let total = change(corrections(own));
    let name = "Corrections, in all".to_owned();
    table.row(RowKind::Total, [name, none(), none(), none(), total]);
    Some(Section {
        title: "Corrections of earlier statements".to_owned(),
        table: Some(table),
        ..Section::default()
    })
}

fn adjusted(table: &mut Table, one: &Adjustment, own: &Statement) {
    let mut what = text(&one.description);
    if !one.cell.part.is_empty() {
        what = format!("{what}, {}", text(&one.cell.part));
    }
    let service = span(one.cell.period.from, one.cell.period.until, &own.period);
    let (old, new) = (amount(one.old_amount), amount(one.new_amount));
    table.row(
        RowKind::Plain,
        [what, service, old, new, change(one.difference)],
    );
    let mut note = Vec::new();
    if let (Some(old), Some(new)) = (one.old_quantity, one.new_quantity)
        && old != new
    {
        note.push(format!(
            "quantity {} \u{2192} {}",
            quantity(old),
            quantity(new)
        ));
    }
    let works: Vec<String> = one.works.iter().take(3).map(|own| text(own)).collect();
    if !works.is_empty() {
        let rest = one.works.len() - works.len();
        let rest = match rest {
            0 => String::new(),
            rest => format!(" and {rest} more"),
        };
        note.push(format!("works {}{rest}", works.join(", ")));
    }
    if !one.causes.is_empty() {
        let causes = counted(one.causes.len() as u64, "entry", "entries");
        note.push(format!("caused by {causes}"));
    }
    table.note(note.join("; "));
}

fn credit_notes(paper: &StatementPaper) -> Option<Section> {
    if paper.credit_notes.is_empty() {
        return None;
    }
    let currency = paper.statement.currency;
    let mut table = Table::of(&["Credit note", "Against", &format!(">{currency}")]);
    for note in &paper.credit_notes {
        let cells = [text(&note.number), text(&note.origin), amount(note.amount)];
        table.row(RowKind::Plain, cells);
        if !note.on_account.is_zero() {
            let rest = money(note.on_account);
            table.note(format!(
                "and {rest} more than was left of it: on your account"
            ));
        }
    }
    Some(Section {
        title: "Credit notes stated here".to_owned(),
        text: vec![
            "What this statement takes back of earlier ones is credited to them by these notes."
                .to_owned(),
        ],
        table: Some(table),
        ..Section::default()
    })
}

fn not_charged(own: &Statement) -> Option<Section> {
    if own.waived.is_empty() {
        return None;
    }
    let mut table = Table::of(&["What", "|Period", &format!(">{}", own.currency)]);
    for waived in &own.waived {
        let what = text(&format!("{}, {}", waived.cell.component, waived.cell.part));
        let service = span(
            waived.cell.period.from,
            waived.cell.period.until,
            &own.period,
        );
        table.row(RowKind::Plain, [what, service, amount(waived.amount)]);
        table.note(text(&waived.reason));
    }
    Some(Section {
        title: "Waived: owed, not charged".to_owned(),
        table: Some(table),
        ..Section::default()
    })
}

fn documents(own: &Statement) -> Section {
    let documents = own.documents.iter();
    Section {
        title: "Documents in force".to_owned(),
        text: vec!["What was agreed, each by the SHA-256 of its text.".to_owned()],
        facts: documents
            .map(|own| (text(&own.name), text(&own.digest)))
            .collect(),
        ..Section::default()
    }
}

/// What it rests on, and how whoever holds it checks it.
fn proof(own: &Statement, basis: &Basis, number: &str) -> Section {
    let mut facts = basis_facts(basis);
    for row in &own.authorship {
        let name = format!("Decided by {}", author(row.authorship));
        let share = percent(row.share);
        let works = format!(
            "{} {}",
            quantity(row.works),
            noun_of(Some(row.works), "works")
        );
        let mut told = format!("{} ({share}), {works}", money(row.amount));
        if let Some(parts) = &row.by_signature {
            told.push_str(&format!(
                "; {} of it by facts that the buyer signed",
                money(parts.signed)
            ));
        }
        facts.push((name, told));
    }
    if let Some(agreed) = own.agreed {
        facts.push((
            "Agreed".to_owned(),
            format!("{}, decided by no fact", money(agreed)),
        ));
    }
    Section {
        title: "Proof".to_owned(),
        text: vec![format!(
            "This paper shows the statement; the proof file of {number} proves it. `piecework verify` \
             recomputes every amount from that file without a network, and so does any other verifier \
             written from the public rules. Check that it names the digest, the size and the root below."
        )],
        facts,
        table: None,
    }
}

/// Log, root and digest.
pub(crate) fn basis_facts(basis: &Basis) -> Vec<(String, String)> {
    let fact = |name: &str, told: String| (name.to_owned(), told);
    vec![
        fact("Log", text(&basis.origin)),
        fact(
            "Made of",
            format!(
                "the first {} of it; {} with this statement",
                counted(basis.coverage, "entry", "entries"),
                pages::format::grouped(&basis.size.to_string())
            ),
        ),
        fact("Root at that size", text(&basis.root)),
        fact(
            "Digest of the statement",
            format!("sha256:{}", text(&basis.digest)),
        ),
    ]
}

/// What a statement changes of earlier ones.
fn corrections(own: &Statement) -> Amount {
    let adjusted = own.adjustments.iter().map(|own| own.difference);
    let moved = own.tier_effects.iter().map(|own| own.amount);
    let absorbed = own.absorbed.iter().map(|own| own.amount);
    sum(
        own.currency,
        adjusted.chain(moved).chain(absorbed).collect(),
    )
}

/// Parts of a statement's total, which did fit.
fn sum(currency: Currency, parts: Vec<Amount>) -> Amount {
    Amount::sum(currency, parts).unwrap_or(Amount::zero(currency))
}

/// A component by its id; none where the plan did not name it but the rules.
fn named(component: &str) -> Option<String> {
    (!component.starts_with('_')).then(|| text(component))
}

/// A noun in the number that fits its quantity.
fn noun_of(quantity: Option<Decimal>, noun: &str) -> String {
    match noun {
        "works" if quantity == Some(Decimal::from_int(1)) => "work".to_owned(),
        "seat-days" if quantity == Some(Decimal::from_int(1)) => "seat-day".to_owned(),
        noun => text(noun),
    }
}

fn unique(names: impl Iterator<Item = String>) -> String {
    let mut known: Vec<String> = Vec::new();
    for name in names {
        if !known.contains(&name) {
            known.push(name);
        }
    }
    text(&known.join(", "))
}
