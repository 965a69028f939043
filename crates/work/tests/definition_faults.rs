//! Broken definition documents, and what their authors are told: every fault, its place, the remedy.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

use std::fmt::Write as _;

use piecework_work as work;
use proptest::prelude::*;
use work::Definition;
use work::definition::{DefinitionError, WorkValue};

/// The document of the design, as it stands there.
const SKETCH: &str = include_str!("definition_sketch.toml");

/// The faults as a reader sees them: the line, what is meant in it, the problem, the hint.
fn rendered(text: &str, error: &DefinitionError) -> String {
    let mut out = String::new();
    for fault in &error.faults {
        let before = &text[..fault.span.start];
        let line = before.matches('\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let shown = text[start..].lines().next().unwrap_or("");
        let within = &shown[fault.span.start - start..];
        let chars = text[fault.span.clone()]
            .lines()
            .next()
            .unwrap_or("")
            .chars()
            .count();
        let marks = "^".repeat(chars.clamp(1, within.chars().count().max(1)));
        let indent = " ".repeat(shown[..fault.span.start - start].chars().count());
        writeln!(
            out,
            "{line:>3} | {shown}\n    | {indent}{marks}\n      {}",
            fault.problem
        )
        .unwrap();
        if let Some(hint) = &fault.hint {
            writeln!(out, "      hint: {hint}").unwrap();
        }
    }
    out
}

/// The sketch with one text replaced.
fn with(from: &str, to: &str) -> String {
    assert!(SKETCH.contains(from), "the sketch has no `{from}`");
    SKETCH.replacen(from, to, 1)
}

/// The sketch with the condition of its class `assumed` replaced.
fn assumed(condition: &str) -> String {
    with(
        "all(answered where kind = answer, quiet(72h, last answered), not(human_replied), not(escalated))",
        condition,
    )
}

#[test]
fn the_document_of_the_design_is_a_definition() {
    let definition =
        Definition::parse(SKETCH).unwrap_or_else(|e| panic!("{}", rendered(SKETCH, &e)));
    assert_eq!(definition.id, "support.resolved_case");
    assert_eq!(definition.abandon_after.to_string(), "30d");
    assert_eq!(definition.counts.len(), 3);
    assert_eq!(
        definition.counts[2].when.to_string(),
        "all(answered where kind = answer, quiet(72h, last answered), not(human_replied), not(escalated))"
    );
    assert!(
        definition.after[0].again,
        "a reopened unit may settle again"
    );
    assert!(
        matches!(definition.value, WorkValue::PerUnit(amount) if amount.to_string() == "6.50 USD")
    );
    assert_eq!(definition.digest, work::Digest::of(SKETCH.as_bytes()));
}

#[test]
fn every_fault_has_its_place_and_its_remedy() {
    let cases: Vec<(&str, String)> = vec![
        ("not_toml", with("[rollback]", "[rollback")),
        ("a_key_twice", with("owner = ", "owner = \"a\"\nowner = ")),
        ("no_owner", with("owner = \"support-platform@vendor.example\"\n", "")),
        ("an_empty_owner", with("\"support-platform@vendor.example\"", "\"  \"")),
        ("no_evidence", with("[evidence]\ngate = [\"resolution\"]                        # delays settlement; `expected` only reports\nexpected = [\"transcript\"]\n", "")),
        ("evidence_without_a_name", with("gate = [\"resolution\"]                        # delays settlement; `expected` only reports\nexpected = [\"transcript\"]\n", "gate = []\n")),
        ("no_cost_lines", with("lines = [\"model\", \"infra\", \"human_review\", \"support\"]\n", "")),
        ("a_misspelt_cost_line", with("\"human_review\"", "\"human-review\"")),
        ("no_rollback", with("[rollback]\nremedy = \"credit\"                            # and how the work itself is undone\nundo = \"reply retracted, case reopened\"\nwindow = \"30d\"\napprover = \"cs-lead@vendor.example\"\n", "")),
        ("a_rollback_without_an_approver", with("approver = \"cs-lead@vendor.example\"\n", "")),
        ("no_abandon_after", with("abandon_after = \"30d\"\n", "")),
        ("two_abandon_afters", with("one_per =", "abandon_after = \"60d\"\none_per =")),
        ("abandoned_never", with("abandon_after = \"30d\"", "abandon_after = \"forever\"")),
        ("nothing_counts", "id = \"x\"\nquestion = \"?\"\nowner = \"me\"\ncounts = []\none_per = { key = [\"case\"] }\nabandon_after = \"9d\"\nevidence = { gate = [\"log\"] }\ncost = { lines = [\"model\"] }\nrollback = { remedy = \"credit\", undo = \"none\", window = \"9d\", approver = \"me\" }\n".to_owned()),
        ("an_empty_document", "# nothing yet\n\n".to_owned()),
        ("no_key", with("key = [\"case\"], ", "")),
        ("a_misspelt_key_header", with("[\"case\"]", "[\"conversaton\", \"user\"]")),
        ("a_misspelt_split", with("split = \"none\"", "split = \"reopened\"")),
        ("a_window_without_an_end", with("split = \"none\"", "split = \"window(forever, from = start)\"")),
        ("a_misspelt_kind", with("\"confirmed\"\n[[counts]]", "\"confrimed\"\n[[counts]]")),
        ("a_strange_kind", with("\"confirmed\"\n[[counts]]", "\"resolved\"\n[[counts]]")),
        ("a_misspelt_word", with("result = passed", "result = pased")),
        ("a_misspelt_attribute", with("result = passed", "reslt = passed")),
        ("an_attribute_of_another_kind", assumed("all(answered where score >= 4, confirmed)")),
        ("another_fact_among_the_tests", assumed("answered where kind = answer and human_replied")),
        ("and_between_conditions", assumed("answered where kind = answer and confirmed and closed")),
        ("or_between_conditions", assumed("confirmed or closed")),
        ("not_without_parentheses", assumed("all(confirmed, not escalated)")),
        ("an_unknown_form", assumed("none(confirmed, escalated)")),
        ("an_open_parenthesis", assumed("all(confirmed, not(escalated)")),
        ("an_empty_list", assumed("all()")),
        ("a_double_equals", assumed("verified where result == passed")),
        ("an_order_of_words", assumed("verified where result > failed")),
        ("a_flag_without_its_value", assumed("all(confirmed, escalated where configured)")),
        ("a_flag_that_is_a_word", assumed("all(confirmed, escalated where configured = yes)")),
        ("a_share_in_per_cent", assumed("answered where kind = answer and confidence >= 80")),
        ("a_text_for_a_number", assumed("rated where score >= good")),
        ("an_anchor_without_first_or_last", assumed("all(confirmed, quiet(72h, answered))")),
        ("a_span_in_words", assumed("all(confirmed, quiet(3 days, last answered))")),
        ("quiet_for_ever", assumed("all(confirmed, quiet(forever, last answered))")),
        ("a_header_tested_of_no_fact", assumed("all(confirmed, channel = chat)")),
        ("a_quote_without_an_end", assumed("closed where reason = 'solved")),
        ("a_strange_sign", assumed("confirmed && closed")),
        ("a_fault_after_an_escape", assumed("closed where reason = \\\"so\\\\\\\\ld\\\" and reasn = x")),
        ("a_fault_in_a_long_string", with("\"confirmed\"\n[[counts]]", "\"\"\"\n  all(\n    confirmed,\n    not(escaleted),\n  )\"\"\"\n[[counts]]")),
        ("facts_in_only", with("one_per =", "only = \"all(environment != test, not(escalated))\"\none_per =")),
        ("time_in_only", with("one_per =", "only = \"quiet(3d, opened)\"\none_per =")),
        ("s2_silence_alone", assumed("quiet(72h, opened)")),
        ("s2_a_greeting_is_no_answer", assumed("all(answered, quiet(72h, last answered))")),
        ("s2_one_way_round_the_answer", assumed("any(confirmed, elapsed(72h, opened))")),
        ("s2_an_answer_of_an_earlier_episode", assumed("all(answered where kind = answer ever, quiet(72h, opened))")),
        ("a_class_twice", with("class = \"assumed\"", "class = \"confirmed\"")),
        ("the_same_condition_twice", assumed("confirmed")),
        ("a_class_in_the_shadow_of_a_wider_one", assumed("all(confirmed, not(escalated))")),
        ("a_thing_and_its_opposite", assumed("all(answered where kind = answer, confirmed, not(answered))")),
        ("tests_that_exclude_each_other", assumed("rated where score >= 4 and score < 3")),
        ("quiet_beyond_abandonment", assumed("all(answered where kind = answer, quiet(45d, last answered))")),
        ("after_an_opening", with("on = \"reopened\"", "on = \"opened\"")),
        ("after_a_reopening_that_begins_a_unit", with("split = \"none\"", "split = \"reopen\"")),
        ("after_in_the_shadow_of_another", with("[value]", "[[after]]\non = \"reopened where channel = email\"\nwithin = \"14d\"\nthen = \"ignore\"\n\n[value]")),
        ("after_taken_by_an_earlier_one", with("[value]", "[[after]]\non = \"reopened where channel = email\"\nwithin = \"14d\"\nthen = \"new_unit\"\n\n[value]")),
        ("since_in_after", with("on = \"reopened\"", "on = \"reopened since last answered\"")),
        ("where_as_a_key_of_after", with("within = \"30d\"\nthen", "where = \"channel = email\"\nwithin = \"30d\"\nthen")),
        ("a_misspelt_effect", with("then = \"reverse\"", "then = \"revers\"")),
        ("a_part_that_is_none", with("then = \"reverse\"", "then = \"partial 1.5\"")),
        ("again_without_a_reversal", with("then = \"reverse\"", "again = true\nthen = \"partial 0.5\"")),
        ("a_misspelt_section", with("[rollback]", "[rolback]")),
        ("a_key_of_the_top_in_a_section", with("[value]", "upgrade_within = \"9d\"\n\n[value]")),
        ("an_upgrade_with_one_class", "id = \"x\"\nquestion = \"?\"\nowner = \"me\"\nupgrade_within = \"9d\"\none_per = { key = [\"case\"] }\nabandon_after = \"9d\"\nevidence = { gate = [\"log\"] }\ncost = { lines = [\"model\"] }\nrollback = { remedy = \"credit\", undo = \"none\", window = \"9d\", approver = \"me\" }\n[[counts]]\nclass = \"a\"\nwhen = \"confirmed\"\n".to_owned()),
        ("a_number_where_text_belongs", with("\"support-platform@vendor.example\"", "42")),
        ("a_value_without_a_currency", with("\"6.50 USD\"", "\"6.50\"")),
        ("a_value_agreed_and_measured", with("per_unit = \"6.50 USD\"", "measured = true\nper_unit = \"6.50 USD\"")),
        ("a_share_above_one", with("\"0.10\"", "10")),
        ("a_share_in_hexadecimal", with("\"0.10\"", "0x1")),
        ("a_strange_decider", with("\"customer\"", "\"us\"")),
        ("a_misspelt_verdict", with("default = \"credit\"", "default = \"credited\"")),
        ("an_id_with_spaces", with("\"support.resolved_case\"", "\"Resolved Case\"")),
        ("counts_as_one_section", "id = \"x\"\n[counts]\nclass = \"a\"\n".to_owned()),
        ("several_faults_at_once", with("result = passed", "result = pased").replace("[\"case\"]", "[\"cse\"]").replace("abandon_after = \"30d\"\n", "")),
    ];
    let mut diagnostics = String::new();
    for (name, text) in cases {
        let error = Definition::parse(&text).expect_err(name);
        assert!(!error.faults.is_empty(), "{name}");
        assert!(
            error
                .faults
                .iter()
                .all(|f| text.is_char_boundary(f.span.start)
                    && text.is_char_boundary(f.span.end)
                    && f.span.start <= f.span.end),
            "{name}"
        );
        writeln!(diagnostics, "# {name}\n{}", rendered(&text, &error)).unwrap();
    }
    insta::assert_snapshot!(diagnostics);
}

#[test]
fn a_definition_has_limits() {
    let long = format!(
        "{SKETCH}\n# {}",
        "x".repeat(work::limits::DEFINITION_BYTES_MAX)
    );
    let error = Definition::parse(&long).unwrap_err();
    assert!(
        error.to_string().contains("fit into one log entry"),
        "{error}"
    );
    let question = with(
        "Did it resolve",
        &"?".repeat(work::limits::TEXT_BYTES_MAX + 1),
    );
    assert!(
        Definition::parse(&question)
            .unwrap_err()
            .to_string()
            .contains("longer than")
    );
    // Classes of up to 30 predicates each.
    let many = |n: usize| {
        let tests: Vec<String> = (0..n)
            .map(|i| format!("answered where kind = answer and channel = c{i}"))
            .collect();
        let classes: String = tests
            .chunks(30)
            .enumerate()
            .map(|(i, tests)| {
                format!(
                    "[[counts]]\nclass = \"c{i}\"\nwhen = \"all({})\"\n",
                    tests.join(", ")
                )
            })
            .collect();
        let start = SKETCH.find("[[counts]]").unwrap();
        let end = SKETCH.find("[[after]]").unwrap();
        let head = &SKETCH[..start];
        format!("abandon_after = \"9d\"\n{head}{classes}{}", &SKETCH[end..])
    };
    assert_eq!(
        Definition::parse(&many(work::limits::PREDICATES_MAX)).map(|d| d.counts.len()),
        Ok(9)
    );
    let error = Definition::parse(&many(work::limits::PREDICATES_MAX + 1)).unwrap_err();
    assert!(
        error.to_string().contains("more than 256 predicates"),
        "{error}"
    );
}

proptest! {
    /// However a document is damaged: an answer, and every fault has a place in the text.
    #[test]
    fn a_damaged_document_is_answered(
        cuts in prop::collection::vec((0usize..SKETCH.len(), 0usize..40), 0..4),
        put in "(\\\\|\"|'|\"\"\"|\n|\\[|\\]|=|é|日|\\(|\\)|,|where|all\\(|\\\\u00e9|\\\\|72h|\\[\\[after\\]\\]\n){0,3}",
    ) {
        let mut text = SKETCH.to_owned();
        for (at, length) in cuts {
            let at = text.floor_char_boundary(at.min(text.len()));
            let end = text.floor_char_boundary((at + length).min(text.len()));
            text.replace_range(at..end, &put);
        }
        if let Err(error) = Definition::parse(&text) {
            prop_assert!(!error.faults.is_empty());
            for fault in error.faults {
                prop_assert!(text.get(fault.span.clone()).is_some(), "{:?} in\n{}", fault, text);
            }
        }
    }
}
