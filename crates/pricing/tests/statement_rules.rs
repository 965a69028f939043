//! semantics.md sections 2 and 3, rule by rule: each counter-example is a test of its name.

#![allow(clippy::unwrap_used)] // a test may stop at the first thing that is not there

mod support;

use jiff::Timestamp;
use money::{Amount, Currency};
use piecework_pricing::account::check::Refusal;
use piecework_pricing::cell::Waiver;
use piecework_pricing::receivable::Ledger;
use piecework_pricing::statement::LineKind;
use support::*;
use work::body::{Action, Body, Control, DocumentKind, Payment};

const REDO: &str = "price = { graduated = [{ up_to = 50, unit = \"0.95\" }, { up_to = 100, unit = \"0.90\" }, { unit = \"0.85\" }] }";
const FIN: &str = "price = \"0.99\"";
/// L2's volume price: 210.00 at 100 units, 101.00 at 101.
const L2: &str = "price = { volume = [{ up_to = 100, unit = 2, flat = 10 }, { up_to = 200, unit = 1 }, { unit = \"0.5\", flat = 50 }] }";

#[test]
fn d1_a_reversal_leaves_its_rating_period() {
    let mut book = Book::new(&outcome(REDO), "");
    book.confirmed("01-10", 0, 51);
    assert_eq!(book.issue("02-01").total, usd("48.40"));
    book.story("02-10 reopened case=c0007");
    book.confirmed("02-15", 100, 20);
    let february = book.issue("03-01");
    // January is rated again at 50 works; February's tiers know nothing of it.
    assert_eq!(
        lines(&february),
        [
            "adjustment class:work#2 -1 -0.95",
            "tier_effect class:work#2 0 0.05",
            "charge class:work 20 19.00"
        ]
    );
    assert_eq!(february.total, usd("18.10"));
    assert_eq!(book.at_once("03-01"), usd("66.50"));
}

#[test]
fn d1_what_a_minimum_absorbs_is_printed_as_absorbed() {
    let mut book = Book::new(&outcome(FIN), "[totals]\nminimum = \"100\"\n");
    book.confirmed("01-10", 0, 3);
    assert_eq!(
        lines(&book.issue("02-01")),
        ["charge class:work 3 2.97", "charge minimum 0 97.03"]
    );
    book.story("02-10 reopened case=c0001");
    let february = book.draw("03-01");
    assert_eq!(
        lines(&february),
        [
            "adjustment class:work -1 -0.99",
            "absorbed minimum 0 0.99",
            "charge minimum 0 100.00"
        ]
    );
    assert_eq!(february.total, usd("100"));
}

#[test]
fn d2_an_adjustment_names_cell_works_and_causes_and_the_others_movement_is_tier_effect() {
    // 15 cost 150, 16 cost 80: the sixteenth arrives late.
    let volume = "price = { volume = [{ up_to = 15, unit = 10 }, { unit = 5 }] }\nretier_on_reversal = \"no_increase\"";
    let mut book = Book::new(&outcome(volume), "");
    book.confirmed("01-10", 0, 15);
    assert_eq!(book.issue("02-01").total, usd("150"));
    book.story("01-20 confirmed case=late id=late-one by=buyer");
    let february = book.draw("03-01");
    let (own, effect) = (&february.lines[0], &february.lines[1]);
    assert_eq!(
        lines(&february),
        [
            "adjustment class:work 1 5.00",
            "tier_effect class:work 0 -75.00"
        ]
    );
    assert_eq!(own.before, Some(("15".parse().unwrap(), usd("150"))));
    assert_eq!(own.after, Some(("16".parse().unwrap(), usd("80"))));
    assert_eq!(own.works, ["support.resolved_case[late]@desk:late-one"]);
    assert_eq!(own.causes.len(), 1);
    assert_eq!(own.causes[0].id, "late-one");
    assert_eq!(effect.kind, LineKind::TierEffect);
    assert_eq!(february.total, usd("-70"));
}

/// The check had not passed after all: the unit is not counted any more, and no movement says so.
#[test]
fn d2_a_corrected_fact_is_named_as_the_cause_of_what_does_not_move_any_more() {
    let mut book = Book::new(
        &outcome("[[component.class]]\nname = \"verified\"\nprice = 2\n"),
        "",
    );
    let passed = event("01-05 verified case=a id=check result=passed check=suite");
    let failed = event("01-05 verified case=a id=check result=failed check=suite");
    book.push(passed.clone());
    assert_eq!(book.issue("02-01").total, usd("2"));
    let mut correction = passed.clone();
    correction.id = "mend".into();
    correction.work = None;
    correction.headers = work::Headers::default();
    correction.body = Body::Corrected {
        target_source: passed.source.clone(),
        target_id: passed.id.clone(),
        target_digest: passed.digest(),
        target_kind: passed.body.tag(),
        action: Action::Replace,
        replacement: Some(Box::new(failed)),
        reason: None,
    };
    book.push(correction);
    let february = book.draw("03-01");
    assert_eq!(lines(&february), ["adjustment class:verified -1 -2.00"]);
    let causes: Vec<&str> = february.lines[0]
        .causes
        .iter()
        .map(|fact| fact.id.as_str())
        .collect();
    assert_eq!(causes, ["check"]);
}

