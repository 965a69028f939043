//! [`Meter`]: what the server counted since it began, for `/metrics`.
//!
//! In the text format of Prometheus (0.0.4). Deliveries and positions come from the book when they are asked
//! for; this holds only what the book does not know. No label carries a customer or a key.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use store::reconciliation::{AGES, Ages, Waiting};
use store::{Deliveries, Position};

/// Upper bounds of the buckets of durations, in milliseconds.
const BUCKETS_MS: [u64; 12] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 5_000, 30_000];

/// What the book says of itself, all customers together.
#[derive(Debug)]
pub struct BookCounts {
    /// Deliveries since the book began.
    pub deliveries: Deliveries,
    /// How far journal and state are.
    pub position: Position,
    /// Refused events that wait.
    pub refused: Ages,
    /// What else waits.
    pub waiting: Waiting,
    /// Counts at sources by what came of them.
    pub verdicts: [(&'static str, u64); 3],
    /// Webhooks that are still to be delivered.
    pub webhooks_waiting: u64,
}

/// Counts since the server began.
#[derive(Debug, Default)]
pub struct Meter {
    requests: Mutex<BTreeMap<(String, String, u16), u64>>,
    durations: Mutex<BTreeMap<String, Durations>>,
    webhooks_delivered: AtomicU64,
    webhooks_failed: AtomicU64,
}

#[derive(Debug, Default)]
struct Durations {
    buckets: [u64; BUCKETS_MS.len()],
    count: u64,
    sum: Duration,
}

impl Meter {
    /// Counts a request: the route that answered it, never the path that was asked for.
    pub fn count(&self, method: &str, route: &str, status: u16, took: Duration) {
        let key = (method.to_owned(), route.to_owned(), status);
        let requests = self.requests.lock();
        *requests
            .unwrap_or_else(PoisonError::into_inner)
            .entry(key)
            .or_default() += 1;
        let durations = self.durations.lock();
        let mut durations = durations.unwrap_or_else(PoisonError::into_inner);
        let own = durations.entry(route.to_owned()).or_default();
        own.count += 1;
        own.sum += took;
        let took = took.as_micros();
        for (bucket, bound) in own.buckets.iter_mut().zip(BUCKETS_MS) {
            *bucket += u64::from(took <= u128::from(bound) * 1_000);
        }
    }

    /// Counts an attempt to deliver a webhook.
    pub fn count_webhook(&self, was_delivered: bool) {
        let count = if was_delivered {
            &self.webhooks_delivered
        } else {
            &self.webhooks_failed
        };
        count.fetch_add(1, Ordering::Relaxed);
    }

    /// The page for a scraper.
    #[must_use]
    pub fn page(&self, book: &BookCounts) -> String {
        let BookCounts {
            deliveries,
            position,
            refused,
            waiting,
            verdicts,
            webhooks_waiting,
        } = book;
        let mut page = String::new();
        let outcomes = [
            ("accepted", deliveries.accepted),
            ("duplicate", deliveries.duplicate),
            ("conflicting", deliveries.conflicting),
            ("refused", deliveries.refused),
        ];
        let rows = outcomes.map(|(outcome, count)| {
            let label = format!("{{outcome=\"{outcome}\"}}");
            (label, count.to_string())
        });
        family(
            &mut page,
            "piecework_deliveries_total",
            "counter",
            "Deliveries since the book began, by what became of them.",
            &rows,
        );
        family(
            &mut page,
            "piecework_state_commits_behind",
            "gauge",
            "Commits of the journal that the state has yet to apply.",
            &[(
                String::new(),
                position
                    .committed
                    .saturating_sub(position.applied)
                    .to_string(),
            )],
        );
        let aged = [
            (
                "piecework_refused_events_waiting",
                "Refused events that nobody has decided about, by age.",
                refused,
            ),
            (
                "piecework_units_pending",
                "Units of work that are pending, by age.",
                &waiting.pending,
            ),
            (
                "piecework_costs_unassigned",
                "Costs of no customer yet, by age.",
                &waiting.unassigned,
            ),
            (
                "piecework_costs_without_work",
                "Costs of a customer that belong to no work, by age.",
                &waiting.without_work,
            ),
        ];
        for (name, about, ages) in aged {
            let words = AGES.iter().map(|(word, _)| *word).chain(["older"]);
            let rows = words.zip(ages).map(|(word, count)| {
                let label = format!("{{age=\"{word}\"}}");
                (label, count.to_string())
            });
            let rows: Vec<(String, String)> = rows.collect();
            family(&mut page, name, "gauge", about, &rows);
        }
        let rows: Vec<(String, String)> = verdicts
            .iter()
            .map(|(word, count)| {
                let label = format!("{{verdict=\"{word}\"}}");
                (label, count.to_string())
            })
            .collect();
        family(
            &mut page,
            "piecework_source_days",
            "gauge",
            "Counts at sources of the last 30 days, by whether as many events arrived.",
            &rows,
        );
        let attempts = [
            ("delivered", &self.webhooks_delivered),
            ("failed", &self.webhooks_failed),
        ];
        let rows = attempts.map(|(outcome, count)| {
            let label = format!("{{outcome=\"{outcome}\"}}");
            (label, count.load(Ordering::Relaxed).to_string())
        });
        family(
            &mut page,
            "piecework_webhook_attempts_total",
            "counter",
            "Attempts to deliver webhooks since the server began.",
            &rows,
        );
        family(
            &mut page,
            "piecework_webhook_deliveries_waiting",
            "gauge",
            "Webhooks that are still to be delivered.",
            &[(String::new(), webhooks_waiting.to_string())],
        );
        let requests = self.requests.lock();
        let requests = requests.unwrap_or_else(PoisonError::into_inner);
        let rows: Vec<(String, String)> = requests
            .iter()
            .map(|((method, route, status), count)| {
                let labels =
                    format!("{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}}");
                (labels, count.to_string())
            })
            .collect();
        family(
            &mut page,
            "piecework_http_requests_total",
            "counter",
            "Requests answered since the server began.",
            &rows,
        );
        let durations = self.durations.lock();
        let durations = durations.unwrap_or_else(PoisonError::into_inner);
        let rows: Vec<(String, String)> = durations.iter().flat_map(histogram).collect();
        family(
            &mut page,
            "piecework_http_request_duration_seconds",
            "histogram",
            "Time from a request's headers to its answer.",
            &rows,
        );
        page
    }
}

/// Writes a family of metrics: rows of labels and value.
pub(crate) fn family(
    page: &mut String,
    name: &str,
    kind: &str,
    about: &str,
    rows: &[(String, String)],
) {
    // Writing to a string cannot fail.
    let _ = writeln!(page, "# HELP {name} {about}\n# TYPE {name} {kind}");
    for (suffix, value) in rows {
        let _ = writeln!(page, "{name}{suffix} {value}");
    }
}

fn histogram((route, own): (&String, &Durations)) -> Vec<(String, String)> {
    let mut rows: Vec<(String, String)> = own
        .buckets
        .iter()
        .zip(BUCKETS_MS)
        .map(|(count, bound)| {
            let (seconds, thousandths) = (bound / 1_000, bound % 1_000);
            let le = format!("{seconds}.{thousandths:03}");
            let labels = format!("_bucket{{route=\"{route}\",le=\"{le}\"}}");
            (labels, count.to_string())
        })
        .collect();
    let labels = format!("{{route=\"{route}\"}}");
    let all = format!("_bucket{{route=\"{route}\",le=\"+Inf\"}}");
    let (seconds, micros) = (own.sum.as_secs(), own.sum.subsec_micros());
    rows.push((all, own.count.to_string()));
    rows.push((format!("_sum{labels}"), format!("{seconds}.{micros:06}")));
    rows.push((format!("_count{labels}"), own.count.to_string()));
    rows
}
