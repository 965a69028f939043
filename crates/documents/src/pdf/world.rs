//! [`Desk`]: all that typst can reach: the template, the data, the logo, the fonts.

use std::sync::LazyLock;

use pages::view::{Logo, LogoKind};
use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt as _, World};

use super::PdfError;

const TEMPLATE: &str = include_str!("../sheet.typ");
/// The families of the built-in fonts that documents are set in.
const FAMILIES: [&str; 2] = ["Libertinus Serif", "DejaVu Sans Mono"];

static LIBRARY: LazyLock<LazyHash<Library>> = LazyLock::new(|| LazyHash::new(Library::default()));

static FONTS: LazyLock<Vec<Font>> = LazyLock::new(|| {
    let files = typst_assets::fonts();
    let fonts = files.flat_map(|file| Font::iter(Bytes::new(file)));
    fonts
        .filter(|font| FAMILIES.contains(&font.info().family.as_str()))
        .collect()
});

/// All that typst can reach.
pub(super) struct Desk {
    main: Source,
    files: Vec<(FileId, Bytes)>,
    fonts: Vec<Font>,
    book: LazyHash<FontBook>,
}

impl Desk {
    /// With the data of one document.
    pub(super) fn new(
        data: Vec<u8>,
        logo: Option<&Logo>,
        fonts: &[Vec<u8>],
    ) -> Result<Desk, PdfError> {
        let mut files = vec![(id("/sheet.json")?, Bytes::new(data))];
        if let Some(logo) = logo {
            let name = match logo.kind {
                LogoKind::Png => "/logo.png",
                LogoKind::Svg => "/logo.svg",
            };
            files.push((id(name)?, Bytes::new(logo.bytes.clone())));
        }
        let mut known = FONTS.clone();
        for (index, file) in fonts.iter().enumerate() {
            let before = known.len();
            known.extend(Font::iter(Bytes::new(file.clone())));
            if known.len() == before {
                return Err(PdfError::NoFont { index: index + 1 });
            }
        }
        Ok(Desk {
            main: Source::new(id("/sheet.typ")?, TEMPLATE.to_owned()),
            files,
            book: LazyHash::new(FontBook::from_fonts(&known)),
            fonts: known,
        })
    }

    /// Whether a font has a character.
    pub(super) fn has_glyph(&self, c: char) -> bool {
        self.fonts
            .iter()
            .any(|font| font.info().coverage.contains(c as u32))
    }
}

/// The name of a file that is not on any disk.
fn id(path: &str) -> Result<FileId, PdfError> {
    let path = VirtualPath::new(path);
    let path = path.map_err(|error| PdfError::Typesetting(format!("{error:?}")))?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

impl World for Desk {
    fn library(&self) -> &LazyHash<Library> {
        &LIBRARY
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main.id() {
            Ok(self.main.clone())
        } else {
            Err(FileError::AccessDenied)
        }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let mut files = self.files.iter();
        let found = files.find(|(own, _)| *own == id);
        found
            .map(|(_, bytes)| bytes.clone())
            .ok_or(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}
