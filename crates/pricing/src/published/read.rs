//! Reading a document whose numbers enter rating.

use money::{Amount, Currency, Decimal};
use work::Digest;
use work::body::DocumentKind;

use super::{Document, Says, Value};
use crate::document::{DocumentError, Faults, Table, parse};
use crate::limits::{LINE_BYTES_MAX, NUMBERS_MAX};

impl Document {
    /// Reads a document of one of the kinds that enter rating, or a rate of exchange.
    ///
    /// # Errors
    /// [`DocumentError`] with every fault and its place in the text.
    pub fn parse(kind: DocumentKind, text: &str) -> Result<Document, DocumentError> {
        let error = |faults| DocumentError {
            document: kind.word(),
            faults,
        };
        let root = parse(text).map_err(|fault| error(vec![fault]))?;
        let faults = Faults::default();
        let document = read(
            &Table::new(root.get_ref(), root.span(), &faults),
            kind,
            text,
        );
        match document {
            Some(document) if faults.is_empty() => Ok(document),
            _ => Err(error(faults.into_sorted())),
        }
    }
}

fn read(root: &Table<'_>, kind: DocumentKind, text: &str) -> Option<Document> {
    let (subject, pair) = match kind {
        DocumentKind::Fx => {
            let pair = root.need("subject", pair(root));
            (pair.map(|(of, to)| format!("{of}/{to}")), pair)
        }
        _ => (root.need("subject", root.id("subject")), None),
    };
    let from = root.need("from", root.instant("from"));
    let until = root.instant("until");
    if from.zip(until).is_some_and(|(from, until)| until <= from) {
        root.fault("until", "it ends before it begins", None);
    }
    let reprice = root.id("reprice");
    let source = root.line("source", LINE_BYTES_MAX);
    let says = match kind {
        DocumentKind::Calibration => calibration(root),
        DocumentKind::Measure => {
            root.need("until", until);
            root.need("value", value(root)).map(Says::Measure)
        }
        DocumentKind::Baseline => root.need("value", value(root)).map(Says::Baseline),
        DocumentKind::Fx => {
            root.need("source", source.as_ref());
            let rate = root.need("rate", root.decimal("rate"));
            if rate.is_some_and(|rate| rate.is_zero() || rate.is_negative()) {
                root.fault("rate", "a rate is above zero", None);
            }
            rate.zip(pair)
                .map(|(rate, (of, to))| Says::Fx { of, to, rate })
        }
        _ => {
            root.faults.add(
                root.span(),
                format!("a {} has no numbers that enter rating", kind.word()),
                None,
            );
            None
        }
    };
    root.finish();
    Some(Document {
        subject: subject?,
        from: from?,
        until,
        says: says?,
        source,
        reprice,
        digest: Digest::of(text.as_bytes()),
    })
}

fn calibration(root: &Table<'_>) -> Option<Says> {
    let words = [("passed", true), ("failed", false)];
    let passed = root.need("verdict", root.word("verdict", &words));
    let numbers = root
        .table("numbers")
        .map(|table| table.numbers(NUMBERS_MAX))
        .unwrap_or_default();
    Some(Says::Calibration {
        passed: passed?,
        numbers,
    })
}

/// `99.4`, or `125000.00 USD`.
fn value(root: &Table<'_>) -> Option<Value> {
    let is_money = root.string("value").is_some_and(|text| text.contains(' '));
    if !is_money {
        return root.decimal("value").map(|number| Value {
            number,
            currency: None,
        });
    }
    let text = root.text("value")?;
    let amount: Result<Amount, _> = text.parse();
    let amount = amount.map_err(|error| root.fault("value", error.to_string(), None));
    amount.ok().map(|amount| Value {
        number: amount.value(),
        currency: Some(amount.currency()),
    })
}

/// `EUR/USD`: what one of the first is worth in the second.
fn pair(root: &Table<'_>) -> Option<(Currency, Currency)> {
    let text = root.text("subject")?;
    let read = text.split_once('/').and_then(|(of, to)| {
        let pair: (Currency, Currency) = (of.parse().ok()?, to.parse().ok()?);
        (pair.0 != pair.1).then_some(pair)
    });
    if read.is_none() {
        root.fault(
            "subject",
            format!("`{text}` is not a pair of two currencies such as `EUR/USD`"),
            Some("the rate says how many of the second one of the first is"),
        );
    }
    read
}

impl Table<'_> {
    /// Decimals by names of the table's own, in the order of the names.
    fn numbers(&self, most: usize) -> Vec<(String, Decimal)> {
        let mut numbers = Vec::new();
        let mut names: Vec<String> = self
            .map()
            .keys()
            .map(|name| name.get_ref().to_string())
            .collect();
        names.sort();
        if names.len() > most {
            self.faults.add(
                self.span(),
                format!("there are {} numbers; at most {most} are read", names.len()),
                None,
            );
            return numbers;
        }
        for name in names {
            if let Some(number) = self.named_decimal(&name) {
                numbers.push((name, number));
            }
        }
        numbers
    }
}
