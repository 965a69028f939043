//! The buyer's portal: one customer's part of the book, for its buyer, and for the seller's people who want to see
//! what the buyer sees.
//!
//! Whose word an act here is: what comes under the buyer's own signature is the buyer's, whoever brings it. What comes
//! without one is written down by the seller's server, so that its entry says `buyer` without a signature: relayed by
//! the seller. Its source names the key or link that it came by ([`saying`]). Invariants: no handler here reads the
//! seller-only log, nor another customer; by a link nothing is said that may raise the bill.

mod acknowledged;
mod budget;
mod contracts;
mod disputes;
mod frame;
mod overview;
mod proof;
mod quotes;
mod reconcile;
mod saying;
mod signed;
mod statements;
mod upload;
mod works;

use super::Screen;

pub(super) fn screens() -> Vec<Screen> {
    [
        overview::screens(),
        budget::screens(),
        statements::screens(),
        works::screens(),
        saying::screens(),
        contracts::screens(),
        disputes::screens(),
        quotes::screens(),
        proof::screens(),
        signed::screens(),
        acknowledged::screens(),
        reconcile::screens(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
