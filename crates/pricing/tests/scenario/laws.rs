//! What holds of every scenario, whatever it shows.

use std::collections::BTreeMap;

use jiff::Timestamp;
use money::{Amount, Quantity};
use piecework_pricing::account::{Account, Held};
use piecework_pricing::bridge::{Cause, Side, bridge};
use piecework_pricing::cell::{self, owed};
use piecework_pricing::contract::Late;
use piecework_pricing::credit::Lots;
use piecework_pricing::receivable::Ledger;
use piecework_pricing::statement::{Statement, draw_up, stated};
use work::body::{Body, Control};
use work::effective::Content;
use work::event::{Authorship, PIECEWORK};
use work::{Event, Headers};

use super::file::CUSTOMER;
use super::play::{Drawn, Played};
use crate::kept::{Kept, shown};

/// The laws that a scenario breaks, in words.
pub fn broken(played: &Played) -> Vec<String> {
    let mut broken = Vec::new();
    let mut contracts: Vec<&str> = played
        .drawn
        .iter()
        .map(|own| own.statement.contract.as_str())
        .collect();
    contracts.sort_unstable();
    contracts.dedup();
    for drawn in &played.drawn {
        broken.extend(lines_sum_to_total(&drawn.statement));
        broken.extend(credits_and_payable_are_the_total(&drawn.statement));
    }
    broken.extend(bridges_sum(played));
    broken.extend(credits_close(played));
    broken.extend(money_closes(played));
    broken.extend(super::covers::broken(played));
    for contract in contracts {
        let laws = [
            statements_sum_to_rating_at_once(played, contract),
            order_decides_nothing(played, contract),
            void_and_issue_again_states_nothing_new(played, contract),
            running_totals_are_rating(played, contract),
        ];
        broken.extend(laws.into_iter().flatten());
    }
    broken
}

fn lines_sum_to_total(statement: &Statement) -> Option<String> {
    let lines = statement.lines.iter().map(|line| line.amount);
    let sum = Amount::sum(statement.currency, lines).unwrap();
    (sum != statement.total).then(|| {
        let (cut, total) = (statement.cut, statement.total);
        format!("the lines of {cut} sum to {sum}, and its total is {total}")
    })
}

fn credits_and_payable_are_the_total(statement: &Statement) -> Option<String> {
    let credits = statement.credits.iter();
    let paid = credits.map(|line| line.drawn.minus(line.restored).unwrap());
    let paid = Amount::sum(statement.currency, paid).unwrap();
    let sum = paid.plus(statement.payable).unwrap();
    (sum != statement.total).then(|| {
        let (cut, total, payable) = (statement.cut, statement.total, statement.payable);
        format!("credits pay {paid} of {cut} and {payable} is payable, but the total is {total}")
    })
}

/// The parts of a bridge from any statement of a contract to any other, and from nothing, sum to the change.
fn bridges_sum(played: &Played) -> Option<String> {
    let account = Account::fold(CUSTOMER, played.contents.clone(), None);
    let is_known = |own: &&Drawn| account.contract(&own.statement.contract).is_some();
    let known: Vec<&Drawn> = played.drawn.iter().filter(is_known).collect();
    for now in &known {
        let of_contract = known
            .iter()
            .filter(|own| own.statement.contract == now.statement.contract);
        let agreement = &account.contract(&now.statement.contract)?.agreement;
        for before in of_contract.map(Some).chain([None]) {
            let of = |statement| Side {
                statement,
                agreement,
            };
            let found = bridge(before.map(|own| of(&own.statement)), of(&now.statement)).unwrap();
            let parts = Cause::ALL.map(|cause| found.part(cause).unwrap());
            let sum = Amount::sum(now.statement.currency, parts).unwrap();
            let change = found.after.minus(found.before).unwrap();
            if sum != change || found.after != now.statement.total {
                let (from, to) = (before.map(|own| own.statement.cut), now.statement.cut);
                return Some(format!(
                    "the bridge from {from:?} to {to} sums to {sum}, not {change}"
                ));
            }
        }
    }
    None
}

