//! The three price books, imported: every model accounted for, spot prices, names, dates.
#![allow(clippy::unwrap_used)]

mod model_costs_data;

use jiff::civil::Date;
use model_costs_data::{A, B, G, book, data};
use piecework_intake::model_costs::{
    Import, ImportError, Origin, Skip, genai_prices, litellm, text,
};
use pricing::model_costs::{ModelCosts, Priced, Through, Unpriced};
use work::body::{TokenClass, Tokens};

fn tokens(counts: &[(TokenClass, i64)]) -> Tokens {
    counts
        .iter()
        .map(|(class, n)| (*class, money::Quantity::from_int(*n)))
        .collect()
}

fn call(
    costs: &ModelCosts,
    provider: &str,
    model: &str,
    counts: &[(TokenClass, i64)],
    day: &str,
) -> Result<Priced, Unpriced> {
    let provider = (!provider.is_empty()).then_some(provider);
    costs.price(
        provider,
        model,
        &tokens(counts),
        format!("{day}T12:00:00Z").parse().unwrap(),
    )
}

/// The price of a million tokens of one class.
fn million(
    costs: &ModelCosts,
    provider: &str,
    model: &str,
    class: TokenClass,
    day: &str,
) -> String {
    call(costs, provider, model, &[(class, 1_000_000)], day).map_or_else(
        |e| panic!("{provider} {model}: {e}"),
        |priced| priced.amount.number(),
    )
}

fn skipped(import: &Import, reason: Skip) -> usize {
    import.report.skipped.get(&reason).map_or(0, Vec::len)
}

#[test]
fn every_model_of_the_books_is_imported_or_listed() {
    let Some(dir) = data() else { return };
    let check = |import: Import, listed: usize, imported: usize, reasons: &[(Skip, usize)]| {
        assert_eq!(import.report.listed, listed);
        assert_eq!(import.report.imported, imported);
        for (reason, expected) in reasons {
            assert_eq!(skipped(&import, *reason), *expected, "{}", reason.reason());
        }
        let total: usize = reasons.iter().map(|(_, n)| n).sum();
        assert_eq!(import.report.skipped_count(), total, "{}", import.report);
        assert_eq!(listed, imported + total);
    };
    check(
        book(&dir, A),
        781,
        627,
        &[
            (Skip::NotAModel, 1),
            (Skip::NotByToken, 75),
            (Skip::AllZero, 78),
        ],
    );
    check(
        book(&dir, B),
        4553,
        3618,
        &[
            (Skip::NotAModel, 2),
            (Skip::NotByToken, 774),
            (Skip::AllZero, 159),
        ],
    );
    check(
        book(&dir, G),
        1442,
        1283,
        &[(Skip::NoPrice, 157), (Skip::TimeOfDay, 2)],
    );
}

#[test]
fn what_is_not_imported_is_said_aloud() {
    let Some(dir) = data() else { return };
    let genai = book(&dir, G);
    assert_eq!(
        genai.report.skipped[&Skip::TimeOfDay],
        ["deepseek/deepseek-chat", "deepseek/deepseek-reasoner"]
    );
    let fields = &genai.report.fields_not_imported;
    assert_eq!(fields.get("requests_kcount"), Some(&4));
    assert_eq!(fields.get("cache_audio_read_mtok"), Some(&10));
    assert_eq!(fields.len(), 2);
    let rules = &genai.report.rules_not_imported;
    assert_eq!(rules.len(), 6, "{rules:?}");
    assert!(
        rules.iter().all(|rule| rule.contains("\\d{8}")),
        "{rules:?}"
    );
    let litellm = book(&dir, B);
    let fields = &litellm.report.fields_not_imported;
    for field in [
        "input_cost_per_token_batches",
        "input_cost_per_token_priority",
        "off_peak_pricing",
    ] {
        assert!(fields.contains_key(field), "{field}");
    }
    for field in [
        "input_cost_per_token",
        "tiered_pricing",
        "output_cost_per_token_above_200k_tokens",
    ] {
        assert!(!fields.contains_key(field), "{field}");
    }
    let text = litellm.report.to_string();
    assert!(
        text.starts_with("3618 of 4553 models imported, 935 not:\n"),
        "{text}"
    );
}

#[test]
fn the_providers_of_genai_prices_are_all_there() {
    let Some(dir) = data() else { return };
    let genai = book(&dir, G);
    let providers: std::collections::BTreeSet<_> = genai
        .costs
        .models()
        .iter()
        .filter_map(|m| m.provider.clone())
        .collect();
    // 34, one of which is two: Google is the Gemini API and Vertex AI.
    assert_eq!(providers.len(), 35);
}

