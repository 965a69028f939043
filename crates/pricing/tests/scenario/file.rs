//! [`Scenario`]: a file of `tests/scenarios`, read; and its expected lines, written anew.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use toml::Spanned;
use work::{Definition, Digest};

/// The definition of a scenario that names none.
const DEFINITION: &str = "definitions/case.toml";
/// Who buys.
pub const CUSTOMER: &str = "acme";
/// The contract of a scenario that names no other.
pub const CONTRACT: &str = "contract";

/// A scenario as its file tells it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    pub title: String,
    pub why: String,
    zone: Option<String>,
    plan: String,
    definition: Option<OneOrMore>,
    contract: Option<String>,
    pub every_event: Option<String>,
    /// Where the contract goes on from, for the timeline's `open`.
    pub opening: Option<String>,
    /// Further documents, by the name that the timeline calls them by.
    #[serde(default)]
    further: BTreeMap<String, Documents>,
    /// Documents whose numbers enter rating, by the name that the timeline publishes them by.
    #[serde(default)]
    pub published: BTreeMap<String, PublishedText>,
    #[serde(default)]
    pub timeline: String,
    /// What the account may flag, by a part of its words.
    #[serde(default)]
    pub flagged: Vec<String>,
    /// What is on account when the timeline is over.
    pub on_account: Option<String>,
    #[serde(default)]
    pub statement: Vec<Expected>,
    /// The covers, in the order of issue.
    #[serde(default)]
    pub cover: Vec<ExpectedCover>,
}

/// Plan, definitions and contract: each the text itself, or the path of a file beside the scenario.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Documents {
    plan: Option<String>,
    definition: Option<OneOrMore>,
    contract: Option<String>,
}

/// A document whose numbers enter rating.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedText {
    pub kind: String,
    pub text: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

/// A statement that is expected.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    pub cut: Spanned<String>,
    /// Drawn up at the cut, not issued.
    #[serde(default)]
    pub preview: bool,
    pub contract: Option<String>,
    pub lines: Option<Spanned<String>>,
    pub total: Option<Spanned<String>>,
    /// What prepaid credits pay of it, and what goes back to them, by grant.
    pub credits: Option<Spanned<String>>,
    /// What is left to be paid after credits.
    pub payable: Option<Spanned<String>>,
    /// What is held back of everything stated so far.
    pub retained: Option<Spanned<String>>,
    /// Works and usage that wait, by reason.
    pub pending: Option<Spanned<String>>,
    /// Documents that periods which are over wait for.
    pub awaited: Option<Spanned<String>>,
    /// What is still to be paid of it when the timeline is over.
    pub open: Option<Spanned<String>>,
}

/// A cover that is expected.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedCover {
    pub through: Spanned<String>,
    /// Its statements, each with what it comes to.
    pub parts: Option<Spanned<String>>,
    pub total: Option<Spanned<String>>,
    /// What is left to be paid after credits.
    pub payable: Option<Spanned<String>>,
    /// The day by which it is to be paid.
    pub due: Option<Spanned<String>>,
    /// What is still to be paid of it when the timeline is over.
    pub open: Option<Spanned<String>>,
}

/// The texts that a contract is made of.
#[derive(Debug, Clone)]
pub struct Texts {
    pub plan: String,
    pub definitions: Vec<String>,
    pub contract: String,
    pub id: String,
}

/// A scenario with its place and its documents.
#[derive(Debug)]
pub struct File {
    pub path: PathBuf,
    pub text: String,
    pub scenario: Scenario,
    pub zone: TimeZone,
    pub texts: Texts,
    pub further: BTreeMap<String, Texts>,
}

/// Every scenario file below a directory; documents that they share stand in directories of their own.
pub fn all(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut entries: Vec<PathBuf> = std::fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !matches!(name.as_str(), "definitions" | "plans" | "contracts") {
            found.extend(all(&path));
        } else if name.ends_with(".toml") {
            found.push(path);
        }
    }
    found
}

impl File {
    /// Reads a scenario and the documents that it names.
    pub fn read(root: &Path, path: &Path) -> Result<File, String> {
        let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
        File::parse(root, path, text)
    }

    /// The scenario of a text that stands at a path.
    pub fn parse(root: &Path, path: &Path, text: String) -> Result<File, String> {
        let scenario: Scenario = toml::from_str(&text).map_err(|error| error.to_string())?;
        let zone = scenario.zone.as_deref().unwrap_or("UTC");
        let time_zone = TimeZone::get(zone).map_err(|error| error.to_string())?;
        let beside = Beside {
            root,
            directory: path.parent().unwrap(),
            zone,
        };
        let first = Documents {
            plan: Some(scenario.plan.clone()),
            definition: scenario.definition.clone(),
            contract: scenario.contract.clone(),
        };
        let texts = beside.texts(&first, None)?;
        let further = scenario
            .further
            .iter()
            .map(|(name, documents)| Ok((name.clone(), beside.texts(documents, Some(&texts))?)))
            .collect::<Result<_, String>>()?;
        Ok(File {
            path: path.to_owned(),
            zone: time_zone,
            text,
            scenario,
            texts,
            further,
        })
    }

