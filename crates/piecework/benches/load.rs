//! How a server bears load, beside what this machine can do at all, in one run.
//!
//! ```text
//! cargo bench -p piecework --bench load -- [EVENTS] [SECONDS] [RATE]
//! ```
//!
//! `piecework serve` runs as a process of its own, on loopback, over a book of the preset `resolve-the-ticket`.
//!
//! 1. **Single events**, `RATE` a second for `SECONDS`, each on a schedule that waits for nobody: the time of an
//!    acknowledgement counts from the instant at which its request was due, so a server that stalls is charged for
//!    every request that came due meanwhile.
//! 2. **Batches** of 1,000 from four connections, up to `EVENTS`. Beside each part, the limit: the same lines are
//!    read, made canonical, hashed and written to a file with an `fdatasync` every 10,000, by two threads. What
//!    the server's memory is stands beside.
//!
//! Not here: other addresses than this machine's; a load without end.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::cast_precision_loss)] // for people

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::ops::Range;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use store::conformance::feed::line;
use work::{Digest, Event};

/// Connections that send single events.
const FEEDS: u64 = 32;
/// Connections that send batches.
const CALLERS: usize = 4;
const BATCH: u64 = 1_000;
const LIMIT_THREADS: usize = 2;
/// Lines between two `fdatasync` of the limit.
const LIMIT_BATCH: u64 = 10_000;
/// Events after which a line is printed.
const PART: u64 = 1_000_000;
/// Batches that are made ahead, for each connection.
const ROUND_BATCHES: u64 = 8;

fn main() {
    let numbers: Vec<u64> = std::env::args()
        .filter_map(|argument| argument.parse().ok())
        .collect();
    let number = |at: usize, default| numbers.get(at).copied().unwrap_or(default);
    let (events, seconds, rate) = (number(0, 1_000_000), number(1, 30), number(2, 1_000));
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(directory.path());
    println!("load average before: {}", load_average());
    single_events(&server, seconds, rate);
    batches(&server, directory.path(), seconds * rate, events);
    println!("load average after: {}", load_average());
}

/// A running server, killed when dropped.
struct Server {
    process: Child,
    host: String,
    key: String,
}