#[test]
fn d2_only_cells_round_and_shares_are_by_quantity() {
    let mut book = Book::new(&outcome("price = \"0.333\""), "");
    book.confirmed("01-10", 0, 3);
    let january = book.issue("02-01");
    assert_eq!(january.total, usd("1.00"));
    let account = book.account();
    let held = account.contract(CONTRACT).unwrap();
    let owed = book.owed("02-01");
    let key = &january.lines[0].cell;
    let explained = piecework_pricing::statement::explain(held, &owed, key)
        .unwrap()
        .unwrap();
    let shares: Vec<Amount> = explained.shares.iter().map(|share| share.amount).collect();
    assert_eq!(shares, [usd("0.34"), usd("0.33"), usd("0.33")]);
    assert_eq!(explained.shares[0].facts.len(), 1);
    // Crediting all three gives 0, not 0.01.
    book.story("02-10 reopened case=c0000\n02-10 reopened case=c0001\n02-10 reopened case=c0002");
    assert_eq!(book.issue("03-01").total, usd("-1.00"));
    assert_eq!(book.at_once("03-01"), usd("0"));
}

#[test]
fn d2_a_capped_month_moves_one_cell() {
    let mut book = Book::new(&outcome("price = 60"), "[totals]\ncap = 100\n");
    book.confirmed("01-10", 1, 2);
    assert_eq!(book.issue("02-01").total, usd("100"));
    book.confirmed("01-05", 0, 1);
    let february = book.draw("03-01");
    assert_eq!(
        lines(&february),
        ["adjustment class:work 1 60.00", "absorbed cap 0 -60.00"]
    );
    assert_eq!(february.total, usd("0"));
}

#[test]
fn d3_a_band_has_its_part_of_the_amount_and_no_rank() {
    let risk = "[[component]]\nid = \"risk\"\nkind = \"risk\"\nmodifies = \"cases\"\nby = \"confidence\"\nmissing = 1\n\
        [[component.band]]\nfrom = 0\nmultiplier = \"0.8\"\n[[component.band]]\nfrom = \"0.9\"\nmultiplier = \"1.2\"\n";
    let tiers = "price = { graduated = [{ up_to = 50, unit = 1 }, { unit = \"0.50\" }] }\n";
    let mut book = Book::new(&outcome(&format!("{tiers}{risk}")), "");
    for number in 0..100 {
        let confidence = if number < 60 { "0.95" } else { "0.5" };
        book.story(&format!(
            "01-05T09:00 answered case=c{number:03} kind=answer confidence={confidence}\n01-05T10:00 confirmed case=c{number:03}"
        ));
    }
    // 75.00 in all: 45.00 in the upper band, 30.00 in the lower, whoever sat in tier one.
    let january = book.draw("02-01");
    assert_eq!(
        lines(&january),
        [
            "charge class:work 50 50.00",
            "charge class:work#2 50 25.00",
            "charge band:from:0|work 40 -6.00",
            "charge band:from:0.9|work 60 9.00",
        ]
    );
}

/// Over the whole component, the risk lines would be 12.50 and -12.50: nothing.
#[test]
fn d3_the_base_of_a_band_is_the_amount_of_its_own_price() {
    let plan = outcome(
        "[[component.class]]\nname = \"verified\"\nprice = 2\n\
         [[component.class]]\nname = \"assumed\"\nprice = \"0.50\"\n\
         [[component]]\nid = \"risk\"\nkind = \"risk\"\nmodifies = \"cases\"\nby = \"confidence\"\nmissing = 1\n\
         [[component.band]]\nfrom = 0\nmultiplier = \"0.8\"\n[[component.band]]\nfrom = \"0.9\"\nmultiplier = \"1.2\"\n",
    );
    let mut book = Book::new(&plan, "");
    for number in 0..50 {
        book.story(&format!(
            "01-05T09:00 answered case=v{number:03} kind=answer confidence=0.95
             01-05T10:00 verified case=v{number:03} result=passed check=suite
             01-05T09:00 answered case=a{number:03} kind=answer confidence=0.5"
        ));
    }
    let verified = [
        "charge class:verified 50 100.00",
        "charge band:from:0.9|verified 50 20.00",
    ];
    let assumed = [
        "charge class:assumed 50 25.00",
        "charge band:from:0|assumed 50 -5.00",
    ];
    let sorted = |book: &Book| {
        let mut lines = lines(&book.draw("02-01"));
        lines.sort();
        lines
    };
    let mut want = [verified, assumed].concat();
    want.sort_unstable();
    assert_eq!(sorted(&book), want);
    // One assumed work more changes nothing about the verified ones.
    book.story("01-05T09:00 answered case=a999 kind=answer confidence=0.5");
    let now = sorted(&book);
    assert!(
        verified
            .iter()
            .all(|line| now.contains(&(*line).to_owned())),
        "{now:?}"
    );
}

#[test]
fn d4_a_won_dispute_does_not_raise_the_bill() {
    let mut book = Book::new(
        &outcome(&format!("{L2}\nretier_on_reversal = \"no_increase\"")),
        "",
    );
    book.confirmed("01-10", 0, 101);
    assert_eq!(book.issue("02-01").total, usd("101"));
    book.story("02-10 reopened case=c0003");
    let february = book.issue("03-01");
    // The price says 210.00 for 100; the excess over 101.00 is waived.
    assert_eq!(
        lines(&february),
        [
            "adjustment class:work -1 -1.00",
            "tier_effect class:work 0 1.00",
            "waived class:work 0 0.00 waived no_increase 109.00",
            "charge class:work 0 10.00",
        ]
    );
    // The 10.00 are February's own: the first tier's flat fee at zero use.
    assert_eq!(february.total, usd("10"));
    assert_eq!(february.cells[1].waived.as_deref(), Some("no_increase"));
    let owed = book.owed("03-01");
    let cell = owed.cells.values().next().unwrap();
    assert_eq!(
        (cell.amount, cell.waived_by(Waiver::NoIncrease)),
        (usd("210"), usd("109"))
    );
    // A work that arrives late ends the waiver: 101 again, at 101.00.
    book.confirmed("01-20", 500, 1);
    let march = book.draw("04-01");
    assert_eq!(march.total, usd("10"));
    assert_eq!(
        march
            .lines
            .iter()
            .filter(|line| line.kind == LineKind::Waived)
            .count(),
        1
    );
}

