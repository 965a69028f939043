//! What a buyer is about to say of a work: the very event, to be signed by the buyer or relayed without a signature.

use maud::{Markup, html};

use super::at;
use super::signed::upload;
use crate::format::{clean, foreign, id};
use crate::screen::frame::framed;
use crate::view::{Frame, Saying};

/// The event, and the two ways to send it.
#[must_use]
pub fn saying(frame: &Frame, shown: &Saying) -> String {
    framed(
        frame,
        &html! {
            section.sheet aria-labelledby="own" {
                h2 id="own" { "Under your own signature" }
                p.lead {
                    "Nobody can say then that you did not say it, nor that you said something else. It takes a key whose "
                    "public half the log has: " code { "piecework key publish" } "."
                }
                ol {
                    li {
                        "Keep this line as " code { "event.jsonl" } ":"
                        pre tabindex="0" role="group" aria-label="The event to sign" { code { (copied(&shown.to_sign)) } }
                    }
                    li { "Sign it on your own machine:" pre tabindex="0" role="group" aria-label="The command" { code {
                        "piecework sign event.jsonl --origin " (clean(&shown.origin)) " --key buyer.key > signed.jsonl"
                    } } }
                    li { "Bring the result here:" (upload(&shown.customer)) }
                }
            }
            section.sheet aria-labelledby="relayed" {
                h2 id="relayed" { "Without a signature" }
                @match &shown.relayed {
                    Some(event) => (relayed(shown, event)),
                    None => p.notice {
                        "Not by a link: this may raise the bill, and a link may have been sent on. Sign it, or sign in with a key of the buyer."
                    },
                }
            }
        },
    )
}

fn relayed(shown: &Saying, event: &str) -> Markup {
    html! {
        p.notice {
            "The seller\u{2019}s server writes it down for you: the entry says that the buyer said so, by "
            (id(&shown.source)) ", and has no signature. Statements and proof files count it as "
            strong { "relayed by the seller, not signed" } "."
        }
        dl.headline {
            div { dt { "Work" } dd { (foreign(&shown.work)) } }
            div { dt { "Says" } dd { (foreign(&shown.says)) } }
        }
        details { summary { "The entry as it will stand" } pre tabindex="0" role="group" aria-label="The entry" { code { (copied(event)) } } }
        form.act method="post" action=(at::work(at::SAYING, &shown.customer, &shown.work)) {
            input type="hidden" name="event" value=(copied(event));
            p.does { button { "Send it, relayed by the seller" } }
        }
    }
}

/// JSON that is copied as it stands: nothing is cut off, and what would turn the page around is escaped by JSON's own
/// means.
pub(super) fn copied(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => format!("\\u{:04x}", u32::from(c)),
            c => c.to_string(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::copied;

    #[test]
    fn a_line_to_copy_is_whole_and_turns_nothing_around() {
        let long = "x".repeat(5_000);
        assert_eq!(copied(&long), long);
        assert_eq!(copied("a\u{202e}b"), "a\\u202eb");
    }
}
