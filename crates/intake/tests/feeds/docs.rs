//! The reference pages show what is accepted.

use piecework_intake::delivery::What;
use piecework_intake::litellm::LiteLlm;
use work::body::Body;

use crate::support::{JSON, events, meters, send, send_to, told};

const EVENTS: &str = include_str!("../../../../docs/reference/events.md");
const FEEDS: &str = include_str!("../../../../docs/reference/feeds.md");

/// The blocks of a language in a page.
fn blocks<'p>(page: &'p str, language: &str) -> Vec<&'p str> {
    let fence = format!("```{language}\n");
    let blocks = page.split(&fence).skip(1);
    blocks
        .map(|rest| rest.split("```").next().unwrap())
        .collect()
}

#[test]
fn every_event_of_the_page_is_one() {
    let blocks = blocks(EVENTS, "json");
    assert_eq!(blocks.len(), 5);
    let mut undone = 0;
    for block in blocks {
        let item = send(JSON, block).unwrap().remove(0);
        match &item.what {
            What::Events(_) | What::Verb(_) => {}
            What::Undo(undo) => {
                undone += 1;
                assert_eq!(undo.target.id, "run-7");
            }
            _ => panic!("{block}: {:?}", told(&[item])),
        }
    }
    assert_eq!(undone, 1);
}

/// What the table says of `done` is what comes of the example above it.
#[test]
fn the_facts_of_done_are_those_of_the_page() {
    let facts = events(send(JSON, blocks(EVENTS, "json")[1]).unwrap());
    assert_eq!(facts.len(), 3);
    for fact in facts {
        let (id, kind) = (&fact.id, fact.body.tag().word());
        let row = EVENTS
            .lines()
            .find(|line| line.contains(&format!("`{id}`")));
        assert!(
            row.is_some_and(|row| row.starts_with(&format!("| `{kind}`"))),
            "{id} {kind}"
        );
    }
}

#[test]
fn the_meters_of_the_page_read_its_event() {
    let meters = meters(blocks(FEEDS, "toml")[0]);
    assert_eq!(meters.declared().count(), 4);
    let start = FEEDS.find("`{\"type\": \"chat.message\"").unwrap() + 2;
    let event = &FEEDS[start..];
    let event = &event[..event.find('`').unwrap()];
    let moved =
        events(send_to(&meters, JSON, format!("{{\"specversion\":\"1.0\",{event}")).unwrap());
    let moved: Vec<String> = moved
        .iter()
        .map(|event| match &event.body {
            Body::Usage {
                meter,
                quantity,
                item,
                ..
            } => format!("{quantity} {meter} {}", item.as_deref().unwrap_or_default()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(moved, ["1 messages ", "1000 tokens ", "1 people u-7"]);
}

#[test]
fn the_page_says_where_a_call_says_whose_it_is() {
    let LiteLlm {
        customer,
        work,
        agent,
    } = LiteLlm::default();
    for path in customer.iter().chain(&work) {
        assert!(FEEDS.contains(&format!("`{path}`")), "{path}");
    }
    assert!(agent.iter().all(|path| path.ends_with("piecework_agent")));
}
