//! Receivables: what is open of statements and what is on account, held by laws over any entries.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

mod support;

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::date;
use jiff::tz::TimeZone;
use money::{Amount, Currency};
use piecework_pricing::account::Account;
use piecework_pricing::account::check::Refusal;
use piecework_pricing::accounting::{
    Entry, GlAccount, TrialBalance, of_contract, of_credits, of_payments,
};
use piecework_pricing::receivable::{Bucket, Ledger, MoneyFact, Moved, oldest_due_first};
use piecework_pricing::revenue::{Close, Constraint};
use proptest::prelude::*;
use support::*;
use work::body::{
    Allocated, Allocation, Balance, Control, OnAccount, Payment, PaymentVoided, Refund, WriteOff,
};
use work::settle::FactRef;

/// Three statements of one contract: 5.00, 10.00 and 4.00 less 3.00 that were taken back of the first.
fn three() -> Book {
    three_with(Book::new(
        &outcome("price = 1"),
        "[invoice]\ndue_days = 30\n",
    ))
}

/// A book that goes on from where another system stopped, with 7.00 unpaid since January 10.
fn opened(then: fn(Book) -> Book) -> Book {
    let mut book = Book::new(&outcome("price = 1"), "[invoice]\ndue_days = 30\n");
    book.open(
        "01-01",
        "[[unpaid]]\nnumber = \"R-118\"\namount = 7\ndue = 2026-01-10\n",
    );
    then(book)
}

fn three_with(mut book: Book) -> Book {
    book.confirmed("01-10", 0, 5);
    book.issue("02-01");
    book.confirmed("02-10", 10, 10);
    book.issue("03-01");
    book.confirmed("03-10", 30, 4);
    for case in ["c0000", "c0001", "c0002"] {
        book.story(&format!("02-20 reopened case={case}"));
    }
    book.issue("04-01");
    book
}

fn paid(on: &[(&str, &str)], amount: &str) -> Payment {
    Payment {
        amount: usd(amount),
        statement: None,
        allocations: parts(on),
        reference: None,
    }
}

fn parts(on: &[(&str, &str)]) -> Vec<Allocation> {
    on.iter()
        .map(|(statement, amount)| Allocation {
            statement: (*statement).to_owned(),
            amount: usd(amount),
        })
        .collect()
}

fn ledger(book: &Book) -> Ledger {
    Ledger::of(&book.account(), Timestamp::MAX).unwrap()
}

/// `number due paid credited written_off open`, then `name amount allocated refunded written_off on_account`.
fn shown(ledger: &Ledger) -> Vec<String> {
    let statements = ledger.statements.iter().map(|own| {
        let sums = [own.due, own.paid, own.credited, own.written_off, own.open];
        format!("{} {}", own.number, sums.map(Amount::number).join(" "))
    });
    let sources = ledger.sources.iter().map(|own| {
        let (OnAccount::Payment(name) | OnAccount::Credit(name)) = &own.name;
        let sums = [
            own.amount,
            own.allocated,
            own.refunded,
            own.written_off,
            own.on_account,
        ];
        format!("{name} {}", sums.map(Amount::number).join(" "))
    });
    statements.chain(sources).collect()
}

#[test]
fn d14_a_credit_note_is_for_the_statement_that_it_is_against() {
    let mut book = three();
    assert_eq!(
        shown(&ledger(&book)),
        [
            "acme-0001 5.00 0.00 3.00 0.00 2.00",
            "acme-0002 10.00 0.00 0.00 0.00 10.00",
            "acme-0003 4.00 0.00 0.00 0.00 4.00",
            "acme-C0001 3.00 3.00 0.00 0.00 0.00",
        ]
    );
    // Paid before the note came, its money is on account, and may be for another statement.
    book.control(
        "02-15",
        Control::PaymentRecorded(Payment::on("acme-0001", usd("5"))),
    );
    let as_of = |at: Timestamp| shown(&Ledger::of(&book.account(), at).unwrap());
    assert_eq!(
        as_of(at("02-28"))[..1],
        ["acme-0001 5.00 5.00 0.00 0.00 0.00"]
    );
    let after = shown(&ledger(&book));
    assert_eq!(after[0], "acme-0001 5.00 5.00 0.00 0.00 0.00");
    assert_eq!(after[4], "acme-C0001 3.00 0.00 0.00 0.00 3.00");
    let from = OnAccount::Credit("acme-C0001".to_owned());
    let account = ledger(&book);
    assert!(
        account
            .may_allocate(&from, &parts(&[("acme-0003", "3")]))
            .is_ok()
    );
    assert!(matches!(
        account.may_allocate(&from, &parts(&[("acme-0003", "3.01")])),
        Err(Refusal::NotOnAccount { .. })
    ));
    book.control(
        "04-02",
        Control::PaymentAllocated(Allocated {
            from,
            allocations: parts(&[("acme-0003", "3")]),
            by: "finance".to_owned(),
        }),
    );
    let after = shown(&ledger(&book));
    assert_eq!(after[2], "acme-0003 4.00 0.00 3.00 0.00 1.00");
    assert_eq!(after[4], "acme-C0001 3.00 3.00 0.00 0.00 0.00");
}

