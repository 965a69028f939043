//! `piecework quote`: create, send, accept, decline, withdraw, list, show.

use anyhow::{Context as _, Result, bail};
use book::acts::{Acted, DraftQuote, Step, StepQuote};
use jiff::civil::Date;
use pages::view::Quote;
use work::Event;

use crate::Done;
use crate::cli::{
    AcceptQuote, CreateQuote, OneCustomer, QuoteCommand, SendQuote, ShowQuote, TurnDownQuote,
};
use crate::commands::contract::Document;
use crate::commands::document;
use crate::context::Context;
use crate::output::table;

/// Runs the command.
pub fn run(context: &Context, command: &QuoteCommand) -> Result<Done> {
    match command {
        QuoteCommand::Create(args) => create(context, args),
        QuoteCommand::Send(args) => send(context, args),
        QuoteCommand::Accept(args) => accept(context, args),
        QuoteCommand::Decline(args) => turn_down(context, args, Step::Decline(&args.reason)),
        QuoteCommand::Withdraw(args) => turn_down(context, args, Step::Withdraw(&args.reason)),
        QuoteCommand::List(args) => list(context, args),
        QuoteCommand::Show(args) => show(context, args),
        QuoteCommand::Document(args) => document::quote(context, args),
    }
}

fn date(text: &str) -> Result<Date> {
    text.parse()
        .with_context(|| format!("`{text}` is not a date such as 2026-01-31"))
}

fn create(context: &Context, args: &CreateQuote) -> Result<Done> {
    let book = context.book()?;
    let document = Document::read(args.document.as_deref())?;
    let act = DraftQuote {
        customer: &args.customer,
        from: date(&args.from)?,
        document: Document::given(document.as_ref()),
        valid_until: date(&args.valid_until)?,
        words: args.words.as_deref(),
        by: &args.by,
        id: None,
    };
    let drafted = book.draft_quote(&act, context.now)?.what;
    context.out.value(&drafted, |own| {
        vec![
            format!(
                "drafted {}: {} for {} from {}, valid until {}",
                own.quote, own.contract, own.customer, own.starts, own.valid_until
            ),
            expected(own),
        ]
    })?;
    Ok(Done::Well)
}

fn send(context: &Context, args: &SendQuote) -> Result<Done> {
    let act = StepQuote {
        customer: &args.customer,
        quote: &args.quote,
        step: Step::Send,
        by: &args.by,
        id: None,
    };
    told(context, &context.book()?.step_quote(&act, context.now)?)
}

fn accept(context: &Context, args: &AcceptQuote) -> Result<Done> {
    let book = context.book()?;
    let (customer, quote) = (args.customer.as_str(), args.quote.as_str());
    if let Some(path) = &args.signed {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        let answer = Event::parse(text.trim())
            .with_context(|| format!("{} is not one signed event", path.display()))?;
        return told(
            context,
            &book.answer_quote(customer, quote, &answer, context.now)?,
        );
    }
    let (Some(how), Some(by)) = (&args.how, &args.by) else {
        bail!(
            "say how the buyer accepted with --how and --by, or give its own answer with --signed"
        );
    };
    let act = StepQuote {
        customer,
        quote,
        step: Step::Accept(how),
        by,
        id: None,
    };
    told(context, &book.step_quote(&act, context.now)?)
}

fn turn_down(context: &Context, args: &TurnDownQuote, step: Step<'_>) -> Result<Done> {
    let act = StepQuote {
        customer: &args.customer,
        quote: &args.quote,
        step,
        by: &args.by,
        id: None,
    };
    told(context, &context.book()?.step_quote(&act, context.now)?)
}

/// What became of the quote.
fn told(context: &Context, acted: &Acted<Quote>) -> Result<Done> {
    context.out.value(&acted.what, |own| {
        let again = if acted.is_known { ", as before" } else { "" };
        let mut lines = vec![format!("{} is {}{again}", own.quote, own.state)];
        if own.state == "accepted" && own.is_signed {
            lines.push(format!(
                "signed {} with {} from {}",
                own.contract, own.customer, own.starts
            ));
        }
        lines
    })?;
    Ok(Done::Well)
}

fn list(context: &Context, args: &OneCustomer) -> Result<Done> {
    let quotes = context.book()?.quotes(&args.customer, context.now)?;
    context.out.value(&quotes, |quotes| {
        let rows = quotes.iter().map(|own| {
            vec![
                own.quote.clone(),
                own.state.clone(),
                own.valid_until.clone(),
                own.contract.clone(),
                own.plan.clone(),
                own.starts.clone(),
                own.ends.clone().unwrap_or("open".to_owned()),
                own.expected.as_ref().map_or_else(String::new, |own| {
                    format!("{} to {}", own.lowest, own.highest)
                }),
            ]
        });
        let titles = [
            "quote",
            "state",
            "valid until",
            "contract",
            "plan",
            "from",
            "until",
            "expected bill",
        ];
        vec![table(&titles, rows)]
    })?;
    Ok(Done::Well)
}

fn show(context: &Context, args: &ShowQuote) -> Result<Done> {
    let quote = context
        .book()?
        .quote(&args.customer, &args.quote, context.now)?;
    if args.text {
        // The line feed at its end is printed again: a file of what is printed has the quote's own digest.
        let text = quote.text.strip_suffix('\n').unwrap_or(&quote.text);
        context.out.text(text)?;
        return Ok(Done::Well);
    }
    context.out.value(&quote, lines)?;
    Ok(Done::Well)
}

fn lines(quote: &Quote) -> Vec<String> {
    let until = quote.ends.as_ref();
    let until = until.map_or_else(String::new, |day| format!(" to {day}"));
    let mut lines = vec![
        format!(
            "Quote {} for {}: {}, valid until {}",
            quote.quote, quote.customer, quote.state, quote.valid_until
        ),
        format!(
            "contract {} from {}{until}, plan {}, a statement each {}, in {}",
            quote.contract, quote.starts, quote.plan, quote.billing, quote.currency
        ),
    ];
    lines.extend(quote.words.clone());
    for own in &quote.components {
        lines.push(format!("  {} ({})", own.component, own.surface));
        let terms = own.terms.iter();
        lines.extend(terms.map(|own| format!("    {}: {}", own.term, own.says)));
    }
    lines.push(expected(quote));
    for own in &quote.documents {
        lines.push(format!("  {} {}", own.digest, own.name));
    }
    for own in &quote.steps {
        let signed = match (own.authorship.word(), own.is_signed) {
            ("buyer", true) => ", signed by the buyer",
            _ => ", as the seller says",
        };
        let words = own.words.as_ref();
        let words = words.map_or_else(String::new, |words| format!(": {words}"));
        lines.push(format!(
            "{} {} by {}{signed}{words}",
            own.at, own.step, own.by
        ));
    }
    lines
}

fn expected(quote: &Quote) -> String {
    match &quote.expected {
        Some(own) => format!(
            "the customer's own {} closed period{} from {} until {} would have come to {} to {}",
            own.periods,
            if own.periods == 1 { "" } else { "s" },
            own.from,
            own.until,
            own.lowest,
            own.highest
        ),
        None => {
            "no expected bill: the customer has no closed period of its own to compute one from"
                .to_owned()
        }
    }
}
