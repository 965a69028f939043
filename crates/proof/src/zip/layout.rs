//! The fixed parts of the format: headers as bytes.
//!
//! PKWARE's APPNOTE 6.3.3, sections 4.3.7, 4.3.12 and 4.3.16, in the one form that the profile allows.

pub(super) const LOCAL_BYTES: usize = 30;
pub(super) const LOCAL: [u8; 4] = *b"PK\x03\x04";
pub(super) const CENTRAL: [u8; 4] = *b"PK\x01\x02";
pub(super) const END: [u8; 4] = *b"PK\x05\x06";

/// Version 2.0: deflate, and nothing later.
const VERSION: u16 = 20;
/// 1 January 1980, the first day that the format can say.
const DATE: u16 = 0x0021;

/// How a member is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    Stored,
    Deflated,
}

impl Method {
    pub(super) const fn number(self) -> u16 {
        match self {
            Method::Stored => 0,
            Method::Deflated => 8,
        }
    }

    pub(super) const fn from_number(number: u16) -> Option<Method> {
        match number {
            0 => Some(Method::Stored),
            8 => Some(Method::Deflated),
            _ => None,
        }
    }
}

/// What both headers of a member say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sizes {
    pub(super) method: Method,
    pub(super) crc: u32,
    pub(super) packed: u32,
    pub(super) plain: u32,
}

impl Sizes {
    /// From the version to the length of the extra field: equal in both headers.
    fn common(&self, name_bytes: u16, out: &mut Vec<u8>) {
        for number in [VERSION, 0, self.method.number(), 0, DATE] {
            out.extend(number.to_le_bytes());
        }
        for number in [self.crc, self.packed, self.plain] {
            out.extend(number.to_le_bytes());
        }
        out.extend(name_bytes.to_le_bytes());
        out.extend(0u16.to_le_bytes());
    }

    pub(super) fn local(&self, name: &str, name_bytes: u16) -> Vec<u8> {
        let mut out = LOCAL.to_vec();
        self.common(name_bytes, &mut out);
        out.extend(name.as_bytes());
        out
    }

    pub(super) fn central(&self, name: &str, name_bytes: u16, offset: u32) -> Vec<u8> {
        let mut out = CENTRAL.to_vec();
        out.extend(VERSION.to_le_bytes());
        self.common(name_bytes, &mut out);
        // Comment length, disk, internal and external attributes.
        out.extend([0; 10]);
        out.extend(offset.to_le_bytes());
        out.extend(name.as_bytes());
        out
    }
}

pub(super) fn end(members: u16, directory_bytes: u32, directory_at: u32) -> Vec<u8> {
    let mut out = END.to_vec();
    out.extend([0; 4]); // this disk, the directory's disk
    out.extend(members.to_le_bytes());
    out.extend(members.to_le_bytes());
    out.extend(directory_bytes.to_le_bytes());
    out.extend(directory_at.to_le_bytes());
    out.extend([0; 2]); // the comment's length
    out
}

/// Names the field in which a header differs from what it must be, for people.
pub(super) fn differing_field(
    fields: &[(usize, &'static str)],
    is: &[u8],
    must: &[u8],
) -> &'static str {
    let at = is.iter().zip(must).take_while(|(a, b)| a == b).count();
    fields
        .iter()
        .rev()
        .find(|(from, _)| *from <= at)
        .map_or("the header", |(_, name)| name)
}

pub(super) const LOCAL_FIELDS: &[(usize, &str)] = &[
    (0, "the signature"),
    (4, "the version"),
    (
        6,
        "the flags (a data descriptor, encryption or UTF-8 names)",
    ),
    (8, "the method"),
    (10, "the time"),
    (12, "the date"),
    (14, "the CRC-32"),
    (18, "the packed size"),
    (22, "the size"),
    (26, "the length of the name"),
    (28, "the extra field"),
    (30, "the name"),
];

pub(super) const CENTRAL_FIELDS: &[(usize, &str)] = &[
    (0, "the signature"),
    (4, "the version made by"),
    (6, "the version"),
    (8, "the flags"),
    (10, "the method"),
    (12, "the time"),
    (14, "the date"),
    (16, "the CRC-32"),
    (20, "the packed size"),
    (24, "the size"),
    (28, "the length of the name"),
    (30, "the extra field"),
    (32, "the comment"),
    (34, "the disk"),
    (36, "the internal attributes"),
    (
        38,
        "the external attributes (a symbolic link or a directory)",
    ),
    (42, "the place of the local header"),
    (46, "the name"),
];

pub(super) const END_FIELDS: &[(usize, &str)] = &[
    (0, "the signature"),
    (4, "the disks"),
    (8, "the number of members"),
    (12, "the size of the directory"),
    (16, "the place of the directory"),
    (20, "the comment"),
];
