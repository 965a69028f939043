//! Plans and contracts as documents: what is read, and where each fault is shown.

#![allow(clippy::unwrap_used)] // a test may stop at the first thing that is not there

use money::{Amount, Rounding};
use piecework_pricing::contract::Late;
use piecework_pricing::period::Interval;
use piecework_pricing::plan::{Retier, Surface, Terms, check};
use piecework_pricing::{Contract, Plan};
use work::Span;

const PLAN: &str = r#"
id = "support-hybrid"
version = 3
currency = "USD"

[[meter]]
id = "messages"
class = "usage"

[[component]]
id = "platform"
surface = "access"
kind = "platform"
amount = "500.00"

[[component]]
id = "seats"
kind = "seats"
price = { graduated = [{ up_to = 10, unit = 20 }, { unit = 15 }] }
included = 2

[[component]]
id = "messages"
kind = "metered"
meter = "messages"
price = "0.002"
allowance = 10_000

[[component]]
id = "resolutions"
kind = "outcome"
unit = "support.resolved_case"
allowance = 50
[[component.class]]
name = "verified"
price = "1.50 USD"
[[component.class]]
names = ["confirmed", "assumed"]
price = { graduated = [{ up_to = 50, unit = "0.95" }, { unit = "0.90" }] }
[[component.class]]
name = "contained"
free = true

[[component]]
id = "confidence"
kind = "risk"
modifies = "resolutions"
by = "confidence"
missing = 1
[[component.band]]
from = 0
multiplier = "0.8"
[[component.band]]
from = "0.9"
multiplier = "1.2"

[[component]]
id = "indemnity"
kind = "indemnity"
modifies = "resolutions"
premium = "0.05"
cover = "1000.00"

[totals]
minimum = "300.00"
discount_percent = 10
"#;

fn contract_text(plan: &Plan, more: &str) -> String {
    format!(
        "id = \"acme-2026\"\ncustomer = \"acme\"\nplan = \"{}\"\nstarts = 2026-01-01\n\
         time_zone = \"Europe/Berlin\"\ncurrency = \"USD\"\n{more}",
        plan.digest
    )
}

#[test]
fn a_plan_reads_as_written() {
    let plan = Plan::parse(PLAN).unwrap();
    assert_eq!(plan.digest, work::Digest::of(PLAN.as_bytes()));
    let surfaces: Vec<(&str, Surface)> = plan
        .components
        .iter()
        .map(|c| (c.id.as_str(), c.surface()))
        .collect();
    assert_eq!(
        surfaces,
        [
            ("platform", Surface::Access),
            ("seats", Surface::Access),
            ("messages", Surface::Usage),
            ("resolutions", Surface::Outcome),
            ("confidence", Surface::Risk),
            ("indemnity", Surface::Risk),
        ]
    );
    let Terms::Outcome(outcome) = &plan.component("resolutions").unwrap().terms else {
        panic!()
    };
    let labels: Vec<String> = outcome
        .groups
        .iter()
        .map(piecework_pricing::plan::Group::label)
        .collect();
    assert_eq!(labels, ["verified", "confirmed+assumed", "contained"]);
    assert_eq!(outcome.group_of("assumed"), Some(1));
    assert_eq!(outcome.group_of("escalated"), None);
    let Terms::Risk(risk) = &plan.component("confidence").unwrap().terms else {
        panic!()
    };
    let band =
        |confidence: Option<&str>| risk.band_of(confidence.map(|c| c.parse().unwrap()), None).0;
    assert_eq!(band(Some("0.9")), "from:0.9");
    assert_eq!(band(Some("0.89")), "from:0");
    assert_eq!(band(None), "missing");
}

