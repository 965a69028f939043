//! Prepaid credits: what statements draw, restore and let expire (D9).

use work::body::{Control, Grant, GrantAmended};

use super::vector::Vector;
use crate::support::{Book, UNIT, at, outcome, plan, usd};

const CALLS: &str = "[[meter]]\nid = \"calls\"\nclass = \"usage\"\n[[component]]\nid = \"calls\"\nkind = \"metered\"\nmeter = \"calls\"\nprice = 1\n";

fn expires(day: &str) -> impl FnOnce(&mut Grant) {
    let at = at(day);
    move |own| own.expires = Some(at)
}

fn closing() -> Vec<Vector> {
    let mut closed = Vector::new(
        "d9-closed-grant",
        "D9",
        "a grant closes with the statement of its expiry period; a late use of it pays cash; a void returns its draws and the re-issue draws them again",
        Book::new(&plan(CALLS), ""),
    );
    closed.grant("2025-12-21", "g", "100", expires("02-01"));
    closed.story("01-10 usage meter=calls quantity=60");
    closed.issues("02-01");
    closed.story("01-20 usage meter=calls quantity=30\n02-05 usage meter=calls quantity=5");
    closed.issues("03-01");
    closed.void("acme-0001");
    closed.issues("02-01");
    closed.expect("04-01");
    let mut order = Vector::new(
        "d9-burn-order",
        "D9",
        "priority, then expiry, then creation; a grant pays for what happened from its start to its expiry",
        Book::new(&plan(CALLS), ""),
    );
    order.grant("2025-12-21", "last", "10", |own| own.priority = 1);
    order.grant("2025-12-21", "for ever", "10", |own| {
        own.paid = Some(usd("9"));
    });
    order.grant("2025-12-22", "older", "10", expires("06-01"));
    order.grant("2025-12-23", "newer", "10", expires("06-01"));
    order.grant("2025-12-24", "to-the-15th", "10", expires("01-15"));
    order.grant("2025-12-24", "from-the-20th", "3", |own| {
        own.starts = Some(at("01-20"));
        own.expires = Some(at("05-01"));
    });
    order.story("01-10 usage meter=calls quantity=4\n01-16 usage meter=calls quantity=18\n01-25 usage meter=calls quantity=6");
    order.issues("02-01");
    order.story("01-17 usage meter=calls quantity=2\n02-10 usage meter=calls quantity=25");
    order.issues("03-01");
    let amended = GrantAmended {
        grant: "for ever".to_owned(),
        amount: Some(usd("20")),
        priority: Some(2),
        expires: None,
        reason: "renewed".to_owned(),
        by: "finance".to_owned(),
    };
    order.control("03-02", Control::CreditAmended(amended));
    order.grant("03-02", "unused", "50", |_| {});
    order.control(
        "03-03",
        Control::CreditVoided {
            grant: "unused".to_owned(),
            reason: "given twice".to_owned(),
            by: "finance".to_owned(),
        },
    );
    order.story("03-10 usage meter=calls quantity=3");
    order.expect("04-01");
    vec![closed, order]
}

fn restoring() -> Vec<Vector> {
    let mut restored = Vector::new(
        "d9-restored",
        "D9",
        "a reversal restores its grants, latest draw first; what returns to a dead grant may be drawn for its restore days",
        Book::new(&outcome("price = 10"), ""),
    );
    restored.grant("2025-12-21", "first", "25", expires("02-01"));
    restored.grant("2025-12-21", "second", "100", |own| {
        own.expires = Some(at("03-15"));
        own.restore_days = 31;
    });
    restored.confirmed("01-10", 0, 5);
    restored.issues("02-01");
    restored
        .story("02-10 reopened case=c0001\n02-11 reopened case=c0002\n02-12 reopened case=c0003");
    restored.confirmed("02-20", 100, 1);
    restored.issues("03-01");
    restored.confirmed("03-10", 200, 1);
    restored.confirmed("03-30", 210, 1);
    restored.confirmed("03-31T12:00", 220, 1);
    restored.story("03-12 reopened case=c0100");
    restored.issues("04-01");
    restored.confirmed("04-20", 300, 2);
    restored.issues("05-01");
    let hybrid = plan(&format!(
        "[[meter]]\nid = \"calls\"\nclass = \"usage\"\n\
         [[component]]\nid = \"platform\"\nkind = \"platform\"\namount = \"9.99\"\n\
         [[component]]\nid = \"calls\"\nkind = \"metered\"\nevery = \"quarter\"\nmeter = \"calls\"\nprice = {{ package = {{ size = 3, price = \"0.10\" }} }}\n\
         [[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"{UNIT}\"\ndiscount_percent = 5\n\
         price = {{ graduated = [{{ up_to = 3, unit = \"3.333\", flat = 1 }}, {{ unit = \"2.50\" }}] }}\n\
         [[component]]\nid = \"risk\"\nkind = \"risk\"\nmodifies = \"cases\"\nmultiplier = \"0.8\"\n\
         [totals]\ndiscount_percent = 10\ncap = 25\nminimum = 12\n"
    ));
    let mut netted = Vector::new(
        "d9-netted",
        "D9",
        "what a component and what modifies it come to, then what totals and goodwill make of it, is drawn or restored; scopes by surface and component",
        Book::new(&hybrid, ""),
    );
    netted.grant("2025-12-21", "access", "15", |own| {
        own.scope.surfaces = vec!["access".to_owned()];
    });
    netted.grant("2025-12-21", "cases", "30", |own| {
        own.scope.components = vec!["cases".to_owned()];
        own.expires = Some(at("02-01"));
    });
    netted.grant("2025-12-21", "all", "10", |own| own.priority = 1);
    netted.confirmed("01-10", 0, 9);
    netted.story("01-12 usage meter=calls quantity=50");
    netted.issues("02-01");
    netted.story("02-10 reopened case=c0001\n02-11 reopened case=c0002\n02-12 reopened case=c0003\n02-12 reopened case=c0004");
    netted.story("02-13 usage meter=calls quantity=7\n01-30 usage meter=calls quantity=5");
    let (time, goodwill) = super::differences::credit("02-14", usd("3"), "slow week");
    netted.control(&time, goodwill);
    netted.issues("03-01");
    netted.story("03-10 reopened case=c0005\n01-31 confirmed case=late");
    netted.issues("04-01");
    vec![restored, netted]
}

pub fn all() -> Vec<Vector> {
    closing().into_iter().chain(restoring()).collect()
}
