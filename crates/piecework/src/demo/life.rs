//! The life of one piece of work: what the customer, the software and the desk do, and what it costs.

use jiff::Timestamp;
use work::body::{AnswerKind, AskKind, Body, CheckResult, CostLine};
use work::{Event, Header};

use super::draws::{Draws, logistic, whole};
use super::generate::{PRODUCT, at_utc};
use super::profile::Profile;

/// A work that tells a story of its own in every month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Script {
    /// As the draws say.
    None,
    /// Resolved in silence, and disputed by the buyer.
    Disputed,
    /// Verified by a check that turns out to have been wrong.
    WronglyVerified,
}

impl Script {
    /// How the id of the wrong verification ends.
    pub(super) const WRONG_VERIFICATION: &'static str = "/wrong-check";
}

/// How a round of answers ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The request was met.
    Resolved,
    /// It was not, and nobody said so.
    SilentlyFailed,
    /// It was not, and a person took over.
    HandedOver,
}

/// One work while it is lived.
pub(super) struct Life<'p> {
    pub(super) profile: &'p Profile,
    pub(super) work: String,
    pub(super) now: Timestamp,
    pub(super) script: Script,
    pub(super) draws: Draws,
    /// Standard normal: high is hard.
    pub(super) difficulty: f64,
    pub(super) is_email: bool,
    pub(super) is_test: bool,
    pub(super) second_version: bool,
    pub(super) answers: i64,
    pub(super) next_id: u32,
    pub(super) out: Vec<Event>,
}

