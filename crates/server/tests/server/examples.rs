//! The examples of the document are what the server was asked and answered.

use std::path::Path;

use piecework_server::access::Role;
use serde_json::{Map, Value, json};
use store::operations::{DocumentOf, DocumentState, NewDocument, StepState};

use crate::support::{Answer, Server};
use crate::{desk, sold};

/// What was asked and answered, by the operation's id.
struct Written {
    server: Server,
    examples: Map<String, Value>,
}

impl Written {
    /// Asks, and writes down under the operation that the server's table has for the path.
    async fn ask(
        &mut self,
        name: &str,
        role: Role,
        (method, path): (&str, &str),
        body: Value,
    ) -> Answer {
        let key = format!("{name}/{path}");
        let mut headers = vec![desk::JSON, ("prefer", "return=representation")];
        if name == "issue_statement" {
            headers.push(("idempotency-key", &key));
        }
        let read = match name {
            "amend_contract" | "roll_back_contract" | "end_contract" => {
                "/v1/customers/globex/contracts/globex-2026"
            }
            "renew_contract" => "/v1/customers/initech/contracts/initech-2027",
            "set_budget" | "remove_budget" => path,
            _ => "",
        };
        let tag = if read.is_empty() {
            String::new()
        } else {
            let shown = desk::get(&self.server, Role::Finance, read).await;
            shown.headers["etag"].to_str().unwrap().to_owned()
        };
        if !tag.is_empty() {
            headers.push(("if-match", &tag));
        }
        let sent = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let answer = self.server.ask(role, (method, path), &headers, sent).await;
        assert!(answer.status.is_success(), "{name}: {}", answer.text);
        let mut example = Map::new();
        if !body.is_null() {
            example.insert("request".to_owned(), body);
        }
        if let Ok(mut response) = serde_json::from_str::<Value>(&answer.text) {
            // Nobody's key, though this one opened a book that is gone.
            if let Some(key) = response
                .get_mut("key")
                .filter(|_| name.ends_with("_api_key"))
            {
                *key = json!("pw_<id>_<secret>_<check>");
            }
            // The question is a commit itself, and whether the state has applied it yet is a matter of the moment.
            if name == "get_readiness" {
                response["applied"] = response["committed"].clone();
            }
            example.insert("response".to_owned(), response);
        }
        self.examples
            .insert(name.to_owned(), Value::Object(example));
        answer
    }

    async fn get(&mut self, name: &str, role: Role, path: &str) -> Answer {
        self.ask(name, role, ("GET", path), Value::Null).await
    }
}

/// A statement whose invoice is at Stripe.
fn at_stripe(server: &Server) {
    let operations = server.app.store().operations();
    let of = DocumentOf {
        customer: "acme".to_owned(),
        kind: "statement".to_owned(),
        name: "acme-0001".to_owned(),
    };
    let found = NewDocument {
        of: of.clone(),
        made: server.app.now(),
        until: 1,
    };
    operations.stripe_follow(&[found], 1).unwrap();
    let mut document = operations.stripe_document(&of).unwrap().unwrap();
    let step = ("invoice".to_owned(), "{}".to_owned());
    operations.stripe_plan(document.number, &[step]).unwrap();
    let mut step = operations.stripe_steps(document.number).unwrap().remove(0);
    (step.state, step.attempts) = (StepState::Done, 1);
    step.made = Some("in_1MtHbELkdIwHu7ixl4OzzPMv".to_owned());
    operations.stripe_note_step(&step).unwrap();
    document.state = DocumentState::Done;
    document.next_at = None;
    operations.stripe_note(&document).unwrap();
}

