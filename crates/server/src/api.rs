//! [`Api`]: the routes, what each needs, and the document that describes them: one registration makes all
//! three.
//!
//! Invariant: no route is reachable that is not in the table, and none is in the table without a word on who
//! may call it.

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Components, Info, OpenApi, Paths};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter, UtoipaMethodRouterExt as _};
use utoipa_axum::routes;

use crate::access::{Permission, authenticate};
use crate::app::App;
use crate::examples::Examples;
use crate::limits::REQUEST_TIME_MAX;
use crate::once::{OnceKey, once};
use crate::problem::{Code, Problem};
use crate::request_id;
use crate::routes::{
    api_keys, approvals, backups, books, budgets, calls, checks, closes, contracts, costs, covers,
    credit_notes, credits, customers, definitions, disputes, documents, events, grants, heads,
    links, log, margins, operation, otlp, payments, proof, published, quotes, receivables,
    reconciliation, refused, sign_in, source_counts, statement_runs, statements, stripe, tables,
    webhooks, works,
};
use crate::screens::{self, Screen};
use crate::telemetry;

/// What a route asks of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: anybody may call it.
    Nothing,
    /// A key, link or session whose caller has the permission.
    Key(Permission),
}

/// A route and what it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The method.
    pub method: String,
    /// The path, with its parameters in braces.
    pub path: String,
    /// What it needs.
    pub needs: Needs,
    /// Whether a request may carry a key under which it is answered once; no where absent.
    pub once: Option<OnceKey>,
    /// Whether it is a page for people: these are not of the API, so not in its document.
    pub is_screen: bool,
}

/// The routes.
pub struct Api {
    app: App,
    router: OpenApiRouter<App>,
    table: Vec<Route>,
}

/// The name of the one way to show who one is.
const SCHEME: &str = "api_key";

