//! Recorded costs of 615 conversations against the imported price books.
//!
//! A price book is right if it gives back what was really charged. The runs of the tau2 data noted a
//! cost per message; for Claude it is tokens times list price to the last digit, for OpenAI's models
//! it is less, because cached input was cheaper and its share was not written down.
#![allow(clippy::unwrap_used)]

mod model_costs_data;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use model_costs_data::{A, B, data, json, origin};
use money::{Decimal, Rounding};
use piecework_intake::model_costs::litellm;
use pricing::model_costs::{ModelCosts, Unpriced};
use work::body::{TokenClass, Tokens};

#[derive(Default, Debug)]
struct Sum {
    messages: usize,
    equal: usize,
    recorded: Decimal,
    computed: Decimal,
    unpriced: usize,
}

fn column(headers: &csv::StringRecord, name: &str) -> usize {
    headers.iter().position(|header| header == name).unwrap()
}

/// Sums over the agents' messages, by agent model.
fn agents(dir: &Path, costs: &ModelCosts) -> BTreeMap<String, Sum> {
    let dir = dir.join("tau2-support-agents");
    let mut simulations = csv::Reader::from_path(dir.join("simulations.csv")).unwrap();
    let headers = simulations.headers().unwrap().clone();
    let (id, model) = (column(&headers, "sim_id"), column(&headers, "agent_model"));
    let models: HashMap<String, String> = simulations
        .records()
        .map(|row| {
            row.map(|row| (row[id].to_owned(), row[model].to_owned()))
                .unwrap()
        })
        .collect();
    let mut messages = csv::Reader::from_path(dir.join("messages.csv")).unwrap();
    let headers = messages.headers().unwrap().clone();
    let [id, role, input, output, cost] = [
        "sim_id",
        "role",
        "prompt_tokens",
        "completion_tokens",
        "cost_usd",
    ]
    .map(|name| column(&headers, name));
    // Half a billionth of a dollar: the recorded numbers are printed binary floats.
    let close: Decimal = "0.0000000005".parse().unwrap();
    let mut sums: BTreeMap<String, Sum> = BTreeMap::new();
    for row in messages.records() {
        let row = row.unwrap();
        if &row[role] != "assistant" {
            continue;
        }
        let model = &models[&row[id]];
        let sum = sums.entry(model.clone()).or_default();
        let counts: Tokens = [
            (TokenClass::Input, &row[input]),
            (TokenClass::Output, &row[output]),
        ]
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(class, text)| (class, text.parse().unwrap()))
        .collect();
        match costs.price(
            None,
            model,
            &counts,
            "2026-11-20T00:00:00Z".parse().unwrap(),
        ) {
            Ok(priced) => {
                let recorded: Decimal = row[cost].parse().unwrap();
                let computed = priced.amount.value();
                sum.messages += 1;
                sum.equal += usize::from(recorded.minus(computed).unwrap().magnitude() < close);
                sum.recorded = sum.recorded.plus(recorded).unwrap();
                sum.computed = sum.computed.plus(computed).unwrap();
            }
            Err(_) => sum.unpriced += 1,
        }
    }
    sums
}

/// Recorded as a percentage of computed.
fn percent(sum: &Sum) -> String {
    money::Ratio::of(
        sum.recorded.times(Decimal::from_int(100)).unwrap(),
        sum.computed,
    )
    .unwrap()
    .rounded(0, Rounding::HalfEven)
    .unwrap()
    .to_string()
}

#[test]
fn recorded_costs_are_tokens_times_list_price() {
    let Some(dir) = data() else { return };
    let costs = litellm(&json(&dir, B), &origin(B), None).unwrap().costs;
    let sums = agents(&dir, &costs);
    for (model, messages, total) in [
        ("claude-opus-4-6", 805, "38.24354"),
        ("claude-sonnet-4-5", 467, "14.443248"),
        ("claude-sonnet-4-6", 91, "3.139257"),
    ] {
        let sum = &sums[model];
        assert_eq!((sum.messages, sum.equal), (messages, messages), "{model}");
        assert_eq!(sum.computed.to_string(), total, "{model}");
    }
    for (model, share) in [
        ("gpt-4.1", "37"),
        ("gpt-5.4", "31"),
        ("azure/gpt-4o-2024-11-20", "72"),
    ] {
        assert_eq!(percent(&sums[model]), share, "{model}: {:?}", sums[model]);
    }
    // No price and no guess: a fine-tuned model is not its base model, and a message without tokens
    // is not free.
    for model in [
        "gpt-4.1 (fine-tuned tau2-full-sft)",
        "openai/gpt-oss-120b",
        "toolorchestra+gpt-5",
    ] {
        assert_eq!(sums[model].messages, 0, "{model}");
        assert!(sums[model].unpriced > 800, "{model}");
    }
}

/// The run on Azure charged the price of the earlier book, 2.75 and 11.00 per million.
#[test]
fn the_first_message_on_azure_cost_the_price_of_the_earlier_book() {
    let Some(dir) = data() else { return };
    let costs = litellm(&json(&dir, A), &origin(A), None).unwrap().costs;
    let counts: Tokens = [(TokenClass::Input, "3275"), (TokenClass::Output, "69")]
        .map(|(class, text)| (class, text.parse().unwrap()))
        .into();
    let at = "2025-12-02T14:04:06Z".parse().unwrap();
    let priced = costs
        .price(Some("azure"), "gpt-4o-2024-11-20", &counts, at)
        .unwrap();
    assert_eq!(priced.amount.to_string(), "0.00976525 USD");
    let unknown = costs.price(None, "claude-opus-4-6", &counts, at);
    assert!(matches!(unknown, Err(Unpriced::UnknownModel { .. })));
}
