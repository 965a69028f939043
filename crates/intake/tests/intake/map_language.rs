//! The map language: what it says, and what it says of maps that are wrong.

use piecework_intake::{Import, ImportError, Input, Map, Options};
use work::body::{Body, CostLine, TokenClass};
use work::{Event, Header};

use crate::support::{Scratch, import_csv, import_json};

/// A map over one kind of event that carries a value in `reason`.
fn reason(more: &str, value: &str) -> String {
    format!(
        "source = \"s\"\ncustomer = \"c\"\nwork = \"w\"\ntime = \"2026-01-01T00:00:00Z\"\n{more}\n[[event]]\ntype = \"work.closed\"\nid = \"{{$row}}\"\nreason = {value}\n"
    )
}

fn reasons(events: &[Event]) -> Vec<Option<&str>> {
    let of = events.iter().map(|event| match &event.body {
        Body::Closed { reason } => reason.as_deref(),
        _ => None,
    });
    of.collect()
}

/// What a template makes of the cells of one row with columns `a`, `b` and `a b`.
fn check(value: &str, row: &str, expected: Option<&str>) {
    let tables = "[table.words]\nyes = \"ja\"\nskip = \"\"\n[table.others]\nyes = \"ja\"\n\"\" = \"leer\"\n\"*\" = \"anderes\"";
    let (events, refused) = import_csv(&reason(tables, value), format!("a,b,a b\n{row}\n"));
    assert_eq!(refused, [], "{value}");
    assert_eq!(reasons(&events), [expected], "{value} of {row}");
}

#[test]
fn a_number_less_another_and_a_digest() {
    let of = |value: &str, row: &str| {
        let map = reason("[let]\nless = \"{b|or 0}\"\ngone = \"{b}\"", value);
        let (events, refused) = import_csv(&map, format!("a,b\n{row}\n"));
        let told = refused.first().map(|row| row.problem.clone());
        told.unwrap_or_else(|| reasons(&events)[0].unwrap_or("unknown").to_owned())
    };
    assert_eq!(of("\"{a|minus less}\"", "10,2.50"), "7.5");
    assert_eq!(of("\"{a|minus less}\"", "10,"), "10");
    assert_eq!(of("\"{a|minus less|minus less}\"", "1,2"), "-3");
    assert_eq!(of("\"{a|minus gone}\"", "10,"), "unknown");
    assert!(of("\"{a|minus less}\"", "ten,2").contains("not a decimal number"));
    // SHA-256 of `abc` (FIPS 180-4).
    assert_eq!(of("\"{a|digest}\"", "abc,"), "ba7816bf8f01cfea");
    let error = Map::parse(&reason("", "\"{a|minus less}\"")).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("`less` is not a value of `[let]`"),
        "{error}"
    );
}

/// A column of CSV may hold JSON.
#[test]
fn members_of_json_in_a_cell() {
    let of = |value: &str, row: &str| {
        let (events, refused) = import_csv(&reason("", value), format!("a,b.c\n{row}\n"));
        assert_eq!(refused, []);
        reasons(&events)[0].map(str::to_owned)
    };
    let tags = r#""{""team"":{""id"":7},""list"":[""x""],""none"":null}",whole"#;
    for (value, expected) in [
        ("\"{a.team.id}\"", Some("7")),
        ("\"{a.list.0}\"", Some("x")),
        ("\"{a.none}\"", None),
        ("\"{a.other|or else}\"", Some("else")),
        ("\"{b.c}\"", Some("whole")),
    ] {
        assert_eq!(of(value, tags).as_deref(), expected, "{value}");
    }
    for row in ["plain,", "\"{\",", ",", "[1],"] {
        assert_eq!(of("\"{a.team}\"", row), None, "{row}");
    }
    // A column that is not there is missing, whatever its path.
    let missing = Scratch::new(&[("rows.csv", b"a\n1\n")])
        .try_import(&reason("", "\"{tags.team}\""), &["rows.csv"]);
    assert!(matches!(missing, Err(ImportError::Rows(_))), "{missing:?}");
}

