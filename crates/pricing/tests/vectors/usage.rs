//! What of usage is priced: every aggregate, a gauge in parts of periods, what is free, what rolls over.

use super::vector::{Vector, correct};
use crate::support::{Book, definition, plan};
use work::body::Action;

const AGGREGATES: [&str; 6] = ["sum", "count", "max", "unique", "last", "weighted_sum"];

/// A component for each aggregate, each with a tier on top.
fn aggregates(price: &str) -> String {
    let each = AGGREGATES.map(|aggregate| {
        let id = aggregate.replace('_', "-");
        format!(
            "[[component]]\nid = \"{id}\"\nkind = \"metered\"\nmeter = \"calls\"\naggregate = \"{aggregate}\"\n{price}\n\
             [[component]]\nid = \"{id}-tier\"\nkind = \"risk\"\nmodifies = \"{id}\"\nby = \"header tier\"\nmissing = \"0.9\"\n\
             [[component.band]]\nis = \"gold\"\nmultiplier = \"1.3\"\n"
        )
    });
    plan(&format!(
        "[[meter]]\nid = \"calls\"\nclass = \"usage\"\n{}",
        each.concat()
    ))
}

fn metered(rest: &str) -> String {
    plan(&format!(
        "[[meter]]\nid = \"calls\"\nclass = \"usage\"\n[[component]]\nid = \"calls\"\nkind = \"metered\"\nmeter = \"calls\"\n{rest}\n"
    ))
}

pub fn all() -> Vec<Vector> {
    let tiers = "price = { graduated = [{ up_to = 3, unit = \"0.7\", flat = 1 }, { unit = \"0.333\" }] }\nallowance = 1";
    let terms = "late = { waive_after = \"20d\" }\n";
    let mut every = Vector::new(
        "usage-aggregates",
        "usage D1 D3 D5 D8 P2 S3",
        "each aggregate of the same facts over two versions, in tiers and bands, with a tie, a test, no item, a late fact and one taken back",
        Book::new(&aggregates(tiers), terms),
    );
    let volume = "price = { volume = [{ up_to = 4, unit = \"0.7\" }, { unit = \"0.5\", flat = 1 }] }\nallowance = 2";
    every.amend(
        "02-11T07:30",
        &aggregates(volume),
        &definition("", ""),
        terms,
        false,
    );
    every.story(
        "01-05 usage meter=calls quantity=4 item=a id=first
         01-09 usage meter=calls quantity=4 item=b tier=gold id=tie
         01-09T12:00 usage meter=calls quantity=90 item=t environment=test
         01-20 usage meter=calls quantity=2.5 item=a
         01-21 usage meter=calls quantity=1",
    );
    every.issues_all(&["01-15", "02-01"]);
    every.story("02-05 usage meter=calls quantity=6 item=c\n02-20 usage meter=calls quantity=5 item=a tier=gold");
    every.story("01-07 usage meter=calls quantity=11 item=d id=late");
    every.issues("03-01");
    let first = every.contents.iter().find(|own| own.event.id == "first");
    let first = first.map(|own| own.event.clone());
    if let Some(first) = first {
        every.push(correct("void-first", "03-02", &first, Action::Void, None));
    }
    every.issues_all(&["04-01", "05-01"]);

    let mut gauge = Vector::new(
        "usage-gauge",
        "usage P2 P3 D2",
        "a gauge from the middle of a month to the middle of another, over a change of clocks, in packages of what is not free",
        Book::new(
            &metered(
                "aggregate = \"weighted_sum\"\nallowance = \"0.5\"\nprice = { package = { size = \"1.5\", price = 7, free = 1 } }",
            ),
            "starts = 2026-03-11\nanchor_day = 1\ntime_zone = \"Europe/Berlin\"\n",
        ),
    );
    gauge.story(
        "03-12T03:04 usage meter=calls quantity=7.25
         03-29T00:30 usage meter=calls quantity=3
         04-20 usage meter=calls quantity=0.1",
    );
    gauge.end("05-20");
    gauge.issues_all(&[
        "2026-03-31T22:00:00Z",
        "2026-04-30T22:00:00Z",
        "2026-06-01T00:00:00Z",
    ]);

    let mut free = Vector::new(
        "usage-free",
        "usage P2 S3",
        "the first facts and the first money of a part of a month are free of a percentage; a refund, and an earlier fact that arrives later",
        Book::new(
            &metered(
                "free_events = 2\nfree_amount = 100\nprice = { percentage = { percent = \"2.9\", fixed = \"0.30\", minimum = \"0.50\", maximum = 20 } }",
            ),
            "starts = 2026-01-10\nanchor_day = 1\n",
        ),
    );
    free.story(
        "01-11 usage meter=calls amount=30\n01-12 usage meter=calls amount=40\n01-13 usage meter=calls amount=60\n\
         01-14 usage meter=calls amount=-50\n01-15 usage meter=calls amount=30\n01-16 usage meter=calls amount=2000",
    );
    free.issues("02-01");
    free.story("01-10T01:00 usage meter=calls amount=70 id=earlier");
    free.issues("03-01");

    let rolls = |rest: &str| metered(&format!("price = \"0.10\"\nallowance = 100\n{rest}"));
    let mut rolled = Vector::new(
        "usage-rolls-over",
        "usage D1 P2",
        "allowances that roll over for two months, from a part of a month, until a version ends it; a late fact takes back what was used later",
        Book::new(
            &rolls("rollover = { periods = 2 }"),
            "starts = 2026-01-16\nanchor_day = 1\n",
        ),
    );
    let terms = "starts = 2026-01-16\nanchor_day = 1\n";
    rolled.amend("04-16", &rolls(""), &definition("", ""), terms, false);
    rolled.story("01-20 usage meter=calls quantity=30\n02-20 usage meter=calls quantity=10\n03-20 usage meter=calls quantity=205");
    rolled.issues_all(&["02-01", "03-01", "03-15", "04-01"]);
    rolled.story("02-21 usage meter=calls quantity=50\n04-20 usage meter=calls quantity=130\n05-20 usage meter=calls quantity=101");
    rolled.issues_all(&["05-01", "06-01"]);
    vec![every, gauge, free, rolled]
}
