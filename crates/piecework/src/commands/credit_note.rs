//! `piecework credit-note`: what statements took back of earlier ones, as documents.

use anyhow::Result;
use pages::view::{CreditNote, CreditNoteLine};

use crate::Done;
use crate::cli::{CreditNoteCommand, CreditNotes, OneCreditNote, OneCustomer};
use crate::commands::document;
use crate::context::Context;
use crate::output::table;

/// Runs the command.
pub fn run(context: &Context, command: &CreditNotes) -> Result<Done> {
    match &command.command {
        CreditNoteCommand::List(args) => list(context, args),
        CreditNoteCommand::Show(args) => show(context, args),
        CreditNoteCommand::Document(args) => document::credit_note(context, args),
    }
}

fn list(context: &Context, args: &OneCustomer) -> Result<Done> {
    let notes = context.book()?.credit_notes(&args.customer)?;
    context.out.value(&notes, |notes| {
        let rows = notes.iter().map(|own| {
            vec![
                own.number.clone(),
                own.origin.clone(),
                own.statement.clone(),
                own.cut.to_string(),
                own.amount.to_string(),
                own.on_account.to_string(),
                own.state.clone(),
            ]
        });
        let titles = [
            "number",
            "against",
            "stated by",
            "cut",
            ">amount",
            ">on account",
            "state",
        ];
        vec![table(&titles, rows)]
    })?;
    Ok(Done::Well)
}

fn show(context: &Context, args: &OneCreditNote) -> Result<Done> {
    let note = context.book()?.credit_note(&args.customer, &args.number)?;
    context.out.value(&note, lines)?;
    Ok(Done::Well)
}

fn lines(note: &CreditNote) -> Vec<String> {
    let void = if note.state == "void" { "VOID: " } else { "" };
    let row = |own: &CreditNoteLine| {
        vec![
            format!("{}, {}", own.component, own.part),
            format!("{} to {}", own.from, own.until),
            own.amount.to_string(),
            own.reason.clone().unwrap_or_default(),
        ]
    };
    let mut lines = vec![
        format!(
            "{void}Credit note {}, before tax: {}, contract {}",
            note.number, note.customer, note.contract
        ),
        format!(
            "against statement {}; stated by {} to {}",
            note.origin, note.statement, note.cut
        ),
        table(
            &["of", "service", ">amount", "reason"],
            note.lines.iter().map(row),
        ),
        format!("credited: {}", note.amount),
    ];
    if !note.on_account.is_zero() {
        lines.push(format!(
            "more than was left of {}: {} is money on the account",
            note.origin, note.on_account
        ));
    }
    lines
}
