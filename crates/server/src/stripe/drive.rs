//! [`advance()`]: bringing about the steps of one document, as far as they go now.
//!
//! What makes something (an invoice, an item, a credit note) is noted as sent, with its body, before it is sent, under a
//! key that follows from the step. The same is sent again under the same key for as long as Stripe knows it; after that,
//! or where the key would only bring back a failure, it is looked for among what there is, and sent under the next key
//! where it is not there. What only changes something is looked at first, and asked for where it is not so already.
//! Invariant: at whatever instant the process ends, what was begun is known when it begins again.

use std::time::Duration;

use exports::stripe::answer::{CreditNote, Invoice, List, Made, Verdict};
use exports::stripe::{Hold, Method, Request, Step, What};
use jiff::SignedDuration;
use store::operations::{
    DocumentOf, DocumentState, SentStep, StepState, StripeDocument, StripeStep,
};
use work::Digest;

use super::payments;
use super::plan::{Plan, invoiced_by, later, plan, void_of};
use super::setup::Setup;
use super::speak::{Answered, ask};
use crate::app::App;
use crate::limits::{STRIPE_DELAY_MAX, STRIPE_KEY_TIME_MAX, STRIPE_PAGES_MAX, STRIPE_WAIT};
use crate::problem::Problem;

/// Attempts one after another before a document is left for later.
const AT_ONCE: u32 = 3;
/// Before the second of them; twice as long before each further one.
const FIRST_DELAY: Duration = Duration::from_millis(250);
/// A clock may be off by so much from Stripe's, in seconds.
const CLOCKS_DIFFER: i64 = 24 * 3_600;

/// What an attempt at a step came to.
enum Came {
    /// It is so.
    Done(Option<String>),
    /// It is tried again, soon.
    Again(String),
    /// It waits for something to happen.
    Wait(String),
    /// A person must look at it, and nothing goes on before.
    Person(String),
    /// A person must look at it, and the others go on.
    Left(String),
    /// It was not begun, and is not to be.
    Nothing,
}

/// Brings a document as far as it goes now, and notes how far that is.
pub(super) async fn advance(app: &App, mut document: StripeDocument) -> Result<(), Problem> {
    let Some(setup) = app.stripe() else {
        return Ok(());
    };
    if document.state == DocumentState::Done {
        return payments::look(app, setup, document).await;
    }
    if document.state == DocumentState::New && !begin(app, &mut document).await? {
        return Ok(());
    }
    let number = document.number;
    let of = document.of.clone();
    let read = move |app: &App| {
        let operations = app.store().operations();
        Ok((
            operations.stripe_steps(number)?,
            void_of(app, &of)?.is_some(),
        ))
    };
    let (steps, is_withdrawn) = app.work(read).await?;
    let mut driver = Driver {
        app,
        setup,
        of: document.of.clone(),
        steps,
        is_withdrawn,
    };
    let (state, problem, next) = driver.run().await?;
    document.state = state;
    document.problem = problem;
    let next = match state {
        DocumentState::Done => payments::next(app, &document, &driver.steps),
        _ => next,
    };
    document.next_at = next.map(|by| later(app.now(), by));
    let DocumentOf {
        customer,
        kind,
        name,
    } = &document.of;
    tracing::info!(
        customer,
        kind,
        name,
        state = state.word(),
        problem = document.problem,
        "stripe"
    );
    app.work(move |app| Ok(app.store().operations().stripe_note(&document)?))
        .await
}

/// Gives a new document its steps; whether it has some.
async fn begin(app: &App, document: &mut StripeDocument) -> Result<bool, Problem> {
    let own = document.clone();
    let begun = app.work(move |app| {
        let operations = app.store().operations();
        let mut own = own;
        let (state, problem) = match plan(app, &own)? {
            Plan::Steps(steps) => {
                let written = steps.iter().map(|step| {
                    (
                        step.name.clone(),
                        serde_json::to_string(step).unwrap_or_default(),
                    )
                });
                operations.stripe_plan(own.number, &written.collect::<Vec<_>>())?;
                own.state = DocumentState::Open;
                return Ok(own);
            }
            Plan::Wait(problem) => (DocumentState::New, problem),
            Plan::Person(problem) => (DocumentState::Person, problem),
            Plan::Withdrawn(problem) => (DocumentState::Withdrawn, problem),
        };
        own.state = state;
        own.problem = Some(problem);
        own.next_at = (state == DocumentState::New).then(|| later(app.now(), STRIPE_WAIT));
        operations.stripe_note(&own)?;
        Ok(own)
    });
    *document = begun.await?;
    Ok(document.state == DocumentState::Open)
}