impl Api {
    /// All routes.
    #[must_use]
    pub fn new(app: App) -> Api {
        let info = Info::new("Piecework", env!("CARGO_PKG_VERSION"));
        let mut document = OpenApi::new(info, Paths::new());
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(
                "An API key (`piecework api-key create`), or the text of a buyer's link (`piecework link create`).",
            ))
            .build();
        let mut components = Components::new();
        components.add_security_scheme(SCHEME, SecurityScheme::Http(bearer));
        document.components = Some(components);
        document.security = Some(vec![SecurityRequirement::new(SCHEME, Vec::<String>::new())]);
        let api = Api {
            app,
            router: OpenApiRouter::with_openapi(document),
            table: Vec::new(),
        };
        api.route(Needs::Nothing, routes!(operation::health))
            .route(Needs::Nothing, routes!(operation::readiness))
            .route(Needs::Nothing, routes!(operation::problem))
            .route(
                Needs::Key(Permission::ReadCosts),
                routes!(operation::metrics),
            )
            .people()
            .logs()
            .proof()
            .route(Needs::Key(Permission::Ingest), routes!(events::send))
            .route(Needs::Key(Permission::Administer), routes!(backups::begin))
            .route(Needs::Key(Permission::Administer), routes!(backups::read))
            .route(Needs::Key(Permission::ReadCosts), routes!(refused::list))
            .route(Needs::Key(Permission::ReadCosts), routes!(refused::show))
            .route_once(
                Permission::Administer,
                OnceKey::Optional,
                routes!(refused::resend),
            )
            .route_once(
                Permission::Administer,
                OnceKey::Optional,
                routes!(refused::dismiss),
            )
            .route(Needs::Key(Permission::RecordCosts), routes!(otlp::traces))
            .route(Needs::Key(Permission::RecordCosts), routes!(otlp::logs))
            .route(Needs::Key(Permission::RecordCosts), routes!(otlp::metrics))
            .route(Needs::Key(Permission::RecordCosts), routes!(calls::litellm))
            .route(
                Needs::Key(Permission::ReadCosts),
                routes!(reconciliation::of_customer),
            )
            .route(
                Needs::Key(Permission::ReadCosts),
                routes!(reconciliation::of_book),
            )
            .route(
                Needs::Key(Permission::Ingest),
                routes!(source_counts::report),
            )
            .route(
                Needs::Key(Permission::ReadCosts),
                routes!(source_counts::list),
            )
            .route(Needs::Key(Permission::ReadCosts), routes!(costs::list))
            .route_once(
                Permission::AssignCosts,
                OnceKey::Optional,
                routes!(costs::assign),
            )
            .webhooks()
            .budgets()
            .resources()
            .screens()
    }

    /// Pages for people.
    fn screens(mut self) -> Api {
        for Screen {
            method,
            path,
            needs,
            handler,
        } in screens::all()
        {
            self.table.push(Route {
                method: method.to_string(),
                path: path.to_owned(),
                needs,
                once: None,
                is_screen: true,
            });
            let handler = match needs {
                Needs::Nothing => handler,
                Needs::Key(permission) => {
                    let state = (self.app.clone(), permission);
                    handler.layer(from_fn_with_state(state, authenticate))
                }
            };
            let handler = handler.layer(from_fn(screens::refusals_as_pages));
            self.router = self.router.route(path, handler);
        }
        self
    }

    fn budgets(self) -> Api {
        let set = Needs::Key(Permission::SetBudgets);
        self.route(Needs::Key(Permission::Spend), routes!(budgets::show))
            .route(set, routes!(budgets::set, budgets::remove))
            .route(Needs::Key(Permission::ReadCosts), routes!(budgets::list))
    }

    /// Logs as static files, their heads, and proofs in them.
    fn logs(self) -> Api {
        let read = Needs::Key(Permission::Read);
        self.route(read, routes!(log::checkpoint))
            .route(read, routes!(log::tile))
            .route(read, routes!(heads::list))
            .route(Needs::Key(Permission::Share), routes!(heads::sign))
            .route(read, routes!(heads::show))
            .route(Needs::Key(Permission::Ingest), routes!(heads::cosign))
            .route(read, routes!(heads::inclusion))
            .route(read, routes!(heads::consistency))
            .route(read, routes!(heads::receipt))
    }

    /// What proves statements and works.
    fn proof(self) -> Api {
        let read = Needs::Key(Permission::Read);
        let of_statement = Needs::Key(Permission::ReadStatement);
        self.route(of_statement, routes!(proof::file))
            .route(of_statement, routes!(proof::report))
            .route(read, routes!(proof::receipt))
            .route(read, routes!(proof::samples))
    }

    /// Links for buyers, and people at the server.
    fn people(self) -> Api {
        let share = Needs::Key(Permission::Share);
        self.route(share, routes!(links::list))
            .route(share, routes!(links::create))
            .route(share, routes!(links::revoke))
            .route(Needs::Nothing, routes!(sign_in::start))
            .route(Needs::Nothing, routes!(sign_in::open_link))
            .route(Needs::Nothing, routes!(sign_in::sign_in))
            .route(Needs::Nothing, routes!(sign_in::sign_out))
    }

    fn webhooks(self) -> Api {
        let needs = Needs::Key(Permission::Administer);
        self.route(needs, routes!(webhooks::list, webhooks::create))
            .route(needs, routes!(webhooks::types))
            .route(
                needs,
                routes!(webhooks::show, webhooks::change, webhooks::delete),
            )
            .route(needs, routes!(webhooks::rotate))
            .route(needs, routes!(webhooks::test))
            .route(needs, routes!(webhooks::deliveries))
            .route(needs, routes!(webhooks::redeliver))
    }

    /// What people read and act on.
    fn resources(self) -> Api {
        use OnceKey::{Optional, Required};
        use Permission::{
            Administer, Bill, Contract, Ingest, Read, ReadCosts, ReadStatement, Record,
        };
        self.route(Needs::Key(Read), routes!(customers::list))
            .route(Needs::Key(Read), routes!(customers::show))
            .route(Needs::Key(Read), routes!(definitions::list))
            .route(Needs::Key(Read), routes!(definitions::show))
            .route(Needs::Key(Read), routes!(definitions::check_definition))
            .route(Needs::Key(Read), routes!(definitions::plans))
            .route(Needs::Key(Read), routes!(definitions::check_plan))
            .route(Needs::Key(Read), routes!(contracts::list))
            .route(Needs::Key(Read), routes!(contracts::show))
            .route_once(Contract, Optional, routes!(contracts::sign))
            .route_once(Contract, Optional, routes!(contracts::open))
            .route_once(Contract, Optional, routes!(contracts::renew))
            .route_once(Contract, Optional, routes!(contracts::amend))
            .route_once(Contract, Optional, routes!(contracts::roll_back))
            .route_once(Contract, Optional, routes!(contracts::end))
            .route(Needs::Key(Read), routes!(contracts::preview))
            .route(Needs::Key(Read), routes!(quotes::list))
            .route(Needs::Key(Read), routes!(quotes::show))
            .route(Needs::Key(Read), routes!(documents::quote))
            .route_once(Contract, Optional, routes!(quotes::draft))
            .route_once(Contract, Optional, routes!(quotes::send))
            .route_once(Contract, Optional, routes!(quotes::accept))
            .route_once(Contract, Optional, routes!(quotes::decline))
            .route_once(Contract, Optional, routes!(quotes::withdraw))
            .route(Needs::Key(Ingest), routes!(quotes::answer))
            .route_once(Contract, Optional, routes!(published::publish))
            .route(Needs::Key(Read), routes!(works::list))
            .route(Needs::Key(Read), routes!(works::show))
            .route(Needs::Key(Read), routes!(statements::list))
            .route(Needs::Key(Read), routes!(statements::preview))
            .route(Needs::Key(ReadStatement), routes!(statements::show))
            .route(Needs::Key(ReadStatement), routes!(statements::explain))
            .route(Needs::Key(Read), routes!(statements::bridge))
            .route(Needs::Key(ReadCosts), routes!(approvals::list))
            .route(Needs::Key(ReadCosts), routes!(approvals::show))
            .route(Needs::Key(ReadCosts), routes!(approvals::changes))
            .route(Needs::Key(Bill), routes!(approvals::approve))
            .route(Needs::Key(Bill), routes!(approvals::decline))
            .route(Needs::Key(ReadCosts), routes!(checks::list))
            .route(Needs::Key(Bill), routes!(checks::waive))
            .route(Needs::Key(ReadCosts), routes!(closes::check))
            .route(Needs::Key(Bill), routes!(closes::record))
            .route(Needs::Key(ReadCosts), routes!(statement_runs::list))
            .route(Needs::Key(ReadCosts), routes!(statement_runs::show))
            .route(Needs::Key(ReadCosts), routes!(statement_runs::rows))
            .route(Needs::Key(Bill), routes!(statement_runs::begin))
            .route(Needs::Key(Bill), routes!(statement_runs::resume))
            .route(Needs::Key(ReadStatement), routes!(documents::statement))
            .route_once(Bill, Required, routes!(statements::issue))
            .route_once(Bill, Optional, routes!(statements::void))
            .route(Needs::Key(Read), routes!(covers::list))
            .route(Needs::Key(Read), routes!(covers::show))
            .route(Needs::Key(Read), routes!(documents::cover))
            .route_once(Bill, Optional, routes!(covers::issue))
            .route_once(Bill, Optional, routes!(covers::void))
            .route(Needs::Key(Read), routes!(covers::choices))
            .route_once(Bill, Optional, routes!(covers::choose))
            .route(Needs::Key(Read), routes!(credits::list))
            .route(Needs::Key(Read), routes!(payments::list))
            .route(Needs::Key(Read), routes!(grants::list))
            .route_once(Bill, Optional, routes!(grants::grant))
            .route(Needs::Key(Read), routes!(credit_notes::list))
            .route(Needs::Key(Read), routes!(credit_notes::show))
            .route(Needs::Key(Read), routes!(documents::credit_note))
            .route_once(Bill, Optional, routes!(credit_notes::credit))
            .route_once(Bill, Optional, routes!(credits::give))
            .route_once(Bill, Optional, routes!(payments::record))
            .route_once(Bill, Optional, routes!(payments::allocate))
            .route_once(Bill, Optional, routes!(payments::refund))
            .route_once(Bill, Optional, routes!(payments::void))
            .route_once(Bill, Optional, routes!(payments::write_off))
            .route(Needs::Key(ReadCosts), routes!(receivables::ageing))
            .route(Needs::Key(Read), routes!(receivables::of_customer))
            .route(Needs::Key(Read), routes!(receivables::account))
            .route(Needs::Key(Read), routes!(receivables::confirmation))
            .route(Needs::Key(ReadCosts), routes!(books::revenue))
            .route(Needs::Key(ReadCosts), routes!(books::journal))
            .route(Needs::Key(ReadCosts), routes!(books::trial_balance))
            .route(Needs::Key(ReadCosts), routes!(books::costs))
            .route(Needs::Key(ReadCosts), routes!(books::locks))
            .route_once(Bill, Optional, routes!(books::lock))
            .route_once(Bill, Optional, routes!(books::unlock))
            .route(Needs::Key(Read), routes!(disputes::list))
            .route_once(Record, Optional, routes!(disputes::raise))
            .route_once(Bill, Optional, routes!(disputes::decide))
            .route_once(Record, Optional, routes!(disputes::review))
            .route(Needs::Key(Bill), routes!(stripe::list))
            .route(Needs::Key(ReadCosts), routes!(margins::show))
            .route(Needs::Key(ReadCosts), routes!(tables::show))
            .route(Needs::Key(Administer), routes!(api_keys::list))
            .route(Needs::Key(Administer), routes!(api_keys::create))
            .route(Needs::Key(Administer), routes!(api_keys::rotate))
            .route(Needs::Key(Administer), routes!(api_keys::revoke))
    }

    /// A route whose requests are answered once for each `Idempotency-Key`.
    fn route_once(
        self,
        permission: Permission,
        key: OnceKey,
        routes: UtoipaMethodRouter<App>,
    ) -> Api {
        let routes = routes.layer(from_fn_with_state((self.app.clone(), key), once));
        self.enter(Needs::Key(permission), Some(key), routes)
    }

    fn route(self, needs: Needs, routes: UtoipaMethodRouter<App>) -> Api {
        self.enter(needs, None, routes)
    }

    fn enter(
        mut self,
        needs: Needs,
        once: Option<OnceKey>,
        routes: UtoipaMethodRouter<App>,
    ) -> Api {
        for (path, item) in &routes.1.paths {
            let methods = [
                ("GET", item.get.is_some()),
                ("POST", item.post.is_some()),
                ("PUT", item.put.is_some()),
                ("PATCH", item.patch.is_some()),
                ("DELETE", item.delete.is_some()),
            ];
            for (method, _) in methods.into_iter().filter(|(_, there)| *there) {
                self.table.push(Route {
                    method: method.to_owned(),
                    path: described(path),
                    needs,
                    once,
                    is_screen: false,
                });
            }
        }
        let routes = match needs {
            Needs::Nothing => routes,
            Needs::Key(permission) => {
                let state = (self.app.clone(), permission);
                routes.layer(from_fn_with_state(state, authenticate))
            }
        };
        self.router = self.router.routes(routes);
        self
    }

    /// The routes and what each needs.
    #[must_use]
    pub fn table(&self) -> &[Route] {
        &self.table
    }

    /// The document that describes the API (OpenAPI 3.1).
    #[must_use]
    pub fn document(&self) -> OpenApi {
        let mut document = self.router.get_openapi().clone();
        let examples = Examples::read();
        let paths = std::mem::take(&mut document.paths.paths);
        let paths = paths
            .into_iter()
            .map(|(path, item)| (described(&path), item));
        document.paths.paths = paths.collect();
        for route in &self.table {
            describe_refusals(&mut document, route);
        }
        for item in document.paths.paths.values_mut() {
            let operations = [
                &mut item.get,
                &mut item.post,
                &mut item.put,
                &mut item.patch,
            ];
            let operations = operations.into_iter().chain([&mut item.delete]);
            operations.flatten().for_each(|own| examples.show(own));
        }
        document
    }

    /// The service.
    pub fn into_router(self) -> Router {
        let document = self.document().to_pretty_json().unwrap_or_default();
        let (router, _) = self.router.split_for_parts();
        let app = self.app;
        let served =
            axum::routing::get(|| async { ([("content-type", "application/json")], document) });
        router
            .route("/openapi.json", served)
            .fallback(screens::wrong_address)
            .method_not_allowed_fallback(|| async {
                Problem::new(Code::MethodNotAllowed, "the address takes other methods")
            })
            .layer(from_fn_with_state(app.clone(), bounded))
            .layer(CatchPanicLayer::custom(|_| {
                Problem::new(Code::Internal, "the request was not finished").into_response()
            }))
            .layer(from_fn(telemetry::in_words_of_otlp))
            .layer(from_fn_with_state(app.clone(), counted))
            .layer(from_fn(request_id::layer))
            .with_state(app)
    }
}

