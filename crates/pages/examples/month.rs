//! Writes the example month as HTML and SVG, for looking at: `cargo run -p piecework-pages --example month -- DIR`.

#[path = "../tests/fixture/mod.rs"]
mod fixture;

use std::path::PathBuf;

fn main() -> std::io::Result<()> {
    let to = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| ".".to_owned()));
    let month = fixture::month();
    std::fs::write(to.join("month.html"), piecework_pages::report_page(&month))?;
    std::fs::write(
        to.join("empty.html"),
        piecework_pages::report_page(&fixture::empty()),
    )?;
    std::fs::write(
        to.join("meters.svg"),
        piecework_pages::meters_svg(&month.meters[0]),
    )
}
