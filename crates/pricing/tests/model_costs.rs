//! Model costs: look-up rules, exactness, dates, the document, one book after another.
#![allow(clippy::unwrap_used)]

use money::{Decimal, Quantity};
use piecework_pricing::model_costs::{ModelCosts, Pattern, Through, Unpriced, canonical_provider};
use proptest::prelude::*;
use work::body::{TokenClass, Tokens};

const BOOK: &str = r#"
[model_costs]
title = "Test"
date = 2026-01-01
currency = "USD"

[[source]]
id = "list"
name = "Price list"
date = 2026-01-01
priced_as = { cache_read = "input", reasoning = "output" }

[[source]]
id = "strict"
name = "A list that says nothing about missing classes"
date = 2026-01-01

[[model]]
provider = "openai"
model = "gpt-4o"
bare = true
aliases = ["chat-large"]
from = 2025-02-08
source = "list"
per_million = { input = "2.50", output = "10", cache_read = "1.25" }

[[model]]
provider = "azure"
model = "gpt-4o-2024-11-20"
from = 2025-02-08
source = "list"
per_million = { input = "2.75", output = "11" }

[[model]]
provider = "openai"
model = "o3"
until = 2025-06-10
source = "list"
per_million = { input = "10", output = "40" }

[[model]]
provider = "openai"
model = "o3"
from = 2025-06-10
source = "list"
per_million = { input = "2", output = "8" }

[[model]]
provider = "gemini"
model = "gemini-2.5-pro"
bare = true
patterns = ["gemini-2.5-pro-*"]
source = "list"
per_million = { input = "1.25", output = "10", cache_read = "0.125" }
above = [{ input_tokens = 200000, per_million = { input = "2.5", output = "15" } }]

[[model]]
provider = "anthropic"
model = "claude-3-5-haiku-20241022"
bare = true
source = "strict"
per_million = { input = "0.80", output = "4" }

[[model]]
provider = "one"
model = "shared"
bare = true
source = "list"
per_million = { input = "1" }

[[model]]
provider = "two"
model = "shared"
bare = true
source = "list"
per_million = { input = "2" }

[[model]]
model = "in-house"
source = "strict"
per_million = { input = "0", output = "0.000001" }
"#;

fn book() -> ModelCosts {
    ModelCosts::parse(BOOK).unwrap()
}

fn tokens(counts: &[(TokenClass, i64)]) -> Tokens {
    counts
        .iter()
        .map(|(class, count)| (*class, Quantity::from_int(*count)))
        .collect()
}

fn io(input: i64, output: i64) -> Tokens {
    tokens(&[(TokenClass::Input, input), (TokenClass::Output, output)])
}

const DAY: &str = "2026-02-03T04:05:06Z";

/// Prices a call; the amount as text, or the reason.
fn price(provider: &str, model: &str, tokens: &Tokens, at: &str) -> Result<String, Unpriced> {
    let provider = (!provider.is_empty()).then_some(provider);
    book()
        .price(provider, model, tokens, at.parse().unwrap())
        .map(|p| p.amount.to_string())
}

