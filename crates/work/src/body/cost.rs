//! `cost.recorded`: what performing the work cost.

use std::collections::BTreeMap;

use money::{Amount, Quantity};

use super::words::words;

words! {
    /// The four lines of the cost of goods sold.
    CostLine {
        /// Model calls.
        Model = "model",
        /// Infrastructure: compute, search, storage, third-party calls.
        Infra = "infra",
        /// People who review or finish the work.
        HumanReview = "human_review",
        /// Support and success.
        Support = "support",
    }
}

words! {
    /// A class of tokens (or token-like units) that a model prices on its own.
    ///
    /// The classes do not overlap: cached input is not in `input`, reasoning is not in `output`.
    TokenClass {
        /// Input that was not read from a cache.
        Input = "input",
        /// Input read from a cache.
        CacheRead = "cache_read",
        /// Input written to a cache.
        CacheWrite = "cache_write",
        /// Output, without reasoning.
        Output = "output",
        /// Reasoning output.
        Reasoning = "reasoning",
        /// Audio input.
        InputAudio = "input_audio",
        /// Audio output.
        OutputAudio = "output_audio",
    }
}

/// Token counts by class; classes that did not occur are absent.
pub type Tokens = BTreeMap<TokenClass, Quantity>;

/// One cost: an amount, or something the model costs can price, or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cost {
    /// Which line of the cost of goods sold.
    pub line: CostLine,
    /// The cost as claimed by the sender. Negative for what a provider gives back: on the wire that is
    /// a positive amount with `credit`, so that no sign slips in by accident.
    pub amount: Option<Amount>,
    /// Who ran the model.
    pub provider: Option<String>,
    /// The model that answered.
    pub model: Option<String>,
    /// Token counts.
    pub tokens: Tokens,
    /// The agent, for margin by agent.
    pub agent: Option<String>,
    /// The agent's version.
    pub agent_version: Option<String>,
    /// What the cost is for, free text.
    pub note: Option<String>,
}