#[test]
fn d7_one_payment_is_for_several_statements_and_its_rest_is_on_account() {
    let mut book = three();
    let whole = paid(&[("acme-0002", "10"), ("acme-0001", "1.50")], "12");
    book.control("04-02", Control::PaymentRecorded(whole));
    let after = shown(&ledger(&book));
    assert_eq!(after[0], "acme-0001 5.00 1.50 3.00 0.00 0.50");
    assert_eq!(after[1], "acme-0002 10.00 10.00 0.00 0.00 0.00");
    let name = ledger(&book).sources[0].name.clone();
    assert_eq!(
        ledger(&book).on_account(Currency::USD).unwrap(),
        usd("0.50")
    );
    let leaves = |amount| ledger(&book).may_leave(&Balance::OnAccount(name.clone()), usd(amount));
    assert!(leaves("0.50").is_ok());
    assert!(leaves("0.51").is_err());
    book.control(
        "04-03",
        Control::PaymentRefunded(Refund {
            from: name.clone(),
            amount: usd("0.20"),
            reference: None,
            reason: "asked for".to_owned(),
            by: "finance".to_owned(),
        }),
    );
    book.control(
        "04-03",
        Control::BalanceWrittenOff(WriteOff {
            of: Balance::Statement("acme-0001".to_owned()),
            amount: usd("0.50"),
            reason: "bank fees".to_owned(),
            by: "finance".to_owned(),
        }),
    );
    let after = shown(&ledger(&book));
    assert_eq!(after[0], "acme-0001 5.00 1.50 3.00 0.50 0.00");
    assert!(
        after[3].ends_with(" 12.00 11.50 0.20 0.00 0.30"),
        "{after:?}"
    );
    let account = book.account();
    let OnAccount::Payment(payment) = &name else {
        panic!("{name:?}")
    };
    assert!(matches!(
        account.may_void_payment(payment),
        Err(Refusal::WentBack { .. })
    ));
    assert!(matches!(
        account.may_void_payment("nobody"),
        Err(Refusal::NoMoney(_))
    ));
}

/// What a wrong entry paid is not paid: then the statement may be voided (D7), and without the void it may not.
#[test]
fn d7_a_voided_payment_pays_nothing() {
    let mut book = three();
    book.control(
        "04-02",
        Control::PaymentRecorded(Payment::on("acme-0003", usd("4"))),
    );
    let OnAccount::Payment(payment) = ledger(&book).sources[0].name.clone() else {
        panic!("a payment is the first source")
    };
    book.control(
        "04-03",
        Control::PaymentAllocated(Allocated {
            from: OnAccount::Payment(payment.clone()),
            allocations: parts(&[("acme-0002", "1")]),
            by: "finance".to_owned(),
        }),
    );
    for number in ["acme-0002", "acme-0003"] {
        assert_eq!(
            book.account().may_void(number),
            Err(Refusal::Paid(number.to_owned()))
        );
    }
    assert!(book.account().may_void("acme-0001").is_ok());
    let void = PaymentVoided {
        entry: payment,
        reason: "of another customer".to_owned(),
        by: "finance".to_owned(),
    };
    book.control("04-05", Control::PaymentVoided(void));
    for number in ["acme-0002", "acme-0003"] {
        assert!(book.account().may_void(number).is_ok(), "{number}");
    }
    let then = Ledger::of(&book.account(), at("04-04")).unwrap();
    assert_eq!(then.statement("acme-0003").unwrap().paid, usd("3"));
    assert_eq!(ledger(&book).statement("acme-0003").unwrap().open, usd("4"));
    assert_eq!(ledger(&book).sources.len(), 1, "the note alone");
}