#[test]
fn look_up_rules() {
    let check = |provider: &str, model: &str, expected: Option<(&str, bool, &[Through])>| {
        let named = (!provider.is_empty()).then_some(provider);
        let found = book().price(named, model, &io(1_000_000, 0), DAY.parse().unwrap());
        match (found, expected) {
            (Ok(priced), Some((amount, with_provider, through))) => {
                assert_eq!(priced.amount.number(), amount, "{provider} {model}");
                assert_eq!(
                    priced.matched.with_provider, with_provider,
                    "{provider} {model}"
                );
                assert_eq!(priced.matched.through, through, "{provider} {model}");
            }
            (Err(Unpriced::UnknownModel { model: said, .. }), None) => assert_eq!(said, model),
            (found, expected) => panic!("{provider} {model}: {found:?}, expected {expected:?}"),
        }
    };
    // (1) provider and name, by any of the provider's names; alias; then the name alone.
    check("openai", "gpt-4o", Some(("2.50", true, &[])));
    check("OpenAI", "GPT-4o", Some(("2.50", true, &[])));
    check("azure", "gpt-4o-2024-11-20", Some(("2.75", true, &[])));
    check(
        "azure.ai.openai",
        "gpt-4o-2024-11-20",
        Some(("2.75", true, &[])),
    );
    check("", "gpt-4o", Some(("2.50", false, &[])));
    check("", "chat-large", Some(("2.50", false, &[])));
    check("my-gateway", "gpt-4o", Some(("2.50", false, &[])));
    check("my-gateway", "in-house", Some(("0.00", false, &[])));
    // (2) `provider/` in front of the name.
    check(
        "",
        "azure/gpt-4o-2024-11-20",
        Some(("2.75", true, &[Through::Prefix])),
    );
    check(
        "openrouter",
        "openai/gpt-4o",
        Some(("2.50", true, &[Through::Prefix])),
    );
    check(
        "",
        "openrouter/openai/gpt-4o",
        Some(("2.50", true, &[Through::Prefix])),
    );
    check(
        "litellm",
        "one/shared",
        Some(("1.00", true, &[Through::Prefix])),
    );
    // (3) patterns of the source.
    check(
        "google",
        "gemini-2.5-pro-preview",
        Some(("2.50", true, &[Through::Pattern])),
    );
    check(
        "",
        "gcp.gemini/gemini-2.5-pro-x",
        Some(("2.50", true, &[Through::Prefix, Through::Pattern])),
    );
    // (4) the date spelt differently.
    check(
        "anthropic",
        "claude-3-5-haiku@20241022",
        Some(("0.80", true, &[Through::DateSpelling])),
    );
    check(
        "anthropic",
        "claude-3-5-haiku-2024-10-22",
        Some(("0.80", true, &[Through::DateSpelling])),
    );
    // (5) the base model, where only it is listed.
    check(
        "openai",
        "gpt-4o-2026-01-15",
        Some(("2.50", true, &[Through::DateDropped])),
    );
    check(
        "",
        "openai/gpt-4o-20260115",
        Some(("2.50", true, &[Through::Prefix, Through::DateDropped])),
    );
    // Never fuzzy: not a longer name, a shorter one, another date, an unknown prefix.
    for (provider, model) in [
        ("openai", "gpt-4o-mini"),
        ("openai", "gpt-4"),
        ("openai", "gpt-4o "),
        ("anthropic", "claude-3-5-haiku"),
        ("anthropic", "claude-3-5-haiku-20250101"),
        ("", "nobody/gpt-4o"),
        ("", "azure/"),
        ("", ""),
    ] {
        check(provider, model, None);
    }
}

#[test]
fn the_name_of_another_providers_model_is_not_guessed_between_different_prices() {
    assert_eq!(
        price("", "shared", &io(1, 0), DAY),
        Err(Unpriced::Ambiguous {
            model: "shared".into(),
            providers: vec!["one".into(), "two".into()],
        })
    );
    assert_eq!(
        price("two", "shared", &io(1_000_000, 0), DAY).unwrap(),
        "2.00 USD"
    );
}

#[test]
fn prices_change_on_their_day() {
    let million = io(1_000_000, 1_000_000);
    assert_eq!(
        price("openai", "o3", &million, "2025-06-09T23:59:59Z").unwrap(),
        "50.00 USD"
    );
    assert_eq!(
        price("openai", "o3", &million, "2025-06-10T00:00:00Z").unwrap(),
        "10.00 USD"
    );
    // The day is UTC's.
    assert_eq!(
        price("openai", "o3", &million, "2025-06-10T01:00:00+02:00").unwrap(),
        "50.00 USD"
    );
    assert_eq!(
        price("openai", "gpt-4o", &million, "2025-02-07T12:00:00Z"),
        Err(Unpriced::BeforeFirstDate {
            model: "gpt-4o".into(),
            first: "2025-02-08".parse().unwrap()
        })
    );
}

