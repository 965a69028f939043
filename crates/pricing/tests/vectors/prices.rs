//! Every price form, rounding mode and kind of minor unit.

use super::vector::{Vector, json};
use crate::support::{Book, UNIT, definition, outcome, plan};

fn metered(rest: &str) -> String {
    plan(&format!(
        "[[meter]]\nid = \"calls\"\nclass = \"usage\"\n[[component]]\nid = \"calls\"\nkind = \"metered\"\nmeter = \"calls\"\n{rest}\n"
    ))
}

/// A case of usage: quantities, one a day from January 10 on, and a statement of every cut.
fn usage(
    name: &'static str,
    rules: &'static str,
    about: &'static str,
    price: &str,
    quantities: &[&str],
    cuts: &[&str],
) -> Vector {
    let mut vector = Vector::new(name, rules, about, Book::new(&metered(price), ""));
    for (day, quantity) in (10..).zip(quantities) {
        vector.story(&format!("01-{day} usage meter=calls quantity={quantity}"));
    }
    vector.issues_all(cuts);
    vector
}

/// Works at half a coin in another currency and rounding.
fn rounded(name: &'static str, currency: &str, rounding: &str, price: &str) -> Vector {
    let text = outcome(&format!("price = \"{price}\"")).replace("USD", currency);
    let terms = format!("currency = \"{currency}\"\nrounding = \"{rounding}\"\n");
    let mut vector = Vector::new(
        name,
        "D2 outcome",
        "a tie at the smallest coin, charged and taken back, in one rounding mode",
        Book::new(&text, &terms),
    );
    vector.confirmed("01-10", 0, 3);
    vector.confirmed("01-11", 10, 2);
    vector.issues("02-01");
    vector.story("02-10 reopened case=c0001\n02-11 reopened case=c0002");
    vector.issues("03-01");
    vector
}

fn percentages() -> Vec<Vector> {
    let mut of_each = Vector::new(
        "price-percentage",
        "usage D2",
        "a share of each usage's money, with fixed part, floor and cap; without money, or in another currency, it has no price",
        Book::new(
            &metered(
                "price = { percentage = { percent = \"2.9\", fixed = \"0.30\", minimum = \"0.50\", maximum = 20 } }",
            ),
            "",
        ),
    );
    of_each.story(
        "01-10 usage meter=calls quantity=1 amount=1.00\n01-11 usage meter=calls quantity=1 amount=100.01\n\
         01-12 usage meter=calls quantity=1 amount=5000\n01-13 usage meter=calls quantity=1 amount=-40\n\
         01-14 usage meter=calls quantity=3",
    );
    of_each.push(json(
        "01-15",
        "usage.recorded",
        "euros",
        "",
        "\"meter\":\"calls\",\"amount\":\"50 EUR\"",
    ));
    of_each.issues("02-01");
    let mut of_sum = Vector::new(
        "price-graduated-percentage",
        "usage D5",
        "shares of a quarter's sum of money, tier by tier, cut inside",
        Book::new(
            &metered(
                "every = \"quarter\"\nprice = { graduated_percentage = [{ up_to = 1000, percent = 1, flat = 2 }, { up_to = 5000, percent = \"0.75\" }, { percent = \"0.5\", flat = 10 }] }",
            ),
            "",
        ),
    );
    of_sum.story(
        "01-10 usage meter=calls quantity=1 amount=400\n01-20 usage meter=calls quantity=1 amount=900.55\n\
         02-10 usage meter=calls quantity=2 amount=8000\n03-10 usage meter=calls quantity=1 amount=-300",
    );
    of_sum.issues_all(&["02-01", "03-01", "04-01"]);
    vec![of_each, of_sum]
}

fn values() -> Vec<Vector> {
    let measured = definition("per_unit = \"6.50 USD\"", "measured = true");
    let mut vectors = Vec::new();
    for (name, price) in [
        (
            "value-percentage",
            "price = { percentage = { percent = 10, minimum = 20, maximum = 150 } }",
        ),
        (
            "value-graduated-percentage",
            "price = { graduated_percentage = [{ up_to = 1000, percent = 10 }, { percent = 5 }] }",
        ),
    ] {
        let mut vector = Vector::new(
            name,
            "D10 D1 outcome",
            "a share of measured value: each increment in its own period, floor and cap on the work's value so far, all of it given back",
            Book::with(&outcome(price), &measured, ""),
        );
        vector.story("01-06 confirmed case=a by=buyer\n01-07 confirmed case=b\n01-08 valued case=b amount=333.33");
        vector.issues("02-01");
        vector.story("02-20 valued case=a amount=1000\n02-21 valued case=a amount=100\n02-22 valued case=c amount=50");
        vector.issues("03-01");
        vector.story("03-05 valued case=a amount=-200\n03-06 confirmed case=c");
        vector.issues("04-01");
        vector.story("04-05 valued case=a amount=5000");
        vector.push(json(
            "04-05",
            "work.valued",
            "euros",
            "",
            "\"case\":\"a\",\"amount\":\"7 EUR\"",
        ));
        vector.issues("05-01");
        vector.story("04-06 reopened case=a");
        vector.issues("06-01");
        vector.story("06-02 confirmed case=a");
        vector.issues("07-01");
        vectors.push(vector);
    }
    vectors
}

