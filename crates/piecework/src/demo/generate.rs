//! A realistic month of a vendor of support automation: December 2025, made from a seed.
//!
//! Brightdesk answers tickets for three customers of very different size on a hybrid plan. The month
//! has what real months have: failures, hand-offs, reopenings within and beyond reach, thanks,
//! ratings, reviews, two versions of the agent on two models, a model without a price, seats that
//! come and go, costs that belong to nobody, a dispute, an outage of a feed, and corrections after
//! the close. [`month`] is pure: one seed is one month, to the byte, on every platform.

use jiff::{SignedDuration, Timestamp};
use money::{Amount, Currency, Decimal};
use work::body::{Action, Body, CheckResult, Cost, CostLine, Tokens, Verdict};
use work::event::{Authorship, UNASSIGNED};
use work::{Event, Header, Headers};

use super::draws::{Draws, whole};
use super::life::{Life, Script};
use super::profile::{CUSTOMERS, Profile};

/// Who sends what the vendor's product sees.
pub(super) const PRODUCT: &str = "assist.brightdesk.example";
/// Who sends the vendor's own costs that belong to no work.
const LEDGER: &str = "ledger.brightdesk.example";

/// A customer of the demonstration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Customer {
    /// The id, the `subject` of its events.
    pub id: &'static str,
    /// The name to print.
    pub name: &'static str,
    /// The terms of its contract: everything but the parties and the digests of the documents.
    pub terms: &'static str,
}

/// A generated month.
#[derive(Debug, Clone)]
pub struct Month {
    /// The customers, smallest first.
    pub customers: Vec<Customer>,
    /// What has arrived by the first close, in order of time.
    pub events: Vec<Event>,
    /// Deliveries among `events` that a sender made twice.
    pub redelivered: Vec<Event>,
    /// What arrives between the closes: a feed that was down, follow-ups in January of December's
    /// works, a decided dispute, two corrections; in order of time.
    pub late: Vec<Event>,
    /// When December is closed: statements are cut at the local first of January before it.
    pub close: Timestamp,
    /// When January is closed; every December work is decided by then.
    pub next_close: Timestamp,
}

/// The month of a seed.
///
/// # Panics
/// Never: the instants written here are valid.
#[must_use]
pub fn month(seed: u64) -> Month {
    let close = at_utc(31, 33);
    let next_close = at_utc(62, 33);
    let mut all = Vec::with_capacity(80_000);
    for profile in &CUSTOMERS {
        customer(seed, profile, &mut all);
    }
    vendor_costs(&mut all);
    all.retain(|event| event.time < next_close);
    all.sort_by(|a, b| key(a).cmp(&key(b)));
    let decisions = corrections(&all);
    let (mut events, mut late) = (Vec::with_capacity(all.len()), Vec::new());
    for event in all {
        if event.time >= close || is_held_back(&event) {
            late.push(event);
        } else {
            events.push(event);
        }
    }
    late.extend(decisions);
    late.sort_by(|a, b| key(a).cmp(&key(b)));
    let mut draws = Draws::of(seed, "redelivered", 0);
    let redelivered = events
        .iter()
        .filter(|_| draws.chance(0.003))
        .cloned()
        .collect();
    Month {
        customers: CUSTOMERS
            .iter()
            .map(|profile| Customer {
                id: profile.id,
                name: profile.name,
                terms: profile.terms,
            })
            .collect(),
        events,
        redelivered,
        late,
        close,
        next_close,
    }
}

fn key(event: &Event) -> (Timestamp, &str, &str, &str) {
    (event.time, &event.customer, &event.source, &event.id)
}

/// Midnight UTC of the first of December, plus days and hours.
pub(super) fn at_utc(days: i64, hours: i64) -> Timestamp {
    // 2025-12-01T00:00:00Z; `date -u -d 2025-12-01 +%s`
    let start = Timestamp::from_second(1_764_547_200).unwrap_or(Timestamp::UNIX_EPOCH);
    // A few weeks after 2025 is far from the ends of the calendar.
    start
        .saturating_add(SignedDuration::from_hours(24 * days + hours))
        .unwrap_or(start)
}