#[test]
fn spot_prices() {
    use TokenClass::{CacheRead, CacheWrite, Input, InputAudio, Output, OutputAudio, Reasoning};
    let Some(dir) = data() else { return };
    let (a, b, g) = (
        book(&dir, A).costs,
        book(&dir, B).costs,
        book(&dir, G).costs,
    );
    let check = |costs: &ModelCosts,
                 provider: &str,
                 model: &str,
                 day: &str,
                 expected: &[(TokenClass, &str)]| {
        for (class, price) in expected {
            let found = million(costs, provider, model, *class, day);
            assert_eq!(found, *price, "{provider} {model} {}", class.word());
        }
    };
    let (in_a, in_b) = ("2025-03-01", "2026-11-20");
    check(
        &a,
        "",
        "gpt-4o",
        in_a,
        &[(Input, "2.50"), (Output, "10.00"), (CacheRead, "1.25")],
    );
    check(
        &a,
        "openai",
        "gpt-4o-2024-05-13",
        in_a,
        &[(Input, "5.00"), (Output, "15.00")],
    );
    check(
        &a,
        "azure",
        "gpt-4o-2024-11-20",
        in_a,
        &[(Input, "2.75"), (Output, "11.00")],
    );
    check(
        &a,
        "anthropic",
        "claude-3-5-sonnet-20241022",
        in_a,
        &[
            (Input, "3.00"),
            (Output, "15.00"),
            (CacheRead, "0.30"),
            (CacheWrite, "3.75"),
            (Reasoning, "15.00"),
        ],
    );
    check(
        &a,
        "deepseek",
        "deepseek-chat",
        in_a,
        &[(Input, "0.27"), (CacheRead, "0.07"), (Output, "1.10")],
    );
    check(&a, "", "text-embedding-3-small", in_a, &[(Input, "0.02")]);
    check(
        &b,
        "",
        "gpt-4.1",
        in_b,
        &[(Input, "2.00"), (CacheRead, "0.50"), (Output, "8.00")],
    );
    check(
        &b,
        "azure",
        "gpt-4o-2024-11-20",
        in_b,
        &[(Input, "2.50"), (Output, "10.00"), (CacheRead, "1.25")],
    );
    check(
        &b,
        "",
        "claude-opus-4-6",
        in_b,
        &[(Input, "5.00"), (Output, "25.00"), (CacheWrite, "6.25")],
    );
    check(
        &b,
        "",
        "claude-sonnet-4-5",
        in_b,
        &[(Input, "3.00"), (Output, "15.00")],
    );
    check(
        &b,
        "",
        "claude-sonnet-4-6",
        in_b,
        &[(Input, "3.00"), (Output, "15.00")],
    );
    check(
        &g,
        "xai",
        "grok-3",
        in_b,
        &[(Input, "3.00"), (Output, "15.00")],
    );
    check(
        &g,
        "",
        "claude-opus-4-6",
        "2026-04-01",
        &[(Input, "5.00"), (Output, "25.00")],
    );
    check(
        &g,
        "google",
        "gemini-2.5-flash",
        in_b,
        &[(Input, "0.30"), (InputAudio, "1.00"), (Output, "2.50")],
    );
    check(
        &g,
        "openai",
        "gpt-realtime",
        in_b,
        &[
            (Output, "16.00"),
            (InputAudio, "32.00"),
            (OutputAudio, "64.00"),
        ],
    );
}

#[test]
fn a_zero_price_in_a_book_is_not_a_price() {
    let Some(dir) = data() else { return };
    let a = book(&dir, A).costs;
    for (provider, model) in [("gemini", "gemini-2.0-flash-exp"), ("ollama", "llama3")] {
        let found = call(&a, provider, model, &[(TokenClass::Input, 1)], "2025-03-01");
        assert!(
            matches!(found, Err(Unpriced::UnknownModel { .. })),
            "{model}: {found:?}"
        );
    }
}