/// One scenario through every operation whose bodies are JSON.
async fn written() -> Map<String, Value> {
    let server = desk::with_works().await;
    let mut all = Written {
        server,
        examples: Map::new(),
    };
    let event = json!({"specversion": "1.0", "id": "T-5/answered", "source": "desk", "type": "piecework.work.answered.v1", "subject": "acme", "time": "2026-01-09T09:00:00Z", "workid": "T-5", "data": {"conversation": "T-5", "kind": "answer"}});
    all.ask(
        "send_events",
        Role::Ingest,
        ("POST", "/api/v1/events"),
        event.clone(),
    )
    .await;
    refused(&mut all, &event).await;
    for name in ["health", "readiness"] {
        let path = if name == "health" {
            "/healthz"
        } else {
            "/readyz"
        };
        all.get(&format!("get_{name}"), Role::Auditor, path).await;
    }
    for (name, path, member) in [
        ("send_traces", "/v1/traces", "resourceSpans"),
        ("send_logs", "/v1/logs", "resourceLogs"),
        ("send_metrics", "/v1/metrics", "resourceMetrics"),
    ] {
        all.ask(name, Role::Ingest, ("POST", path), json!({member: []}))
            .await;
    }
    let call = json!([{"id": "chatcmpl-1", "startTime": 1_767_690_000.0, "model": "gpt-4o-mini", "custom_llm_provider": "openai", "prompt_tokens": 100, "completion_tokens": 20, "end_user": "acme"}]);
    all.ask(
        "send_litellm_calls",
        Role::Ingest,
        ("POST", "/ingest/litellm"),
        call,
    )
    .await;
    at_stripe(&all.server);
    all.get("list_stripe", Role::Finance, "/v1/stripe").await;
    all.get("list_webhook_types", Role::Operator, "/v1/webhooks/types")
        .await;
    let signature = json!({"from": "2026-01-01", "by": "procurement"});
    for customer in ["globex", "acme"] {
        let contracts = ("POST", format!("/v1/customers/{customer}/contracts"));
        all.ask(
            "sign_contract",
            Role::Finance,
            (contracts.0, &contracts.1),
            signature.clone(),
        )
        .await;
    }
    let other = "/v1/customers/globex/contracts/globex-2026";
    let text = desk::get(&all.server, Role::Finance, other).await.json();
    let text = format!(
        "{}# Agreed again.\n",
        text["versions"][0]["text"].as_str().unwrap()
    );
    let amendment = json!({"from": "2026-03-01", "document": text, "by": "procurement"});
    all.ask(
        "amend_contract",
        Role::Finance,
        ("POST", &format!("{other}/amend")),
        amendment,
    )
    .await;
    let proposed = json!({"from": "2026-04-01", "periods": 2});
    all.ask(
        "preview_contract",
        Role::Finance,
        ("POST", &format!("{other}/preview")),
        proposed,
    )
    .await;
    let measure = "subject = \"availability\"\nfrom = 2026-01-01T00:00:00Z\nuntil = 2026-02-01T00:00:00Z\nvalue = \"99.62\"\n";
    let document = json!({"kind": "measure", "text": measure, "by": "operations"});
    all.ask(
        "publish_document",
        Role::Finance,
        ("POST", "/v1/customers/globex/documents"),
        document,
    )
    .await;
    let back = json!({"to_version": 1, "from": "2026-05-01", "by": "procurement"});
    all.ask(
        "roll_back_contract",
        Role::Finance,
        ("POST", &format!("{other}/rollback")),
        back,
    )
    .await;
    let ending = json!({"at": "2027-01-01", "by": "procurement"});
    all.ask(
        "end_contract",
        Role::Finance,
        ("POST", &format!("{other}/end")),
        ending,
    )
    .await;
    quotes(&mut all).await;
    let dispute = json!({"work": "T-3", "reason": "the customer wrote again", "source": "support-desk", "at": "2026-01-20T09:00:00Z"});
    all.ask(
        "raise_dispute",
        Role::Operator,
        ("POST", "/v1/customers/acme/disputes"),
        dispute,
    )
    .await;
    let credit = json!({"amount": {"amount": "0.50", "currency": "USD"}, "reason": "the outage of 12 January", "by": "cs-lead"});
    all.ask(
        "give_credit",
        Role::Finance,
        ("POST", "/v1/customers/acme/credits"),
        credit,
    )
    .await;
    let prepaid = json!({
        "grant": "prepaid-2027",
        "amount": {"amount": "1200.00", "currency": "USD"},
        "paid": {"amount": "1000.00", "currency": "USD"},
        "starts": "2027-01-01T00:00:00Z", "expires": "2028-01-01T00:00:00Z", "by": "finance-lead",
    });
    all.ask(
        "grant_credits",
        Role::Finance,
        ("POST", "/v1/customers/acme/grants"),
        prepaid,
    )
    .await;
    let choice = json!({"per": "customer", "from": "2026-01-31", "by": "procurement"});
    all.ask(
        "choose_covers",
        Role::Finance,
        ("POST", "/v1/customers/globex/cover-choices"),
        choice,
    )
    .await;
    let issue = json!({"period": "2026-01", "by": "finance-lead"});
    all.ask(
        "issue_statement",
        Role::Finance,
        ("POST", "/v1/customers/globex/statements"),
        issue.clone(),
    )
    .await;
    covers(&mut all).await;
    let void = json!({"reason": "the wrong plan was in force", "by": "finance-lead"});
    all.ask(
        "void_statement",
        Role::Finance,
        ("POST", "/v1/customers/globex/statements/globex-0001/void"),
        void,
    )
    .await;
    all.ask(
        "issue_statement",
        Role::Finance,
        ("POST", "/v1/customers/acme/statements"),
        issue,
    )
    .await;
    let payment = json!({"statement": "acme-0001", "amount": {"amount": "1.00", "currency": "USD"}, "at": "2026-01-31", "reference": "B-1"});
    all.ask(
        "record_payment",
        Role::Finance,
        ("POST", "/v1/customers/acme/payments"),
        payment,
    )
    .await;
    money(&mut all).await;
    let credit =
        json!({"line": "resolutions", "reason": "the answers of 12 January", "by": "finance-lead"});
    all.ask(
        "credit_statement",
        Role::Finance,
        ("POST", "/v1/customers/acme/statements/acme-0001/credit"),
        credit,
    )
    .await;
    reads(&mut all).await;
    let close = json!({"by": "finance-lead", "reason": "what is open goes into February"});
    all.ask(
        "record_close",
        Role::Finance,
        ("POST", "/v1/closes/2025-12"),
        close,
    )
    .await;
    let decision = json!({"work": "T-3", "verdict": "credited", "source": "cs-lead"});
    all.ask(
        "decide_dispute",
        Role::Finance,
        ("POST", "/v1/customers/acme/disputes/decide"),
        decision,
    )
    .await;
    keys(&mut all).await;
    watched(&mut all).await;
    waived(&mut all).await;
    all.examples
}

