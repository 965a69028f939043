//! What routes over the book may answer beside what they are asked for, for the description of the API.

use std::collections::BTreeMap;

use utoipa::IntoResponses;
use utoipa::openapi::response::Response;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder};

use super::Code;

/// The refusals of a route that asks the book.
pub(crate) struct Refusals;

impl IntoResponses for Refusals {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        described(&[
            (Code::BadRequest, "The body or a parameter cannot be used"),
            (
                Code::NotFound,
                "There is no such thing, or the key may not know of it",
            ),
            (
                Code::Refused,
                "A rule of the book, or what is there, says no",
            ),
            (
                Code::Faulty,
                "A document has faults, or the `Idempotency-Key` was another request's",
            ),
        ])
    }
}

fn described(codes: &[(Code, &str)]) -> BTreeMap<String, RefOr<Response>> {
    let response = |(code, about): &(Code, &str)| {
        let content = ContentBuilder::new()
            .schema(Some(Ref::from_schema_name("Problem")))
            .build();
        let response = ResponseBuilder::new()
            .description(*about)
            .content("application/problem+json", content)
            .build();
        (code.status().as_str().to_owned(), response.into())
    };
    codes.iter().map(response).collect()
}
