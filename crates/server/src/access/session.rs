//! [`Sessions`]: who opened a link or signed in with a key, known by a cookie from then on.
//!
//! The cookie is random and says nothing; what it stands for is here, in memory, and ends with the process. A
//! key or a link itself is in no cookie, so that none is left behind in a browser. Not here: whether the key or
//! the link still counts, which is asked at every request ([`super::authenticate()`]). Invariants: only the SHA-256 of a cookie is
//! kept; no key or link, however often it is used, takes the place of another's sessions.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use pages::view::Told;
use work::Digest;

use super::Site;
use crate::limits::{SESSION_TIME_MAX, SESSIONS_MAX, SESSIONS_OF_ONE_MAX};

/// What somebody showed when a session began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shown {
    /// An API key, by its id.
    Key(String),
    /// A link, by its id.
    Link(String),
}

/// The sessions.
#[derive(Debug, Default)]
pub(crate) struct Sessions(Mutex<HashMap<Digest, Session>>);

#[derive(Debug, Clone)]
struct Session {
    shown: Shown,
    began: Timestamp,
    ends: Timestamp,
    told: Option<Told>,
}

impl Sessions {
    /// Begins a session, which ends at `until` or after [`SESSION_TIME_MAX`]; what its cookie says.
    pub(crate) fn begin(
        &self,
        random: &[u8; 32],
        shown: Shown,
        now: Timestamp,
        until: Option<Timestamp>,
    ) -> String {
        let longest = SignedDuration::try_from(SESSION_TIME_MAX).unwrap_or(SignedDuration::ZERO);
        let ends = now.saturating_add(longest).unwrap_or(now);
        let ends = until.map_or(ends, |until| ends.min(until));
        let value = URL_SAFE_NO_PAD.encode(random);
        let mut sessions = self.sessions();
        sessions.retain(|_, own| now < own.ends);
        let of_one = sessions.values().filter(|own| own.shown == shown).count();
        if of_one >= SESSIONS_OF_ONE_MAX {
            forget_oldest(&mut sessions, |own| own.shown == shown);
        } else if sessions.len() >= SESSIONS_MAX {
            forget_oldest(&mut sessions, |_| true);
        }
        let session = Session {
            shown,
            began: now,
            ends,
            told: None,
        };
        sessions.insert(Digest::of(value.as_bytes()), session);
        value
    }

    /// What was shown when the session of a cookie began.
    pub(crate) fn shown(&self, value: &str, now: Timestamp) -> Option<Shown> {
        let sessions = self.sessions();
        let session = sessions.get(&Digest::of(value.as_bytes()))?;
        (now < session.ends).then(|| session.shown.clone())
    }

    /// Keeps what became of what somebody did, for the next screen of the session.
    pub(crate) fn tell(&self, session: &Digest, told: Told) {
        if let Some(session) = self.sessions().get_mut(session) {
            session.told = Some(told);
        }
    }

    /// What became of what was done last; nothing once it was told.
    pub(crate) fn told(&self, session: &Digest) -> Option<Told> {
        self.sessions().get_mut(session)?.told.take()
    }

    /// Ends a session.
    pub(crate) fn end(&self, value: &str) {
        self.sessions().remove(&Digest::of(value.as_bytes()));
    }

    fn sessions(&self) -> MutexGuard<'_, HashMap<Digest, Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn forget_oldest(sessions: &mut HashMap<Digest, Session>, which: impl Fn(&Session) -> bool) {
    let of = sessions.iter().filter(|(_, own)| which(own));
    let oldest = of.min_by_key(|(_, own)| own.began).map(|(key, _)| *key);
    if let Some(oldest) = oldest {
        sessions.remove(&oldest);
    }
}

/// Which requests of other sites a browser sends the cookie with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SameSite {
    /// None: for who signed in here.
    Strict,
    /// Those that follow a link to a page: for who came by one, as the very first request does.
    Lax,
}

/// The name of the cookie: one that no other site can set, where there is TLS.
fn name(site: &Site) -> &'static str {
    if site.is_secure() {
        "__Host-piecework"
    } else {
        "piecework"
    }
}

/// What the session's cookie says, where a request brings one.
pub(crate) fn cookie<'h>(site: &Site, headers: &'h HeaderMap) -> Option<&'h str> {
    let lines = headers.get_all(COOKIE).iter();
    let pairs = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'));
    let mut named = pairs.filter_map(|pair| pair.trim().split_once('='));
    named
        .find(|(own, _)| *own == name(site))
        .map(|(_, value)| value)
}

