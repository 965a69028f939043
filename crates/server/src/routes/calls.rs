//! `POST /ingest/litellm`: what a gateway's calls cost, as its generic callback posts them.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use intake::delivery::What;
use intake::limits::CALLS_BYTES_MAX;
use intake::litellm::{self, LiteLlm};
use work::Event;

use crate::access::Caller;
use crate::app::App;
use crate::body;
use crate::problem::{Code, Problem, Written};
use crate::routes::events::{self, Taken};
use crate::taking::{self, Arrived, Kept, TakenIn};
use crate::telemetry::Report;

pub(crate) const ROUTE: &str = "/ingest/litellm";

/// The media types that are read; the form of the body is told by itself.
const MEDIA_TYPES: [&str; 4] = [
    "application/json",
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
];

/// Sends a gateway's calls.
///
/// LiteLLM's `StandardLoggingPayload`: an array, a line for each, or one. Each call becomes one cost, known by
/// its `id`: sending it again is harmless. Prompts and answers are cut away unread, unless the book keeps them.
#[utoipa::path(post, path = "/ingest/litellm", tag = "telemetry", operation_id = "send_litellm_calls",
    params(("Prefer" = Option<String>, Header, description = "`return=representation` for what became of each call", example = "return=representation")),
    request_body(
        content(
            (Vec<Object> = "application/json", example = json!([{"id": "chatcmpl-1", "startTime": 1767690000.0, "model": "gpt-4o-mini", "custom_llm_provider": "openai", "prompt_tokens": 100, "completion_tokens": 20, "end_user": "acme"}])),
            (String = "application/x-ndjson"),
        ),
    ),
    responses(
        (status = 200, description = "What became of each call, where the caller prefers to know", body = Taken),
        (status = 204, description = "Every call was taken, was there already, or cost nothing"),
        (status = 400, description = "The body cannot be read (`bad-request`, nothing was done), or some calls were not taken (`events-refused`, all others were)", body = Written, content_type = "application/problem+json"),
        (status = 415, description = "The media type is not read here", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn litellm(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    if !is_read(&headers) {
        let detail = format!("the body is one of {}", MEDIA_TYPES.join(", "));
        return Err(Problem::new(Code::UnsupportedMediaType, detail));
    }
    let mut sent = body::receive(&app, &headers, body, CALLS_BYTES_MAX).await?;
    let became = app.work(move |app| {
        let body = sent.inflated(|bytes| body::inflate(bytes, CALLS_BYTES_MAX))?;
        let at = app.now();
        let arrived = Arrived {
            route: ROUTE,
            caller: &caller,
            headers: &[],
            body,
            at,
            first_at: at,
        };
        let taken = take(app, &arrived)?;
        taken.keep(app)?;
        Ok(taken.became)
    });
    Ok(events::answer(became.await?, events::wants_each(&headers)))
}

/// Records what calls cost. Of one that telemetry tells as well, the report that says more counts.
pub(crate) fn take(app: &App, arrived: &Arrived<'_>) -> Result<TakenIn, Problem> {
    let mut items = app.litellm().decode(arrived.body, arrived.at)?;
    for item in &mut items {
        if let What::Events(events) = &mut item.what {
            let claimed = events.iter_mut();
            claimed.for_each(|event| arrived.caller.claim(event));
        }
    }
    let turn = app.telemetry().turn(app.store());
    let mut reports: Vec<(usize, Event)> = Vec::new();
    for (place, item) in items.iter().enumerate() {
        if let What::Events(events) = &item.what {
            let own = events
                .iter()
                .filter(|own| arrived.caller.knows(&own.customer));
            reports.extend(own.map(|event| (place, event.clone())));
        }
    }
    let events: Vec<&Event> = reports.iter().map(|(_, event)| event).collect();
    let judged = turn.judge(&events)?;
    for ((place, _), report) in reports.iter().zip(&judged) {
        if let Report::ToldBy(source) = report {
            let detail = format!("a call that counts as `{source}` tells it");
            items[*place].what = What::Nothing(detail);
        }
    }
    let taken = taking::take_items(app, arrived, items, || {
        let calls = app.litellm().elements(arrived.body)?.into_iter();
        let kept = calls.map(|(customer, text)| Kept {
            customer,
            source: Some(litellm::SOURCE.to_owned()),
            text,
        });
        Ok(kept.collect())
    })?;
    let mut taken_back = Vec::new();
    let mut there = Vec::new();
    for ((place, event), report) in reports.iter().zip(&judged) {
        if let (Report::Counts(instead_of), true) = (report, taken.became[*place].is_there()) {
            taken_back.extend(turn.taking_back(event, instead_of)?);
            there.push((*place, event));
        }
    }
    taking::append_all(app, &taken_back, arrived.at)?;
    if app.keeps_texts() {
        let texts = LiteLlm::texts(arrived.body)?;
        for (place, event) in there {
            if let Some(texts) = &texts[place] {
                taking::keep_texts(app, event, texts, arrived.at)?;
            }
        }
    }
    Ok(taken)
}

fn is_read(headers: &HeaderMap) -> bool {
    let text = headers.get(header::CONTENT_TYPE);
    let text = text.and_then(|own| own.to_str().ok()).unwrap_or_default();
    let media_type = text.split(';').next().unwrap_or_default().trim();
    MEDIA_TYPES
        .iter()
        .any(|own| media_type.eq_ignore_ascii_case(own))
}
