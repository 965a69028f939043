//! The first hour: `init`, `try`, `demo`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

/// Arguments of `init`.
#[derive(Debug, Args)]
pub struct Init {
    /// The preset to start from; `--list` shows them.
    #[arg(long, default_value = "fin-style", value_name = "NAME[@VERSION]")]
    pub preset: String,
    /// A definition of your own instead of a preset's; may be given several times.
    #[arg(
        long = "definition",
        value_name = "FILE",
        requires = "plan",
        conflicts_with = "preset"
    )]
    pub definitions: Vec<PathBuf>,
    /// A plan of your own instead of a preset's.
    #[arg(long, value_name = "FILE", requires = "definitions")]
    pub plan: Option<PathBuf>,
    /// List the presets.
    #[arg(long)]
    pub list: bool,
    /// The directory to begin in.
    #[arg(default_value = ".", value_name = "DIR")]
    pub directory: PathBuf,
}

/// Arguments of `try`.
#[derive(Debug, Args)]
pub struct Try {
    /// The export: CSV or JSON lines, may be gzip.
    pub file: PathBuf,
    /// The preset whose definition and price to use.
    #[arg(long, default_value = "fin-style")]
    pub preset: String,
    /// An answer to a question, e.g. `--set work=ticket_id`; no question is asked then.
    #[arg(long = "set", value_name = "ROLE=COLUMN")]
    pub answers: Vec<String>,
    /// Write the map that was used here.
    #[arg(long, value_name = "FILE")]
    pub keep_map: Option<PathBuf>,
}

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// Tell the story `who decides` on real data in this directory instead.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// The generator's seed.
    #[arg(long, default_value_t = crate::demo::SEED)]
    pub seed: u64,
    /// Keep the book in this directory, which is not there yet: to look at it further, and to serve it.
    #[arg(long, value_name = "DIR", conflicts_with = "data")]
    pub keep: Option<PathBuf>,
    /// Serve the book afterwards, at the days in which it is set, and say who may sign in.
    #[arg(long, conflicts_with = "data")]
    pub serve: bool,
    /// The address to serve on; port 0 takes a free one.
    #[arg(
        long,
        value_name = "ADDRESS",
        default_value = "127.0.0.1:8480",
        requires = "serve"
    )]
    pub listen: SocketAddr,
    /// Where the page is written.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
}
