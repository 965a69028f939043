//! [`Server`]: `piecework serve` over a book of its own.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::TestBook;

/// A running server and its book; stopped and gone when dropped.
pub struct Server {
    pub book: TestBook,
    process: Child,
    address: String,
    keys: Vec<(&'static str, String)>,
}

impl Server {
    /// A server over an empty book, with a key of each role that feeds and reads.
    pub fn start() -> Server {
        let book = TestBook::new(
            "aidev-agent-prs/definition.toml",
            "aidev-agent-prs/plan.toml",
            "2026-02-01T00:00:00Z",
        );
        let keys = ["ingest", "auditor"].map(|role| {
            let made = book.json(&["api-key", "create", "--role", role, "--label", "a test's"]);
            (role, made["key"].as_str().unwrap().to_owned())
        });
        let file = book.path().join("address");
        let process = Command::new(env!("CARGO_BIN_EXE_piecework"))
            .args(["serve", "--listen", "127.0.0.1:0", "--address-file"])
            .arg(&file)
            .current_dir(book.path())
            .env("PIECEWORK_NOW", "2026-02-01T00:00:00Z")
            .env_remove("PIECEWORK_CONFIG")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let deadline = Instant::now() + Duration::from_secs(60);
        while !file.exists() {
            assert!(Instant::now() < deadline, "the server does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        let address = std::fs::read_to_string(&file).unwrap().trim().to_owned();
        Server {
            book,
            process,
            address,
            keys: keys.to_vec(),
        }
    }

    /// Where it listens: `http://127.0.0.1:1234`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The key of a role.
    pub fn key(&self, role: &str) -> &str {
        let own = self.keys.iter().find(|(own, _)| *own == role);
        &own.unwrap().1
    }

    /// What a path answers to the auditor, headers and all.
    pub fn get(&self, path: &str) -> String {
        let host = self.address.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        let key = self.key("auditor");
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {key}\r\nconnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        answer
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
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
