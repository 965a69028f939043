//! LiteLLM's generic callback: a real payload, and payloads in its shape.

use piecework_intake::delivery::{DeliveryError, What};
use piecework_intake::limits::{CALLS_BYTES_MAX, DELIVERY_EVENTS_MAX};
use piecework_intake::litellm::LiteLlm;

use crate::support::{arrival, data, events, told};

/// A call with `change`s to its members.
fn call(changes: &[(&str, &str)]) -> String {
    let mut members = vec![
        ("id", "\"chatcmpl-1\""),
        ("trace_id", "\"97311c60-9a61-4f48-a814-70139ee57868\""),
        ("status", "\"success\""),
        ("custom_llm_provider", "\"openai\""),
        ("model", "\"gpt-4o\""),
        ("cache_hit", "null"),
        ("response_cost", "0.00022500000000000002"),
        ("startTime", "1766000068.28466"),
        ("prompt_tokens", "10"),
        ("completion_tokens", "20"),
        ("end_user", "\"\""),
        ("messages", "[{\"role\":\"user\",\"content\":\"SECRET\"}]"),
        ("response", "{\"choices\":[{\"message\":\"SECRET\"}]}"),
        ("error_str", "\"SECRET\""),
    ];
    for (name, value) in changes {
        members.retain(|(known, _)| known != name);
        members.push((name, value));
    }
    let members: Vec<String> = members
        .iter()
        .map(|(name, value)| format!("\"{name}\":{value}"))
        .collect();
    format!("{{{}}}", members.join(","))
}

fn cost(changes: &[(&str, &str)]) -> work::Event {
    let items = LiteLlm::default()
        .decode(call(changes).as_bytes(), arrival())
        .unwrap();
    events(items).remove(0)
}

fn data_of(event: &work::Event) -> String {
    event.to_json().get("data").unwrap().to_canonical()
}

fn outcome(changes: &[(&str, &str)]) -> String {
    let body = call(changes);
    told(
        &LiteLlm::default()
            .decode(body.as_bytes(), arrival())
            .unwrap(),
    )
    .remove(0)
}

/// The record of the package's own tests, as it was captured.
#[test]
fn the_captured_payload() {
    let Some(path) = data("otlp-genai-traces/litellm_standard_logging_payload.json") else {
        return;
    };
    let body = std::fs::read(path).unwrap();
    let items = LiteLlm::default().decode(&body, arrival()).unwrap();
    assert_eq!(items[0].index, None);
    assert_eq!(
        events(items)[0].canonical(),
        r#"{"data":{"amount":{"amount":"0.00022500000000000002","currency":"USD"},"line":"model","model":"gpt-4o","provider":"openai","tokens":{"input":"10","output":"20"}},"id":"chatcmpl-2299b6a2-82a3-465a-b47c-04e685a2227f","source":"litellm","specversion":"1.0","subject":"_unassigned","time":"2025-12-17T19:34:28.28466Z","traceparent":"00-97311c609a614f48a81470139ee57868-3d28a520f26e7ed4-00","type":"piecework.cost.recorded.v1"}"#
    );
}

/// One, lines and an array are the same calls.
#[test]
fn every_form_of_the_callback() {
    let second = call(&[("id", "\"b\"")]);
    let (one, lines) = (call(&[]), format!("{}\n{second}\n", call(&[])));
    let array = format!("[{},{second}]", call(&[]));
    let decode = |body: &str| {
        LiteLlm::default()
            .decode(body.as_bytes(), arrival())
            .unwrap()
    };
    assert_eq!(decode(&one).len(), 1);
    assert_eq!(events(decode(&lines)), events(decode(&array)));
    assert_eq!(decode(&lines)[1].index, Some(1));
    assert_eq!(decode(""), []);
    assert_eq!(decode("[]"), []);
}

/// Classes do not overlap: what has a class of its own is taken from the whole that holds it.
#[test]
fn tokens_are_taken_apart() {
    for (usage, expected) in [
        (
            r#"{"prompt_tokens_details":{"cached_tokens":4}}"#,
            r#"{"cache_read":"4","input":"6","output":"20"}"#,
        ),
        // Anthropic's names stand beside the details and say the same; the details speak.
        (
            r#"{"prompt_tokens_details":{"cached_tokens":4,"cache_write_tokens":5},"cache_read_input_tokens":4,"cache_creation_input_tokens":5}"#,
            r#"{"cache_read":"4","cache_write":"5","input":"1","output":"20"}"#,
        ),
        (
            r#"{"cache_read_input_tokens":4,"cache_creation_input_tokens":6,"prompt_tokens_details":null}"#,
            r#"{"cache_read":"4","cache_write":"6","output":"20"}"#,
        ),
        (
            r#"{"completion_tokens_details":{"reasoning_tokens":15,"audio_tokens":2},"prompt_tokens_details":{"audio_tokens":3}}"#,
            r#"{"input":"7","input_audio":"3","output":"3","output_audio":"2","reasoning":"15"}"#,
        ),
    ] {
        let metadata = format!("{{\"usage_object\":{usage}}}");
        let response = format!("{{\"choices\":[],\"usage\":{usage}}}");
        for place in [
            ("metadata", metadata.as_str()),
            ("response", response.as_str()),
        ] {
            let event = cost(&[place]);
            let json = event.to_json();
            let tokens = json
                .get("data")
                .and_then(|data| data.get("tokens"))
                .unwrap();
            assert_eq!(tokens.to_canonical(), expected, "{usage}");
        }
    }
}

