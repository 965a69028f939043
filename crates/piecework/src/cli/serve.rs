//! Arguments of `serve`, `api-key`, `link` and `refused`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use server::webhooks::guard::Network;

/// Arguments of `serve`.
#[derive(Debug, Args)]
pub struct Serve {
    /// The address to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8480")]
    pub listen: SocketAddr,
    /// Write the address, once it is listened on, into this file.
    #[arg(long, value_name = "FILE")]
    pub address_file: Option<PathBuf>,
    /// Copies of the book, which a key of an operator asks for, go into this directory.
    #[arg(long, value_name = "DIRECTORY")]
    pub backup_to: Option<PathBuf>,
    /// Requests a second that one key may send in the long run; without, as many as it likes.
    #[arg(long, value_name = "REQUESTS", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub rate_limit: Option<u32>,
    /// Requests that one key may send at once; without, those of two seconds.
    #[arg(long, value_name = "REQUESTS", requires = "rate_limit", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub rate_burst: Option<u32>,
    /// How spans name their work and customer where they do not by `piecework.*`: a TOML file.
    #[arg(long, value_name = "FILE")]
    pub otlp_mapping: Option<PathBuf>,
    /// A network that webhooks may reach although it is not the open internet, and in plain http: 10.0.0.0/8.
    /// May be given more than once.
    #[arg(long, value_name = "NETWORK")]
    pub webhooks_allow: Vec<Network>,
    /// Certificates in PEM that webhooks trust, beside those that browsers do.
    #[arg(long, value_name = "FILE")]
    pub webhooks_ca: Option<PathBuf>,
}

impl Serve {
    /// On an address, with nothing else said.
    #[must_use]
    pub fn on(listen: SocketAddr) -> Serve {
        Serve {
            listen,
            address_file: None,
            backup_to: None,
            rate_limit: None,
            rate_burst: None,
            otlp_mapping: None,
            webhooks_allow: Vec::new(),
            webhooks_ca: None,
        }
    }
}

/// Arguments of `api-key`.
#[derive(Debug, Args)]
pub struct ApiKeyArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: ApiKeyCommand,
}

/// What to do with API keys.
#[derive(Debug, Subcommand)]
pub enum ApiKeyCommand {
    /// Make a key. It is shown once.
    Create(CreateApiKey),
    /// List keys, without their secrets.
    List,
    /// Make a successor of a key, and end the old one after an overlap.
    Rotate(RotateApiKey),
    /// Take a key back, at once.
    Revoke(OneApiKey),
    /// What each role may do.
    Roles,
}

/// Arguments of `api-key create`.
#[derive(Debug, Args)]
pub struct CreateApiKey {
    /// What it may do: `piecework api-key roles` tells.
    #[arg(long, value_parser = ["ingest", "operator", "finance", "auditor", "buyer"])]
    pub role: String,
    /// The only customer that it knows of; a buyer's key must name it.
    #[arg(long)]
    pub customer: Option<String>,
    /// What it is for.
    #[arg(long, value_name = "TEXT")]
    pub label: String,
    /// Days until it ends; without, it ends when it is revoked.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u16).range(1..=3_650))]
    pub days: Option<u16>,
}

/// Arguments of `api-key rotate`.
#[derive(Debug, Args)]
pub struct RotateApiKey {
    /// The key's id: the first part after `pw_`.
    pub id: String,
    /// Hours for which the old key still works.
    #[arg(long, value_name = "HOURS", default_value_t = 24, value_parser = clap::value_parser!(u16).range(0..=8_760))]
    pub overlap_hours: u16,
}

/// Arguments of `api-key revoke`.
#[derive(Debug, Args)]
pub struct OneApiKey {
    /// The key's id: the first part after `pw_`.
    pub id: String,
}

/// Arguments of `link`.
#[derive(Debug, Args)]
pub struct LinkArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: LinkCommand,
}

/// What to do with links for buyers.
#[derive(Debug, Subcommand)]
pub enum LinkCommand {
    /// Make a link that ends by itself. Its address is shown once.
    Create(CreateLink),
    /// List a customer's links, without their addresses.
    List(LinksOf),
    /// Take a link back, at once.
    Revoke(OneLink),
}

/// Arguments of `link create`.
#[derive(Debug, Args)]
pub struct CreateLink {
    /// The customer that its holder sees.
    #[arg(long)]
    pub customer: String,
    /// How long it lasts: hours or days, such as `12h` or `7d`.
    #[arg(long = "for", value_name = "TIME")]
    pub lasts: String,
    /// The only statement that its holder sees.
    #[arg(long, value_name = "NUMBER")]
    pub statement: Option<String>,
    /// Whom it is for.
    #[arg(long, value_name = "TEXT", default_value = "the buyer")]
    pub label: String,
}

/// Arguments of `link list`.
#[derive(Debug, Args)]
pub struct LinksOf {
    /// The customer.
    #[arg(long)]
    pub customer: String,
}

/// Arguments of `link revoke`.
#[derive(Debug, Args)]
pub struct OneLink {
    /// The link's id.
    pub id: String,
    /// The customer.
    #[arg(long)]
    pub customer: String,
}

/// Arguments of `refused`.
#[derive(Debug, Args)]
pub struct RefusedArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: RefusedCommand,
}

/// What to do with refused events.
#[derive(Debug, Subcommand)]
pub enum RefusedCommand {
    /// List those that wait, or all.
    List(ListRefused),
    /// Show one, with its text.
    Show(OneRefused),
    /// Send one again: as it came, or repaired.
    Resend(ResendRefused),
    /// Dismiss one: it is not needed.
    Dismiss(DismissRefused),
}

/// Arguments of `refused list`.
#[derive(Debug, Args)]
pub struct ListRefused {
    /// Of this customer.
    #[arg(long)]
    pub customer: Option<String>,
    /// Also those that were sent or dismissed.
    #[arg(long)]
    pub all: bool,
}

/// Arguments of `refused show`.
#[derive(Debug, Args)]
pub struct OneRefused {
    /// Its id, as `refused list` shows it.
    pub id: String,
}

/// Arguments of `refused resend`.
#[derive(Debug, Args)]
pub struct ResendRefused {
    /// Its id, as `refused list` shows it.
    pub id: String,
    /// The repaired event, in JSON; without, it is sent as it came.
    #[arg(long, value_name = "FILE")]
    pub repaired: Option<PathBuf>,
    /// Who decides.
    #[arg(long, value_name = "NAME")]
    pub by: String,
}

/// Arguments of `refused dismiss`.
#[derive(Debug, Args)]
pub struct DismissRefused {
    /// Its id, as `refused list` shows it.
    pub id: String,
    /// Why it is not needed.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Who decides.
    #[arg(long, value_name = "NAME")]
    pub by: String,
}
