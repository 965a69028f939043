//! The vectors of `docs/reference/recompute/vectors`: whole logs with the statement bodies they give.
//!
//! A second implementation is written from the pages beside them. The files are made here from
//! stories, and compared with what stands in the directory, so that they never go stale;
//! `PIECEWORK_UPDATE=1` writes them anew.

#![allow(clippy::unwrap_used, unreachable_pub)] // a test may stop at the first thing that is not there

#[path = "support/recompute.rs"]
mod recompute;
mod support;
mod vectors {
    pub mod contracts;
    pub mod covers;
    pub mod credits;
    pub mod differences;
    pub mod fees;
    pub mod knowledge;
    pub mod opening;
    pub mod outcomes;
    pub mod prices;
    pub mod published;
    pub mod terms;
    pub mod usage;
    pub mod vector;
    pub mod works;
}

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use vectors::vector::Vector;

const BYTES_MAX: usize = 2_097_152;

/// The rules that cases must name, beside the surfaces.
const RULES: &str = "D1 D2 D3 D4 D5 D6 D7 D8 D9 D10 D11 D12 D13 D15 D16 P1 P2 P3 P4 P5 P6 \
                     S1 S2 S3 S4 S5 S6 S7 S8 S9 S10 S11 S12 \
                     access usage outcome risk";

fn all() -> Vec<Vector> {
    let mut all = Vec::new();
    all.extend(vectors::prices::all());
    all.extend(vectors::usage::all());
    all.extend(vectors::fees::all());
    all.extend(vectors::differences::all());
    all.extend(vectors::credits::all());
    all.extend(vectors::contracts::all());
    all.extend(vectors::covers::all());
    all.extend(vectors::works::all());
    all.extend(vectors::knowledge::all());
    all.extend(vectors::opening::all());
    all.extend(vectors::outcomes::all());
    all.extend(vectors::published::all());
    all.extend(vectors::terms::all());
    all
}

fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/recompute/vectors")
}

/// The vector files that stand in the directory.
fn standing() -> BTreeMap<String, String> {
    let files = std::fs::read_dir(directory()).unwrap();
    files
        .map(|file| file.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "jsonl")
        })
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect()
}

#[test]
fn the_vectors_are_what_the_logs_give() {
    let made: BTreeMap<String, String> = all()
        .iter()
        .map(|vector| (format!("{}.jsonl", vector.name), vector.file()))
        .collect();
    if std::env::var_os("PIECEWORK_UPDATE").is_some() {
        for name in standing().keys() {
            std::fs::remove_file(directory().join(name)).unwrap();
        }
        for (name, text) in &made {
            std::fs::write(directory().join(name), text).unwrap();
        }
    }
    let standing = standing();
    let names = |files: &BTreeMap<String, String>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&standing), names(&made));
    for (name, text) in &made {
        assert!(
            standing[name] == *text,
            "{name} is not what its log gives; PIECEWORK_UPDATE=1 writes the vectors anew"
        );
    }
}

#[test]
fn the_vectors_are_many_small_and_name_every_rule() {
    let all = all();
    assert!(all.len() >= 40, "{}", all.len());
    let names: BTreeSet<&str> = all.iter().map(|vector| vector.name).collect();
    assert_eq!(names.len(), all.len());
    let bytes: usize = all.iter().map(|vector| vector.file().len()).sum();
    assert!(bytes < BYTES_MAX, "{bytes}");
    let named: BTreeSet<&str> = all
        .iter()
        .flat_map(|vector| vector.rules.split_whitespace())
        .collect();
    for rule in RULES.split_whitespace() {
        assert!(named.contains(rule), "{rule}");
    }
}
