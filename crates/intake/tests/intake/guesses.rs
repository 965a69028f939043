//! What `piecework try` makes of files that it has never seen.

use piecework_intake::guess::{Confidence, GuessError, Proposal, Role, Sample, guess};
use piecework_intake::{Map, READY};

use crate::support::Scratch;

fn propose(name: &str, text: &str) -> Proposal {
    let scratch = Scratch::new(&[(name, text.as_bytes())]);
    guess(&Sample::read(&scratch.path(name)).unwrap())
}

/// The guesses as `role=answer`, and what is asked.
fn check(name: &str, text: &str, guesses: &[(Role, &str)], asked: &[Role]) -> Proposal {
    let proposal = propose(name, text);
    assert_eq!(proposal.ready, None);
    let found: Vec<(Role, &str)> = proposal
        .guesses
        .iter()
        .map(|guess| (guess.role, guess.answer.as_str()))
        .collect();
    assert_eq!(found, guesses, "{name}");
    let questions: Vec<Role> = proposal
        .questions
        .iter()
        .map(|question| question.role)
        .collect();
    assert_eq!(questions, asked, "{name}");
    proposal
}

/// The kinds of events that the file becomes under the proposed map.
fn kinds(name: &str, text: &str, answers: &[(Role, String)]) -> Vec<String> {
    let map = propose(name, text).map(answers).unwrap();
    let map = map.replacen(
        "source =",
        "customer = \"acme\"\nsource =",
        usize::from(!map.contains("\ncustomer")),
    );
    let scratch = Scratch::new(&[(name, text.as_bytes())]);
    let (events, refused) = scratch.import(&map, &[name]);
    assert_eq!(refused, [], "{map}");
    events
        .iter()
        .map(|event| {
            format!(
                "{} {}",
                event.work.as_deref().unwrap(),
                event.body.tag().word()
            )
        })
        .collect()
}

const TICKETS: &str = "\
Ticket ID;Account;Created;Resolved on;Status;AI cost (EUR);Model
T-1;Acme;05/01/2026 09:00;05/01/2026 09:30;Resolved;0.12;gpt-4o
T-2;Acme;25/01/2026 09:00;26/01/2026 10:00;Escalated;0.30;gpt-4o
T-3;Beta;26/01/2026 09:00;;In progress;0;gpt-4o
";

#[test]
fn a_list_of_tickets() {
    let proposal = check(
        "tickets.csv",
        TICKETS,
        &[
            (Role::Work, "Ticket ID"),
            (Role::Customer, "Account"),
            (Role::Opened, "Created"),
            (Role::Time, "Resolved on"),
            (Role::Zone, "UTC"),
            (Role::Outcome, "Status"),
            (Role::Cost, "AI cost (EUR)"),
            (Role::Currency, "EUR"),
            (Role::Model, "Model"),
        ],
        &[Role::Zone],
    );
    let work = proposal
        .guesses
        .iter()
        .find(|guess| guess.role == Role::Work)
        .unwrap();
    assert_eq!(work.confidence, Confidence::High);
    assert_eq!(
        kinds(
            "tickets.csv",
            TICKETS,
            &[(Role::Zone, "Europe/Berlin".into())]
        ),
        [
            "T-1 work.opened",
            "T-1 work.answered",
            "T-1 cost.recorded",
            "T-2 work.opened",
            "T-2 work.escalated",
            "T-2 cost.recorded",
            "T-3 work.opened",
            "T-3 cost.recorded",
        ]
    );
    let map = proposal
        .map(&[(Role::Zone, "Europe/Berlin".into())])
        .unwrap();
    assert!(map.contains("zone = \"Europe/Berlin\""), "{map}");
    assert!(map.contains("time_format = \"%d/%m/%Y %H:%M\""), "{map}");
    assert!(map.lines().count() < 40, "{map}");
}

#[test]
fn an_event_log_with_words_that_nobody_knows_is_asked_about() {
    let log = "case,activity,timestamp\nA,Intake,2026-01-01T09:00:00Z\nA,Schadenbericht fertig,2026-01-02T09:00:00Z\nB,Intake,2026-01-03T09:00:00Z\n";
    let proposal = check(
        "log.csv",
        log,
        &[
            (Role::Work, "case"),
            (Role::Time, "timestamp"),
            (Role::Outcome, "activity"),
        ],
        &[Role::DoneWords],
    );
    assert_eq!(
        proposal.questions[0].candidates,
        ["Intake", "Schadenbericht fertig"]
    );
    let answer = [(Role::DoneWords, "Schadenbericht fertig".to_owned())];
    let opened_and_done = ["A work.opened", "A work.answered", "B work.opened"];
    assert_eq!(kinds("log.csv", log, &answer), opened_and_done);
    // Unanswered, nothing counts: unknown is pending.
    assert_eq!(
        kinds("log.csv", log, &[]),
        ["A work.opened", "B work.opened"]
    );
}

