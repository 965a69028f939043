//! Margin: the formula, the ledger, where costs go, and sums that hold in every grouping.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use money::{Amount, Currency, Decimal, Quantity, Rounding};
use piecework_pricing::margin::{
    CostLedger, CostLines, Counting, Dimension, Earning, Margin, Placed, Placer, Row, Settings,
    Sharing, SoldUnit, Unconverted, Uncosted, What, gross_margin,
};
use piecework_pricing::model_costs::{ModelCosts, Unpriced};
use proptest::prelude::*;
use work::body::{Body, Cost, CostLine, TokenClass, Tokens};
use work::effective::Fact;
use work::event::{Authorship, UNASSIGNED};
use work::settle::{Basis, FactRef, Movement, MovementKind, State, Unit, UnitKey};
use work::{Event, Header, Headers};

const USD: Currency = Currency::USD;

fn usd(text: &str) -> Amount {
    Amount::new(text.parse().unwrap(), USD)
}

fn time(text: &str) -> Timestamp {
    let text = if text.len() == 10 {
        format!("{text}T00:00:00Z")
    } else {
        text.to_owned()
    };
    text.parse().unwrap()
}

fn lines(model: &str, infra: &str, human_review: &str, support: &str) -> CostLines {
    let mut lines = CostLines::zero(USD);
    lines.add(CostLine::Model, usd(model)).unwrap();
    lines.add(CostLine::Infra, usd(infra)).unwrap();
    lines.add(CostLine::HumanReview, usd(human_review)).unwrap();
    lines.add(CostLine::Support, usd(support)).unwrap();
    lines
}

#[test]
fn the_formula_is_exact() {
    let margin = gross_margin(usd("2.50"), &lines("0.38", "0.07", "0.20", "0.10")).unwrap();
    assert_eq!(margin.cost, usd("0.75"));
    assert_eq!(margin.profit, usd("1.75"));
    assert_eq!(margin.share_exact().unwrap().unwrap().to_string(), "0.7");
    let third = gross_margin(usd("3"), &lines("1", "0", "0", "0")).unwrap();
    assert_eq!(
        third.share_exact().unwrap(),
        None,
        "2/3 is no decimal number"
    );
    assert_eq!(
        third.share_rounded(4).unwrap().unwrap().to_string(),
        "0.6667"
    );
    let loss = gross_margin(usd("1"), &lines("1", "0.50", "0", "0")).unwrap();
    assert_eq!(loss.share_exact().unwrap().unwrap().to_string(), "-0.5");
    for price in ["0", "-1"] {
        let none = gross_margin(usd(price), &lines("1", "0", "0", "0")).unwrap();
        assert_eq!(none.share().unwrap(), None, "no price, no margin");
    }
    let euro = Amount::new(Decimal::ONE, Currency::EUR);
    assert!(gross_margin(euro, &lines("1", "0", "0", "0")).is_err());
}

/// Who decides: the same conversations, counted by different rules (README of the tau2 data).
#[test]
fn known_margins() {
    let check = |counted: i64, cost: &str, revenue: &str, share: &str| {
        let price = usd("0.99").times(Decimal::from_int(counted)).unwrap();
        assert_eq!(price.number(), revenue);
        let margin = gross_margin(price, &lines(cost, "0", "0", "0")).unwrap();
        assert_eq!(margin.share_rounded(3).unwrap().unwrap().to_string(), share);
    };
    check(46, "4.203311", "45.54", "0.908");
    check(23, "4.203311", "22.77", "0.815");
    check(19, "4.203311", "18.81", "0.777");
    check(36, "14.443248", "35.64", "0.595");
    check(21, "14.443248", "20.79", "0.305");
}

// Facts

fn costs() -> ModelCosts {
    ModelCosts::parse(
        "[model_costs]\ntitle = \"T\"\ndate = 2026-01-01\ncurrency = \"USD\"\n\
         [[source]]\nid = \"s\"\nname = \"S\"\ndate = 2026-01-01\n\
         [[model]]\nmodel = \"m\"\nsource = \"s\"\nper_million = { input = \"2\", output = \"8\" }\n",
    )
    .unwrap()
}

fn cost(line: CostLine, amount: Option<&str>) -> Cost {
    Cost {
        line,
        amount: amount.map(|text| text.parse().unwrap()),
        provider: None,
        model: None,
        tokens: Tokens::new(),
        agent: None,
        agent_version: None,
        note: None,
    }
}

fn call(model: &str, input: i64, amount: Option<&str>) -> Cost {
    let mut call = cost(CostLine::Model, amount);
    call.model = Some(model.to_owned());
    if input > 0 {
        call.tokens
            .insert(TokenClass::Input, Quantity::from_int(input));
    }
    call
}

