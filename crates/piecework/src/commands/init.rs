//! `piecework init`: one file and an empty book.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use book::Book;
use book::config::{Config, FILE_NAME};
use book::presets;
use toml::{Table, Value};

use crate::Done;
use crate::cli::Init;
use crate::context::Context;
use crate::output::table;
use crate::random;

/// Runs the command.
pub fn run(context: &Context, args: &Init) -> Result<Done> {
    if args.list {
        let rows = presets::all().iter().map(|preset| {
            vec![
                preset.reference(),
                preset.question.clone(),
                preset.title.clone(),
            ]
        });
        context
            .out
            .line(table(&["preset", "the buyer asks", "what it sells"], rows))?;
        return Ok(Done::Well);
    }
    let path = args.directory.join(FILE_NAME);
    if path.exists() {
        let config = Config::read(&path)?;
        if config.book.exists() {
            bail!(
                "{} and its book exist; edit the file, or choose another directory",
                path.display()
            );
        }
        let book = Book::create(config, random::source(), context.now)?;
        context
            .out
            .line(format!("made an empty book in {}", book.path().display()))?;
        return Ok(Done::Well);
    }
    let (text, origin) = match &args.plan {
        Some(plan) => (
            own_documents(&args.definitions, plan)?,
            "documents of your own".to_owned(),
        ),
        None => {
            let preset = presets::find(&args.preset)?;
            (preset.template().to_owned(), preset.reference())
        }
    };
    std::fs::create_dir_all(&args.directory)
        .with_context(|| format!("cannot make the directory {}", args.directory.display()))?;
    std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    let book = Book::create(Config::read(&path)?, random::source(), context.now)?;
    context.out.line(format!(
        "wrote {} ({origin}) and an empty book in {}",
        path.display(),
        book.path().display()
    ))?;
    context
        .out
        .line("next: piecework import --map MAP FILE, or piecework ingest EVENTS.jsonl")?;
    Ok(Done::Well)
}

/// A configuration with documents of one's own, which stay where they are.
fn own_documents(definitions: &[PathBuf], plan: &Path) -> Result<String> {
    let absolute = |path: &Path| -> Result<Value> {
        let path = path
            .canonicalize()
            .with_context(|| format!("cannot read the document {}", path.display()))?;
        Ok(Value::String(path.display().to_string()))
    };
    let definitions = definitions
        .iter()
        .map(|path| absolute(path))
        .collect::<Result<Vec<_>>>()?;
    let mut documents = Table::new();
    documents.insert("definitions".to_owned(), Value::Array(definitions));
    documents.insert("plan".to_owned(), absolute(plan)?);
    let mut config = Table::new();
    config.insert("documents".to_owned(), Value::Table(documents));
    Ok(format!(
        "# What you sell, at which price: all of it with `piecework show --expanded`.\n{}",
        toml::to_string(&config).context("writing the configuration")?
    ))
}
