//! Reading a plan document.

use money::Currency;
use work::Digest;

use super::{
    Meter, MeterClass, PeriodTotals, Plan, Terms, check_scopes, read_component, read_totals,
};
use crate::document::{DocumentError, Faults, Table, parse};
use crate::limits::COMPONENTS_MAX;

impl Plan {
    /// Reads a plan.
    ///
    /// # Errors
    /// [`DocumentError`] with every fault and its place in the text.
    pub fn parse(text: &str) -> Result<Plan, DocumentError> {
        let error = |faults| DocumentError {
            document: "plan",
            faults,
        };
        let root = parse(text).map_err(|fault| error(vec![fault]))?;
        let faults = Faults::default();
        let plan = read(&Table::new(root.get_ref(), root.span(), &faults), text);
        match plan {
            Some(plan) if faults.is_empty() => Ok(plan),
            _ => Err(error(faults.into_sorted())),
        }
    }
}

fn read(root: &Table<'_>, text: &str) -> Option<Plan> {
    let id = root.need("id", root.id("id"));
    let version = root.need("version", root.count("version", 1));
    let currency = root.need("currency", read_currency(root));
    let mut meters: Vec<Meter> = Vec::new();
    for table in root.tables("meter", COMPONENTS_MAX) {
        let words = [
            ("cost", MeterClass::Cost),
            ("usage", MeterClass::Usage),
            ("value", MeterClass::Value),
        ];
        let id = table.need("id", table.id("id"));
        let class = table.need("class", table.word("class", &words));
        table.finish();
        if let (Some(id), Some(class)) = (id, class) {
            if meters.iter().any(|meter| meter.id == id) {
                table.fault("id", format!("the meter `{id}` is declared twice"), None);
            }
            meters.push(Meter { id, class });
        }
    }
    let currency = currency?;
    let components: Vec<_> = root
        .tables("component", COMPONENTS_MAX)
        .iter()
        .filter_map(|table| read_component(table, currency))
        .collect();
    let totals = read_totals(root, currency);
    let precedence = root.texts("precedence", COMPONENTS_MAX);
    root.finish();
    let plan = Plan {
        id: id?,
        version: version?,
        digest: Digest::of(text.as_bytes()),
        currency,
        meters,
        components,
        totals: totals.over(PeriodTotals::default()),
        precedence,
        text: text.to_owned(),
    };
    if root.faults.is_empty() {
        fit_together(root, &plan);
        check_scopes(root, &plan.totals.totals, &plan.components);
    }
    Some(plan)
}

/// What a currency is.
pub(crate) const CURRENCY_HINT: &str =
    "a currency with minor units, in capitals: USD, EUR, JPY (which has none below 1), ...";

/// The `currency` key.
fn read_currency(root: &Table<'_>) -> Option<Currency> {
    let code = root.text("currency")?;
    code.parse()
        .map_err(|error: money::MoneyError| {
            root.fault("currency", error.to_string(), Some(CURRENCY_HINT));
        })
        .ok()
}

/// Looks at the components side by side.
pub(crate) fn fit_together(root: &Table<'_>, plan: &Plan) {
    let fault = |span: &std::ops::Range<usize>, problem: String, hint: Option<&str>| {
        root.faults.add(span.clone(), problem, hint);
    };
    if plan.components.is_empty() {
        root.fault(
            "component",
            "the plan sells nothing: it has no [[component]]",
            None,
        );
    }
    for (index, component) in plan.components.iter().enumerate() {
        let earlier = &plan.components[..index];
        if earlier.iter().any(|other| other.id == component.id) {
            fault(
                &component.span,
                format!("the component `{}` is there twice", component.id),
                None,
            );
        }
        match &component.terms {
            Terms::Metered(metered) => {
                match plan.meters.iter().find(|meter| meter.id == metered.meter) {
                    None => fault(
                        &component.span,
                        format!("the meter `{}` is not declared", metered.meter),
                        Some("add [[meter]] with its id and class: cost, usage or value"),
                    ),
                    Some(meter) if meter.class == MeterClass::Value => fault(
                        &component.span,
                        format!(
                            "`{}` is a value unit; value is sold as an outcome, by a definition",
                            meter.id
                        ),
                        Some("use kind = \"outcome\" with the definition's id as `unit`"),
                    ),
                    Some(_) => {}
                }
            }
            Terms::Outcome(outcome) => {
                if plan
                    .meters
                    .iter()
                    .any(|meter| meter.id == outcome.unit && meter.class == MeterClass::Cost)
                {
                    fault(
                        &component.span,
                        format!(
                            "`{}` is a cost unit and cannot be sold as an outcome",
                            outcome.unit
                        ),
                        Some("sell it as usage, or define the work that the buyer values"),
                    );
                }
                let twin = earlier.iter().find(
                    |other| matches!(&other.terms, Terms::Outcome(own) if own.unit == outcome.unit),
                );
                if let Some(other) = &outcome.instead_of
                    && twin.is_none_or(|twin| twin.id != *other)
                {
                    fault(
                        &component.span,
                        format!(
                            "`{other}` is not the first component before it that sells `{}`",
                            outcome.unit
                        ),
                        Some("`instead_of` names the component whose works this one takes over"),
                    );
                } else if let Some(twin) = twin
                    && outcome.in_addition_to.as_ref() != Some(&twin.id)
                    && outcome.instead_of.is_none()
                {
                    fault(
                        &component.span,
                        format!(
                            "`{}` is sold by `{}` already: one work would be paid twice",
                            outcome.unit, twin.id
                        ),
                        Some(
                            "remove one, or say with the other component's id `instead_of`, to be paid once, or \
                             `in_addition_to`, to be paid twice",
                        ),
                    );
                }
            }
            Terms::Risk(_) | Terms::Indemnity(_) => {
                let modifies = match &component.terms {
                    Terms::Risk(risk) => &risk.modifies,
                    Terms::Indemnity(indemnity) => &indemnity.modifies,
                    _ => continue,
                };
                modified_fits(plan, component, modifies, &fault);
            }
            Terms::ServiceLevel(own) => {
                for id in &own.of {
                    paid_back_fits(plan, component, id, &fault);
                }
            }
            Terms::Platform(_) | Terms::Seats(_) | Terms::Aggregate(_) => {}
        }
    }
    precedence_fits(root, plan);
}