#[test]
fn templates_are_text_columns_and_filters() {
    check("\"x\"", "1,2,3", Some("x"));
    check("\"{a}/{b}/{a b}\"", "1,2,3", Some("1/2/3"));
    check("\"{{a}}\"", "1,2,3", Some("{a}"));
    check("true", "1,2,3", Some("true"));
    // An unknown cell makes the template unknown, and the next alternative speaks.
    check("\"{a}/{b}\"", "1,,3", None);
    check("[\"{b}\", \"{a}\", \"none\"]", "1,,3", Some("1"));
    check("[\"{b}\", \"none\"]", "1,,3", Some("none"));
    check("\"{b|or nothing}\"", "1,,3", Some("nothing"));
    check("\"{c?|or nothing}\"", "1,2,3", Some("nothing"));
    check("\"{a|lower}\"", "ÄB,2,3", Some("äb"));
    check("\"{a|nonzero}\"", "0.00,2,3", None);
    check("\"{a|nonzero}\"", "0.50,2,3", Some("0.50"));
    check("\"{a|times 0.01}\"", "1999,2,3", Some("19.99"));
    check("\"{a|over 60}\"", "90,2,3", Some("1.5"));
    check("\"{a|over 3}\"", "1,2,3", Some("0.333333333333"));
    check("\"{a|comma}\"", "\"1.234,50 €\",2,3", Some("1234.5"));
    check("\"{a|point}\"", "\"$1,234.50\",2,3", Some("1234.5"));
    check("\"{a|words}\"", "yes,2,3", Some("ja"));
    check("\"{a|words}\"", "skip,2,3", None);
    check("\"{b|words}\"", "1,,3", None);
    check("\"{a|others}\"", "no,2,3", Some("anderes"));
    check("\"{b|others}\"", "1,,3", Some("leer"));
    check("\"{$type}\"", "1,2,3", Some("work.closed"));
}

/// Digits come straight from the text: no binary float on the way.
#[test]
fn numbers_keep_every_digit() {
    let map = "source = \"s\"\ncustomer = \"c\"\n[[event]]\ntype = \"cost.recorded\"\nid = \"{$row}\"\ntime = \"2026-01-01T00:00:00Z\"\nline = \"model\"\namount = \"{cost} USD\"\nmodel = \"m\"\ntokens = { input = \"{in}\" }\n";
    let (events, _) = import_csv(
        map,
        "cost,in\n0.0074772499999999995,900719925474099301\n1.5e-06,1\n",
    );
    let Body::Cost(cost) = &events[0].body else {
        panic!()
    };
    assert_eq!(
        cost.amount.unwrap().value().to_string(),
        "0.0074772499999999995"
    );
    assert_eq!(
        cost.tokens[&TokenClass::Input].to_string(),
        "900719925474099301"
    );
    assert_eq!(cost.line, CostLine::Model);
    let (events, _) = import_json(map, "{\"cost\": 0.10000000000000000001, \"in\": 7}\n");
    let Body::Cost(cost) = &events[0].body else {
        panic!()
    };
    assert_eq!(
        cost.amount.unwrap().value().to_string(),
        "0.10000000000000000001"
    );
}

#[test]
fn a_word_outside_its_table_refuses_the_row_and_says_what_to_add() {
    let map = reason("[table.words]\nyes = \"ja\"", "\"{a|words}\"");
    let (events, refused) = import_csv(&map, "a\nyes\nno\n");
    assert_eq!(reasons(&events), [Some("ja")]);
    assert!(
        refused[0]
            .problem
            .contains("`no` is not in `[table.words]`; add it there"),
        "{}",
        refused[0]
    );
}

/// Which of the values 0, 1, 2, 10, x and an unknown one meet a condition.
fn meets(when: &str, expected: &[&str]) {
    let map = format!("{}when = {{ {when} }}\n", reason("", "\"{a|or -}\""));
    let (events, refused) = import_csv(&map, "a,b\n0,b\n1,b\n2,b\n10,\n,b\n");
    assert_eq!(refused, [], "{when}");
    let found: Vec<&str> = reasons(&events).into_iter().flatten().collect();
    assert_eq!(found, expected, "{when}");
}

