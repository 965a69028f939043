//! One test per dialect: the names its senders write, and what is made of them.

use piecework_intake::otlp::{Attributes, CostObservation, Dialect, Signal, Value, normalise};

use crate::support::{cost, json, one, span, tokens, told, traces};

/// What one span says: dialect, whether it is a call, provider, model, tokens, claimed cost.
#[track_caller]
fn check(pairs: &[(&str, &str)], expected: &str) {
    let received = one(pairs);
    let found = match received.events.as_slice() {
        [event] => {
            let own = cost(event);
            let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "?".to_owned());
            let dialect = text(&own.note).split(['=', ' ']).nth(1).unwrap().to_owned();
            let mut found = format!(
                "{dialect} {}/{} {}",
                text(&own.provider),
                text(&own.model),
                tokens(event)
            );
            if let Some(amount) = own.amount {
                found.push_str(&format!(" claimed {amount}"));
            }
            found
        }
        _ => told(&received),
    };
    assert_eq!(found.trim_end(), expected, "{}", told(&received));
}

const PASSED_OVER: &str = "1 items: 0 taken, 0 repeated, 1 passed over, 0 rejected";

#[test]
fn the_conventions_up_to_1_36() {
    check(
        &[
            ("gen_ai.system", "az.ai.openai"),
            ("gen_ai.operation.name", "chat"),
            ("gen_ai.request.model", "gpt-4o"),
            ("gen_ai.response.model", "gpt-4o-2024-08-06"),
            ("gen_ai.usage.input_tokens", "100"),
            ("gen_ai.usage.output_tokens", "20"),
        ],
        "otel-1.36/1 azure/gpt-4o-2024-08-06 input=100 output=20",
    );
}

#[test]
fn openllmetry() {
    check(
        &[
            ("gen_ai.system", "openai"),
            ("llm.request.type", "chat"),
            ("gen_ai.request.model", "gpt-4.1-mini"),
            ("gen_ai.usage.prompt_tokens", "1956"),
            ("gen_ai.usage.completion_tokens", "117"),
            ("gen_ai.usage.cache_read_input_tokens", "1792"),
            ("gen_ai.usage.cache_creation_input_tokens", "100"),
            ("gen_ai.usage.reasoning_tokens", "17"),
            ("llm.usage.total_tokens", "2073"),
        ],
        "openllmetry/1 openai/gpt-4.1-mini input=64 cache_read=1792 cache_write=100 output=100 reasoning=17",
    );
    check(
        &[
            ("traceloop.span.kind", "workflow"),
            ("gen_ai.usage.prompt_tokens", "0"),
            ("traceloop.entity.name", "flow"),
        ],
        PASSED_OVER,
    );
}

#[test]
fn the_conventions_of_today_with_either_word_for_cache_writes() {
    for write in ["cache_write", "cache_creation"] {
        check(
            &[
                ("gen_ai.provider.name", "aws.bedrock"),
                ("gen_ai.operation.name", "chat"),
                ("gen_ai.response.model", "claude-sonnet-4-5"),
                ("gen_ai.usage.input_tokens", "1000"),
                ("gen_ai.usage.output_tokens", "300"),
                ("gen_ai.usage.cache_read.input_tokens", "600"),
                (&format!("gen_ai.usage.{write}.input_tokens"), "150"),
                ("gen_ai.usage.reasoning.output_tokens", "120"),
            ],
            "otel/1 bedrock/claude-sonnet-4-5 input=250 cache_read=600 cache_write=150 output=180 reasoning=120",
        );
    }
}

