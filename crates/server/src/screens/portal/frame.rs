//! The frame of the portal's screens.

use pages::screen::portal::at;
use pages::view::{Frame, Place, Step};

use crate::access::{Caller, Permission, Role};
use crate::app::App;

/// The screens that are always one step away.
const PLACES: &[(&str, &str)] = &[
    ("Overview", at::OVERVIEW),
    ("Statements", at::STATEMENTS),
    ("Works", at::WORKS),
    ("Contract", at::CONTRACTS),
    ("Disputes", at::DISPUTES),
    ("Quotes", at::QUOTES),
    ("Proof", at::PROOF),
    ("Your records", at::RECONCILE),
    ("Signed events", at::SIGNED),
];

/// The frame of a screen which stands at or below the place `here`. It tells what the caller did last, once. Who sees
/// one statement alone has no other place.
pub(super) fn frame(
    app: &App,
    caller: &Caller,
    customer: &str,
    (here, title): (&str, &str),
    trail: Vec<Step>,
) -> Frame {
    let vendor = app.book().config.vendor.clone();
    let places = PLACES.iter().filter(|_| caller.may(Permission::Read));
    let reader = match (caller.role, caller.is_of_link) {
        (Role::Buyer, true) => "By a link".to_owned(),
        (Role::Buyer, false) => "The buyer".to_owned(),
        (role, _) => format!("{}: what the buyer sees", role.word()),
    };
    Frame {
        vendor: vendor.unwrap_or_else(|| "The seller".to_owned()),
        reader,
        title: title.to_owned(),
        places: places
            .map(|(name, address)| Place {
                name,
                address: at::of(address, customer),
                is_here: *address == here,
            })
            .collect(),
        trail,
        told: (caller.session.as_ref()).and_then(|session| app.sessions().told(session)),
    }
}

/// A screen above, one of the places.
pub(super) fn above(name: &str, place: &str, customer: &str) -> Vec<Step> {
    vec![Step {
        name: name.to_owned(),
        address: at::of(place, customer),
    }]
}
