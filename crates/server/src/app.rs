//! [`App`]: what every request has: the book, the clock, who may call.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use book::Book;
use documents::Sheet;
use exports::billing::Billing;
use exports::table::{Out, Table, TableError};
use intake::litellm::LiteLlm;
use intake::meters::Meters;
use intake::otlp::Mapping;
use jiff::Timestamp;
use store::admission::OriginError;
use store::{Store, StoreError};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use work::{Digest, Header};

use crate::access::{Caller, KeyText, Sessions, Shown, Site};
use crate::backups::Backups;
use crate::limits::{IN_FLIGHT_MAX, LARGE_BODIES_MAX, PROBE_EVERY};
use crate::meter::Meter;
use crate::once::UnderWay;
use crate::problem::{Code, Problem};
use crate::rate::{Buckets, Left, Rate};
use crate::stripe;
use crate::telemetry::Telemetry;
use crate::webhooks;

/// Keys that are remembered, so that a request need not read them.
const KEYS_REMEMBERED_MAX: usize = 1_024;

/// What a server is made of.
pub struct Parts {
    /// The book.
    pub book: Arc<Book>,
    /// What becomes of events that are not piecework's own.
    pub meters: Meters,
    /// How spans and log records name their work and customer.
    pub mapping: Mapping,
    /// How a gateway's calls name theirs.
    pub litellm: LiteLlm,
    /// The headers by which the definitions in force count.
    pub scope: Vec<Header>,
    /// Where copies of the book go; none are made where absent.
    pub backups: Option<Backups>,
    /// How many requests a key may send; as many as it likes where absent.
    pub rate: Option<Rate>,
    /// Where people reach the server.
    pub site: Site,
    /// The instant that counts as now.
    pub clock: Box<dyn Fn() -> Timestamp + Send + Sync>,
    /// What the operator says of webhooks.
    pub webhooks: webhooks::Options,
    /// What is needed to speak to Stripe; nobody does where absent.
    pub stripe: Option<stripe::Setup>,
    /// What sets documents as PDF; they are HTML alone where absent.
    pub typesetter: Option<Typesetter>,
    /// What begins tables as spreadsheets; they are CSV alone where absent.
    pub spreadsheet: Option<Spreadsheet>,
}

/// Begins a table as a spreadsheet.
pub type Spreadsheet = fn(Out, Billing) -> Result<Table, TableError>;

/// Sets a sheet as PDF, with fonts by their files; or says why it cannot.
pub type Typesetter = Box<dyn Fn(&Sheet, &[PathBuf]) -> Result<Vec<u8>, String> + Send + Sync>;

/// What every request has. Clones are the same.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    parts: Parts,
    keys: Mutex<HashMap<String, store::ApiKey>>,
    in_flight: Arc<Semaphore>,
    large_bodies: Arc<Semaphore>,
    is_draining: AtomicBool,
    buckets: Option<Buckets>,
    under_way: UnderWay,
    sessions: Sessions,
    meter: Meter,
    telemetry: Telemetry,
    webhooks_wake: Notify,
    probed: Mutex<Option<Instant>>,
}

impl App {
    /// An app over a book.
    #[must_use]
    pub fn new(parts: Parts) -> App {
        App(Arc::new(Inner {
            buckets: parts.rate.map(Buckets::new),
            under_way: UnderWay::default(),
            sessions: Sessions::default(),
            parts,
            keys: Mutex::default(),
            in_flight: Arc::new(Semaphore::new(IN_FLIGHT_MAX)),
            large_bodies: Arc::new(Semaphore::new(LARGE_BODIES_MAX)),
            is_draining: AtomicBool::new(false),
            meter: Meter::default(),
            telemetry: Telemetry::default(),
            webhooks_wake: Notify::new(),
            probed: Mutex::default(),
        }))
    }

    /// The book.
    #[must_use]
    pub fn book(&self) -> &Book {
        &self.0.parts.book
    }

    /// The store of the book, where entries and what a server keeps are.
    #[must_use]
    pub fn store(&self) -> &dyn Store {
        self.book().store.as_ref()
    }

    /// Whether the book takes writes. An answer holds for [`PROBE_EVERY`]: each probe leaves a commit in the journal,
    /// and whoever asks needs no key.
    ///
    /// # Errors
    /// As [`Store::probe`].
    pub(crate) fn probe(&self) -> Result<(), StoreError> {
        let mut probed = self.0.probed.lock().unwrap_or_else(PoisonError::into_inner);
        if probed.is_none_or(|at| at.elapsed() >= PROBE_EVERY) {
            self.store().probe()?;
            *probed = Some(Instant::now());
        }
        Ok(())
    }

