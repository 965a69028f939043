//! `piecework exhibit`: a definition in plain English, the annex that both parties sign.

use anyhow::{Context as _, Result, bail};
use serde::Serialize;
use work::Digest;
use work::definition::exhibit::{EdgeCase, Exhibit as Annex, exhibit};

use crate::Done;
use crate::cli::Exhibit;
use crate::context::Context;
use crate::documents::{self, Documents};

/// How the line of an exhibit begins that names the definition.
pub const DIGEST_LINE: &str = "Digest of the definition: ";

#[derive(Serialize)]
struct Shown {
    id: String,
    digest: String,
    sections: Vec<Section>,
    cases: Vec<Case>,
}

#[derive(Serialize)]
struct Section {
    heading: &'static str,
    sentences: Vec<String>,
}

#[derive(Serialize)]
struct Case {
    question: String,
    answer: String,
}

/// Runs the command.
pub fn run(context: &Context, args: &Exhibit) -> Result<Done> {
    let annexes: Vec<Annex> = match &args.definition {
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            vec![exhibit(&documents::definition(
                &path.display().to_string(),
                &text,
            )?)]
        }
        None => Documents::of(&context.config()?)?
            .definitions
            .iter()
            .map(exhibit)
            .collect(),
    };
    let shown: Vec<Shown> = annexes.into_iter().map(shown).collect();
    if args.plain {
        return plain(context, &shown);
    }
    context
        .out
        .value(&shown, |all| all.iter().flat_map(lines).collect())?;
    Ok(Done::Well)
}

/// Prints one exhibit, the text that a buyer acknowledges by its digest.
fn plain(context: &Context, all: &[Shown]) -> Result<Done> {
    let [one] = all else {
        bail!(
            "{} definitions are in force, and a text that is acknowledged is of one; name the              definition's file",
            all.len()
        );
    };
    #[derive(Serialize)]
    struct Plain {
        text: String,
        digest: String,
        definition: String,
    }
    let mut text = lines(one).join("\n");
    text.push('\n');
    let plain = Plain {
        digest: Digest::of(text.as_bytes()).to_string(),
        text,
        definition: one.digest.clone(),
    };
    context.out.value(&plain, |plain| {
        plain.text.lines().map(str::to_owned).collect()
    })?;
    Ok(Done::Well)
}

fn lines(annex: &Shown) -> Vec<String> {
    let mut lines = vec![
        format!("Exhibit: {}", annex.id),
        format!("{DIGEST_LINE}{}", annex.digest),
        String::new(),
    ];
    for section in &annex.sections {
        lines.push(section.heading.to_owned());
        let sentences = section.sentences.iter();
        lines.extend(sentences.map(|sentence| format!("  {sentence}")));
        lines.push(String::new());
    }
    lines.push("Edge cases".to_owned());
    for (number, case) in (1..).zip(&annex.cases) {
        lines.push(format!("  {number}. {}", case.question));
        lines.push(format!("     {}", case.answer));
    }
    lines
}

fn shown(annex: Annex) -> Shown {
    Shown {
        id: annex.id,
        digest: annex.digest.to_string(),
        sections: annex
            .sections
            .into_iter()
            .map(|section| Section {
                heading: section.heading,
                sentences: section.sentences,
            })
            .collect(),
        cases: annex
            .cases
            .into_iter()
            .map(
                |EdgeCase {
                     question, answer, ..
                 }| Case { question, answer },
            )
            .collect(),
    }
}
