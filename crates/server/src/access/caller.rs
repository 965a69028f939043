//! [`Caller`]: whose request it is.

use axum::RequestExt as _;
use axum::extract::{FromRequestParts, RawPathParams, Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use store::ApiKey;
use work::Event;
use work::event::UNASSIGNED;

use super::{KeyText, Permission, Role};
use crate::app::App;
use crate::problem::{Code, Problem};

/// Whose request it is: a key that is known and in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Id of the key.
    pub key: String,
    /// What it may do.
    pub role: Role,
    /// The only customer that it knows of; all where absent.
    pub customer: Option<String>,
}

impl Caller {
    /// The caller of a key that was kept; `None` where it is not in force.
    #[must_use]
    pub fn of(kept: ApiKey, now: Timestamp) -> Option<Caller> {
        let over = kept.revoked.is_some() || kept.expires.is_some_and(|expires| expires <= now);
        if over {
            return None;
        }
        Some(Caller {
            role: Role::of_word(&kept.role)?,
            key: kept.id,
            customer: kept.customer,
        })
    }

    /// Whether the caller may know of a customer.
    #[must_use]
    pub fn knows(&self, customer: &str) -> bool {
        self.customer.as_deref().is_none_or(|own| own == customer)
    }

    /// Gives an event that names no customer the only one that the caller knows of.
    pub(crate) fn claim(&self, event: &mut Event) {
        if event.customer == UNASSIGNED
            && let Some(own) = &self.customer
        {
            event.customer = own.into();
        }
    }

    /// Refuses a customer that the caller may not know of, as if it were not there.
    ///
    /// # Errors
    /// [`Code::NotFound`].
    pub fn require(&self, customer: &str) -> Result<(), Problem> {
        if self.knows(customer) {
            return Ok(());
        }
        let detail = format!("there is no customer `{customer}`");
        Err(Problem::new(Code::NotFound, detail))
    }
}

/// The parameter of a path that names a customer.
const CUSTOMER: &str = "customer";

/// Lets a request through whose key may do what the route needs, may know of the customer that its path names,
/// and has not sent too many.
///
/// # Errors
/// [`Code::Unauthorized`], [`Code::Forbidden`]; [`Code::NotFound`] for another customer.
pub async fn authenticate(
    State((app, permission)): State<(App, Permission)>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let refuse = |detail: &str| Problem::new(Code::Unauthorized, detail);
    let header = request.headers().get(AUTHORIZATION);
    let header = header.ok_or_else(|| refuse("send `Authorization: Bearer <key>`"))?;
    let bearer = header.to_str().ok().and_then(|own| {
        let (scheme, rest) = own.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(rest.trim())
    });
    let bearer = bearer.ok_or_else(|| refuse("the header is not `Authorization: Bearer <key>`"))?;
    let text = KeyText::parse(bearer).map_err(|error| refuse(&error.to_string()))?;
    let caller = app.caller(text).await?;
    let caller = caller.ok_or_else(|| refuse("the key is not known, or no longer in force"))?;
    if !caller.role.may(permission) {
        let role = caller.role.word();
        return Err(Problem::new(
            Code::Forbidden,
            format!("a key of the role `{role}` may not do this"),
        ));
    }
    let params = request.extract_parts::<RawPathParams>().await;
    let params = params.map_err(|_| Problem::new(Code::NotFound, "the address is not UTF-8"))?;
    for (_, customer) in params.iter().filter(|(name, _)| *name == CUSTOMER) {
        caller.require(customer)?;
    }
    let left = app.take_token(&caller.key);
    let mut response = if left.is_none_or(|left| left.passes) {
        request.extensions_mut().insert(caller);
        next.run(request).await
    } else {
        let detail = "the key has sent as many requests as it may for now";
        Problem::new(Code::TooManyRequests, detail).into_response()
    };
    if let Some(left) = left {
        left.say(response.headers_mut());
    }
    Ok(response)
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Caller, Problem> {
        let caller = parts.extensions.get::<Caller>().cloned();
        caller.ok_or_else(|| Problem::new(Code::Internal, "a route without a caller"))
    }
}
