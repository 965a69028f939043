//! What is priced by published documents: uncalibrated confidence, service levels, aggregates.

use work::body::DocumentKind::{Baseline, Calibration, Measure};

use super::vector::Vector;
use crate::support::{Book, at, definition, outcome, plan};

fn calibration(from: &str, until: Option<&str>, verdict: &str, more: &str) -> String {
    let until = until.map_or(String::new(), |until| format!("until = {}\n", at(until)));
    format!(
        "subject = \"support\"\nfrom = {}\n{until}verdict = \"{verdict}\"\n{more}",
        at(from)
    )
}

fn value(subject: &str, from: &str, until: &str, value: &str, more: &str) -> String {
    let (from, until) = (at(from), at(until));
    format!("subject = \"{subject}\"\nfrom = {from}\nuntil = {until}\nvalue = {value}\n{more}")
}

fn calibrations() -> Vec<Vector> {
    let risk = |fallback: &str| {
        outcome(&format!(
            "price = {{ graduated = [{{ up_to = 3, unit = \"0.99\" }}, {{ unit = \"0.5\" }}] }}\n\
             [[component]]\nid = \"risk\"\nkind = \"risk\"\nmodifies = \"cases\"\nby = \"confidence\"\nmissing = \"0.7\"\n\
             [component.fallback]\ncalibration = \"support\"\nmultiplier = \"{fallback}\"\n\
             [[component.band]]\nfrom = 0\nmultiplier = 1\n[[component.band]]\nfrom = \"0.9\"\nmultiplier = \"1.2\"\n"
        ))
    };
    let mut vector = Vector::new(
        "s12-d12-calibration",
        "S12 D12 D3 D1 risk outcome",
        "the verdict at the count and the table of the opening; no calibration in force; one that was published last of two that hold; one behind what was stated, without and with approval; works without confidence; a reversal of what was priced at the fallback",
        Book::new(&risk("0.9"), ""),
    );
    vector.story(
        "01-03 answered case=a kind=answer confidence=0.95\n01-04 confirmed case=a by=buyer\n\
         01-05 answered case=b kind=answer confidence=0.95\n01-10 confirmed case=b by=buyer\n\
         01-19 answered case=c kind=answer confidence=0.95\n01-20 confirmed case=c by=buyer\n\
         01-21 confirmed case=d by=buyer\n01-22 opened case=e",
    );
    vector.tell(
        "2026-01-02",
        Calibration,
        &calibration(
            "01-05",
            Some("2026-02-10"),
            "passed",
            "source = \"report\"\n[numbers]\nece = 0.02\nworks = \"1204\"\n",
        ),
    );
    vector.tell(
        "2026-01-16",
        Calibration,
        &calibration(
            "01-15",
            Some("2026-01-25"),
            "failed",
            "[numbers]\nece = \"0.14\"\n",
        ),
    );
    vector.issues("02-01");
    vector.amend("02-02", &risk("0.5"), &definition("", ""), "", false);
    vector.story(
        "02-03 answered case=e kind=answer confidence=0.91\n02-12 confirmed case=e by=buyer\n\
         02-03 answered case=f kind=answer confidence=0.2\n02-13 confirmed case=f by=buyer\n02-14 reopened case=c by=buyer",
    );
    vector.tell(
        "2026-02-05",
        Calibration,
        &calibration("01-01", None, "passed", ""),
    );
    vector.issues("03-01");
    vector.tell(
        "2026-03-05",
        Calibration,
        &calibration("01-01", None, "failed", "reprice = \"cfo\"\n"),
    );
    vector.issues("04-01");
    vec![vector]
}

