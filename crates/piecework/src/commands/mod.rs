//! The commands, one a file.

pub mod approvals;
pub mod check;
pub mod compare;
pub mod contract;
pub mod credit;
pub mod customer;
pub mod demo;
pub mod doctor;
pub mod exhibit;
pub mod import;
pub mod ingest;
pub mod init;
pub mod issue;
pub mod margin;
pub mod model_costs;
pub mod payment;
pub mod reconcile;
pub mod record;
pub mod report;
pub mod schema;
pub mod show;
pub mod statement;
pub mod try_export;
pub mod work;
