//! PDFs: set here where the binary was built with the feature `pdf`, else refused with what to do.
//!
//! A server has a child process set them: what typesetting takes of memory goes with it, and a document that it cannot
//! set ends no server. Invariant: both ways give the same bytes.

use std::path::PathBuf;

use anyhow::Result;
use documents::Sheet;
use server::Typesetter;

/// A sheet as PDF; `fonts` are files.
///
/// # Errors
/// Where the binary cannot, or the sheet cannot be set.
#[cfg(not(feature = "pdf"))]
pub fn pdf(_: &Sheet, _: &[PathBuf]) -> Result<Vec<u8>> {
    anyhow::bail!(
        "this piecework writes no PDF; take `--format html`, which prints the same, or build it with \
         `cargo build --release --features pdf`"
    )
}

/// What a server has PDFs set by.
#[cfg(not(feature = "pdf"))]
pub fn typesetter() -> Option<Typesetter> {
    None
}

#[cfg(feature = "pdf")]
pub use child::{pdf, run, typesetter};

#[cfg(feature = "pdf")]
mod child {
    use std::io::{Read as _, Write as _};
    use std::process::{Child, Command, Stdio};
    use std::sync::mpsc;
    use std::time::Duration;

    use anyhow::{Context as _, bail};
    use serde::{Deserialize, Serialize};

    use super::{PathBuf, Result, Sheet, Typesetter};
    use crate::Done;

    /// How long a child may set one document.
    const TIME_MAX: Duration = Duration::from_secs(60);
    /// Bytes that a child is told at most: a sheet, a logo and names of fonts.
    const JOB_BYTES_MAX: u64 = 32 * 1024 * 1024;

    /// What a child is told.
    #[derive(Serialize, Deserialize)]
    struct Job {
        sheet: Sheet,
        fonts: Vec<PathBuf>,
    }

    /// A sheet as PDF, set in this process.
    pub fn pdf(sheet: &Sheet, fonts: &[PathBuf]) -> Result<Vec<u8>> {
        let read = |path: &PathBuf| {
            std::fs::read(path).with_context(|| format!("cannot read the font {}", path.display()))
        };
        let fonts = fonts.iter().map(read).collect::<Result<Vec<_>>>()?;
        Ok(documents::pdf::render(sheet, &fonts)?)
    }

    /// `piecework typeset`: what a server's child does. It reads a sheet and writes a PDF, and knows of no book.
    pub fn run() -> Result<Done> {
        let mut told = Vec::new();
        let mut input = std::io::stdin().lock().take(JOB_BYTES_MAX);
        input.read_to_end(&mut told)?;
        let job: Job = serde_json::from_slice(&told).context("standard input is no sheet")?;
        let set = pdf(&job.sheet, &job.fonts)?;
        std::io::stdout().lock().write_all(&set)?;
        Ok(Done::Well)
    }

    /// What a server has PDFs set by.
    pub fn typesetter() -> Option<Typesetter> {
        Some(Box::new(|sheet, fonts| {
            in_child(sheet, fonts).map_err(|error| format!("{error:#}"))
        }))
    }

    fn in_child(sheet: &Sheet, fonts: &[PathBuf]) -> Result<Vec<u8>> {
        let job = serde_json::to_vec(&Job {
            sheet: sheet.clone(),
            fonts: fonts.to_vec(),
        })?;
        let program = std::env::current_exe().context("the running program is not found")?;
        let mut child = Command::new(program)
            .arg("typeset")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot start the process that sets a document")?;
        let set = talk(&mut child, job);
        if set.is_err() {
            // It may have ended already.
            let _ = child.kill();
        }
        let ended = child.wait()?;
        let (set, told) = set?;
        if !ended.success() {
            let told = String::from_utf8_lossy(&told);
            bail!("{}", told.trim().trim_start_matches("error: "));
        }
        Ok(set)
    }

    /// Tells a child its job and takes what it says, for as long as it may take.
    fn talk(child: &mut Child, job: Vec<u8>) -> Result<(Vec<u8>, Vec<u8>)> {
        let (Some(mut input), Some(mut output), Some(mut errors)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            bail!("the process that sets a document cannot be talked to");
        };
        let (done, ended) = mpsc::channel();
        std::thread::spawn(move || input.write_all(&job));
        let told = std::thread::spawn(move || {
            let mut told = Vec::new();
            errors.read_to_end(&mut told).map(|_| told)
        });
        std::thread::spawn(move || {
            let mut set = Vec::new();
            let read = output.read_to_end(&mut set).map(|_| set);
            // Whoever waited no longer has killed the child.
            let _ = done.send(read);
        });
        let set = ended
            .recv_timeout(TIME_MAX)
            .with_context(|| format!("not set within {} seconds", TIME_MAX.as_secs()))??;
        let told = told.join().ok().transpose()?.unwrap_or_default();
        Ok((set, told))
    }
}
