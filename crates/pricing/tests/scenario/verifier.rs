//! The second verifier recomputes every scenario: logs as the recompute vectors have them.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::file::{CUSTOMER, File};
use super::play::Played;
use crate::recompute;

/// Writes the log of a scenario with the bodies that it gave; where it stands.
pub fn write(directory: &Path, root: &Path, file: &File, played: &Played) -> PathBuf {
    let name = file.path.strip_prefix(root).unwrap().with_extension("");
    let name = name.to_string_lossy().replace('/', "-");
    let case = recompute::Case {
        name: &name,
        rules: "",
        about: &file.scenario.title,
        customer: CUSTOMER,
    };
    let expected = played
        .drawn
        .iter()
        .map(|own| (own.coverage, &own.statement));
    let expected: Vec<_> = expected.collect();
    let text = recompute::file(&case, &played.contents, &played.received, &expected);
    let path = directory.join(format!("{name}.jsonl"));
    std::fs::write(&path, text).unwrap();
    path
}

/// What the second verifier says of the logs of a directory; nothing where it agrees.
pub fn disagrees(directory: &Path) -> Option<String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../verifiers/python/vectors.py");
    let output = match Command::new("python3").arg(&script).arg(directory).output() {
        Ok(output) => output,
        // Where there is no Python, only continuous integration insists on it.
        Err(_) if std::env::var_os("CI").is_none() => return None,
        Err(error) => return Some(format!("python3: {error}")),
    };
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let failed = String::from_utf8_lossy(&output.stderr);
    (!output.status.success()).then(|| format!("the second verifier: {told}{failed}"))
}
