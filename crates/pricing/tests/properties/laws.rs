//! The laws: what holds of a customer's book, whatever happens under whichever plan.

use std::collections::BTreeSet;
use std::ops::Range;

use money::{Amount, Currency};
use piecework_pricing::CellKey;
use piecework_pricing::account::Rated;
use piecework_pricing::reconcile::reconcile;
use piecework_pricing::statement::{LineKind, Statement, draw_apart};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use work::Event;

use crate::many::Reached;
use crate::support::*;

/// How much happens.
pub struct Shape {
    months: u32,
    cases: u32,
    events: Range<usize>,
    cuts: &'static [&'static str],
}

/// Half a year.
pub const LONG: Shape = Shape {
    months: 6,
    cases: 12,
    events: 1..40,
    cuts: &["02-01", "03-01", "04-01", "05-01", "06-01", "07-01"],
};

/// Two months in which little happens, close together.
pub const SHORT: Shape = Shape {
    months: 2,
    cases: 3,
    events: 1..10,
    cuts: &["02-01", "03-01"],
};

/// What happens under a plan, and in which statement after its own each event is known.
#[derive(Debug, Clone)]
pub struct Story {
    lines: Vec<(String, usize)>,
    which: usize,
}

/// Plans of every kind of component and total, at monthly and longer rating periods.
fn plans() -> [String; 3] {
    let hybrid = format!(
        "[[meter]]\nid = \"calls\"\nclass = \"usage\"\n\
         [[component]]\nid = \"platform\"\nkind = \"platform\"\namount = \"33.33\"\n\
         [[component]]\nid = \"seats\"\nkind = \"seats\"\nprice = {{ graduated = [{{ up_to = 1, unit = 20 }}, {{ unit = 15 }}] }}\n\
         [[component]]\nid = \"calls\"\nkind = \"metered\"\nevery = \"quarter\"\nmeter = \"calls\"\nallowance = 7\nprice = {{ package = {{ size = 3, price = \"0.10\" }} }}\n\
         [[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"{UNIT}\"\nallowance = 1\ndiscount_percent = 5\n\
         [[component.class]]\nname = \"verified\"\nprice = \"1.501\"\n\
         [[component.class]]\nnames = [\"confirmed\", \"assumed\"]\nprice = {{ graduated = [{{ up_to = 1, unit = \"0.333\", flat = 1 }}, {{ unit = \"0.25\" }}] }}\n\
         [[component]]\nid = \"risk\"\nkind = \"risk\"\nmodifies = \"cases\"\nby = \"confidence\"\nmissing = \"0.9\"\n\
         [[component.band]]\nfrom = \"0.5\"\nmultiplier = \"1.17\"\n\
         [[component]]\nid = \"cover\"\nkind = \"indemnity\"\nmodifies = \"cases\"\npremium = \"0.05\"\n\
         [totals]\ndiscount_percent = 10\ncap = 45\nminimum = 40\n"
    );
    let volume = "retier_on_reversal = \"no_increase\"\nminimum = 4\nprice = { volume = [{ up_to = 1, unit = 2, flat = 1 }, { unit = \"0.7\" }] }";
    [
        plan(&hybrid),
        outcome(volume),
        outcome("every = \"quarter\"\nprice = \"0.333\""),
    ]
}

fn a_line(shape: &Shape) -> impl Strategy<Value = String> + use<> {
    let when = (1..=shape.months, 1u32..=28, 0u32..24);
    let case = 0..shape.cases;
    (when, case, 0usize..10, 1u32..9).prop_map(|((month, day, hour), case, kind, amount)| {
        let time = format!("{month:02}-{day:02}T{hour:02}:00");
        let what = match kind {
            0 | 1 => format!("answered case=c{case} kind=answer confidence=0.{amount}"),
            2 | 3 => format!("confirmed case=c{case} by=buyer"),
            4 => format!("verified case=c{case} result=passed check=tests by=third_party"),
            5 => format!("reopened case=c{case} by=buyer"),
            6 => format!("disputed case=c{case} by=buyer"),
            7 => format!("usage meter=calls quantity={amount}"),
            8 => format!("assigned seat=s{}", case % 3),
            _ => format!("released seat=s{}", case % 3),
        };
        format!("{time} {what}")
    })
}

