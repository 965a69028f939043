//! `piecework contract`: sign, amend, preview, rollback, end, list, history.

use std::path::Path;

use anyhow::{Context as _, Result};
use book::acts::{self, ContractText, InForceFrom};
use book::previews::Change;
use jiff::civil::Date;
use pages::view::Contract;

use crate::Done;
use crate::cli::{
    Amend, ContractCommand, ContractHistory, ContractPreview, End, OneCustomer, OpenContract,
    Renew, Rollback, Sign,
};
use crate::context::Context;
use crate::output::table;

/// Runs the command.
pub fn run(context: &Context, command: &ContractCommand) -> Result<Done> {
    match command {
        ContractCommand::Sign(args) => sign(context, args),
        ContractCommand::Open(args) => open(context, args),
        ContractCommand::Renew(args) => renew(context, args),
        ContractCommand::Amend(args) => amend(context, args),
        ContractCommand::Rollback(args) => roll_back(context, args),
        ContractCommand::Preview(args) => preview(context, args),
        ContractCommand::History(args) => history(context, args),
        ContractCommand::End(args) => end(context, args),
        ContractCommand::List(args) => list(context, args),
    }
}

fn date(text: &str) -> Result<Date> {
    text.parse()
        .with_context(|| format!("`{text}` is not a date such as 2026-01-31"))
}

/// The contract document of a file.
pub struct Document {
    name: String,
    text: String,
}

impl Document {
    /// Reads it, where there is one.
    pub fn read(path: Option<&Path>) -> Result<Option<Document>> {
        let Some(path) = path else {
            return Ok(None);
        };
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {name}"))?;
        Ok(Some(Document { name, text }))
    }

    /// As an act takes it.
    pub fn given(own: Option<&Document>) -> Option<ContractText<'_>> {
        own.map(|own| ContractText {
            name: &own.name,
            text: &own.text,
        })
    }
}

fn put_in_force(context: &Context, what: &str, contract: &InForceFrom) -> Result<Done> {
    context.out.value(contract, |own| {
        vec![format!(
            "{what} {} with {} from {} ({})",
            own.contract,
            own.customer,
            own.from,
            &own.digest[..12]
        )]
    })?;
    Ok(Done::Well)
}

fn sign(context: &Context, args: &Sign) -> Result<Done> {
    let book = context.book()?;
    let from = date(&args.from)?;
    let document = Document::read(args.document.as_deref())?;
    let act = acts::Sign {
        customer: &args.customer,
        from,
        document: Document::given(document.as_ref()),
        by: &args.by,
        id: None,
    };
    put_in_force(context, "signed", &book.sign(&act, context.now)?.what)
}

fn open(context: &Context, args: &OpenContract) -> Result<Done> {
    let book = context.book()?;
    let document = Document::read(Some(&args.document))?;
    let document = Document::given(document.as_ref()).context("the file was read above")?;
    let act = acts::Open {
        customer: &args.customer,
        contract: args.contract.as_deref(),
        document,
        by: &args.by,
        id: None,
    };
    let opened = book.open_contract(&act, context.now)?.what;
    context.out.value(&opened, |own| {
        let [counters, stated, works, grants, unpaid] = own.states;
        vec![format!(
            "opened {} with {}: {counters} counters, {stated} charges billed before, {works} works, {grants} grants, \
             {unpaid} unpaid ({})",
            own.contract,
            own.customer,
            &own.digest[..12]
        )]
    })?;
    Ok(Done::Well)
}

fn renew(context: &Context, args: &Renew) -> Result<Done> {
    let book = context.book()?;
    let act = acts::Renew {
        customer: &args.customer,
        contract: args.contract.as_deref(),
        until: date(&args.until)?,
        by: &args.by,
        id: None,
    };
    if args.preview {
        let previewed = book.preview_renewal(&act, args.periods, context.now)?;
        context
            .out
            .value(&previewed, |own| vec![own.letter.trim_end().to_owned()])?;
        return Ok(Done::Well);
    }
    put_in_force(context, "renewed", &book.renew(&act, context.now)?.what)
}

