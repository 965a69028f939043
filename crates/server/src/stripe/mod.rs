//! Stripe: what issued statements come to is collected there.
//!
//! The journal is followed (`follow`), each statement, each cover and each void becomes steps once (`plan`, `withdraw`),
//! and the steps are brought about one after another (`drive`) over the one client there is (`outgoing`). What was asked and
//! answered is in the book's operational tables. Not here: what the requests are (`exports::stripe`), what is to be
//! collected (`book::collections`). Invariants: a step is noted before it is sent; under a key nothing else is sent than
//! the first time; what may have been done is looked for before it is sent under another key; the secret key is in no
//! log line, error or file.

mod drive;
mod follow;
mod payments;
mod plan;
mod setup;
mod shown;
mod speak;
mod withdraw;

use jiff::Timestamp;
use store::operations::StripeDocument;

use crate::app::App;
use crate::limits::STRIPE_POLL;
use crate::problem::Problem;

pub use setup::{Setup, SetupError};
pub use shown::{Planned, ShownDocument, ShownStep, documents, planned};

/// After the tables could not be read or written.
const PAUSE: std::time::Duration = std::time::Duration::from_secs(5);

/// Brings about what there is to be, until the server drains. Ends at once where Stripe is not set up.
pub async fn collect(app: App) {
    if app.stripe().is_none() {
        return;
    }
    while !app.is_draining() {
        let wait = match round(&app, None).await {
            Ok(()) => STRIPE_POLL,
            Err(problem) => {
                tracing::error!(
                    code = problem.code().word(),
                    "stripe pauses: the book failed"
                );
                PAUSE
            }
        };
        tokio::time::sleep(wait).await;
    }
}

/// Brings about everything that is not over, whenever it would be looked at again.
///
/// # Errors
/// Where the book cannot be read or written; what Stripe says is in the tables.
pub async fn push(app: &App) -> Result<(), Problem> {
    round(app, Some(Timestamp::MAX)).await
}

/// One look at everything that is due by an instant, or by now.
async fn round(app: &App, by: Option<Timestamp>) -> Result<(), Problem> {
    while app.work(|app| Ok(follow::follow(app)?)).await? {}
    let mut after = 0;
    while !app.is_draining() {
        let by = by.unwrap_or_else(|| app.now());
        let due = move |app: &App| Ok(app.store().operations().stripe_due(by, after)?);
        let due: Option<StripeDocument> = app.work(due).await?;
        let Some(document) = due else { break };
        after = document.number;
        drive::advance(app, document).await?;
    }
    Ok(())
}