/// The header that gives a browser a session's cookie, until the browser ends.
pub(crate) fn given(site: &Site, value: &str, same_site: SameSite) -> Option<HeaderValue> {
    let secure = if site.is_secure() { "; Secure" } else { "" };
    let text = format!(
        "{}={value}; Path=/; HttpOnly; SameSite={same_site:?}{secure}",
        name(site)
    );
    let mut header = HeaderValue::from_str(&text).ok()?;
    header.set_sensitive(true);
    Some(header)
}

/// The header that takes the cookie back.
pub(crate) fn taken_back(site: &Site) -> Option<HeaderValue> {
    let secure = if site.is_secure() { "; Secure" } else { "" };
    let text = format!(
        "{}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0{secure}",
        name(site)
    );
    HeaderValue::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_770_000_000 + second).unwrap()
    }

    fn random(number: usize) -> [u8; 32] {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&(number as u64).to_be_bytes());
        bytes
    }

    fn key(id: &str) -> Shown {
        Shown::Key(id.to_owned())
    }

    #[test]
    fn a_session_ends_by_itself_with_its_link_and_when_it_is_ended() {
        let sessions = Sessions::default();
        let longest = i64::try_from(SESSION_TIME_MAX.as_secs()).unwrap();
        let plain = sessions.begin(&random(1), key("a"), at(0), None);
        let short = sessions.begin(&random(2), key("a"), at(0), Some(at(60)));
        let long = sessions.begin(&random(3), key("a"), at(0), Some(at(10 * longest)));
        for (value, ends) in [(&plain, longest), (&short, 60), (&long, longest)] {
            assert_eq!(sessions.shown(value, at(ends - 1)), Some(key("a")));
            assert_eq!(sessions.shown(value, at(ends)), None);
        }
        sessions.end(&plain);
        assert_eq!(sessions.shown(&plain, at(0)), None);
        assert_eq!(sessions.shown("guessed", at(0)), None);
    }

    #[test]
    fn what_was_done_is_told_once_and_to_its_own_session() {
        let sessions = Sessions::default();
        let [own, other] = [1, 2].map(|number| {
            let value = sessions.begin(&random(number), key("a"), at(0), None);
            Digest::of(value.as_bytes())
        });
        sessions.tell(&own, Told::Done("sent".to_owned()));
        assert_eq!(sessions.told(&other), None);
        assert_eq!(sessions.told(&own), Some(Told::Done("sent".to_owned())));
        assert_eq!(sessions.told(&own), None);
    }

    #[test]
    fn there_are_so_many_sessions_of_one_and_of_all() {
        let sessions = Sessions::default();
        let first = sessions.begin(&random(0), key("a"), at(0), None);
        let other = sessions.begin(&random(1), key("b"), at(0), None);
        for number in 0..SESSIONS_OF_ONE_MAX {
            sessions.begin(&random(10 + number), key("a"), at(1), None);
        }
        assert_eq!(sessions.shown(&first, at(1)), None, "its own made room");
        assert!(sessions.shown(&other, at(1)).is_some(), "no other's did");
        for number in 0..SESSIONS_MAX {
            let shown = key(&format!("k{number}"));
            sessions.begin(&random(1_000 + number), shown, at(2), None);
        }
        assert_eq!(sessions.sessions().len(), SESSIONS_MAX);
        assert_eq!(sessions.shown(&other, at(2)), None, "the oldest made room");
    }

    #[test]
    fn the_cookie_is_kept_from_scripts_and_other_sites() {
        let text = |site: &str| {
            let site = Site::of(site).unwrap();
            let given = given(&site, "v", SameSite::Strict).unwrap();
            given.to_str().unwrap().to_owned()
        };
        assert_eq!(
            text("https://work.vendor.example"),
            "__Host-piecework=v; Path=/; HttpOnly; SameSite=Strict; Secure"
        );
        assert_eq!(
            text("http://127.0.0.1:8480"),
            "piecework=v; Path=/; HttpOnly; SameSite=Strict"
        );
        let site = Site::of("https://work.vendor.example").unwrap();
        let mut headers = HeaderMap::new();
        let brought = "a=b; piecework=no; __Host-piecework=yes; c";
        headers.insert(COOKIE, HeaderValue::from_static(brought));
        assert_eq!(cookie(&site, &headers), Some("yes"));
    }
}
