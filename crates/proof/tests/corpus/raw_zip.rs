//! Zips byte by byte: every field can be wrong.

use std::collections::BTreeMap;

use proof::file::Member;

use super::Case;
use super::assemble::{listed, members};
use super::story::{JANUARY, World};

/// An edit of a member.
type RawEdit = fn(&mut Raw);

/// A member with everything that its headers say.
#[derive(Clone)]
pub struct Raw {
    pub name: String,
    pub flags: u16,
    pub method: u16,
    pub time: u16,
    pub date: u16,
    pub version: u16,
    pub crc: u32,
    pub packed: u32,
    pub plain: u32,
    pub extra: Vec<u8>,
    pub data: Vec<u8>,
    /// Bytes between this member and the next.
    pub behind: Vec<u8>,
    /// Only in the directory.
    pub attributes: u32,
    pub made_by: u16,
    pub comment: Vec<u8>,
    /// What the directory says in place of the local header.
    pub listed: Option<Box<Raw>>,
    pub offset: Option<u32>,
}

impl Raw {
    pub fn stored(name: &str, bytes: &[u8]) -> Raw {
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        let size = u32::try_from(bytes.len()).unwrap();
        Raw {
            name: name.to_owned(),
            flags: 0,
            method: 0,
            time: 0,
            date: 0x21,
            version: 20,
            crc: crc.sum(),
            packed: size,
            plain: size,
            extra: Vec::new(),
            data: bytes.to_vec(),
            behind: Vec::new(),
            attributes: 0,
            made_by: 20,
            comment: Vec::new(),
            listed: None,
            offset: None,
        }
    }

    pub fn deflate(&mut self) {
        let mut out = Vec::with_capacity(self.data.len() + 100);
        flate2::Compress::new(flate2::Compression::best(), false)
            .compress_vec(&self.data, &mut out, flate2::FlushCompress::Finish)
            .unwrap();
        self.method = 8;
        self.packed = u32::try_from(out.len()).unwrap();
        self.data = out;
    }

    fn common(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for number in [self.version, self.flags, self.method, self.time, self.date] {
            out.extend(number.to_le_bytes());
        }
        for number in [self.crc, self.packed, self.plain] {
            out.extend(number.to_le_bytes());
        }
        out.extend(u16::try_from(self.name.len()).unwrap().to_le_bytes());
        out.extend(u16::try_from(self.extra.len()).unwrap().to_le_bytes());
        out
    }
}

/// A zip in parts.
#[derive(Clone)]
pub struct RawZip {
    pub before: Vec<u8>,
    pub members: Vec<Raw>,
    pub comment: Vec<u8>,
    pub behind: Vec<u8>,
    pub count: Option<u16>,
    pub directory_at: Option<u32>,
    pub disk: u16,
}

impl RawZip {
    pub fn of(members: &BTreeMap<String, Vec<u8>>) -> RawZip {
        RawZip {
            before: Vec::new(),
            members: members
                .iter()
                .map(|(name, bytes)| Raw::stored(name, bytes))
                .collect(),
            comment: Vec::new(),
            behind: Vec::new(),
            count: None,
            directory_at: None,
            disk: 0,
        }
    }

    pub fn member(&mut self, name: &str) -> &mut Raw {
        self.members
            .iter_mut()
            .find(|own| own.name == name)
            .unwrap()
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mut out = self.before.clone();
        let mut directory = Vec::new();
        for raw in &self.members {
            let offset = u32::try_from(out.len()).unwrap();
            out.extend(b"PK\x03\x04");
            out.extend(raw.common());
            out.extend(raw.name.as_bytes());
            out.extend(&raw.extra);
            out.extend(&raw.data);
            out.extend(&raw.behind);
            let listed = raw.listed.as_deref().unwrap_or(raw);
            directory.extend(b"PK\x01\x02");
            directory.extend(raw.made_by.to_le_bytes());
            directory.extend(listed.common());
            directory.extend(u16::try_from(raw.comment.len()).unwrap().to_le_bytes());
            directory.extend(self.disk.to_le_bytes());
            directory.extend([0; 2]);
            directory.extend(raw.attributes.to_le_bytes());
            directory.extend(raw.offset.unwrap_or(offset).to_le_bytes());
            directory.extend(listed.name.as_bytes());
            directory.extend(&listed.extra);
            directory.extend(&raw.comment);
        }
        let at = u32::try_from(out.len()).unwrap();
        out.extend(&directory);
        out.extend(b"PK\x05\x06");
        out.extend(self.disk.to_le_bytes());
        out.extend(self.disk.to_le_bytes());
        let count = self
            .count
            .unwrap_or(u16::try_from(self.members.len()).unwrap());
        out.extend(count.to_le_bytes());
        out.extend(count.to_le_bytes());
        out.extend(u32::try_from(directory.len()).unwrap().to_le_bytes());
        out.extend(self.directory_at.unwrap_or(at).to_le_bytes());
        out.extend(u16::try_from(self.comment.len()).unwrap().to_le_bytes());
        out.extend(&self.comment);
        out.extend(&self.behind);
        out
    }
}