fn fact(id: &str, customer: &str, at: &str, work: Option<&str>, cost: Cost) -> Fact {
    let mut headers = Headers::default();
    if let Some(work) = work {
        headers.set(Header::Work, work);
    }
    let event = Event {
        id: id.into(),
        source: "test".into(),
        customer: customer.into(),
        time: time(at),
        work: work.map(str::to_owned).map(Into::into),
        traceparent: None,
        signature: None,
        authorship: Authorship::Seller,
        headers,
        body: Body::Cost(cost),
    };
    Fact {
        entry: 0,
        event,
        corrected_by: None,
    }
}

fn with_header(mut fact: Fact, header: Header, value: &str) -> Fact {
    fact.event.headers.set(header, value);
    fact
}

fn ledger(facts: &[Fact]) -> CostLedger {
    CostLedger::of(facts, &costs(), USD, Counting::Claimed)
}

#[test]
fn what_counts_of_a_cost() {
    let what = |cost: Cost, counting: Counting| {
        let facts = [fact("1", "acme", "2026-01-02", None, cost)];
        let ledger = CostLedger::of(&facts, &costs(), USD, counting);
        ledger.entries[0].counts.clone()
    };
    let claimed = |text| What::Claimed(usd(text));
    let computed = |text| What::Computed(usd(text));
    use Counting::{Claimed, Computed};
    // Both known: the setting decides.
    let both = || call("m", 1_000_000, Some("1.50 USD"));
    assert_eq!(what(both(), Claimed), claimed("1.50"));
    assert_eq!(what(both(), Computed), computed("2"));
    // One known: it counts.
    assert_eq!(what(call("m", 1_000_000, None), Claimed), computed("2"));
    assert_eq!(
        what(call("mystery", 1, Some("0.30 USD")), Computed),
        claimed("0.30")
    );
    // A recorded zero is not free: it is computed, or without a price.
    assert_eq!(
        what(call("m", 1_000_000, Some("0.00 USD")), Claimed),
        computed("2")
    );
    let unknown = what(call("mystery", 1, Some("0.00 USD")), Claimed);
    assert!(matches!(
        unknown,
        What::Uncosted(Uncosted::Model(Unpriced::UnknownModel { .. }))
    ));
    let no_tokens = what(call("m", 0, Some("0.00 USD")), Claimed);
    assert!(matches!(
        no_tokens,
        What::Uncosted(Uncosted::Model(Unpriced::NoTokens { .. }))
    ));
    assert_eq!(
        what(cost(CostLine::Model, Some("0 USD")), Claimed),
        What::Uncosted(Uncosted::NoModel)
    );
    // A credit takes away, whatever the setting: there is nothing to compute it from.
    for counting in [Claimed, Computed] {
        let credit = what(call("m", 0, Some("-0.40 USD")), counting);
        assert_eq!(credit, claimed("-0.40"));
    }
    // A zero on another line is what it says.
    assert_eq!(
        what(cost(CostLine::Infra, Some("0 USD")), Claimed),
        claimed("0")
    );
    assert_eq!(
        what(cost(CostLine::Infra, Some("1 EUR")), Claimed),
        What::Uncosted(Uncosted::OtherCurrency("1 EUR".parse().unwrap()))
    );
}

#[test]
fn a_ledger_reports_what_has_no_price_and_what_differs() {
    let facts = [
        fact(
            "1",
            "acme",
            "2026-01-02",
            None,
            call("m", 1_000_000, Some("1.50 USD")),
        ),
        fact(
            "2",
            "acme",
            "2026-01-02",
            None,
            call("m", 500_000, Some("1.00 USD")),
        ),
        fact(
            "3",
            "acme",
            "2026-01-02",
            None,
            call("m", 500_000, Some("0 USD")),
        ),
        fact("4", "acme", "2026-01-02", None, call("mystery", 1, None)),
        fact("5", "acme", "2026-01-02", None, call("mystery", 1, None)),
        fact(
            "6",
            "acme",
            "2026-01-02",
            None,
            cost(CostLine::Model, Some("0 USD")),
        ),
    ];
    let mut facts = facts.to_vec();
    for (id, amount) in [("7", "1 EUR"), ("8", "2.50 EUR"), ("9", "100 JPY")] {
        let infra = cost(CostLine::Infra, Some(amount));
        facts.push(fact(id, "acme", "2026-01-02", None, infra));
    }
    let summary = ledger(&facts).summary().unwrap();
    // What is in another currency is counted apart from what nobody knows the price of.
    assert_eq!((summary.costed, summary.unpriced), (3, 3));
    let other = |entries, amount: &str| Unconverted {
        entries,
        amount: amount.parse().unwrap(),
    };
    assert_eq!(
        summary.other_currencies,
        BTreeMap::from([("EUR", other(2, "3.50 EUR")), ("JPY", other(1, "100 JPY"))])
    );
    assert_eq!(summary.amount, usd("3.50"));
    assert_eq!(
        summary.unpriced_models,
        BTreeMap::from([(None, 1), (Some("mystery".to_owned()), 2)])
    );
    assert_eq!((summary.differing, summary.difference), (1, usd("-0.50")));
}