#[test]
fn classes_are_priced_apart_and_fall_back_only_where_the_source_says_so() {
    let mixed = tokens(&[
        (TokenClass::Input, 1000),
        (TokenClass::CacheRead, 100),
        (TokenClass::Output, 10),
        (TokenClass::Reasoning, 1),
    ]);
    let priced = book()
        .price(Some("openai"), "gpt-4o", &mixed, DAY.parse().unwrap())
        .unwrap();
    // 1000 x 2.5 + 100 x 1.25 + 10 x 10 + 1 x 10 (reasoning as output) = 2735 per million.
    assert_eq!(priced.amount.to_string(), "0.002735 USD");
    let of = |class| {
        priced
            .rates
            .iter()
            .find(|used| used.class == class)
            .unwrap()
    };
    assert_eq!(of(TokenClass::CacheRead).priced_as, TokenClass::CacheRead);
    assert_eq!(of(TokenClass::Reasoning).priced_as, TokenClass::Output);
    // The azure entry has no cache price: its source says that cached input costs as input.
    let cached = tokens(&[(TokenClass::CacheRead, 1_000_000)]);
    assert_eq!(
        price("azure", "gpt-4o-2024-11-20", &cached, DAY).unwrap(),
        "2.75 USD"
    );
    // This source says nothing, so nothing is assumed.
    assert_eq!(
        price("anthropic", "claude-3-5-haiku-20241022", &cached, DAY),
        Err(Unpriced::NoRate {
            model: "claude-3-5-haiku-20241022".into(),
            class: TokenClass::CacheRead,
        })
    );
    // No class falls back to another parent, and audio is not in this source's list.
    let audio = tokens(&[(TokenClass::InputAudio, 1)]);
    assert!(matches!(
        price("openai", "gpt-4o", &audio, DAY),
        Err(Unpriced::NoRate { .. })
    ));
    // A class that did not occur needs no rate.
    let zero = tokens(&[(TokenClass::Input, 2_000_000), (TokenClass::CacheRead, 0)]);
    assert_eq!(
        price("anthropic", "claude-3-5-haiku-20241022", &zero, DAY).unwrap(),
        "1.60 USD"
    );
}

#[test]
fn a_large_request_pays_the_higher_rate_on_all_its_tokens() {
    let check = |input: i64, cached: i64, output: i64, expected: &str| {
        let counts = tokens(&[
            (TokenClass::Input, input),
            (TokenClass::CacheRead, cached),
            (TokenClass::Output, output),
        ]);
        assert_eq!(
            price("gemini", "gemini-2.5-pro", &counts, DAY).unwrap(),
            expected
        );
    };
    check(200_000, 0, 1_000, "0.26 USD");
    check(200_001, 0, 1_000, "0.5150025 USD");
    // Cached input counts for the size; its rate, which the tier does not name, stays.
    check(100_000, 100_001, 1_000, "0.277500125 USD");
    // Output does not.
    check(200_000, 0, 100_000, "1.25 USD");
}

#[test]
fn no_tokens_and_no_entry_are_unpriced_never_zero() {
    let none = Tokens::new();
    assert_eq!(
        price("openai", "gpt-4o", &none, DAY),
        Err(Unpriced::NoTokens {
            model: "gpt-4o".into()
        })
    );
    assert!(matches!(
        price("openai", "gpt-4o", &io(0, 0), DAY),
        Err(Unpriced::NoTokens { .. })
    ));
    let error = price("acme", "mystery", &io(1, 1), DAY).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no model cost for `acme/mystery`; add an entry for it"
    );
}

#[test]
fn an_overflow_is_a_reason_not_a_wrap() {
    let huge: Tokens = [(TokenClass::Input, Decimal::new(i128::MAX, 0).unwrap())]
        .into_iter()
        .collect();
    assert_eq!(
        price("openai", "gpt-4o", &huge, DAY),
        Err(Unpriced::Overflow {
            model: "gpt-4o".into()
        })
    );
    assert_eq!(
        price("gemini", "gemini-2.5-pro", &huge, DAY),
        Err(Unpriced::Overflow {
            model: "gemini-2.5-pro".into()
        })
    );
}

