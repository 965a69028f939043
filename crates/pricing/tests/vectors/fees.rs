//! Fees, seats, risk, indemnity, totals: what is laid over counted work or comes without it.

use super::vector::{Vector, json};
use crate::support::{Book, UNIT, definition, outcome, plan};

const CASES: &str =
    "[[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"support.resolved_case\"\n";

fn platform() -> Vec<Vector> {
    let fees = "[[component]]\nid = \"ahead\"\nkind = \"platform\"\namount = 500\ndiscount_percent = 10\nmaximum = 440\n\
        [[component]]\nid = \"behind\"\nkind = \"platform\"\namount = \"99.99\"\ndue = \"arrears\"\n\
        [[component]]\nid = \"whole\"\nkind = \"platform\"\namount = 31\nprorate = \"none\"\nevery = \"quarter\"\n";
    let mut stub = Vector::new(
        "platform-fees",
        "access D5 P2",
        "fees in advance, in arrears and whole, over a stub at the start and one at the end of the term",
        Book::new(
            &plan(fees),
            "starts = 2026-01-20\nends = 2026-05-10\nanchor_day = 1\n",
        ),
    );
    stub.issues_all(&[
        "01-20", "02-01", "03-01", "04-01", "05-01", "05-11", "06-01",
    ]);
    let mut changed = Vector::new(
        "platform-amended",
        "access P2",
        "a fee that changes inside its month, stated before and after it was known",
        Book::new(
            &plan("[[component]]\nid = \"fee\"\nkind = \"platform\"\namount = 310\n"),
            "",
        ),
    );
    changed.issues("02-01");
    let dearer = plan("[[component]]\nid = \"fee\"\nkind = \"platform\"\namount = 620\n");
    changed.amend("02-11", &dearer, &definition("", ""), "", false);
    changed.issues("03-01");
    vec![stub, changed]
}

fn seats() -> Vec<Vector> {
    let seats = "[[component]]\nid = \"seats\"\nkind = \"seats\"\nincluded = 1\n\
        price = { graduated = [{ up_to = 2, unit = 20 }, { unit = 15 }] }\n\
        [[component]]\nid = \"peak\"\nkind = \"seats\"\ncount = \"high_water\"\nprice = 7\n";
    let mut daily = Vector::new(
        "seats",
        "access P4 D5",
        "seat-days in tiers and a high water mark; a seat handed over in a day is one, repeats change nothing; cut inside the month",
        Book::new(&plan(seats), "time_zone = \"America/New_York\"\n"),
    );
    daily.story(
        "01-01 assigned seat=A\n01-01T12:00 assigned seat=B\n01-16T09:00 released seat=A\n01-16T15:00 assigned seat=C\n\
         01-20 assigned seat=B id=again\n01-21 released seat=Z id=orphan\n01-22T04:59 assigned seat=D\n01-22T05:00 released seat=D\n\
         01-25T05:00 assigned seat=E\n01-25T05:00 released seat=E id=same-instant",
    );
    daily.issues("01-17");
    daily.issues("02-01");
    daily.story("01-28 assigned seat=F");
    daily.issues_all(&["2026-02-01T05:00:00Z", "2026-03-01T05:00:00Z"]);
    let free = "[[component]]\nid = \"seats\"\nkind = \"seats\"\nincluded = 3\nprice = { volume = [{ up_to = 5, unit = 10, flat = 31 }, { unit = 8 }] }\n";
    let mut volume = Vector::new(
        "seats-volume",
        "access P4",
        "seats at a volume price whose flat fee is due on every day, at no seat too",
        Book::new(&plan(free), ""),
    );
    for seat in 0..10 {
        volume.story(&format!("01-{:02} assigned seat=s{seat}", 1 + 3 * seat));
    }
    volume.issues_all(&["02-01", "03-01"]);
    vec![daily, volume]
}