#[test]
fn sizes_of_the_context_change_the_rate() {
    use TokenClass::{CacheRead, Input, Output};
    let Some(dir) = data() else { return };
    let (b, g) = (book(&dir, B).costs, book(&dir, G).costs);
    let check = |costs: &ModelCosts,
                 model: &str,
                 counts: &[(TokenClass, i64)],
                 above: Option<u64>,
                 expected: &str| {
        let (provider, model) = model.split_once(' ').unwrap();
        let priced = call(costs, provider, model, counts, "2026-11-20").unwrap();
        assert_eq!(priced.amount.number(), expected, "{model}");
        assert_eq!(priced.above_input_tokens, above, "{model}");
    };
    for costs in [&b, &g] {
        let at = [(Input, 200_000), (Output, 1_000)];
        check(costs, "gemini gemini-2.5-pro", &at, None, "0.26");
        let over = [(Input, 100_000), (CacheRead, 100_001), (Output, 1_000)];
        check(
            costs,
            "gemini gemini-2.5-pro",
            &over,
            Some(200_000),
            "0.29000025",
        );
        check(
            costs,
            "openai gpt-5.4",
            &[(Input, 272_001), (Output, 1_000)],
            Some(272_000),
            "1.382505",
        );
    }
    // A table of ranges: the first row up to and including 256,000.
    check(
        &b,
        "dashscope qwen-flash",
        &[(Input, 256_000), (Output, 1_000_000)],
        None,
        "0.4128",
    );
    check(
        &b,
        "dashscope qwen-flash",
        &[(Input, 256_001), (Output, 1_000_000)],
        Some(256_000),
        "2.06400025",
    );
    check(
        &b,
        "dashscope qwen-flash",
        &[(Input, 2_000_000)],
        Some(256_000),
        "0.50",
    );
    // Rows without a price of cached input: it costs as input of the same row.
    check(
        &b,
        "dashscope qwen-flash",
        &[(CacheRead, 256_001)],
        Some(256_000),
        "0.06400025",
    );
    // Claude Opus 4.6 had a price for large requests until 13 March 2026.
    let large = [(Input, 300_000)];
    for (day, expected) in [("2026-03-12", "3.00"), ("2026-03-13", "1.50")] {
        assert_eq!(
            call(&g, "", "claude-opus-4-6", &large, day)
                .unwrap()
                .amount
                .number(),
            expected
        );
    }
}

/// Costs of requests of many sizes, days and models, computed by genai-prices' own program.
#[test]
fn the_answers_of_genai_prices_itself() {
    const ANSWERS: &str = include_str!("model_costs_data/genai_prices_0.2.3.csv");
    let Some(dir) = data() else { return };
    let g = book(&dir, G).costs;
    let classes = [
        TokenClass::Input,
        TokenClass::CacheRead,
        TokenClass::CacheWrite,
        TokenClass::Output,
        TokenClass::Reasoning,
    ];
    let mut checked = 0;
    for row in ANSWERS
        .lines()
        .filter(|line| !line.starts_with('#'))
        .skip(1)
    {
        let fields: Vec<&str> = row.split(',').collect();
        let counts: Vec<(TokenClass, i64)> = classes
            .iter()
            .zip(&fields[2..7])
            .map(|(class, n)| (*class, n.parse().unwrap()))
            .collect();
        let priced = call(&g, fields[0], fields[1], &counts, fields[7]);
        let amount = priced.unwrap_or_else(|e| panic!("{row}: {e}")).amount;
        assert_eq!(amount.value(), fields[8].parse().unwrap(), "{row}");
        checked += 1;
    }
    assert!(checked > 150, "{checked}");
}

/// The same for LiteLLM, whose program computes in binary floats: equal to a billionth.
#[test]
fn the_answers_of_litellm_itself() {
    const ANSWERS: &str = include_str!("model_costs_data/litellm_1.109.1.csv");
    let Some(dir) = data() else { return };
    let b = book(&dir, B).costs;
    let classes = [
        TokenClass::Input,
        TokenClass::CacheRead,
        TokenClass::CacheWrite,
        TokenClass::InputAudio,
        TokenClass::Output,
        TokenClass::Reasoning,
    ];
    let close: money::Decimal = "0.000000001".parse().unwrap();
    let mut checked = 0;
    for row in ANSWERS
        .lines()
        .filter(|line| !line.starts_with('#'))
        .skip(1)
    {
        let fields: Vec<&str> = row.split(',').collect();
        let counts: Vec<(TokenClass, i64)> = classes
            .iter()
            .zip(&fields[2..8])
            .map(|(class, n)| (*class, n.parse().unwrap()))
            .collect();
        let expected: money::Decimal = fields[8].parse().unwrap();
        for provider in [fields[0], ""] {
            let priced = call(&b, provider, fields[1], &counts, "2026-11-20");
            let amount = priced.unwrap_or_else(|e| panic!("{row}: {e}")).amount;
            let off = amount.value().minus(expected).unwrap().magnitude();
            assert!(off < close, "{row}: {amount}");
        }
        checked += 1;
    }
    assert!(checked > 150, "{checked}");
}

