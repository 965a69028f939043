//! The ready maps over small made samples in the shape of the real exports.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use piecework_intake::guess::{Sample, guess};
use piecework_intake::{Import, Input, Map, Options, READY, Ready};
use work::Event;

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/samples")
        .join(name)
}

fn run(ready: &str, file: &str) -> Vec<Event> {
    let map = Map::parse(Ready::named(ready).unwrap().text).unwrap();
    let options = Options {
        customer: Some("buyer".into()),
        ..Options::default()
    };
    let import = Import::open(&map, &[Input::new(sample(file))], options).unwrap();
    import
        .map(|event| event.unwrap_or_else(|refused| panic!("{refused}")))
        .collect()
}

/// Kinds in the order of their first event, with their counts.
fn check(ready: &str, file: &str, expected: &[(&str, usize)]) -> Vec<Event> {
    let events = run(ready, file);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for event in &events {
        *counts.entry(event.body.tag().word()).or_default() += 1;
    }
    assert_eq!(counts.into_iter().collect::<Vec<_>>(), expected, "{ready}");
    let identities: std::collections::BTreeSet<_> = events.iter().map(Event::identity).collect();
    assert_eq!(identities.len(), events.len(), "{ready}: identities repeat");
    assert_eq!(
        run(ready, file),
        events,
        "{ready}: the same file gives the same events"
    );
    events
}

#[test]
fn every_ready_map_is_a_map_and_finds_its_own_export() {
    let samples = [
        ("zendesk-tickets", "zendesk-tickets.csv"),
        ("intercom-conversations", "intercom-conversations.json"),
        ("intercom-messages", "intercom-messages.csv"),
        ("github-pull-requests", "github-pull-requests.json"),
        ("github-pull-requests-csv", "github-pull-requests.csv"),
        ("focus", "focus.csv"),
        ("litellm-spend-logs", "litellm-spend-logs.csv"),
    ];
    assert_eq!(samples.len(), READY.len(), "every ready map has a sample");
    for (ready, file) in samples {
        let found = guess(&Sample::read(&sample(file)).unwrap());
        assert_eq!(found.ready.map(|ready| ready.name), Some(ready), "{file}");
        assert_eq!(found.questions, [], "{file}: a ready map asks nothing");
        assert_eq!(found.map(&[]).unwrap(), Ready::named(ready).unwrap().text);
    }
}

#[test]
fn zendesk_tickets() {
    let events = check(
        "zendesk-tickets",
        "zendesk-tickets.csv",
        &[
            ("work.answered", 2),
            ("work.closed", 1),
            ("work.confirmed", 1),
            ("work.opened", 3),
            ("work.rejected", 1),
        ],
    );
    assert_eq!(events[0].time.to_string(), "2026-01-05T09:00:00Z");
    assert_eq!(events[0].headers.get(work::Header::Channel).unwrap(), "web");
}

#[test]
fn intercom_conversations_and_messages() {
    check(
        "intercom-conversations",
        "intercom-conversations.json",
        &[
            ("work.answered", 2),
            ("work.asked", 3),
            ("work.closed", 1),
            ("work.confirmed", 1),
            ("work.escalated", 1),
            ("work.human_replied", 2),
            ("work.opened", 2),
            ("work.rated", 1),
            ("work.reopened", 1),
        ],
    );
    check(
        "intercom-messages",
        "intercom-messages.csv",
        &[
            ("work.answered", 1),
            ("work.asked", 1),
            ("work.closed", 1),
            ("work.human_replied", 1),
            ("work.opened", 1),
        ],
    );
}

#[test]
fn github_pull_requests_as_json_and_csv_are_the_same_facts() {
    let facts = [
        ("work.answered", 3),
        ("work.opened", 3),
        ("work.rejected", 1),
        ("work.verified", 1),
    ];
    let mut with_reviews = vec![("review.recorded", 2)];
    with_reviews.extend(facts);
    let mut json = check(
        "github-pull-requests",
        "github-pull-requests.json",
        &with_reviews,
    );
    let csv = check(
        "github-pull-requests-csv",
        "github-pull-requests.csv",
        &facts,
    );
    json.retain(|event| event.body.tag().word() != "review.recorded");
    assert_eq!(json, csv);
}

