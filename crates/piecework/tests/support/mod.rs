//! [`TestBook`]: a book in a temporary directory, and the binary run on it at a fixed instant.

// Every test file is its own crate and uses its own part of this.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::print_stderr)]

pub mod server;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// The root of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .unwrap()
        .to_path_buf()
}

/// A file under `examples/`.
pub fn example(file: &str) -> PathBuf {
    let path = root().join("examples").join(file);
    assert!(path.exists(), "there is no example {file}");
    path
}

/// The directory of a public data set, or `None` where the data is not here, which is a failure
/// where `CI` is set.
pub fn data(set: &str) -> Option<PathBuf> {
    let all = std::env::var_os("PIECEWORK_DATA")
        .map_or_else(|| root().join("../shared/data"), PathBuf::from);
    let path = all.join(set);
    if path.is_dir() {
        return Some(path);
    }
    assert!(
        std::env::var_os("CI").is_none(),
        "no data set at {}",
        path.display()
    );
    eprintln!("skipped: no data set at {}", path.display());
    None
}

/// A book and its configuration, gone when dropped.
pub struct TestBook {
    directory: TempDir,
    now: String,
}

/// What a command left behind.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl TestBook {
    /// An empty book under documents of `examples/`, as seen at `now`.
    pub fn new(definition: &str, plan: &str, now: &str) -> TestBook {
        let book = TestBook {
            directory: tempfile::tempdir().unwrap(),
            now: now.to_owned(),
        };
        let (definition, plan) = (example(definition), example(plan));
        book.well(&[
            "init",
            "--definition",
            definition.to_str().unwrap(),
            "--plan",
            plan.to_str().unwrap(),
        ]);
        book
    }

    /// An empty book under a definition of `examples/` and a plan given as text, as seen at `now`.
    pub fn planned(definition: &str, plan: &str, now: &str) -> TestBook {
        let book = TestBook {
            directory: tempfile::tempdir().unwrap(),
            now: now.to_owned(),
        };
        let definition = example(definition);
        let plan = book.file("given.toml", plan);
        book.well(&[
            "init",
            "--definition",
            definition.to_str().unwrap(),
            "--plan",
            plan.to_str().unwrap(),
        ]);
        book
    }

    /// An empty book under the documents of a preset, as seen at `now`.
    pub fn preset(preset: &str, now: &str) -> TestBook {
        let book = TestBook {
            directory: tempfile::tempdir().unwrap(),
            now: now.to_owned(),
        };
        book.well(&["init", "--preset", preset]);
        book
    }

    /// The directory of the book's files.
    pub fn path(&self) -> &std::path::Path {
        self.directory.path()
    }

    /// The instant at which the book is seen.
    pub fn now(&self) -> &str {
        &self.now
    }

    /// The same book at another instant.
    pub fn at(&mut self, now: &str) {
        now.clone_into(&mut self.now);
    }

    /// Another definition in force for whoever has signed none.
    pub fn define(&self, old: &str, new: &str) {
        let path = self.directory.path().join("piecework.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(old), "{text} does not name {old}");
        std::fs::write(&path, text.replace(old, new)).unwrap();
    }

    /// Writes a file into the book's directory.
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Runs the binary.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        let output = Command::new(env!("CARGO_BIN_EXE_piecework"))
            .args(arguments)
            .current_dir(self.directory.path())
            .env("PIECEWORK_NOW", &self.now)
            .env("NO_COLOR", "1")
            .env_remove("PIECEWORK_CONFIG")
            .output()
            .unwrap();
        Ran {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Begins to run the binary, for a test that ends it; what it prints is thrown away.
    pub fn begin(&self, arguments: &[&str]) -> Child {
        Command::new(env!("CARGO_BIN_EXE_piecework"))
            .args(arguments)
            .current_dir(self.directory.path())
            .env("PIECEWORK_NOW", &self.now)
            .env_remove("PIECEWORK_CONFIG")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    /// Runs the binary, which must end well; what it printed.
    #[track_caller]
    pub fn well(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!(
            ran.code,
            Some(0),
            "piecework {}: {ran:#?}",
            arguments.join(" ")
        );
        ran.stdout
    }

    /// Runs the binary, which must end well and print JSON.
    #[track_caller]
    pub fn json(&self, arguments: &[&str]) -> Value {
        let mut arguments = arguments.to_vec();
        arguments.push("--json");
        let text = self.well(&arguments);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}"))
    }

    /// Imports files by a map of `examples/`; nothing may be refused.
    #[track_caller]
    pub fn import(&self, map: &str, files: &[PathBuf]) -> Value {
        let map = example(map);
        let mut arguments = vec!["import", "--map", map.to_str().unwrap()];
        arguments.extend(files.iter().map(|file| file.to_str().unwrap()));
        self.json(&arguments)
    }
}

/// The digits of `{"amount": "2.50", "currency": "USD"}` or of a bare number in text.
#[track_caller]
pub fn number(value: &Value) -> &str {
    let number = if value.is_object() {
        &value["amount"]
    } else {
        value
    };
    number
        .as_str()
        .unwrap_or_else(|| panic!("{value} is not a number in text"))
}

/// A number to so many digits, half up: what a reader of a published table would compare.
#[track_caller]
pub fn rounded(value: &Value, digits: usize) -> String {
    let text = number(value);
    let (sign, text) = text
        .strip_prefix('-')
        .map_or(("", text), |rest| ("-", rest));
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let padded = format!("{part}{}", "0".repeat(digits + 1));
    let (kept, next) = padded.split_at(digits);
    let mut scaled: i128 = format!("{whole}{kept}").parse().unwrap();
    if next.as_bytes()[0] >= b'5' {
        scaled += 1;
    }
    let text = format!("{scaled:0width$}", width = digits + 1);
    let (whole, part) = text.split_at(text.len() - digits);
    if digits == 0 {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{part}")
    }
}

/// The sum of amounts in cents.
#[track_caller]
pub fn cents<'a>(amounts: impl IntoIterator<Item = &'a Value>) -> i128 {
    let cents = |value: &Value| {
        let text = number(value);
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        assert!(part.len() <= 2, "{text} has parts of cents");
        format!("{whole}{part:0<2}").parse::<i128>().unwrap()
    };
    amounts.into_iter().map(cents).sum()
}

/// The row of a list of objects in which `key` is `value`.
#[track_caller]
pub fn row<'a>(rows: &'a Value, key: &str, value: &str) -> &'a Value {
    let found = rows
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row[key] == value);
    found.unwrap_or_else(|| panic!("no row with {key} = {value} in {rows:#}"))
}
