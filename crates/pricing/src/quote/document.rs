//! The document of a quote: written by the book, read by whoever folds the log.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use money::{Amount, Currency};
use toml::{Table as Toml, Value};
use work::Digest;

use crate::document::{DocumentError, Faults, Table, parse};
use crate::limits::{GROUPS_MAX, QUOTE_WORDS_BYTES_MAX};
use crate::period::boundary_of;

/// What is offered, by the digests of its texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuoteDocument {
    /// The number, gapless per customer.
    pub number: String,
    /// Who may accept it.
    pub customer: String,
    /// Digest of the contract's text, which is what acceptance signs.
    pub contract: Digest,
    /// Digest of the plan's text.
    pub plan: Digest,
    /// Digests of the definitions' texts.
    pub definitions: Vec<Digest>,
    /// The currency of every price.
    pub currency: Currency,
    /// The last day on which it can be accepted, in the contract's zone.
    pub valid_until: Date,
    /// What the seller says to it.
    pub words: Option<String>,
    /// What the customer's own past comes to under it; nothing where it has none.
    pub expected: Option<Expected>,
}

/// The range of the bills of a customer's own closed periods, as if the quoted terms had held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// How many periods.
    pub periods: u32,
    /// First day of the first.
    pub from: Date,
    /// First day after the last.
    pub until: Date,
    /// The least that one of them comes to.
    pub lowest: Amount,
    /// The most.
    pub highest: Amount,
}

impl QuoteDocument {
    /// The first instant at which it cannot be accepted any more, in the zone of its contract; nothing where the zone
    /// does not have its last day.
    #[must_use]
    pub fn expires(&self, zone: &TimeZone) -> Option<Timestamp> {
        let behind = self.valid_until.tomorrow().ok()?;
        Some(boundary_of(behind, zone)?.at)
    }

    /// Reads a quote's document.
    ///
    /// # Errors
    /// [`DocumentError`] with every fault and its place in the text.
    pub fn parse(text: &str) -> Result<QuoteDocument, DocumentError> {
        let error = |faults| DocumentError {
            document: "quote",
            faults,
        };
        let root = parse(text).map_err(|fault| error(vec![fault]))?;
        let faults = Faults::default();
        let quote = read(&Table::new(root.get_ref(), root.span(), &faults));
        match quote {
            Some(quote) if faults.is_empty() => Ok(quote),
            _ => Err(error(faults.into_sorted())),
        }
    }

    /// The text that is published.
    ///
    /// # Errors
    /// Where the words cannot be written as TOML.
    pub fn to_text(&self) -> Result<String, toml::ser::Error> {
        let mut table = Toml::new();
        table.insert("number".into(), self.number.clone().into());
        table.insert("customer".into(), self.customer.clone().into());
        table.insert("contract".into(), self.contract.to_string().into());
        table.insert("plan".into(), self.plan.to_string().into());
        let definitions = self.definitions.iter();
        let definitions: Vec<Value> = definitions.map(|own| own.to_string().into()).collect();
        table.insert("definitions".into(), Value::Array(definitions));
        table.insert("currency".into(), self.currency.code().into());
        table.insert("valid_until".into(), self.valid_until.to_string().into());
        if let Some(words) = &self.words {
            table.insert("words".into(), words.clone().into());
        }
        if let Some(own) = &self.expected {
            let mut expected = Toml::new();
            expected.insert("periods".into(), Value::Integer(own.periods.into()));
            expected.insert("from".into(), own.from.to_string().into());
            expected.insert("until".into(), own.until.to_string().into());
            expected.insert("lowest".into(), own.lowest.number().into());
            expected.insert("highest".into(), own.highest.number().into());
            table.insert("expected".into(), Value::Table(expected));
        }
        toml::to_string(&table)
    }
}