/// A check that fails and is waived, in the book of a house that asks more of its prices.
async fn waived(all: &mut Written) {
    all.server = desk::works_in(Server::doubting()).await;
    desk::sign(&all.server, "acme").await;
    all.get("list_checks", Role::Auditor, "/v1/checks?customer=acme")
        .await;
    let waiver = json!({"customer": "acme", "contract": "acme-2026", "check": "attribution",
        "reason": "the holdout begins in May", "until": "2026-06-30", "by": "cfo"});
    let path = ("POST", "/v1/checks/waive");
    all.ask("waive_check", Role::Finance, path, waiver).await;
}

/// One document to pay for what was issued.
async fn covers(all: &mut Written) {
    let (role, of) = (Role::Finance, "/v1/customers/globex/covers");
    let issue = json!({"through": "2026-01-31", "currency": "USD", "by": "finance-lead"});
    all.ask("issue_cover", role, ("POST", of), issue).await;
    let one = format!("{of}/globex-A0001");
    all.get("list_covers", role, of).await;
    all.get("get_cover", role, &one).await;
    let choices = "/v1/customers/globex/cover-choices";
    all.get("list_cover_choices", role, choices).await;
    let void = json!({"reason": "the wrong address", "by": "finance-lead"});
    let path = format!("{one}/void");
    all.ask("void_cover", role, ("POST", &path), void).await;
}

/// Money on account, and what is done with it.
async fn money(all: &mut Written) {
    let usd = |amount: &str| json!({"amount": amount, "currency": "USD"});
    let paid = json!({"amount": usd("2.00"), "at": "2026-01-31", "reference": "B-2"});
    all.ask(
        "record_payment",
        Role::Finance,
        ("POST", "/v1/customers/acme/payments"),
        paid,
    )
    .await;
    let by = "finance-lead";
    for (name, path, body) in [
        (
            "allocate_payment",
            "payments/allocate",
            json!({"payment": "payment/B-2", "allocations": [{"statement": "acme-0001", "amount": usd("1.50")}], "by": by}),
        ),
        (
            "refund_payment",
            "payments/refund",
            json!({"payment": "payment/B-2", "amount": usd("0.25"), "reference": "R-1", "reason": "paid too much", "by": by}),
        ),
        (
            "void_payment",
            "payments/void",
            json!({"entry": "refund/R-1", "reason": "it was not sent", "by": by}),
        ),
        (
            "write_off",
            "write-offs",
            json!({"statement": "acme-0001", "reason": "bank fees", "by": by}),
        ),
    ] {
        let path = format!("/v1/customers/acme/{path}");
        all.ask(name, Role::Finance, ("POST", &path), body).await;
    }
    let lock = json!({"until": "2025-12-31", "reason": "2025 is reported", "by": "controller"});
    let to = ("POST", "/v1/books/lock");
    all.ask("lock_books", Role::Finance, to, lock).await;
    let unlock = json!({"reason": "a cost was missing", "by": "controller"});
    let to = ("POST", "/v1/books/unlock");
    all.ask("unlock_books", Role::Finance, to, unlock).await;
    let c = "/v1/customers/acme";
    for (name, path) in [
        ("get_ageing", "/v1/ageing".to_owned()),
        (
            "get_customer_ageing",
            format!("{c}/ageing?as_of=2026-02-28"),
        ),
        ("get_account", format!("{c}/account")),
        (
            "get_balance_confirmation",
            format!("{c}/balance-confirmation?day=2026-01-31"),
        ),
        (
            "get_revenue",
            "/v1/books/revenue?customer=acme&through=2026-01".to_owned(),
        ),
        (
            "get_journal",
            "/v1/books/journal?customer=acme&through=2026-01".to_owned(),
        ),
        (
            "get_trial_balance",
            "/v1/books/trial-balance?customer=acme&through=2026-01".to_owned(),
        ),
        ("list_locks", "/v1/books/locks".to_owned()),
    ] {
        all.get(name, Role::Finance, &path).await;
    }
}

