//! LiteLLM's generic callback: what each model call cost ([`LiteLlm::decode`]).
//!
//! The gateway posts its `StandardLoggingPayload` (`success_callback: ["generic_api"]`; an array, lines,
//! or one call) and every call becomes at most one `cost.recorded`. Prompts, answers and error texts come
//! with it: they are cut away before anything is read, and stand in no event and no refusal.
//! `docs/reference/feeds.md` is the reference; the field names are those of LiteLLM 1.110.2.
//!
//! Invariant: a cost is never counted twice (identity is the call's id), never zero where it is unknown,
//! and zero where the gateway answered from its cache.

mod call;
mod tokens;

use jiff::Timestamp;
use serde_json::value::RawValue;
use work::event::FEEDS_OF_CALLS;
use work::{Event, Json};

use crate::delivery::{self, DeliveryError, Item, What};
use crate::json_spans::{Spans, members};
use crate::limits::{CALLS_BYTES_MAX, ROW_BYTES_MAX};

use call::Call;

/// The source of the events.
pub const SOURCE: &str = FEEDS_OF_CALLS[0];

/// Where a call says whose it is. Each list is tried in order, and the first that says something speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiteLlm {
    /// Paths of the customer; where none says one, the cost is recorded for nobody yet
    /// ([`work::event::UNASSIGNED`]).
    pub customer: Vec<String>,
    /// Paths of the work.
    pub work: Vec<String>,
    /// Paths of the agent, for margin by agent.
    pub agent: Vec<String>,
}

impl Default for LiteLlm {
    fn default() -> LiteLlm {
        let own = |name: &str| {
            ["requester_metadata", "spend_logs_metadata"]
                .map(|place| format!("metadata.{place}.piecework_{name}"))
        };
        let then = |name: &str, others: &[&str]| {
            let others = others.iter().map(|other| (*other).to_owned());
            own(name).into_iter().chain(others).collect()
        };
        LiteLlm {
            customer: then(
                "customer_id",
                &["end_user", "metadata.user_api_key_end_user_id"],
            ),
            work: then("unit_id", &["session_id"]),
            agent: then("agent", &[]),
        }
    }
}

impl LiteLlm {
    /// Reads a body of calls that arrived at `arrival`.
    ///
    /// # Errors
    /// [`DeliveryError`] where the body does not divide into calls. What is wrong with one call is a
    /// [`What::Refused`].
    pub fn decode(&self, body: &[u8], arrival: Timestamp) -> Result<Vec<Item>, DeliveryError> {
        let text = delivery::text(body, CALLS_BYTES_MAX)?;
        let spans = Spans::of(text);
        let is_one = !spans.is_array();
        let calls = delivery::bounded(spans)?;
        let is_one = is_one && calls.len() == 1;
        Ok(calls
            .into_iter()
            .enumerate()
            .map(|(index, call)| {
                let index = (!is_one).then_some(index);
                Item {
                    index,
                    is_timed: true,
                    what: self.call(index, call, arrival),
                }
            })
            .collect())
    }

    /// The calls of a body as they are kept where they are refused, in their order, each with the customer that it
    /// names: without what people and models wrote.
    ///
    /// # Errors
    /// As [`LiteLlm::decode`].
    pub fn elements(&self, body: &[u8]) -> Result<Vec<(Option<String>, String)>, DeliveryError> {
        let text = delivery::text(body, CALLS_BYTES_MAX)?;
        let calls = delivery::bounded(Spans::of(text))?.into_iter();
        let kept = calls.map(|call| {
            // What does not divide into members cannot be cut, so nothing of it is kept.
            let kept = self.kept(call).unwrap_or_default();
            let customer = Json::parse(&kept).ok();
            let customer = customer.and_then(|json| Call::of(&json).customer(self));
            (customer, kept)
        });
        Ok(kept.collect())
    }

    /// What people and models wrote in the calls of a body, in their order, as JSON; `None` where a call has none.
    ///
    /// # Errors
    /// As [`LiteLlm::decode`].
    pub fn texts(body: &[u8]) -> Result<Vec<Option<String>>, DeliveryError> {
        let text = delivery::text(body, CALLS_BYTES_MAX)?;
        let calls = delivery::bounded(Spans::of(text))?.into_iter();
        let paths = call::WRITTEN.map(|name| [name]);
        let paths: Vec<&[&str]> = paths.iter().map(<[&str; 1]>::as_slice).collect();
        let texts = calls.map(|call| {
            let mut texts = String::new();
            cut(call, &paths, &mut texts).ok()?;
            // A cut is not a reading: what is no JSON is no evidence.
            Some(texts).filter(|own| own != "{}" && serde_json::from_str::<&RawValue>(own).is_ok())
        });
        Ok(texts.collect())
    }

    fn call(&self, index: Option<usize>, text: &str, arrival: Timestamp) -> What {
        let kept = match self.kept(text) {
            Ok(kept) => kept,
            // What does not divide into members cannot be cut, so nothing of it is kept.
            Err(problem) => return delivery::refused(index, "", problem, String::new()),
        };
        let json = match Json::parse(&kept) {
            Ok(json) => json,
            Err(error) => return delivery::refused(index, "", error.to_string(), kept),
        };
        match Call::of(&json).cost(self) {
            Ok(call::Cost::Nothing(reason)) => What::Nothing(reason.to_owned()),
            Ok(call::Cost::Event(event)) => {
                let read = Event::from_json(&event)
                    .and_then(|event| event.check_arrival(arrival).map(|()| event));
                match read {
                    Ok(event) => What::Events(vec![event]),
                    Err(error) => {
                        let problem = format!("the call gives no event: {error}");
                        delivery::refused(index, "", problem, kept)
                    }
                }
            }
            Err(fault) => delivery::refused(index, &fault.pointer, fault.problem, kept),
        }
    }

    /// The call with the members that are ever read, as JSON text.
    fn kept(&self, text: &str) -> Result<String, String> {
        let configured = [&self.customer, &self.work, &self.agent];
        let configured = configured.into_iter().flatten().map(String::as_str);
        let paths: Vec<Vec<&str>> = configured
            .map(|path| path.split('.').collect::<Vec<&str>>())
            .filter(|path| path.first().is_none_or(|name| !call::TEXTS.contains(name)))
            .chain(call::READ.map(|path| path.split('.').collect()))
            .collect();
        let paths: Vec<&[&str]> = paths.iter().map(Vec::as_slice).collect();
        let mut kept = String::new();
        cut(text, &paths, &mut kept)?;
        if kept.len() > ROW_BYTES_MAX {
            return Err(format!(
                "the call has more than {ROW_BYTES_MAX} bytes beside prompts and answers"
            ));
        }
        Ok(kept)
    }
}

/// Writes an object with those of its members that a path leads to, and through.
fn cut(text: &str, paths: &[&[&str]], kept: &mut String) -> Result<(), String> {
    kept.push('{');
    let mut first = true;
    for (name, value) in members(text).map_err(|broken| broken.to_string())? {
        let further: Vec<&[&str]> = paths
            .iter()
            .filter_map(|path| path.split_first())
            .filter(|(head, _)| **head == name)
            .map(|(_, rest)| rest)
            .collect();
        let is_object = value.starts_with('{');
        let is_end = further.iter().any(|rest| rest.is_empty());
        if further.is_empty() || !is_end && !is_object {
            continue;
        }
        if !std::mem::take(&mut first) {
            kept.push(',');
        }
        kept.push_str(&format!("\"{name}\":"));
        if is_end {
            kept.push_str(value);
        } else {
            cut(value, &further, kept)?;
        }
    }
    kept.push('}');
    Ok(())
}
