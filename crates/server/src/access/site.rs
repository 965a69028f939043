//! [`Site`]: the address under which people reach the server, and which requests come from its own pages.
//!
//! TLS ends before the server, so it cannot see what a browser sees: whoever runs it says so (`[server] url`
//! in `piecework.toml`). Without, it is the address that is listened on. Invariant: a session's cookie is
//! `Secure` and `__Host-` unless the site is on loopback and without TLS.

use std::net::{IpAddr, SocketAddr};

use axum::http::header::ORIGIN;
use axum::http::{HeaderMap, HeaderName, Uri};

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Where people reach the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    origin: String,
    is_secure: bool,
}

/// An address that no site can have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not the address of a server; it is `https://` and a name, such as `https://work.vendor.example`, \
     or `http://` and a loopback address"
)]
pub struct SiteError(String);

impl Site {
    /// The site of an address as a browser shows it, without a path.
    ///
    /// # Errors
    /// [`SiteError`].
    pub fn of(url: &str) -> Result<Site, SiteError> {
        let read = || {
            let uri: Uri = url.parse().ok()?;
            let (scheme, authority) = (uri.scheme_str()?, uri.authority()?);
            let is_bare = uri.path() == "/" && uri.query().is_none();
            let host = uri.host()?.trim_matches(['[', ']']);
            let is_loopback =
                host == "localhost" || host.parse::<IpAddr>().is_ok_and(|own| own.is_loopback());
            let is_secure = scheme == "https";
            let may_be = is_bare
                && !authority.as_str().contains('@')
                && (is_secure || scheme == "http" && is_loopback);
            may_be.then(|| Site {
                origin: format!("{scheme}://{authority}").to_ascii_lowercase(),
                is_secure,
            })
        };
        read().ok_or_else(|| SiteError(url.to_owned()))
    }

    /// The site of an address that is listened on, where nothing else is known.
    #[must_use]
    pub fn listening(address: SocketAddr) -> Site {
        Site {
            origin: format!("http://{address}"),
            is_secure: !address.ip().is_loopback(),
        }
    }

    /// The address, without a path.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The address that opens a link.
    #[must_use]
    pub fn link(&self, text: &str) -> String {
        format!("{}/link/{text}", self.origin)
    }

    /// Whether cookies go over TLS alone.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.is_secure
    }

    /// Whether a request says that a page of this site made it. A request that says nothing did not come
    /// from a browser of these years, and is not one of ours.
    pub(crate) fn made(&self, headers: &HeaderMap) -> bool {
        let one = |name: &HeaderName| headers.get(name).map(axum::http::HeaderValue::as_bytes);
        match (one(&FETCH_SITE), one(&ORIGIN)) {
            (Some(from), _) => from == b"same-origin",
            (None, Some(origin)) => origin == self.origin.as_bytes(),
            (None, None) => false,
        }
    }

    /// Whether a request says that a page of another site made it.
    pub(crate) fn is_foreign(&self, headers: &HeaderMap) -> bool {
        let says = headers.contains_key(FETCH_SITE) || headers.contains_key(ORIGIN);
        says && !self.made(headers)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_site_is_a_name_with_tls_or_loopback() {
        for (url, expected) in [
            ("https://work.vendor.example", Some(true)),
            ("https://work.vendor.example/", Some(true)),
            ("https://work.vendor.example:8443", Some(true)),
            ("http://127.0.0.1:8480", Some(false)),
            ("http://[::1]:8480", Some(false)),
            ("http://localhost:8480", Some(false)),
            ("http://work.vendor.example", None),
            ("https://work.vendor.example/portal", None),
            ("https://work.vendor.example?a", None),
            ("https://a@work.vendor.example", None),
            ("ftp://work.vendor.example", None),
            ("work.vendor.example", None),
            ("", None),
        ] {
            let is_secure = Site::of(url).map(|own| own.is_secure());
            assert_eq!(is_secure.ok(), expected, "{url}");
        }
        for (address, is_secure) in [
            ("127.0.0.1:1", false),
            ("[::1]:1", false),
            ("0.0.0.0:1", true),
        ] {
            assert_eq!(
                Site::listening(address.parse().unwrap()).is_secure(),
                is_secure
            );
        }
    }

    #[test]
    fn a_request_says_which_site_made_it() {
        let site = Site::of("https://work.vendor.example").unwrap();
        let own = "https://work.vendor.example";
        for (fetch_site, origin, made, foreign) in [
            (None, None, false, false),
            (Some("same-origin"), None, true, false),
            (Some("same-origin"), Some(own), true, false),
            (Some("same-site"), Some(own), false, true),
            (Some("cross-site"), None, false, true),
            (Some("none"), None, false, true),
            (None, Some(own), true, false),
            (None, Some("https://vendor.example"), false, true),
            (None, Some("null"), false, true),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in [(FETCH_SITE, fetch_site), (ORIGIN, origin)] {
                headers.extend(value.map(|own| (name, HeaderValue::from_static(own))));
            }
            assert_eq!(site.made(&headers), made, "{headers:?}");
            assert_eq!(site.is_foreign(&headers), foreign, "{headers:?}");
        }
    }
}
