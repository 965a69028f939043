//! Contracts over time: versions, terms, tails, zones, periods, overrides.

use work::body::Control;

use super::vector::Vector;
use crate::support::{Book, CONTRACT, UNIT, definition, outcome, plan};

fn sign(vector: &mut Vector, id: &str, plan: &str, terms: &str) {
    let document = vector.contract(id, plan, &definition("", ""), terms);
    vector.control(
        "2025-12-21",
        Control::ContractSigned {
            contract: id.to_owned(),
            document,
            by: "buyer".to_owned(),
        },
    );
}

fn versions() -> Vec<Vector> {
    let tiers = |unit: &str, next: &str| {
        outcome(&format!(
            "allowance = 10\nprice = {{ graduated = [{{ up_to = 5, unit = \"{unit}\", flat = 1 }}, {{ unit = \"{next}\" }}] }}"
        ))
    };
    let mut graduated = Vector::new(
        "p2-tiers-continue",
        "P2 S12",
        "tiers and allowance continue across versions in one month, each unit at its own version's rate; reversals of both later",
        Book::new(&tiers("0.95", "0.90"), ""),
    );
    graduated.confirmed("01-10", 0, 14);
    graduated.amend(
        "01-16",
        &tiers("0.80", "0.70"),
        &definition("", ""),
        "",
        false,
    );
    graduated.confirmed("01-20", 100, 4);
    graduated.issues("02-01");
    graduated.story("02-03 reopened case=c0001\n02-03 reopened case=c0101");
    graduated.issues("03-01");
    let volume = |a: &str, b: &str, flat: &str| {
        outcome(&format!(
            "price = {{ volume = [{{ up_to = 5, unit = {a}, flat = 1 }}, {{ unit = {b}, flat = {flat} }}] }}\nretier_on_reversal = \"no_increase\""
        ))
    };
    let mut whole = Vector::new(
        "p2-volume-of-the-whole-period",
        "P2 D4",
        "a volume takes its tier from the whole month, the flat fee once, by the last version",
        Book::new(&volume("10", "5", "3"), ""),
    );
    whole.confirmed("01-10", 0, 4);
    whole.amend(
        "01-16",
        &volume("8", "4", "7"),
        &definition("", ""),
        "",
        false,
    );
    whole.confirmed("01-20", 100, 2);
    whole.issues("02-01");
    whole.story("02-03 reopened case=c0101");
    whole.issues("03-01");
    let mut governed = Vector::new(
        "s12-version-at-the-opening",
        "S12",
        "a unit that opened under version one is settled and priced by it in version two's month",
        Book::new(
            &outcome(
                "[[component.class]]\nname = \"assumed\"\nprice = \"0.99\"\n[[component.class]]\nnames = [\"verified\", \"confirmed\"]\nprice = 2",
            ),
            "",
        ),
    );
    governed.story("01-30T12:00 answered case=a kind=answer");
    let verified_only = definition(
        "[[counts]]\nclass = \"confirmed\"\nwhen = \"confirmed\"\n[[counts]]\nclass = \"assumed\"\nwhen = \"all(answered where kind = answer, quiet(72h, last answered where kind = answer), not(human_replied), not(escalated))\"\n",
        "",
    );
    let plan = outcome("[[component.class]]\nname = \"verified\"\nprice = \"1.20\"");
    governed.amend("02-01", &plan, &verified_only, "", false);
    governed.story(
        "02-05 verified case=b result=passed check=tests\n02-06 answered case=c kind=answer",
    );
    governed.issues("03-01");
    vec![graduated, whole, governed]
}

fn back_dated() -> Vector {
    let mut vector = Vector::new(
        "d12-back-dated-amendment",
        "D12 S12",
        "an amendment behind the last cut is refused without an approver, and prices again with one; a second replaces it",
        Book::new(&outcome("price = \"0.99\""), ""),
    );
    vector.confirmed("01-10", 0, 5);
    vector.confirmed("01-20", 20, 5);
    vector.issues("02-01");
    let cheaper = outcome("price = \"0.49\"");
    vector.amend("01-15", &cheaper, &definition("", ""), "", false);
    vector.expect("03-01");
    vector.amend("01-15", &cheaper, &definition("", ""), "", true);
    vector.issues("03-01");
    vector.amend(
        "01-12",
        &outcome("price = \"0.79\""),
        &definition("", ""),
        "",
        true,
    );
    vector.issues("04-01");
    vector
}