#[test]
fn d7_the_oldest_due_is_paid_first() {
    let book = three();
    let divided = |amount| oldest_due_first(&ledger(&book), usd(amount)).unwrap();
    assert_eq!(divided("1"), parts(&[("acme-0001", "1")]));
    assert_eq!(
        divided("12.01"),
        parts(&[
            ("acme-0001", "2"),
            ("acme-0002", "10"),
            ("acme-0003", "0.01")
        ])
    );
    assert_eq!(
        divided("99"),
        parts(&[("acme-0001", "2"), ("acme-0002", "10"), ("acme-0003", "4")])
    );
}

/// What is unpaid there is asked for here, under its own number and by its own day, and on no statement.
#[test]
fn p6_d7_what_another_system_left_unpaid_is_paid_here() {
    let mut book = opened(three_with);
    assert_eq!(
        shown(&ledger(&book))[2..4],
        [
            "acme-0003 4.00 0.00 0.00 0.00 4.00",
            "R-118 7.00 0.00 0.00 0.00 7.00"
        ]
    );
    let aged = ledger(&book).aged(date(2026, 1, 20)).unwrap();
    let first = &aged[0].items[0];
    assert_eq!((first.number.as_str(), first.days), ("R-118", 10));
    assert_eq!(first.due_on, date(2026, 1, 10));
    // It was due first, and so it is paid first.
    let divided = oldest_due_first(&ledger(&book), usd("8")).unwrap();
    assert_eq!(divided, parts(&[("R-118", "7"), ("acme-0001", "1")]));
    let paid = Payment {
        statement: Some("R-118".to_owned()),
        ..paid(&[], "6")
    };
    book.control("04-02", Control::PaymentRecorded(paid));
    let rest = WriteOff {
        of: Balance::Statement("R-118".to_owned()),
        amount: usd("1"),
        reason: "a discount of the former system".to_owned(),
        by: "finance".to_owned(),
    };
    book.control("04-03", Control::BalanceWrittenOff(rest));
    let account = book.account();
    assert_eq!(account.flags, [], "both were taken");
    assert_eq!(ledger(&book).statement("R-118").unwrap().open, usd("0"));
    let as_of = |at: Timestamp| Ledger::of(&account, at).unwrap().statements.len();
    assert_eq!(
        as_of(at("2025-12-31")),
        0,
        "before the opening nothing is asked for"
    );
    let euros = Moved::Paid(Payment::on(
        "R-118",
        Amount::new("1".parse().unwrap(), Currency::EUR),
    ));
    assert!(matches!(
        account.may_move(&euros),
        Err(Refusal::PaidIn { .. })
    ));
}

/// Whoever pays `acme-0001` must know which document that is.
#[test]
fn p6_what_is_unpaid_has_no_number_of_this_book() {
    for (number, is_ours) in [
        ("R-118", false),
        ("acme-0001", true),
        ("acme-C0001", true),
        ("acme-2025-118", false),
        ("former/acme-0001", false),
    ] {
        let mut book = Book::new(&outcome("price = 1"), "");
        let text = format!("[[unpaid]]\nnumber = \"{number}\"\namount = 7\n");
        book.open("01-01", &text);
        let account = book.account();
        assert_eq!(account.debts().next().is_none(), is_ours, "{number}");
        assert_eq!(account.flags.is_empty(), !is_ours, "{number}");
    }
}

#[test]
fn what_is_open_is_aged_by_the_day_it_was_due() {
    let buckets = [0, 1, 30, 31, 60, 61, 90, 91].map(Bucket::of);
    use Bucket::*;
    assert_eq!(
        buckets,
        [
            NotDue, Days30, Days30, Days60, Days60, Days90, Days90, Over90
        ]
    );
    assert_eq!(Bucket::of(-400), NotDue);
    let book = three();
    // Due on March 3, March 31 and May 1.
    let aged = ledger(&book).aged(date(2026, 5, 2)).unwrap();
    assert_eq!(
        aged[0].buckets,
        [usd("0"), usd("4"), usd("12"), usd("0"), usd("0")].map(|own| own)
    );
    let days: Vec<i32> = aged[0].items.iter().map(|own| own.days).collect();
    assert_eq!(days, [60, 32, 1]);
    assert_eq!(aged[0].open, usd("16"));
    let before = Ledger::of(&book.account(), at("02-15")).unwrap();
    let aged = before.aged(date(2026, 2, 15)).unwrap();
    assert_eq!((aged[0].open, aged[0].buckets[0]), (usd("5"), usd("5")));
}