#[test]
fn prices_of_the_day() {
    let Some(dir) = data() else { return };
    let g = book(&dir, G).costs;
    for (day, expected) in [("2025-06-09", "10.00"), ("2025-06-10", "2.00")] {
        assert_eq!(
            million(&g, "openai", "o3", TokenClass::Input, day),
            expected
        );
    }
}

/// The three books one after another: old usage is priced by the book of its time.
#[test]
fn retired_models_are_priced_with_the_book_of_their_time() {
    let Some(dir) = data() else { return };
    let (a, b, g) = (
        book(&dir, A).costs,
        book(&dir, B).costs,
        book(&dir, G).costs,
    );
    let input = [(TokenClass::Input, 1_000_000)];
    // Absent from 1.109.1 by that name, and no neighbour is guessed at.
    let found = call(
        &b,
        "anthropic",
        "claude-sonnet-4-20250514",
        &input,
        "2026-11-20",
    );
    assert!(
        matches!(found, Err(Unpriced::UnknownModel { .. })),
        "{found:?}"
    );
    // Listed by the book of August 2026, hence priced after the later book too, and marked.
    let all = a.followed_by(&g).unwrap().followed_by(&b).unwrap();
    let priced = call(
        &all,
        "anthropic",
        "claude-sonnet-4-20250514",
        &input,
        "2026-11-20",
    )
    .unwrap();
    assert_eq!(priced.amount.number(), "3.00");
    assert_eq!(priced.last_seen, Some(g.date()));
    // Listed in February 2025 only.
    let found = call(
        &b,
        "anthropic",
        "claude-3-opus-20240229",
        &input,
        "2025-03-01",
    );
    assert!(
        matches!(found, Err(Unpriced::UnknownModel { .. })),
        "{found:?}"
    );
    let both = a.followed_by(&b).unwrap();
    let priced = call(
        &both,
        "anthropic",
        "claude-3-opus-20240229",
        &input,
        "2026-11-20",
    )
    .unwrap();
    assert_eq!(priced.amount.number(), "15.00");
    assert_eq!(priced.last_seen, Some(a.date()));
    // Cheaper in the later book: each day its own price.
    for (day, expected) in [("2026-11-11", "2.75"), ("2026-11-12", "2.50")] {
        let found = million(&both, "azure", "gpt-4o-2024-11-20", TokenClass::Input, day);
        assert_eq!(found, expected);
    }
    // Before the first book nothing is known.
    let found = call(&both, "azure", "gpt-4o-2024-11-20", &input, "2025-01-01");
    assert!(
        matches!(found, Err(Unpriced::BeforeFirstDate { .. })),
        "{found:?}"
    );
}

/// Before the later book's date the earlier one answers, from it on the later one, and the earlier
/// one where the later does not know the model: for every name in either.
#[test]
fn books_one_after_another_answer_as_each_would() {
    let Some(dir) = data() else { return };
    let (b, g) = (book(&dir, B).costs, book(&dir, G).costs);
    let both = g.followed_by(&b).unwrap();
    let input = [(TokenClass::Input, 1000)];
    let ask = |costs: &ModelCosts, provider: &str, model: &str, day: &str| {
        call(costs, provider, model, &input, day).map(|priced| priced.amount)
    };
    let mut asked = 0;
    for entry in g.models().iter().chain(b.models()) {
        let (provider, model) = (
            entry.provider.as_deref().unwrap_or(""),
            entry.model.as_str(),
        );
        if provider.is_empty() {
            continue; // a bare name may find another book's model of that name
        }
        let earlier = ask(&g, provider, model, "2026-11-11");
        if let (Ok(expected), true) = (&earlier, exactly(&g, provider, model)) {
            assert_eq!(
                ask(&both, provider, model, "2026-11-11").as_ref(),
                Ok(expected),
                "{provider} {model}"
            );
            asked += 1;
        }
        let later = if exactly(&b, provider, model) {
            ask(&b, provider, model, "2026-11-12")
        } else {
            ask(&g, provider, model, "2026-11-12")
        };
        if let Ok(expected) = &later {
            assert_eq!(
                ask(&both, provider, model, "2026-11-12").as_ref(),
                Ok(expected),
                "{provider} {model}"
            );
            asked += 1;
        }
    }
    assert!(asked > 4_000, "{asked}");
}

