//! Statements by difference: what was stated, what moved since, and why (D1 to D15).

use money::Amount;
use work::body::Control;

use super::vector::{Vector, json};
use crate::support::{Book, CONTRACT, UNIT, definition, outcome, plan, usd};

const REDO: &str = "price = { graduated = [{ up_to = 5, unit = \"0.95\" }, { up_to = 10, unit = \"0.90\" }, { unit = \"0.85\" }] }";
const FIN: &str = "price = \"0.99\"";
const VOLUME: &str = "price = { volume = [{ up_to = 10, unit = 2, flat = 10 }, { up_to = 20, unit = 1 }, { unit = \"0.5\", flat = 50 }] }";

pub fn credit(time: &str, amount: Amount, reason: &str) -> (String, Control) {
    let control = Control::CreditIssued {
        contract: CONTRACT.to_owned(),
        amount,
        reason: reason.to_owned(),
        by: "cs-lead".to_owned(),
    };
    (time.to_owned(), control)
}

fn reversals() -> Vec<Vector> {
    let mut tiers = Vector::new(
        "d1-reversal-leaves-its-period",
        "D1 D2",
        "a reopening takes back a count of the month before, whose tiers are rated again; what it does to the other works is a tier effect",
        Book::new(&outcome(REDO), ""),
    );
    tiers.confirmed("01-10", 0, 6);
    tiers.issues("02-01");
    tiers.story("02-10 reopened case=c0003");
    tiers.confirmed("02-15", 100, 4);
    tiers.issues("03-01");
    tiers.story(
        "02-20 reopened case=c0100 by=buyer\n03-02 reopened case=c0001\n01-11 confirmed case=late",
    );
    tiers.issues("04-01");
    let mut rounding = Vector::new(
        "d2-only-cells-round",
        "D2",
        "three works at 0.333 are 1.00, and crediting all three gives nothing",
        Book::new(&outcome("price = \"0.333\""), ""),
    );
    rounding.confirmed("01-10", 0, 3);
    rounding.issues("02-01");
    rounding.story("02-10 reopened case=c0000");
    rounding.issues("03-01");
    rounding.story("03-10 reopened case=c0001\n03-10 reopened case=c0002");
    rounding.issues("04-01");
    let mut absorbed = Vector::new(
        "d1-absorbed",
        "D1 D2",
        "a cap and a minimum swallow adjustments, and say so",
        Book::new(&outcome("price = 6"), "[totals]\ncap = 100\nminimum = 50\n"),
    );
    absorbed.confirmed("01-10", 0, 20);
    absorbed.confirmed("02-10", 100, 3);
    absorbed.issues_all(&["02-01", "03-01"]);
    absorbed.story("03-02 reopened case=c0001\n03-03 reopened case=c0101");
    absorbed.confirmed("01-05", 200, 1);
    absorbed.issues("04-01");
    vec![tiers, rounding, absorbed]
}

fn retier() -> Vec<Vector> {
    let mut vectors = Vec::new();
    for (name, clause) in [
        ("d4-no-increase", "retier_on_reversal = \"no_increase\""),
        ("d4-full", "retier_on_reversal = \"full\""),
    ] {
        let mut vector = Vector::new(
            name,
            "D4 D2",
            "a volume price whose total falls at the tier: reversals and late works around the bound",
            Book::new(&outcome(&format!("{VOLUME}\n{clause}")), ""),
        );
        vector.confirmed("01-10", 0, 11);
        vector.issues("02-01");
        vector.story("02-10 reopened case=c0003\n02-11 reopened case=c0004");
        vector.issues("03-01");
        vector.confirmed("01-20", 500, 2);
        vector.issues("04-01");
        vectors.push(vector);
    }
    let mut late = Vector::new(
        "d2-late-work-lowers-the-tier",
        "D2 D4",
        "a late work moves a volume into a cheaper tier: its own share and the tier effect",
        Book::new(
            &outcome(
                "price = { volume = [{ up_to = 3, unit = 10 }, { unit = 5 }] }\nretier_on_reversal = \"no_increase\"",
            ),
            "",
        ),
    );
    late.confirmed("01-10", 0, 3);
    late.issues("02-01");
    late.story("01-20 confirmed case=late id=late-one by=buyer");
    late.issues("03-01");
    vectors.push(late);
    vectors
}

