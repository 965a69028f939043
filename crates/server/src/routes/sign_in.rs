//! People at the server: the first page, signing in with a key, opening a link, signing out.
//!
//! What a person shows, a key or a link, becomes the cookie of a session at once and is in no address after that:
//! a link's address answers with a redirect and nothing else, so there is no page whose requests could name it as
//! their referrer, and the server's own log names the route. Invariant: a session begins and ends only by a request
//! that no other site's page can make, save a link, which lets its holder see one customer, bring what the buyer
//! signed, and have relayed what speaks against the bill (`screens::portal`).

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use http_body_util::{BodyExt as _, Limited};
use pages::screen::at;
use pages::screen::portal::at as portal;
use pages::view::{Reader, Start};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::access::{
    Caller, KeyText, Permission, SameSite, Shown, caller, cookie, given, taken_back,
};
use crate::app::App;
use crate::limits::SIGN_IN_BYTES_MAX;
use crate::page::page;
use crate::problem::{Code, Problem, Written};
use crate::returning;
use crate::screens;

/// What is sent to sign in.
#[derive(ToSchema)]
#[allow(dead_code)] // the description of what the form says
pub(crate) struct SignIn {
    /// An API key.
    #[schema(example = "pw_0123456789abcdef_…")]
    key: String,
    /// The page of this server to return to; the first one where absent.
    #[schema(example = "/margin?month=2026-01")]
    next: Option<String>,
}

/// Where to return to after signing in.
#[derive(Deserialize)]
struct Returning {
    next: Option<String>,
}

/// The form of the first page.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Form {
    key: String,
    next: String,
}

