//! `piecework init`: one file and an empty book.

use anyhow::{Context as _, Result, bail};

use crate::Done;
use crate::cli::Init;
use crate::config::{Config, FILE_NAME};
use crate::context::{Book, Context};
use crate::output::table;
use crate::presets;

/// Runs the command.
pub fn run(context: &Context, args: &Init) -> Result<Done> {
    if args.list {
        let rows = presets::all()
            .iter()
            .map(|preset| vec![preset.reference(), preset.question.clone(), preset.title.clone()]);
        context.out.line(table(&["preset", "the buyer asks", "what it sells"], rows))?;
        return Ok(Done::Well);
    }
    let path = args.directory.join(FILE_NAME);
    if path.exists() {
        let config = Config::read(&path)?;
        if config.book.exists() {
            bail!("{} and its book exist; edit the file, or choose another directory", path.display());
        }
        let book = Book::create(config)?;
        context.out.line(format!("made an empty book in {}", book.path().display()))?;
        return Ok(Done::Well);
    }
    let preset = presets::find(&args.preset)?;
    std::fs::create_dir_all(&args.directory)
        .with_context(|| format!("cannot make the directory {}", args.directory.display()))?;
    std::fs::write(&path, preset.template())
        .with_context(|| format!("cannot write {}", path.display()))?;
    let book = Book::create(Config::read(&path)?)?;
    context.out.line(format!(
        "wrote {} ({}) and an empty book in {}",
        path.display(),
        preset.reference(),
        book.path().display()
    ))?;
    context.out.line("next: piecework import --map MAP FILE, or piecework ingest EVENTS.jsonl")?;
    Ok(Done::Well)
}
