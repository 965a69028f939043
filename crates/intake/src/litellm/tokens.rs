//! Token counts of a call, taken apart into classes that do not overlap.
//!
//! LiteLLM counts as OpenAI does: `prompt_tokens` holds what was read from and written to a cache and
//! the audio, `completion_tokens` holds reasoning and audio. Anthropic's names stand beside the details.

use money::{Decimal, MoneyError};
use work::Json;

use super::call::{Call, Fault};

/// The counts of one call.
pub(super) struct Counts {
    input: Side,
    output: Side,
}

/// All tokens of one direction, and those of it that have a class of their own.
struct Side {
    class: &'static str,
    all: Decimal,
    of_class: Vec<(&'static str, Decimal)>,
}

/// Where a version of LiteLLM keeps the details: the nearest one that is there speaks.
const USAGE: [&str; 2] = ["metadata.usage_object", "response.usage"];

impl Counts {
    pub(super) fn of(call: &Call<'_>) -> Result<Counts, Fault> {
        let usage = USAGE
            .into_iter()
            .find(|path| matches!(call.find(path), Some(Json::Object(_))))
            .unwrap_or(USAGE[0]);
        let count = |paths: &[String]| -> Result<Decimal, Fault> {
            for path in paths {
                let number = call.number(path)?;
                if number.is_some_and(Decimal::is_negative) {
                    return Err(Fault::at(
                        &path.replace('.', "/"),
                        "a count must not be negative",
                    ));
                }
                if let Some(number) = number.filter(|number| !number.is_zero()) {
                    return Ok(number);
                }
            }
            Ok(Decimal::ZERO)
        };
        let detail = |names: &[&str]| -> Result<Decimal, Fault> {
            let paths: Vec<String> = names.iter().map(|name| format!("{usage}.{name}")).collect();
            count(&paths)
        };
        let all = |name: &str| count(&[name.to_owned(), format!("{usage}.{name}")]);
        Ok(Counts {
            input: Side {
                class: "input",
                all: all("prompt_tokens")?,
                of_class: vec![
                    (
                        "cache_read",
                        detail(&[
                            "prompt_tokens_details.cached_tokens",
                            "cache_read_input_tokens",
                        ])?,
                    ),
                    (
                        "cache_write",
                        detail(&[
                            "prompt_tokens_details.cache_write_tokens",
                            "prompt_tokens_details.cache_creation_tokens",
                            "cache_creation_input_tokens",
                        ])?,
                    ),
                    (
                        "input_audio",
                        detail(&["prompt_tokens_details.audio_tokens"])?,
                    ),
                ],
            },
            output: Side {
                class: "output",
                all: all("completion_tokens")?,
                of_class: vec![
                    (
                        "reasoning",
                        detail(&["completion_tokens_details.reasoning_tokens"])?,
                    ),
                    (
                        "output_audio",
                        detail(&["completion_tokens_details.audio_tokens"])?,
                    ),
                ],
            },
        })
    }

    /// Whether no token is counted.
    pub(super) fn is_empty(&self) -> bool {
        self.sides().all(|side| side.all.is_zero())
    }

    /// Set where the parts are more than the whole, so that nobody can say what was bought: the counts
    /// are left out then, and the cost that the gateway claims stands alone.
    pub(super) fn contradiction(&self) -> Option<String> {
        self.sides().find_map(|side| match side.rest() {
            Ok(rest) if !rest.is_negative() => None,
            _ => Some(format!(
                "token counts left out: of {} {} tokens, {}",
                side.all,
                side.class,
                side.parts()
                    .map(|(class, count)| format!("{count} {class}"))
                    .collect::<Vec<_>>()
                    .join(" and ")
            )),
        })
    }

    /// The counts by class, those of zero left out.
    pub(super) fn to_json(&self) -> Json {
        let mut classes = Vec::new();
        for side in self.sides() {
            let rest = side.rest().unwrap_or(Decimal::ZERO); // `contradiction` was asked before
            let all = std::iter::once((side.class, rest)).chain(side.parts());
            for (class, count) in all.filter(|(_, count)| !count.is_zero()) {
                classes.push((class.into(), Json::String(count.to_string().into())));
            }
        }
        Json::Object(classes)
    }

    fn sides(&self) -> impl Iterator<Item = &Side> {
        [&self.input, &self.output].into_iter()
    }
}

impl Side {
    fn parts(&self) -> impl Iterator<Item = (&'static str, Decimal)> {
        let parts = self.of_class.iter().copied();
        parts.filter(|(_, count)| !count.is_zero())
    }

    /// What is left of all tokens beside those with a class of their own.
    fn rest(&self) -> Result<Decimal, MoneyError> {
        self.parts()
            .try_fold(self.all, |rest, (_, count)| rest.minus(count))
    }
}
