//! A log over HTTP: what a client of tlog-tiles makes of it that knows its address and its key, and nothing else.

use std::collections::HashMap;

use piecework_server::access::Role;
use tlog::bundle::{BundleId, bundles, decode};
use tlog::proof::{prove_consistency, prove_inclusion, verify_consistency, verify_inclusion};
use tlog::tile::{Tile, TileError, TileId, TileNodes, tiles};
use tlog::{Checkpoint, CosignerKey, Frontier, Hash, Note, TlogProof, VerifierKey, hash};
use work::LogKind;

use crate::sold::{SECRETS, buyer_key, sold};
use crate::support::{Answer, Server, event, start};

/// A client of one log: its address, and its key.
struct Client<'s> {
    server: &'s Server,
    role: Role,
    path: String,
    key: VerifierKey,
}

impl<'s> Client<'s> {
    /// What `GET …/logs` says of a log.
    async fn of(server: &'s Server, role: Role, log: &str) -> Client<'s> {
        let logs = server.get(role, "/v1/customers/acme/logs").await.json();
        let found = logs["logs"].as_array().unwrap().iter();
        let found = found.clone().find(|own| own["log"] == log).unwrap();
        Client {
            server,
            role,
            path: found["path"].as_str().unwrap().to_owned(),
            key: found["keys"][0].as_str().unwrap().parse().unwrap(),
        }
    }

    async fn get(&self, file: impl std::fmt::Display) -> Answer {
        let path = format!("{}/{file}", self.path);
        self.server.get(self.role, &path).await
    }

    async fn checkpoint(&self) -> Checkpoint {
        let answer = self.get("checkpoint").await;
        assert_eq!(answer.headers["content-type"], "text/plain; charset=utf-8");
        assert_eq!(answer.headers["cache-control"], "private, no-cache");
        let note: Note = answer.text.parse().unwrap();
        let opened = Checkpoint::open(&note, &self.key, []).unwrap();
        opened.checkpoint
    }

    async fn file(&self, file: impl std::fmt::Display) -> Vec<u8> {
        let answer = self.get(&file).await;
        assert_eq!(answer.status, 200, "{file}: {}", answer.text);
        assert_eq!(answer.headers["content-type"], "application/octet-stream");
        let cache = answer.headers["cache-control"].to_str().unwrap();
        assert!(
            cache.starts_with("private") && cache.ends_with("immutable"),
            "{cache}"
        );
        answer.bytes
    }

    async fn tiles(&self, size: u64) -> HashMap<TileId, Tile> {
        let mut all = HashMap::new();
        for id in tiles(size) {
            all.insert(id, Tile::from_bytes(id, &self.file(id).await).unwrap());
        }
        all
    }

    /// The root that the entries themselves give.
    async fn root_of_entries(&self, size: u64) -> Hash {
        let mut tree = Frontier::new();
        for id in bundles(size) {
            let bundle = self.file(id).await;
            for entry in decode(id, &bundle).unwrap() {
                tree.push_leaf_hash(hash::leaf(entry)).unwrap();
            }
        }
        tree.root()
    }
}

impl Server {
    async fn get(&self, role: Role, path: &str) -> Answer {
        self.ask(role, ("GET", path), &[], "").await
    }

