//! `piecework show`: what is in force, and where it comes from.

use anyhow::Result;
use book::documents::Documents;
use book::presets;
use serde::Serialize;

use crate::Done;
use crate::cli::Show;
use crate::context::Context;
use crate::output::table;

#[derive(Serialize)]
struct Shown {
    preset: String,
    /// Whom the preset is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    whom: Option<String>,
    /// When its sources were last read.
    #[serde(skip_serializing_if = "Option::is_none")]
    sources_read: Option<String>,
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
    let origin = preset.map_or(
        "documents of one's own".to_owned(),
        presets::Preset::reference,
    );
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
        whom: preset.map(|preset| preset.whom.clone()),
        sources_read: preset.map(|preset| preset.date.clone()),
        sources: preset
            .map(|preset| preset.sources.clone())
            .unwrap_or_default(),
        documents: rows,
    };
    context.out.value(&shown, |shown| {
        let mut lines = vec![format!(
            "in force: {} and what piecework.toml changes",
            shown.preset
        )];
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
        if let (Some(whom), Some(date)) = (&shown.whom, &shown.sources_read) {
            lines.push(format!(
                "the preset is for {whom}; its sources were last read on {date}:"
            ));
            lines.extend(shown.sources.iter().map(|source| format!("- {source}")));
        }
        for document in &shown.documents {
            if let Some(text) = &document.text {
                lines.push(format!(
                    "\n# ---- {} {} ----\n{}",
                    document.kind,
                    document.id,
                    text.trim_end()
                ));
            }
        }
        lines
    })?;
    Ok(Done::Well)
}
