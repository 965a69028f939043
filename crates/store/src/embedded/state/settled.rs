//! Which scopes of works were settled again lately, so that whoever keeps something beside the state need
//! not read all of it to find out.
//!
//! Kept in memory alone and bounded: what is forgotten, and everything from before the book was opened,
//! is answered with "unknown". Invariant: a scope that entries from a size on settled again is named to
//! whoever asks from that size, or the answer is "unknown".

use std::collections::{BTreeSet, HashMap, VecDeque};

use crate::limits::{SETTLED_REMEMBERED_MAX, SETTLED_REMEMBERED_OF_CUSTOMER_MAX};
use crate::store::ScopeId;

/// What one transaction settled again of a customer.
#[derive(Debug)]
pub(super) struct SettledAgain {
    pub(super) customer: String,
    /// Sizes of the shared log before and after.
    pub(super) from: u64,
    pub(super) to: u64,
    /// The scopes; `None` where all were.
    pub(super) scopes: Option<BTreeSet<ScopeId>>,
}

/// The scopes settled lately, by customer.
#[derive(Debug, Default)]
pub(super) struct Lately {
    customers: HashMap<String, OfCustomer>,
    remembered: usize,
}

#[derive(Debug)]
struct OfCustomer {
    /// What entries from this size on settled is known.
    known_from: u64,
    size: u64,
    /// Scopes with the size after the transaction that settled them, ascending.
    scopes: VecDeque<(u64, ScopeId)>,
}

impl Lately {
    pub(super) fn note(&mut self, again: SettledAgain) {
        if self.remembered >= SETTLED_REMEMBERED_MAX {
            *self = Lately::default();
        }
        let own = self
            .customers
            .entry(again.customer)
            .or_insert_with(|| OfCustomer {
                known_from: again.from,
                size: again.from,
                scopes: VecDeque::new(),
            });
        self.remembered -= own.scopes.len();
        own.size = again.to;
        match again.scopes {
            None => {
                own.scopes.clear();
                own.known_from = again.to;
            }
            Some(scopes) => own
                .scopes
                .extend(scopes.into_iter().map(|id| (again.to, id))),
        }
        while own.scopes.len() > SETTLED_REMEMBERED_OF_CUSTOMER_MAX {
            if let Some((size, _)) = own.scopes.pop_front() {
                own.known_from = size;
            }
        }
        // A customer without scopes takes memory too.
        self.remembered += own.scopes.len() + 1;
    }

    /// The size that is settled, and the scopes that entries from `size` on settled; `None` where that is
    /// not known.
    pub(super) fn since(&self, customer: &str, size: u64) -> Option<(u64, Vec<ScopeId>)> {
        let own = self.customers.get(customer)?;
        if size < own.known_from {
            return None;
        }
        let later = own.scopes.partition_point(|(to, _)| *to <= size);
        let scopes: BTreeSet<ScopeId> = own.scopes.range(later..).map(|(_, id)| *id).collect();
        Some((own.size, scopes.into_iter().collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn again(customer: &str, from: u64, to: u64, scopes: Option<&[u8]>) -> SettledAgain {
        SettledAgain {
            customer: customer.to_owned(),
            from,
            to,
            scopes: scopes.map(|own| own.iter().map(|n| ScopeId([*n; 16])).collect()),
        }
    }

    fn since(lately: &Lately, customer: &str, size: u64) -> Option<(u64, Vec<u8>)> {
        let (size, scopes) = lately.since(customer, size)?;
        Some((size, scopes.iter().map(|id| id.0[0]).collect()))
    }

    #[test]
    fn scopes_are_named_from_the_size_that_one_knows() {
        let mut lately = Lately::default();
        lately.note(again("acme", 10, 12, Some(&[1, 2])));
        lately.note(again("acme", 12, 13, Some(&[2])));
        assert_eq!(since(&lately, "acme", 10), Some((13, vec![1, 2])));
        assert_eq!(since(&lately, "acme", 12), Some((13, vec![2])));
        assert_eq!(since(&lately, "acme", 13), Some((13, vec![])));
        assert_eq!(since(&lately, "acme", 9), None);
        assert_eq!(since(&lately, "other", 0), None);
    }

    #[test]
    fn after_everything_was_settled_what_came_before_is_unknown() {
        let mut lately = Lately::default();
        lately.note(again("acme", 0, 5, Some(&[1])));
        lately.note(again("acme", 5, 6, None));
        assert_eq!(since(&lately, "acme", 5), None);
        assert_eq!(since(&lately, "acme", 6), Some((6, vec![])));
    }

    #[test]
    fn what_is_beyond_the_bounds_is_unknown_not_left_out() {
        let mut lately = Lately::default();
        let many = SETTLED_REMEMBERED_OF_CUSTOMER_MAX as u64 + 1;
        for size in 0..many {
            lately.note(again("acme", size, size + 1, Some(&[1])));
        }
        assert_eq!(since(&lately, "acme", 0), None);
        assert_eq!(since(&lately, "acme", 1), Some((many, vec![1])));
        for customer in 0..=SETTLED_REMEMBERED_MAX {
            lately.note(again(&customer.to_string(), 0, 1, Some(&[])));
        }
        assert_eq!(since(&lately, "acme", many), None);
        assert!(lately.customers.len() <= SETTLED_REMEMBERED_MAX);
    }
}
