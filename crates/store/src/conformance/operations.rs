//! What a server keeps beside the book.

use jiff::{SignedDuration, Timestamp};
use work::Digest;

use super::done;
use crate::limits::LINKS_OF_CUSTOMER_MAX;
use crate::operations::{Budget, BudgetTerms};
use crate::{ApiKey, Link, Store, StoreError};

fn at(second: i64) -> Timestamp {
    done(Timestamp::from_second(1_770_000_000 + second))
}

fn key(id: &str, created: i64) -> ApiKey {
    ApiKey {
        id: id.to_owned(),
        secret: Digest::of(id.as_bytes()),
        role: "ingest".to_owned(),
        customer: (created == 2).then(|| "acme".to_owned()),
        label: "the desk's feed".to_owned(),
        created: at(created),
        expires: Some(at(1_000) + SignedDuration::from_millis(250)),
        revoked: None,
    }
}

pub(super) fn api_keys_are_kept_and_taken_back(book: &dyn Store) {
    let keys = book.operations();
    let (later, earlier) = (key("b", 2), key("a", 1));
    done(keys.put_api_key(&later));
    done(keys.put_api_key(&earlier));
    assert!(matches!(
        keys.put_api_key(&key("a", 3)),
        Err(StoreError::Taken { .. })
    ));
    assert_eq!(done(keys.api_keys()), [earlier.clone(), later.clone()]);
    assert_eq!(done(keys.api_key("a")), Some(earlier));
    assert_eq!(done(keys.api_key("c")), None);
    // An overlap ends a key, and never lengthens it.
    assert!(done(keys.expire_api_key("b", at(5_000))));
    assert_eq!(done(keys.api_key("b")), Some(later.clone()));
    assert!(done(keys.expire_api_key("b", at(500))));
    let ended = done(keys.api_key("b")).map(|own| own.expires);
    assert_eq!(ended, Some(Some(at(500))));
    assert!(done(keys.revoke_api_key("b", at(9))));
    assert!(!done(keys.revoke_api_key("b", at(10))));
    assert!(!done(keys.expire_api_key("b", at(11))));
    assert!(!done(keys.revoke_api_key("c", at(9))));
    let revoked = done(keys.api_key("b")).map(|own| own.revoked);
    assert_eq!(revoked, Some(Some(at(9))));
}

fn link(id: &str, created: i64) -> Link {
    Link {
        id: id.to_owned(),
        customer: "acme".to_owned(),
        statement: (created == 2).then(|| "acme-0001".to_owned()),
        label: "accounts payable".to_owned(),
        created: at(created),
        expires: at(created + 1_000),
        revoked: None,
    }
}

pub(super) fn links_are_kept_and_taken_back(book: &dyn Store) {
    let links = book.operations();
    let (later, earlier) = (link("b", 2), link("a", 1));
    done(links.put_link(&later));
    done(links.put_link(&earlier));
    assert!(matches!(
        links.put_link(&link("a", 3)),
        Err(StoreError::Taken { .. })
    ));
    assert_eq!(done(links.links("acme")), [earlier.clone(), later.clone()]);
    assert!(done(links.links("globex")).is_empty());
    assert_eq!(done(links.link("b")), Some(later));
    assert_eq!(done(links.link("c")), None);
    assert!(!done(links.revoke_link("globex", "a", at(9))), "not theirs");
    assert!(done(links.revoke_link("acme", "a", at(9))));
    assert!(!done(links.revoke_link("acme", "a", at(10))));
    let revoked = done(links.link("a")).and_then(|own| own.revoked);
    assert_eq!(revoked, Some(at(9)));
    assert!(earlier.is_in_force(at(1_000)) && !earlier.is_in_force(at(1_001)));
    // What has ended makes room; what is in force does not.
    for number in 2..LINKS_OF_CUSTOMER_MAX {
        done(links.put_link(&link(&format!("{number:04}"), 3)));
    }
    done(links.put_link(&link("one more", 4)));
    assert_eq!(done(links.link("a")), None);
    assert!(matches!(
        links.put_link(&link("too many", 5)),
        Err(StoreError::TooMany { .. })
    ));
}

pub(super) fn the_last_version_of_a_budget_is_in_force(book: &dyn Store) {
    let budgets = book.operations();
    let budget = |customer: &str, version: u64, amount: Option<&str>| Budget {
        customer: customer.to_owned(),
        version,
        terms: amount.map(|amount| BudgetTerms {
            amount: done(amount.parse()),
            thresholds_percent: vec![50, 80, 100],
            stops: version == 2,
            note: (version == 1).then(|| "as agreed".to_owned()),
        }),
        set_by: "k1".to_owned(),
        set_at: at(5),
    };
    assert_eq!(done(budgets.budget("acme")), None);
    let first = budget("acme", 1, Some("5000.00 USD"));
    assert!(done(budgets.set_budget(&first, 0)));
    // Whoever has not seen the first does not replace it.
    let second = budget("acme", 2, Some("12.5 EUR"));
    assert!(!done(budgets.set_budget(&second, 0)));
    assert_eq!(done(budgets.budget("acme")), Some(first));
    assert!(done(budgets.set_budget(&second, 1)));
    let other = budget("other", 1, Some("1 USD"));
    assert!(done(budgets.set_budget(&other, 0)));
    assert_eq!(
        done(budgets.budgets(None, 9)),
        [second.clone(), other.clone()]
    );
    assert_eq!(done(budgets.budgets(None, 1)), [second]);
    assert_eq!(done(budgets.budgets(Some("acme"), 9)), [other]);
    let gone = budget("acme", 3, None);
    assert!(done(budgets.set_budget(&gone, 2)));
    assert_eq!(done(budgets.budget("acme")), Some(gone));
    assert_eq!(done(budgets.budgets(None, 9)).len(), 1);
}
