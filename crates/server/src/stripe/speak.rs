//! One request to Stripe, and its answer.

use axum::http::{HeaderName, HeaderValue, Method as HttpMethod, header};
use exports::stripe::answer::{Refusal, Signs, Verdict, verdict};
use exports::stripe::{Method, Request, VERSION};
use serde::de::DeserializeOwned;

use super::setup::Setup;
use crate::limits::{STRIPE_ANSWER_BYTES_MAX, STRIPE_PROBLEM_CHARS_MAX, STRIPE_TIME_MAX};
use crate::outgoing::{Outgoing, send, text};

/// What was answered, or why nothing was.
pub(super) struct Answered {
    /// The HTTP status, if there was an answer.
    pub(super) status: Option<u16>,
    /// What it means.
    pub(super) verdict: Verdict,
    /// What was wrong, in words.
    pub(super) problem: Option<String>,
    /// Whether what was asked about is not there.
    pub(super) is_missing: bool,
    body: Vec<u8>,
}

impl Answered {
    /// The body, where it is what it must be.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.body).ok()
    }
}

/// Asks, under a key where there is one.
pub(super) async fn ask(setup: &Setup, request: &Request, key: Option<&str>) -> Answered {
    let failed = |verdict, problem: String| Answered {
        status: None,
        verdict,
        problem: Some(problem),
        is_missing: false,
        body: Vec::new(),
    };
    let mut headers = vec![
        (header::AUTHORIZATION, setup.authorization.clone()),
        (
            HeaderName::from_static("stripe-version"),
            HeaderValue::from_static(VERSION),
        ),
    ];
    if request.method == Method::Post {
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.push((header::CONTENT_TYPE, form));
    }
    if let Some(key) = key.and_then(|key| HeaderValue::try_from(key).ok()) {
        headers.push((HeaderName::from_static("idempotency-key"), key));
    }
    let url = format!("{}{}", setup.base, request.path);
    let outgoing = Outgoing {
        method: match request.method {
            Method::Get => HttpMethod::GET,
            Method::Post => HttpMethod::POST,
            Method::Delete => HttpMethod::DELETE,
        },
        url: &url,
        headers,
        body: &request.body,
        time_max: STRIPE_TIME_MAX,
        answer_bytes_max: STRIPE_ANSWER_BYTES_MAX,
    };
    let answer = match send(&setup.options, &outgoing).await {
        Ok(answer) => answer,
        Err(error) => return failed(Verdict::Again, format!("no answer: {error}")),
    };
    let signs = Signs {
        should_retry: match text(&answer.headers, "stripe-should-retry") {
            Some("true") => Some(true),
            Some("false") => Some(false),
            _ => None,
        },
        is_replayed: text(&answer.headers, "idempotent-replayed") == Some("true"),
    };
    let Some(body) = answer.body else {
        // Whatever was done was done under the key, and is told again.
        return failed(
            Verdict::Again,
            format!("status {}, and the answer broke off", answer.status),
        );
    };
    let verdict = verdict(answer.status, signs);
    let refusal = (verdict != Verdict::Done).then(|| Refusal::read(&body));
    Answered {
        status: Some(answer.status),
        verdict,
        problem: refusal.as_ref().map(|own| problem(answer.status, own)),
        is_missing: answer.status == 404 || refusal.as_ref().is_some_and(Refusal::is_missing),
        body,
    }
}

/// What Stripe says was wrong, in its words.
fn problem(status: u16, refusal: &Refusal) -> String {
    let said = refusal.message.as_deref().unwrap_or(&refusal.kind);
    let said: String = said.chars().take(STRIPE_PROBLEM_CHARS_MAX).collect();
    match said.is_empty() {
        true => format!("Stripe answered {status}"),
        false => format!("Stripe answered {status}: {said}"),
    }
}

#[cfg(test)]
mod tests {
    use exports::stripe::answer::Refusal;

    use super::{STRIPE_PROBLEM_CHARS_MAX, problem};

    #[test]
    fn so_many_characters_of_what_was_wrong_are_kept() {
        let said = |chars: usize| {
            let body = format!(
                r#"{{"error":{{"type":"invalid_request_error","message":"{}"}}}}"#,
                "ü".repeat(chars)
            );
            let told = problem(400, &Refusal::read(body.as_bytes()));
            told.chars().filter(|own| *own == 'ü').count()
        };
        assert_eq!(said(STRIPE_PROBLEM_CHARS_MAX), STRIPE_PROBLEM_CHARS_MAX);
        assert_eq!(said(STRIPE_PROBLEM_CHARS_MAX + 1), STRIPE_PROBLEM_CHARS_MAX);
    }
}