#[test]
fn audio_of_which_a_part_was_cached() {
    check(
        &[
            ("gen_ai.provider.name", "openai"),
            ("gen_ai.request.model", "gpt-audio"),
            ("gen_ai.usage.input_tokens", "500"),
            ("gen_ai.usage.cache_read.input_tokens", "200"),
            ("gen_ai.usage.audio.input_tokens", "150"),
            ("gen_ai.usage.audio.cache_read.input_tokens", "50"),
            ("gen_ai.usage.output_tokens", "90"),
            ("gen_ai.usage.audio.output_tokens", "80"),
        ],
        // 500 = 200 cached + 100 uncached audio + 200 uncached text.
        "otel/1 openai/gpt-audio input=200 cache_read=200 output=10 input_audio=100 output_audio=80",
    );
}

#[test]
fn a_claimed_cost_names_its_currency() {
    let call = |currency| {
        [
            ("gen_ai.provider.name", "mistral_ai"),
            ("gen_ai.response.model", "mistral-large"),
            ("gen_ai.usage.input_tokens", "10"),
            ("gen_ai.usage.cost.amount", "0.00022500000000000002"),
            ("gen_ai.usage.cost.currency", currency),
        ]
    };
    check(
        &call("EUR"),
        "otel/1 mistral/mistral-large input=10 claimed 0.00022500000000000002 EUR",
    );
    assert!(
        told(&one(&call("EURO"))).contains("rejected"),
        "an unknown currency"
    );
}

#[test]
fn openinference() {
    let call = |kind| {
        [
            ("openinference.span.kind", kind),
            ("llm.provider", "google"),
            ("llm.model_name", "gemini-2.5-pro"),
            ("llm.token_count.prompt", "120.0"),
            ("llm.token_count.prompt_details.cache_read", "20.0"),
            ("llm.token_count.prompt_details.audio", "10.0"),
            ("llm.token_count.completion", "50.0"),
            ("llm.token_count.completion_details.reasoning", "30.0"),
            ("llm.token_count.total", "170.0"),
            ("llm.cost.total", "0.0123"),
        ]
    };
    check(
        &call("LLM"),
        "openinference/1 gemini/gemini-2.5-pro input=90 cache_read=20 output=20 reasoning=30 input_audio=10 claimed 0.0123 USD",
    );
    let agent = one(&call("AGENT"));
    assert!(agent.events.is_empty(), "an agent's totals are its calls'");
    assert!(
        agent.notes[0].text.contains("sums up calls"),
        "{}",
        agent.notes[0].text
    );
}

#[test]
fn the_ai_sdk_in_its_versions() {
    // Version 4: NaN where the provider does not say.
    check(
        &[
            ("ai.operationId", "ai.generateText.doGenerate"),
            ("ai.model.id", "gpt-4o"),
            ("ai.model.provider", "openai.chat"),
            ("ai.usage.promptTokens", "31"),
            ("ai.usage.completionTokens", "{\"doubleValue\":\"NaN\"}"),
            ("gen_ai.system", "openai.chat"),
            ("gen_ai.response.model", "gpt-4o-2024-08-06"),
            ("gen_ai.usage.input_tokens", "31"),
        ],
        "ai-sdk/1 openai/gpt-4o-2024-08-06 input=31",
    );
    check(
        &[
            ("ai.operationId", "ai.embed.doEmbed"),
            ("ai.model.id", "text-embedding-3-small"),
            ("ai.model.provider", "google.generative-ai"),
            ("ai.usage.tokens", "7"),
        ],
        "ai-sdk/1 gemini/text-embedding-3-small input=7",
    );
    // Version 6.
    let six = |operation| {
        [
            ("ai.operationId", operation),
            ("ai.model.id", "claude-sonnet-4-5"),
            ("ai.model.provider", "anthropic.messages"),
            ("ai.usage.inputTokens", "1000"),
            ("ai.usage.inputTokenDetails.noCacheTokens", "300"),
            ("ai.usage.inputTokenDetails.cacheReadTokens", "600"),
            ("ai.usage.inputTokenDetails.cacheWriteTokens", "100"),
            ("ai.usage.cachedInputTokens", "600"),
            ("ai.usage.outputTokens", "50"),
            ("ai.usage.outputTokenDetails.reasoningTokens", "20"),
            ("ai.usage.totalTokens", "1050"),
        ]
    };
    check(
        &six("ai.streamText.doStream"),
        "ai-sdk/1 anthropic/claude-sonnet-4-5 input=300 cache_read=600 cache_write=100 output=30 reasoning=20",
    );
    // The outer span repeats the totals of its steps.
    let request = traces(
        &[],
        &[
            span(1, 0, &six("ai.streamText")),
            span(2, 1, &six("ai.streamText.doStream")),
            span(3, 1, &six("ai.streamText.doStream")),
        ],
    );
    let received = json(Signal::Traces, &request);
    assert_eq!((received.events.len(), received.counts.repeated), (2, 1));
    // Version 7: the conventions' names, with `ai.usage.*` beside them.
    check(
        &[
            ("gen_ai.operation.name", "chat"),
            ("gen_ai.provider.name", "openai"),
            ("gen_ai.request.model", "gpt-5"),
            ("gen_ai.usage.input_tokens", "80"),
            ("gen_ai.usage.cache_read.input_tokens", "30"),
            ("gen_ai.usage.output_tokens", "9"),
            ("ai.usage.inputTokens", "80"),
            ("ai.usage.cachedInputTokens", "30"),
        ],
        "ai-sdk/1 openai/gpt-5 input=50 cache_read=30 output=9",
    );
}

