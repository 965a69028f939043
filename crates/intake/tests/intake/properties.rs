//! No bytes make a reader panic, well-formed CSV is read as another reader reads it, and a file
//! imported twice gives the same events.

use piecework_intake::guess::{Sample, guess};
use piecework_intake::{CloudEvents, Map, Progress};
use proptest::prelude::*;

use crate::support::{Scratch, import_csv};

const MAP: &str = "source = \"s\"\ncustomer = \"c\"\nwork = \"w\"\nid = \"{$row}\"\ntime = \"2026-01-01T00:00:00Z\"\nheader = false\ncolumns = [\"a\", \"b\"]\n[[event]]\ntype = \"work.closed\"\nreason = \"{a|or -}|{b|or -}\"\n";

/// Bytes that meet in files: structure, text, and a few that are not UTF-8.
fn file_bytes() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop_oneof![
        Just(b",".to_vec()),
        Just(b"\"".to_vec()),
        Just(b"\n".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b"{\"a\":".to_vec()),
        Just(b"}".to_vec()),
        Just(b"[".to_vec()),
        Just(b"]".to_vec()),
        Just(b"\\".to_vec()),
        Just(b"#! ".to_vec()),
        Just(vec![0xff]),
        "[a-zäß0-9 ]{0,4}".prop_map(String::into_bytes),
        proptest::collection::vec(any::<u8>(), 0..4),
    ];
    proptest::collection::vec(pieces, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in file_bytes()) {
        let scratch = Scratch::new(&[("x.csv", &bytes), ("x.jsonl", &bytes)]);
        for name in ["x.csv", "x.jsonl"] {
            let _ = scratch.try_import(MAP, &[name]);
            if let Ok(sample) = Sample::read(&scratch.path(name)) {
                let _ = guess(&sample).map(&[]);
            }
            let events = CloudEvents::open(&scratch.path(name), &Progress::default());
            prop_assert!(events.unwrap().count() <= bytes.len() + 1);
        }
        if let Ok(text) = String::from_utf8(bytes) {
            let _ = Map::parse(&text);
        }
    }

    /// Every byte of a broken file is either in a row that was read or in a refused one.
    #[test]
    fn nothing_is_lost_between_rows_read_and_rows_refused(bytes in file_bytes()) {
        let mut file = b"first,row\n".to_vec();
        file.extend(&bytes);
        let (events, refused) = import_csv(MAP, &file);
        let lines = file.split_inclusive(|byte| *byte == b'\n');
        let blank = |line: &&[u8]| line.iter().all(|byte| matches!(byte, b'\r' | b'\n' | b' '));
        let rows = lines.filter(|line| !blank(line)).count();
        prop_assert!(events.len() + refused.len() <= rows);
        prop_assert!(rows == 0 || !events.is_empty() || !refused.is_empty());
        for row in &refused {
            prop_assert!(row.raw.is_empty() || file.windows(row.raw.len()).any(|window| window == row.raw));
        }
    }

    /// The oracle is the `csv` crate, writing and reading.
    #[test]
    fn well_formed_rows_are_read_as_the_csv_crate_reads_them(
        rows in proptest::collection::vec(("[ -~\n\r\"äß,]{1,12}", "[ -~\n\r\"äß,]{1,12}"), 1..12)
    ) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        for (a, b) in &rows {
            writer.write_record([a, b]).unwrap();
        }
        let text = writer.into_inner().unwrap();
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_slice());
        let expected: Vec<String> = reader
            .records()
            .map(|record| {
                let record = record.unwrap();
                let cell = |index: usize| match record[index].trim() {
                    "" => "-".to_owned(),
                    known => known.to_owned(),
                };
                format!("{}|{}", cell(0), cell(1))
            })
            .collect();
        let (events, refused) = import_csv(MAP, &text);
        prop_assert_eq!(refused, vec![]);
        let found: Vec<String> = events
            .iter()
            .map(|event| match &event.body {
                work::body::Body::Closed { reason: Some(reason) } => reason.clone(),
                _ => String::new(),
            })
            .collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn the_same_file_twice_gives_the_same_events(bytes in file_bytes()) {
        let mut file = b"first,row\n".to_vec();
        file.extend(&bytes);
        let (events, refused) = import_csv(MAP, &file);
        let (again, refused_again) = import_csv(MAP, &file);
        prop_assert_eq!(events, again);
        // The scratch directory differs, so the refused rows are compared without their file.
        let place = |rows: Vec<piecework_intake::Refused>| -> Vec<(u64, String, Vec<u8>)> {
            rows.into_iter().map(|row| (row.line, row.problem, row.raw)).collect()
        };
        prop_assert_eq!(place(refused), place(refused_again));
    }
}
