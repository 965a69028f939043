//! Customer logs and what is proven by them.

pub mod carry;