fn tails() -> Vec<Vector> {
    let text = format!(
        "[[component]]\nid = \"platform\"\nkind = \"platform\"\namount = 50\n\
         [[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"{UNIT}\"\nprice = {{ graduated = [{{ up_to = 1, unit = 1, flat = \"0.5\" }}, {{ unit = \"0.8\" }}] }}\nmaximum = 31\nminimum = 5\n"
    );
    let mut ended = Vector::new(
        "p1-tails",
        "P1 access outcome",
        "after its end a contract rates what opened under it, in tails without fees and minimums",
        Book::new(
            &plan(&text),
            "ends = 2026-01-31\n[totals]\nminimum = 10\ncap = 100\n",
        ),
    );
    ended.story("01-30 answered case=a kind=answer\n01-30 answered case=c kind=answer");
    ended.issues("02-01");
    ended.story("02-03 answered case=b kind=answer");
    ended.issues("03-01");
    ended.story("02-20 reopened case=a");
    ended.issues("04-01");
    let classes = "retier_on_reversal = \"no_increase\"\n\
        [[component.class]]\nname = \"verified\"\nprice = { volume = [{ up_to = 5, unit = 2, flat = 10 }, { unit = 1 }] }\n\
        [[component.class]]\nnames = [\"confirmed\", \"assumed\"]\nprice = 1";
    let mut flat = Vector::new(
        "p1-tail-of-two-versions",
        "P1 P2",
        "in a tail the flat fee of a tier is owed by the last version that has a work of the class",
        Book::new(&outcome(classes), "ends = 2026-01-31\n"),
    );
    flat.amend(
        "01-16",
        &outcome(classes),
        &definition("", ""),
        "ends = 2026-01-31\n",
        false,
    );
    flat.story(
        "01-10 opened case=a\n01-20 opened case=b\n02-10 verified case=a result=passed check=t\n02-10 confirmed case=b",
    );
    flat.issues_all(&["02-01", "03-01"]);
    let mut cut_short = Vector::new(
        "p1-ended-by-entry",
        "P1 P2",
        "a contract ended by an entry in the middle of a day, and its successor; seats stay held from one to the other",
        Book::new(
            &plan(&format!(
                "[[component]]\nid = \"seats\"\nkind = \"seats\"\nprice = 31\n[[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"{UNIT}\"\nprice = 1\n"
            )),
            "time_zone = \"Europe/Berlin\"\n",
        ),
    );
    cut_short.story("01-05 assigned seat=A\n01-10T12:00 answered case=a kind=answer\n01-10T15:00 answered case=b kind=answer\n01-11 answered case=c kind=answer");
    cut_short.end("01-10T13:30");
    cut_short.end("01-20");
    let next = plan(&format!(
        "[[component]]\nid = \"seats\"\nkind = \"seats\"\nprice = 62\n[[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"{UNIT}\"\nprice = 2\n"
    ));
    sign(
        &mut cut_short,
        "acme-next",
        &next,
        "starts = 2026-01-11\ntime_zone = \"Europe/Berlin\"\n",
    );
    cut_short.issues("2026-01-10T23:00:00Z");
    cut_short.issues("2026-01-31T23:00:00Z");
    cut_short.expect_of("acme-next", "2026-01-31T23:00:00Z");
    cut_short.expect_of("acme-next", "2026-02-10T23:00:00Z");
    vec![ended, flat, cut_short]
}

