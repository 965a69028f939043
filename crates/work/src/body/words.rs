//! The closed word lists of event bodies.

macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$vmeta])* $variant),+ }

        impl $name {
            /// The words of the wire format.
            pub const WORDS: &'static [(&'static str, $name)] = &[$(($word, $name::$variant)),+];

            /// The word of the wire format.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }
        }
    };
}
pub(crate) use words;

words! {
    /// What the customer wrote.
    AskKind {
        /// A question or request: it needs an answer.
        Question = "question",
        /// Thanks: needs none.
        Thanks = "thanks",
        /// Says that it is solved.
        Affirmation = "affirmation",
        /// Spam.
        Spam = "spam",
    }
}

words! {
    /// What the software answered.
    AnswerKind {
        /// An answer to the request.
        Answer = "answer",
        /// A question back.
        Clarify = "clarify",
        /// A greeting without substance.
        Greeting = "greeting",
        /// Sent the request on, with context.
        Route = "route",
    }
}

words! {
    /// What a check found.
    CheckResult {
        /// The result is right.
        Passed = "passed",
        /// The result is wrong.
        Failed = "failed",
    }
}

words! {
    /// What a reviewer did with the result.
    ReviewResult {
        /// Took it as it was.
        Accepted = "accepted",
        /// Took it after edits.
        Edited = "edited",
        /// Refused it.
        Rejected = "rejected",
    }
}

words! {
    /// The outcome of a dispute.
    Verdict {
        /// The charge stands.
        Stands = "stands",
        /// The buyer is credited.
        Credited = "credited",
    }
}

words! {
    /// What a correction does with its target.
    Action {
        /// The target never happened.
        Void = "void",
        /// The target is replaced by the content given.
        Replace = "replace",
        /// Of several contents under one identity, the target's digest names the right one.
        Choose = "choose",
    }
}
