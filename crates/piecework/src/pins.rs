//! Pins: what a buyer remembers of a log between two verifications, in a file of two lines.
//!
//! `vkey <key>` and `head <size> <root>`: whoever keeps these can tell a rewritten log from one that
//! only grew. Invariant: a pin is only renewed by a file that was valid under it.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use proof::verify::Head;
use tlog::VerifierKey;

/// What is remembered of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pins {
    /// The log's key.
    pub key: VerifierKey,
    /// The last head that was verified.
    pub head: Head,
}

impl Pins {
    /// Reads the file, or `None` where there is none yet.
    ///
    /// # Errors
    /// Where it is there and is no pins file.
    pub fn read(path: &Path) -> Result<Option<Pins>> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read {}", path.display()));
            }
        };
        match parse(&text) {
            Some(pins) => Ok(Some(pins)),
            None => bail!(
                "{} is not a file of pins (`vkey KEY`, then `head SIZE ROOT`); put back the one that \
                 you had, or compare the key with your contract and begin a new one",
                path.display()
            ),
        }
    }

    /// Writes the file, whole or not at all.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let fresh = path.with_extension("new");
        let text = format!(
            "vkey {}\nhead {} {}\n",
            self.key, self.head.size, self.head.root
        );
        std::fs::write(&fresh, text)
            .and_then(|()| std::fs::rename(&fresh, path))
            .with_context(|| format!("cannot write {}", path.display()))
    }
}

fn parse(text: &str) -> Option<Pins> {
    let (key, head) = text.strip_suffix('\n')?.split_once('\n')?;
    let (size, root) = head.strip_prefix("head ")?.split_once(' ')?;
    Some(Pins {
        key: key.strip_prefix("vkey ")?.parse().ok()?,
        head: Head {
            size: size.parse().ok()?,
            root: root.parse().ok()?,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str =
        "vendor.example/log/8f3a+a3dde112+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs";
    const ROOT: &str = "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=";

    #[test]
    fn what_is_written_is_read_and_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("acme.pins");
        assert_eq!(Pins::read(&path).unwrap(), None);
        let pins = Pins {
            key: KEY.parse().unwrap(),
            head: Head {
                size: 8,
                root: ROOT.parse().unwrap(),
            },
        };
        pins.write(&path).unwrap();
        assert_eq!(Pins::read(&path).unwrap(), Some(pins));
        let good = std::fs::read_to_string(&path).unwrap();
        assert_eq!(good, format!("vkey {KEY}\nhead 8 {ROOT}\n"));
        for broken in [
            "",
            "vkey x\nhead 1 y\n",
            &good[..good.len() - 1],
            &good.replace("head", "haed"),
            &format!("{good}more\n"),
        ] {
            std::fs::write(&path, broken).unwrap();
            assert!(Pins::read(&path).is_err(), "{broken:?}");
        }
    }
}
