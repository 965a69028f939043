//! Bad input, one table: each case says what is wrong, where, and what to do, ends with the documented
//! exit code, and leaves the book as it was: nothing accepted is lost, nothing is half applied.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const MAP: &str = r#"
source = "desk"
customer = "{client}"
time = "{when}"
conversation = "{ticket}"
work = "{ticket}"
id = "{ticket}/{what}/{when}/{$type}"
[table.fact]
opened = "work.opened"
answered = "work.answered"
[[event]]
type = "{what|fact}"
"#;

const TICKETS: &str = "ticket,client,what,when
T-1,acme,opened,2026-01-05T09:00:00Z
T-1,acme,answered,2026-01-05T09:02:00Z
T-2,acme,opened,2026-01-06T09:00:00Z
T-2,acme,answered,2026-01-06T09:02:00Z
B-1,birch,opened,2026-01-06T09:00:00Z
B-1,birch,answered,2026-01-06T09:02:00Z
";

/// Entries of the book that every case begins with.
const ENTRIES: u64 = 13;

/// A directory with a book: January of `acme` is signed and issued, `birch` has a draft. The buyer's key
/// in `buyer.key` is published, the one in `other.key` is not; `origin` names the log.
struct Bench(tempfile::TempDir);

impl Bench {
    fn empty() -> Bench {
        Bench(tempfile::tempdir().unwrap())
    }

    fn new() -> Bench {
        let bench = Bench::empty();
        bench.write("map.toml", MAP);
        bench.write("tickets.csv", TICKETS);
        for line in [
            "piecework init",
            "piecework import --map map.toml tickets.csv",
            "piecework contract sign --customer acme --from 2026-01-01 --by buyer",
            "piecework statement issue --customer acme --period 2026-01 --by finance",
            "piecework key show --customer acme | grep -o '[0-9a-f]*.invalid/log/[0-9a-f]*' | head -1 > origin",
            "piecework key create --buyer acme.example/buyer --out buyer.key",
            "piecework key create --buyer acme.example/other --out other.key",
            "piecework key announce --key buyer.key --origin $(cat origin) > buyer.json",
            "piecework key announce --key other.key --origin $(cat origin) > other.json",
            "piecework key publish buyer.json --customer acme --by finance",
        ] {
            let (code, text) = bench.run(line);
            assert_eq!(code, 0, "{line}\n{text}");
        }
        assert_eq!(bench.entries(), ENTRIES);
        bench
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).unwrap();
    }

    fn copy(&self) -> Bench {
        let copy = Bench::empty();
        let status = Command::new("cp")
            .arg("-a")
            .arg(format!("{}/.", self.path().display()))
            .arg(copy.path())
            .status();
        assert!(status.unwrap().success());
        copy
    }

    fn command(&self, line: &str) -> Command {
        let binary = PathBuf::from(env!("CARGO_BIN_EXE_piecework"));
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = Command::new("sh");
        command
            .args(["-c", &format!("exec 2>&1\n{line}")])
            .current_dir(self.path())
            .env(
                "PATH",
                format!("{}:{path}", binary.parent().unwrap().display()),
            )
            .env("PIECEWORK_NOW", "2026-02-03T09:00:00Z")
            .env("NO_COLOR", "1")
            .env_remove("PIECEWORK_CONFIG");
        command
    }

    fn run(&self, line: &str) -> (i32, String) {
        let output = self.command(line).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        (output.status.code().unwrap_or(-1), text)
    }

    /// Entries in the book, as `doctor` counts them; it must find no fault.
    #[track_caller]
    fn entries(&self) -> u64 {
        let (code, text) = self.run("piecework doctor");
        assert_eq!(code, 0, "{text}");
        let count = text.split_whitespace().find_map(|word| word.parse().ok());
        count.unwrap_or_else(|| panic!("{text}"))
    }
}

/// What is wrong, the command that meets it, and what must come of it.
struct Case {
    name: &'static str,
    /// A file that the command reads.
    file: Option<(&'static str, String)>,
    command: &'static str,
    code: i32,
    /// What the message must say: the fault, its place, the remedy.
    says: &'static [&'static str],
    /// Entries that are accepted all the same.
    accepted: u64,
}

