//! Laws that hold whatever happens: the sum of the statements is rating at once, arrival does not
//! matter before the first close, and reconciliation closes.

#![allow(clippy::unwrap_used)] // a test may stop at the first thing that is not there

mod support;

use money::{Amount, Currency};
use piecework_pricing::reconcile::reconcile;
use piecework_pricing::statement::draw_apart;
use proptest::prelude::*;
use support::*;
use work::Event;

const CUTS: [&str; 6] = ["02-01", "03-01", "04-01", "05-01", "06-01", "07-01"];

/// Plans of every kind of component and total, at monthly and longer rating periods.
fn plans() -> Vec<String> {
    let hybrid = format!(
        "[[meter]]\nid = \"calls\"\nclass = \"usage\"\n\
         [[component]]\nid = \"platform\"\nkind = \"platform\"\namount = \"33.33\"\n\
         [[component]]\nid = \"seats\"\nkind = \"seats\"\nprice = {{ graduated = [{{ up_to = 1, unit = 20 }}, {{ unit = 15 }}] }}\n\
         [[component]]\nid = \"calls\"\nkind = \"metered\"\nevery = \"quarter\"\nmeter = \"calls\"\nallowance = 7\nprice = {{ package = {{ size = 3, price = \"0.10\" }} }}\n\
         [[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"{UNIT}\"\nallowance = 2\ndiscount_percent = 5\n\
         [[component.class]]\nname = \"verified\"\nprice = \"1.501\"\n\
         [[component.class]]\nnames = [\"confirmed\", \"assumed\"]\nprice = {{ graduated = [{{ up_to = 3, unit = \"0.333\", flat = 1 }}, {{ unit = \"0.25\" }}] }}\n\
         [[component]]\nid = \"risk\"\nkind = \"risk\"\nmodifies = \"cases\"\nby = \"confidence\"\nmissing = \"0.9\"\n\
         [[component.band]]\nfrom = \"0.5\"\nmultiplier = \"1.17\"\n\
         [[component]]\nid = \"cover\"\nkind = \"indemnity\"\nmodifies = \"cases\"\npremium = \"0.05\"\n\
         [totals]\ndiscount_percent = 10\ncap = 120\nminimum = 60\n"
    );
    let volume = "retier_on_reversal = \"no_increase\"\nminimum = 4\nprice = { volume = [{ up_to = 4, unit = 2, flat = 1 }, { unit = \"0.7\" }] }";
    vec![
        plan(&hybrid),
        outcome(volume),
        outcome("every = \"quarter\"\nprice = \"0.333\""),
    ]
}

fn a_line() -> impl Strategy<Value = String> {
    let when = (1u32..=6, 1u32..=28, 0u32..24);
    (when, 0u32..12, 0usize..9, 1u32..9).prop_map(|((month, day, hour), case, kind, amount)| {
        let time = format!("{month:02}-{day:02}T{hour:02}:00");
        let what = match kind {
            0 | 1 => format!("answered case=c{case} kind=answer confidence=0.{amount}"),
            2 => format!("confirmed case=c{case} by=buyer"),
            3 => format!("verified case=c{case} result=passed check=tests by=third_party"),
            4 => format!("reopened case=c{case} by=buyer"),
            5 => format!("disputed case=c{case} by=buyer"),
            6 => format!("usage meter=calls quantity={amount}"),
            7 => format!("assigned seat=s{}", case % 3),
            _ => format!("released seat=s{}", case % 3),
        };
        format!("{time} {what}")
    })
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    prop::collection::vec(a_line(), 1..40).prop_map(|lines| {
        let named = lines
            .iter()
            .enumerate()
            .map(|(index, line)| format!("{line} id=e{index}"));
        named.map(|line| event(&line)).collect()
    })
}

fn sum(totals: &[Amount]) -> Amount {
    Amount::sum(Currency::USD, totals.iter().copied()).unwrap()
}

