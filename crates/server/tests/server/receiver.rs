//! [`Receiver`]: who receives webhooks in a test, on loopback, with answers that the test chooses.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// A root that a test trusts.
pub const ROOT: &[u8] = include_bytes!("tls/root.pem");

/// What is answered to one request.
#[derive(Debug, Clone)]
pub enum Say {
    /// A status, and further headers.
    Status(u16, &'static str),
    /// A status after a while.
    Late(Duration, u16),
    /// A status, and a body without an end.
    Endless(u16),
    /// Nothing: the connection is closed.
    Nothing,
}

/// A request that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Got {
    pub line: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

/// Receives; when it has no further answer to give, it says 204.
pub struct Receiver {
    pub port: u16,
    got: Arc<Mutex<Vec<Got>>>,
    answers: Arc<Mutex<VecDeque<Say>>>,
}

impl Receiver {
    pub async fn new(answers: &[Say]) -> Receiver {
        Receiver::listening(answers, None).await
    }

    /// One that speaks TLS, as `localhost`.
    pub async fn encrypted(answers: &[Say]) -> Receiver {
        let chain = CertificateDer::pem_slice_iter(include_bytes!("tls/receiver.pem"));
        let chain = chain.collect::<Result<Vec<_>, _>>().unwrap();
        let key = PrivateKeyDer::from_pem_slice(include_bytes!("tls/receiver.key.pem")).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        Receiver::listening(answers, Some(TlsAcceptor::from(Arc::new(config)))).await
    }

    async fn listening(answers: &[Say], tls: Option<TlsAcceptor>) -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let receiver = Receiver {
            port: listener.local_addr().unwrap().port(),
            got: Arc::default(),
            answers: Arc::new(Mutex::new(answers.iter().cloned().collect())),
        };
        let (got, answers) = (receiver.got.clone(), receiver.answers.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (got, answers, tls) = (got.clone(), answers.clone(), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => answer(stream, &got, &answers).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                answer(stream, &got, &answers).await;
                            }
                        }
                    }
                });
            }
        });
        receiver
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook?a=b", self.port)
    }

    pub fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }

    /// Waits until so many requests have come.
    pub async fn wait(&self, count: usize) -> Vec<Got> {
        for _ in 0..2_000 {
            let got = self.got();
            if got.len() >= count {
                assert_eq!(got.len(), count, "{got:?}");
                return got;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{count} requests were expected: {:?}", self.got());
    }
}

impl Got {
    pub fn header(&self, name: &str) -> &str {
        let own = self.headers.iter().find(|(own, _)| own == name);
        &own.unwrap_or_else(|| panic!("no {name}: {self:?}")).1
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

async fn answer(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    got: &Mutex<Vec<Got>>,
    answers: &Mutex<VecDeque<Say>>,
) {
    let Some(request) = read(&mut stream).await else {
        return;
    };
    got.lock().unwrap().push(request);
    let say = answers.lock().unwrap().pop_front();
    let (status, headers, is_endless) = match say.unwrap_or(Say::Status(204, "")) {
        Say::Status(status, headers) => (status, headers, false),
        Say::Late(wait, status) => {
            tokio::time::sleep(wait).await;
            (status, "", false)
        }
        Say::Endless(status) => (status, "content-type: text/plain\r\n", true),
        Say::Nothing => return,
    };
    let length = if is_endless {
        ""
    } else {
        "content-length: 0\r\n"
    };
    let head = format!("HTTP/1.1 {status} x\r\n{headers}{length}\r\n");
    let _ = stream.write_all(head.as_bytes()).await;
    while is_endless && stream.write_all(&[b'x'; 4_096]).await.is_ok() {}
    let _ = stream.shutdown().await;
}

async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Option<Got> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let mut lines = head.split("\r\n").map(str::to_owned);
            let line = lines.next()?;
            let headers: Vec<(String, String)> = lines
                .filter_map(|line| {
                    let (name, value) = line.split_once(": ")?;
                    Some((name.to_lowercase(), value.to_owned()))
                })
                .collect();
            let length = headers.iter().find(|(name, _)| name == "content-length")?;
            if body.len() >= length.1.parse().ok()? {
                let body = body.to_owned();
                return Some(Got {
                    line,
                    headers,
                    body,
                });
            }
        }
        let mut part = [0; 4_096];
        match stream.read(&mut part).await {
            Ok(count) if count > 0 => bytes.extend_from_slice(&part[..count]),
            _ => return None,
        }
    }
}
