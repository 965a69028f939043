//! The names of providers: one canonical name each, and what else they are called.
//!
//! Telemetry, price books and people write the same provider differently. The canonical names are
//! LiteLLM's, the most widespread; the others are those of the OpenTelemetry GenAI conventions (old
//! and new), of genai-prices and of LiteLLM's own families. The list is closed: an unknown provider
//! keeps its name.

/// (canonical name, other names), all in lower case.
const PROVIDERS: &[(&str, &[&str])] = &[
    ("anthropic", &[]),
    ("azure", &["azure.ai.openai", "az.ai.openai", "azure_text"]),
    ("azure_ai", &["azure.ai.inference", "az.ai.inference"]),
    ("bedrock", &["aws.bedrock", "aws", "bedrock_converse"]),
    ("cerebras", &[]),
    ("codestral", &["text-completion-codestral"]),
    ("cohere", &["cohere_chat"]),
    ("deepseek", &[]),
    ("fireworks_ai", &["fireworks"]),
    ("gemini", &["gcp.gemini", "gcp.gen_ai", "google"]),
    ("groq", &[]),
    ("mistral", &["mistral_ai"]),
    ("moonshot", &["moonshot_ai", "moonshotai"]),
    ("openai", &["text-completion-openai"]),
    ("openrouter", &[]),
    ("perplexity", &[]),
    ("together_ai", &["together", "together-ai"]),
    ("vertex_ai", &["gcp.vertex_ai"]),
    ("voyage", &["voyageai"]),
    ("watsonx", &["ibm.watsonx.ai"]),
    ("xai", &["x_ai", "x-ai"]),
];

/// The canonical name of a provider: `azure.ai.openai` is `azure`. LiteLLM's families
/// `vertex_ai-…` and `fireworks_ai-…` are their provider's. Any other name is itself, in lower case.
#[must_use]
pub fn canonical_provider(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    let family = ["vertex_ai-", "fireworks_ai-"]
        .into_iter()
        .find(|family| name.starts_with(family))
        .map(|family| &family[..family.len() - 1]);
    family
        .or_else(|| known(&name))
        .map_or_else(|| name.clone(), str::to_owned)
}

/// The canonical name of a provider in the list, `None` for any other.
pub(super) fn known(name: &str) -> Option<&'static str> {
    PROVIDERS
        .iter()
        .find(|(canonical, others)| *canonical == name || others.contains(&name))
        .map(|(canonical, _)| *canonical)
}
