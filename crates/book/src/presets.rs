//! Presets: whole sets of documents to start from, compiled in, versioned, sourced and dated.
//!
//! A preset is a directory `presets/<name>/<version>/` of the repository: a definition, a plan, the
//! file that `piecework init` writes, and where its terms and prices come from. A published version
//! never changes; what should differ goes into `piecework.toml`, or into the next version. Its
//! stories and its priced month are run by the tests of `pricing`.

use std::sync::LazyLock;

use serde::Deserialize;
use work::definition::suggest;

use crate::Result;
use crate::error::Absent;

/// A preset.
#[derive(Debug)]
pub struct Preset {
    /// The name, e.g. `fin-style`.
    pub name: String,
    /// The version, from 1.
    pub version: u32,
    /// What it sells, in a line.
    pub title: String,
    /// The job, as the buyer would ask.
    pub question: String,
    /// Whom it is for.
    pub whom: String,
    /// When its sources were last read.
    pub date: String,
    /// Where its terms and prices come from, each with a date.
    pub sources: Vec<String>,
    /// The texts of its definitions.
    pub definitions: &'static [&'static str],
    /// The text of its plan.
    pub plan: &'static str,
    template: &'static str,
}

impl Preset {
    /// Name and version, as `extends` writes them.
    #[must_use]
    pub fn reference(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }

    /// The text of the `piecework.toml` that `piecework init` writes.
    #[must_use]
    pub fn template(&self) -> &'static str {
        self.template
    }
}

/// Every preset, by name and version.
#[must_use]
pub fn all() -> &'static [Preset] {
    &ALL
}

/// The preset that a reference means: `fin-style@1`, or `fin-style` for the newest version.
///
/// # Errors
/// Where there is none; the message lists those there are.
pub fn find(reference: &str) -> Result<&'static Preset> {
    let (name, version) = match reference.split_once('@') {
        None => (reference, None),
        Some((name, version)) => (name, Some(version)),
    };
    let named = || all().iter().filter(|preset| preset.name == name);
    let found = match version {
        None => named().max_by_key(|preset| preset.version),
        Some(version) => named().find(|preset| preset.version.to_string() == version),
    };
    if let Some(preset) = found {
        return Ok(preset);
    }
    if named().next().is_some() {
        return Err(Absent::PresetVersion {
            reference: reference.to_owned(),
            name: name.to_owned(),
            known: named().map(Preset::reference).collect(),
        }
        .into());
    }
    Err(Absent::Preset {
        reference: reference.to_owned(),
        near: nearest(name).map(Preset::reference),
        known: all().iter().map(Preset::reference).collect(),
    }
    .into())
}

/// The preset whose name is a few letters away, or holds what was written.
fn nearest(name: &str) -> Option<&'static Preset> {
    let names: Vec<&str> = all().iter().map(|preset| preset.name.as_str()).collect();
    let near = suggest::nearest(name, &names);
    all().iter().find(|preset| match near {
        Some(near) => preset.name == near,
        None => name.len() >= 3 && preset.name.contains(&name.to_lowercase()),
    })
}

/// The texts of one preset.
struct Texts {
    about: &'static str,
    definitions: &'static [&'static str],
    plan: &'static str,
    template: &'static str,
}

/// What `preset.toml` says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct About {
    name: String,
    version: u32,
    title: String,
    question: String,
    #[serde(rename = "for")]
    whom: String,
    date: toml::value::Datetime,
    sources: Vec<String>,
}

macro_rules! texts {
    ($($directory:literal),+ $(,)?) => {
        [$(Texts {
            about: include_str!(concat!("../../../presets/", $directory, "/preset.toml")),
            definitions: &[include_str!(concat!("../../../presets/", $directory, "/definition.toml"))],
            plan: include_str!(concat!("../../../presets/", $directory, "/plan.toml")),
            template: include_str!(concat!("../../../presets/", $directory, "/piecework.toml")),
        }),+]
    };
}

/// The seven jobs of the trade, then the commercial presets.
const TEXTS: [Texts; 14] = texts![
    "resolve-the-ticket/1",
    "draft-the-filing/1",
    "summarise-the-call/1",
    "find-the-exception/1",
    "qualify-the-lead/1",
    "write-the-code/1",
    "catch-the-risk/1",
    "fin-style/1",
    "zendesk-style/1",
    "merged-pull-request/1",
    "qualified-lead/1",
    "validated-document/1",
    "platform-plus-overage/1",
    "full-hybrid/1",
];

