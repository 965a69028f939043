//! Who may call the routes of what people read and act on.

/// Every such route and the status that each kind of caller gets, as in the table of all others.
pub const RESOURCES: &[(&str, &str, [&str; 7])] = &[
    (
        "GET",
        "/v1/stripe",
        ["401", "401", "403", "403", "ok", "403", "403"],
    ),
    (
        "GET",
        "/v1/customers",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "GET",
        "/v1/customers/{customer}",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "GET",
        "/v1/definitions",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "GET",
        "/v1/definitions/{id}",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "POST",
        "/v1/definitions/check",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "GET",
        "/v1/plans",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "POST",
        "/v1/plans/check",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "GET",
        "/v1/customers/{customer}/contracts",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "GET",
        "/v1/customers/{customer}/contracts/{contract}",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "POST",
        "/v1/customers/{customer}/contracts",
        ["401", "401", "403", "403", "ok", "403", "403"],
    ),
    (
        "POST",
        "/v1/customers/{customer}/contracts/{contract}/amend",
        ["401", "401", "403", "403", "ok", "403", "403"],
    ),
    (
        "POST",
        "/v1/customers/{customer}/contracts/{contract}/rollback",
        ["401", "401", "403", "403", "ok", "403", "403"],
    ),
    (
        "POST",
        "/v1/customers/{customer}/contracts/{contract}/end",
        ["401", "401", "403", "403", "ok", "403", "403"],
    ),
    (
        "POST",
        "/v1/customers/{customer}/contracts/{contract}/preview",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "GET",
        "/v1/customers/{customer}/works",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "GET",
        "/v1/customers/{customer}/works/{work}",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "GET",
        "/v1/customers/{customer}/statements",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "GET",
        "/v1/customers/{customer}/statements/preview",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "GET",
        "/v1/customers/{customer}/statements/{number}",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "GET",
        "/v1/customers/{customer}/statements/{number}/explain",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "GET",
        "/v1/customers/{customer}/statements/{number}/document",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "POST",
        "/v1/customers/{customer}/statements",
        ["401", "401", "403", "403", "ok", "403", "403"],
    ),
    (
        "POST",
        "/v1/customers/{customer}/statements/{number}/void",
        ["401", "401", "403", "403", "ok", "403", "403"],
    ),
    (
        "GET",
        "/v1/customers/{customer}/credits",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "GET",
        "/v1/customers/{customer}/payments",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "GET",
        "/v1/customers/{customer}/grants",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "GET",
        "/v1/customers/{customer}/credit-notes",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "GET",
        "/v1/customers/{customer}/credit-notes/{number}",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "GET",
        "/v1/customers/{customer}/credit-notes/{number}/document",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "POST",
        "/v1/customers/{customer}/grants",
        ["401", "401", "403", "403", "ok", "403", "403"],
    ),
    (
        "POST",
        "/v1/customers/{customer}/statements/{number}/credit",
        ["401", "401", "403", "403", "ok", "403", "403"],
    ),
    (
        "POST",
        "/v1/customers/{customer}/credits",
        ["401", "401", "403", "403", "ok", "403", "403"],
    ),
    (
        "POST",
        "/v1/customers/{customer}/payments",
        ["401", "401", "403", "403", "ok", "403", "403"],
    ),
    (
        "GET",
        "/v1/customers/{customer}/disputes",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "POST",
        "/v1/customers/{customer}/disputes",
        ["401", "401", "403", "ok", "ok", "403", "403"],
    ),
    (
        "POST",
        "/v1/customers/{customer}/disputes/decide",
        ["401", "401", "403", "403", "ok", "403", "403"],
    ),
    (
        "POST",
        "/v1/customers/{customer}/reviews",
        ["401", "401", "403", "ok", "ok", "403", "403"],
    ),
    (
        "GET",
        "/v1/margins",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "GET",
        "/v1/tables/{table}",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "GET",
        "/v1/api-keys",
        ["401", "401", "403", "ok", "403", "403", "403"],
    ),
    (
        "POST",
        "/v1/api-keys",
        ["401", "401", "403", "ok", "403", "403", "403"],
    ),
    (
        "POST",
        "/v1/api-keys/{id}/rotate",
        ["401", "401", "403", "ok", "403", "403", "403"],
    ),
    (
        "POST",
        "/v1/api-keys/{id}/revoke",
        ["401", "401", "403", "ok", "403", "403", "403"],
    ),
];
