//! What outcomes are charged beside their price: what is held back of them.

use super::vector::Vector;
use crate::support::{Book, definition, outcome, plan};

fn held_back() -> Vec<Vector> {
    let mut released = Vector::new(
        "d11-holdback",
        "D11 D1 outcome",
        "a tenth of 0.99 has no cents; released when the dispute window is over, less what is in dispute; a dispute decided later releases its share; a reversal after the release",
        Book::new(
            &outcome("price = \"0.99\""),
            "[holdback]\npercent = 10\nrelease_after = \"20d\"\n",
        ),
    );
    released.confirmed("01-30", 0, 7);
    released.issues("02-01");
    released.story(
        "02-10 disputed case=c0003 by=buyer\n02-12 disputed case=c0004 by=buyer\n02-24 disputed case=c0005 by=buyer",
    );
    released.confirmed("02-20", 20, 3);
    released.expect("2026-02-15");
    released.issues("03-01");
    released.story("03-05 dispute_decided case=c0003 verdict=stands\n03-06 dispute_decided case=c0004 verdict=credited");
    released.issues("04-01");
    released.story("04-05 reopened case=c0001 by=buyer\n04-06 reopened case=c0021 by=buyer");
    released.issues("05-01");

    let classes = plan(
        "[[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"support.resolved_case\"\ndiscount_percent = 10\nmaximum = 20\n\
         [[component.class]]\nname = \"verified\"\nprice = { volume = [{ up_to = 2, unit = 3 }, { unit = \"2.95\" }] }\n\
         [[component.class]]\nnames = [\"confirmed\", \"assumed\"]\nprice = { graduated = [{ up_to = 3, unit = \"1.01\" }, { unit = \"0.5\" }] }\n\
         [[component]]\nid = \"platform\"\nkind = \"platform\"\namount = 100\n\
         [totals]\ndiscount_percent = 5\nminimum = 110\n",
    );
    let mut mixed = Vector::new(
        "d11-holdback-of-classes",
        "D11 D8 P1 P2 outcome",
        "several classes and prices, the line's own discount and cap before, the contract's totals without it, disputed shares in proportion to the classes' amounts, late works that are waived, an amendment that ends it, an ended contract that releases in its tail",
        Book::new(
            &classes,
            "late = { waive_after = \"20d\" }\n[holdback]\npercent = 10\ncomponents = [\"cases\"]\n",
        ),
    );
    for case in 0..4 {
        mixed.story(&format!(
            "01-2{case} verified case=v{case} result=passed check=tests by=third_party"
        ));
    }
    mixed.confirmed("01-25", 0, 5);
    mixed.issues("02-01");
    mixed.story("02-03 disputed case=v1 by=buyer\n02-04 disputed case=c0001 by=buyer\n02-05 disputed case=c0002 by=buyer");
    mixed.confirmed("01-28", 70, 2);
    mixed.confirmed("02-10", 30, 4);
    mixed.issues("03-01");
    mixed.amend("03-01", &classes, &definition("", ""), "", false);
    mixed.expect("2026-03-03");
    mixed.confirmed("03-10", 50, 2);
    mixed.end("04-01");
    mixed.issues_all(&["04-01", "05-01"]);
    vec![released, mixed]
}

fn attempts() -> Vec<Vector> {
    let facts = "01-05 answered case=a kind=answer\n\
         01-06 answered case=b kind=answer\n01-06T01:00 human_replied case=b visible=true\n\
         01-07 asked case=c kind=question\n\
         01-08 answered case=d kind=greeting\n\
         01-09 confirmed case=e by=buyer\n\
         01-10 answered case=f kind=answer by=third_party\n01-10T02:00 disputed case=f by=buyer\n\
         01-11 answered case=g kind=answer\n01-20 disputed case=g by=buyer\n\
         01-12 answered case=h kind=answer environment=test";
    let later = "02-10 reopened case=a by=buyer\n02-11 answered case=a kind=answer\n02-20 reopened case=e by=buyer";
    let mut alone = Vector::new(
        "s2-attempts",
        "S1 S2 D1 D11 outcome risk",
        "the attempt is owed when the unit is first resolved, by a count, by giving up, by a dispute; a reversal leaves it; it stays where it was when the unit counts later; outside of risk and allowance",
        Book::new(
            &plan(
                "[[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"support.resolved_case\"\nprice = 5\nallowance = 1\n\
                 [component.attempt]\nprice = { graduated = [{ up_to = 2, unit = \"0.205\", flat = \"0.01\" }, { unit = \"0.1\" }] }\n\
                 [[component]]\nid = \"tier\"\nkind = \"risk\"\nmodifies = \"cases\"\nmultiplier = \"1.1\"\n",
            ),
            "",
        ),
    );
    let mut refunded = Vector::new(
        "s2-attempts-refunded",
        "S1 S2 D1 D8 D11 outcome",
        "where attempts are refunded they wait with a dispute, go with a reversal, and come back with a later count; some arrive late and are waived",
        Book::new(
            &outcome("price = 5\n[component.attempt]\nprice = \"0.20\"\nrefund = true"),
            "late = { waive_after = \"20d\" }\n[holdback]\npercent = 10\n",
        ),
    );
    for vector in [&mut alone, &mut refunded] {
        vector.story(facts);
        vector.issues("02-01");
        vector.story(later);
        vector.issues("03-01");
        vector.story("01-04 answered case=late kind=answer\n03-20 confirmed case=b by=buyer");
        vector.issues_all(&["04-01", "05-01"]);
    }
    vec![alone, refunded]
}

fn paid_once() -> Vec<Vector> {
    let unit = "kind = \"outcome\"\nunit = \"support.resolved_case\"\n";
    let mut once = Vector::new(
        "p5-instead-of",
        "P5 S9 outcome",
        "two components that stand in place of a third for their classes, the first of them in the plan first; one that is paid in addition; a class that none of them prices",
        Book::with(
            &plan(&format!(
                "[[component]]\nid = \"base\"\n{unit}[[component.class]]\nname = \"confirmed\"\nprice = 1\n\
                 [[component]]\nid = \"also\"\n{unit}in_addition_to = \"base\"\nprice = \"0.1\"\n\
                 [[component]]\nid = \"premium\"\n{unit}instead_of = \"base\"\n[[component.class]]\nname = \"verified\"\nprice = 3\n\
                 [[component]]\nid = \"second\"\n{unit}instead_of = \"base\"\n[[component.class]]\nnames = [\"verified\", \"confirmed\"]\nprice = 2\n"
            )),
            &definition("abandon_after", "upgrade_within = \"30d\"\nabandon_after"),
            "",
        ),
    );
    once.story(
        "01-05 verified case=a result=passed check=tests by=third_party\n\
         01-06 confirmed case=b by=buyer\n\
         01-07 answered case=c kind=answer\n\
         01-08 confirmed case=d by=buyer",
    );
    once.issues("02-01");
    once.story("02-03 verified case=b result=passed check=tests by=third_party\n02-04 reopened case=a by=buyer\n02-05 confirmed case=a by=buyer");
    once.issues("03-01");
    vec![once]
}

pub fn all() -> Vec<Vector> {
    let stories = [held_back(), attempts(), paid_once()];
    stories.into_iter().flatten().collect()
}