// Units

fn unit(
    definition: &str,
    scope: &str,
    opened: &str,
    works: &[&str],
    counted: &[(&str, i64)],
) -> Unit {
    let opened_by = FactRef {
        source: "test".into(),
        id: format!("open-{scope}-{opened}").into(),
    };
    let mut movements = Vec::new();
    let mut states = vec![(time(opened), State::Pending)];
    let mut counted_at = time(opened);
    for (at, quantity) in counted {
        if *quantity > 0 {
            counted_at = time(at);
        }
        let (kind, state) = if *quantity > 0 {
            (MovementKind::Counted, State::Counted("assumed".into()))
        } else {
            (MovementKind::Reversed, State::Reversed)
        };
        states.push((time(at), state));
        movements.push(Movement {
            instant: time(at),
            kind,
            class: "assumed".into(),
            quantity: Quantity::from_int(*quantity),
            value: None,
            counted_at,
            causes: Vec::new(),
            basis: Arc::new(Basis {
                headers: Headers::default(),
                confidence: None,
                review: None,
                decided_by: Authorship::Seller,
            }),
        });
    }
    Unit {
        key: UnitKey {
            unit: definition.into(),
            scope: vec![scope.into()],
            opened_by,
        },
        opened: time(opened),
        version: 1,
        movements,
        states,
        disputes: Vec::new(),
        attempt: None,
        headers: Headers::default(),
        human_touches: Vec::new(),
        listed: Vec::new(),
        facts: Vec::new(),
        works: works.iter().map(|work| (*work).into()).collect(),
        traces: Vec::new(),
        evidence: Vec::new(),
    }
}

const CASE: &[Header] = &[Header::Case];

fn sold<'a>(customer: &'a str, unit: &'a Unit) -> SoldUnit<'a> {
    SoldUnit {
        customer,
        plan: Some("plan-a"),
        key: CASE,
        zone: None,
        unit,
    }
}

#[test]
fn a_cost_finds_its_unit() {
    let first = unit("resolved", "c1", "2026-01-01", &["w1"], &[]);
    let again = unit("resolved", "c1", "2026-01-10", &["w1", "w2"], &[]);
    let other = unit("drafted", "c1", "2026-01-05", &["w1"], &[]);
    let theirs = unit("resolved", "c1", "2026-01-01", &["w9"], &[]);
    let units = [
        sold("acme", &first),
        sold("acme", &again),
        sold("acme", &other),
        sold("globex", &theirs),
    ];
    let placer = Placer::new(&units);
    let check = |fact: Fact, expected: Placed| {
        let ledger = ledger(std::slice::from_ref(&fact));
        assert_eq!(
            placer.place(&ledger.entries[0]),
            expected,
            "{:?}",
            fact.event
        );
    };
    let at = |at: &str, work| fact("1", "acme", at, work, call("m", 1, None));
    // By work: the last unit opened at or before the cost, else the first.
    check(at("2026-01-02", Some("w1")), Placed::ByWork(0));
    check(at("2026-01-07", Some("w1")), Placed::ByWork(2));
    check(at("2026-01-10", Some("w1")), Placed::ByWork(1));
    check(at("2025-12-31", Some("w1")), Placed::ByWork(0));
    check(at("2026-01-01", Some("w2")), Placed::ByWork(1));
    // A cost that names the definition goes to its units only.
    check(
        with_header(at("2026-01-07", Some("w1")), Header::Unit, "resolved"),
        Placed::ByWork(0),
    );
    // By headers of the scope key.
    check(
        with_header(at("2026-01-12", None), Header::Case, "c1"),
        Placed::ByHeaders(1),
    );
    check(
        with_header(at("2026-01-06", Some("w7")), Header::Case, "c1"),
        Placed::ByHeaders(2),
    );
    // Nobody's, or another customer's.
    check(at("2026-01-02", None), Placed::Unassigned);
    check(at("2026-01-02", Some("w7")), Placed::Unassigned);
    check(
        with_header(at("2026-01-02", None), Header::Case, "c2"),
        Placed::Unassigned,
    );
    check(at("2026-01-02", Some("w9")), Placed::Unassigned);
    // Recorded under nobody: by the work, where only one customer has it.
    let nobody = |work| {
        fact(
            "1",
            UNASSIGNED,
            "2026-01-02",
            Some(work),
            call("m", 1, None),
        )
    };
    check(nobody("w9"), Placed::ByWork(3));
    check(nobody("w7"), Placed::Unassigned);
}