#[test]
fn conditions_choose_rows() {
    meets("a = \"1\"", &["1"]);
    meets("a = 1", &["1"]);
    meets("a = [\"1\", \"10\"]", &["1", "10"]);
    meets("a = { not = \"1\" }", &["0", "2", "10", "-"]);
    meets("a = { not = [\"1\", \"\"] }", &["0", "2", "10"]);
    meets("a = { present = true }", &["0", "1", "2", "10"]);
    meets("a = { present = false }", &["-"]);
    meets("a = { above = 1 }", &["2", "10"]);
    meets("a = { below = \"1.5\" }", &["0", "1"]);
    meets("a = [\"2\", \"10\"], b = \"b\"", &["2"]);
    meets(
        "any = [{ a = \"0\" }, { b = { present = false } }]",
        &["0", "10"],
    );
    meets(
        "all = [{ a = { above = 0 } }, { a = { below = 10 } }]",
        &["1", "2"],
    );
    meets("not = { a = { above = 1 } }", &["0", "1", "-"]);
    meets("\"{a}{b}\" = \"1b\"", &["1"]);
}

#[test]
fn after_compares_times_and_not_places() {
    let map = "source = \"s\"\ncustomer = \"c\"\ntime = \"{at}\"\nwork = \"{w}\"\nid = \"{w}/{what}/{at}\"\n[[event]]\ntype = \"work.answered\"\nwhen = { what = \"solve\" }\n[[event]]\ntype = \"work.reopened\"\nwhen = { what = \"take\", after = { key = \"{w}\", seen = { what = \"solve\" } } }\n";
    let rows = [
        "1,take,2026-01-01T00:00:00Z",
        "1,solve,2026-01-02T00:00:00Z",
        "1,take,2026-01-02T00:00:00Z", // at the same instant is not after
        "1,take,2026-01-03T00:00:00Z",
        "2,take,2026-01-04T00:00:00Z", // another key
    ];
    let kinds = |rows: &[&str]| {
        let (events, refused) = import_csv(map, format!("w,what,at\n{}\n", rows.join("\n")));
        assert_eq!(refused, []);
        let ids = events.into_iter().map(|event| event.id.to_string());
        let mut ids: Vec<String> = ids.collect();
        ids.sort();
        ids
    };
    let expected = [
        "1/solve/2026-01-02T00:00:00Z",
        "1/take/2026-01-03T00:00:00Z",
    ];
    assert_eq!(kinds(&rows), expected);
    let mut reversed = rows;
    reversed.reverse();
    assert_eq!(kinds(&reversed), expected);
}

const TWO_FILES: &str = r#"
source = "s"
zone = "UTC"
[lookup.job]
file = "jobs.csv"
key = "id"
[[file]]
name = "jobs*.csv"
customer = "{customer}"
work = "{id}"
[[file.event]]
type = "work.opened"
id = "{id}"
time = "{at}"
[[file]]
name = "calls.jsonl"
[file.let]
buyer = "{job|job.customer}"
[[file.event]]
type = "cost.recorded"
when = { "{buyer}" = { present = true } }
id = "{job}/{n}"
time = "{job|job.at}"
work = "{job}"
customer = "{buyer}"
line = "infra"
amount = "{usd} USD"
"#;