#[test]
fn a_document_prints_and_reads_back() {
    let book = book();
    let text = book.to_toml();
    let again = ModelCosts::parse(&text).unwrap();
    assert_eq!(again.models(), book.models());
    assert_eq!(again.sources(), book.sources());
    assert_eq!(
        (again.title(), again.date(), again.currency()),
        (book.title(), book.date(), book.currency())
    );
    assert_eq!(again.to_toml(), text);
    assert_eq!(again.digest(), work::Digest::of(text.as_bytes()));
    assert_ne!(
        again.digest(),
        book.digest(),
        "the digest is that of the text"
    );
}

/// Every fault, with the text it points at.
fn faults(text: &str) -> Vec<(String, String)> {
    let error = ModelCosts::parse(text).unwrap_err();
    error
        .faults
        .into_iter()
        .map(|f| {
            (
                text[f.span].lines().next().unwrap_or("").to_owned(),
                f.problem,
            )
        })
        .collect()
}

#[test]
fn faults_point_at_their_place() {
    let head = "[model_costs]\ntitle = \"T\"\ndate = 2026-01-01\ncurrency = \"USD\"\n\
                [[source]]\nid = \"s\"\nname = \"S\"\ndate = 2026-01-01\n";
    let check = |body: &str, at: &str, problem: &str| {
        let found = faults(&format!("{head}{body}"));
        assert!(
            found
                .iter()
                .any(|(text, said)| text == at && said.contains(problem)),
            "{body}\nexpected {problem:?} at {at:?}\nfound {found:?}"
        );
    };
    let model = "[[model]]\nmodel = \"m\"\nsource = \"s\"\n";
    check(
        &format!("{model}per_million = {{ inptu = \"1\" }}"),
        "inptu",
        "not a class of tokens",
    );
    check(
        &format!("{model}per_million = {{ input = \"1,5\" }}"),
        "\"1,5\"",
        "not a decimal number",
    );
    check(
        &format!("{model}per_million = {{ input = \"-1\" }}"),
        "\"-1\"",
        "cannot be negative",
    );
    check(
        &format!("{model}per_million = {{ input = 1.5 }}"),
        "1.5",
        "invalid type: floating point",
    );
    check(
        &format!("{model}per_million = {{}}"),
        "{}",
        "no rate is given",
    );
    check(
        &format!("{model}colour = 1\nper_million = {{ input = \"1\" }}"),
        "colour",
        "unknown field `colour`",
    );
    check(
        "[[model]]\nmodel = \"m\"\nsource = \"x\"\nper_million = { input = \"1\" }",
        "\"x\"",
        "not listed",
    );
    check(
        &format!("{model}from = 2026-02-01\nuntil = 2026-02-01\nper_million = {{ input = \"1\" }}"),
        "2026-02-01",
        "the price ends on",
    );
    check(
        &format!("{model}from = 2026-02-01T00:00:00Z\nper_million = {{ input = \"1\" }}"),
        "2026-02-01T00:00:00Z",
        "is not a date",
    );
    check(
        &format!(
            "{model}per_million = {{ input = \"1\" }}\n{model}from = 2026-02-01\nper_million = {{ input = \"2\" }}"
        ),
        "[[model]]",
        "two prices for the same day",
    );
    check(
        &format!("{model}patterns = [\"a*b\"]\nper_million = {{ input = \"1\" }}"),
        "\"a*b\"",
        "is not a pattern",
    );
    check(
        &format!(
            "{model}per_million = {{ input = \"1\" }}\nabove = [{{ input_tokens = 9, per_million = {{ input = \"1\" }} }}, \
             {{ input_tokens = 9, per_million = {{ input = \"1\" }} }}]"
        ),
        "9",
        "do not ascend",
    );
    let wrong = head.replace(
        "name = \"S\"",
        "name = \"S\"\npriced_as = { reasoning = \"input\" }",
    );
    assert_eq!(
        faults(&wrong),
        [(
            "\"input\"".to_owned(),
            "reasoning tokens cannot be priced as input".to_owned()
        )]
    );
}

