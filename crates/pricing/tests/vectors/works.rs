//! Settlement: what counts, when, in which class, and what takes it back (S1 to S12, D11).

use super::vector::Vector;
use crate::support::{Book, definition, outcome};

const USUAL: &str = "[[counts]]\nclass = \"verified\"\nwhen = \"verified where result = passed\"\n[[counts]]\nclass = \"confirmed\"\nwhen = \"confirmed\"\n[[counts]]\nclass = \"assumed\"\nwhen = \"all(answered where kind = answer, quiet(72h, last answered where kind = answer), not(human_replied), not(escalated))\"\n[[after]]\non = \"reopened\"\nwithin = \"90d\"\nthen = \"reverse\"\n";
const TWO_ACTS: &str = "[[counts]]\nclass = \"confirmed\"\nwhen = \"all(answered where kind = answer, confirmed)\"\n[[after]]\non = \"reopened\"\nwithin = \"30d\"\nthen = \"reverse\"\n";
const KEY: &str = "one_per = { key = [\"case\"], split = \"none\" }";

/// A price of 1 for every class, so that the lines show the counts; by class for those named.
fn priced(classes: &[(&str, &str)]) -> String {
    if classes.is_empty() {
        return outcome("price = 1");
    }
    let tables: Vec<String> = classes
        .iter()
        .map(|(name, price)| format!("[[component.class]]\nname = \"{name}\"\nprice = \"{price}\""))
        .collect();
    outcome(&tables.join("\n"))
}

/// Stories under a definition with other classes and rules.
fn settled(
    name: &'static str,
    rules: &'static str,
    about: &'static str,
    (key, body): (&str, &str),
    classes: &[(&str, &str)],
    terms: &str,
) -> Vector {
    let usual = definition("", "");
    let text = usual.replacen(USUAL, body, 1).replacen(KEY, key, 1);
    let is_usual = (key, body) == (KEY, USUAL);
    assert!(is_usual || text != usual, "{name}");
    let book = Book::with(&priced(classes), &text, terms);
    Vector::new(name, rules, about, book)
}

fn usual(name: &'static str, rules: &'static str, about: &'static str, terms: &str) -> Vector {
    settled(
        name,
        rules,
        about,
        (KEY, USUAL),
        &[
            ("verified", "1.50"),
            ("confirmed", "1.20"),
            ("assumed", "0.99"),
        ],
        terms,
    )
}