/// Each row: a document's change, and the fault with the text that it points at.
#[test]
fn a_fault_in_a_plan_points_at_its_place() {
    let rows = [
        (
            "currency = \"USD\"",
            "currency = \"usd\"",
            "ISO 4217",
            "\"usd\"",
        ),
        ("version = 3", "version = 0", "at least 1", "0"),
        (
            "amount = \"500.00\"",
            "amont = \"500.00\"",
            "`amont` is not a key here",
            "amont",
        ),
        (
            "price = \"1.50 USD\"",
            "price = \"1.50 EUR\"",
            "cannot combine USD with EUR",
            "\"1.50 EUR\"",
        ),
        (
            "price = \"0.002\"",
            "price = \"-0.002\"",
            "cannot be negative",
            "\"-0.002\"",
        ),
        (
            "{ up_to = 10, unit = 20 }, { unit = 15 }",
            "{ up_to = 10, unit = 20 }",
            "last tier must have no `up_to`",
            "[{ up_to = 10, unit = 20 }]",
        ),
        (
            "name = \"verified\"",
            "name = \"assumed\"",
            "has two prices",
            "[[",
        ),
        (
            "surface = \"access\"",
            "surface = \"risk\"",
            "belongs to the surface `access`",
            "\"risk\"",
        ),
        (
            "kind = \"indemnity\"",
            "kind = \"insurance\"",
            "is not one of: platform",
            "\"insurance\"",
        ),
        (
            "modifies = \"resolutions\"\npremium",
            "modifies = \"resolution\"\npremium",
            "no component `resolution`",
            "[[",
        ),
        (
            "id = \"messages\"\nclass = \"usage\"",
            "id = \"messages\"\nclass = \"value\"",
            "sold as an outcome",
            "[[",
        ),
        (
            "id = \"messages\"\nclass",
            "id = \"support.resolved_case\"\nclass",
            "not declared",
            "[[",
        ),
        ("from = \"0.9\"", "from = 0", "must rise", "[["),
        (
            "discount_percent = 10",
            "discount_percent = 110",
            "0 to 100",
            "110",
        ),
        (
            "minimum = \"300.00\"",
            "minimum = \"300.00\"\ncap = \"200.00\"",
            "above the cap",
            "\"300.00\"",
        ),
        (
            "id = \"platform\"",
            "id = \"a/b\"",
            "letters, digits",
            "\"a/b\"",
        ),
    ];
    for (old, new, problem, at) in rows {
        let text = PLAN.replacen(old, new, 1);
        assert_ne!(text, PLAN, "{old}");
        let error = Plan::parse(&text).unwrap_err();
        let fault = error
            .faults
            .iter()
            .find(|fault| fault.problem.contains(problem));
        let fault = fault.unwrap_or_else(|| panic!("{new}: {:?}", error.faults));
        assert!(
            text[fault.span.clone()].starts_with(at),
            "{new}: {}",
            &text[fault.span.clone()]
        );
    }
}

#[test]
fn a_cost_unit_is_not_sold_as_an_outcome_and_no_work_is_sold_twice() {
    let cost = PLAN.replace(
        "id = \"messages\"\nclass = \"usage\"",
        "id = \"messages\"\nclass = \"usage\"\n[[meter]]\nid = \"support.resolved_case\"\nclass = \"cost\"",
    );
    let error = Plan::parse(&cost).unwrap_err();
    assert!(error.to_string().contains("cost unit"), "{error}");
    let twice = format!(
        "{}\n[[component]]\nid = \"fee\"\nkind = \"outcome\"\nunit = \"support.resolved_case\"\nprice = 1\n",
        PLAN.split("[totals]").next().unwrap()
    );
    let error = Plan::parse(&twice).unwrap_err();
    assert!(error.to_string().contains("paid twice"), "{error}");
    Plan::parse(&format!("{twice}in_addition_to = \"resolutions\"\n")).unwrap();
}