/// The first page: who one is, and what there is to see.
#[utoipa::path(get, path = "/", tag = "people", operation_id = "get_start",
    security(()),
    responses(
        (status = 200, description = "The page", body = String, content_type = "text/html"),
        (status = 401, description = "The key that came with it is not in force", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn start(
    State(app): State<App>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let caller = caller(&app, &Method::GET, &headers).await?;
    let Some(caller) = caller else {
        // Whatever else the address says is for whoever is known.
        let asked = Query::<Returning>::try_from_uri(&uri).ok();
        let next = asked.and_then(|Query(asked)| asked.next);
        return Ok(shown(&app, None, None, next.as_deref()));
    };
    if caller.may(Permission::ReadCosts) {
        return Ok(screens::home(app, caller, &uri).await);
    }
    let reader = app.work(move |app| reader(app, &caller)).await?;
    Ok(shown(&app, Some(reader), None, None))
}

/// Begins a session with an API key: the form of the first page.
#[utoipa::path(post, path = "/sign-in", tag = "people", operation_id = "sign_in",
    security(()),
    request_body(content = SignIn, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 303, description = "The session has begun: its cookie is set, and the page to return to, or the first one, is next"),
        (status = 400, description = "The body does not arrive", body = Written, content_type = "application/problem+json"),
        (status = 401, description = "The key is not known, or no longer in force: the page says so", body = String, content_type = "text/html"),
        (status = 403, description = "Another site's page asked for it", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn sign_in(
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    own_page(&app, &headers)?;
    let form = form_in(body).await?;
    let text = KeyText::parse(form.key.trim()).ok();
    let id = text.as_ref().map(|text| text.id().to_owned());
    let caller = match text {
        Some(text) => app.caller(text).await?,
        None => None,
    };
    let (Some(_), Some(id)) = (caller, id) else {
        let told = "That key is not known, or no longer in force.";
        let mut response = shown(&app, None, Some(told.to_owned()), Some(&form.next));
        *response.status_mut() = StatusCode::UNAUTHORIZED;
        return Ok(response);
    };
    let next = returning::address(&form.next).unwrap_or("/");
    begin(&app, Shown::Key(id), None, (SameSite::Strict, next))
}

/// Opens a link: the address that a buyer was sent.
#[utoipa::path(get, path = "/link/{token}", tag = "people", operation_id = "open_link",
    security(()),
    params(("token" = String, Path, description = "The link's text", example = "pwl_MQow")),
    responses(
        (status = 303, description = "A session has begun: its cookie is set, and the buyer's portal is next"),
        (status = 401, description = "The link is not known, or no longer in force: the page says so", body = String, content_type = "text/html"),
    ))]
pub(crate) async fn open_link(
    State(app): State<App>,
    Path(token): Path<String>,
) -> Result<Response, Problem> {
    let Some(link) = app.link(token).await? else {
        let told =
            "That link is not known, or no longer in force. Ask whoever sent it for another.";
        let mut response = shown(&app, None, Some(told.to_owned()), None);
        *response.status_mut() = StatusCode::UNAUTHORIZED;
        no_referrer(&mut response);
        return Ok(response);
    };
    let next = match &link.statement {
        Some(number) => portal::statement(portal::STATEMENT, &link.customer, number),
        None => portal::of(portal::OVERVIEW, &link.customer),
    };
    // A strict cookie would not come with the request that the redirect makes: it began on another site.
    begin(
        &app,
        Shown::Link(link.id),
        Some(link.expires),
        (SameSite::Lax, &next),
    )
}

/// Ends the session.
#[utoipa::path(post, path = "/sign-out", tag = "people", operation_id = "sign_out",
    security(()),
    responses(
        (status = 303, description = "It has ended, and the first page is next"),
        (status = 403, description = "Another site's page asked for it", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn sign_out(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    own_page(&app, &headers)?;
    if let Some(value) = cookie(app.site(), &headers) {
        app.sessions().end(value);
    }
    let mut response = to("/");
    if let Some(value) = taken_back(app.site()) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    Ok(response)
}

/// Refuses what another site's page asks for; a program that says nothing of pages goes on.
fn own_page(app: &App, headers: &HeaderMap) -> Result<(), Problem> {
    if app.site().is_foreign(headers) {
        let detail = "another site's page asked for this; open this server's first page";
        return Err(Problem::new(Code::Forbidden, detail));
    }
    Ok(())
}

/// What a form says; nothing where it is none.
async fn form_in(body: Body) -> Result<Form, Problem> {
    let body = Limited::new(body, SIGN_IN_BYTES_MAX).collect().await;
    let body = body.map_err(|_| {
        let detail = format!("the form did not arrive within {SIGN_IN_BYTES_MAX} bytes");
        Problem::new(Code::BadRequest, detail)
    })?;
    let body = body.to_bytes();
    // A form is written as the query of an address is.
    let form = std::str::from_utf8(&body).unwrap_or_default();
    let form = format!("/?{form}").parse::<Uri>().ok();
    let form = form.and_then(|form| Query::<Form>::try_from_uri(&form).ok());
    Ok(form.map(|Query(form)| form).unwrap_or_default())
}

fn begin(
    app: &App,
    shown: Shown,
    until: Option<jiff::Timestamp>,
    (same_site, next): (SameSite, &str),
) -> Result<Response, Problem> {
    let random = (app.book().random)().map_err(book::Error::Random)?;
    let value = app.sessions().begin(&random, shown, app.now(), until);
    let mut response = to(next);
    if let Some(value) = given(app.site(), &value, same_site) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    Ok(response)
}

/// Leads to a page of this server.
fn to(next: &str) -> Response {
    let headers = [
        (header::LOCATION, next),
        (header::CACHE_CONTROL, "no-store"),
    ];
    let mut response = (StatusCode::SEE_OTHER, headers).into_response();
    no_referrer(&mut response);
    response
}

fn no_referrer(response: &mut Response) {
    let policy = HeaderValue::from_static("no-referrer");
    response
        .headers_mut()
        .insert(header::REFERRER_POLICY, policy);
}

/// The first page, whose form returns to `next` where that is a page of this server.
fn shown(app: &App, reader: Option<Reader>, told: Option<String>, next: Option<&str>) -> Response {
    let next = next.and_then(returning::address);
    let vendor = app.book().config.vendor.clone();
    page(pages::start_page(&Start {
        vendor: vendor.unwrap_or_else(|| "The seller".to_owned()),
        reader,
        told,
        next: next.filter(|own| *own != "/").map(str::to_owned),
    }))
}

/// Who a caller is, and the places that it may look at.
pub(crate) fn reader(app: &App, caller: &Caller) -> Result<Reader, Problem> {
    let role = caller.role;
    let who = match (&caller.customer, &caller.statement) {
        (Some(customer), Some(number)) => format!("a reader of statement {number} of {customer}"),
        (Some(customer), None) => format!("{} of {customer}", role.word()),
        (None, _) => role.word().to_owned(),
    };
    let may = role.permissions().iter().filter(|own| caller.may(**own));
    let screens = screens::places(caller);
    let mut places: Vec<(String, String)> = screens
        .map(|(name, address)| (name.to_owned(), address.to_owned()))
        .collect();
    if let Some(customer) = &caller.customer {
        if caller.may(Permission::Read) {
            let portal = portal::of(portal::OVERVIEW, customer);
            places.push(("The buyer\u{2019}s portal".to_owned(), portal));
        }
        let account = app.book().account(customer, None)?;
        let issued = account.contracts.iter().flat_map(|held| &held.issued);
        for own in issued.filter(|own| caller.require_statement(&own.number).is_ok()) {
            let at = format!(
                "/v1/customers/{}/statements/{}",
                at::segment(customer),
                at::segment(&own.number)
            );
            let number = &own.number;
            let document = format!("{at}/document");
            places.push((format!("Statement {number}"), document.clone()));
            if app.typesetter().is_some() {
                let pdf = format!("{document}?format=pdf");
                places.push((format!("Statement {number} as PDF"), pdf));
            }
            places.push((
                format!("Proof report of {number}"),
                format!("{at}/proof-report"),
            ));
            places.push((format!("Proof file of {number}"), format!("{at}/proof")));
        }
        if caller.may(Permission::Read) {
            let at = format!("/v1/customers/{}", at::segment(customer));
            for note in app.book().credit_notes(customer)? {
                let number = &note.number;
                let document = format!("{at}/credit-notes/{}/document", at::segment(number));
                places.push((format!("Credit note {number}"), document));
            }
            places.push(("The customer log".to_owned(), format!("{at}/logs")));
            places.push(("Samples".to_owned(), format!("{at}/samples")));
        }
    }
    if caller.may(Permission::ReadCosts) {
        places.push(("Counts".to_owned(), "/metrics".to_owned()));
    }
    places.push(("What can be asked".to_owned(), "/openapi.json".to_owned()));
    Ok(Reader {
        who,
        may: may.map(|own| own.word().to_owned()).collect(),
        places,
    })
}