#[test]
fn several_files_in_one_import_and_a_lookup_between_them() {
    let scratch = Scratch::new(&[
        (
            "jobs.csv",
            b"id,customer,at\nj1,acme,2026-01-01\nj2,beta,2026-01-02\n",
        ),
        (
            "calls.jsonl",
            b"{\"job\":\"j2\",\"n\":1,\"usd\":0.5}\n{\"job\":\"j9\",\"n\":1,\"usd\":1}\n",
        ),
        ("strange.csv", b"id\n1\n"),
    ]);
    let (events, refused) = scratch.import(TWO_FILES, &["jobs.csv", "calls.jsonl"]);
    assert_eq!(refused, []);
    // The call of a job that nobody knows becomes nothing, because the map says so.
    let cost = &events[2];
    assert_eq!(
        (
            events.len(),
            cost.customer.as_str(),
            cost.time.to_string().as_str()
        ),
        (3, "beta", "2026-01-02T00:00:00Z")
    );
    // A lookup's file is found beside the file that needs it.
    let (events, _) = scratch.import(TWO_FILES, &["calls.jsonl"]);
    assert_eq!(events.len(), 1);
    let map = Map::parse(TWO_FILES).unwrap();
    let strange = Import::open(
        &map,
        &[Input::new(scratch.path("strange.csv"))],
        Options::default(),
    );
    let problem = strange.err().unwrap().to_string();
    assert!(
        problem.contains("it has jobs*.csv, calls.jsonl"),
        "{problem}"
    );
    // ... unless the command line says which file it is.
    let path = scratch.path("strange.csv");
    let named = Input::from_argument(&format!("jobs.csv={}", path.display()));
    assert_eq!(named.name.as_deref(), Some("jobs.csv"));
    let missing = Import::open(&map, &[named], Options::default())
        .err()
        .unwrap();
    assert!(matches!(missing, ImportError::Rows(_)), "{missing}");
}

#[test]
fn a_lookup_whose_key_says_two_things_is_refused() {
    let scratch = Scratch::new(&[
        (
            "jobs.csv",
            b"id,customer,at\nj1,acme,2026-01-01\nj1,beta,2026-01-01\n",
        ),
        ("calls.jsonl", b"{\"job\":\"j1\",\"n\":1,\"usd\":0.5}\n"),
    ]);
    let problem = scratch
        .try_import(TWO_FILES, &["calls.jsonl"])
        .unwrap_err()
        .to_string();
    assert!(
        problem.contains("line 3: a second row with the key `j1` says something else"),
        "{problem}"
    );
}

#[test]
fn an_array_becomes_one_event_for_each_element() {
    let map = "source = \"s\"\ncustomer = \"c\"\nwork = \"{id}\"\nformat = \"json\"\n[[event]]\neach = \"log.turns\"\ntype = \"work.human_replied\"\nwhen = { \"{item.by.kind}\" = \"person\" }\nid = \"{id}/{item.n}\"\ntime = \"{item.at}\"\nminutes = \"{item.seconds|over 60}\"\n";
    let json = "[{\"id\":\"w\",\"log\":{\"turns\":[{\"n\":1,\"at\":\"2026-01-01T00:00:00Z\",\"by\":{\"kind\":\"person\"},\"seconds\":90},{\"n\":2,\"by\":{\"kind\":\"bot\"}}]}},{\"id\":\"v\"}]";
    let scratch = Scratch::new(&[("rows.txt", json.as_bytes()), ("rows.csv", b"id\n1\n")]);
    let (events, refused) = scratch.import(map, &["rows.txt"]);
    assert_eq!((events.len(), refused.len()), (1, 0));
    let Body::HumanReplied { minutes, .. } = &events[0].body else {
        panic!()
    };
    assert_eq!(minutes.unwrap().to_string(), "1.5");
    let csv = map.replace("format = \"json\"\n", "");
    let error = scratch.try_import(&csv, &["rows.csv"]).unwrap_err();
    assert!(
        matches!(error, ImportError::Rows(_) | ImportError::EachInCsv { .. }),
        "{error}"
    );
}