    /// The origin of a customer's shared log.
    ///
    /// # Errors
    /// Where it is not known.
    pub fn origin(&self, customer: &str) -> Result<String, OriginError> {
        Ok(self.book().origin(customer)?)
    }

    /// What becomes of events that are not piecework's own.
    #[must_use]
    pub fn meters(&self) -> &Meters {
        &self.0.parts.meters
    }

    /// How spans and log records name their work and customer.
    #[must_use]
    pub fn mapping(&self) -> &Mapping {
        &self.0.parts.mapping
    }

    /// How a gateway's calls name theirs.
    #[must_use]
    pub fn litellm(&self) -> &LiteLlm {
        &self.0.parts.litellm
    }

    /// Whether what people and models wrote in model calls is kept, as evidence.
    pub(crate) fn keeps_texts(&self) -> bool {
        self.book().config.server.keep_texts
    }

    /// The headers by which the definitions in force count.
    #[must_use]
    pub fn scope(&self) -> &[Header] {
        &self.0.parts.scope
    }

    /// Where people reach the server.
    #[must_use]
    pub fn site(&self) -> &Site {
        &self.0.parts.site
    }

    /// Who opened a link or signed in.
    pub(crate) fn sessions(&self) -> &Sessions {
        &self.0.sessions
    }

