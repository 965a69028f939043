//! What is known when: conflicts, corrections, late facts, entries that change nothing.

use work::Event;
use work::body::{Action, Body, Control, Kind};

use super::vector::{Vector, correct, json};
use crate::support::{Book, at, definition, event, issue, outcome, plan};

fn conflicts() -> Vec<Vector> {
    let mut chosen = Vector::new(
        "s4-conflict",
        "S4",
        "the first content of an identity stands until a correction names the digest of another; then its works move",
        Book::new(&outcome("price = 1"), ""),
    );
    let first = event("01-10 confirmed case=a id=7 by=buyer");
    let second = event("01-10 rejected case=a id=7");
    let third = event("01-11 confirmed case=b id=7");
    for content in [&first, &second, &third] {
        chosen.push(content.clone());
    }
    chosen.issues("02-01");
    chosen.push(correct(
        "choice",
        "2026-02-03",
        &third,
        Action::Choose,
        None,
    ));
    chosen.issues("03-01");
    chosen.push(correct(
        "choice-2",
        "2026-02-02",
        &second,
        Action::Choose,
        None,
    ));
    chosen.expect("04-01");
    chosen.push(correct(
        "unchoose",
        "2026-01-01",
        &correct("choice", "2026-02-03", &third, Action::Choose, None),
        Action::Void,
        None,
    ));
    chosen.issues("04-01");
    vec![chosen]
}

fn corrections() -> Vec<Vector> {
    let mut forks = Vector::new(
        "s5-correction-forks",
        "S5",
        "several corrections of one fact, one of them voided, one that arrives before its target, one of a replacement, one of nothing",
        Book::new(&outcome("price = 1"), ""),
    );
    let e1 = event("01-10 confirmed case=a id=e1");
    let x = event("01-12 confirmed case=x id=e1");
    let y = event("01-13 confirmed case=y id=e1");
    let c1 = correct("c1", "2026-01-12", &e1, Action::Replace, Some(&x));
    let c2 = correct("c2", "2026-01-11", &e1, Action::Replace, Some(&y));
    forks.push(c2);
    forks.expect("02-01");
    forks.push(e1.clone());
    forks.push(c1.clone());
    forks.issues("02-01");
    forks.push(correct("c3", "2026-01-10", &c1, Action::Void, None));
    forks.issues("03-01");
    forks.push(correct("c4", "2026-01-10", &y, Action::Void, None));
    forks.issues("04-01");
    forks.push(correct(
        "c5",
        "2026-05-01",
        &event("01-10 confirmed case=never id=e9"),
        Action::Void,
        None,
    ));
    forks.push(correct(
        "c6",
        "2026-01-10",
        &correct("c4", "2026-01-10", &y, Action::Void, None),
        Action::Void,
        None,
    ));
    forks.issues("05-01");
    let mut back = Vector::new(
        "s5-there-and-back",
        "S5",
        "a replacement and its reverse end; a replaced usage moves to another month and quantity",
        Book::new(
            &plan(
                "[[meter]]\nid = \"calls\"\nclass = \"usage\"\n[[component]]\nid = \"calls\"\nkind = \"metered\"\nmeter = \"calls\"\nprice = { graduated = [{ up_to = 10, unit = 1 }, { unit = \"0.5\" }] }\n",
            ),
            "",
        ),
    );
    let a = event("01-10 usage meter=calls quantity=8 id=u1");
    let b = event("02-10 usage meter=calls quantity=20 id=u1");
    back.push(a.clone());
    back.story("01-11 usage meter=calls quantity=8 id=u2");
    back.issues("02-01");
    back.push(correct(
        "there",
        "2026-02-12",
        &a,
        Action::Replace,
        Some(&b),
    ));
    back.issues("03-01");
    back.push(correct("back", "2026-03-12", &b, Action::Replace, Some(&a)));
    back.issues("04-01");
    back.push(correct(
        "void",
        "2026-04-12",
        &event("01-11 usage meter=calls quantity=8 id=u2"),
        Action::Void,
        None,
    ));
    back.issues("05-01");
    let mut late = Vector::new(
        "s5-correction-is-late",
        "S5 D8",
        "a fact that a late correction makes stand arrived with the correction",
        Book::new(&outcome("price = 1"), "late = { waive_after = \"20d\" }\n"),
    );
    let wrong = event("01-10 rejected case=a id=e1");
    let right = event("01-10 confirmed case=a id=e1");
    late.push(wrong.clone());
    late.confirmed("01-11", 0, 1);
    late.issues_all(&["02-01", "03-01"]);
    late.push(correct(
        "c1",
        "2026-03-05",
        &wrong,
        Action::Replace,
        Some(&right),
    ));
    late.issues("04-01");
    vec![forks, back, late]
}

