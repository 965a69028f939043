//! Examples of bodies in the document that describes the API, by operation.
//!
//! They are what the server was asked and answered over the small book of a test, which writes them anew
//! (`tests/server/examples.rs`): an example cannot say what no server says.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{Content, RefOr};

/// What was asked and answered, by the operation's id.
const WRITTEN: &str = include_str!("../../../api/examples.json");

/// The examples.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Examples(BTreeMap<String, Example>);

/// Of one operation.
#[derive(Debug, Deserialize)]
struct Example {
    request: Option<Value>,
    response: Option<Value>,
}

impl Examples {
    /// All of them.
    pub(crate) fn read() -> Examples {
        serde_json::from_str(WRITTEN).unwrap_or_default() // a test writes it
    }

    /// Gives an operation's bodies its examples.
    pub(crate) fn show(&self, operation: &mut Operation) {
        let id = operation.operation_id.as_deref().unwrap_or_default();
        let Some(example) = self.0.get(id) else {
            return;
        };
        if let (Some(RefOr::T(body)), Some(request)) =
            (&mut operation.request_body, &example.request)
        {
            let contents = body.content.iter_mut();
            contents.for_each(|(own, content)| set(own, content, request));
        }
        let Some(answer) = &example.response else {
            return;
        };
        for (status, response) in &mut operation.responses.responses {
            if let (true, RefOr::T(response)) = (status.starts_with('2'), response) {
                let contents = response.content.iter_mut();
                contents.for_each(|(own, content)| set(own, content, answer));
            }
        }
    }
}

/// Gives a body an example, where it is JSON of one thing, or of one thing as a batch.
fn set(media_type: &str, content: &mut RefOr<Content>, example: &Value) {
    let RefOr::T(content) = content else { return };
    match media_type {
        "application/json" => content.example = Some(example.clone()),
        "application/cloudevents-batch+json" => {
            content.example = Some(Value::Array(vec![example.clone()]));
        }
        _ => {}
    }
}