/// The trace of that number, and a `traceparent` in it.
fn trace(number: u8) -> (String, String) {
    let trace = format!("{number:032x}");
    let traceparent = format!("00-{trace}-00f067aa0ba902b7-01");
    (trace, traceparent)
}

#[test]
fn a_cost_without_work_finds_its_unit_by_its_trace() {
    let traced = |mut unit: Unit, traces: &[u8]| {
        unit.traces = traces
            .iter()
            .map(|number| trace(*number).0.into())
            .collect();
        unit
    };
    let of = |scope, opened, works: &[&str], traces: &[u8]| {
        traced(unit("resolved", scope, opened, works, &[]), traces)
    };
    let first = of("c1", "2026-01-01", &["w1"], &[1, 2]);
    let second = of("c2", "2026-01-05", &["w2"], &[2]);
    let drafted = traced(unit("drafted", "c1", "2026-01-04", &["w1"], &[]), &[2]);
    let theirs = of("c1", "2026-01-01", &["w9"], &[3, 4]);
    let ours_too = of("c3", "2026-01-01", &["w3"], &[4]);
    let all = [
        ("acme", &first),
        ("acme", &second),
        ("acme", &drafted),
        ("globex", &theirs),
        ("acme", &ours_too),
    ];
    // Whatever the order of the units.
    for turn in 0..all.len() {
        let mut order: Vec<usize> = (0..all.len()).collect();
        order.rotate_left(turn);
        let units: Vec<SoldUnit> = order
            .iter()
            .map(|index| sold(all[*index].0, all[*index].1))
            .collect();
        let placer = Placer::new(&units);
        let place = |fact: Fact| {
            let ledger = ledger(std::slice::from_ref(&fact));
            match placer.place(&ledger.entries[0]) {
                Placed::ByTrace(unit) => Placed::ByTrace(order[unit]),
                Placed::ByWork(unit) => Placed::ByWork(order[unit]),
                Placed::ByHeaders(unit) => Placed::ByHeaders(order[unit]),
                Placed::Unassigned => Placed::Unassigned,
            }
        };
        let at = |customer, at: &str, work, number: u8| {
            let mut fact = fact("1", customer, at, work, call("m", 1, None));
            fact.event.traceparent = Some(trace(number).1);
            fact
        };
        assert_eq!(place(at("acme", "2026-01-09", None, 1)), Placed::ByTrace(0));
        // Several units in one trace: the last opened at or before the cost, else the first.
        assert_eq!(place(at("acme", "2026-01-09", None, 2)), Placed::ByTrace(1));
        assert_eq!(place(at("acme", "2026-01-02", None, 2)), Placed::ByTrace(0));
        assert_eq!(place(at("acme", "2025-12-01", None, 2)), Placed::ByTrace(0));
        // Headers and the definition choose among them.
        let case = |fact, case| with_header(fact, Header::Case, case);
        assert_eq!(
            place(case(at("acme", "2026-01-02", None, 2), "c2")),
            Placed::ByTrace(1)
        );
        assert_eq!(
            place(case(at("acme", "2026-01-09", None, 2), "c9")),
            Placed::ByTrace(1)
        );
        let drafted = with_header(at("acme", "2026-01-09", None, 2), Header::Unit, "drafted");
        assert_eq!(place(drafted), Placed::ByTrace(2));
        // A cost that names its work goes by that, also where nobody knows the work.
        assert_eq!(
            place(at("acme", "2026-01-09", Some("w1"), 2)),
            Placed::ByWork(2)
        );
        assert_eq!(
            place(at("acme", "2026-01-09", Some("w7"), 1)),
            Placed::Unassigned
        );
        // Never across customers; of a cost of nobody's where only one customer has the trace.
        assert_eq!(place(at("acme", "2026-01-09", None, 3)), Placed::Unassigned);
        assert_eq!(
            place(at(UNASSIGNED, "2026-01-09", None, 3)),
            Placed::ByTrace(3)
        );
        assert_eq!(
            place(case(at(UNASSIGNED, "2026-01-02", None, 2), "c2")),
            Placed::ByTrace(1)
        );
        assert_eq!(
            place(at(UNASSIGNED, "2026-01-09", None, 4)),
            Placed::Unassigned
        );
        // An unknown trace leaves the headers.
        assert_eq!(
            place(case(at("acme", "2026-01-09", None, 9), "c1")),
            Placed::ByHeaders(2)
        );
        assert_eq!(place(at("acme", "2026-01-09", None, 9)), Placed::Unassigned);
    }
}

