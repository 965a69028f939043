//! What the pages look like in text: snapshots of small fixtures, and what holds of every page.

#![allow(clippy::unwrap_used)]

mod fixture;
mod wellformed;

use fixture::corners::{bridge, crowded, hostile, many_rows, meters_in};
use fixture::proof_report::{hostile_report, nothing_done, proof_report};
use fixture::study::{effect, hostile_study, merged};
use fixture::{BOOKS, comparison, empty, month, statement, who_decides};
use money::Currency;
use piecework_pages::limits::{CHART_ROWS_MAX, MARGIN_ROWS_MAX, WORKS_PER_LINE_MAX};
use piecework_pages::view::{Dispute, Earlier, OtherCurrency, Receipt, Report, Unconverted};
use piecework_pages::{
    compare_page, margin_page, meters_page, meters_svg, proof_report_page, receipt_fragment,
    receipts_in, report_page, statement_page, story_page, study_page,
};
use wellformed::check;

/// A page without its style, one element a line, so that a diff can be read.
fn body(page: &str) -> String {
    let start = page.find("<style>").unwrap();
    let end = page.find("</style>").unwrap() + "</style>".len();
    format!("{}{}", &page[..start], &page[end..]).replace("><", ">\n<")
}

fn kuwaiti() -> Currency {
    "KWD".parse().unwrap()
}

/// Every page that the fixtures give, by name.
fn all_pages() -> Vec<(&'static str, String)> {
    let charges = ["1200.000", "0.000", "35.125", "-2.500"];
    vec![
        ("month", report_page(&month())),
        ("empty", report_page(&empty())),
        ("hostile", report_page(&hostile())),
        ("meters", meters_page(&month().meters[0])),
        (
            "meters in dinar",
            meters_page(&meters_in(kuwaiti(), charges, "99.5")),
        ),
        (
            "meters of nothing",
            meters_page(&meters_in(Currency::JPY, ["0"; 4], "0")),
        ),
        ("large statement", statement_page(&statement(&BOOKS[0]))),
        ("small statement", statement_page(&statement(&BOOKS[2]))),
        ("crowded statement", statement_page(&crowded(200, 300))),
        (
            "loss",
            margin_page(&bridge(
                Currency::JPY,
                "1200",
                ["900", "300", "450", "0"],
                8,
            )),
        ),
        (
            "nothing",
            margin_page(&bridge(Currency::JPY, "0", ["0"; 4], 0)),
        ),
        (
            "costs alone",
            margin_page(&bridge(Currency::USD, "0", ["0.0004", "0", "0", "0"], 0)),
        ),
        (
            "credit",
            margin_page(&bridge(Currency::USD, "-5", ["1", "0", "0", "0"], 0)),
        ),
        ("many rows", margin_page(&many_rows(500))),
        ("compare", compare_page(&comparison())),
        ("proof report", proof_report_page(&proof_report())),
        (
            "proof report of nothing",
            proof_report_page(&nothing_done()),
        ),
        ("hostile", proof_report_page(&hostile_report())),
        ("story", story_page(&who_decides())),
        ("study of shares", study_page(&merged())),
        ("study of an effect", study_page(&effect())),
        ("hostile", study_page(&hostile_study())),
    ]
}

#[test]
fn a_small_statement() {
    insta::assert_snapshot!(body(&statement_page(&statement(&BOOKS[2]))));
}

#[test]
fn an_effect_that_no_price_may_rest_on() {
    insta::assert_snapshot!(body(&study_page(&effect())));
}

#[test]
fn a_draft_says_what_earlier_periods_add() {
    let mut model = statement(&BOOKS[2]);
    let said = "Not stated yet: March 2026. ";
    assert!(!statement_page(&model).contains(said));
    model.earlier = Some(Earlier {
        period: model.period.clone(),
        amount: "1234.50 USD".parse().unwrap(),
        together: "2345.60 USD".parse().unwrap(),
        command: "piecework statement issue --through 2026-02".to_owned(),
    });
    let page = statement_page(&model);
    for text in [said, "1,234.50", "2,345.60", "--through 2026-02"] {
        assert!(page.contains(text), "{text}");
    }
}