struct Driver<'a> {
    app: &'a App,
    setup: &'a Setup,
    of: DocumentOf,
    steps: Vec<StripeStep>,
    /// Whether it was voided since: what is under way is settled, and nothing further begun.
    is_withdrawn: bool,
}

type Standing = (DocumentState, Option<String>, Option<SignedDuration>);

impl Driver<'_> {
    async fn run(&mut self) -> Result<Standing, Problem> {
        for at in 0..self.steps.len() {
            if self.steps[at].state != StepState::Open {
                continue;
            }
            let Ok(step) = serde_json::from_str::<Step>(&self.steps[at].step) else {
                let problem = format!(
                    "{}: written by another release of piecework",
                    self.steps[at].name
                );
                return Ok((DocumentState::Person, Some(problem), None));
            };
            let came = self.bring(at, &step).await?;
            let row = &mut self.steps[at];
            row.last_at = Some(self.app.now());
            let named = |problem: &str| Some(format!("{}: {problem}", step.name));
            row.last_problem = match &came {
                Came::Done(_) | Came::Nothing => None,
                Came::Again(problem)
                | Came::Wait(problem)
                | Came::Person(problem)
                | Came::Left(problem) => Some(problem.clone()),
            };
            let standing = match &came {
                Came::Done(made) => {
                    row.state = StepState::Done;
                    if made.is_some() {
                        row.made.clone_from(made);
                    }
                    None
                }
                Came::Left(_) => {
                    row.state = StepState::Left;
                    None
                }
                Came::Nothing => None,
                Came::Again(problem) => {
                    let delay = delay(&step.mark, row.attempts);
                    Some((DocumentState::Open, named(problem), Some(delay)))
                }
                Came::Wait(problem) => {
                    Some((DocumentState::Open, named(problem), Some(STRIPE_WAIT)))
                }
                Came::Person(problem) => Some((DocumentState::Person, named(problem), None)),
            };
            self.note(at).await?;
            if let Some(standing) = standing {
                return Ok(standing);
            }
            if self.app.is_draining() {
                return Ok((DocumentState::Open, None, Some(SignedDuration::ZERO)));
            }
        }
        if self.is_withdrawn {
            return Ok((
                DocumentState::Withdrawn,
                Some("voided since".to_owned()),
                None,
            ));
        }
        let left: Vec<String> = (self.steps.iter())
            .filter(|row| row.state == StepState::Left)
            .map(|row| {
                format!(
                    "{}: {}",
                    row.name,
                    row.last_problem.as_deref().unwrap_or_default()
                )
            })
            .collect();
        Ok(match left.is_empty() {
            true => (DocumentState::Done, None, None),
            false => (DocumentState::Person, Some(left.join("; ")), None),
        })
    }

    async fn bring(&mut self, at: usize, step: &Step) -> Result<Came, Problem> {
        let mut tries = 0;
        loop {
            let came = match &step.what {
                What::Invoice { .. } | What::Item { .. } | What::Credit { .. } => {
                    self.make(at, step).await?
                }
                _ if self.is_withdrawn => Came::Nothing,
                What::Check { .. } => self.check(at, step).await,
                What::Finalize | What::Withdraw { .. } | What::WithdrawCredit { .. } => {
                    self.change(at, step).await?
                }
            };
            tries += 1;
            match came {
                Came::Again(_) if tries < AT_ONCE && !self.app.is_draining() => {
                    let longer = FIRST_DELAY * 2_u32.pow(tries - 1);
                    let jitter = u32::from(jitter(&step.mark, self.steps[at].attempts));
                    tokio::time::sleep(longer + longer * jitter / 512).await;
                }
                came => return Ok(came),
            }
        }
    }

    /// What makes something that carries the step's mark.
    async fn make(&mut self, at: usize, step: &Step) -> Result<Came, Problem> {
        let of = match self.invoice_of(at, step).await? {
            Ok(of) => of,
            Err(came) => return Ok(came),
        };
        let now = self.app.now();
        let row = &mut self.steps[at];
        let is_old = row
            .sent
            .as_ref()
            .is_some_and(|sent| now.duration_since(sent.at) >= STRIPE_KEY_TIME_MAX);
        if row.sent.is_some() && (row.is_unclear || is_old) {
            let since = row
                .sent
                .as_ref()
                .map_or(0, |sent| sent.at.as_second() - CLOCKS_DIFFER);
            match self.look(step, of.as_deref(), since).await {
                Ok(Some(id)) => return Ok(Came::Done(Some(id))),
                Ok(None) => {
                    let row = &mut self.steps[at];
                    row.sent = None;
                    row.is_unclear = false;
                    row.generation += 1;
                    self.note(at).await?;
                }
                Err(came) => return Ok(came),
            }
        }
        if self.steps[at].sent.is_none() {
            if self.is_withdrawn {
                return Ok(Came::Nothing);
            }
            let request = match self.request(step, of.as_deref()).await {
                Ok(request) => request,
                Err(came) => return Ok(came),
            };
            self.steps[at].sent = Some(SentStep {
                path: request.path,
                body: request.body,
                at: now,
            });
            // On disk before it is sent.
            self.note(at).await?;
        }
        let row = &mut self.steps[at];
        let Some(sent) = row.sent.clone() else {
            return Ok(Came::Nothing);
        };
        row.attempts += 1;
        let key = key(step, row.generation);
        let request = Request {
            method: Method::Post,
            path: sent.path,
            body: sent.body,
        };
        let answered = ask(self.setup, &request, Some(&key)).await;
        let row = &mut self.steps[at];
        row.last_status = answered.status;
        let problem = answered.problem.clone().unwrap_or_default();
        Ok(match answered.verdict {
            Verdict::Done => match answered.read::<Made>() {
                Some(made) => Came::Done(Some(made.id)),
                None => Came::Again("Stripe's answer cannot be read".to_owned()),
            },
            Verdict::Again => Came::Again(problem),
            Verdict::Unclear => {
                row.is_unclear = true;
                Came::Again(problem)
            }
            Verdict::Refused if is_about_the_key(&answered) => Came::Wait(problem),
            Verdict::Refused => {
                row.is_unclear = true;
                // It may be refused because something happened in between, such as a payment: then another is made.
                match self.request(step, of.as_deref()).await {
                    Err(came) => came,
                    Ok(now) if now.body != request.body => Came::Again(problem),
                    Ok(_) => Came::Person(problem),
                }
            }
        })
    }

    /// The invoice that what a step makes is of.
    async fn invoice_of(
        &self,
        at: usize,
        step: &Step,
    ) -> Result<Result<Option<String>, Came>, Problem> {
        Ok(match &step.what {
            What::Item { .. } => match self.own_invoice() {
                Some(id) => Ok(Some(id)),
                None => Err(Came::Nothing),
            },
            What::Credit { origin, .. } => {
                let is_sent = self.steps[at].sent.is_some();
                if self.is_withdrawn && !is_sent {
                    return Ok(Err(Came::Nothing));
                }
                match self.invoice_with(origin).await? {
                    Ok(id) => Ok(Some(id)),
                    Err(came) => Err(came),
                }
            }
            _ => Ok(None),
        })
    }

    /// The invoice that a statement of the customer is on, or what a credit of it waits for.
    async fn invoice_with(&self, statement: &str) -> Result<Result<String, Came>, Problem> {
        let (of, number) = (self.of.clone(), statement.to_owned());
        let read = move |app: &App| {
            let operations = app.store().operations();
            let Some(by) = invoiced_by(app, &of, &number)? else {
                return Ok(Err(format!("waits for the cover of {number}")));
            };
            let Some(document) = operations.stripe_document(&by)? else {
                return Ok(Ok(None));
            };
            let mut rows = operations.stripe_steps(document.number)?.into_iter();
            let made = rows
                .find(|row| row.name == "invoice")
                .and_then(|row| row.made);
            Ok(match document.state {
                DocumentState::New | DocumentState::Open | DocumentState::Person
                    if made.is_none() =>
                {
                    Err(format!("waits for the invoice of {}", by.name))
                }
                _ => Ok(made),
            })
        };
        Ok(match self.app.work(read).await? {
            Ok(Some(id)) => Ok(id),
            Ok(None) => Err(Came::Left(format!(
                "{statement} has no invoice at Stripe; credit it where it was collected"
            ))),
            Err(waits) => Err(Came::Wait(waits)),
        })
    }

    /// What makes the thing, as it is now.
    async fn request(&self, step: &Step, of: Option<&str>) -> Result<Request, Came> {
        if let (What::Credit { .. }, Some(id)) = (&step.what, of) {
            let answered = ask(self.setup, &Request::invoice(id), None).await;
            let origin = invoice(&answered)?;
            return step.credit(&origin).map_err(|hold| match hold {
                Hold::Wait(problem) => Came::Wait(problem),
                Hold::Person(problem) => Came::Left(problem),
                Hold::Done => Came::Nothing,
            });
        }
        step.request(of).ok_or(Came::Nothing)
    }

    /// The id of what carries a step's mark.
    async fn look(
        &self,
        step: &Step,
        of: Option<&str>,
        since: i64,
    ) -> Result<Option<String>, Came> {
        let mut after: Option<String> = None;
        for _ in 0..STRIPE_PAGES_MAX {
            let Some(request) = step.look(of, since, after.as_deref()) else {
                return Ok(None);
            };
            let answered = ask(self.setup, &request, None).await;
            let list: List = read(&answered)?;
            if let Some(id) = list.marked(&step.mark) {
                return Ok(Some(id.to_owned()));
            }
            match list.data.last() {
                Some(last) if list.has_more => after = Some(last.id.clone()),
                _ => return Ok(None),
            }
        }
        Err(Came::Person(format!(
            "whether it was done cannot be seen: there are more than {} others at Stripe",
            STRIPE_PAGES_MAX * 100
        )))
    }

    async fn check(&mut self, at: usize, step: &Step) -> Came {
        let Some(id) = self.own_invoice() else {
            return Came::Nothing;
        };
        self.steps[at].attempts += 1;
        let answered = ask(self.setup, &Request::invoice(&id), None).await;
        self.steps[at].last_status = answered.status;
        match invoice(&answered) {
            Ok(found) => match step.check(&found) {
                Ok(()) => Came::Done(None),
                Err(hold) => held(hold),
            },
            Err(came) => came,
        }
    }

    /// What is looked at first, and asked for where it is not so already.
    async fn change(&mut self, at: usize, step: &Step) -> Result<Came, Problem> {
        let id = match &step.what {
            What::Finalize => self.own_invoice(),
            What::Withdraw { id, .. } | What::WithdrawCredit { id, .. } => Some(id.clone()),
            _ => None,
        };
        let Some(id) = id else {
            return Ok(Came::Done(None));
        };
        let is_credit = matches!(step.what, What::WithdrawCredit { .. });
        let look = match is_credit {
            true => Request::credit_note(&id),
            false => Request::invoice(&id),
        };
        let answered = ask(self.setup, &look, None).await;
        if answered.is_missing && matches!(step.what, What::Withdraw { .. }) {
            return Ok(Came::Done(None));
        }
        let request = match is_credit {
            true => read::<CreditNote>(&answered).map(|found| step.withdraw_credit(&found)),
            false => invoice(&answered).map(|found| match &step.what {
                What::Finalize => step.finalize(&found),
                _ => step.withdraw(&found),
            }),
        };
        let request = match request {
            Ok(Ok(request)) => request,
            Ok(Err(hold)) => return Ok(held(hold)),
            Err(came) => return Ok(came),
        };
        let row = &mut self.steps[at];
        row.generation += 1;
        row.attempts += 1;
        row.sent = Some(SentStep {
            path: request.path.clone(),
            body: request.body.clone(),
            at: self.app.now(),
        });
        self.note(at).await?;
        let key = (request.method == Method::Post).then(|| key(step, self.steps[at].generation));
        let answered = ask(self.setup, &request, key.as_deref()).await;
        self.steps[at].last_status = answered.status;
        let problem = answered.problem.clone().unwrap_or_default();
        Ok(match answered.verdict {
            Verdict::Done => Came::Done(None),
            // It is looked at again before anything is asked.
            Verdict::Again | Verdict::Unclear => Came::Again(problem),
            Verdict::Refused if is_about_the_key(&answered) => Came::Wait(problem),
            Verdict::Refused => Came::Person(problem),
        })
    }

    fn own_invoice(&self) -> Option<String> {
        let mut rows = self.steps.iter();
        rows.find(|row| row.name == "invoice")
            .and_then(|row| row.made.clone())
    }

    async fn note(&self, at: usize) -> Result<(), Problem> {
        let row = self.steps[at].clone();
        self.app
            .work(move |app| Ok(app.store().operations().stripe_note_step(&row)?))
            .await
    }
}

