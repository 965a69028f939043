//! The reference page names every key that the readers take.

#![allow(clippy::unwrap_used)] // a test may stop at the first thing that is not there

const SOURCES: [&str; 16] = [
    include_str!("../src/plan/read.rs"),
    include_str!("../src/plan/component/indemnity.rs"),
    include_str!("../src/plan/component/metered.rs"),
    include_str!("../src/plan/component/mod.rs"),
    include_str!("../src/plan/component/outcome.rs"),
    include_str!("../src/plan/component/platform.rs"),
    include_str!("../src/plan/component/risk.rs"),
    include_str!("../src/plan/component/seats.rs"),
    include_str!("../src/plan/component/service_level.rs"),
    include_str!("../src/plan/component/aggregate.rs"),
    include_str!("../src/published/read.rs"),
    include_str!("../src/plan/price.rs"),
    include_str!("../src/contract/invoice.rs"),
    include_str!("../src/contract/phase.rs"),
    include_str!("../src/contract/read.rs"),
    include_str!("../src/contract/renewal.rs"),
];

/// The readers' methods whose first argument is a key.
const READERS: [&str; 17] = [
    "id",
    "text",
    "flag",
    "count",
    "decimal",
    "quantity",
    "share_of_percent",
    "rate",
    "amount",
    "word",
    "date",
    "table",
    "tables",
    "texts",
    "take",
    "instant",
    "line",
];

fn keys() -> Vec<&'static str> {
    let mut keys = Vec::new();
    for source in SOURCES {
        for reader in READERS {
            let call = format!(".{reader}(\"");
            keys.extend(
                source
                    .split(&call)
                    .skip(1)
                    .filter_map(|rest| rest.split('"').next()),
            );
        }
        // A price, a positive number and a percentage are read through functions of their own.
        for call in [
            "(table, \"",
            "(&table, \"",
            "(&convert, \"",
            "tiers(&form, \"",
        ] {
            keys.extend(
                source
                    .split(call)
                    .skip(1)
                    .filter_map(|rest| rest.split('"').next()),
            );
        }
    }
    keys.sort_unstable();
    keys.dedup();
    keys
}

#[test]
fn every_key_is_on_the_reference_page() {
    let page = include_str!("../../../docs/reference/plans.md");
    let keys = keys();
    assert!(
        keys.len() > 60,
        "the readers' keys were not found: {keys:?}"
    );
    let missing: Vec<&&str> = keys
        .iter()
        .filter(|key| !page.contains(&format!("`{key}`")))
        .collect();
    assert!(missing.is_empty(), "not on the page: {missing:?}");
}

#[test]
fn the_page_s_plan_is_read() {
    let page = include_str!("../../../docs/reference/plans.md");
    let plan = page
        .split("```toml\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next());
    piecework_pricing::Plan::parse(plan.expect("the page begins with a plan")).unwrap();
    let prices = page
        .split("### Prices")
        .nth(1)
        .and_then(|rest| rest.split("```toml\n").nth(1));
    let prices = prices
        .and_then(|rest| rest.split("```").next())
        .expect("the page shows prices");
    for price in prices.lines() {
        let plan = format!(
            "id = \"p\"\nversion = 1\ncurrency = \"USD\"\n[[meter]]\nid = \"m\"\nclass = \"usage\"\n\
             [[component]]\nid = \"c\"\nkind = \"metered\"\nmeter = \"m\"\n{price}\n"
        );
        piecework_pricing::Plan::parse(&plan).unwrap_or_else(|error| panic!("{price}: {error}"));
    }
}

/// Each rule that this crate decides is stated, and at least one test carries its name.
#[test]
fn every_rule_is_stated_and_tested() {
    let page = include_str!("../../../docs/reference/semantics.md");
    let tests = [
        include_str!("documents.rs"),
        include_str!("periods.rs"),
        include_str!("statement_rules.rs"),
    ]
    .concat();
    let rules = [
        "D1", "D2", "D3", "D4", "D5", "D6", "D7", "D8", "D10", "D11", "D12", "D13", "D15", "P1",
        "P2", "P3", "P4", "P5", "S12",
    ];
    for rule in rules {
        assert!(
            page.contains(&format!("**{rule}** ")),
            "{rule} is not stated"
        );
        let name = format!("fn {}_", rule.to_lowercase());
        assert!(tests.contains(&name), "{rule} has no test");
    }
}