/// Nothing left of a grant is below zero, and granted + restored = drawn + left.
fn credits_close(played: &Played) -> Option<String> {
    let account = Account::fold(CUSTOMER, played.contents.clone(), None);
    let lots = Lots::of(&account, None).unwrap();
    let wrong = lots.lots.iter().find(|lot| {
        let given = lot.granted.plus(lot.restored).unwrap();
        lot.left.is_negative() || given != lot.drawn.plus(lot.left).unwrap()
    });
    wrong.map(|lot| {
        let (granted, restored, drawn, left) = (lot.granted, lot.restored, lot.drawn, lot.left);
        format!(
            "{}: {granted} granted, {restored} restored, {drawn} drawn, {left} left",
            lot.name
        )
    })
}

/// Every sum of money is somewhere, and nothing is below zero (semantics.md D7).
fn money_closes(played: &Played) -> Option<String> {
    let account = Account::fold(CUSTOMER, played.contents.clone(), None);
    let ledger = Ledger::of(&account, Timestamp::MAX).unwrap();
    let statements = ledger.statements.iter().map(|own| {
        let parts = [own.paid, own.credited, own.written_off, own.open];
        (own.number.clone(), own.due, parts)
    });
    let sources = ledger.sources.iter().map(|own| {
        let parts = [own.allocated, own.refunded, own.written_off, own.on_account];
        (format!("{:?}", own.name), own.amount, parts)
    });
    let closes = |whole: Amount, parts: &[Amount; 4]| {
        let sum = Amount::sum(whole.currency(), parts.iter().copied());
        sum.unwrap() == whole && !parts.iter().any(|part| part.is_negative())
    };
    let mut all = statements.chain(sources);
    let wrong = all.find(|(_, whole, parts)| !closes(*whole, parts));
    wrong.map(|(name, whole, parts)| format!("{name}: {whole} is not the sum of {parts:?}"))
}

/// Quantity, charge and waivers of a cell.
type Money = (Quantity, Amount, BTreeMap<String, Amount>);

fn is_nothing((quantity, amount, waived): &Money) -> bool {
    quantity.is_zero() && amount.is_zero() && waived.values().all(|own| own.is_zero())
}

/// Σ statements, and what one more statement would state, is what everything comes to when it is
/// rated at once, as if nothing had been stated.
fn statements_sum_to_rating_at_once(played: &Played, contract: &str) -> Option<String> {
    let account = Account::fold(CUSTOMER, played.contents.clone(), None);
    let held = account.contract(contract)?;
    let cut = last_cut(played, contract)?;
    let more = draw(&played.contents, contract, cut);
    let mut sums: BTreeMap<String, Money> = BTreeMap::new();
    for (key, own) in stated(held).unwrap() {
        let waived = own.waived.into_iter().collect();
        sums.insert(key.to_string(), (own.quantity, own.charged, waived));
    }
    // What credits paid is no part of what was charged (D9).
    for cell in more.cells.iter().filter(|cell| cell.credit.is_none()) {
        let zero = Amount::zero(cell.amount.currency());
        let sum = sums
            .entry(cell.cell.clone())
            .or_insert_with(|| (Quantity::ZERO, zero, BTreeMap::new()));
        sum.0 = sum.0.plus(cell.quantity).unwrap();
        let amount = match &cell.waived {
            None => &mut sum.1,
            Some(reason) => sum.2.entry(reason.clone()).or_insert(zero),
        };
        *amount = amount.plus(cell.amount).unwrap();
    }
    // What is late depends on what was stated, and so does what a decision credits: they are looked at with the
    // statements.
    let facts = if waives_late(held) || !held.decisions.is_empty() {
        played.contents.clone()
    } else {
        without_statements(&played.contents)
    };
    let account = Account::fold(CUSTOMER, facts, None);
    let held = account.contract(contract)?;
    let cells = owed(&held.agreement, &held.facts(), cut).unwrap().cells;
    let mut at_once: BTreeMap<String, Money> = BTreeMap::new();
    for (key, cell) in cells.iter().filter(|(_, cell)| cell.due <= cut) {
        let waived = cell.waived.iter();
        let waived = waived.map(|(waiver, own)| (waiver.word().to_owned(), *own));
        let money = (cell.quantity, cell.charged().unwrap(), waived.collect());
        at_once.insert(key.to_string(), money);
    }
    differing("statements", &sums, "rating at once", &at_once)
}

