//! Webhooks of a server that is killed: what was acknowledged is told, and each thing is one message.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails
#![allow(clippy::print_stdout)] // what a long test did is worth reading

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use support::server::Served;

/// How often the server is killed.
const KILLS: usize = 5;
/// Disputes between two kills.
const DISPUTES: usize = 20;

/// What arrived: the message's id, and the place of the entry that it tells of.
type Arrived = Arc<Mutex<Vec<(String, u64)>>>;

/// A receiver that now and then says nothing for a while, so that the server is killed while it waits.
fn receiver() -> (u16, Arrived) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let arrived = Arrived::default();
    let (kept, count) = (arrived.clone(), Arc::new(AtomicUsize::new(0)));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (kept, count) = (kept.clone(), count.clone());
            std::thread::spawn(move || {
                let _ = receive(stream.unwrap(), &kept, &count);
            });
        }
    });
    (port, arrived)
}

fn receive(stream: TcpStream, kept: &Arrived, count: &AtomicUsize) -> Option<()> {
    let mut stream = BufReader::new(stream);
    let (mut id, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        let (name, value) = line.trim_end().split_once(": ").unwrap_or_default();
        match name {
            "webhook-id" => value.clone_into(&mut id),
            "content-length" => length = value.parse().ok()?,
            "" if line == "\r\n" => break,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    let body: serde_json::Value = serde_json::from_slice(&body).ok()?;
    let number = count.fetch_add(1, Ordering::SeqCst);
    if number % 5 == 2 {
        std::thread::sleep(Duration::from_millis(300));
    }
    let index = body["data"]["entry"]["index"].as_u64()?;
    kept.lock().unwrap().push((id, index));
    let answer = "HTTP/1.1 204 x\r\ncontent-length: 0\r\n\r\n";
    stream.get_mut().write_all(answer.as_bytes()).ok()
}

fn dispute(number: usize) -> String {
    format!(
        r#"{{"specversion":"1.0","id":"{number}","source":"desk","type":"piecework.work.disputed.v1","subject":"acme","time":"2026-01-06T09:00:00Z","workid":"w{number}"}}"#
    )
}

#[test]
fn slow_a_server_that_is_killed_tells_everything_and_each_thing_under_one_id() {
    let (port, arrived) = receiver();
    let served = Served::new();
    let mut acknowledged = 0;
    for kill in 0..KILLS {
        let mut server = served.start_with_webhooks();
        if kill == 0 {
            let new = format!(r#"{{"url":"http://127.0.0.1:{port}/","types":["dispute.raised"]}}"#);
            let (status, text) = server.ask("operator", "POST", "/v1/webhooks", &new);
            assert_eq!(status, 201, "{text}");
        }
        let mut feed = server.feed();
        for _ in 0..DISPUTES {
            let (status, text) = feed.send(&dispute(acknowledged), false).unwrap();
            assert_eq!(status, 204, "{text}");
            acknowledged += 1;
        }
        // Once before anything was read from the journal, later while it is delivered.
        std::thread::sleep(Duration::from_millis(150 * kill as u64));
        server.kill();
    }
    let _server = served.start_with_webhooks();
    let deadline = Instant::now() + Duration::from_secs(120);
    let entries = |arrived: &[(String, u64)]| -> BTreeSet<u64> {
        arrived.iter().map(|(_, index)| *index).collect()
    };
    while entries(&arrived.lock().unwrap()).len() < acknowledged {
        let told = entries(&arrived.lock().unwrap()).len();
        assert!(
            Instant::now() < deadline,
            "{told} of {acknowledged} were told"
        );
        std::thread::sleep(Duration::from_millis(100));
    }
    let arrived = arrived.lock().unwrap();
    let mut ids: BTreeMap<u64, BTreeSet<&str>> = BTreeMap::new();
    for (id, index) in arrived.iter() {
        ids.entry(*index).or_default().insert(id);
    }
    let several: Vec<_> = ids.iter().filter(|(_, own)| own.len() > 1).collect();
    assert!(several.is_empty(), "{several:?}");
    println!(
        "{KILLS} kills: {acknowledged} disputes acknowledged and told, {} arrivals",
        arrived.len()
    );
}
