//! Declared meters: what a foreign event becomes, and what a document may not say.

use piecework_intake::delivery::What;
use piecework_intake::meters::{Meters, READY_METERS};

use crate::support::{JSON, events, meters, send_to, told};

const CHAT: &str = r#"
[[meter]]
id = "messages"
type = ["chat.message", "chat.reply.*"]
class = "usage"
aggregate = "count"
when = { "data.from" = "user" }
channel = "{data.channel?}"

[[meter]]
id = "tokens"
type = "chat.*"
class = "usage"
quantity = "{data.tokens?}"

[[meter]]
id = "saved"
type = "deal.saved"
class = "value"
amount = "{data.worth} EUR"
work = "{data.deal}"
"#;

fn event(kind: &str, data: &str) -> String {
    format!(
        r#"{{"specversion":"1.0","id":"i","source":"app","type":"{kind}","subject":"acme","time":"2026-02-01T09:00:00Z","tracestate":"x","data":{data}}}"#
    )
}

fn sent(kind: &str, data: &str) -> Vec<String> {
    told(&send_to(&meters(CHAT), JSON, event(kind, data)).unwrap())
}

#[test]
fn every_meter_of_a_type_reads_the_event() {
    let both = events(
        send_to(
            &meters(CHAT),
            JSON,
            event(
                "chat.message",
                r#"{"from":"user","channel":"web","tokens":1e3}"#,
            ),
        )
        .unwrap(),
    );
    let data: Vec<String> = both
        .iter()
        .map(|event| {
            format!(
                "{} {}",
                event.id,
                event.to_json().get("data").unwrap().to_canonical()
            )
        })
        .collect();
    assert_eq!(
        data,
        [
            r#"i/messages {"channel":"web","meter":"messages","quantity":"1"}"#,
            r#"i/tokens {"meter":"tokens","quantity":"1000"}"#,
        ]
    );
    let value = events(
        send_to(
            &meters(CHAT),
            JSON,
            event("deal.saved", r#"{"worth":1234.10,"deal":"D-7"}"#),
        )
        .unwrap(),
    );
    assert_eq!(value[0].work.as_deref(), Some("D-7"));
    assert_eq!(
        value[0].to_json().get("data").unwrap().to_canonical(),
        r#"{"amount":{"amount":"1234.10","currency":"EUR"}}"#
    );
    assert_eq!(value[0].body.tag().word(), "work.valued");
}

#[test]
fn what_no_meter_declares_is_refused_with_the_remedy() {
    let told = sent("chatter", "{}");
    assert!(
        told[0].contains("no meter declares the type `chatter`"),
        "{}",
        told[0]
    );
    assert!(told[0].contains("type = \"chatter\""), "{}", told[0]);
}

#[test]
fn what_every_meter_leaves_out_is_nothing_and_not_refused() {
    let only = meters(&CHAT.replace("type = \"chat.*\"", "type = \"other\""));
    let items = send_to(&only, JSON, event("chat.message", r#"{"from":"bot"}"#)).unwrap();
    assert!(
        matches!(&items[0].what, What::Nothing(reason) if reason.contains("`when`")),
        "{items:?}"
    );
}

#[test]
fn a_meter_that_cannot_read_an_event_says_which_and_where() {
    for (kind, data, problem) in [
        (
            "chat.message",
            r#"{"from":"user","tokens":"many"}"#,
            "the meter `tokens`: /data/quantity",
        ),
        (
            "chat.message",
            r#"{"from":"user","tokens":-5}"#,
            "the meter `tokens`: /data/quantity: must not be negative",
        ),
        (
            "deal.saved",
            r#"{"deal":"D"}"#,
            "the meter `saved`: /data/amount: this member is required",
        ),
        (
            "deal.saved",
            r#"{"deal":"D","worth":"1 000"}"#,
            "the meter `saved`: /data/amount",
        ),
    ] {
        let told = sent(kind, data);
        assert!(told[0].contains(problem), "{}", told[0]);
    }
    let envelope = event("deal.saved", "{}").replace("\"acme\"", "7");
    let told = told(&send_to(&meters(CHAT), JSON, envelope).unwrap());
    assert_eq!(told, ["refused /subject: expected a text"]);
}

#[test]
fn faults_of_a_document_point_at_their_line() {
    for (document, place, problem) in [
        ("", "", "there is no `[[meter]]`"),
        (
            "[[meter]]\ntype = \"a\"\nclass = \"cost\"\nline = \"model\"\namount = \"1 USD\"\n",
            "[[meter]]",
            "the meter has no `id`",
        ),
        (
            "[[meter]]\nid = \"a{b\"\ntype = \"a\"\nclass = \"usage\"\naggregate = \"count\"\n",
            "\"a{b\"",
            "is a word without",
        ),
        (
            "[[meter]]\nid = \"a\"\nclass = \"usage\"\naggregate = \"count\"\n",
            "[[meter]]",
            "the meter has no `type`",
        ),
        (
            "[[meter]]\nid = \"a\"\ntype = \"a*b\"\nclass = \"usage\"\naggregate = \"count\"\n",
            "\"a*b\"",
            "is not a type",
        ),
        (
            "[[meter]]\nid = \"a\"\ntype = \"piecework.x\"\nclass = \"usage\"\naggregate = \"count\"\n",
            "\"piecework.x\"",
            "is not for a meter",
        ),
        (
            "[[meter]]\nid = \"a\"\ntype = \"t\"\nclass = \"outcome\"\n",
            "\"outcome\"",
            "is not a class",
        ),
        (
            "[[meter]]\nid = \"a\"\ntype = \"t\"\n",
            "[[meter]]",
            "the meter has no `class`",
        ),
        (
            "[[meter]]\nid = \"a\"\ntype = \"t\"\nclass = \"usage\"\n",
            "[[meter]]",
            "`sum` needs `quantity`",
        ),
        (
            "[[meter]]\nid = \"a\"\ntype = \"t\"\nclass = \"usage\"\naggregate = \"median\"\nquantity = \"{data.n}\"\n",
            "\"median\"",
            "`median` is not an aggregate",
        ),
        (
            "[[meter]]\nid = \"a\"\ntype = \"t\"\nclass = \"usage\"\naggregate = \"unique\"\nquantity = \"{data.n}\"\n",
            "\"{data.n}\"",
            "`unique` counts and takes no `quantity`",
        ),
        (
            "[[meter]]\nid = \"a\"\ntype = \"t\"\nclass = \"usage\"\naggregate = \"unique\"\n",
            "[[meter]]",
            "`unique` needs `item`",
        ),
        (
            "[[meter]]\nid = \"a\"\ntype = \"t\"\nclass = \"usage\"\naggregate = \"max\"\n",
            "[[meter]]",
            "`max` needs `quantity`",
        ),
        (
            "[[meter]]\nid = \"a\"\ntype = \"t\"\nclass = \"usage\"\nquantity = \"{data.n}\"\nitem = \"{data.user}\"\n",
            "\"{data.user}\"",
            "`sum` reads no `item`",
        ),
        (
            "[[meter]]\nid = \"a\"\ntype = \"t\"\nclass = \"usage\"\naggregate = \"count\"\nquantity = \"{data.n}\"\n",
            "\"{data.n}\"",
            "takes no `quantity`",
        ),
        (
            "[[meter]]\nid = \"a\"\ntype = \"t\"\nclass = \"cost\"\nline = \"model\"\naggregate = \"count\"\n",
            "\"count\"",
            "only usage is put together by `count`",
        ),
        (
            "[[meter]]\nid = \"a\"\ntype = \"t\"\nclass = \"cost\"\nline = \"cloud\"\n",
            "\"cloud\"",
            "`line` cannot be `cloud`",
        ),
        (
            "[[meter]]\nid = \"a\"\ntype = \"t\"\nclass = \"cost\"\namount = \"1 USD\"\n",
            "[[meter]]",
            "needs `line`",
        ),
        (
            "[[meter]]\nid = \"a\"\ntype = \"t\"\nclass = \"value\"\n",
            "[[meter]]",
            "needs `amount`",
        ),
        (
            "[[meter]]\nid = \"a\"\ntype = \"t\"\nclass = \"value\"\namount = \"{data.x|bogus} USD\"\n",
            "\"{data.x|bogus} USD\"",
            "is no filter",
        ),
        (
            "[[meter]]\nid = \"a\"\ntype = \"t\"\nclass = \"value\"\namount = \"{data.x} USD\"\nquantty = \"1\"\n",
            "quantty",
            "knows no key",
        ),
        (
            "[[meter]]\nid = \"a\"\ntype = \"t\"\nclass = \"value\"\namount = \"{data.x} USD\"\neach = \"x\"\n",
            "\"x\"",
            "knows no key `each`",
        ),
        (
            "[[meter]]\nid = \"a\"\ntype = \"t\"\nclass = \"value\"\namount = \"{data.x} USD\"\nwhen = { after = { key = \"{id}\", seen = { a = \"b\" } } }\n[[meter]]\nid = \"a\"\ntype = \"t\"\nclass = \"usage\"\naggregate = \"count\"\n",
            "",
            "`after`",
        ),
        (
            "[[meter]]\nid = \"a\"\ntype = \"t\"\nclass = \"usage\"\naggregate = \"count\"\n[[meter]]\nid = \"a\"\ntype = \"t\"\nclass = \"usage\"\naggregate = \"count\"\n",
            "[[meter]]",
            "declared twice",
        ),
        (
            "[[meter]]\nid = \"a\"\ntype = \"t\"\nclass = \"usage\"\naggregate = \"count\"\n[lookup.x]\nfile = \"f\"\nkey = \"k\"\n",
            "lookup",
            "knows no key `lookup`",
        ),
        ("[[meter]\n", "", ""),
    ] {
        let error = Meters::parse(document).expect_err(document);
        let found = error
            .faults
            .iter()
            .find(|fault| fault.problem.contains(problem));
        let fault = found.unwrap_or_else(|| panic!("{document}: {:#?}", error.faults));
        let at = &document[fault.span.clone()];
        assert!(
            at.starts_with(place),
            "{document}: `{at}` is not at `{place}`"
        );
    }
}

/// The reading alone; a plan puts together.
#[test]
fn a_meter_reads_what_its_aggregate_needs() {
    let read = |aggregate: &str, field: &str, data: &str| {
        let document = format!(
            "[[meter]]\nid = \"m\"\ntype = \"t\"\nclass = \"usage\"\naggregate = \"{aggregate}\"\n{field}\n"
        );
        let items = send_to(&meters(&document), JSON, event("t", data)).unwrap();
        match &items[0].what {
            What::Events(events) => {
                let json = events[0].to_json();
                json.get("data").unwrap().to_canonical()
            }
            other => format!("{other:?}"),
        }
    };
    let quantity = "quantity = \"{data.n}\"";
    for aggregate in ["sum", "max", "last", "weighted_sum"] {
        for (n, quantity_read) in [("0", "0"), ("2.5", "2.5"), ("1e3", "1000")] {
            assert_eq!(
                read(aggregate, quantity, &format!(r#"{{"n":{n}}}"#)),
                format!(r#"{{"meter":"m","quantity":"{quantity_read}"}}"#)
            );
        }
        let negative = read(aggregate, quantity, r#"{"n":-1}"#);
        assert!(
            negative.contains("/data/quantity: must not be negative"),
            "{negative}"
        );
    }
    let item = "item = \"{data.user?}\"";
    for (user, item_read) in [("\"u-7\"", "u-7"), ("7", "7")] {
        assert_eq!(
            read("unique", item, &format!(r#"{{"user":{user}}}"#)),
            format!(r#"{{"item":"{item_read}","meter":"m","quantity":"1"}}"#)
        );
    }
    for data in ["{}", r#"{"user":null}"#, r#"{"user":""}"#] {
        let nobody = read("unique", item, data);
        assert!(nobody.contains("the meter `m`: /data/item: "), "{nobody}");
    }
    let long = format!(r#"{{"user":"{}"}}"#, "u".repeat(257));
    assert!(read("unique", item, &long).contains("/data/item"));
}

#[test]
fn documents_go_together_unless_they_declare_one_meter() {
    let ready = meters(READY_METERS[0].text);
    let both = ready.clone().and(meters(CHAT)).unwrap();
    let ids: Vec<&str> = both.declared().map(|meter| meter.id.as_str()).collect();
    assert_eq!(ids, ["litellm", "messages", "tokens", "saved"]);
    let error = both.and(ready).unwrap_err();
    assert!(error.to_string().contains("`litellm`"), "{error}");
}

/// What LiteLLM's OpenMeter callback posts (integrations/openmeter.py of 1.110.2).
#[test]
fn the_openmeter_callback_of_litellm() {
    let ready = meters(READY_METERS[0].text);
    let body = r#"{"specversion":"1.0","type":"litellm_tokens","id":"chatcmpl-1","time":"2026-02-01T09:00:00.123456+00:00","subject":"acme","source":"litellm-proxy","data":{"model":"gpt-4o","cost":0.00022500000000000002,"prompt_tokens":10,"completion_tokens":20,"total_tokens":30}}"#;
    let cost = &events(send_to(&ready, "application/cloudevents+json", body).unwrap())[0];
    assert_eq!(
        cost.canonical(),
        r#"{"data":{"amount":{"amount":"0.00022500000000000002","currency":"USD"},"line":"model","model":"gpt-4o","tokens":{"input":"10","output":"20"}},"id":"chatcmpl-1/litellm","source":"litellm-proxy","specversion":"1.0","subject":"acme","time":"2026-02-01T09:00:00.123456Z","type":"piecework.cost.recorded.v1"}"#
    );
    // A cost that LiteLLM does not know is priced from the tokens, and an image has none.
    for (from, to) in [
        ("\"cost\":0.00022500000000000002", "\"cost\":null"),
        ("\"cost\":0.00022500000000000002", "\"cost\":0.0"),
    ] {
        let cost = &events(send_to(&ready, JSON, body.replace(from, to)).unwrap())[0];
        assert!(!cost.canonical().contains("amount"), "{}", cost.canonical());
    }
    let bare = body.replace(
        ",\"prompt_tokens\":10,\"completion_tokens\":20,\"total_tokens\":30",
        "",
    );
    assert_eq!(events(send_to(&ready, JSON, bare).unwrap()).len(), 1);
}