#[test]
fn runs_of_an_agent_with_tokens_and_a_verdict() {
    let runs = "{\"run_id\":\"r1\",\"finished_at\":1767603600,\"usage\":{\"input_tokens\":900,\"output_tokens\":40},\"model\":\"gpt-4o\",\"success\":true}\n{\"run_id\":\"r2\",\"finished_at\":1767603700,\"usage\":{\"input_tokens\":100,\"output_tokens\":4},\"model\":\"gpt-4o\",\"success\":false}\n";
    check(
        "runs.jsonl",
        runs,
        &[
            (Role::Work, "run_id"),
            (Role::Time, "finished_at"),
            (Role::Outcome, "success"),
            (Role::Model, "model"),
            (Role::InputTokens, "usage.input_tokens"),
            (Role::OutputTokens, "usage.output_tokens"),
        ],
        &[],
    );
    assert_eq!(
        kinds("runs.jsonl", runs, &[]),
        [
            "r1 work.opened",
            "r1 work.answered",
            "r1 work.verified",
            "r1 cost.recorded",
            "r2 work.opened",
            "r2 work.answered",
            "r2 work.verified",
            "r2 cost.recorded",
        ]
    );
}

#[test]
fn a_file_without_an_id_says_which_flag_to_use() {
    let proposal = propose(
        "x.csv",
        "colour,when\nred,2026-01-01T00:00:00Z\nred,2026-01-02T00:00:00Z\n",
    );
    assert_eq!(proposal.questions[0].role, Role::Work);
    let error = proposal.map(&[]).unwrap_err();
    assert!(
        matches!(error, GuessError::Needed { role: "work", .. }),
        "{error}"
    );
    let wrong = proposal.map(&[(Role::Work, "size".to_owned())]);
    assert_eq!(wrong, Err(GuessError::NoColumn("size".to_owned())));
    let map = proposal.map(&[(Role::Work, "colour".to_owned())]).unwrap();
    Map::parse(&map).unwrap();
}

#[test]
fn never_more_than_three_questions_and_always_candidates() {
    for text in [
        "a\n1\n",
        "a,b\nx,y\n",
        "",
        "a,b,c\n1,2,3\n",
        "id,at\n1,01/02/2026\n2,03/04/2026\n",
    ] {
        let scratch = Scratch::new(&[("x.csv", text.as_bytes())]);
        let Ok(sample) = Sample::read(&scratch.path("x.csv")) else {
            continue;
        };
        let proposal = guess(&sample);
        assert!(proposal.questions.len() <= piecework_intake::limits::QUESTIONS_MAX);
    }
    assert!(READY.iter().all(|ready| Map::parse(ready.text).is_ok()));
}

/// In an audit trail the final times stand on every row; the row's own time is the one that varies.
#[test]
fn an_audit_trail_is_dated_by_its_rows_and_not_by_its_future() {
    let mut log = "number,incident_state,opened_at,sys_updated_at,resolved_at\n".to_owned();
    for (number, day) in [("7", 1), ("8", 2)] {
        for (hour, state) in [(1, "New"), (2, "Active"), (3, "Resolved"), (4, "Closed")] {
            log.push_str(&format!("{number},{state},2026-01-0{day}T00:00:00Z,2026-01-0{day}T0{hour}:00:00Z,2026-01-0{day}T03:00:00Z\n"));
        }
    }
    check(
        "trail.csv",
        &log,
        &[
            (Role::Work, "number"),
            (Role::Opened, "opened_at"),
            (Role::Time, "sys_updated_at"),
            (Role::Outcome, "incident_state"),
        ],
        &[],
    );
    assert_eq!(
        kinds("trail.csv", &log, &[]),
        [
            "7 work.opened",
            "7 work.answered",
            "7 work.closed",
            "8 work.opened",
            "8 work.answered",
            "8 work.closed",
        ]
    );
}

#[test]
fn two_columns_that_could_be_the_work_are_asked_about() {
    let text = "task_id,call_id,at\nt1,c1,2026-01-01T00:00:00Z\nt2,c2,2026-01-02T00:00:00Z\n";
    let proposal = propose("x.csv", text);
    assert_eq!(proposal.questions[0].role, Role::Work);
    assert_eq!(
        proposal.questions[0].candidates[..2],
        ["task_id", "call_id"]
    );
}

#[test]
fn a_date_stands_for_all_rows_where_no_column_tells_the_time() {
    let text = "ticket_id,Solved?,cost_usd\nt1,yes,NULL\nt2,no,0.5\n";
    let proposal = propose("x.csv", text);
    assert_eq!(proposal.questions[0].role, Role::Time);
    let day = [(Role::Time, "2026-01-31".to_owned())];
    let kinds = kinds("x.csv", text, &day);
    assert_eq!(
        kinds,
        [
            "t1 work.opened",
            "t1 work.answered",
            "t1 work.verified",
            "t2 work.opened",
            "t2 work.answered",
            "t2 work.verified",
            "t2 cost.recorded"
        ]
    );
}
