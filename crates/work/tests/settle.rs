//! semantics.md section 1, rule by rule: each counter-example is a test of its name.
//!
//! A story is a list of lines `time kind key=value ...`; what comes back is printed the same way.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

use jiff::Timestamp;
use jiff::tz::TimeZone;
use piecework_work::Definition;
use piecework_work::Event;
use piecework_work::definition::Timeline;
use piecework_work::effective::{Content, Fact, resolve};
use piecework_work::settle::{MovementKind, Unit, inherit_headers, scopes, settle};
use proptest::prelude::*;

const DEFAULTS: &str = r#"
id = "support.resolved_case"
question = "Did it resolve the ticket?"
owner = "support-platform@vendor.example"
one_per = { key = ["case"], split = "none" }
abandon_after = "60d"
[value]
per_unit = "6.50 USD"
[evidence]
expected = ["transcript"]
[cost]
lines = ["model"]
[rollback]
remedy = "credit"
undo = "reply retracted"
window = "30d"
approver = "cs-lead@vendor.example"
[attribution]
controls = ["answer"]
decided_by = "customer"
counterfactual = "holdout"
[dispute]
window = "30d"
default = "credit"
"#;

/// A definition that differs from the defaults in the top-level keys given.
fn definition(differences: &str) -> Definition {
    let mut table: toml::Table = DEFAULTS.parse().unwrap();
    let differences: toml::Table = differences
        .parse()
        .unwrap_or_else(|e| panic!("{e}{differences}"));
    table.extend(differences);
    let text = toml::to_string(&table).unwrap();
    Definition::parse(&text).unwrap_or_else(|error| panic!("{error:#?}\n{text}"))
}

const ASSUMED: &str = r#"
[[counts]]
class = "confirmed"
when = "confirmed"
[[counts]]
class = "assumed"
when = "all(answered where kind = answer, quiet(72h, last answered where kind = answer), not(human_replied), not(escalated))"
[[after]]
on = "reopened"
within = "30d"
then = "reverse"
"#;