#[test]
fn d4_without_the_clause_the_tier_total_decides() {
    let mut book = Book::new(&outcome(L2), "");
    book.confirmed("01-10", 0, 101);
    book.issue("02-01");
    book.story("02-10 reopened case=c0003");
    // 210.00 less 101.00 for January, and February's flat fee.
    assert_eq!(book.draw("03-01").total, usd("119"));
}

const O1: &str = "price = { graduated = [{ up_to = 5, flat = 100 }, { up_to = 10, flat = 50 }, { up_to = 15, unit = 5 }, { unit = 1 }] }";

#[test]
fn d5_a_period_split_inside_keeps_the_sum_and_two_periods_do_not() {
    // 22 units in one rating period are 182, however often it is cut.
    let metered = |every: &str| {
        plan(&format!(
            "[[meter]]\nid = \"calls\"\nclass = \"usage\"\n[[component]]\nid = \"calls\"\nkind = \"metered\"\nmeter = \"calls\"\nevery = \"{every}\"\n{O1}\n"
        ))
    };
    let mut quarter = Book::new(&metered("quarter"), "");
    let mut months = Book::new(&metered("month"), "");
    for book in [&mut quarter, &mut months] {
        book.story("01-10 usage meter=calls quantity=12\n02-10 usage meter=calls quantity=10");
    }
    let quarterly = [
        quarter.issue("02-01").total,
        quarter.issue("03-01").total,
        quarter.issue("04-01").total,
    ];
    assert_eq!(quarterly, [usd("160"), usd("22"), usd("0")]);
    let monthly = [months.issue("02-01").total, months.issue("03-01").total];
    assert_eq!(monthly, [usd("160"), usd("150")]);
    assert!(
        quarter
            .draw("03-01")
            .lines
            .iter()
            .all(|line| line.kind == LineKind::Charge)
    );
}

#[test]
fn d5_volume_and_minimum_wait_for_the_end_and_advance_fees_do_not() {
    let text = format!(
        "[[component]]\nid = \"platform\"\nkind = \"platform\"\namount = 50\n\
         [[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"{UNIT}\"\nevery = \"quarter\"\nminimum = 200\n\
         retier_on_reversal = \"no_increase\"\nprice = {{ volume = [{{ up_to = 15, unit = 10 }}, {{ unit = 5 }}] }}\n"
    );
    let mut book = Book::new(&plan(&text), "");
    book.confirmed("01-10", 0, 15);
    // February's fee is due when February begins.
    assert_eq!(
        lines(&book.issue("02-01")),
        ["charge fee 1 50.00", "charge fee 1 50.00"]
    );
    book.confirmed("02-10", 20, 1);
    assert_eq!(lines(&book.issue("03-01")), ["charge fee 1 50.00"]);
    assert_eq!(
        lines(&book.issue("04-01")),
        [
            "charge fee 1 50.00",
            "charge class:work 16 80.00",
            "charge minimum 0 120.00"
        ]
    );
}

#[test]
fn d6_a_goodwill_credit_is_not_clawed_back() {
    let mut book = Book::new(&outcome("price = 1"), "");
    book.confirmed("01-10", 0, 100);
    assert_eq!(book.issue("02-01").total, usd("100"));
    book.control(
        "02-05",
        Control::CreditIssued {
            contract: CONTRACT.to_owned(),
            amount: usd("20"),
            reason: "slow week".to_owned(),
            by: "cs-lead".to_owned(),
        },
    );
    book.confirmed("02-10", 200, 50);
    let february = book.issue("03-01");
    assert_eq!(lines(&february).len(), 2);
    assert_eq!(february.total, usd("30"));
    assert_eq!(february.lines[1].note.as_deref(), Some("slow week"));
    // 150 - 80 would be 70: the credit is in owed and stated alike.
    assert_eq!(book.draw("04-01").total, usd("0"));
}

const JANUARY_WORKS: &str = "acme-2026/cases/2026-01-01T00:00:00Z/v1/class:work";

#[test]
fn d6_a_credited_line_is_not_credited_again_by_a_reversal() {
    let mut book = Book::new(&outcome("price = 1"), "");
    book.confirmed("01-10", 0, 100);
    assert_eq!(book.issue("02-01").total, usd("100"));
    book.credit("02-05", "acme-0001", Some(JANUARY_WORKS));
    // A bare amount would give the price of the reopened work twice: -101.
    book.story("02-06 reopened case=c0003");
    let february = book.issue("03-01");
    assert_eq!(february.total, usd("-100"));
    assert_eq!(lines(&february).len(), 2);
    assert_eq!(february.lines[1].note.as_deref(), Some("an outage"));
    // After the credit was stated the same: the credit falls with the line that it is of.
    book.story("03-02 reopened case=c0004");
    let march = book.issue("04-01");
    assert_eq!(march.total, usd("0"));
    assert_eq!(lines(&march).len(), 2);
}

#[test]
fn d6_a_credited_statement_is_credited_to_the_last_coin_and_once() {
    let plan = outcome("price = \"0.333\"");
    let mut book = Book::new(&plan, "[totals]\ndiscount_percent = 10\n");
    book.confirmed("01-10", 0, 7);
    let january = book.issue("02-01");
    book.credit("02-05", "acme-0001", None);
    // Both decide about the same cells: the second finds nothing left.
    book.credit("02-05", "acme-0001", Some(JANUARY_WORKS));
    book.credit("02-06", "acme-0001", None);
    // What comes late was on no credited statement, and is charged.
    book.confirmed("01-20", 50, 1);
    let owed = book.owed("03-01");
    let credited = owed
        .cells
        .iter()
        .filter(|(key, _)| key.component == "_credit");
    let credited = credited.map(|(_, cell)| cell.amount);
    assert_eq!(
        money::Amount::sum(money::Currency::USD, credited).unwrap(),
        january.total.negated()
    );
    assert_eq!(january.total, usd("2.10"));
    // Eight works less the discount are 2.39, seven 2.10.
    assert_eq!(book.draw("03-01").total, usd("-1.81"));
}