static ALL: LazyLock<Vec<Preset>> = LazyLock::new(|| TEXTS.iter().map(read).collect());

fn read(texts: &Texts) -> Preset {
    // The texts are compiled in, and a test below reads every one of them.
    let about: About = toml::from_str(texts.about).expect("every preset.toml reads");
    Preset {
        name: about.name,
        version: about.version,
        title: about.title,
        question: about.question,
        whom: about.whom,
        date: about.date.to_string(),
        sources: about.sources,
        definitions: texts.definitions,
        plan: texts.plan,
        template: texts.template,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn every_directory_is_compiled_in_and_says_what_it_is() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../presets");
        let mut directories = Vec::new();
        for name in std::fs::read_dir(root).unwrap() {
            let name = name.unwrap().path();
            if name.is_dir() {
                for version in std::fs::read_dir(&name).unwrap() {
                    let text = std::fs::read_to_string(version.unwrap().path().join("preset.toml"));
                    directories.push(text.unwrap());
                }
            }
        }
        assert_eq!(directories.len(), TEXTS.len());
        for texts in &TEXTS {
            assert!(directories.iter().any(|text| text == texts.about));
        }
        for preset in all() {
            assert!(!preset.sources.is_empty(), "{}", preset.name);
            for source in &preset.sources {
                let dated = source.contains("20") || source.contains("docs/");
                assert!(dated, "{}: a source without a date: {source}", preset.name);
            }
            assert!(preset.question.ends_with('?'), "{}", preset.name);
            assert!(preset.whom.starts_with("vendors"), "{}", preset.name);
            assert_eq!(preset.date.len(), 10, "{}", preset.name);
        }
    }

    #[test]
    fn a_name_means_the_newest_version() {
        assert_eq!(find("fin-style").unwrap().reference(), "fin-style@1");
        assert_eq!(find("fin-style@1").unwrap().reference(), "fin-style@1");
    }

    #[test]
    fn an_unknown_preset_lists_those_there_are() {
        let message = |reference: &str| find(reference).unwrap_err().to_string();
        assert!(message("fin-stile").contains("did you mean `fin-style@1`?"));
        assert!(message("zendesk").contains("did you mean `zendesk-style@1`?"));
        assert!(message("fin-style@9").contains("of `fin-style` there is fin-style@1"));
        let far = message("subscription-box");
        assert!(!far.contains("did you mean"), "{far}");
        assert!(far.contains("platform-plus-overage@1") && far.contains("write-the-code@1"));
    }

    #[test]
    fn the_first_file_is_short_and_names_its_preset() {
        for preset in all() {
            let template = preset.template();
            assert!(template.lines().count() < 25, "{}", preset.name);
            let table: toml::Table = template.parse().unwrap();
            assert_eq!(table["extends"].as_str(), Some(preset.reference().as_str()));
        }
    }

    /// Lines that begin with `#` and no space are examples: uncommented, they are a valid file.
    #[test]
    fn the_examples_of_the_first_file_are_valid() {
        for preset in all() {
            let uncommented: String = preset
                .template()
                .lines()
                .map(|line| match line.strip_prefix('#') {
                    Some(example) if !example.starts_with(' ') => format!("{example}\n"),
                    _ => format!("{line}\n"),
                })
                .collect();
            assert_ne!(uncommented, preset.template(), "{}", preset.name);
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("piecework.toml");
            std::fs::write(&path, uncommented).unwrap();
            let config = crate::config::Config::read(&path).unwrap();
            let expanded = config.expand().unwrap();
            assert_ne!(
                expanded.definitions[0], preset.definitions[0],
                "{}",
                preset.name
            );
            assert_ne!(expanded.plan, preset.plan, "{}", preset.name);
            let definition = work::Definition::parse(&expanded.definitions[0])
                .unwrap_or_else(|error| panic!("{}: {error}", preset.name));
            let plan = pricing::Plan::parse(&expanded.plan)
                .unwrap_or_else(|error| panic!("{}: {error}", preset.name));
            let classes = definition.counts.len();
            let own = work::Definition::parse(preset.definitions[0]).unwrap();
            assert_eq!(
                classes,
                own.counts.len(),
                "{}: an example adds a class",
                preset.name
            );
            let faults = pricing::plan::check::check(&plan.components, &[&definition]);
            assert!(faults.is_empty(), "{}: {faults:?}", preset.name);
            assert!(config.customer.contains_key("acme"));
        }
    }
}