#[test]
fn costs_in_another_currency_are_told_apart_from_those_without_a_price() {
    let mut model = month().margins.remove(0);
    let said = "No rate of exchange is published";
    assert!(!margin_page(&model).contains(said));
    model.unconverted = Unconverted {
        entries: 3,
        works: 2,
        currencies: vec![OtherCurrency {
            entries: 3,
            amount: "1234.50 EUR".parse().unwrap(),
        }],
    };
    let page = margin_page(&model);
    for text in [
        said,
        "3 cost entries",
        "in another currency",
        "1,234.50",
        "without a price",
    ] {
        assert!(page.contains(text), "{text}");
    }
    let mut meters = month().meters.remove(0);
    assert!(!meters_page(&meters).contains("in another currency"));
    meters.unconverted = 1;
    let page = meters_page(&meters);
    for text in [
        "1 cost entry is",
        "8 entries left out",
        "7 entries unpriced, 1 entry in another",
    ] {
        assert!(page.contains(text), "{text}");
    }
}

#[test]
fn a_statement_as_json() {
    insta::assert_snapshot!(serde_json::to_string_pretty(&statement(&BOOKS[2])).unwrap());
}

#[test]
fn four_meters_with_a_negative_one() {
    let charges = ["1200.000", "0.000", "35.125", "-2.500"];
    insta::assert_snapshot!(body(&meters_page(&meters_in(kuwaiti(), charges, "99.5"))));
}

#[test]
fn four_meters_as_json() {
    insta::assert_snapshot!(serde_json::to_string_pretty(&month().meters[0]).unwrap());
}

#[test]
fn a_loss_in_yen() {
    let loss = bridge(Currency::JPY, "1200", ["900", "300", "450", "0"], 8);
    insta::assert_snapshot!(body(&margin_page(&loss)));
}

#[test]
fn a_proof_report() {
    insta::assert_snapshot!(body(&proof_report_page(&proof_report())));
}

/// Where nothing was drawn, reviewed, disputed or signed the page says so, and never that all is well.
#[test]
fn a_proof_report_says_what_there_is_not() {
    let page = proof_report_page(&nothing_done());
    for text in [
        "No work is recorded.",
        "No sample was drawn from this statement.",
        "No work of the period was disputed.",
        "Nothing in the log was corrected.",
        "No payload was deleted.",
        "nobody owes it",
    ] {
        assert!(page.contains(text), "{text}");
    }
    let page = proof_report_page(&proof_report());
    for text in [
        "Not signed with a key of the buyer.",
        "under another text about the same definition",
        "20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31 and 8 more",
        "1 identity has",
        "and 2 entries more",
    ] {
        assert!(page.contains(text), "{text}");
    }
    let words = body(&page).to_lowercase();
    for word in ["margin", "cost"] {
        assert!(!words.contains(word), "the page says {word}");
    }
}

#[test]
fn an_empty_book() {
    insta::assert_snapshot!(body(&report_page(&empty())));
}

#[test]
fn who_decides_on_fifty_conversations() {
    insta::assert_snapshot!(body(&story_page(&who_decides())));
}

#[test]
fn two_definitions() {
    let mut model = comparison();
    model.works.truncate(2);
    insta::assert_snapshot!(body(&compare_page(&model)));
}

/// Unknown is never zero, and a margin without costs is not 100 %.
#[test]
fn a_margin_without_costs_is_unknown() {
    let mut bridge = bridge(Currency::USD, "9.90", ["0"; 4], 10);
    bridge.margin = None;
    bridge.margin_share = None;
    bridge.tables.clear();
    let page = margin_page(&bridge);
    assert!(page.contains("No costs are recorded"), "{page}");
    let mut meters = meters_in(Currency::USD, ["0", "0", "9.90", "0"], "0");
    (meters.margin, meters.margin_share) = (None, None);
    for text in [page, meters_page(&meters), meters_svg(&meters)] {
        assert!(
            text.contains("unknown") && !text.contains("100.0"),
            "{text}"
        );
    }
}