#[test]
fn d6_what_is_not_there_is_not_credited_and_a_credited_statement_is_not_voided() {
    let mut book = Book::new(&outcome("price = 1"), "");
    book.confirmed("01-10", 0, 3);
    book.issue("02-01");
    book.credit("02-05", "acme-0009", None);
    book.credit("02-05", "acme-0001", Some("resolutions"));
    assert_eq!(book.account().flags.len(), 2);
    assert_eq!(book.draw("03-01").total, usd("0"));
    book.credit("02-06", "acme-0001", None);
    book.void("acme-0001");
    assert_eq!(book.account().flags.len(), 3);
    assert_eq!(book.draw("03-01").total, usd("-3"));
}

#[test]
fn d7_a_void_unstates_its_cells_and_the_reissue_covers_what_is_due() {
    let mut book = Book::new(&outcome(FIN), "");
    book.confirmed("01-10", 0, 50);
    assert_eq!(book.issue("02-01").total, usd("49.50"));
    book.story("02-10 reopened case=c0003");
    book.confirmed("02-15", 100, 10);
    assert_eq!(book.issue("03-01").total, usd("8.91"));
    // Statement 2 holds an adjustment of January; now January's own statement is voided.
    book.void("acme-0001");
    let again = book.issue("02-01");
    assert_eq!((again.revision, again.total), (2, usd("49.50")));
    assert_eq!(again.as_of, at("03-01"));
    assert_eq!(book.draw("03-01").total, usd("0"));
    assert_eq!(book.at_once("03-01"), usd("58.41"));
    let account = book.account();
    let held = account.contract(CONTRACT).unwrap();
    let numbers: Vec<&str> = held
        .issued
        .iter()
        .map(|issued| issued.number.as_str())
        .collect();
    assert_eq!(numbers, ["acme-0001", "acme-0002", "acme-0003"]);
    assert_eq!(
        account.may_void("acme-0001"),
        Err(Refusal::Voided("acme-0001".to_owned()))
    );
}

#[test]
fn d7_a_paid_statement_is_credited_not_voided() {
    let mut book = Book::new(&outcome(FIN), "");
    book.confirmed("01-10", 0, 5);
    book.issue("02-01");
    let statement = "acme-0001".to_owned();
    book.control(
        "02-20",
        Control::PaymentRecorded(Payment::on(&statement, usd("4.95"))),
    );
    assert_eq!(
        book.account().may_void(&statement),
        Err(Refusal::Paid(statement))
    );
    book.void("acme-0001");
    assert!(
        book.account().flags[0].problem.contains("was paid"),
        "{:?}",
        book.account().flags
    );
    assert_eq!(book.draw("02-01").total, usd("0"));
}

#[test]
fn a_payment_names_a_statement_that_stands_in_its_currency() {
    let mut book = Book::new(&outcome(FIN), "");
    book.confirmed("01-10", 0, 5);
    book.issue("02-01");
    let pay = |book: &mut Book, statement: &str, amount: &str| {
        let payment = Payment::on(statement, amount.parse().unwrap());
        book.control("02-20", Control::PaymentRecorded(payment));
    };
    let balance = |book: &Book| {
        let ledger = Ledger::of(&book.account(), Timestamp::MAX).unwrap();
        let open = ledger.statement("acme-0001").unwrap().open;
        (open, ledger.on_account(Currency::USD).unwrap())
    };
    assert_eq!(balance(&book), (usd("4.95"), usd("0")));
    pay(&mut book, "acme-0001", "2.00 USD");
    assert_eq!(balance(&book), (usd("2.95"), usd("0")));
    // Too much is taken as it came, and the rest is on account.
    pay(&mut book, "acme-0001", "3.00 USD");
    assert_eq!(balance(&book), (usd("0"), usd("0.05")));
    assert_eq!(book.account().flags, []);
    pay(&mut book, "acme-0001", "3.00 EUR");
    pay(&mut book, "acme-0007", "3.00 USD");
    book.confirmed("02-10", 20, 1);
    book.issue("03-01");
    book.void("acme-0002");
    pay(&mut book, "acme-0002", "0.99 USD");
    let account = book.account();
    let problems: Vec<&str> = account
        .flags
        .iter()
        .map(|own| own.problem.as_str())
        .collect();
    for (problem, said) in problems.iter().zip([
        "`acme-0001` is in USD, not EUR",
        "no statement `acme-0007`",
        "`acme-0002` is voided and owes nothing",
    ]) {
        assert!(problem.contains(said), "{problem}");
    }
    assert_eq!(problems.len(), 3);
    assert_eq!(balance(&book), (usd("0"), usd("0.05")));
}

#[test]
fn d8_a_late_fact_is_waived_once_and_stays_waived() {
    let mut book = Book::new(&outcome(FIN), "late = { waive_after = \"60d\" }\n");
    book.confirmed("01-10", 0, 10);
    book.issue("02-01");
    // Arrives in March: January ended less than 60 days before the cut of April 1.
    book.issue("03-01");
    book.confirmed("01-20", 50, 1);
    assert_eq!(
        lines(&book.issue("04-01")),
        ["adjustment class:work 1 0.99"]
    );
    // Arrives on April 15: waived, with the reason.
    book.confirmed("01-21", 60, 2);
    book.story("04-10 reopened case=c0003");
    let april = book.issue("05-01");
    assert_eq!(
        lines(&april),
        [
            "adjustment class:work 1 -0.99",
            "waived class:work 0 0.00 waived late 1.98"
        ]
    );
    // The credit for a paid work is given whatever is waived beside it.
    assert_eq!(april.total, usd("-0.99"));
    // When the policy changes, what was waived does not come back.
    book.amend(
        "05-01",
        &outcome(FIN),
        &definition("", ""),
        "late = \"bill\"\n",
        false,
    );
    assert_eq!(book.draw("06-01").total, usd("0"));
    // A waived work that is reopened gives nothing back.
    book.story("04-12 reopened case=c0060");
    assert_eq!(book.draw("06-01").total, usd("0"));
}

