//! `piecework stripe`: what statements come to, collected by Stripe.

use anyhow::{Context as _, Result, bail};
use book::config::Config;
use exports::stripe::What;
use server::stripe::{Planned, Setup, ShownDocument, documents, planned, push};
use server::{App, stripe};
use store::operations::{DocumentState, StripeFilter};

use super::serve;
use crate::Done;
use crate::cli::{HandledStripe, PushStripe, RetryStripe, StripeCommand, StripeStatus};
use crate::context::Context;
use crate::env;
use crate::output::table;

/// Documents that are listed at a time.
const PAGE: usize = 500;

/// Runs the command.
pub fn run(context: &Context, command: &StripeCommand) -> Result<Done> {
    match command {
        StripeCommand::Push(args) => pushed(context, args),
        StripeCommand::Status(args) => status(context, args),
        StripeCommand::Retry(args) => retry(context, args),
        StripeCommand::Handled(args) => handled(context, args),
    }
}

/// What is needed to speak to Stripe, where the configuration says that somebody does.
pub fn setup(config: &Config) -> Result<Option<Setup>> {
    let own = &config.stripe;
    if !own.enabled {
        return Ok(None);
    }
    let variable = config.check_stripe()?;
    let Some(key) = env::named(variable) else {
        bail!(
            "[stripe] key_env names {variable}, and there is no such environment variable, or it is empty"
        );
    };
    let setup = stripe::Setup::new(own, &key)
        .with_context(|| format!("the environment variable {variable}"))?;
    Ok(Some(setup))
}

fn app(context: &Context) -> Result<App> {
    let config = context.config()?;
    let Some(setup) = setup(&config)? else {
        bail!(
            "nothing goes to Stripe: write `enabled = true` under [stripe] in {}",
            context.config_path.display()
        );
    };
    serve::app(context, Some(setup))
}

fn pushed(context: &Context, args: &PushStripe) -> Result<Done> {
    if args.dry_run {
        context.config()?.check_stripe()?;
        let app = serve::app(context, None)?;
        let all = planned(&app)?;
        context.out.value(&all, |all| would(all))?;
        return Ok(Done::Well);
    }
    bring(context, &app(context)?)
}

/// Brings everything as far as it goes, and shows what is not there then.
fn bring(context: &Context, app: &App) -> Result<Done> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build();
    let runtime = runtime.context("cannot start a thread")?;
    runtime.block_on(push(app))?;
    let all = all(app, &StripeFilter::default())?;
    let is_over = |own: &&ShownDocument| own.state == "done" || own.state == "withdrawn";
    let over = all.iter().filter(is_over).count();
    let rest: Vec<ShownDocument> = all.iter().filter(|own| !is_over(own)).cloned().collect();
    context.out.value(&rest, |rest| {
        let mut lines = vec![format!(
            "{over} of {} documents are as they must be at Stripe",
            all.len()
        )];
        if !rest.is_empty() {
            lines.push(shown(rest));
        }
        lines
    })?;
    Ok(if rest.is_empty() {
        Done::Well
    } else {
        Done::Refused
    })
}

fn status(context: &Context, args: &StripeStatus) -> Result<Done> {
    let app = serve::app(context, None)?;
    let filter = StripeFilter {
        customer: args.customer.as_deref(),
        state: args.state.as_deref().and_then(DocumentState::of_word),
        after: 0,
    };
    let all = all(&app, &filter)?;
    context.out.value(&all, |all| vec![shown(all)])?;
    Ok(Done::Well)
}

fn retry(context: &Context, args: &RetryStripe) -> Result<Done> {
    let app = app(context)?;
    let (customer, statement) = (args.customer.as_deref(), args.statement.as_deref());
    let count = app
        .store()
        .operations()
        .stripe_retry(customer, statement, context.now)?;
    if count == 0 {
        bail!("nothing of that waits for anything; `piecework stripe status` lists what there is");
    }
    bring(context, &app)
}

