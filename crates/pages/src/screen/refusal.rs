//! A refusal as a page.

use maud::html;

use crate::format::foreign;
use crate::page::served;
use crate::view::Refusal;

/// The page of a refusal.
#[must_use]
pub fn refusal(refusal: &Refusal) -> String {
    let body = html! {
        main id="main" {
            header.masthead { div { p.vendor { (refusal.status) } h1 { (foreign(&refusal.title)) } } }
            section.sheet {
                p.lead role="alert" { (foreign(&refusal.detail)) }
                p {
                    @match &refusal.sign_in {
                        Some(address) => a href=(address) { "Sign in" },
                        None => a href="/" { "To the first page" },
                    }
                    " \u{b7} " a href=(refusal.about) { "What this kind of refusal means" }
                }
                p.quiet.small { "Request " code { (refusal.request) } }
            }
        }
    };
    served(&refusal.title, &body)
}
