//! [`Rows`]: a CSV file with a header, read whole and within bounds; every fault is told with its line.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use csv::StringRecord;
use pages::view::StudyData;
use work::Digest;

use crate::cli::{Condition, StudyFile};

/// Rows that one study looks at.
pub const ROWS_MAX: usize = 2_000_000;
/// Bytes of its file.
pub const BYTES_MAX: u64 = 512 * 1024 * 1024;

/// The rows of a file that are looked at.
pub struct Rows {
    headers: StringRecord,
    rows: Vec<Row>,
    file: String,
    digest: String,
}

/// A row.
pub struct Row {
    /// Its line in the file, from 1.
    line: u64,
    fields: StringRecord,
}

/// A column of some rows.
#[derive(Clone, Copy)]
pub struct Column<'a> {
    at: usize,
    name: &'a str,
}

/// A condition whose column is there.
#[derive(Clone, Copy)]
pub struct Is<'a> {
    column: Column<'a>,
    values: &'a [String],
}

impl Rows {
    /// Reads what a command line names.
    pub fn read(args: &StudyFile) -> Result<Rows> {
        let path = args.file.as_path();
        let of = || format!("cannot read {}", path.display());
        // Not by the length that it says: a pipe says none.
        let file = File::open(path).with_context(of)?;
        let mut bytes = Vec::new();
        file.take(BYTES_MAX + 1)
            .read_to_end(&mut bytes)
            .with_context(of)?;
        ensure!(
            bytes.len() as u64 <= BYTES_MAX,
            "{} has more than {BYTES_MAX} bytes: leave out columns, or take a sample",
            path.display()
        );
        Rows::of(&bytes, path, &args.only)
    }

    fn of(bytes: &[u8], path: &Path, only: &[Condition]) -> Result<Rows> {
        let shown = path.display();
        let mut reader = csv::ReaderBuilder::new().from_reader(bytes);
        let headers = reader
            .headers()
            .with_context(|| format!("{shown}: the header"))?;
        let mut own = Rows {
            headers: headers.clone(),
            rows: Vec::new(),
            file: path.file_name().map_or_else(
                || shown.to_string(),
                |name| name.to_string_lossy().into_owned(),
            ),
            digest: Digest::of(bytes).to_string(),
        };
        let wanted = only
            .iter()
            .map(|condition| own.is(condition))
            .collect::<Result<Vec<Is<'_>>>>()?;
        let mut rows = Vec::new();
        for record in reader.records() {
            let fields = record.with_context(|| shown.to_string())?;
            let line = fields.position().map_or(0, csv::Position::line);
            let row = Row { line, fields };
            if wanted.iter().all(|is| is.of(&row)) {
                ensure!(
                    rows.len() < ROWS_MAX,
                    "{shown} has more than {ROWS_MAX} rows to look at: choose with --only, or take a sample"
                );
                rows.push(row);
            }
        }
        ensure!(!rows.is_empty(), "{shown} has no row to look at");
        own.rows = rows;
        Ok(own)
    }

    /// What was looked at.
    pub fn data(&self) -> StudyData {
        StudyData {
            file: self.file.clone(),
            digest: self.digest.clone(),
            rows: self.rows.len() as u64,
        }
    }

    /// The column of a name.
    pub fn column<'a>(&self, name: &'a str) -> Result<Column<'a>> {
        let at = self.headers.iter().position(|own| own == name);
        let at = at.with_context(|| {
            let known: Vec<&str> = self.headers.iter().collect();
            format!(
                "{} has no column `{name}`; it has: {}",
                self.file,
                known.join(", ")
            )
        })?;
        Ok(Column { at, name })
    }

    /// A condition on one of the columns.
    pub fn is<'a>(&self, condition: &'a Condition) -> Result<Is<'a>> {
        Ok(Is {
            column: self.column(&condition.column)?,
            values: &condition.values,
        })
    }

    /// All rows, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter()
    }

    /// The rows by the values of a column, or all together under `whole`.
    pub fn by(&self, column: Option<&str>, whole: &str) -> Result<BTreeMap<String, Vec<&Row>>> {
        let mut groups: BTreeMap<String, Vec<&Row>> = BTreeMap::new();
        let column = column.map(|name| self.column(name)).transpose()?;
        for row in &self.rows {
            let group = column.map_or(whole, |own| row.text(own));
            groups.entry(group.to_owned()).or_default().push(row);
        }
        Ok(groups)
    }

    /// The numbers of a column on both sides of a condition: those that hold it, and the others.
    pub fn sides(&self, outcome: &str, is: &Condition) -> Result<[Vec<f64>; 2]> {
        let (outcome, is) = (self.column(outcome)?, self.is(is)?);
        let mut sides = [Vec::new(), Vec::new()];
        for row in &self.rows {
            sides[usize::from(!is.of(row))].push(row.number(outcome)?);
        }
        Ok(sides)
    }
}