#[test]
fn a_contract_reads_as_written_and_overrides_single_terms() {
    let plan =
        Plan::parse(&PLAN.replace("unit = \"support.resolved_case\"\n", "unit = \"u\"\n")).unwrap();
    let text = contract_text(
        &plan,
        "ends = 2026-12-31\nanchor_day = 31\nbilling = \"quarter\"\nrounding = \"half_up\"\n\
         late = { waive_after = \"60d\" }\nretier_on_reversal = \"no_increase\"\n\
         [totals]\ncap = \"9000\"\n\
         [[override]]\ncomponent = \"platform\"\namount = \"400\"\n",
    );
    let contract = Contract::parse(&text).unwrap();
    assert_eq!(contract.anchor_day, 31);
    assert_eq!(contract.billing, Interval::Quarter);
    assert_eq!(contract.rounding, Rounding::HalfUp);
    assert_eq!(contract.late, Late::WaiveAfter(Span::Days(60)));
    assert_eq!(contract.semantics, 1);
    let error = contract.resolve(&plan, &[]).unwrap_err();
    assert!(error.to_string().contains("definition"), "{error}");
    let access = format!(
        "{}[[component]]{}",
        PLAN.split("[[component]]").next().unwrap(),
        PLAN.split("[[component]]").nth(1).unwrap()
    );
    let plan = Plan::parse(&access).unwrap();
    let text = contract_text(
        &plan,
        &text
            .split_once("ends =")
            .map(|(_, rest)| format!("ends ={rest}"))
            .unwrap(),
    );
    let in_force = Contract::parse(&text).unwrap().resolve(&plan, &[]).unwrap();
    let Terms::Platform(platform) = &in_force.components[0].terms else {
        panic!()
    };
    assert_eq!(platform.amount, "400 USD".parse::<Amount>().unwrap());
    assert_eq!(
        in_force.totals.totals.cap.map(|cap| cap.amount),
        Some("9000 USD".parse().unwrap())
    );
}

#[test]
fn a_fault_in_a_contract_points_at_its_place() {
    let plan = Plan::parse(PLAN).unwrap();
    let rows = [
        ("semantics = 2", "knows the semantics 1 to 1, not 2", "2"),
        ("ends = 2025-12-31", "before the first", "2025-12-31"),
        ("anchor_day = 32", "1 to 31", "32"),
        (
            "late = { waive_after = \"soon\" }",
            "not a span",
            "\"soon\"",
        ),
        ("rounding = \"bankers\"", "half_even", "\"bankers\""),
        ("payment_terms = 30", "not a key here", "payment_terms"),
        ("definitions = [\"abc\"]", "64 lower-case", "[\"abc\"]"),
        (
            "[[override]]\ncomponent = \"platform\"\nkind = \"seats\"",
            "cannot be overridden",
            "\"seats\"",
        ),
    ];
    for (line, problem, at) in rows {
        let text = contract_text(&plan, line);
        let error = Contract::parse(&text).unwrap_err();
        let fault = error
            .faults
            .iter()
            .find(|fault| fault.problem.contains(problem));
        let fault = fault.unwrap_or_else(|| panic!("{line}: {:?}", error.faults));
        assert!(
            text[fault.span.clone()].starts_with(at),
            "{line}: {}",
            &text[fault.span.clone()]
        );
    }
    let text = contract_text(&plan, "").replace("Europe/Berlin", "Berlin");
    assert!(
        Contract::parse(&text)
            .unwrap_err()
            .to_string()
            .contains("not a time zone")
    );
    let text = contract_text(
        &plan,
        "[[override]]\ncomponent = \"plattform\"\namount = 1\n",
    );
    let error = Contract::parse(&text)
        .unwrap()
        .resolve(&plan, &[])
        .unwrap_err();
    assert!(
        error
            .faults
            .iter()
            .any(|f| f.problem.contains("no component `plattform`")),
        "{error:?}"
    );
    let text = contract_text(&plan, "[[override]]\ncomponent = \"platform\"\namunt = 1\n");
    let error = Contract::parse(&text)
        .unwrap()
        .resolve(&plan, &[])
        .unwrap_err();
    let fault = error
        .faults
        .iter()
        .find(|f| f.problem.contains("`amunt` is not a key"))
        .unwrap();
    assert!(
        text[fault.span.clone()].starts_with("[[override]]"),
        "{fault:?}"
    );
}

