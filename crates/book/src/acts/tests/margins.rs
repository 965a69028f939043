//! The margin of a month is that of the rating periods that begin in it, wherever the contract is.

use pricing::margin::Dimension;

use super::super::{ContractText, Sign};
use super::{Desk, now, sign};
use crate::margins::{Costs, Scope, Sold};

/// January begins there on December 31 in UTC, at 23:00 in Berlin and at 15:00 in Tokyo.
#[test]
fn the_month_of_a_contract_east_of_utc_is_its_own() {
    for zone in ["UTC", "Europe/Berlin", "Asia/Tokyo", "America/Los_Angeles"] {
        let desk = Desk::empty();
        let documents = desk.book.documents().unwrap();
        let from = sign().from;
        let (text, _) = desk.book.terms(&documents, "acme", "a", from).unwrap();
        let text = text.replace("time_zone = \"UTC\"", &format!("time_zone = \"{zone}\""));
        let document = Some(ContractText {
            name: "acme.toml",
            text: &text,
        });
        desk.book.sign(&Sign { document, ..sign() }, now()).unwrap();
        desk.answered_at("T-1", "01-05T09:00", now());
        // Counted on January 31, 23:30 in UTC: that is February in Berlin and in Tokyo.
        desk.answered_at("T-2", "01-30T23:30", now());
        let is_east = matches!(zone, "Europe/Berlin" | "Asia/Tokyo");
        let revenue = |month: &str| {
            let scope = Scope {
                customer: None,
                month: Some(month.parse().unwrap()),
                as_of: now(),
                costs: Costs::default(),
            };
            let sold = Sold::read(&desk.book, scope).unwrap();
            let rows = sold.margin(&sold.units(), |margin| {
                let rows = margin.by(Dimension::Month)?;
                let rows = rows.into_iter().filter(|row| !row.counted.is_zero());
                Ok(rows
                    .map(|row| (row.name, row.counted.to_string(), row.revenue.number()))
                    .collect::<Vec<_>>())
            });
            rows.unwrap()
        };
        let row = |month: &str, counted: &str, revenue: &str| {
            vec![(
                Some(month.to_owned()),
                counted.to_owned(),
                revenue.to_owned(),
            )]
        };
        assert_eq!(revenue("2025-12-01"), [], "{zone}");
        let (january, february) = match is_east {
            true => (row("2026-01", "1", "0.99"), row("2026-02", "1", "0.99")),
            false => (row("2026-01", "2", "1.98"), Vec::new()),
        };
        assert_eq!(revenue("2026-01-01"), january, "{zone}");
        assert_eq!(revenue("2026-02-01"), february, "{zone}");
    }
}