/// What stands in `precedence`: outcomes, then usage that is added up, which a work's price may include.
fn precedence_fits(root: &Table<'_>, plan: &Plan) {
    let mut usage_begins = false;
    for (place, id) in plan.precedence.iter().enumerate() {
        let problem = match plan.component(id).map(|own| &own.terms) {
            _ if plan.precedence[..place].contains(id) => format!("`{id}` is there twice"),
            None => format!("there is no component `{id}`"),
            Some(Terms::Outcome(_)) if usage_begins => {
                format!("`{id}` is paid for works, and stands behind usage")
            }
            Some(Terms::Outcome(_)) => continue,
            Some(Terms::Metered(own)) if !own.looks_at_all() => {
                usage_begins = true;
                continue;
            }
            Some(Terms::Metered(_)) => {
                format!("what one fact adds to `{id}` depends on the others")
            }
            Some(_) => format!("`{id}` is paid for no work"),
        };
        let hint = "outcomes first, then metered components that `sum` or `count`, each once";
        root.fault("precedence", problem, Some(hint));
    }
    for component in &plan.components {
        if let Terms::Metered(own) = &component.terms
            && let Some(other) = &own.in_addition_to
            && !matches!(
                plan.component(other).map(|own| &own.terms),
                Some(Terms::Outcome(_))
            )
        {
            root.faults.add(
                component.span.clone(),
                format!("`{other}` is no component that is paid for works"),
                None,
            );
        }
    }
}

fn paid_back_fits(
    plan: &Plan,
    component: &super::Component,
    id: &str,
    fault: &impl Fn(&std::ops::Range<usize>, String, Option<&str>),
) {
    let problem = match plan.component(id) {
        None => format!("there is no component `{id}` to pay back of"),
        Some(of) if of.every != component.every => {
            format!("`every` must be that of `{id}`: {}", of.every.word())
        }
        Some(of) if matches!(of.terms, Terms::ServiceLevel(_)) => {
            format!("`{id}` pays back itself, and charges nothing")
        }
        Some(_) => return,
    };
    fault(&component.span, problem, None);
}

fn modified_fits(
    plan: &Plan,
    component: &super::Component,
    modifies: &str,
    fault: &impl Fn(&std::ops::Range<usize>, String, Option<&str>),
) {
    let Some(target) = plan.component(modifies) else {
        fault(
            &component.span,
            format!("there is no component `{modifies}` to modify"),
            None,
        );
        return;
    };
    if target.every != component.every {
        fault(
            &component.span,
            format!(
                "`every` must be that of `{modifies}`: {}",
                target.every.word()
            ),
            None,
        );
    }
    let fits = match (&component.terms, &target.terms) {
        (_, Terms::Outcome(_)) => true,
        (Terms::Risk(risk), Terms::Metered(_)) => {
            !matches!(risk.by, super::RiskBy::Confidence | super::RiskBy::Review)
        }
        (Terms::Risk(risk), Terms::Platform(_) | Terms::Seats(_)) => {
            risk.by == super::RiskBy::Everything
        }
        _ => false,
    };
    if !fits {
        fault(
            &component.span,
            format!(
                "`{}` of kind {} has nothing that this {} could look at",
                target.id,
                target.kind(),
                component.kind()
            ),
            Some("works have confidence, review and headers; usage has headers; fees have neither"),
        );
    }
}
