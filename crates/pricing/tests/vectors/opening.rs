//! Contracts that go on from where another system stopped (P6).

use super::vector::Vector;
use crate::support::{Book, UNIT, definition, outcome, plan};

const TIERS: &str =
    "price = { graduated = [{ up_to = 50, unit = \"0.95\", flat = 2 }, { unit = \"0.90\" }] }";

pub fn all() -> Vec<Vector> {
    let hybrid = plan(&format!(
        "[[meter]]\nid = \"calls\"\nclass = \"usage\"\n[[meter]]\nid = \"pages\"\nclass = \"usage\"\n\
         [[component]]\nid = \"platform\"\nkind = \"platform\"\namount = \"500.00\"\n\
         [[component]]\nid = \"desk\"\nkind = \"seats\"\nprice = 10\ncommitted = 2\n\
         [[component]]\nid = \"calls\"\nkind = \"metered\"\nmeter = \"calls\"\nallowance = 1000\nconvert = {{ divide = 100, round = \"up\" }}\n\
         price = {{ graduated = [{{ up_to = 20, unit = 1 }}, {{ unit = \"0.5\" }}] }}\n\
         [[component]]\nid = \"pages\"\nkind = \"metered\"\nmeter = \"pages\"\nprice = {{ volume = [{{ up_to = 100, unit = 2, flat = 3 }}, {{ unit = 1, flat = 7 }}] }}\n\
         [[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"{UNIT}\"\nallowance = 3\n{TIERS}\n\
         [[component]]\nid = \"cover\"\nkind = \"indemnity\"\nmodifies = \"cases\"\npremium = {{ graduated = [{{ up_to = 50, unit = \"0.10\" }}, {{ unit = \"0.05\" }}] }}\n"
    ));
    let mut counters = Vector::new(
        "p6-counters",
        "P6 P2 D1",
        "tiers, allowance, packages of a hundred and volumes go on from counters; a fee and committed seats billed before; a reversal and a second version within the first period",
        Book::new(&hybrid, "anchor_day = 1\nstarts = 2026-01-15\n"),
    );
    counters.open(
        "01-15",
        "[[counter]]\ncomponent = \"calls\"\nquantity = 1930\nincluded = 400\n\
         [[counter]]\ncomponent = \"pages\"\nquantity = 90\n\
         [[counter]]\ncomponent = \"cases\"\nquantity = 48\nincluded = 1\n\
         [[counter]]\ncomponent = \"cover\"\nquantity = 49\n\
         [[stated]]\ncomponent = \"platform\"\namount = \"274.00\"\n\
         [[stated]]\ncomponent = \"desk\"\nquantity = 34\namount = \"10.97\"\n",
    );
    counters.story(
        "01-16 usage meter=calls quantity=300\n01-17 usage meter=pages quantity=20\n01-20 usage meter=calls quantity=155",
    );
    counters.confirmed("01-18", 0, 6);
    counters.issues("02-01");
    counters.story("02-02 reopened case=c0003\n02-03 usage meter=pages quantity=5");
    counters.confirmed("02-05", 100, 2);
    counters.issues("03-01");
    let mut works = Vector::new(
        "p6-works",
        "P6 D6 S6",
        "works from before the contract: open, billed, billed and taken back, billed and done again, and one that nobody named",
        Book::new(&outcome("price = \"1.005\""), ""),
    );
    works.open(
        "2025-12-28",
        &format!(
            "[[work]]\nunit = \"{UNIT}\"\nwork = \"w1\"\n\
             [[work]]\nunit = \"{UNIT}\"\nwork = \"w2\"\nbilled = \"0.80\"\n\
             [[work]]\nunit = \"{UNIT}\"\nwork = \"w3\"\nbilled = \"0.805\"\n\
             [[work]]\nunit = \"{UNIT}\"\nwork = \"w4\"\nbilled = \"0.80\"\n\
             [[work]]\nunit = \"{UNIT}\"\nwork = \"w5\"\nbilled = \"0.70\"\n"
        ),
    );
    for name in 1..=6 {
        works.story(&format!(
            "2025-12-20T09:00:00Z opened case=k{name} work=w{name}"
        ));
    }
    for name in 2..=4 {
        works.story(&format!("2025-12-21T09:00:00Z confirmed case=k{name}"));
    }
    works.story(
        "01-10 confirmed case=k1\n01-11 reopened case=k3\n01-11 reopened case=k4\n01-12 confirmed case=k4\n01-13 confirmed case=k6",
    );
    works.issues("02-01");
    works.story("02-05 confirmed case=k5\n02-06 reopened case=k2\n02-20 reopened case=k1");
    works.issues("03-01");
    works.story("03-05 reopened case=k5\n03-06 confirmed case=k2");
    works.issues("04-01");
    let mut credits = Vector::new(
        "p6-credits",
        "P6 D9",
        "what is left of prepaid credits; openings that are flagged and do nothing: a second one, one that does not fit, one after a statement",
        Book::new(
            &plan(
                "[[meter]]\nid = \"calls\"\nclass = \"usage\"\n[[component]]\nid = \"calls\"\nkind = \"metered\"\nmeter = \"calls\"\nprice = 1\n",
            ),
            "",
        ),
    );
    credits.open(
        "2025-12-25",
        "[[counter]]\ncomponent = \"nothing\"\nquantity = 1\n",
    );
    credits.open(
        "2025-12-26",
        "[[grant]]\ngrant = \"old-b\"\namount = 10\npriority = 1\n\
         [[grant]]\ngrant = \"old-a\"\namount = 10\npaid = \"9.00\"\n\
         [[grant]]\ngrant = \"old-c\"\namount = 10\nexpires = \"2026-01-20T00:00:00Z\"\nsurfaces = [\"usage\"]\n\
         [[unpaid]]\nnumber = \"R-1\"\namount = 240\ndue = 2026-01-15\n",
    );
    credits.open("2025-12-27", "[[grant]]\ngrant = \"old-d\"\namount = 10\n");
    credits.story("01-10 usage meter=calls quantity=15\n01-25 usage meter=calls quantity=10");
    credits.issues("02-01");
    credits.open("02-02", "[[grant]]\ngrant = \"old-e\"\namount = 10\n");
    credits.story("02-10 usage meter=calls quantity=20");
    credits.issues("03-01");
    vec![counters, works, credits, positions()]
}