/// What another system counted before a contract began.
const OPENING: &str = "contract = \"initech-2027\"\ncurrency = \"USD\"\nsystem = \"the former system, export of 2026-12-31\"\n\n[[unpaid]]\nnumber = \"R-2026-118\"\namount = \"240.00\"\ndue = 2027-01-15\n";

/// Four quotes for somebody who has bought nothing yet: withdrawn, declined, accepted in words, accepted by key.
async fn quotes(all: &mut Written) {
    let quotes = "/v1/customers/initech/quotes";
    let draft = |document: Option<String>| {
        json!({"from": "2026-04-01", "document": document, "valid_until": "2026-03-31",
            "words": "As we spoke of on the phone.", "by": "sales"})
    };
    let sending = json!({"by": "sales"});
    let no = json!({"reason": "the budget went elsewhere", "by": "procurement"});
    let yes = json!({"how": "by letter of March 3", "by": "procurement"});
    let steps = [
        ("withdraw_quote", "withdraw", no.clone()),
        ("decline_quote", "decline", no),
        ("accept_quote", "accept", yes),
    ];
    for (at, (name, step, body)) in (1..).zip(steps) {
        all.ask("draft_quote", Role::Finance, ("POST", quotes), draft(None))
            .await;
        let send = format!("{quotes}/initech-Q{at:04}/send");
        all.ask(
            "send_quote",
            Role::Finance,
            ("POST", &send),
            sending.clone(),
        )
        .await;
        let path = format!("{quotes}/initech-Q{at:04}/{step}");
        all.ask(name, Role::Finance, ("POST", &path), body).await;
    }
    all.get(
        "get_quote",
        Role::Finance,
        &format!("{quotes}/initech-Q0003"),
    )
    .await;
    // Another contract, of a year that is not sold yet.
    let contract = "/v1/customers/initech/contracts/initech-2026";
    let contract = desk::get(&all.server, Role::Finance, contract).await.json();
    let end = json!({"at": "2027-01-01", "by": "procurement"});
    let path = "/v1/customers/initech/contracts/initech-2026/end";
    let tag = [desk::JSON, ("if-match", "*")];
    let ended = all
        .server
        .ask(Role::Finance, ("POST", path), &tag, end.to_string());
    assert_eq!(ended.await.status, 201);
    let text = contract["versions"][0]["text"].as_str().unwrap();
    let text = text
        .replace("initech-2026", "initech-2027")
        .replace("2026-04-01", "2027-01-01");
    let text = format!("ends = \"2027-12-31\"\n{text}");
    let quoted = draft(Some(text));
    let drafted = desk::post(&all.server, Role::Finance, quotes, &quoted.to_string()).await;
    assert_eq!(drafted.status, 201, "{}", drafted.text);
    let send = format!("{quotes}/initech-Q0004/send");
    desk::post(&all.server, Role::Finance, &send, &sending.to_string()).await;
    let event = sold::acceptance(&all.server, "initech", &drafted.json());
    let answer = format!("{quotes}/initech-Q0004/answer");
    let event = json!({"event": event});
    all.ask("answer_quote", Role::Ingest, ("POST", &answer), event)
        .await;
    let contract = "/v1/customers/initech/contracts/initech-2027";
    let opening = json!({"document": OPENING, "by": "procurement"});
    let path = format!("{contract}/open");
    all.ask("open_contract", Role::Finance, ("POST", &path), opening)
        .await;
    let renewal = json!({"until": "2028-12-31", "by": "procurement"});
    let path = format!("{contract}/renew");
    all.ask("renew_contract", Role::Finance, ("POST", &path), renewal)
        .await;
    all.get("list_quotes", Role::Finance, &format!("{quotes}?limit=1"))
        .await;
}

