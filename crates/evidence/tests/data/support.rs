//! Rows of a data set's file, by column name.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// A file of a data set, or `None` with a word on standard error where there is no data.
pub(crate) fn data(file: &str) -> Option<PathBuf> {
    let root = std::env::var_os("PIECEWORK_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let path = root.join(file);
    if path.is_file() {
        return Some(path);
    }
    assert!(
        std::env::var_os("CI").is_none(),
        "CI needs {}",
        path.display()
    );
    eprintln!(
        "skipped: {} is not there; set PIECEWORK_DATA",
        path.display()
    );
    None
}

/// The rows of a CSV text without quoted fields.
pub(crate) struct Table {
    columns: HashMap<String, usize>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn read(path: &Path) -> Table {
        Table::parse(&std::fs::read_to_string(path).unwrap())
    }

    pub(crate) fn parse(text: &str) -> Table {
        assert!(!text.contains('"'), "quoted fields are not read here");
        let mut lines = text.lines().filter(|line| !line.starts_with('#'));
        let fields = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
        let columns = fields(lines.next().unwrap());
        Table {
            columns: columns
                .into_iter()
                .enumerate()
                .map(|(n, name)| (name, n))
                .collect(),
            rows: lines.map(fields).collect(),
        }
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|fields| Row {
            columns: &self.columns,
            fields,
        })
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    columns: &'a HashMap<String, usize>,
    fields: &'a [String],
}

impl<'a> Row<'a> {
    pub(crate) fn text(self, column: &str) -> &'a str {
        &self.fields[self.columns[column]]
    }

    pub(crate) fn number(self, column: &str) -> f64 {
        self.text(column).parse().unwrap()
    }

    pub(crate) fn whole(self, column: &str) -> i64 {
        self.text(column).parse().unwrap()
    }
}

/// Fails unless the two agree to so many decimals.
#[track_caller]
pub(crate) fn decimals(is: f64, wanted: f64, decimals: i32) {
    let off = (is - wanted).abs();
    assert!(
        off <= 0.500_01 * 10f64.powi(-decimals),
        "{is}, wanted {wanted}"
    );
}
