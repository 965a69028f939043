//! Customer logs as evidence: what a buyer can check without trusting the seller.

pub mod carry;
pub mod commitment;
pub mod keys;
pub mod limits;
pub mod nonce;
pub mod profile;
pub mod sample;
pub mod signature;
