//! Checks as lines for people.

use pages::view::{CheckReason, CheckRow, CheckVerdict, ContractChecks, WaivedCheck};

/// A contract, and its checks.
pub(super) fn contract(own: &ContractChecks) -> Vec<String> {
    let state = match (own.is_draft, own.blocks) {
        (true, _) => "a draft, of which nothing is issued",
        (false, true) => "no statement is issued",
        (false, false) => "statements may be issued",
    };
    let first = format!("{} {} ({}): {state}", own.customer, own.contract, own.plan);
    let rows = own.checks.iter().flat_map(row);
    [String::new(), first].into_iter().chain(rows).collect()
}

/// A check: its verdict, its reasons, what mends it, and who waived it.
pub(super) fn row(own: &CheckRow) -> Vec<String> {
    let mut lines = vec![format!(
        "{}  {:<11}  {}",
        own.verdict.word(),
        own.check,
        own.asks
    )];
    lines.extend(own.reasons.iter().map(reason));
    if let Some(remedy) = &own.remedy {
        lines.push(format!("      mends it: {remedy}"));
    }
    lines.extend(
        own.waived
            .iter()
            .map(|own| format!("      {}", waived(own))),
    );
    lines
}

/// A waiver.
pub(super) fn waived(own: &WaivedCheck) -> String {
    format!(
        "waived until {} by {}: {} ({} log, entry {})",
        own.until, own.by, own.reason, own.log, own.entry
    )
}

fn reason(own: &CheckReason) -> String {
    let mark = match own.verdict {
        CheckVerdict::Pass => '+',
        CheckVerdict::Warn => '!',
        CheckVerdict::Fail => 'x',
    };
    format!("    {mark} {}", own.says)
}