    async fn sign_head(&self, log: &str) -> Answer {
        let path = format!("/v1/customers/acme/checkpoints?log={log}");
        self.ask(Role::Operator, ("POST", &path), &[], "").await
    }
}

fn hashes(proof: &serde_json::Value) -> Vec<Hash> {
    let proof = proof.as_array().unwrap().iter();
    proof
        .map(|own| own.as_str().unwrap().parse().unwrap())
        .collect()
}

#[tokio::test]
async fn a_client_with_address_and_key_reads_the_whole_log_and_proves_it() {
    let server = sold();
    for (log, kind, role) in [
        ("shared", LogKind::Shared, Role::Buyer),
        ("seller", LogKind::Seller, Role::Auditor),
    ] {
        let client = Client::of(&server, role, log).await;
        assert_eq!(
            client.get("checkpoint").await.code(),
            "not-found",
            "none was signed"
        );
        let signed = server.sign_head(log).await;
        assert_eq!(signed.status, 201, "{}", signed.text);
        let head = client.checkpoint().await;
        let (size, store) = (head.size(), server.app.store());
        assert_eq!(size, store.head("acme", kind).unwrap());
        assert!(size > 256, "a full tile and a partial one");
        assert_eq!(client.root_of_entries(size).await, *head.root());

        let tiles = client.tiles(size).await;
        for (id, tile) in &tiles {
            assert_eq!(
                store.hash_tile("acme", kind, *id).unwrap().as_ref(),
                Some(tile)
            );
        }
        for id in bundles(size) {
            let own = store.entry_bundle("acme", kind, id).unwrap();
            assert_eq!(own, Some(client.file(id).await));
        }
        let nodes = TileNodes::new(size, |id| -> Result<Tile, TileError> {
            Ok(tiles[&id].clone())
        });
        let bundle = client.file(BundleId::of_entry(3, size).unwrap()).await;
        let entries = decode(BundleId::of_entry(3, size).unwrap(), &bundle).unwrap();
        let path = prove_inclusion(&nodes, 3, size).unwrap();
        verify_inclusion(&hash::leaf(entries[3]), 3, size, &path, head.root()).unwrap();

        // The same from the routes of proofs.
        let asked = format!("/v1/customers/acme/proofs/inclusion?log={log}&entry=3&size={size}");
        let proof = server.get(role, &asked).await.json();
        assert_eq!(hashes(&proof["proof"]), path);
        assert_eq!(proof["root"], head.root().to_string());
        let asked = format!("/v1/customers/acme/proofs/consistency?log={log}&from=200&to={size}");
        let proof = server.get(role, &asked).await.json();
        let old: Hash = proof["from_root"].as_str().unwrap().parse().unwrap();
        let path = prove_consistency(&nodes, 200, size).unwrap();
        assert_eq!(hashes(&proof["proof"]), path);
        verify_consistency(200, &old, size, head.root(), &path).unwrap();
    }
}

#[tokio::test]
async fn a_log_grows_from_one_signed_head_to_the_next() {
    let server = sold();
    server.sign_head("shared").await;
    let client = Client::of(&server, Role::Buyer, "shared").await;
    let before = client.checkpoint().await;
    let etag = client.get("checkpoint").await.headers["etag"]
        .to_str()
        .unwrap()
        .to_owned();
    let had = [("if-none-match", etag.as_str())];
    let path = format!("{}/checkpoint", client.path);
    let again = server.ask(Role::Buyer, ("GET", &path), &had, "").await;
    assert_eq!(again.status, 304);
    server
        .events(
            &[("content-type", "application/json")],
            event("later", "reopened"),
        )
        .await;
    assert_eq!(
        client.checkpoint().await,
        before,
        "what is signed is served"
    );
    assert_eq!(server.sign_head("shared").await.status, 201);
    let after = client.checkpoint().await;
    assert_eq!(after.size(), before.size() + 1);
    let asked = format!(
        "/v1/customers/acme/proofs/consistency?from={}",
        before.size()
    );
    let proof = server.get(Role::Buyer, &asked).await.json();
    let path = hashes(&proof["proof"]);
    verify_consistency(
        before.size(),
        before.root(),
        after.size(),
        after.root(),
        &path,
    )
    .unwrap();
    // The tile of the earlier head is still there, as wide as it was.
    let id = TileId::in_log(0, 1, before.size()).unwrap();
    assert_eq!(client.file(id).await.len(), usize::from(id.width()) * 32);
}

#[tokio::test]
async fn a_path_has_one_spelling_and_leads_nowhere_else() {
    let server = sold();
    server.sign_head("shared").await;
    let client = Client::of(&server, Role::Buyer, "shared").await;
    let size = client.checkpoint().await.size();
    let width = size - 256;
    assert_eq!(client.get("tile/0/000").await.status, 200);
    assert_eq!(
        client.get(format!("tile/0/001.p/{width}")).await.status,
        200
    );
    for file in [
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/x000/000",
        "tile/0/x001",
        "tile/0/000/000",
        "tile/00/000",
        "tile/0/+00",
        "tile/0/000.p/256",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p",
        "tile/0/001",
        "tile/0/002.p/1",
        "tile/9/000.p/1",
        "tile/64/000.p/1",
        "tile/256/000",
        "tile/-1/000",
        "tile/0/x018/x446/x744/x073/x709/x551/615",
        "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
        "tile/0/%30%30%30",
        "tile/0/000/",
        "tile//0/000",
        "tile/0/../0/000",
        "tile/0/%2e%2e/0/000",
        "tile/0/..%2f0/000",
        "tile/../checkpoint",
        "tile/%2e%2e/checkpoint",
        "tile/entries/0",
        "tile/entries/x000/000",
        "tile/entries/001",
        "tile/entries/../0/000",
        "tile/entries/000.p/257",
        "tile/Entries/000",
        "tile/0/000%00",
        "tile/0/000?",
    ] {
        let answer = client.get(file).await;
        if file.ends_with('?') {
            assert_eq!(answer.status, 200, "an empty query is no other path");
            continue;
        }
        assert_eq!(answer.status, 404, "{file}: {}", answer.text);
    }
    // Nor do other names of logs.
    for name in ["..", "%2e%2e", "acme", "0000000000000000", "", "%00"] {
        let answer = server
            .get(Role::Auditor, &format!("/log/{name}/checkpoint"))
            .await;
        assert_eq!(answer.status, 404, "{name}");
    }
    let shouted = client.path.to_uppercase().replace("/LOG/", "/log/");
    if shouted != client.path {
        let answer = server
            .get(Role::Auditor, &format!("{shouted}/checkpoint"))
            .await;
        assert_eq!(answer.status, 404, "{shouted}");
    }
}

#[tokio::test]
async fn a_log_is_there_for_those_who_may_read_it() {
    let server = sold();
    for log in ["shared", "seller"] {
        server.sign_head(log).await;
    }
    let path = |kind, customer: &str| {
        let keyring = server.app.book().keyring().unwrap();
        format!("/log/{}", keyring.pseudonym(kind, customer))
    };
    let shared = path(LogKind::Shared, "acme");
    let seller = path(LogKind::Seller, "acme");
    let other = path(LogKind::Shared, "globex");
    for (role, path, status) in [
        (Role::Buyer, &shared, 200),
        (Role::Buyer, &seller, 404),
        (Role::Buyer, &other, 404),
        (Role::Auditor, &shared, 200),
        (Role::Auditor, &seller, 200),
        (Role::Finance, &seller, 200),
        (Role::Operator, &seller, 200),
        (Role::Ingest, &shared, 403),
    ] {
        for file in ["checkpoint", "tile/0/000", "tile/entries/000"] {
            let file = format!("{path}/{file}");
            // Of globex nothing was signed, and it has no full tile.
            let answer = server.get(role, &file).await;
            assert_eq!(answer.status, status, "{role:?} {file}");
        }
    }
    for route in [
        "proofs/inclusion?entry=0&log=seller",
        "checkpoints/1?log=seller",
        "entries/0/receipt?log=seller",
    ] {
        let answer = server
            .get(Role::Buyer, &format!("/v1/customers/acme/{route}"))
            .await;
        assert_eq!(answer.code(), "bad-request", "{route}");
    }
    let logs = server
        .get(Role::Buyer, "/v1/customers/acme/logs")
        .await
        .json();
    assert_eq!(logs["logs"].as_array().unwrap().len(), 1);
    for name in ["acme", "globex"] {
        assert!(!path(LogKind::Shared, name).contains(name));
    }
}

#[tokio::test]
async fn the_buyers_cosignature_is_kept_and_nothing_else() {
    let server = sold();
    let head = server.sign_head("shared").await.json();
    let (size, note) = (
        head["size"].as_u64().unwrap(),
        head["note"].as_str().unwrap(),
    );
    let path = format!("/v1/customers/acme/checkpoints/{size}/cosignatures");
    let now = u64::try_from(start().as_second()).unwrap();
    let own = buyer_key();
    let cosigned = |key: &CosignerKey, time: u64| {
        let mut note: Note = note.parse().unwrap();
        let head: Checkpoint = note.text().parse().unwrap();
        note.add(key.cosign(&head, time).unwrap()).unwrap();
        note.to_string()
    };
    let stranger = CosignerKey::from_seed("acme.example/buyer".parse().unwrap(), &[43; 32]);
    let broken = {
        let whole = cosigned(&own.cosigner(), now);
        let at = whole.rfind('=').unwrap_or(whole.len()) - 3;
        let with = if whole.as_bytes()[at] == b'A' {
            "B"
        } else {
            "A"
        };
        let mut broken = whole;
        broken.replace_range(at..=at, with);
        broken
    };
    let other_root = {
        let key = server.app.book().keyring().unwrap();
        let key = key.signer(LogKind::Shared, "acme").unwrap();
        let head = Checkpoint::new(key.verifier_key().name().as_str(), size, hash::leaf(b"x"));
        head.unwrap().sign(&key).unwrap().to_string()
    };
    for (body, status, code) in [
        (note.to_owned(), 422, "signature-not-verified"),
        (cosigned(&stranger, now), 422, "signature-not-verified"),
        (
            cosigned(&own.cosigner(), now + 301),
            422,
            "signature-not-verified",
        ),
        (broken, 422, "signature-not-verified"),
        (other_root, 409, "refused"),
        ("no note".to_owned(), 400, "bad-request"),
        (
            "text\n\n\u{2014} a AAAAAAAA\n".to_owned(),
            400,
            "bad-request",
        ),
    ] {
        let answer = server
            .ask(Role::Buyer, ("POST", &path), &[], body.clone())
            .await;
        assert_eq!(answer.status, status, "{body}: {}", answer.text);
        assert_eq!(answer.code(), code);
        let kept = server
            .get(
                Role::Buyer,
                &format!("/v1/customers/acme/checkpoints/{size}"),
            )
            .await;
        assert_eq!(kept.json()["note"], note, "nothing was kept");
    }
    let elsewhere = path.replace(&format!("/{size}/"), "/1/");
    let answer = server
        .ask(
            Role::Buyer,
            ("POST", &elsewhere),
            &[],
            cosigned(&own.cosigner(), now),
        )
        .await;
    assert_eq!(answer.code(), "conflict");

    for (time, kept) in [(now, now), (now - 60, now), (now + 60, now + 60)] {
        let body = cosigned(&own.cosigner(), time);
        let answer = server.ask(Role::Buyer, ("POST", &path), &[], body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let note: Note = answer.json()["note"].as_str().unwrap().parse().unwrap();
        let key = Client::of(&server, Role::Buyer, "shared").await.key;
        let cosigner = own.cosigner();
        let opened = Checkpoint::open(&note, &key, [cosigner.verifier_key()]).unwrap();
        assert_eq!(opened.cosignatures[0].time, kept, "the latest time stands");
    }
    let served = Client::of(&server, Role::Buyer, "shared")
        .await
        .get("checkpoint")
        .await;
    assert!(
        served.text.contains("acme.example/buyer"),
        "{}",
        served.text
    );
}

#[tokio::test]
async fn an_entry_has_a_receipt_that_is_checked_without_the_server() {
    let server = sold();
    let client = Client::of(&server, Role::Buyer, "shared").await;
    let answer = server
        .get(Role::Buyer, "/v1/customers/acme/entries/7/receipt")
        .await;
    let proof = TlogProof::parse(answer.text.as_bytes()).unwrap();
    let opened = proof
        .verify(&hash::leaf(proof.extra()), &client.key, [])
        .unwrap();
    assert_eq!(proof.index(), 7);
    assert_eq!(
        opened.checkpoint.size(),
        server.app.store().head("acme", LogKind::Shared).unwrap()
    );
    for secret in SECRETS {
        assert!(!answer.text.contains(secret));
    }
    for index in ["100000", "18446744073709551615"] {
        let path = format!("/v1/customers/acme/entries/{index}/receipt");
        assert_eq!(server.get(Role::Buyer, &path).await.code(), "not-found");
    }
    for index in ["-1", "x", "18446744073709551616"] {
        let path = format!("/v1/customers/acme/entries/{index}/receipt");
        assert_eq!(server.get(Role::Buyer, &path).await.code(), "bad-request");
    }
}