/// Stories, the events of which become known at most so many statements late.
pub fn stories(shape: &Shape, late: usize) -> impl Strategy<Value = Story> + use<> {
    let lines = prop::collection::vec((a_line(shape), 0..=late), shape.events.clone());
    (lines, 0usize..3).prop_map(|(lines, which)| Story { lines, which })
}

impl Story {
    fn book(&self, terms: &str) -> Book {
        Book::new(&plans()[self.which], terms)
    }

    fn events(&self) -> Vec<Event> {
        let lines = self.lines.iter().enumerate();
        lines
            .map(|(index, (line, _))| event(&format!("{line} id=e{index}")))
            .collect()
    }

    /// A book in which everything is known.
    fn told(&self) -> Book {
        let mut book = self.book("");
        for event in self.events() {
            book.push(event);
        }
        book
    }

    /// Whether an event is known by a later statement than its own alone.
    fn is_late(&self, cuts: &[&str]) -> bool {
        let lines = self.lines.iter();
        let on_time = lines.map(|(line, _)| (line.clone(), 0)).collect();
        let on_time = Story {
            lines: on_time,
            which: self.which,
        };
        self.known(cuts) != on_time.known(cuts)
    }

    /// The first statement that knows each event, of those to the cuts.
    fn known(&self, cuts: &[&str]) -> Vec<usize> {
        let last = cuts.len() - 1;
        let lines = self.events().into_iter().zip(&self.lines);
        lines
            .map(|(event, (_, late))| {
                let on_time = cuts.iter().position(|cut| event.time < at(cut));
                (on_time.unwrap_or(last) + late).min(last)
            })
            .collect()
    }
}

fn sum(totals: impl IntoIterator<Item = Amount>) -> Amount {
    Amount::sum(Currency::USD, totals).unwrap()
}

/// Writes the events that are known by each cut, then issues its statement, and hands it on.
fn run(
    shape: &Shape,
    book: &mut Book,
    story: &Story,
    mut issued: impl FnMut(&mut Book, usize, Statement) -> TestCaseResult,
) -> TestCaseResult {
    let known = story.known(shape.cuts);
    let events = story.events();
    for (number, cut) in shape.cuts.iter().enumerate() {
        for (event, _) in events.iter().zip(&known).filter(|(_, own)| **own == number) {
            book.push(event.clone());
        }
        let statement = book.issue(cut);
        issued(book, number, statement)?;
    }
    Ok(())
}

fn end(shape: &Shape) -> &'static str {
    shape.cuts[shape.cuts.len() - 1]
}

/// Late facts, reversals and all: the lines of a statement sum to its total, and what was stated to what is owed at
/// the end.
pub fn statements_sum(shape: &Shape, story: &Story, reached: &Reached) -> TestCaseResult {
    let mut book = story.book("");
    let (mut totals, mut adjusts, mut takes_back) = (Vec::new(), false, false);
    run(shape, &mut book, story, |_, _, statement| {
        let lines = statement.lines.iter();
        prop_assert_eq!(sum(lines.clone().map(|line| line.amount)), statement.total);
        adjusts |= lines.clone().any(|line| line.kind == LineKind::Adjustment);
        takes_back |= lines.clone().any(|line| line.quantity.is_negative());
        totals.push(statement.total);
        Ok(())
    })?;
    let owed = book.owed(end(shape));
    reached.prices(&owed);
    reached.when("a late fact", story.is_late(shape.cuts));
    reached.when("an adjustment", adjusts);
    reached.when("a count taken back", takes_back);
    prop_assert_eq!(sum(totals), book.at_once(end(shape)));
    // Asked again, there is nothing more to state.
    prop_assert!(book.draw(end(shape)).lines.is_empty());
    Ok(())
}