/// An entry about money at some of few instants, with amounts that may be more than is there.
fn money_fact(index: usize) -> impl Strategy<Value = MoneyFact> {
    // The last is of nobody; the one before it another system's.
    let statement = (1u8..=5).prop_map(|number| match number {
        4 => "R-118".to_owned(),
        number => format!("acme-000{number}"),
    });
    let payment = (0..12usize).prop_map(|index| OnAccount::Payment(format!("m{index}")));
    let credit = Just(OnAccount::Credit("acme-C0001".to_owned()));
    let from = prop_oneof![3 => payment, 1 => credit];
    let amount =
        (1i64..1_200).prop_map(|cents| usd(&format!("{}.{:02}", cents / 100, cents % 100)));
    let part = (statement.clone(), amount.clone());
    let part = part.prop_map(|(statement, amount)| Allocation { statement, amount });
    let by = || "finance".to_owned();
    let what = prop_oneof![
        3 => (amount.clone(), proptest::option::of(statement.clone())).prop_map(|(amount, statement)| {
            Moved::Paid(Payment { amount, statement, allocations: Vec::new(), reference: None })
        }),
        3 => (amount.clone(), proptest::collection::vec(part.clone(), 1..3)).prop_map(|(amount, mut allocations)| {
            allocations.dedup_by(|a, b| a.statement == b.statement);
            Moved::Paid(Payment { amount, statement: None, allocations, reference: None })
        }),
        2 => (from.clone(), part).prop_map(move |(from, part)| {
            Moved::Allocated(Allocated { from, allocations: vec![part], by: by() })
        }),
        2 => (from.clone(), amount.clone()).prop_map(move |(from, amount)| {
            Moved::Refunded(Refund { from, amount, reference: None, reason: by(), by: by() })
        }),
        1 => (statement, amount.clone()).prop_map(move |(number, amount)| {
            Moved::WrittenOff(WriteOff { of: Balance::Statement(number), amount, reason: by(), by: by() })
        }),
        1 => (from, amount).prop_map(move |(from, amount)| {
            Moved::WrittenOff(WriteOff { of: Balance::OnAccount(from), amount, reason: by(), by: by() })
        }),
        2 => (0..12usize).prop_map(move |index| {
            Moved::Voided(PaymentVoided { entry: format!("m{index}"), reason: by(), by: by() })
        }),
    ];
    (what, 0i64..4).prop_map(move |(what, hours)| MoneyFact {
        entry: 100 + index as u64,
        fact: FactRef {
            source: "piecework".into(),
            id: format!("m{index}").into(),
        },
        at: at("2026-02-20") + jiff::SignedDuration::from_hours(hours * 480),
        what,
    })
}

fn facts() -> impl Strategy<Value = Vec<MoneyFact>> {
    (0usize..12).prop_flat_map(|count| (0..count).map(money_fact).collect::<Vec<_>>())
}

fn laws(ledger: &Ledger) {
    let zero = usd("0");
    for own in &ledger.statements {
        let sums = [own.paid, own.credited, own.written_off, own.open];
        assert_eq!(
            Amount::sum(Currency::USD, sums).unwrap(),
            own.due,
            "{own:?}"
        );
        assert!(sums.iter().all(|sum| !sum.is_negative()), "{own:?}");
        let applied = ledger
            .applied
            .iter()
            .filter(|part| part.statement == own.number);
        let applied = Amount::sum(Currency::USD, applied.map(|part| part.amount)).unwrap();
        assert_eq!(applied, own.paid.plus(own.credited).unwrap());
    }
    for own in &ledger.sources {
        let sums = [own.allocated, own.refunded, own.written_off, own.on_account];
        assert_eq!(
            Amount::sum(Currency::USD, sums).unwrap(),
            own.amount,
            "{own:?}"
        );
        assert!(
            sums.iter().all(|sum| sum.value() >= zero.value()),
            "{own:?}"
        );
        let applied = ledger.applied.iter().filter(|part| part.from == own.name);
        let applied = Amount::sum(Currency::USD, applied.map(|part| part.amount)).unwrap();
        assert_eq!(applied, own.allocated);
    }
}