#[test]
fn d10_value_moves_in_its_own_period_within_floor_and_cap_of_the_work() {
    let price = "price = { percentage = { percent = 10, minimum = 20, maximum = 150 } }";
    let mut book = Book::with(
        &outcome(price),
        &definition("per_unit = \"6.50 USD\"", "measured = true"),
        "",
    );
    book.story("01-06 confirmed case=a");
    let january = book.issue("02-01");
    assert_eq!(january.total, usd("0"));
    assert_eq!(january.pending.get("provisional"), Some(&1));
    book.story("02-20 valued case=a amount=1000");
    assert_eq!(book.issue("03-01").total, usd("100"));
    book.story("03-05 valued case=a amount=-200");
    assert_eq!(book.issue("04-01").total, usd("-20"));
    // The cap acts on the value of the work so far, not on each increment.
    book.story("04-05 valued case=a amount=5000");
    assert_eq!(book.issue("05-01").total, usd("70"));
    book.story("04-06 reopened case=a");
    assert_eq!(book.issue("06-01").total, usd("-150"));
    assert_eq!(book.at_once("06-01"), usd("0"));
}

#[test]
fn d11_disputed_before_stating_waits_and_disputed_later_stands_until_decided() {
    let mut book = Book::new(&outcome(FIN), "dispute_default = \"stands\"\n");
    book.confirmed("01-10", 0, 3);
    book.story("01-28 disputed case=c0000 by=buyer");
    let january = book.issue("02-01");
    assert_eq!(
        (january.total, january.pending.get("disputed")),
        (usd("1.98"), Some(&1))
    );
    book.story("02-05 disputed case=c0001 by=buyer");
    // Undecided: the first still waits, the second has not moved. The deadline of the first passes
    // on February 27, and the contract's default verdict lets it stand.
    let february = book.issue("03-01");
    assert_eq!(lines(&february), ["adjustment class:work 1 0.99"]);
    book.story("03-02 dispute_decided case=c0001 verdict=credited");
    assert_eq!(
        lines(&book.draw("04-01")),
        ["adjustment class:work -1 -0.99"]
    );
}

#[test]
fn d12_an_amendment_behind_the_last_cut_needs_an_approver() {
    let mut book = Book::new(&outcome(FIN), "");
    book.confirmed("01-10", 0, 10);
    book.confirmed("01-20", 20, 10);
    book.issue("02-01");
    let cheaper = outcome("price = \"0.49\"");
    book.amend("01-15", &cheaper, &definition("", ""), "", false);
    assert!(
        book.account().flags[0]
            .problem
            .contains("before the last stated cut")
    );
    assert_eq!(book.draw("03-01").total, usd("0"));
    book.amend("01-15", &cheaper, &definition("", ""), "", true);
    let february = book.draw("03-01");
    assert_eq!(february.total, usd("-5.00"));
    let versions: Vec<u32> = february
        .lines
        .iter()
        .map(|line| line.cell.version)
        .collect();
    assert_eq!(versions, [1, 2]);
}

#[test]
fn d15_the_number_is_no_part_of_the_body() {
    let mut book = Book::new(&outcome(FIN), "series = \"ACME\"\n");
    book.confirmed("01-10", 0, 2);
    let first = book.draw("02-01");
    let issued = |number: &str| {
        let mut entries = first
            .issue(&issue(number, 5, at("02-01"), "finance"))
            .unwrap();
        match entries.pop().unwrap().body {
            Body::Control(Control::StatementIssued { body, .. }) => (entries, body),
            other => panic!("{other:?}"),
        }
    };
    // Body and parts are the same under any number.
    assert_eq!(issued("ACME-0001"), issued("ACME-0900"));
    assert_eq!(
        (first.contract.as_str(), first.cut, first.revision),
        (CONTRACT, at("02-01"), 1)
    );
    book.issue("02-01");
    book.issue("03-01");
    let account = book.account();
    let held = account.contract(CONTRACT).unwrap();
    assert_eq!(account.next_number(held), "ACME-0003");
}

#[test]
fn p1_an_ended_contract_keeps_tails() {
    let text = format!(
        "[[component]]\nid = \"platform\"\nkind = \"platform\"\namount = 50\n\
         [[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"{UNIT}\"\nprice = 1\n"
    );
    let mut book = Book::new(&plan(&text), "ends = 2026-01-31\n[totals]\nminimum = 10\n");
    book.story("01-30 answered case=a kind=answer");
    // Nothing of January counted; the minimum is on the fee.
    assert_eq!(book.issue("02-01").total, usd("50"));
    book.story("02-03 answered case=b kind=answer");
    let tail = book.issue("03-01");
    // Assumed on February 2, though the term is over; what opened in February has no contract.
    assert_eq!(lines(&tail), ["charge class:work 1 1.00"]);
    assert_eq!(book.account().loose_units.len(), 1);
    book.story("02-20 reopened case=a");
    assert_eq!(book.issue("04-01").total, usd("-1"));
    let account = book.account();
    let held = account.contract(CONTRACT).unwrap();
    assert!(!held.is_over(at("04-01")));
    assert!(held.is_over(at("09-01")));
}