/// Voided and issued again a statement is what it was; a void and whatever follows sum to what is owed.
pub fn a_void_is_nothing(
    shape: &Shape,
    story: &Story,
    (voided, reissue): (usize, Option<bool>),
    reached: &Reached,
) -> TestCaseResult {
    let mut book = story.book("");
    let mut totals = Vec::new();
    run(shape, &mut book, story, |book, number, statement| {
        if number != voided {
            totals.push(statement.total);
            return Ok(());
        }
        book.void(&format!("acme-{:04}", number + 1));
        let again = book.draw(shape.cuts[number]);
        prop_assert_eq!(&again.lines, &statement.lines);
        reached.when("of money", !statement.total.is_zero());
        reached.when(
            "of an adjustment",
            again.lines.iter().any(|line| line.before.is_some()),
        );
        if reissue == Some(true) {
            totals.push(book.issue(shape.cuts[number]).total);
        }
        Ok(())
    })?;
    if reissue == Some(false) {
        totals.push(book.issue(shape.cuts[voided]).total);
    }
    reached.when("issued again at once", reissue == Some(true));
    reached.when("issued again behind the others", reissue == Some(false));
    reached.when("covered by a later one", reissue.is_none());
    totals.push(book.issue(end(shape)).total);
    prop_assert_eq!(sum(totals), book.at_once(end(shape)));
    Ok(())
}

/// Before the first close the order of arrival changes no byte.
pub fn order_changes_no_byte(
    shape: &Shape,
    story: &Story,
    seed: &[u32],
    reached: &Reached,
) -> TestCaseResult {
    let events = story.events();
    let mut shuffled: Vec<(u32, usize)> = seed.iter().copied().zip(0..events.len()).collect();
    shuffled.sort_unstable();
    let mut one = story.told();
    let mut other = story.book("");
    for (_, index) in &shuffled {
        other.push(events[*index].clone());
    }
    let moved = shuffled.iter().enumerate();
    reached.when(
        "another order",
        moved.into_iter().any(|(place, (_, index))| place != *index),
    );
    reached.prices(&one.owed(end(shape)));
    for cut in shape.cuts {
        let (left, right) = (one.issue(cut), other.issue(cut));
        prop_assert_eq!(left.body(), right.body());
    }
    Ok(())
}

/// Cutting inside the rating period keeps the sum.
pub fn cuts_inside_keep_the_sum(
    shape: &Shape,
    story: &Story,
    days: &BTreeSet<i64>,
    reached: &Reached,
) -> TestCaseResult {
    let mut book = story.told();
    let mut totals = Vec::new();
    let mut halves = 0;
    for day in days {
        let cut = at("01-01") + jiff::SignedDuration::from_hours(24 * day);
        let total = book.issue(&cut.to_string()).total;
        halves += usize::from(!total.is_zero());
        totals.push(total);
    }
    let rest = book.issue(end(shape)).total;
    reached.when(
        "money on both sides of a cut",
        halves > 0 && !rest.is_zero(),
    );
    reached.when("money between two cuts", halves > 1);
    reached.prices(&book.owed(end(shape)));
    totals.push(rest);
    prop_assert_eq!(sum(totals), book.at_once(end(shape)));
    Ok(())
}

/// Waived cells close the sum as well: owed = stated + waived + unstated, with nothing unstated once everything is
/// issued, and every entry has one class.
pub fn reconciliation_closes(
    shape: &Shape,
    story: &Story,
    waives: bool,
    reached: &Reached,
) -> TestCaseResult {
    let terms = if waives {
        "late = { waive_after = \"20d\" }\n"
    } else {
        ""
    };
    let mut book = story.book(terms);
    run(shape, &mut book, story, |_, _, _| Ok(()))?;
    let account = book.account();
    let done = reconcile(&account, at(end(shape))).unwrap();
    prop_assert_eq!(done.entries.len(), story.lines.len());
    let control = u64::try_from(account.entries.len() - story.lines.len()).unwrap();
    prop_assert_eq!(done.control, control);
    let money = &done.contracts[0];
    let stated = money.stated.plus(money.waived).unwrap();
    reached.when("something waived", !money.waived.is_zero());
    reached.when("nothing waived", money.waived.is_zero());
    // Fees in advance and open quarters are owed, and due, by the same cut.
    let owed = book.owed(end(shape));
    let due = owed
        .cells
        .values()
        .filter(|cell| cell.due > at(end(shape)))
        .count();
    prop_assert_eq!(due, 0);
    prop_assert_eq!(money.owed, stated);
    prop_assert!(money.unstated.is_zero());
    Ok(())
}