fn differing(
    one: &str,
    left: &BTreeMap<String, Money>,
    other: &str,
    right: &BTreeMap<String, Money>,
) -> Option<String> {
    let keys: std::collections::BTreeSet<&String> = left.keys().chain(right.keys()).collect();
    let differ = keys.into_iter().filter(|key| {
        let is_there = |money: &&Money| !is_nothing(money);
        let (left, right) = (
            left.get(*key).filter(is_there),
            right.get(*key).filter(is_there),
        );
        match (left, right) {
            (Some((q, a, w)), Some((p, b, v))) => {
                let waived = |map: &BTreeMap<String, Amount>| {
                    let some = map.iter().filter(|(_, own)| !own.is_zero());
                    some.map(|(key, own)| (key.clone(), *own))
                        .collect::<Vec<_>>()
                };
                q != p || a != b || waived(w) != waived(v)
            }
            (left, right) => left.is_some() || right.is_some(),
        }
    });
    let told: Vec<String> = differ
        .map(|key| {
            let show = |money: Option<&Money>| {
                money.map_or("nothing".to_owned(), |(quantity, amount, waived)| {
                    format!("{quantity} for {amount} {waived:?}")
                })
            };
            let (left, right) = (show(left.get(key)), show(right.get(key)));
            format!("  {key}: {one} {left}, {other} {right}")
        })
        .collect();
    (!told.is_empty()).then(|| format!("{one} and {other} differ:\n{}", told.join("\n")))
}

/// The same facts in another order come to the same statement, byte for byte.
fn order_decides_nothing(played: &Played, contract: &str) -> Option<String> {
    let cut = last_cut(played, contract)?;
    let contents = without_statements(&played.contents);
    let (control, facts): (Vec<Event>, Vec<Event>) = contents
        .into_iter()
        .map(|content| content.event)
        .partition(|event| matches!(event.body, Body::Control(_)));
    let in_order = draw(&logged(control.iter().chain(&facts)), contract, cut);
    let backwards: Vec<Event> = facts.iter().rev().cloned().collect();
    let mut shuffled = facts.clone();
    // Any permutation will do, as long as it is always the same.
    shuffled.sort_by_key(|event| event.digest().to_string());
    for (name, order) in [("backwards", backwards), ("shuffled", shuffled)] {
        let order = firsts_first(order, &facts);
        let other = draw(&logged(control.iter().chain(&order)), contract, cut);
        if other.body() != in_order.body() {
            return Some(format!(
                "the facts {name} come to another statement of {cut}: {} in place of {}",
                other.total, in_order.total
            ));
        }
    }
    None
}

/// Which content of an identity came first is not a matter of order (S4).
fn firsts_first(mut order: Vec<Event>, facts: &[Event]) -> Vec<Event> {
    let mut contents: BTreeMap<(String, String), Vec<&Event>> = BTreeMap::new();
    for event in facts.iter().rev() {
        let identity = (event.source.to_string(), event.id.to_string());
        contents.entry(identity).or_default().push(event);
    }
    for event in &mut order {
        let identity = (event.source.to_string(), event.id.to_string());
        if let Some(next) = contents.get_mut(&identity).and_then(Vec::pop) {
            *event = next.clone();
        }
    }
    order
}

fn void_and_issue_again_states_nothing_new(played: &Played, contract: &str) -> Option<String> {
    let is_last = |own: &&Drawn| own.statement.contract == contract && own.number.is_some();
    let last = played.drawn.iter().rfind(is_last)?;
    let number = last.number.clone()?;
    // The log as it was when the statement had just been issued.
    let named = |content: &Content| {
        matches!(&content.event.body,
            Body::Control(Control::StatementIssued { number: own, .. }) if *own == number)
    };
    let issue = played.contents.iter().position(named)?;
    let mut contents = played.contents[..=issue].to_vec();
    contents.push(Content {
        entry: u64::try_from(contents.len()).unwrap(),
        event: void(&number, last.statement.cut),
    });
    let again = draw(&contents, contract, last.statement.cut);
    let same = again.lines == last.statement.lines && again.credits == last.statement.credits;
    (!same).then(|| {
        format!(
            "voided and issued again, the statement of {} is {}, and was {}",
            last.statement.cut, again.total, last.statement.total
        )
    })
}

