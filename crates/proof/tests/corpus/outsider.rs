//! Tampering by whoever holds a file and no key.

use proof::file::{About, Member};
use proof::verify::Head;
use sha2::{Digest as _, Sha256};
use tlog::SignerKey;

use super::Case;
use super::assemble::{Draft, Members, listed, members, pack};
use super::book::checkpoint;
use super::seller::truncated;
use super::story::{AGAIN, JANUARY, World};

pub fn cases(world: &World) -> Vec<Case> {
    let mut cases = log(world);
    cases.extend(keys(world));
    cases.extend(heads(world));
    cases.extend(about(world));
    cases.extend(manifests(world));
    cases.extend(tiles(world));
    cases
}

/// A vkey of any material, however bad.
pub fn vkey(name: &str, material: &[u8; 33]) -> String {
    use base64::Engine as _;
    let digest = Sha256::new()
        .chain_update(name)
        .chain_update("\n")
        .chain_update(material)
        .finalize();
    let id: String = digest[..4]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let material = base64::engine::general_purpose::STANDARD.encode(material);
    format!("{name}+{id}+{material}")
}

/// The log altered: hashes are made to fit as far as an outsider can, the signature cannot be.
fn log(world: &World) -> Vec<Case> {
    let good = Draft::of(&world.book.file(JANUARY));
    let mut cases = Vec::new();
    let mut both = |name: &str, edit: &dyn Fn(&mut Draft)| {
        let mut draft = good.clone();
        edit(&mut draft);
        cases.push(Case::new(&format!("log-{name}"), "tree", draft.file()));
        // With a proof.json that fits, the checkpoint does not.
        draft.head();
        cases.push(Case::new(
            &format!("log-{name}-and-head"),
            "checkpoint",
            draft.file(),
        ));
    };
    let replace = |draft: &mut Draft, at: usize, old: &str, new: &str| {
        let entry = String::from_utf8(draft.entries[at].clone()).unwrap();
        assert!(entry.contains(old), "{entry}");
        draft.entries[at] = entry.replacen(old, new, 1).into_bytes();
    };
    let usage = good
        .entries
        .iter()
        .position(|entry| entry.windows(4).any(|part| part == b"\"m2\""))
        .unwrap();
    both("entry-dropped", &|draft| drop(draft.entries.remove(20)));
    both("last-entry-dropped", &|draft| drop(draft.entries.pop()));
    both("entry-doubled", &|draft| {
        draft.entries.insert(21, draft.entries[20].clone());
    });
    both("last-entry-doubled", &|draft| {
        draft.entries.push(draft.entries.last().unwrap().clone());
    });
    both("entries-swapped", &|draft| draft.entries.swap(20, 21));
    both("entry-inserted", &|draft| {
        draft.entries.insert(20, draft.entries[40].clone());
    });
    both("quantity-altered", &|draft| {
        replace(draft, usage, "1450.5", "1450.6");
    });
    both("time-altered", &|draft| {
        replace(draft, usage, "2026-01-15", "2026-01-16");
    });
    both("arrival-altered", &|draft| {
        replace(draft, usage, ".75Z\"}", ".5Z\"}");
    });
    both("price-altered", &|draft| {
        replace(draft, 0, "500.00", "400.00");
    });
    both("definition-altered", &|draft| {
        replace(draft, 1, "72h", "24h");
    });
    both("contract-altered", &|draft| {
        replace(draft, 2, "half_up", "down");
    });
    both("amount-stated-altered", &|draft| {
        replace(draft, world.january - 1, "\"500.00\"", "\"400.00\"");
    });
    both("all-entries-dropped-but-one", &|draft| {
        draft.entries.truncate(1);
    });
    let statement = |name: &str, old: &str, new: &str| {
        let mut draft = good.clone();
        assert!(draft.statement.contains(old), "{old}");
        draft.statement = draft.statement.replacen(old, new, 1);
        Case::new(&format!("body-{name}"), "statement", draft.file())
    };
    cases.push(statement("amount", "988.97", "888.97"));
    cases.push(statement(
        "date",
        "\"cut\":\"2026-01-31",
        "\"cut\":\"2026-01-30",
    ));
    cases.push(statement("class", "class:assumed", "class:verified"));
    cases.push(statement("tier", "class:assumed#2", "class:assumed#3"));
    let mut swapped = good.clone();
    swapped.statement = Draft::of(&world.book.file(AGAIN)).statement;
    cases.push(Case::new("body-swapped", "statement", swapped.file()));
    cases
}

