//! The reader: bytes in, members out, anything out of the ordinary refused.

use std::ops::Range;

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::layout::{
    CENTRAL_FIELDS, END_FIELDS, LOCAL, LOCAL_BYTES, LOCAL_FIELDS, Method, Sizes, differing_field,
    end,
};
use crate::limits::{FILE_BYTES_MAX, INFLATION_MAX, MEMBERS_MAX, NAME_BYTES_MAX};

/// Why bytes are not a zip of the profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ZipError {
    /// Too large.
    #[error("the file has {bytes} bytes, at most {FILE_BYTES_MAX} are read")]
    TooLarge {
        /// Its bytes.
        bytes: u64,
    },
    /// Too many members.
    #[error("the file has more than {MEMBERS_MAX} members")]
    TooManyMembers,
    /// Its members inflated are too large.
    #[error("the members inflated have more than {FILE_BYTES_MAX} bytes")]
    InflatedTooLarge,
    /// Not a zip.
    #[error("the file does not begin with a member: it is no zip, or something stands before it")]
    NotAZip,
    /// Cut off.
    #[error("the file ends within {what}: it was cut off")]
    CutOff {
        /// What it ends within.
        what: String,
    },
    /// A name.
    #[error("the member at byte {at} has a name that is not allowed: {name:?}")]
    Name {
        /// Where its header begins.
        at: usize,
        /// The name, as far as it is text.
        name: String,
    },
    /// Doubled.
    #[error("the member `{name}` is there twice")]
    Twice {
        /// Its name.
        name: String,
    },
    /// Out of order.
    #[error("the member `{name}` is not in the order of names")]
    Order {
        /// Its name.
        name: String,
    },
    /// A header that the profile does not have.
    #[error("the member `{name}`: {field} is not what the format allows")]
    LocalHeader {
        /// Its name.
        name: String,
        /// Which field.
        field: &'static str,
    },
    /// The directory says something else.
    #[error("the directory's entry of `{name}` differs from the member itself in {field}")]
    Directory {
        /// Its name.
        name: String,
        /// Which field.
        field: &'static str,
    },
    /// The end record.
    #[error("the end of the zip differs from its members in {field}")]
    End {
        /// Which field.
        field: &'static str,
    },
    /// Something behind it.
    #[error("{bytes} bytes stand behind the end of the zip")]
    Trailing {
        /// How many.
        bytes: usize,
    },
    /// Packed data.
    #[error("the member `{name}` cannot be unpacked: {problem}")]
    Packing {
        /// Its name.
        name: String,
        /// Why.
        problem: &'static str,
    },
}

/// A zip whose structure was checked.
#[derive(Debug)]
pub struct Archive<'a> {
    members: Vec<Packed<'a>>,
}

/// A member, still packed.
#[derive(Debug, Clone, Copy)]
pub struct Packed<'a> {
    name: &'a str,
    sizes: Sizes,
    data: &'a [u8],
}

impl<'a> Archive<'a> {
    /// Reads the structure of a zip: headers, directory, end, and that they agree.
    ///
    /// # Errors
    /// [`ZipError`].
    pub fn open(file: &'a [u8]) -> Result<Archive<'a>, ZipError> {
        let bytes = file.len() as u64;
        if bytes > FILE_BYTES_MAX {
            return Err(ZipError::TooLarge { bytes });
        }
        let mut members: Vec<Packed<'a>> = Vec::new();
        let mut directory = Directory::default();
        let (mut at, mut plain_bytes) = (0, 0u64);
        while file[at..].starts_with(&LOCAL) {
            if members.len() == MEMBERS_MAX {
                return Err(ZipError::TooManyMembers);
            }
            let (member, range) = Packed::read(file, at)?;
            if let Some(last) = members.last()
                && member.name <= last.name
            {
                let name = member.name.to_owned();
                let is_twice = members
                    .binary_search_by(|known| known.name.cmp(member.name))
                    .is_ok();
                return Err(if is_twice {
                    ZipError::Twice { name }
                } else {
                    ZipError::Order { name }
                });
            }
            plain_bytes += u64::from(member.sizes.plain);
            if plain_bytes > FILE_BYTES_MAX {
                return Err(ZipError::InflatedTooLarge);
            }
            directory.members.push(range);
            members.push(member);
            at = directory.members.last().map_or(at, |range| range.end);
        }
        if members.is_empty() {
            return Err(ZipError::NotAZip);
        }
        directory.check(file, at, &members)?;
        Ok(Archive { members })
    }

    /// The members, in the order of names.
    #[must_use]
    pub fn members(&self) -> &[Packed<'a>] {
        &self.members
    }

    /// The member of that name.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Packed<'a>> {
        let found = self
            .members
            .binary_search_by(|member| member.name.cmp(name));
        found.ok().map(|index| &self.members[index])
    }
}

/// What the second list of the members must be, from the first.
#[derive(Default)]
struct Directory {
    members: Vec<Range<usize>>,
}