fn claims() -> Vector {
    let mut vector = Vector::new(
        "p5-claimed-twice",
        "P5",
        "a work and usage that two contracts claim belong to neither, and stop no statement",
        Book::new(
            &format!(
                "{}[[component]]\nid = \"calls\"\nkind = \"metered\"\nmeter = \"calls\"\nprice = 1\n[[meter]]\nid = \"calls\"\nclass = \"usage\"\n",
                outcome("price = \"0.99\"")
            ),
            "",
        ),
    );
    let other = format!(
        "{}[[component]]\nid = \"calls\"\nkind = \"metered\"\nmeter = \"calls\"\nprice = 3\n[[meter]]\nid = \"calls\"\nclass = \"usage\"\n",
        outcome("price = 2")
    );
    sign(&mut vector, "acme-pilot", &other, "starts = 2026-03-01\n");
    sign(&mut vector, CONTRACT, &other, "starts = 2026-05-01\n");
    vector.story(
        "02-10 confirmed case=one\n03-10 confirmed case=two\n02-28 answered case=three kind=answer\n02-10 usage meter=calls quantity=1\n03-10 usage meter=calls quantity=5\n2025-12-30 confirmed case=before",
    );
    vector.issues_all(&["03-01", "04-01"]);
    vector.expect_of("acme-pilot", "04-01");
    vector
}

fn periods() -> Vec<Vector> {
    let mut zones = Vector::new(
        "p3-zone-change",
        "P3",
        "from Berlin to New York: six hours belong to March's first day, and no day is lost or charged twice",
        Book::new(
            &plan(&format!(
                "[[component]]\nid = \"fee\"\nkind = \"platform\"\namount = 310\ndue = \"arrears\"\n[[component]]\nid = \"seats\"\nkind = \"seats\"\nprice = 31\n[[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"{UNIT}\"\nprice = 1\n"
            )),
            "time_zone = \"Europe/Berlin\"\n",
        ),
    );
    let (same, usual) = (
        plan(&format!(
            "[[component]]\nid = \"fee\"\nkind = \"platform\"\namount = 310\ndue = \"arrears\"\n[[component]]\nid = \"seats\"\nkind = \"seats\"\nprice = 31\n[[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"{UNIT}\"\nprice = 1\n"
        )),
        definition("", ""),
    );
    zones.amend(
        "2026-02-28T23:00:00Z",
        &same,
        &usual,
        "time_zone = \"America/New_York\"\n",
        false,
    );
    zones.story(
        "2026-02-28T22:30:00Z confirmed case=february\n2026-03-01T02:00:00Z confirmed case=between\n2026-03-01T06:00:00Z confirmed case=march\n2026-02-10T00:00:00Z assigned seat=A",
    );
    zones.issues_all(&[
        "2026-01-31T23:00:00Z",
        "2026-02-28T23:00:00Z",
        "2026-04-01T04:00:00Z",
        "2026-05-01T04:00:00Z",
    ]);
    let mut ends = Vector::new(
        "p3-month-ends-and-quarters",
        "P3 D5",
        "an anchor on the 31st, quarters and a year counted from the first whole period, statements by quarter",
        Book::new(
            &plan(&format!(
                "[[component]]\nid = \"month\"\nkind = \"platform\"\namount = 30\n[[component]]\nid = \"quarter\"\nkind = \"platform\"\namount = 90\nevery = \"quarter\"\ndue = \"arrears\"\n\
                 [[component]]\nid = \"year\"\nkind = \"platform\"\namount = 365\nevery = \"year\"\n[[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"{UNIT}\"\nprice = 1\n"
            )),
            "starts = 2026-01-10\nanchor_day = 31\nbilling = \"quarter\"\ntime_zone = \"America/New_York\"\n",
        ),
    );
    ends.story("2026-02-01T04:59:59.999999999Z confirmed case=a\n2026-03-01T05:00:00Z confirmed case=b\n2026-11-01T05:30:00Z confirmed case=c");
    ends.issues_all(&[
        "2026-01-31T05:00:00Z",
        "2026-04-30T04:00:00Z",
        "2026-07-31T04:00:00Z",
        "2027-01-31T05:00:00Z",
    ]);
    let mut half_open = Vector::new(
        "d5-half-open",
        "D5 P3",
        "what happens at a boundary belongs to what begins there, to the nanosecond",
        Book::new(
            &outcome("price = \"0.99\""),
            "time_zone = \"Asia/Kolkata\"\n",
        ),
    );
    half_open.story(
        "2026-01-31T18:29:59.999999999Z confirmed case=january\n2026-01-31T18:30:00Z confirmed case=february\n\
         01-15 confirmed case=back\n2026-01-31T18:30:00Z reopened case=back",
    );
    half_open.issues_all(&["2026-01-31T18:30:00Z", "2026-02-28T18:30:00Z"]);
    let mut anchor = Vector::new(
        "p3-anchor-change",
        "P3 P2",
        "an amendment moves the anchor day and the statements to quarters: a stub at the next boundary",
        Book::new(
            &outcome("price = 1\nallowance = \"3.1\"\n[totals]\nminimum = 310\n"),
            "",
        ),
    );
    anchor.confirmed("01-20", 0, 5);
    anchor.issues("02-01");
    anchor.amend(
        "02-10",
        &outcome("price = 1\nallowance = \"3.1\"\n[totals]\nminimum = 310\n"),
        &definition("", ""),
        "anchor_day = 15\nbilling = \"quarter\"\n",
        false,
    );
    anchor.confirmed("02-20", 100, 6);
    anchor.issues_all(&["03-01", "03-15", "04-15", "05-15"]);
    vec![zones, ends, half_open, anchor]
}

