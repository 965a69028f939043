//! `piecework schema`: reference for tools and people, from the code itself.

use anyhow::Result;
use serde::Serialize;
use work::Header;
use work::body::Kind;

use crate::cli::Schema;
use crate::context::Context;
use crate::output::table;
use crate::{Done, EXIT_CODES, env};

#[derive(Serialize)]
struct Row {
    name: String,
    about: String,
}

/// Runs the command.
pub fn run(context: &Context, args: &Schema) -> Result<Done> {
    let (title, rows): (&str, Vec<Row>) = match args.what.as_str() {
        "events" => (
            "event type",
            Kind::WORDS
                .iter()
                .map(|(_, kind)| Row {
                    name: kind.wire().to_owned(),
                    about: if kind.attributes().is_empty() {
                        String::new()
                    } else {
                        format!("conditions may ask: {}", kind.attributes().join(", "))
                    },
                })
                .collect(),
        ),
        "headers" => (
            "shared header",
            Header::ALL
                .into_iter()
                .map(|header| Row {
                    name: header.name().to_owned(),
                    about: String::new(),
                })
                .collect(),
        ),
        "exit-codes" => (
            "exit code",
            EXIT_CODES
                .iter()
                .map(|(code, about)| Row {
                    name: code.to_string(),
                    about: (*about).to_owned(),
                })
                .collect(),
        ),
        _ => (
            "variable",
            env::ALL
                .iter()
                .map(|variable| Row {
                    name: variable.name.to_owned(),
                    about: variable.about.to_owned(),
                })
                .collect(),
        ),
    };
    context.out.value(&rows, |rows| {
        vec![table(
            &[title, "about"],
            rows.iter()
                .map(|row| vec![row.name.clone(), row.about.clone()]),
        )]
    })?;
    Ok(Done::Well)
}
