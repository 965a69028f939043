//! What a buyer says of a work: looked at as the very event first, then signed by the buyer, or relayed.
//!
//! A relayed entry is written by the seller's server at the word of whoever holds the session. It says `buyer` and has
//! no signature, which every statement and proof file tells as "relayed by the seller, not signed", and its source
//! names the key or link that it came by. A link may have been sent on, so by a link nothing is relayed that may raise
//! the bill: the buyer signs that, or says it under a key of its own. Invariant: what is written is the event that was
//! shown, of a work that there is, and no older than a session.

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use book::acts::About;
use book::subjects::Subject;
use jiff::{SignedDuration, Timestamp};
use money::Decimal;
use pages::screen::portal::{self, at};
use pages::view::{Entry, Sayable, Saying};
use serde::Deserialize;
use work::Event;
use work::body::{Body, Kind};
use work::event::Authorship;

use super::frame::{above, frame};
use crate::access::{Caller, Permission};
use crate::api::Needs;
use crate::app::App;
use crate::limits::SESSION_TIME_MAX;
use crate::page::page;
use crate::params::{Params, refused};
use crate::problem::{Code, Problem, of_act};
use crate::screens::form::{Became, Form, submitted};
use crate::screens::{Screen, act, look};
use crate::sent::{refused_at, words};

/// What a buyer says of a work, in words, and whether it may raise the bill.
const SAYABLE: [(Kind, &str, &str, bool); 5] = [
    (Kind::Disputed, "disputed", "We dispute it", false),
    (
        Kind::Rejected,
        "rejected",
        "It was not done, or not well",
        false,
    ),
    (
        Kind::Reopened,
        "reopened",
        "We had to come back to it",
        false,
    ),
    (Kind::Confirmed, "confirmed", "It was done", true),
    (Kind::Rated, "rated", "We give it a score", true),
];

/// The source of events that a buyer signs elsewhere.
const SIGNED_SOURCE: &str = "portal/signed";

pub(super) fn screens() -> Vec<Screen> {
    vec![
        look(at::SAYING, Needs::Key(Permission::Read), get(show)),
        act(at::SAYING, Needs::Key(Permission::Say), post(say)),
    ]
}

/// What a caller may say of a work.
pub(super) fn sayable(caller: &Caller) -> Vec<Sayable> {
    let kinds = SAYABLE.iter().filter(|_| caller.may(Permission::Say));
    kinds
        .map(|(_, kind, words, raises)| Sayable {
            kind,
            words,
            is_signed_only: *raises && caller.is_of_link,
        })
        .collect()
}

/// What the form of a work says. A field that was left empty is sent empty.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Asked {
    kind: String,
    reason: String,
    score: String,
}

impl Asked {
    /// The fact, and what it says in words.
    fn fact(&self) -> Result<(Body, String, bool), Problem> {
        let found = SAYABLE.iter().find(|(_, word, ..)| *word == self.kind);
        let Some((kind, _, says, raises)) = found else {
            let known: Vec<&str> = SAYABLE.iter().map(|(_, word, ..)| *word).collect();
            return Err(refused(
                "kind",
                format!("it is one of {}", known.join(", ")),
            ));
        };
        let reason = match self.reason.trim() {
            "" => None,
            own => Some(words("/reason", own)?.to_owned()),
        };
        let because = reason.as_ref().map(|own| format!("{says}: {own}"));
        let because = because.unwrap_or_else(|| (*says).to_owned());
        let (body, says) = match kind {
            Kind::Disputed => (Body::Disputed { reason }, because),
            Kind::Rejected => (Body::Rejected { reason }, because),
            Kind::Reopened => (Body::Reopened, (*says).to_owned()),
            Kind::Confirmed => (Body::Confirmed, (*says).to_owned()),
            _ => {
                let score: Decimal = (self.score.trim().parse())
                    .map_err(|_| refused("score", "it is a number such as 4"))?;
                (Body::Rated { score }, format!("{says}: {score}"))
            }
        };
        Ok((body, says, *raises))
    }
}

async fn show(
    State(app): State<App>,
    caller: Caller,
    Path((customer, work)): Path<(String, String)>,
    Params(asked): Params<Asked>,
) -> Result<Response, Problem> {
    let (body, says, raises) = asked.fact()?;
    let shown = move |app: &App| {
        let subject = app.book().subject(&customer, &work)?;
        let said = |source: &str| event(&customer, &subject, source, body.clone(), app.now());
        let source = relayed_source(&caller);
        let may = caller.may(Permission::Say) && !(raises && caller.is_of_link);
        let saying = Saying {
            says,
            to_sign: said(SIGNED_SOURCE)?.canonical(),
            origin: app.book().origin(&customer)?,
            relayed: may
                .then(|| said(&source))
                .transpose()?
                .map(|own| own.canonical()),
            source,
            customer,
            work,
        };
        Ok(told(app, &caller, &saying, None))
    };
    Ok(page(app.work(shown).await?))
}