fn timers() -> Vec<Vector> {
    let mut absorbing = usual(
        "s1-absorbing-timers",
        "S1 S6 S11",
        "a settlement that was reached stays; a reopening before it cancels the timer, one after it takes the count back and it may count again; silence gives a unit up, something new revives it",
        "",
    );
    absorbing.story(
        "01-28T12:00 answered case=a kind=answer\n02-01T09:00 answered case=a kind=answer\n\
         01-05 answered case=b kind=answer\n01-07 reopened case=b\n01-07T01:00 answered case=b kind=answer\n\
         01-20 reopened case=b by=buyer\n01-21 answered case=b kind=answer\n\
         01-02 opened case=c\n01-02T01:00 answered case=c kind=clarify",
    );
    absorbing.issues("02-01");
    absorbing.story("03-10 answered case=c kind=answer by=third_party\n05-30 reopened case=a");
    absorbing.issues_all(&["03-01", "04-01", "06-01"]);
    let mut given_up = settled(
        "s11-giving-up-forgets-nothing",
        "S11 S2",
        "what came before a unit was given up still speaks when something new revives it, whichever of the two came first",
        (KEY, TWO_ACTS),
        &[],
        "",
    );
    given_up.story(
        "01-02 answered case=a kind=answer\n01-02 confirmed case=b\n01-02 answered case=c kind=answer",
    );
    given_up.issues_all(&["02-01", "03-01"]);
    given_up.story("03-10 confirmed case=a\n03-11 answered case=b kind=answer");
    given_up.issues("04-01");
    let mut ties = usual(
        "s3-ties",
        "S3 S2",
        "facts of one instant by rank, a deadline after all of them; an answer that is no answer bills nothing",
        "",
    );
    ties.story(
        "01-05T10:00 answered case=a kind=answer\n01-08T10:00 human_replied case=a\n\
         01-05T10:00 answered case=b kind=answer\n01-08T10:00 human_replied case=b visible=false\n\
         01-05T10:00 answered case=c kind=answer\n01-08T10:00 asked case=c kind=thanks\n\
         01-05T10:00 answered case=d kind=answer\n01-08T10:00 asked case=d kind=question\n\
         01-05T10:00 answered case=e kind=answer\n01-05T10:00 escalated case=e\n\
         01-05T10:00 confirmed case=f\n01-05T10:00 reopened case=f\n\
         01-05T10:00 answered case=g kind=greeting\n01-05T10:00 answered case=h kind=route\n\
         01-05T10:00 verified case=i result=passed check=t id=1\n01-05T10:00 verified case=i result=failed check=t id=2\n\
         01-05T10:00 verified case=j result=passed check=t id=4\n01-05T10:00 verified case=j result=failed check=t id=3",
    );
    ties.issues("02-01");
    let spans = "[[counts]]\nclass = \"days\"\nwhen = \"all(answered where kind = answer and confidence >= 0.5, elapsed(1d, first answered))\"\n\
        [[counts]]\nclass = \"hours\"\nwhen = \"all(answered where kind = answer and confidence < 0.5, elapsed(24h, last answered))\"\n\
        [[after]]\non = \"rated where score <= 3\"\nwithin = \"30d\"\nthen = \"reverse\"\n";
    let mut vectors = vec![absorbing, given_up, ties];
    for (name, zone, nights) in [
        (
            "s1-days-and-hours-berlin",
            "Europe/Berlin",
            [
                "2026-03-28T01:30",
                "2026-10-24T00:30",
                "2026-10-25T00:30",
                "2026-10-25T01:30",
            ],
        ),
        (
            "s1-days-and-hours-new-york",
            "America/New_York",
            [
                "2026-03-07T07:30",
                "2026-10-31T05:30",
                "2026-11-01T05:30",
                "2026-11-01T06:30",
            ],
        ),
    ] {
        let mut vector = settled(
            name,
            "S1 P3 S10",
            "days are local and hours elapse: over the nights in which clocks change, also where a wall time is skipped or comes twice; reach in days to the second",
            (KEY, spans),
            &[("days", "1"), ("hours", "1")],
            &format!("time_zone = \"{zone}\"\nanchor_day = 1\n"),
        );
        for night in nights {
            for (case, confidence) in [("d", "0.5"), ("h", "0.4999")] {
                vector.story(&format!(
                    "{night}:00Z answered case={case}{night} kind=answer confidence={confidence}"
                ));
            }
        }
        // Cuts by the hour around the ends of the spans show when each counted.
        let hours = match zone {
            "Europe/Berlin" => [
                "2026-03-29T01:30:00Z",
                "2026-03-29T01:30:00.000000001Z",
                "2026-10-25T00:30:00.000000001Z",
                "2026-10-25T01:30:00.000000001Z",
                "2026-10-26T01:30:00Z",
                "2026-10-26T01:30:00.000000001Z",
            ],
            _ => [
                "2026-03-08T07:30:00Z",
                "2026-03-08T07:30:00.000000001Z",
                "2026-11-01T05:30:00.000000001Z",
                "2026-11-01T06:30:00.000000001Z",
                "2026-11-02T06:30:00Z",
                "2026-11-02T06:30:00.000000001Z",
            ],
        };
        for hour in hours {
            vector.expect(hour);
        }
        vector.story(&format!(
            "2026-11-23T01:30:00Z rated case=d{} score=3\n2026-11-25T06:30:00.000000001Z rated case=d{} score=1\n2026-11-25T07:00:00Z rated case=h{} score=4",
            nights[1], nights[2], nights[3]
        ));
        vector.issues("2026-12-01T05:00:00Z");
        vectors.push(vector);
    }
    vectors
}

