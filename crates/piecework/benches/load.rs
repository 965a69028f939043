//! How a server bears load, beside what this machine can do at all, in one run.
//!
//! ```text
//! cargo bench -p piecework --bench load -- [EVENTS] [SECONDS] [RATE] [against=PATH]
//! ```
//!
//! `piecework serve` runs as a process of its own, on loopback, over a book of the preset `resolve-the-ticket`;
//! `against` names the binary of another build, whose server takes the same load in turn.
//!
//! 1. **Single events**, `RATE` a second for `SECONDS`, each on a schedule that waits for nobody: the time of an
//!    acknowledgement counts from the instant at which its request was due, so a server that stalls is charged for
//!    every request that came due meanwhile.
//! 2. **Batches** of 1,000 from four connections, up to `EVENTS`. Beside each round, the limit: the same lines are
//!    read, made canonical, hashed and written to a file with an `fdatasync` every 10,000, by two threads. What
//!    the server's memory is stands beside, and the time of a processor that an event took, by the threads that
//!    have names: time in processors is told apart from waiting, which others on the machine prolong.
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
const BATCH: usize = 1_000;
const LIMIT_THREADS: usize = 2;
/// Lines between two `fdatasync` of the limit.
const LIMIT_BATCH: usize = 10_000;
/// Events after which a line is printed.
const PART: u64 = 1_000_000;
/// Events of a round: the limit takes some of them, then each server all.
const ROUND: u64 = 80_000;
/// The share of a round that the limit takes.
const LIMIT_SHARE: u64 = 4;
/// Parts of single events, which servers take in turn.
const TURNS: u64 = 6;
/// Threads of a server whose time in processors is told; all others are told together.
const THREADS: [&str; 3] = ["journal", "state", "fjall:worker"];
/// Ticks in which the system counts the time in processors, a second.
const TICKS_A_SECOND: f64 = 100.0;

fn main() {
    let numbers: Vec<u64> = std::env::args()
        .filter_map(|argument| argument.parse().ok())
        .collect();
    let number = |at: usize, default| numbers.get(at).copied().unwrap_or(default);
    let (events, seconds, rate) = (number(0, 1_000_000), number(1, 30), number(2, 1_000));
    let against = std::env::args().find_map(|own| Some(own.strip_prefix("against=")?.to_owned()));
    let programs = std::iter::once(env!("CARGO_BIN_EXE_piecework").to_owned()).chain(against);
    let directory = tempfile::tempdir().unwrap();
    let servers: Vec<Server> = programs
        .zip(["this", "other"])
        .map(|(program, name)| Server::start(&program, name, &directory.path().join(name)))
        .collect();
    println!("load average before: {}", load_average());
    single_events(&servers, seconds, rate);
    batches(&servers, directory.path(), seconds * rate, events);
    println!("load average after: {}", load_average());
}

/// A running server, killed when dropped.
struct Server {
    name: &'static str,
    process: Child,
    host: String,
    key: String,
}

