//! Where the price books are, and which they are.
#![allow(dead_code, clippy::print_stderr)]

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use piecework_intake::model_costs::{Import, Origin, genai_prices, litellm, text};

/// The data directory; `None`, said aloud, where there is none outside CI.
pub(crate) fn data() -> Option<PathBuf> {
    let dir = std::env::var_os("PIECEWORK_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    if dir.join("model-price-books").is_dir() {
        return Some(dir);
    }
    assert!(
        std::env::var_os("CI").is_none(),
        "{} has no price books",
        dir.display()
    );
    eprintln!(
        "skipped: {} has no price books; set PIECEWORK_DATA",
        dir.display()
    );
    None
}

/// LiteLLM of February 2025.
pub(crate) const A: &str = "litellm_1.60.8_model_prices.json.gz";
/// LiteLLM of November 2026.
pub(crate) const B: &str = "litellm_1.109.1_model_prices.json.gz";
/// genai-prices of August 2026.
pub(crate) const G: &str = "genai_prices_2026-08-21.json.gz";

pub(crate) fn origin(name: &str) -> Origin<'static> {
    let (id, name, date) = match name {
        A => (
            "litellm-1.60.8",
            "LiteLLM 1.60.8, model_prices_and_context_window (PyPI)",
            "2025-02-08",
        ),
        B => (
            "litellm-1.109.1",
            "LiteLLM 1.109.1, model_prices_and_context_window (PyPI)",
            "2026-11-12",
        ),
        _ => (
            "genai-prices-47df840a",
            "pydantic/genai-prices, prices/data.json, commit 47df840a",
            "2026-08-21",
        ),
    };
    Origin {
        id,
        name,
        date: date.parse().unwrap(),
    }
}

pub(crate) fn json(dir: &Path, name: &str) -> String {
    text(&std::fs::read(dir.join("model-price-books").join(name)).unwrap()).unwrap()
}

/// The book, LiteLLM's from its date on; read once.
pub(crate) fn book(dir: &Path, name: &str) -> Import {
    static BOOKS: [OnceLock<Import>; 3] = [const { OnceLock::new() }; 3];
    let position = [A, B, G].iter().position(|book| *book == name).unwrap();
    let read = || {
        let origin = origin(name);
        if name == G {
            genai_prices(&json(dir, name), &origin).unwrap()
        } else {
            litellm(&json(dir, name), &origin, Some(origin.date)).unwrap()
        }
    };
    BOOKS[position].get_or_init(read).clone()
}
