//! [`Responses`]: which responses of models are costs of a customer.
//!
//! An application and its gateway both report one answer of a provider. Where the report that names a customer
//! comes first, the later one that names none is not a second cost; identities are by customer, so the book
//! alone does not show it.

use std::collections::{HashSet, VecDeque};

use crate::limits::RESPONSES_REMEMBERED_MAX;

/// Ids of events that were recorded under a customer, the latest of them.
#[derive(Default)]
pub(crate) struct Responses {
    known: HashSet<String>,
    order: VecDeque<String>,
}

impl Responses {
    /// Whether a customer has it.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.known.contains(id)
    }

    /// A customer has it.
    pub(crate) fn insert(&mut self, id: &str) {
        if !self.known.insert(id.to_owned()) {
            return;
        }
        self.order.push_back(id.to_owned());
        if self.order.len() > RESPONSES_REMEMBERED_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_is_forgotten() {
        let mut own = Responses::default();
        for number in 0..=RESPONSES_REMEMBERED_MAX {
            own.insert(&number.to_string());
            own.insert("1");
        }
        assert_eq!(own.known.len(), RESPONSES_REMEMBERED_MAX);
        assert!(!own.has("0") && own.has("1") && own.has(&RESPONSES_REMEMBERED_MAX.to_string()));
    }
}
