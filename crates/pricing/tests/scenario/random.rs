//! Scenarios by chance: a seed makes the text of one, as a person would write it.
//!
//! They hold nothing that is expected, only what must be true whatever happens: the laws, and that the
//! second verifier comes to the same bytes. One that fails is a file to keep.

use std::fmt::Write as _;

const ZONES: [&str; 5] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Africa/Cairo",
    "Asia/Kolkata",
];

/// How much happens.
#[derive(Clone, Copy)]
pub struct Size {
    months: u64,
    events_least: u64,
    events_more: u64,
}

/// Five months, up to fifty events.
pub const LONG: Size = Size {
    months: 5,
    events_least: 8,
    events_more: 40,
};

/// Two months, up to a dozen events.
pub const SHORT: Size = Size {
    months: 2,
    events_least: 3,
    events_more: 10,
};

/// Chance that repeats itself (SplitMix64).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Below a bound.
    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// Once in so many times.
    fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    fn of<'t>(&mut self, these: &[&'t str]) -> &'t str {
        these[usize::try_from(self.below(these.len() as u64)).unwrap()]
    }
}

/// The text of the scenario of a seed.
pub fn text(seed: u64, size: Size) -> String {
    let mut chance = Chance(seed.wrapping_mul(0x5851_F42D_4C95_7F2D));
    let zone = chance.of(&ZONES);
    let definition = chance.of(&["definitions/case.toml", "definitions/classes.toml"]);
    let plan = plan(&mut chance, definition.contains("classes"));
    // Of a chance of their own, so that a seed keeps the rest of its story.
    let terms = terms(&mut Chance(seed ^ 0x7E57), plan.contains("[totals]"));
    let plan = plan + &terms;
    let contract = contract(&mut chance);
    let further = format!("{contract}\n{}", overrides(&mut chance));
    let mut timeline = timeline(&mut chance, size);
    let mut plan = plan;
    if seed.is_multiple_of(3) && plan.contains("id = \"calls\"\nkind") {
        plan = format!("precedence = [\"cases\", \"calls\"]\n{plan}");
        timeline = for_cases(&timeline);
    }
    let mut text = format!(
        "title = \"by chance, {seed}\"\nwhy = \"whatever happens, the laws hold\"\nzone = \"{zone}\"\n\
         definition = \"{definition}\"\nplan = '''\n{plan}'''\ncontract = '''\n{contract}'''\n\
         timeline = '''\n{timeline}'''\n[further.other]\ncontract = '''\n{further}'''\n"
    );
    for month in 1..=size.months {
        if month == size.months || !chance.once_in(6) {
            let (year, month) = (2026 + month / 12, month % 12 + 1);
            write!(text, "[[statement]]\ncut = \"{year}-{month:02}-01\"\n").unwrap();
        }
    }
    text
}

