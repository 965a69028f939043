//! What public data say, by the command: the numbers of the papers and of other people's software.

#![allow(clippy::unwrap_used, clippy::float_cmp)] // a test that panics is a test that fails

mod support;

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use support::data;

/// What a study prints, and its page.
fn study(directory: &Path, arguments: &[&str]) -> (Value, String) {
    let page = directory.join("study.html");
    let output = Command::new(env!("CARGO_BIN_EXE_piecework"))
        .args(["study", "--json"])
        .args(arguments)
        .args(["--html", page.to_str().unwrap()])
        .current_dir(directory)
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {error}");
    let told = serde_json::from_slice(&output.stdout).unwrap();
    (told, std::fs::read_to_string(page).unwrap())
}

/// A finding by its name.
fn finding<'a>(study: &'a Value, what: &str) -> &'a Value {
    let findings = study["findings"].as_array().unwrap();
    let found = findings.iter().find(|own| own["what"] == what);
    found.unwrap_or_else(|| panic!("no `{what}` in {findings:#?}"))
}

fn number(value: &Value) -> f64 {
    value.as_str().unwrap().parse().unwrap()
}

#[track_caller]
fn near(value: &Value, wanted: f64, digits: i32) {
    let is = number(value);
    assert!(
        (is - wanted).abs() <= 0.51 * 10f64.powi(-digits),
        "{is}, not {wanted}"
    );
}