fn told(app: &App, caller: &Caller, saying: &Saying, entry: Option<&Entry>) -> String {
    let mut trail = above("Works", at::WORKS, &saying.customer);
    trail.push(pages::view::Step {
        name: format!("Work {}", saying.work),
        address: at::work(at::WORK, &saying.customer, &saying.work),
    });
    let title = (at::WORKS, "Before it is said");
    let frame = frame(app, caller, &saying.customer, title, trail);
    portal::saying(&frame.with(entry), saying)
}

/// Under which source a caller's word is relayed.
fn relayed_source(caller: &Caller) -> String {
    format!("portal/{}", caller.key)
}

/// The event, read once more as it would be read from a file.
fn event(
    customer: &str,
    subject: &Subject,
    source: &str,
    body: Body,
    now: Timestamp,
) -> Result<Event, Problem> {
    let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
    let event = Event {
        id: format!("{}/{}/{now}", subject.work, body.tag().word()).into(),
        source: source.into(),
        customer: customer.into(),
        time: now,
        work: Some(subject.work.clone()),
        traceparent: None,
        signature: None,
        authorship: Authorship::Buyer,
        headers: subject.headers.clone(),
        body,
    };
    let text = event.canonical();
    Event::parse(&text).map_err(|error| Problem::new(Code::BadRequest, error.to_string()))
}

async fn say(
    State(app): State<App>,
    caller: Caller,
    Path(of): Path<(String, String)>,
    form: Form,
) -> Result<Response, Problem> {
    submitted(&app, caller, form, of, relay, again).await
}

/// Writes down the event that was shown.
fn relay(
    app: &App,
    caller: &Caller,
    (customer, work): &(String, String),
    form: &Form,
) -> Result<Became, Problem> {
    let said = Event::parse(form.text("event"));
    let said = said.map_err(|error| refused_at("/event", error.to_string()))?;
    let kind = said.body.tag();
    let known = SAYABLE.iter().find(|(own, ..)| *own == kind);
    let Some((_, _, words, raises)) = known else {
        return Err(refused_at("/event", "a buyer does not say this of a work"));
    };
    if *raises && caller.is_of_link {
        let detail = "by a link nothing is said that may raise the bill: sign it, or sign in with a key of the buyer";
        return Err(Problem::new(Code::Forbidden, detail));
    }
    let (now, source) = (app.now(), relayed_source(caller));
    let subject = app.book().subject(customer, work)?;
    let age = now.duration_since(said.time);
    let longest = SignedDuration::try_from(SESSION_TIME_MAX).unwrap_or(SignedDuration::ZERO);
    let is_shown = event(customer, &subject, &source, said.body.clone(), said.time)
        .is_ok_and(|own| own == said);
    if !is_shown || age < SignedDuration::ZERO || age > longest {
        let detail = "it is not what was shown, or was shown long ago; begin again at the work";
        return Err(refused_at("/event", detail));
    }
    let about = About {
        customer,
        work: &said.work.clone().unwrap_or_default(),
        source: &source,
        at: Some(said.time),
        headers: &said.headers,
        id: Some(&said.id),
    };
    let bodies = vec![said.body.clone()];
    let recorded = app.book().record(&about, Authorship::Buyer, bodies, now);
    let recorded = recorded.map_err(of_act)?.pop().map(|own| own.what);
    let entry =
        (recorded.as_ref()).map_or_else(String::new, |own| format!(", as entry {}", own.entry));
    let why = recorded.and_then(|own| own.without_effect);
    let why = why.map_or_else(String::new, |why| format!(" It changes nothing: {why}."));
    Ok(Became::Done {
        next: at::work(at::WORK, customer, work),
        told: format!("{words}: it is in the log{entry}, relayed by the seller, not signed.{why}"),
    })
}

/// The screen again, of an event that was not taken.
fn again(
    app: &App,
    caller: &Caller,
    (customer, work): &(String, String),
    entry: Option<&Entry>,
) -> Result<String, Problem> {
    let stories = app.book().work(customer, work, false, app.now())?;
    let title = format!("Work {work}");
    let trail = above("Works", at::WORKS, customer);
    let frame = frame(app, caller, customer, (at::WORKS, &title), trail);
    Ok(portal::work(
        &frame.with(entry),
        customer,
        work,
        &stories,
        &sayable(caller),
    ))
}
