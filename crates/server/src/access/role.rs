//! [`Role`]: what a key may do. One table.

/// What a route needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permission {
    /// Send events.
    Ingest,
    /// Send what work cost: traces, logs, metrics, a gateway's calls.
    RecordCosts,
    /// Ask what a customer has spent, and whether it may spend more.
    Spend,
    /// Set a customer's budget.
    SetBudgets,
    /// Look at works, statements, documents, logs.
    Read,
    /// Look at one statement and its proof: what a link to a statement lets its holder do.
    ReadStatement,
    /// Look at costs, margins and the seller's books: revenue, double entry, what all customers owe.
    ReadCosts,
    /// Say whose a cost is that came without a customer or a work.
    AssignCosts,
    /// Say of its own works what a buyer may, relayed by the seller where it is not signed.
    Say,
    /// State facts about works for others: raise a buyer's dispute, record a review.
    Record,
    /// Make statements, credits, payments; void them; decide disputes; close months of the books.
    Bill,
    /// Sign and change contracts, publish documents, set up customers.
    Contract,
    /// Show buyers what is theirs: sign heads of logs, make links and take them back.
    Share,
    /// Make and revoke API keys, set up webhooks, repair refused events, copy the book.
    Administer,
}

impl Permission {
    /// In words.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Permission::Ingest => "send events",
            Permission::RecordCosts => "send traces, logs, metrics and a gateway's calls",
            Permission::Spend => "ask what a customer has spent and whether it may spend more",
            Permission::SetBudgets => "set a customer's budget",
            Permission::Read => "read works, statements and logs",
            Permission::ReadStatement => "read a statement and its proof",
            Permission::ReadCosts => "read costs, margins and books",
            Permission::AssignCosts => "assign costs",
            Permission::Say => "dispute works and state facts about them",
            Permission::Record => "raise disputes, record reviews",
            Permission::Bill => "issue and void statements, credits, payments, decide disputes",
            Permission::Contract => "sign contracts, publish documents",
            Permission::Share => "sign heads of logs, make links for buyers",
            Permission::Administer => {
                "make keys, set up webhooks, repair refused events, copy the book"
            }
        }
    }
}

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// A feed: it sends, and reads nothing.
    Ingest,
    /// Runs the product: feeds, works, customers, keys; no billing.
    Operator,
    /// Prices, bills, and sees what it cost.
    Finance,
    /// Sees everything, changes nothing.
    Auditor,
    /// One buyer: its own log, statements and works, its own signed events, and its word without a signature, which
    /// the seller relays. Never a cost.
    Buyer,
}

impl Role {
    /// The words.
    pub const WORDS: [(&'static str, Role); 5] = [
        ("ingest", Role::Ingest),
        ("operator", Role::Operator),
        ("finance", Role::Finance),
        ("auditor", Role::Auditor),
        ("buyer", Role::Buyer),
    ];

    /// The word.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize].0
    }

    /// The role of a word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Role> {
        let mut words = Self::WORDS.iter();
        words.find(|(own, _)| *own == word).map(|(_, role)| *role)
    }

    /// What the role may do.
    #[must_use]
    pub const fn permissions(self) -> &'static [Permission] {
        use Permission::{
            Administer, AssignCosts, Bill, Contract, Ingest, Read, ReadCosts, ReadStatement,
            Record, RecordCosts, Say, SetBudgets, Share, Spend,
        };
        match self {
            Role::Ingest => &[Ingest, RecordCosts, Spend],
            Role::Operator => &[
                Ingest,
                RecordCosts,
                Spend,
                SetBudgets,
                Read,
                ReadStatement,
                ReadCosts,
                AssignCosts,
                Record,
                Share,
                Administer,
            ],
            Role::Finance => &[
                Spend,
                SetBudgets,
                Read,
                ReadStatement,
                ReadCosts,
                Record,
                Bill,
                Contract,
                AssignCosts,
                Share,
            ],
            Role::Auditor => &[Spend, Read, ReadStatement, ReadCosts],
            Role::Buyer => &[Ingest, Spend, SetBudgets, Read, ReadStatement, Say],
        }
    }

    /// What another role may do and this one may not, so that it gives nobody that role. A buyer's word is no more
    /// than the seller's record of it, which the seller's people write as well: that it lacks it keeps nobody from
    /// giving a buyer a key.
    #[must_use]
    pub fn lacks(self, other: Role) -> Option<Permission> {
        let mut own = other.permissions().iter().copied();
        own.find(|own| *own != Permission::Say && !self.may(*own))
    }

    /// Whether the role may do it.
    #[must_use]
    pub fn may(self, permission: Permission) -> bool {
        self.permissions().contains(&permission)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_read_back() {
        for (word, role) in Role::WORDS {
            assert_eq!(role.word(), word);
            assert_eq!(Role::of_word(word), Some(role));
        }
        assert_eq!(Role::of_word("root"), None);
    }

    #[test]
    fn a_buyer_never_sees_a_cost_and_nobody_both_bills_and_makes_keys() {
        assert!(!Role::Buyer.may(Permission::ReadCosts));
        assert!(!Role::Buyer.may(Permission::RecordCosts));
        assert!(
            !Role::Buyer.may(Permission::Record),
            "a buyer says what is its own, in its own name"
        );
        for (_, role) in Role::WORDS {
            assert_eq!(
                role.may(Permission::Say),
                role == Role::Buyer,
                "nobody else speaks in the buyer's name"
            );
        }
        for (_, role) in Role::WORDS {
            assert!(!(role.may(Permission::Bill) && role.may(Permission::Administer)));
        }
    }
}
