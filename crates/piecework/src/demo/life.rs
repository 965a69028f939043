//! The life of one piece of work: what the customer, the software and the desk do, and what it costs.

use jiff::{SignedDuration, Timestamp};
use money::{Decimal, Quantity};
use work::body::{
    AnswerKind, AskKind, Body, CheckResult, Cost, CostLine, ReviewResult, TokenClass, Tokens,
};
use work::event::Authorship;
use work::{Digest, Event, Header};

use super::draws::{Draws, exp, logistic, whole};
use super::generate::{PRODUCT, at_utc, desk, dollars, event, of_work};
use super::profile::Profile;

/// What the vendor pays a reviewer, in ten-thousandths of a dollar a minute (33 dollars an hour).
const REVIEW_PER_MINUTE: i64 = 5_500;

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
enum End {
    /// The request was met.
    Resolved,
    /// It was not, and nobody said so.
    SilentlyFailed,
    /// It was not, and a person took over.
    HandedOver,
}

/// One work while it is lived.
pub(super) struct Life<'p> {
    profile: &'p Profile,
    work: String,
    day: i64,
    now: Timestamp,
    script: Script,
    draws: Draws,
    /// Standard normal: high is hard.
    difficulty: f64,
    is_email: bool,
    is_test: bool,
    second_version: bool,
    answers: i64,
    next_id: u32,
    out: Vec<Event>,
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
            day,
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

    // --- the shape of a conversation -----------------------------------------------------------

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

    // --- facts -----------------------------------------------------------------------------------

    fn fact(&mut self, source: &str, body: Body) -> Event {
        let id = format!("{}/{}", self.work, self.next_id);
        self.next_id += 1;
        of_work(
            event(source, id, self.profile.id, self.now, body),
            &self.work,
        )
    }

    /// What the vendor's product sees.
    fn say(&mut self, body: Body) {
        let fact = self.fact(PRODUCT, body);
        self.out.push(fact);
    }

    /// What the buyer's people do in the buyer's desk.
    fn buyer(&mut self, body: Body) {
        let fact = self.fact(&desk(self.profile.id), body);
        self.out.push(Event {
            authorship: Authorship::Buyer,
            ..fact
        });
    }

    fn is_checked(&mut self) -> bool {
        match self.profile.check {
            Some((_, share)) => self.draws.chance(share),
            None => false,
        }
    }

    /// The third party's check looks at the state of the booking or the line.
    fn verify(&mut self, result: CheckResult) {
        let Some((check, _)) = self.profile.check else {
            return;
        };
        self.wait(10, 120);
        let body = Body::Verified {
            result,
            check: check.to_owned(),
        };
        let mut fact = self.fact(&format!("{check}.{}.example", self.profile.id), body);
        if self.script == Script::WronglyVerified {
            fact.id.push_str(Script::WRONG_VERIFICATION);
        }
        self.out.push(Event {
            authorship: Authorship::ThirdParty,
            ..fact
        });
    }

    fn rate(&mut self, scores: &[f64; 5]) {
        if self.draws.chance(0.15) {
            self.wait(5, 900);
            let score = i64::try_from(self.draws.weighted(scores)).unwrap_or(0) + 1;
            self.buyer(Body::Rated {
                score: Decimal::from_int(score),
            });
        }
    }

    fn transcript(&mut self) {
        if self.draws.chance(0.97) {
            let digest = Digest::of(format!("transcript of {}", self.work).as_bytes());
            self.say(Body::Evidence {
                name: "transcript".to_owned(),
                digest,
                media_type: Some("text/plain".to_owned()),
            });
        }
    }

    /// Visible answers are the usage unit; those since the last report are reported together.
    fn usage(&mut self) {
        let body = Body::Usage {
            meter: "messages".to_owned(),
            quantity: Quantity::from_int(std::mem::take(&mut self.answers)),
            amount: None,
        };
        let mut fact = self.fact(PRODUCT, body);
        if self.is_test {
            fact.headers.set(Header::Environment, "test");
        }
        self.out.push(fact);
    }

    /// Answers, and records what the answer cost.
    fn answer(&mut self, kind: AnswerKind, confidence: Option<Decimal>) {
        let seconds = if self.is_email {
            self.draws.between(60, 900)
        } else {
            self.draws.between(4, 45)
        };
        self.now = self.later(seconds);
        self.answers += 1;
        self.say(Body::Answered {
            kind,
            confidence,
            review: None,
        });
        let tokens = self.tokens(kind);
        let (model, version) = if self.second_version {
            ("claude-haiku-4-5", "3.2")
        } else {
            ("claude-sonnet-4-5", "3.1")
        };
        self.model_cost("anthropic", model, tokens, version);
    }

    fn model_cost(&mut self, provider: &str, model: &str, tokens: Tokens, version: &str) {
        self.say(Body::Cost(Cost {
            line: CostLine::Model,
            amount: None,
            provider: Some(provider.to_owned()),
            model: Some(model.to_owned()),
            tokens,
            agent: Some("resolver".to_owned()),
            agent_version: Some(version.to_owned()),
            note: None,
        }));
    }

    /// A self-hosted model that no price list knows: unpriced, not free.
    fn tag_language(&mut self) {
        let count = whole(self.draws.lognormal(900.0, 0.5));
        let tokens = Tokens::from([(TokenClass::Input, Quantity::from_int(count))]);
        self.model_cost("brightdesk", "lang-tagger-7b", tokens, "1.0");
    }

    fn tokens(&mut self, kind: AnswerKind) -> Tokens {
        let substance = if kind == AnswerKind::Greeting {
            0.1
        } else {
            1.0
        };
        let scale = substance * self.profile.length * exp(0.35 * self.difficulty);
        let turn = f64::from(i32::try_from(self.answers.min(8)).unwrap_or(0));
        let prompt = self
            .draws
            .lognormal(21_000.0 * scale * (0.75 + 0.25 * turn), 0.55);
        // The first turn finds instructions and tools in the cache, later ones the conversation too.
        let cached = if turn < 1.5 { 0.45 } else { 0.7 };
        let output = self
            .draws
            .lognormal(420.0 * substance * exp(0.2 * self.difficulty), 0.8);
        let count = |x: f64| Quantity::from_int(whole(x).max(1));
        let mut tokens = Tokens::from([
            (TokenClass::Input, count(prompt * (1.0 - cached))),
            (TokenClass::CacheRead, count(prompt * cached)),
            (TokenClass::Output, count(output)),
        ]);
        if self.second_version {
            tokens.insert(TokenClass::Reasoning, count(output * 0.6));
        }
        tokens
    }

    /// The software's own confidence, lower where the work is hard; sometimes it does not say.
    fn confidence(&mut self) -> Option<Decimal> {
        let score = logistic(2.2 - 0.8 * self.difficulty + 0.5 * self.draws.normal());
        let missing = !self.second_version && self.is_email && self.draws.chance(0.25);
        if missing && self.script == Script::None {
            return None;
        }
        Decimal::new(i128::from(whole(score * 100.0).clamp(5, 99)), 2).ok()
    }

    /// One of the vendor's people looks at the answers.
    fn review(&mut self, end: End) {
        self.wait(30, 1_200);
        let weights = if end == End::Resolved {
            [0.88, 0.10, 0.02]
        } else {
            [0.45, 0.30, 0.25]
        };
        let result = match self.draws.weighted(&weights) {
            0 => ReviewResult::Accepted,
            1 => ReviewResult::Edited,
            _ => ReviewResult::Rejected,
        };
        let edit_share = (result == ReviewResult::Edited)
            .then(|| Decimal::new(i128::from(self.draws.between(5, 60)), 2).ok())
            .flatten();
        let minutes = self.minutes(3.5);
        self.say(Body::Reviewed {
            result,
            edit_share,
            minutes: Some(minutes),
        });
        self.reviewer_cost(minutes, "review of a sample");
        if result == ReviewResult::Rejected && end == End::Resolved {
            let minutes = self.minutes(6.0);
            self.say(Body::Overridden {
                minutes: Some(minutes),
            });
            self.reviewer_cost(minutes, "answer written anew");
        }
    }

    fn reviewer_cost(&mut self, minutes: Decimal, note: &str) {
        let Ok(amount) = Decimal::from_int(REVIEW_PER_MINUTE).times(minutes) else {
            return;
        };
        let ten_thousandths =
            i64::try_from(amount.rounded(0, money::Rounding::HalfEven).mantissa());
        self.cost(CostLine::HumanReview, ten_thousandths.unwrap_or(0), note);
    }

    fn cost(&mut self, line: CostLine, ten_thousandths: i64, note: &str) {
        self.say(Body::Cost(Cost {
            line,
            amount: Some(dollars(ten_thousandths)),
            provider: None,
            model: None,
            tokens: Tokens::new(),
            agent: None,
            agent_version: None,
            note: Some(note.to_owned()),
        }));
    }

    // --- time ------------------------------------------------------------------------------------

    /// Minutes of a person's time, to a tenth.
    fn minutes(&mut self, median: f64) -> Decimal {
        let tenths = whole(self.draws.lognormal(median, 0.6) * 10.0).clamp(5, 900);
        Decimal::new(i128::from(tenths), 1).unwrap_or_default()
    }

    fn later(&self, seconds: i64) -> Timestamp {
        self.now
            .saturating_add(SignedDuration::from_secs(seconds))
            .unwrap_or(self.now)
    }

    /// Lets some minutes pass, with seconds.
    fn wait(&mut self, least_minutes: i64, most_minutes: i64) {
        let seconds = self.draws.between(60 * least_minutes, 60 * most_minutes);
        self.now = self.later(seconds);
    }

    fn customer_thinks(&mut self) {
        if self.is_email {
            self.wait(20, 900)
        } else {
            self.wait(1, 8)
        }
    }
}