fn plan(chance: &mut Chance, by_class: bool) -> String {
    let mut plan = "[[meter]]\nid = \"calls\"\nclass = \"usage\"\n\n".to_owned();
    if !chance.once_in(3) {
        let due = chance.of(&["advance", "arrears"]);
        let every = chance.of(&["month", "month", "quarter"]);
        write!(plan, "[[component]]\nid = \"platform\"\nkind = \"platform\"\namount = \"33.33\"\ndue = \"{due}\"\nevery = \"{every}\"\n\n").unwrap();
    }
    if !chance.once_in(3) {
        let price = chance.of(&[
            "20",
            "{ graduated = [{ up_to = 1, unit = 20 }, { unit = 15 }] }",
        ]);
        let count = chance.of(&["daily", "high_water"]);
        let included = chance.below(2);
        write!(plan, "[[component]]\nid = \"seats\"\nkind = \"seats\"\nprice = {price}\ncount = \"{count}\"\nincluded = {included}\n\n").unwrap();
    }
    if !chance.once_in(4) {
        let price = chance.of(&[
            "\"0.333\"",
            "{ graduated = [{ up_to = 5, unit = 1, flat = 3 }, { unit = \"0.5\" }] }",
            "{ package = { size = 3, price = \"0.10\", free = 2 } }",
            "{ volume = [{ up_to = 10, unit = 2 }, { unit = 1 }] }",
        ]);
        let every = chance.of(&["month", "quarter"]);
        let rest = chance.of(&[
            "",
            "allowance = 7\n",
            "convert = { divide = 4, round = \"up\" }\n",
            "minimum = 4\n",
            "maximum = 9\ndiscount_percent = 5\n",
        ]);
        write!(plan, "[[component]]\nid = \"calls\"\nkind = \"metered\"\nmeter = \"calls\"\nevery = \"{every}\"\nprice = {price}\n{rest}\n").unwrap();
    }
    plan += "[[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"case\"\n";
    let price = chance.of(&[
        "\"0.333\"",
        "{ graduated = [{ up_to = 3, unit = \"0.95\", flat = 1 }, { unit = \"0.90\" }] }",
        "{ volume = [{ up_to = 4, unit = 2, flat = 1 }, { unit = \"0.7\" }] }",
    ]);
    let every = chance.of(&["month", "month", "quarter"]);
    writeln!(plan, "every = \"{every}\"").unwrap();
    if price.contains("volume") {
        plan += "retier_on_reversal = \"no_increase\"\n";
    }
    if chance.once_in(3) {
        plan += "allowance = 2\n";
    }
    if by_class && chance.once_in(2) {
        write!(plan, "[[component.class]]\nname = \"verified\"\nprice = \"1.501\"\n[[component.class]]\nnames = [\"confirmed\", \"assumed\"]\nprice = {price}\n").unwrap();
    } else {
        writeln!(plan, "price = {price}").unwrap();
    }
    if chance.once_in(2) {
        write!(plan, "\n[[component]]\nid = \"risk\"\nkind = \"risk\"\nmodifies = \"cases\"\nevery = \"{every}\"\nby = \"confidence\"\nmissing = \"0.9\"\n[[component.band]]\nfrom = \"0.5\"\nmultiplier = \"1.17\"\n").unwrap();
    }
    if chance.once_in(3) {
        write!(plan, "\n[[component]]\nid = \"cover\"\nkind = \"indemnity\"\nmodifies = \"cases\"\nevery = \"{every}\"\npremium = \"0.05\"\n").unwrap();
    }
    let totals = chance.of(&[
        "",
        "discount_percent = [\"10\", \"25\"]\n",
        "cap = 40\n",
        "minimum = 60\n",
        "discount_amount = 5\ncap = 100\nminimum = 20\n",
    ]);
    if !totals.is_empty() {
        write!(plan, "\n[totals]\n{totals}").unwrap();
    }
    plan
}

/// Calls that were for a work, in place of those that nothing corrects, and cases that name it.
fn for_cases(timeline: &str) -> String {
    let mut lines = String::new();
    for (number, line) in timeline.lines().enumerate() {
        let (when, what) = line.split_once("  ").unwrap_or((line, ""));
        let words: Vec<&str> = what.split(' ').collect();
        let (kind, work, rest) = match words[..] {
            ["usage", "calls", quantity] => (
                "usage",
                format!("case-{}", number % 9),
                format!("\"meter\":\"calls\",\"quantity\":\"{quantity}\""),
            ),
            [case, "reopened", _] => ("reopened", case.to_owned(), format!("\"case\":\"{case}\"")),
            [case, "verified", ..] => (
                "verified",
                case.to_owned(),
                format!("\"case\":\"{case}\",\"result\":\"passed\",\"check\":\"suite\""),
            ),
            _ => {
                writeln!(lines, "{line}").unwrap();
                continue;
            }
        };
        let kind = match kind {
            "usage" => "usage.recorded".to_owned(),
            kind => format!("work.{kind}"),
        };
        writeln!(
            lines,
            "{when}  json {{\"type\":\"piecework.{kind}.v1\",\"workid\":\"{work}\",\"data\":{{{rest}}}}}"
        )
        .unwrap();
    }
    lines
}

/// Discounts with a scope and a time; and a cap and a minimum, where the plan has no totals yet.
fn terms(chance: &mut Chance, has_totals: bool) -> String {
    let mut terms = String::new();
    if !has_totals {
        terms += chance.of(&[
            "",
            "[totals.cap]\namount = 20\nmode = \"stop\"\n",
            "[totals.cap]\namount = 12\nmode = \"overage\"\noverage = \"1.3\"\n",
            "[totals.cap]\namount = 12\nmode = \"soft\"\n",
        ]);
        if chance.once_in(2) {
            let periods = chance.below(3) + 1;
            let bill = chance.of(&["at_end", "in_advance"]);
            let rest = chance.of(&["", "components = [\"cases\"]\n", "overage = \"0.9\"\n"]);
            write!(
                terms,
                "[totals.minimum]\namount = 11\nperiods = {periods}\nbill = \"{bill}\"\n{rest}"
            )
            .unwrap();
        }
    }
    for _ in 0..chance.below(3) {
        let off = chance.of(&["percent = 15", "percent = 100", "amount = \"3.50\""]);
        let scope = chance.of(&[
            "",
            "components = [\"cases\"]\n",
            "surfaces = [\"usage\", \"risk\"]\n",
        ]);
        let when = chance.of(&[
            "",
            "periods = 2\n",
            "from = 2026-02-01\n",
            "until = 2026-03-02\n",
        ]);
        let sequence = chance.below(2) + 1;
        write!(
            terms,
            "[[discount]]\n{off}\n{scope}{when}sequence = {sequence}\nreason = \"by chance\"\n"
        )
        .unwrap();
    }
    terms
}