/// Dollars from a count of ten-thousandths.
pub(super) fn dollars(ten_thousandths: i64) -> Amount {
    // Four digits after the point are far below the most there may be.
    let value = Decimal::new(i128::from(ten_thousandths), 4).unwrap_or_default();
    Amount::new(value, Currency::USD)
}

/// The source of a customer's own desk.
pub(super) fn desk(customer: &str) -> String {
    format!("desk.{customer}.example")
}

fn customer(seed: u64, profile: &Profile, out: &mut Vec<Event>) {
    let mut draws = Draws::of(seed, profile.id, 0);
    let spread = f64::from(i32::try_from(profile.works).unwrap_or(i32::MAX)) * 0.03;
    let works = (profile.works + whole(spread * draws.normal())).max(profile.works / 2);
    let mut openings: Vec<i64> = (0..works).map(|_| opening(profile, &mut draws)).collect();
    openings.sort_unstable();
    for (number, second) in (1_i64..).zip(openings) {
        let opened = at_utc(0, -profile.ahead_of_utc)
            .saturating_add(SignedDuration::from_secs(second))
            .unwrap_or(Timestamp::MAX);
        let day = second / 86_400 + 1;
        let draws = Draws::of(seed, profile.code, number.unsigned_abs());
        Life::new(profile, number, day, opened, script(profile, number), draws).live(out);
    }
    seats(profile, out);
    support(profile, &mut draws, out);
}

/// The local second of the month at which a work opens.
fn opening(profile: &Profile, draws: &mut Draws) -> i64 {
    let mut weights = [0.0; 31];
    for (weight, day) in weights.iter_mut().zip(1_i64..) {
        // The first of December 2025 is a Monday.
        let weekday = usize::try_from((day - 1) % 7).unwrap_or(0);
        let holiday = match day {
            25 | 26 => 0.25,
            24 | 31 => 0.55,
            _ => 1.0,
        };
        *weight = profile.weekdays[weekday] * holiday;
    }
    let day = i64::try_from(draws.weighted(&weights)).unwrap_or(0);
    let hour = i64::try_from(draws.weighted(profile.hours)).unwrap_or(0);
    day * 86_400 + hour * 3_600 + draws.between(0, 3_599)
}

/// What happens to two works whatever the draws say, so that every seed tells the same stories.
fn script(profile: &Profile, number: i64) -> Script {
    match (profile.id, number) {
        ("tessera-telecom", 1_500) => Script::Disputed,
        ("harbour-hotels", 200) => Script::WronglyVerified,
        _ => Script::None,
    }
}

/// An event with nothing but an envelope.
pub(super) fn event(
    source: &str,
    id: String,
    customer: &str,
    time: Timestamp,
    body: Body,
) -> Event {
    Event {
        id: id.into(),
        source: source.into(),
        customer: customer.into(),
        time,
        work: None,
        traceparent: None,
        signature: None,
        authorship: Authorship::Seller,
        headers: Headers::default(),
        body,
    }
}

fn seats(profile: &Profile, out: &mut Vec<Event>) {
    let source = desk(profile.id);
    let morning = |day: i64| at_utc(day - 1, 9 - profile.ahead_of_utc);
    for (number, (assigned, released)) in (1..).zip(profile.seats) {
        let seat = format!("seat-{number:02}");
        let body = Body::SeatAssigned { seat: seat.clone() };
        out.push(event(
            &source,
            format!("{seat}/assigned"),
            profile.id,
            morning(*assigned),
            body,
        ));
        if let Some(day) = released {
            let body = Body::SeatReleased { seat: seat.clone() };
            out.push(event(
                &source,
                format!("{seat}/released"),
                profile.id,
                morning(*day),
                body,
            ));
        }
    }
}

/// Support that the vendor's people give a customer, week by week.
fn support(profile: &Profile, draws: &mut Draws, out: &mut Vec<Event>) {
    for week in 0..4 {
        let ten_thousandths = profile.support_cents * draws.between(80, 120);
        let body = cost(
            CostLine::Support,
            dollars(ten_thousandths),
            "customer success, hours",
        );
        let id = format!("support/{}/week-{}", profile.id, 49 + week);
        out.push(event(
            LEDGER,
            id,
            profile.id,
            at_utc(7 * week + 4, 17),
            body,
        ));
    }
}