/// Whether a book knows the model of that provider without changing its name.
fn exactly(costs: &ModelCosts, provider: &str, model: &str) -> bool {
    call(
        costs,
        provider,
        model,
        &[(TokenClass::Input, 1)],
        "2026-11-12",
    )
    .is_ok_and(|priced| {
        priced.matched.with_provider
            && matches!(priced.matched.through[..], [] | [Through::Pattern])
    })
}

#[test]
fn names_of_other_systems_are_found() {
    let Some(dir) = data() else { return };
    let b = book(&dir, B).costs;
    let input = [(TokenClass::Input, 1_000_000)];
    for (provider, model, through) in [
        ("azure.ai.openai", "gpt-4o-2024-11-20", &[][..]),
        ("", "azure/gpt-4o-2024-11-20", &[Through::Prefix]),
        (
            "aws.bedrock",
            "anthropic.claude-sonnet-4-20250514-v1:0",
            &[],
        ),
        ("", "anthropic.claude-sonnet-4-20250514-v1:0", &[]),
        ("gcp.vertex_ai", "gemini-2.5-pro", &[]),
        ("x_ai", "grok-4.3", &[]),
        ("", "deepseek/deepseek-chat", &[Through::Prefix]),
        (
            "anthropic",
            "claude-sonnet-4-5-2025-09-29",
            &[Through::DateSpelling],
        ),
        (
            "anthropic",
            "claude-sonnet-4-6-20260217",
            &[Through::DateDropped],
        ),
    ] {
        let priced = call(&b, provider, model, &input, "2026-11-20");
        let priced = priced.unwrap_or_else(|e| panic!("{provider} {model}: {e}"));
        assert_eq!(priced.matched.through, through, "{provider} {model}");
    }
}

#[test]
fn an_imported_book_is_a_document() {
    let Some(dir) = data() else { return };
    for name in [A, B, G] {
        let costs = book(&dir, name).costs;
        let again = ModelCosts::parse(&costs.to_toml()).unwrap();
        assert_eq!(again.models(), costs.models());
        assert_eq!(again.digest(), costs.digest());
    }
}

#[test]
fn bad_books_are_refused() {
    let date: Date = "2026-01-01".parse().unwrap();
    let origin = Origin {
        id: "x",
        name: "X",
        date,
    };
    assert!(matches!(
        litellm("[]", &origin, None),
        Err(ImportError::Shape { .. })
    ));
    assert!(matches!(
        litellm("{", &origin, None),
        Err(ImportError::Json(_))
    ));
    assert!(matches!(
        genai_prices("{}", &origin),
        Err(ImportError::Shape { .. })
    ));
    assert!(matches!(
        genai_prices("[{}]", &origin),
        Err(ImportError::Shape { .. })
    ));
    assert!(matches!(text(&[0xff, 0xfe]), Err(ImportError::NotText)));
    assert!(matches!(text(&[0x1f, 0x8b, 0]), Err(ImportError::Io(_))));
    assert!(matches!(
        text(&vec![b' '; 64 * 1024 * 1024 + 1]),
        Err(ImportError::TooLarge)
    ));
}

