//! [`serve()`]: connections, their limits, and an orderly end.
//!
//! Own loop over `hyper`, because the limits on headers are per connection and the framework has none.
//! Invariant: once asked to stop, nothing new is taken, and what is under way (requests, and webhooks that are
//! being delivered) is brought to its end or, when the time is over, cut off; what was acknowledged is durable in any case.

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::ServiceExt as _;

use crate::app::App;
use crate::limits::{
    CONNECTIONS_MAX, DRAIN_TIME_MAX, HEADERS_BYTES_MAX, HEADERS_MAX, HEADERS_TIME_MAX,
};
use crate::{budgets, expiries, stripe, takings, webhooks};

/// How a server ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Everything under way was answered.
    Well,
    /// The time was over before everything was.
    CutOff,
}

/// Serves until `stop` is done, then drains.
pub async fn serve(
    listener: TcpListener,
    app: App,
    router: Router,
    stop: impl Future<Output = ()>,
) -> Ended {
    let connections = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let graceful = GracefulShutdown::new();
    let delivering = tokio::spawn(webhooks::deliver(app.clone()));
    let watching = tokio::spawn(budgets::watch(app.clone()));
    let expiring = tokio::spawn(expiries::watch(app.clone()));
    let collecting = tokio::spawn(stripe::collect(app.clone()));
    let following = tokio::spawn(takings::follow(app.clone()));
    let mut stop = std::pin::pin!(stop);
    loop {
        let next = async {
            // The semaphore is never closed.
            let place = Arc::clone(&connections).acquire_owned().await.ok();
            (listener.accept().await, place)
        };
        let (accepted, place) = tokio::select! {
            next = next => next,
            () = &mut stop => break,
        };
        match accepted {
            Ok((stream, _)) => connect(stream, place, router.clone(), &graceful),
            Err(error) => {
                // Out of descriptors, or a connection that ended before it began: others may succeed.
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        }
    }
    drop(listener);
    app.drain();
    tracing::info!("stopping: what is under way is answered");
    let drained = async {
        tokio::join!(
            graceful.shutdown(),
            delivering,
            watching,
            expiring,
            collecting,
            following
        )
    };
    match tokio::time::timeout(DRAIN_TIME_MAX, drained).await {
        Ok(_) => Ended::Well,
        Err(_) => Ended::CutOff,
    }
}

fn connect(
    stream: TcpStream,
    place: Option<OwnedSemaphorePermit>,
    router: Router,
    graceful: &GracefulShutdown,
) {
    // Answers are small, and waited for.
    let _ = stream.set_nodelay(true);
    let answer = hyper::service::service_fn(move |request: Request<Incoming>| {
        let answered = router.clone().oneshot(request.map(Body::new));
        async move { Ok::<_, Infallible>(answered.await.unwrap_or_else(|never| match never {})) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_TIME_MAX)
        .max_headers(HEADERS_MAX)
        .max_buf_size(HEADERS_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), answer);
    let watched = graceful.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = watched.await {
            tracing::debug!(%error, "a connection ended");
        }
        drop(place);
    });
}
