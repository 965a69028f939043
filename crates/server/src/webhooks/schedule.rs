//! What follows an attempt: nothing, another one later, giving up, or no more messages for the endpoint.
//!
//! The delays are those that the specification gives as its example, over three days, each longer by up to a
//! fifth, so that what failed together is not tried again together. Not here: the clock.

use std::time::Duration;

use jiff::fmt::rfc2822::DateTimeParser;
use jiff::{SignedDuration, Timestamp};
use store::outbox::{Attempted, Claimed, Then};
use work::Digest;

use super::post::Answer;
use crate::limits::{WEBHOOK_FAILING_MAX, WEBHOOK_RETRY_AFTER_MAX};
use crate::outgoing::SendError;

/// From the end of each attempt to the next; there is none after the last.
pub(super) const DELAYS: [Duration; 9] = [
    Duration::from_secs(5),
    Duration::from_secs(5 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(2 * 3_600),
    Duration::from_secs(5 * 3_600),
    Duration::from_secs(10 * 3_600),
    Duration::from_secs(14 * 3_600),
    Duration::from_secs(20 * 3_600),
    Duration::from_secs(24 * 3_600),
];

/// What an attempt came to, and what follows.
pub(super) fn attempted(
    claimed: &Claimed,
    came: &Result<Answer, SendError>,
    now: Timestamp,
) -> Attempted {
    let status = came.as_ref().ok().map(|answer| answer.status);
    let problem = match came {
        Ok(answer) => problem(answer.status),
        Err(error) => Some(error.to_string()),
    };
    if problem.is_none() {
        return Attempted {
            at: now,
            status,
            problem,
            then: Then::Done,
            disable: None,
        };
    }
    if status == Some(410) {
        return Attempted {
            at: now,
            status,
            problem,
            then: Then::Dead,
            disable: Some("it answered 410: it wants no more messages".to_owned()),
        };
    }
    let then = match delay(claimed) {
        Some(delay) => {
            let least = came.as_ref().ok().and_then(|own| retry_after(own, now));
            let delay = least.map_or(delay, |least| delay.max(least));
            Then::Again(now.saturating_add(delay).unwrap_or(Timestamp::MAX))
        }
        None => Then::Dead,
    };
    let since = claimed.endpoint.failing_since;
    let disable = since.filter(|since| now.duration_since(*since) >= WEBHOOK_FAILING_MAX);
    Attempted {
        at: now,
        status,
        problem,
        then,
        disable: disable.map(|since| {
            let days = WEBHOOK_FAILING_MAX.as_hours() / 24;
            format!("nothing was delivered for {days} days, since {since}")
        }),
    }
}

/// What is wrong with a status.
fn problem(status: u16) -> Option<String> {
    match status {
        200..=299 => None,
        300..=399 => Some(format!(
            "it answered {status}; redirects are not followed: give the endpoint its new URL"
        )),
        _ => Some(format!("it answered {status}")),
    }
}

/// The delay after an attempt; the same for the same attempt of the same message, and different between them.
fn delay(claimed: &Claimed) -> Option<SignedDuration> {
    let index = usize::try_from(claimed.attempt.saturating_sub(1)).ok()?;
    let delay = SignedDuration::try_from(*DELAYS.get(index)?).ok()?;
    let text = format!(
        "{} {} {}",
        claimed.message, claimed.endpoint.id, claimed.attempt
    );
    let spread = i64::from(Digest::of(text.as_bytes()).as_bytes()[0]);
    let fifth = SignedDuration::from_millis_i128(delay.as_millis() / 5);
    let jitter = SignedDuration::from_millis_i128(fifth.as_millis() * i128::from(spread) / 255);
    Some(delay + jitter)
}

/// How long an endpoint that has too much to do asks to be left alone: seconds or a date.
fn retry_after(answer: &Answer, now: Timestamp) -> Option<SignedDuration> {
    if !matches!(answer.status, 429 | 503) {
        return None;
    }
    let text = answer.retry_after.as_deref()?;
    let asked = match text.parse::<u32>() {
        Ok(seconds) => SignedDuration::from_secs(i64::from(seconds)),
        Err(_) => {
            let at = DateTimeParser::new().parse_timestamp(text).ok()?;
            at.duration_since(now)
        }
    };
    Some(asked.min(WEBHOOK_RETRY_AFTER_MAX))
}

#[cfg(test)]
mod tests {
    use store::outbox::Endpoint;

    use super::*;

    fn now() -> Timestamp {
        "2026-02-01T00:00:00Z".parse().unwrap()
    }

    fn claimed(attempt: u32, failing_since: Option<Timestamp>) -> Claimed {
        Claimed {
            number: 1,
            claim: 1,
            attempt,
            endpoint: Endpoint {
                id: "wh_a".to_owned(),
                url: String::new(),
                description: String::new(),
                customer: None,
                types: Vec::new(),
                created: now(),
                disabled: None,
                failing_since,
            },
            secrets: Vec::new(),
            message: "msg_a".to_owned(),
            payload: String::new(),
        }
    }

    fn answer(status: u16, retry_after: Option<&str>) -> Result<Answer, SendError> {
        Ok(Answer {
            status,
            retry_after: retry_after.map(str::to_owned),
        })
    }

    /// The wait until the next attempt, in seconds.
    fn wait(attempt: u32, came: &Result<Answer, SendError>) -> Option<i64> {
        match attempted(&claimed(attempt, None), came, now()).then {
            Then::Again(at) => Some(at.duration_since(now()).as_secs()),
            _ => None,
        }
    }

    #[test]
    fn a_message_is_tried_ten_times_over_three_days() {
        let mut all = 0;
        for (attempt, delay) in (1..).zip(DELAYS) {
            let waits = wait(attempt, &answer(500, None)).unwrap();
            let delay = i64::try_from(delay.as_secs()).unwrap();
            assert!((delay..=delay + delay / 5).contains(&waits), "{attempt}");
            all += delay;
        }
        // The specification's table: 75:35:05 since the start.
        assert_eq!(all, (75 * 60 + 35) * 60 + 5);
        let last = attempted(&claimed(10, None), &answer(500, None), now());
        assert_eq!((last.then, last.disable), (Then::Dead, None));
        let other = Claimed {
            message: "msg_b".to_owned(),
            ..claimed(9, None)
        };
        assert_ne!(delay(&other), delay(&claimed(9, None)), "they are spread");
    }

    #[test]
    fn what_is_answered_decides() {
        for status in [200, 202, 204, 299] {
            let own = attempted(&claimed(1, None), &answer(status, None), now());
            assert_eq!((own.then, own.problem), (Then::Done, None), "{status}");
        }
        for status in [100, 199, 301, 302, 307, 400, 404, 500, 502] {
            assert!(wait(1, &answer(status, None)).is_some(), "{status}");
        }
        let redirect = attempted(&claimed(1, None), &answer(302, None), now());
        assert!(redirect.problem.unwrap().contains("not followed"));
        let gone = attempted(&claimed(1, None), &answer(410, None), now());
        assert_eq!(gone.then, Then::Dead);
        assert!(gone.disable.unwrap().contains("410"));
        assert!(
            wait(
                1,
                &Err(SendError::Timeout(std::time::Duration::from_secs(15)))
            )
            .is_some()
        );
    }

    #[test]
    fn an_endpoint_may_ask_for_time() {
        assert_eq!(wait(1, &answer(429, Some("120"))), Some(120));
        let date = "Sun, 01 Feb 2026 00:03:00 GMT";
        assert_eq!(wait(1, &answer(503, Some(date))), Some(180));
        // Never sooner than the schedule, never later than a day, and only where it says that it is busy.
        let sooner = wait(3, &answer(503, Some("1"))).unwrap();
        assert!(sooner >= 30 * 60);
        let later = wait(1, &answer(429, Some("99999999")));
        assert_eq!(later, Some(24 * 3_600));
        for text in ["soon", "-5", "Sun, 01 Feb 2015 00:00:00 GMT"] {
            assert!(wait(1, &answer(503, Some(text))).unwrap() < 7, "{text}");
        }
        assert!(wait(1, &answer(500, Some("120"))).unwrap() < 7);
    }

    #[test]
    fn an_endpoint_that_fails_for_five_days_is_disabled() {
        let failed = |hours: i64| {
            let since = now() - SignedDuration::from_hours(hours);
            attempted(&claimed(2, Some(since)), &answer(500, None), now()).disable
        };
        assert_eq!(failed(5 * 24 - 1), None);
        assert!(failed(5 * 24).unwrap().contains("5 days"));
        let since = now() - SignedDuration::from_hours(200);
        let well = attempted(&claimed(2, Some(since)), &answer(200, None), now());
        assert_eq!(well.disable, None);
    }
}