#[test]
fn files_of_any_dialect() {
    let map = reason(
        "delimiter = \"\\t\"\nquote = \"'\"\nheader = false\ncolumns = [\"a\", \"b\"]\nempty = [\"NULL\", \"n/a\"]",
        "\"{a}:{b|or ?}\"",
    );
    let (events, refused) = import_csv(&map, "'x\ty'\tNULL\nz\tn/a\n");
    assert_eq!(refused, []);
    assert_eq!(reasons(&events), [Some("x\ty:?"), Some("z:?")]);
    // Names of our own over a header that says one name twice.
    let twice = "category,category\n1,2\n";
    let error = Scratch::new(&[("rows.csv", twice.as_bytes())])
        .try_import(&reason("", "\"{category}\""), &["rows.csv"])
        .unwrap_err();
    assert!(
        error.to_string().contains("two columns named `category`"),
        "{error}"
    );
    let (events, _) = import_csv(
        &reason("columns = [\"first\", \"second\"]", "\"{second}\""),
        twice,
    );
    assert_eq!(reasons(&events), [Some("2")]);
}

#[test]
fn a_missing_column_fails_before_the_first_row_and_names_the_nearest() {
    let error = Scratch::new(&[("rows.csv", b"case_id,Activity,at\n1,x,y\n")])
        .try_import(&reason("", "\"{activity}\""), &["rows.csv"])
        .unwrap_err();
    let problem = error.to_string();
    assert!(
        problem.contains(
            "no column `activity` (did you mean `Activity`?); it has: case_id, Activity, at"
        ),
        "{problem}"
    );
}

#[test]
fn a_member_that_no_json_row_has_is_noted() {
    let map = Map::parse(&reason("", "\"{autor.login}\"")).unwrap();
    let scratch = Scratch::new(&[("rows.json", b"[{\"author\":{\"login\":\"x\"}}]")]);
    let mut import = Import::open(
        &map,
        &[Input::new(scratch.path("rows.json"))],
        Options::default(),
    )
    .unwrap();
    assert!(import.by_ref().all(|event| event.is_ok()));
    assert_eq!(
        import.notes(),
        ["no row had `autor.login`, which the map speaks of"]
    );
}