#[test]
fn bounds_of_a_book_are_kept() {
    let origin = Origin {
        id: "x",
        name: "X",
        date: "2026-01-01".parse().unwrap(),
    };
    let import = |model: &str| {
        genai_prices(&format!(r#"[{{"id": "p", "models": [{model}]}}]"#), &origin).unwrap()
    };
    let day = |n: i32| format!("2026-{:02}-{:02}", 1 + n / 28, 1 + n % 28);
    let dated = |n: i32| -> String {
        (0..n)
            .map(|n| {
                format!(
                    r#", {{"constraint": {{"start_date": "{}"}}, "prices": {{"input_mtok": 2}}}}"#,
                    day(n)
                )
            })
            .collect()
    };
    let model = |n| {
        format!(
            r#"{{"id": "m", "prices": [{{"prices": {{"input_mtok": 1}}}}{}]}}"#,
            dated(n)
        )
    };
    assert_eq!(import(&model(31)).report.imported, 1);
    assert_eq!(
        import(&model(32)).report.skipped[&Skip::OtherCondition],
        ["p/m"]
    );
    let nested = |depth: usize| {
        let rule = format!(
            "{}{{\"equals\": \"name\"}}{}",
            "{\"or\": [".repeat(depth),
            "]}".repeat(depth)
        );
        import(&format!(
            r#"{{"id": "m", "match": {rule}, "prices": {{"input_mtok": 1}}}}"#
        ))
    };
    assert!(
        call(
            &nested(8).costs,
            "p",
            "name",
            &[(TokenClass::Input, 1)],
            "2026-01-01"
        )
        .is_ok()
    );
    assert_eq!(nested(9).report.rules_not_imported.len(), 1);
}

#[test]
fn small_books() {
    let origin = Origin {
        id: "x",
        name: "X",
        date: "2026-01-01".parse().unwrap(),
    };
    let book = r#"{
        "p/a": {"litellm_provider": "p", "input_cost_per_token": "3e-7", "output_cost_per_token": 1.5e-06},
        "a": {"litellm_provider": "p", "input_cost_per_token": 3e-07, "output_cost_per_token": 0.0000015},
        "b": {"litellm_provider": "p", "input_cost_per_token": 1e-06, "input_cost_per_token_cache_hit": 1e-07},
        "p/b": {"litellm_provider": "p", "input_cost_per_token": 2e-06},
        "xai/g": {"litellm_provider": "xai", "input_cost_per_token": 1e-06, "input_cost_per_token_above_128k_tokens": 2e-06},
        "neg": {"litellm_provider": "p", "input_cost_per_token": -1e-06},
        "bad": {"litellm_provider": "p", "input_cost_per_token": true},
        "img": {"litellm_provider": "p", "output_cost_per_image": 0.04},
        "nul": {"litellm_provider": "p", "input_cost_per_token": null}
    }"#;
    let import = litellm(book, &origin, None).unwrap();
    assert_eq!(
        (
            import.report.listed,
            import.report.imported,
            import.report.same_as_another
        ),
        (9, 5, 1)
    );
    assert_eq!(import.report.skipped[&Skip::BadNumber], ["neg", "bad"]);
    assert_eq!(import.report.skipped[&Skip::NotByToken], ["img", "nul"]);
    let costs = import.costs;
    assert_eq!(
        million(&costs, "p", "a", TokenClass::Input, "2026-01-01"),
        "0.30"
    );
    assert_eq!(
        million(&costs, "", "a", TokenClass::Output, "2026-01-01"),
        "1.50"
    );
    // The same name at two prices: with the provider the prefixed one, alone the bare one.
    assert_eq!(
        million(&costs, "p", "b", TokenClass::Input, "2026-01-01"),
        "2.00"
    );
    assert_eq!(
        million(&costs, "", "b", TokenClass::Input, "2026-01-01"),
        "1.00"
    );
    assert_eq!(
        million(&costs, "", "b", TokenClass::CacheRead, "2026-01-01"),
        "0.10"
    );
    // xAI's larger price begins at the threshold.
    let large = |n| call(&costs, "xai", "g", &[(TokenClass::Input, n)], "2026-01-01").unwrap();
    assert_eq!(large(127_999).amount.number(), "0.127999");
    assert_eq!(large(128_000).amount.number(), "0.256");
    let conditions = r#"[{"id": "p", "models": [
        {"id": "up", "match": {"equals": "up"}, "prices": [
            {"prices": {"input_mtok": 1}},
            {"constraint": {"start_date": "2026-02-01"}, "prices": {"input_mtok": 2}},
            {"constraint": {"start_date": "2026-03-01"}, "prices": {"input_mtok": 3}}]},
        {"id": "down", "match": {"equals": "down"}, "prices": [
            {"prices": {"input_mtok": 1}},
            {"constraint": {"start_date": "2026-03-01"}, "prices": {"input_mtok": 2}},
            {"constraint": {"start_date": "2026-02-01"}, "prices": {"input_mtok": 3}}]},
        {"id": "moon", "match": {"equals": "moon"}, "prices": [
            {"prices": {"input_mtok": 1}},
            {"constraint": {"phase": "full"}, "prices": {"input_mtok": 2}}]}
    ]}]"#;
    let import = genai_prices(conditions, &origin).unwrap();
    assert_eq!(
        import.report.skipped[&Skip::OtherCondition],
        ["p/down", "p/moon"]
    );
    for (day, price) in [
        ("2026-01-31", "1.00"),
        ("2026-02-01", "2.00"),
        ("2026-03-01", "3.00"),
    ] {
        assert_eq!(
            million(&import.costs, "p", "up", TokenClass::Input, day),
            price
        );
    }
}