/// A path as the document and the table write it: that a parameter takes several segments is the router's.
fn described(path: &str) -> String {
    path.replace("{*", "{")
}

/// What every route may answer beside its own: said in the document once for each.
fn describe_refusals(document: &mut OpenApi, route: &Route) {
    use utoipa::openapi::{ContentBuilder, Ref, ResponseBuilder};
    let Some(item) = document.paths.paths.get_mut(&route.path) else {
        return;
    };
    let operation = match route.method.as_str() {
        "GET" => &mut item.get,
        "POST" => &mut item.post,
        "PUT" => &mut item.put,
        "PATCH" => &mut item.patch,
        _ => &mut item.delete,
    };
    let Some(operation) = operation else { return };
    let mut codes = vec![
        Code::TooLarge,
        Code::Timeout,
        Code::Busy,
        Code::Internal,
        Code::Unavailable,
    ];
    if route.needs != Needs::Nothing {
        codes.extend([Code::Unauthorized, Code::Forbidden]);
    }
    if let Some(key) = route.once {
        codes.extend([Code::BadRequest, Code::StillWorkedOn, Code::KeyReused]);
        let parameter = once_parameter(key);
        operation
            .parameters
            .get_or_insert_default()
            .push(parameter.into());
    }
    let is_otlp = telemetry::is_path(&route.path);
    if is_otlp {
        // A timeout is told as something to send again.
        codes.retain(|code| *code != Code::Timeout);
    }
    let schema = |name: &str| {
        let schema = Some(Ref::from_schema_name(name));
        ContentBuilder::new().schema(schema).build()
    };
    for code in codes {
        let response = ResponseBuilder::new().description(code.title());
        let response = if is_otlp {
            response
                .content("application/x-protobuf", schema("Protobuf"))
                .content("application/json", schema("RpcStatus"))
        } else {
            response.content("application/problem+json", schema("Problem"))
        };
        let response = response.build();
        let status = code.status().as_str().to_owned();
        operation
            .responses
            .responses
            .entry(status)
            .or_insert_with(|| response.into());
    }
}

