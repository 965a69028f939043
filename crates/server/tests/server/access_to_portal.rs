//! Who may see the buyer's portal and the settings, and send their forms.

/// What whoever reads works and statements may.
const READ: [&str; 7] = ["401", "401", "403", "ok", "ok", "ok", "ok"];
/// What whoever sends events may, the buyer among them.
const SEND: [&str; 7] = ["401", "401", "ok", "ok", "403", "403", "ok"];
/// What whoever reads costs may.
const SELLER: [&str; 7] = ["401", "401", "403", "ok", "ok", "ok", "403"];
/// What whoever runs the server may.
const RUN: [&str; 7] = ["401", "401", "403", "ok", "403", "403", "403"];

/// Every such screen and the status that each kind of caller gets, as in the table of all others.
pub const PORTAL: &[(&str, &str, [&str; 7])] = &[
    (
        "GET",
        "/portal",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    ("GET", "/portal/{customer}", READ),
    (
        "POST",
        "/portal/{customer}/budget",
        ["401", "401", "403", "ok", "ok", "403", "ok"],
    ),
    ("GET", "/portal/{customer}/statements", READ),
    ("GET", "/portal/{customer}/so-far", READ),
    ("GET", "/portal/{customer}/statements/{number}", READ),
    ("GET", "/portal/{customer}/statements/{number}/bridge", READ),
    ("GET", "/portal/{customer}/works", READ),
    ("GET", "/portal/{customer}/works/{work}", READ),
    ("GET", "/portal/{customer}/works/{work}/say", READ),
    (
        "POST",
        "/portal/{customer}/works/{work}/say",
        ["401", "401", "403", "403", "403", "403", "ok"],
    ),
    ("GET", "/portal/{customer}/contracts", READ),
    ("GET", "/portal/{customer}/definitions/{id}", READ),
    ("GET", "/portal/{customer}/disputes", READ),
    ("GET", "/portal/{customer}/quotes", READ),
    ("GET", "/portal/{customer}/quotes/{quote}", READ),
    ("POST", "/portal/{customer}/quotes/{quote}", SEND),
    ("GET", "/portal/{customer}/proof", READ),
    ("GET", "/portal/{customer}/signed", READ),
    ("POST", "/portal/{customer}/signed", SEND),
    ("POST", "/portal/{customer}/acknowledged", SEND),
    ("GET", "/portal/{customer}/reconcile", READ),
    ("POST", "/portal/{customer}/reconcile", READ),
    ("POST", "/portal/{customer}/reconcile/compared", READ),
    ("GET", "/settings", SELLER),
    ("GET", "/settings/keys", RUN),
    ("POST", "/settings/keys", RUN),
    (
        "GET",
        "/settings/links",
        ["401", "401", "403", "ok", "ok", "403", "403"],
    ),
    (
        "POST",
        "/settings/links",
        ["401", "401", "403", "ok", "ok", "403", "403"],
    ),
    ("GET", "/settings/webhooks", RUN),
    ("POST", "/settings/webhooks", RUN),
    ("GET", "/settings/webhooks/{id}", RUN),
    ("POST", "/settings/webhooks/{id}", RUN),
    ("GET", "/settings/budgets", SELLER),
    (
        "POST",
        "/settings/budgets",
        ["401", "401", "403", "ok", "ok", "403", "403"],
    ),
    ("GET", "/events/{id}", SELLER),
    ("POST", "/events/{id}", RUN),
    ("GET", "/costs/unassigned", SELLER),
    (
        "POST",
        "/costs/unassigned",
        ["401", "401", "403", "ok", "ok", "403", "403"],
    ),
];
