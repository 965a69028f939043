//! Costs that were metered and costs that were billed, through the command line.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

mod support;

use std::path::Path;

use support::{TestBook, data, number};

const PRICE: &str = "id = \"p\"\nversion = 1\ncurrency = \"USD\"\n[[component]]\nid = \"platform\"\nkind = \"platform\"\namount = 10\n";
const COLUMNS: &str = "BilledCost,BillingAccountId,BillingCurrency,BillingPeriodStart,ChargeCategory,ChargeClass,ChargeDescription,ChargePeriodEnd,ChargePeriodStart,ConsumedUnit,EffectiveCost,PricingCategory,PricingUnit,ProviderName,RegionId,ResourceId,ServiceCategory,ServiceName,SkuId,SubAccountId,Tags";

/// A bill of charges: day, provider, category, article, amount.
fn bill(charges: &[(&str, &str, &str, &str, &str)]) -> String {
    let mut text = format!("{COLUMNS}\n");
    for (day, provider, category, article, amount) in charges {
        text.push_str(&format!(
            "{amount},1,USD,2026-02-01T00:00:00Z,Usage,,{article},{day}T23:59:59Z,{day}T00:00:00Z,Tokens,{amount},Standard,Tokens,{provider},,,{category},Models,{article},,\n"
        ));
    }
    text
}

const AI: &str = "AI and Machine Learning";

/// A call that cost an amount, as a line of JSON.
fn call(id: u32, day: &str, provider: &str, model: &str, amount: &str) -> String {
    format!(
        r#"{{"specversion":"1.0","id":"{id}","source":"litellm","type":"piecework.cost.recorded.v1","subject":"acme","time":"{day}T10:00:00Z","data":{{"line":"model","provider":"{provider}","model":"{model}","amount":"{amount} USD"}}}}"#
    )
}

fn book() -> TestBook {
    let book = TestBook::planned("definitions/fin.toml", PRICE, "2026-03-03T09:00:00Z");
    let calls = [
        call(1, "2026-02-02", "openai", "gpt-4o", "6.00"),
        call(2, "2026-02-02", "openai", "gpt-4o", "0.20"),
        call(3, "2026-02-03", "openai", "gpt-4o", "1.50"),
        call(4, "2026-02-03", "anthropic", "claude-x", "9.00"),
        call(5, "2026-01-31", "openai", "gpt-4o", "7.00"),
    ];
    let calls = book.file("calls.jsonl", &calls.join("\n"));
    book.well(&["ingest", calls.to_str().unwrap()]);
    book.file(
        "bill.csv",
        &bill(&[
            ("2026-02-02", "OpenAI", AI, "gpt-4o", "6.50"),
            ("2026-02-03", "OpenAI", AI, "gpt-4o", "1.25"),
            ("2026-02-04", "OpenAI", AI, "gpt-4o", "0.75"),
            ("2026-02-04", "OpenAI", "Storage", "files", "0.40"),
            ("2026-01-31", "OpenAI", AI, "gpt-4o", "-0.05"),
        ]),
    );
    book
}

const TRUE_UP: [&str; 5] = ["cost", "true-up", "bill.csv", "--period", "2026-02"];

/// 6.50 - 6.20, 1.25 - 1.50, 0.75 - 0: 0.80 that the meter missed, all told.
#[test]
fn a_month_beside_its_bill() {
    let book = book();
    let text = book.well(&TRUE_UP);
    insta::assert_snapshot!(text);
    let json = book.json(&TRUE_UP);
    assert_eq!(number(&json["metered"]), "7.70");
    assert_eq!(number(&json["billed"]), "8.50");
    assert_eq!(number(&json["difference"]), "0.80");
    let of_rows: Vec<String> = json["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            format!(
                "{} {}",
                row["from"].as_str().unwrap(),
                number(&row["difference"])
            )
        })
        .collect();
    assert_eq!(
        of_rows,
        ["2026-02-04 0.75", "2026-02-02 0.30", "2026-02-03 -0.25"]
    );
    let by_month = book.json(&[&TRUE_UP[..], &["--by", "month"]].concat());
    assert_eq!(by_month["rows"].as_array().unwrap().len(), 1);
    assert_eq!(number(&by_month["rows"][0]["difference"]), "0.80");
}

/// With the differences the costs of the book are the bill's, and there is nothing left to true up.
#[test]
fn recorded_differences_bring_the_book_to_the_bill() {
    let book = book();
    book.well(&[&TRUE_UP[..], &["--events", "differences.jsonl"]].concat());
    book.well(&["ingest", "differences.jsonl"]);
    let json = book.json(&TRUE_UP);
    assert_eq!(number(&json["difference"]), "0.00");
    assert_eq!(number(&json["metered"]), "8.50");
    // 8.50 of the bill and 9.00 of another provider.
    let margin = book.json(&["margin", "--period", "2026-02"]);
    assert_eq!(number(&margin["cost"]), "17.50");
    // Again is nothing: there are no differences to write.
    book.well(&[&TRUE_UP[..], &["--events", "differences.jsonl"]].concat());
    let again = std::fs::read_to_string(book.path().join("differences.jsonl")).unwrap();
    assert_eq!(again, "");
}

