//! Language-model judges of tau2-bench conversations against the verified reward. The judges' words
//! drift: pass, satisfied, satisfactory, compliant and correct say that it was right; `fail` and
//! `partially_satisfied` do not.

use piecework_evidence::Confidence;
use piecework_evidence::rate::Share;
use piecework_evidence::sample::judge::Judge;

use crate::support::{Table, data, decimals};

const RIGHT: [&str; 5] = ["pass", "satisfied", "satisfactory", "compliant", "correct"];

/// The judge of a prompt in a domain, with its four counts: right ones passed and failed, wrong ones
/// passed and failed.
fn judge(table: &Table, domain: &str, prompt: &str) -> (Judge, [u64; 4]) {
    let mut counts = [0; 4];
    for row in table.rows() {
        if row.text("domain") == domain && row.text("judge_prompt") == prompt {
            let wrong = usize::from(row.text("verified_success") != "true");
            let failed = usize::from(!RIGHT.contains(&row.text("judge_verdict")));
            counts[2 * wrong + failed] += 1;
        }
    }
    let judge = Judge::of((counts[0], counts[1]), (counts[2], counts[3])).unwrap();
    (judge, counts)
}

#[test]
fn what_judges_pass() {
    let Some(path) = data("tau2-support-agents/llm_judge_verdicts.csv") else {
        return;
    };
    let table = Table::read(&path);
    for (domain, prompt, counts) in [
        ("airline", "customer_outcome_v1", [14, 9, 21, 6]),
        ("airline", "policy_chain_of_thought_v1", [16, 7, 21, 6]),
        ("airline", "policy_conversation_v1", [18, 5, 11, 16]),
        ("airline", "quick_triage_v1", [22, 1, 24, 3]),
        ("retail", "customer_outcome_v1", [61, 7, 34, 12]),
        ("retail", "policy_chain_of_thought_v1", [63, 5, 38, 8]),
        ("retail", "policy_conversation_v1", [41, 27, 17, 29]),
        ("retail", "quick_triage_v1", [68, 0, 44, 2]),
    ] {
        assert_eq!(judge(&table, domain, prompt).1, counts, "{domain} {prompt}");
    }
}

/// The quick judge passes nearly everything: its 112 of 114 is no resolution rate. Corrected by what
/// was verified of the same works, its rate is the verified one, and the error says how little it knows.
#[test]
fn a_judge_that_passes_nearly_everything() {
    let Some(path) = data("tau2-support-agents/llm_judge_verdicts.csv") else {
        return;
    };
    let table = Table::read(&path);
    let (quick, _) = judge(&table, "retail", "quick_triage_v1");
    decimals(quick.sensitivity.rate(), 1.0, 12);
    decimals(quick.specificity.rate(), 2.0 / 46.0, 12);
    let passed = Share::new(112, 114).unwrap();
    let of_quick = quick.correct(passed, Confidence::P95).unwrap();
    decimals(of_quick.rate, 68.0 / 114.0, 12);
    assert!(of_quick.interval.width() > 0.8, "{of_quick:?}");

    let (careful, _) = judge(&table, "retail", "policy_conversation_v1");
    let corrected = careful
        .correct(Share::new(58, 114).unwrap(), Confidence::P95)
        .unwrap();
    decimals(corrected.rate, 68.0 / 114.0, 12);
    // Passing fewer wrong ones, it knows more; 114 works still leave nearly anything possible.
    assert!(corrected.standard_error < of_quick.standard_error);
    decimals(corrected.standard_error, 0.28, 2);

    // A judge of one domain says little of another: the retail judge's errors on airline passes.
    let (_, counts) = judge(&table, "airline", "policy_conversation_v1");
    let airline = Share::new(counts[0] + counts[2], 50).unwrap();
    let moved = careful.correct(airline, Confidence::P95).unwrap();
    assert!(moved.rate - 23.0 / 50.0 > 0.2, "{moved:?}");
}

/// The airline judge of customer outcomes is worse than a coin, so nothing is made of it.
#[test]
fn a_judge_worse_than_a_coin() {
    let Some(path) = data("tau2-support-agents/llm_judge_verdicts.csv") else {
        return;
    };
    let (judge, _) = judge(&Table::read(&path), "airline", "customer_outcome_v1");
    assert!(judge.informedness() < 0.0);
    assert!(
        judge
            .correct(Share::new(35, 50).unwrap(), Confidence::P95)
            .is_err()
    );
}