#[test]
fn p2_tiers_continue_across_versions_each_unit_at_its_own_rate() {
    let tiers = |unit: &str, next: &str| {
        format!(
            "price = {{ graduated = [{{ up_to = 50, unit = \"{unit}\" }}, {{ unit = \"{next}\" }}] }}"
        )
    };
    let mut book = Book::new(&outcome(&tiers("0.95", "0.90")), "");
    book.confirmed("01-10", 0, 40);
    book.amend(
        "01-16",
        &outcome(&tiers("0.80", "0.70")),
        &definition("", ""),
        "",
        false,
    );
    book.confirmed("01-20", 100, 20);
    // 40 @ 0.95, then ten more of the first tier at 0.80 and ten of the second at 0.70.
    assert_eq!(
        lines(&book.draw("02-01")),
        [
            "charge class:work 40 38.00",
            "charge class:work 10 8.00",
            "charge class:work#2 10 7.00"
        ]
    );
}

#[test]
fn p2_allowance_minimum_and_cap_are_prorated_by_days_tiers_are_not() {
    let metered = |allowance: &str, every: &str| {
        plan(&format!(
            "[[meter]]\nid = \"calls\"\nclass = \"usage\"\n[[component]]\nid = \"calls\"\nkind = \"metered\"\nmeter = \"calls\"\nprice = 1\nallowance = {allowance}\n{every}"
        ))
    };
    let mut book = Book::new(
        &metered("310", ""),
        "anchor_day = 1\nstarts = 2026-01-17\n[totals]\nminimum = 62\n",
    );
    // 15 of January's 31 days: 150 units are included, and 30.00 are promised.
    book.story("01-20 usage meter=calls quantity=160");
    assert_eq!(
        lines(&book.draw("02-01")),
        [
            "charge usage 10 10.00",
            "charge included: 150 0.00",
            "charge minimum 0 20.00"
        ]
    );
}

#[test]
fn p2_volume_takes_its_tier_from_the_whole_period() {
    let volume = |a: &str, b: &str| {
        format!(
            "price = {{ volume = [{{ up_to = 50, unit = {a} }}, {{ unit = {b} }}] }}\nretier_on_reversal = \"no_increase\""
        )
    };
    let mut book = Book::new(&outcome(&volume("10", "5")), "");
    book.confirmed("01-10", 0, 40);
    book.amend(
        "01-16",
        &outcome(&volume("8", "4")),
        &definition("", ""),
        "",
        false,
    );
    book.confirmed("01-20", 100, 20);
    // 60 units reach the second tier: 40 at version one's 5, 20 at version two's 4.
    assert_eq!(book.draw("02-01").total, usd("280"));
}

#[test]
fn p3_a_zone_change_leaves_no_fact_in_no_period() {
    let mut book = Book::new(&outcome("price = 1"), "time_zone = \"Europe/Berlin\"\n");
    let (plan, definition) = (outcome("price = 1"), definition("", ""));
    book.amend(
        "2026-02-28T23:00:00Z",
        &plan,
        &definition,
        "time_zone = \"America/New_York\"\n",
        false,
    );
    book.story(
        "2026-02-28T22:30:00Z confirmed case=february\n2026-03-01T02:00:00Z confirmed case=between\n2026-03-01T06:00:00Z confirmed case=march",
    );
    let account = book.account();
    let cuts = account
        .contract(CONTRACT)
        .unwrap()
        .cuts(at("2026-05-01T12:00:00Z"));
    let expected = [
        "2026-01-31T23:00:00Z",
        "2026-02-28T23:00:00Z",
        "2026-04-01T04:00:00Z",
        "2026-05-01T04:00:00Z",
    ];
    assert_eq!(cuts, expected.map(at));
    let totals: Vec<Amount> = expected.map(|cut| book.issue(cut).total).to_vec();
    assert_eq!(totals, [usd("0"), usd("1"), usd("2"), usd("0")]);
}

#[test]
fn p4_a_seat_handed_over_within_a_day_is_one_seat() {
    let seats = plan("[[component]]\nid = \"seats\"\nkind = \"seats\"\nprice = 31\n");
    let mut book = Book::new(&seats, "");
    book.story(
        "01-01 assigned seat=A\n01-16T09:00 released seat=A\n01-16T15:00 assigned seat=B\n\
         01-20 assigned seat=B id=again\n01-21 released seat=C id=orphan",
    );
    let january = book.draw("02-01");
    assert_eq!(lines(&january), ["charge seats 31 31.00"]);
    let flags: Vec<(String, bool)> = book
        .owed("02-01")
        .seat_flags
        .into_iter()
        .map(|flag| (flag.fact.id.to_string(), flag.assigned))
        .collect();
    assert_eq!(
        flags,
        [("again".to_owned(), true), ("orphan".to_owned(), false)]
    );
    // Two at the same time are two, for that day.
    book.story("01-25T08:00 assigned seat=D\n01-25T09:00 released seat=D");
    assert_eq!(book.draw("02-01").total, usd("32"));
}

#[test]
fn p5_overlaps_are_refused_at_signing_and_pending_all_the_same() {
    let mut book = Book::new(&outcome(FIN), "");
    let other = "acme-pilot";
    let document = book.contract(
        other,
        &outcome("price = 2"),
        &definition("", ""),
        "starts = 2026-03-01\n",
    );
    let signed = Control::ContractSigned {
        contract: other.to_owned(),
        document,
        by: "buyer".to_owned(),
    };
    let mut account = book.clone();
    account.control("2025-12-21", signed);
    let both = account.account();
    let terms = &both.contract(other).unwrap().agreement.latest().terms;
    let refusal = book.account().may_sign(terms).unwrap_err();
    assert!(
        refusal
            .to_string()
            .contains("`acme-2026` sells `support.resolved_case`"),
        "{refusal}"
    );
    account.story("02-10 confirmed case=one\n03-10 confirmed case=two");
    let both = account.account();
    assert_eq!(both.contract(CONTRACT).unwrap().units.len(), 1);
    assert_eq!(both.loose_units.len(), 1);
    assert_eq!(
        both.loose_units[0].1,
        piecework_pricing::cell::Pending::Ambiguous
    );
    // It stops no statement.
    assert_eq!(account.draw("04-01").total, usd("0.99"));
}