fn void(number: &str, time: Timestamp) -> Event {
    Event {
        id: "void-again".into(),
        source: PIECEWORK.into(),
        customer: CUSTOMER.into(),
        time,
        work: None,
        traceparent: None,
        signature: None,
        authorship: Authorship::Seller,
        headers: Headers::default(),
        body: Body::Control(Control::StatementVoided {
            number: number.to_owned(),
            reason: "again".to_owned(),
            by: "finance".to_owned(),
        }),
    }
}

/// Running totals, followed from statement to statement, are those of rating everything.
fn running_totals_are_rating(played: &Played, contract: &str) -> Option<String> {
    let mut kept: Option<Kept> = None;
    for drawn in &played.drawn {
        let contents = played.contents[..drawn.coverage].to_vec();
        let account = Account::fold(CUSTOMER, contents, None);
        let Some(held) = account.contract(contract) else {
            continue;
        };
        let cut = drawn.statement.cut;
        let mut own = match kept.take() {
            Some(own) if own.goes_on(&account) => own,
            _ => Kept::new(&account, contract, held.agreement.schedule.start.at),
        };
        if own.running.cut() > cut {
            own = Kept::new(&account, contract, held.agreement.schedule.start.at);
        }
        own.follow(&account);
        own.running.advance(cut).unwrap();
        let mut facts = held.facts();
        facts.arrivals = None; // what a late policy waives is no part of running totals
        let whole = owed(&held.agreement, &facts, cut).unwrap().cells;
        let accrued = cell::accrued(&held.agreement, &facts, cut).unwrap();
        let pairs = [
            ("owed", shown(&own.running.owed().unwrap()), shown(&whole)),
            (
                "accrued",
                shown(&own.running.accrued().unwrap()),
                shown(&accrued),
            ),
        ];
        for (what, running, whole) in pairs {
            if running != whole {
                return Some(format!(
                    "running totals at {cut}, {what}:\n  {}\nrating everything:\n  {}",
                    running.join("\n  "),
                    whole.join("\n  ")
                ));
            }
        }
        kept = Some(own);
    }
    None
}

fn waives_late(held: &Held) -> bool {
    let versions = held.agreement.versions.iter();
    versions
        .into_iter()
        .any(|version| version.terms.contract.late != Late::Bill)
}

fn last_cut(played: &Played, contract: &str) -> Option<Timestamp> {
    let own = played
        .drawn
        .iter()
        .filter(|own| own.statement.contract == contract);
    own.map(|own| own.statement.cut).max()
}

fn draw(contents: &[Content], contract: &str, cut: Timestamp) -> Statement {
    draw_up(CUSTOMER, contents, None, contract, cut).unwrap()
}

/// The log as if nothing had ever been stated.
fn without_statements(contents: &[Content]) -> Vec<Content> {
    let is_statement = |event: &Event| {
        matches!(
            &event.body,
            Body::Control(
                Control::StatementStated { .. }
                    | Control::StatementIssued { .. }
                    | Control::StatementVoided { .. }
                    | Control::PaymentRecorded(_)
                    | Control::PaymentAllocated(_)
                    | Control::PaymentRefunded(_)
                    | Control::PaymentVoided(_)
                    | Control::BalanceWrittenOff(_)
            )
        )
    };
    let left = contents.iter().map(|content| &content.event);
    logged(left.filter(|event| !is_statement(event)))
}

fn logged<'e>(events: impl Iterator<Item = &'e Event>) -> Vec<Content> {
    (0..)
        .zip(events)
        .map(|(entry, event)| Content {
            entry,
            event: event.clone(),
        })
        .collect()
}
