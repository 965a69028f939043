//! Plans, contracts, cells, statements by difference, margin.

pub mod model_costs;
