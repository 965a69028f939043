//! Terms on a sum: discounts with scope and time, caps that stop or go on at a price, minimums over several periods.

use super::vector::Vector;
use crate::support::{Book, UNIT, definition, plan};

/// A fee, usage and work that counts.
fn sold(terms: &str) -> String {
    plan(&format!(
        "[[meter]]\nid = \"calls\"\nclass = \"usage\"\n\
         [[component]]\nid = \"fee\"\nkind = \"platform\"\namount = 100\n\
         [[component]]\nid = \"calls\"\nkind = \"metered\"\nmeter = \"calls\"\nprice = \"0.07\"\n\
         [[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"{UNIT}\"\nprice = \"9.91\"\n{terms}"
    ))
}

fn discounts() -> Vector {
    let terms = "[totals]\ndiscount_percent = 5\ndiscount_amount = \"3.33\"\n\
        [[discount]]\namount = 40\nsequence = 2\nsurfaces = [\"access\", \"usage\"]\nreason = \"as ordered: \\\"PO 7\\\"\"\n\
        [[discount]]\npercent = \"12.5\"\nsequence = 2\ncomponents = [\"cases\"]\nfrom = 2026-02-01\nuntil = 2026-03-01\nreason = \"spring\"\n\
        [[discount]]\npercent = 100\ncomponents = [\"fee\"]\nperiods = 2\nreason = \"two months free\"\n\
        [[discount]]\npercent = 10\nsequence = 3\nfrom = 2026-02-02\nperiods = 1\nreason = \"once\"\n";
    let contract = "starts = 2026-01-20\nanchor_day = 1\ntrial_days = 3\n\
        [[phase]]\nfrom = 2026-04-11\n[[phase.discount]]\npercent = 1\nreason = \"for ever\"\n";
    let mut vector = Vector::new(
        "terms-discounts",
        "S12 D2 D1",
        "discounts of components and surfaces, by days, by periods and by sequence, over a stub, a trial and a phase",
        Book::new(&sold(terms), contract),
    );
    vector.story("01-25 usage meter=calls quantity=1001\n02-05 usage meter=calls quantity=333");
    vector.confirmed("01-26", 0, 4);
    vector.confirmed("02-10", 10, 3);
    vector.issues_all(&["01-20", "02-01", "03-01"]);
    vector.story("02-20 reopened case=c0001\n03-05 usage meter=calls quantity=5000");
    vector.confirmed("03-10", 20, 2);
    vector.issues_all(&["04-01", "05-01"]);
    vector.confirmed("05-10", 30, 1);
    vector.issues("06-01");
    vector
}

fn caps() -> Vec<Vector> {
    let cap = |more: &str| format!("[totals.cap]\namount = \"150.005\"\n{more}");
    let mut stop = Vector::new(
        "terms-cap-stops",
        "D1 D2 P2",
        "a cap that stops, lowered in the middle of a month, and what is taken back under it",
        Book::new(&sold(&cap("mode = \"stop\"\n")), ""),
    );
    stop.confirmed("01-10", 0, 12);
    stop.issues("02-01");
    stop.story("02-05 reopened case=c0001\n02-06 reopened case=c0002");
    stop.confirmed("02-10", 20, 9);
    stop.amend(
        "02-11",
        &sold(&cap("mode = \"stop\"\n")),
        &definition("", ""),
        "[totals.cap]\namount = 100\nmode = \"stop\"\n",
        false,
    );
    stop.issues_all(&["03-01", "04-01"]);
    let mut beyond = Vector::new(
        "terms-cap-overage",
        "D1 D2",
        "a price beyond a cap, above and below the list, then a soft cap, and none",
        Book::new(
            &sold(&cap("mode = \"overage\"\noverage = \"1.35\"\n")),
            "[[phase]]\nfrom = 2026-02-01\n[phase.totals.cap]\namount = 120\nmode = \"overage\"\noverage = \"0.25\"\n\
             [[phase]]\nfrom = 2026-03-01\n[phase.totals.cap]\namount = 50\nmode = \"soft\"\n",
        ),
    );
    for month in ["01-10", "02-10", "03-10"] {
        let number = usize::from(month.as_bytes()[1] - b'0') * 100;
        beyond.confirmed(month, number, 7);
    }
    beyond.issues_all(&["02-01", "03-01", "04-01"]);
    vec![stop, beyond]
}

