//! One call, as the gateway tells it, and its cost.

use jiff::Timestamp;
use money::Decimal;
use work::body::Kind;
use work::event::UNASSIGNED;
use work::{Digest, Json};

use super::{LiteLlm, SOURCE, tokens};
use crate::map::time::{TimeForm, TimeFormat};

/// The members that are read, by path.
pub(super) const READ: [&str; 12] = [
    "id",
    "trace_id",
    "status",
    "custom_llm_provider",
    "model",
    "cache_hit",
    "response_cost",
    "startTime",
    "prompt_tokens",
    "completion_tokens",
    "metadata.usage_object",
    "response.usage",
];

/// The members that hold what people and models wrote. No configuration makes a cost be read from them.
pub(super) const TEXTS: [&str; 5] = [
    "messages",
    "response",
    "error_str",
    "error_information",
    "proxy_server_request",
];

/// Those of them that are kept as evidence where the book keeps texts.
pub(super) const WRITTEN: [&str; 3] = ["messages", "response", "error_str"];

/// A call.
pub(super) struct Call<'j> {
    json: &'j Json,
}

/// What a call costs.
pub(super) enum Cost {
    /// The event, in the wire format.
    Event(Json),
    /// There is nothing to record, and why.
    Nothing(&'static str),
}

/// Why a call cannot be read.
pub(super) struct Fault {
    /// Where, in the call.
    pub(super) pointer: String,
    pub(super) problem: String,
}

impl Fault {
    pub(super) fn at(name: &str, problem: impl Into<String>) -> Fault {
        Fault {
            pointer: format!("/{name}"),
            problem: problem.into(),
        }
    }
}

impl<'j> Call<'j> {
    pub(super) fn of(json: &'j Json) -> Call<'j> {
        Call { json }
    }

    /// What the call costs, as one `cost.recorded`.
    pub(super) fn cost(&self, whose: &LiteLlm) -> Result<Cost, Fault> {
        let id = self
            .text("id")?
            .ok_or_else(|| Fault::at("id", "the call has no id, so it could count twice"))?;
        let status = self.text("status")?;
        let is_failure = status == Some("failure");
        let claimed = self.number("response_cost")?.unwrap_or(Decimal::ZERO);
        if claimed.is_negative() {
            return Err(Fault::at("response_cost", "a cost must not be negative"));
        }
        let from_cache = match self.json.get("cache_hit") {
            Some(Json::Bool(hit)) => *hit,
            Some(Json::String(word)) => word.eq_ignore_ascii_case("true"),
            _ => false,
        };
        let model = self.text("model")?;
        let counts = tokens::Counts::of(self)?;
        if is_failure && claimed.is_zero() && counts.is_empty() {
            return Ok(Cost::Nothing("a failed call that cost nothing"));
        }
        let mut note = Vec::new();
        if is_failure {
            note.push("a failed call".to_owned());
        }
        let mut data = Vec::new();
        let mut put = |name: &str, value: Json| data.push((name.into(), value));
        if !claimed.is_zero() {
            put("amount", Json::text(format!("{claimed} USD")));
        }
        if from_cache && claimed.is_zero() {
            // No model was called: the cost is known and is zero, and no tokens were bought.
            put("line", Json::text("infra"));
            put("amount", Json::text("0 USD"));
            let of = model.map_or(String::new(), |model| format!(" ({model})"));
            note.push(format!("answered from the gateway's cache{of}"));
        } else {
            put("line", Json::text("model"));
            if let Some(model) = model {
                put("model", Json::text(model));
            }
            if let Some(provider) = self.text("custom_llm_provider")? {
                put("provider", Json::text(provider));
            }
            if from_cache {
                note.push("answered from the gateway's cache".to_owned());
            } else if let Some(problem) = counts.contradiction() {
                note.push(problem);
            } else if !counts.is_empty() {
                put("tokens", counts.to_json());
            }
        }
        if let Some(agent) = self.first(&whose.agent)? {
            put("agent", Json::String(agent.into()));
        }
        if !note.is_empty() {
            put("note", Json::String(note.join("; ").into()));
        }
        let customer = self.first(&whose.customer)?;
        let event = Json::object([
            ("specversion", Some(Json::text("1.0"))),
            ("id", Some(Json::text(id))),
            ("source", Some(Json::text(SOURCE))),
            ("type", Some(Json::String(Kind::CostRecorded.wire().into()))),
            (
                "subject",
                Some(Json::String(
                    customer.unwrap_or_else(|| UNASSIGNED.to_owned()).into(),
                )),
            ),
            ("time", Some(Json::String(self.time()?.to_string().into()))),
            ("workid", self.first(&whose.work)?.map(Json::text)),
            ("traceparent", self.traceparent(id)?.map(Json::text)),
            ("data", Some(Json::Object(data))),
        ]);
        Ok(Cost::Event(event))
    }

    /// The customer that it names, where that can be read.
    pub(super) fn customer(&self, whose: &LiteLlm) -> Option<String> {
        self.first(&whose.customer).ok().flatten()
    }

    /// When the call began: `startTime`, in seconds since 1970.
    fn time(&self) -> Result<Timestamp, Fault> {
        let text = match self.json.get("startTime") {
            Some(Json::Number(text) | Json::String(text)) => text,
            _ => return Err(Fault::at("startTime", "the call says no time")),
        };
        let format = TimeFormat {
            forms: vec![TimeForm::Unix, TimeForm::Rfc3339],
            zone: Some(jiff::tz::TimeZone::UTC),
        };
        format
            .instant(text)
            .map_err(|problem| Fault::at("startTime", problem))
    }

    /// W3C trace context where `trace_id` is one, with or without the dashes of a UUID. LiteLLM says no
    /// span, so its place is taken by digits of the digest of the call's id.
    fn traceparent(&self, id: &str) -> Result<Option<String>, Fault> {
        let Some(trace) = self.text("trace_id")? else {
            return Ok(None);
        };
        let trace: String = trace.chars().filter(|c| *c != '-').collect();
        let trace = trace.to_ascii_lowercase();
        let is_trace = trace.len() == 32
            && trace.bytes().all(|byte| byte.is_ascii_hexdigit())
            && trace.bytes().any(|byte| byte != b'0');
        let span = &Digest::of(id.as_bytes()).to_string()[..16];
        Ok(is_trace.then(|| format!("00-{trace}-{span}-00")))
    }

    /// The first of the paths that says something.
    fn first(&self, paths: &[String]) -> Result<Option<String>, Fault> {
        for path in paths {
            match self.find(path) {
                None | Some(Json::Null) => {}
                Some(Json::String(text)) if text.trim().is_empty() => {}
                Some(Json::String(text) | Json::Number(text)) => {
                    return Ok(Some(text.trim().to_owned()));
                }
                Some(_) => {
                    return Err(Fault {
                        pointer: format!("/{}", path.replace('.', "/")),
                        problem: "expected a text".to_owned(),
                    });
                }
            }
        }
        Ok(None)
    }

    /// A member by its dotted path.
    pub(super) fn find(&self, path: &str) -> Option<&'j Json> {
        path.split('.')
            .try_fold(self.json, |value, name| value.get(name))
    }

    /// A text that says something.
    fn text(&self, name: &str) -> Result<Option<&'j str>, Fault> {
        match self.json.get(name) {
            None | Some(Json::Null) => Ok(None),
            Some(Json::String(text)) => Ok(Some(text.trim()).filter(|text| !text.is_empty())),
            Some(_) => Err(Fault::at(name, "expected a text")),
        }
    }

    /// A number, from its digits.
    pub(super) fn number(&self, path: &str) -> Result<Option<Decimal>, Fault> {
        let fault = |problem: String| Fault {
            pointer: format!("/{}", path.replace('.', "/")),
            problem,
        };
        match self.find(path) {
            None | Some(Json::Null) => Ok(None),
            Some(Json::Number(text)) => text
                .parse()
                .map(Some)
                .map_err(|error: money::MoneyError| fault(error.to_string())),
            Some(_) => Err(fault("expected a number".to_owned())),
        }
    }
}