impl Server {
    fn start(program: &str, name: &'static str, directory: &Path) -> Server {
        std::fs::create_dir(directory).unwrap();
        let piecework = |arguments: &[&str]| {
            let mut command = Command::new(program);
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
            name,
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

    /// Waits until the state has applied every commit.
    fn settle(&self) {
        loop {
            let (committed, applied) = self.position();
            if committed == applied {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Megabytes of a line of its `/proc/PID/status` or `smaps_rollup`.
    fn memory_mb(&self, name: &str) -> u64 {
        let read = |file| std::fs::read_to_string(format!("/proc/{}/{file}", self.process.id()));
        let lines = read("status").unwrap_or_default() + &read("smaps_rollup").unwrap_or_default();
        let line = lines.lines().find_map(|line| line.strip_prefix(name));
        let kib = line.and_then(|own| own.trim_matches([':', ' ', '\t', 'k', 'B']).parse().ok());
        kib.unwrap_or(0_u64) / 1_024
    }

    /// Seconds in processors, of all threads and of those that have names.
    fn processor_seconds(&self) -> (f64, [f64; THREADS.len()]) {
        let own = format!("/proc/{}", self.process.id());
        let mut named = [0.0; THREADS.len()];
        for task in std::fs::read_dir(format!("{own}/task")).unwrap() {
            let (name, seconds) = processor_time(&task.unwrap().path());
            if let Some(at) = THREADS.iter().position(|own| *own == name) {
                named[at] += seconds;
            }
        }
        (processor_time(Path::new(&own)).1, named)
    }

    /// What an event took of a processor since `before`, in microseconds.
    fn processor_micros(&self, before: (f64, [f64; THREADS.len()]), events: u64) -> String {
        let (all, named) = self.processor_seconds();
        let micros = |seconds: f64| seconds * 1_000_000.0 / events as f64;
        let mut told = format!("{:.1} µs", micros(all - before.0));
        for ((name, now), before) in THREADS.iter().zip(named).zip(before.1) {
            told += &format!(", {name} {:.1}", micros(now - before));
        }
        told
    }
}

/// Name and time in processors of a process or thread.
fn processor_time(path: &Path) -> (String, f64) {
    // One that has ended since has no file.
    let stat = std::fs::read_to_string(path.join("stat")).unwrap_or_default();
    let Some((name, rest)) = stat
        .split_once('(')
        .and_then(|(_, rest)| rest.rsplit_once(')'))
    else {
        return (String::new(), 0.0);
    };
    // The twelfth and the thirteenth after the name: in the program, and in the system for it.
    let ticks = rest.split_whitespace().skip(11).take(2);
    let ticks: f64 = ticks.filter_map(|own| own.parse::<f64>().ok()).sum();
    (name.to_owned(), ticks / TICKS_A_SECOND)
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

/// Single events, from servers in turn.
fn single_events(servers: &[Server], seconds: u64, rate: u64) {
    let mut all: Vec<(Vec<Duration>, Vec<Duration>)> = vec![Default::default(); servers.len()];
    let requests = seconds * rate;
    for turn in 0..TURNS {
        let part = requests * turn / TURNS..requests * (turn + 1) / TURNS;
        for (server, own) in servers.iter().zip(&mut all) {
            let (times, late) = open_loop(server, &part, rate);
            own.0.extend(times);
            own.1.extend(late);
            server.settle();
        }
    }
    for (server, (times, late)) in servers.iter().zip(all) {
        println!(
            "{}: single events: {requests}, {rate} a second; acknowledged, from the instant when each was due: {}",
            server.name,
            percentiles(times)
        );
        println!(
            "    of it before it was sent (the generator, and connections that still waited): {}",
            percentiles(late)
        );
    }
}

/// An open loop: request `n` is due at `n / rate`, whatever became of the others. From then on, the times until
/// each was acknowledged and until each was sent.
fn open_loop(server: &Server, lines: &Range<u64>, rate: u64) -> (Vec<Duration>, Vec<Duration>) {
    let begin = Instant::now() + Duration::from_millis(200);
    let (mut times, mut late) = (Vec::new(), Vec::new());
    std::thread::scope(|scope| {
        let feeds: Vec<_> = (0..FEEDS)
            .map(|feed| {
                let mut connection = server.connect();
                scope.spawn(move || {
                    let mut own = Vec::new();
                    let first = lines.start + feed;
                    for n in (first..lines.end).step_by(usize::try_from(FEEDS).unwrap()) {
                        let body = line(n);
                        let since = (n - lines.start) * 1_000_000 / rate;
                        let due = begin + Duration::from_micros(since);
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
    (times, late)
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

/// What was measured of a server's batches.
#[derive(Default)]
struct Taken {
    acknowledged: Duration,
    /// The time until the state was up to date as well, where it was waited for.
    settled: Duration,
    each: Vec<Duration>,
}

/// Batches until `events` more are acknowledged, and beside each round the limit. Where there are several servers,
/// each one's state is waited for before the next one's turn.
fn batches(servers: &[Server], directory: &Path, from: u64, events: u64) {
    let mut files: Vec<File> = (0..LIMIT_THREADS)
        .map(|at| File::create(directory.join(format!("limit-{at}"))).unwrap())
        .collect();
    let (mut next, end) = (from, from + events);
    while next < end {
        let part = next..(next + PART).min(end);
        let mut limit = (0, Duration::ZERO);
        let mut taken: Vec<Taken> = servers.iter().map(|_| Taken::default()).collect();
        let before: Vec<_> = servers.iter().map(Server::processor_seconds).collect();
        for first in part.clone().step_by(usize::try_from(ROUND).unwrap()) {
            // Lines are made outside the time that counts: a round at a time, so that memory stays bounded.
            let lines: Vec<String> = (first..(first + ROUND).min(part.end)).map(line).collect();
            let measured = &lines[..lines.len() / usize::try_from(LIMIT_SHARE).unwrap()];
            limit.0 += measured.len() as u64;
            limit.1 += run(measured, LIMIT_BATCH, &mut files, write_down).0;
            for (server, taken) in servers.iter().zip(&mut taken) {
                // The server closes those that nothing comes over for long.
                let mut connections: Vec<Connection> =
                    (0..CALLERS).map(|_| server.connect()).collect();
                let begun = Instant::now();
                let (took, each) = run(&lines, BATCH, &mut connections, |connection, batch| {
                    connection.send(&format!("[{}]", batch.join(",")));
                });
                taken.acknowledged += took;
                taken.each.extend(each);
                if servers.len() > 1 || first + ROUND >= end {
                    server.settle();
                }
                taken.settled += begun.elapsed();
            }
        }
        let limit = rate(limit.0, limit.1);
        let count = part.end - part.start;
        println!("{:>9} events: limit {limit:>7.0}/s", part.end - from);
        for ((server, taken), before) in servers.iter().zip(taken).zip(before) {
            let (acknowledged, settled) =
                (rate(count, taken.acknowledged), rate(count, taken.settled));
            let (committed, applied) = server.position();
            println!(
                "{:>9}: acknowledged {acknowledged:>7.0}/s, {:.1} % of the limit, {:.1} % with the waits for the state; \
                 a batch: {}; state {} commits behind",
                server.name,
                acknowledged / limit * 100.0,
                settled / limit * 100.0,
                percentiles(taken.each),
                committed - applied,
            );
            println!(
                "           an event took {} of a processor; resident {} MB ({} MB of its own), at most {} MB",
                server.processor_micros(before, count),
                server.memory_mb("VmRSS"),
                server.memory_mb("Anonymous"),
                server.memory_mb("VmHWM"),
            );
        }
        next = part.end;
    }
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
    lines: &[String],
    size: usize,
    workers: &mut [W],
    work: impl Fn(&mut W, &[String]) + Sync,
) -> (Duration, Vec<Duration>) {
    let mut each = Vec::new();
    let batches: Vec<&[String]> = lines.chunks(size).collect();
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
    (begun.elapsed(), each)
}

fn rate(events: u64, took: Duration) -> f64 {
    events as f64 / took.as_secs_f64()
}

fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').take(3).collect::<Vec<_>>().join(" ")
}
