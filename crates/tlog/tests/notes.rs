//! Notes, keys, checkpoints and cosignatures against the vectors of Go and of C2SP.

#![allow(clippy::unwrap_used)]

use tlog::checkpoint::CheckpointError;
use tlog::note::NoteError;
use tlog::vkey::{KeyError, KeyName, SignatureType, WeakKey};
use tlog::{Checkpoint, CosignerKey, Hash, Note, SignerKey, VerifierKey, hash};

const TEXT: &str = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const PETER_SECRET: &str =
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const PETER_LINE: &str = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
const ENOCH: &str = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop";
const ENOCH_LINE: &str = "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n";

fn key(text: &str) -> VerifierKey {
    text.parse().unwrap()
}

fn note(text: &str) -> Note {
    let note: Note = text.parse().unwrap();
    assert_eq!(note.to_string(), text);
    note
}

#[test]
fn go_keys_are_read_and_written() {
    let peter = key(PETER);
    assert_eq!(peter.name().as_str(), "PeterNeumann");
    assert_eq!(peter.id().to_string(), "c74f20a3");
    assert_eq!(peter.kind(), SignatureType::Ed25519);
    assert_eq!(peter.to_string(), PETER);
    let secret: SignerKey = PETER_SECRET.parse().unwrap();
    assert_eq!(secret.verifier_key(), &peter);
    assert_eq!(secret.to_secret_text().as_str(), PETER_SECRET);
}

/// Go's `TestNewVerifier` and `TestNewSigner`: no part of a key is a key, and no byte may change.
#[test]
fn mangled_keys_are_refused() {
    fn check<K: core::str::FromStr>(key: &str) {
        assert!(key.parse::<K>().is_ok(), "{key}");
        for start in 0..=key.len() {
            for end in start..=key.len() {
                let whole = start == 0 && end == key.len();
                assert_eq!(
                    key[start..end].parse::<K>().is_ok(),
                    whole,
                    "{}",
                    &key[start..end]
                );
            }
        }
        for at in 0..key.len() {
            let mut bytes = key.as_bytes().to_vec();
            bytes[at] += 1;
            let changed = String::from_utf8(bytes).unwrap();
            assert!(changed.parse::<K>().is_err(), "{changed}");
        }
    }
    check::<VerifierKey>(PETER);
    check::<SignerKey>(PETER_SECRET);
    let refused = |key: &str| key.parse::<VerifierKey>().unwrap_err();
    // Go's key of another length has stray bits in its base64 too.
    refused("PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==");
    let name = "PeterNeumann".parse().unwrap();
    assert_eq!(
        refused("PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEQ=="),
        KeyError::WrongLength { name, bytes: 36 }
    );
    let name = "PeterNeumann".parse().unwrap();
    assert_eq!(
        refused("PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"),
        KeyError::WrongType { name, byte: 0x65 }
    );
}

#[test]
fn keys_of_small_order_are_refused_as_text() {
    // 0x01 and the neutral element, with the right id for the name.
    let weak = "weak.example+6ee080f1+AQEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    assert!(matches!(
        weak.parse::<VerifierKey>(),
        Err(KeyError::Weak {
            weakness: WeakKey::SmallOrder,
            ..
        })
    ));
}

#[test]
fn go_signs_the_same_bytes() {
    let secret: SignerKey = PETER_SECRET.parse().unwrap();
    let signed = Note::sign(TEXT, &[&secret]).unwrap();
    assert_eq!(signed.to_string(), format!("{TEXT}\n{PETER_LINE}"));
    // Signing again replaces the signature.
    let mut again = signed.clone();
    again.add(signed.signatures()[0].clone()).unwrap();
    assert_eq!(again, signed);
    assert_eq!(
        Note::sign("abc", &[&secret]),
        Err(NoteError::TextNotTerminated)
    );
    assert_eq!(Note::sign(TEXT, &[]), Err(NoteError::NotSigned));
    assert_eq!(
        Note::sign("a\r\n", &[&secret]),
        Err(NoteError::ControlCharacter { at: 1, byte: b'\r' })
    );
}