/// The key under which a step is sent: the same each time until it was looked for and not found.
fn key(step: &Step, generation: u32) -> String {
    format!("piecework-{}-{generation}", step.mark)
}

fn held(hold: Hold) -> Came {
    match hold {
        Hold::Done => Came::Done(None),
        Hold::Wait(problem) => Came::Wait(problem),
        Hold::Person(problem) => Came::Person(problem),
    }
}

/// Whether the key is refused, not what is asked under it.
fn is_about_the_key(answered: &Answered) -> bool {
    matches!(answered.status, Some(401 | 403))
}

fn invoice(answered: &Answered) -> Result<Invoice, Came> {
    read(answered)
}

/// What was looked at, or what came of looking.
fn read<T: serde::de::DeserializeOwned>(answered: &Answered) -> Result<T, Came> {
    let problem = || answered.problem.clone().unwrap_or_default();
    match answered.verdict {
        Verdict::Done => answered
            .read()
            .ok_or_else(|| Came::Again("Stripe's answer cannot be read".to_owned())),
        Verdict::Again | Verdict::Unclear => Err(Came::Again(problem())),
        Verdict::Refused if is_about_the_key(answered) => Err(Came::Wait(problem())),
        Verdict::Refused => Err(Came::Person(problem())),
    }
}

