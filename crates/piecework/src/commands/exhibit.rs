//! `piecework exhibit`: a definition in plain English, the annex that both parties sign.

use anyhow::{Context as _, Result};
use serde::Serialize;
use work::definition::exhibit::{EdgeCase, Exhibit as Annex, exhibit};

use crate::Done;
use crate::cli::Exhibit;
use crate::context::Context;
use crate::documents::{self, Documents};

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
    context.out.value(&shown, |all| {
        let mut lines = Vec::new();
        for annex in all {
            lines.push(format!(
                "Exhibit: {}\nDigest of the definition: {}\n",
                annex.id, annex.digest
            ));
            for section in &annex.sections {
                lines.push(section.heading.to_owned());
                lines.extend(
                    section
                        .sentences
                        .iter()
                        .map(|sentence| format!("  {sentence}")),
                );
                lines.push(String::new());
            }
            lines.push("Edge cases".to_owned());
            for (number, case) in annex.cases.iter().enumerate() {
                lines.push(format!(
                    "  {}. {}\n     {}",
                    number + 1,
                    case.question,
                    case.answer
                ));
            }
        }
        lines
    })?;
    Ok(Done::Well)
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