fn risk() -> Vec<Vector> {
    let by_confidence = format!(
        "{CASES}price = {{ graduated = [{{ up_to = 4, unit = 1 }}, {{ unit = \"0.55\" }}] }}\n\
         [[component]]\nid = \"risk\"\nkind = \"risk\"\nmodifies = \"cases\"\nby = \"confidence\"\nmissing = \"0.5\"\n\
         [[component.band]]\nfrom = 0\nmultiplier = \"0.8\"\n[[component.band]]\nfrom = \"0.9\"\nmultiplier = \"1.255\"\n\
         [[component]]\nid = \"review\"\nkind = \"risk\"\nmodifies = \"cases\"\nby = \"review\"\nmissing = 1\n\
         [[component.band]]\nis = \"full\"\nmultiplier = \"1.1\"\n\
         [[component]]\nid = \"cover\"\nkind = \"indemnity\"\nmodifies = \"cases\"\ncover = 100\n\
         premium = {{ graduated = [{{ up_to = 3, unit = \"0.05\" }}, {{ unit = \"0.03\", flat = \"0.10\" }}] }}\n"
    );
    let mut bands = Vector::new(
        "risk-confidence-review-indemnity",
        "risk D3 S11",
        "bands by the confidence and review of the last visible answer, a missing band, a premium in tiers; one work taken back",
        Book::new(&plan(&by_confidence), ""),
    );
    bands.story(
        "01-05 answered case=a kind=answer confidence=0.95 review=full\n01-05T10:00 confirmed case=a by=buyer\n\
         01-05 answered case=b kind=answer confidence=0.9\n01-05T10:00 confirmed case=b\n\
         01-05 answered case=c kind=answer confidence=0.2 review=sampled\n01-05T10:00 confirmed case=c\n\
         01-05 answered case=d kind=answer confidence=0.95\n01-05T09:00 answered case=d kind=clarify id=unsure\n01-05T10:00 confirmed case=d\n\
         01-05 answered case=e kind=answer confidence=0.5\n01-05T09:00 answered case=e kind=greeting confidence=0.99\n01-05T10:00 confirmed case=e\n\
         01-06 confirmed case=f",
    );
    bands.issues("02-01");
    bands.story("02-03 reopened case=a by=buyer");
    bands.issues("03-01");
    let by_header = format!(
        "[[meter]]\nid = \"calls\"\nclass = \"usage\"\n\
         [[component]]\nid = \"seats\"\nkind = \"seats\"\nprice = 10\n\
         [[component]]\nid = \"fee\"\nkind = \"platform\"\namount = \"33.33\"\ndue = \"arrears\"\n\
         [[component]]\nid = \"calls\"\nkind = \"metered\"\nmeter = \"calls\"\nprice = {{ percentage = {{ percent = 3, fixed = \"0.10\" }} }}\n\
         {CASES}price = {{ volume = [{{ up_to = 2, unit = 3 }}, {{ unit = 2 }}] }}\nretier_on_reversal = \"no_increase\"\n\
         [[component]]\nid = \"tier\"\nkind = \"risk\"\nmodifies = \"cases\"\nby = \"header tier\"\nmissing = 1\n\
         [[component.band]]\nis = \"gold plus\"\nmultiplier = 2\n[[component.band]]\nis = \"1\"\nmultiplier = \"0.333\"\n\
         [[component]]\nid = \"region\"\nkind = \"risk\"\nmodifies = \"calls\"\nby = \"header department\"\nmissing = \"1.5\"\nminimum = 1\n\
         [[component.band]]\nis = \"eu\"\nmultiplier = \"1.2\"\n\
         [[component]]\nid = \"sla\"\nkind = \"risk\"\nmodifies = \"seats\"\nmultiplier = \"1.15\"\n\
         [[component]]\nid = \"sla-fee\"\nkind = \"risk\"\nmodifies = \"fee\"\nmultiplier = \"0.9\"\n"
    );
    let mut headers = Vector::new(
        "risk-headers-and-fees",
        "risk access usage D3 D4",
        "bands by a header of works and of usage, and one factor on seats and on a fee",
        Book::new(&plan(&by_header), ""),
    );
    headers.story(
        "01-02 assigned seat=A\n01-10 confirmed case=b tier=1\n01-11 confirmed case=c tier=none\n01-12 confirmed case=d\n\
         01-10 usage meter=calls quantity=1 amount=20 department=eu\n01-11 usage meter=calls quantity=1 amount=30 department=us\n\
         01-12 usage meter=calls quantity=2 amount=-9",
    );
    headers.push(json(
        "01-10",
        "work.confirmed",
        "plus",
        "",
        "\"case\":\"a\",\"tier\":\"gold plus\"",
    ));
    headers.issues("02-01");
    headers.story("02-11 reopened case=b\n02-12 reopened case=c");
    headers.issues("03-01");
    vec![bands, headers]
}