/// Go's `TestOpen`.
#[test]
fn go_notes_are_verified() {
    let (peter, enoch) = (key(PETER), key(ENOCH));
    let both = note(&format!("{TEXT}\n{PETER_LINE}{ENOCH_LINE}"));
    let by = |keys: &[&VerifierKey]| -> Result<Vec<String>, NoteError> {
        let verified = both.verify(keys.iter().copied())?;
        Ok(verified.iter().map(|v| v.key.name().to_string()).collect())
    };
    assert_eq!(both.text(), TEXT);
    assert_eq!(by(&[&peter]).unwrap(), ["PeterNeumann"]);
    assert_eq!(
        by(&[&enoch, &peter]).unwrap(),
        ["PeterNeumann", "EnochRoot"]
    );
    assert_eq!(
        by(&[]).unwrap_err(),
        NoteError::NoneVerified {
            signers: "PeterNeumann+c74f20a3, EnochRoot+af0cfe78".into()
        }
    );
    assert!(matches!(
        by(&[&enoch, &peter, &enoch]),
        Err(NoteError::AmbiguousKey { .. })
    ));
    let only_peter = note(&format!("{TEXT}\n{PETER_LINE}"));
    assert_eq!(
        only_peter.verify([&enoch, &peter, &enoch]).unwrap().len(),
        1
    );
    // A repeated signature counts once.
    let twice = note(&format!("{TEXT}\n{PETER_LINE}{PETER_LINE}"));
    assert_eq!(twice.verify([&peter]).unwrap().len(), 1);
}

#[test]
fn a_known_key_that_does_not_verify_spoils_the_note() {
    let (peter, enoch) = (key(PETER), key(ENOCH));
    // Four characters in the middle of a signature, as in Go's test; at the start they would change
    // the key id.
    let broken = format!("{}ABCD{}", &PETER_LINE[..62], &PETER_LINE[62..]);
    for lines in [
        broken.clone(),
        format!("{ENOCH_LINE}{broken}"),
        format!("{PETER_LINE}{broken}"),
        format!("{broken}{PETER_LINE}"),
    ] {
        let note = note(&format!("{TEXT}\n{lines}"));
        let refused = note.verify([&peter, &enoch]).unwrap_err();
        assert!(
            matches!(refused, NoteError::SignatureMismatch { name, .. } if name.as_str() == "PeterNeumann")
        );
    }
    // Of an unknown key it is ignored.
    let note = note(&format!("{TEXT}\n{broken}{ENOCH_LINE}"));
    assert_eq!(note.verify([&enoch]).unwrap().len(), 1);
}

/// A line that shares only its name, or only its id, with a known key is of an unknown key.
#[test]
fn a_key_is_known_by_its_name_and_its_id() {
    let peter = key(PETER);
    let renamed = PETER_LINE.replace("PeterNeumann", "CarmenSandiego");
    let other_id = PETER_LINE.replace("x08g", "xxxx");
    for line in [renamed, other_id] {
        let refused = note(&format!("{TEXT}\n{line}"))
            .verify([&peter])
            .unwrap_err();
        assert!(matches!(refused, NoteError::NoneVerified { .. }));
    }
}

#[test]
fn malformed_notes_are_refused() {
    let check = |note: &[u8], expected: NoteError| {
        assert_eq!(Note::parse(note), Err(expected), "{}", note.escape_ascii());
    };
    let signed = format!("{TEXT}\n{PETER_LINE}");
    check(b"", NoteError::NotSigned);
    check(TEXT.as_bytes(), NoteError::NotSigned);
    check(format!("{TEXT}\n").as_bytes(), NoteError::NotSigned);
    check(&signed.as_bytes()[..signed.len() - 1], NoteError::CutOff);
    check(
        format!("\u{1}{signed}").as_bytes(),
        NoteError::ControlCharacter { at: 0, byte: 1 },
    );
    check(
        &[b"\xff", signed.as_bytes()].concat(),
        NoteError::NotUtf8 { at: 0 },
    );
    let name = PETER_LINE.replace("PeterNeumann", "Bad Name");
    for (line, lines) in [
        (1, name),
        (1, PETER_LINE.replace("PeterNeumann", "Bad\u{a0}Name")),
        (1, PETER_LINE.replace("PeterNeumann", "Bad+Name")),
        (1, PETER_LINE.replace("PeterNeumann", "")),
        (1, PETER_LINE.replace('—', "-")),
        (1, PETER_LINE.replace("x08go", "x08g o")),
        (1, PETER_LINE.replace('=', "")),
        (1, "— PeterNeumann x08goQ==\n".into()), // a key id and no signature
        (1, "— PeterNeumann \n".into()),
        (2, format!("{PETER_LINE}Unexpected line.\n")),
    ] {
        check(
            format!("{TEXT}\n{lines}").as_bytes(),
            NoteError::NotASignature { line },
        );
    }
    // An empty line after the signatures is the last one, and nothing follows it.
    check(format!("{signed}\n").as_bytes(), NoteError::NotSigned);
}