#[test]
fn s12_the_version_at_the_opening_governs_for_life() {
    let mut book = Book::new(
        &outcome(
            "[[component.class]]\nname = \"assumed\"\nprice = \"0.99\"\n[[component.class]]\nnames = [\"verified\", \"confirmed\"]\nprice = 2",
        ),
        "",
    );
    book.story("01-30T12:00 answered case=a kind=answer");
    let verified_only = definition(
        "[[counts]]\nclass = \"confirmed\"\nwhen = \"confirmed\"\n[[counts]]\nclass = \"assumed\"\nwhen = \"all(answered where kind = answer, quiet(72h, last answered where kind = answer), not(human_replied), not(escalated))\"\n",
        "",
    );
    let plan = outcome("[[component.class]]\nname = \"verified\"\nprice = \"1.20\"");
    book.amend("02-01", &plan, &verified_only, "", false);
    book.story("02-05 verified case=b result=passed check=tests");
    // Assumed on February 2 under version one, which still has the class.
    let february = book.draw("03-01");
    assert_eq!(
        lines(&february),
        [
            "charge class:assumed 1 0.99",
            "charge class:verified 1 1.20"
        ]
    );
    let versions: Vec<u32> = february
        .lines
        .iter()
        .map(|line| line.cell.version)
        .collect();
    assert_eq!(versions, [1, 2]);
}

#[test]
fn d5_periods_are_half_open() {
    let mut book = Book::new(&outcome(FIN), "");
    book.story(
        "01-31T23:59 confirmed case=january\n02-01 confirmed case=february\n\
         01-15 confirmed case=back\n02-01 reopened case=back",
    );
    assert_eq!(lines(&book.issue("02-01")), ["charge class:work 2 1.98"]);
    assert_eq!(
        lines(&book.issue("03-01")),
        ["adjustment class:work -1 -0.99", "charge class:work 1 0.99"]
    );
}

#[test]
fn d13_a_statement_names_the_semantics_and_the_documents_that_decided_it() {
    let mut book = Book::new(&outcome(FIN), "semantics = 1\n");
    book.confirmed("01-10", 0, 1);
    let statement = book.draw("02-01");
    assert_eq!(statement.semantics, 1);
    let body = statement.body();
    for (_, contract, plan) in &statement.documents {
        assert!(body.contains(&contract.to_string()) && body.contains(&plan.to_string()));
    }
    assert!(body.contains("\"semantics\":1"), "{body}");
    assert_eq!(body, book.draw("02-01").body());
}

#[test]
fn a_statement_tells_whose_facts_its_money_rests_on() {
    let text = format!(
        "[[component]]\nid = \"platform\"\nkind = \"platform\"\namount = 10\n\
         [[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"{UNIT}\"\nprice = 1\n"
    );
    let mut book = Book::new(&plan(&text), "");
    book.story(
        "01-10 confirmed case=a by=buyer\n01-10 confirmed case=b by=buyer\n\
         01-10 answered case=c kind=answer\n01-10 verified case=d result=passed check=tests by=third_party",
    );
    let january = book.draw("01-31");
    let shares: Vec<(Option<&str>, Amount)> = january
        .authorship
        .iter()
        .map(|(author, share)| (author.map(work::event::Authorship::word), *share))
        .collect();
    assert_eq!(
        shares,
        [
            (None, usd("10")),
            (Some("seller"), usd("1")),
            (Some("buyer"), usd("2")),
            (Some("third_party"), usd("1"))
        ]
    );
}

#[test]
fn an_unknown_customer_has_a_draft_that_cannot_be_issued() {
    use piecework_pricing::account::Account;
    use piecework_pricing::statement::{StatementError, draw};
    let signed = Book::new(&outcome(FIN), "");
    let terms = signed.account().contracts[0]
        .agreement
        .latest()
        .terms
        .as_ref()
        .clone();
    let mut book = Book::default();
    book.confirmed("01-10", 0, 3);
    let account = Account::fold(CUSTOMER, book.contents.clone(), Some(terms));
    let draft = draw(&account, None, CONTRACT, at("02-01")).unwrap();
    assert_eq!((draft.total, draft.is_draft), (usd("2.97"), true));
    assert!(draft.body().contains("\"draft\":true"));
    assert_eq!(
        draft.issue(&issue("x", 3, at("02-01"), "finance")),
        Err(StatementError::Draft(CONTRACT.to_owned()))
    );
    // Without a draft nothing is refused and nothing is owed: it waits for a contract.
    assert_eq!(book.account().contracts.len(), 0);
}