fn event(rest: &str) -> Option<(&'static str, String)> {
    let line = format!(
        r#"{{"specversion":"1.0","source":"desk","subject":"acme","workid":"T-1",{rest}}}"#
    );
    Some(("events.jsonl", format!("{line}\n")))
}

fn preset(edit: impl FnOnce(String) -> String) -> Option<(&'static str, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .unwrap();
    let text = std::fs::read_to_string(root.join("presets/fin-style/1/definition.toml")).unwrap();
    Some(("definition.toml", edit(text)))
}

const INGEST: &str = "piecework ingest events.jsonl";
const AT: &str = r#""time":"2026-01-06T10:00:00Z""#;

fn events() -> Vec<Case> {
    let case = |name, rest: &str, says, accepted| Case {
        name,
        file: event(rest),
        command: INGEST,
        code: 3,
        says,
        accepted,
    };
    vec![
        Case {
            name: "a malformed event",
            file: Some(("events.jsonl", "{\"specversion\":\n".to_owned())),
            command: INGEST,
            code: 3,
            says: &[
                "events.jsonl:1",
                "invalid JSON",
                "mend them and import that file",
            ],
            accepted: 0,
        },
        case(
            "an unknown member",
            &format!(r#""id":"1",{AT},"type":"piecework.work.confirmed.v1","oops":1"#),
            &[
                "events.jsonl:1 /oops",
                "unknown member",
                "check its spelling or remove it",
            ],
            0,
        ),
        case(
            "an unknown type",
            &format!(r#""id":"1",{AT},"type":"piecework.work.finished.v1""#),
            &[
                "events.jsonl:1 /type",
                "`piecework.work.finished.v1`",
                "`piecework schema events` lists them",
            ],
            0,
        ),
        case(
            "a currency that there is not",
            &format!(
                r#""id":"1",{AT},"type":"piecework.cost.recorded.v1","data":{{"line":"model","amount":{{"amount":"1","currency":"XXZ"}}}}"#
            ),
            &[
                "events.jsonl:1 /data/amount/currency",
                "`XXZ` is not an ISO 4217 currency",
                "e.g. `USD`",
            ],
            0,
        ),
        case(
            "a negative quantity",
            &format!(
                r#""id":"1",{AT},"type":"piecework.usage.recorded.v1","data":{{"meter":"calls","quantity":"-5"}}"#
            ),
            &[
                "events.jsonl:1 /data/quantity",
                "must not be negative",
                "`event.corrected` instead",
            ],
            0,
        ),
        case(
            "more digits than are kept",
            &format!(
                r#""id":"1",{AT},"type":"piecework.usage.recorded.v1","data":{{"meter":"calls","quantity":"99999999999999999999999999999999999999999"}}"#
            ),
            &[
                "events.jsonl:1 /data/quantity",
                "too many digits",
                "mend them",
            ],
            0,
        ),
        Case {
            name: "a part of a statement out of a feed",
            file: event(&format!(
                r#""id":"1",{AT},"type":"piecework.statement.stated.v1","data":{{"contract":"acme-2026","cut":"2026-02-01T00:00:00Z","revision":"1","cells_digest":"{}","part":"1","cells":[{{"cell":"c","amount":"1 USD","quantity":"1"}}]}}"#,
                "ab".repeat(32)
            ))
            .map(|(_, line)| ("march.jsonl", format!("\n\n{line}"))),
            command: "piecework ingest march.jsonl",
            code: 3,
            says: &[
                "march.jsonl:3 /type",
                "written by piecework's own commands, never by a feed",
                "see `piecework contract`",
                "march.refused.jsonl",
            ],
            accepted: 0,
        },
        case(
            "a statement of too many parts",
            &format!(
                r#""id":"1",{AT},"type":"piecework.statement.issued.v1","data":{{"contract":"acme-2026","cut":"2026-02-01T00:00:00Z","revision":"1","number":"acme-0002","coverage":"0","body":"{0}","carry":"{0}","parts":"257","cells_digest":"{0}","by":"finance"}}"#,
                "ab".repeat(32)
            ),
            &[
                "events.jsonl:1 /data/parts",
                "expected a number from 0 to 256",
            ],
            0,
        ),
        case(
            "a time far in the future",
            r#""id":"1","time":"2036-01-06T10:00:00Z","type":"piecework.work.confirmed.v1""#,
            &[
                "events.jsonl:1 /time",
                "more than 24 hours after its arrival",
                "check the sender's clock",
            ],
            0,
        ),
        case(
            "one identity with two contents",
            r#""id":"T-1/answered/2026-01-05T09:02:00Z/work.answered","time":"2026-01-05T09:02:00Z","type":"piecework.work.rejected.v1""#,
            &[
                "conflict acme:desk:T-1/answered",
                "entry 1 of the shared log",
                "event.corrected names the right one",
            ],
            1,
        ),
    ]
}

/// What a buyer signs, and what somebody made of it on the way.
fn signed() -> Vec<Case> {
    let reopened = format!(r#""id":"1",{AT},"type":"piecework.work.reopened.v1""#);
    let case = |name, command, code, says| Case {
        name,
        file: event(&reopened),
        command,
        code,
        says,
        accepted: 0,
    };
    let feed = |name, rest: &str| Case {
        name,
        file: event(&format!(r#""id":"1",{AT},{rest}"#)),
        command: INGEST,
        code: 3,
        says: &[
            "events.jsonl:1 /type",
            "written by piecework's own commands, never by a feed",
            "for what a buyer signs `piecework sign`",
        ],
        accepted: 0,
    };
    let digest = "ab".repeat(32);
    let mut cases = vec![
        case(
            "a signature under another event",
            "piecework sign events.jsonl --key buyer.key --origin $(cat origin) | sed s/T-1/T-2/ > s.jsonl; mv s.jsonl events.jsonl; piecework ingest events.jsonl",
            3,
            &[
                "events.jsonl:1 /signature",
                "does not fit the event: it was altered, or signed for another log",
                "let the buyer sign it with `piecework sign --origin",
            ],
        ),
        case(
            "a signature with a bit turned",
            "piecework sign events.jsonl --key buyer.key --origin $(cat origin) | sed 's/0\",\"signer/1\",\"signer/;t;s/.\",\"signer/0\",\"signer/' > s.jsonl; mv s.jsonl events.jsonl; piecework ingest events.jsonl",
            3,
            &["events.jsonl:1 /signature", "does not fit the event"],
        ),
        case(
            "a signature for another log",
            "piecework sign events.jsonl --key buyer.key --origin vendor.example/log/other > s.jsonl; mv s.jsonl events.jsonl; piecework ingest events.jsonl",
            3,
            &["events.jsonl:1 /signature", "signed for another log"],
        ),
        case(
            "a signature by a key that was never published",
            "piecework sign events.jsonl --key other.key --origin $(cat origin) > s.jsonl; mv s.jsonl events.jsonl; piecework ingest events.jsonl",
            3,
            &[
                "events.jsonl:1 /signature",
                "signed by `acme.example/other+",
                "a key that no earlier entry publishes as the buyer's",
                "`piecework key publish`",
            ],
        ),
        case(
            "a signature that is no number",
            "piecework sign events.jsonl --key buyer.key --origin $(cat origin) | sed 's/signature\":\"../signature\":\"zz/' > s.jsonl; mv s.jsonl events.jsonl; piecework ingest events.jsonl",
            3,
            &[
                "events.jsonl:1 /signature",
                "expected 128 lower-case hexadecimal digits",
            ],
        ),
        case(
            "a signer without a signature",
            "piecework sign events.jsonl --key buyer.key --origin $(cat origin) | sed 's/\"signature\":\"[0-9a-f]*\",//' > s.jsonl; mv s.jsonl events.jsonl; piecework ingest events.jsonl",
            3,
            &[
                "events.jsonl:1 /signature",
                "a signer goes with a signature",
            ],
        ),
        case(
            "a signature under the seller's authorship",
            "piecework sign events.jsonl --key buyer.key --origin $(cat origin) | sed 's/\"authorship\":\"buyer\",//' > s.jsonl; mv s.jsonl events.jsonl; piecework ingest events.jsonl",
            3,
            &[
                "events.jsonl:1 /authorship",
                "a signed event is the buyer's: it says `\"authorship\":\"buyer\"`",
            ],
        ),
        case(
            "a signature under what a buyer does not write",
            "piecework sign events.jsonl --key buyer.key --origin $(cat origin) | sed s/work.reopened/work.answered/ > s.jsonl; mv s.jsonl events.jsonl; piecework ingest events.jsonl",
            3,
            &[
                "events.jsonl:1 /signature",
                "a buyer does not sign `work.answered` entries",
            ],
        ),
        case(
            "signing with what is no key",
            "piecework sign events.jsonl --key origin --origin $(cat origin)",
            1,
            &[
                "origin is not a key",
                "`piecework key create --buyer NAME --out FILE` makes one",
            ],
        ),
        case(
            "a key announced for another log",
            "sed s#$(cat origin)#vendor.example/log/x# other.json > x.json; piecework key publish x.json --customer acme --by finance",
            1,
            &[
                "x.json is for the log `vendor.example/log/x`",
                "ask the buyer to announce its key for that one",
            ],
        ),
        case(
            "a key that its sender does not have",
            "(head -3 other.json; tail -2 buyer.json) > x.json; piecework key publish x.json --customer acme --by finance",
            1,
            &[
                "does not show that its sender has the key",
                "run `piecework key announce` with the key itself",
            ],
        ),
        feed(
            "a voided statement out of a feed",
            r#""type":"piecework.statement.voided.v1","data":{"number":"acme-0001","reason":"r","by":"b"}"#,
        ),
        feed(
            "a key out of a feed",
            &format!(
                r#""type":"piecework.key.published.v1","data":{{"holder":"buyer","vkey":"x","possession":"{digest}{digest}","by":"b"}}"#
            ),
        ),
        feed(
            "a redaction out of a feed",
            r#""type":"piecework.data.redacted.v1","data":{"target":{"source":"s","id":"i"},"reason":"r","by":"b"}"#,
        ),
        feed(
            "an acknowledgement that nobody signed",
            &format!(
                r#""authorship":"buyer","type":"piecework.document.acknowledged.v1","data":{{"what":"plan","digest":"{digest}","by":"b"}}"#
            ),
        ),
    ];
    cases.push(Case {
        command: "piecework sign events.jsonl --key buyer.key --origin $(cat origin)",
        code: 1,
        says: &[
            "line 1 of events.jsonl cannot be signed; nothing was",
            "a buyer does not sign `statement.voided` entries",
        ],
        ..feed(
            "signing a control entry",
            r#""type":"piecework.statement.voided.v1","data":{"number":"acme-0001","reason":"r","by":"b"}"#,
        )
    });
    // The same line untouched is taken: what is refused above is refused for what was done to it.
    cases.push(Case {
        accepted: 1,
        ..case(
            "a signature that nobody touched",
            "piecework sign events.jsonl --key buyer.key --origin $(cat origin) > s.jsonl; mv s.jsonl events.jsonl; piecework ingest events.jsonl",
            0,
            &["1 1 0 0 0"],
        )
    });
    cases
}

fn documents() -> Vec<Case> {
    let plan = |text: &str| Some(("own.toml", text.to_owned()));
    let cost_unit = "id = \"own\"\nversion = 1\ncurrency = \"USD\"\n[[meter]]\nid = \"tokens\"\nclass = \"cost\"\n[[component]]\nid = \"answers\"\nkind = \"outcome\"\nunit = \"tokens\"\nprice = \"1\"\n";
    vec![
        Case {
            name: "a definition with a contradiction",
            file: preset(|text| {
                text.replace(
                    "\"all(answered where kind in (answer, route), escalated where configured = true)\"",
                    "\"all(confirmed, not(confirmed))\"",
                )
            }),
            command: "piecework exhibit definition.toml",
            code: 1,
            says: &["definition.toml:36", "can never hold together"],
            accepted: 0,
        },
        Case {
            name: "a definition with a missing section",
            file: preset(|text| {
                let (before, rest) = text.split_once("[rollback]").unwrap();
                let (_, after) = rest.split_once("[attribution]").unwrap();
                format!("{before}[attribution]{after}")
            }),
            command: "piecework exhibit definition.toml",
            code: 1,
            says: &[
                "definition.toml:",
                "has no `[rollback]`",
                "add `[rollback]` with `remedy`",
            ],
            accepted: 0,
        },
        Case {
            name: "a plan that sells a cost unit as an outcome",
            file: plan(cost_unit),
            command: "cp $PRESETS/fin-style/1/definition.toml . && printf '[documents]\\ndefinitions = [\"definition.toml\"]\\nplan = \"own.toml\"\\n' > other.toml && piecework --config other.toml check",
            code: 1,
            says: &[
                "the plan in force",
                "`tokens` is a cost unit and cannot be sold as an outcome",
            ],
            accepted: 0,
        },
        Case {
            name: "an unknown preset",
            file: None,
            command: "piecework init --preset fin-stile elsewhere",
            code: 1,
            says: &[
                "there is no preset `fin-stile`",
                "did you mean `fin-style@1`?",
            ],
            accepted: 0,
        },
        Case {
            name: "a second beginning",
            file: None,
            command: "piecework init",
            code: 1,
            says: &[
                "piecework.toml and its book exist",
                "edit the file, or choose another directory",
            ],
            accepted: 0,
        },
        Case {
            name: "no configuration",
            file: None,
            command: "piecework --config nowhere.toml check",
            code: 1,
            says: &["cannot read nowhere.toml", "`piecework init` writes one"],
            accepted: 0,
        },
    ]
}

fn questions() -> Vec<Case> {
    let case = |name, command, says| Case {
        name,
        file: None,
        command,
        code: 1,
        says,
        accepted: 0,
    };
    vec![
        case(
            "an unknown customer",
            "piecework statement preview --customer acm",
            &["no customer `acm`", "it has acme, birch"],
        ),
        case(
            "what is no month",
            "piecework statement preview --customer acme --period January",
            &["`January` is not a month", "such as 2026-01"],
        ),
        case(
            "a period that the contract does not have",
            "piecework statement preview --customer acme --period 2025-12",
            &[
                "`acme-2026` has no statement period that begins in 2025-12",
                "its first begins in 2026-01",
            ],
        ),
        case(
            "an unknown line",
            "piecework statement explain --customer acme --period 2026-01 --line seats",
            &["no line `seats`", "it has resolutions"],
        ),
        case(
            "a work that is not on the statement",
            "piecework statement explain --customer acme --period 2026-01 --work T-9",
            &[
                "about the work `T-9`",
                "`piecework work show T-9 --customer acme`",
            ],
        ),
        case(
            "an unknown work",
            "piecework work show T-9 --customer acme",
            &[
                "acme has no work `T-9`",
                "`piecework work list --customer acme`",
            ],
        ),
        case(
            "an unknown number",
            "piecework statement replay --customer acme --number acme-0009",
            &[
                "no statement `acme-0009`",
                "`piecework statement list --customer acme`",
            ],
        ),
        case(
            "an unknown cut of the margin",
            "piecework margin --by colour",
            &["--by colour", "is not one of: work, unit, class, customer"],
        ),
        case(
            "a file that is not there",
            "piecework import --map map.toml nofile.csv",
            &["cannot read nofile.csv", "No such file"],
        ),
        case(
            "a map that is not there",
            "piecework import --map nomap.toml tickets.csv",
            &[
                "cannot read the map nomap.toml",
                "ready maps are zendesk-tickets",
            ],
        ),
    ]
}

fn acts() -> Vec<Case> {
    let case = |name, command, says| Case {
        name,
        file: None,
        command,
        code: 1,
        says,
        accepted: 0,
    };
    vec![
        case(
            "amending before the last cut",
            "piecework contract amend --customer acme --from 2026-01-15 --by buyer",
            &[
                "2026-01-15T00:00:00Z is before the last stated cut 2026-02-01",
                "name who approved the re-pricing",
            ],
        ),
        case(
            "a payment on a statement that there is not",
            "piecework payment record --customer acme --statement acme-0009 --amount '1 USD'",
            &["no statement `acme-0009`", "`piecework statement list`"],
        ),
        case(
            "a payment in another currency",
            "piecework payment record --customer acme --statement acme-0001 --amount '1 EUR'",
            &[
                "`acme-0001` is in USD, not EUR",
                "record what was paid in USD",
            ],
        ),
        case(
            "a payment below zero",
            "piecework payment record --customer acme --statement acme-0001 --amount '-1 USD'",
            &["-1.00 USD pays nothing", "a payment is above zero"],
        ),
        case(
            "more than is open of a statement",
            "piecework payment record --customer acme --allocate 'acme-0001=999 USD' --amount '999 USD'",
            &[
                "of the statement `acme-0001`",
                "is open, and not 999.00 USD",
            ],
        ),
        case(
            "a refund of a payment that there is not",
            "piecework payment refund --customer acme --payment B-9 --reason r --by finance",
            &["the payment `B-9` is not there", "`piecework payment list`"],
        ),
        case(
            "a void of a payment that there is not",
            "piecework payment void --customer acme --entry B-9 --reason r --by finance",
            &["no payment, allocation, refund or write-off with the id `B-9`"],
        ),
        case(
            "a write-off of a statement that there is not",
            "piecework write-off --customer acme --statement acme-0009 --reason r --by finance",
            &["no statement `acme-0009`"],
        ),
        case(
            "an ageing as of no time",
            "piecework ageing --as-of yesterday",
            &["`yesterday`", "a day such as 2026-01-31"],
        ),
        case(
            "a balance of no day",
            "piecework balance confirm --customer acme --day January",
            &["--day `January`", "a day such as 2026-01-31"],
        ),
        case(
            "a lock of half a month",
            "piecework books lock --until 2026-01-15 --reason r --by controller",
            &["`2026-01-15` is not the last day of a month"],
        ),
        case(
            "a payment at no time",
            "piecework payment record --customer acme --statement acme-0001 --amount '1 USD' --at yesterday",
            &["--at `yesterday`", "a day such as 2026-02-20"],
        ),
        case(
            "overlapping contracts",
            "piecework contract sign --customer acme --from 2027-01-01 --by buyer",
            &[
                "`acme-2026` sells `support.resolved_conversation` already",
                "end or amend it first",
            ],
        ),
        case(
            "signing one contract twice",
            "piecework contract sign --customer acme --from 2026-02-01 --by buyer",
            &["`acme-2026` is signed already", "amend it"],
        ),
        case(
            "issuing a draft",
            "piecework statement issue --customer birch --by finance",
            &[
                "nobody signed a contract with birch",
                "`piecework contract sign --customer birch --from 2026-01-01 --by ROLE`",
            ],
        ),
        case(
            "issuing a future period",
            "piecework statement issue --customer acme --period 2026-02 --by finance",
            &[
                "ends at 2026-03-01T00:00:00Z, which is not over yet",
                "`piecework statement preview`",
            ],
        ),
        case(
            "issuing twice",
            "piecework statement issue --customer acme --period 2026-01 --by finance",
            &["issued already", "`piecework statement list`"],
        ),
        case(
            "voiding what is not there",
            "piecework statement void --customer acme --number acme-0009 --reason r --by finance",
            &["no statement `acme-0009`", "`piecework statement list`"],
        ),
        Case {
            accepted: 1,
            ..case(
                "voiding twice",
                "piecework statement void --customer acme --number acme-0001 --reason r --by finance && piecework statement void --customer acme --number acme-0001 --reason r --by finance",
                &[
                    "`acme-0001` is voided already",
                    "issued again under a new number",
                ],
            )
        },
        case(
            "a credit in another currency",
            "piecework credit --customer acme --amount '5 EUR' --reason r --by finance",
            &["--amount 5.00 EUR", "give the credit in USD"],
        ),
        case(
            "a credit of nothing",
            "piecework credit --customer acme --amount '-5 USD' --reason r --by finance",
            &["--amount -5.00 USD", "a credit is above zero"],
        ),
        case(
            "tokens of no class",
            "piecework record cost T-1 --customer acme --model m --tokens words=5",
            &["--tokens `words=5`", "the classes are input, cache_read"],
        ),
    ]
}

#[test]
fn bad_input_says_what_where_and_what_to_do_and_changes_nothing() {
    let bench = Bench::new();
    let presets = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .unwrap()
        .join("presets");
    let mut wrong = String::new();
    for case in [events(), signed(), documents(), questions(), acts()]
        .into_iter()
        .flatten()
    {
        let bench = bench.copy();
        if let Some((name, text)) = &case.file {
            bench.write(name, text);
        }
        let (code, text) = bench.run(&format!("PRESETS={}\n{}", presets.display(), case.command));
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let missing: Vec<_> = case
            .says
            .iter()
            .filter(|says| !flat.contains(**says))
            .collect();
        let entries = bench.entries();
        if code != case.code || !missing.is_empty() || entries != ENTRIES + case.accepted {
            writeln!(
                wrong,
                "== {}: exit code {code} for {}, {entries} entries, does not say {missing:?}\n{text}",
                case.name, case.code
            )
            .unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// A fault of an event that can be read is told with the file and line where it stands, like one that
/// cannot: blank lines and earlier files do not shift it.
#[test]
fn an_event_that_is_refused_is_told_with_its_file_and_line() {
    let bench = Bench::new();
    let line = |id: &str, kind: &str| {
        format!(
            r#"{{"specversion":"1.0","source":"desk","subject":"acme","workid":"T-1","id":"{id}",{AT},"type":"piecework.{kind}.v1"}}"#
        )
    };
    let anchor = format!(
        r#"{{"specversion":"1.0","source":"desk","subject":"acme","id":"a",{AT},"type":"piecework.sample.anchored.v1","data":{{"anchor":"{}","length":"3","by":"audit"}}}}"#,
        "ab".repeat(32)
    );
    bench.write("first.jsonl", &format!("{}\n", line("1", "work.confirmed")));
    let second = format!(
        "\n{}\n\n{anchor}\n{}\n",
        line("2", "work.rejected"),
        line("3", "work.closed")
    );
    bench.write("second.jsonl", &second);
    let (code, text) = bench.run("piecework ingest first.jsonl second.jsonl");
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("refused  second.jsonl:4 /type: "), "{text}");
    assert!(text.contains("./second.refused.jsonl; mend them"), "{text}");
    assert_eq!(bench.entries(), ENTRIES + 3);
    let (code, text) = bench.run("piecework ingest - < second.jsonl");
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("refused  stdin.jsonl:4 /type: "), "{text}");
}

#[test]
fn a_broken_row_costs_itself_and_its_mended_file_completes_the_import() {
    let bench = Bench::new();
    bench.write(
        "more.csv",
        "ticket,client,what,when\nT-7,acme,opened,2026-01-07T09:00:00Z\nT-7,acme,answerd,2026-01-07T09:01:00Z\nT-8,acme,opened,2026-01-08T09:00:00Z\n",
    );
    let (code, text) = bench.run("piecework import --map map.toml more.csv");
    assert_eq!(code, 3, "{text}");
    assert!(
        text.contains("more.csv:3 /type: `answerd` is not in `[table.fact]`"),
        "{text}"
    );
    assert!(
        text.contains("more.refused.csv; mend them and import that file"),
        "{text}"
    );
    assert_eq!(bench.entries(), ENTRIES + 2);
    let kept = std::fs::read_to_string(bench.path().join("more.refused.csv")).unwrap();
    assert!(kept.contains("#! line 3: /type `answerd`"), "{kept}");
    assert!(
        kept.ends_with("T-7,acme,answerd,2026-01-07T09:01:00Z\n"),
        "{kept}"
    );
    // Mended, it completes the import; again, it changes nothing.
    bench.write("more.refused.csv", &kept.replace(",answerd,", ",answered,"));
    for _ in 0..2 {
        let (code, text) = bench.run("piecework import --map map.toml more.refused.csv");
        assert_eq!(code, 0, "{text}");
        assert_eq!(bench.entries(), ENTRIES + 3);
    }
}

#[test]
fn a_full_disk_loses_nothing_and_the_import_can_be_run_again() {
    let bench = Bench::new();
    let rows: String = (0..6_000)
        .map(|n| format!("F-{n},acme,opened,2026-01-07T09:00:00Z\n"))
        .collect();
    bench.write("many.csv", &format!("ticket,client,what,when\n{rows}"));
    // No file may grow beyond 2,000 blocks of 512 bytes; the signal would end the process, so that
    // the write itself fails, as on a full disk.
    let (code, text) =
        bench.run("trap '' XFSZ; ulimit -f 2000; piecework import --map map.toml many.csv");
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("no room"), "{text}");
    assert!(
        text.contains("nothing acknowledged is lost: free some space"),
        "{text}"
    );
    let kept = bench.entries();
    assert!((ENTRIES..ENTRIES + 6_000).contains(&kept), "{kept}");
    let (code, text) = bench.run("piecework import --map map.toml many.csv");
    assert_eq!(code, 0, "{text}");
    assert_eq!(bench.entries(), ENTRIES + 6_000);
}

#[test]
fn a_second_process_is_told_who_holds_the_book() {
    let bench = Bench::new();
    let mut first = Command::new(env!("CARGO_BIN_EXE_piecework"))
        .args(["ingest", "-"])
        .current_dir(bench.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    // It holds the book as soon as the lock says so, until its input ends.
    let deadline = Instant::now() + Duration::from_secs(60);
    let lock = bench.path().join("book/lock");
    while std::fs::read_to_string(&lock).unwrap().is_empty() {
        assert!(Instant::now() < deadline, "nobody holds the book");
        std::thread::sleep(Duration::from_millis(20));
    }
    let (code, text) = bench.run("piecework customer list");
    assert_eq!(code, 1, "{text}");
    first.kill().unwrap();
    first.wait().unwrap();
    assert!(text.contains("the book at"), "{text}");
    assert!(
        text.contains("is open in another process (process "),
        "{text}"
    );
    assert!(text.contains("stop it"), "{text}");
    assert_eq!(bench.entries(), ENTRIES);
}

#[test]
fn a_book_of_a_newer_format_is_left_alone() {
    let bench = Bench::new();
    let path = bench.path().join("book/book.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let newer: String = text
        .lines()
        .map(|line| match line.starts_with("format = ") {
            true => "format = 99\n".to_owned(),
            false => format!("{line}\n"),
        })
        .collect();
    std::fs::write(&path, newer).unwrap();
    let (code, said) = bench.run("piecework customer list");
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("book.toml says format 99"), "{said}");
    assert!(
        said.contains("use the release that wrote the book"),
        "{said}"
    );
    std::fs::write(&path, text).unwrap();
    assert_eq!(bench.entries(), ENTRIES);
}

#[test]
fn a_damaged_state_is_made_again_from_the_journal() {
    let bench = Bench::new();
    let (_, before) =
        bench.run("piecework --json statement preview --customer acme --period 2026-02");
    for length in [0, 100, 5_000, 20_000] {
        let damaged = bench.copy();
        let state = damaged.path().join("book/state.db");
        let file = std::fs::OpenOptions::new()
            .write(true)
            .open(&state)
            .unwrap();
        file.set_len(length).unwrap();
        let (code, text) =
            damaged.run("piecework statement preview --customer acme --period 2026-02");
        if code != 0 {
            // It must say how to come back, and that way must work.
            assert!(text.contains("piecework rebuild"), "{length} bytes: {text}");
            let (code, text) = damaged.run("piecework rebuild");
            assert_eq!(code, 0, "{length} bytes: {text}");
        }
        assert_eq!(damaged.entries(), ENTRIES);
        let (_, after) =
            damaged.run("piecework --json statement preview --customer acme --period 2026-02");
        assert_eq!(after, before, "{length} bytes");
    }
}
