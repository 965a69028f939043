//! How numbers, instants and foreign texts are spelled on a page.
//!
//! Numbers have grouped thousands and a true minus sign; the machine-readable value stands beside
//! them in `<data value>`. What is finer than a coin is shown rounded, and whole in the title.

use jiff::Timestamp;
use maud::{Markup, html};
use money::{Amount, Decimal, Rounding};
use work::event::Authorship;

use crate::limits::TEXT_CHARS_MAX;
use crate::view::Period;

/// Groups the thousands of a plain decimal number and gives it a minus sign: `−1,234.50`.
pub fn grouped(number: &str) -> String {
    let (sign, digits) = match number.strip_prefix('-') {
        Some(rest) => ("\u{2212}", rest),
        None => ("", number),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut text = String::from(sign);
    for (position, digit) in whole.chars().enumerate() {
        if position > 0 && (whole.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if !fraction.is_empty() {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

/// A quantity as text.
pub fn quantity(value: Decimal) -> String {
    grouped(&value.to_string())
}

/// A share as text: `71.2 %`, with a space that does not break.
pub fn percent(share: Decimal) -> String {
    match share.times(Decimal::from_int(100)) {
        Ok(percent) => {
            let rounded = percent.rounded(1, Rounding::HalfEven);
            format!("{}\u{a0}%", grouped(&rounded.with_digits(1)))
        }
        Err(_) => grouped(&share.to_string()),
    }
}

/// An amount as text without its currency, rounded to the coin for reading; what is smaller than a
/// coin keeps two significant digits, so that a cost is never shown as nothing.
pub fn coins(amount: Amount) -> String {
    let rounded = amount.rounded(Rounding::HalfEven);
    if !rounded.is_zero() || amount.is_zero() {
        return grouped(&rounded.number());
    }
    let value = amount.value();
    let digits = value.mantissa().unsigned_abs().to_string().len();
    let leading = usize::from(value.scale()).saturating_sub(digits);
    let scale = u8::try_from(leading + 2).unwrap_or(Decimal::SCALE_MAX);
    grouped(&value.rounded(scale, Rounding::HalfEven).to_string())
}

/// An amount as text with its currency.
pub(crate) fn coins_with_currency(amount: Amount) -> String {
    format!("{}\u{a0}{}", coins(amount), amount.currency())
}

/// A price or cost of one: as it is where four digits after the point say it, else rounded to four,
/// unless it is smaller.
fn per_unit(amount: Amount) -> String {
    let digits = amount.currency().minor_digits().max(4);
    let rounded = Amount::new(
        amount.value().rounded(digits, Rounding::HalfEven),
        amount.currency(),
    );
    if rounded.is_zero() {
        coins(amount)
    } else if amount.value().scale() > digits {
        grouped(&rounded.value().with_digits(digits))
    } else {
        grouped(&rounded.number())
    }
}

fn data(amount: Amount, shown: &str, currency: bool) -> Markup {
    let exact = amount.number();
    let finer = grouped(&exact) != shown.trim_start_matches('+');
    html! {
        data.money.below[amount.is_negative()] value=(exact) title=[finer.then(|| amount.to_string())] {
            (shown)
            @if currency { span.currency { "\u{a0}" (amount.currency()) } }
        }
    }
}

/// An amount in a column whose head names the currency.
pub(crate) fn money(amount: Amount) -> Markup {
    data(amount, &coins(amount), false)
}

/// An amount in a column, `unknown` where nobody knows it: unknown is never zero.
pub(crate) fn money_or_unknown(amount: Option<Amount>) -> Markup {
    html! {
        @match amount {
            Some(amount) => (money(amount)),
            None => span.none { "unknown" },
        }
    }
}

/// An amount that stands alone.
pub(crate) fn money_with_currency(amount: Amount) -> Markup {
    data(amount, &coins(amount), true)
}

/// The price or cost of one.
pub(crate) fn rate(amount: Amount) -> Markup {
    data(amount, &per_unit(amount), false)
}

/// A change of an amount, with its sign.
pub(crate) fn change(amount: Amount) -> Markup {
    let sign = if amount.is_negative() || amount.is_zero() {
        ""
    } else {
        "+"
    };
    data(amount, &format!("{sign}{}", coins(amount)), false)
}

/// A number in a table.
pub(crate) fn number(value: Decimal) -> Markup {
    html! { data.number value=(value) { (quantity(value)) } }
}

/// A whole number in a table.
pub(crate) fn count(value: u64) -> Markup {
    html! { data.number value=(value) { (grouped(&value.to_string())) } }
}

/// A margin share as text, with the sign of a bound where the cost of some works is not known.
pub(crate) fn at_most(share: Decimal, is_bound: bool) -> String {
    format!(
        "{}{}",
        if is_bound { "\u{2264}\u{a0}" } else { "" },
        percent(share)
    )
}

/// A margin share in a table: a bound where the cost of some works is not known.
pub(crate) fn margin_share(value: Option<Decimal>, is_bound: bool) -> Markup {
    html! {
        @match value {
            Some(value) => data.number.below[value.is_negative()] value=(value) { (at_most(value, is_bound)) },
            None => span.none { "\u{2014}" },
        }
    }
}

/// A share in a table, `—` where there is none.
pub(crate) fn share(value: Option<Decimal>) -> Markup {
    html! {
        @match value {
            Some(value) => data.number.below[value.is_negative()] value=(value) { (percent(value)) },
            None => span.none { "\u{2014}" },
        }
    }
}

/// What foreign text may not carry onto a page: control characters, and direction marks that would
/// reach beyond it.
pub fn clean(text: &str) -> String {
    let tidy = |c: char| match c {
        '\n' | '\t' | '\r' => Some(' '),
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => None,
        '\u{fffe}' | '\u{ffff}' => Some('\u{fffd}'),
        c if c.is_control() => Some('\u{fffd}'),
        c => Some(c),
    };
    let mut clean: String = text
        .chars()
        .filter_map(tidy)
        .take(TEXT_CHARS_MAX + 1)
        .collect();
    if clean.chars().count() > TEXT_CHARS_MAX {
        clean.pop();
        clean.pop();
        // Between two words, where there is a gap near the end.
        if let Some(gap) = clean.rfind(' ').filter(|gap| clean.len() - gap < 40) {
            clean.truncate(gap);
        }
        clean.push('…');
    }
    clean
}

/// Foreign text: cleaned, escaped, and kept from turning its neighbours around.
pub(crate) fn foreign(text: &str) -> Markup {
    html! { bdi { (clean(text)) } }
}

/// Foreign prose, in which `` `this` `` is code.
pub(crate) fn prose(text: &str) -> Markup {
    let text = clean(text);
    html! {
        bdi {
            @for (index, part) in text.split('`').enumerate() {
                @if index % 2 == 1 { code { (part) } } @else { (part) }
            }
        }
    }
}

/// An id: foreign text in the fixed-width face.
pub(crate) fn id(text: &str) -> Markup {
    html! { code { bdi { (clean(text)) } } }
}

/// An instant in the period's zone, machine-readable in UTC.
pub(crate) fn instant(at: Timestamp, period: &Period) -> Markup {
    let local = at.to_zoned(period.zone.clone());
    let shown = if local.subsec_nanosecond() == 0 {
        local.strftime("%Y-%m-%d %H:%M:%S").to_string()
    } else {
        local.strftime("%Y-%m-%d %H:%M:%S%.f").to_string()
    };
    html! { time datetime=(at) { (shown) } }
}

/// A day in the period's zone.
pub(crate) fn day(at: Timestamp, period: &Period) -> String {
    at.to_zoned(period.zone.clone())
        .strftime("%-d %B %Y")
        .to_string()
}

/// The name of the zone in which a page prints its times.
pub(crate) fn zone(period: &Period) -> String {
    clean(period.zone.iana_name().unwrap_or("UTC"))
}

/// Who authored a fact, in words.
pub const fn author(authorship: Authorship) -> &'static str {
    match authorship {
        Authorship::Seller => "seller",
        Authorship::Buyer => "buyer",
        Authorship::ThirdParty => "third party",
    }
}

/// Whose word a fact is: of what the buyer said, whether the buyer signed it.
pub const fn word_of(authorship: Authorship, is_signed: bool) -> &'static str {
    match (authorship, is_signed) {
        (Authorship::Buyer, true) => "buyer, signed",
        (Authorship::Buyer, false) => "buyer, relayed by the seller, not signed",
        (other, _) => author(other),
    }
}

/// `1 work`, `2 works`.
pub(crate) fn counted(count: u64, one: &str, many: &str) -> String {
    format!(
        "{} {}",
        grouped(&count.to_string()),
        if count == 1 { one } else { many }
    )
}

/// The command that reproduces what stands beside it.
pub(crate) fn command(text: &str) -> Markup {
    html! { p.command { span { "Reproduce" } code { (clean(text)) } } }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Amount {
        text.parse().unwrap()
    }

    #[test]
    fn numbers_are_grouped_and_have_a_minus_sign() {
        for (number, shown) in [
            ("0", "0"),
            ("999", "999"),
            ("1000", "1,000"),
            ("-1234567.5", "\u{2212}1,234,567.5"),
            ("0.001", "0.001"),
        ] {
            assert_eq!(grouped(number), shown);
        }
    }

    #[test]
    fn amounts_are_read_to_the_coin_and_never_as_nothing() {
        for (exact, shown) in [
            ("2.5 USD", "2.50"),
            ("0.427911 USD", "0.43"),
            ("0.0000213 USD", "0.000021"),
            ("-0.004 USD", "\u{2212}0.004"),
            ("0 USD", "0.00"),
            ("1234567 JPY", "1,234,567"),
            ("0.4 JPY", "0.4"),
            ("12.3456 KWD", "12.346"),
        ] {
            assert_eq!(coins(amount(exact)), shown, "{exact}");
        }
    }

    #[test]
    fn the_price_of_one_keeps_four_digits() {
        assert_eq!(per_unit(amount("0.18275 USD")), "0.1828");
        assert_eq!(per_unit(amount("0.99 USD")), "0.99");
        assert_eq!(per_unit(amount("0.179976 USD")), "0.1800");
        assert_eq!(per_unit(amount("0.000003 USD")), "0.000003");
        assert_eq!(per_unit(amount("150 JPY")), "150");
    }

    #[test]
    fn shares_have_one_digit() {
        assert_eq!(percent("0.908".parse().unwrap()), "90.8\u{a0}%");
        assert_eq!(percent("-1.25".parse().unwrap()), "\u{2212}125.0\u{a0}%");
    }

    #[test]
    fn foreign_text_cannot_turn_the_page_around_or_fill_it() {
        assert_eq!(clean("a\u{202e}b\0c\nd"), "ab\u{fffd}c d");
        assert_eq!(clean(&"x".repeat(5000)).chars().count(), TEXT_CHARS_MAX);
        assert_eq!(
            clean(&"x".repeat(TEXT_CHARS_MAX)),
            "x".repeat(TEXT_CHARS_MAX)
        );
        let words = clean(&"nine words ".repeat(500));
        assert!(
            words.ends_with(" words…") || words.ends_with(" nine…"),
            "{words}"
        );
        assert_eq!(foreign("<b>").into_string(), "<bdi>&lt;b&gt;</bdi>");
    }
}