#[test]
fn d14_what_a_statement_takes_back_is_a_credit_note_against_the_one_that_charged_it() {
    let mut book = Book::new(&outcome("price = 1"), "[totals]\ndiscount_percent = 10\n");
    book.confirmed("01-10", 0, 10);
    assert_eq!(book.issue("02-01").total, usd("9"));
    // January's line falls by 2 and its discount with it; February charges 5 less 0.50.
    book.story("02-06 reopened case=c0003");
    book.story("02-06 reopened case=c0004");
    book.confirmed("02-10", 20, 5);
    assert_eq!(book.issue("03-01").total, usd("2.70"));
    // All of January: 9.00 less what a note gave back of it already.
    book.credit("03-02", "acme-0001", None);
    assert_eq!(book.issue("04-01").total, usd("-7.20"));
    let found = book.account().credit_notes().unwrap();
    let notes: Vec<_> = (found.notes.iter())
        .map(|own| (&*own.number, &*own.origin, &*own.statement, own.amount))
        .collect();
    assert_eq!(
        notes,
        [
            ("acme-C0001", "acme-0001", "acme-0002", usd("1.80")),
            ("acme-C0002", "acme-0001", "acme-0003", usd("7.20")),
        ]
    );
    let left = |number: &str| {
        found.charged[number]
            .charges
            .minus(found.charged[number].credited)
    };
    assert_eq!(left("acme-0001").unwrap(), usd("0"));
    assert_eq!(left("acme-0002").unwrap(), usd("4.50"));
    assert_eq!(left("acme-0003").unwrap(), usd("0"));
    // Nobody paid: January owes nothing any more, and what is open is February's own.
    let account = book.account();
    let open = |number: &str| {
        let ledger = Ledger::of(&account, Timestamp::MAX).unwrap();
        ledger.statement(number).unwrap().open
    };
    assert_eq!(
        ["acme-0001", "acme-0002", "acme-0003"].map(open),
        ["0", "4.50", "0"].map(usd)
    );
    // A void keeps the number of its note, and gives back what it took of the origin.
    book.void("acme-0003");
    let found = book.account().credit_notes().unwrap();
    assert!(found.notes[1].is_voided);
    assert_eq!(found.charged["acme-0001"].credited, usd("1.80"));
    assert!(!found.charged.contains_key("acme-0003"));
}

#[test]
fn d14_a_goodwill_has_no_origin_and_makes_no_note() {
    let mut book = Book::new(&outcome("price = 1"), "[totals]\nminimum = 8\n");
    book.confirmed("01-10", 0, 3);
    assert_eq!(book.issue("02-01").total, usd("8"));
    book.credit("02-05", "acme-0001", None);
    // A goodwill has no origin: it is no note, and charges less.
    book.control(
        "02-06",
        Control::CreditIssued {
            contract: CONTRACT.to_owned(),
            amount: usd("1"),
            reason: "sorry".to_owned(),
            by: "cs-lead".to_owned(),
        },
    );
    book.issue("03-01");
    let found = book.account().credit_notes().unwrap();
    assert_eq!(found.notes.len(), 1);
    assert_eq!(found.notes[0].amount, usd("8"));
    assert_eq!(found.notes[0].on_account, usd("0"));
    assert_eq!(found.charged["acme-0002"].charges, usd("7"));
}

/// A flat fee stays where its one work was taken back, and a second work is waived as late: the fee is
/// the first one's, whole.
#[test]
fn d8_what_is_waived_has_no_share_where_weights_are_even() {
    use piecework_pricing::cell::{Contribution, Source};
    let work = |unit: usize, weight: &str, is_late: bool| Contribution {
        source: Source::Unit(unit, 0),
        quantity: weight.parse().unwrap(),
        weight: weight.parse().unwrap(),
        authorship: work::event::Authorship::Seller,
        is_late,
        is_disputed: false,
    };
    let group = [work(0, "0", false), work(1, "1", true), work(2, "0", false)];
    let shares = piecework_pricing::statement::shares(usd("1"), &group, true).unwrap();
    assert_eq!(shares, [usd("0.50"), usd("0"), usd("0.50")]);
}

/// January is stated before anybody measured it. What March pays back is of January's fee: a note against January's
/// statement. What a later document takes of it again is charged.
#[test]
fn d14_what_a_service_level_pays_back_is_against_what_was_charged() {
    let terms = "[[component]]\nid = \"platform\"\nkind = \"platform\"\namount = 1000\ndue = \"arrears\"\n\
         [[component]]\nid = \"sla\"\nkind = \"service_level\"\nmeasure = \"up\"\nof = [\"platform\"]\n\
         [[component.band]]\nfrom = 0\npercent = 10\n[[component.band]]\nfrom = 99\npercent = 0\n";
    let mut book = Book::new(&plan(terms), "");
    let measured = |value: &str, more: &str| {
        format!(
            "subject = \"up\"\nfrom = 2026-01-01T00:00:00Z\nuntil = 2026-02-01T00:00:00Z\nvalue = {value}\n{more}"
        )
    };
    let notes = |book: &Book| -> Vec<String> {
        let found = book.account().credit_notes().unwrap();
        let told = found.notes.iter();
        told.map(|own| {
            format!(
                "{} {} {} {}",
                own.number,
                own.origin,
                own.statement,
                own.amount.number()
            )
        })
        .collect()
    };
    book.issue("02-01");
    book.issue("03-01");
    assert!(notes(&book).is_empty());
    book.tell("03-10", DocumentKind::Measure, &measured("98", ""));
    assert_eq!(book.issue("04-01").total, usd("900"));
    assert_eq!(notes(&book), ["acme-C0001 acme-0001 acme-0003 100.00"]);
    let charged = book.account().credit_notes().unwrap().charged;
    assert_eq!(charged["acme-0003"].charges, usd("1000"));
    book.tell(
        "04-10",
        DocumentKind::Measure,
        &measured("99.5", "reprice = \"cfo\"\n"),
    );
    assert_eq!(book.issue("05-01").total, usd("1100"));
    assert_eq!(notes(&book).len(), 1);
    // Measured in time, it is of the statement that charges.
    let mut book = Book::new(&plan(terms), "");
    book.tell("01-31", DocumentKind::Measure, &measured("98", ""));
    assert_eq!(book.issue("02-01").total, usd("900"));
    assert!(notes(&book).is_empty());
}
