//! The maps of the acceptance data sets, run over the real files and checked against what the data
//! sets' own descriptions say.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use money::{Amount, Currency, Decimal};
use piecework_intake::{Import, Input, Map, Options};
use work::body::{Body, CheckResult, TokenClass};
use work::{Event, Header};

use crate::support::data;

fn map(set: &str) -> Map {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../examples")
        .join(set)
        .join("map.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    Map::parse(&text).unwrap_or_else(|error| panic!("{}: {:#?}", path.display(), error.faults))
}

/// Imports the files and returns the events; nothing may be refused.
fn import(set: &str, files: &[&str]) -> Option<Vec<Event>> {
    let directory = data(set)?;
    let map = map(set);
    let inputs: Vec<Input> = files
        .iter()
        .map(|file| Input::new(directory.join(file)))
        .collect();
    let mut events = Vec::new();
    for item in Import::open(&map, &inputs, Options::default()).unwrap() {
        match item {
            Ok(event) => events.push(event),
            Err(refused) => panic!("{refused}"),
        }
    }
    Some(events)
}

fn by_kind(events: &[Event]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for event in events {
        *counts.entry(event.body.tag().word()).or_default() += 1;
    }
    counts
}

fn count(events: &[Event], kind: &str) -> usize {
    events
        .iter()
        .filter(|event| event.body.tag().word() == kind)
        .count()
}

/// Identities with one content; panics where two contents share one.
fn distinct(events: &[Event]) -> usize {
    let mut contents: BTreeMap<_, String> = BTreeMap::new();
    for event in events {
        let text = event.canonical();
        let known = contents
            .entry(event.identity())
            .or_insert_with(|| text.clone());
        assert_eq!(*known, text, "one identity, two contents");
    }
    contents.len()
}

fn usd(text: &str) -> Amount {
    Amount::new(text.parse().unwrap(), Currency::USD)
}

const TAU2: [&str; 3] = ["simulations.csv", "messages.csv", "llm_judge_verdicts.csv"];

/// The verified share per customer: (works, passed by the database, passed and not escalated).
fn database(events: &[Event], customer: &str) -> (usize, u32, usize) {
    let of: Vec<&Event> = events
        .iter()
        .filter(|event| event.customer == customer)
        .collect();
    let escalated: BTreeSet<_> = of
        .iter()
        .filter(|event| matches!(event.body, Body::Escalated { .. }))
        .map(|event| event.work.clone())
        .collect();
    let passed: Vec<_> = of
        .iter()
        .filter(|event| {
            matches!(&event.body, Body::Verified { result: CheckResult::Passed, check } if check == "database")
        })
        .collect();
    let opened = of.iter().filter(|event| event.body == Body::Opened).count();
    let alone = passed
        .iter()
        .filter(|event| !escalated.contains(&event.work))
        .count();
    (opened, u32::try_from(passed.len()).unwrap(), alone)
}

fn cost(events: &[Event], customer: &str, line: &str, note: &str) -> Amount {
    let mut sum = usd("0");
    for event in events.iter().filter(|event| event.customer == customer) {
        if let Body::Cost(cost) = &event.body
            && cost.line.word() == line
            && cost.note.as_deref().unwrap_or_default().contains(note)
        {
            sum = sum.plus(cost.amount.unwrap_or(usd("0"))).unwrap();
        }
    }
    sum
}

#[test]
fn tau2_conversations_costs_and_verdicts() {
    let Some(events) = import("tau2-support-agents", &TAU2) else {
        return;
    };
    assert_eq!(count(&events, "work.opened"), 615);
    assert_eq!(count(&events, "work.answered"), 615);
    assert_eq!(count(&events, "work.escalated"), 143);
    // 615 checks of the database and 200 verdicts on the airline conversations of the azure run.
    assert_eq!(count(&events, "work.verified"), 615 + 200);
    assert_eq!(distinct(&events), events.len());
    let passed = |check_is_database: bool| {
        events
            .iter()
            .filter(|event| {
                matches!(&event.body, Body::Verified { result: CheckResult::Passed, check }
                    if (check == "database") == check_is_database)
            })
            .count()
    };
    assert_eq!(passed(true), 402);
    // README, "cost of the agent per success": cost, successes, attempts.
    for (customer, works, successes, cost_per_success) in [
        ("sierra-azure", 50, 23, "0.18"),
        ("button", 50, 38, "0.54"),
        ("ironshell-opus", 44, 31, "0.57"),
        ("aide", 50, 36, "0.40"),
        ("ironshell-gpt-5.4", 57, 30, "0.09"),
        ("sierra-airline", 20, 10, "0.078"),
        ("sierra-retail", 40, 34, "0.056"),
    ] {
        let found = database(&events, customer);
        assert_eq!((found.0, found.1), (works, successes), "{customer}");
        let digits = u8::try_from(cost_per_success.len() - 2).unwrap();
        let ratio = money::Ratio::new(
            cost(&events, customer, "model", "").value(),
            i128::from(successes),
        );
        let ratio = ratio
            .unwrap()
            .rounded(digits, money::Rounding::HalfEven)
            .unwrap();
        assert_eq!(ratio.with_digits(digits), cost_per_success, "{customer}");
    }
    // Verified without hand-off: the stories "who decides" and "hand-off yes or no".
    assert_eq!(database(&events, "sierra-azure").2, 19);
    assert_eq!(database(&events, "aide").2, 21);
}

/// The story "who decides": the judge `quick_triage_v1` passes 46 of 50, the agent cost 4.203311, the
/// judge's own cost 0.427911 stays apart.
#[test]
fn tau2_the_judge_and_its_cost_stay_apart_from_the_agent() {
    let Some(events) = import("tau2-support-agents", &TAU2) else {
        return;
    };
    let judge: Vec<_> = events
        .iter()
        .filter(|event| matches!(&event.body, Body::Verified { check, .. } if check == "quick_triage_v1"))
        .collect();
    assert_eq!(judge.len(), 50);
    assert!(judge.iter().all(|event| event.customer == "sierra-azure"));
    let passed = judge.iter().filter(|event| {
        matches!(
            event.body,
            Body::Verified {
                result: CheckResult::Passed,
                ..
            }
        )
    });
    assert_eq!(passed.count(), 46);
    let six = |amount: Amount| {
        amount
            .value()
            .rounded(6, money::Rounding::HalfEven)
            .to_string()
    };
    assert_eq!(six(cost(&events, "sierra-azure", "model", "")), "4.203311");
    assert_eq!(
        six(cost(&events, "sierra-azure", "infra", "quick_triage_v1")),
        "0.427911"
    );
}

#[test]
fn tau2_a_recorded_cost_of_zero_is_unpriced_not_free() {
    let Some(events) = import("tau2-support-agents", &TAU2) else {
        return;
    };
    let costs: Vec<_> = events
        .iter()
        .filter_map(|event| match &event.body {
            Body::Cost(cost) if cost.line.word() == "model" => Some((event, cost)),
            _ => None,
        })
        .collect();
    assert!(
        costs
            .iter()
            .all(|(_, cost)| cost.amount.is_none_or(|amount| !amount.is_zero()))
    );
    let tuned: Vec<_> = costs
        .iter()
        .filter(|(event, _)| event.customer.starts_with("sierra-tuned"))
        .collect();
    assert_eq!(tuned.len(), 779);
    assert!(
        tuned
            .iter()
            .all(|(_, cost)| cost.amount.is_none() && cost.tokens.contains_key(&TokenClass::Input))
    );
    // Runs that recorded no usage at all: a model call without tokens and without a price.
    let blind: Vec<_> = costs
        .iter()
        .filter(|(event, _)| {
            event.customer.starts_with("toolorchestra") || event.customer == "langchain"
        })
        .collect();
    assert_eq!(blind.len(), 887 + 1482);
    assert!(
        blind.iter().all(|(_, cost)| cost.amount.is_none()
            && cost.tokens.is_empty()
            && cost.model.is_some())
    );
}

#[test]
fn aidev_merge_rates_and_reopened_requests() {
    let Some(events) = import("aidev-agent-prs", &["pull_requests.csv", "pr_events.csv"]) else {
        return;
    };
    assert_eq!(distinct(&events), events.len());
    // README: requests, and per cent merged and closed without merge.
    for (agent, requests, merged, closed) in [
        ("OpenAI_Codex", 2_686, "65.30", "21.26"),
        ("Copilot", 1_462, "38.24", "32.08"),
        ("Claude_Code", 101, "52.48", "32.67"),
    ] {
        let of: Vec<Event> = events
            .iter()
            .filter(|event| event.customer == agent)
            .cloned()
            .collect();
        let share = |kind| {
            let share = money::Ratio::new(
                Decimal::from_int(100 * i64::try_from(count(&of, kind)).unwrap()),
                requests,
            );
            share
                .unwrap()
                .rounded(2, money::Rounding::HalfEven)
                .unwrap()
                .with_digits(2)
        };
        assert_eq!(
            count(&of, "work.opened"),
            usize::try_from(requests).unwrap(),
            "{agent}"
        );
        assert_eq!(share("work.verified"), merged, "{agent}");
        assert_eq!(share("work.rejected"), closed, "{agent}");
    }
    let reopened: BTreeSet<_> = events
        .iter()
        .filter(|event| event.body == Body::Reopened)
        .map(|event| (event.customer.as_str(), event.work.clone()))
        .collect();
    assert_eq!(count(&events, "work.reopened"), 40);
    assert_eq!(reopened.len(), 36);
    assert_eq!(
        reopened
            .iter()
            .filter(|(agent, _)| *agent == "Copilot")
            .count(),
        21
    );
}

#[test]
fn helpdesk_resolutions_reopenings_and_duplicate_rows() {
    let Some(events) = import("helpdesk-italy", &["events.csv"]) else {
        return;
    };
    let kinds = by_kind(&events);
    // README: 4,983 rows "Resolve ticket", 4,574 "Closed", 4,580 tickets.
    assert_eq!(kinds["work.answered"], 4_983);
    assert_eq!(kinds["work.closed"], 4_574);
    assert_eq!(kinds["work.opened"], 4_580);
    let reopened: BTreeSet<_> = events
        .iter()
        .filter(|event| event.body == Body::Reopened)
        .map(|event| &event.work)
        .collect();
    assert_eq!(reopened.len(), 149);
    // 88 resolutions and 13 closings stand twice in the file, equal in every column.
    let answered: Vec<Event> = events
        .iter()
        .filter(|event| event.body.tag().word() == "work.answered")
        .cloned()
        .collect();
    let resolved_again = answered
        .iter()
        .fold(BTreeMap::<_, usize>::new(), |mut works, event| {
            *works.entry(event.work.clone()).or_default() += 1;
            works
        });
    // README: 386 tickets are resolved more than once, equal rows included.
    assert_eq!(
        resolved_again.values().filter(|times| **times > 1).count(),
        386
    );
    assert_eq!(distinct(&answered), 4_983 - 88);
    assert!(
        events
            .iter()
            .all(|event| event.headers.get(Header::Case).is_some())
    );
}

/// The feed shuffled or reversed gives the same events: ids, and which row opens or reopens, come
/// from times, never from places.
#[test]
fn helpdesk_rows_in_any_order_give_the_same_events() {
    let Some(directory) = data("helpdesk-italy") else {
        return;
    };
    let text = std::fs::read_to_string(directory.join("events.csv")).unwrap();
    let (header, rows) = text.split_once('\n').unwrap();
    let mut rows: Vec<&str> = rows.lines().collect();
    let events_of = |rows: &[&str]| {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("events.csv");
        std::fs::write(&path, format!("{header}\n{}\n", rows.join("\n"))).unwrap();
        let map = map("helpdesk-italy");
        let import = Import::open(&map, &[Input::new(path)], Options::default()).unwrap();
        let mut events: Vec<String> = import.map(|event| event.unwrap().canonical()).collect();
        events.sort();
        events
    };
    let expected = events_of(&rows);
    rows.reverse();
    assert_eq!(events_of(&rows), expected);
    // A fixed permutation: 7919 is prime and does not divide the number of rows.
    let count = rows.len();
    let shuffled: Vec<&str> = (0..count)
        .map(|index| rows[(index * 7_919) % count])
        .collect();
    assert_eq!(events_of(&shuffled), expected);
}

fn works(events: &[Event], kind: &str) -> usize {
    let works: BTreeSet<_> = events
        .iter()
        .filter(|event| event.body.tag().word() == kind)
        .map(|event| &event.work)
        .collect();
    works.len()
}

#[test]
fn loan_applications_decisions_and_offers() {
    let Some(events) = import("loan-applications", &["events.csv.gz"]) else {
        return;
    };
    assert_eq!(distinct(&events), events.len());
    // README: 13,087 cases; 2,246 approved, 7,635 declined, 2,807 cancelled, 399 undecided; 3,254
    // with an offer sent back; 1,438 with more than one offer sent.
    assert_eq!(count(&events, "work.opened"), 13_087);
    assert_eq!(count(&events, "work.verified"), 2_246);
    assert_eq!(count(&events, "work.rejected"), 7_635);
    assert_eq!(count(&events, "work.closed"), 13_087 - 399);
    assert_eq!(works(&events, "work.asked"), 3_254);
    assert_eq!(works(&events, "work.reopened"), 1_438);
    assert_eq!(count(&events, "work.answered"), 7_030);
}

#[test]
fn servicenow_resolutions_and_reopenings() {
    let Some(events) = import("servicenow-incidents", &["events.csv.gz"]) else {
        return;
    };
    // README: 24,918 incidents, 275 reopened at least once; every incident is closed at the end.
    assert_eq!(works(&events, "work.opened"), 24_918);
    assert_eq!(works(&events, "work.closed"), 24_918);
    assert_eq!(works(&events, "work.reopened"), 275);
    // Updates of one minute tie as the earliest: the same fact under the same id. Summed over the
    // incidents' last rows, reopen_count is 331.
    let of = |kind: &str| -> Vec<Event> {
        let of = events
            .iter()
            .filter(|event| event.body.tag().word() == kind);
        of.cloned().collect()
    };
    assert_eq!(distinct(&of("work.reopened")), 331);
    assert_eq!(distinct(&of("work.opened")), 24_918);
    distinct(&events);
}

/// What `try` guesses of real files, in their first rows: work, time, outcome.
#[test]
fn real_files_are_guessed_right() {
    use piecework_intake::guess::{Role, Sample, guess};
    for (set, file, work, time, outcome) in [
        (
            "helpdesk-italy",
            "events.csv",
            "case_id",
            "timestamp",
            "activity",
        ),
        (
            "loan-applications",
            "events.csv.gz",
            "case_id",
            "timestamp",
            "activity",
        ),
        (
            "servicenow-incidents",
            "events.csv.gz",
            "number",
            "sys_updated_at",
            "incident_state",
        ),
        (
            "aidev-agent-prs",
            "pull_requests.csv",
            "pr_id",
            "closed_at",
            "outcome",
        ),
        (
            "tau2-support-agents",
            "simulations.csv",
            "sim_id",
            "end_time",
            "reward",
        ),
        (
            "swebench-agent-runs",
            "runs.csv",
            "instance_id",
            "date",
            "resolved",
        ),
    ] {
        let Some(directory) = data(set) else { return };
        let proposal = guess(&Sample::read(&directory.join(file)).unwrap());
        let answer = |role| {
            let of_role = proposal.guesses.iter().find(|guess| guess.role == role);
            of_role.map(|guess| guess.answer.as_str())
        };
        let found = [Role::Work, Role::Time, Role::Outcome].map(answer);
        assert_eq!(
            found,
            [Some(work), Some(time), Some(outcome)],
            "{set}/{file}"
        );
        Map::parse(&proposal.map(&[]).unwrap()).unwrap();
    }
}
