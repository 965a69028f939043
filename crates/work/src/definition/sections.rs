//! The sections of a definition document below its classes.

use money::{Amount, Decimal};

use super::check::Placed;
use super::document::{Document, Refusal, Section};
use super::read::{need_ending_span, read_condition, read_span};
use super::{
    After, Attribution, Counterfactual, DecidedBy, Dispute, Evidence, Predicate, Rollback, Then,
    WorkValue, suggest,
};
use crate::Span;
use crate::body::{CostLine, Kind, Verdict};

pub(super) fn read_after(
    document: &mut Document<'_>,
    section: &Section<'_, '_>,
) -> Option<Placed<After>> {
    if !section.has("on") {
        document.need_text(section, "on", "reopened");
    }
    let on = read_condition(document, section, "on", Predicate::parse_single);
    let then = document.need_text(section, "then", "reverse");
    let then = document.parsed(then, read_then);
    let within = match then {
        Some(Placed {
            value: Then::Ignore,
            ..
        }) if section.has("within") => {
            document.note(
                section.at_key("within"),
                "`within` says how long a fact still acts; `ignore` never acts",
                Some("leave `within` out: what is ignored is ignored for ever".to_owned()),
            );
            None
        }
        Some(Placed {
            value: Then::Ignore,
            ..
        }) => Some(Span::Forever),
        _ => {
            if !section.has("within") {
                document.need_text(section, "within", "30d");
            }
            read_span(document, section, "within").map(|span| span.value)
        }
    };
    let again = document.flag(section, "again");
    let (on, then) = (on?, then?.value);
    if let Some(Placed { value: true, at }) = &again
        && then != Then::Reverse
    {
        document.note(
            at.clone(),
            "`again` says whether a reversed unit may settle anew; here nothing is reversed",
            Some("leave `again` out, or write `then = \"reverse\"`".to_owned()),
        );
    }
    let again = again.map_or(
        on.value.kind == Kind::Reopened && then == Then::Reverse,
        |again| again.value,
    );
    Some(Placed {
        value: After {
            on: on.value,
            within: within?,
            then,
            again,
        },
        at: on.at,
    })
}

fn read_then(text: &str) -> Result<Then, Refusal> {
    let refuse = || {
        let words = ["reverse", "new_unit", "partial", "ignore"];
        let hint = match suggest::nearest(text, &words) {
            Some("partial") => "say which share still counts, e.g. `partial 0.5`".to_owned(),
            Some(near) => format!("did you mean `{near}`?"),
            None => "one of: reverse, new_unit, partial 0.5, ignore".to_owned(),
        };
        Refusal::hinted(format!("`then` cannot be `{text}`"), hint)
    };
    match text {
        "reverse" => return Ok(Then::Reverse),
        "new_unit" => return Ok(Then::NewUnit),
        "ignore" => return Ok(Then::Ignore),
        _ => {}
    }
    let share = text.strip_prefix("partial ").ok_or_else(refuse)?.trim();
    let share: Decimal = share.parse().map_err(Refusal::plain)?;
    if share.is_negative() || share.is_zero() || share >= Decimal::ONE {
        return Err(Refusal::hinted(
            format!("`partial {share}`: the share that still counts lies between 0 and 1"),
            "for 0 write `reverse`, for 1 `ignore`",
        ));
    }
    Ok(Then::Partial(share))
}

pub(super) fn read_value(document: &mut Document<'_>, top: &Section<'_, '_>) -> WorkValue {
    let Some(section) = document.table(top, "value") else {
        return WorkValue::Unstated;
    };
    let per_unit = document.text(&section, "per_unit");
    let per_unit = document.parsed(per_unit, |text| match text.parse::<Amount>() {
        Ok(amount) if amount.is_negative() => {
            Err(Refusal::plain("the value of a unit is not negative"))
        }
        other => other.map_err(Refusal::plain),
    });
    let measured = document.flag(&section, "measured");
    match (per_unit, measured) {
        (Some(_), Some(Placed { value: true, at })) => {
            document.note(
                at,
                "the value is agreed per unit or measured by `work.valued`, not both",
                Some("keep one of `per_unit` and `measured`".to_owned()),
            );
            WorkValue::Unstated
        }
        (Some(amount), _) => WorkValue::PerUnit(amount.value),
        (None, Some(Placed { value: true, .. })) => WorkValue::Measured,
        (None, _) => WorkValue::Unstated,
    }
}

