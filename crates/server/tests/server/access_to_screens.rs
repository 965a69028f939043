//! Who may see the screens on which something is done, and send their forms.

/// Every such screen and the status that each kind of caller gets, as in the table of all others.
pub const SCREENS: &[(&str, &str, [&str; 7])] = &[
    (
        "GET",
        "/approvals",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "GET",
        "/customers/{customer}/approvals/{proposal}",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "POST",
        "/customers/{customer}/approvals/{proposal}",
        ["401", "401", "403", "403", "ok", "403", "403"],
    ),
    (
        "GET",
        "/contracts",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "GET",
        "/customers/{customer}/contracts/{contract}",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "GET",
        "/customers/{customer}/contracts/{contract}/checks",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "POST",
        "/customers/{customer}/contracts/{contract}/checks",
        ["401", "401", "403", "403", "ok", "403", "403"],
    ),
    (
        "GET",
        "/customers/{customer}/contracts/{contract}/change",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "POST",
        "/customers/{customer}/contracts/{contract}/change",
        ["401", "401", "403", "403", "ok", "403", "403"],
    ),
    (
        "GET",
        "/quotes",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "GET",
        "/customers/{customer}/quotes",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "POST",
        "/customers/{customer}/quotes",
        ["401", "401", "403", "403", "ok", "403", "403"],
    ),
    (
        "GET",
        "/customers/{customer}/quotes/{quote}",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "POST",
        "/customers/{customer}/quotes/{quote}",
        ["401", "401", "403", "403", "ok", "403", "403"],
    ),
    (
        "GET",
        "/customers/{customer}/statements/preview",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "POST",
        "/customers/{customer}/statements/preview",
        ["401", "401", "403", "403", "ok", "403", "403"],
    ),
    (
        "POST",
        "/customers/{customer}/statements/{number}",
        ["401", "401", "403", "403", "ok", "403", "403"],
    ),
    (
        "GET",
        "/customers/{customer}/works/{work}/dispute",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "POST",
        "/customers/{customer}/works/{work}/dispute",
        ["401", "401", "403", "ok", "ok", "403", "403"],
    ),
    (
        "GET",
        "/plans",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "GET",
        "/plans/{id}",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "POST",
        "/plans/{id}",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "GET",
        "/definitions/{id}/compare",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "POST",
        "/definitions/{id}/compare",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
    (
        "GET",
        "/customers/{customer}/renewal",
        ["401", "401", "403", "ok", "ok", "ok", "403"],
    ),
];