pub fn cases(world: &World) -> Vec<Case> {
    let good = members(&world.book.file(JANUARY));
    let zip = RawZip::of(&good);
    let mut cases = vec![Case::new("zip-stored", "valid", zip.bytes())];
    let mut case = |name: &str, code: &'static str, edit: &dyn Fn(&mut RawZip)| {
        let mut zip = zip.clone();
        edit(&mut zip);
        cases.push(Case::new(&format!("zip-{name}"), code, zip.bytes()));
    };
    let statement = Member::STATEMENT;
    case("deflated-otherwise", "valid", &|zip| {
        zip.members.iter_mut().for_each(Raw::deflate);
    });
    case("member-doubled", "zip", &|zip| {
        let mut twin = zip.member(statement).clone();
        twin.data[20] ^= 1;
        zip.members.push(twin);
    });
    case("member-doubled-same", "zip", &|zip| {
        zip.members.push(zip.members.last().unwrap().clone());
    });
    for (name, member) in [
        ("parent-traversal", "../statement.json"),
        ("inner-traversal", "log/../proof.json"),
        ("absolute", "/statement.json"),
        ("backslash", "log\\checkpoint"),
        ("dot", "./statement.json"),
        ("empty-part", "log//checkpoint"),
        ("directory", "zlog/"),
        ("drive", "c:statement.json"),
        ("letters", "stätement.json"),
        ("nul", "statement.json\0.txt"),
        ("empty-name", ""),
        ("unknown-member", "zzz.txt"),
        ("payload-without-commitment", "payloads/x"),
        (
            "payload-upper-case",
            &format!("payloads/{}", "AB".repeat(32)),
        ),
        ("tile-of-no-path", "log/tile/0/0"),
        ("tile-level-64", "log/tile/64/000"),
        ("tile-empty", "log/tile/0/000.p/0"),
        ("tile-path-long", "log/tile/0/x000/000"),
    ] {
        case(name, "zip", &|zip| {
            let raw = Raw::stored(member, b"x");
            let place = zip
                .members
                .partition_point(|own| own.name.as_str() < member);
            zip.members.insert(place, raw);
        });
    }
    case("member-missing", "zip", &|zip| {
        zip.members.retain(|own| own.name != Member::README);
    });
    case("manifest-missing", "zip", &|zip| {
        zip.members.retain(|own| own.name != Member::MANIFEST);
    });
    case("unsorted", "zip", &|zip| zip.members.swap(0, 1));
    case("prefix", "zip", &|zip| zip.before = b"#!/bin/sh\n".to_vec());
    case("prefix-of-a-zip", "zip", &|zip| {
        zip.before = RawZip::of(&good).bytes();
    });
    case("trailing", "zip", &|zip| zip.behind = b"\n".to_vec());
    case("zip-behind-it", "zip", &|zip| {
        zip.behind = RawZip::of(&good).bytes();
    });
    case("comment", "zip", &|zip| zip.comment = b"hello".to_vec());
    case("member-comment", "zip", &|zip| {
        zip.member(statement).comment = b"hello".to_vec();
    });
    case("gap", "zip", &|zip| zip.member(statement).behind = vec![0]);
    case("gap-with-a-member", "zip", &|zip| {
        let hidden = RawZip::of(&BTreeMap::from([("x".to_owned(), vec![1])])).bytes();
        zip.member(Member::README).behind = hidden;
    });
    case("data-descriptor", "zip", &|zip| {
        let raw = zip.member(statement);
        let (crc, size) = (raw.crc, raw.plain);
        raw.listed = Some(Box::new(raw.clone()));
        raw.listed.as_mut().unwrap().flags = 8;
        (raw.flags, raw.crc, raw.packed, raw.plain) = (8, 0, 0, 0);
        let mut descriptor = b"PK\x07\x08".to_vec();
        for number in [crc, size, size] {
            descriptor.extend(number.to_le_bytes());
        }
        raw.behind = descriptor;
    });
    let fields: [(&str, RawEdit); 15] = [
        ("encrypted", |raw| raw.flags = 1),
        ("utf8-flag", |raw| raw.flags = 0x800),
        ("method-bzip2", |raw| raw.method = 12),
        ("time", |raw| raw.time = 1),
        ("date", |raw| raw.date = 0x5a21),
        ("date-zero", |raw| raw.date = 0),
        ("version-45", |raw| raw.version = 45),
        ("crc", |raw| raw.crc ^= 1),
        ("extra-field", |raw| raw.extra = vec![0x55, 0x54, 1, 0, 0]),
        ("zip64-extra", |raw| {
            raw.extra = [&[1, 0, 16, 0][..], &[0; 16]].concat();
            (raw.packed, raw.plain) = (u32::MAX, u32::MAX);
        }),
        ("stored-with-two-sizes", |raw| raw.plain += 1),
        ("symbolic-link", |raw| {
            (raw.attributes, raw.made_by) = (0o120_777 << 16, 0x031e);
        }),
        ("directory-attribute", |raw| raw.attributes = 0x10),
        ("made-by-unix", |raw| raw.made_by = 0x0314),
        ("offset", |raw| raw.offset = Some(0)),
    ];
    for (name, edit) in fields {
        case(name, "zip", &|zip| edit(zip.member(statement)));
    }
    let disagreements: [(&str, RawEdit); 6] = [
        ("name", |raw| raw.name = "statement.jsom".to_owned()),
        ("crc", |raw| raw.crc ^= 1),
        ("size", |raw| raw.plain -= 1),
        ("packed-size", |raw| raw.packed -= 1),
        ("method", |raw| raw.method = 8),
        ("extra-field", |raw| raw.extra = vec![1, 2, 0, 0]),
    ];
    for (name, edit) in disagreements {
        case(&format!("directory-says-another-{name}"), "zip", &|zip| {
            let raw = zip.member(statement);
            let mut listed = raw.clone();
            edit(&mut listed);
            raw.listed = Some(Box::new(listed));
        });
    }
    case("count", "zip", &|zip| zip.count = Some(3));
    case("directory-elsewhere", "zip", &|zip| {
        zip.directory_at = Some(0);
    });
    case("second-disk", "zip", &|zip| zip.disk = 1);
    case("deflate-goes-on", "zip", &|zip| {
        let raw = zip.member(statement);
        raw.deflate();
        raw.plain -= 1;
    });
    case("deflate-ends-early", "zip", &|zip| {
        let raw = zip.member(statement);
        raw.deflate();
        raw.plain += 1;
    });
    case("deflate-with-more-behind", "zip", &|zip| {
        let raw = zip.member(statement);
        raw.deflate();
        raw.data.extend(b"hidden");
        raw.packed += 6;
    });
    case("deflate-cut-off", "zip", &|zip| {
        let raw = zip.member(statement);
        raw.deflate();
        raw.data.pop();
        raw.packed -= 1;
    });
    case("deflate-damaged", "zip", &|zip| {
        let raw = zip.member(statement);
        raw.deflate();
        raw.data[0] = 0x07;
    });
    case("bomb-in-readme", "zip", &|zip| {
        bomb(zip.member(Member::README), 64 << 20);
    });
    case("bomb-in-a-tile", "zip", &|zip| {
        bomb(zip.member("log/tile/0/000.p/80"), 8193);
    });
    case("bomb-that-understates", "zip", &|zip| {
        let raw = zip.member(Member::README);
        bomb(raw, 64 << 20);
        raw.plain = 1000;
    });
    case("bomb-that-overstates", "zip", &|zip| {
        let raw = zip.member(statement);
        raw.deflate();
        raw.plain = 60 << 20;
    });
    cases.extend(truncations(&good, &zip));
    cases
}

