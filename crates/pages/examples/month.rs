//! Writes the example month as HTML and SVG, for looking at: `cargo run -p piecework-pages --example month -- DIR`.

#[path = "../tests/fixture/mod.rs"]
mod fixture;

use std::path::PathBuf;

use fixture::corners::{bridge, hostile, many_rows, meters_in};
use money::Currency;
use piecework_pages::view::Report;

fn main() -> std::io::Result<()> {
    let to = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| ".".to_owned()));
    let month = fixture::month();
    std::fs::write(to.join("month.html"), piecework_pages::report_page(&month))?;
    std::fs::write(
        to.join("empty.html"),
        piecework_pages::report_page(&fixture::empty()),
    )?;
    std::fs::write(
        to.join("corners.html"),
        piecework_pages::report_page(&corners()),
    )?;
    std::fs::write(
        to.join("meters.svg"),
        piecework_pages::meters_svg(&month.meters[0]),
    )
}

/// Hostile texts, losses, nothing, currencies without and with three digits.
fn corners() -> Report {
    let mut report = hostile();
    let dinar = "KWD".parse().unwrap_or(Currency::USD);
    report.meters.push(meters_in(Currency::JPY, ["0"; 4], "0"));
    report.meters.push(meters_in(
        dinar,
        ["1200000.000", "0.000", "351225.125", "-42000.500"],
        "2999999.5",
    ));
    report
        .margins
        .push(bridge(Currency::JPY, "1200", ["900", "300", "450", "0"], 8));
    report.margins.push(bridge(Currency::JPY, "0", ["0"; 4], 0));
    report
        .margins
        .push(bridge(dinar, "-5.125", ["1.001", "0", "0", "0"], 0));
    report.margins.push(many_rows(60));
    report
}