#[test]
fn openlit() {
    check(
        &[
            ("gen_ai.operation.name", "chat"),
            ("gen_ai.system", "openai"),
            ("gen_ai.request.model", "gpt-4o"),
            ("gen_ai.usage.input_tokens", "100"),
            ("gen_ai.usage.prompt_tokens_details.cached_tokens", "40"),
            ("gen_ai.usage.cache_write_input_tokens", "10"),
            ("gen_ai.usage.output_tokens", "30"),
            (
                "gen_ai.usage.completion_tokens_details.reasoning_tokens",
                "12",
            ),
            ("gen_ai.usage.cost", "0.0005"),
        ],
        "openlit/1 openai/gpt-4o input=50 cache_read=40 cache_write=10 output=18 reasoning=12 claimed 0.0005 USD",
    );
}

#[test]
fn sentry() {
    check(
        &[
            ("sentry.op", "gen_ai.chat"),
            ("gen_ai.request.model", "gpt-4o"),
            ("gen_ai.usage.input_tokens", "100"),
            ("gen_ai.usage.input_tokens.cached", "60"),
            ("gen_ai.usage.input_tokens.cache_write", "5"),
            ("gen_ai.usage.output_tokens", "30"),
            ("gen_ai.usage.output_tokens.reasoning", "10"),
        ],
        "sentry/1 ?/gpt-4o input=35 cache_read=60 cache_write=5 output=20 reasoning=10",
    );
}