fn documents() -> Vec<Vector> {
    let mut goodwill = Vector::new(
        "d6-goodwill",
        "D6",
        "credits given by hand are cells of their own, also late ones, and are not clawed back",
        Book::new(&outcome("price = 1"), "[totals]\ndiscount_percent = 50\n"),
    );
    goodwill.confirmed("01-10", 0, 10);
    goodwill.issues("02-01");
    let (time, control) = credit("02-05", usd("20.005"), "slow week: \"sorry\" \\ ü");
    goodwill.control(&time, control);
    goodwill.push(json(
        "01-05",
        "credit.issued",
        "Gutschrift #7/ü",
        "",
        "\"contract\":\"acme-2026\",\"amount\":\"3 USD\",\"reason\":\"January\",\"by\":\"cs\"",
    ));
    goodwill.push(json(
        "02-06",
        "credit.issued",
        "euros",
        "",
        "\"contract\":\"acme-2026\",\"amount\":\"3 EUR\",\"reason\":\"refused\",\"by\":\"cs\"",
    ));
    goodwill.confirmed("02-10", 200, 5);
    goodwill.issues_all(&["03-01", "04-01"]);
    let mut voids = Vector::new(
        "d7-void-and-reissue",
        "D7 D15",
        "a void unstates its cells; the re-issue of the cut sees what was known since, and has the next revision and number",
        Book::new(&outcome(REDO), "series = \"ACME\"\n"),
    );
    voids.confirmed("01-10", 0, 7);
    voids.issues("02-01");
    voids.story("02-10 reopened case=c0003");
    voids.confirmed("02-15", 100, 3);
    voids.issues("03-01");
    voids.void("ACME-0001");
    voids.void("ACME-0001");
    voids.void("ACME-0099");
    voids.issues("02-01");
    voids.expect("03-01");
    voids.story("01-12 confirmed case=later");
    voids.issues("04-01");
    voids.void("ACME-0003");
    voids.issues_all(&["02-01", "05-01"]);
    let mut paid = Vector::new(
        "d7-paid-is-not-voided",
        "D7",
        "a statement of which something was paid is not voided: the entry changes nothing, nor does a payment in another currency",
        Book::new(&outcome(FIN), ""),
    );
    paid.confirmed("01-10", 0, 5);
    paid.issues("02-01");
    let pay = |time: &str, amount: &str| {
        let data =
            format!("\"statement\":\"acme-0001\",\"amount\":\"{amount}\",\"reference\":\"wire 7\"");
        json(time, "payment.recorded", time, "", &data)
    };
    paid.push(pay("02-19", "4.95 EUR"));
    paid.push(pay("02-20", "1.00 USD"));
    paid.void("acme-0001");
    paid.expect("02-01");
    paid.issues("03-01");
    vec![goodwill, credited(), voids, paid, kept()]
}

