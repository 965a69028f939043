//! Names of accounts, as plain-text accounting spells them.

use pricing::accounting::GlAccount;
use work::Digest;

/// The account's name: `Assets:Receivable:Acme`.
#[must_use]
pub fn account(account: &GlAccount) -> String {
    match account {
        GlAccount::Cash => "Assets:Cash".to_owned(),
        GlAccount::Receivable { customer } => format!("Assets:Receivable:{}", part(customer)),
        GlAccount::ContractAsset { customer } => {
            format!("Assets:Contract-Asset:{}", part(customer))
        }
        GlAccount::DeferredRevenue { customer } => {
            format!("Liabilities:Deferred-Revenue:{}", part(customer))
        }
        GlAccount::RefundLiability { customer } => {
            format!("Liabilities:Refunds:{}", part(customer))
        }
        GlAccount::PrepaidCredits { customer } => {
            format!("Liabilities:Prepaid-Credits:{}", part(customer))
        }
        GlAccount::Breakage { customer } => format!("Income:Breakage:{}", part(customer)),
        GlAccount::Promotion { customer } => format!("Income:Promotion:{}", part(customer)),
        GlAccount::WriteOffs { customer } => format!("Expenses:Write-Offs:{}", part(customer)),
        GlAccount::Overpayments { customer } => format!("Income:Overpayments:{}", part(customer)),
        GlAccount::OpeningBalances { customer } => {
            format!("Equity:Opening-Balances:{}", part(customer))
        }
        GlAccount::AccruedCosts { provider } => {
            let provider = provider.as_deref().unwrap_or("unnamed");
            format!("Liabilities:Accrued-Costs:{}", part(provider))
        }
        GlAccount::Revenue { stream, customer } => {
            format!("Income:Revenue:{}:{}", part(stream.word()), part(customer))
        }
        GlAccount::CostOfGoodsSold { line, customer } => {
            let line = line.word().replace('_', "-");
            format!(
                "Expenses:Cost-Of-Goods-Sold:{}:{}",
                part(&line),
                part(customer)
            )
        }
    }
}

/// A part of an account's name: an upper-case letter or digit, then letters, digits and `-`. What the name cannot
/// say in these is told apart by the beginning of its digest.
fn part(name: &str) -> String {
    let mut out: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let first = out.chars().next().map(|c| c.to_ascii_uppercase());
    let is_plain =
        out == name && name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    match first.filter(char::is_ascii_alphanumeric) {
        Some(first) => out.replace_range(..1, &first.to_string()),
        None => out.insert(0, 'X'),
    }
    if !is_plain {
        out.push('-');
        out.push_str(&Digest::of(name.as_bytes()).short());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::part;

    #[test]
    fn names_that_differ_stay_apart() {
        let names = [
            "acme",
            "Acme",
            "ACME",
            "a-cme",
            "a cme",
            "a_cme",
            "äcme",
            "7up",
            "-",
            "",
            "_unassigned",
        ];
        let mut parts: Vec<String> = names.iter().map(|name| part(name)).collect();
        for own in &parts {
            assert!(
                own.starts_with(|c: char| c.is_ascii_uppercase() || c.is_ascii_digit()),
                "{own}"
            );
            assert!(
                own.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'),
                "{own}"
            );
        }
        assert_eq!(parts[0], "Acme");
        parts.sort();
        parts.dedup();
        assert_eq!(parts.len(), names.len());
    }
}
