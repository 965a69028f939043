//! A feed to measure with: many lines, the same in every run, shaped as those of a real desk.
//!
//! Not for tests of rules: nothing is known of what the lines come to.

const CUSTOMERS: u64 = 2_000;
const OPEN_WORKS: u64 = 20_000;

/// A number that looks random and is always the same for `n`.
fn mixed(n: u64) -> u64 {
    let mut z = n.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Line `n` of the feed: 1 in 100 is one that came before, customers are of very different size
/// (a power law), works are open side by side and a fifth of the lines are costs.
#[must_use]
pub fn line(n: u64) -> String {
    let n = if n > 1_000 && mixed(n).is_multiple_of(100) {
        n - 1 - mixed(n) % 1_000
    } else {
        n
    };
    let work = n / (OPEN_WORKS * 8) * OPEN_WORKS + mixed(n ^ 0x5555) % OPEN_WORKS;
    // The cube of an even draw: the first customer has about a tenth of the works.
    let draw = mixed(work) % 1_000;
    let customer = draw * draw * draw * CUSTOMERS / 1_000_000_000;
    let id = mixed(n) as u128 | (u128::from(n) << 64);
    let second = i64::try_from(n / 50).unwrap_or_default();
    // A number beyond what an instant can say is of no feed.
    let time = jiff::Timestamp::from_second(1_767_225_600 + second).unwrap_or_default();
    let (kind, data) = match mixed(n) % 5 {
        0 => (
            "cost.recorded",
            r#""line":"model","amount":"0.0123 USD","provider":"example","model":"large-2","tokens":{"input":"1834","output":"211"}"#,
        ),
        1 => (
            "work.answered",
            r#""kind":"answer","confidence":"0.93","channel":"chat""#,
        ),
        2 => (
            "work.asked",
            r#""kind":"question","channel":"chat","language":"en""#,
        ),
        3 => ("work.closed", r#""reason":"resolved","channel":"chat""#),
        _ => ("work.rated", r#""score":"5","channel":"chat""#),
    };
    format!(
        r#"{{"specversion":"1.0","id":"{id:032x}","source":"https://desk.example/agents/tier1","type":"piecework.{kind}.v1","subject":"customer-{customer:05}","time":"{time}","workid":"case-{work:010}","data":{{"case":"C-{work:010}",{data}}}}}"#
    )
}
