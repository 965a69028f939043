//! [`Server`]: `piecework serve` over a book of its own.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::TestBook;

/// Each request has a key of its own.
static REQUESTS: AtomicU64 = AtomicU64::new(1);

/// When the server runs.
const NOW: &str = "2026-02-01T00:00:00Z";

/// A book that may be served, with a key of each role that feeds, reads and runs it.
pub struct Served {
    pub book: TestBook,
    /// What the server's environment has beside its own.
    pub env: Vec<(&'static str, &'static str)>,
    keys: [(&'static str, String); 4],
}

/// The one answer of a connection: status and body.
pub type Answer = (u16, String);

/// A running server; killed when dropped.
pub struct Server<'s> {
    served: &'s Served,
    process: Child,
    address: String,
}

impl Served {
    /// An empty book.
    pub fn new() -> Served {
        Served::of(TestBook::new(
            "aidev-agent-prs/definition.toml",
            "aidev-agent-prs/plan.toml",
            NOW,
        ))
    }

    /// A book that is there already.
    pub fn of(book: TestBook) -> Served {
        let keys = ["ingest", "auditor", "operator", "finance"].map(|role| {
            let arguments = ["api-key", "create", "--role", role, "--label", "a test's"];
            let made = book.json(&arguments);
            (role, made["key"].as_str().unwrap().to_owned())
        });
        Served {
            book,
            env: Vec::new(),
            keys,
        }
    }

    /// Serves it, at an instant that stands still.
    pub fn start(&self) -> Server<'_> {
        self.start_with(&["--listen", "127.0.0.1:0"], Some(self.book.now()))
    }

    /// Serves it by the system's clock, and lets webhooks reach this machine.
    pub fn start_with_webhooks(&self) -> Server<'_> {
        let arguments = ["--listen", "127.0.0.1:0", "--webhooks-allow", "127.0.0.0/8"];
        self.start_with(&arguments, None)
    }

    /// Serves it, with arguments that say where to listen, by the clock where there is no instant.
    pub fn start_with(&self, arguments: &[&str], now: Option<&str>) -> Server<'_> {
        let file = self.book.path().join("address");
        // One that was killed left its own.
        let _ = std::fs::remove_file(&file);
        let process = Command::new(env!("CARGO_BIN_EXE_piecework"))
            .arg("serve")
            .args(arguments)
            .arg("--address-file")
            .arg(&file)
            .current_dir(self.book.path())
            .env("PIECEWORK_NOW", now.unwrap_or_default())
            .envs(self.env.iter().copied())
            .env_remove("PIECEWORK_CONFIG")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let deadline = Instant::now() + Duration::from_secs(60);
        while !file.exists() {
            assert!(Instant::now() < deadline, "the server does not listen");
            std::thread::sleep(Duration::from_millis(5));
        }
        let address = std::fs::read_to_string(&file).unwrap().trim().to_owned();
        Server {
            served: self,
            process,
            address,
        }
    }

    /// The key of a role.
    pub fn key(&self, role: &str) -> &str {
        let own = self.keys.iter().find(|(own, _)| *own == role);
        &own.unwrap().1
    }
}