fn contract(chance: &mut Chance) -> String {
    let mut contract = String::new();
    contract += chance.of(&[
        "",
        "starts = 2026-01-11\nanchor_day = 1\n",
        "starts = 2026-01-15\n",
    ]);
    contract += chance.of(&["", "", "ends = 2026-04-20\n"]);
    contract += chance.of(&["", "late = { waive_after = \"40d\" }\n"]);
    contract += chance.of(&["", "rounding = \"half_up\"\n", "rounding = \"up\"\n"]);
    contract += chance.of(&["", "dispute_default = \"stands\"\n"]);
    contract
}

fn overrides(chance: &mut Chance) -> String {
    let price = chance.of(&[
        "\"0.41\"",
        "{ graduated = [{ up_to = 2, unit = \"1.10\" }, { unit = \"0.70\" }] }",
    ]);
    let totals = chance.of(&["", "[totals]\nminimum = 33\n"]);
    format!(
        "retier_on_reversal = \"no_increase\"\n{totals}[[override]]\ncomponent = \"cases\"\nallowance = 1\nprice = {price}\n"
    )
}

fn timeline(chance: &mut Chance, size: Size) -> String {
    let count = size.events_least + chance.below(size.events_more);
    let mut lines: Vec<(u64, String)> = Vec::new();
    let stamp = |minute: u64| {
        // Minutes since the year began, of months of 28 days: every one of them is a time.
        let (day, rest) = (minute / 1440, minute % 1440);
        let (month, day) = (day / 28 + 1, day % 28 + 1);
        format!("2026-{month:02}-{day:02} {:02}:{:02}", rest / 60, rest % 60)
    };
    let end = size.months * 28 * 1440;
    for index in 0..count {
        let happened = chance.below(end);
        let arrival = if chance.once_in(4) {
            (happened + chance.below(60 * 1440)).min(end - 1)
        } else {
            happened
        };
        let when = if arrival == happened {
            stamp(arrival)
        } else {
            format!("{} arrives {}", stamp(arrival), stamp(happened))
        };
        let case = chance.below(9);
        let amount = chance.below(9) + 1;
        let what = match chance.below(20) {
            0..=2 => format!("case-{case} answered confidence=0.{amount}"),
            3..=5 => format!("case-{case} confirmed by=buyer id=e{index}"),
            6 => format!("case-{case} verified passed check=suite by=third_party"),
            7 | 8 => format!("case-{case} reopened by=buyer"),
            9 => format!("case-{case} disputed by=buyer"),
            10 => format!(
                "case-{case} dispute_decided {}",
                chance.of(&["stands", "credited"])
            ),
            11 | 12 => format!("usage calls {amount} id=u{}", chance.below(4)),
            13 | 14 => format!("usage calls {amount}"),
            15 => format!("seat s-{} assigned", case % 3),
            16 => format!("seat s-{} released", case % 3),
            17 => format!("withdraw e{}", chance.below(index + 1)),
            18 => format!(
                "replace u{} by {} usage calls {amount}",
                chance.below(4),
                stamp(happened)
            ),
            _ => match chance.below(6) {
                0 => format!("credit {amount}.50 goodwill"),
                1 => format!(
                    "grant g{index} {amount}0.00 until 2026-0{}-15",
                    chance.below(4) + 3
                ),
                2 => format!("void {}", chance.below(3) + 1),
                3 => "amend other".to_owned(),
                4 => format!("pay {amount}.00 on {}", chance.below(3) + 1),
                _ => format!("case-{case} rejected"),
            },
        };
        lines.push((arrival, format!("{when}  {what}")));
    }
    lines.sort();
    let lines: Vec<String> = lines.into_iter().map(|(_, line)| line + "\n").collect();
    lines.concat()
}