/// Writes the events that arrive before each cut, then issues its statement.
fn run(
    book: &mut Book,
    events: &[Event],
    arrivals: &[usize],
    voided: Option<usize>,
) -> Vec<Amount> {
    let mut totals = Vec::new();
    for (number, cut) in CUTS.iter().enumerate() {
        for (event, _) in events.iter().zip(arrivals).filter(|(event, arrival)| {
            let on_time = CUTS
                .iter()
                .position(|cut| event.time < at(cut))
                .unwrap_or(CUTS.len() - 1);
            (on_time + **arrival).min(CUTS.len() - 1) == number
        }) {
            book.push(event.clone());
        }
        totals.push(book.issue(cut).total);
        if voided == Some(number) {
            book.void(&format!("acme-{:04}", number + 1));
            totals.pop();
        }
    }
    totals
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Late facts, reversals and all: what was stated sums to what is owed at the end.
    #[test]
    fn statements_sum_to_rating_at_once(
        events in events(),
        arrivals in prop::collection::vec(0usize..4, 40),
        which in 0usize..3,
    ) {
        let mut book = Book::new(&plans()[which], "");
        let totals = run(&mut book, &events, &arrivals, None);
        prop_assert_eq!(sum(&totals), book.at_once("07-01"));
        // Asked again, there is nothing more to state, and an old statement replays to its bytes.
        prop_assert!(book.draw("07-01").lines.is_empty());
    }

    /// A voided statement's money is stated again by the next one that covers its cells.
    #[test]
    fn a_void_and_what_follows_sum_to_rating_at_once(
        events in events(),
        arrivals in prop::collection::vec(0usize..4, 40),
        which in 0usize..3,
        voided in 0usize..6,
        reissue in any::<bool>(),
    ) {
        let mut book = Book::new(&plans()[which], "");
        let mut totals = run(&mut book, &events, &arrivals, Some(voided));
        if reissue {
            totals.push(book.issue(CUTS[voided]).total);
        }
        totals.push(book.issue("07-01").total);
        prop_assert_eq!(sum(&totals), book.at_once("07-01"));
    }

    /// Before the first close the order of arrival changes no byte.
    #[test]
    fn arrival_before_the_first_close_changes_no_byte(
        events in events(),
        seed in prop::collection::vec(any::<u32>(), 40),
        which in 0usize..3,
    ) {
        let mut shuffled: Vec<(u32, Event)> = seed.iter().copied().zip(events.iter().cloned()).collect();
        shuffled.sort_by_key(|(key, _)| *key);
        let mut one = Book::new(&plans()[which], "");
        let mut other = one.clone();
        for event in &events {
            one.push(event.clone());
        }
        for (_, event) in shuffled {
            other.push(event);
        }
        for cut in CUTS {
            let (left, right) = (one.issue(cut), other.issue(cut));
            prop_assert_eq!(left.body(), right.body());
        }
    }

    /// Cutting inside the rating period keeps the sum.
    #[test]
    fn cuts_inside_a_rating_period_keep_the_sum(
        events in events(),
        days in prop::collection::btree_set(1i64..180, 0..5),
        which in 0usize..3,
    ) {
        let mut book = Book::new(&plans()[which], "");
        for event in events {
            book.push(event);
        }
        let mut totals = Vec::new();
        for day in days {
            let cut = at("01-01") + jiff::SignedDuration::from_hours(24 * day);
            totals.push(book.issue(&cut.to_string()).total);
        }
        totals.push(book.issue("07-01").total);
        prop_assert_eq!(sum(&totals), book.at_once("07-01"));
    }

    /// Waived cells close the sum as well: owed = stated + waived + unstated, with nothing unstated
    /// once everything is issued, and every entry has one class.
    #[test]
    fn reconciliation_closes(
        events in events(),
        arrivals in prop::collection::vec(0usize..6, 40),
        which in 0usize..3,
        policy in any::<bool>(),
    ) {
        let terms = if policy { "late = { waive_after = \"20d\" }\n" } else { "" };
        let mut book = Book::new(&plans()[which], terms);
        run(&mut book, &events, &arrivals, None);
        let account = book.account();
        let done = reconcile(&account, at("07-01")).unwrap();
        prop_assert_eq!(done.entries.len(), events.len());
        let control = u64::try_from(account.entries.len() - events.len()).unwrap();
        prop_assert_eq!(done.control, control);
        let money = &done.contracts[0];
        let stated = money.stated.plus(money.waived).unwrap();
        // Fees in advance and open quarters are owed, and due, by the same cut.
        let due = book.owed("07-01").cells.values().filter(|cell| cell.due > at("07-01")).count();
        prop_assert_eq!(due, 0);
        prop_assert_eq!(money.owed, stated);
        prop_assert!(money.unstated.is_zero());
    }

    /// A draft apart from earlier periods is what is stated once those are issued, and the two parts
    /// are the whole.
    #[test]
    fn a_draft_apart_is_what_issuing_the_earlier_periods_leaves(
        events in events(),
        which in 0usize..3,
        issued in 0usize..3,
        asked in 0usize..6,
    ) {
        let mut book = Book::new(&plans()[which], "");
        for event in events {
            book.push(event);
        }
        for cut in &CUTS[..issued] {
            book.issue(cut);
        }
        let whole = book.draw(CUTS[asked]).total;
        let apart = draw_apart(&book.account(), CONTRACT, at(CUTS[asked])).unwrap();
        for cut in CUTS.get(issued..asked).unwrap_or_default() {
            book.issue(cut);
        }
        let alone = book.draw(CUTS[asked]);
        match apart {
            None => prop_assert_eq!(whole, alone.total),
            Some(apart) => {
                prop_assert_eq!(&apart.statement.lines, &alone.lines);
                prop_assert_eq!(apart.statement.total.plus(apart.earlier).unwrap(), whole);
                prop_assert_eq!(apart.until, at(CUTS[asked - 1]));
            }
        }
    }

    /// An issued statement replays to the digest that was issued.
    #[test]
    fn an_issued_statement_replays_to_its_digest(
        events in events(),
        arrivals in prop::collection::vec(0usize..4, 40),
        which in 0usize..3,
    ) {
        let mut book = Book::new(&plans()[which], "");
        run(&mut book, &events, &arrivals, None);
        let account = book.account();
        for issued in &account.contract(CONTRACT).unwrap().issued {
            let mut then = book.clone();
            then.contents.retain(|content| content.entry < issued.coverage);
            prop_assert_eq!(then.draw(&issued.cut.to_string()).digest(), issued.body);
        }
    }

    /// Amended wherever and however often, a fee that stays the same costs what it costs (P2).
    #[test]
    fn parts_of_a_fee_by_days_sum_to_the_whole(
        cents in 1u32..1_000_000,
        days in prop::collection::btree_set(2u32..31, 0..6),
    ) {
        let text = |version: usize| {
            let fee = format!("[[component]]\nid = \"fee\"\nkind = \"platform\"\namount = \"{}.{:02}\"\n", cents / 100, cents % 100);
            plan(&fee).replace("version = 1", &format!("version = {version}"))
        };
        let terms = "starts = 2026-04-01\nends = 2026-04-30\n";
        let mut book = Book::new(&text(1), terms);
        for (version, day) in (2..).zip(&days) {
            book.amend(&format!("04-{day:02}"), &text(version), &definition("", ""), terms, false);
        }
        let owed = book.owed("05-01");
        prop_assert_eq!(owed.cells.len(), days.len() + 1);
        let parts = owed.cells.values().map(|cell| cell.amount);
        prop_assert_eq!(sum(&parts.collect::<Vec<Amount>>()).value(), usd(&format!("{}.{:02}", cents / 100, cents % 100)).value());
    }

    /// A cell's name reads back.
    #[test]
    fn cell_keys_read_back(events in events(), which in 0usize..3) {
        let mut book = Book::new(&plans()[which], "");
        for event in events {
            book.push(event);
        }
        for key in book.owed("07-01").cells.keys() {
            prop_assert_eq!(&key.to_string().parse::<piecework_pricing::CellKey>().unwrap(), key);
        }
    }
}