#[test]
fn bounds_are_kept() {
    let long = format!("{BOOK}\n#{}", "x".repeat(8 * 1024 * 1024));
    assert!(faults(&long)[0].1.contains("at most"));
    let names: Vec<String> = (0..65).map(|n| format!("\"n{n}\"")).collect();
    let many = format!(
        "{BOOK}\n[[model]]\nmodel = \"z\"\nsource = \"list\"\naliases = [{}]\nper_million = {{ input = \"1\" }}",
        names.join(",")
    );
    assert!(
        faults(&many)[0]
            .1
            .contains("65 aliases and patterns, at most 64"),
        "{:?}",
        faults(&many)
    );
}

#[test]
fn bounds_of_the_list_are_kept() {
    let refused = |text: &str, problem: &str| {
        let found = faults(text);
        assert!(
            found.iter().any(|(_, said)| said.contains(problem)),
            "{problem}: {found:?}"
        );
    };
    let model = |n: usize| {
        format!("[[model]]\nmodel = \"m{n}\"\nsource = \"s\"\nper_million = {{ input = \"1\" }}\n")
    };
    let head = "[model_costs]\ntitle = \"T\"\ndate = 2026-01-01\ncurrency = \"USD\"\n";
    let source = |n: usize| format!("[[source]]\nid = \"s{n}\"\nname = \"S\"\ndate = 2026-01-01\n");
    let many: String = (0..50_001).map(model).collect();
    refused(&format!("{head}{many}"), "50001 models, at most 50000");
    let many: String = (0..65).map(source).collect();
    refused(&format!("{head}{many}"), "65 sources, at most 64");
    let tiers: Vec<String> = (0..9)
        .map(|n| format!("{{ input_tokens = {n}, per_million = {{ input = \"1\" }} }}"))
        .collect();
    refused(
        &format!("{head}{}above = [{}]\n", model(0), tiers.join(", ")),
        "9 context tiers, at most 8",
    );
    let long = "x".repeat(257);
    refused(
        &format!("{BOOK}\n{}", model(0).replace("m0", &long)),
        "a sensible length",
    );
    let unlisted: String = (0..60).map(model).collect();
    assert_eq!(
        faults(&format!("{head}{unlisted}")).len(),
        50,
        "so many faults are reported"
    );
    // Four providers in front of a name are read, not more.
    let deep = |n: usize| format!("{}gpt-4o", "openai/".repeat(n));
    assert!(price("", &deep(4), &io(1, 1), DAY).is_ok());
    assert!(price("", &deep(5), &io(1, 1), DAY).is_err());
}

#[test]
fn providers_have_one_canonical_name() {
    for (name, canonical) in [
        ("azure.ai.openai", "azure"),
        ("az.ai.openai", "azure"),
        ("aws.bedrock", "bedrock"),
        ("bedrock_converse", "bedrock"),
        ("gcp.vertex_ai", "vertex_ai"),
        ("vertex_ai-anthropic_models", "vertex_ai"),
        ("google", "gemini"),
        ("x-ai", "xai"),
        ("x_ai", "xai"),
        ("Mistral_AI", "mistral"),
        ("acme", "acme"),
    ] {
        assert_eq!(canonical_provider(name), canonical);
    }
}

fn small(date: &str, models: &str) -> ModelCosts {
    ModelCosts::parse(&format!(
        "[model_costs]\ntitle = \"{date}\"\ndate = {date}\ncurrency = \"USD\"\n\
         [[source]]\nid = \"s{date}\"\nname = \"S\"\ndate = {date}\n{models}"
    ))
    .unwrap()
}

fn entry(date: &str, model: &str, rest: &str, input: &str) -> String {
    format!(
        "[[model]]\nprovider = \"p\"\nmodel = \"{model}\"\nsource = \"s{date}\"\n{rest}\nper_million = {{ input = \"{input}\" }}\n"
    )
}