fn late_facts() -> Vec<Vector> {
    let mut earlier = Vector::new(
        "s9-late-arrival",
        "S9 S1 D2",
        "facts that arrive late and happened earlier: a count moves to another month and class, an opener merges two units, a blocking fact takes a count away",
        Book::new(
            &outcome(
                "[[component.class]]\nname = \"verified\"\nprice = 3\n[[component.class]]\nname = \"confirmed\"\nprice = 2\n[[component.class]]\nname = \"assumed\"\nprice = 1",
            ),
            "",
        ),
    );
    earlier.story(
        "01-30 answered case=a kind=answer\n01-20 answered case=b kind=answer\n01-20 confirmed case=c by=buyer\n01-20 answered case=d kind=answer\n01-05 opened case=e",
    );
    earlier.issues_all(&["02-01", "03-01"]);
    earlier.story(
        "01-30T12:00 confirmed case=a by=buyer id=late-a\n01-21 human_replied case=b id=late-b\n01-10 opened case=c id=late-c\n01-20T01:00 verified case=d result=passed check=t id=late-d by=third_party",
    );
    earlier.issues("04-01");
    let mut bad = Vector::new(
        "documents-refused",
        "D13 S2",
        "texts that are no documents and entries that name what is not there change nothing",
        Book::new(&outcome("price = 1"), ""),
    );
    let publish = |id: &str, kind: &str, text: &str| {
        let text = work::Json::text(text).to_canonical();
        json(
            "01-02",
            "document.published",
            id,
            "",
            &format!("\"kind\":\"{kind}\",\"text\":{text},\"by\":\"x\""),
        )
    };
    let lazy = definition("when = \"confirmed\"", "when = \"quiet(72h, opened)\"");
    let digest = |text: &str| work::Digest::of(text.as_bytes()).to_string();
    let negative = outcome("price = \"-1\"");
    let misspelt = outcome("prize = 1");
    bad.push(publish("bad-definition", "definition", &lazy));
    bad.push(publish("bad-plan", "plan", &negative));
    bad.push(publish("worse-plan", "plan", &misspelt));
    for (id, plan, definition_text) in [
        ("lazy", outcome("price = 1"), lazy.clone()),
        ("negative", negative.clone(), definition("", "")),
        ("misspelt", misspelt.clone(), definition("", "")),
    ] {
        let text = format!(
            "id = \"acme-2026\"\ncustomer = \"acme\"\nplan = \"{}\"\ndefinitions = [\"{}\"]\ncurrency = \"USD\"\nstarts = 2026-01-01\ntime_zone = \"UTC\"\n",
            digest(&plan),
            digest(&definition_text),
        );
        bad.push(publish(&format!("contract-{id}"), "contract", &text));
        bad.push(json(
            "01-03",
            "contract.amended",
            &format!("amend-{id}"),
            "",
            &format!("\"contract\":\"acme-2026\",\"digest\":\"{}\",\"effective\":\"2026-01-03T00:00:00Z\",\"by\":\"b\"", digest(&text)),
        ));
    }
    bad.push(json(
        "01-04",
        "contract.ended",
        "ends-another",
        "",
        "\"contract\":\"other\",\"effective\":\"2026-01-04T00:00:00Z\",\"by\":\"b\"",
    ));
    bad.confirmed("01-10", 0, 2);
    bad.issues("02-01");
    vec![earlier, bad]
}

/// Entries of statements and contracts that are not as they should be.
fn written() -> Vec<Vector> {
    let mut undone = Vector::new(
        "what-piecework-wrote-is-not-corrected",
        "S5 S4",
        "a correction that lies about the type of its target voids neither a signature nor a statement; another content under a known identity of piecework stands for nothing",
        Book::new(&outcome("price = 1"), ""),
    );
    undone.confirmed("01-10", 0, 2);
    undone.issues("02-01");
    let signed = undone.contents[3].event.clone();
    let issued = undone.contents.last().unwrap().event.clone();
    for (id, target) in [("void-signature", &signed), ("void-statement", &issued)] {
        let mut void = correct(id, "2026-02-02", target, Action::Void, None);
        if let Body::Corrected { target_kind, .. } = &mut void.body {
            *target_kind = Kind::Confirmed;
        }
        undone.push(void);
    }
    let mut twin = event("01-12 confirmed case=twin");
    twin.id.clone_from(&signed.id);
    twin.source.clone_from(&signed.source);
    undone.push(twin);
    undone.issues("03-01");
    let mut parts = Vector::new(
        "d15-parts-that-state-nothing",
        "D15 D7",
        "parts without an issue, out of order or of another digest, and an issue without its parts, state nothing",
        Book::new(&outcome("price = 1"), ""),
    );
    parts.confirmed("01-10", 0, 2);
    let statement = parts.draw("02-01");
    let entries = statement
        .issue(&issue("acme-0001", 9, at("02-01"), "x"))
        .unwrap();
    let digest = match &entries[1].body {
        Body::Control(Control::StatementIssued { cells_digest, .. }) => cells_digest.to_string(),
        other => panic!("{other:?}"),
    };
    let retold = |entry: &Event, id: &str, old: &str, new: &str| {
        let mut told = Event::parse(&entry.canonical().replace(old, new)).unwrap();
        told.id = id.into();
        told
    };
    // The issue before its part, a part of another number, and one under another digest.
    parts.push(retold(&entries[1], "too-early", "acme-0001", "acme-0900"));
    parts.push(retold(
        &entries[0],
        "second-first",
        r#""part":"1""#,
        r#""part":"2""#,
    ));
    let zeros = "0".repeat(64);
    parts.push(retold(&entries[0], "other-digest", &digest, &zeros));
    parts.push(retold(&entries[1], "other-issue", &digest, &zeros));
    parts.expect("02-01");
    parts.issues("02-01");
    // The same revision once more, and a part of it.
    parts.push(retold(&entries[0], "again", "no such text", ""));
    parts.push(retold(
        &entries[1],
        "again-issued",
        "acme-0001",
        "acme-0901",
    ));
    parts.issues("03-01");
    vec![undone, parts]
}

pub fn all() -> Vec<Vector> {
    let mut all = conflicts();
    all.extend(written());
    all.extend(corrections());
    all.extend(late_facts());
    all
}