impl<'p> Life<'p> {
    /// A work that opens at an instant, on a local day of the month.
    pub(super) fn new(
        profile: &'p Profile,
        number: i64,
        day: i64,
        opened: Timestamp,
        script: Script,
        mut draws: Draws,
    ) -> Life<'p> {
        let difficulty = draws.normal();
        // The second version is rolled out to everybody over four days.
        let rollout =
            f64::from(i32::try_from(day - profile.second_version_from + 1).unwrap_or(0)) / 4.0;
        Life {
            profile,
            work: format!("{}-{number:05}", profile.code),
            now: opened,
            script,
            difficulty: if script == Script::None {
                difficulty
            } else {
                0.0
            },
            is_email: draws.chance(profile.email),
            is_test: script == Script::None && draws.chance(0.015),
            second_version: draws.chance(rollout),
            answers: 0,
            next_id: 1,
            draws,
            out: Vec::with_capacity(16),
        }
    }

    /// Lives it to the end and writes what happened.
    pub(super) fn live(mut self, out: &mut Vec<Event>) {
        self.open();
        match self.draws.weighted(&[0.968, 0.012, 0.02]) {
            1 if self.script == Script::None => self.spam(),
            2 if self.script == Script::None => self.greeting(),
            _ => self.conversation(),
        }
        let infra = self.draws.lognormal(
            220.0 * (1.0 + f64::from(i32::try_from(self.answers).unwrap_or(0))),
            0.3,
        );
        self.cost(
            CostLine::Infra,
            whole(infra).max(1),
            "search, hosting, telephony",
        );
        out.append(&mut self.out);
    }

    fn open(&mut self) {
        let profile = self.profile;
        let mut opened = self.fact(PRODUCT, Body::Opened);
        opened.headers.set(Header::Case, self.work.clone());
        opened.headers.set(
            Header::Channel,
            if self.is_email { "email" } else { "chat" },
        );
        let language = self.pick(profile.languages);
        opened.headers.set(Header::Language, language);
        let category = self.pick(profile.categories);
        opened.headers.set(Header::Category, category);
        if self.is_test {
            opened.headers.set(Header::Environment, "test");
        }
        self.out.push(opened);
    }

    fn pick(&mut self, list: &[(&'static str, f64)]) -> &'static str {
        let weights: Vec<f64> = list.iter().map(|(_, weight)| *weight).collect();
        list.get(self.draws.weighted(&weights))
            .map_or("other", |(name, _)| name)
    }

    fn spam(&mut self) {
        self.wait(1, 5);
        self.say(Body::Asked {
            kind: AskKind::Spam,
        });
        self.wait(2, 30);
        self.say(Body::Closed {
            reason: Some("spam".to_owned()),
        });
    }

    /// The customer says hello and leaves.
    fn greeting(&mut self) {
        self.wait(1, 5);
        self.say(Body::Asked {
            kind: AskKind::Question,
        });
        self.answer(AnswerKind::Greeting, None);
        self.usage();
    }

    fn conversation(&mut self) {
        if self.draws.chance(self.profile.tagged) {
            self.tag_language();
        }
        let end = self.round();
        self.usage();
        self.transcript();
        if self.draws.chance(self.profile.reviewed) {
            self.review(end);
        }
        match end {
            End::Resolved => self.resolved(),
            End::SilentlyFailed => self.comes_back(0.6),
            End::HandedOver => self.hand_over(),
        }
    }

    /// Questions and answers until the software is done.
    fn round(&mut self) -> End {
        self.wait(1, 20);
        self.say(Body::Asked {
            kind: AskKind::Question,
        });
        if self.draws.chance(logistic(-1.5 + 0.5 * self.difficulty)) {
            self.answer(AnswerKind::Clarify, None);
            self.customer_thinks();
            self.say(Body::Asked {
                kind: AskKind::Question,
            });
        }
        let mut turns = 1;
        loop {
            let confidence = self.confidence();
            self.answer(AnswerKind::Answer, confidence);
            if turns == 6 || !self.draws.chance(logistic(-0.9 + 0.6 * self.difficulty)) {
                break;
            }
            turns += 1;
            self.customer_thinks();
            self.say(Body::Asked {
                kind: AskKind::Question,
            });
        }
        let version = if self.second_version { -0.12 } else { 0.0 };
        let odds = self.profile.success - 0.9 * self.difficulty + version;
        if self.script != Script::None || self.draws.chance(logistic(odds)) {
            End::Resolved
        } else if self.draws.chance(0.18) {
            End::SilentlyFailed
        } else {
            End::HandedOver
        }
    }

    /// The request was met; who says so?
    fn resolved(&mut self) {
        if self.script == Script::WronglyVerified {
            return self.verify(CheckResult::Passed);
        }
        if self.script == Script::Disputed {
            return self.dispute();
        }
        if self.is_checked() {
            self.verify(CheckResult::Passed);
        }
        if self.draws.chance(self.profile.confirms) {
            self.wait(1, 40);
            self.say(Body::Asked {
                kind: AskKind::Affirmation,
            });
            self.buyer(Body::Confirmed);
        } else if self.draws.chance(0.25) {
            self.wait(1, 600);
            self.say(Body::Asked {
                kind: AskKind::Thanks,
            });
        }
        self.rate(&[0.02, 0.03, 0.10, 0.35, 0.50]);
        self.comes_back(0.045);
    }

    /// A person of the buyer's staff takes over.
    fn hand_over(&mut self) {
        if self.is_checked() && self.draws.chance(0.3) {
            self.verify(CheckResult::Failed);
        }
        self.wait(1, 15);
        if self.draws.chance(0.15) {
            self.buyer(Body::Rejected {
                reason: Some("this did not help".to_owned()),
            });
        } else if self.draws.chance(0.3) {
            self.say(Body::Asked {
                kind: AskKind::Question,
            });
        }
        self.say(Body::Escalated { configured: false });
        self.wait(10, 600);
        let minutes = self.minutes(9.0);
        self.buyer(Body::HumanReplied {
            visible: true,
            minutes: Some(minutes),
        });
        self.rate(&[0.14, 0.12, 0.20, 0.30, 0.24]);
    }

    /// With this probability the customer reopens: most within two weeks, some later.
    fn comes_back(&mut self, probability: f64) {
        if !self.draws.chance(probability) {
            return;
        }
        let hours = self.draws.lognormal(84.0, 1.0).clamp(3.0, 38.0 * 24.0);
        self.now = self.later(whole(hours * 3_600.0));
        self.buyer(Body::Reopened);
        match self.round() {
            End::Resolved => {
                self.usage();
                if self.draws.chance(self.profile.confirms) {
                    self.wait(1, 40);
                    self.buyer(Body::Confirmed);
                }
            }
            End::SilentlyFailed => self.usage(),
            End::HandedOver => {
                self.usage();
                self.hand_over();
            }
        }
    }

    /// The buyer contests a work that counted in silence.
    fn dispute(&mut self) {
        self.now = at_utc(27, 15);
        let reason = "the same outage was answered twice".to_owned();
        self.buyer(Body::Disputed {
            reason: Some(reason),
        });
    }
}