/// An unseen log in quite another shape than the acceptance data, with German numbers, local times,
/// three kinds of row and the model cost in cents: a map of under 40 lines and no code.
#[test]
fn an_unseen_log_needs_a_map_of_under_forty_lines() {
    let map = r#"
source = "erp"
delimiter = ";"
zone = "Europe/Berlin"
time_format = "%d.%m.%Y %H:%M"
time = "{Zeitpunkt}"
customer = "{Mandant|lower}"
work = "{Beleg}"
document = "{Beleg}"
id = "{Beleg}/{Vorgang}/{Zeitpunkt}/{$type}"

[table.vorgang]
Erfasst = "work.opened"
Vorschlag = "work.answered"
Gebucht = "work.confirmed"
Storno = "work.reopened"
"*" = ""

[[event]]
type = "{Vorgang|vorgang}"
authorship = "{Vorgang|autor}"

[table.autor]
Gebucht = "buyer"
Storno = "buyer"
"*" = "seller"

[[event]]
type = "cost.recorded"
when = { Vorgang = "Vorschlag", "{Kosten (ct)|comma|nonzero}" = { present = true } }
line = "model"
model = "{Modell}"
amount = "{Kosten (ct)|comma|times 0.01} EUR"

[[event]]
type = "work.valued"
when = { Vorgang = "Gebucht" }
amount = "{Betrag|comma} EUR"
"#;
    assert!(map.lines().count() < 40);
    let log = "Beleg;Mandant;Vorgang;Zeitpunkt;Betrag;Kosten (ct);Modell\n\
        R-1;ACME;Erfasst;25.10.2026 01:10;;;\n\
        R-1;ACME;Vorschlag;25.10.2026 02:30;1.234,50;3,125;m-large\n\
        R-1;ACME;Gebucht;25.10.2026 03:10;1.234,50 €;;\n\
        R-2;Beta;Vorschlag;26.10.2026 09:00;10,00;0;m-small\n\
        R-2;Beta;Gemahnt;27.10.2026 09:00;10,00;;\n\
        R-2;Beta;Storno;28.10.2026 09:00;10,00;;\n";
    let (events, refused) = import_csv(map, log);
    assert_eq!(refused, []);
    let shown: Vec<String> = events
        .iter()
        .map(|event| {
            let amount = match &event.body {
                Body::Cost(cost) => cost.amount.unwrap().to_string(),
                Body::Valued { amount } => amount.to_string(),
                _ => String::new(),
            };
            let kind = event.body.tag().word();
            format!(
                "{} {} {kind} {} {amount}",
                event.customer,
                event.time,
                event.authorship.word()
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            "acme 2026-10-24T23:10:00Z work.opened seller ",
            "acme 2026-10-25T00:30:00Z work.answered seller ",
            "acme 2026-10-25T00:30:00Z cost.recorded seller 0.03125 EUR",
            "acme 2026-10-25T02:10:00Z work.confirmed buyer ",
            "acme 2026-10-25T02:10:00Z work.valued seller 1234.50 EUR",
            "beta 2026-10-26T08:00:00Z work.answered seller ",
            "beta 2026-10-28T08:00:00Z work.reopened buyer ",
        ]
    );
    assert!(
        events
            .iter()
            .all(|event| event.headers.get(Header::Document) == event.work.as_ref())
    );
}

/// Every fault at once, each at its place.
#[test]
fn a_wrong_map_says_what_is_wrong_where_and_what_to_do() {
    for (map, at, problem) in [
        ("source =", "", "string"),
        ("sorce = \"x\"", "sorce", "knows no key `sorce`"),
        (
            "[[event]]\ntype = \"work.solved\"",
            "\"work.solved\"",
            "`work.solved` is not an event type",
        ),
        (
            "[[event]]\ntype = \"statement.issued\"",
            "\"statement.issued\"",
            "not an event type that a map can make",
        ),
        (
            "[[event]]\ntype = \"{kind}\"",
            "\"{kind}\"",
            "must be a constant or end in a table",
        ),
        (
            "[[event]]\ntype = \"work.closed\"\ntime = \"{t}\"",
            "[[event]]",
            "has no `id`",
        ),
        (
            "[[event]]\ntype = \"work.closed\"\nid = \"{t}\"",
            "[[event]]",
            "has no `time`",
        ),
        (
            "[[event]]\ntype = \"work.rated\"\nid = \"i\"\ntime = \"{t}\"",
            "[[event]]",
            "`work.rated` needs `score`",
        ),
        (
            "[[event]]\ntype = \"work.verified\"\nid = \"i\"\ntime = \"{t}\"\ncheck = \"c\"\nresult = \"good\"",
            "\"good\"",
            "`result` cannot be `good`",
        ),
        (
            "authorship = \"nobody\"\n[[event]]\ntype = \"work.closed\"\nid = \"i\"\ntime = \"{t}\"",
            "\"nobody\"",
            "`authorship` cannot be `nobody`",
        ),
        (
            "[[event]]\ntype = \"work.closed\"\nid = \"{a|loewr}\"\ntime = \"{t}\"",
            "\"{a|loewr}\"",
            "`loewr` is no filter",
        ),
        (
            "[[event]]\ntype = \"work.closed\"\nid = \"{a\"\ntime = \"{t}\"",
            "\"{a\"",
            "a brace without its partner",
        ),
        (
            "[[event]]\ntype = \"work.closed\"\nid = \"{$line}\"\ntime = \"{t}\"",
            "\"{$line}\"",
            "`{$line}` is not known",
        ),
        (
            "[[event]]\ntype = \"work.closed\"\nid = \"{a|over 0}\"\ntime = \"{t}\"",
            "\"{a|over 0}\"",
            "not zero",
        ),
        (
            "zone = \"Mars\"\n[[event]]\ntype = \"work.closed\"\nid = \"i\"\ntime = \"{t}\"",
            "\"Mars\"",
            "not a time zone",
        ),
        (
            "time_format = \"%H\"\n[[event]]\ntype = \"work.closed\"\nid = \"i\"\ntime = \"{t}\"",
            "\"%H\"",
            "names no day",
        ),
        (
            "[[event]]\ntype = \"work.closed\"\nid = \"i\"\ntime = \"{t}\"\nwhen = { a = { abov = 1 } }",
            "abov",
            "knows no key `abov`",
        ),
        (
            "[[event]]\ntype = \"work.closed\"\nid = \"i\"\ntime = \"{t}\"\nwhen = {}",
            "{}",
            "empty condition",
        ),
        (
            "[[event]]\ntype = \"work.closed\"\nid = \"i\"\ntime = \"{t}\"\nwhen = { after = { key = \"{a}\", seen = { a = \"x\" } } }",
            "{ key",
            "compares times",
        ),
        ("format = \"xml\"", "\"xml\"", "`xml` is not a format"),
        ("header = false", "", "needs `columns`"),
        (
            "[[file]]\n[[file.event]]\ntype = \"work.closed\"\nid = \"i\"\ntime = \"{t}\"",
            "[[file]]",
            "needs a `name`",
        ),
        (
            "[lookup.x]\nfile = \"f\"",
            "[lookup.x]",
            "needs `file` and `key`",
        ),
        ("[table.x]\na = 1", "1", "strings"),
        ("", "", "there is no `[[event]]`"),
    ] {
        let error = Map::parse(map).unwrap_err();
        let fault = error
            .faults
            .iter()
            .find(|fault| fault.problem.contains(problem));
        let fault = fault.unwrap_or_else(|| panic!("{map}\n{:#?}", error.faults));
        let shown = &map[fault.span.clone()];
        assert!(
            shown.starts_with(at) || at.is_empty(),
            "{map}\nthe span is `{shown}`"
        );
    }
}

#[test]
fn customer_and_source_come_from_the_map_or_the_command_line() {
    let text = "[[event]]\ntype = \"work.closed\"\nid = \"{a}\"\nwork = \"{a}\"\ntime = \"2026-01-01T00:00:00Z\"\n";
    let scratch = Scratch::new(&[("rows.csv", b"a\n1\n")]);
    let map = Map::parse(text).unwrap();
    let inputs = [Input::new(scratch.path("rows.csv"))];
    let error = Import::open(&map, &inputs, Options::default())
        .err()
        .unwrap();
    assert!(
        error
            .to_string()
            .contains("the map names no `customer` for `work.closed`"),
        "{error}"
    );
    let options = Options {
        customer: Some("acme".into()),
        source: Some("x".into()),
        ..Options::default()
    };
    let event = Import::open(&map, &inputs, options)
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    assert_eq!(
        (event.customer.as_str(), event.source.as_str()),
        ("acme", "x")
    );
}

/// Two events of one row must not share an id; rows that are equal are the same fact.
#[test]
fn ids_are_checked_within_a_row_and_repeat_for_equal_rows() {
    let map = "source = \"s\"\ncustomer = \"c\"\nwork = \"{a}\"\nid = \"{a}\"\ntime = \"2026-01-01T00:00:00Z\"\n[[event]]\ntype = \"work.closed\"\n[[event]]\ntype = \"work.opened\"\n";
    let (_, refused) = import_csv(map, "a\n1\n");
    assert!(
        refused[0].problem.contains("add {$type} to the map's `id`"),
        "{}",
        refused[0]
    );
    let (events, _) = import_csv(&reason("", "\"{a}\""), "a,b\n1,2\n1,2\n1,3\n");
    assert_eq!(events[0], events[1]);
    assert_ne!(events[0].id, events[2].id);
}

/// The example at the head of the reference does what it says.
#[test]
fn the_example_of_the_reference_runs() {
    let docs = include_str!("../../../../docs/reference/maps.md");
    let block = |language: &str| {
        let start = docs.split(&format!("```{language}\n")).nth(1).unwrap();
        start.split("```").next().unwrap()
    };
    let (events, refused) = import_csv(block("toml"), block("csv"));
    assert_eq!(refused, []);
    let kinds: Vec<&str> = events.iter().map(|event| event.body.tag().word()).collect();
    assert_eq!(
        kinds,
        [
            "work.opened",
            "work.answered",
            "cost.recorded",
            "work.reopened"
        ]
    );
    assert_eq!(events[0].time.to_string(), "2026-01-05T08:00:00Z");
}