/// semantics.md D13: a contract pins the number of the rules; one that this release does not know
/// is refused rather than rated by other rules.
#[test]
fn d13_unknown_semantics_are_refused() {
    let plan = Plan::parse(PLAN).unwrap();
    assert!(Contract::parse(&contract_text(&plan, "semantics = 1")).is_ok());
    let error = Contract::parse(&contract_text(&plan, "semantics = 7")).unwrap_err();
    assert!(error.to_string().contains("semantics 1 to 1"), "{error}");
}

/// semantics.md D4: L2's volume price is 210.00 at 100 units and 101.00 at 101.
#[test]
fn d4_a_falling_total_needs_no_increase() {
    let falling = "{ volume = [{ up_to = 100, unit = 2, flat = 10 }, { up_to = 200, unit = 1 }, { unit = 1 }] }";
    let rising = "{ volume = [{ up_to = 100, unit = 1 }, { unit = 1, flat = 5 }] }";
    let plan = |price: &str, more: &str| {
        let text = format!(
            "id = \"p\"\nversion = 1\ncurrency = \"USD\"\n[[component]]\nid = \"o\"\nkind = \"outcome\"\nunit = \"u\"\nprice = {price}\n{more}"
        );
        check::check(&Plan::parse(&text).unwrap().components, &[])
    };
    let mentions = |faults: &[work::definition::Fault]| {
        faults
            .iter()
            .any(|fault| fault.problem.contains("just above 100"))
    };
    assert!(mentions(&plan(falling, "")));
    assert!(!mentions(&plan(
        falling,
        "retier_on_reversal = \"no_increase\"\n"
    )));
    assert!(!mentions(&plan(rising, "")));
    let top = "{ charge = \"top_tier\", blocks = [{ size = 1, most = 100, price = 2 }, { size = 1, price = 1 }] }";
    assert!(mentions(&plan(top, "")));
    assert_eq!(Retier::default(), Retier::Full);
}

#[test]
fn an_override_must_still_fit_what_modifies_it() {
    let text = "id = \"p\"\nversion = 1\ncurrency = \"USD\"\n\
        [[component]]\nid = \"fee\"\nkind = \"platform\"\namount = 10\n\
        [[component]]\nid = \"sla\"\nkind = \"risk\"\nmodifies = \"fee\"\nmultiplier = 2\n";
    let plan = Plan::parse(text).unwrap();
    let over = |keys: &str| {
        let text = contract_text(
            &plan,
            &format!("[[override]]\ncomponent = \"fee\"\n{keys}\n"),
        );
        Contract::parse(&text).unwrap().resolve(&plan, &[])
    };
    assert!(over("amount = 12").is_ok());
    let error = over("every = \"quarter\"").unwrap_err();
    assert!(
        error.to_string().contains("`every` must be that of `fee`"),
        "{error}"
    );
}

#[test]
fn the_band_of_what_is_not_known_has_no_word() {
    let text = "id = \"p\"\nversion = 1\ncurrency = \"USD\"\n\
        [[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"u\"\nprice = 1\n\
        [[component]]\nid = \"risk\"\nkind = \"risk\"\nmodifies = \"cases\"\nby = \"review\"\nmissing = 1\n\
        [[component.band]]\nis = \"missing\"\nmultiplier = 2\n";
    let error = Plan::parse(text).unwrap_err();
    assert!(
        error.to_string().contains("`missing` is the band"),
        "{error}"
    );
}