/// Parts that exceed the whole say nothing of what was bought; the claimed cost stands.
#[test]
fn counts_that_contradict_each_other_are_left_out() {
    let usage = r#"{"usage_object":{"prompt_tokens_details":{"cached_tokens":20}}}"#;
    assert_eq!(
        data_of(&cost(&[("metadata", usage)])),
        r#"{"amount":{"amount":"0.00022500000000000002","currency":"USD"},"line":"model","model":"gpt-4o","note":"token counts left out: of 10 input tokens, 20 cache_read","provider":"openai"}"#
    );
}

#[test]
fn whose_cost_it_is() {
    let own = r#"{"requester_metadata":{"piecework_customer_id":"acme","piecework_unit_id":"T-1","piecework_agent":"triage"},"user_api_key_end_user_id":"other"}"#;
    let event = cost(&[
        ("metadata", own),
        ("end_user", "\"eve\""),
        ("session_id", "\"s-1\""),
    ]);
    assert_eq!(
        (event.customer.as_str(), event.work.as_deref()),
        ("acme", Some("T-1"))
    );
    assert!(data_of(&event).contains(r#""agent":"triage""#));
    let event = cost(&[("end_user", "\"eve\""), ("session_id", "\"s-1\"")]);
    assert_eq!(
        (event.customer.as_str(), event.work.as_deref()),
        ("eve", Some("s-1"))
    );
    let event = cost(&[("metadata", r#"{"user_api_key_end_user_id":"key"}"#)]);
    assert_eq!((event.customer.as_str(), event.work), ("key", None));

    let teams = LiteLlm {
        customer: vec!["metadata.user_api_key_team_id".into()],
        // Nothing makes what people wrote an identifier.
        work: vec![
            "messages".into(),
            "error_str".into(),
            "response.usage".into(),
        ],
        ..LiteLlm::default()
    };
    let body = call(&[("metadata", r#"{"user_api_key_team_id":"team-7"}"#)]);
    let event = &events(teams.decode(body.as_bytes(), arrival()).unwrap())[0];
    assert_eq!(
        (event.customer.as_str(), event.work.as_deref()),
        ("team-7", None)
    );
}

#[test]
fn a_trace_id_is_a_trace_only_if_it_is_one() {
    for (trace, expected) in [
        (
            "\"97311C60-9a61-4f48-a814-70139ee57868\"",
            Some("97311c609a614f48a81470139ee57868"),
        ),
        (
            "\"4bf92f3577b34da6a3ce929d0e0e4736\"",
            Some("4bf92f3577b34da6a3ce929d0e0e4736"),
        ),
        ("\"chatcmpl-9\"", None),
        ("\"00000000000000000000000000000000\"", None),
        ("null", None),
    ] {
        let traceparent = cost(&[("trace_id", trace)]).traceparent;
        assert_eq!(
            traceparent.as_deref().map(|own| &own[3..35]),
            expected,
            "{trace}"
        );
    }
}

/// The gateway's cache costs nothing and that is known; a cost of zero else is not known.
#[test]
fn zeros() {
    assert_eq!(
        data_of(&cost(&[("cache_hit", "true"), ("response_cost", "0.0")])),
        r#"{"amount":{"amount":"0.00","currency":"USD"},"line":"infra","note":"answered from the gateway's cache (gpt-4o)"}"#
    );
    assert_eq!(
        data_of(&cost(&[
            ("cache_hit", "\"True\""),
            ("response_cost", "0.5")
        ])),
        r#"{"amount":{"amount":"0.50","currency":"USD"},"line":"model","model":"gpt-4o","note":"answered from the gateway's cache","provider":"openai"}"#
    );
    for zero in ["0", "0.0", "null"] {
        assert_eq!(
            data_of(&cost(&[("response_cost", zero)])),
            r#"{"line":"model","model":"gpt-4o","provider":"openai","tokens":{"input":"10","output":"20"}}"#
        );
    }
}

#[test]
fn failures() {
    let failed = [
        ("status", "\"failure\""),
        ("prompt_tokens", "0"),
        ("completion_tokens", "0"),
    ];
    let with = |cost| [&failed[..], &[("response_cost", cost)]].concat();
    assert_eq!(
        outcome(&with("0.0")),
        "nothing: a failed call that cost nothing"
    );
    assert_eq!(
        data_of(&cost(&with("0.25"))),
        r#"{"amount":{"amount":"0.25","currency":"USD"},"line":"model","model":"gpt-4o","note":"a failed call","provider":"openai"}"#
    );
    // Tokens that were bought before it failed are priced by the model costs.
    let tokens = [("status", "\"failure\""), ("response_cost", "0")];
    assert!(data_of(&cost(&tokens)).contains(r#""tokens":{"input":"10","output":"20"}"#));
}

#[test]
fn what_cannot_be_read_is_refused_without_any_text() {
    for (change, problem) in [
        (("id", "null"), "/id: the call has no id"),
        (("id", "7"), "/id: expected a text"),
        (
            ("response_cost", "-1"),
            "/response_cost: a cost must not be negative",
        ),
        (
            ("response_cost", "\"0.1\""),
            "/response_cost: expected a number",
        ),
        (("response_cost", "NaN"), "/: invalid JSON"),
        (("startTime", "null"), "/startTime: the call says no time"),
        (("startTime", "\"noon\""), "/startTime: `noon` is not"),
        (
            ("startTime", "4000000000"),
            "/: the call gives no event: /time",
        ),
        (
            ("end_user", "\"_x\""),
            "/: the call gives no event: /subject",
        ),
        (("end_user", "{}"), "/end_user: expected a text"),
        (
            ("prompt_tokens", "-1"),
            "/prompt_tokens: a count must not be negative",
        ),
        (
            ("prompt_tokens", "\"1\""),
            "/prompt_tokens: expected a number",
        ),
        (
            (
                "metadata",
                r#"{"usage_object":{"prompt_tokens_details":{"cached_tokens":[]}}}"#,
            ),
            "/metadata/usage_object/prompt_tokens_details/cached_tokens: expected a number",
        ),
    ] {
        let told = outcome(&[change]);
        assert!(
            told.starts_with(&format!("refused {problem}")),
            "{change:?}: {told}"
        );
    }
    let bare = [("response_cost", "0"), ("model", "null")];
    assert!(
        outcome(&bare).contains("a cost needs an amount, or a model"),
        "{}",
        outcome(&bare)
    );
}

/// What people and models wrote is nowhere: not in an event, not in a refusal, whatever is wrong.
#[test]
fn no_text_is_kept() {
    let metadata = (
        "metadata",
        r#"{"requester_metadata":{"note":"SECRET"},"mcp_tool_call_metadata":{"arguments":"SECRET"}}"#,
    );
    for changes in [
        vec![metadata],
        vec![metadata, ("id", "null")],
        vec![metadata, ("model", "nonsense")],
        vec![metadata, ("startTime", "{")],
        vec![("response", "{\"usage\":null,\"x\":\"SECRET\"")],
        vec![
            ("error_information", "{\"traceback\":\"SECRET\"}"),
            ("status", "\"failure\""),
        ],
    ] {
        let body = call(&changes);
        let Ok(items) = LiteLlm::default().decode(body.as_bytes(), arrival()) else {
            continue;
        };
        for item in items {
            let text = match &item.what {
                What::Events(events) => events[0].canonical(),
                other => format!("{other:?}"),
            };
            assert!(!text.contains("SECRET"), "{changes:?}: {text}");
        }
    }
}

/// Prompts may be long and nested as they like: they are walked over and not read.
#[test]
fn long_and_deep_prompts_cost_nothing() {
    let deep = format!("{}1{}", "[".repeat(50_000), "]".repeat(50_000));
    let long = format!("\"{}\"", "x".repeat(3 << 20));
    assert_eq!(
        data_of(&cost(&[("messages", &deep), ("error_str", &long)])),
        data_of(&cost(&[]))
    );
}

#[test]
fn every_bound_is_crossed() {
    let decode = |body: &[u8]| LiteLlm::default().decode(body, arrival());
    let mut long = vec![b' '; CALLS_BYTES_MAX + 1];
    assert!(matches!(
        decode(&long),
        Err(DeliveryError::TooLong(_, CALLS_BYTES_MAX))
    ));
    long.pop();
    assert_eq!(decode(&long), Ok(vec![]));
    let many = "1\n".repeat(DELIVERY_EVENTS_MAX + 1);
    assert!(matches!(
        decode(many.as_bytes()),
        Err(DeliveryError::TooMany(_))
    ));
    let model = format!("\"{}\"", "x".repeat(1 << 20));
    assert!(outcome(&[("model", &model)]).contains("beside prompts and answers"));
    assert!(matches!(decode(b"\xff"), Err(DeliveryError::NotUtf8)));
}
