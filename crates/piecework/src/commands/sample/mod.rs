//! `piecework sample`: works that nobody picked, drawn and looked at.
//!
//! The buyer anchors a chain of nonces and reveals one a statement, without a book; the seller draws
//! with it; both see what was found. Invariant: what is drawn here verifies, because drawing and
//! checking are one piece of code in `proof`.

mod anchor;
mod draw;
mod estimate;
mod reveal;
mod secret;
mod show;

pub use show::of_file;

use anyhow::Result;

use crate::Done;
use crate::cli::SampleCommand;
use crate::context::Context;

/// Runs the command.
pub fn run(context: &Context, command: &SampleCommand) -> Result<Done> {
    match command {
        SampleCommand::Anchor(args) => anchor::run(context, args),
        SampleCommand::Reveal(args) => reveal::run(context, args),
        SampleCommand::Draw(args) => draw::run(context, args),
        SampleCommand::Show(args) => show::run(context, args),
    }
}