fn classes() -> Vec<Vector> {
    // `upgrade_within` stands at the top of the document, above its sections.
    let key = format!("{KEY}\nupgrade_within = \"10d\"");
    let mut upgrades = settled(
        "s9-upgrades",
        "S9 D1",
        "the class is fixed when the first rule holds; a better one that comes to hold within ten days moves the unit, a fact that arrives late is looked at again",
        (&key, USUAL),
        &[
            ("verified", "1.50"),
            ("confirmed", "1.20"),
            ("assumed", "0.99"),
        ],
        "",
    );
    upgrades.story(
        "01-03 answered case=a kind=answer\n01-08 confirmed case=a by=buyer\n01-17 verified case=a result=passed check=t\n\
         01-03 answered case=b kind=answer\n2026-01-16T00:00:01Z confirmed case=b\n\
         01-28 answered case=c kind=answer\n02-03 verified case=c result=passed check=t by=third_party",
    );
    upgrades.issues_all(&["02-01", "03-01"]);
    upgrades.story("01-04 verified case=b result=passed check=t id=late-b");
    upgrades.issues("04-01");
    let rules = "[[counts]]\nclass = \"done\"\nwhen = \"any(confirmed, closed where reason in (resolved, 'customer did not reply'))\"\n\
        [[after]]\non = \"reviewed where result = edited\"\nwithin = \"5d\"\nthen = \"partial 0.5\"\n\
        [[after]]\non = \"reviewed where result = rejected\"\nwithin = \"forever\"\nthen = \"partial 0.75\"\n\
        [[after]]\non = \"rated where score <= 2\"\nwithin = \"30d\"\nthen = \"reverse\"\nagain = true\n\
        [[after]]\non = \"rated where score <= 3\"\nthen = \"ignore\"\n\
        [[after]]\non = \"asked where kind = question\"\nwithin = \"10d\"\nthen = \"new_unit\"\n\
        [[after]]\non = \"reopened\"\nwithin = \"30d\"\nthen = \"reverse\"\nagain = false\n";
    let mut after = settled(
        "s10-after-rules",
        "S10 S6 S7",
        "after settlement: a part, less than that, more than that, a reversal that may count again and one that may not, nothing, another unit",
        (KEY, rules),
        &[],
        "",
    );
    after.story(
        "01-05 confirmed case=a\n01-20 confirmed case=a id=again\n01-05 confirmed case=b\n01-06 rated case=b score=2 by=buyer\n01-07 confirmed case=b id=again-b\n\
         01-05 confirmed case=c\n01-06 rated case=c score=3\n01-07 asked case=c kind=question by=buyer\n01-08 confirmed case=c id=again-c\n\
         01-05 confirmed case=d\n01-06 reopened case=d\n01-07 confirmed case=d id=again-d\n\
         01-05 closed case=e reason=resolved\n01-05 closed case=f reason=cancelled",
    );
    let reviewed = |time: &str, case: &str, result: &str| {
        super::vector::json(
            time,
            "review.recorded",
            &format!("{time}-{case}-{result}"),
            "",
            &format!("\"case\":\"{case}\",\"result\":\"{result}\",\"edit_share\":\"0.2\""),
        )
    };
    for (time, case, result) in [
        ("01-08", "a", "edited"),
        ("01-09", "a", "rejected"),
        ("01-11", "e", "edited"),
        ("01-12", "e", "rejected"),
    ] {
        after.push(reviewed(time, case, result));
    }
    after.push(super::vector::json(
        "01-06",
        "work.closed",
        "quoted",
        "",
        "\"case\":\"g\",\"reason\":\"customer did not reply\"",
    ));
    after.issues("02-01");
    after.story("02-03 rated case=e score=1");
    after.issues("03-01");
    vec![upgrades, after]
}

fn conditions() -> Vec<Vector> {
    let when = "[[counts]]\nclass = \"affirmed\"\nwhen = \"all(answered where kind in (answer, route), any(asked where kind = affirmation since last answered, confirmed), not(human_replied ever))\"\n\
        [[counts]]\nclass = \"checked\"\nwhen = \"all(verified where check = relevance and result = passed, verified where check != relevance and result = passed, not(verified where result = failed))\"\n\
        [[counts]]\nclass = \"mail\"\nwhen = \"all(answered where kind = answer and channel = email, elapsed(48h, first asked where kind = question since first answered))\"\n\
        [[counts]]\nclass = \"liked\"\nwhen = \"all(rated where score >= 4, not(rejected since opened), answered where kind = answer and tier != gold)\"\n\
        [[after]]\non = \"reopened\"\nwithin = \"90d\"\nthen = \"reverse\"\n";
    let declared = format!("{KEY}\nacts = [\"answered where kind = route\"]");
    let mut vector = settled(
        "conditions",
        "S11 S2 S9",
        "since, ever, in, !=, first and last; the latest fact of each check, and of the ratings",
        (&declared, when),
        &[],
        "",
    );
    vector.story(
        "01-05 asked case=a kind=affirmation\n01-05T01:00 answered case=a kind=route\n01-05T02:00 asked case=a kind=affirmation id=second by=buyer\n\
         01-05T01:00 answered case=b kind=answer\n01-05T02:00 confirmed case=b\n01-05T00:30 human_replied case=b visible=false\n\
         01-05 verified case=c check=relevance result=passed\n01-05T01:00 verified case=c check=accuracy result=failed\n01-05T02:00 verified case=c check=accuracy result=passed id=better\n\
         01-06 verified case=d check=relevance result=passed\n01-06T01:00 verified case=d check=accuracy result=passed\n01-06T00:30 verified case=d check=tone result=failed\n01-06T02:00 verified case=d check=tone result=passed id=fixed\n\
         01-05 answered case=e kind=answer channel=email\n01-05T01:00 asked case=e kind=question\n01-05T02:00 asked case=e kind=question id=more\n\
         01-05 answered case=f kind=answer\n01-05T01:00 rated case=f score=5\n\
         01-05 answered case=g kind=answer tier=gold\n01-05T01:00 rated case=g score=5\n\
         01-05 answered case=h kind=answer\n01-05T01:00 rated case=h score=3\n01-05T02:00 rated case=h score=4 id=mind-changed\n\
         01-05 answered case=i kind=answer\n01-05T01:00 rejected case=i reason=wrong\n01-05T02:00 rated case=i score=4\n01-05T03:00 reopened case=i\n01-05T04:00 answered case=i kind=answer id=again\n01-05T05:00 rated case=i score=4 id=again-rated",
    );
    vector.issues_all(&["01-07T00:30", "02-01"]);
    let gate = definition("expected = [\"transcript\"]", "gate = [\"resolution\"]");
    let mut gated = Vector::new(
        "s11-gate",
        "S11 S9",
        "nothing settles without the evidence that the definition gates by; the class is what holds when it comes",
        Book::with(
            &priced(&[("verified", "3"), ("confirmed", "2"), ("assumed", "1")]),
            &gate,
            "",
        ),
    );
    gated.story("01-05 confirmed case=a\n01-06 verified case=a result=passed check=t\n01-05 answered case=b kind=answer\n01-05 confirmed case=c");
    for (time, case) in [("01-07", "a"), ("01-20", "b")] {
        gated.push(super::vector::json(
            time,
            "evidence.attached",
            &format!("evidence-{case}"),
            "",
            &format!(
                "\"case\":\"{case}\",\"name\":\"resolution\",\"commitment\":\"{}\"",
                "0".repeat(64)
            ),
        ));
    }
    gated.issues("02-01");
    vec![vector, gated]
}