fn amend(context: &Context, args: &Amend) -> Result<Done> {
    let book = context.book()?;
    let document = Document::read(args.document.as_deref())?;
    let act = acts::Amend {
        customer: &args.customer,
        contract: args.contract.as_deref(),
        from: date(&args.from)?,
        document: Document::given(document.as_ref()),
        reprice: args.reprice.as_deref(),
        by: &args.by,
        key: None,
        id: None,
    };
    put_in_force(context, "amended", &book.amend(&act, context.now)?.what)
}

fn roll_back(context: &Context, args: &Rollback) -> Result<Done> {
    let book = context.book()?;
    let act = acts::RollBack {
        customer: &args.customer,
        contract: args.contract.as_deref(),
        to_version: args.to_version,
        from: date(&args.from)?,
        reprice: args.reprice.as_deref(),
        by: &args.by,
        key: None,
        id: None,
    };
    let what = format!("back to version {} of", args.to_version);
    put_in_force(context, &what, &book.roll_back(&act, context.now)?.what)
}

fn preview(context: &Context, args: &ContractPreview) -> Result<Done> {
    let book = context.book()?;
    let document = Document::read(args.document.as_deref())?;
    let change = Change {
        customer: &args.customer,
        contract: args.contract.as_deref(),
        document: Document::given(document.as_ref()),
        plan: None,
        from: date(&args.from)?,
        periods: args.periods,
    };
    let previewed = book.preview_change(&change, context.now)?;
    context
        .out
        .value(&previewed, |own| vec![own.letter.trim_end().to_owned()])?;
    Ok(Done::Well)
}

fn history(context: &Context, args: &ContractHistory) -> Result<Done> {
    let book = context.book()?;
    let mut contracts = book.agreements(&args.customer)?;
    if let Some(id) = &args.contract {
        contracts = vec![book.agreement(&args.customer, id)?];
    }
    context.out.value(&contracts, |contracts| {
        contracts.iter().flat_map(told).collect()
    })?;
    Ok(Done::Well)
}

/// The versions of a contract, each with what it changed.
fn told(contract: &Contract) -> Vec<String> {
    let mut lines = vec![format!("{} with {}", contract.contract, contract.customer)];
    if let Some(own) = &contract.opening {
        lines.push(format!(
            "  goes on from {} ({})",
            own.system,
            &own.document[..12]
        ));
        lines.extend(own.states.iter().map(|own| format!("    {own}")));
    }
    for own in &contract.history {
        let who = own.by.as_deref().unwrap_or("nobody: a draft");
        let when = own.at.map_or_else(String::new, |at| format!(" on {at}"));
        let reprice = own.reprice.as_ref();
        let reprice =
            reprice.map_or_else(String::new, |by| format!(", re-pricing approved by {by}"));
        let replaced = if own.governs {
            ""
        } else {
            "; a later version took its place"
        };
        lines.push(format!(
            "  version {} from {} ({}): by {who}{when}{reprice}{replaced}",
            own.version, own.from, own.step
        ));
        lines.extend(own.changes.iter().map(|change| format!("    {change}")));
    }
    lines
}

fn end(context: &Context, args: &End) -> Result<Done> {
    let book = context.book()?;
    let act = acts::End {
        customer: &args.customer,
        contract: args.contract.as_deref(),
        at: date(&args.at)?,
        agreed: args.agreed,
        by: &args.by,
        id: None,
    };
    let ended = book.end(&act, context.now)?.what;
    let line = format!("ended {} at {}", ended.contract, ended.at);
    context.out.line(line)?;
    Ok(Done::Well)
}

fn list(context: &Context, args: &OneCustomer) -> Result<Done> {
    let contracts = context.book()?.agreements(&args.customer)?;
    context.out.value(&contracts, |contracts| {
        let versions = contracts.iter().flat_map(|contract| {
            let rows = contract.versions.iter();
            rows.map(move |version| (contract, version))
        });
        let rows = versions.map(|(contract, version)| {
            let until = contract.ends.map(|until| until.to_string());
            vec![
                contract.contract.clone(),
                version.version.to_string(),
                version.from.to_string(),
                until.unwrap_or("open".to_owned()),
                version.plan.clone(),
                version.billing.clone(),
                version.currency.clone(),
                if contract.is_draft {
                    "draft: nobody signed it".to_owned()
                } else {
                    String::new()
                },
            ]
        });
        let titles = [
            "contract", ">version", "from", "until", "plan", "billing", "currency", "",
        ];
        vec![table(&titles, rows)]
    })?;
    Ok(Done::Well)
}
