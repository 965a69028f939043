//! The table: which attribute, in which dialect, says what.
//!
//! One list per field; of the names present the first counts. A change here changes what is recorded
//! from the same telemetry, so it raises [`NORMALISER_VERSION`], which every event names. The page
//! `docs/reference/otlp.md` shows this table, and a test holds the two together.

use super::{Dialect, Role};

/// Version of the table. Events say by which version they were read.
pub const NORMALISER_VERSION: u32 = 1;

/// How a dialect is told.
pub(super) enum Mark {
    /// By an attribute.
    Has(&'static str),
    /// By the beginning of any attribute's name.
    Begins(&'static str),
}

use Mark::{Begins, Has};

/// The first mark present tells the dialect; those of one sender stand before those of many.
pub(super) const DIALECTS: &[(Dialect, &[Mark])] = &[
    (Dialect::Langfuse, &[Has("langfuse.observation.type")]),
    (
        Dialect::AiSdk,
        &[
            Has("ai.operationId"),
            Has("ai.model.id"),
            Begins("ai.usage."),
        ],
    ),
    (
        Dialect::OpenInference,
        &[Has("openinference.span.kind"), Begins("llm.token_count.")],
    ),
    (
        Dialect::LiteLlm,
        &[Begins("gen_ai.cost."), Begins("litellm.")],
    ),
    (
        Dialect::OpenLit,
        &[
            Has("gen_ai.usage.cost"),
            Begins("gen_ai.usage.prompt_tokens_details."),
            Begins("gen_ai.usage.completion_tokens_details."),
            Has("gen_ai.usage.cache_write_input_tokens"),
        ],
    ),
    (
        Dialect::Sentry,
        &[
            Has("sentry.op"),
            Begins("gen_ai.usage.input_tokens."),
            Begins("gen_ai.usage.output_tokens."),
        ],
    ),
    (
        Dialect::OpenLlmetry,
        &[
            Begins("traceloop."),
            Has("llm.request.type"),
            Begins("llm.usage."),
            Has("gen_ai.usage.prompt_tokens"),
            Has("gen_ai.usage.completion_tokens"),
            Has("gen_ai.usage.reasoning_tokens"),
            Has("gen_ai.usage.cache_read_input_tokens"),
            Has("gen_ai.usage.cache_creation_input_tokens"),
        ],
    ),
    (Dialect::Otel, &[Has("gen_ai.provider.name")]),
    (Dialect::OtelOld, &[Begins("gen_ai.")]),
];

/// What kind of span it is: the first of these attributes with a known value. `*x` is any value that
/// ends so, `x*` any that begins so.
pub(super) const ROLES: &[(&str, &[(&str, Role)])] = &[
    (
        "ai.operationId",
        &[
            ("*.doGenerate", Role::Call),
            ("*.doStream", Role::Call),
            ("*.doEmbed", Role::Call),
            ("*.doRerank", Role::Call),
            ("ai.*", Role::Above),
        ],
    ),
    (
        "openinference.span.kind",
        &[
            ("LLM", Role::Call),
            ("EMBEDDING", Role::Call),
            ("RERANKER", Role::Call),
            ("*", Role::Above),
        ],
    ),
    (
        "langfuse.observation.type",
        &[
            ("generation", Role::Call),
            ("embedding", Role::Call),
            ("*", Role::Above),
        ],
    ),
    (
        "gen_ai.operation.name",
        &[
            ("chat", Role::Call),
            ("generate_content", Role::Call),
            ("text_completion", Role::Call),
            ("embeddings", Role::Call),
            ("fetch_response", Role::Call),
            ("create_agent", Role::Above),
            ("invoke_agent", Role::Above),
            ("invoke_workflow", Role::Above),
            ("execute_tool", Role::Above),
            ("retrieval", Role::Above),
            ("plan", Role::Above),
        ],
    ),
    (
        "traceloop.span.kind",
        &[
            ("workflow", Role::Above),
            ("task", Role::Above),
            ("agent", Role::Above),
            ("tool", Role::Above),
        ],
    ),
    (
        "llm.request.type",
        &[
            ("chat", Role::Call),
            ("completion", Role::Call),
            ("embedding", Role::Call),
            ("rerank", Role::Call),
        ],
    ),
];

/// Names of one field, by precedence.
pub(super) type Names = &'static [&'static str];

/// Who ran the model.
pub(super) const PROVIDER: Names = &[
    "gen_ai.provider.name",
    "gen_ai.system",
    "llm.provider",
    "llm.system",
    "ai.model.provider",
];

/// The model that answered, then the one that was asked for.
pub(super) const MODEL: Names = &[
    "gen_ai.response.model",
    "ai.response.model",
    "langfuse.observation.model.name",
    "llm.model_name",
    "embedding.model_name",
    "reranker.model_name",
    "gen_ai.request.model",
    "ai.model.id",
];

/// What was done.
pub(super) const OPERATION: Names = &[
    "gen_ai.operation.name",
    "ai.operationId",
    "llm.request.type",
    "openinference.span.kind",
    "langfuse.observation.type",
];

/// The provider's id of the answer.
pub(super) const RESPONSE_ID: Names = &["gen_ai.response.id", "ai.response.id"];

/// All input tokens, cached ones and audio included.
pub(super) const INPUT: Names = &[
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.prompt_tokens",
    "llm.token_count.prompt",
    "ai.usage.inputTokens",
    "ai.usage.promptTokens",
    "ai.usage.tokens",
];

/// Of them, read from a cache.
pub(super) const CACHE_READ: Names = &[
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.cache_read_input_tokens",
    "gen_ai.usage.prompt_tokens_details.cached_tokens",
    "gen_ai.usage.input_tokens.cached",
    "llm.token_count.prompt_details.cache_read",
    "ai.usage.inputTokenDetails.cacheReadTokens",
    "ai.usage.cachedInputTokens",
];

/// Of them, written to a cache.
pub(super) const CACHE_WRITE: Names = &[
    "gen_ai.usage.cache_write.input_tokens",
    "gen_ai.usage.cache_creation.input_tokens",
    "gen_ai.usage.cache_creation_input_tokens",
    "gen_ai.usage.cache_write_input_tokens",
    "gen_ai.usage.input_tokens.cache_write",
    "llm.token_count.prompt_details.cache_write",
    "ai.usage.inputTokenDetails.cacheWriteTokens",
];

/// Of them, audio, cached audio included.
pub(super) const INPUT_AUDIO: Names = &[
    "gen_ai.usage.audio.input_tokens",
    "gen_ai.usage.prompt_tokens_details.audio_tokens",
    "llm.token_count.prompt_details.audio",
];

/// Of the audio, read from a cache; it is in `CACHE_READ` already.
pub(super) const INPUT_AUDIO_CACHED: Names = &["gen_ai.usage.audio.cache_read.input_tokens"];

/// All output tokens, reasoning and audio included.
pub(super) const OUTPUT: Names = &[
    "gen_ai.usage.output_tokens",
    "gen_ai.usage.completion_tokens",
    "llm.token_count.completion",
    "ai.usage.outputTokens",
    "ai.usage.completionTokens",
];

/// Of them, reasoning.
pub(super) const REASONING: Names = &[
    "gen_ai.usage.reasoning.output_tokens",
    "gen_ai.usage.reasoning_tokens",
    "llm.usage.reasoning_tokens",
    "gen_ai.usage.completion_tokens_details.reasoning_tokens",
    "gen_ai.usage.output_tokens.reasoning",
    "llm.token_count.completion_details.reasoning",
    "ai.usage.outputTokenDetails.reasoningTokens",
    "ai.usage.reasoningTokens",
];

/// Of them, audio.
pub(super) const OUTPUT_AUDIO: Names = &[
    "gen_ai.usage.audio.output_tokens",
    "gen_ai.usage.completion_tokens_details.audio_tokens",
    "llm.token_count.completion_details.audio",
];

/// Input and output together: checked, never counted.
pub(super) const TOTAL: Names = &[
    "gen_ai.usage.total_tokens",
    "llm.usage.total_tokens",
    "llm.token_count.total",
    "ai.usage.totalTokens",
];

/// What the sender says it cost; in US dollars but for the first, which names its currency.
pub(super) const COST: Names = &[
    "gen_ai.usage.cost.amount",
    "gen_ai.usage.cost",
    "gen_ai.cost.total_cost",
    "litellm.cost.total",
    "llm.cost.total",
];

/// The currency of the first name of `COST`.
pub(super) const COST_CURRENCY: &str = "gen_ai.usage.cost.currency";

/// The provider's service tier.
pub(super) const SERVICE_TIER: Names = &[
    "openai.response.service_tier",
    "gen_ai.openai.response.service_tier",
];

/// The agent that made the call.
pub(super) const AGENT: Names = &[
    "gen_ai.agent.name",
    "gen_ai.workflow.name",
    "agent.name",
    "ai.telemetry.functionId",
    "traceloop.workflow.name",
    "gen_ai.agent.id",
];

/// That agent's version.
pub(super) const AGENT_VERSION: Names = &["gen_ai.agent.version", "langfuse.version"];

/// The conversation that the call was part of.
pub(super) const CONVERSATION: Names = &[
    "gen_ai.conversation.id",
    "session.id",
    "langfuse.session.id",
];

/// Langfuse's counts and costs: JSON in a string.
pub(super) const LANGFUSE_USAGE: &str = "langfuse.observation.usage_details";
/// The same for what it cost, in US dollars.
pub(super) const LANGFUSE_COST: &str = "langfuse.observation.cost_details";

/// Members of Langfuse's counts. Beside `input` stand parts that are not in it; beside
/// `prompt_tokens`, which is OpenAI's own word, parts that are.
pub(super) const LANGFUSE_INPUT: Names = &["input", "input_tokens"];
/// Input with its parts.
pub(super) const LANGFUSE_PROMPT: Names = &["prompt_tokens"];
/// Read from a cache.
pub(super) const LANGFUSE_CACHE_READ: Names = &[
    "input_cached_tokens",
    "input_cache_read",
    "input_cache_read_input_tokens",
    "cache_read_input_tokens",
];
/// Written to a cache.
pub(super) const LANGFUSE_CACHE_WRITE: Names = &[
    "input_cache_creation",
    "input_cache_creation_input_tokens",
    "cache_creation_input_tokens",
];
/// Audio input.
pub(super) const LANGFUSE_INPUT_AUDIO: Names = &["input_audio_tokens"];
/// Output without its parts.
pub(super) const LANGFUSE_OUTPUT: Names = &["output", "output_tokens"];
/// Output with its parts.
pub(super) const LANGFUSE_COMPLETION: Names = &["completion_tokens"];
/// Reasoning.
pub(super) const LANGFUSE_REASONING: Names = &["output_reasoning_tokens", "output_reasoning"];
/// Audio output.
pub(super) const LANGFUSE_OUTPUT_AUDIO: Names = &["output_audio_tokens"];
/// All together.
pub(super) const LANGFUSE_TOTAL: Names = &["total", "total_tokens"];

/// Every member of Langfuse's counts that is known.
pub(super) const LANGFUSE_MEMBERS: &[Names] = &[
    LANGFUSE_INPUT,
    LANGFUSE_PROMPT,
    LANGFUSE_CACHE_READ,
    LANGFUSE_CACHE_WRITE,
    LANGFUSE_INPUT_AUDIO,
    LANGFUSE_OUTPUT,
    LANGFUSE_COMPLETION,
    LANGFUSE_REASONING,
    LANGFUSE_OUTPUT_AUDIO,
    LANGFUSE_TOTAL,
];

/// The log event of Claude Code that is one call, by either name. Its input is what was neither read
/// from nor written to a cache.
pub(super) const CLAUDE_CODE_EVENTS: Names = &["claude_code.api_request", "api_request"];
/// The attributes that such an event has.
pub(super) const CLAUDE_CODE: Names = &[
    "model",
    "cost_usd",
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_creation_tokens",
    "request_id",
    "session.id",
    "speed",
];

/// Attributes that are read beside those of the fields: of services, and of evaluations.
pub(super) const BESIDE: Names = &[
    "service.name",
    "service.version",
    "event.name",
    "gen_ai.evaluation.name",
    "gen_ai.evaluation.score.label",
];

/// Attributes that hold what people and models wrote. No cost is read from them; they are kept as evidence where
/// the book keeps texts.
pub(super) const TEXTS: Names = &[
    "gen_ai.system_instructions",
    "gen_ai.input.messages",
    "gen_ai.output.messages",
    "gen_ai.prompt",
    "gen_ai.completion",
    "input.value",
    "output.value",
    "ai.prompt",
    "ai.prompt.messages",
    "ai.response.text",
    "ai.response.object",
    "ai.response.toolCalls",
    "langfuse.observation.input",
    "langfuse.observation.output",
    "traceloop.entity.input",
    "traceloop.entity.output",
];
/// What the names of further ones begin with.
pub(super) const TEXTS_BEGIN: Names = &[
    "gen_ai.prompt.",
    "gen_ai.completion.",
    "llm.input_messages.",
    "llm.output_messages.",
    "llm.prompts.",
];

/// What providers are called beside the names that the model costs know: exact, or up to a point.
pub(super) const PROVIDERS: &[(&str, &str)] = &[
    ("amazon-bedrock", "bedrock"),
    ("azure-openai", "azure"),
    ("google.generative-ai", "gemini"),
    ("google.vertex", "vertex_ai"),
    ("openai", "openai"),
    ("anthropic", "anthropic"),
    ("mistral", "mistral"),
    ("cohere", "cohere"),
    ("groq", "groq"),
    ("deepseek", "deepseek"),
    ("xai", "xai"),
    ("perplexity", "perplexity"),
    ("togetherai", "together_ai"),
    ("fireworks", "fireworks_ai"),
    ("azure", "azure"),
    ("bedrock", "bedrock"),
];

/// Every name of the table by field, for its page.
pub const TABLE: &[(&str, &[&str])] = &[
    ("provider", PROVIDER),
    ("model", MODEL),
    ("operation", OPERATION),
    ("response id", RESPONSE_ID),
    ("input", INPUT),
    ("of it read from a cache", CACHE_READ),
    ("of it written to a cache", CACHE_WRITE),
    ("of it audio", INPUT_AUDIO),
    ("of the audio read from a cache", INPUT_AUDIO_CACHED),
    ("output", OUTPUT),
    ("of it reasoning", REASONING),
    ("of it audio (output)", OUTPUT_AUDIO),
    ("total", TOTAL),
    ("cost", COST),
    ("currency of the cost", &[COST_CURRENCY]),
    ("service tier", SERVICE_TIER),
    ("agent", AGENT),
    ("agent version", AGENT_VERSION),
    ("conversation", CONVERSATION),
    ("Langfuse", &[LANGFUSE_USAGE, LANGFUSE_COST]),
    ("Claude Code", CLAUDE_CODE),
];