fn service_levels() -> Vec<Vector> {
    let text = plan(
        "[[meter]]\nid = \"calls\"\nclass = \"usage\"\n\
         [[component]]\nid = \"platform\"\nkind = \"platform\"\namount = 900\n\
         [[component]]\nid = \"calls\"\nkind = \"metered\"\nmeter = \"calls\"\nprice = \"0.333\"\ndiscount_percent = 5\n\
         [[component]]\nid = \"sla\"\nkind = \"service_level\"\nmeasure = \"up\"\nof = [\"platform\", \"calls\"]\ncap = 100\n\
         [[component.band]]\nfrom = 0\npercent = 25\n[[component.band]]\nfrom = \"99.5\"\npercent = 10\n[[component.band]]\nfrom = \"99.9\"\npercent = 0\n\
         [[component]]\nid = \"speed\"\nkind = \"service_level\"\nmeasure = \"p95\"\nof = [\"calls\"]\n\
         [[component.band]]\nfrom = 0\npercent = 0\n[[component.band]]\nfrom = 2000\npercent = \"33.3\"\n\
         [totals]\ndiscount_percent = [\"10\", \"5\"]\ndiscount_amount = 7\ncap = 850\nminimum = 840\n",
    );
    let mut vector = Vector::new(
        "d12-service-level",
        "D12 D5 D8 P2 risk access usage",
        "levels at the edges of bands, a cap by days, after discounts and cap of the contract and before its minimum; awaited measures, one that comes late, one that is corrected with approval, one in money, one of another period; late usage that is waived; a month with no charge",
        Book::new(
            &text,
            "starts = 2026-01-16\nanchor_day = 1\nlate = { waive_after = \"20d\" }\n",
        ),
    );
    vector.story("01-20 usage meter=calls quantity=100\n02-03 usage meter=calls quantity=77");
    vector.tell(
        "2026-02-01",
        Measure,
        &value("up", "01-16", "02-01", "\"99.899\"", ""),
    );
    vector.tell(
        "2026-02-01",
        Measure,
        &value("p95", "01-16", "02-01", "2000", "source = \"probes\"\n"),
    );
    vector.issues("02-01");
    vector.story("01-25 usage meter=calls quantity=31");
    vector.tell(
        "2026-03-01",
        Measure,
        &value("up", "02-01", "03-01", "99.9", ""),
    );
    vector.tell(
        "2026-03-01",
        Measure,
        &value("p95", "02-01", "03-01", "\"1 USD\"", ""),
    );
    vector.issues("03-01");
    vector.tell(
        "2026-03-03",
        Measure,
        &value("p95", "02-01", "03-01", "\"2100.5\"", ""),
    );
    vector.tell(
        "2026-03-04",
        Measure,
        &value("up", "02-01", "03-01", "12", ""),
    );
    vector.tell(
        "2026-03-05",
        Measure,
        &value("up", "02-01", "03-01", "99.7", "reprice = \"cfo\"\n"),
    );
    vector.tell(
        "2026-04-01",
        Measure,
        &value("up", "03-01", "03-31", "1", ""),
    );
    vector.story("03-03 usage meter=calls quantity=3");
    vector.issues_all(&["04-01", "05-01"]);
    vec![vector]
}

fn aggregates() -> Vec<Vector> {
    let text = plan(
        "[[component]]\nid = \"kept\"\nkind = \"aggregate\"\nmeasure = \"revenue\"\nbaseline = \"before\"\npercent = \"12.5\"\ncarry_negative = true\nminimum = 10\nmaximum = 300\ndiscount_percent = 2\n\
         [[component]]\nid = \"other\"\nkind = \"aggregate\"\nmeasure = \"saved\"\nevery = \"quarter\"\npercent = 3\n",
    );
    let mut vector = Vector::new(
        "d10-d12-aggregate",
        "D10 D12 D5 P2 outcome",
        "a share of measure less baseline, the baseline by days; values below zero carried; floor and cap of the line; a period that is not measured and those after it that wait; a baseline that was published late, one that supersedes another; a correction with approval; another currency; a holdback",
        Book::new(
            &text,
            "starts = 2026-01-12\nanchor_day = 1\nrounding = \"half_up\"\n[holdback]\npercent = 10\nrelease_after = \"30d\"\n",
        ),
    );
    vector.tell(
        "2026-01-14",
        Baseline,
        "subject = \"before\"\nfrom = 2026-01-01T00:00:00Z\nvalue = \"1000.01 USD\"",
    );
    vector.tell(
        "2026-02-01",
        Measure,
        &value("revenue", "01-12", "02-01", "\"500 USD\"", ""),
    );
    vector.issues("02-01");
    vector.tell(
        "2026-02-20",
        Baseline,
        &value("before", "02-01", "04-01", "\"1100 USD\"", ""),
    );
    vector.tell(
        "2026-03-01",
        Measure,
        &value("revenue", "02-01", "03-01", "\"1400.005 USD\"", ""),
    );
    vector.issues("03-01");
    vector.tell(
        "2026-03-05",
        Measure,
        &value("revenue", "02-01", "03-01", "\"1 USD\"", ""),
    );
    vector.tell(
        "2026-03-06",
        Measure,
        &value(
            "revenue",
            "01-12",
            "02-01",
            "\"700 USD\"",
            "reprice = \"cfo\"\n",
        ),
    );
    vector.tell(
        "2026-05-01",
        Measure,
        &value("revenue", "04-01", "05-01", "\"9000 USD\"", ""),
    );
    vector.issues_all(&["04-01", "05-01"]);
    vector.tell(
        "2026-05-20",
        Measure,
        &value("revenue", "03-01", "04-01", "\"1099 USD\"", ""),
    );
    vector.tell(
        "2026-05-21",
        Measure,
        &value("saved", "01-12", "04-01", "\"5 EUR\"", ""),
    );
    vector.issues_all(&["06-01", "07-01"]);
    vec![vector]
}

pub fn all() -> Vec<Vector> {
    let stories = [calibrations(), service_levels(), aggregates()];
    stories.into_iter().flatten().collect()
}
