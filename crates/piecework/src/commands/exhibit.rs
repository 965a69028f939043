//! `piecework exhibit`: a definition in plain English, the annex that both parties sign.

use anyhow::{Context as _, Result, bail};
use book::documents::{self, Documents};
use serde::Serialize;
use work::Digest;
use work::definition::exhibit::{EdgeCase, Exhibit as Annex, exhibit};

use crate::Done;
use crate::cli::Exhibit;
use crate::context::Context;

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
    if args.plain {
        return plain(context, &annexes);
    }
    let texts: Vec<String> = annexes.iter().map(Annex::plain).collect();
    let shown: Vec<Shown> = annexes.into_iter().map(shown).collect();
    context.out.value(&shown, |_| {
        texts
            .iter()
            .flat_map(|text| text.lines().map(str::to_owned))
            .collect()
    })?;
    Ok(Done::Well)
}

/// Prints one exhibit, the text that a buyer acknowledges by its digest.
fn plain(context: &Context, all: &[Annex]) -> Result<Done> {
    #[derive(Serialize)]
    struct Plain {
        text: String,
        digest: String,
        definition: String,
    }
    let [one] = all else {
        bail!(
            "{} definitions are in force, and a text that is acknowledged is of one; name the \
             definition's file",
            all.len()
        );
    };
    let text = one.plain();
    let plain = Plain {
        digest: Digest::of(text.as_bytes()).to_string(),
        text,
        definition: one.digest.to_string(),
    };
    context.out.value(&plain, |plain| {
        plain.text.lines().map(str::to_owned).collect()
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
