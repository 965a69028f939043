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

pub fn all() -> Vec<Vector> {
    held_back()
}
