//! Broken rows cost themselves, are kept with their place, and can be repaired and imported again.

use std::io::Write as _;

use crate::support::{Scratch, import_csv, import_json};
use piecework_intake::limits::ROW_BYTES_MAX;
use piecework_intake::{CloudEvents, Import, Input, Map, Options, Progress, Refused, RefusedFiles};

const MAP: &str = r#"
source = "desk"
customer = "acme"
[[event]]
type = "work.closed"
id = "{case}/{at}"
work = "{case}"
time = "{at}"
reason = "{why}"
"#;

/// Imports the CSV and prints cases read and lines refused.
fn check(csv: impl AsRef<[u8]>, cases: &[&str], faults: &[(u64, &str)]) {
    let csv = csv.as_ref();
    let shown = String::from_utf8_lossy(&csv[..csv.len().min(400)]).into_owned();
    let (events, refused) = import_csv(MAP, csv);
    let read: Vec<_> = events
        .iter()
        .map(|event| event.work.clone().unwrap())
        .collect();
    assert_eq!(read, cases, "{shown}");
    assert_eq!(refused.len(), faults.len(), "{shown}\n{refused:#?}");
    for (refused, (line, problem)) in refused.iter().zip(faults) {
        assert_eq!(refused.line, *line, "{shown}\n{refused}");
        assert!(refused.problem.contains(problem), "{shown}\n{refused}");
    }
}

#[test]
fn well_formed_rows_are_read_as_they_are_meant() {
    check(
        "case,at,why\n1,2026-01-01T00:00:00Z,\"a, \"\"b\"\"\nc\"\r\n\r\n2,2026-01-01T00:00:00Z,\n",
        &["1", "2"],
        &[],
    );
    // A byte-order mark, no line feed at the end, white space around cells.
    check(
        "\u{feff}case,at,why\n 1 , 2026-01-01T00:00:00Z ,x",
        &["1"],
        &[],
    );
}

#[test]
fn one_broken_row_costs_one_row() {
    let row = |case: &str| format!("{case},2026-01-01T00:00:00Z,x\n");
    let around = |broken: &str| format!("case,at,why\n{}{broken}{}", row("1"), row("2"));
    check(
        around("3,2026-01-01T00:00:00Z\n"),
        &["1", "2"],
        &[(3, "2 cells instead of 3")],
    );
    check(
        around("3,2026-01-01T00:00:00Z,x,y\n"),
        &["1", "2"],
        &[(3, "4 cells instead of 3")],
    );
    check(
        around("3,2026-01-01T00:00:00Z,\"x\"y\n"),
        &["1", "2"],
        &[(3, "text after a closing quote")],
    );
    check(
        around("3,yesterday,x\n"),
        &["1", "2"],
        &[(3, "`yesterday` is not a time")],
    );
    check(
        around(",2026-01-01T00:00:00Z,x\n"),
        &["1", "2"],
        &[(3, "\"{case}/{at}\" is empty")],
    );
    // A quote that never closes would swallow the rest of the file.
    check(
        around("3,2026-01-01T00:00:00Z,\"x\n"),
        &["1", "2"],
        &[(3, "never closed")],
    );
    // A stray quote that a later one seems to close.
    let two = format!(
        "{}{}",
        around("3,2026-01-01T00:00:00Z,\"x\n"),
        "4,2026-01-01T00:00:00Z,\"y\"\n"
    );
    check(two, &["1", "2", "4"], &[(3, "quote")]);
    let mut bytes = around("3,2026-01-01T00:00:00Z,\n").into_bytes();
    let at = bytes
        .windows(3)
        .position(|window| window == b"Z,\n")
        .unwrap()
        + 2;
    bytes.splice(at..at, [0xff, 0xfe]);
    check(bytes, &["1", "2"], &[(3, "not UTF-8")]);
}

#[test]
fn a_row_longer_than_the_bound_is_refused_and_skipped() {
    let long = "x".repeat(ROW_BYTES_MAX + 10);
    let csv = format!("case,at,why\n1,2026-01-01T00:00:00Z,{long}\n2,2026-01-01T00:00:00Z,x\n");
    check(&csv, &["2"], &[(2, "longer than")]);
    let (_, refused) = import_csv(MAP, &csv);
    assert_eq!(refused[0].raw.len(), ROW_BYTES_MAX);
    let quoted = format!(
        "case,at,why\n1,2026-01-01T00:00:00Z,\"{}\"\n2,2026-01-01T00:00:00Z,x\n",
        "y\n".repeat(20_000)
    );
    let (events, refused) = import_csv(MAP, &quoted);
    assert_eq!(events.len(), 1);
    assert!(
        refused[0].problem.contains("never closed"),
        "{}",
        refused[0]
    );
}