#[test]
fn the_published_numbers_of_who_decides_are_on_the_page() {
    let page = story_page(&who_decides());
    for number in [
        "45.54",
        "90.8\u{a0}%",
        "22.77",
        "81.5\u{a0}%",
        "18.81",
        "77.7\u{a0}%",
        "4.203311",
    ] {
        assert!(page.contains(number), "{number}");
    }
}

/// A receipt as an attacker of the page around it would like to have it.
fn hostile_receipt() -> Receipt {
    let evil = "</code></section><script>alert(1)</script>\u{202e}&lt;&amp;\"'";
    Receipt {
        customer: evil.to_owned(),
        work: evil.to_owned(),
        unit: evil.to_owned(),
        state: "counted\" class=\"x".to_owned(),
        why: evil.to_owned(),
        class: Some(evil.to_owned()),
        counted_at: Some("2026-01-06T09:00:00Z".parse().unwrap()),
        price: Some("0.99 USD".parse().unwrap()),
        statement: Some(evil.to_owned()),
        evidence: vec![(evil.to_owned(), evil.to_owned())],
        dispute: Some(Dispute {
            until: "2026-02-06T09:00:00Z".parse().unwrap(),
            place: "javascript:alert(1)".to_owned(),
        }),
        entries: statement(&BOOKS[2]).surfaces[0].lines[0].entries.clone(),
        origin: evil.to_owned(),
        size: 8,
        root: evil.to_owned(),
        text: format!("{{\"v\":1,\"why\":\"{evil}\"}}"),
    }
}

#[test]
fn a_receipt_is_a_fragment_that_stands_in_any_page() {
    let model = hostile_receipt();
    let fragment = receipt_fragment(&model);
    check(&fragment).unwrap();
    for reach in [
        "<script", "<link", "<img", "src=", "@import", "url(", " id=", "href=", "on",
    ] {
        let found = fragment.to_lowercase().match_indices(reach).any(|(at, _)| {
            // "on" stands for handlers: an attribute that begins so.
            reach != "on"
                || fragment[..at].ends_with(' ')
                    && fragment[at..]
                        .split(' ')
                        .next()
                        .is_some_and(|word| word.contains("=\""))
        });
        assert!(!found, "{reach} in {fragment}");
    }
    let classes = fragment
        .match_indices("class=\"")
        .map(|(at, _)| &fragment[at + 7..]);
    for list in classes.filter_map(|rest| rest.split('"').next()) {
        for class in list.split(' ') {
            assert!(class.starts_with("piecework-receipt"), "{class}");
        }
    }
    let style = fragment
        .split("<style>")
        .nth(1)
        .and_then(|rest| rest.split("</style>").next());
    for rule in style
        .unwrap()
        .split_inclusive(['{', '}'])
        .filter(|own| own.ends_with('{'))
    {
        assert!(
            [".piecework-receipt", "@media"]
                .iter()
                .any(|own| rule.trim().starts_with(own)),
            "{rule}"
        );
    }
    // Its own words appear, cleaned; the text for programs comes back to the byte.
    let twice = format!("<body>{fragment}<p>between</p>{fragment}</body>");
    assert_eq!(receipts_in(&twice), [model.text.clone(), model.text]);
    assert_eq!(receipts_in("<p>nothing</p>"), Vec::<String>::new());
}

#[test]
fn every_page_is_well_formed() {
    for (name, page) in all_pages() {
        check(&page).unwrap_or_else(|fault| panic!("{name}: {fault}"));
    }
    check(&meters_svg(&month().meters[0])).unwrap_or_else(|fault| panic!("drawing: {fault}"));
    check(&meters_svg(&hostile().meters[0])).unwrap_or_else(|fault| panic!("hostile: {fault}"));
}

#[test]
fn the_check_of_well_formedness_can_fail() {
    for bad in [
        "<p><b></p></b>",
        "<p class=\"a\" class=\"b\"></p>",
        "<p id=\"a\"></p><p id=\"a\"></p>",
        "<svg aria-labelledby=\"nowhere\"></svg>",
        "<a href=\"#nowhere\"></a>",
        "<p>a < b</p>",
        "<div>",
        "<rect width=\"NaN\"></rect>",
    ] {
        assert!(check(bad).is_err(), "{bad}");
    }
}