fn keys(world: &World) -> Vec<Case> {
    let good = world.book.file(JANUARY);
    let seller = world.book.parties.seller.verifier_key();
    let origin = world.book.parties.origin();
    let other = SignerKey::from_seed(origin.parse().unwrap(), &[21; 32]);
    let elsewhere = SignerKey::from_seed(
        "vendor.example/log/0123456789abcdef".parse().unwrap(),
        &[22; 32],
    );
    let draft = Draft::of(&good);
    let with_vkey = |vkey: String| {
        let mut draft = draft.clone();
        draft.about.vkey = vkey;
        draft
    };
    let mut weak_draft = {
        // The neutral element as a key: R the neutral element, S = 0 is its signature under any text.
        let mut material = [0; 33];
        (material[0], material[1]) = (1, 1);
        let vkey = vkey(origin, &material);
        let id = vkey.split('+').nth(1).unwrap();
        let mut payload = Vec::new();
        for pair in id.as_bytes().chunks(2) {
            let pair = std::str::from_utf8(pair).unwrap();
            payload.push(u8::from_str_radix(pair, 16).unwrap());
        }
        let mut universal = [0; 64];
        universal[0] = 1;
        payload.extend(universal);
        let mut draft = with_vkey(vkey);
        let text = draft.checkpoint.split("\n\n").next().unwrap().to_owned();
        use base64::Engine as _;
        let line = base64::engine::general_purpose::STANDARD.encode(payload);
        draft.checkpoint = format!("{text}\n\n\u{2014} {origin} {line}\n");
        draft
    };
    let weak = weak_draft.file();
    weak_draft.statement = weak_draft.statement.replacen("988.97", "1.00", 1);
    let mut impostor = with_vkey(other.verifier_key().to_string());
    impostor.checkpoint = checkpoint(&impostor.entries, &other);
    let mut buyers = draft.clone();
    buyers.about.vkey = world.book.parties.cosigner.verifier_key().to_string();
    let mut wrong_type = draft.clone();
    let mut material = [4; 33];
    material[1..].copy_from_slice(seller.public_key());
    wrong_type.about.vkey = vkey(origin, &material);
    vec![
        Case::new("key-pinned", "valid", good.clone()).key(seller),
        Case::new(
            "key-pinned-and-other-in-file",
            "valid",
            with_vkey(other.verifier_key().to_string()).file(),
        )
        .key(seller),
        Case::new("key-weak", "key", weak.clone()),
        Case::new("key-weak-and-pinned", "checkpoint", weak).key(seller),
        Case::new(
            "key-of-another-log",
            "key",
            with_vkey(elsewhere.verifier_key().to_string()).file(),
        ),
        Case::new("key-of-another-log-pinned", "key", good.clone()).key(elsewhere.verifier_key()),
        Case::new("key-another-pinned", "checkpoint", good).key(other.verifier_key()),
        Case::new(
            "key-replaced",
            "checkpoint",
            with_vkey(other.verifier_key().to_string()).file(),
        ),
        Case::new("key-of-an-impostor", "valid", impostor.file()),
        Case::new("key-of-an-impostor-pinned", "checkpoint", impostor.file()).key(seller),
        Case::new("key-of-the-buyer", "key", buyers.file()),
        Case::new("key-of-another-type", "key", wrong_type.file()),
        Case::new(
            "key-no-vkey",
            "key",
            with_vkey("nonsense".to_owned()).file(),
        ),
        Case::new("key-with-wrong-id", "key", {
            let vkey = seller.to_string();
            let id = seller.id().to_string();
            with_vkey(vkey.replacen(&format!("+{id}+"), "+00000000+", 1)).file()
        }),
    ]
}