async fn refused(all: &mut Written, event: &Value) {
    let mut wrong = event.clone();
    wrong["type"] = json!("piecework.work.finished.v1");
    for id in ["wrong-1", "wrong-2"] {
        wrong["id"] = json!(id);
        all.server.events(&[desk::JSON], wrong.to_string()).await;
    }
    let listed = all
        .get("list_refused", Role::Operator, "/v1/refused")
        .await
        .json();
    let path = |at: usize| {
        format!(
            "/v1/refused/{}",
            listed["refused"][at]["id"].as_str().unwrap()
        )
    };
    all.get("get_refused", Role::Operator, &path(0)).await;
    let mut repaired = event.clone();
    repaired["id"] = json!("wrong-1");
    let resend = format!("{}/resend", path(0));
    all.ask(
        "resend_refused",
        Role::Operator,
        ("POST", &resend),
        repaired,
    )
    .await;
    let dismiss = format!("{}/dismiss", path(1));
    let why = json!({"reason": "a test of the sender's"});
    all.ask("dismiss_refused", Role::Operator, ("POST", &dismiss), why)
        .await;
}

async fn reads(all: &mut Written) {
    let definition = "/v1/definitions/support.resolved_conversation";
    for (name, path) in [
        ("list_customers", "/v1/customers?limit=1"),
        ("get_customer", "/v1/customers/acme"),
        ("list_definitions", "/v1/definitions"),
        ("get_definition", definition),
        ("list_plans", "/v1/plans"),
        ("list_contracts", "/v1/customers/acme/contracts"),
        ("get_contract", "/v1/customers/acme/contracts/acme-2026"),
        ("list_works", "/v1/customers/acme/works?limit=2"),
        ("get_work", "/v1/customers/acme/works/T-1"),
        ("list_statements", "/v1/customers/acme/statements"),
        (
            "preview_statements",
            "/v1/customers/acme/statements/preview?period=2026-01",
        ),
        ("get_statement", "/v1/customers/acme/statements/acme-0001"),
        (
            "explain_statement",
            "/v1/customers/acme/statements/acme-0001/explain?work=T-1",
        ),
        (
            "get_statement_bridge",
            "/v1/customers/acme/statements/acme-0001/bridge",
        ),
        ("list_approvals", "/v1/approvals"),
        (
            "list_changes",
            "/v1/changes?from=2026-01-01T00:00:00Z&until=2027-01-01T00:00:00Z&customer=acme",
        ),
        ("list_statement_runs", "/v1/statement-runs"),
        ("check_close", "/v1/closes/2026-01"),
        ("list_credits", "/v1/customers/acme/credits"),
        ("list_grants", "/v1/customers/acme/grants"),
        ("list_credit_notes", "/v1/customers/acme/credit-notes"),
        ("list_payments", "/v1/customers/acme/payments"),
        ("list_disputes", "/v1/customers/acme/disputes"),
        (
            "get_margin",
            "/v1/margins?customer=acme&month=2026-01&by=class",
        ),
    ] {
        all.get(name, Role::Finance, path).await;
    }
    let text = all.examples["get_definition"]["response"]["text"].clone();
    let check = ("POST", "/v1/definitions/check");
    all.ask(
        "check_definition",
        Role::Finance,
        check,
        json!({"text": text}),
    )
    .await;
    let text = all.examples["list_plans"]["response"]["plans"][0]["text"].clone();
    let check = ("POST", "/v1/plans/check");
    all.ask("check_plan", Role::Finance, check, json!({"text": text}))
        .await;
}

