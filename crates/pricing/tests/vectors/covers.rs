//! One document to pay for the statements of two contracts (D16).

use jiff::civil::{Date, date};
use money::Currency;
use piecework_pricing::statement::draw_looking_back;
use work::body::{Control, CoverEntry, Per};

use super::vector::Vector;
use crate::support::{Book, CONTRACT, at, definition, issue, outcome, plan};

/// A second contract, whose months end an hour earlier.
const VOICE: &str = "acme-voice";
const JANUARY: Date = date(2026, 1, 31);
const FEBRUARY: Date = date(2026, 2, 28);

fn voice(vector: &mut Vector) {
    let fee = plan(
        "[[component]]\nid = \"voice\"\nkind = \"platform\"\namount = \"20.00\"\ndue = \"arrears\"\n",
    );
    let terms = "time_zone = \"Europe/Berlin\"\nstarts = 2026-01-01\n";
    let document = vector.contract(VOICE, &fee, &definition("", ""), terms);
    vector.control(
        "2025-12-21",
        Control::ContractSigned {
            contract: VOICE.to_owned(),
            document,
            by: "buyer".to_owned(),
        },
    );
}

/// Expects the statement of a contract, and issues it under a number.
fn issues(vector: &mut Vector, contract: &str, number: &str, cut: &str) {
    vector.expect_of(contract, cut);
    let account = vector.account();
    let drawn = draw_looking_back(&account, contract, at(cut), |_| account.clone());
    let own = issue(number, account.coverage, at(cut), "finance");
    for entry in drawn.unwrap().issue(&own).unwrap() {
        vector.push(entry);
    }
}

fn cover(vector: &mut Vector, time: &str, through: Date) {
    let drafted = vector
        .account()
        .draft_cover(through, Currency::USD, "finance");
    vector.control(time, Control::Cover(drafted.unwrap().unwrap()));
}

pub fn all() -> Vec<Vector> {
    let mut vector = Vector::new(
        "d16-covers",
        "D16 D7 D9",
        "two contracts under covers from January on: one is void in part and its statement has the next, one is voided and its statement has another; a day that ends at two instants, and credits that pay a part",
        Book::new(&outcome("price = \"0.99\""), ""),
    );
    voice(&mut vector);
    vector.control(
        "2025-12-22",
        Control::Cover(CoverEntry::Chosen {
            per: Per::Customer,
            from: JANUARY,
            by: "buyer".to_owned(),
        }),
    );
    vector.grant("01-02", "welcome", "3.00", |_| ());
    vector.confirmed("01-10", 0, 5);
    let berlin = "2026-01-31T23:00:00Z";
    issues(&mut vector, VOICE, "acme-0001", berlin);
    issues(&mut vector, CONTRACT, "acme-0002", "02-01");
    cover(&mut vector, "02-01T08:00", JANUARY);
    vector.void("acme-0001");
    issues(&mut vector, VOICE, "acme-0003", berlin);
    cover(&mut vector, "02-02T08:00", JANUARY);
    let voided = CoverEntry::Voided {
        number: "acme-A0002".to_owned(),
        reason: "the wrong address".to_owned(),
        by: "finance".to_owned(),
    };
    vector.control("02-03", Control::Cover(voided));
    cover(&mut vector, "02-04", JANUARY);
    vector.story("02-10 reopened case=c0001");
    vector.confirmed("02-12", 10, 2);
    issues(&mut vector, VOICE, "acme-0004", "2026-02-28T23:00:00Z");
    issues(&mut vector, CONTRACT, "acme-0005", "03-01");
    cover(&mut vector, "03-02", FEBRUARY);
    vector.expect("04-01");
    vec![vector]
}