    /// The instant that counts as now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        (self.0.parts.clock)()
    }

    /// Where copies of the book go.
    #[must_use]
    pub fn backups(&self) -> Option<&Backups> {
        self.0.parts.backups.as_ref()
    }

    /// What was counted.
    #[must_use]
    pub fn meter(&self) -> &Meter {
        &self.0.meter
    }

    /// What a key has left after a request; nothing where requests are not counted.
    pub(crate) fn take_token(&self, key: &str) -> Option<Left> {
        let buckets = self.0.buckets.as_ref()?;
        Some(buckets.take(key, self.now()))
    }

    /// The requests with keys of their own that are worked on.
    pub(crate) fn under_way(&self) -> &UnderWay {
        &self.0.under_way
    }

    /// What sets documents as PDF.
    pub(crate) fn typesetter(&self) -> Option<&Typesetter> {
        self.0.parts.typesetter.as_ref()
    }

    /// What begins tables as spreadsheets.
    pub(crate) fn spreadsheet(&self) -> Option<Spreadsheet> {
        self.0.parts.spreadsheet
    }

    /// What is remembered of telemetry.
    #[must_use]
    pub(crate) fn telemetry(&self) -> &Telemetry {
        &self.0.telemetry
    }

    /// What the operator says of webhooks.
    pub(crate) fn webhooks(&self) -> &webhooks::Options {
        &self.0.parts.webhooks
    }

    /// What is needed to speak to Stripe, where somebody does.
    pub(crate) fn stripe(&self) -> Option<&stripe::Setup> {
        self.0.parts.stripe.as_ref()
    }

    /// What is to be told to others over webhooks.
    #[must_use]
    pub fn outbox(&self) -> webhooks::Outbox<'_> {
        webhooks::Outbox(self)
    }

    /// Has it looked now whether a message is due.
    pub(crate) fn wake_webhooks(&self) {
        self.0.webhooks_wake.notify_one();
    }

    /// Done once there may be a message that is due.
    pub(crate) async fn webhooks_woken(&self) {
        self.0.webhooks_wake.notified().await;
    }

    /// Takes no further work.
    pub fn drain(&self) {
        self.0.is_draining.store(true, Ordering::SeqCst);
        self.wake_webhooks();
    }

    /// Whether it takes no further work.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.0.is_draining.load(Ordering::SeqCst)
    }

    /// A place among the requests that are worked on.
    ///
    /// # Errors
    /// [`Code::Busy`] where there is none, [`Code::Unavailable`] once the server is stopping.
    pub fn enter(&self) -> Result<OwnedSemaphorePermit, Problem> {
        if self.is_draining() {
            return Err(Problem::new(Code::Unavailable, "the server is stopping"));
        }
        let place = Arc::clone(&self.0.in_flight).try_acquire_owned();
        place.map_err(|_| {
            let detail = format!("{IN_FLIGHT_MAX} requests are being worked on");
            Problem::new(Code::Busy, detail)
        })
    }

    /// A place among the bodies that are large; waits until there is one.
    pub(crate) async fn place_for_large_body(&self) -> Option<OwnedSemaphorePermit> {
        // The semaphore is never closed.
        Arc::clone(&self.0.large_bodies).acquire_owned().await.ok()
    }

    /// The caller that a key's text names, where it is in force.
    ///
    /// # Errors
    /// Where the keys cannot be read.
    pub async fn caller(&self, text: KeyText) -> Result<Option<Caller>, Problem> {
        let kept = self.kept_key(text.id()).await?;
        let kept = kept.filter(|kept| text.is(kept));
        Ok(kept.and_then(|kept| Caller::of(kept, self.now())))
    }

    /// The link of a text, where it is in force.
    ///
    /// # Errors
    /// Where the links cannot be read.
    pub(crate) async fn link(&self, text: String) -> Result<Option<store::Link>, Problem> {
        self.work(move |app| Ok(app.book().link(&text, app.now())?))
            .await
    }

    /// The caller that a session's cookie stands for, where what was shown for it is still in force.
    ///
    /// # Errors
    /// Where the keys or links cannot be read.
    pub(crate) async fn caller_of_session(&self, cookie: &str) -> Result<Option<Caller>, Problem> {
        let caller = match self.sessions().shown(cookie, self.now()) {
            None => None,
            Some(Shown::Key(id)) => {
                let kept = self.kept_key(&id).await?;
                kept.and_then(|kept| Caller::of(kept, self.now()))
            }
            Some(Shown::Link(id)) => {
                let read = move |app: &App| Ok(app.store().operations().link(&id)?);
                let kept = self.work(read).await?;
                let kept = kept.filter(|kept| kept.is_in_force(self.now()));
                kept.map(Caller::of_link)
            }
        };
        Ok(caller.map(|caller| Caller {
            session: Some(Digest::of(cookie.as_bytes())),
            ..caller
        }))
    }

    /// A key by its id, whether it is in force or not.
    async fn kept_key(&self, id: &str) -> Result<Option<store::ApiKey>, Problem> {
        let known = self.remembered().get(id).cloned();
        if known.is_some() {
            return Ok(known);
        }
        let id = id.to_owned();
        let read = move |app: &App| Ok(app.store().operations().api_key(&id)?);
        let kept = self.work(read).await?;
        if let Some(kept) = &kept {
            self.remember(kept.clone());
        }
        Ok(kept)
    }

    /// Forgets a key that was changed.
    pub fn forget_key(&self, id: &str) {
        self.remembered().remove(id);
    }

    /// Does what may wait for the disk, beside the requests.
    ///
    /// # Errors
    /// What the work says; [`Code::Internal`] where it panicked.
    pub async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&App) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let app = self.clone();
        let done = tokio::task::spawn_blocking(move || work(&app)).await;
        done.unwrap_or_else(|error| {
            tracing::error!(%error, "work for a request panicked");
            Err(Problem::new(Code::Internal, "the request was not finished"))
        })
    }

    fn remember(&self, key: store::ApiKey) {
        let mut keys = self.remembered();
        if keys.len() >= KEYS_REMEMBERED_MAX {
            keys.clear();
        }
        keys.insert(key.id.clone(), key);
    }

    fn remembered(&self) -> std::sync::MutexGuard<'_, HashMap<String, store::ApiKey>> {
        let keys = self.0.keys.lock();
        keys.unwrap_or_else(PoisonError::into_inner)
    }
}

impl From<StoreError> for Problem {
    /// What a caller may know of what is wrong with the book; the log has the rest.
    fn from(error: StoreError) -> Problem {
        match error {
            StoreError::TooMany { .. } => Problem::new(Code::TooLarge, error.to_string()),
            StoreError::Taken { .. } | StoreError::Enough { .. } => {
                Problem::new(Code::Conflict, error.to_string())
            }
            StoreError::BeyondHead { .. } | StoreError::NoProof { .. } => {
                Problem::new(Code::NotFound, error.to_string())
            }
            StoreError::QueueFull { .. } => {
                tracing::error!(%error, "a refused event finds no room");
                Problem::new(Code::Unavailable, error.to_string())
            }
            StoreError::Full { .. } | StoreError::Halted { .. } | StoreError::Behind { .. } => {
                tracing::error!(%error, "the book takes no writes");
                Problem::new(Code::Unavailable, "the book takes no writes now")
            }
            _ => {
                tracing::error!(%error, "the book failed");
                Problem::new(Code::Internal, "the book could not be read or written")
            }
        }
    }
}