/// Budgets, webhooks, and where everything went.
async fn watched(all: &mut Written) {
    let budget = "/v1/customers/acme/budget";
    let most = json!({"amount": {"amount": "100.00", "currency": "USD"}});
    all.ask("set_budget", Role::Finance, ("PUT", budget), most)
        .await;
    all.get(
        "get_budget",
        Role::Finance,
        "/v1/customers/acme/budget?amount=0.99%20USD",
    )
    .await;
    all.get("list_budgets", Role::Finance, "/v1/budgets").await;
    all.ask(
        "remove_budget",
        Role::Finance,
        ("DELETE", budget),
        Value::Null,
    )
    .await;
    for (name, path) in [
        ("reconcile_customer", "/v1/customers/acme/reconciliation"),
        ("reconcile_book", "/v1/reconciliation?limit=1"),
        ("list_source_counts", "/v1/source-counts"),
    ] {
        all.get(name, Role::Finance, path).await;
    }
    let endpoint = r#"{"url":"https://hooks.example.com/x"}"#;
    let made = desk::post(&all.server, Role::Operator, "/v1/webhooks", endpoint).await;
    let path = made.headers["location"].to_str().unwrap().to_owned();
    all.get(
        "list_webhook_deliveries",
        Role::Operator,
        &format!("{path}/deliveries"),
    )
    .await;
}

async fn keys(all: &mut Written) {
    let new =
        json!({"role": "buyer", "customer": "acme", "label": "the portal of Acme", "days": 90});
    let made = all
        .ask(
            "create_api_key",
            Role::Operator,
            ("POST", "/v1/api-keys"),
            new,
        )
        .await;
    let path = format!("/v1/api-keys/{}", made.json()["id"].as_str().unwrap());
    let overlap = json!({"overlap_hours": 24});
    all.ask(
        "rotate_api_key",
        Role::Operator,
        ("POST", &format!("{path}/rotate")),
        overlap,
    )
    .await;
    all.ask(
        "revoke_api_key",
        Role::Operator,
        ("POST", &format!("{path}/revoke")),
        Value::Null,
    )
    .await;
    all.get("list_api_keys", Role::Operator, "/v1/api-keys")
        .await;
}

#[tokio::test]
async fn the_examples_are_what_the_server_answers() {
    let examples = Value::Object(written().await);
    let text = format!("{}\n", serde_json::to_string_pretty(&examples).unwrap());
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .unwrap();
    let file = root.join("api/examples.json");
    if std::env::var_os("PIECEWORK_UPDATE").is_some() {
        std::fs::write(&file, &text).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap();
    assert!(
        committed == text,
        "PIECEWORK_UPDATE=1 writes api/examples.json anew; build again, and read the difference"
    );
}

#[test]
fn every_body_has_an_example() {
    let server = Server::new();
    let mut bodies = 0;
    let mut lacking = Vec::new();
    for route in server.table.iter().filter(|own| !own.is_screen) {
        let operation = &server.document["paths"][&route.path][route.method.to_lowercase()];
        let name = operation["operationId"].as_str().unwrap();
        let sent = operation["requestBody"]["content"].as_object();
        let answered = operation["responses"].as_object().unwrap().iter();
        let answered = answered.filter(|(status, _)| status.starts_with('2'));
        let answered = answered.filter_map(|(_, own)| own["content"].as_object());
        for (media_type, content) in sent.into_iter().chain(answered).flatten() {
            if media_type.ends_with("ndjson") || !media_type.ends_with("json") {
                continue;
            }
            bodies += 1;
            let is_shown = content.get("example").is_some();
            let has_examples = shows(&server.document, &content["schema"]);
            if !is_shown && !has_examples {
                lacking.push(format!("{name}: {media_type}"));
            }
        }
    }
    assert!(bodies > 60, "{bodies}");
    assert_eq!(lacking, [""; 0], "bodies without an example");
    let problem = &server.document["components"]["schemas"]["Problem"];
    assert!(shows(&server.document, problem), "a problem has an example");
}

/// Whether a schema has an example, or each of its properties has.
fn shows(document: &Value, schema: &Value) -> bool {
    if schema.get("example").is_some() || schema.get("examples").is_some() {
        return true;
    }
    if let Some(target) = schema["$ref"].as_str() {
        let target = document.pointer(target.trim_start_matches('#')).unwrap();
        return shows(document, target);
    }
    for (of, all) in [("allOf", true), ("oneOf", false), ("anyOf", false)] {
        if let Some(parts) = schema[of].as_array() {
            let mut parts = parts.iter().map(|own| shows(document, own));
            return if all {
                parts.all(|own| own)
            } else {
                parts.any(|own| own)
            };
        }
    }
    if let Some(items) = schema.get("items") {
        return shows(document, items);
    }
    let properties = schema["properties"].as_object();
    properties.is_some_and(|own| own.values().all(|own| shows(document, own)))
}
