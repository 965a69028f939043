//! What is done about statements: issued, paid, credited, voided.
//!
//! Each folds the account of one customer, which the book keeps for the next reader.

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use book::acts::{CreditStatement, Due, For, GiveUp, Issue, PaidAt, Payment, Void};
use book::statements::Previewed;
use pages::screen::at;
use pages::view::json::Money;
use pages::view::{Entry, Narrowing, StatementDraft};
use serde::Deserialize;
use work::body::Balance;

use super::approvals::keep_proof_file;
use super::checks::waived;
use super::form::{Became, Form, no_such_act, opened_of, submitted};
use super::frame::{frame, of_customer};
use super::statements::{all, one};
use super::{Screen, act, look};
use crate::access::{Caller, Permission};
use crate::api::Needs;
use crate::app::App;
use crate::page::page;
use crate::params::Params;
use crate::problem::{Problem, of_act};
use crate::sent::{amount, refused_at, role, words};

pub(super) fn screens() -> Vec<Screen> {
    vec![
        look(at::DRAFTS, Needs::Key(Permission::ReadCosts), get(preview)),
        act(at::DRAFTS, Needs::Key(Permission::Bill), post(issue)),
    ]
}

/// Of which period. A field that was left empty is sent empty.
#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    period: String,
}

/// A customer, and the month in which the period begins; the last period that has ended where it is empty.
type Of = (String, String);

async fn preview(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    Params(asked): Params<Asked>,
) -> Result<Response, Problem> {
    let of = (customer, asked.period);
    let shown = move |app: &App| {
        let entry = opened_of(app, &caller, Permission::Bill, &of.0)?;
        previewed(app, &caller, &of, entry.as_ref())
    };
    Ok(page(app.work(shown).await?))
}

fn previewed(
    app: &App,
    caller: &Caller,
    (customer, period): &Of,
    entry: Option<&Entry>,
) -> Result<String, Problem> {
    // A form names its period itself.
    let entered = entry.and_then(|entry| entry.fields.get("period"));
    let period = entered.unwrap_or(period).as_str();
    let found = app.book().preview(&Previewed {
        customer: Some(customer),
        contract: None,
        period: Some(period).filter(|own| !own.is_empty()),
        now: app.now(),
    })?;
    let drafts = found.into_iter().map(|own| {
        let covered = &own.statement.period;
        let starts = covered.from.to_zoned(covered.zone.clone());
        let (contract, cut) = (&own.statement.contract, covered.until);
        Ok(StatementDraft {
            month: starts.strftime("%Y-%m").to_string(),
            blocking: app
                .book()
                .blocking_check(customer, contract, Some(cut), app.now())?,
            statement: own.statement,
            hints: own.hints,
        })
    });
    let drafts: Vec<StatementDraft> = drafts.collect::<Result<_, book::Error>>()?;
    let narrowing = [Narrowing {
        name: "period",
        label: "Month in which it begins, as 2026-01",
        placeholder: "the last that has ended",
        value: period.to_owned(),
    }];
    let mut trail = of_customer(app, customer);
    trail.push(all(customer));
    let title = "What would be stated";
    let frame = frame(app, caller, at::CUSTOMERS, title, trail).with(entry);
    Ok(pages::screen::statement_drafts(
        &frame, customer, &narrowing, &drafts, entry,
    ))
}

async fn issue(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    form: Form,
) -> Result<Response, Problem> {
    let of = (customer, String::new());
    submitted(&app, caller, form, of, issued, previewed).await
}

fn issued(app: &App, caller: &Caller, (customer, _): &Of, form: &Form) -> Result<Became, Problem> {
    if form.act() == "waive" {
        let told = waived(app, caller, customer, form)?;
        let next = at::drafts(customer);
        return Ok(Became::Done { next, told });
    }
    if form.act() != "issue" {
        return Err(no_such_act());
    }
    let id = form.id("issue");
    let act = Issue {
        customer,
        contract: form.given("contract"),
        due: form.given("period").map_or(Due::Last, Due::Period),
        by: role("/by", form.text("by"))?,
        key: Some(&caller.key),
        id: id.as_deref(),
    };
    let number = app
        .book()
        .issue(&act, app.now())
        .map_err(of_act)?
        .what
        .number;
    keep_proof_file(app, customer, &number);
    Ok(Became::Done {
        next: at::statement(customer, &number),
        told: format!("Issued as {number}."),
    })
}