/// The costs of a file, told in a line each.
fn costs(events: &[Event]) -> Vec<String> {
    let told = |event: &Event| {
        let work::body::Body::Cost(cost) = &event.body else {
            panic!("{event:?}");
        };
        let tokens: Vec<String> = cost
            .tokens
            .iter()
            .map(|(class, count)| format!("{}={count}", class.word()))
            .collect();
        let (model, work) = (cost.model.as_deref(), event.work.as_deref());
        format!(
            "{} {} {} {} {} {} [{}]",
            event.time,
            event.customer,
            work.unwrap_or("-"),
            cost.line.word(),
            cost.amount
                .map_or("-".to_owned(), |amount| amount.to_string()),
            model.unwrap_or("-"),
            tokens.join(" ")
        )
    };
    events.iter().map(told).collect()
}

/// A day of a bill in FOCUS 1.2: use, a free line, a promotion, a tax, a model, its correction of the
/// month before, and a platform that is no model.
#[test]
fn focus_charges() {
    let events = check("focus", "focus.csv", &[("cost.recorded", 6)]);
    assert_eq!(
        costs(&events),
        [
            "2026-02-03T00:00:00Z _unassigned - infra 3.60 USD - []",
            "2026-02-03T00:00:00Z _unassigned - infra -1.25 USD - []",
            "2026-02-03T00:00:00Z _unassigned - infra 0.36 USD - []",
            "2026-02-03T00:00:00Z _unassigned T-1 model 0.000025 USD gpt-4o-0806-Inp-glbl []",
            "2026-01-31T00:00:00Z _unassigned - model -0.50 USD gpt-4o-0806-Inp-glbl []",
            "2026-02-03T00:00:00Z _unassigned - infra 0.75 USD - []",
        ]
    );
}

/// LiteLLM exports its spend in FOCUS as well: a day of a model of a team, with the columns of its own
/// schema (integrations/focus/schema.py of 1.110.2), which has no articles.
#[test]
fn the_focus_export_of_litellm() {
    let columns = "BilledCost,BillingAccountId,BillingAccountName,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,ChargeCategory,ChargeClass,ChargeDescription,ChargeFrequency,ChargePeriodStart,ChargePeriodEnd,ConsumedQuantity,ConsumedUnit,ContractedCost,ContractedUnitPrice,EffectiveCost,InvoiceIssuerName,ListCost,ListUnitPrice,PricingCategory,PricingQuantity,PricingUnit,ProviderName,PublisherName,RegionId,RegionName,ResourceId,ResourceName,ResourceType,ServiceCategory,ServiceSubcategory,ServiceName,SubAccountId,SubAccountName,SubAccountType,Tags";
    let row = r#"0.012300,key-1,,USD,2026-02-03T00:00:00Z,2026-02-04T00:00:00Z,Usage,,claude-sonnet-4,Usage-Based,2026-02-03T00:00:00Z,2026-02-04T00:00:00Z,7.000000,Requests,0.012300,,0.012300,anthropic,0.012300,,,7.000000,Requests,anthropic,anthropic,,,claude-sonnet-4,claude-sonnet-4,claude-sonnet-4,AI and Machine Learning,Generative AI,sonnet,team-7,Support,,"{""model"":""claude-sonnet-4""}""#;
    assert_eq!(columns.split(',').count(), 37);
    let text = format!("{columns}\n{row}\n");
    let focus = Ready::named("focus").unwrap().text;
    let (events, refused) = crate::support::import_csv(focus, text);
    assert_eq!(refused, []);
    assert_eq!(
        costs(&events),
        ["2026-02-03T00:00:00Z _unassigned - model 0.0123 USD claude-sonnet-4 []"]
    );
}

#[test]
fn litellm_spend_logs() {
    let events = check(
        "litellm-spend-logs",
        "litellm-spend-logs.csv",
        &[("cost.recorded", 5)],
    );
    assert_eq!(
        costs(&events),
        [
            "2026-02-03T09:00:00.123Z acme T-1 model 0.0123 USD claude-sonnet-4 [input=10 cache_read=60 cache_write=30 output=5 reasoning=15]",
            "2026-02-03T09:00:00.123Z acme s-1 model - claude-sonnet-4 [input=7 output=2]",
            "2026-02-03T09:00:00.123Z acme - infra 0.00 USD - []",
            "2026-02-03T09:00:00.123Z _unassigned - model 0.50 USD claude-sonnet-4 []",
            "2026-02-03T09:00:00.123Z acme - model 0.00001 USD claude-sonnet-4 []",
        ]
    );
}
