//! How fast a proof file is made and verified, beside the limit of the same run.
//!
//! ```text
//! cargo bench -p piecework-proof --bench verify -- [WORKS]
//! cargo bench -p piecework-proof --bench verify -- FILE.proof.zip
//! ```
//!
//! A log of `WORKS` works of three facts each, and the first statement over all of them. The limits are what no
//! verifier goes without: unpacking the file and hashing every entry, and settling and rating every
//! work. Interleaved runs, ratios first. The file is left in the directory for temporary files: given its name,
//! the program verifies it alone, so that the peak memory is the verifier's own.

#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)] // a program for people

#[path = "../tests/corpus/mod.rs"]
mod corpus;

use std::time::{Duration, Instant};

use corpus::book::{Book, CONTRACT, CUSTOMER};
use corpus::many::many;
use corpus::story::{CUT_FEBRUARY, JANUARY};
use pricing::Account;
use pricing::statement::draw;
use proof::tree::Tree;
use proof::verify::{Options, verify};
use proof::zip::Archive;
use tlog::proof::{prove_consistency, prove_inclusion, verify_consistency, verify_inclusion};
use work::effective::Content;

const RUNS: usize = 3;
/// Linux tells processor time in hundredths of a second.
const TICKS_A_SECOND: f64 = 100.0;

fn main() {
    if let Some(path) = std::env::args().find(|text| text.ends_with(".proof.zip")) {
        return alone(&path);
    }
    let works = std::env::args()
        .filter_map(|text| text.parse().ok())
        .next()
        .unwrap_or(30_000u64);
    let book = many(works);
    let entries = book.entries.len();
    let begun = Instant::now();
    let file = book.file(JANUARY);
    let made = begun.elapsed();
    let options = |threads| Options {
        threads,
        ..Options::default()
    };
    let (mut hash, mut unpack, mut settle, mut one, mut two) =
        (vec![], vec![], vec![], vec![], vec![]);
    for _ in 0..RUNS {
        hash.push(timed(|| hashed(&book)));
        unpack.push(timed(|| unpacked(&file)));
        settle.push(timed(|| settled(&book)));
        one.push(timed(|| assert!(verify(&file, &options(1)).is_valid())));
        two.push(timed(|| assert!(verify(&file, &options(2)).is_valid())));
    }
    let [hash, unpack, settle, one, two] = [hash, unpack, settle, one, two].map(median);
    let limit = unpack + settle;
    println!("{entries} entries, {} bytes", file.len());
    println!("hash       {hash:>9.2?}  plain SHA-256 of every entry");
    println!(
        "make       {made:>9.2?}  {:.1} of the hash",
        made.as_secs_f64() / hash.as_secs_f64()
    );
    println!(
        "limit      {limit:>9.2?}  unpack and hash {unpack:.2?}, settle and rate {settle:.2?}"
    );
    for (name, time) in [("1 thread", one), ("2 threads", two)] {
        let ratio = time.as_secs_f64() / limit.as_secs_f64();
        println!("{name:<10} {time:>9.2?}  {ratio:.2} of the limit");
    }
    proofs(&book, hash);
    let path = std::env::temp_dir().join(format!("verify-{works}.proof.zip"));
    std::fs::write(&path, &file).unwrap();
    println!("left in {}", path.display());
}

/// Verifies a file, and tells the most memory that it took.
fn alone(path: &str) {
    let file = std::fs::read(path).unwrap();
    let threads = std::thread::available_parallelism().map_or(1, Into::into);
    let options = Options {
        threads,
        ..Options::default()
    };
    let time = timed(|| assert!(verify(&file, &options).is_valid()));
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks = stat.split_whitespace().skip(13).take(2);
    let ticks: u32 = ticks.filter_map(|own| own.parse::<u32>().ok()).sum();
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find(|line| line.starts_with("VmHWM:"));
    println!(
        "{time:.2?} on {threads} threads, {:.2} s of processor time, {} bytes, peak memory {}",
        f64::from(ticks) / TICKS_A_SECOND,
        file.len(),
        peak.map_or("unknown", |line| line.trim_start_matches("VmHWM:").trim())
    );
}

/// Inclusion and consistency proofs over the log, made and verified, beside as many hashes.
fn proofs(book: &Book, hash: Duration) {
    const PROOFS: u64 = 10_000;
    let leaves = book.entries.iter().map(|entry| tlog::hash::leaf(entry));
    let tree = Tree::of(leaves.collect());
    let size = tree.size();
    let root = tree.root(size).unwrap();
    let places: Vec<u64> = (0..PROOFS).map(|n| n * 7_919 % (size - 1) + 1).collect();
    let mut included = Vec::new();
    let prove = timed(|| {
        included.extend(
            places
                .iter()
                .map(|own| prove_inclusion(&tree, *own, size).unwrap()),
        );
    });
    let check = timed(|| {
        for (own, proof) in places.iter().zip(&included) {
            let leaf = tree.leaf(*own).unwrap();
            verify_inclusion(&leaf, *own, size, proof, &root).unwrap();
        }
    });
    let mut continued = Vec::new();
    let prove_old = timed(|| {
        continued.extend(
            places
                .iter()
                .map(|own| prove_consistency(&tree, *own, size).unwrap()),
        );
    });
    let roots: Vec<_> = places.iter().map(|own| tree.root(*own).unwrap()).collect();
    let check_old = timed(|| {
        for ((own, old), proof) in places.iter().zip(&roots).zip(&continued) {
            verify_consistency(*own, old, size, &root, proof).unwrap();
        }
    });
    let one_hash = hash.as_secs_f64() / book.entries.len() as f64;
    for (name, time) in [
        ("inclusion, made", prove),
        ("inclusion, verified", check),
        ("consistency, made", prove_old),
        ("consistency, verified", check_old),
    ] {
        let one = time.as_secs_f64() / PROOFS as f64;
        println!(
            "{name:<22} {:>7.1} us  {:.0} entries hashed",
            one * 1e6,
            one / one_hash
        );
    }
}

fn hashed(book: &Book) {
    for entry in &book.entries {
        std::hint::black_box(work::Digest::of(entry));
    }
}

fn timed(run: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    run();
    begun.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn unpacked(file: &[u8]) {
    let archive = Archive::open(file).unwrap();
    for packed in archive.members() {
        let plain = packed.unpack().unwrap();
        std::hint::black_box(tlog::hash::leaf(&plain));
    }
}

fn settled(book: &Book) {
    let contents: Vec<Content> = book.contents.clone();
    let account = Account::fold(CUSTOMER, contents, None);
    let cut = CUT_FEBRUARY.parse().unwrap();
    std::hint::black_box(draw(&account, None, CONTRACT, cut).unwrap());
}