    pub fn definitions(&self) -> Result<Vec<Definition>, String> {
        let texts = self.texts.definitions.iter();
        let further = self.further.values().flat_map(|texts| &texts.definitions);
        let mut read: Vec<&String> = texts.chain(further).collect();
        read.sort();
        read.dedup();
        read.into_iter()
            .map(|text| Definition::parse(text).map_err(|error| format!("{error:#?}")))
            .collect()
    }
}

struct Beside<'a> {
    root: &'a Path,
    directory: &'a Path,
    zone: &'a str,
}

impl Beside<'_> {
    /// The text itself, or that of the file that it names.
    fn text(&self, text: &str) -> Result<String, String> {
        let names_a_file = !text.contains('\n') && text.ends_with(".toml");
        if !names_a_file {
            return Ok(text.to_owned());
        }
        let path = self.directory.join(text);
        std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
    }

    fn texts(&self, documents: &Documents, first: Option<&Texts>) -> Result<Texts, String> {
        let plan = match (&documents.plan, first) {
            (Some(plan), _) => self.text(plan)?,
            (None, Some(first)) => first.plan.clone(),
            (None, None) => return Err("a scenario has a `plan`".to_owned()),
        };
        let plan = complete_plan(&plan)?;
        let definitions = match (&documents.definition, first) {
            (Some(OneOrMore::One(text)), _) => vec![self.text(text)?],
            (Some(OneOrMore::More(texts)), _) => {
                let texts = texts.iter().map(|text| self.text(text));
                texts.collect::<Result<_, _>>()?
            }
            (None, Some(first)) => first.definitions.clone(),
            (None, None) => {
                let path = self.root.join(DEFINITION);
                vec![std::fs::read_to_string(path).map_err(|error| error.to_string())?]
            }
        };
        let terms = match &documents.contract {
            Some(terms) => self.text(terms)?,
            None => String::new(),
        };
        let read: toml::Table = terms
            .parse()
            .map_err(|error: toml::de::Error| format!("contract: {error}"))?;
        // An amendment has the id and the first day of what it amends.
        let own: Option<toml::Table> = first.map(|first| first.contract.parse().unwrap());
        let id = match read.get("id") {
            Some(id) => id.as_str().unwrap_or_default().to_owned(),
            None => CONTRACT.to_owned(),
        };
        let starts = match own.as_ref().and_then(|own| own.get("starts")) {
            Some(starts) if id == CONTRACT => starts.to_string(),
            _ => "2026-01-01".to_owned(),
        };
        let currency: toml::Table = plan
            .parse()
            .map_err(|error: toml::de::Error| format!("plan: {error}"))?;
        let digests: Vec<String> = definitions
            .iter()
            .map(|text| format!("\"{}\"", Digest::of(text.as_bytes())))
            .collect();
        let mut contract = String::new();
        for (key, value) in [
            ("id", format!("\"{id}\"")),
            ("customer", format!("\"{CUSTOMER}\"")),
            ("plan", format!("\"{}\"", Digest::of(plan.as_bytes()))),
            ("definitions", format!("[{}]", digests.join(", "))),
            ("starts", starts),
            ("time_zone", format!("\"{}\"", self.zone)),
            ("currency", currency["currency"].to_string()),
        ] {
            if !read.contains_key(key) {
                writeln!(contract, "{key} = {value}").unwrap();
            }
        }
        contract += &terms;
        Ok(Texts {
            plan,
            definitions,
            contract,
            id,
        })
    }
}

/// A plan as scenarios write it: id, version and currency are there without being written.
fn complete_plan(text: &str) -> Result<String, String> {
    let read: toml::Table = text
        .parse()
        .map_err(|error: toml::de::Error| format!("plan: {error}"))?;
    let mut plan = String::new();
    for (key, value) in [
        ("id", "\"plan\""),
        ("version", "1"),
        ("currency", "\"USD\""),
    ] {
        if !read.contains_key(key) {
            writeln!(plan, "{key} = {value}").unwrap();
        }
    }
    Ok(plan + text)
}

/// The first day of a contract's term, from its text.
pub fn starts(contract: &str) -> Date {
    let read: toml::Table = contract.parse().unwrap();
    read["starts"].to_string().parse().unwrap()
}

/// What stands in the file in place of something.
pub struct Patch {
    pub place: Range<usize>,
    pub text: String,
}

/// The text with its patches.
pub fn patched(text: &str, mut patches: Vec<Patch>) -> String {
    patches.sort_by_key(|patch| std::cmp::Reverse(patch.place.start));
    let mut text = text.to_owned();
    for patch in patches {
        text.replace_range(patch.place, &patch.text);
    }
    text
}