#[test]
fn every_page_is_one_file_that_reaches_for_nothing() {
    for (name, page) in all_pages() {
        let page = page.replace("http://www.w3.org/2000/svg", "");
        for reach in [
            "<script", "<link", "<img", "<iframe", "@import", "url(http", "//", "src=",
        ] {
            // Hostile texts may name these; escaped, in text.
            let found = page.match_indices(reach).any(|(at, _)| {
                let before = &page[..at];
                name != "hostile" || before.ends_with('<') || reach.starts_with('<')
            });
            assert!(!found, "{name} contains {reach}");
        }
        assert!(page.contains("Content-Security-Policy"), "{name}");
    }
}

#[test]
fn foreign_text_stays_text() {
    let page = report_page(&hostile());
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(!page.contains("<script"));
    assert!(
        !page.contains('\u{202e}'),
        "a direction override reaches the page"
    );
    assert!(
        !page.chars().any(|c| c.is_control() && c != '\n'),
        "a control character does"
    );
}

#[test]
fn a_statement_tells_the_buyer_nothing_of_costs() {
    let page = body(&statement_page(&statement(&BOOKS[0]))).to_lowercase();
    let json = serde_json::to_string(&statement(&BOOKS[0]))
        .unwrap()
        .to_lowercase();
    for word in ["margin", "cost", "model_"] {
        assert!(!page.contains(word), "the page says {word}");
        assert!(!json.contains(word), "the json says {word}");
    }
}

#[test]
fn long_lists_are_bounded_and_say_so() {
    let page = statement_page(&crowded(1, 300));
    assert_eq!(
        page.matches("<span class=\"share\">").count(),
        WORKS_PER_LINE_MAX
    );
    assert!(page.contains("and 207 works more"));
    let page = margin_page(&many_rows(500));
    let drawn = format!(
        "and {} more, in the table below",
        MARGIN_ROWS_MAX - CHART_ROWS_MAX
    );
    assert!(page.contains(&drawn), "{drawn}");
    assert!(page.contains("and 300 rows more"));
}

#[test]
fn a_draft_is_marked_as_one_and_an_issued_statement_is_not() {
    let (draft, issued) = (
        statement_page(&statement(&BOOKS[0])),
        statement_page(&statement(&BOOKS[1])),
    );
    assert!(draft.contains("watermark draft\"") && draft.contains(">DRAFT<"));
    assert!(!issued.contains("watermark draft\"") && issued.contains("HC-0007"));
}

#[test]
fn money_in_json_is_an_amount_and_a_currency() {
    let json = serde_json::to_value(month()).unwrap();
    assert_eq!(
        json["statements"][2]["total"],
        serde_json::json!({"amount": "90.00", "currency": "USD"})
    );
    assert_eq!(json["period"]["from"], "2026-02-28T23:00:00Z");
    assert_eq!(json["period"]["zone"], "Europe/Berlin");
    assert_eq!(
        json["statements"][0]["authorship"][0]["authorship"],
        "third_party"
    );
    assert_eq!(json["margins"][0]["costs"][2]["line"], "human_review");
}

#[test]
fn the_fixture_adds_up() {
    let report: Report = month();
    let total = fixture::sum(report.statements.iter().map(|s| s.total));
    assert_eq!(total, report.meters[0].charged);
    assert_eq!(total, report.margins[0].price);
    for statement in &report.statements {
        let lines = statement.surfaces.iter().map(|group| group.subtotal);
        let moved = statement.adjustments.iter().map(|a| a.difference);
        let absorbed = statement.absorbed.iter().map(|own| own.amount);
        assert_eq!(
            fixture::sum(lines.chain(moved).chain(absorbed)),
            statement.total
        );
    }
}

/// Pages spell numbers; whoever fills the models has added them.
#[test]
fn no_section_computes_money() {
    let sections = concat!(env!("CARGO_MANIFEST_DIR"), "/src/section");
    for entry in std::fs::read_dir(sections).unwrap() {
        let path = entry.unwrap().path();
        let source = std::fs::read_to_string(&path).unwrap();
        for sum in [".plus(", ".minus(", ".times(", "Amount::sum", "from_minor"] {
            assert!(!source.contains(sum), "{} calls {sum}", path.display());
        }
    }
}
