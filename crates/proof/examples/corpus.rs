//! Writes the corpus of proof files to a directory, for other verifiers to be run over:
//! `cargo run -p piecework-proof --example corpus -- DIR`.
//!
//! `expected.tsv` has a line for each file: file, verdict, code, the key to pin, the size and the root
//! of the head to pin; `-` where there is none.

#[path = "../tests/corpus/mod.rs"]
mod corpus;

use std::error::Error;
use std::fmt::Write as _;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let directory = std::env::args_os().nth(1).ok_or("name a directory")?;
    let directory = PathBuf::from(directory);
    std::fs::create_dir_all(&directory)?;
    let mut expected = String::from("file\tverdict\tcode\tvkey\tsize\troot\n");
    for case in corpus::cases::all() {
        let name = format!("{}.proof.zip", case.name);
        std::fs::write(directory.join(&name), &case.file)?;
        let (verdict, code) = match case.expected {
            "valid" => ("valid", "-"),
            code => ("refused", code),
        };
        let none = || "-".to_owned();
        let key = case.key.map_or_else(none, |key| key.to_string());
        let size = case.head.map_or_else(none, |head| head.size.to_string());
        let root = case.head.map_or_else(none, |head| head.root.to_string());
        writeln!(expected, "{name}\t{verdict}\t{code}\t{key}\t{size}\t{root}")?;
    }
    std::fs::write(directory.join("expected.tsv"), expected)?;
    Ok(())
}