#[test]
fn the_text_ends_at_the_last_empty_line() {
    let secret: SignerKey = PETER_SECRET.parse().unwrap();
    // The text holds empty lines, and what looks like another signature of the same key.
    let text = format!("{TEXT}\n{PETER_LINE}\n\nmore\n");
    let signed = Note::sign(&text, &[&secret]).unwrap();
    let read = note(&signed.to_string());
    assert_eq!(read.text(), text);
    assert_eq!(read.signatures().len(), 1);
    assert!(read.verify([secret.verifier_key()]).is_ok());
}

#[test]
fn the_example_of_c2sp() {
    let foo = key("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k");
    let example = "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
    assert!(note(example).verify([&foo]).is_ok());
    let altered = example.replace("an example", "no example");
    assert!(matches!(
        note(&altered).verify([&foo]),
        Err(NoteError::SignatureMismatch { .. })
    ));
}

#[test]
fn a_checkpoint_is_three_lines() {
    let golden = "example.com/origin\n123\nTszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=\n";
    let checkpoint: Checkpoint = golden.parse().unwrap();
    assert_eq!(checkpoint.to_text(), golden);
    assert_eq!(
        checkpoint,
        Checkpoint::new("example.com/origin", 123, hash::leaf(b"hello world")).unwrap()
    );
    for (line, wrong) in [
        ("123", "0123"),
        ("123", "+123"),
        ("123", ""),
        ("123", "12 3"),
        ("123", "9223372036854775808"),
        ("123", "0"), // the empty tree has another root
        ("example.com/origin", ""),
        ("example.com/origin", "a\tb"),
        ("BgQVtCSCE40HmuwBb0=\n", "BgQVtCSCE40HmuwBb0=\n\n"),
        ("BgQVtCSCE40HmuwBb0=\n", "BgQVtCSCE40HmuwBb0=\nextension\n"),
        ("BgQVtCSCE40HmuwBb0=\n", "BgQVtCSCE40HmuwBb0="),
        ("BgQVtCSCE40HmuwBb0=", "BgQVtCSCE40HmuwBb0"),
        ("BgQVtCSCE40HmuwBb0=", "BgQVtCSCE40HmuwBb1="),
        ("BgQVtCSCE40HmuwBb0=", "AAAA"),
    ] {
        let text = golden.replacen(line, wrong, 1);
        assert_ne!(text, golden);
        assert!(text.parse::<Checkpoint>().is_err(), "{text:?}");
    }
    assert!(Checkpoint::new("a", 1 << 63, hash::empty()).is_err());
    assert!(Checkpoint::new("a\nb", 1, hash::empty()).is_err());
}