#[test]
fn langfuse() {
    let call = |kind, usage| {
        [
            ("langfuse.observation.type", kind),
            ("langfuse.observation.model.name", "claude-sonnet-4-5"),
            ("langfuse.observation.usage_details", usage),
            (
                "langfuse.observation.cost_details",
                "{\"input\":0.001,\"output\":0.0025}",
            ),
        ]
    };
    let told = |tokens| format!("langfuse/1 ?/claude-sonnet-4-5 {tokens} claimed 0.0035 USD");
    for (usage, tokens) in [
        // Langfuse's own words: parts stand beside the input.
        (
            r#"{"input":800,"output":200,"input_cache_read_input_tokens":200,"total":1200}"#,
            "input=800 cache_read=200 output=200",
        ),
        (
            r#"{"input":800,"output":200,"input_cached_tokens":200}"#,
            "input=800 cache_read=200 output=200",
        ),
        // The same words, but the total says that the cached tokens are part of the input.
        (
            r#"{"input":1000,"output":200,"input_cached_tokens":200,"total":1200}"#,
            "input=800 cache_read=200 output=200",
        ),
        // OpenAI's words: parts are part.
        (
            r#"{"prompt_tokens":1000,"completion_tokens":200,"output_reasoning_tokens":50,"total_tokens":1200}"#,
            "input=1000 output=150 reasoning=50",
        ),
    ] {
        check(&call("generation", usage), &told(tokens));
    }
    let unexplained = one(&call(
        "generation",
        r#"{"input":10,"output":5,"input_cached_tokens":3,"total":99}"#,
    ));
    assert!(unexplained.rejected[0].reason.contains("the total is 99"));
    assert!(one(&call("span", r#"{"input":10}"#)).events.is_empty());
}

#[test]
fn litellm() {
    check(
        &[
            ("gen_ai.operation.name", "acompletion"),
            ("gen_ai.system", "openai"),
            ("gen_ai.request.model", "gpt-4o"),
            ("gen_ai.usage.input_tokens", "10"),
            ("gen_ai.usage.output_tokens", "20"),
            ("gen_ai.cost.total_cost", "0.00022500000000000002"),
            ("gen_ai.cost.input_cost", "0.000025"),
        ],
        "litellm/1 openai/gpt-4o input=10 output=20 claimed 0.00022500000000000002 USD",
    );
}

#[test]
fn spans_that_are_no_calls() {
    for pairs in [
        &[("http.request.method", "POST")][..],
        &[("gen_ai.conversation.id", "c1")],
        &[
            ("gen_ai.operation.name", "execute_tool"),
            ("gen_ai.tool.name", "search"),
        ],
        &[
            ("gen_ai.operation.name", "invoke_agent"),
            ("gen_ai.agent.name", "a"),
        ],
        &[
            ("db.system", "postgresql"),
            ("metadata", "{\"work_id\":\"w\"}"),
        ],
        &[],
    ] {
        check(pairs, PASSED_OVER);
    }
}

/// Nothing is clamped and nothing is zero.
#[test]
fn counts_that_contradict_each_other_are_listed() {
    let call = |more: &[(&'static str, &'static str)]| {
        let mut pairs = vec![
            ("gen_ai.system", "openai"),
            ("gen_ai.request.model", "gpt-4o"),
        ];
        pairs.extend(more);
        let received = one(&pairs);
        assert_eq!(received.events, [], "{more:?}");
        received.rejected[0].reason.clone()
    };
    assert_eq!(
        call(&[
            ("gen_ai.usage.input_tokens", "100"),
            ("gen_ai.usage.cache_read.input_tokens", "1792"),
        ]),
        "cache_read 1792 are more than the 100 input tokens that they should be part of"
    );
    assert_eq!(
        call(&[
            ("gen_ai.usage.output_tokens", "5"),
            ("gen_ai.usage.reasoning.output_tokens", "6"),
        ]),
        "reasoning 6 are more than the 5 output tokens that they should be part of"
    );
    assert_eq!(
        call(&[("gen_ai.usage.cache_read.input_tokens", "7")]),
        "cache_read 7 without the input tokens that they are part of"
    );
    assert!(call(&[("gen_ai.usage.input_tokens", "-5")]).contains("-5 tokens"));
    assert!(call(&[("gen_ai.usage.input_tokens", "1.5")]).contains("1.5 tokens"));
    assert!(call(&[("gen_ai.usage.input_tokens", "many")]).contains("gen_ai.usage.input_tokens"));
    assert!(call(&[("gen_ai.usage.input_tokens", "{\"boolValue\":true}")]).contains("number"));
    assert!(call(&[("gen_ai.usage.cost", "-0.5")]).contains("below zero"));
    let no_model = one(&[
        ("gen_ai.system", "openai"),
        ("gen_ai.usage.input_tokens", "5"),
    ]);
    assert!(
        no_model.rejected[0]
            .reason
            .contains("neither a model nor a cost")
    );
}

#[test]
fn the_first_name_counts_and_another_number_is_told() {
    let received = one(&[
        ("gen_ai.system", "openai"),
        ("gen_ai.request.model", "gpt-4o"),
        ("gen_ai.usage.input_tokens", "100"),
        ("gen_ai.usage.prompt_tokens", "90"),
        ("gen_ai.usage.output_tokens", "1"),
        ("gen_ai.usage.total_tokens", "500"),
    ]);
    assert_eq!(tokens(&received.events[0]), "input=100 output=1");
    let notes: Vec<&str> = received
        .notes
        .iter()
        .map(|note| note.text.as_str())
        .collect();
    assert_eq!(
        notes,
        [
            "`gen_ai.usage.input_tokens` says 100 and `gen_ai.usage.prompt_tokens` says 90; the first counts",
            "input 100 and output 1 are not the total of 500; the total is not used",
        ]
    );
}

/// A call whose usage nobody tells is a cost without a price, not no cost.
#[test]
fn a_call_without_usage_stays_without_counts() {
    check(
        &[
            ("gen_ai.operation.name", "chat"),
            ("gen_ai.request.model", "gpt-4o"),
        ],
        "otel-1.36/1 ?/gpt-4o",
    );
    let failed = span(
        1,
        0,
        &[
            ("gen_ai.operation.name", "chat"),
            ("gen_ai.request.model", "gpt-4o"),
        ],
    )
    .replace(
        "\"attributes\"",
        "\"status\":{\"code\":\"STATUS_CODE_ERROR\"},\"attributes\"",
    );
    let received = json(Signal::Traces, &traces(&[], &[failed]));
    assert_eq!(
        (received.events.len(), received.counts.passed_over),
        (0, 1),
        "it cost nothing"
    );
}

#[test]
fn the_service_tier_and_the_agent_are_kept() {
    let pairs = [
        ("gen_ai.provider.name", "openai"),
        ("gen_ai.request.model", "gpt-5"),
        ("gen_ai.usage.input_tokens", "1"),
        ("openai.response.service_tier", "batch"),
    ];
    let by_service = json(
        Signal::Traces,
        &traces(
            &[("service.name", "desk"), ("service.version", "1.4")],
            &[span(1, 0, &pairs)],
        ),
    );
    let own = cost(&by_service.events[0]);
    assert_eq!(own.note.as_deref(), Some("dialect=otel/1 tier=batch"));
    assert_eq!(
        (own.agent.as_deref(), own.agent_version.as_deref()),
        (Some("desk"), Some("1.4"))
    );
    let mut named = pairs.to_vec();
    named.push(("gen_ai.agent.name", "triage"));
    named.push(("gen_ai.agent.version", "7"));
    let named = one(&named);
    let own = cost(&named.events[0]);
    assert_eq!(
        (own.agent.as_deref(), own.agent_version.as_deref()),
        (Some("triage"), Some("7"))
    );
    // The name that SDKs give where nobody gave one is none.
    let unnamed = traces(
        &[("service.name", "unknown_service:python")],
        &[span(1, 0, &pairs)],
    );
    assert_eq!(cost(&json(Signal::Traces, &unnamed).events[0]).agent, None);
}

#[test]
fn the_normaliser_is_a_function_of_attributes() {
    let attributes: Attributes<'_> = [
        ("gen_ai.provider.name", Value::text("openai")),
        ("gen_ai.request.model", Value::text("gpt-5")),
        ("gen_ai.usage.output_tokens", Value::int(3)),
    ]
    .into_iter()
    .collect();
    let call: CostObservation = normalise(&attributes).unwrap();
    assert_eq!(
        (call.dialect, call.leaf, call.tokens.len()),
        (Dialect::Otel, true, 1)
    );
    assert_eq!(normalise(&Attributes::default()), None);
}
