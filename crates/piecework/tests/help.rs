//! The help of every command, as people read it: a change of the command line shows in the difference.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

use std::process::Command;

fn help(path: &[String]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_piecework"))
        .args(path)
        .arg("--help")
        .env("COLUMNS", "100")
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{path:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The help of a command and of all below it, in their order.
fn walk(path: &[String], all: &mut Vec<(String, String)>) {
    let text = help(path);
    let names: Vec<String> = text
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect();
    all.push((
        ["piecework".to_owned()]
            .iter()
            .chain(path)
            .cloned()
            .collect::<Vec<_>>()
            .join(" "),
        text,
    ));
    for name in names {
        let inner: Vec<String> = path.iter().cloned().chain([name]).collect();
        walk(&inner, all);
    }
}

#[test]
fn every_command_helps() {
    let mut all = Vec::new();
    walk(&[], &mut all);
    assert!(all.len() > 30, "only {} commands were found", all.len());
    let text: String = all
        .iter()
        .map(|(name, text)| format!("$ {name} --help\n{}\n\n", text.trim_end()))
        .collect();
    insta::assert_snapshot!("help", text);
}