/// A bill that was imported beside metered calls is the same money twice, and says so.
#[test]
fn a_bill_in_the_book_beside_its_calls_is_counted_twice() {
    let book = book();
    book.well(&["import", "--map", "focus", "bill.csv"]);
    let text = book.well(&TRUE_UP);
    assert!(
        text.contains("counted twice: 8.50 USD in 3 entries"),
        "{text}"
    );
    let ran = book.run(&[&TRUE_UP[..], &["--events", "x.jsonl"]].concat());
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.contains("would count them"), "{}", ran.stderr);
    assert!(!Path::new(&book.path().join("x.jsonl")).exists());
}

#[test]
fn a_bill_without_models_and_a_row_that_cannot_be_read() {
    let book = book();
    book.file(
        "storage.csv",
        &bill(&[("2026-02-04", "AWS", "Storage", "files", "0.40")]),
    );
    let text = book.well(&["cost", "true-up", "storage.csv", "--period", "2026-02"]);
    assert!(
        text.contains("the bill has no charge for a model in this month"),
        "{text}"
    );
    let broken = bill(&[
        ("2026-02-04", "OpenAI", AI, "gpt-4o", "much"),
        ("2026-02-04", "OpenAI", AI, "gpt-4o", "1.00"),
    ]);
    book.file("broken.csv", &broken);
    let ran = book.run(&["cost", "true-up", "broken.csv", "--period", "2026-02"]);
    assert_eq!(ran.code, Some(3));
    assert!(
        ran.stdout.contains("refused  broken.csv:2"),
        "{}",
        ran.stdout
    );
    for (arguments, problem) in [
        (
            ["cost", "true-up", "bill.csv", "--period", "February"],
            "is not a month",
        ),
        (
            ["cost", "true-up", "none.csv", "--period", "2026-02"],
            "none.csv",
        ),
    ] {
        let ran = book.run(&arguments);
        assert_eq!(ran.code, Some(1));
        assert!(ran.stderr.contains(problem), "{}", ran.stderr);
    }
}

/// The real bill of 1,000 charges: imported, it is the cost of nobody; shared by counted works it is the
/// cost of the works, to the last digit; imported again it is nothing.
#[test]
fn a_real_bill_flows_through_the_rule_for_shared_costs() {
    let Some(sample) = data("focus-cost-sample") else {
        return;
    };
    let sample = sample.join("focus_1_0_sample.csv");
    let sample = sample.to_str().unwrap();
    let book = TestBook::planned("definitions/fin.toml", PRICE, "2024-10-03T09:00:00Z");
    for (work, customer) in [("T-1", "acme"), ("T-2", "acme"), ("T-3", "globex")] {
        let at = "2024-09-05T09:00:00Z";
        book.well(&["record", "done", work, "--customer", customer, "--at", at]);
    }
    let told = book.json(&["import", "--map", "focus", sample]);
    assert_eq!(
        (&told["accepted"], &told["refused"]),
        (&61.into(), &0.into())
    );
    let again = book.json(&["import", "--map", "focus", sample]);
    assert_eq!(
        (&again["duplicate"], &again["accepted"]),
        (&61.into(), &0.into())
    );
    let kept = book.json(&["margin", "--period", "2024-09"]);
    assert_eq!(number(&kept["cost"]), "14.97651418586");
    assert_eq!(kept["unassigned"]["entries"], 61);
    let shared = book.json(&[
        "margin",
        "--period",
        "2024-09",
        "--unassigned",
        "by_counted",
    ]);
    assert_eq!(number(&shared["cost"]), "14.97651418586");
    let rows = shared["tables"][0]["rows"].as_array().unwrap();
    let costs: Vec<(&str, &str)> = rows
        .iter()
        .map(|row| (row["name"].as_str().unwrap(), number(&row["cost"])))
        .collect();
    // Two works of three, and one: of infra 15.12841174764 exactly, of the models -0.15189756178 with the
    // last digit to the first work.
    assert_eq!(
        costs,
        [("acme", "9.98434279057"), ("globex", "4.99217139529")]
    );
    // Charges for models are on the bill, and nothing was metered.
    let text = book.well(&["cost", "true-up", sample, "--period", "2024-09"]);
    assert!(text.contains("in the book: -0.151898 USD in"), "{text}");
}