fn terms() -> Vector {
    let text = format!(
        "[[component]]\nid = \"fee\"\nkind = \"platform\"\namount = 500\n\
         [[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"{UNIT}\"\n\
         [[component.class]]\nname = \"verified\"\nprice = 3\n[[component.class]]\nnames = [\"confirmed\", \"assumed\"]\nprice = 2\n\
         [totals]\ndiscount_percent = 10\ncap = 1000\nminimum = 20\n"
    );
    let mut vector = Vector::new(
        "overrides-and-totals",
        "access outcome D13",
        "a contract overrides a fee, classes by one price, and single totals of its plan; what its invoice says changes nothing",
        Book::new(
            &plan(&text),
            "rounding = \"half_up\"\n[totals]\ndiscount_percent = [\"3\", \"2.5\"]\ndiscount_amount = \"1.01 USD\"\n\
             [invoice]\npo_number = \"PO-4711\"\ndue_days = 30\nnot_to_exceed = \"120000.00 USD\"\n\
             [[invoice.cost_centre]]\nname = \"EU\"\npercent = 66.7\n[[invoice.cost_centre]]\nname = \"US\"\npercent = \"33.3\"\n\
             [invoice.buyer]\nname = \"Acme\"\naddress = [\"1 Main Street\", \"Springfield\"]\nattention = \"Accounts payable\"\ntax_id = \"1\"\n\
             [[override]]\ncomponent = \"fee\"\namount = \"400.05\"\ndue = \"arrears\"\n\
             [[override]]\ncomponent = \"cases\"\nprice = { per_unit = 0.125 }\nallowance = 1\n",
        ),
    );
    vector.story("01-10 verified case=a result=passed check=t\n01-10 confirmed case=b\n01-11 answered case=c kind=answer\n01-12 answered case=d kind=answer");
    vector.issues_all(&["02-01", "03-01"]);
    vector
}