/// The forms of a statement that was issued.
pub(super) async fn act_on(
    State(app): State<App>,
    caller: Caller,
    Path(of): Path<(String, String)>,
    form: Form,
) -> Result<Response, Problem> {
    submitted(&app, caller, form, of, acted, one).await
}

fn acted(
    app: &App,
    caller: &Caller,
    of: &(String, String),
    form: &Form,
) -> Result<Became, Problem> {
    let told = match form.act() {
        "pay" => paid(app, of, form)?,
        "credit" => credited(app, caller, of, form)?,
        "void" => voided(app, caller, of, form)?,
        "write_off" => written_off(app, caller, of, form)?,
        _ => return Err(no_such_act()),
    };
    Ok(Became::Done {
        next: at::statement(&of.0, &of.1),
        told,
    })
}

fn paid(app: &App, (customer, number): &(String, String), form: &Form) -> Result<String, Problem> {
    let id = form.id("payment");
    let sent = Money {
        amount: form.text("amount").to_owned(),
        currency: form.text("currency").to_owned(),
    };
    let unread = |_| refused_at("/at", "it is a day such as 2026-02-20");
    let at = form.given("at").map(str::parse::<PaidAt>).transpose();
    let act = Payment {
        customer,
        amount: amount("/amount", &sent)?,
        of: For::Statement(number),
        at: at.map_err(unread)?,
        reference: form.given("reference"),
        id: id.as_deref(),
    };
    app.book().pay(&act, app.now()).map_err(of_act)?;
    Ok(format!("Recorded: {} were paid.", act.amount))
}

fn written_off(
    app: &App,
    caller: &Caller,
    (customer, number): &(String, String),
    form: &Form,
) -> Result<String, Problem> {
    let id = form.id("write-off");
    let sent = Money {
        amount: form.text("amount").to_owned(),
        currency: form.text("currency").to_owned(),
    };
    let amount = amount("/amount", &sent)?;
    let act = GiveUp {
        customer,
        of: &Balance::Statement(number.clone()),
        amount: Some(amount),
        reason: words("/reason", form.text("reason"))?,
        by: role("/by", form.text("by"))?,
        key: Some(&caller.key),
        id: id.as_deref(),
    };
    app.book().write_off(&act, app.now()).map_err(of_act)?;
    Ok(format!("Written off: {amount} are not asked for any more."))
}

fn credited(
    app: &App,
    caller: &Caller,
    (customer, number): &(String, String),
    form: &Form,
) -> Result<String, Problem> {
    let id = form.id("credit-statement");
    let act = CreditStatement {
        customer,
        number,
        line: form.given("line"),
        reason: words("/reason", form.text("reason"))?,
        by: role("/by", form.text("by"))?,
        key: Some(&caller.key),
        id: id.as_deref(),
    };
    let credited = app
        .book()
        .credit_statement(&act, app.now())
        .map_err(of_act)?
        .what;
    Ok(format!(
        "Decided: the next statement gives back what of {} is still charged, with a credit note.",
        credited.charged
    ))
}

fn voided(
    app: &App,
    caller: &Caller,
    (customer, number): &(String, String),
    form: &Form,
) -> Result<String, Problem> {
    let id = form.id("void");
    let act = Void {
        customer,
        number,
        reason: words("/reason", form.text("reason"))?,
        by: role("/by", form.text("by"))?,
        key: Some(&caller.key),
        id: id.as_deref(),
    };
    app.book().void(&act, app.now()).map_err(of_act)?;
    Ok("It is void: what it stated is owed again, and stated under a new number.".to_owned())
}
