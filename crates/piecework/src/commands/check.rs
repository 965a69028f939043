//! `piecework check`: do the documents in force hold together?

use anyhow::Result;
use book::documents::{Documents, FaultyDocument};
use pricing::plan::check::{check, shared_works};
use serde::Serialize;
use work::Definition;

use crate::Done;
use crate::context::Context;
use crate::diagnose;

#[derive(Serialize)]
struct Checked {
    documents: Vec<String>,
    faults: Vec<Fault>,
    /// Components that one work may fall under.
    shared_works: Vec<Pair>,
}

#[derive(Serialize)]
struct Pair {
    components: [String; 2],
    reason: String,
}

#[derive(Serialize)]
struct Fault {
    problem: String,
    hint: Option<String>,
    line: usize,
}

/// Runs the command.
pub fn run(context: &Context) -> Result<Done> {
    let documents = Documents::of(&context.config()?)?;
    let definitions: Vec<&Definition> = documents.definitions.iter().collect();
    let faults = check(&documents.plan.components, &definitions);
    let line = |at: usize| documents.texts.plan[..at].matches('\n').count() + 1;
    let mut names: Vec<String> = definitions
        .iter()
        .map(|d| format!("definition {} {}", d.id, d.digest.short()))
        .collect();
    names.push(format!(
        "plan {}@{} {}",
        documents.plan.id,
        documents.plan.version,
        documents.plan.digest.short()
    ));
    let checked = Checked {
        documents: names,
        faults: faults
            .iter()
            .map(|fault| Fault {
                problem: fault.problem.clone(),
                hint: fault.hint.clone(),
                line: line(fault.span.start),
            })
            .collect(),
        shared_works: shared_works(&documents.plan.components)
            .into_iter()
            .map(|pair| Pair {
                components: [pair.first.to_owned(), pair.second.to_owned()],
                reason: pair.reason,
            })
            .collect(),
    };
    context.out.value(&checked, |checked| {
        let mut lines: Vec<String> = checked
            .documents
            .iter()
            .map(|name| format!("read  {name}"))
            .collect();
        lines.extend(checked.shared_works.iter().map(|pair| {
            let [first, second] = &pair.components;
            format!("pair  {first}, {second}: {}", pair.reason)
        }));
        if faults.is_empty() {
            lines.push("the documents hold together".to_owned());
        } else {
            lines.push(diagnose::faults(&FaultyDocument {
                name: "the plan in force".to_owned(),
                text: documents.texts.plan.clone(),
                faults: faults.clone(),
            }));
        }
        lines
    })?;
    Ok(if faults.is_empty() {
        Done::Well
    } else {
        Done::Failed
    })
}