fn heads(world: &World) -> Vec<Case> {
    let good = Draft::of(&world.book.file(JANUARY));
    let seller = &world.book.parties.seller;
    let with = |checkpoint: String| {
        let mut draft = good.clone();
        draft.checkpoint = checkpoint;
        draft.file()
    };
    let note = &good.checkpoint;
    let (text, lines) = note.split_once("\n\n").unwrap();
    let mut cosigned: tlog::Note = note.parse().unwrap();
    let head: tlog::Checkpoint = cosigned.text().parse().unwrap();
    let cosigner = &world.book.parties.cosigner;
    cosigned
        .add(cosigner.cosign(&head, 1_772_500_000).unwrap())
        .unwrap();
    let cosigned = cosigned.to_string();
    let mut spoilt = cosigned.clone();
    let last = spoilt.rfind("AGmn").unwrap_or(spoilt.len() - 6);
    let byte = if spoilt.as_bytes()[last + 1] == b'A' {
        "B"
    } else {
        "A"
    };
    spoilt.replace_range(last + 1..last + 2, byte);
    let entries = |size: usize| truncated(&world.book, size);
    let shorter = entries(60);
    let pinned = |size: usize| world.book.head_at(size);
    let full = world.book.entries.len();
    let mut forked = good.clone();
    forked.entries.swap(78, 79);
    let forked = forked.resign(seller);
    let wrong = Head {
        size: 50,
        root: tlog::hash::leaf(b"another history"),
    };
    let file = || good.file();
    vec![
        Case::new("head-pinned", "valid", file()).head(pinned(50)),
        Case::new("head-pinned-at-one", "valid", file()).head(pinned(1)),
        Case::new("head-pinned-at-the-end", "valid", file()).head(pinned(full)),
        Case::new("head-pinned-of-nothing", "valid", file()).head(Head {
            size: 0,
            root: tlog::hash::empty(),
        }),
        Case::new("head-rewritten", "pin", file()).head(wrong),
        Case::new("head-stale", "pin", shorter.file(JANUARY)).head(pinned(full)),
        Case::new("head-stale-not-pinned", "valid", shorter.file(JANUARY)),
        Case::new("head-forked", "pin", forked.file()).head(pinned(full)),
        Case::new("head-forked-later", "valid", forked.file()).head(pinned(60)),
        Case::new("head-cosigned", "valid", with(cosigned)),
        Case::new("head-cosignature-spoilt", "signature", with(spoilt)),
        Case::new(
            "head-of-another-size",
            "checkpoint",
            with(checkpoint(&shorter.entries, seller)),
        ),
        Case::new(
            "head-extension-line",
            "checkpoint",
            with(format!("{text}\nmore\n\n{lines}")),
        ),
        Case::new("head-not-signed", "checkpoint", with(format!("{text}\n\n"))),
        Case::new(
            "head-cut-off",
            "checkpoint",
            with(note.trim_end().to_owned()),
        ),
        Case::new(
            "head-carriage-returns",
            "checkpoint",
            with(note.replace('\n', "\r\n")),
        ),
        Case::new(
            "head-byte-order-mark",
            "checkpoint",
            with(format!("\u{feff}{note}")),
        ),
        Case::new("head-line-behind", "checkpoint", with(format!("{note}\n"))),
        Case::new(
            "head-size-with-zero",
            "checkpoint",
            with(note.replacen("\n80\n", "\n080\n", 1)),
        ),
        Case::new("head-empty", "checkpoint", with(String::new())),
    ]
}

fn about(world: &World) -> Vec<Case> {
    let good = Draft::of(&world.book.file(JANUARY));
    let text = good.about.to_text();
    let case = |name: &str, code: &'static str, edited: String| {
        assert_ne!(edited, text, "{name}");
        let mut draft = good.clone();
        draft.about_text = Some(edited);
        Case::new(&format!("about-{name}"), code, draft.file())
    };
    let replaced = |name: &str, old: &str, new: &str| {
        assert!(text.contains(old), "{old}");
        case(name, "proof", text.replacen(old, new, 1))
    };
    let mut bigger = good.about.clone();
    bigger.size += 1;
    let mut rooted = good.about.clone();
    rooted.root = tlog::hash::leaf(b"x");
    let named = |edit: &dyn Fn(&mut About)| {
        let mut about = good.about.clone();
        edit(&mut about);
        about.to_text()
    };
    vec![
        replaced(
            "duplicate-key",
            "{\"contract\"",
            "{\"contract\":\"x\",\"contract\"",
        ),
        replaced("integer-beyond-2-53", "\"v\":1", "\"v\":9007199254740993"),
        replaced(
            "lone-surrogate",
            "\"customer\":\"acme\"",
            "\"customer\":\"ac\\ud800me\"",
        ),
        replaced("white-space", "{\"contract\"", "{ \"contract\""),
        replaced("unknown-member", "\"issued\"", "\"hint\":\"x\",\"issued\""),
        replaced("member-missing", ",\"semantics\":1", ""),
        replaced("nested-member-missing", "\"from\":\"0\",", ""),
        replaced("coverage-from-one", "\"from\":\"0\"", "\"from\":\"1\""),
        replaced("version-2", "\"v\":1", "\"v\":2"),
        replaced("version-in-words", "\"v\":1", "\"v\":\"1\""),
        replaced(
            "another-kind",
            "\"kind\":\"statement\"",
            "\"kind\":\"receipt\"",
        ),
        replaced("semantics-2", "\"semantics\":1", "\"semantics\":2"),
        replaced("size-as-number", "\"size\":\"80\"", "\"size\":80"),
        replaced("size-with-zero", "\"size\":\"80\"", "\"size\":\"080\""),
        replaced("cut-with-offset", "23:00:00Z", "23:00:00+00:00"),
        case("trailing-bytes", "proof", format!("{text}\n")),
        case("byte-order-mark", "proof", format!("\u{feff}{text}")),
        case("carriage-return", "proof", text.replace(",\"", ",\r\n\"")),
        case("empty", "proof", String::new()),
        case("another-size", "checkpoint", bigger.to_text()),
        case("another-root", "checkpoint", rooted.to_text()),
        case(
            "another-customer",
            "entry",
            named(&|about| about.customer = "globex".to_owned()),
        ),
        case(
            "another-engine",
            "valid",
            named(&|about| about.engine.version = "9".to_owned()),
        ),
    ]
}

