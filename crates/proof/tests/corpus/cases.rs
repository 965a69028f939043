//! The table: every file of the corpus with its verdict.

use super::Case;
use super::story::{AGAIN, FEBRUARY, JANUARY, World, world};
use super::{carried, covered, nonces, outsider, quoted, raw_zip, seller};

/// All of them. Names are unique.
pub fn all() -> Vec<Case> {
    let world = world();
    let mut cases = good(&world);
    cases.extend(seller::cases(&world));
    cases.extend(outsider::cases(&world));
    cases.extend(raw_zip::cases(&world));
    cases.extend(carried::cases(&world));
    cases.extend(nonces::cases());
    cases.extend(quoted::cases());
    cases.extend(covered::cases());
    let mut names: Vec<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    names.sort_unstable();
    for pair in names.windows(2) {
        assert_ne!(pair[0], pair[1], "two cases of one name");
    }
    cases
}

/// What the product makes.
fn good(world: &World) -> Vec<Case> {
    let case = |name: &str, code, file| Case::new(name, code, file);
    vec![
        case("good-january", "valid", world.book.file(JANUARY)),
        case("good-february-voided", "void", world.book.file(FEBRUARY)),
        case("good-february-again", "valid", world.book.file(AGAIN)),
        case("good-small", "valid", world.small.file(JANUARY)),
        case("good-long", "valid", world.long.file(JANUARY)),
    ]
}
