//! What the server refused is repaired on the command line, and is there after the server was killed.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

mod support;

use std::time::Duration;

use support::server::Served;

fn event(id: u64, kind: &str) -> String {
    format!(
        r#"{{"specversion":"1.0","id":"{id}","source":"desk","type":"piecework.{kind}.v1","subject":"acme","time":"2026-01-06T09:00:00Z","data":{{"meter":"calls"}}}}"#
    )
}

#[test]
fn refused_events_are_listed_repaired_and_dismissed() {
    let served = Served::new();
    let mut server = served.start();
    let body = format!("[{},{}]", event(1, "usage.noted"), event(2, "usage.noted"));
    let (status, _) = server.feed().send(&body, false).unwrap();
    assert_eq!(status, 400);
    server.kill();
    let book = &served.book;
    let listed = book.json(&["refused", "list"]);
    let ids: Vec<&str> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|own| own["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), 2);
    let shown = book.json(&["refused", "show", ids[0]]);
    assert_eq!(shown["text"], event(1, "usage.noted"));

    let again = book.run(&["refused", "resend", ids[0], "--by", "ann"]);
    assert_eq!(again.code, Some(1), "{again:?}");
    assert!(again.stderr.contains("/type"), "{}", again.stderr);
    let repaired = book.path().join("repaired.json");
    std::fs::write(&repaired, event(1, "usage.recorded")).unwrap();
    let repaired = ["--repaired", repaired.to_str().unwrap(), "--by", "ann"];
    let resend = [&["refused", "resend", ids[0]], &repaired[..]].concat();
    let sent = book.json(&resend);
    assert_eq!(sent["became"]["outcome"], "accepted");
    assert_eq!(sent["refused"]["decision"]["by"], "ann");
    assert_eq!(book.json(&resend)["became"]["outcome"], "duplicate");
    let dismiss = [
        "refused", "dismiss", ids[1], "--reason", "a test", "--by", "bob",
    ];
    assert_eq!(book.json(&dismiss)["state"], "dismissed");
    assert_eq!(book.json(&["refused", "list"]).as_array().unwrap().len(), 0);
    let all = book.json(&["refused", "list", "--all", "--customer", "acme"]);
    assert_eq!(all.as_array().unwrap().len(), 2);
}

/// A refusal that was told is kept, whatever happens to the server after it; and none is counted that is
/// not kept.
#[test]
fn slow_a_server_killed_while_it_refuses_keeps_what_it_refused() {
    const KILLS: u64 = 8;
    const EVENTS: u64 = 100;
    let served = Served::new();
    let mut told: Vec<u64> = Vec::new();
    for kill in 0..KILLS {
        let mut server = served.start();
        let mut feed = server.feed();
        let feeding = std::thread::spawn(move || {
            let ids = kill * EVENTS..(kill + 1) * EVENTS;
            let told = ids.map_while(|id| {
                let (status, text) = feed.send(&event(id, "usage.noted"), false)?;
                assert_eq!(status, 400, "{text}");
                Some(id)
            });
            told.collect::<Vec<u64>>()
        });
        std::thread::sleep(Duration::from_millis(10 + kill * 7));
        server.kill();
        told.extend(feeding.join().unwrap());
    }
    let server = served.start();
    let [_, _, _, _, counted] = server.deliveries();
    drop(server);
    // Sent again, what is kept is another delivery of the same row, and no other row.
    let server = served.start();
    let mut feed = server.feed();
    for id in &told {
        feed.send(&event(*id, "usage.noted"), false).unwrap();
    }
    drop(server);
    let all = served.book.json(&["refused", "list", "--all"]);
    let all = all.as_array().unwrap();
    let twice = all.iter().filter(|own| own["deliveries"] == 2).count();
    assert!(!told.is_empty());
    assert_eq!(twice, told.len());
    // What was on its way when the server was killed may be kept, and was not told.
    assert!(all.len() - twice <= usize::try_from(KILLS).unwrap());
    assert!((twice..=all.len()).contains(&usize::try_from(counted).unwrap()));
}