fn bomb(raw: &mut Raw, size: usize) {
    *raw = Raw::stored(&raw.name, &vec![b' '; size]);
    raw.deflate();
}

/// The file cut off at every member, within its header, its data, the directory and the end.
fn truncations(good: &BTreeMap<String, Vec<u8>>, zip: &RawZip) -> Vec<Case> {
    let whole = zip.bytes();
    let mut cases = Vec::new();
    let mut cut = |name: &str, length: usize| {
        let file = whole[..length].to_vec();
        cases.push(Case::new(&format!("zip-cut-{name}"), "zip", file));
    };
    let mut at = 0;
    for raw in &zip.members {
        let short = raw.name.replace('/', "-");
        let short = &short[..short.len().min(40)];
        cut(&format!("before-{short}"), at);
        cut(&format!("in-the-header-of-{short}"), at + 17);
        cut(
            &format!("in-{short}"),
            at + 30 + raw.name.len() + raw.data.len() / 2,
        );
        at += 30 + raw.name.len() + raw.data.len();
    }
    cut("before-the-directory", at);
    cut("in-the-directory", at + 60);
    cut("before-the-end", whole.len() - 22);
    cut("in-the-end", whole.len() - 1);
    // A file whose last members are gone, whole otherwise.
    for name in good
        .keys()
        .filter(|name| Member::REQUIRED.contains(&name.as_str()))
    {
        let mut fewer = good.clone();
        fewer.remove(name);
        let file = RawZip::of(&listed(fewer)).bytes();
        if name != Member::MANIFEST {
            let short = name.replace('/', "-");
            cases.push(Case::new(&format!("zip-without-{short}"), "zip", file));
        }
    }
    cases
}
