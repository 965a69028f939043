//! A cost of nobody that turns out to be somebody's.
//!
//! What names no customer is recorded under [`UNASSIGNED`]. Identities are by customer, so it cannot be moved:
//! it is recorded under the customer with the same source and id, and taken back where it was. In that order:
//! whatever happens in between, it is in the book, and two costs that differ in nothing but whose they are
//! are one wherever costs are added up (`pricing::margin`).

use work::body::{Action, Body};
use work::event::{Authorship, PIECEWORK, UNASSIGNED};
use work::{Event, Headers, LogKind};

use crate::{FactKind, FactsOf, Store, StoreError};

/// The correction that takes back the cost of nobody which has the identity of a customer's cost; `None` where
/// there is none that stands.
///
/// # Errors
/// Where the book cannot be read.
pub fn taking_back(store: &dyn Store, of_customer: &Event) -> Result<Option<Event>, StoreError> {
    let standing = standing(store, UNASSIGNED, &of_customer.source, &of_customer.id)?;
    Ok(standing.map(|own| voiding(&own, of_customer)))
}

/// The cost that an identity of a customer stands for; `None` where there is none, or it is void.
///
/// # Errors
/// Where the book cannot be read.
pub(crate) fn standing(
    store: &dyn Store,
    customer: &str,
    source: &str,
    id: &str,
) -> Result<Option<Event>, StoreError> {
    let found = store.find(customer, source, id)?;
    let Some(found) = found.filter(|found| found.log == LogKind::Seller) else {
        return Ok(None);
    };
    let Some((first, _)) = found.contents.first() else {
        return Ok(None);
    };
    let at_first = *first..*first + 1;
    let mut facts = store.facts(customer, FactKind::Cost, FactsOf::Within(at_first))?;
    Ok(facts.next().transpose()?.map(|fact| fact.event))
}

/// Made of the two contents alone, so that it is the same when it is made again.
fn voiding(content: &Event, of_customer: &Event) -> Event {
    let digest = content.digest();
    Event {
        id: format!("assigned/{digest}").into(),
        source: PIECEWORK.into(),
        customer: content.customer.clone(),
        time: content.time,
        work: None,
        traceparent: None,
        authorship: Authorship::Seller,
        headers: Headers::default(),
        signature: None,
        body: Body::Corrected {
            target_source: content.source.clone(),
            target_id: content.id.clone(),
            target_digest: digest,
            target_kind: content.body.tag(),
            action: Action::Void,
            replacement: None,
            reason: Some(format!("a cost of {}", of_customer.customer)),
        },
    }
}