#[test]
fn a_fault_names_the_member_of_the_event_and_what_the_map_wrote() {
    let map = MAP.replace("work = \"{case}\"", "work = \"{case}\"\ntier = \"{why}\"");
    let long = "y".repeat(300);
    let (_, refused) = import_csv(
        &map,
        format!("case,at,why\n1,2026-01-01T00:00:00Z,{long}\n"),
    );
    assert_eq!(refused[0].pointer, "/data/tier");
    assert!(
        refused[0]
            .problem
            .contains("(the map's \"{why}\" gives `yyy"),
        "{}",
        refused[0]
    );
}

/// A row that becomes two events is taken whole or not at all.
#[test]
fn a_row_is_refused_whole() {
    let map = format!(
        "{MAP}\n[[event]]\ntype = \"work.rated\"\nid = \"{{case}}/rated\"\nwork = \"{{case}}\"\ntime = \"{{at}}\"\nscore = \"{{why}}\"\n"
    );
    let (events, refused) = import_csv(
        &map,
        "case,at,why\n1,2026-01-01T00:00:00Z,five\n2,2026-01-01T00:00:00Z,5\n",
    );
    assert_eq!(events.len(), 2);
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].pointer, "/data/score");
}

#[test]
fn refused_rows_are_repaired_and_imported_again_with_the_same_map() {
    let csv = "case,at,why\n1,2026-01-01T00:00:00Z,x\n2,2026-01-01T00:00:00Z\n#! 3,bad,x\n4,2026-01-01T00:00:00Z,\"x\n";
    let scratch = Scratch::new(&[("rows.csv", csv.as_bytes())]);
    let (_, refused) = scratch.import(MAP, &["rows.csv"]);
    assert_eq!(refused.len(), 3);
    let mut files = RefusedFiles::new(scratch.path(""));
    for row in &refused {
        files.write(row).unwrap();
    }
    let paths = files.finish().unwrap();
    assert_eq!(paths, [scratch.path("rows.refused.csv")]);
    let kept = std::fs::read_to_string(&paths[0]).unwrap();
    assert!(
        kept.contains("#! line 3:  2 cells instead of 3; put quotes around a cell that holds the delimiter\n2,2026-01-01T00:00:00Z\n"),
        "{kept}"
    );
    // Unrepaired, the same rows are refused again, with nothing gained or lost.
    let (events, again) = scratch.import(MAP, &["rows.refused.csv"]);
    assert_eq!(events, []);
    // Their new file does not write over the one that is being repaired.
    let mut files = RefusedFiles::new(scratch.path(""));
    for row in &again {
        files.write(row).unwrap();
    }
    assert_eq!(
        files.finish().unwrap(),
        [scratch.path("rows.refused.2.csv")]
    );
    assert_eq!(std::fs::read_to_string(&paths[0]).unwrap(), kept);
    let raw = |rows: &[piecework_intake::Refused]| -> Vec<Vec<u8>> {
        rows.iter().map(|row| row.raw.clone()).collect()
    };
    assert_eq!(raw(&again), raw(&refused));
    let repaired = kept
        .replace("2,2026-01-01T00:00:00Z\n", "2,2026-01-01T00:00:00Z,x\n")
        .replace("#! 3,bad", "#! 3,2026-01-01T00:00:00Z")
        .replace(",\"x", ",x");
    std::fs::write(&paths[0], repaired).unwrap();
    let (events, refused) = scratch.import(MAP, &["rows.refused.csv"]);
    assert_eq!(refused, []);
    let works: Vec<_> = events
        .iter()
        .map(|event| event.work.as_deref().unwrap())
        .collect();
    assert_eq!(works, ["2", "#! 3", "4"]);
}

