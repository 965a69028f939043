//! AIDev: pull requests by coding agents, merged or not, against people's in the same repositories
//! (published: 6,628 requests, 76.74 % merged, 16.19 % closed, 7.08 % open).

use std::collections::BTreeMap;

use piecework_evidence::Confidence;
use piecework_evidence::rate::{Bounds, Difference, Share, by_cluster};

use crate::support::{Table, data, decimals};

const PEOPLE: (u64, u64) = (5_086, 6_628);

fn requests() -> Option<Table> {
    data("aidev-agent-prs/pull_requests.csv").map(|path| Table::read(&path))
}

#[test]
fn merged_by_agent_against_people() {
    let Some(table) = requests() else { return };
    let people = Share::new(PEOPLE.0, PEOPLE.1).unwrap();
    decimals(100.0 * people.rate(), 76.74, 2);
    // Intervals and differences: Wilson and Newcombe, by scipy 1.17 and statsmodels 0.15.
    for (agent, merged, all, rate, ends, difference) in [
        (
            "OpenAI_Codex",
            1_754,
            2_686,
            65.30,
            (0.634807, 0.670787),
            (-0.135116, -0.093782),
        ),
        (
            "Copilot",
            559,
            1_462,
            38.24,
            (0.357782, 0.407541),
            (-0.411532, -0.357776),
        ),
        (
            "Claude_Code",
            53,
            101,
            52.48,
            (0.428250, 0.619441),
            (-0.339619, -0.147348),
        ),
    ] {
        let of = table.rows().filter(|row| row.text("agent") == agent);
        let (mut hits, mut trials) = (0, 0);
        for row in of {
            hits += u64::from(row.text("outcome") == "merged");
            trials += 1;
        }
        assert_eq!((hits, trials), (merged, all), "{agent}");
        let share = Share::new(hits, trials).unwrap();
        decimals(100.0 * share.rate(), rate, 2);
        let (low, high) = ends;
        let interval = share.wilson(Confidence::P95);
        decimals(interval.low, low, 6);
        decimals(interval.high, high, 6);
        let against = Difference::of(share, people, Confidence::P95);
        let (low, high) = difference;
        decimals(against.interval.low, low, 6);
        decimals(against.interval.high, high, 6);
    }
}

/// Open requests may be merged yet: bounds, not a rate of all.
#[test]
fn open_is_not_refused() {
    let Some(table) = requests() else { return };
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for row in table.rows().filter(|row| row.text("agent") == "Copilot") {
        *counts.entry(row.text("outcome")).or_default() += 1;
    }
    let (merged, closed, open) = (counts["merged"], counts["closed_unmerged"], counts["open"]);
    let bounds = Bounds::of(merged, merged + closed, open, Confidence::P95).unwrap();
    decimals(bounds.worst, 559.0 / 1_462.0, 12);
    decimals(bounds.best, 993.0 / 1_462.0, 12);
}

/// Requests of one repository are alike: the plain interval is far too narrow.
#[test]
fn repositories_are_clusters() {
    let Some(table) = requests() else { return };
    let mut repositories: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for row in table
        .rows()
        .filter(|row| row.text("agent") == "OpenAI_Codex")
    {
        let counts = repositories.entry(row.text("repo")).or_default();
        counts.0 += u64::from(row.text("outcome") == "merged");
        counts.1 += 1;
    }
    let clusters: Vec<Share> = repositories
        .into_values()
        .map(|(hits, all)| Share::new(hits, all).unwrap())
        .collect();
    let is = by_cluster(&clusters, Confidence::P95).unwrap();
    decimals(is.rate, 1_754.0 / 2_686.0, 12);
    // statsmodels 0.15: OLS on a constant, clustered by repository.
    decimals(is.standard_error, 0.028023015882, 9);
    assert!(is.icc.unwrap() > 0.1 && is.design_effect > 5.0, "{is:?}");
    let plain = Share::new(1_754, 2_686).unwrap().wilson(Confidence::P95);
    assert!(is.linearised.width() > 2.0 * plain.width());
    assert!(is.effective.width() > 2.0 * plain.width());
}