/// A draft apart from earlier periods is what is stated once those are issued, and the two parts are the whole.
pub fn a_draft_apart_is_what_is_left(
    shape: &Shape,
    story: &Story,
    (issued, asked): (usize, usize),
    reached: &Reached,
) -> TestCaseResult {
    let cuts = shape.cuts;
    let mut book = story.told();
    for cut in &cuts[..issued] {
        book.issue(cut);
    }
    let whole = book.draw(cuts[asked]).total;
    let apart = draw_apart(&Rated::new(&book.account()), CONTRACT, at(cuts[asked])).unwrap();
    for cut in cuts.get(issued..asked).unwrap_or_default() {
        book.issue(cut);
    }
    let alone = book.draw(cuts[asked]);
    reached.when("apart", apart.is_some());
    reached.when("alone", apart.is_none());
    match apart {
        None => prop_assert_eq!(whole, alone.total),
        Some(apart) => {
            prop_assert_eq!(&apart.statement.lines, &alone.lines);
            prop_assert_eq!(apart.statement.total.plus(apart.earlier).unwrap(), whole);
            prop_assert_eq!(apart.until, at(cuts[asked - 1]));
        }
    }
    Ok(())
}

/// An issued statement replays to the digest that was issued.
pub fn statements_replay(shape: &Shape, story: &Story, reached: &Reached) -> TestCaseResult {
    let mut book = story.book("");
    run(shape, &mut book, story, |_, _, statement| {
        reached.when("a statement with lines", !statement.lines.is_empty());
        Ok(())
    })?;
    let account = book.account();
    for issued in &account.contract(CONTRACT).unwrap().issued {
        let mut then = book.clone();
        then.contents
            .retain(|content| content.entry < issued.coverage);
        prop_assert_eq!(then.draw(&issued.cut.to_string()).digest(), issued.body);
    }
    Ok(())
}

/// Amended wherever and however often, a fee that stays the same costs what it costs (P2).
pub fn parts_of_a_fee_sum_to_the_whole(
    cents: u32,
    days: &BTreeSet<u32>,
    reached: &Reached,
) -> TestCaseResult {
    let whole = format!("{}.{:02}", cents / 100, cents % 100);
    let text = |version: usize| {
        let fee =
            format!("[[component]]\nid = \"fee\"\nkind = \"platform\"\namount = \"{whole}\"\n");
        plan(&fee).replace("version = 1", &format!("version = {version}"))
    };
    let terms = "starts = 2026-04-01\nends = 2026-04-30\n";
    let mut book = Book::new(&text(1), terms);
    for (version, day) in (2..).zip(days) {
        let definition = definition("", "");
        book.amend(
            &format!("04-{day:02}"),
            &text(version),
            &definition,
            terms,
            false,
        );
    }
    let owed = book.owed("05-01");
    prop_assert_eq!(owed.cells.len(), days.len() + 1);
    let parts = sum(owed.cells.values().map(|cell| cell.amount));
    prop_assert_eq!(parts.value(), usd(&whole).value());
    reached.when("several parts", !days.is_empty());
    reached.when(
        "parts that rounded apart sum to something else",
        rounded_apart(cents, days) != cents,
    );
    Ok(())
}

/// What the parts would come to, each rounded for itself, half to even.
fn rounded_apart(cents: u32, days: &BTreeSet<u32>) -> u32 {
    let starts = std::iter::once(1).chain(days.iter().copied());
    let ends = days.iter().copied().chain([31]);
    let part = |days: u32| {
        let (whole, rest) = (cents * days / 30, cents * days % 30);
        whole + u32::from(rest > 15 || rest == 15 && whole % 2 == 1)
    };
    starts.zip(ends).map(|(start, end)| part(end - start)).sum()
}

/// A cell's name reads back.
pub fn names_read_back(shape: &Shape, story: &Story, reached: &Reached) -> TestCaseResult {
    let owed = story.told().owed(end(shape));
    reached.prices(&owed);
    for key in owed.cells.keys() {
        prop_assert_eq!(&key.to_string().parse::<CellKey>().unwrap(), key);
    }
    Ok(())
}