#[test]
fn what_happens_long_after_its_arrival_is_refused_with_its_row() {
    let scratch = Scratch::new(&[
        (
            "rows.csv",
            b"case,at,why\n1,2026-01-01T00:00:00Z,x\n2,2036-01-01T00:00:00Z,x\n" as &[u8],
        ),
        ("events.jsonl", EVENT.replace("2026", "2036").as_bytes()),
    ]);
    let now = "2026-01-01T00:00:00Z".parse().unwrap();
    let map = Map::parse(MAP).unwrap();
    let options = Options {
        received_at: Some(now),
        ..Options::default()
    };
    let import = Import::open(&map, &[Input::new(scratch.path("rows.csv"))], options).unwrap();
    let refused: Vec<Refused> = import.filter_map(Result::err).collect();
    assert_eq!((refused[0].line, refused[0].pointer.as_str()), (3, "/time"));
    assert!(
        refused[0]
            .problem
            .contains("more than 24 hours after its arrival"),
        "{}",
        refused[0]
    );
    let events = CloudEvents::open(&scratch.path("events.jsonl"), &Progress::default()).unwrap();
    let refused: Vec<Refused> = events.received_at(now).filter_map(Result::err).collect();
    assert_eq!((refused[0].line, refused[0].pointer.as_str()), (1, "/time"));
}

#[test]
fn gzip_is_known_by_its_first_bytes_and_a_cut_off_file_says_so() {
    let csv = format!(
        "case,at,why\n{}",
        "1,2026-01-01T00:00:00Z,x\n".repeat(5_000)
    );
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(csv.as_bytes()).unwrap();
    let packed = encoder.finish().unwrap();
    let cut = packed[..packed.len() / 2].to_vec();
    let scratch = Scratch::new(&[
        ("rows.csv.gz", &packed),
        ("misnamed.csv", &packed),
        ("cut.csv.gz", &cut),
    ]);
    for name in ["rows.csv.gz", "misnamed.csv"] {
        let (events, refused) = scratch.import(MAP, &[name]);
        assert_eq!((events.len(), refused.len()), (5_000, 0), "{name}");
    }
    let (events, refused) = scratch.import(MAP, &["cut.csv.gz"]);
    assert!(!events.is_empty() && events.len() < 5_000);
    assert!(
        refused
            .last()
            .unwrap()
            .problem
            .contains("reading stopped here"),
        "{refused:?}"
    );
}

#[test]
fn files_that_are_not_utf_8_text_are_refused_before_the_first_row() {
    let utf_16: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain("case,at,why\n".encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    let scratch = Scratch::new(&[("utf16.csv", &utf_16), ("empty.csv", b"")]);
    for (name, problem) in [("utf16.csv", "UTF-16"), ("empty.csv", "no header line")] {
        let error = scratch.try_import(MAP, &[name]).unwrap_err();
        let mut text = error.to_string();
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            text.push_str(&cause.to_string());
            source = cause.source();
        }
        assert!(text.contains(problem), "{name}: {text}");
    }
}

#[test]
fn progress_counts_the_bytes_of_the_files() {
    let scratch = Scratch::new(&[("rows.csv", b"case,at,why\n1,2026-01-01T00:00:00Z,x\n")]);
    let map = Map::parse(MAP).unwrap();
    let progress = Progress::default();
    let options = Options {
        progress: progress.clone(),
        ..Options::default()
    };
    let mut import = Import::open(&map, &[Input::new(scratch.path("rows.csv"))], options).unwrap();
    assert_eq!(progress.total_bytes(), 37);
    assert!(import.by_ref().all(|event| event.is_ok()));
    assert_eq!(progress.read_bytes(), 37);
    assert_eq!(import.counts().events, 1);
}

const EVENT: &str = r#"{"specversion":"1.0","id":"ID","source":"s","type":"piecework.work.opened.v1","subject":"acme","time":"2026-01-01T00:00:00Z","workid":"w"}"#;

fn cloud_events(contents: &[u8]) -> (Vec<String>, Vec<(u64, String, String)>) {
    let scratch = Scratch::new(&[("events.jsonl", contents)]);
    let (mut ids, mut faults) = (Vec::new(), Vec::new());
    for item in CloudEvents::open(&scratch.path("events.jsonl"), &Progress::default()).unwrap() {
        match item {
            Ok(event) => ids.push(event.id.to_string()),
            Err(refused) => faults.push((refused.line, refused.pointer, refused.problem)),
        }
    }
    (ids, faults)
}

#[test]
fn events_come_one_a_line_or_as_one_array() {
    let event = |id: &str| EVENT.replace("ID", id);
    let lines = format!("{}\n\n{}\n", event("1"), event("2"));
    assert_eq!(
        cloud_events(lines.as_bytes()),
        (vec!["1".into(), "2".into()], vec![])
    );
    let pretty = event("2").replace(',', ",\n  ");
    let array = format!("\n[\n{},\n{pretty}\n]\n", event("1"));
    assert_eq!(
        cloud_events(array.as_bytes()),
        (vec!["1".into(), "2".into()], vec![])
    );
    assert_eq!(cloud_events(b" [ ] "), (vec![], vec![]));
    assert_eq!(cloud_events(b""), (vec![], vec![]));
}