/// The entries that a book would have taken: each asked of the account with those before it.
fn taken(account: &mut Account, facts: Vec<MoneyFact>) {
    for fact in facts {
        let now = Timestamp::MAX;
        let ledger = Ledger::of(account, now).unwrap();
        let may = account.may_move(&fact.what).is_ok()
            && match &fact.what {
                Moved::Paid(own) => {
                    ledger.may_take(&own.allocations).is_ok()
                        && Amount::sum(
                            Currency::USD,
                            own.allocations.iter().map(|part| part.amount),
                        )
                        .is_ok_and(|sum| sum.value() <= own.amount.value())
                }
                Moved::Allocated(own) => ledger.may_allocate(&own.from, &own.allocations).is_ok(),
                Moved::Refunded(own) => ledger
                    .may_leave(&Balance::OnAccount(own.from.clone()), own.amount)
                    .is_ok(),
                Moved::WrittenOff(own) => ledger.may_leave(&own.of, own.amount).is_ok(),
                Moved::Voided(own) => account.may_void_payment(&own.entry).is_ok(),
            };
        if may {
            account.money.push(fact);
        }
    }
}

/// The account of [`three`] without its works, which no money looks at, and what of its journal is not about money.
static STATED: LazyLock<(Account, Vec<Entry>)> = LazyLock::new(|| {
    let mut account = opened(three_with).account();
    let held = account.contract(CONTRACT).unwrap();
    let close = Close {
        month: date(2026, 4, 1),
        until: at("2026-12-01"),
        known: held,
    };
    let rules = Constraint::default();
    let mut entries = of_contract(CUSTOMER, &[close], &rules, &TimeZone::UTC).unwrap();
    entries.extend(of_credits(&account, Timestamp::MAX, &TimeZone::UTC).unwrap());
    account.contracts[0].units = Default::default();
    account.entries.clear();
    (account, entries)
});

/// Whatever a log holds, at every instant: nothing is lost, nothing below zero, and the order of what happened at one
/// instant changes nothing.
fn any_order(given: Vec<MoneyFact>, shuffled: Vec<MoneyFact>, hours: i64) {
    let as_of = at("2026-02-19") + jiff::SignedDuration::from_hours(hours);
    let with = |money| {
        let mut account = STATED.0.clone();
        account.money = money;
        account
    };
    let (one, other) = (with(given), with(shuffled));
    let ledger = Ledger::of(&one, as_of).unwrap();
    laws(&ledger);
    assert_eq!(ledger, Ledger::of(&other, as_of).unwrap());
}

/// What acts let through: every amount moves as it says, so that the account's movements and the journal come to what is
/// open less what is on account, to the last digit.
fn of_the_journal(given: Vec<MoneyFact>) {
    let mut account = STATED.0.clone();
    taken(&mut account, given);
    let ledger = Ledger::of(&account, Timestamp::MAX).unwrap();
    laws(&ledger);
    let open = ledger.open(Currency::USD).unwrap();
    let net = open
        .minus(ledger.on_account(Currency::USD).unwrap())
        .unwrap();
    let movements = account.receivable_movements(Timestamp::MAX).unwrap();
    let moved = Amount::sum(Currency::USD, movements.iter().map(|own| own.amount)).unwrap();
    assert_eq!(moved, net);
    let mut entries = STATED.1.clone();
    entries.extend(of_payments(&account, Timestamp::MAX, &TimeZone::UTC));
    for own in &entries {
        assert_eq!(own.sum(Currency::USD).unwrap(), usd("0"));
    }
    let receivable = GlAccount::Receivable {
        customer: CUSTOMER.to_owned(),
    };
    let balance = TrialBalance::of(&entries).unwrap();
    assert_eq!(balance.balance(&receivable, usd("0")), net);
}

fn twice() -> impl Strategy<Value = (Vec<MoneyFact>, Vec<MoneyFact>)> {
    facts().prop_flat_map(|own| (Just(own.clone()), Just(own).prop_shuffle()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn d7_every_sum_of_money_is_somewhere_in_any_order((given, shuffled) in twice(), hours in 0i64..2_000) {
        any_order(given, shuffled, hours);
    }

    #[test]
    fn d7_the_receivable_of_the_journal_is_what_is_open_less_what_is_on_account(given in facts()) {
        of_the_journal(given);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn slow_d7_every_sum_of_money_is_somewhere_in_any_order((given, shuffled) in twice(), hours in 0i64..2_000) {
        any_order(given, shuffled, hours);
    }

    #[test]
    fn slow_d7_the_receivable_of_the_journal_is_what_is_open_less_what_is_on_account(given in facts()) {
        of_the_journal(given);
    }
}