/// The money of a cost of nobody's is the unit's whose trace it names.
#[test]
fn a_traced_cost_of_nobodys_is_in_its_units_margin() {
    let mut only = unit(
        "resolved",
        "c1",
        "2026-01-01",
        &["w1"],
        &[("2026-01-02", 1)],
    );
    only.traces = vec![trace(1).0.into()];
    let units = [sold("acme", &only)];
    let mut facts: Vec<Fact> = [(1, "0.30 USD"), (2, "0.05 USD")]
        .into_iter()
        .map(|(number, amount)| {
            let mut fact = fact(
                &number.to_string(),
                UNASSIGNED,
                "2026-01-02",
                None,
                call("m", 1, Some(amount)),
            );
            fact.event.traceparent = Some(trace(number).1);
            fact
        })
        .collect();
    let earnings = [earning("acme", "2026-01-01", "1.00", &[(0, "1")])];
    for _ in 0..2 {
        let ledger = ledger(&facts);
        let settings = settings(Sharing::Keep, Sharing::Keep);
        let margin = Margin::of(&units, &ledger, &earnings, &settings).unwrap();
        let rows = margin.by(Dimension::Customer).unwrap();
        assert_eq!(row(&rows, Some("acme")).costs.sum().unwrap(), usd("0.30"));
        assert_eq!(margin.unassigned(), (1, usd("0.05")));
        facts.reverse();
    }
}

fn earning(customer: &str, period: &str, amount: &str, by: &[(usize, &str)]) -> Earning {
    let by: Vec<(usize, Decimal)> = by
        .iter()
        .map(|(unit, w)| (*unit, w.parse().unwrap()))
        .collect();
    let earning = Earning {
        customer: customer.to_owned(),
        plan: Some("plan-a".to_owned()),
        what: "resolutions".to_owned(),
        begins: period.parse().unwrap(),
        amount: usd(amount),
        shares: Vec::new(),
    };
    earning.shared_by(&by).unwrap()
}

fn settings(unallocated: Sharing, unassigned: Sharing) -> Settings {
    Settings {
        unallocated,
        unassigned,
        ..Settings::usual(time("2026-12-31"), TimeZone::UTC, USD)
    }
}

fn row<'r>(rows: &'r [Row], name: Option<&str>) -> &'r Row {
    rows.iter().find(|row| row.name.as_deref() == name).unwrap()
}

/// Ten cases, one half counted; every case cost the same: the cost of a counted one is twice that.
#[test]
fn a_counted_unit_carries_the_failures() {
    let units: Vec<Unit> = (0..10)
        .map(|n| {
            let counted: &[(&str, i64)] = if n < 5 { &[("2026-01-03", 1)] } else { &[] };
            unit(
                "resolved",
                &format!("c{n}"),
                "2026-01-01",
                &[&format!("w{n}")],
                counted,
            )
        })
        .collect();
    let units: Vec<SoldUnit> = units.iter().map(|unit| sold("acme", unit)).collect();
    let mut facts: Vec<Fact> = (0..10)
        .map(|n| {
            let id = n.to_string();
            fact(
                &id,
                "acme",
                "2026-01-01",
                Some(&format!("w{n}")),
                call("m", 100_000, None),
            )
        })
        .collect();
    for (id, work) in [("e1", Some("w0")), ("e2", Some("w1")), ("e3", None)] {
        let euro = cost(CostLine::Infra, Some("0.10 EUR"));
        facts.push(fact(id, "acme", "2026-01-01", work, euro));
    }
    facts.push(fact(
        "x",
        "acme",
        "2026-01-01",
        Some("w0"),
        call("mystery", 1, None),
    ));
    facts.push(fact(
        "y",
        "acme",
        "2026-01-01",
        Some("w0"),
        call("mystery", 1, None),
    ));
    facts.push(fact(
        "z",
        "acme",
        "2026-01-01",
        None,
        cost(CostLine::Infra, Some("0.40 USD")),
    ));
    let ledger = ledger(&facts);
    let by: Vec<(usize, &str)> = (0..5).map(|n| (n, "1")).collect();
    let earnings = [earning("acme", "2026-01-01", "4.95", &by)];
    let margin = Margin::of(
        &units,
        &ledger,
        &earnings,
        &settings(Sharing::ByRevenue, Sharing::Keep),
    )
    .unwrap();
    let total = margin.total().unwrap();
    assert_eq!((total.works, total.counted), (10, Quantity::from_int(5)));
    assert_eq!(total.costs.get(CostLine::Model), usd("2"));
    assert_eq!(total.costs.get(CostLine::Infra), usd("0.40"));
    assert_eq!(total.failures.sum().unwrap(), usd("1"));
    let classes = margin.by(Dimension::Class).unwrap();
    let per = |row: &Row| {
        let ratio = row.cost_per_counted().unwrap();
        ratio.map(|ratio| ratio.rounded(4, Rounding::HalfEven).unwrap().to_string())
    };
    assert_eq!(per(row(&classes, Some("assumed"))), Some("0.2".to_owned()));
    assert_eq!(
        per(row(&classes, Some("pending"))),
        None,
        "nothing counts, no cost per counted"
    );
    assert_eq!(
        per(&total).unwrap(),
        "0.48",
        "with the failures and the unassigned"
    );
    let units = margin.by(Dimension::Unit).unwrap();
    assert_eq!(
        per(row(&units, Some("resolved"))).unwrap(),
        "0.4",
        "with the failures"
    );
    // Beside, never zero.
    assert_eq!((total.unpriced, total.unpriced_works), (2, 1));
    assert_eq!((total.unconverted, total.unconverted_works), (3, 2));
    assert_eq!(margin.unassigned(), (2, usd("0.40")));
    assert_eq!(row(&units, None).costs.sum().unwrap(), usd("0.40"));
}

