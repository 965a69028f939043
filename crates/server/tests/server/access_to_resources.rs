//! Who may call the routes of what people read and act on.

/// Every such route and the status that each kind of caller gets, as in the table of all others.
pub const RESOURCES: &[(&str, &str, [&str; 7])] = &[
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
        "/v1/customers/{customer}/contracts/{contract}/open",
        ["401", "401", "403", "403", "ok", "403", "403"],
    ),
    (
        "POST",
        "/v1/customers/{customer}/contracts/{contract}/renew",
        ["401", "401", "403", "403", "ok", "403", "403"],
    ),
    (
        "POST",
        "/v1/customers/{customer}/contracts/{contract}/amend",
        ["401", "401", "403", "403", "ok", "403", "403"],
    ),
    (
        "POST",
        "/v1/customers/{customer}/documents",
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
        "/v1/customers/{customer}/quotes",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "GET",
        "/v1/customers/{customer}/quotes/{quote}",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "GET",
        "/v1/customers/{customer}/quotes/{quote}/document",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "POST",
        "/v1/customers/{customer}/quotes",
        ["401", "401", "403", "403", "ok", "403", "403"],
    ),
    (
        "POST",
        "/v1/customers/{customer}/quotes/{quote}/send",
        ["401", "401", "403", "403", "ok", "403", "403"],
    ),
    (
        "POST",
        "/v1/customers/{customer}/quotes/{quote}/accept",
        ["401", "401", "403", "403", "ok", "403", "403"],
    ),
    (
        "POST",
        "/v1/customers/{customer}/quotes/{quote}/decline",
        ["401", "401", "403", "403", "ok", "403", "403"],
    ),
    (
        "POST",
        "/v1/customers/{customer}/quotes/{quote}/withdraw",
        ["401", "401", "403", "403", "ok", "403", "403"],
    ),
    (
        "POST",
        "/v1/customers/{customer}/quotes/{quote}/answer",
        ["401", "401", "ok", "ok", "403", "403", "ok"],
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
        "/v1/customers/{customer}/statements/{number}/bridge",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "GET",
        "/v1/approvals",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "GET",
        "/v1/customers/{customer}/approvals/{proposal}",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "GET",
        "/v1/changes",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "POST",
        "/v1/customers/{customer}/approvals/{proposal}/approve",
        ["401", "401", "403", "403", "ok", "403", "403"],
    ),
    (
        "POST",
        "/v1/customers/{customer}/approvals/{proposal}/decline",
        ["401", "401", "403", "403", "ok", "403", "403"],
    ),
    (
        "GET",
        "/v1/checks",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "POST",
        "/v1/checks/waive",
        ["401", "401", "403", "403", "ok", "403", "403"],
    ),
    (
        "GET",
        "/v1/closes/{month}",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "POST",
        "/v1/closes/{month}",
        ["401", "401", "403", "403", "ok", "403", "403"],
    ),
    (
        "GET",
        "/v1/statement-runs",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "GET",
        "/v1/statement-runs/{name}",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "GET",
        "/v1/statement-runs/{name}/rows",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "POST",
        "/v1/statement-runs",
        ["401", "401", "403", "403", "ok", "403", "403"],
    ),
    (
        "POST",
        "/v1/statement-runs/{name}/resume",
        ["401", "401", "403", "403", "ok", "403", "403"],
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
        "/v1/customers/{customer}/covers",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "GET",
        "/v1/customers/{customer}/covers/{number}",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "GET",
        "/v1/customers/{customer}/covers/{number}/document",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "POST",
        "/v1/customers/{customer}/covers",
        ["401", "401", "403", "403", "ok", "403", "403"],
    ),
    (
        "POST",
        "/v1/customers/{customer}/covers/{number}/void",
        ["401", "401", "403", "403", "ok", "403", "403"],
    ),
    (
        "GET",
        "/v1/customers/{customer}/cover-choices",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "POST",
        "/v1/customers/{customer}/cover-choices",
        ["401", "401", "403", "403", "ok", "403", "403"],
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
        "POST",
        "/v1/customers/{customer}/payments/allocate",
        ["401", "401", "403", "403", "ok", "403", "403"],
    ),
    (
        "POST",
        "/v1/customers/{customer}/payments/refund",
        ["401", "401", "403", "403", "ok", "403", "403"],
    ),
    (
        "POST",
        "/v1/customers/{customer}/payments/void",
        ["401", "401", "403", "403", "ok", "403", "403"],
    ),
    (
        "POST",
        "/v1/customers/{customer}/write-offs",
        ["401", "401", "403", "403", "ok", "403", "403"],
    ),
    (
        "GET",
        "/v1/ageing",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "GET",
        "/v1/customers/{customer}/ageing",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "GET",
        "/v1/customers/{customer}/account",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "GET",
        "/v1/customers/{customer}/balance-confirmation",
        ["401", "401", "403", "ok", "ok", "ok", "ok"],
    ),
    (
        "GET",
        "/v1/books/revenue",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "GET",
        "/v1/books/journal",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "GET",
        "/v1/books/trial-balance",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "GET",
        "/v1/books/costs",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "GET",
        "/v1/books/locks",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "POST",
        "/v1/books/lock",
        ["401", "401", "403", "403", "ok", "403", "403"],
    ),
    (
        "POST",
        "/v1/books/unlock",
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
        "/v1/stripe",
        ["401", "401", "403", "403", "ok", "403", "403"],
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
