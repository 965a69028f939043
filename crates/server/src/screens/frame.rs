//! The frame of a screen, for a caller.

use pages::screen::at;
use pages::view::{Frame, Place, Step};

use crate::access::{Caller, Permission};
use crate::app::App;

/// The seller's screens that are always one step away, in the order of the data, and what each needs.
const PLACES: &[(&str, &str, Permission)] = &[
    ("Home", at::HOME, Permission::ReadCosts),
    ("Customers", at::CUSTOMERS, Permission::ReadCosts),
    ("Works", at::WORKS, Permission::ReadCosts),
    ("Contracts", at::CONTRACTS, Permission::ReadCosts),
    ("Quotes", at::QUOTES, Permission::ReadCosts),
    ("Plans", at::PLANS, Permission::ReadCosts),
    ("Definitions", at::DEFINITIONS, Permission::ReadCosts),
    ("Disputes", at::DISPUTES, Permission::ReadCosts),
    ("Approvals", at::APPROVALS, Permission::ReadCosts),
    ("Margin", at::MARGIN, Permission::ReadCosts),
    ("Logs", at::LOGS, Permission::ReadCosts),
    ("What waits", at::EVENTS, Permission::ReadCosts),
    (
        "Settings",
        pages::screen::settings::at::SETTINGS,
        Permission::ReadCosts,
    ),
];

/// The screens that are one step away for a caller: their names and addresses.
pub(crate) fn places(caller: &Caller) -> impl Iterator<Item = (&'static str, &'static str)> {
    let places = PLACES.iter().filter(|(_, _, needs)| caller.may(*needs));
    places.map(|(name, address, _)| (*name, *address))
}

/// The screens above those of a customer.
pub(super) fn of_customer(app: &App, customer: &str) -> Vec<Step> {
    let step = |name: String, address: String| Step { name, address };
    vec![
        step("Customers".to_owned(), at::CUSTOMERS.to_owned()),
        step(app.book().customer_name(customer), at::customer(customer)),
    ]
}

/// The frame of one of the seller's screens, which stands at or below the place `here`. It tells what the caller did
/// last, once.
pub(super) fn frame(
    app: &App,
    caller: &Caller,
    here: &str,
    title: &str,
    trail: Vec<Step>,
) -> Frame {
    let vendor = app.book().config.vendor.clone();
    Frame {
        vendor: vendor.unwrap_or_else(|| "The seller".to_owned()),
        reader: caller.role.word().to_owned(),
        title: title.to_owned(),
        places: places(caller)
            .map(|(name, address)| Place {
                name,
                address: address.to_owned(),
                is_here: address == here,
            })
            .collect(),
        trail,
        told: (caller.session.as_ref()).and_then(|session| app.sessions().told(session)),
    }
}
