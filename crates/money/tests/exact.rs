//! Properties and tables that hold for every amount.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

use money::{Amount, Currency, Decimal, MoneyError, Rate, Ratio, Rounding, split};
use piecework_money as money;
use proptest::prelude::*;

fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

#[test]
fn decimals_print_as_they_are_meant() {
    for (input, output) in [
        ("0", "0"),
        ("-0", "0"),
        ("1.50", "1.5"),
        ("-0.050", "-0.05"),
        ("1.5e-06", "0.0000015"),
        ("2E3", "2000"),
        ("100", "100"),
        (
            "0.0000000000000000000000000001",
            "0.0000000000000000000000000001",
        ),
    ] {
        assert_eq!(d(input).to_string(), output, "{input}");
    }
}

#[test]
fn what_is_not_a_decimal_is_refused_with_the_text_in_the_message() {
    for text in [
        "", ".5", "5.", "1,5", "+1", "1e", "NaN", "0x10", "1 ", "--1", "1.2.3", "1e99",
    ] {
        let error = text.parse::<Decimal>().unwrap_err();
        assert!(
            matches!(error, MoneyError::NotADecimal { .. }),
            "{text}: {error}"
        );
    }
}

#[test]
fn rounding_modes_on_ties_and_either_side() {
    let table = [
        ("2.5", "2", "3", "2", "3"),
        ("3.5", "4", "4", "3", "4"),
        ("-2.5", "-2", "-3", "-2", "-3"),
        ("2.4", "2", "2", "2", "3"),
        ("2.6", "3", "3", "2", "3"),
    ];
    for (input, even, up, down, away) in table {
        let got = [
            Rounding::HalfEven,
            Rounding::HalfUp,
            Rounding::Down,
            Rounding::Up,
        ]
        .map(|mode| d(input).rounded(0, mode).to_string());
        assert_eq!(got, [even, up, down, away], "{input}");
    }
}

/// F1 of the pricing cases: yen have no minor unit, and 10.275 is a tie.
#[test]
fn amounts_round_to_the_smallest_coin_of_their_currency() {
    let check = |text: &str, rounding, want: &str| {
        let amount: Amount = text.parse().unwrap();
        assert_eq!(amount.rounded(rounding).to_string(), want, "{text}");
    };
    check("1000.5 JPY", Rounding::HalfUp, "1001 JPY");
    check("1.5 JPY", Rounding::HalfUp, "2 JPY");
    check("10.275 USD", Rounding::HalfUp, "10.28 USD");
    check("10.275 USD", Rounding::HalfEven, "10.28 USD");
    check("10.265 USD", Rounding::HalfEven, "10.26 USD");
    check("1.2345 KWD", Rounding::HalfEven, "1.234 KWD");
}

#[test]
fn multiplication_is_exact_or_an_error() {
    let rate: Rate = "0.0000003".parse().unwrap();
    let cost = Amount::priced(rate, d("1234567"), Currency::USD).unwrap();
    assert_eq!(cost.to_string(), "0.3703701 USD");
    let huge = d("99999999999999999999999999999999999999");
    assert!(matches!(huge.times(huge), Err(MoneyError::Overflow { .. })));
    let fine = d("0.000000000000001");
    assert!(matches!(fine.times(fine), Err(MoneyError::Overflow { .. })));
}

#[test]
fn currencies_do_not_mix() {
    let dollars: Amount = "1 USD".parse().unwrap();
    let euros: Amount = "1 EUR".parse().unwrap();
    let error = dollars.plus(euros).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot combine USD with EUR: convert with a dated exchange-rate document first"
    );
}

/// semantics.md D2: three works at 0.333 are one cell of 1.00, shared 0.34, 0.33, 0.33.
#[test]
fn three_thirds_make_a_whole() {
    let shares = split("1.00 USD".parse().unwrap(), &[d("1"), d("1"), d("1")]).unwrap();
    let text: Vec<String> = shares.iter().map(ToString::to_string).collect();
    assert_eq!(text, ["0.34 USD", "0.33 USD", "0.33 USD"]);
}

#[test]
fn a_ratio_rounds_once() {
    // 100 per month for 17 of 31 days.
    let ratio = Ratio::new(d("1700"), 31).unwrap();
    let amount = Amount::from_ratio(ratio, Currency::USD, Rounding::HalfEven).unwrap();
    assert_eq!(amount.to_string(), "54.84 USD");
    let third = Ratio::of(d("1"), d("0.3")).unwrap();
    assert_eq!(
        third.rounded(4, Rounding::Down).unwrap().to_string(),
        "3.3333"
    );
    assert!(matches!(
        Ratio::new(d("1"), 0),
        Err(MoneyError::DivisionByZero { .. })
    ));
}

fn decimals() -> impl Strategy<Value = Decimal> {
    (-1_000_000_000_000i128..1_000_000_000_000, 0u8..10)
        .prop_map(|(mantissa, scale)| Decimal::new(mantissa, scale).unwrap())
}

fn modes() -> impl Strategy<Value = Rounding> {
    prop::sample::select(vec![
        Rounding::HalfEven,
        Rounding::HalfUp,
        Rounding::Down,
        Rounding::Up,
    ])
}

proptest! {
    #[test]
    fn printing_and_reading_are_inverse(x in decimals()) {
        prop_assert_eq!(x.to_string().parse::<Decimal>().unwrap(), x);
    }

    #[test]
    fn sums_do_not_depend_on_order(x in decimals(), y in decimals(), z in decimals()) {
        prop_assert_eq!(x.plus(y).unwrap().plus(z).unwrap(), z.plus(x).unwrap().plus(y).unwrap());
        prop_assert_eq!(x.plus(y).unwrap().minus(y).unwrap(), x);
    }

    #[test]
    fn multiplication_distributes(x in decimals(), y in decimals(), z in decimals()) {
        let together = x.times(y.plus(z).unwrap()).unwrap();
        let apart = x.times(y).unwrap().plus(x.times(z).unwrap()).unwrap();
        prop_assert_eq!(together, apart);
    }

    #[test]
    fn order_agrees_with_subtraction(x in decimals(), y in decimals()) {
        prop_assert_eq!(x < y, x.minus(y).unwrap().is_negative());
    }

    #[test]
    fn rounding_moves_less_than_one_step(x in decimals(), scale in 0u8..6, mode in modes()) {
        let moved = x.minus(x.rounded(scale, mode)).unwrap().magnitude();
        prop_assert!(moved < Decimal::new(1, scale).unwrap());
        prop_assert_eq!(x.rounded(scale, mode).rounded(scale, mode), x.rounded(scale, mode));
    }

    #[test]
    fn parts_sum_to_the_whole_and_stay_within_a_coin_of_fair(
        cents in -1_000_000i128..1_000_000,
        weights in prop::collection::vec(0i64..1000, 1..40),
    ) {
        prop_assume!(weights.iter().any(|w| *w > 0));
        let total: i128 = weights.iter().map(|w| i128::from(*w)).sum();
        let whole = Amount::from_minor(cents, Currency::USD).unwrap();
        let decimals: Vec<Decimal> = weights.iter().map(|w| Decimal::from_int(*w)).collect();
        let shares = split(whole, &decimals).unwrap();
        prop_assert_eq!(Amount::sum(Currency::USD, shares.iter().copied()).unwrap(), whole);
        for (share, weight) in shares.iter().zip(&weights) {
            let units = share.minor_units().unwrap();
            // |units - cents * weight / total| < 1, in integers.
            prop_assert!((units * total - cents * i128::from(*weight)).abs() < total);
            if *weight == 0 { prop_assert_eq!(units, 0); }
        }
    }
}