/// Money that keeps a statement, in every form, until it is voided.
fn kept() -> Vector {
    let mut own = Vector::new(
        "d7-money-keeps-a-statement",
        "D7",
        "a statement is not voided while a payment, an allocation or a write-off that stands names it; one that is voided, or whose payment is, keeps nothing",
        Book::new(&outcome(FIN), ""),
    );
    let money = |amount: &str| format!("\"amount\":\"{amount}\"");
    let parts = |statement: &str, amount: &str| {
        format!(
            "\"allocations\":[{{\"statement\":\"{statement}\",{}}}]",
            money(amount)
        )
    };
    let by = "\"by\":\"finance\"";
    let why = "\"reason\":\"wrong\",\"by\":\"finance\"";
    own.confirmed("01-10", 0, 5);
    own.issues("02-01");
    let push = |own: &mut Vector, time: &str, kind: &str, id: &str, data: String| {
        own.push(json(time, kind, id, "", &data));
    };
    // A payment over parts, its rest on account; one that names nothing; one in a currency of no contract.
    push(
        &mut own,
        "02-10",
        "payment.recorded",
        "p1",
        format!("{},{}", money("9.00 USD"), parts("acme-0001", "1.00 USD")),
    );
    push(
        &mut own,
        "02-10",
        "payment.recorded",
        "p2",
        money("3.00 USD"),
    );
    push(
        &mut own,
        "02-10",
        "payment.recorded",
        "p3",
        money("3.00 EUR"),
    );
    own.void("acme-0001");
    own.expect("02-01");
    push(
        &mut own,
        "02-11",
        "payment.voided",
        "v1",
        format!("\"entry\":\"p1\",{why}"),
    );
    // An allocation of the payment on account, of a credit, and of a payment that is voided already.
    push(
        &mut own,
        "02-12",
        "payment.allocated",
        "a1",
        format!("\"payment\":\"p2\",{},{by}", parts("acme-0001", "1.00 USD")),
    );
    push(
        &mut own,
        "02-12",
        "payment.allocated",
        "a2",
        format!("\"payment\":\"p1\",{},{by}", parts("acme-0001", "1.00 USD")),
    );
    push(
        &mut own,
        "02-12",
        "payment.allocated",
        "a3",
        format!("\"payment\":\"p2\",{},{by}", parts("acme-0009", "1.00 USD")),
    );
    push(
        &mut own,
        "02-12",
        "payment.allocated",
        "a4",
        format!(
            "\"credit\":\"acme-C0001\",{},{by}",
            parts("acme-0001", "1.00 EUR")
        ),
    );
    own.void("acme-0001");
    own.expect("02-01");
    push(
        &mut own,
        "02-13",
        "payment.refunded",
        "r1",
        format!("\"payment\":\"p2\",{},{why}", money("1.00 USD")),
    );
    push(
        &mut own,
        "02-13",
        "balance.written_off",
        "w1",
        format!("\"statement\":\"acme-0001\",{},{why}", money("0.05 USD")),
    );
    push(
        &mut own,
        "02-13",
        "balance.written_off",
        "w2",
        format!("\"payment\":\"p2\",{},{why}", money("0.05 USD")),
    );
    push(
        &mut own,
        "02-14",
        "payment.voided",
        "v2",
        format!("\"entry\":\"p2\",{why}"),
    );
    own.void("acme-0001");
    own.expect("02-01");
    push(
        &mut own,
        "02-15",
        "payment.voided",
        "v3",
        format!("\"entry\":\"w1\",{why}"),
    );
    own.void("acme-0001");
    own.expect("02-01");
    // Nothing may be for a statement that is voided.
    push(
        &mut own,
        "02-16",
        "payment.recorded",
        "p4",
        format!("\"statement\":\"acme-0001\",{}", money("1.00 USD")),
    );
    own.issues_all(&["02-01", "03-01"]);
    own
}

/// Decisions about statements and lines, and what happens to what they credit.
fn credited() -> Vector {
    let mut own = Vector::new(
        "d6-credited-statements",
        "D6",
        "what a decision credits of a statement or a line is never more than what is still charged of it: a reversal after it is not given twice, what comes late is charged, and the earlier of two decisions goes first",
        Book::new(&outcome(REDO), "[totals]\ndiscount_percent = 10\n"),
    );
    let decides = |time: &str, id: &str, number: &str, line: &str| {
        let line = if line.is_empty() {
            String::new()
        } else {
            format!("\"line\":\"{line}\",")
        };
        let data = format!("\"number\":\"{number}\",{line}\"reason\":\"an outage\",\"by\":\"cs\"");
        json(time, "statement.credited", id, "", &data)
    };
    let works = "acme-2026/cases/2026-01-01T00:00:00Z/v1/class:work";
    own.confirmed("01-10", 0, 70);
    own.issues("02-01");
    own.push(decides("02-05", "not there", "acme-0009", ""));
    own.push(decides("02-05", "no line", "acme-0001", "resolutions"));
    own.push(decides(
        "02-05",
        "second tier",
        "acme-0001",
        &format!("{works}#2"),
    ));
    own.push(decides("02-05", "the line/ü", "acme-0001", works));
    own.push(decides("02-06", "all", "acme-0001", ""));
    own.void("acme-0001");
    own.story("02-06 reopened case=c0003");
    own.confirmed("01-20", 200, 2);
    own.confirmed("02-10", 300, 5);
    own.issues("03-01");
    // A statement that states credits is credited without them.
    own.push(decides("03-05", "of February", "acme-0002", ""));
    own.story("02-07 reopened case=c0004");
    own.issues_all(&["04-01", "05-01"]);
    own
}

