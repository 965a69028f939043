//! The writer: members in, reproducible bytes out.

use std::collections::BTreeMap;
use std::io::{self, Write};

use flate2::{Compress, Compression, Crc, FlushCompress, Status};

use super::layout::{Method, Sizes, end};
use crate::limits::{FILE_BYTES_MAX, MEMBERS_MAX, NAME_BYTES_MAX};

/// A zip in the making. It keeps the members packed until the last is known, because they stand in
/// the order of their names.
#[derive(Debug, Default)]
pub struct Writer {
    members: BTreeMap<String, (Sizes, Vec<u8>)>,
    plain_bytes: u64,
}

/// Why a zip cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A name that the profile does not have, or has already.
    #[error("`{0}` cannot be a member: its name is taken or not one that the profile allows")]
    Name(String),
    /// Too much.
    #[error(
        "a proof file has at most {MEMBERS_MAX} members and {FILE_BYTES_MAX} bytes; this is more"
    )]
    TooLarge,
    /// The destination.
    #[error("cannot write the proof file")]
    Io(#[from] io::Error),
}

impl Writer {
    /// An empty zip.
    #[must_use]
    pub fn new() -> Writer {
        Writer::default()
    }

    /// Adds a member. It is deflated where that is shorter and `packs` says that it is worth trying.
    ///
    /// # Errors
    /// [`WriteError::Name`], [`WriteError::TooLarge`].
    pub fn add(&mut self, name: &str, plain: &[u8], packs: bool) -> Result<(), WriteError> {
        if !super::read::is_name(name)
            || name.len() > NAME_BYTES_MAX
            || self.members.contains_key(name)
        {
            return Err(WriteError::Name(name.to_owned()));
        }
        self.plain_bytes += plain.len() as u64;
        if self.members.len() == MEMBERS_MAX || self.plain_bytes > FILE_BYTES_MAX {
            return Err(WriteError::TooLarge);
        }
        let mut crc = Crc::new();
        crc.update(plain);
        let packed = packs.then(|| deflate(plain)).flatten();
        let (method, data) = match packed {
            Some(packed) => (Method::Deflated, packed),
            None => (Method::Stored, plain.to_vec()),
        };
        let sizes = Sizes {
            method,
            crc: crc.sum(),
            packed: u32::try_from(data.len()).map_err(|_| WriteError::TooLarge)?,
            plain: u32::try_from(plain.len()).map_err(|_| WriteError::TooLarge)?,
        };
        self.members.insert(name.to_owned(), (sizes, data));
        Ok(())
    }

    /// The bytes of a member that was added; `None` where there is none of that name.
    #[must_use]
    pub fn plain(&self, name: &str) -> Option<Vec<u8>> {
        let (name, (sizes, data)) = self.members.get_key_value(name)?;
        super::read::unpack(name, *sizes, data).ok()
    }

    /// Writes the zip.
    ///
    /// # Errors
    /// [`WriteError::TooLarge`], [`WriteError::Io`].
    pub fn finish(self, out: &mut dyn Write) -> Result<(), WriteError> {
        let mut directory = Vec::new();
        let mut at: u64 = 0;
        let members = u16::try_from(self.members.len()).map_err(|_| WriteError::TooLarge)?;
        for (name, (sizes, data)) in self.members {
            let offset = place(at)?;
            let name_bytes = u16::try_from(name.len()).map_err(|_| WriteError::TooLarge)?;
            let header = sizes.local(&name, name_bytes);
            out.write_all(&header)?;
            out.write_all(&data)?;
            at += (header.len() + data.len()) as u64;
            directory.extend(sizes.central(&name, name_bytes, offset));
        }
        let directory_at = place(at)?;
        let directory_bytes = place(directory.len() as u64)?;
        let end = end(members, directory_bytes, directory_at);
        place(at + (directory.len() + end.len()) as u64)?;
        out.write_all(&directory)?;
        out.write_all(&end)?;
        Ok(())
    }
}

/// A place or size below the bound of the whole file.
fn place(at: u64) -> Result<u32, WriteError> {
    let place = u32::try_from(at).map_err(|_| WriteError::TooLarge)?;
    if u64::from(place) > FILE_BYTES_MAX {
        return Err(WriteError::TooLarge);
    }
    Ok(place)
}

/// The deflated bytes, or `None` where they are not fewer.
fn deflate(plain: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(plain.len());
    let mut deflater = Compress::new(Compression::default(), false);
    let status = deflater.compress_vec(plain, &mut out, FlushCompress::Finish);
    // What does not fit into as many bytes as there were is stored.
    let is_whole = matches!(status, Ok(Status::StreamEnd));
    (is_whole && out.len() < plain.len()).then(|| {
        out.shrink_to_fit();
        out
    })
}
