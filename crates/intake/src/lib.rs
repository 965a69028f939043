//! Foreign formats to events and documents.

pub mod model_costs;