fn totals() -> Vec<Vector> {
    let lines = format!(
        "[[meter]]\nid = \"calls\"\nclass = \"usage\"\n\
         [[component]]\nid = \"fee\"\nkind = \"platform\"\namount = 100\n\
         [[component]]\nid = \"calls\"\nkind = \"metered\"\nmeter = \"calls\"\nprice = \"0.07\"\nminimum = 20\nmaximum = 50\ndiscount_percent = 15\n\
         {CASES}price = \"9.90\"\n\
         [totals]\ndiscount_percent = [\"10\", \"25\"]\ndiscount_amount = \"5\"\ncap = \"150\"\nminimum = \"80\"\n"
    );
    let mut lines_vector = Vector::new(
        "totals",
        "D1 D2 D5 usage outcome access",
        "discounts, maximum and minimum of a line; two percentages, a fixed discount, a cap and a minimum of the month",
        Book::new(&plan(&lines), ""),
    );
    lines_vector.story("01-10 usage meter=calls quantity=1001");
    lines_vector.confirmed("01-10", 0, 12);
    lines_vector.issues("01-15");
    lines_vector.issues("02-01");
    lines_vector.story("02-10 usage meter=calls quantity=100\n02-11 reopened case=c0001");
    lines_vector.issues("03-01");
    lines_vector.story("01-20 usage meter=calls quantity=7 id=late\n03-01 reopened case=c0002");
    lines_vector.issues("04-01");
    let mut quarter = Vector::new(
        "totals-quarter",
        "D1 P2",
        "the plan's quarterly minimum and the contract's cap, prorated over a stub and over two versions",
        Book::new(
            &outcome(
                "price = 100\n[totals]\nevery = \"quarter\"\nminimum = 900\ndiscount_percent = 5\n",
            ),
            "starts = 2026-01-20\nanchor_day = 1\n[totals]\ncap = 1000\n",
        ),
    );
    quarter.confirmed("01-25", 0, 4);
    quarter.issues_all(&["02-01", "03-01"]);
    quarter.amend(
        "03-11",
        &outcome(
            "price = 100\n[totals]\nevery = \"quarter\"\nminimum = 900\ndiscount_percent = 5\n",
        ),
        &definition("", ""),
        "starts = 2026-01-20\nanchor_day = 1\n[totals]\ncap = 2000\ndiscount_percent = 0\n",
        false,
    );
    quarter.confirmed("03-15", 100, 3);
    quarter.issues("04-01");
    quarter.confirmed("04-15", 200, 20);
    quarter.issues_all(&["05-01", "06-01"]);
    vec![lines_vector, quarter]
}