/// Two conversations of one user, and what is said of them when their windows are over.
fn remarks() -> Vector {
    let key = "one_per = { key = [\"user\"], split = \"window(24h, from = idle)\" }\nacts = [\"answered\"]";
    let counts = "[[counts]]\nclass = \"any\"\nwhen = \"answered\"\n";
    let mut vector = settled(
        "s7-remarks",
        "S7 D11",
        "what is said of work goes to its unit, opens no window and keeps none open: a dispute takes back the conversation that it names, or the latest",
        (key, counts),
        &[],
        "",
    );
    let say = |of: &mut Vector, time: &str, kind: &str, work: &str, data: &str| {
        let envelope = match work {
            "" => String::new(),
            work => format!(",\"workid\":\"{work}\""),
        };
        let data = format!("\"user\":\"u\"{data}");
        let id = format!("{kind}-{time}");
        of.push(super::vector::json(time, kind, &id, &envelope, &data));
    };
    let answer = ",\"kind\":\"answer\"";
    say(&mut vector, "01-05", "work.answered", "w1", answer);
    say(&mut vector, "01-07", "work.answered", "w2", answer);
    say(&mut vector, "01-09", "work.answered", "w3", answer);
    vector.issues("02-01");
    say(&mut vector, "02-02", "work.disputed", "w1", "");
    say(
        &mut vector,
        "02-03",
        "work.dispute_decided",
        "w1",
        ",\"verdict\":\"credited\"",
    );
    say(&mut vector, "02-04", "work.rated", "w2", ",\"score\":\"1\"");
    say(&mut vector, "02-04T23:00", "work.answered", "w4", answer);
    say(&mut vector, "02-06", "work.disputed", "", "");
    say(
        &mut vector,
        "02-07",
        "work.dispute_decided",
        "",
        ",\"verdict\":\"credited\"",
    );
    vector.issues("03-01");
    vector
}

