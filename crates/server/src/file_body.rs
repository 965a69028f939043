//! [`FileBody`]: a file as the body of an answer, read piece by piece as it is sent.
//!
//! So that a slow reader holds a piece of it in memory and not the whole. Each piece is read where the connection
//! is polled: the file was read through just before, so it comes from the system's memory.

use std::fs::File;
use std::io::{self, Read as _};
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};

use crate::limits::FILE_PIECE_BYTES;

/// A file that is sent.
#[derive(Debug)]
pub(crate) struct FileBody {
    file: File,
    left: u64,
}

impl FileBody {
    /// So many bytes of a file, from where it stands.
    pub(crate) fn new(file: File, bytes: u64) -> FileBody {
        FileBody { file, left: bytes }
    }
}

impl HttpBody for FileBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let next = FILE_PIECE_BYTES.min(usize::try_from(self.left).unwrap_or(FILE_PIECE_BYTES));
        let mut piece = vec![0; next];
        let read = self.file.read_exact(&mut piece);
        self.left -= next as u64;
        Poll::Ready(Some(read.map(|()| Frame::data(Bytes::from(piece)))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Seek as _, Write as _};

    use axum::body::Body;
    use http_body_util::BodyExt as _;

    use super::*;

    #[tokio::test]
    async fn a_file_arrives_whole_and_piece_by_piece() {
        for bytes in [0, 1, FILE_PIECE_BYTES, 3 * FILE_PIECE_BYTES + 7] {
            let content: Vec<u8> = (0..bytes)
                .map(|at| u8::try_from(at % 251).unwrap())
                .collect();
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(&content).unwrap();
            file.rewind().unwrap();
            let mut body = Body::new(FileBody::new(file, bytes as u64));
            let mut arrived = Vec::new();
            while let Some(frame) = body.frame().await {
                let piece = frame.unwrap().into_data().unwrap();
                assert!(piece.len() <= FILE_PIECE_BYTES);
                arrived.extend_from_slice(&piece);
            }
            assert!(arrived == content);
        }
    }
}
