//! What the events of a work say: facts by who sends them, costs, and the passing of time.

use jiff::{SignedDuration, Timestamp};
use money::{Decimal, Quantity};
use proof::commitment::commit;
use work::body::{AnswerKind, Body, CheckResult, Cost, CostLine, ReviewResult, TokenClass, Tokens};
use work::event::Authorship;
use work::{Digest, Event, Header};

use super::draws::{exp, logistic, whole};
use super::generate::{PRODUCT, desk, dollars, event, of_work};
use super::life::{End, Life, Script};

/// What the vendor pays a reviewer, in ten-thousandths of a dollar a minute (33 dollars an hour).
const REVIEW_PER_MINUTE: i64 = 5_500;

impl Life<'_> {
    pub(super) fn fact(&mut self, source: &str, body: Body) -> Event {
        let id = format!("{}/{}", self.work, self.next_id);
        self.next_id += 1;
        of_work(
            event(source, id, self.profile.id, self.now, body),
            &self.work,
        )
    }

    /// What the vendor's product sees.
    pub(super) fn say(&mut self, body: Body) {
        let fact = self.fact(PRODUCT, body);
        self.out.push(fact);
    }

    /// What the buyer's people do in the buyer's desk.
    pub(super) fn buyer(&mut self, body: Body) {
        let fact = self.fact(&desk(self.profile.id), body);
        self.out.push(Event {
            authorship: Authorship::Buyer,
            ..fact
        });
    }

    pub(super) fn is_checked(&mut self) -> bool {
        match self.profile.check {
            Some((_, share)) => self.draws.chance(share),
            None => false,
        }
    }

    /// The third party's check looks at the state of the booking or the line.
    pub(super) fn verify(&mut self, result: CheckResult) {
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
            fact.id = format!("{}{}", fact.id, Script::WRONG_VERIFICATION).into();
        }
        self.out.push(Event {
            authorship: Authorship::ThirdParty,
            ..fact
        });
    }

    pub(super) fn rate(&mut self, scores: &[f64; 5]) {
        if self.draws.chance(0.15) {
            self.wait(5, 900);
            let score = i64::try_from(self.draws.weighted(scores)).unwrap_or(0) + 1;
            self.buyer(Body::Rated {
                score: Decimal::from_int(score),
            });
        }
    }

    pub(super) fn transcript(&mut self) {
        if self.draws.chance(0.97) {
            let salt = Digest::of(format!("salt of {}", self.work).as_bytes());
            let transcript = format!("transcript of {}", self.work);
            self.say(Body::Evidence {
                name: "transcript".to_owned(),
                commitment: commit(salt.as_bytes(), transcript.as_bytes()),
                media_type: Some("text/plain".to_owned()),
            });
        }
    }

    /// Visible answers are the usage unit; those since the last report are reported together.
    pub(super) fn usage(&mut self) {
        let body = Body::Usage {
            meter: "messages".to_owned(),
            quantity: Quantity::from_int(std::mem::take(&mut self.answers)),
            amount: None,
            item: None,
        };
        let mut fact = self.fact(PRODUCT, body);
        if self.is_test {
            fact.headers.set(Header::Environment, "test");
        }
        self.out.push(fact);
    }

    /// Answers, and records what the answer cost.
    pub(super) fn answer(&mut self, kind: AnswerKind, confidence: Option<Decimal>) {
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
    pub(super) fn tag_language(&mut self) {
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
    pub(super) fn confidence(&mut self) -> Option<Decimal> {
        let score = logistic(2.2 - 0.8 * self.difficulty + 0.5 * self.draws.normal());
        let missing = !self.second_version && self.is_email && self.draws.chance(0.25);
        if missing && self.script == Script::None {
            return None;
        }
        Decimal::new(i128::from(whole(score * 100.0).clamp(5, 99)), 2).ok()
    }

    /// One of the vendor's people looks at the answers.
    pub(super) fn review(&mut self, end: End) {
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

    pub(super) fn cost(&mut self, line: CostLine, ten_thousandths: i64, note: &str) {
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

    /// Minutes of a person's time, to a tenth.
    pub(super) fn minutes(&mut self, median: f64) -> Decimal {
        let tenths = whole(self.draws.lognormal(median, 0.6) * 10.0).clamp(5, 900);
        Decimal::new(i128::from(tenths), 1).unwrap_or_default()
    }

    pub(super) fn later(&self, seconds: i64) -> Timestamp {
        self.now
            .saturating_add(SignedDuration::from_secs(seconds))
            .unwrap_or(self.now)
    }

    /// Lets some minutes pass, with seconds.
    pub(super) fn wait(&mut self, least_minutes: i64, most_minutes: i64) {
        let seconds = self.draws.between(60 * least_minutes, 60 * most_minutes);
        self.now = self.later(seconds);
    }

    pub(super) fn customer_thinks(&mut self) {
        if self.is_email {
            self.wait(20, 900);
        } else {
            self.wait(1, 8);
        }
    }
}