fn manifests(world: &World) -> Vec<Case> {
    let good = members(&world.book.file(JANUARY));
    let text = String::from_utf8(good[Member::MANIFEST].clone()).unwrap();
    let case = |name: &str, manifest: String| {
        assert_ne!(manifest, text, "{name}");
        let mut members = good.clone();
        members.insert(Member::MANIFEST.to_owned(), manifest.into_bytes());
        Case::new(&format!("manifest-{name}"), "manifest", pack(&members))
    };
    let lines: Vec<&str> = text.lines().collect();
    let joined = |lines: &[&str]| {
        lines
            .iter()
            .map(|line| format!("{line}\n"))
            .collect::<String>()
    };
    let mut swapped = lines.clone();
    swapped.swap(0, 1);
    let mut doubled = lines.clone();
    doubled.insert(1, lines[0]);
    let mut cases = vec![
        case("line-missing", joined(&lines[1..])),
        case("line-doubled", joined(&doubled)),
        case("unsorted", joined(&swapped)),
        case("itself", format!("{}  MANIFEST\n{text}", "0".repeat(64))),
        case("carriage-returns", text.replace('\n', "\r\n")),
        case(
            "upper-case",
            text.replacen(&lines[0][..64], &lines[0][..64].to_uppercase(), 1),
        ),
        case("one-space", text.replacen("  ", " ", 1)),
        case("no-last-line-feed", text.trim_end().to_owned()),
        case("empty", String::new()),
    ];
    for name in [
        Member::STATEMENT,
        Member::ABOUT,
        Member::CHECKPOINT,
        Member::README,
    ] {
        let mut members = good.clone();
        members.get_mut(name).unwrap().push(b' ');
        let short = name.replace('/', "-");
        cases.push(Case::new(
            &format!("manifest-stale-{short}"),
            "manifest",
            pack(&members),
        ));
    }
    let mut readme = good.clone();
    readme.insert(
        Member::README.to_owned(),
        b"Pay to another account!\n".to_vec(),
    );
    cases.push(Case::new(
        "readme-is-not-checked",
        "valid",
        pack(&listed(readme)),
    ));
    cases
}

fn tiles(world: &World) -> Vec<Case> {
    let good = members(&world.book.file(JANUARY));
    let case = |name: &str, edit: &dyn Fn(&mut Members)| {
        let mut members = good.clone();
        edit(&mut members);
        Case::new(&format!("tile-{name}"), "tree", pack(&listed(members)))
    };
    let (bundle, tile) = ("log/tile/entries/000.p/80", "log/tile/0/000.p/80");
    assert!(good.contains_key(bundle) && good.contains_key(tile));
    vec![
        case("missing", &|members| drop(members.remove(tile))),
        case("bundle-missing", &|members| drop(members.remove(bundle))),
        case("altered", &|members| members.get_mut(tile).unwrap()[7] ^= 1),
        case("shorter", &|members| {
            members.get_mut(tile).unwrap().truncate(79 * 32);
        }),
        case("of-another-width", &|members| {
            let bytes = members.remove(tile).unwrap();
            members.insert("log/tile/0/000.p/79".to_owned(), bytes[..79 * 32].to_vec());
        }),
        case("full-where-partial", &|members| {
            members.insert("log/tile/0/000".to_owned(), vec![0; 8192]);
        }),
        case("one-more", &|members| {
            drop(members.insert("log/tile/1/000.p/1".to_owned(), vec![0; 32]));
        }),
        case("bundle-one-more", &|members| {
            members.insert("log/tile/entries/001.p/1".to_owned(), vec![0, 1, b'x']);
        }),
        case("bundle-narrower", &|members| {
            let bytes = members.remove(bundle).unwrap();
            members.insert("log/tile/entries/000.p/79".to_owned(), bytes);
        }),
        case("bundle-cut-off", &|members| {
            members.get_mut(bundle).unwrap().truncate(900);
        }),
        case("bundle-with-more", &|members| {
            members.get_mut(bundle).unwrap().push(0);
        }),
        case("bundle-lengths-moved", &|members| {
            // The same bytes, divided otherwise.
            let bytes = members.get_mut(bundle).unwrap();
            let length = u16::from_be_bytes([bytes[0], bytes[1]]) - 1;
            bytes[..2].copy_from_slice(&length.to_be_bytes());
        }),
    ]
}