#[test]
fn a_reversal_takes_its_count_back_in_the_month_that_counted_it() {
    let reversed = unit(
        "resolved",
        "c1",
        "2026-01-05",
        &["w1"],
        &[("2026-01-10", 1), ("2026-02-10", -1)],
    );
    let units = [sold("acme", &reversed)];
    let facts = [
        fact(
            "1",
            "acme",
            "2026-01-06",
            Some("w1"),
            call("m", 500_000, None),
        ),
        fact(
            "2",
            "acme",
            "2026-02-06",
            Some("w1"),
            call("m", 250_000, None),
        ),
    ];
    let ledger = ledger(&facts);
    let at = |as_of: &str| {
        let settings = Settings::usual(time(as_of), TimeZone::UTC, USD);
        let margin = Margin::of(&units, &ledger, &[], &settings).unwrap();
        let months = margin.by(Dimension::Month).unwrap();
        months
            .iter()
            .map(|r| {
                format!(
                    "{} {} {}",
                    r.name.as_deref().unwrap(),
                    r.counted,
                    r.costs.sum().unwrap()
                )
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(at("2026-01-31"), ["2026-01 1 1.00 USD"]);
    assert_eq!(
        at("2026-02-28"),
        ["2026-01 0 1.00 USD", "2026-02 0 0.50 USD"]
    );
}

#[test]
fn what_no_work_earned_alone_is_shared_by_a_named_rule() {
    let units: Vec<Unit> = (0..3)
        .map(|n| {
            unit(
                "resolved",
                &format!("c{n}"),
                "2026-01-01",
                &[],
                &[("2026-01-03", 1)],
            )
        })
        .collect();
    let units: Vec<SoldUnit> = units.iter().map(|unit| sold("acme", unit)).collect();
    let facts = [fact(
        "1",
        "acme",
        "2026-01-02",
        None,
        cost(CostLine::Infra, Some("0.10 USD")),
    )];
    let ledger = ledger(&facts);
    let earnings = [
        earning(
            "acme",
            "2026-01-01",
            "1.00",
            &[(0, "0.333"), (1, "0.333"), (2, "0.333")],
        ),
        earning("acme", "2026-01-01", "10.00", &[]),
        earning("acme", "2026-01-01", "-0.05", &[]),
    ];
    let shares = |unallocated, unassigned| {
        let margin = Margin::of(
            &units,
            &ledger,
            &earnings,
            &settings(unallocated, unassigned),
        )
        .unwrap();
        let rows = margin.by(Dimension::Work).unwrap();
        let total = margin.total().unwrap();
        assert_eq!(total.revenue, usd("10.95"));
        assert_eq!(total.costs.sum().unwrap(), usd("0.10"));
        assert_eq!(margin.unallocated(), usd("9.95"));
        rows.iter()
            .map(|r| format!("{} {}", r.revenue.number(), r.costs.sum().unwrap().number()))
            .collect::<Vec<_>>()
    };
    // 3 x 0.333 is 1.00 by largest remainder.
    assert_eq!(
        shares(Sharing::Keep, Sharing::Keep),
        ["9.95 0.10", "0.34 0.00", "0.33 0.00", "0.33 0.00"]
    );
    assert_eq!(
        shares(Sharing::ByCounted, Sharing::ByCounted),
        ["3.66 0.04", "3.65 0.03", "3.64 0.03"]
    );
    assert_eq!(
        shares(Sharing::ByRevenue, Sharing::ByRevenue),
        ["3.72 0.04", "3.62 0.03", "3.61 0.03"]
    );
    // Nothing to go by: it stays a row of its own.
    let margin = Margin::of(
        &[],
        &ledger,
        &earnings[1..],
        &settings(Sharing::ByRevenue, Sharing::ByRevenue),
    )
    .unwrap();
    let rows = margin.by(Dimension::Work).unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(
        (rows[0].name.as_deref(), rows[0].revenue),
        (None, usd("9.95"))
    );
}

/// A provider's bill names no customer: what it charges and what it gives back is everybody's, by
/// the same rule, and the sum over works is the bill.
#[test]
fn a_bill_of_nobody_is_shared_with_its_credits() {
    let units: Vec<Unit> = [("a", 3), ("b", 1)]
        .map(|(name, count)| {
            unit(
                "resolved",
                name,
                "2026-01-01",
                &[],
                &[("2026-01-03", count)],
            )
        })
        .into();
    let units = [sold("acme", &units[0]), sold("globex", &units[1])];
    let bill =
        |id, line, amount| fact(id, UNASSIGNED, "2026-01-02", None, cost(line, Some(amount)));
    let facts = [
        bill("1", CostLine::Infra, "10.00000000019 USD"),
        bill("2", CostLine::Infra, "-2.00 USD"),
        bill("3", CostLine::Model, "-0.40 USD"),
    ];
    let ledger = ledger(&facts);
    let rule = settings(Sharing::ByCounted, Sharing::ByCounted);
    let margin = Margin::of(&units, &ledger, &[], &rule).unwrap();
    let total = margin.total().unwrap();
    assert_eq!(total.costs.get(CostLine::Infra), usd("8.00000000019"));
    assert_eq!(total.costs.get(CostLine::Model), usd("-0.40"));
    let rows = margin.by(Dimension::Customer).unwrap();
    let shares: Vec<(Option<&str>, Amount, Amount)> = rows
        .iter()
        .map(|row| {
            let costs = &row.costs;
            (
                row.name.as_deref(),
                costs.get(CostLine::Infra),
                costs.get(CostLine::Model),
            )
        })
        .collect();
    assert_eq!(
        shares,
        [
            (Some("acme"), usd("6.00000000014"), usd("-0.30")),
            (Some("globex"), usd("2.00000000005"), usd("-0.10")),
        ]
    );
}

#[test]
fn a_work_belongs_to_the_model_on_which_most_was_spent() {
    let one = unit(
        "resolved",
        "c1",
        "2026-01-01",
        &["w1"],
        &[("2026-01-03", 1)],
    );
    let units = [sold("acme", &one)];
    let agent = |mut cost: Cost, version: &str| {
        cost.agent = Some("helper".to_owned());
        cost.agent_version = Some(version.to_owned());
        cost
    };
    let facts = [
        fact(
            "1",
            "acme",
            "2026-01-01",
            Some("w1"),
            agent(call("m", 1, Some("0.10 USD")), "1.0"),
        ),
        fact(
            "2",
            "acme",
            "2026-01-01",
            Some("w1"),
            agent(call("z", 1, Some("0.30 USD")), "1.1"),
        ),
        fact("3", "acme", "2026-01-01", Some("w1"), call("a", 1, None)),
    ];
    let ledger = ledger(&facts);
    let margin = Margin::of(
        &units,
        &ledger,
        &[],
        &settings(Sharing::Keep, Sharing::Keep),
    )
    .unwrap();
    let work = &margin.works()[0];
    assert_eq!(
        (work.model, work.agent, work.agent_version),
        (Some("z"), Some("helper"), Some("1.1"))
    );
    let rows = margin.by(Dimension::AgentVersion).unwrap();
    assert_eq!(rows[0].name.as_deref(), Some("helper 1.1"));
    assert_eq!(rows[0].costs.sum().unwrap(), usd("0.40"));
    assert_eq!(margin.placed().len(), 3);
}

// Sums

prop_compose! {
    fn any_book()(
        units in prop::collection::vec((0usize..3, 0i64..60, 0i64..3, 0usize..4), 0..12),
        costs in prop::collection::vec((0usize..4, 0i64..90, 0usize..16, 0i64..200_000, 0usize..6), 0..25),
        earned in prop::collection::vec((0usize..3, 0usize..3, -5_000i64..20_000, prop::collection::vec((0usize..12, 0i64..4), 0..6)), 0..10),
        rules in (0usize..3, 0usize..3),
    ) -> (Vec<(usize, i64, i64, usize)>, Vec<(usize, i64, usize, i64, usize)>, Vec<(usize, usize, i64, Vec<(usize, i64)>)>, (usize, usize)) {
        (units, costs, earned, rules)
    }
}

fn day(n: i64) -> String {
    let date = jiff::civil::date(2026, 1, 1)
        .checked_add(jiff::Span::new().days(n))
        .unwrap();
    date.to_string()
}

proptest! {
    /// Whatever the grouping and the rule, the rows sum to the earnings and to the ledger.
    #[test]
    fn sums_hold_in_any_grouping((units, costs, earned, rules) in any_book(), partly: bool) {
        const CUSTOMERS: [&str; 4] = ["acme", "globex", "initech", UNASSIGNED];
        let units: Vec<(usize, Unit)> = units
            .iter()
            .enumerate()
            .map(|(n, (customer, opened, counted, work))| {
                let after = [day(*opened + 1), day(*opened + 20)];
                let movements: &[(&str, i64)] = match counted {
                    0 => &[],
                    1 => &[(&after[0], 1)],
                    _ => &[(&after[0], 1), (&after[1], -1)],
                };
                (*customer, unit("resolved", &format!("c{n}"), &day(*opened), &[&format!("w{work}")], movements))
            })
            .collect();
        let sold: Vec<SoldUnit> = units.iter().map(|(customer, unit)| sold(CUSTOMERS[*customer], unit)).collect();
        let facts: Vec<Fact> = costs
            .iter()
            .enumerate()
            .map(|(n, (customer, at, work, tokens, kind))| {
                let cost = match kind {
                    0 => call("mystery", *tokens, None),
                    1 => cost(CostLine::Infra, Some(&format!("0.{tokens:06} USD"))),
                    2 => cost(CostLine::HumanReview, Some("1.25 USD")),
                    3 => call("m", *tokens, Some("0 USD")),
                    4 => cost(CostLine::Support, Some("0.75 EUR")),
                    _ => call("m", *tokens, None),
                };
                let work = (*work < 6).then(|| format!("w{work}"));
                fact(&n.to_string(), CUSTOMERS[*customer], &day(*at), work.as_deref(), cost)
            })
            .collect();
        let ledger = ledger(&facts);
        let earnings: Vec<Earning> = earned
            .iter()
            .map(|(customer, month, cents, by)| {
                let amount = Amount::from_minor(i128::from(*cents), USD).unwrap();
                let by: Vec<(usize, String)> = by
                    .iter()
                    .filter(|(unit, _)| *unit < sold.len())
                    .map(|(unit, weight)| (*unit, weight.to_string()))
                    .collect();
                let by: Vec<(usize, &str)> = by.iter().map(|(u, w)| (*u, w.as_str())).collect();
                let month = format!("2026-0{}-01", month + 1);
                let mut earning = earning(CUSTOMERS[*customer], &month, &amount.number(), &by);
                if partly {
                    earning.shares.pop(); // a share that no work has
                }
                earning
            })
            .collect();
        let rule = |n: usize| Sharing::WORDS[n].1;
        let margin = Margin::of(&sold, &ledger, &earnings, &settings(rule(rules.0), rule(rules.1))).unwrap();
        let total = margin.total().unwrap();
        let summary = ledger.summary().unwrap();
        prop_assert_eq!(total.revenue, Amount::sum(USD, earnings.iter().map(|e| e.amount)).unwrap());
        prop_assert_eq!(total.costs.sum().unwrap(), summary.amount);
        prop_assert_eq!(total.unpriced, summary.unpriced);
        let other: u64 = summary.other_currencies.values().map(|own| own.entries).sum();
        prop_assert_eq!(total.unconverted, other);
        prop_assert_eq!(margin.placed().len(), ledger.entries.len());
        for (_, dimension) in Dimension::WORDS {
            let rows = margin.by(dimension).unwrap();
            let sum = |of: fn(&Row) -> Amount| Amount::sum(USD, rows.iter().map(of)).unwrap();
            prop_assert_eq!(sum(|r| r.revenue), total.revenue);
            prop_assert_eq!(sum(|r| r.revenue_shared), total.revenue_shared);
            prop_assert_eq!(sum(|r| r.costs_shared), total.costs_shared);
            for (_, line) in CostLine::WORDS {
                let own = Amount::sum(USD, rows.iter().map(|r| r.costs.get(*line))).unwrap();
                prop_assert_eq!(own, total.costs.get(*line));
                let failed = Amount::sum(USD, rows.iter().map(|r| r.failures.get(*line))).unwrap();
                prop_assert_eq!(failed, total.failures.get(*line));
            }
            prop_assert_eq!(rows.iter().map(|r| r.works).sum::<u64>(), total.works);
            prop_assert_eq!(rows.iter().map(|r| r.unpriced).sum::<u64>(), total.unpriced);
            prop_assert_eq!(rows.iter().map(|r| r.unconverted).sum::<u64>(), total.unconverted);
            let counted = rows.iter().try_fold(Quantity::ZERO, |sum, r| sum.plus(r.counted)).unwrap();
            prop_assert_eq!(counted, total.counted);
        }
    }
}