fn steps() -> Vec<Vector> {
    let text = format!(
        "[[component]]\nid = \"fee\"\nkind = \"platform\"\namount = 310\n\
         [[component]]\nid = \"seats\"\nkind = \"seats\"\nprice = 31\nincluded = 1\n\
         [[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"{UNIT}\"\nallowance = 3\n\
         price = {{ graduated = [{{ up_to = 3, unit = 1, flat = \"0.5\" }}, {{ unit = \"0.8\" }}] }}\nmaximum = 62\nminimum = 31\n\
         [[component]]\nid = \"confidence\"\nkind = \"risk\"\nmodifies = \"cases\"\nby = \"confidence\"\nmissing = \"1.5\"\n[[component.band]]\nfrom = \"0.9\"\nmultiplier = 2\n\
         [[component]]\nid = \"cover\"\nkind = \"indemnity\"\nmodifies = \"cases\"\npremium = {{ graduated = [{{ up_to = 2, unit = \"0.1\", flat = 1 }}, {{ unit = \"0.05\" }}] }}\n\
         [totals]\nminimum = 930\ncap = 1240\ndiscount_amount = 31\n"
    );
    let mut trial = Vector::new(
        "s12-p2-trial",
        "S12 P2 access outcome risk",
        "ten days of trial in which the fee alone is charged: nothing free takes allowance, tiers, minimums or caps, and none of it is risked or covered",
        Book::new(&plan(&text), "trial_days = 10\ntrial_charges = [\"fee\"]\n"),
    );
    trial.story("01-01 assigned seat=A\n01-02 assigned seat=B\n01-10 opened case=late");
    trial.confirmed("01-05", 0, 6);
    trial.confirmed("01-20", 100, 7);
    trial.story("01-21 confirmed case=late");
    trial.issues("02-01");
    trial.story("02-03 reopened case=c0001\n02-03 reopened case=c0101\n02-03 reopened case=late");
    trial.issues("03-01");
    let phases = "[[override]]\ncomponent = \"fee\"\namount = 620\ndue = \"arrears\"\n\
         [[phase]]\nfrom = 2026-01-11\nfree = [\"cases\", \"cover\"]\n[phase.totals]\ndiscount_percent = [\"10\", \"5\"]\n\
         [[phase]]\nfrom = 2026-02-11\nfree = true\n[[phase]]\nfrom = 2026-02-21\n[[phase.override]]\ncomponent = \"fee\"\namount = 280\n\
         [[phase.override]]\ncomponent = \"cases\"\nprice = { volume = [{ up_to = 3, unit = 1, flat = 2 }, { unit = \"0.9\", flat = 3 }] }\nretier_on_reversal = \"no_increase\"\n";
    let mut ramp = Vector::new(
        "s12-p2-phases",
        "S12 P2 P3 access outcome risk",
        "phases in the middle of months, over an override; an amendment with a phase of its own takes the place of those behind it",
        Book::new(&plan(&text), phases),
    );
    ramp.story("01-01 assigned seat=A\n01-02 assigned seat=B\n01-03 answered case=x kind=answer confidence=0.95");
    ramp.confirmed("01-05", 0, 5);
    ramp.confirmed("01-20", 100, 4);
    ramp.confirmed("02-15", 200, 4);
    ramp.confirmed("02-25", 300, 4);
    ramp.issues("02-01");
    ramp.issues("03-01");
    ramp.story("03-02 reopened case=c0101\n03-02 reopened case=c0301");
    let next = "trial_days = 3\n[[phase]]\nfrom = 2026-03-05\n[phase.totals]\ncap = 100\n[[phase]]\nfrom = 2026-03-21\n[phase.totals]\nminimum = 100\n";
    ramp.amend("03-11", &plan(&text), &definition("", ""), next, false);
    ramp.confirmed("03-15", 400, 2);
    ramp.issues("04-01");
    let mut renewed = Vector::new(
        "p1-renews",
        "P1",
        "a contract that renews goes on after its last day, until an entry ends it",
        Book::new(
            &plan(&text),
            "ends = 2026-01-31\nrenews = { for = \"1 year\", notice = \"60d\" }\n",
        ),
    );
    renewed.confirmed("02-10", 0, 4);
    renewed.issues("03-01");
    renewed.end("03-11");
    renewed.confirmed("03-12", 100, 4);
    renewed.issues("04-01");
    vec![trial, ramp, renewed]
}

pub fn all() -> Vec<Vector> {
    let mut all = versions();
    all.extend(steps());
    all.push(back_dated());
    all.extend(tails());
    all.push(claims());
    all.extend(periods());
    all.push(terms());
    all
}