/// An account's log of the eight entries of Certificate Transparency, under seed 07…07.
#[test]
fn the_checkpoint_of_an_account() {
    let secret = SignerKey::from_seed("vendor.example/log/8f3a".parse().unwrap(), &[7; 32]);
    let vkey = key("vendor.example/log/8f3a+a3dde112+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs");
    assert_eq!(secret.verifier_key(), &vkey);
    let root = Hash::from_hex("5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
    let checkpoint = Checkpoint::new("vendor.example/log/8f3a", 8, root.unwrap()).unwrap();
    let signed = checkpoint.sign(&secret).unwrap();
    assert_eq!(
        signed.to_string(),
        "vendor.example/log/8f3a\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n\n— vendor.example/log/8f3a o93hEncRv5GI7OJMUWZftM4eIq7VMf6681O25ToBlC8eQfmb2hvCMELETxqOHax2EStoNpNrmzaDJ+e2lvTYv8riywI=\n"
    );
    let opened = Checkpoint::open(&signed, &vkey, []).unwrap();
    assert_eq!(opened.checkpoint, checkpoint);
    assert_eq!(opened.cosignatures, []);
}

#[test]
fn a_checkpoint_is_its_own_logs() {
    let name = |name: &str| name.parse().unwrap();
    let log = SignerKey::from_seed(name("vendor.example/log/a"), &[1; 32]);
    let other = SignerKey::from_seed(name("vendor.example/log/b"), &[2; 32]);
    let witness = CosignerKey::from_seed(name("vendor.example/log/a"), &[3; 32]);
    let checkpoint = Checkpoint::new("vendor.example/log/a", 0, hash::empty()).unwrap();
    // Another log cannot sign it or speak for it, and a cosigner of that name cannot either.
    assert!(matches!(
        checkpoint.sign(&other),
        Err(CheckpointError::NotTheLogsKey { .. })
    ));
    let by_other = Note::sign(&checkpoint.to_text(), &[&other]).unwrap();
    assert!(matches!(
        Checkpoint::open(&by_other, other.verifier_key(), []),
        Err(CheckpointError::NotTheLogsKey { .. })
    ));
    let mut cosigned = by_other;
    cosigned
        .add(witness.cosign(&checkpoint, 1).unwrap())
        .unwrap();
    assert!(matches!(
        Checkpoint::open(&cosigned, witness.verifier_key(), []),
        Err(CheckpointError::NotTheLogsKey { .. })
    ));
    // Nor can a key of that name that the caller gives as a cosigner.
    let namesake = SignerKey::from_seed(name("vendor.example/log/a"), &[4; 32]);
    let by_namesake = checkpoint.sign(&namesake).unwrap();
    assert!(matches!(
        Checkpoint::open(&by_namesake, log.verifier_key(), [namesake.verifier_key()]),
        Err(CheckpointError::NotSignedByLog { .. })
    ));
    // Known cosigners do not stand in for the log's own signature.
    assert!(matches!(
        Checkpoint::open(&cosigned, log.verifier_key(), [witness.verifier_key()]),
        Err(CheckpointError::NotSignedByLog { .. })
    ));
}

/// A book's log and its witness, under seeds 08…08 and 09…09.
#[test]
fn the_cosignature_of_a_witness() {
    let name = |name: &str| name.parse().unwrap();
    let book = SignerKey::from_seed(name("vendor.example/book"), &[8; 32]);
    let witness = CosignerKey::from_seed(name("witness.example/w1"), &[9; 32]);
    assert_eq!(
        book.verifier_key().to_string(),
        "vendor.example/book+d43ce223+AROY9ixtGkV8UbpqS189vS9p/KkyFiGNyJl+QWvRfZPK"
    );
    assert_eq!(
        witness.verifier_key().to_string(),
        "witness.example/w1+24b5d9fe+BP0XJDhaoMdbZPt4zWAvodmR/ev3axPFjtcC6sg16fYY"
    );
    let root = "krQF3OYe8ZXwLowrgEnZQHADRF+xtbIFcPgUtVmSa9E="
        .parse()
        .unwrap();
    let checkpoint = Checkpoint::new("vendor.example/book", 3, root).unwrap();
    let mut signed = checkpoint.sign(&book).unwrap();
    signed
        .add(witness.cosign(&checkpoint, 1_795_380_180).unwrap())
        .unwrap();
    assert_eq!(
        signed.to_string(),
        "vendor.example/book\n3\nkrQF3OYe8ZXwLowrgEnZQHADRF+xtbIFcPgUtVmSa9E=\n\n— vendor.example/book 1DziI7iCygP1dkHr02tfkExITj6pLmnwNmlqkYVq8G0yFW5uNAA0/r/bkeJ7KDZj/aX2cAmXmNciFTwYO39UTfYRXgQ=\n— witness.example/w1 JLXZ/gAAAABrA1PUsCojhgoQapW77AN6P2e1Lc2rMr3wDEqL2ccTSBxHkYRV3VaFjkIHaNYIDirHeFmJbq6wwfffnu5hVvTRoVygBQ==\n"
    );
    let opened = Checkpoint::open(&signed, book.verifier_key(), [witness.verifier_key()]).unwrap();
    assert_eq!(opened.cosignatures.len(), 1);
    assert_eq!(opened.cosignatures[0].time, 1_795_380_180);
    assert_eq!(opened.cosignatures[0].key, witness.verifier_key());
    // A cosigner's text form is a signer key of type 4, and not a signer of notes.
    let secret = witness.to_secret_text();
    assert_eq!(
        secret.parse::<CosignerKey>().unwrap().verifier_key(),
        witness.verifier_key()
    );
    assert!(matches!(
        secret.parse::<SignerKey>(),
        Err(KeyError::WrongType { byte: 4, .. })
    ));
}

#[test]
fn a_cosignature_binds_its_time() {
    let log = SignerKey::from_seed("log.example".parse().unwrap(), &[1; 32]);
    let witness = CosignerKey::from_seed("witness.example".parse().unwrap(), &[2; 32]);
    let checkpoint = Checkpoint::new("log.example", 1, hash::leaf(b"")).unwrap();
    let signed = checkpoint.sign(&log).unwrap();
    let lines = |time| {
        let mut note = signed.clone();
        note.add(witness.cosign(&checkpoint, time).unwrap())
            .unwrap();
        note.to_string()
    };
    let open = |note: &Note| -> Result<Vec<u64>, CheckpointError> {
        let opened = Checkpoint::open(note, log.verifier_key(), [witness.verifier_key()])?;
        Ok(opened
            .cosignatures
            .iter()
            .map(|cosignature| cosignature.time)
            .collect())
    };
    // The signature of one time under another: characters 6 to 16 of the payload hold the time.
    let (first, second) = (lines(1_700_000_000), lines(1_700_000_001));
    let at = first
        .bytes()
        .zip(second.bytes())
        .position(|(a, b)| a != b)
        .unwrap();
    let mixed = note(&format!("{}{}", &second[..=at], &first[at + 1..]));
    assert!(matches!(
        open(&mixed),
        Err(CheckpointError::Note(NoteError::SignatureMismatch { .. }))
    ));
    // Two cosignatures of one cosigner are one, of the later time.
    let line = |note: &str| note.lines().last().unwrap().to_owned();
    for (a, b) in [(&first, &second), (&second, &first)] {
        let both = note(&format!("{signed}{}\n{}\n", line(a), line(b)));
        assert_eq!(open(&both).unwrap(), [1_700_000_001]);
    }
    assert!(witness.cosign(&checkpoint, (1 << 63) - 1).is_ok());
    assert!(witness.cosign(&checkpoint, 1 << 63).is_err());
}

#[test]
fn key_names_have_no_spaces_pluses_or_control_characters() {
    for name in ["n", "vendor.example/log/8f3a", "é", "a:b@c", "\u{7f}"] {
        assert_eq!(name.parse::<KeyName>().unwrap().as_str(), name);
    }
    for name in [
        "",
        " ",
        "a b",
        "a+b",
        "a\nb",
        "a\u{1}b",
        "a\u{1b}",
        "\u{a0}",
        "a\u{2003}b",
    ] {
        assert!(name.parse::<KeyName>().is_err(), "{name:?}");
    }
}

#[test]
fn secrets_are_not_printed() {
    let signer: SignerKey = PETER_SECRET.parse().unwrap();
    assert_eq!(format!("{signer:?}"), format!("SignerKey({PETER})"));
    let cosigner = CosignerKey::from_seed("witness.example".parse().unwrap(), &[0x55; 32]);
    let shown = format!("{cosigner:?} {cosigner:#?}");
    assert!(!shown.contains("VVVV") && !shown.contains("5555") && !shown.contains("85, 85"));
    // Nor are they in the error for a mangled one.
    for mangled in [
        &PETER_SECRET[1..],
        &PETER_SECRET[..70],
        &PETER_SECRET.replace("74f", "75f"),
    ] {
        let error = mangled.parse::<SignerKey>().unwrap_err();
        assert!(
            !format!("{error} {error:?}").contains("AYEKFA"),
            "{error:?}"
        );
    }
    let joined = PETER_SECRET.replace("PeterNeumann+c74f20a3+", "");
    let error = joined.parse::<SignerKey>().unwrap_err();
    assert!(
        !format!("{error} {error:?}").contains("AYEKFA"),
        "{error:?}"
    );
}