fn handled(context: &Context, args: &HandledStripe) -> Result<Done> {
    let app = serve::app(context, None)?;
    let operations = app.store().operations();
    let filter = StripeFilter {
        customer: Some(&args.customer),
        state: Some(DocumentState::Person),
        after: 0,
    };
    let found = operations.stripe_documents(&filter, PAGE)?;
    let mut own: Vec<_> = found
        .into_iter()
        .filter(|own| own.of.name == args.statement)
        .collect();
    if own.is_empty() {
        bail!(
            "nothing of {} waits for a person; `piecework stripe status --state person` lists what does",
            args.statement
        );
    }
    for document in &mut own {
        let what = document.problem.take().unwrap_or_default();
        document.problem = Some(format!("handled by {} at {}: {what}", args.by, context.now));
        document.state = DocumentState::Done;
        document.next_at = None;
        operations.stripe_note(document)?;
    }
    let filter = StripeFilter {
        customer: Some(&args.customer),
        ..StripeFilter::default()
    };
    let mut all = all(&app, &filter)?;
    all.retain(|own| own.number == args.statement);
    context.out.value(&all, |all| vec![shown(all)])?;
    Ok(Done::Well)
}

fn all(app: &App, filter: &StripeFilter<'_>) -> Result<Vec<ShownDocument>> {
    let mut filter = filter.clone();
    let mut all = Vec::new();
    loop {
        let page = documents(app, &filter, PAGE)?;
        let Some((last, _)) = page.last() else {
            return Ok(all);
        };
        filter.after = *last;
        all.extend(page.into_iter().map(|(_, own)| own));
    }
}

fn shown(all: &[ShownDocument]) -> String {
    let rows = all.iter().map(|own| {
        let mut made = own.steps.iter();
        let invoice = made
            .find(|step| step.name == "invoice")
            .and_then(|step| step.stripe.clone());
        let done = own.steps.iter().filter(|step| step.state == "done").count();
        vec![
            own.customer.clone(),
            own.kind.clone(),
            own.number.clone(),
            own.state.clone(),
            format!("{done} of {}", own.steps.len()),
            invoice.unwrap_or_default(),
            own.problem.clone().unwrap_or_default(),
        ]
    });
    table(
        &[
            "customer",
            "what",
            "number",
            "state",
            ">steps",
            "invoice",
            "what keeps it",
        ],
        rows,
    )
}

/// What would be asked, for people.
fn would(all: &[Planned]) -> Vec<String> {
    if all.is_empty() {
        return vec!["nothing is to be brought to Stripe".to_owned()];
    }
    let mut rows = Vec::new();
    for own in all {
        let row = |what: &str, amount: String, about: &str| {
            vec![
                own.customer.clone(),
                own.number.clone(),
                what.to_owned(),
                amount,
                about.to_owned(),
            ]
        };
        if let Some(problem) = &own.problem {
            rows.push(row(&own.kind, String::new(), problem));
        }
        for step in &own.steps {
            let (amount, about) = told(&step.what);
            rows.push(row(&step.name, amount, &about));
        }
    }
    vec![table(
        &["customer", "number", "step", ">amount", "about"],
        rows,
    )]
}

/// The amount of a step, and what it is about.
fn told(what: &What) -> (String, String) {
    let of = |form: &[(String, String)], name: &str| {
        form.iter()
            .find(|(own, _)| own == name)
            .map(|(_, value)| value.clone())
            .unwrap_or_default()
    };
    let amount = |units: &str, currency: &str| {
        units
            .parse()
            .map(|units| exports::stripe::words(units, currency))
            .unwrap_or_default()
    };
    match what {
        What::Invoice { customer, .. } => (String::new(), customer.clone()),
        What::Item { form } => (
            amount(&of(form, "amount"), &of(form, "currency")),
            of(form, "description"),
        ),
        What::Check { total, currency } => (
            exports::stripe::words(*total, currency),
            "Stripe's total is ours".to_owned(),
        ),
        What::Credit {
            origin,
            amount,
            currency,
            ..
        } => (
            exports::stripe::words(*amount, currency),
            format!("against the invoice of {origin}"),
        ),
        What::Finalize => (String::new(), "the draft ends".to_owned()),
        What::Withdraw { of, id } => (
            String::new(),
            format!("the invoice {id} of {of} is void, or the draft gone"),
        ),
        What::WithdrawCredit { id, .. } => (String::new(), id.clone()),
    }
}