fn allowances() -> Vec<Vector> {
    let classes = format!(
        "[[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"{UNIT}\"\nallowance = 3\n\
         [[component.class]]\nname = \"verified\"\nprice = \"1.50\"\n\
         [[component.class]]\nname = \"confirmed\"\nfree = true\n\
         [[component.class]]\nname = \"assumed\"\nprice = {{ graduated = [{{ up_to = 2, unit = \"0.99\" }}, {{ unit = \"0.90\" }}] }}\n"
    );
    let mut drawn = Vector::new(
        "allowance-by-class",
        "outcome D2",
        "an allowance drawn in the order of the classes, a free class that does not draw it, and classes with tiers of their own",
        Book::new(&plan(&classes), ""),
    );
    drawn.story(
        "01-10 verified case=a result=passed check=t by=third_party\n01-10 verified case=b result=passed check=t\n\
         01-10 confirmed case=c\n01-10 answered case=d kind=answer\n01-11 answered case=e kind=answer\n\
         01-12 answered case=f kind=answer\n01-13 answered case=g kind=answer",
    );
    drawn.issues("02-01");
    drawn.story("02-03 reopened case=a by=buyer");
    drawn.issues("03-01");
    let shared = format!(
        "[[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"{UNIT}\"\n\
         [[component.class]]\nnames = [\"verified\", \"confirmed\"]\nprice = {{ volume = [{{ up_to = 2, unit = 3 }}, {{ unit = 2, flat = \"0.5\" }}] }}\n"
    );
    let mut unpriced = Vector::new(
        "classes-share-tiers",
        "outcome D5",
        "two classes under one volume price, and a class without a price, which is pending",
        Book::new(&plan(&shared), ""),
    );
    unpriced.story(
        "01-10 verified case=a result=passed check=t\n01-10 confirmed case=b\n01-11 confirmed case=c\n01-10 answered case=d kind=answer",
    );
    unpriced.issues_all(&["01-20", "02-01"]);
    vec![drawn, unpriced]
}

pub fn all() -> Vec<Vector> {
    let mut all = vec![
        usage(
            "price-per-unit",
            "usage D2",
            "one price per unit, quantities with digits after the point, rounded once",
            "price = \"0.0025\"",
            &["1.5", "0.25", "1000", "0.0000001"],
            &["02-01"],
        ),
        usage(
            "price-graduated",
            "usage D5",
            "graduated tiers with flat fees over a quarter, cut inside it and at its end; the first flat fee is due at zero use",
            "every = \"quarter\"\nprice = { graduated = [{ up_to = 5, flat = 100 }, { up_to = 10, flat = 50 }, { up_to = 15, unit = 5 }, { unit = 1 }] }",
            &["5", "0.5", "6.5", "10"],
            &["01-11", "01-12", "02-01", "04-01", "07-01"],
        ),
        usage(
            "price-graduated-cap",
            "usage",
            "a tier that costs no more than its cap",
            "price = { graduated = [{ up_to = 10, unit = 2, flat = 1, cap = 15 }, { unit = \"1.5\", cap = \"7.25\" }] }",
            &["4", "5", "3", "20"],
            &["01-11", "01-12", "02-01", "03-01"],
        ),
        usage(
            "price-volume",
            "usage D5",
            "all units at the price of the tier reached, known only when the period is over",
            "price = { volume = [{ up_to = 100, unit = 2, flat = 10 }, { up_to = 200, unit = 1 }, { unit = \"0.5\", flat = 50 }] }",
            &["100", "0.5"],
            &["01-15", "02-01", "03-01"],
        ),
        usage(
            "price-package",
            "usage D5",
            "whole packages behind free units, begun ones charged, cut inside a quarter",
            "every = \"quarter\"\nprice = { package = { size = 100, price = 10, free = 50 } }",
            &["50", "1", "99", "1", "500"],
            &["01-11", "01-12", "01-13", "02-01", "04-01"],
        ),
        usage(
            "price-package-down",
            "usage",
            "packages that are charged when they are full, and half to even",
            "price = { package = { size = 4, price = 10, round = \"down\" } }\nminimum = 5",
            &["3", "2", "2.5"],
            &["01-11", "02-01", "03-01"],
        ),
        usage(
            "price-blocks-all-tiers",
            "usage",
            "blocks of units, each tier its own",
            "every = \"year\"\nprice = { charge = \"all_tiers\", blocks = [{ size = 100, most = 10, price = 1 }, { size = 1000, most = 2, price = \"1.25\" }, { size = 5000, price = \"0.7\" }] }",
            &["50", "950", "50", "1950", "0.5"],
            &["01-11", "01-12", "01-13", "01-14", "02-01", "2027-01-01"],
        ),
        usage(
            "price-blocks-top-tier",
            "usage D5",
            "blocks at the price of the tier reached",
            "price = { charge = \"top_tier\", blocks = [{ size = 100, most = 10, price = 1 }, { size = 1000, price = 8 }] }",
            &["400", "650"],
            &["02-01", "03-01"],
        ),
        usage(
            "convert",
            "usage D5",
            "counted in thousands, begun ones charged by cumulative difference, behind an allowance",
            "every = \"quarter\"\nallowance = 100\nprice = \"10\"\nconvert = { divide = 1000, round = \"up\" }",
            &["1500", "1300", "0"],
            &["01-11", "01-12", "02-01", "04-01"],
        ),
        usage(
            "convert-half-even",
            "usage",
            "counted in dozens, rounded half to even",
            "price = { graduated = [{ up_to = 2, unit = 3 }, { unit = 1 }] }\nconvert = { divide = 12, round = \"half_even\" }",
            &["30", "12", "20.4"],
            &["01-11", "01-12", "02-01"],
        ),
        rounded("rounding-jpy-half-even", "JPY", "half_even", "200.1"),
        rounded("rounding-jpy-half-up", "JPY", "half_up", "100.1"),
        rounded("rounding-huf-down", "HUF", "down", "0.333"),
        rounded("rounding-kwd-up", "KWD", "up", "0.00015"),
    ];
    all.extend(percentages());
    all.extend(values());
    all.extend(allowances());
    all
}