/// Until the next attempt: longer each time, to a bound, and not the same for what failed together.
fn delay(mark: &str, attempts: u32) -> SignedDuration {
    let seconds = 5_i64.saturating_mul(1_i64 << attempts.min(16));
    let whole = SignedDuration::from_secs(seconds).min(STRIPE_DELAY_MAX);
    let longer = i32::from(jitter(mark, attempts));
    whole.saturating_add(whole * longer / 512)
}

/// By how many 512ths it is longer; the same for the same attempt at the same step.
fn jitter(mark: &str, attempts: u32) -> u8 {
    Digest::of(format!("{mark}/{attempts}").as_bytes()).as_bytes()[0]
}

#[cfg(test)]
mod tests {
    use super::{STRIPE_DELAY_MAX, SignedDuration, delay};

    #[test]
    fn attempts_are_further_and_further_apart_to_a_bound() {
        let longest = STRIPE_DELAY_MAX + STRIPE_DELAY_MAX / 2;
        let mut before = SignedDuration::ZERO;
        for attempts in 0..100 {
            let own = delay("a step", attempts);
            assert!(own <= longest, "{attempts}: {own}");
            assert!(own > before / 2, "{attempts}: {own} after {before}");
            before = own;
        }
        assert!(before >= STRIPE_DELAY_MAX);
        assert_ne!(delay("a step", 20), delay("another", 20));
    }
}