fn scopes() -> Vec<Vector> {
    let counts = "[[counts]]\nclass = \"any\"\nwhen = \"answered\"\n[[after]]\non = \"rejected\"\nwithin = \"forever\"\nthen = \"reverse\"\n";
    let acts = "acts = [\"answered\"]";
    let mut vectors = Vec::new();
    for (name, split, about) in [
        (
            "s7-window-from-start",
            "window(24h, from = start)",
            "one unit per day from its first message; a late opener moves the windows",
        ),
        (
            "s7-window-idle",
            "window(1d, from = idle)",
            "one unit until nothing happened for a local day, over a change of clocks",
        ),
        (
            "s8-split-reopen",
            "reopen",
            "every reopening begins another unit",
        ),
    ] {
        let key =
            format!("one_per = {{ key = [\"user\", \"channel\"], split = \"{split}\" }}\n{acts}");
        let mut vector = settled(
            name,
            "S7 S8",
            about,
            (&key, counts),
            &[],
            "time_zone = \"Europe/Berlin\"\n",
        );
        vector.story(
            "03-28T10:00 answered user=u channel=chat kind=answer\n03-29T09:30 answered user=u channel=chat kind=route\n03-30T09:29 answered user=u channel=chat kind=answer\n\
             03-28T11:00 answered user=u channel=mail kind=answer\n03-28T12:00 answered user=v kind=answer\n03-28T12:00 answered user=w channel=chat case=7 kind=answer\n\
             03-29T12:00 reopened user=u channel=mail\n03-29T13:00 answered user=u channel=mail kind=answer\n03-29T14:00 reopened user=w channel=chat\n03-31T09:00 rejected user=u channel=chat",
        );
        vector.issues("2026-03-31T22:00:00Z");
        vector.story("03-28T09:15 answered user=u channel=chat kind=answer id=late\n03-29T11:00 rejected user=u channel=mail id=late-too");
        vector.issues("2026-04-30T22:00:00Z");
        vectors.push(vector);
    }
    vectors.push(remarks());
    let only = format!(
        "{KEY}\nonly = \"all(environment != staging, any(language = en, language = de, not(tier = trial)))\""
    );
    let mut excluded = settled(
        "only-and-tests",
        "S8 S11",
        "facts that the definition excludes, and works marked as tests; headers inherited within a work, a unit header that names another definition",
        (&only, USUAL),
        &[],
        "",
    );
    excluded.story(
        "01-05 confirmed case=a environment=staging\n01-05 confirmed case=b environment=test\n01-05 confirmed case=c tier=trial\n01-05 confirmed case=d tier=trial language=de\n\
         01-05 confirmed case=e unit=other.unit\n01-05 confirmed case=f unit=support.resolved_case\n01-05 answered case=g kind=answer\n01-06 answered case=g kind=answer environment=staging",
    );
    let at_work = |time: &str, kind: &str, id: &str, data: &str| {
        super::vector::json(time, kind, id, ",\"workid\":\"w1\"", data)
    };
    excluded.push(at_work("01-10", "work.confirmed", "w1-confirmed", ""));
    excluded.push(at_work(
        "01-09",
        "work.opened",
        "w1-opened",
        "\"case\":\"w\",\"tier\":\"gold\"",
    ));
    excluded.push(at_work(
        "01-11",
        "work.reopened",
        "w1-other",
        "\"case\":\"x\"",
    ));
    excluded.push(at_work(
        "01-12",
        "work.confirmed",
        "w1-late",
        "\"case\":\"x\"",
    ));
    excluded.issues("02-01");
    vectors.push(excluded);
    vectors
}

fn disputes() -> Vector {
    let mut vector = usual(
        "d11-disputes",
        "D11",
        "disputed before it is stated: pending; later: nothing moves until decided; the default verdict at the deadline, a decision, a dispute too late",
        "dispute_default = \"stands\"\n",
    );
    vector.confirmed("01-10", 0, 4);
    vector.story("01-28 disputed case=c0000 by=buyer\n01-29 answered case=z kind=answer\n01-30 disputed case=z by=buyer\n01-31 dispute_decided case=z verdict=credited by=third_party\n01-31 dispute_decided case=c0003 verdict=credited");
    vector.issues("02-01");
    vector.story("02-05 disputed case=c0001 by=buyer\n02-06 disputed case=c0001 by=buyer id=twice\n2026-02-09T00:00:01Z disputed case=c0002 by=buyer");
    vector.issues("03-01");
    vector.story(
        "03-02 dispute_decided case=c0001 verdict=credited\n03-03 confirmed case=c0001 id=no-more",
    );
    vector.issues("04-01");
    vector
}

fn default_credit() -> Vector {
    let mut vector = usual(
        "d11-default-credit",
        "D11 S1",
        "nobody decides, and the definition's default credits at the end of the window, in local days",
        "time_zone = \"America/New_York\"\n",
    );
    vector.confirmed("02-20", 0, 2);
    vector.story("02-21 disputed case=c0000 by=buyer");
    vector.issues_all(&[
        "2026-03-01T05:00:00Z",
        "2026-03-22T23:00:00Z",
        "2026-03-23T01:00:00Z",
        "2026-04-01T04:00:00Z",
    ]);
    vector
}

pub fn all() -> Vec<Vector> {
    let mut all = timers();
    all.extend(classes());
    all.extend(conditions());
    all.extend(scopes());
    all.push(disputes());
    all.push(default_credit());
    all
}
