//! `piecework check`: do the documents in force hold together?

use anyhow::Result;
use book::documents::{Documents, FaultyDocument};
use intake::meters::Meters;
use pricing::plan::check::{check, needed, shared_works};
use pricing::plan::{Aggregate, Component, Terms};
use serde::Serialize;
use work::Definition;
use work::definition::Fault as PlanFault;

use super::serve::declared_meters;
use crate::Done;
use crate::context::Context;
use crate::diagnose;

#[derive(Serialize)]
struct Checked {
    documents: Vec<String>,
    faults: Vec<Fault>,
    /// What may be meant, and is worth a look.
    warnings: Vec<String>,
    /// Components that one work may fall under.
    shared_works: Vec<Pair>,
    /// Documents that the seller publishes, and that prices look at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    needed: Vec<Published>,
}

#[derive(Serialize)]
struct Published {
    component: String,
    document: String,
    subject: String,
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
    let config = context.config()?;
    let documents = Documents::of(&config)?;
    let definitions: Vec<&Definition> = documents.definitions.iter().collect();
    let mut faults = check(&documents.plan.components, &definitions);
    let meters = declared_meters(&config.meters)?;
    let warnings = put_together(&documents.plan.components, &meters, &mut faults);
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
        warnings,
        shared_works: shared_works(&documents.plan.components, &documents.plan.precedence)
            .into_iter()
            .map(|pair| Pair {
                components: [pair.first.to_owned(), pair.second.to_owned()],
                reason: pair.reason,
            })
            .collect(),
        needed: needed(&documents.plan.components)
            .into_iter()
            .map(|own| Published {
                component: own.component.to_owned(),
                document: own.document.word().to_owned(),
                subject: own.subject.to_owned(),
            })
            .collect(),
    };
    context.out.value(&checked, |checked| {
        let mut lines: Vec<String> = checked
            .documents
            .iter()
            .map(|name| format!("read  {name}"))
            .collect();
        let warnings = checked.warnings.iter();
        lines.extend(warnings.map(|own| format!("warning: {own}")));
        lines.extend(checked.shared_works.iter().map(|pair| {
            let [first, second] = &pair.components;
            format!("pair  {first}, {second}: {}", pair.reason)
        }));
        lines.extend(checked.needed.iter().map(|own| {
            format!(
                "needs {}: a {} of `{}`, which `piecework publish {}` tells a customer",
                own.component, own.document, own.subject, own.document
            )
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

/// Where a plan puts together otherwise what a foreign meter reads than the meter was declared for: a fault where
/// the plan counts different items and the meter names none, and else to be told.
fn put_together(
    components: &[Component],
    meters: &Meters,
    faults: &mut Vec<PlanFault>,
) -> Vec<String> {
    let mut warnings = Vec::new();
    for component in components {
        let Terms::Metered(metered) = &component.terms else {
            continue;
        };
        let (meter, planned) = (&metered.meter, metered.aggregate);
        let Some(declared) = meters.declared().find(|own| own.id == *meter) else {
            continue;
        };
        let declared = declared.aggregate;
        match (declared, planned) {
            _ if declared == planned => {}
            // Each event is a quantity of one.
            (Aggregate::Count, Aggregate::Sum) => {}
            (_, Aggregate::Unique) => faults.push(PlanFault {
                span: component.span.clone(),
                problem: format!(
                    "`{}` counts different items, and the meter `{meter}` names none",
                    component.id
                ),
                hint: Some("declare the meter with aggregate = \"unique\" and its item".to_owned()),
            }),
            _ => warnings.push(format!(
                "`{}` prices the `{}` of the meter `{meter}`, which is declared for `{}`",
                component.id,
                planned.word(),
                declared.word()
            )),
        }
    }
    warnings
}
