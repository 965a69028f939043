//! `piecework`: the one binary. Commands, configuration and wiring; no rules about money.

#![allow(unreachable_pub)] // a binary has no outside; `pub` says what a module offers the others

mod append;
mod cli;
#[cfg(test)]
mod cli_reference;
mod commands;
mod context;
mod demo;
mod diagnose;
mod env;
mod output;
mod pins;
mod printed;
mod progress;
mod random;
mod stories;
mod typeset;

use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::{Cli, Command};
use crate::context::Context;

/// How a command ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// As asked.
    Well,
    /// Done, but something was refused and kept for repair.
    Refused,
    /// What was checked does not hold.
    Failed,
}

/// Exit codes, for `piecework schema exit-codes`.
pub const EXIT_CODES: &[(u8, &str)] = &[
    (0, "done"),
    (
        1,
        "an error: nothing was changed, or what was acknowledged before it stands",
    ),
    (2, "the command line is wrong"),
    (
        3,
        "done, but some deliveries, or statements of a run, were refused or conflict; they were kept and listed",
    ),
    (4, "what was checked does not hold"),
    (
        5,
        "nothing was done yet: a second person has to approve it (`piecework approval list`)",
    ),
];

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli) {
        Ok(Done::Well) => ExitCode::SUCCESS,
        Ok(Done::Refused) => ExitCode::from(3),
        Ok(Done::Failed) => ExitCode::from(4),
        // A closed pipe is a reader who has seen enough.
        Err(error) if diagnose::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            diagnose::report(&error);
            let of_book = error.downcast_ref::<book::Error>();
            match of_book.and_then(book::Error::proposal) {
                Some(_) => ExitCode::from(5),
                None => ExitCode::FAILURE,
            }
        }
    }
}

fn run(cli: &Cli) -> anyhow::Result<Done> {
    let context = Context::new(cli)?;
    match &cli.command {
        #[cfg(feature = "pdf")]
        Command::Typeset => typeset::run(),
        Command::Init(args) => commands::init::run(&context, args),
        Command::Try(args) => commands::try_export::run(&context, args),
        Command::Demo(args) => commands::demo::run(&context, args),
        Command::Ingest(args) => commands::ingest::run(&context, args),
        Command::Import(args) => commands::import::run(&context, args),
        Command::Show(args) => commands::show::run(&context, args),
        Command::Check(args) => commands::check::run(&context, args),
        Command::Exhibit(args) => commands::exhibit::run(&context, args),
        Command::Compare(args) => commands::compare::run(&context, args),
        Command::Publish(args) => commands::publish::run(&context, args),
        Command::Customer(args) => commands::customer::run(&context, args),
        Command::Work(args) => commands::work::run(&context, &args.command),
        Command::Record(args) => commands::record::run(&context, &args.command),
        Command::Credit(args) => commands::credit::run(&context, args),
        Command::Cover(args) => commands::cover::run(&context, args),
        Command::CreditNote(args) => commands::credit_note::run(&context, args),
        Command::Contract(args) => commands::contract::run(&context, &args.command),
        Command::Quote(args) => commands::quote::run(&context, &args.command),
        Command::Statement(args) => commands::statement::run(&context, &args.command),
        Command::Payment(args) => commands::payment::run(&context, &args.command),
        Command::WriteOff(args) => commands::payment::write_off(&context, args),
        Command::Ageing(args) => commands::receivables::ageing(&context, args),
        Command::Account(args) => commands::receivables::account(&context, args),
        Command::Balance(args) => commands::receivables::balance(&context, &args.command),
        Command::Books(args) => commands::books::run(&context, &args.command),
        Command::Approval(args) => commands::approval::run(&context, &args.command),
        Command::Close(args) => commands::close::run(&context, &args.command),
        Command::Margin(args) => commands::margin::run(&context, args),
        Command::Revenue(args) => commands::revenue::run(&context, args),
        Command::Stripe(args) => commands::stripe::run(&context, &args.command),
        Command::Export(args) => commands::export::run(&context, &args.command),
        Command::Cost(args) => commands::cost::run(&context, &args.command),
        Command::ModelCosts(args) => commands::model_costs::run(&context, &args.command),
        Command::Report(args) => commands::report::run(&context, args),
        Command::Reconcile(args) => commands::reconcile::run(&context, args),
        Command::Log(args) => commands::log::run(&context, &args.command),
        Command::Prove(args) => commands::prove::run(&context, args),
        Command::Verify(args) => commands::verify::run(&context, args),
        Command::Replay(args) => commands::verify::replay(&context, args),
        Command::Acknowledge(args) => commands::acknowledge::run(&context, args),
        Command::Sign(args) => commands::sign::run(&context, args),
        Command::Receipt(args) => commands::receipt::run(&context, &args.command),
        Command::Sample(args) => commands::sample::run(&context, &args.command),
        Command::Review(args) => commands::review::run(&context, &args.command),
        Command::Evidence(args) => commands::evidence::run(&context, &args.command),
        Command::Study(args) => commands::study::run(&context, &args.command),
        Command::Key(args) => commands::key::run(&context, &args.command),
        Command::Serve(args) => commands::serve::run(&context, args),
        Command::ApiKey(args) => commands::api_key::run(&context, &args.command),
        Command::Link(args) => commands::link::run(&context, &args.command),
        Command::Refused(args) => commands::refused::run(&context, &args.command),
        Command::Doctor => commands::doctor::run(&context),
        Command::Rebuild => commands::doctor::rebuild(&context),
        Command::Backup(args) => commands::doctor::backup(&context, args),
        Command::Schema(args) => commands::schema::run(&context, args),
    }
}