fn cost(line: CostLine, amount: Amount, note: &str) -> Body {
    Body::Cost(Cost {
        line,
        amount: Some(amount),
        provider: None,
        model: None,
        tokens: Tokens::new(),
        agent: None,
        agent_version: None,
        note: Some(note.to_owned()),
    })
}

/// The bill whose amount turns out to have been wrong.
const VECTOR_STORE: &str = "infra/vector-store/2025-12";

/// Costs that belong to no customer: the bills of the vendor's own suppliers.
fn vendor_costs(out: &mut Vec<Event>) {
    let bills = [
        (
            CostLine::Infra,
            VECTOR_STORE,
            1_800_000,
            "vector store, December",
        ),
        (
            CostLine::Infra,
            "infra/tracing/2025-12",
            640_000,
            "tracing and logs, December",
        ),
        (
            CostLine::Model,
            "model/evaluation/2025-12-14",
            964_000,
            "evaluation of version 3.2",
        ),
        (
            CostLine::Support,
            "support/on-call/2025-12",
            2_400_000,
            "on-call over the holidays",
        ),
    ];
    for (line, id, ten_thousandths, note) in bills {
        let body = cost(line, dollars(ten_thousandths), note);
        out.push(event(
            LEDGER,
            id.to_owned(),
            UNASSIGNED,
            at_utc(30, 12),
            body,
        ));
    }
}

/// The desk of the largest customer was down for an evening: what it saw arrives after the close.
fn is_held_back(event: &Event) -> bool {
    event.source == desk("tessera-telecom")
        && event.time >= at_utc(29, 19)
        && event.time < at_utc(30, 5)
}

/// What turns out in January to have been wrong in December, and a decided dispute.
fn corrections(all: &[Event]) -> Vec<Event> {
    let mut decisions = Vec::new();
    for event in all {
        match &event.body {
            Body::Verified { check, .. } if event.id.ends_with(Script::WRONG_VERIFICATION) => {
                let body = Body::Verified {
                    result: CheckResult::Failed,
                    check: check.clone(),
                };
                decisions.push(replaced(
                    event,
                    body,
                    at_utc(38, 10),
                    "the booking was never changed",
                ));
            }
            Body::Cost(cost) if event.id == VECTOR_STORE => {
                let body = Body::Cost(Cost {
                    amount: Some(dollars(2_124_000)),
                    ..cost.clone()
                });
                decisions.push(replaced(
                    event,
                    body,
                    at_utc(37, 9),
                    "the supplier's final bill",
                ));
            }
            Body::Disputed { .. } => decisions.push(Event {
                id: format!("{}/decided", event.id).into(),
                source: PRODUCT.into(),
                time: at_utc(36, 15),
                authorship: Authorship::Seller,
                body: Body::DisputeDecided {
                    verdict: Verdict::Credited,
                },
                ..event.clone()
            }),
            _ => {}
        }
    }
    decisions
}

/// The correction that replaces an event's body.
fn replaced(target: &Event, body: Body, time: Timestamp, reason: &str) -> Event {
    let id = format!("{}/corrected", target.id);
    let correction = Body::Corrected {
        target_source: target.source.clone(),
        target_id: target.id.clone(),
        target_digest: target.digest(),
        target_kind: target.body.tag(),
        action: Action::Replace,
        replacement: Some(Box::new(Event {
            body,
            ..target.clone()
        })),
        reason: Some(reason.to_owned()),
    };
    let correction = event(&target.source, id, &target.customer, time, correction);
    match &target.work {
        Some(work) => of_work(correction, work),
        None => correction,
    }
}

/// Sets the work of an event, as reading it would.
pub(super) fn of_work(mut event: Event, work: &str) -> Event {
    event.work = Some(work.into());
    event.headers.set(Header::Work, work);
    event
}
