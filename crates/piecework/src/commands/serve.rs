//! `piecework serve`: the book over HTTP, until the process is asked to stop.

use std::future::Future;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use book::documents::faulty;
use intake::litellm::LiteLlm;
use intake::meters::{Meters, READY_METERS};
use intake::otlp::Mapping;
use jiff::Timestamp;
use serde::Serialize;
use server::access::Site;
use server::{Api, App, Backups, Ended, Parts, Rate, webhooks};
use tokio::signal::unix::{SignalKind, signal};

use super::stripe;
use crate::Done;
use crate::cli::Serve;
use crate::context::Context;
use crate::{env, typeset};

/// What a server takes for now.
#[derive(Debug, Clone, Copy)]
pub enum Clock {
    /// The system's, read for each request.
    System,
    /// An instant at which it stands still.
    Standing(Timestamp),
    /// An instant from which it goes on, beginning now.
    From(Timestamp),
}

impl Clock {
    fn read(self) -> Box<dyn Fn() -> Timestamp + Send + Sync> {
        match self {
            Clock::System => Box::new(Timestamp::now),
            Clock::Standing(at) => Box::new(move || at),
            Clock::From(at) => {
                let begun = Instant::now();
                Box::new(move || at.saturating_add(begun.elapsed()).unwrap_or(Timestamp::MAX))
            }
        }
    }
}

/// Runs the command.
pub fn run(context: &Context, args: &Serve) -> Result<Done> {
    let clock = match env::NOW.value() {
        Some(_) => Clock::Standing(context.now),
        None => Clock::System,
    };
    run_on(context, args, bind(args.listen)?, clock)
}

/// A listener on an address.
pub fn bind(listen: SocketAddr) -> Result<TcpListener> {
    let doing = || {
        format!("cannot listen on {listen}; another process may, or choose another with --listen")
    };
    let listener = TcpListener::bind(listen).with_context(doing)?;
    listener.set_nonblocking(true).with_context(doing)?;
    Ok(listener)
}

/// Serves a book on a listener, until the process is asked to stop.
pub fn run_on(
    context: &Context,
    args: &Serve,
    listener: TcpListener,
    clock: Clock,
) -> Result<Done> {
    log_to_standard_error();
    let mapping = args.otlp_mapping.as_deref().map(mapping).transpose()?;
    let rate = args.rate_limit.map(|requests_per_second| Rate {
        requests_per_second,
        burst: args.rate_burst.unwrap_or(requests_per_second * 2),
    });
    let serving = Serving {
        site: Site::listening(listener.local_addr()?),
        mapping: mapping.unwrap_or_default(),
        rate,
        webhooks: webhooks(args)?,
        backup_to: args.backup_to.clone(),
        stripe: stripe::setup(&context.config()?)?,
        clock,
    };
    let app = serving.app(context)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the threads of the server")?;
    runtime.block_on(serve(context, args, listener, app))
}

/// What whoever runs the server may say.
struct Serving {
    /// Where people reach the server, where the configuration does not say.
    site: Site,
    mapping: Mapping,
    rate: Option<Rate>,
    webhooks: webhooks::Options,
    backup_to: Option<PathBuf>,
    stripe: Option<server::stripe::Setup>,
    clock: Clock,
}

/// The book as a server has it of which nothing was said, but for what it needs to speak to Stripe.
pub fn app(context: &Context, stripe: Option<server::stripe::Setup>) -> Result<App> {
    let webhooks = webhooks::Options::new(Vec::new(), None);
    let serving = Serving {
        site: Site::listening(SocketAddr::from(([127, 0, 0, 1], 8480))),
        mapping: Mapping::default(),
        rate: None,
        webhooks: webhooks.context("webhooks cannot be set up")?,
        backup_to: None,
        stripe,
        clock: Clock::Standing(context.now),
    };
    serving.app(context)
}

impl Serving {
    fn app(self, context: &Context) -> Result<App> {
        let book = context.book()?;
        // A book without its secret is told of now, not at the first head that it should sign.
        book.keyring()?;
        let directory = book.path().to_owned();
        let mut scope = Vec::new();
        for definition in &book.documents()?.definitions {
            scope.extend(definition.one_per.key.iter().copied());
        }
        scope.sort_unstable();
        scope.dedup();
        let meters = declared_meters(&book.config.meters)?;
        let named = book.config.server.url.as_deref().map(Site::of);
        let named = named.transpose().context("[server] url")?;
        let backups = self.backup_to.as_deref();
        let backups = backups.map(|own| backups_into(own, &directory));
        Ok(App::new(Parts {
            book: Arc::new(book),
            meters,
            mapping: self.mapping,
            litellm: LiteLlm::default(),
            scope,
            site: named.unwrap_or(self.site),
            backups: backups.transpose()?,
            rate: self.rate,
            clock: self.clock.read(),
            webhooks: self.webhooks,
            stripe: self.stripe,
            typesetter: typeset::typesetter(),
            spreadsheet: super::export::SPREADSHEET,
        }))
    }
}