/// Plans of every kind of component at once, with a life of late facts, reversals and a void.
fn hybrid() -> Vector {
    let text = format!(
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
    let mut all = Vector::new(
        "hybrid",
        "access usage outcome risk D1 D2 D5 D7",
        "every surface at once over four months: late facts, reversals, disputes, a void and its re-issue",
        Book::new(&plan(&text), "time_zone = \"Europe/Berlin\"\n"),
    );
    let cuts = ["01-31T23:00", "02-28T23:00", "03-31T22:00"];
    for (month, cut) in (1..).zip(cuts) {
        for day in [2, 9, 26] {
            let case = (month * 7 + day) % 9;
            all.story(&format!(
                "{month:02}-{day:02}T08:00 answered case=c{case} kind=answer confidence=0.{}\n\
                 {month:02}-{day:02}T09:00 usage meter=calls quantity={}\n\
                 {month:02}-{day:02}T10:00 assigned seat=s{}",
                case + 1,
                day % 5,
                day % 3,
            ));
        }
        all.story(&format!(
            "{month:02}-11 confirmed case=k{month} by=buyer\n{month:02}-12 verified case=v{month} result=passed check=t by=third_party\n\
             {month:02}-20 released seat=s2\n{month:02}-27 reopened case=k{month} by=buyer\n{month:02}-28 disputed case=v{month} by=buyer"
        ));
        if month > 1 {
            let before = month - 1;
            all.story(&format!(
                "{before:02}-21 verified case=late{month} result=passed check=t\n{before:02}-22 usage meter=calls quantity=4 id=late-{month}"
            ));
        }
        all.issues(cut);
    }
    all.void("acme-0002");
    all.issues(cuts[1]);
    all.story("04-03 dispute_decided case=v2 verdict=credited");
    all.issues("04-30T22:00");
    all
}

pub fn all() -> Vec<Vector> {
    let mut all = platform();
    all.extend(seats());
    all.extend(risk());
    all.extend(totals());
    all.push(hybrid());
    all.push(committed());
    all
}

/// Seats that were committed to, changes that are not prorated, and fees that are charged once.
fn committed() -> Vector {
    let text = |committed: u32, setup: u32, more: &str| {
        plan(&format!(
            "[[component]]\nid = \"team\"\nkind = \"seats\"\ncommitted = {committed}\nincluded = 1\nprice = {{ graduated = [{{ up_to = 2, unit = 30, flat = 5 }}, {{ unit = 20 }}] }}\n\
             [[component]]\nid = \"guests\"\nkind = \"seats\"\ncommitted = 1\ndue = \"arrears\"\ncount = \"high_water\"\nprice = 7\noverage = {{ volume = [{{ up_to = 2, unit = 9 }}, {{ unit = 8 }}] }}\n\
             [[component]]\nid = \"least\"\nkind = \"seats\"\nminimum_seats = 2\nprice = 3\nprorate = {{ assigned = \"day\", released = \"none\" }}\n\
             [[component]]\nid = \"whole\"\nkind = \"seats\"\nprice = 3\nprorate = \"none\"\n\
             [[component]]\nid = \"setup\"\nkind = \"platform\"\namount = {setup}\nonce = true\n{more}"
        ))
    };
    let terms = "starts = 2026-01-20\nanchor_day = 1\n";
    let mut vector = Vector::new(
        "p4-committed-seats-and-fees-once",
        "access P4 P2 D5",
        "committed seats in advance and in arrears with what is held beyond, a minimum, changes that are not prorated, and fees charged once, over an amendment",
        Book::new(&text(2, 100, ""), terms),
    );
    vector.issues("01-20");
    vector.story("01-22 assigned seat=a\n01-25 assigned seat=b\n01-28 assigned seat=c\n02-03 assigned seat=d\n02-09 released seat=a\n02-20 assigned seat=e\n02-21 released seat=b");
    vector.issues_all(&["02-01", "02-10"]);
    let later = "[[component]]\nid = \"training\"\nkind = \"platform\"\namount = 70\nonce = true\n[[component]]\nid = \"report\"\nkind = \"platform\"\namount = 50\nonce = true\ndue = \"arrears\"\n";
    vector.amend(
        "02-15",
        &text(3, 200, later),
        &definition("", ""),
        terms,
        false,
    );
    vector.issues_all(&["02-15", "03-01", "04-01"]);
    vector
}