impl Server<'_> {
    /// Where it listens: `http://127.0.0.1:1234`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// A connection to it under the key of a feed.
    pub fn feed(&self) -> Feed {
        let host = self.address.strip_prefix("http://").unwrap().to_owned();
        let stream = TcpStream::connect(&host).unwrap();
        stream.set_nodelay(true).unwrap();
        Feed {
            key: self.served.key("ingest").to_owned(),
            stream: BufReader::new(stream),
        }
    }

    /// What a path answers to the auditor, headers and all.
    pub fn get(&self, path: &str) -> String {
        let answer = self.call("auditor", "GET", path);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        answer
    }

    /// What a request without a body answers to a role, headers and all.
    pub fn call(&self, role: &str, method: &str, path: &str) -> String {
        let host = self.address.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        let key = self.served.key(role);
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {key}\r\nconnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// What is answered to a role: the status and the body.
    pub fn ask(&self, role: &str, method: &str, path: &str, body: &str) -> Answer {
        let host = self.address.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        let (key, length) = (self.served.key(role), body.len());
        let once = REQUESTS.fetch_add(1, Ordering::Relaxed);
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {key}\r\nidempotency-key: {once}\r\n\
             content-length: {length}\r\nconnection: close\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        (status, body.to_owned())
    }

    /// Posts a body under the key of a feed.
    pub fn post(&self, path: &str, content_type: &str, body: &[u8]) -> Answer {
        let host = self.address.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        let (key, length) = (self.served.key("ingest"), body.len());
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {key}\r\n\
             content-type: {content_type}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
        );
        stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, text) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, text.to_owned())
    }

    /// Streams a body in pieces, of which `pieces` makes as many as it likes, under the key of a feed; the answer,
    /// which may come before all of it was sent, and the bytes sent by then.
    pub fn stream(
        &self,
        path: &str,
        headers: &str,
        pieces: impl Iterator<Item = Vec<u8>>,
    ) -> (u16, String, u64) {
        let host = self.address.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        let key = self.served.key("ingest");
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {key}\r\n{headers}\
             transfer-encoding: chunked\r\nconnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut sent = 0;
        for piece in pieces.chain([Vec::new()]) {
            let chunk = [format!("{:x}\r\n", piece.len()).as_bytes(), &piece, b"\r\n"].concat();
            // The server may have answered and hung up.
            if stream.write_all(&chunk).is_err() {
                break;
            }
            sent += piece.len() as u64;
        }
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer);
        let status = answer.split(' ').nth(1).and_then(|own| own.parse().ok());
        (status.unwrap_or_default(), answer.into_owned(), sent)
    }

    /// The most memory that the process had at once, in bytes, where the system says so.
    pub fn memory_peak(&self) -> Option<u64> {
        let status = format!("/proc/{}/status", self.process.id());
        let status = std::fs::read_to_string(status).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
        let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
        Some(kilobytes * 1024)
    }

    /// Deliveries: received, accepted, duplicate, conflicting, refused.
    pub fn deliveries(&self) -> [u64; 5] {
        let page = self.get("/metrics");
        let count = |outcome: &str| {
            let name = format!("piecework_deliveries_total{{outcome=\"{outcome}\"}} ");
            let line = page.lines().find_map(|line| line.strip_prefix(&name));
            line.unwrap().parse::<u64>().unwrap()
        };
        let [a, d, c, r] = ["accepted", "duplicate", "conflicting", "refused"].map(count);
        [a + d + c + r, a, d, c, r]
    }

    /// The id of the process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Waits until somebody else has killed the process.
    pub fn is_killed(&mut self) -> bool {
        let deadline = Instant::now() + Duration::from_secs(60);
        while Instant::now() < deadline {
            if let Some(status) = self.process.try_wait().unwrap() {
                return status.code().is_none();
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        false
    }

    /// Kills the process, as a power cut does.
    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Server<'_> {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A connection that sends events, one request after the other.
pub struct Feed {
    key: String,
    stream: BufReader<TcpStream>,
}

impl Feed {
    /// Sends a body of events; status and body of the answer, or `None` where the connection ended.
    pub fn send(&mut self, body: &str, wants_each: bool) -> Option<(u16, String)> {
        let prefer = if wants_each {
            "prefer: return=representation\r\n"
        } else {
            ""
        };
        let request = format!(
            "POST /api/v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\
             content-type: application/json\r\n{prefer}content-length: {}\r\n\r\n{body}",
            self.key,
            body.len()
        );
        self.stream.get_mut().write_all(request.as_bytes()).ok()?;
        let mut line = String::new();
        self.stream.read_line(&mut line).ok()?;
        let status = line.split(' ').nth(1)?.parse().ok()?;
        let mut length = 0;
        loop {
            line.clear();
            self.stream.read_line(&mut line).ok()?;
            let header = line.trim_end();
            if header.is_empty() {
                break;
            }
            if let Some(own) = header.strip_prefix("content-length: ") {
                length = own.parse().ok()?;
            }
        }
        let mut text = vec![0; length];
        self.stream.read_exact(&mut text).ok()?;
        Some((status, String::from_utf8(text).ok()?))
    }
}