/// The R package did 2.5.0 on county teen employment (Callaway and Sant'Anna's own example).
#[test]
fn minimum_wages_and_teen_employment() {
    let Some(path) = data("mpdta-minimum-wage") else {
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    let file = path.join("mpdta.csv");
    let columns = [
        "--unit",
        "countyreal",
        "--period",
        "year",
        "--first",
        "first.treat",
        "--outcome",
        "lemp",
    ];
    let asked = [&["staggered", file.to_str().unwrap()], &columns[..]].concat();
    let (told, page) = study(directory.path(), &asked);
    let simple = finding(&told, "all effects since the starts");
    near(&simple["estimate"], -0.039_951_275, 6);
    near(&simple["standard_error"], 0.012_034_013, 6);
    near(
        &finding(&told, "mean over cohorts")["estimate"],
        -0.031_018_282,
        6,
    );
    let first = finding(&told, "3 periods before the start: a placebo");
    near(&first["estimate"], 0.030_506_656, 6);
    assert_eq!(first["is_check"], true);
    let last = finding(&told, "3 periods after the start");
    near(&last["estimate"], -0.100_811_363, 6);
    near(&last["standard_error"], 0.034_359_226, 6);
    let test = &told["numbers"][1];
    assert_eq!(test[0], "trends before: p-value");
    near(&test[1], 0.168_12, 5);
    assert_eq!(told["verdict"]["holds"], true);
    assert_eq!(told["data"]["rows"], 2_500);
    for words in [
        "design tier B",
        "This can be the basis of an outcome price.",
        "without the software both sides would have moved alike",
        "piecework study staggered mpdta.csv --unit countyreal",
        "<circle",
    ] {
        assert!(page.contains(words), "{words}");
    }
    // csdid 0.4.3.
    let not_yet = [&asked[..], &["--controls", "not-yet-treated"]].concat();
    let (told, _) = study(directory.path(), &not_yet);
    let simple = finding(&told, "all effects since the starts");
    near(&simple["estimate"], -0.039_763_626, 6);
}

/// METR's trial: with AI allowed, issues took 18.84 % longer. Published with the normal quantile (1.26 % to
/// 39.48 %); statsmodels 0.15 with the t gives 1.1749 % to 39.5895 %. `ai_treatment` = 1 means allowed.
#[test]
fn developers_with_ai_took_longer() {
    let Some(path) = data("metr-ai-rct") else {
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    let mut reader = csv::Reader::from_path(path.join("issues.csv")).unwrap();
    let headers = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let field = |row: &csv::StringRecord, name: &str| {
        let at = headers.iter().position(|own| own == name).unwrap();
        row[at].to_owned()
    };
    let review = |row: &csv::StringRecord| {
        field(row, "post_review_implementation_time")
            .parse::<f64>()
            .ok()
    };
    // A review time that is missing is the mean of its arm, as in the paper.
    let mean = |arm: &str| {
        let of_arm = rows.iter().filter(|row| field(row, "ai_treatment") == arm);
        let known: Vec<f64> = of_arm.filter_map(&review).collect();
        known.iter().sum::<f64>() / known.len() as f64
    };
    let (with, without) = (mean("1.0"), mean("0.0"));
    let mut text = "allowed,minutes,forecast\n".to_owned();
    for row in &rows {
        let arm = field(row, "ai_treatment");
        let first: f64 = field(row, "initial_implementation_time").parse().unwrap();
        let minutes = first + review(row).unwrap_or(if arm == "1.0" { with } else { without });
        writeln!(
            text,
            "{arm},{minutes},{}",
            field(row, "predicted_time_no_ai")
        )
        .unwrap();
    }
    std::fs::write(directory.path().join("issues.csv"), text).unwrap();
    let asked = [
        "holdout",
        "issues.csv",
        "--treated",
        "allowed=1.0",
        "--outcome",
        "minutes",
        "--log",
    ];
    let covariate = ["--covariate", "forecast", "--held-out", "0.5"];
    let (told, page) = study(directory.path(), &[&asked[..], &covariate].concat());
    let share = finding(&told, "as a share of what it is without");
    near(&share["estimate"], 0.1884, 4);
    near(&share["interval"]["low"], 0.011_749, 6);
    near(&share["interval"]["high"], 0.395_895, 6);
    assert_eq!(told["design"], "design tier A: randomised holdout");
    assert_eq!(told["threats"].as_array().unwrap().len(), 0);
    assert_eq!(told["data"]["rows"], 246);
    assert!(page.contains("units were assigned by chance alone"));
    // A half that was to be a tenth: somebody is missing, and nothing may rest on it.
    let (told, _) = study(
        directory.path(),
        &[&asked[..], &["--held-out", "0.1"]].concat(),
    );
    assert_eq!(told["verdict"]["holds"], false);
    let reasons = told["verdict"]["reasons"][0].as_str().unwrap();
    assert!(reasons.contains("the arms have other sizes"), "{reasons}");
}

/// Judges of tau2-bench conversations: the quick one passes 112 of 114 works, of which 68 are right.
#[test]
fn judges_that_pass_nearly_everything() {
    let Some(path) = data("tau2-support-agents") else {
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    let file = path.join("llm_judge_verdicts.csv");
    let of = |domain: &str, more: &[&str]| {
        let only = format!("domain={domain}");
        let asked = [
            "judge",
            file.to_str().unwrap(),
            "--only",
            &only,
            "--by",
            "judge_prompt",
            "--passed",
            "judge_verdict=pass,satisfied,satisfactory,compliant,correct",
            "--right",
            "verified_success=true",
        ];
        study(directory.path(), &[&asked[..], more].concat())
    };
    let (retail, page) = of("retail", &[]);
    let quick = |what: &str| finding(&retail, &format!("quick_triage_v1: {what}"))["of"].clone();
    assert_eq!(quick("sensitivity"), "68 of 68 right works passed");
    assert_eq!(quick("specificity"), "2 of 46 wrong works failed");
    assert_eq!(quick("passes"), "112 of 114 works");
    assert_eq!(quick("verified"), "68 of 114 works that are right");
    near(
        &finding(&retail, "quick_triage_v1: corrected")["estimate"],
        68.0 / 114.0,
        6,
    );
    near(
        &finding(&retail, "policy_conversation_v1: corrected")["standard_error"],
        0.28,
        2,
    );
    // So few works leave anything possible, and that is said.
    assert_eq!(
        retail["verdict"]["sentence"],
        "Nothing can be made of what is passed."
    );
    assert_eq!(retail["verdict"]["reasons"].as_array().unwrap().len(), 4);
    assert!(page.contains("the judge errs on other works as it erred"));
    let (airline, _) = of("airline", &["--only", "judge_prompt=customer_outcome_v1"]);
    let reason = airline["verdict"]["reasons"][0].as_str().unwrap();
    assert!(reason.contains("no better than a coin"), "{reason}");
}

/// AIDev: merged by agent, against people's requests in the same repositories (5,086 of 6,628 merged). Wilson's
/// and Newcombe's intervals by scipy 1.17 and statsmodels 0.15; the clustered error by statsmodels.
#[test]
fn requests_of_agents_against_those_of_people() {
    let Some(path) = data("aidev-agent-prs") else {
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    let file = path.join("pull_requests.csv");
    let asked = [
        "rates",
        file.to_str().unwrap(),
        "--hit",
        "outcome=merged",
        "--by",
        "agent",
        "--against",
        "5086/6628",
    ];
    let (told, page) = study(directory.path(), &asked);
    for (agent, of, low, high, difference) in [
        (
            "OpenAI_Codex",
            "1754 of 2686",
            0.634_807,
            0.670_787,
            "-13.51 % to -9.38 %",
        ),
        (
            "Copilot",
            "559 of 1462",
            0.357_782,
            0.407_541,
            "-41.15 % to -35.78 %",
        ),
        (
            "Claude_Code",
            "53 of 101",
            0.428_250,
            0.619_441,
            "-33.96 % to -14.73 %",
        ),
    ] {
        let own = finding(&told, agent);
        assert_eq!(own["of"], of);
        near(&own["interval"]["low"], low, 6);
        near(&own["interval"]["high"], high, 6);
        let note = own["note"].as_str().unwrap();
        assert!(note.contains(difference), "{agent}: {note}");
    }
    near(&told["against"][1], 0.767_351, 6);
    assert!(page.contains("5086 of 6628"));
    let clustered = [
        &asked[..],
        &["--cluster", "repo", "--unknown", "outcome=open"],
    ]
    .concat();
    let (told, _) = study(directory.path(), &clustered);
    let own = finding(&told, "Copilot");
    assert_eq!(own["of"], "559 of 1028");
    let note = own["note"].as_str().unwrap();
    assert!(note.contains("of all 1462: 38.24 % to 67.92 %"), "{note}");
    let clustered = [&asked[..], &["--cluster", "repo"]].concat();
    let (told, _) = study(directory.path(), &clustered);
    // The difference knows of the clusters too: 268 rows' worth are far less sure than 2,686.
    let note = finding(&told, "OpenAI_Codex")["note"].as_str().unwrap();
    assert!(
        note.contains("difference -11.43 % (-17.40 % to -5.89 %)"),
        "{note}"
    );
    near(
        &finding(&told, "OpenAI_Codex")["standard_error"],
        0.028_023,
        6,
    );
}

/// A help desk: of 4,569 resolved tickets somebody took charge again of 149, which a window of 72 hours sees as 85
/// (pandas).
#[test]
fn what_a_window_of_72_hours_hides() {
    let Some(path) = data("helpdesk-italy") else {
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    let mut reader = csv::Reader::from_path(path.join("events.csv")).unwrap();
    let headers = reader.headers().unwrap().clone();
    let at = |name: &str| headers.iter().position(|own| own == name).unwrap();
    let (case, when, what) = (at("case_id"), at("timestamp"), at("activity"));
    let mut tickets: std::collections::BTreeMap<String, Vec<(jiff::Timestamp, String)>> =
        Default::default();
    for row in reader.records().map(Result::unwrap) {
        let event = (row[when].parse().unwrap(), row[what].to_owned());
        tickets.entry(row[case].to_owned()).or_default().push(event);
    }
    let mut text = "ticket,reopened\n".to_owned();
    for (ticket, events) in &tickets {
        let of = |activity: &'static str| {
            events
                .iter()
                .filter(move |own| own.1 == activity)
                .map(|own| own.0)
        };
        let Some(resolved) = of("Resolve ticket").min() else {
            continue;
        };
        let again = of("Take in charge ticket")
            .filter(|own| *own > resolved)
            .min();
        let hours = again.map(|own| own.duration_since(resolved).as_secs_f64() / 3_600.0);
        let reopened = match hours {
            None => "never",
            Some(..=72.0) => "in the window",
            Some(_) => "later",
        };
        writeln!(text, "{ticket},{reopened}").unwrap();
    }
    std::fs::write(directory.path().join("tickets.csv"), text).unwrap();
    let of = |hit: &str| {
        let asked = ["rates", "tickets.csv", "--hit", hit];
        finding(&study(directory.path(), &asked).0, "all rows").clone()
    };
    let (seen, all) = (
        of("reopened=in the window"),
        of("reopened=in the window,later"),
    );
    assert_eq!(
        (seen["of"].as_str(), all["of"].as_str()),
        (Some("85 of 4569"), Some("149 of 4569"))
    );
    // More than the interval of the rate that the window shows.
    assert!(number(&all["estimate"]) > number(&seen["interval"]["high"]));
}

/// A confidence that holds passes the gate, and the document says so; one that does not names the bins.
#[test]
fn a_confidence_and_its_document() {
    let directory = tempfile::tempdir().unwrap();
    let rows = |right: [usize; 2]| {
        let mut text = "said,came\n".to_owned();
        for (stated, right) in ["0.9", "0.6"].iter().zip(right) {
            for n in 0..1_000 {
                let came = if n < right { "right" } else { "wrong" };
                writeln!(text, "{stated},{came}").unwrap();
            }
        }
        std::fs::write(directory.path().join("said.csv"), text).unwrap();
        let asked = [
            "calibration",
            "said.csv",
            "--confidence",
            "said",
            "--right",
            "came=right",
            "--document",
            "calibration.toml",
            "--subject",
            "support",
            "--from",
            "2026-01-01T00:00:00+01:00",
        ];
        let (told, page) = study(directory.path(), &asked);
        let document = std::fs::read_to_string(directory.path().join("calibration.toml")).unwrap();
        (told, page, document)
    };
    let (told, page, document) = rows([905, 590]);
    assert_eq!(told["verdict"]["holds"], true);
    assert!(page.contains("The gate is passed"));
    let start = "subject = \"support\"\nfrom = 2025-12-31T23:00:00Z\nverdict = \"passed\"\nsource = \"said.csv, ";
    assert!(document.starts_with(start), "{document}");
    assert!(
        document.contains("\n[numbers]\n") && document.contains("forecasts = \"2000\""),
        "{document}"
    );
    let (told, _, document) = rows([700, 590]);
    assert!(document.contains("verdict = \"failed\""));
    let reason = told["verdict"]["reasons"][0].as_str().unwrap();
    assert!(
        reason.starts_with("overconfident: of 1000 works stated at 0.900, 700 were right"),
        "{reason}"
    );
}

/// Two samples and one series, checked by hand: 2 and 4 before, 5 and 9 after.
#[test]
fn designs_that_show_less_say_so() {
    let directory = tempfile::tempdir().unwrap();
    let write = |text: &str| std::fs::write(directory.path().join("a.csv"), text).unwrap();
    write(
        "when,who,y,id\nb,t,2,1\nb,t,4,2\na,t,5,1\na,t,9,2\nb,c,1,3\nb,c,2,4\na,c,2,3\na,c,4,4\n",
    );
    let only = ["--only", "who=t", "--outcome", "y", "--after", "when=a"];
    let (told, page) = study(
        directory.path(),
        &[&["before-after", "a.csv"], &only[..]].concat(),
    );
    near(&finding(&told, "after, less before")["estimate"], 4.0, 6);
    assert_eq!(told["verdict"]["holds"], false);
    assert!(page.contains("cannot be the basis of an outcome price"));
    let two = [
        "two-by-two",
        "a.csv",
        "--treated",
        "who=t",
        "--after",
        "when=a",
        "--outcome",
        "y",
    ];
    // 3 and 5 less 1 and 2.
    let (told, _) = study(directory.path(), &[&two[..], &["--unit", "id"]].concat());
    let what = "the change with the software, less the change without";
    near(&finding(&told, what)["estimate"], 2.5, 6);
    let (told, _) = study(directory.path(), &two);
    near(&finding(&told, what)["estimate"], 2.5, 6);
    // A line of slope 1 with a little noise, and a step of 10.
    let mut text = "t,y,side\n".to_owned();
    for t in 0..24 {
        let noise = [0.1, -0.2, 0.1][t % 3];
        let (step, side) = if t < 12 {
            (0.0, "before")
        } else {
            (10.0, "after")
        };
        writeln!(text, "{t},{},{side}", t as f64 + noise + step).unwrap();
    }
    write(&text);
    let (told, _) = study(
        directory.path(),
        &["series", "a.csv", "--outcome", "y", "--after", "side=after"],
    );
    near(
        &finding(&told, "at the start, from the trend before")["estimate"],
        10.0,
        0,
    );
    assert_eq!(told["design"], "design tier C: interrupted time series");
}

#[test]
fn bad_input_is_told_with_its_place_and_a_remedy() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("a.csv");
    std::fs::write(&file, "a,b,c\n1,x,0.5\n2,y,1.5\n,x,no\n").unwrap();
    let told = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_piecework"))
            .arg("study")
            .args(arguments)
            .current_dir(directory.path())
            .output()
            .unwrap();
        assert!(!output.status.success(), "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    for (arguments, wanted) in [
        (
            &["rates", "none.csv", "--hit", "a=1"][..],
            "cannot read none.csv",
        ),
        (&["rates", "a.csv", "--hit", "a"], "`a` is not COLUMN=VALUE"),
        (
            &["rates", "a.csv", "--hit", "d=1"],
            "no column `d`; it has: a, b, c",
        ),
        (
            &["rates", "a.csv", "--hit", "a=1", "--only", "b=z"],
            "no row to look at",
        ),
        (
            &["rates", "a.csv", "--hit", "a=1", "--against", "3/2"],
            "3/2",
        ),
        (
            &["rates", "a.csv", "--hit", "a=1", "--against", "3"],
            "`3` is not HITS/TRIALS",
        ),
        (
            &["rates", "a.csv", "--hit", "a=1", "--unknown", "b=x,y"],
            "0 of 0",
        ),
        (
            &["judge", "a.csv", "--passed", "a=1", "--right", "b=x,y"],
            "right and wrong works are both needed",
        ),
        (
            &[
                "calibration",
                "a.csv",
                "--confidence",
                "c",
                "--right",
                "b=x",
            ],
            "line 3: a confidence is from 0 to 1, not 1.5",
        ),
        (
            &["before-after", "a.csv", "--outcome", "c", "--after", "b=y"],
            "line 4: `c` is `no`, which is no number",
        ),
        (
            &[
                "holdout",
                "a.csv",
                "--treated",
                "b=x",
                "--hit",
                "a=1",
                "--log",
            ],
            "cannot be used with",
        ),
        (&["holdout", "a.csv", "--treated", "b=x"], "--outcome"),
        (
            &[
                "holdout",
                "a.csv",
                "--treated",
                "b=x",
                "--outcome",
                "a",
                "--only",
                "a=1,2",
                "--held-out",
                "1",
            ],
            "1 observations are too few",
        ),
        (
            &[
                "staggered",
                "a.csv",
                "--unit",
                "b",
                "--period",
                "a",
                "--first",
                "a",
                "--outcome",
                "c",
            ],
            "line 4: `a` is empty",
        ),
        (
            &["series", "a.csv", "--outcome", "a", "--after", "b=x"],
            "line 3: a point before the start",
        ),
    ] {
        let error = told(arguments);
        assert!(error.contains(wanted), "{arguments:?}: {error}");
    }
}
