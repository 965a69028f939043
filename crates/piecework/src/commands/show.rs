//! `piecework show`: what is in force, and where it comes from.

use anyhow::Result;
use serde::Serialize;

use crate::Done;
use crate::cli::Show;
use crate::context::Context;
use crate::documents::Documents;
use crate::output::table;
use crate::presets;

#[derive(Serialize)]
struct Shown {
    preset: String,
    sources: Vec<String>,
    documents: Vec<Document>,
}

#[derive(Serialize)]
struct Document {
    kind: &'static str,
    id: String,
    digest: String,
    about: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

/// Runs the command.
pub fn run(context: &Context, args: &Show) -> Result<Done> {
    let config = context.config()?;
    let preset = config.preset()?;
    let origin = preset.map_or("documents of one's own".to_owned(), presets::Preset::reference);
    let documents = Documents::of(&config)?;
    let text = |text: &str| args.expanded.then(|| text.to_owned());
    let mut rows: Vec<Document> = documents
        .definitions
        .iter()
        .zip(&documents.texts.definitions)
        .map(|(definition, source)| Document {
            kind: "definition",
            id: definition.id.clone(),
            digest: definition.digest.to_string(),
            about: definition.question.clone(),
            text: text(source),
        })
        .collect();
    rows.push(Document {
        kind: "plan",
        id: format!("{}@{}", documents.plan.id, documents.plan.version),
        digest: documents.plan.digest.to_string(),
        about: documents
            .plan
            .components
            .iter()
            .map(|component| format!("{} ({})", component.id, component.surface().word()))
            .collect::<Vec<_>>()
            .join(", "),
        text: text(&documents.texts.plan),
    });
    let shown = Shown {
        preset: origin,
        sources: preset.map(|preset| preset.sources.clone()).unwrap_or_default(),
        documents: rows,
    };
    context.out.value(&shown, |shown| {
        let mut lines = vec![format!("in force: {} and what piecework.toml changes", shown.preset)];
        lines.push(table(
            &["document", "id", "digest", "about"],
            shown.documents.iter().map(|document| {
                vec![
                    document.kind.to_owned(),
                    document.id.clone(),
                    document.digest[..12].to_owned(),
                    document.about.clone(),
                ]
            }),
        ));
        for document in &shown.documents {
            if let Some(text) = &document.text {
                lines.push(format!("\n# ---- {} {} ----\n{}", document.kind, document.id, text.trim_end()));
            }
        }
        lines
    })?;
    Ok(Done::Well)
}