#[test]
fn a_faulty_event_is_named_by_line_and_pointer_and_stops_nothing() {
    let event = |id: &str| EVENT.replace("ID", id);
    let faulty = event("x").replace("\"workid\"", "\"workID\"");
    let lines = format!("{}\n{faulty}\nnot json\n{}\n", event("1"), event("2"));
    let (ids, faults) = cloud_events(lines.as_bytes());
    assert_eq!(ids, ["1", "2"]);
    assert_eq!((faults[0].0, faults[0].1.as_str()), (2, "/workID"));
    assert_eq!(faults[1].0, 3);
    let array = format!("[{},\n{{\"a\": }},\n{},]", event("1"), event("2"));
    let (ids, faults) = cloud_events(array.as_bytes());
    assert_eq!(ids, ["1", "2"]);
    assert_eq!(
        faults.iter().map(|fault| fault.0).collect::<Vec<_>>(),
        [2, 3]
    );
    let (ids, faults) = cloud_events(format!("[{}", event("1")).as_bytes());
    assert_eq!(ids, [""; 0]);
    assert!(faults[0].2.contains("has no end"), "{faults:?}");
    let (ids, faults) = cloud_events(format!("[{}] {}", event("1"), event("2")).as_bytes());
    assert_eq!(ids, ["1"]);
    assert!(faults[0].2.contains("text after the end"), "{faults:?}");
    let long = format!(
        "{}\n{}\n{}\n",
        event("1"),
        "x".repeat(ROW_BYTES_MAX + 1),
        event("2")
    );
    let (ids, faults) = cloud_events(long.as_bytes());
    assert_eq!((ids.len(), faults.len()), (2, 1));
}

#[test]
fn json_rows_recover_too() {
    let row = |case: &str| {
        format!("{{\"case\":\"{case}\",\"at\":\"2026-01-01T00:00:00Z\",\"why\":null}}\n")
    };
    let text = format!("{}[1]\n{{\"case\":\n{}", row("1"), row("2"));
    let (events, refused) = import_json(MAP, text);
    assert_eq!(events.len(), 2);
    assert_eq!(
        refused.iter().map(|row| row.line).collect::<Vec<_>>(),
        [2, 3]
    );
}

/// Each bound of `limits` that a small file can cross.
#[test]
fn what_is_too_large_says_so() {
    use piecework_intake::limits::{COLUMNS_MAX, EVENTS_PER_ROW_MAX, FILES_MAX, MAP_BYTES_MAX};
    let wide = format!("case,at,why{}\n", ",x".repeat(COLUMNS_MAX));
    let scratch = Scratch::new(&[("rows.csv", wide.as_bytes())]);
    let error = scratch.try_import(MAP, &["rows.csv"]).unwrap_err();
    assert!(
        error.to_string().contains("more than 4096 cells"),
        "{error}"
    );
    let each = "source = \"s\"\ncustomer = \"c\"\nwork = \"w\"\n[[event]]\neach = \"a\"\ntype = \"work.closed\"\nid = \"{item.n}\"\ntime = \"2026-01-01T00:00:00Z\"\n";
    let items: Vec<String> = (0..=EVENTS_PER_ROW_MAX)
        .map(|n| format!("{{\"n\":{n}}}"))
        .collect();
    let (_, refused) = import_json(each, format!("{{\"a\":[{}]}}\n", items.join(",")));
    assert!(
        refused[0].problem.contains("more than 1000 events"),
        "{}",
        refused[0]
    );
    let map = Map::parse(MAP).unwrap();
    let files = vec![Input::new("rows.csv"); FILES_MAX + 1];
    let error = Import::open(&map, &files, Options::default())
        .err()
        .unwrap();
    assert!(error.to_string().contains("at most 10000"), "{error}");
    let long = Map::parse(&"#".repeat(MAP_BYTES_MAX + 1)).unwrap_err();
    assert!(long.to_string().contains("longer than"), "{long}");
    let nested = format!(
        "{MAP}when = {}{{ case = \"1\" }}{}\n",
        "{ not = ".repeat(20),
        "}".repeat(20)
    );
    let deep = Map::parse(&nested).unwrap_err();
    assert!(deep.to_string().contains("at most 16 deep"), "{deep}");
}