/// Everything but sums and counts that has a position.
fn positions() -> Vector {
    let looked_at = |aggregate: &str| {
        format!(
            "[[component]]\nid = \"{aggregate}\"\nkind = \"metered\"\nmeter = \"m\"\naggregate = \"{aggregate}\"\nallowance = 2\n\
             price = {{ graduated = [{{ up_to = 5, unit = 1, flat = 3 }}, {{ unit = \"0.5\" }}] }}\n"
        )
    };
    let aggregates: String = ["max", "last", "unique", "weighted_sum"]
        .map(looked_at)
        .concat();
    let sells = plan(&format!(
        "[[meter]]\nid = \"m\"\nclass = \"usage\"\n[[meter]]\nid = \"sales\"\nclass = \"usage\"\n[[meter]]\nid = \"calls\"\nclass = \"usage\"\n\
         {aggregates}\
         [[component]]\nid = \"fees\"\nkind = \"metered\"\nmeter = \"sales\"\nfree_events = 3\nfree_amount = 100\nprice = {{ percentage = {{ percent = 2, fixed = \"0.30\" }} }}\n\
         [[component]]\nid = \"calls\"\nkind = \"metered\"\nmeter = \"calls\"\nallowance = 10\nrollover = {{ periods = 2 }}\nprice = 1\n\
         [[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"{UNIT}\"\nprice = {{ percentage = {{ percent = 10, minimum = 1 }} }}\n\
         [component.attempt]\nprice = {{ graduated = [{{ up_to = 4, unit = 1 }}, {{ unit = \"0.5\" }}] }}\n"
    ));
    let mut positions = Vector::new(
        "p6-positions",
        "P6 P2 D10",
        "a greatest, a last, different items, a gauge, what is free of a percentage, what rolls over, attempts and a value that was billed, each from its position",
        Book::with(
            &sells,
            &definition("per_unit = \"6.50 USD\"", "measured = true"),
            "anchor_day = 1\nstarts = 2026-01-15\n",
        ),
    );
    positions.open(
        "01-15",
        &format!(
            "[[counter]]\ncomponent = \"max\"\nquantity = 4\nincluded = 2\n\
             [[counter]]\ncomponent = \"last\"\nquantity = 3\nincluded = 1\n\
             [[counter]]\ncomponent = \"unique\"\nquantity = 1\nincluded = 1\nitems = [\"a\", \"b\"]\n\
             [[counter]]\ncomponent = \"weighted_sum\"\nquantity = \"4.5\"\nincluded = \"0.5\"\n\
             [[counter]]\ncomponent = \"fees\"\nfree_events = 1\nfree_amount = \"70.00\"\n\
             [[counter]]\ncomponent = \"calls\"\nquantity = 5\nincluded = 4\nrolled = [{{ quantity = 2, periods = 1 }}, {{ quantity = 3, periods = 2 }}]\n\
             [[counter]]\ncomponent = \"cases\"\nof = \"attempts\"\nquantity = 3\n\
             [[work]]\nunit = \"{UNIT}\"\nwork = \"w1\"\nbilled = \"5.00\"\nvalue = \"50.00\"\n"
        ),
    );
    positions.story(
        "2026-01-10T09:00:00Z opened case=k1 work=w1\n2026-01-16T09:00:00Z confirmed case=k1\n2026-01-17T09:00:00Z valued case=k1 amount=80.00\n\
         2026-01-15T00:00:00Z usage meter=m quantity=5 item=b\n01-20 usage meter=m quantity=9 item=c\n01-25 usage meter=m quantity=7 item=d\n\
         01-18 usage meter=sales quantity=1 amount=40.00\n01-19 usage meter=sales quantity=1 amount=20.00\n01-21 usage meter=sales quantity=1 amount=50.00\n\
         01-22 usage meter=calls quantity=8",
    );
    positions.confirmed("01-18", 0, 3);
    positions.issues("02-01");
    positions.story(
        "2026-02-05T09:00:00Z valued case=k1 amount=-60.00\n02-06 usage meter=calls quantity=20\n02-07 usage meter=m quantity=3 item=a",
    );
    positions.issues("03-01");
    positions.story("2026-03-05T09:00:00Z reopened case=k1");
    positions.issues("04-01");
    positions
}
