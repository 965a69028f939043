//! The list built in: today's common models, with the source and date of every price.
//!
//! The documents under `crates/pricing/model_costs/` are facts taken from dated price books by the
//! rules of `docs/reference/model-costs.md`; a test of the crate `intake` compares every entry with
//! those books.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::civil::Date;

use super::{ModelCosts, ModelCostsError};

/// (family, document).
const DOCUMENTS: &[(&str, &str)] = &[
    ("openai", include_str!("../../model_costs/openai.toml")),
    (
        "anthropic",
        include_str!("../../model_costs/anthropic.toml"),
    ),
    ("google", include_str!("../../model_costs/google.toml")),
    ("mistral", include_str!("../../model_costs/mistral.toml")),
    ("deepseek", include_str!("../../model_costs/deepseek.toml")),
    ("xai", include_str!("../../model_costs/xai.toml")),
    ("llama", include_str!("../../model_costs/llama.toml")),
    (
        "embeddings",
        include_str!("../../model_costs/embeddings.toml"),
    ),
];

static BUILT_IN: LazyLock<Result<ModelCosts, ModelCostsError>> = LazyLock::new(combined);

impl ModelCosts {
    /// The list built in.
    ///
    /// # Panics
    /// Never: the documents are part of the program, and a test reads them.
    #[must_use]
    pub fn built_in() -> &'static ModelCosts {
        BUILT_IN
            .as_ref()
            .expect("the built-in documents are read by a test")
    }

    /// The documents of the list built in: family and text.
    #[must_use]
    pub const fn built_in_documents() -> &'static [(&'static str, &'static str)] {
        DOCUMENTS
    }
}

fn combined() -> Result<ModelCosts, ModelCostsError> {
    let mut sources = BTreeMap::new();
    let mut models = Vec::new();
    let mut date = Date::ZERO;
    for (_, text) in DOCUMENTS {
        let family = ModelCosts::parse(text)?;
        date = date.max(family.date);
        sources.extend(family.sources);
        models.extend(family.models);
    }
    ModelCosts::new(
        "Common models, built in",
        date,
        money::Currency::USD,
        &sources,
        &models,
    )
}
