//! [`Reported`]: the counts as a sender gives them, and the classes they are made of.
//!
//! Senders report a total and parts of it; model costs price classes that do not overlap. The parts
//! are taken off the total here. Invariant: the classes of an input sum to that input, and so do
//! those of an output; parts that are more than their whole are an error.

use money::Decimal;
use work::body::{TokenClass, Tokens};

/// Counts as reported; `None` is not reported.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Reported {
    /// Input with all its parts.
    pub(super) input: Option<Decimal>,
    /// Input that was neither cached nor audio, where that is what the sender reports.
    pub(super) input_without_parts: Option<Decimal>,
    pub(super) cache_read: Option<Decimal>,
    pub(super) cache_write: Option<Decimal>,
    pub(super) input_audio: Option<Decimal>,
    pub(super) input_audio_cached: Option<Decimal>,
    /// Output with all its parts.
    pub(super) output: Option<Decimal>,
    /// Output that was neither reasoning nor audio.
    pub(super) output_without_parts: Option<Decimal>,
    pub(super) reasoning: Option<Decimal>,
    pub(super) output_audio: Option<Decimal>,
    /// Input and output together, to check by.
    pub(super) total: Option<Decimal>,
    /// What the sender says in two ways.
    pub(super) differing: Vec<String>,
}

impl Reported {
    /// What is odd.
    pub(super) fn warnings(&self) -> Vec<String> {
        let mut warnings = self.differing.clone();
        if let (Some(input), Some(output), Some(total)) = (self.input, self.output, self.total)
            && input.plus(output).is_ok_and(|sum| sum != total)
        {
            warnings.push(format!(
                "input {input} and output {output} are not the total of {total}; the total is not used"
            ));
        }
        warnings
    }

    /// The classes.
    pub(super) fn classes(&self) -> Result<Tokens, String> {
        let [
            cache_read,
            cache_write,
            audio,
            audio_cached,
            reasoning,
            output_audio,
        ] = [
            self.cache_read,
            self.cache_write,
            self.input_audio,
            self.input_audio_cached,
            self.reasoning,
            self.output_audio,
        ]
        .map(Option::unwrap_or_default);
        let audio = less(
            "input audio",
            Some(audio),
            &[("cached audio", audio_cached)],
        )?;
        let input = match self.input_without_parts {
            Some(own) => own,
            None => less(
                "input",
                self.input,
                &[
                    ("cache_read", cache_read),
                    ("cache_write", cache_write),
                    ("input_audio", audio),
                ],
            )?,
        };
        let output = match self.output_without_parts {
            Some(own) => own,
            None => less(
                "output",
                self.output,
                &[("reasoning", reasoning), ("output_audio", output_audio)],
            )?,
        };
        let mut tokens = Tokens::new();
        for (class, count) in [
            (TokenClass::Input, input),
            (TokenClass::CacheRead, cache_read),
            (TokenClass::CacheWrite, cache_write),
            (TokenClass::Output, output),
            (TokenClass::Reasoning, reasoning),
            (TokenClass::InputAudio, audio),
            (TokenClass::OutputAudio, output_audio),
        ] {
            if count.is_negative() || !count.is_integer() {
                return Err(format!("{count} tokens of class {}", class.word()));
            }
            if !count.is_zero() {
                tokens.insert(class, count);
            }
        }
        Ok(tokens)
    }
}

/// A whole without its parts.
fn less(what: &str, whole: Option<Decimal>, parts: &[(&str, Decimal)]) -> Result<Decimal, String> {
    let sum = |sum: Decimal, (_, part): &(&str, Decimal)| sum.plus(*part);
    let sum = parts
        .iter()
        .try_fold(Decimal::ZERO, sum)
        .map_err(|error| error.to_string())?;
    let named = || {
        let named = parts.iter().filter(|(_, part)| !part.is_zero());
        let named: Vec<String> = named.map(|(name, part)| format!("{name} {part}")).collect();
        named.join(" and ")
    };
    let Some(whole) = whole else {
        if sum.is_zero() {
            return Ok(Decimal::ZERO);
        }
        return Err(format!(
            "{} without the {what} tokens that they are part of",
            named()
        ));
    };
    let rest = whole.minus(sum).map_err(|error| error.to_string())?;
    if rest.is_negative() && !whole.is_negative() {
        return Err(format!(
            "{} are more than the {whole} {what} tokens that they should be part of",
            named()
        ));
    }
    Ok(rest)
}