/// The meters that come with piecework, and those of the configuration's documents.
pub(super) fn declared_meters(files: &[PathBuf]) -> Result<Meters> {
    let mut meters = Meters::default();
    for ready in READY_METERS {
        let own = Meters::parse(ready.text).context("the meters that come with piecework")?;
        meters = meters.and(own)?;
    }
    for file in files {
        let text = std::fs::read_to_string(file);
        let text = text.with_context(|| format!("cannot read {}", file.display()))?;
        let name = file.display().to_string();
        let own = Meters::parse(&text).map_err(|error| faulty(&name, &text, error.faults))?;
        meters = meters.and(own).context(name)?;
    }
    Ok(meters)
}

/// Copies go beside the book, never into it.
fn backups_into(into: &Path, book: &Path) -> Result<Backups> {
    let doing = || format!("cannot keep copies of the book in {}", into.display());
    let backups = Backups::into_directory(into.to_owned()).with_context(doing)?;
    let (real, book) = (into.canonicalize(), book.canonicalize());
    if real
        .with_context(doing)?
        .starts_with(book.with_context(doing)?)
    {
        bail!(
            "{} is inside the book; name another --backup-to",
            into.display()
        );
    }
    Ok(backups)
}

/// The document that says how spans name their work.
fn mapping(file: &Path) -> Result<Mapping> {
    let text = std::fs::read_to_string(file);
    let text = text.with_context(|| format!("cannot read {}", file.display()))?;
    Mapping::parse(&text).with_context(|| file.display().to_string())
}

fn webhooks(args: &Serve) -> Result<webhooks::Options> {
    let roots = match &args.webhooks_ca {
        Some(file) => {
            let read = std::fs::read(file);
            Some(read.with_context(|| format!("cannot read {}", file.display()))?)
        }
        None => None,
    };
    let options = webhooks::Options::new(args.webhooks_allow.clone(), roots.as_deref());
    options.context("webhooks cannot be set up; look at --webhooks-ca")
}

async fn serve(context: &Context, args: &Serve, listener: TcpListener, app: App) -> Result<Done> {
    let stop = stop()?;
    // Before anybody is told the address: who is told is answered.
    let router = Api::new(app.clone()).into_router();
    let address = format!("http://{}", listener.local_addr()?);
    let listener = tokio::net::TcpListener::from_std(listener);
    let listener = listener.context("cannot wait for connections")?;
    if let Some(file) = &args.address_file {
        write_whole(file, &address)?;
    }
    #[derive(Serialize)]
    struct Listening {
        address: String,
    }
    context.out.value(&Listening { address }, |own| {
        vec![format!(
            "serving the book at {}; end it with Ctrl-C or SIGTERM",
            own.address
        )]
    })?;
    Ok(match server::serve(listener, app, router, stop).await {
        Ended::Well => Done::Well,
        Ended::CutOff => Done::Failed,
    })
}

/// Done once the process is asked to stop. Listened for from the beginning, so that no signal is lost.
fn stop() -> Result<impl Future<Output = ()>> {
    let listen = |kind| signal(kind).context("cannot listen for signals");
    let (mut terminate, mut interrupt) = (
        listen(SignalKind::terminate())?,
        listen(SignalKind::interrupt())?,
    );
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Whoever waits for the file never reads half of it.
fn write_whole(file: &Path, text: &str) -> Result<()> {
    let new = file.with_extension("new");
    std::fs::write(&new, format!("{text}\n"))
        .and_then(|()| std::fs::rename(&new, file))
        .with_context(|| format!("cannot write the address to {}", file.display()))
}

/// One JSON object a line; the level is that of `PIECEWORK_LOG`.
fn log_to_standard_error() {
    let level = env::LOG.value().and_then(|own| own.parse().ok());
    let logged = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_max_level(level.unwrap_or(tracing::Level::INFO))
        .with_writer(std::io::stderr)
        .try_init();
    // A second subscriber is refused; then the first one logs.
    drop(logged);
}
