//! Opening a foreign file: plain or gzip, with progress in bytes of the file as it lies on disk.
//!
//! Whether a file is compressed is decided by its first two bytes, so a misnamed file reads all the
//! same. Nothing is read whole: a file of any size costs one buffer.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::read::MultiGzDecoder;

use crate::limits::READ_BYTES;

/// A file could not be opened or read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {path}", path = .path.display())]
pub struct InputError {
    /// The file.
    pub path: PathBuf,
    /// Why.
    #[source]
    pub source: io::Error,
}

/// How far reading has come, in bytes on disk. Clones share the count, so another thread may watch.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    read: AtomicU64,
    total: AtomicU64,
}

impl Progress {
    /// Bytes read so far.
    #[must_use]
    pub fn read_bytes(&self) -> u64 {
        self.0.read.load(Ordering::Relaxed)
    }

    /// Bytes to read in all, as far as files are known.
    #[must_use]
    pub fn total_bytes(&self) -> u64 {
        self.0.total.load(Ordering::Relaxed)
    }

    pub(crate) fn expect(&self, bytes: u64) {
        self.0.total.fetch_add(bytes, Ordering::Relaxed);
    }

    fn advance(&self, bytes: usize) {
        self.0.read.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

/// The readable contents of a file.
pub(crate) type Contents = Box<dyn BufRead + Send>;

/// Opens a file for reading, through gzip where its first bytes say so.
pub(crate) fn open(path: &Path, progress: &Progress) -> Result<Contents, InputError> {
    open_contents(path, progress).map_err(|source| InputError {
        path: path.to_owned(),
        source,
    })
}

/// The size of a file on disk.
pub(crate) fn size(path: &Path) -> Result<u64, InputError> {
    std::fs::metadata(path)
        .map(|data| data.len())
        .map_err(|source| InputError {
            path: path.to_owned(),
            source,
        })
}

fn open_contents(path: &Path, progress: &Progress) -> io::Result<Contents> {
    let counted = Counted {
        file: File::open(path)?,
        progress: progress.clone(),
    };
    let mut plain = BufReader::with_capacity(READ_BYTES, counted);
    // A regular file fills the buffer with at least two bytes if it has them.
    let compressed = plain.fill_buf()?.starts_with(&[0x1f, 0x8b]);
    Ok(if compressed {
        Box::new(BufReader::with_capacity(
            READ_BYTES,
            MultiGzDecoder::new(plain),
        ))
    } else {
        Box::new(plain)
    })
}

struct Counted {
    file: File,
    progress: Progress,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.progress.advance(count);
        Ok(count)
    }
}