#[test]
fn a_later_book_counts_from_its_date_and_retired_models_keep_their_price() {
    let (d1, d2) = ("2025-02-08", "2026-11-12");
    let first = small(
        d1,
        &[
            entry(d1, "same", "from = 2025-02-08", "1"),
            entry(d1, "cheaper", "from = 2025-02-08", "3"),
            entry(d1, "retired", "from = 2025-02-08", "5"),
            entry(d1, "m-2025-01-01", "from = 2025-02-08", "7"),
            entry(
                d1,
                "base",
                "aliases = [\"base-snapshot\"]\npatterns = [\"base-x*\"]",
                "8",
            ),
        ]
        .concat(),
    );
    let second = small(
        d2,
        &[
            entry(d2, "same", "from = 2026-11-12", "1"),
            entry(d2, "cheaper", "from = 2026-11-12", "2"),
            entry(d2, "new", "", "4"),
            entry(d2, "base-snapshot", "from = 2026-11-12", "9"),
            entry(d2, "base-x1", "from = 2026-11-12", "8"),
            entry(d2, "m", "aliases = [\"m-2025-01-01\"]", "6"),
        ]
        .concat(),
    );
    let both = first.followed_by(&second).unwrap();
    let check = |model: &str, at: &str, expected: &str, last_seen: Option<&str>| {
        let priced = both
            .price(
                Some("p"),
                model,
                &io(1_000_000, 0),
                format!("{at}T12:00:00Z").parse().unwrap(),
            )
            .unwrap();
        assert_eq!(priced.amount.number(), expected, "{model} {at}");
        assert_eq!(
            priced.last_seen.map(|d| d.to_string()).as_deref(),
            last_seen,
            "{model} {at}"
        );
    };
    check("same", "2025-03-01", "1.00", None);
    check("same", "2026-12-01", "1.00", None);
    check("cheaper", "2026-11-11", "3.00", None);
    check("cheaper", "2026-11-12", "2.00", None);
    check("retired", "2026-12-01", "5.00", Some(d1));
    check("new", "2020-01-01", "4.00", None);
    // Known to the later book as an alias: its price from its date on.
    check("m-2025-01-01", "2026-11-11", "7.00", None);
    check("m-2025-01-01", "2026-11-12", "6.00", None);
    // Known to the earlier book as an alias or by a pattern.
    check("base-snapshot", "2026-11-11", "8.00", None);
    check("base-snapshot", "2026-11-12", "9.00", None);
    check("base-x1", "2024-01-01", "8.00", None);
    let same: Vec<_> = both.models().iter().filter(|m| m.model == "same").collect();
    assert_eq!(same.len(), 1, "an unchanged price is one entry");
    assert!(
        second.followed_by(&first).is_err(),
        "books follow each other in time"
    );
    assert_eq!(
        ModelCosts::parse(&both.to_toml()).unwrap().models(),
        both.models()
    );
}

#[test]
fn pattern_text() {
    for text in ["a*", "*a", "*a*"] {
        assert_eq!(Pattern::parse(text).unwrap().to_string(), text);
    }
    for text in ["a", "*", "**", "", "a*b", "a**", "***a"] {
        assert_eq!(Pattern::parse(text), None, "{text}");
    }
}

proptest! {
    /// The cost of a sum of calls is the sum of their costs, to the last digit, below the tiers.
    #[test]
    fn costs_add_up(calls in prop::collection::vec((0i64..5_000, 0i64..5_000, 1i64..2_000), 1..20)) {
        let book = book();
        let at = DAY.parse().unwrap();
        let mut sum = Decimal::ZERO;
        let mut total = [0i64; 3];
        for (input, cached, output) in &calls {
            let counts = tokens(&[(TokenClass::Input, *input), (TokenClass::CacheRead, *cached), (TokenClass::Output, *output)]);
            sum = sum.plus(book.price(None, "gpt-4o", &counts, at).unwrap().amount.value()).unwrap();
            total[0] += input; total[1] += cached; total[2] += output;
        }
        let counts = tokens(&[(TokenClass::Input, total[0]), (TokenClass::CacheRead, total[1]), (TokenClass::Output, total[2])]);
        prop_assert_eq!(book.price(None, "gpt-4o", &counts, at).unwrap().amount.value(), sum);
    }

    /// No text makes look-up or reading panic.
    #[test]
    fn any_text_is_answered(provider in "\\PC{0,12}", model in "\\PC{0,40}", text in "\\PC{0,200}") {
        let _ = book().price(Some(&provider), &model, &io(1, 1), DAY.parse().unwrap());
        let _ = ModelCosts::parse(&text);
        let _ = ModelCosts::parse(&format!("{BOOK}\n{text}"));
    }
}