fn late() -> Vec<Vector> {
    let mut works = Vector::new(
        "d8-late-works",
        "D8",
        "a late work is waived with its reason and stays waived, a credit is always given, the policy changes",
        Book::new(&outcome(REDO), "late = { waive_after = \"60d\" }\n"),
    );
    works.confirmed("01-10", 0, 5);
    works.issues_all(&["02-01", "03-01"]);
    works.confirmed("01-20", 50, 1);
    works.issues("04-01");
    works.confirmed("01-21", 60, 2);
    works.story("04-10 reopened case=c0003");
    works.issues("05-01");
    works.amend(
        "05-01",
        &outcome(REDO),
        &definition("", ""),
        "late = \"bill\"\n",
        false,
    );
    works.issues("06-01");
    works.story("04-12 reopened case=c0060");
    works.issues("07-01");
    let text = format!(
        "[[meter]]\nid = \"calls\"\nclass = \"usage\"\n\
         [[component]]\nid = \"calls\"\nkind = \"metered\"\nmeter = \"calls\"\nallowance = 10\nprice = {{ volume = [{{ up_to = 50, unit = 2 }}, {{ unit = 1 }}] }}\n\
         [[component]]\nid = \"fee\"\nkind = \"platform\"\namount = 10\n\
         [[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"{UNIT}\"\nprice = 2\n\
         [[component]]\nid = \"risk\"\nkind = \"risk\"\nmodifies = \"cases\"\nby = \"header tier\"\nmissing = \"1.5\"\n\
         [[component.band]]\nis = \"gold\"\nmultiplier = 3\n\
         [totals]\ncap = 150\nminimum = 30\n"
    );
    let mut usage = Vector::new(
        "d8-late-usage-and-risk",
        "D8 usage risk",
        "late usage and late works with an allowance, a volume, a risk band, a cap and a minimum, also where being late lowers the sum",
        Book::new(&plan(&text), "late = { waive_after = \"20d\" }\n"),
    );
    usage.story("01-10 usage meter=calls quantity=40\n01-10 confirmed case=a tier=gold");
    usage.issues_all(&["02-01", "03-01"]);
    usage.story("01-11 usage meter=calls quantity=15 id=late\n01-12 confirmed case=b tier=gold\n01-13 confirmed case=c");
    usage.issues("04-01");
    usage.story("02-11 usage meter=calls quantity=15 id=other");
    usage.issues("05-01");
    usage.story("01-14 usage meter=calls quantity=100 id=lowers");
    usage.issues("06-01");
    vec![works, usage]
}

fn many() -> Vector {
    let mut many = Vector::new(
        "more-works-than-a-line-names",
        "D2",
        "an adjustment names a hundred works and causes, and counts the rest",
        Book::new(&outcome("price = \"0.01\""), ""),
    );
    many.confirmed("01-10", 0, 1);
    many.issues("02-01");
    many.confirmed("01-11", 1, 101);
    many.issues("03-01");
    many
}

fn authors() -> Vector {
    let text = format!(
        "[[component]]\nid = \"fee\"\nkind = \"platform\"\namount = 10\n\
         [[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"{UNIT}\"\nprice = {{ graduated = [{{ up_to = 2, unit = \"0.35\" }}, {{ unit = \"0.11\" }}] }}\n"
    );
    let mut vector = Vector::new(
        "authorship-of-money",
        "D2 D13",
        "the money of a statement by who authored the deciding facts, by largest remainder, also of what was taken back",
        Book::new(&plan(&text), "semantics = 1\n"),
    );
    vector.story(
        "01-10 confirmed case=a by=buyer\n01-10 confirmed case=b by=buyer\n\
         01-10 answered case=c kind=answer\n01-10 verified case=d result=passed check=tests by=third_party\n\
         01-11 confirmed case=e",
    );
    vector.issues("02-01");
    vector.story("02-03 reopened case=a by=buyer\n02-03 reopened case=c\n02-03 reopened case=d by=third_party\n02-04 reopened case=b\n02-05 reopened case=e");
    vector.issues("03-01");
    vector
}

pub fn all() -> Vec<Vector> {
    let mut all = reversals();
    all.extend(retier());
    all.extend(documents());
    all.extend(late());
    all.push(many());
    all.push(authors());
    all
}