pub(super) fn read_evidence(
    document: &mut Document<'_>,
    top: &Section<'_, '_>,
) -> Option<Evidence> {
    let example = "`[evidence]` with `gate = [\"…\"]` (nothing settles without it) or `expected = [\"…\"]` (its share is reported)";
    let section = document.need_table(top, "evidence", example)?;
    let mut names = |key: &str| -> Vec<Placed<String>> {
        document
            .texts(&section, key)
            .map(|texts| texts.value)
            .unwrap_or_default()
    };
    let (gate, expected) = (names("gate"), names("expected"));
    if let Some(twice) = expected
        .iter()
        .find(|name| gate.iter().any(|g| g.value == name.value))
    {
        document.note(
            twice.at.clone(),
            format!("`{}` is in `gate` already, which is stronger", twice.value),
            Some("leave it out of `expected`".to_owned()),
        );
    }
    if section.lacks("gate") && section.lacks("expected") {
        document.note(
            section.at.clone(),
            "`[evidence]` names none: nothing would show that the work was done",
            Some("name what is kept, e.g. `expected = [\"transcript\"]`".to_owned()),
        );
    }
    let bare = |names: Vec<Placed<String>>| names.into_iter().map(|name| name.value).collect();
    Some(Evidence {
        gate: bare(gate),
        expected: bare(expected),
    })
}

pub(super) fn read_cost_lines(document: &mut Document<'_>, top: &Section<'_, '_>) -> Vec<CostLine> {
    let example = "`[cost]` with `lines = [\"model\", \"infra\", \"human_review\", \"support\"]`: those that performing the work incurs";
    let Some(section) = document.need_table(top, "cost", example) else {
        return Vec::new();
    };
    let lines = document.texts(&section, "lines");
    if section.lacks("lines") {
        document.note(
            section.at_key("lines"),
            "`[cost]` names no lines: the margin of the work could not be seen",
            Some(
                "write `lines = [\"model\"]`, from model, infra, human_review, support".to_owned(),
            ),
        );
    }
    let lines = lines.map(|lines| lines.value).unwrap_or_default();
    lines
        .into_iter()
        .filter_map(|line| document.word("lines", Some(line), CostLine::WORDS))
        .map(|line| line.value)
        .collect()
}

pub(super) fn read_rollback(
    document: &mut Document<'_>,
    top: &Section<'_, '_>,
) -> Option<Rollback> {
    let example = "`[rollback]` with `remedy`, `undo`, `window` and `approver`: how a unit that should not have counted is undone";
    let section = document.need_table(top, "rollback", example)?;
    let remedy = document.need_text(&section, "remedy", "credit");
    let undo = document.need_text(&section, "undo", "reply retracted, case reopened");
    let approver = document.need_text(&section, "approver", "cs-lead@vendor.example");
    if !section.has("window") {
        document.need_text(&section, "window", "30d");
    }
    let window = read_span(document, &section, "window");
    Some(Rollback {
        remedy: remedy?.value,
        undo: undo?.value,
        window: window?.value,
        approver: approver?.value,
    })
}

pub(super) fn read_attribution(
    document: &mut Document<'_>,
    top: &Section<'_, '_>,
) -> Option<Attribution> {
    let section = document.table(top, "attribution")?;
    let controls = document.texts(&section, "controls");
    if section.lacks("controls") {
        document.note(
            section.at_key("controls"),
            "`[attribution]` does not say which steps the product controls",
            Some("write `controls = [\"answer\", \"close\"]`".to_owned()),
        );
    }
    let steps = document.texts(&section, "steps").map(|own| own.value);
    if let (Some(steps), Some(controls)) = (&steps, &controls)
        && let Some(other) =
            (controls.value.iter()).find(|own| steps.iter().all(|step| step.value != own.value))
    {
        document.note(
            other.at.clone(),
            format!("`{}` is controlled, and no step of the job", other.value),
            Some("`steps` names all steps, those that the product controls among them".to_owned()),
        );
    }
    let decided_by = document.need_text(&section, "decided_by", "customer");
    let decided_by = document.word("decided_by", decided_by, DecidedBy::WORDS);
    let counterfactual = document.need_text(&section, "counterfactual", "assumed");
    let counterfactual = document.word("counterfactual", counterfactual, Counterfactual::WORDS);
    let human_touched_share_at_most = document.share(&section, "human_touched_share_at_most");
    Some(Attribution {
        steps: steps.map(|own| own.into_iter().map(|step| step.value).collect()),
        controls: controls?.value.into_iter().map(|step| step.value).collect(),
        decided_by: decided_by?.value,
        human_touched_share_at_most,
        counterfactual: counterfactual?.value,
    })
}

pub(super) fn read_dispute(document: &mut Document<'_>, top: &Section<'_, '_>) -> Dispute {
    let standard = Dispute::default();
    let Some(section) = document.table(top, "dispute") else {
        return standard;
    };
    let window = match section.has("window") {
        true => need_ending_span(document, &section, "window", "30d"),
        false => None,
    };
    let default = document.text(&section, "default");
    let words = [("credit", Verdict::Credited), ("stand", Verdict::Stands)];
    let default = document.word("default", default, &words);
    Dispute {
        window: window.unwrap_or(standard.window),
        default: default.map_or(standard.default, |default| default.value),
    }
}
