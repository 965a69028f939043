//! `docs/reference/cli.md` out of the command line itself, and the test that it is up to date.

use std::fmt::Write as _;
use std::path::Path;

use clap::{Command, CommandFactory as _};

use crate::cli::Cli;
use crate::{EXIT_CODES, env};

fn reference() -> String {
    let mut page = String::from(
        "# Commands\n\nWritten from the binary by a test; `PIECEWORK_UPDATE=1 cargo test -p piecework \
         cli_reference` writes it anew.\n\nEvery command takes `--config FILE` and `--json`.\n",
    );
    let mut root = Cli::command();
    root.build();
    for command in root
        .get_subcommands()
        .filter(|command| command.get_name() != "help")
    {
        write_command(&mut page, command, "piecework", 2);
    }
    page.push_str("\n## Exit codes\n\n| code | means |\n|---|---|\n");
    for (code, about) in EXIT_CODES {
        writeln!(page, "| {code} | {about} |").expect("writing to a string cannot fail");
    }
    page.push_str("\n## Environment\n\n| variable | does |\n|---|---|\n");
    for variable in env::ALL {
        writeln!(page, "| `{}` | {} |", variable.name, variable.about)
            .expect("writing to a string cannot fail");
    }
    page
}

fn write_command(page: &mut String, command: &Command, parent: &str, depth: usize) {
    let name = format!("{parent} {}", command.get_name());
    let about = command
        .get_about()
        .map(ToString::to_string)
        .unwrap_or_default();
    write!(page, "\n{} `{name}`\n\n{about}.\n", "#".repeat(depth)).expect("a string");
    let mut rows = String::new();
    for argument in command
        .get_arguments()
        .filter(|own| !own.is_global_set() && own.get_id() != "help")
    {
        let value = argument.get_value_names().unwrap_or_default().join(" ");
        let form = match argument.get_long() {
            None => argument
                .get_value_names()
                .map_or(argument.get_id().to_string(), |own| own.join(" ")),
            Some(long) if argument.get_action().takes_values() => format!("--{long} {value}"),
            Some(long) => format!("--{long}"),
        };
        let mut notes = argument
            .get_help()
            .map(ToString::to_string)
            .unwrap_or_default();
        let known: Vec<String> = argument
            .get_possible_values()
            .iter()
            .map(|own| format!("`{}`", own.get_name()))
            .collect();
        if argument.get_action().takes_values() && !known.is_empty() {
            write!(notes, "; one of {}", known.join(", ")).expect("a string");
        }
        let defaults = argument.get_default_values();
        if argument.get_action().takes_values() && !defaults.is_empty() {
            let defaults: Vec<_> = defaults.iter().map(|own| own.to_string_lossy()).collect();
            write!(notes, "; default `{}`", defaults.join(" ")).expect("a string");
        }
        let needed = if argument.is_required_set() {
            "needed. "
        } else {
            ""
        };
        writeln!(rows, "| `{form}` | {needed}{} |", notes.replace('|', "\\|")).expect("a string");
    }
    if !rows.is_empty() {
        write!(page, "\n| argument | |\n|---|---|\n{rows}").expect("a string");
    }
    for inner in command
        .get_subcommands()
        .filter(|own| own.get_name() != "help")
    {
        write_command(page, inner, &name, depth + 1);
    }
}

#[test]
fn the_reference_of_the_command_line_is_up_to_date() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("a workspace");
    let path = root.join("docs/reference/cli.md");
    let now = reference();
    if std::env::var_os("PIECEWORK_UPDATE").is_some() {
        std::fs::write(&path, now).expect("the page can be written");
        return;
    }
    let page = std::fs::read_to_string(&path).expect("docs/reference/cli.md is there");
    assert_eq!(
        page, now,
        "docs/reference/cli.md is not of this command line; see its first lines"
    );
}
