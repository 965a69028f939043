//! The first page of a server.

use maud::{Markup, html};

use crate::format::foreign;
use crate::screen::at;
use crate::view::{Place, Reader, Start};

/// Who one is and what there is; or where to sign in.
pub(crate) fn start(start: &Start) -> Markup {
    html! {
        main id="main" {
            header.masthead {
                div {
                    p.vendor { (foreign(&start.vendor)) }
                    h1 { "Piecework" }
                }
            }
            @match &start.reader {
                Some(reader) => (known(reader)),
                None => (unknown(start)),
            }
            p { a href=(at::VERIFY) { "Check a proof file" } " in this browser, without sending it anywhere." }
        }
    }
}

fn known(reader: &Reader) -> Markup {
    html! {
        (self::reader(reader, &[]))
        form method="post" action="/sign-out" { button { "Sign out" } }
    }
}

/// Who one is, what one may do, and what there is to see beside what the page leads to anyway.
pub(crate) fn reader(reader: &Reader, beside: &[Place]) -> Markup {
    let is_new = |address: &str| beside.iter().all(|own| own.address != address);
    let places: Vec<_> = (reader.places.iter())
        .filter(|(_, address)| is_new(address))
        .collect();
    html! {
        section.sheet aria-labelledby="who" {
            h2 id="who" { "You are " (foreign(&reader.who)) }
            p.lead { "You may " (reader.may.join("; ")) "." }
            @if !places.is_empty() {
                ul {
                    @for (name, address) in places {
                        li { a href=(address) { (foreign(name)) } }
                    }
                }
            }
        }
    }
}

fn unknown(start: &Start) -> Markup {
    html! {
        section.sheet aria-labelledby="who" {
            h2 id="who" { "Sign in" }
            @if let Some(told) = &start.told { p.below role="alert" { (told) } }
            p.lead { "With an API key. A buyer opens the link that the seller sent." }
            form method="post" action="/sign-in" {
                @if let Some(next) = &start.next { input type="hidden" name="next" value=(next); }
                p {
                    label for="key" { "Key" } " "
                    input id="key" name="key" type="password" required autocomplete="off" spellcheck="false";
                    " " button { "Sign in" }
                }
            }
        }
    }
}
