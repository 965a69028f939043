//! From price to margin, of everybody or of one customer.

use maud::html;

use super::at;
use super::frame::framed;
use super::listing::narrowed;
use crate::section;
use crate::view::{Frame, MarginBridge, Narrowing};

/// The margin, and by what it is narrowed; its rows lead to what they are made of. `customer`
/// and `month` are what was asked for, empty where nothing was.
#[must_use]
pub fn margin(
    frame: &Frame,
    narrowing: &[Narrowing],
    (customer, month): (&str, &str),
    model: &MarginBridge,
) -> String {
    let leads = |by: &str, name: &str| leads(by, name, (customer, month));
    framed(
        frame,
        &html! {
            (narrowed(at::MARGIN, narrowing))
            (section::margin_leading(model, "margin", &leads))
        },
    )
}

/// What margins call the works that do not count, and the state in which they are looked for.
const STATES: [(&str, &str); 3] = [
    ("pending", "pending"),
    ("reversed", "reversed"),
    ("not counted", "not_counted"),
];
/// What margins call what has no name.
const NAMELESS: [&str; 2] = ["no customer named", "not of one work"];

fn leads(by: &str, name: &str, (customer, month): (&str, &str)) -> Option<String> {
    if NAMELESS.contains(&name) {
        return None;
    }
    match by {
        "customer" => Some(at::margin(name, month)),
        "month" => Some(at::margin(customer, name)),
        "class" => {
            let state = STATES.iter().find(|(own, _)| *own == name);
            let which = match state {
                Some((_, state)) => [("state", *state)],
                None => [("class", name)],
            };
            Some(at::works_narrowed(customer, &which))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_lead_to_what_they_are_made_of() {
        for (by, name, expected) in [
            (
                "customer",
                "a/b",
                Some("/margin?customer=a%2Fb&month=2026-01"),
            ),
            ("customer", "no customer named", None),
            (
                "month",
                "2026-03",
                Some("/margin?customer=acme&month=2026-03"),
            ),
            (
                "class",
                "not counted",
                Some("/works?customer=acme&state=not_counted"),
            ),
            (
                "class",
                "assumed",
                Some("/works?customer=acme&class=assumed"),
            ),
            ("class", "not of one work", None),
            ("model", "m", None),
        ] {
            let found = leads(by, name, ("acme", "2026-01"));
            assert_eq!(found.as_deref(), expected, "{by} {name}");
        }
        assert_eq!(
            leads("month", "2026-03", ("", "")).as_deref(),
            Some("/margin?month=2026-03")
        );
    }
}