fn event(line: &str, index: usize) -> Event {
    let mut words = line.split_whitespace();
    let (time, kind) = (words.next().unwrap(), words.next().unwrap());
    let (mut id, mut source, mut work) = (format!("e{index}"), "desk".to_owned(), "w1".to_owned());
    let mut data = vec![];
    let mut case = "c1".to_owned();
    for word in words {
        let (key, value) = word.split_once('=').unwrap();
        match key {
            "id" => value.clone_into(&mut id),
            "src" => value.clone_into(&mut source),
            "work" => value.clone_into(&mut work),
            "case" => value.clone_into(&mut case),
            _ if value == "true" || value == "false" => data.push(format!("\"{key}\":{value}")),
            _ => data.push(format!("\"{key}\":\"{}\"", value.replace('_', " "))),
        }
    }
    data.push(format!("\"case\":\"{case}\""));
    let kind = if kind == "evidence" {
        data.push(format!("\"commitment\":\"{}\"", "00".repeat(32)));
        "evidence.attached".to_owned()
    } else {
        format!("work.{kind}")
    };
    let text = format!(
        r#"{{"specversion":"1.0","id":"{id}","source":"{source}","type":"piecework.{kind}.v1","subject":"acme","time":"{time}","workid":"{work}","data":{{{}}}}}"#,
        data.join(",")
    );
    Event::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn facts(lines: &[&str]) -> Vec<Fact> {
    let contents = lines
        .iter()
        .enumerate()
        .map(|(index, line)| Content {
            entry: index as u64,
            event: event(line, index),
        })
        .collect();
    let mut facts = resolve(contents).facts;
    inherit_headers(&mut facts);
    facts
}

fn units_of(timeline: &Timeline<'_>, facts: &[Fact], as_of: Timestamp) -> Vec<Unit> {
    let definition = timeline.versions[0].2;
    scopes(definition, facts)
        .iter()
        .flat_map(|(key, facts)| settle(timeline, key, facts, as_of))
        .collect()
}

fn units(definition: &Definition, lines: &[&str], as_of: &str) -> Vec<Unit> {
    let timeline = Timeline::of(definition, TimeZone::UTC);
    units_of(&timeline, &facts(lines), as_of.parse().unwrap())
}

fn print(units: &[Unit]) -> Vec<String> {
    let mut lines = Vec::new();
    for unit in units {
        for movement in &unit.movements {
            let kind = match movement.kind {
                MovementKind::Counted => "counted",
                MovementKind::Reversed => "reversed",
                MovementKind::Reduced => "reduced",
                MovementKind::Upgraded => "upgraded",
                MovementKind::Valued => "valued",
            };
            let what = movement
                .value
                .map_or(movement.quantity.to_string(), |value| value.to_string());
            lines.push(format!(
                "{} {kind} {} {what}",
                movement.instant, movement.class
            ));
        }
    }
    lines
}

#[track_caller]
fn check(definition: &Definition, lines: &[&str], as_of: &str, want: &[&str]) {
    assert_eq!(print(&units(definition, lines, as_of)), want);
}

#[test]
fn s1_a_reached_settlement_is_absorbing() {
    let definition = definition(ASSUMED);
    let first = "2026-01-28T12:00:00Z answered kind=answer";
    let follow_up = "2026-02-01T09:00:00Z answered kind=answer";
    let january = ["2026-01-31T12:00:00Z counted assumed 1"];
    check(&definition, &[first], "2026-01-31T23:59:59Z", &january);
    check(
        &definition,
        &[first, follow_up],
        "2026-03-01T00:00:00Z",
        &january,
    );
}

#[test]
fn s1_facts_after_the_horizon_are_unseen() {
    let definition = definition(ASSUMED);
    let story = [
        "2026-01-28T12:00:00Z answered kind=answer",
        "2026-01-30T12:00:00Z human_replied",
    ];
    check(&definition, &story, "2026-02-10T00:00:00Z", &[]);
    check(&definition, &story, "2026-01-31T11:59:59Z", &[]);
    check(&definition, &story[..1], "2026-01-31T11:59:59Z", &[]);
    check(
        &definition,
        &story[..1],
        "2026-01-31T12:00:00Z",
        &["2026-01-31T12:00:00Z counted assumed 1"],
    );
}

#[test]
fn s2_no_class_holds_without_a_visible_answer() {
    let definition = definition(ASSUMED);
    check(
        &definition,
        &["2026-01-05T10:00:00Z opened"],
        "2026-02-01T00:00:00Z",
        &[],
    );
    for kind in ["greeting", "clarify", "route"] {
        let answer = format!("2026-01-05T10:05:00Z answered kind={kind}");
        let story = ["2026-01-05T10:00:00Z opened", &answer];
        check(&definition, &story, "2026-02-01T00:00:00Z", &[]);
    }
}

#[test]
fn s2_a_further_question_keeps_the_work_open_and_thanks_do_not() {
    let definition = definition(ASSUMED);
    let answer = "2026-01-05T10:00:00Z answered kind=answer";
    let question = "2026-01-06T10:00:00Z asked kind=question";
    check(
        &definition,
        &[answer, question],
        "2026-02-01T00:00:00Z",
        &[],
    );
    let again = "2026-01-06T10:01:00Z answered kind=answer";
    let want = ["2026-01-09T10:01:00Z counted assumed 1"];
    check(
        &definition,
        &[answer, question, again],
        "2026-02-01T00:00:00Z",
        &want,
    );
    let want = ["2026-01-08T10:00:00Z counted assumed 1"];
    for kind in ["thanks", "affirmation", "spam"] {
        let thanks = format!("2026-01-06T10:00:00Z asked kind={kind}");
        check(
            &definition,
            &[answer, &thanks],
            "2026-02-01T00:00:00Z",
            &want,
        );
    }
}

#[test]
fn s3_ties_block_before_they_count() {
    let definition = definition(ASSUMED);
    let tie = [
        "2026-01-05T10:00:00Z answered kind=answer",
        "2026-01-05T10:00:00Z human_replied",
    ];
    check(&definition, &tie, "2026-02-01T00:00:00Z", &[]);
    check(&definition, &[tie[1], tie[0]], "2026-02-01T00:00:00Z", &[]);
    let at_the_deadline = [
        "2026-01-05T10:00:00Z answered kind=answer",
        "2026-01-08T10:00:00Z asked kind=question src=zzz",
        "2026-01-08T10:00:00Z asked kind=thanks src=aaa",
    ];
    check(&definition, &at_the_deadline, "2026-02-01T00:00:00Z", &[]);
    let after = [
        "2026-01-05T10:00:00Z answered kind=answer",
        "2026-01-08T10:00:01Z human_replied",
    ];
    check(
        &definition,
        &after,
        "2026-02-01T00:00:00Z",
        &["2026-01-08T10:00:00Z counted assumed 1"],
    );
}

#[test]
fn s6_reversed_is_not_terminal_and_a_scope_nets_at_most_one() {
    let definition = definition(&ASSUMED.replace("72h", "24h"));
    let story = [
        "2026-01-05T10:00:00Z answered kind=answer",
        "2026-01-20T09:00:00Z reopened",
        "2026-01-20T10:00:00Z answered kind=answer",
    ];
    check(
        &definition,
        &story,
        "2026-02-01T00:00:00Z",
        &[
            "2026-01-06T10:00:00Z counted assumed 1",
            "2026-01-20T09:00:00Z reversed assumed -1",
            "2026-01-21T10:00:00Z counted assumed 1",
        ],
    );
}

#[test]
fn s6_a_reopening_before_settlement_cancels_the_timer() {
    let definition = definition(ASSUMED);
    let story = [
        "2026-01-05T10:00:00Z answered kind=answer",
        "2026-01-06T10:00:00Z reopened",
    ];
    check(&definition, &story, "2026-03-01T00:00:00Z", &[]);
}

#[test]
fn s6_reach_counts_from_the_latest_settlement() {
    let definition = definition(&ASSUMED.replace("72h", "24h"));
    let story = [
        "2026-01-05T10:00:00Z answered kind=answer",
        "2026-01-30T10:00:00Z reopened",
        "2026-01-30T11:00:00Z answered kind=answer",
        "2026-02-20T10:00:00Z reopened",
        "2026-02-20T11:00:00Z answered kind=answer",
        "2026-04-01T10:00:00Z reopened",
    ];
    let want = [
        "2026-01-06T10:00:00Z counted assumed 1",
        "2026-01-30T10:00:00Z reversed assumed -1",
        "2026-01-31T11:00:00Z counted assumed 1",
        "2026-02-20T10:00:00Z reversed assumed -1",
        "2026-02-21T11:00:00Z counted assumed 1",
    ];
    check(&definition, &story, "2026-05-01T00:00:00Z", &want);
    let listed = &units(&definition, &story, "2026-05-01T00:00:00Z")[0].listed;
    assert_eq!(
        listed.len(),
        1,
        "the reopening beyond reach is kept and listed"
    );
}

#[test]
fn s7_windows_are_partitioned_greedily_and_a_late_opener_moves_them() {
    let definition = definition(
        "one_per = { key = [\"case\"], split = \"window(24h, from = start)\" }\nacts = [\"asked\"]\n[[counts]]\nclass = \"conversation\"\nwhen = \"asked\"\n",
    );
    let (d1, d2) = (
        "2026-01-05T10:00:00Z asked id=d1",
        "2026-01-06T09:45:00Z asked id=d2",
    );
    let late = "2026-01-05T09:30:00Z asked id=d0";
    let keys = |story: &[&str]| -> Vec<String> {
        units(&definition, story, "2026-02-01T00:00:00Z")
            .iter()
            .map(|unit| unit.key.opened_by.id.to_string())
            .collect()
    };
    assert_eq!(keys(&[d1, d2]), ["d1"]);
    assert_eq!(keys(&[d1, d2, late]), ["d0", "d2"]);
    let edge = "2026-01-06T10:00:00Z asked id=d3";
    assert_eq!(keys(&[d1, edge]), ["d1", "d3"], "a window is half open");
}

/// What is said of work after its window is over is said of that work: it opens no window, keeps none open,
/// and a dispute takes back what was billed.
#[test]
fn s7_a_remark_goes_to_the_unit_that_it_is_about() {
    let sessions = |from: &str| {
        definition(&format!(
            "one_per = {{ key = [\"case\"], split = \"window(24h, from = {from})\" }}\nacts = [\"asked\"]\n[[counts]]\nclass = \"conversation\"\nwhen = \"asked\"\n"
        ))
    };
    let two = [
        "2026-01-05T10:00:00Z asked id=monday work=w1",
        "2026-01-07T10:00:00Z asked id=wednesday work=w2",
    ];
    let movements = |definition: &Definition, more: &[&str]| -> Vec<String> {
        let story: Vec<&str> = two.iter().chain(more).copied().collect();
        units(definition, &story, "2026-03-01T00:00:00Z")
            .iter()
            .map(|unit| {
                let moved: Vec<&str> = unit.movements.iter().map(|own| own.kind.word()).collect();
                format!("{} {}", unit.key.opened_by.id, moved.join(" "))
            })
            .collect()
    };
    for from in ["start", "idle"] {
        let definition = sessions(from);
        let untouched = ["monday counted", "wednesday counted"];
        assert_eq!(movements(&definition, &[]), untouched);
        let dispute = |work: &str| {
            [
                format!("2026-01-10T10:00:00Z disputed id=d work={work}"),
                format!("2026-01-11T10:00:00Z dispute_decided verdict=credited id=v work={work}"),
            ]
        };
        for (work, expected) in [
            ("w1", ["monday counted reversed", "wednesday counted"]),
            ("w2", ["monday counted", "wednesday counted reversed"]),
            // It names no work that is known: it is about the latest.
            ("w9", ["monday counted", "wednesday counted reversed"]),
        ] {
            let own = dispute(work);
            let own: Vec<&str> = own.iter().map(String::as_str).collect();
            assert_eq!(movements(&definition, &own), expected, "{from} {work}");
        }
        for remark in [
            "evidence name=transcript",
            "rated score=1",
            "overridden minutes=5",
        ] {
            let own = format!("2026-01-10T10:00:00Z {remark} id=r work=w1");
            assert_eq!(movements(&definition, &[&own]), untouched, "{remark}");
        }
        // Twenty hours after a remark, two days after the last message: another conversation.
        let kept_open = [
            "2026-01-09T10:00:00Z rated score=1 id=r work=w2",
            "2026-01-10T06:00:00Z asked id=saturday work=w3",
        ];
        let expected = ["monday counted", "wednesday counted", "saturday counted"];
        assert_eq!(movements(&definition, &kept_open), expected, "{from}");
    }
}

/// A reopening leaves a count behind; that count may still be disputed, by the name of its work.
#[test]
fn s7_d11_a_count_that_a_reopening_left_may_be_disputed() {
    let definition = definition(&format!(
        "one_per = {{ key = [\"case\"], split = \"reopen\" }}\n{}",
        ASSUMED.split("[[after]]").next().unwrap()
    ));
    let story = [
        "2026-01-05T10:00:00Z answered kind=answer id=a work=w1",
        "2026-01-10T10:00:00Z reopened id=b work=w2",
        "2026-01-10T11:00:00Z answered kind=answer id=c work=w2",
        "2026-01-20T10:00:00Z disputed id=d work=w1",
        "2026-01-21T10:00:00Z dispute_decided verdict=credited id=v work=w1",
    ];
    let moved = |story: &[&str]| -> Vec<String> {
        units(&definition, story, "2026-03-01T00:00:00Z")
            .iter()
            .map(|unit| {
                let words: Vec<&str> = unit.movements.iter().map(|own| own.kind.word()).collect();
                words.join(" ")
            })
            .collect()
    };
    assert_eq!(moved(&story[..3]), ["counted", "counted"]);
    assert_eq!(moved(&story), ["counted reversed", "counted"]);
}

/// A remark may still begin a unit where the definition says so, and where there is none.
#[test]
fn s7_a_remark_begins_a_unit_where_nothing_else_can_take_it() {
    let definition = definition(
        "one_per = { key = [\"case\"], split = \"window(24h, from = start)\" }\nacts = [\"asked\"]\n[[counts]]\nclass = \"conversation\"\nwhen = \"asked\"\n[[after]]\non = \"rated where score <= 3\"\nwithin = \"30d\"\nthen = \"new_unit\"\n",
    );
    let opened = |story: &[&str]| -> Vec<String> {
        units(&definition, story, "2026-03-01T00:00:00Z")
            .iter()
            .map(|unit| unit.key.opened_by.id.to_string())
            .collect()
    };
    let first = "2026-01-04T10:00:00Z evidence name=transcript id=e work=w1";
    let asked = "2026-01-05T09:00:00Z asked id=a work=w1";
    assert_eq!(opened(&[first]), ["e"]);
    assert_eq!(opened(&[first, asked]), ["e"], "within a day of it");
    let rated = "2026-01-08T10:00:00Z rated score=2 id=r work=w1";
    assert_eq!(opened(&[first, asked, rated]), ["e", "r"]);
}

#[test]
fn s7_segments_are_named_by_their_opening_event() {
    let definition = definition(&format!(
        "one_per = {{ key = [\"case\"], split = \"reopen\" }}\n{}",
        ASSUMED.split("[[after]]").next().unwrap()
    ));
    let first = "2026-01-05T10:00:00Z answered kind=answer id=a";
    let second = "2026-02-10T10:00:00Z reopened id=b";
    let third = "2026-02-10T11:00:00Z answered kind=answer id=c";
    let late = "2026-01-20T10:00:00Z reopened id=d";
    let late_answer = "2026-01-20T11:00:00Z answered kind=answer id=e";
    let keys = |story: &[&str]| -> Vec<String> {
        units(&definition, story, "2026-03-01T00:00:00Z")
            .iter()
            .filter(|unit| !unit.movements.is_empty())
            .map(|unit| unit.key.opened_by.id.to_string())
            .collect()
    };
    assert_eq!(keys(&[first, second, third]), ["a", "b"]);
    assert_eq!(
        keys(&[first, second, third, late, late_answer]),
        ["a", "d", "b"]
    );
}

#[test]
fn s8_one_per_key_spans_several_works() {
    let definition = definition(&ASSUMED.replace("72h", "24h"));
    let story = [
        "2026-01-05T10:00:00Z answered kind=answer work=w1 case=lead-9",
        "2026-01-05T11:00:00Z answered kind=answer work=w2 case=lead-9",
        "2026-01-05T12:00:00Z answered kind=answer work=w3 case=lead-8",
    ];
    let units = units(&definition, &story, "2026-02-01T00:00:00Z");
    assert_eq!(units.len(), 2);
    assert_eq!(units[1].works, ["w1", "w2"]);
}

#[test]
fn a_unit_knows_the_traces_of_its_facts() {
    let definition = definition(&ASSUMED.replace("72h", "24h"));
    let mut facts = facts(&[
        "2026-01-05T10:00:00Z answered kind=answer work=w1 case=lead-9",
        "2026-01-05T11:00:00Z answered kind=answer work=w1 case=lead-9",
        "2026-01-05T12:00:00Z answered kind=answer work=w1 case=lead-9",
        "2026-01-05T12:00:00Z answered kind=answer work=w2 case=lead-8",
    ]);
    for fact in &mut facts {
        let number = [2, 1, 2, 3][usize::try_from(fact.entry).unwrap()];
        fact.event.traceparent = Some(format!("00-{number:032x}-00f067aa0ba902b7-01"));
    }
    let timeline = Timeline::of(&definition, TimeZone::UTC);
    let as_of = "2026-02-01T00:00:00Z".parse().unwrap();
    let units = units_of(&timeline, &facts, as_of);
    let traces: Vec<&[piecework_work::SmolStr]> =
        units.iter().map(|unit| unit.traces.as_slice()).collect();
    let trace = |number: u8| piecework_work::SmolStr::from(format!("{number:032x}"));
    assert_eq!(traces, [&[trace(3)][..], &[trace(1), trace(2)]]);
}

#[test]
fn s9_the_class_is_fixed_at_the_first_instant() {
    let classes = r#"
[[counts]]
class = "verified"
when = "verified where result = passed"
[[counts]]
class = "assumed"
when = "all(answered where kind = answer, quiet(24h, last answered where kind = answer))"
"#;
    let story = [
        "2026-01-05T10:00:00Z answered kind=answer",
        "2026-02-03T10:00:00Z verified result=passed check=suite",
    ];
    let fixed = definition(classes);
    check(
        &fixed,
        &story,
        "2026-03-01T00:00:00Z",
        &["2026-01-06T10:00:00Z counted assumed 1"],
    );
    let upgradable = definition(&format!("upgrade_within = \"60d\"\n{classes}"));
    check(
        &upgradable,
        &story,
        "2026-03-01T00:00:00Z",
        &[
            "2026-01-06T10:00:00Z counted assumed 1",
            "2026-02-03T10:00:00Z upgraded assumed -1",
            "2026-02-03T10:00:00Z counted verified 1",
        ],
    );
    let too_late = definition(&format!("upgrade_within = \"10d\"\n{classes}"));
    check(
        &too_late,
        &story,
        "2026-03-01T00:00:00Z",
        &["2026-01-06T10:00:00Z counted assumed 1"],
    );
    // Late to arrive but earlier to happen: evaluated as if it had been on time.
    let earlier = [
        story[0],
        "2026-01-05T12:00:00Z verified result=passed check=suite",
    ];
    check(
        &fixed,
        &earlier,
        "2026-03-01T00:00:00Z",
        &["2026-01-05T12:00:00Z counted verified 1"],
    );
}

#[test]
fn s10_facts_after_settlement_do_what_the_document_says() {
    let redo = definition(&format!(
        "{ASSUMED}[[after]]\non = \"human_replied\"\nwithin = \"forever\"\nthen = \"reverse\"\n[[after]]\non = \"rated where score <= 3\"\nwithin = \"forever\"\nthen = \"reverse\"\n"
    ));
    let answer = "2026-01-05T10:00:00Z answered kind=answer";
    let counted = "2026-01-08T10:00:00Z counted assumed 1";
    let human = "2026-03-05T10:00:00Z human_replied";
    let again = "2026-03-06T10:00:00Z answered kind=answer";
    check(
        &redo,
        &[answer, human, again],
        "2026-05-01T00:00:00Z",
        &[counted, "2026-03-05T10:00:00Z reversed assumed -1"],
    );
    check(
        &redo,
        &[answer, "2026-02-01T10:00:00Z rated score=2"],
        "2026-05-01T00:00:00Z",
        &[counted, "2026-02-01T10:00:00Z reversed assumed -1"],
    );
    check(
        &redo,
        &[answer, "2026-02-01T10:00:00Z rated score=5"],
        "2026-05-01T00:00:00Z",
        &[counted],
    );

    let assisted = definition(&format!(
        "{ASSUMED}[[after]]\non = \"human_replied\"\nwithin = \"30d\"\nthen = \"partial 0.5\"\n"
    ));
    check(
        &assisted,
        &[answer, "2026-01-10T10:00:00Z human_replied"],
        "2026-05-01T00:00:00Z",
        &[counted, "2026-01-10T10:00:00Z reduced assumed -0.5"],
    );

    let new_unit = definition(&ASSUMED.replace("\"reverse\"", "\"new_unit\""));
    check(
        &new_unit,
        &[
            answer,
            "2026-01-20T10:00:00Z reopened",
            "2026-01-20T11:00:00Z answered kind=answer",
        ],
        "2026-05-01T00:00:00Z",
        &[counted, "2026-01-23T11:00:00Z counted assumed 1"],
    );
}

#[test]
fn s10_a_configured_hand_off_is_a_class() {
    let definition = definition(
        "acts = [\"escalated where configured = true\"]\n[[counts]]\nclass = \"hand_off\"\nwhen = \"escalated where configured = true\"\n",
    );
    check(
        &definition,
        &["2026-01-05T10:00:00Z escalated configured=true"],
        "2026-02-01T00:00:00Z",
        &["2026-01-05T10:00:00Z counted hand_off 1"],
    );
    check(
        &definition,
        &["2026-01-05T10:00:00Z escalated"],
        "2026-02-01T00:00:00Z",
        &[],
    );
}

#[test]
fn s11_the_latest_word_of_a_check_counts() {
    let definition = definition(
        "[[counts]]\nclass = \"verified\"\nwhen = \"all(confirmed, verified where result = passed and check = suite)\"\n",
    );
    let passed = "2026-01-05T10:00:00Z verified result=passed check=suite";
    let failed = "2026-01-05T11:00:00Z verified result=failed check=suite";
    let other = "2026-01-05T11:30:00Z verified result=failed check=lint";
    let confirmed = "2026-01-05T12:00:00Z confirmed";
    check(
        &definition,
        &[passed, failed, confirmed],
        "2026-02-01T00:00:00Z",
        &[],
    );
    let want = ["2026-01-05T12:00:00Z counted verified 1"];
    check(
        &definition,
        &[passed, other, confirmed],
        "2026-02-01T00:00:00Z",
        &want,
    );
}

#[test]
fn s11_confidence_is_that_of_the_last_visible_answer_at_settlement() {
    let definition = definition(ASSUMED);
    let story = [
        "2026-01-05T10:00:00Z answered kind=answer confidence=0.6",
        "2026-01-05T11:00:00Z answered kind=answer confidence=0.9",
        "2026-01-20T11:00:00Z answered kind=answer confidence=0.1",
    ];
    let unit = &units(&definition, &story, "2026-02-01T00:00:00Z")[0];
    assert_eq!(
        unit.movements[0].basis.confidence,
        Some("0.9".parse().unwrap())
    );
    let silent = [story[0], "2026-01-05T12:00:00Z answered kind=answer"];
    let unit = &units(&definition, &silent, "2026-02-01T00:00:00Z")[0];
    assert_eq!(
        unit.movements[0].basis.confidence, None,
        "missing is a band of its own"
    );
}

#[test]
fn s11_abandoned_work_does_not_count_and_may_come_back() {
    let definition = definition(&format!("abandon_after = \"10d\"\n{ASSUMED}"));
    let opened = "2026-01-05T10:00:00Z opened";
    let unit = &units(&definition, &[opened], "2026-01-16T00:00:00Z")[0];
    let state = format!(
        "{:?}",
        unit.state_at("2026-01-16T00:00:00Z".parse().unwrap())
    );
    assert_eq!(state, "NotCounted(Abandoned)");
    assert_eq!(
        format!(
            "{:?}",
            unit.state_at("2026-01-15T00:00:00Z".parse().unwrap())
        ),
        "Pending"
    );
    let back = [
        "2026-01-05T10:00:00Z opened",
        "2026-02-05T10:00:00Z answered kind=answer",
    ];
    let want = ["2026-02-08T10:00:00Z counted assumed 1"];
    check(&definition, &back, "2026-03-01T00:00:00Z", &want);
}

/// The desk closes what was resolved half a year ago: the work was done, and both now say so.
#[test]
fn s11_giving_up_does_not_forget_the_answer() {
    let closed =
        "[[counts]]\nclass = \"closed\"\nwhen = \"all(answered where kind = answer, closed)\"\n";
    let definition = definition(&format!("abandon_after = \"10d\"\n{closed}"));
    let story = [
        "2026-01-05T10:00:00Z answered kind=answer",
        "2026-07-05T10:00:00Z closed",
    ];
    let unit = &units(&definition, &story, "2026-08-01T00:00:00Z")[0];
    let states: Vec<String> = unit
        .states
        .iter()
        .map(|(at, state)| format!("{at} {state:?}"))
        .collect();
    assert_eq!(
        states,
        [
            "2026-01-05T10:00:00Z Pending",
            "2026-01-15T10:00:00Z NotCounted(Abandoned)",
            "2026-07-05T10:00:00Z Pending",
            "2026-07-05T10:00:00Z Counted(\"closed\")",
        ]
    );
    // A note that says nothing, and came between, moves no money.
    let want = ["2026-07-05T10:00:00Z counted closed 1"];
    check(&definition, &story, "2026-08-01T00:00:00Z", &want);
    let noted = [
        story[0],
        "2026-01-14T10:00:00Z evidence name=note",
        story[1],
    ];
    check(&definition, &noted, "2026-08-01T00:00:00Z", &want);
}

/// A person solved the case; a month later the software writes again, and nobody answers.
#[test]
fn s11_giving_up_does_not_forget_what_blocked() {
    let definition = definition(&format!("abandon_after = \"10d\"\n{ASSUMED}"));
    let answer = "2026-01-05T10:00:00Z answered kind=answer";
    let human = "2026-01-05T11:00:00Z human_replied";
    let again = "2026-02-20T10:00:00Z answered kind=answer";
    check(
        &definition,
        &[answer, human, again],
        "2026-04-01T00:00:00Z",
        &[],
    );
    // Had the customer come back, it would be another episode, given up or not.
    let reopened = "2026-02-20T09:00:00Z reopened";
    check(
        &definition,
        &[answer, human, reopened, again],
        "2026-04-01T00:00:00Z",
        &["2026-02-23T10:00:00Z counted assumed 1"],
    );
}

#[test]
fn s11_what_a_dispute_ended_does_not_come_back_from_being_given_up() {
    let definition = definition(&format!("abandon_after = \"10d\"\n{ASSUMED}"));
    let story = [
        "2026-01-05T10:00:00Z opened",
        "2026-01-06T10:00:00Z disputed",
        "2026-03-01T10:00:00Z asked kind=thanks",
    ];
    let unit = &units(&definition, &story, "2026-04-01T00:00:00Z")[0];
    assert_eq!(
        format!(
            "{:?}",
            unit.state_at("2026-04-01T00:00:00Z".parse().unwrap())
        ),
        "NotCounted(Credited)"
    );
}

#[test]
fn s11_a_gate_delays_settlement_until_the_evidence_is_there() {
    let definition = definition(&format!("{ASSUMED}[evidence]\ngate = [\"resolution\"]\n"));
    let answer = "2026-01-05T10:00:00Z answered kind=answer";
    check(&definition, &[answer], "2026-02-01T00:00:00Z", &[]);
    let evidence = "2026-01-20T10:00:00Z evidence name=resolution";
    let want = ["2026-01-20T10:00:00Z counted assumed 1"];
    check(
        &definition,
        &[answer, evidence],
        "2026-02-01T00:00:00Z",
        &want,
    );
    let early = "2026-01-06T10:00:00Z evidence name=resolution";
    let want = ["2026-01-08T10:00:00Z counted assumed 1"];
    check(&definition, &[answer, early], "2026-02-01T00:00:00Z", &want);
}

#[test]
fn s12_the_version_at_the_opening_governs_for_life() {
    let v1 = definition(ASSUMED);
    let v2 =
        definition("[[counts]]\nclass = \"verified\"\nwhen = \"verified where result = passed\"\n");
    let timeline = Timeline {
        versions: vec![
            ("2026-01-01T00:00:00Z".parse().unwrap(), 1, &v1),
            ("2026-02-01T00:00:00Z".parse().unwrap(), 2, &v2),
        ],
        zone: TimeZone::UTC,
    };
    let old = facts(&[
        "2026-01-30T10:00:00Z opened",
        "2026-01-30T12:00:00Z answered kind=answer",
    ]);
    let units = units_of(&timeline, &old, "2026-03-01T00:00:00Z".parse().unwrap());
    assert_eq!(print(&units), ["2026-02-02T12:00:00Z counted assumed 1"]);
    assert_eq!(units[0].version, 1);
    let new = facts(&[
        "2026-02-01T00:00:00Z opened",
        "2026-02-01T12:00:00Z answered kind=answer",
    ]);
    let units = units_of(&timeline, &new, "2026-03-01T00:00:00Z".parse().unwrap());
    assert_eq!((print(&units).len(), units[0].version), (0, 2));
}

#[test]
fn d10_value_moves_at_the_later_of_settlement_and_value() {
    let definition = definition(&format!("{ASSUMED}[value]\nmeasured = true\n"));
    let story = [
        "2026-01-03T10:00:00Z answered kind=answer",
        "2026-01-04T10:00:00Z valued amount=50_USD",
        "2026-02-20T10:00:00Z valued amount=1000_USD",
        "2026-03-05T10:00:00Z valued amount=-200_USD",
    ];
    check(
        &definition,
        &story,
        "2026-04-01T00:00:00Z",
        &[
            "2026-01-06T10:00:00Z counted assumed 1",
            "2026-01-06T10:00:00Z valued assumed 50.00 USD",
            "2026-02-20T10:00:00Z valued assumed 1000.00 USD",
            "2026-03-05T10:00:00Z valued assumed -200.00 USD",
        ],
    );
}

#[test]
fn d11_an_unanswered_dispute_is_decided_by_the_document() {
    let definition = definition(ASSUMED);
    let answer = "2026-01-05T10:00:00Z answered kind=answer";
    let counted = "2026-01-08T10:00:00Z counted assumed 1";
    let disputed = "2026-01-10T10:00:00Z disputed";
    let want = [counted, "2026-02-09T10:00:00Z reversed assumed -1"];
    check(
        &definition,
        &[answer, disputed],
        "2026-03-01T00:00:00Z",
        &want,
    );
    let stands = "2026-01-12T10:00:00Z dispute_decided verdict=stands";
    check(
        &definition,
        &[answer, disputed, stands],
        "2026-03-01T00:00:00Z",
        &[counted],
    );
    let late = "2026-02-20T10:00:00Z disputed";
    check(
        &definition,
        &[answer, late],
        "2026-05-01T00:00:00Z",
        &[counted],
    );
}

#[test]
fn works_in_the_test_environment_are_excluded_by_name_yet_listed() {
    let definition = definition(&format!("only = 'environment != \"test\"'\n{ASSUMED}"));
    let story = ["2026-01-05T10:00:00Z answered kind=answer environment=test"];
    let units = units(&definition, &story, "2026-02-01T00:00:00Z");
    assert_eq!(print(&units), Vec::<String>::new());
    assert_eq!(
        format!("{:?}", units[0].states[0].1),
        "NotCounted(Excluded)"
    );
}

/// Lines of random stories over two cases: mostly hours apart, often at the same instant.
fn stories() -> impl Strategy<Value = Vec<String>> {
    let line =
        (0u32..40, 0usize..14, 0usize..2, 0usize..3).prop_map(|(slot, kind, case, source)| {
            let kind = [
                "opened",
                "asked kind=question",
                "asked kind=thanks",
                "answered kind=answer",
                "answered kind=greeting",
                "confirmed",
                "rejected",
                "verified result=passed check=suite",
                "verified result=failed check=suite",
                "escalated",
                "human_replied",
                "reopened",
                "disputed",
                "rated score=2",
            ][kind];
            let (day, hour) = (1 + slot / 2, 12 * (slot % 2));
            format!("2026-01-{day:02}T{hour:02}:00:00Z {kind} case=c{case} src=s{source}")
        });
    prop::collection::vec(line, 0..14).prop_map(|lines| {
        lines
            .into_iter()
            .enumerate()
            .map(|(index, line)| format!("{line} id=e{index}"))
            .collect()
    })
}

fn rich() -> Vec<Definition> {
    given_up_after("9d")
}

fn given_up_after(abandon_after: &str) -> Vec<Definition> {
    let base = format!(
        "upgrade_within = \"20d\"\nabandon_after = \"{abandon_after}\"\n[[counts]]\nclass = \"verified\"\nwhen = \"verified where result = passed\"\n{}[[after]]\non = \"human_replied\"\nwithin = \"20d\"\nthen = \"partial 0.5\"\n[[after]]\non = \"rated where score <= 3\"\nwithin = \"forever\"\nthen = \"reverse\"\n",
        ASSUMED.trim_start()
    );
    let split = |split: &str| {
        definition(&format!(
            "one_per = {{ key = [\"case\"], split = \"{split}\" }}\n{base}"
        ))
    };
    vec![
        split("none"),
        split("window(5d, from = start)"),
        split("window(3d, from = idle)"),
    ]
}

proptest! {
    #[test]
    fn any_arrival_gives_the_same_movements(lines in stories(), seed in any::<u64>()) {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let mut shuffled = lines.clone();
        let mut state = seed | 1;
        for last in (1..shuffled.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            shuffled.swap(last, usize::try_from(state >> 33).unwrap() % (last + 1));
        }
        for definition in rich() {
            let straight = units(&definition, &lines, "2026-06-01T00:00:00Z");
            let other = units(&definition, &shuffled, "2026-06-01T00:00:00Z");
            prop_assert_eq!(straight, other);
        }
    }

    /// Settling once without a horizon and reading by instants is settling at every horizon.
    #[test]
    fn settlement_is_causal_in_time(lines in stories(), day in 1u32..40) {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let as_of: Timestamp = "2026-01-01T06:00:00Z".parse().unwrap();
        let as_of = as_of + jiff::SignedDuration::from_hours(i64::from(day) * 24);
        for definition in rich() {
            let timeline = Timeline::of(&definition, TimeZone::UTC);
            let all = facts(&lines);
            let at = units_of(&timeline, &all, as_of);
            let later = units_of(&timeline, &all, Timestamp::MAX);
            for unit in &at {
                let same = later.iter().find(|other| other.key == unit.key).unwrap();
                let movements: Vec<_> =
                    same.movements.iter().filter(|m| m.instant <= as_of).cloned().collect();
                prop_assert_eq!(&movements, &unit.movements);
                prop_assert_eq!(same.state_at(as_of), unit.state_at(as_of));
            }
        }
    }

    /// Where no span of a class is longer than `abandon_after`, giving up is a state, never money.
    #[test]
    fn s11_giving_up_moves_no_money(lines in stories()) {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        for (soon, late) in given_up_after("3d").iter().zip(&given_up_after("900d")) {
            let soon = units(soon, &lines, "2026-06-01T00:00:00Z");
            let late = units(late, &lines, "2026-06-01T00:00:00Z");
            prop_assert_eq!(print(&soon), print(&late));
        }
    }

    #[test]
    fn a_scope_that_never_splits_nets_between_nothing_and_one(lines in stories()) {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let definition = &rich()[0];
        for unit in units(definition, &lines, "2026-06-01T00:00:00Z") {
            for movement in &unit.movements {
                let net = unit.net_at(movement.instant).unwrap();
                prop_assert!(!net.is_negative() && net <= money::Decimal::ONE, "{net}");
            }
        }
    }
}

#[test]
fn d11_a_dispute_and_its_decision_at_one_instant_are_raised_and_decided() {
    let definition = definition(ASSUMED);
    let story = [
        "2026-01-05T10:00:00Z answered kind=answer",
        "2026-01-10T10:00:00Z disputed id=z",
        "2026-01-10T10:00:00Z dispute_decided verdict=credited id=a",
    ];
    let want = [
        "2026-01-08T10:00:00Z counted assumed 1",
        "2026-01-10T10:00:00Z reversed assumed -1",
    ];
    check(&definition, &story, "2026-03-01T00:00:00Z", &want);
}