/// The header under which a request is answered once.
fn once_parameter(key: OnceKey) -> utoipa::openapi::path::Parameter {
    use utoipa::openapi::path::{ParameterBuilder, ParameterIn};
    use utoipa::openapi::{ObjectBuilder, Required, Type};
    let required = match key {
        OnceKey::Optional => Required::False,
        OnceKey::Required => Required::True,
    };
    let about = "A key of this request's own. Sent again under it, the request is answered again and not done again.";
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(required)
        .description(Some(about))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .example(Some("8e03978e-40d5-43dd-bc93-6894a57f9324".into()))
        .build()
}

/// Lets in as many as there is room for, each for so long. Whether the server is alive is told at any load.
async fn bounded(State(app): State<App>, request: Request, next: Next) -> Response {
    if matches!(request.uri().path(), "/healthz" | "/readyz") {
        return next.run(request).await;
    }
    let place = match app.enter() {
        Ok(place) => place,
        Err(problem) => return problem.into_response(),
    };
    let answered = tokio::time::timeout(REQUEST_TIME_MAX, next.run(request)).await;
    drop(place);
    answered.unwrap_or_else(|_| {
        let seconds = REQUEST_TIME_MAX.as_secs();
        let detail = format!("it was not answered within {seconds} seconds");
        Problem::new(Code::Timeout, detail).into_response()
    })
}

/// Counts the request and writes it to the log: the route, never the path, which may name a customer.
async fn counted(State(app): State<App>, request: Request, next: Next) -> Response {
    let started = std::time::Instant::now();
    let method = request.method().as_str().to_owned();
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or("(none)", MatchedPath::as_str).to_owned();
    let response = next.run(request).await;
    let (status, took) = (response.status().as_u16(), started.elapsed());
    app.meter().count(&method, &route, status, took);
    let request_id = request_id::current();
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    tracing::info!(method, route, status, micros, request_id, "answered");
    response
}
