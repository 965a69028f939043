//! The frame: the masthead, the places, the trail, what became of the last act.

use maud::{Markup, html};

use super::at;
use crate::format::{foreign, prose};
use crate::page::served;
use crate::view::{Frame, Told};

/// A whole page: the frame around the screen's own content.
pub(super) fn framed(frame: &Frame, content: &Markup) -> String {
    let body = html! {
        header.masthead.framed {
            div {
                p.vendor { (foreign(&frame.vendor)) }
                p.product { a href="/" { "Piecework" } }
            }
            @if !frame.places.is_empty() {
                form.find method="get" action=(at::FIND) role="search" {
                    label for="find" { "Customer or work, by id" }
                    input id="find" name="id" autocomplete="off" spellcheck="false" dir="auto";
                    " " button { "Find" }
                }
            }
            form.who method="post" action="/sign-out" {
                span { (foreign(&frame.reader)) } " "
                button { "Sign out" }
            }
        }
        nav.places aria-label="Screens" {
            @for place in &frame.places {
                a href=(place.address) aria-current=[place.is_here.then_some("page")] { (place.name) }
            }
        }
        main.screen id="main" {
            @if !frame.trail.is_empty() {
                nav.trail aria-label="Where you are" {
                    ol {
                        @for step in &frame.trail {
                            li { a href=(step.address) { (foreign(&step.name)) } }
                        }
                    }
                }
            }
            h1 { (foreign(&frame.title)) }
            @match &frame.told {
                Some(Told::Done(told)) => p.notice role="status" { (prose(told)) },
                Some(Told::Refused(told)) => p.notice.alarm role="alert" { (prose(told)) },
                None => {}
            }
            (content)
        }
    };
    served(&format!("{} \u{b7} {}", frame.title, frame.vendor), &body)
}
