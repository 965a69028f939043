//! A cost of nobody that a customer has too.
//!
//! A cost that turns out to be a customer's is recorded there and then taken back where it was
//! (`store::assignment`). Between the two it is in the book twice, and counts once.

use std::collections::HashMap;

use work::event::UNASSIGNED;

use super::CostEntry;

/// Leaves out costs of nobody that differ from a customer's in nothing but whose they are.
pub fn count_once(entries: &mut Vec<CostEntry>) {
    let mut nobodys: HashMap<(&str, &str), usize> = HashMap::new();
    for (at, entry) in entries.iter().enumerate() {
        if entry.customer == UNASSIGNED {
            nobodys.insert((&entry.fact.source, &entry.fact.id), at);
        }
    }
    let mut twice: Vec<usize> = Vec::new();
    for entry in entries.iter().filter(|own| own.customer != UNASSIGNED) {
        let nobodys = nobodys.get(&(entry.fact.source.as_str(), entry.fact.id.as_str()));
        twice.extend(nobodys.filter(|at| differ_only_in_whose(entry, &entries[**at])));
    }
    twice.sort_unstable();
    let mut at = 0..;
    entries.retain(|_| at.next().is_none_or(|at| twice.binary_search(&at).is_err()));
}

fn differ_only_in_whose(own: &CostEntry, nobodys: &CostEntry) -> bool {
    let own = CostEntry {
        customer: nobodys.customer.clone(),
        work: nobodys.work.clone(),
        headers: nobodys.headers.clone(),
        ..own.clone()
    };
    own == *nobodys
}

#[cfg(test)]
mod tests {
    use money::{Amount, Currency};
    use work::body::CostLine;
    use work::settle::FactRef;

    use super::*;
    use crate::margin::What;

    fn entry(customer: &str, id: &str, cents: &str) -> CostEntry {
        let amount: Amount = format!("{cents} USD").parse().unwrap();
        CostEntry {
            customer: customer.to_owned(),
            fact: FactRef {
                source: "otlp".into(),
                id: id.into(),
            },
            time: jiff::Timestamp::UNIX_EPOCH,
            work: (customer != UNASSIGNED).then(|| "w1".to_owned()),
            trace: None,
            headers: work::Headers::default(),
            line: CostLine::Model,
            provider: None,
            model: None,
            agent: None,
            agent_version: None,
            claimed: Some(amount),
            computed: None,
            counts: What::Claimed(amount),
        }
    }

    #[test]
    fn what_differs_only_in_whose_it_is_counts_once() {
        let mut entries = vec![
            entry(UNASSIGNED, "1", "0.10"),
            entry("acme", "1", "0.10"),
            // The same name and another cost: two.
            entry(UNASSIGNED, "2", "0.10"),
            entry("acme", "2", "0.20"),
            // Another customer may use the same names.
            entry("other", "2", "0.20"),
            entry(UNASSIGNED, "3", "0.10"),
        ];
        count_once(&mut entries);
        let left: Vec<(&str, &str)> = entries
            .iter()
            .map(|own| (own.customer.as_str(), own.fact.id.as_str()))
            .collect();
        assert_eq!(
            left,
            [
                ("acme", "1"),
                (UNASSIGNED, "2"),
                ("acme", "2"),
                ("other", "2"),
                (UNASSIGNED, "3")
            ]
        );
        assert_eq!(
            entries[0].claimed.map(Amount::currency),
            Some(Currency::USD)
        );
    }
}