fn minimums() -> Vec<Vector> {
    let sold = |more: &str| {
        sold(&format!(
            "[[discount]]\npercent = 10\nreason = \"r\"\n\
             [totals.minimum]\namount = 400\nperiods = 3\n{more}"
        ))
    };
    let mut at_end = Vector::new(
        "terms-minimum-at-end",
        "D1 D2 D5 P2",
        "400 over three months drawn by calls and cases, trued up; raised in the second term, which ends early",
        Book::new(
            &sold("components = [\"calls\", \"cases\"]\noverage = \"0.5\"\n"),
            "",
        ),
    );
    at_end.confirmed("01-10", 0, 10);
    at_end.story("02-10 usage meter=calls quantity=900");
    at_end.issues_all(&["02-01", "03-01", "04-01"]);
    at_end.story("04-02 reopened case=c0001");
    at_end.confirmed("04-10", 100, 60);
    at_end.amend(
        "05-11",
        &sold("surfaces = [\"outcome\"]\noverage = 2\n"),
        &definition("", ""),
        "",
        false,
    );
    at_end.issues_all(&["05-01", "06-01"]);
    at_end.confirmed("05-20", 200, 3);
    at_end.end("06-20");
    at_end.issues_all(&["06-20", "07-01", "08-01"]);
    let mut ahead = Vector::new(
        "terms-minimum-in-advance",
        "D1 D2 D5 P2 P3",
        "400 over three months in advance, what is drawn of it and what is beyond, a term that ends early, and a void",
        Book::new(
            &sold("bill = \"in_advance\"\noverage = \"0.8\"\n"),
            "starts = 2026-01-11\nanchor_day = 1\n",
        ),
    );
    ahead.issues("01-11");
    ahead.confirmed("01-20", 0, 10);
    ahead.issues("02-01");
    ahead.confirmed("02-20", 100, 30);
    ahead.issues("03-01");
    ahead.story("03-05 reopened case=c0001\n03-06 reopened case=c0101");
    ahead.issues_all(&["04-01", "05-01"]);
    ahead.end("05-16");
    ahead.confirmed("05-02", 200, 2);
    ahead.issues("06-01");
    ahead.void("acme-0006");
    ahead.issues("06-02");
    vec![at_end, ahead]
}

fn precedence() -> Vector {
    let text = plan(&format!(
        "precedence = [\"cases\", \"calls\"]\n[[meter]]\nid = \"calls\"\nclass = \"usage\"\n\
         [[component]]\nid = \"calls\"\nkind = \"metered\"\nmeter = \"calls\"\nallowance = 3\n\
         price = {{ graduated = [{{ up_to = 5, unit = \"0.11\" }}, {{ unit = \"0.07\" }}] }}\n\
         [[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"{UNIT}\"\nprice = \"1.01\"\n"
    ));
    let mut vector = Vector::new(
        "p5-precedence",
        "P5 D1 D8 usage outcome",
        "usage of works that count is in their price: taken back, counted again, late and waived, of two cases, of none",
        Book::new(&text, "late = { waive_after = \"35d\" }\n"),
    );
    vector.story(
        "01-05 usage meter=calls quantity=6 work=w1\n01-06 usage meter=calls quantity=4 work=w2\n\
         01-07 usage meter=calls quantity=5\n01-08 confirmed case=a work=w1 by=buyer",
    );
    vector.issues("02-01");
    vector.story(
        "02-03 reopened case=a work=w1 by=buyer\n02-04 usage meter=calls quantity=2 work=w1",
    );
    vector.issues("03-01");
    vector
        .story("03-03 confirmed case=a work=w1 by=buyer\n01-09 confirmed case=b work=w2 by=buyer");
    vector.issues("04-01");
    vector.story("04-02 confirmed case=c work=w2 by=buyer");
    vector.issues_all(&["05-01", "06-01"]);
    vector
}

pub fn all() -> Vec<Vector> {
    let mut all = vec![discounts(), precedence()];
    all.extend(caps());
    all.extend(minimums());
    all
}
