//! `piecework check`, of documents: do they hold together, and what do they say of their prices?

use anyhow::Result;
use book::checks::document_checks;
use book::config::Config;
use book::documents::{Documents, FaultyDocument};
use intake::meters::Meters;
use pages::view::{CheckRow, CheckVerdict, ContractChecks};
use pricing::plan::check::{check, needed, shared_works};
use pricing::plan::{Aggregate, Component, Terms};
use serde::Serialize;
use work::Definition;
use work::definition::Fault as PlanFault;

use super::told;
use crate::commands::serve::declared_meters;
use crate::context::Context;
use crate::diagnose;

/// What was found of documents.
#[derive(Serialize)]
pub(super) struct Checked {
    documents: Vec<String>,
    faults: Vec<Fault>,
    /// What may be meant, and is worth a look.
    warnings: Vec<String>,
    /// Components that one work may fall under.
    shared_works: Vec<Pair>,
    /// Documents that the seller publishes, and that prices look at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    needed: Vec<Published>,
    /// What documents alone can say of their prices.
    checks: Vec<CheckRow>,
    /// The checks of the contracts in the book.
    pub(super) contracts: Vec<ContractChecks>,
    /// What was not looked at, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) left_out: Vec<String>,
    #[serde(skip)]
    drawn: Option<String>,
}

impl Checked {
    /// Whether something does not hold.
    pub(super) fn fails(&self) -> bool {
        let is_failing = |row: &CheckRow| row.verdict == CheckVerdict::Fail;
        !self.faults.is_empty()
            || self.checks.iter().any(is_failing)
            || self.contracts.iter().any(|own| own.blocks)
    }
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

/// Looks at documents; `plan` is the name of the plan for whoever reads a fault in it.
pub(super) fn check_documents(
    context: &Context,
    config: &Config,
    documents: &Documents,
    plan: &str,
) -> Result<Checked> {
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
    let drawn = (!faults.is_empty()).then(|| {
        diagnose::faults(&FaultyDocument {
            name: plan.to_owned(),
            text: documents.texts.plan.clone(),
            faults: faults.clone(),
        })
    });
    Ok(Checked {
        drawn,
        checks: document_checks(documents, &config.checks, context.now),
        contracts: Vec::new(),
        left_out: Vec::new(),
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
    })
}

/// For people.
pub(super) fn lines(checked: &Checked) -> Vec<String> {
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
    match &checked.drawn {
        None => lines.push("the documents hold together".to_owned()),
        Some(drawn) => lines.push(drawn.clone()),
    }
    lines.extend(checked.checks.iter().flat_map(told::row));
    lines.extend(checked.contracts.iter().flat_map(told::contract));
    lines.extend(
        checked
            .left_out
            .iter()
            .map(|own| format!("not looked at: {own}")),
    );
    lines
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
