//! The maps that come with the product: exports that many people have.

use crate::map::{Format, Map};

/// A ready map.
#[derive(Debug, PartialEq, Eq)]
pub struct Ready {
    /// Its name on the command line.
    pub name: &'static str,
    /// The document.
    pub text: &'static str,
}

/// Every ready map.
pub const READY: &[Ready] = &[
    Ready {
        name: "zendesk-tickets",
        text: include_str!("../maps/zendesk-tickets.toml"),
    },
    Ready {
        name: "intercom-conversations",
        text: include_str!("../maps/intercom-conversations.toml"),
    },
    Ready {
        name: "intercom-messages",
        text: include_str!("../maps/intercom-messages.toml"),
    },
    Ready {
        name: "github-pull-requests",
        text: include_str!("../maps/github-pull-requests.toml"),
    },
    Ready {
        name: "github-pull-requests-csv",
        text: include_str!("../maps/github-pull-requests-csv.toml"),
    },
    Ready {
        name: "focus",
        text: include_str!("../maps/focus.toml"),
    },
    Ready {
        name: "litellm-spend-logs",
        text: include_str!("../maps/litellm-spend-logs.toml"),
    },
];

impl Ready {
    /// The ready map of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Ready> {
        READY.iter().find(|ready| ready.name == name)
    }

    /// The ready map whose columns are all in the file, the one with the most of them.
    pub(crate) fn fitting(names: &[String], format: Format) -> Option<&'static Ready> {
        let fits = |ready: &&Ready| -> Option<usize> {
            let map = Map::parse(ready.text).ok()?;
            let file = map.files.first()?;
            let needed = map.columns_needed();
            // In CSV `{Tags.team}` looks into the column `Tags`.
            let is_of = |name: &String, column: &str| {
                name == column
                    || format == Format::Csv
                        && column
                            .split_once('.')
                            .is_some_and(|(outer, _)| name == outer)
            };
            let has_all = needed
                .iter()
                .all(|column| names.iter().any(|name| is_of(name, column)));
            (file.shape.format.unwrap_or(Format::Csv) == format && has_all).then_some(needed.len())
        };
        READY
            .iter()
            .filter(|ready| fits(ready).is_some())
            .max_by_key(|ready| fits(ready))
    }
}

/// Every ready document of meters.
pub const READY_METERS: &[Ready] = &[Ready {
    name: "litellm-openmeter",
    text: include_str!("../meters/litellm-openmeter.toml"),
}];
