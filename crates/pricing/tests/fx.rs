//! Costs in another currency are converted for margins by published rates, exactly and once.
#![allow(clippy::unwrap_used)]

use jiff::Timestamp;
use money::{Amount, Currency};
use piecework_pricing::margin::{CostLedger, Counting};
use piecework_pricing::model_costs::ModelCosts;
use piecework_pricing::published::{Document, Published};
use work::Event;
use work::body::DocumentKind;
use work::effective::{Content, resolve};
use work::settle::FactRef;

fn time(text: &str) -> Timestamp {
    format!("2026-{text}T00:00:00Z").parse().unwrap()
}

fn cost(id: &str, at: &str, amount: &str) -> Event {
    let text = format!(
        "{{\"specversion\":\"1.0\",\"id\":\"{id}\",\"source\":\"desk\",\"type\":\"piecework.cost.recorded.v1\",\
         \"subject\":\"acme\",\"time\":\"{}\",\"data\":{{\"line\":\"infra\",\"amount\":\"{amount}\"}}}}",
        time(at)
    );
    Event::parse(&text).unwrap()
}

fn rate(published: &str, pair: &str, from: &str, until: Option<&str>, rate: &str) -> Published {
    let until = until.map_or(String::new(), |until| format!("until = {}\n", time(until)));
    let text = format!(
        "subject = \"{pair}\"\nfrom = {}\n{until}rate = \"{rate}\"\nsource = \"ECB of {from}\"\n",
        time(from)
    );
    Published {
        fact: FactRef {
            source: "piecework".into(),
            id: text.as_str().into(),
        },
        time: time(published),
        document: Document::parse(DocumentKind::Fx, &text).unwrap(),
    }
}

fn ledger(costs: &[Event]) -> CostLedger {
    let contents = (0..).zip(costs).map(|(entry, event)| Content {
        entry,
        event: event.clone(),
    });
    let facts = resolve(contents.collect()).facts;
    CostLedger::of(
        &facts,
        ModelCosts::built_in(),
        Currency::USD,
        Counting::Claimed,
    )
}

#[test]
fn a_cost_is_converted_by_the_rate_of_its_day_and_says_by_which() {
    let costs = [
        cost("1", "01-05", "10 EUR"),
        cost("2", "01-31", "0.10 EUR"),
        cost("3", "02-01", "10 EUR"),
        cost("4", "01-10", "5 USD"),
        cost("5", "01-10", "100 JPY"),
        cost("6", "03-01", "1 EUR"),
    ];
    let mut rates = vec![
        rate("01-02", "EUR/USD", "01-01", Some("02-01"), "1.084215"),
        rate("02-01", "EUR/USD", "02-01", Some("03-01"), "1.1"),
        // The other way round, and to another currency, convert nothing here.
        rate("01-02", "USD/JPY", "01-01", None, "150"),
        rate("01-02", "JPY/EUR", "01-01", None, "0.006"),
    ];
    for _ in 0..2 {
        let mut own = ledger(&costs);
        own.convert(&rates).unwrap();
        let summary = own.summary().unwrap();
        // 10.10 x 1.084215 = 10.9505715, and 10 x 1.1, and 5: no digit is lost.
        assert_eq!(summary.amount.to_string(), "26.9505715 USD");
        assert_eq!(summary.costed, 4);
        let left: Vec<&str> = summary.other_currencies.keys().copied().collect();
        assert_eq!(left, ["EUR", "JPY"]);
        let shown: Vec<String> = summary
            .conversions
            .iter()
            .map(|own| {
                format!(
                    "{} {} {} {} {}",
                    own.entries, own.told, own.by.rate, own.amount, own.by.source
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                "2 10.10 EUR 1.084215 10.9505715 USD ECB of 01-01",
                "1 10.00 EUR 1.1 11.00 USD ECB of 02-01",
            ]
        );
        // A second time nothing is left to convert, and the order of the rates says nothing.
        own.convert(&rates).unwrap();
        assert_eq!(own.summary().unwrap(), summary);
        rates.reverse();
    }
}

#[test]
fn of_several_rates_the_one_that_was_published_last_counts() {
    let mut own = ledger(&[cost("1", "01-05", "1 EUR")]);
    let rates = [
        rate("01-09", "EUR/USD", "01-01", None, "1.2"),
        rate("01-08", "EUR/USD", "01-04", None, "1.1"),
    ];
    own.convert(&rates).unwrap();
    let converted = own.entries[0].converted().unwrap();
    assert_eq!(
        converted.amount,
        Amount::new("1.2".parse().unwrap(), Currency::USD)
    );
    assert_eq!(converted.by.document, rates[0].document.digest);
}