impl Server {
    fn start(directory: &Path) -> Server {
        let piecework = |arguments: &[&str]| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_piecework"));
            command.args(arguments).current_dir(directory);
            command.env_remove("PIECEWORK_CONFIG");
            command
        };
        let said = |arguments: &[&str]| {
            let output = piecework(arguments).output().unwrap();
            assert!(output.status.success(), "{output:?}");
            output.stdout
        };
        said(&["init", "--preset", "resolve-the-ticket"]);
        let made = said(&[
            "api-key", "create", "--role", "ingest", "--label", "load", "--json",
        ]);
        let made: serde_json::Value = serde_json::from_slice(&made).unwrap();
        let process = piecework(&[
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--address-file",
            "address",
        ])
        .env("PIECEWORK_LOG", "warn")
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
        let file = directory.join("address");
        while !file.exists() {
            std::thread::sleep(Duration::from_millis(5));
        }
        let address = std::fs::read_to_string(file).unwrap();
        Server {
            process,
            host: address.trim().strip_prefix("http://").unwrap().to_owned(),
            key: made["key"].as_str().unwrap().to_owned(),
        }
    }

    fn connect(&self) -> Connection {
        let stream = TcpStream::connect(&self.host).unwrap();
        stream.set_nodelay(true).unwrap();
        let head = format!(
            "POST /api/v1/events HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\n\
             content-type: application/json\r\ncontent-length: ",
            self.host, self.key
        );
        Connection {
            stream: BufReader::new(stream),
            head,
        }
    }

    /// Commits of the journal, and those that the state has applied.
    fn position(&self) -> (u64, u64) {
        let mut stream = TcpStream::connect(&self.host).unwrap();
        let request = "GET /readyz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        let count = |name: &str| body[name].as_u64().unwrap();
        (count("committed"), count("applied"))
    }

    /// Megabytes of a line of its `/proc/PID/status`.
    fn memory_mb(&self, name: &str) -> u64 {
        let path = format!("/proc/{}/status", self.process.id());
        let status = std::fs::read_to_string(path).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kib = line.and_then(|own| own.trim_matches([':', ' ', '\t', 'k', 'B']).parse().ok());
        kib.unwrap_or(0_u64) / 1_024
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

struct Connection {
    stream: BufReader<TcpStream>,
    head: String,
}

impl Connection {
    /// Sends events and waits until they are acknowledged.
    fn send(&mut self, body: &str) {
        let request = format!("{}{}\r\n\r\n{body}", self.head, body.len());
        self.stream.get_mut().write_all(request.as_bytes()).unwrap();
        let mut line = String::new();
        self.stream.read_line(&mut line).unwrap();
        assert!(line.starts_with("HTTP/1.1 204 "), "{line}");
        while line != "\r\n" {
            line.clear();
            self.stream.read_line(&mut line).unwrap();
        }
    }
}

/// An open loop: request `n` is due at `n / rate`, whatever became of the others.
fn single_events(server: &Server, seconds: u64, rate: u64) {
    let requests = seconds * rate;
    let begin = Instant::now() + Duration::from_millis(200);
    let mut times: Vec<Duration> = Vec::new();
    let mut late: Vec<Duration> = Vec::new();
    std::thread::scope(|scope| {
        let feeds: Vec<_> = (0..FEEDS)
            .map(|feed| {
                let mut connection = server.connect();
                scope.spawn(move || {
                    let mut own = Vec::new();
                    for n in (feed..requests).step_by(usize::try_from(FEEDS).unwrap()) {
                        let body = line(n);
                        let due = begin + Duration::from_micros(n * 1_000_000 / rate);
                        std::thread::sleep(due.saturating_duration_since(Instant::now()));
                        let late = due.elapsed();
                        connection.send(&body);
                        own.push((due.elapsed(), late));
                    }
                    own
                })
            })
            .collect();
        for feed in feeds {
            let (own, began): (Vec<_>, Vec<_>) = feed.join().unwrap().into_iter().unzip();
            times.extend(own);
            late.extend(began);
        }
    });
    let took = begin.elapsed();
    println!(
        "single events: {requests} in {:.1} s; acknowledged, from the instant when each was due: {}",
        took.as_secs_f64(),
        percentiles(times)
    );
    println!(
        "    of it before it was sent (the generator, and connections that still waited): {}",
        percentiles(late)
    );
}

fn percentiles(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |share: usize| times[(times.len() - 1) * share / 1_000];
    format!(
        "p50 {:.2?}, p99 {:.2?}, p99.9 {:.2?}, most {:.2?}",
        at(500),
        at(990),
        at(999),
        at(1_000)
    )
}

/// Batches until `events` more are acknowledged, and beside each part the limit.
fn batches(server: &Server, directory: &Path, from: u64, events: u64) {
    let mut connections: Vec<Connection> = (0..CALLERS).map(|_| server.connect()).collect();
    let mut files: Vec<File> = (0..LIMIT_THREADS)
        .map(|at| File::create(directory.join(format!("limit-{at}"))).unwrap())
        .collect();
    let (mut next, end) = (from, from + events);
    let (mut all, mut shares) = (Duration::ZERO, Vec::new());
    while next < end {
        let to = (next + PART).min(end);
        let measured = next..next + (to - next) / 4;
        let limit = rate(
            &measured,
            run(&measured, LIMIT_BATCH, &mut files, write_down).0,
        );
        let part = next..to;
        let (took, each) = run(&part, BATCH, &mut connections, |connection, batch| {
            connection.send(&format!("[{}]", batch.join(",")));
        });
        all += took;
        shares.push(rate(&part, took) / limit);
        let (committed, applied) = server.position();
        println!(
            "{:>9} events: limit {limit:>7.0}/s, acknowledged {:>7.0}/s, {:.1} % of it; a batch: {}; state {} commits \
             behind; resident {} MB, at most {} MB",
            to - from,
            rate(&part, took),
            shares[shares.len() - 1] * 100.0,
            percentiles(each),
            committed - applied,
            server.memory_mb("VmRSS"),
            server.memory_mb("VmHWM"),
        );
        next = to;
    }
    let behind = Instant::now();
    while server.position().1 < server.position().0 {
        std::thread::sleep(Duration::from_millis(20));
    }
    let whole = all + behind.elapsed();
    println!(
        "batches of {BATCH}: acknowledged {:.0}/s, {:.0}/s with the state up to date; share of the limit {:.1} % of the \
         first part, {:.1} % of the last",
        rate(&(from..end), all),
        rate(&(from..end), whole),
        shares[0] * 100.0,
        shares[shares.len() - 1] * 100.0,
    );
}

/// What nobody can beat with this form of events.
fn write_down(file: &mut File, batch: &[String]) {
    let mut bytes = Vec::with_capacity(batch.len() * 512);
    for line in batch {
        let text = Event::parse(line).unwrap().canonical();
        bytes.extend_from_slice(Digest::of(text.as_bytes()).as_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    file.write_all(&bytes).unwrap();
    file.sync_data().unwrap();
}

/// Gives batches of lines to the workers, each in a thread; the time of all, and of each batch.
fn run<W: Send>(
    lines: &Range<u64>,
    size: u64,
    workers: &mut [W],
    work: impl Fn(&mut W, &[String]) + Sync,
) -> (Duration, Vec<Duration>) {
    // Lines are made outside the time that counts: a round at a time, so that memory stays bounded.
    let per_round = size * workers.len() as u64 * ROUND_BATCHES;
    let (mut total, mut each) = (Duration::ZERO, Vec::new());
    let mut next = lines.start;
    while next < lines.end {
        let round = next..(next + per_round).min(lines.end);
        let made: Vec<String> = round.clone().map(line).collect();
        let batches: Vec<&[String]> = made.chunks(usize::try_from(size).unwrap()).collect();
        let taken = AtomicUsize::new(0);
        let begun = Instant::now();
        std::thread::scope(|scope| {
            let (taken, batches, work) = (&taken, &batches, &work);
            let threads: Vec<_> = workers
                .iter_mut()
                .map(|worker| {
                    scope.spawn(move || {
                        let mut times = Vec::new();
                        while let Some(batch) = batches.get(taken.fetch_add(1, Ordering::Relaxed)) {
                            let begun = Instant::now();
                            work(worker, batch);
                            times.push(begun.elapsed());
                        }
                        times
                    })
                })
                .collect();
            for thread in threads {
                each.extend(thread.join().unwrap());
            }
        });
        total += begun.elapsed();
        next = round.end;
    }
    (total, each)
}

fn rate(events: &Range<u64>, took: Duration) -> f64 {
    (events.end - events.start) as f64 / took.as_secs_f64()
}

fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').take(3).collect::<Vec<_>>().join(" ")
}