impl Row {
    /// A field.
    pub fn text(&self, column: Column<'_>) -> &str {
        self.fields.get(column.at).unwrap_or_default().trim()
    }

    /// A field that is a number.
    pub fn number(&self, column: Column<'_>) -> Result<f64> {
        let text = self.text(column);
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number),
            _ => bail!(
                "line {}: `{}` is `{text}`, which is no number; leave such rows out with --only",
                self.line,
                column.name
            ),
        }
    }

    /// A field that is a whole number; nothing where it is empty.
    pub fn whole(&self, column: Column<'_>) -> Result<Option<i64>> {
        let text = self.text(column);
        if text.is_empty() {
            return Ok(None);
        }
        let whole = text.parse().with_context(|| {
            format!(
                "line {}: `{}` is `{text}`, which is no whole number",
                self.line, column.name
            )
        })?;
        Ok(Some(whole))
    }

    /// A field that must be there.
    pub fn expect_whole(&self, column: Column<'_>) -> Result<i64> {
        self.whole(column)?
            .with_context(|| format!("line {}: `{}` is empty", self.line, column.name))
    }

    /// Its line in the file.
    pub fn line(&self) -> u64 {
        self.line
    }
}

impl Is<'_> {
    /// Whether a row holds it.
    pub fn of(&self, row: &Row) -> bool {
        let text = row.text(self.column);
        self.values.iter().any(|value| value == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str, only: &[&str]) -> Result<Rows> {
        let only: Vec<Condition> = only.iter().map(|own| own.parse().unwrap()).collect();
        Rows::of(text.as_bytes(), Path::new("dir/a.csv"), &only)
    }

    #[test]
    fn faults_have_their_place_and_what_there_is_instead() {
        let told = |outcome: Result<Rows>| format!("{:#}", outcome.err().unwrap());
        assert_eq!(told(rows("a,b\n", &[])), "dir/a.csv has no row to look at");
        assert_eq!(
            told(rows("a,b\n1,2\n", &["c=1"])),
            "a.csv has no column `c`; it has: a, b"
        );
        assert!(told(rows("a,b\n1,2\n1,2,3\n", &[])).contains("line: 3"));
        let own = rows("a,b\n1,\nx,NaN\n", &[]).unwrap();
        let (a, b) = (own.column("a").unwrap(), own.column("b").unwrap());
        let all: Vec<&Row> = own.iter().collect();
        assert_eq!(all[0].number(a).unwrap(), 1.0);
        assert_eq!(all[0].whole(b).unwrap(), None);
        for column in [a, b] {
            let fault = all[1].number(column).unwrap_err().to_string();
            assert!(fault.starts_with("line 3: "), "{fault}");
        }
        assert!(all[1].whole(a).is_err() && all[0].expect_whole(b).is_err());
    }

    #[test]
    fn what_is_too_much_is_refused() {
        let text = format!("a\n{}", "1\n".repeat(ROWS_MAX + 1));
        let fault = rows(&text, &[]).err().unwrap().to_string();
        assert!(fault.contains("has more than 2000000 rows"), "{fault}");
        assert!(rows(&text[..text.len() - 2], &[]).is_ok());
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("long.csv");
        File::create(&path).unwrap().set_len(BYTES_MAX + 1).unwrap();
        let args = StudyFile {
            file: path,
            only: Vec::new(),
            html: None,
        };
        let fault = Rows::read(&args).err().unwrap().to_string();
        assert!(fault.contains("more than 536870912 bytes"), "{fault}");
    }

    #[test]
    fn rows_are_chosen_and_grouped() {
        let own = rows("a,b\n1,x\n2,y\n3,x\n4,z\n", &["b=x,y"]).unwrap();
        assert_eq!(own.data().rows, 3);
        assert_eq!(own.data().file, "a.csv");
        let groups = own.by(Some("b"), "all").unwrap();
        let sizes: Vec<(&str, usize)> = groups
            .iter()
            .map(|(name, rows)| (name.as_str(), rows.len()))
            .collect();
        assert_eq!(sizes, [("x", 2), ("y", 1)]);
        let sides = own.sides("a", &"b=x".parse().unwrap()).unwrap();
        assert_eq!(sides, [vec![1.0, 3.0], vec![2.0]]);
    }
}