impl Directory {
    fn check(&self, file: &[u8], start: usize, members: &[Packed<'_>]) -> Result<(), ZipError> {
        let mut at = start;
        for (member, range) in members.iter().zip(&self.members) {
            let (Ok(name_bytes), Ok(offset)) =
                (u16::try_from(member.name.len()), u32::try_from(range.start))
            else {
                return Err(ZipError::TooLarge {
                    bytes: file.len() as u64,
                });
            };
            let must = member.sizes.central(member.name, name_bytes, offset);
            let name = || member.name.to_owned();
            let is = part(file, at, must.len(), || {
                format!("the directory's entry of `{}`", member.name)
            })?;
            if is != must {
                let field = differing_field(CENTRAL_FIELDS, is, &must);
                return Err(ZipError::Directory {
                    name: name(),
                    field,
                });
            }
            at += must.len();
        }
        let too_large = |_| ZipError::TooLarge {
            bytes: file.len() as u64,
        };
        let must = end(
            u16::try_from(members.len()).map_err(|_| ZipError::TooManyMembers)?,
            u32::try_from(at - start).map_err(too_large)?,
            u32::try_from(start).map_err(too_large)?,
        );
        let is = part(file, at, must.len(), || "the end record".to_owned())?;
        if is != must {
            return Err(ZipError::End {
                field: differing_field(END_FIELDS, is, &must),
            });
        }
        match file.len() - at - must.len() {
            0 => Ok(()),
            bytes => Err(ZipError::Trailing { bytes }),
        }
    }
}

/// `length` bytes from `at`, which must be there.
fn part(
    file: &[u8],
    at: usize,
    length: usize,
    what: impl FnOnce() -> String,
) -> Result<&[u8], ZipError> {
    let end = at.checked_add(length);
    let found = end.and_then(|end| file.get(at..end));
    found.ok_or_else(|| ZipError::CutOff { what: what() })
}

impl<'a> Packed<'a> {
    /// Reads the local header at `at` and the data behind it.
    fn read(file: &'a [u8], at: usize) -> Result<(Packed<'a>, Range<usize>), ZipError> {
        let what = || format!("the member at byte {at}");
        let header = part(file, at, LOCAL_BYTES, what)?;
        let name_bytes = usize::from(u16_at(header, 26));
        let name = part(file, at + LOCAL_BYTES, name_bytes, what)?;
        let name = match std::str::from_utf8(name) {
            Ok(name) if is_name(name) => name,
            _ => {
                return Err(ZipError::Name {
                    at,
                    name: String::from_utf8_lossy(&name[..name.len().min(NAME_BYTES_MAX)]).into(),
                });
            }
        };
        let refuse = |field| ZipError::LocalHeader {
            name: name.to_owned(),
            field,
        };
        let method = Method::from_number(u16_at(header, 8)).ok_or_else(|| refuse("the method"))?;
        let sizes = Sizes {
            method,
            crc: u32_at(header, 14),
            packed: u32_at(header, 18),
            plain: u32_at(header, 22),
        };
        // The name has at most as many bytes as 16 bits say, whence they came.
        let must = sizes.local(name, u16_at(header, 26));
        if header != &must[..LOCAL_BYTES] {
            return Err(refuse(differing_field(LOCAL_FIELDS, header, &must)));
        }
        if sizes.packed == u32::MAX || sizes.plain == u32::MAX {
            return Err(refuse("the size (zip64)"));
        }
        sizes.check(name)?;
        let begin = at + must.len();
        let packed = usize::try_from(sizes.packed).map_err(|_| refuse("the packed size"))?;
        let data = part(file, begin, packed, || format!("the member `{name}`"))?;
        Ok((Packed { name, sizes, data }, at..begin + packed))
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// Its size, unpacked.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        u64::from(self.sizes.plain)
    }

    /// Unpacks it, and checks its CRC-32.
    ///
    /// # Errors
    /// [`ZipError::Packing`].
    pub fn unpack(&self) -> Result<Vec<u8>, ZipError> {
        unpack(self.name, self.sizes, self.data)
    }
}

/// Unpacks the data of a member, and checks its CRC-32.
pub(super) fn unpack(name: &str, sizes: Sizes, data: &[u8]) -> Result<Vec<u8>, ZipError> {
    let refuse = |problem| ZipError::Packing {
        name: name.to_owned(),
        problem,
    };
    let plain = match sizes.method {
        Method::Stored => data.to_vec(),
        Method::Deflated => {
            let size = usize::try_from(sizes.plain)
                .map_err(|_| refuse("it is larger than this machine's memory"))?;
            inflate(data, size).map_err(refuse)?
        }
    };
    let mut crc = Crc::new();
    crc.update(&plain);
    if crc.sum() != sizes.crc {
        return Err(refuse("its CRC-32 is another"));
    }
    Ok(plain)
}

impl Sizes {
    /// Sizes that no packing gives are refused before anything is unpacked.
    fn check(&self, name: &str) -> Result<(), ZipError> {
        let problem = match self.method {
            Method::Stored if self.packed != self.plain => "it is stored with two sizes",
            Method::Deflated
                if u64::from(self.plain) > u64::from(self.packed).saturating_mul(INFLATION_MAX) =>
            {
                "no deflate packs so much into so little"
            }
            _ => return Ok(()),
        };
        Err(ZipError::Packing {
            name: name.to_owned(),
            problem,
        })
    }
}

/// Inflates exactly `size` bytes from exactly all of `packed`.
fn inflate(packed: &[u8], size: usize) -> Result<Vec<u8>, &'static str> {
    // One byte more than promised shows a stream that goes on.
    let mut plain = vec![0; size + 1];
    let mut inflater = Decompress::new(false);
    let status = inflater
        .decompress(packed, &mut plain, FlushDecompress::Finish)
        .map_err(|_| "its deflate data are damaged")?;
    let (read, written) = (inflater.total_in(), inflater.total_out());
    if written > size as u64 {
        return Err("it inflates to more than its size");
    }
    if status != Status::StreamEnd {
        return Err("its deflate data end too early");
    }
    if read != packed.len() as u64 {
        return Err("bytes stand behind its deflate data");
    }
    if written < size as u64 {
        return Err("it inflates to less than its size");
    }
    plain.truncate(size);
    Ok(plain)
}

/// Whether the profile allows a name: plain characters, no empty, `.` or `..` part.
pub(super) fn is_name(name: &str) -> bool {
    let plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'/');
    name.len() <= NAME_BYTES_MAX
        && name.bytes().all(plain)
        && name.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}