#[test]
fn an_invoice_splits_a_total_without_losing_a_cent() {
    let plan = Plan::parse(PLAN).unwrap();
    let text = contract_text(
        &plan,
        "[invoice]\npo_number = \"PO-4711\"\ndue_days = 30\nnot_to_exceed = 1000\n\
         [[invoice.cost_centre]]\nname = \"EU\"\npercent = \"33.3\"\n\
         [[invoice.cost_centre]]\nname = \"US\"\npercent = \"33.3\"\n\
         [[invoice.cost_centre]]\nname = \"Asia\"\npercent = \"33.4\"\n\
         [invoice.buyer]\nname = \"Acme\"\naddress = [\"1 Main Street\", \"Springfield\"]\nattention = \"Accounts payable\"\n",
    );
    let invoice = Contract::parse(&text).unwrap().invoice;
    let usd = |text: &str| format!("{text} USD").parse::<Amount>().unwrap();
    for (total, parts) in [
        ("100.00", ["33.30", "33.30", "33.40"]),
        ("0.01", ["0.00", "0.00", "0.01"]),
        ("0.02", ["0.01", "0.00", "0.01"]),
        ("-10.00", ["-3.33", "-3.33", "-3.34"]),
    ] {
        let split = invoice.by_cost_centre(usd(total)).unwrap();
        let amounts: Vec<String> = split.iter().map(|(_, part)| part.number()).collect();
        assert_eq!(amounts, parts, "{total}");
        let sum = Amount::sum(usd(total).currency(), split.iter().map(|(_, part)| *part));
        assert_eq!(sum.unwrap(), usd(total));
    }
    let day = |text: &str| text.parse().unwrap();
    assert_eq!(invoice.due(day("2026-01-31")), Some(day("2026-03-02")));
    let over = |before: &str, total: &str| invoice.exceeded_by(usd(before), usd(total)).unwrap();
    assert_eq!(over("900", "100"), None);
    assert_eq!(over("900", "100.01"), Some(usd("0.01")));
    assert_eq!(
        Contract::parse(&contract_text(&plan, ""))
            .unwrap()
            .invoice
            .exceeded_by(usd("1"), usd("2")),
        Ok(None)
    );
}

#[test]
fn an_invoice_that_does_not_fit_says_where() {
    let plan = Plan::parse(PLAN).unwrap();
    let centre = |name: &str, percent: &str| {
        format!("[[invoice.cost_centre]]\nname = \"{name}\"\npercent = {percent}\n")
    };
    for (more, problem) in [
        (
            "[invoice]\npo = \"1\"\n".to_owned(),
            "`po` is not a key here",
        ),
        ("[invoice]\ndue_days = 366\n".to_owned(), "at most 365 days"),
        ("[invoice]\nnot_to_exceed = \"10 EUR\"\n".to_owned(), "EUR"),
        (
            "[invoice]\npo_number = \"a\\nb\"\n".to_owned(),
            "one line of 1 to 200 bytes",
        ),
        (
            format!("[invoice]\npo_number = \"{}\"\n", "x".repeat(201)),
            "one line of 1 to 200 bytes",
        ),
        (centre("A", "101"), "0 to 100"),
        (
            format!("{}{}", centre("A", "60"), centre("B", "39.9")),
            "come to 99.9 %, not to 100 %",
        ),
        (
            format!("{}{}", centre("A", "60"), centre("A", "40")),
            "there twice",
        ),
        (
            (0..65).map(|n| centre(&n.to_string(), "1")).collect(),
            "at most 64",
        ),
        (
            "[invoice.seller]\naddress = []\n".to_owned(),
            "`name` is missing",
        ),
        (
            format!(
                "[invoice.seller]\nname = \"V\"\naddress = [{}]\n",
                "\"x\",".repeat(9)
            ),
            "at most 8",
        ),
    ] {
        let error = Contract::parse(&contract_text(&plan, &more)).unwrap_err();
        let found = error
            .faults
            .iter()
            .any(|fault| fault.problem.contains(problem));
        assert!(found, "{more}: {error:?}");
    }
}