fn read(root: &Table<'_>) -> Option<QuoteDocument> {
    let name = |key| {
        let text = root.need(key, root.text(key))?;
        let is_name = (1..=work::limits::ID_BYTES_MAX).contains(&text.len())
            && !text.chars().any(char::is_control);
        if !is_name {
            root.fault(key, "1 to 256 bytes, without control characters", None);
        }
        is_name.then_some(text)
    };
    let number = name("number");
    let customer = name("customer");
    let contract = root.need("contract", digest(root, "contract"));
    let plan = root.need("plan", digest(root, "plan"));
    let definitions: Vec<Digest> = root
        .texts("definitions", GROUPS_MAX)
        .iter()
        .filter_map(|text| digest_of(root, "definitions", text))
        .collect();
    let code = root.need("currency", root.text("currency"));
    let currency: Option<Currency> = code.and_then(|code| {
        code.parse()
            .map_err(|error: money::MoneyError| root.fault("currency", error.to_string(), None))
            .ok()
    });
    let valid_until = root.need("valid_until", root.date("valid_until"));
    let words = root.text("words");
    if words
        .as_ref()
        .is_some_and(|own| own.is_empty() || own.len() > QUOTE_WORDS_BYTES_MAX)
    {
        let problem = format!("1 to {QUOTE_WORDS_BYTES_MAX} bytes");
        root.fault("words", problem, None);
    }
    let expected = match (root.table("expected"), currency) {
        (Some(table), Some(currency)) => read_expected(&table, currency),
        _ => None,
    };
    root.finish();
    Some(QuoteDocument {
        number: number?,
        customer: customer?,
        contract: contract?,
        plan: plan?,
        definitions,
        currency: currency?,
        valid_until: valid_until?,
        words,
        expected,
    })
}

fn read_expected(table: &Table<'_>, currency: Currency) -> Option<Expected> {
    let periods = table.need("periods", table.count("periods", 1));
    let from = table.need("from", table.date("from"));
    let until = table.need("until", table.date("until"));
    let amount = |key| {
        let value = table.need(key, table.decimal(key))?;
        Some(Amount::new(value, currency))
    };
    let (lowest, highest) = (amount("lowest"), amount("highest"));
    table.finish();
    let expected = Expected {
        periods: periods?,
        from: from?,
        until: until?,
        lowest: lowest?,
        highest: highest?,
    };
    if expected.until <= expected.from {
        table.fault("until", "the range ends after it begins", None);
    }
    if expected.highest.value() < expected.lowest.value() {
        table.fault("highest", "the highest is not below the lowest", None);
    }
    Some(expected)
}

fn digest(root: &Table<'_>, key: &'static str) -> Option<Digest> {
    let text = root.text(key)?;
    digest_of(root, key, &text)
}

fn digest_of(root: &Table<'_>, key: &str, text: &str) -> Option<Digest> {
    text.parse()
        .map_err(|error: work::digest::DigestError| {
            root.fault(
                key,
                error.to_string(),
                Some("the digest of a published text"),
            );
        })
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> QuoteDocument {
        let usd: Currency = "USD".parse().expect("a currency");
        let amount = |text: &str| Amount::new(text.parse().expect("a number"), usd);
        QuoteDocument {
            number: "acme-Q0001".to_owned(),
            customer: "acme".to_owned(),
            contract: Digest::of(b"contract"),
            plan: Digest::of(b"plan"),
            definitions: vec![Digest::of(b"one"), Digest::of(b"two")],
            currency: usd,
            valid_until: jiff::civil::date(2026, 3, 31),
            words: Some("As we said:\n\"half price\" until summer.".to_owned()),
            expected: Some(Expected {
                periods: 3,
                from: jiff::civil::date(2025, 10, 1),
                until: jiff::civil::date(2026, 1, 1),
                lowest: amount("120"),
                highest: amount("310.5"),
            }),
        }
    }

    #[test]
    fn a_document_reads_back() {
        let whole = document();
        let bare = QuoteDocument {
            words: None,
            expected: None,
            definitions: Vec::new(),
            ..whole.clone()
        };
        for own in [whole, bare] {
            let text = own.to_text().expect("it can be written");
            assert_eq!(QuoteDocument::parse(&text), Ok(own), "{text}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused_at_its_place() {
        let text = document().to_text().expect("it can be written");
        let cases = [
            ("2026-03-31", "2026-02-30", "valid_until", "is not a date"),
            ("USD", "XXZ", "currency", "XXZ"),
            ("acme-Q0001", "", "number", "1 to 256 bytes"),
            ("periods = 3", "periods = 0", "expected", "at least 1"),
            ("310.50", "1", "expected", "not below the lowest"),
            (
                "until = \"2026-01-01\"",
                "until = \"2025-01-01\"",
                "expected",
                "ends after",
            ),
            ("customer = ", "customr = ", "customr", "customr"),
        ];
        for (from, to, place, said) in cases {
            assert!(text.contains(from), "{from} in {text}");
            let text = text.replace(from, to);
            let error = QuoteDocument::parse(&text).expect_err(to);
            let fault = error.faults.iter().find(|own| own.problem.contains(said));
            let fault = fault.unwrap_or_else(|| panic!("{to}: {error:?}"));
            let before = &text[..fault.span.end.min(text.len())];
            assert!(
                before.contains(place) || fault.span.start == 0,
                "{to}: {fault:?}"
            );
        }
    }
}
